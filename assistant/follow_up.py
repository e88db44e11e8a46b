"""Follow-ups: a turn that leans on what was said before, completed into a question that stands alone.

One function for each type of turn. Each returns the complete question, or None for a turn of another type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.values import ValueKind
from ingest.words import stem, stems

from .antecedent import ASKS_FULLY, COUNTING, PAGE, Before
from .kinds import QuestionKind
from .phrases import as_question, definite, is_or_are, phrases, tidy
from .questions import understand
from .replacing import is_test
from .terms import STOP_STEMS, TermRole

_OPENING = re.compile(
    r"^(?:(?:ok(?:ay)?|and|but|so|then|also|or|plus|yes|hmm|right|alright|well|great|thanks|thank you|please|"
    r"again)\b[,.!:…\s]+)+",
    re.I,
)
_WHAT_ABOUT = re.compile(r"^(?:what|how) about\b(?: about)?[,:\s]*", re.I)
_OPENS_FRAGMENT = re.compile(
    r"^(?:(?:ok(?:ay)?|so|yes|hmm|right|well|great|thanks|thank you)\b[,.!\s]+)*"
    r"(?:and|but|also|or|plus|(?:what|how) about|(?:for|as|in|at|with|per|from|over|within|without|on|"
    r"to)\b(?! wh))"
    r"[\s,:]",
    re.I,
)
_CORRECTS = re.compile(
    r"^(?:(?:no|nope|sorry|oops|wait|ah|oh|hm+|actually|correction|pardon|rather)\b[,.!:…\s-]+)+"
    r"(?:(?:but )?i(?: am|'m)? (?:actually )?(?:meant?|asking about|was asking about|asked about)\b[,:\s]*"
    r"|make that\s+|rather\s+)?|^i (?:actually )?meant?\b[,:\s]*",
    re.I,
)
_NOT_THIS_BUT_THAT = re.compile(r"^not (?:the |for |in )?[^,.;?]{2,40}?(?:,| but)\s+(?=\w)", re.I)
_SWITCHES = re.compile(
    r"^(?:(?:ok(?:ay)?|so|well|now|and|thanks|thank you|great)\b[,.!\s]+)*"
    r"(?:(?:i have )?(?:another|a new|a different|one more|one other|one last|a second|next) (?:question|"
    r"thing|topic)"
    r"|(?:changing|to change) (?:the )?(?:subject|topic)|(?:different|new|next) (?:question|topic|subject)"
    r"|something (?:else|different)|by the way|btw)\b[,.:;\s-]*",
    re.I,
)
_TURNS_TO = re.compile(
    r"^(?:(?:ok(?:ay)?|so|well|and|thanks|thank you|great)\b[,.!\s]+)*"
    r"(?:now (?:about|for|to)|as for|(?:talking|speaking) (?:about|of)|let'?s (?:talk about|go to|move on to)"
    r"|moving (?:on )?to|back to|regarding|concerning|now)\s+(?P<thing>(?:the |a |an |your "
    r")?[\w][^,.:;?!]{1,60})"
    r"(?P<rest>[,.:;?!].*)?$",
    re.I | re.S,
)
_BARE_QUESTION = re.compile(
    r"(?:(?:for|by|until|since|from) )?(?:how (?:long|much|many(?: (?:years|months|weeks|days|hours))?|"
    r"often|high|far|soon)|when|where|who|whom|"
    r"why(?: not| is that| so)?|how(?: so| come)?|how exactly)(?: (?:exactly|then|though|please))?",
    re.I,
)
_HOW_MANY = re.compile(
    r"how many(?: (?:are there|are they|of (?:them|these|those)(?: are there)?|in total))", re.I
)
_NAMES_WANTED = re.compile(
    r"(?:please )?(?:which|which ones?|what ones|which are (?:they|those|these)|what are (?:they|those|"
    r"these|the names)|"
    r"(?:can you |could you )?(?:name|list|enumerate)(?: (?:them|these|those|all))*)(?: please| exactly)*",
    re.I,
)
_ORDINALS = {
    "first": 0, "1st": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "fifth": 4, "5th": 4, "last": -1, "latter": -1,
}  # fmt: skip
_ORDINAL = re.compile(
    rf"\b(?:the|option|number)\s+(?P<place>{'|'.join(_ORDINALS)})(?:\s+(?:one|option|choice|of (?:them|"
    rf"these|those)))?"
    r"(?=(?:,? please)?[\s?.!,]*$|\s+(?:is|are|cost|last|include|cover|take|for|in|worth|about|open|"
    r"work)s?\b)",
    re.I,
)
_ONE = re.compile(r"\b(?:the|an?|that|this) (?P<which>(?:(?!which|only|same)[\w+'&-]+ ){1,4})ones?\b", re.I)
_POSSESSIVE = re.compile(r"\b(?P<word>its|their|his|her)(?= \w)", re.I)
_IT = re.compile(
    r"\bit\b(?!['’]s)(?! (?:true|possible|necessary|allowed|okay|ok) (?:to|that|for|if)\b)", re.I
)
_THEY = re.compile(
    r"\b(?:they|them)\b|\b(?:those|these)\b(?=\s*[?.!,]|\s*$| (?:are|is|do|can|cost|include|cover|take|"
    r"last|for|in)\b)",
    re.I,
)
_PERSON = re.compile(r"\b(?:he|she|him)\b", re.I)
_THAT = re.compile(
    r"\b(?<=is )(?:that|this)\b(?! (?:the|an?|true|correct|right|possible|ok(?:ay)?|so)\b)|(?<=\bdoes "
    r")(?:that|this)\b"
    r"|(?<=\bwas )(?:that|this)\b|(?:(?<=about )|(?<=of )|(?<=for )|(?<=in )|(?<=with )|(?<=on )|(?<=by )|"
    r"(?<=why ))"
    r"(?:that|this)(?=\s*[?.!]*$| (?:please|exactly|too|cost|include|mean|take|last|apply|work)s?\b)",
    re.I,
)
_WHAT_IS_IN = re.compile(r"\bwhat(?:['’]s| is) in (?:that|this|it|them|there)\b", re.I)
_DEMONSTRATIVE = re.compile(r"\b(?:this|that|these|those|such an?) (?P<noun>[\w-]+)\b", re.I)
_THERE = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bover )\bthere\b(?! (?:is|are|an?|any|was)\b)", re.I
)
# What stands in front of an "it" that something is done with.
_AS_OBJECT = re.compile(
    r"\b(?!(?:is|was|does|did|do|has|will|would|can|could|about|of|for|in|at|to|and)\b)\w+\s+$", re.I
)
_A_GROUP = re.compile(r"\b(?:students?|applicants?|people|parents?)\b", re.I)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|may|must|am|has|have)\b", re.I
)
_EXISTS = re.compile(r"^(?:is|are|was|were) there\b(?: any| some| an?)?\s*", re.I)
_SUBJECT = re.compile(r"^(?P<start>\w+ (?:i|you|we|they|he|she|it|one|students|applicants))\b", re.I)


def correction(asked: str) -> str | None:
    """What a turn corrects the last one to ("No, I meant the master"); None for no correction."""
    rest = _CORRECTS.sub("", asked, count=1)
    if rest == asked:
        return None
    rest = _NOT_THIS_BUT_THAT.sub("", rest, count=1)
    return re.sub(r"^(?:but|rather)\s+", "", rest).strip() or None


def switch(asked: str) -> str | None:
    """The question that follows "another question:"; None where the subject is not changed in words."""
    rest = _SWITCHES.sub("", asked, count=1).strip()
    return rest if rest and rest != asked.strip() else None


def turn_to(asked: str) -> tuple[str, str] | None:
    """The thing that "now about the observership: how long?" turns to, and what is asked of it, or ""."""
    found = _TURNS_TO.match(asked.strip())
    if found is None or ASKS_FULLY.match(found["thing"]):
        return None
    return found["thing"].strip(), (found["rest"] or "").strip(" ,.:;!?")


def without_opening(asked: str) -> str:
    """``asked`` without "ok and" and the like in front."""
    return _OPENING.sub("", asked.strip()).strip() or asked.strip()


def without_lead(asked: str) -> str:
    """``asked`` without "ok and", "what about" and the like in front."""
    rest = without_opening(asked)
    return _WHAT_ABOUT.sub("", rest).strip() or rest


def is_fragment(asked: str) -> bool:
    """Whether a turn is half a sentence that goes on from the one before: "And for IELTS?"."""
    rest = without_lead(asked).strip(" ?.!")
    return bool(_OPENS_FRAGMENT.match(asked)) and not ASKS_FULLY.match(rest) and len(rest.split()) <= 12


def chosen(asked: str, choices: Sequence[str]) -> str | None:
    """The one of ``choices`` that "the second one" or "the Holland one" means."""
    if found := _ORDINAL.search(asked):
        place = _ORDINALS[found["place"].lower()]
        return choices[place] if -len(choices) <= place < len(choices) else None
    if found := _ONE.search(asked):
        wanted = set(stems(found["which"]))
        fitting = [choice for choice in choices if wanted <= set(stems(choice))]
        return fitting[0] if len(fitting) == 1 else None
    return None


def picked(asked: str, before: Before) -> str | None:
    """ "How much is the Holland one?", "and the second one?": one of what was listed takes its name."""
    found = _ORDINAL.search(asked) or _ONE.search(asked)
    if found is None:
        return None
    choice = chosen(asked, before.choices)
    if choice is None:
        if "which" not in found.groupdict():
            return None
        kind = next((phrase.head for phrase in phrases(before.question) if not phrase.is_page), "")
        if not kind:
            return None
        choice = f"{found['which']}{kind}"
    name = choice.strip(" .:;,")
    if re.search(r"[a-z]{3}s$", name) and not found.group().endswith("ones") and not name.endswith("ss"):
        name = name[:-1]
    text = f"{asked[: found.start()]}the {re.sub(r'^(?:the|an?) ', '', name)}{asked[found.end() :]}"
    rest = without_lead(text)
    if ASKS_FULLY.match(rest):
        return as_question(rest)
    named = next((old for old in before.choices if _holds(before.question, _single(old))), "")
    if named:
        return as_question(re.sub(re.escape(_single(named)), _single(name), before.question, flags=re.I))
    return as_question(f"What about {rest.strip(' ?.!')}")


def elided(asked: str, before: Before) -> str | None:
    """ "Which ones?", "How long?", "Why?": a question word alone asks it of the last question."""
    rest = without_lead(asked).strip(" ?.!")
    said = before.question.strip(" ?.!")
    if _NAMES_WANTED.fullmatch(rest):
        return as_question(_which(said))
    if _HOW_MANY.fullmatch(rest):
        things = [phrase for phrase in phrases(said) if phrase.is_plural]
        return as_question(f"how many {things[0].bare} are there") if things else None
    if not _BARE_QUESTION.fullmatch(rest):
        return None
    wanted = re.sub(r"\s+(?:exactly|then|though|please|so|come|is that)$", "", rest, flags=re.I)
    if re.match(r"why\b", wanted, re.I):
        return as_question(_why(said, denied=before.denied or wanted.lower().endswith("not")))
    thing = before.detail() if re.match(r"how (?:much|high)", wanted, re.I) else before.thing()
    if _EXISTS.match(said) or re.match(r"how (?:much|high)\b", wanted, re.I):
        return as_question(f"{wanted} {is_or_are(thing)} {thing}") if thing else None
    if _YES_NO.match(said):
        return as_question(f"{wanted} {said[0].lower()}{said[1:]}")
    verb = re.match(
        r"(?:how (?:long|much|many|often)|what|when|where|who|how|why)\s+(?=(?:do|does|did|can|"
        r"could|will|would|should|must|may|is|are|was|were)\b)",
        said,
        re.I,
    )
    if verb and not re.match(r"what\b", said, re.I):
        rest = said[verb.end() :]
        # "Why can I not stay?" – "For how long can I stay, then?"
        rest = re.sub(r"\bnot ", "", rest, count=1) if verb.group().lower().startswith("why") else rest
        return as_question(f"{wanted} {rest}")
    return as_question(f"{wanted} {is_or_are(thing)} {thing}") if thing else None


def referred(asked: str, before: Before) -> str | None:
    """ "How long is it?", "What does that include?", "Is this test hard?": the word becomes what it means."""
    for find in (_of_that_kind, _owned, _that, _it, _they, _person, _there):
        text = find(asked, before)
        if text is not None:
            return as_question(text)
    return None


def abrupt(asked: str, before: Before) -> str | None:
    """ "How many teams?": a turn of hardly a word is about the name said last, where there is no page."""
    own = [root for root in stems(asked) if root not in STOP_STEMS]
    if before.has_page or len(own) != 1 or any(phrase.is_name for phrase in phrases(asked)):
        return None
    thing = before.thing()
    is_name = any(phrase.is_name for phrase in phrases(thing))
    return as_question(f"{without_lead(asked).strip(' ?.!')} for {thing}") if is_name else None


def points_back(asked: str) -> bool:
    """Whether a turn holds a word that can only mean something said before."""
    return any(pattern.search(asked) for pattern in (_IT, _THEY, _THAT, _POSSESSIVE, _PERSON)) or bool(
        re.search(r"\b(?:this|that|these|those)\b(?! there)", asked, re.I)
    )


def _of_that_kind(asked: str, before: Before) -> str | None:
    found = _DEMONSTRATIVE.search(asked)
    if not found:
        return None
    noun = found["noun"]
    if understand(noun).terms and all(term.role is TermRole.GENERIC for term in understand(noun).terms):
        return f"{asked[: found.start()]}{PAGE}{asked[found.end() :]}" if before.has_page else None
    for question in (before.question, *before.earlier):
        for phrase in phrases(question):
            meant = {stem(word) for word in phrase.bare.split()}
            kinds = {concept.name for term in phrase.terms for concept in term.concepts}
            is_exam = stem(noun) in {"test", "exam"} and any(map(is_test, phrase.terms))
            if is_exam or stem(noun) in meant or stem(noun) in kinds:
                name = before.named_closer(definite(question[phrase.start : phrase.whole]), phrase)
                return f"{asked[: found.start()]}{name}{asked[found.end() :]}"
    return None


def _owned(asked: str, before: Before) -> str | None:
    found = _POSSESSIVE.search(asked)
    if not found or _names_its_own(asked[: found.start()]) or _A_GROUP.search(asked[: found.start()]):
        return None
    thing = before.thing()
    owned = next((phrase for phrase in phrases(asked) if phrase.start == found.start()), None)
    if not thing or owned is None:
        return None
    return f"{asked[: found.start()]}the {owned.bare} of {thing}{asked[owned.end :]}"


def _that(asked: str, before: Before) -> str | None:
    if found := _WHAT_IS_IN.search(asked):
        detail = before.detail()
        what = f"what is included in {detail}"
        return f"{asked[: found.start()]}{what}{asked[found.end() :]}" if detail else None
    found = _THAT.search(asked)
    if not found:
        return None
    is_where = understand(asked).kind is QuestionKind.WHERE
    thing = (
        before.thing()
        if is_where or re.search(r"\babout $", asked[: found.start()], re.I)
        else before.detail()
    )
    return f"{asked[: found.start()]}{thing}{asked[found.end() :]}" if thing else None


def _it(asked: str, before: Before) -> str | None:
    found = _IT.search(asked)
    if not found or _names_its_own(asked[: found.start()]):
        return None
    thing = _meant_by_it(asked, before)
    if thing == PAGE and _AS_OBJECT.search(asked[: found.start()]):
        return None  # what is sent or paid is not the page
    return f"{asked[: found.start()]}{thing}{asked[found.end() :]}" if thing else None


def _meant_by_it(asked: str, before: Before) -> str:
    """A detail where the turn asks what only that has: "Is there a deposit?" – "How much is it?"."""
    wanted = understand(asked)
    detail = next((phrase for phrase in phrases(before.question) if phrase.is_attribute), None)
    expected = {concept.expects for term in (detail.terms if detail else ()) for concept in term.concepts}
    is_money = ValueKind.AMOUNT in expected and re.search(
        r"\b(?:pay|paid|includ\w*|cover\w*|refund\w*|instal\w*|negotia\w*|waive\w*|transfer\w*)\b",
        asked,
        re.I,
    )
    if detail and (is_money or (wanted.expects in expected and wanted.expects is not None)):
        return definite(before.question[detail.start : detail.end])
    return before.thing(plural=False)


def _they(asked: str, before: Before) -> str | None:
    found = _THEY.search(asked)
    if not found or _names_its_own(asked[: found.start()]):
        return None
    thing = before.thing(plural=True) or next(
        (p.text for p in reversed(phrases(before.question)) if p.is_attribute and p.is_plural), ""
    )
    thing = f"the {thing}" if re.match(r"[a-z]+\b(?<!the)(?<!these)(?<!those)", thing) else thing
    return f"{asked[: found.start()]}{thing}{asked[found.end() :]}" if thing else None


def _person(asked: str, before: Before) -> str | None:
    found = _PERSON.search(asked)
    if found and _names_its_own(asked[: found.start()]):
        return None
    thing = next((p.text for q in (before.question, *before.earlier) for p in phrases(q) if p.is_name), "")
    return f"{asked[: found.start()]}{thing}{asked[found.end() :]}" if found and thing else None


def _there(asked: str, before: Before) -> str | None:
    found = _THERE.search(asked)
    if not found:
        return None
    for question in (before.question, *before.earlier):
        for phrase in phrases(question):
            if phrase.is_name and phrase.preposition in {"in", "at"}:
                return f"{asked[: found.start()]}{phrase.preposition} {phrase.text}{asked[found.end() :]}"
    return None


def _names_its_own(text: str) -> bool:
    """Whether a turn names the thing itself before it says "it"; what it counts is another thing."""
    return any(
        phrase.is_spoken_of
        and not phrase.is_page
        and not phrase.is_attribute
        and phrase.preposition not in COUNTING
        for phrase in phrases(text)
    )


def _which(said: str) -> str:
    """ "Which scholarships are there" from "Are there scholarships"."""
    if found := re.search(r"\bhow many\b", said, re.I):
        return f"{said[: found.start()]}which{said[found.end() :]}"
    if found := _EXISTS.match(said):
        things = phrases(said)
        end = things[0].end if things else len(said)
        return f"which {said[found.end() : end]} are there{said[end:]}"
    named = [phrase for phrase in phrases(said) if phrase.text.casefold() != PAGE]
    if _YES_NO.match(said) and named:
        asked = next((phrase for phrase in named if phrase.is_plural), named[-1])
        rest = tidy(f"{said[: asked.start]}{said[asked.end :]}")
        return f"which {asked.bare} {rest[0].lower()}{rest[1:]}" if rest else f"which {asked.bare}"
    return said


def _why(said: str, *, denied: bool) -> str:
    if _YES_NO.match(said):
        said = f"{said[0].lower()}{said[1:]}"
        if denied and (found := _SUBJECT.match(said)):
            said = f"{found['start']} not{said[found.end() :]}"
        return f"why {said}"
    thing = next((phrase.text for phrase in phrases(said)), said)
    return f"why {is_or_are(thing)} {definite(thing)} like that"


def _single(name: str) -> str:
    return name[:-1] if re.search(r"[a-z]{3}s$", name) and not name.endswith("ss") else name


def _holds(text: str, part: str) -> bool:
    return bool(part) and part.casefold() in text.casefold()
