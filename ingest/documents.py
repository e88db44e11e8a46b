"""The types that ingest hands on: documents, the blocks they are made of, and passages.

All offsets are Unicode code points of the canonical ``Document.text`` (see ``cleaning``), half open.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block is on its page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    """One list item: its own text, without nested items and without following paragraphs."""
    TERM = "term"
    """The label of a definition list (or another label that stands in a block of its own)."""
    DEFINITION = "definition"
    """What stands under a term; ``parent`` is the term."""
    ROW = "row"
    """One table row, cells in ``cells``; ``parent`` is the header row, if the table has one. One that names
    the rows under it ("Undergraduate") has a single cell, which covers all columns."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of ``Document.text`` that the page shows as one piece.

    ``level`` is 1 to 6 for headings, the nesting depth from 1 for items, the number of cells that name a row
    (its first ones; 0 stands for one) for rows, otherwise 0.
    ``parent`` is the position, in ``Document.blocks``, of the block this one stands inside: the item of a
    paragraph or of a nested item, the term of a definition, for a row the row that names its columns or its
    part of the table, which may have one above it in turn; -1 for none.
    ``group`` is the same for all items of one list, all rows of one table, and lines that stand together
    without a gap; otherwise 0. ``cells`` are the spans of a row's cells, one for each column: a cell that
    covers two columns is there twice. ``anchor`` is the id that a heading can be opened at on its page, ""
    for none; ``is_link`` says that the block is made of links and of nothing else.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    parent: int = -1
    group: int = 0
    cells: tuple[tuple[int, int], ...] = ()
    anchor: str = ""
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One published page: its canonical text, how that text is laid out, and where it comes from.

    ``title`` never enters ``text`` unless the page shows it there. ``url`` is "" where none is known.
    ``language`` is an ISO 639-1 code. ``modified_on`` is None where the page does not say. Where pages
    disagree, that of the greater ``rank`` is believed. ``pages`` are the offsets in ``text`` at which page 2,
    3, … of a paged document begin; empty where it has one page or none.
    """

    id: str
    title: str
    url: str
    publisher: str
    language: str
    text: str
    modified_on: date | None = None
    fetched_on: date | None = None
    rank: int = 0
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    pages: tuple[int, ...] = field(default=(), repr=False)

    def page_of(self, offset: int) -> int | None:
        """The page, counted from 1, on which the character at ``offset`` stands; None without pages."""
        return bisect_right(self.pages, offset) + 1 if self.pages else None

    def anchor_above(self, offset: int) -> str:
        """The id to open the page at for what stands at ``offset``: of the nearest heading above with one.

        A heading of the same rank further up is over another section and does not count.
        """
        level = 7
        for block in reversed(
            self.blocks[: bisect_right(self.blocks, offset, key=lambda block: block.start)]
        ):
            if block.kind is BlockKind.HEADING and block.level < level:
                if block.anchor:
                    return block.anchor
                level = block.level
        return ""

    @property
    def content_hash(self) -> str:
        """SHA-256, hexadecimal, of everything a reader of the page could notice."""
        parts = [self.title, self.url, self.publisher, self.language, str(self.modified_on), self.text]
        if self.pages:
            parts.append(str(self.pages))
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole blocks of one section: what is embedded and retrieved.

    ``text == document.text[start:end]`` always. ``headings`` are those above it, outermost first.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
