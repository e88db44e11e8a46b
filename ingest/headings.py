"""Which lines of a printed text are headings, by what they say and how they are set."""

from __future__ import annotations

import re

from .labelled import by_colon
from .money import AMOUNT
from .values import ValueKind, is_bare_value, is_contact_field, kinds_of, names_units

_CHARACTERS, _WORDS = 150, 18
# A line that is only bold, or only in capitals, is a heading of fewer words.
_BOLD_WORDS = 12
_CAPITALS = 4
_REACHES = frozenset({ValueKind.EMAIL, ValueKind.PHONE, ValueKind.URL})
NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[IVX]{1,5}\.|[A-Z]\.|§\s?\d+[a-z]?)\s+(?=\S)")
_DEPTH = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,4}")
_SECTION = re.compile(r"(?:§|art(?:icle|ikel|\.)|section|chapter|abschnitt|kapitel|appendix)\s*[\dIVX]", re.I)


def can_be_heading(text: str) -> bool:
    """Whether a line is short enough and says nothing itself: no sentence, no value, no address."""
    numbered = NUMBERED.match(text)
    if numbered and text[numbered.end()].isupper() and not names_units(text[numbered.end() :]):
        text = text[numbered.end() :]
    words = text.split()
    if not words or len(text) > _CHARACTERS or len(words) > _WORDS or not re.search(r"[^\W\d_]{2}", text):
        return False
    if text[0].islower() or text[-1] in ",;" or (text[-1] == "." and len(words) > _BOLD_WORDS):
        return False
    return not (is_bare_value(text) or is_contact_field(text) or kinds_of(text) & _REACHES)


def is_marked_heading(text: str) -> bool:
    """Whether a line that can be a heading is one if it is bold or in capitals: it states no fact."""
    if len(text.split()) > _BOLD_WORDS or states_a_fact(text) or AMOUNT.search(text):
        return False
    return text[-1] not in ".!" or NUMBERED.match(text) is not None


def is_in_capitals(text: str) -> bool:
    """Whether a line is set in capitals, and not only an abbreviation."""
    return text.isupper() and sum(map(str.isalpha, text)) >= _CAPITALS


def is_numbered_section(text: str) -> bool:
    """Whether a line begins like the title of a section: "2.1 Admission", "§ 4 Fees", "Article 3"."""
    return bool(NUMBERED.match(text) or _SECTION.match(text))


def depth_of(text: str) -> int:
    """How many levels below its chapter a numbered section stands: 1 for "2.1 Admission"."""
    found = _DEPTH.match(text) if NUMBERED.match(text) else None
    return found.group().count(".") if found else 0


def states_a_fact(text: str) -> bool:
    """Whether a line is a label and its value."""
    found = by_colon(text)
    return found is not None and bool(found.value)
