"""Texts as terms are looked up in them: units with their surroundings, passages, pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from ingest.documents import BlockKind, Document
from ingest.units import Unit, UnitKind
from ingest.words import stems

from .lexicon import lexicon
from .terms import Term, with_numbers

# Share of a term that counts where another phrase of the same concept stands instead of the words asked.
SYNONYM = 0.93
# Code points before a fact in which its announcement is looked for.
_ANNOUNCED_WITHIN = 400
_ANNOUNCES = re.compile(r"\b(?:are|is|following|below|these|include)\b", re.I)
# Code points at the top of a page that say whose page it is ("offered by Utrecht University").
_OPENING = 300


class Field(NamedTuple):
    """A text as terms are looked up in it: stems and phrases parted by bars, and its concepts."""

    stems: str
    phrases: str
    concepts: frozenset[str]

    def holds(self, term: Term) -> float:
        """How far the text holds a term: see ``held``."""
        return held(term, (self,))[0]


def held(term: Term, fields: Iterable[Field]) -> list[float]:
    """1 for each text that says the term, less where it says what the term means in other words, else 0.

    A phrase of the lexicon is not the sum of its words: "living costs" does not mention "costs".
    """
    sought, meanings = term.sought, term.meanings
    if not term.concepts:
        return [1.0 if sought in field.stems else 0.0 for field in fields]
    return [
        1.0 if sought in field.phrases else 0.0 if field.concepts.isdisjoint(meanings) else SYNONYM
        for field in fields
    ]


_EMPTY = Field("", "", frozenset())


class Fields(NamedTuple):
    """A unit and its surroundings; ``label`` holds the concepts of a fact's label.

    ``near`` is its label, lead-in and the people it is for, ``heading`` the last one above it, ``before``
    what its paragraph says before it.
    """

    text: Field
    near: Field
    heading: Field
    around: Field
    above: Field
    label: frozenset[str] = frozenset()
    before: Field = _EMPTY


def fields_of(unit: Unit, document: Document) -> Fields:
    """The fields of a unit of ``document``."""
    is_cell = unit.kind in {UnitKind.FACT, UnitKind.BLANK} and " | " in unit.lead_in
    near = [unit.label, unit.audience]
    heading = field_of(unit.headings[-1:])
    if not is_cell:
        near.append(unit.lead_in)
    if unit.kind in {UnitKind.BLANK, UnitKind.FACT}:
        near.append(unit.around)  # it is what the bare label is about
        if not unit.lead_in:
            near.append(_announced_by(document.text, unit.start))
    above = [*unit.headings[:-1], document.title, document.publisher, document.id]
    text = document.text[unit.start : unit.end]
    if unit.kind is UnitKind.LIST:
        # A list is about what introduces it; a word in one of its items does not make it the answer.
        return Fields(field_of([unit.lead_in]), field_of(near), heading, field_of([text]), field_of(above))
    if is_cell:
        # The cells before it stand in its quote, but they are facts of their own.
        text = f"{unit.label}: {unit.value}"
    label = field_of([unit.label]).concepts if unit.kind in {UnitKind.FACT, UnitKind.BLANK} else frozenset()
    before = field_of([_before(unit, document)]) if unit.kind is UnitKind.SENTENCE else _EMPTY
    return Fields(
        field_of([text]), field_of(near), heading, field_of([unit.around]), field_of(above), label, before
    )


def masthead_of(document: Document) -> Field:
    """Title, publisher, file name and the top of the page: whose page it is."""
    return field_of([document.title, document.publisher, document.id, document.text[:_OPENING]])


def title_of(document: Document) -> Field:
    """The title and the headings that open the page."""
    first = next((n for n, block in enumerate(document.blocks) if block.kind is BlockKind.HEADING), 0)
    opening = takewhile(lambda block: block.kind is BlockKind.HEADING, document.blocks[first:])
    return field_of([document.title, *(document.text[block.start : block.end] for block in opening)])


def _before(unit: Unit, document: Document) -> str:
    """What the paragraph of a sentence says before it."""
    nth = bisect_right(document.blocks, unit.start, key=lambda block: block.start) - 1
    return document.text[document.blocks[nth].start : unit.start] if nth >= 0 else ""


def _announced_by(text: str, start: int) -> str:
    """The line that announces a fact among others of its kind: "The deadlines are:"; "" for none."""
    for line in reversed(text[max(0, start - _ANNOUNCED_WITHIN) : start].rstrip("\n").split("\n")):
        if line.rstrip().endswith(":"):
            # A field that is left empty announces nothing: "TOEFL minimum score:".
            return line if _ANNOUNCES.search(line) else ""
        if line.strip() and ":" not in line:
            return ""
    return ""


def field_of(texts: Iterable[str]) -> Field:
    """One field of several texts; no phrase runs from one text into the next."""
    read = [_read(text) for text in texts]
    return Field(
        stems="|" + "||".join(roots for roots, _, _ in read) + "|",
        phrases="|" + "||".join(phrases for _, phrases, _ in read) + "|",
        concepts=frozenset().union(*(concepts for _, _, concepts in read)),
    )


# The units of a page share headings and title, and often what introduces them.
@lru_cache(maxsize=20_000)
def _read(text: str) -> tuple[str, str, frozenset[str]]:
    """The stems and the phrases of a text, parted by bars, and its concepts."""
    roots = with_numbers(stems(text))
    phrases, concepts = lexicon().read(roots)
    return "|".join(roots), "|".join(phrases), concepts
