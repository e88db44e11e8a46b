"""What of a message asks: the question without greeting, story and politeness, and its parts."""

from __future__ import annotations

import re

_POLITE = re.compile(
    r"^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^,.!?:\n]{0,30}[,.!:\n]+\s*)?"
    r"(?:(?:please|so|and|also|ok|okay|well|but|um)[,\s]+)*"
    r"(?:(?:i(?:'d| would) (?:be (?:very |most )?(?:grateful|thankful|glad|happy)|"
    r"(?:really |very much )?appreciate(?: it)?) if you (?:can|could|would) "
    r"|(?:can|could|would|will) (?:you|u|anyone|someone) (?:please |kindly )?"
    r"(?:be (?:so |very )?(?:kind|good|nice)(?: enough)?(?: as)? to )?)(?:please )?"
    r"(?:tell|explain|show|list|give|inform|help|say|clarify|describe|name)(?: to)?(?: me| us)?"
    r"(?: about| with| know| understand| of)?"
    r"|(?:can|could|may) i (?:please )?(?:have|get|see|know|ask)\b|do you (?:know|"
    r"have (?:any )?(?:information|info) (?:on|about))|(?:please )?(?:tell|inform|show|give) (?:me|"
    r"us)(?: about| of)?"
    r"|i(?:'d| would)? (?:like|want|love|need) to (?:know|ask|find out|understand)(?: more)?(?: about)?"
    r"|i (?:was|am|'m) (?:just )?wondering|i wonder|(?:my|the|a) question is|quick question|question|"
    r"just checking"
    r")[,:\s]*(?:if|whether|about)?\b[,:\s]*",
    re.I,
)
_WANTS = re.compile(
    r"^.{0,120}?\b(?:like|want|need|love|wants?|needs?) to (?:know|ask|find out|"
    r"understand)(?: more)?(?: in advance| first)?(?: about)?[,:\s]+",
    re.I,
)
_POINTS_BACK = re.compile(
    r"\b(?:that|this|it|they|them|those|these|both(?! (?:years|semesters)))\b(?: one)?"
    r"(?! (?:master|bachelor|programme|program|course|page|year|month|semester|term|time)s?\b)|"
    r"^(?:ok|okay|right|correct|possible|is that|"
    r"is this)\b|"
    # "Roughly how much altogether?" asks about what was said before it.
    r"^(?:(?:and|so|roughly|about|approximately) )*how (?:much|long)"
    r"(?:,? (?:altogether|in total|overall|all in|roughly|approximately))*\W*$",
    re.I,
)
# "Is it possible to …" points nowhere.
_EXPLETIVE = re.compile(
    r"\bit (?=(?:possible|true|necessary|allowed|ok|okay|required|worth|mandatory|compulsory|better|hard|"
    r"difficult|enough|realistic)\b)",
    re.I,
)
_EARLY = 6
_SCORE = re.compile(r"\b(?:scores?|bands?|points|percentile)\b", re.I)
_A_TEST = re.compile(r"\b(?:[A-Z]{3,6}|ielts|toefl|gre|gmat|pte|testdaf|duolingo)\b")
# "6.5", "M.Sc.", "B.Eng." and "M.A." end no sentence.
_SENTENCE = re.compile(
    r"(?:[^.!?\n]|\.(?=\d)|(?<=[A-Za-z])\.(?=[A-Za-z])|(?<=\b[A-Z])\.|(?<=\bSc)\.|(?<=\bDr)\.|(?<=\bProf)\.|"
    r"(?<=\b[A-Z]\.[A-Za-z]{2})\.|(?<=\b[A-Z]\.[A-Za-z]{3})\.|(?<=\b[A-Z]\.[A-Za-z]{4})\.)+"
    r"(?:[.!?]+|\n|$)"
)
# "I read something about a deposit", said after the question, is what the question is about.
_HEARSAY = re.compile(r"i(?:['’]ve| have)? (?:read|heard|saw|seen|was told)\b", re.I)
_TELLS_FIRST = re.compile(r"\s+[-–—]\s+|[:;]\s+")
_TELLS = re.compile(r"^(?:(?:hi|hello|hey)\W+)?(?:i|my|we)\b", re.I)
_INTERROGATIVE = re.compile(
    r"\?|^\s*(?:(?:roughly|approximately|about|exactly|and|so|also|but|then)[,\s]+)*"
    r"(?:what|which|who|whom|whose|when|where|why|how|is|are|can|could|do|does|will|would|may|"
    r"must|should|am|"
    r"tell me|please tell|explain|(?:please )?(?:list|name)|give me|show me|"
    r"i(?:'d| would) like to know|i want to know|"
    r"i need to know|"
    r"i was wondering|i wonder)\b",
    re.I,
)


def focus(message: str) -> str:
    """The part of a message that asks: greetings, thanks and what people tell of themselves left out.

    A message without a question is its own focus.
    """
    sentences = [part.strip() for part in _SENTENCE.findall(message) if part.strip()]
    places = [n for n, part in enumerate(sentences) if asks(part)]
    if not places:
        return message.strip()
    before = sentences[places[0] - 1] if places[0] > 0 else ""
    if before and _SCORE.search(sentences[places[0]]) and _A_TEST.search(before):
        places.insert(0, places[0] - 1)  # "I did IELTS. What overall band do I need?"
    elif places[0] > 0 and _points_back(_without_story(sentences[places[0]])):
        places.insert(0, places[0] - 1)
    if places[-1] + 1 < len(sentences) and _HEARSAY.match(sentences[places[-1] + 1]):
        places.append(places[-1] + 1)
    return " ".join(_without_story(_WANTS.sub("", sentences[n])) for n in places)


def last_asked(text: str) -> str:
    """The last question of ``text``, where it is one that is known by its mark; else all of it."""
    sentences = [part.strip() for part in _SENTENCE.findall(text) if part.strip()]
    return sentences[-1] if sentences and sentences[-1].endswith("?") else text


def _points_back(sentence: str) -> bool:
    """Whether a question is about what was said before it: what it says late in it may mean its own words."""
    found = _POINTS_BACK.search(_EXPLETIVE.sub("", sentence))
    return found is not None and len(sentence[: found.start()].split()) <= _EARLY


def _without_story(sentence: str) -> str:
    """``sentence`` without what its asker tells of themselves before a dash or colon and the question."""
    for mark in _TELLS_FIRST.finditer(sentence):
        told, rest = sentence[: mark.start()], sentence[mark.end() :]
        if _TELLS.match(told) and not asks(told) and asks(rest):
            return rest
    return sentence


def asks(sentence: str) -> bool:
    """Whether a sentence is a question, by its mark or by how it begins."""
    return bool(_INTERROGATIVE.search(without_politeness(sentence)) or _WANTS.search(sentence))


def without_politeness(text: str) -> str:
    """``text`` without "could you please tell me" and the like in front."""
    stripped = _POLITE.sub("", text.strip(), count=1).strip()
    return stripped or text.strip()
