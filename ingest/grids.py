"""Tables of printed texts into rows that know their header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .cleaning import PageBuilder, one_line
from .documents import BlockKind
from .headings import states_a_fact
from .values import is_bare_value, names_columns

# The title above a table, in a cell that covers it, is no longer.
_TITLE = 120


@dataclass(frozen=True, slots=True)
class Row:
    """Cells from left to right, and how many columns each of them covers."""

    cells: tuple[str, ...]
    widths: tuple[int, ...]

    @property
    def spread(self) -> tuple[str, ...]:
        """The cells, one for each column."""
        return tuple(cell for cell, width in zip(self.cells, self.widths, strict=True) for _ in range(width))


@dataclass(frozen=True, slots=True)
class Added:
    """A table that was added to a page: its group, the position of its header (-1 for none) and its names."""

    group: int
    header: int
    names: tuple[str, ...]


def add_table(
    builder: PageBuilder, rows: Sequence[Row], *, marked: int = 0, above: Added | None = None
) -> Added | None:
    """Add rows to a page and return the table; None where they were no table but labelled facts.

    ``marked`` is the number of rows at the top that the page sets apart as a header, by their weight or in so
    many words. ``above`` is the table that goes on here, over a page's end, with the same header.
    """
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        return above
    if above is not None and all(len(row.spread) == len(above.names) for row in rows):
        for row in rows:
            if row.spread != above.names:
                builder.add_row(row.cells, parent=above.header, group=above.group, widths=row.widths)
        return above
    if _labels_itself(rows):
        for row in rows:
            for number, cell in enumerate(filter(None, row.cells)):
                builder.add(BlockKind.PARAGRAPH, cell, adjoins=number > 0)
        return None
    while len(rows) > 1 and _is_title(rows[0]):
        builder.add(BlockKind.PARAGRAPH, rows[0].cells[0])
        rows, marked = rows[1:], max(marked - 1, 0)
    group = builder.new_group()
    header = -1
    names = ("",) * len(rows[0].spread)
    heads = _heads(rows, marked)
    for row in rows[:heads]:
        position = builder.add_row(row.cells, parent=header, group=group, widths=row.widths)
        header, names = (position, row.spread) if position >= 0 else (header, names)
    for row in rows[heads:]:
        builder.add_row(row.cells, parent=header, group=group, widths=row.widths)
    return Added(group, header, names)


def _heads(rows: Sequence[Row], marked: int) -> int:
    """How many rows at the top name the columns."""
    if any(len(row.spread) != len(rows[0].spread) for row in rows) or len(rows[0].spread) < 2:
        return 0
    named = 0
    for row in rows[: min(marked, 2, len(rows) - 1)]:
        if any(is_bare_value(one_line(cell)) for cell in row.cells if cell):
            break
        named += 1
    return named or int(names_columns([row.spread for row in rows]))


def _is_title(row: Row) -> bool:
    """Whether a row is one cell over all columns, or names nothing but the table."""
    return bool(row.cells[0]) and not any(row.cells[1:]) and len(row.cells[0]) <= _TITLE and row.widths[0] > 1


def _labels_itself(rows: Sequence[Row]) -> bool:
    """Whether the cells are labelled facts, side by side for want of room."""
    cells = [cell for row in rows for cell in row.cells if cell]
    return sum(map(states_a_fact, cells)) * 2 > len(cells)
