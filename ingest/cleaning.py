"""Canonical text: what every offset of the product counts in.

``clean`` makes characters harmless and uniform; ``PageBuilder`` lays cleaned blocks out as one text and
notes where each landed. Every reader ends in a ``PageBuilder``, so offsets are right by construction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from .documents import Block, BlockKind

# Removed: byte order marks, zero-width and bidirectional controls, soft hyphens, object placeholders, the
# private characters of icon fonts, and tag characters, which spell text that no reader sees. The zero-width
# joiners U+200C and U+200D stay: Persian and the Indic scripts spell with them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffc"
    "\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# "Medical Imaging Medical Imaging": a link's text and its accessible name, copied together. Two words or
# more, all capitalised, repeated at once, so that "New York New York" is the worst that can be lost.
_DOUBLED = re.compile(
    r"(?<![\w&'’-])([A-Z][\w&'’-]{0,40}(?: (?:of|the|and|for|&|"
    r"[A-Z][\w&'’-]{0,40})){1,7})(?: \1)+(?![\w&'’-])"
)


def clean(text: str) -> str:
    """``text`` in NFC without invisible and control characters; line breaks are ``\\n``, tabs stay.

    Lone surrogates, which no UTF-8 file can hold but a JSON escape can, become U+FFFD.
    """
    text = _LINE_BREAK.sub("\n", text)
    if text.isascii():
        return _CONTROL.sub("", text)
    text = _CONTROL.sub("", _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text)))
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """``text`` with all white space runs as one blank, trimmed, doubled names said once."""
    text = " ".join(clean(text).split())
    while (shorter := _DOUBLED.sub(r"\1", text)) != text:
        text = shorter
    return text


class PageBuilder:
    """Collects the blocks of one page and lays them out as its canonical text.

    One block stands on one line; an empty line stands between blocks that the page keeps apart.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._groups = 0
        self._last_text = ""

    def __len__(self) -> int:
        return len(self._blocks)

    def new_group(self) -> int:
        """Return a fresh number for a list or table."""
        self._groups += 1
        return self._groups

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        parent: int = -1,
        group: int = 0,
        adjoins: bool = False,
    ) -> int:
        """Append a block and return its position, or -1 where ``text`` is empty or repeats the heading above.

        ``adjoins`` says that no empty line stands between the block and the one before it on the page.

        Raises:
            ValueError: ``parent`` is not the position of an earlier block.
        """
        text = one_line(text)
        if not text or (kind is BlockKind.HEADING and self._repeats_last_heading(text)):
            return -1
        return self._append(kind, text, level, parent, group, (), adjoins=adjoins)

    @property
    def open_text(self) -> str:
        """The text of the last block where that is a paragraph or an item, which may go on; else ""."""
        can_go_on = self._blocks and self._blocks[-1].kind in {BlockKind.PARAGRAPH, BlockKind.ITEM}
        return self._last_text if can_go_on else ""

    def go_on(self, text: str) -> None:
        """Append text to the last paragraph or item, with a blank between.

        Raises:
            ValueError: the last block is neither.
        """
        if not self.open_text:
            raise ValueError("only a paragraph or an item can go on")
        text = one_line(text)
        if text:
            self._write(f" {text}")
            self._last_text = f"{self._last_text} {text}"
            self._blocks[-1] = replace(self._blocks[-1], end=self._length)

    def add_row(self, cells: Sequence[str], *, parent: int, group: int, widths: Sequence[int] = ()) -> int:
        """Append a table row, cells parted by " | "; returns its position, -1 where all cells are empty.

        ``widths`` are the numbers of columns that the cells cover, one each by default; a cell that covers
        several stands once in the text and has its span in ``Block.cells`` once for each column.
        """
        texts = [one_line(cell) for cell in cells]
        if not any(texts):
            return -1
        spans: list[tuple[int, int]] = []
        offset = 0
        for text, width in zip(texts, widths or [1] * len(texts), strict=True):
            spans += [(offset, offset + len(text))] * width
            offset += len(text) + len(" | ")
        return self._append(BlockKind.ROW, " | ".join(texts), 0, parent, group, tuple(spans))

    def build(self) -> tuple[str, tuple[Block, ...]]:
        """Return the canonical text and its blocks in order."""
        return "".join(self._parts), tuple(self._blocks)

    def _append(
        self,
        kind: BlockKind,
        text: str,
        level: int,
        parent: int,
        group: int,
        cells: tuple[tuple[int, int], ...],
        *,
        adjoins: bool = False,
    ) -> int:
        if not -1 <= parent < len(self._blocks):
            raise ValueError(f"parent {parent} is not one of the {len(self._blocks)} blocks so far")
        if self._blocks:
            last = self._blocks[-1]
            close = adjoins or parent >= 0 or (group != 0 and group == last.group)
            self._write("\n" if close else "\n\n")
        start = self._length
        self._write(text)
        self._last_text = text
        shifted = tuple((start + a, start + b) for a, b in cells)
        self._blocks.append(Block(kind, start, self._length, level, parent, group, shifted))
        return len(self._blocks) - 1

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _repeats_last_heading(self, text: str) -> bool:
        return bool(self._blocks) and self._blocks[-1].kind is BlockKind.HEADING and self._last_text == text
