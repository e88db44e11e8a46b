"""Evidence units: the smallest pieces of a page that can be quoted and understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit is."""

    SENTENCE = "sentence"
    ITEM = "item"
    LIST = "list"
    """A whole list, from its first item to its last; ``parts`` are the spans of its items."""
    ROW = "row"
    FACT = "fact"
    """A label and its value."""
    BLANK = "blank"
    """A label whose value the page leaves out."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable piece of one document: ``document.text[start:end]``.

    ``label`` and ``value`` are set for facts and table cells; ``audience`` is the group of people a fact is
    for, as the page words it ("EU/EEA"). ``headings`` stand above it, outermost first; ``lead_in`` is the
    line that introduces its list; ``around`` is neighbouring text that says what a bare label is about.
    None of these enters a quote.
    """

    kind: UnitKind
    document_id: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    lead_in: str = ""
    label: str = ""
    value: str = ""
    audience: str = ""
    around: str = ""
    parts: tuple[tuple[int, int], ...] = ()
