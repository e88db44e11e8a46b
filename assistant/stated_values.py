"""Whether a unit states the value that a question is after."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from ingest.units import Unit, UnitKind
from ingest.values import ValueKind, is_time_of_year, kinds_of, names_people
from ingest.words import stems

from .kinds import QuestionKind
from .lexicon import lexicon
from .questions import Question
from .terms import STOP_STEMS

# Share of the words in a column's name that a question for it says.
_COLUMN_SHARE = 0.7
_FEE = re.compile(r"([A-Za-z]+)[\s-]+(?:fees?|charges?)\b", re.I)
# The two ends of a time, as questions and pages name them.
ENDS = re.compile(
    r"\b(?:until|till|by (?:when|what|which)|latest|last (?:day|date|chance)|deadlines?|clos(?:e|es|ed|ing)|"
    r"due|too late|no later|ends?)\b",
    re.I,
)
BEGINS = re.compile(
    r"\b(?:open(?:s|ed|ing)?|begin(?:s|ning)?|start(?:s|ing)?|from when|earliest|first (?:day|date))\b", re.I
)
_YEAR = re.compile(r"\b20\d\d\b")
_FREE = re.compile(
    r"\b(?:no|without|not pay|pay no) (?:\w+ )?(?:fees?|charge|costs?)\b|\bfree of charge\b|^(?:none|"
    r"free)\b|\bwaived\b",
    re.I,
)


def states_value(question: Question, unit: Unit, whole: str, kinds: Collection[ValueKind]) -> bool:
    """Whether the kind of value asked for stands in the unit, and belongs to what is asked.

    ``whole`` is the text of the unit; ``kinds`` are those of its value, or of its text where it has none.
    """
    if question.expects is None or unit.kind is UnitKind.BLANK:
        return False
    text = unit.value or whole
    if question.years and not question.years & (years := set(_YEAR.findall(text))) and years:
        return False
    if question.expects is ValueKind.AMOUNT and _is_of_another_fee(question.text, whole):
        return False
    if question.expects is ValueKind.AMOUNT and _FREE.search(text):
        return True
    if unit.kind is UnitKind.ROW and unit.lead_in:
        return False  # its cells are facts of their own, each under its header
    if question.expects is not ValueKind.AMOUNT and is_of_the_column_asked_for(question, unit):
        return True
    if question.kind is QuestionKind.COUNT:
        return _counts(whole, question.counted, unit)
    if not _is_of_the_named(question, text):
        return False
    if question.expects is ValueKind.NUMBER and re.search(
        r"\b(?:grade|level|band) [A-F][+-]?(?!\w)", text, re.I
    ):
        return True
    if question.expects is ValueKind.DATE and is_time_of_year(text):
        return True  # "Start of studies: April"
    return question.expects in kinds


def names_another_fee(question: Question, unit: Unit) -> bool:
    """Whether a fee has a name of its own ("technology fee") where the question asks for none by its name."""
    if question.expects is not ValueKind.AMOUNT:
        return False
    return bool(_fees_named(unit.label)) and not _fees_named(question.text)


def _is_of_another_fee(asked: str, stated: str) -> bool:
    """Whether a fee is named by another word than that asked for: "matriculation fee", not "diploma fee"."""
    named = _fees_named(asked)
    others = _fees_named(stated) if named else frozenset()
    return bool(others) and not named & {*others, *stems(stated)}


@lru_cache(maxsize=20_000)
def _fees_named(text: str) -> frozenset[str]:
    """The stems of words that say which fee is spoken of."""
    known = lexicon()
    found = {root for word in _FEE.findall(text) for root in stems(word)[-1:]}
    return frozenset(
        root
        for root in found - STOP_STEMS - known.generic
        if not any(concept.name == "tuition" for concept in known.match([root, "fee"], 0)[0])
    )


def is_of_the_column_asked_for(question: Question, unit: Unit) -> bool:
    """Whether the question says the name of a cell's column: "on which day", "required or elective".

    What stands under it is what was asked for, whatever its form: "Tu", "Elective".
    """
    if unit.kind is not UnitKind.FACT or not unit.named_by or " | " not in unit.lead_in:
        return False
    column = stems(unit.label.rpartition(", ")[2])
    named = [root for root in column if root not in STOP_STEMS]
    asked = set(stems(question.text))
    either = {column[n + step] for n in range(1, len(column) - 1) if column[n] == "or" for step in (-1, 1)}
    if either and either <= asked:
        return True  # "Masters (MA) Required or Elective"
    return bool(named) and sum(root in asked for root in named) >= _COLUMN_SHARE * len(named)


def people_of(unit: Unit) -> str:
    """The people that a fact is for, "" where it is for all."""
    return unit.audience or (unit.label if unit.kind is UnitKind.FACT and names_people(unit.label) else "")


def _is_of_the_named(question: Question, text: str) -> bool:
    """Whether the first value in ``text`` belongs to the name asked for, where several names stand in it.

    "Besides TOEFL and IELTS also CPE (at least Grade C)" gives a grade for CPE, the name nearest before it.
    """
    asked = {concept for term in question.terms for concept in term.concepts if concept.is_name}
    if not asked:
        return True
    roots = stems(text)
    value = next(
        (n for n, root in enumerate(roots) if root[0].isdigit() or root in {"grade", "level", "band"}),
        len(roots),
    )
    before = " ".join(["", *roots[:value], ""])
    places = {
        concept: max(before.rfind(f" {' '.join(phrase)} ") for phrase in concept.page)
        for concept in lexicon().concepts
        if concept.is_name
    }
    nearest = max(places, key=lambda concept: places[concept])
    return places[nearest] < 0 or nearest in asked


def _counts(text: str, counted: frozenset[str], unit: Unit) -> bool:
    """Whether ``text`` gives a number of the thing counted: the number stands at most four words before it.

    A labelled number counts what its label names ("Procedures per year: 10,000").
    """
    if not counted:
        return ValueKind.NUMBER in kinds_of(text)
    if unit.label and unit.value and any(char.isdigit() for char in unit.value):
        # "4 credit course: $1,206" counts no credits.
        return ValueKind.AMOUNT not in kinds_of(unit.value) and bool(counted & set(stems(unit.label)))
    for number in re.finditer(
        r"\b(?:\d[\d.,' ]*\d|\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", text, re.I
    ):
        following = stems(text[number.end() :])[:4]
        if counted & set(following):
            return True
        # "places available (30 per year)"
        before = text[: number.start()].rstrip()
        if before.endswith("(") and counted & set(stems(before)[-3:]):
            return True
    return False
