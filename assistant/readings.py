"""What there is to know of pages and of their units whatever the question: read once, at ingest.

Reading a unit takes a third of a millisecond, and a question weighs a hundred of them. So ``Annotator``
writes what was read beside the passages of an index, and ``Readings`` finds it there. An index without it,
or with that of another version of this package or of ``ingest``, is read as it is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ingest.code_digest import code_digest, sources_digest
from ingest.documents import Document, Passage
from ingest.index import Index
from ingest.units import Unit
from ingest.values import ValueKind, kinds_of

from .countries import Audience, audience_of_fact
from .fields import Field, Fields, field_of, fields_of, masthead_of, title_of
from .scope import is_instruction

# Of passages 10 kB each, of documents ten times as much.
PASSAGES_KEPT, _DOCUMENTS_KEPT = 2_000, 500


class UnitReading(NamedTuple):
    """A unit, read. ``kinds`` are those of its value, or of its text where it has none.

    ``is_instruction`` says whether it speaks to an assistant rather than to applicants: it is never evidence.
    """

    fields: Fields
    audience: Audience | None
    kinds: frozenset[ValueKind]
    is_instruction: bool


class PassageReading(NamedTuple):
    """The text of a passage, and the units that share some of it, in their order."""

    text: Field
    units: tuple[UnitReading, ...]


class DocumentReading(NamedTuple):
    """A page: all of it, whose page it is, and what it is called."""

    text: Field
    masthead: Field
    title: Field


def read_document(document: Document) -> DocumentReading:
    """Return what there is to know of a page."""
    return DocumentReading(field_of([document.text]), masthead_of(document), title_of(document))


def read_passage(document: Document, passage: Passage, units: Sequence[Unit]) -> PassageReading:
    """Return what there is to know of a passage of ``document`` and of its units."""
    return PassageReading(field_of([passage.text]), tuple(_read_unit(unit, document) for unit in units))


def _read_unit(unit: Unit, document: Document) -> UnitReading:
    text = document.text[unit.start : unit.end]
    return UnitReading(
        fields_of(unit, document),
        audience_of_fact(unit.audience or unit.label or text),
        kinds_of(unit.value or text),
        is_instruction(text),
    )


class Annotator:
    """Writes what is read beside the passages of an index."""

    @property
    def version(self) -> str:
        """Tells the code and word lists of this package, and the code of ``ingest``, from all others."""
        return _version()

    def of_document(self, document: Document) -> bytes:
        """Return the reading of a page as JSON."""
        return json.dumps(list(map(_field_out, read_document(document))), ensure_ascii=False).encode()

    def of_passage(self, document: Document, passage: Passage, units: Sequence[Unit]) -> bytes:
        """Return the reading of a passage and its units as JSON."""
        read = read_passage(document, passage, units)
        # The units of a passage share headings and title, and what introduces them.
        fields: dict[Field, int] = {}

        def place(field: Field) -> int:
            return fields.setdefault(field, len(fields))

        text = place(read.text)
        units_out = [_unit_out(unit, list(map(place, _fields_in(unit.fields)))) for unit in read.units]
        return json.dumps([[*map(_field_out, fields)], text, units_out], ensure_ascii=False).encode()


@cache
def _version() -> str:
    # The words, values and units of ingest decide what is read as much as the lexicon does.
    return f"{sources_digest(Path(__file__).parent, {'.py', '.toml'})}-{code_digest()}"


class Readings:
    """What was read of the pages and passages of an index; keeps that of recent ones."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._is_annotated = index.annotated_by == _version()
        self.document = lru_cache(maxsize=_DOCUMENTS_KEPT)(self._document)
        self.passage = lru_cache(maxsize=PASSAGES_KEPT)(self._passage)

    def _document(self, document_id: str) -> DocumentReading:
        if self._is_annotated:
            return DocumentReading(
                *map(_field_in, json.loads(self._index.annotation_of_document(document_id)))
            )
        return read_document(self._index.documents[document_id])

    def _passage(self, position: int) -> PassageReading:
        if self._is_annotated:
            fields_in, text, units_in = json.loads(self._index.annotation_of_passage(position))
            fields = [_field_in(each) for each in fields_in]
            return PassageReading(fields[text], tuple(_unit_in(each, fields) for each in units_in))
        passage = self._index.passages[position]
        units = [self._index.units[each] for each in self._index.units_in(position)]
        return read_passage(self._index.documents[passage.document_id], passage, units)


def _fields_in(fields: Fields) -> tuple[Field, ...]:
    return fields.text, fields.near, fields.heading, fields.around, fields.above, fields.before


def _field_out(field: Field) -> list[Any]:
    return [field.phrases, sorted(field.concepts)]


def _field_in(written: Any) -> Field:
    phrases, concepts = written
    # The stems of a phrase are joined by blanks, and phrases by bars.
    return Field(phrases.replace(" ", "|"), phrases, _named(tuple(concepts)))


@lru_cache(maxsize=20_000)
def _named(concepts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(concepts)


def _unit_out(unit: UnitReading, places: Sequence[int]) -> list[Any]:
    return [places, sorted(unit.fields.label), unit.audience, sorted(unit.kinds), unit.is_instruction]


def _unit_in(written: Any, fields: Sequence[Field]) -> UnitReading:
    places, label, audience, kinds, is_instruction = written
    text, near, heading, around, above, before = (fields[place] for place in places)
    return UnitReading(
        Fields(text, near, heading, around, above, _named(tuple(label)), before),
        None if audience is None else Audience(audience),
        _kinds(tuple(kinds)),
        is_instruction,
    )


@lru_cache(maxsize=1_000)
def _kinds(values: tuple[str, ...]) -> frozenset[ValueKind]:
    return frozenset(map(ValueKind, values))
