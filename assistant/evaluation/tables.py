"""Tables for a terminal, and the same as plain text for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

_CONTROL_CHARACTERS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
"""Pages and question files are data: an escape sequence in one must not reach the terminal."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header, all as text. The first column is words, the others figures."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines under a title; nothing is shown where there are none."""

    title: str
    lines: tuple[str, ...]


Part = Table | Lines


def show(parts: Sequence[Part], out: TextIO) -> None:
    """Write ``parts`` to ``out``: drawn where that is a terminal, else as plain text."""
    if out.isatty():
        console = Console(file=out)
        for part in parts:
            console.print(*_drawn(part), sep="\n", soft_wrap=isinstance(part, Lines))
    else:
        out.write(as_text(parts))


def as_text(parts: Iterable[Part]) -> str:
    """Return ``parts`` as plain text, columns aligned, an empty line between two parts."""
    texts = [_table_text(part) if isinstance(part, Table) else _lines_text(part) for part in parts]
    return "\n".join(text for text in texts if text)


def printable(text: str) -> str:
    """Return ``text`` on one line, without control characters."""
    return " ".join(text.translate(_CONTROL_CHARACTERS).split())


def _table_text(table: Table) -> str:
    rows = [tuple(map(printable, row)) for row in (table.header, *table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.header))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([table.title, *lines]) + "\n"


def _lines_text(part: Lines) -> str:
    return (
        "\n".join([part.title, *(f"  {printable(line)}" for line in part.lines)]) + "\n" if part.lines else ""
    )


def _drawn(part: Part) -> list[RichTable | Text]:
    if isinstance(part, Lines):
        return [Text(line) for line in _lines_text(part).splitlines()]
    drawn = RichTable(title=part.title, title_justify="left")
    for column, name in enumerate(part.header):
        drawn.add_column(Text(name), justify="left" if column == 0 else "right")
    for row in part.rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    return [drawn, Text("")]
