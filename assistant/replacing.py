"""Half a question in the place of its like: "And in Amsterdam?" after a question about Utrecht."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ingest.words import stem

from .antecedent import PAGE, Before
from .countries import audience_of_question
from .phrases import Phrase, as_question, definite, is_or_are, phrases, tidy
from .residence import tells_residence, without_residence
from .terms import Term

_PERIOD = re.compile(
    r"\b(?:per|each|every|a|an|in|by the) (?:year|month|week|semester|term|annum|total|all|day)\b|"
    r"\b(?:annually|yearly|"
    r"monthly|weekly|altogether|overall)\b|\b(?:for|over) (?:the )?(?:whole|entire|full|two|three|four|"
    r"both|\d)"
    r"(?: \w+)?(?: years?| programme| program| course| degree| months?)?\b",
    re.I,
)
_AUDIENCE = re.compile(
    r"\s*\b(?:(?:for|as|if (?:i am|i'm|you are)|of|to|does|do)\s+)?(?:an?\s+|the\s+)?(?:non[\s-]?)?"
    r"(?:eu(?:\s?/\s?eea)?|eea|european|international|overseas)\b"
    r"(?:\s+(?:students?|applicants?|citizens?|nationals?|people|ones))?\b(?! office)"
    r"|\s*\b(?:for|as)\s+(?:an?\s+|the\s+)?(?:students?|applicants?|citizens?|people|someone)?\s*"
    r"(?:from )?outside (?:of )?(?:the )?(?:eu|eea|europe)\b",
    re.I,
)
# A term of study by its season: "in fall 2027", "the spring semester".
_SEASON = re.compile(
    r"\s*\b(?:(?:in|for|of|during)\s+)?(?:the\s+)?(?:winter|spring|summer|autumn|fall)"
    r"(?:\s+(?:term|semester|session|intake|20\d\d)){0,2}(?!\w)",
    re.I,
)
_CLAUSE = re.compile(r"(?:if|when|once|unless) (?:i|we|you|my|one|someone|somebody)\b", re.I)
_STANDS_APART = re.compile(r"(?:if|for|as|when|from|in)\s", re.I)
_PREPOSITION = re.compile(r"^(?:for|in|at|of|with|on|from|to|about|as|by)\s+", re.I)
_SUBJECT_PRONOUN = re.compile(r"\b(do|does|is|are|can|will) (?:they|it|that|this|those|these)\b", re.I)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|may|must|am|has|have)\b", re.I
)


def replaced(fragment: str, before: Before, *, names_page: Callable[[str], bool]) -> str:
    """The last question with ``fragment`` in the place of its like: "And in Amsterdam?" for "in Utrecht"."""
    said, new = before.question.strip(" ?.!"), fragment.strip(" ?.!")
    if period := _PERIOD.fullmatch(new):
        return as_question(f"{tidy(_PERIOD.sub('', said))} {period.group()}")
    if audience := _AUDIENCE.fullmatch(new):
        return as_question(for_audience(said, audience.group().strip()))
    if (season := _SEASON.fullmatch(new)) and (old_season := _SEASON.search(said)):
        return as_question(f"{said[: old_season.start()]} {season.group().strip()}{said[old_season.end() :]}")
    if _CLAUSE.match(new) and not tells_residence(new):
        return as_question(f"{tidy(without_audience(said) if audience_of_question(new) else said)} {new}")
    if tells_residence(new):
        clause = new if _STANDS_APART.match(new) else f"for {new}"
        return as_question(f"{tidy(without_residence(said))} {clause}")
    preposition, thing = _split(new)
    old = phrases(said)
    tests = [term for phrase in old for term in phrase.terms if is_test(term)]
    own = next((term for phrase in phrases(thing) for term in phrase.terms if is_test(term)), None)
    if own is not None and tests:
        return as_question(re.sub(rf"\b{re.escape(tests[0].text)}\b", own.text, said))
    if names_page(thing):
        places = [phrase for phrase in old if phrase.text.casefold() == PAGE or names_page(phrase.text)]
        places = places or [phrase for phrase in old if phrase.is_name]
        if not preposition and not places:
            # "How long is the internship?" – "No, the master."
            places = [phrase for phrase in old if phrase.is_subject and not phrase.is_attribute]
        if places:
            return as_question(_put(said, places[0], thing))
        return as_question(f"{said} for {definite(thing)}")
    fresh = phrases(thing)
    first = fresh[0] if fresh else None
    if first and first.is_attribute and not _YES_NO.match(said):
        return as_question(_ask_for(thing, before))
    if (like := _like(first, preposition, old)) is not None:
        return as_question(_put(said, like, thing))
    if preposition:
        return as_question(f"{said} {new}")
    if first and (place := _SUBJECT_PRONOUN.search(said)):
        verb = {"do": "does", "is": is_or_are(thing), "are": is_or_are(thing)}.get(place[1].lower(), place[1])
        verb = "do" if verb == "does" and first.is_plural else verb
        return as_question(f"{said[: place.start()]}{verb} {definite(thing)}{said[place.end() :]}")
    if first and old and not all(phrase.is_attribute for phrase in old):
        return as_question(_put(said, _main(old), thing))
    return as_question(f"{said} for {new}" if first else f"{said}, {new}")


def for_audience(said: str, group: str) -> str:
    """A question as it is asked for a group: "for EU students"."""
    said = said.rstrip(" ?.!")
    if not _PREPOSITION.match(group):
        group = f"for {group}"
    if not re.search(r"(?:students?|applicants?|citizens?|nationals?|people)$", group, re.I):
        group = re.sub(r"\s+ones$", "", group) + " students"
    return f"{tidy(without_audience(said))} {group}"


def without_audience(said: str) -> str:
    """A question without the group that it asks for: "for EU students"."""
    if re.search(
        r"\b(?:does|do|would|will|must|should)\s+(?:an?\s+|the\s+)?(?:non[\s-]?)?(?:eu|eea|european|"
        r"international|overseas)\b",
        said,
        re.I,
    ):
        return re.sub(
            r"\b(does|do|would|will|must|should)\s+(?:an?\s+|the\s+)?(?:non[\s-]?)?(?:eu(?:/eea)?|eea|"
            r"european|international|overseas)\b(?:\s+(?:students?|applicants?|citizens?|nationals?|"
            r"people))?",
            lambda found: f"{found[1].replace('does', 'do')} I",
            said,
            flags=re.I,
        )
    return _AUDIENCE.sub("", said)


def _ask_for(thing: str, before: Before) -> str:
    """A detail of what was spoken of: "And the deadline?" asks for that of the same thing."""
    about = before.thing()
    of = f" for {about}" if about and about != PAGE else ""
    return f"what {is_or_are(thing)} {definite(thing)}{of}"


def _like(new: Phrase | None, preposition: str, old: Sequence[Phrase]) -> Phrase | None:
    """The phrase of the last question that a new one stands for: of the same kind, or in the same place."""
    if new is None:
        return None
    if preposition:
        return next((p for p in reversed(old) if p.preposition == preposition and not p.is_page), None)
    expected = {concept.expects for term in new.terms for concept in term.concepts} - {None}
    same = next((p for p in old if stem(p.head) == stem(new.head)), None)
    if same is not None:
        return same
    if expected:
        return next((p for p in old if {c.expects for t in p.terms for c in t.concepts} & expected), None)
    if new.is_name and (names := [p for p in old if p.is_name]):
        return names[-1]
    return None


def is_test(term: Term) -> bool:
    """Whether a term is a thing with a name of its own in the lexicon, such as a language test."""
    return any(concept.is_name for concept in term.concepts)


def _main(old: Sequence[Phrase]) -> Phrase:
    """The phrase that a new one takes the place of where nothing tells: the subject, else the last thing."""
    things = [phrase for phrase in old if not phrase.is_attribute and not phrase.is_page] or list(old)
    return next((phrase for phrase in things if phrase.is_subject), things[-1])


def _put(said: str, old: Phrase, new: str) -> str:
    """``said`` with ``new`` in the place of a phrase and of what hangs on it."""
    if not re.match(r"(?:the|an?|your|this|my)\b", new, re.I) and old.text.lower().startswith(
        ("the ", "a ", "an ")
    ):
        new = f"the {new}" if new[:1].islower() and old.text.lower().startswith("the ") else new
    end = old.end if old.preposition in {"in", "at"} else old.whole
    return tidy(f"{said[: old.start]}{new}{said[end:]}")


def _split(text: str) -> tuple[str, str]:
    found = _PREPOSITION.match(text)
    return (found.group().strip().lower(), text[found.end() :]) if found else ("", text)
