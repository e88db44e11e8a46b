"""A fact's label and audience as a sentence says them."""

from __future__ import annotations

import re

from ingest.units import Unit
from ingest.words import stems

from .lexicon import lexicon
from .wording import wording

_SAYS_PEOPLE = re.compile(
    r"\b(?:students?|applicants?|citizens?|nationals?|residents?|people|participants?|professionals?|"
    r"members?|graduates?|doctors|countr(?:y|ies))\b",
    re.I,
)


def labelled(label: str, audience: str, language: str) -> str:
    """ "Tuition fee for EU/EEA students": the label in sentence case and whom the fact is for."""
    return f"{_sentence_case(label)}{f' {_for_whom(audience, language)}' if audience else ''}"


def named_cells(unit: Unit, text: str) -> list[str]:
    """The cells of a table's row, each behind the name of its column; none that is empty or has no name."""
    header, cells = unit.lead_in.split(" | "), text.split(" | ")
    return [f"{name}: {cell}" for name, cell in zip(header, cells, strict=False) if name and cell]


def own_label(unit: Unit, text: str) -> str:
    """The label that is the unit's own; "" for a heading that it only borrows."""
    borrowed = unit.label == (unit.headings or ("",))[-1]
    return "" if borrowed and unit.label.casefold() not in text.casefold() else unit.label


def _for_whom(audience: str, language: str) -> str:
    if _SAYS_PEOPLE.search(audience):
        return f"({audience})"
    named = audience if audience.isupper() or not audience.istitle() else audience.lower()
    return wording(language)["audience"]["students"].format(audience=named)


def _sentence_case(label: str) -> str:
    """A field's name in capitals of a title ("Tuition Fee") as sentences begin; proper names keep theirs."""
    known = lexicon()
    _, concepts = known.read(stems(label))
    if not any(concept.expects is not None and concept.name in concepts for concept in known.concepts):
        return label
    first, *rest = label.split()
    return " ".join([first, *(word.lower() if _is_capitalised(word) else word for word in rest)])


def _is_capitalised(word: str) -> bool:
    """Whether a word has a title's capital; a single letter is a grade or a numeral ("W", "Session I:")."""
    return word.istitle() and sum(map(str.isalpha, word)) > 1
