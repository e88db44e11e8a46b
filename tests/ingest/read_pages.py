"""Short ways to read a page written out in a test, and what holds for every page that was read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from ingest.chunking import PASSAGE_LIMIT, split
from ingest.documents import BlockKind, Document
from ingest.errors import UnreadableFile
from ingest.gathering import WebOptions, gather
from ingest.html import read_html, read_markdown
from ingest.loaders import read_file
from ingest.plaintext import Page, read_plain_text
from ingest.units import Unit, UnitKind, units_of

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The documents in the order of their files, and the files that could not be read."""

    documents: tuple[Document, ...]
    unreadable: tuple[UnreadableFile, ...]


def load(*places: Path) -> Loaded:
    """Read files and folders here and now, as an ingest does in processes of their own."""
    gathered = gather(places, Path("no data directory"), WebOptions())
    documents: list[Document] = []
    unreadable = list(gathered.problems)
    for file in gathered.files:
        try:
            documents += read_file(file.path, file.document_id)
        except UnreadableFile as error:
            unreadable.append(error)
    return Loaded(tuple(documents), tuple(unreadable))


def document_of(page: Page, title: str = "") -> Document:
    return Document("page", title or page.title, "", "", "en", page.text, blocks=page.blocks)


def from_text(raw: str) -> Document:
    return document_of(read_plain_text(dedent(raw)))


def from_html(body: str) -> Document:
    return document_of(read_html(f"<html><body>{body}</body></html>")[0])


def from_markdown(raw: str) -> Document:
    return document_of(read_markdown(dedent(raw)))


def outline(document: Document) -> list[tuple[str, str]]:
    """The blocks as (kind, text)."""
    return [(block.kind.value, document.text[block.start : block.end]) for block in document.blocks]


def headings(document: Document) -> list[tuple[int, str]]:
    """The headings as (level, text)."""
    return [
        (block.level, document.text[block.start : block.end])
        for block in document.blocks
        if block.kind is BlockKind.HEADING
    ]


def items(document: Document) -> list[tuple[int, str]]:
    """The list items as (nesting depth, text)."""
    return [
        (block.level, document.text[block.start : block.end])
        for block in document.blocks
        if block.kind is BlockKind.ITEM
    ]


def quote(document: Document, unit: Unit) -> str:
    return document.text[unit.start : unit.end]


def units(document: Document, *kinds: UnitKind) -> list[Unit]:
    return [unit for unit in units_of(document) if unit.kind in kinds]


def facts(document: Document) -> list[tuple[str, str, str]]:
    """The facts as (audience, label, value)."""
    return [(unit.audience, unit.label, unit.value) for unit in units(document, UnitKind.FACT)]


def blanks(document: Document) -> list[str]:
    """The labels of the blanks."""
    return [unit.label for unit in units(document, UnitKind.BLANK)]


def check(document: Document) -> None:
    """Assert what holds for every document, whatever it was read from."""
    text, blocks = document.text, document.blocks
    end = 0
    for position, block in enumerate(blocks):
        assert end <= block.start < block.end <= len(text)
        assert (
            text[block.start : block.end] == text[block.start : block.end].strip()
            or block.kind is BlockKind.ROW
        )
        assert -1 <= block.parent < position
        assert all(block.start <= a <= b <= block.end for a, b in block.cells)
        assert bool(block.cells) == (block.kind is BlockKind.ROW)
        end = block.end
    for unit in units_of(document):
        assert 0 <= unit.start < unit.end <= len(text)
        assert quote(document, unit).strip()
        assert all(unit.start <= a < b <= unit.end for a, b in unit.parts)
        assert len(unit.parts) != 1
    passages = split(document)
    covered = bytearray(len(text))
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert 0 < len(passage.text) <= PASSAGE_LIMIT
        covered[passage.start : passage.end] = b"\1" * len(passage.text)
    assert len({passage.id for passage in passages}) == len(passages)
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            missed = [n for n in range(block.start, block.end) if not covered[n] and not text[n].isspace()]
            assert not missed


def shared(*parts: str) -> Path:
    """A path in the shared folder; the test is skipped where that folder is not at hand."""
    folder = ROOT / os.environ.get("PROSPECTUS_SHARED", "../shared")
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the shared data: there is no {path} (set PROSPECTUS_SHARED)")
    return path
