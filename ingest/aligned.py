"""Tables without rules: lines whose parts stand under each other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .lines import LONGEST_CELL, Line, Piece, Table, Word, is_mark, joined, text_of

# Rows without rules are no further apart, in sizes.
_ROWS_APART = 3.2


def with_aligned_tables(flow: Sequence[Piece]) -> tuple[Piece, ...]:
    """The flow with runs of lines whose segments stand under each other as tables."""
    found: list[Piece] = []
    place = 0
    while place < len(flow):
        table, after = _aligned_table(flow, place)
        if table is None:
            found.append(flow[place])
            place += 1
        else:
            found.append(table)
            place = after
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Run:
    """Lines whose segments stand under each other, the borders between their columns, and where they end."""

    lines: tuple[Line, ...]
    borders: tuple[float, ...]
    end: int


def _aligned_table(flow: Sequence[Piece], first: int) -> tuple[Table | None, int]:
    """The table that begins at ``first`` and the position after it; None where none begins there.

    A name over the columns may cover several of them: then the rows under it say where columns part.
    """
    run = _run(flow, first)
    head = flow[first]
    if isinstance(head, Line) and len(head.segments) > 1 and first + 1 < len(flow):
        body = _run(flow, first + 1)
        if body is not None and (
            run is None or (body.end >= run.end and len(body.borders) > len(run.borders))
        ):
            step, pitch = body.lines[0].y - head.y, body.lines[1].y - body.lines[0].y
            if len(head.segments) <= len(body.borders) + 1 and step < 2.2 * pitch:
                return _table(body, head), body.end
    return (None, first) if run is None else (_table(run), run.end)


def _table(run: _Run, head: Line | None = None) -> Table:
    cells = _rows_of(run.lines, run.borders)
    widths = [[1] * len(row) for row in cells]
    lines = list(run.lines)
    if head is not None:
        names, covered = _names_over(head, run)
        cells, widths, lines = [names, *cells], [covered, *widths], [head, *lines]
    bold = [line.is_bold for line in lines]
    return Table(
        tuple(map(tuple, cells)),
        tuple(map(tuple, widths)),
        min(line.left for line in lines),
        max(line.right for line in lines),
        lines[0].y - lines[0].size,
        lines[-1].y,
        bold_head=bold[0] and not any(bold[1:]),
    )


def _names_over(head: Line, run: _Run) -> tuple[list[str], list[int]]:
    """The cells of a line over a table and the columns that each stands over; empty ones between them."""
    cells: list[str] = []
    widths: list[int] = []
    columns = len(run.borders) + 1
    taken = 0
    for segment in head.segments:
        start = bisect_right(run.borders, segment.left + 0.3 * segment.size)
        end = bisect_right(run.borders, segment.right - 0.3 * segment.size) + 1
        if end <= taken:
            cells[-1] = f"{cells[-1]} {segment.text}"
            continue
        start = max(start, taken)
        cells += [""] * (start - taken)
        widths += [1] * (start - taken)
        cells.append(segment.text)
        widths.append(end - start)
        taken = end
    return [*cells, *[""] * (columns - taken)], [*widths, *[1] * (columns - taken)]


def _run(flow: Sequence[Piece], first: int) -> _Run | None:
    """The rows that begin at ``first``, with the lines that go on in their cells; None for less than two."""
    lines: list[Line] = []
    gutters: list[tuple[float, float]] = []
    rows = kept = 0
    for piece in flow[first:]:
        if not isinstance(piece, Line) or (not lines and len(piece.segments) < 2):
            break
        if lines and piece.y - lines[-1].y > _ROWS_APART * piece.size:
            break
        if is_mark(piece.words[0].text) and len(piece.segments) < 2:
            break
        left = _common(gutters, piece) if lines else _gutters_of(piece)
        if not left or (len(piece.segments) == 1 and not _continues_a_cell(lines, piece, left)):
            break
        gutters = left
        lines.append(piece)
        if len(piece.segments) > 1:
            rows, kept = rows + 1, len(lines)
    if rows < 2:
        return None
    lines = lines[:kept]
    gutters = _gutters_of(lines[0])
    for line in lines[1:]:
        gutters = _common(gutters, line)
    end = first + kept
    # What wraps in the last row still belongs to it.
    while end < len(flow):
        piece = flow[end]
        if not isinstance(piece, Line) or not _hangs_under(piece, lines, gutters):
            break
        lines.append(piece)
        end += 1
    run = _Run(tuple(lines), tuple((start + stop) / 2 for start, stop in gutters), end)
    return run if _is_tabular(_rows_of(run.lines, run.borders)) else None


def _is_tabular(cells: Sequence[Sequence[str]]) -> bool:
    """Whether rows read as a table: two columns or more are filled in most rows, and no prose."""
    if len(cells) < 2 or len(cells[0]) < 2:
        return False
    filled = sum(sum(map(bool, row)) >= 2 for row in cells)
    longest = max(len(cell) for row in cells for cell in row)
    return filled * 2 > len(cells) and longest <= LONGEST_CELL


def _gutters_of(line: Line) -> list[tuple[float, float]]:
    return [(before.right, after.left) for before, after in pairwise(line.segments)]


def _common(gutters: Sequence[tuple[float, float]], line: Line) -> list[tuple[float, float]]:
    """What is left of the gutters where the words of ``line`` leave them free."""
    found: list[tuple[float, float]] = []
    for start, stop in gutters:
        free = [(start, stop)]
        for segment in line.segments:
            free = [
                part
                for a, b in free
                for part in ((a, min(b, segment.left)), (max(a, segment.right), b))
                if part[1] - part[0] > 0.35 * line.size
            ]
        if free:
            found.append(max(free, key=lambda part: part[1] - part[0]))
    return found


def _continues_a_cell(lines: Sequence[Line], line: Line, gutters: Sequence[tuple[float, float]]) -> bool:
    """Whether a line of one segment goes on in a cell of the rows above: in a column that begins there."""
    if line.y - lines[-1].y > 1.6 * line.size:
        return False
    starts = [segment.left for above in lines for segment in above.segments]
    return any(abs(line.left - start) < 0.4 * line.size for start in starts) and any(
        line.right <= start or line.left >= stop for start, stop in gutters
    )


def _hangs_under(line: Line, lines: Sequence[Line], gutters: Sequence[tuple[float, float]]) -> bool:
    """Whether a line goes on in a cell of the last row that is not its first."""
    if len(line.segments) > 1 or line.left < gutters[0][1] - 1:
        return False
    return _continues_a_cell(lines, line, gutters)


def _rows_of(lines: Sequence[Line], borders: Sequence[float]) -> list[list[str]]:
    """The cells of each row, lines that wrap joined with the row that they belong to."""
    parted = [_cells(line, borders) for line in lines]
    reach = [
        max((cell[-1].right for cell in column if cell), default=0.0) for column in zip(*parted, strict=True)
    ]
    starts = [
        min((cell[0].left for cell in column if cell), default=0.0) for column in zip(*parted, strict=True)
    ]
    # A column reaches as far as the next one lets it.
    reach = [*(start - 0.5 * lines[0].size for start in starts[1:]), reach[-1]]
    pitches = [below.y - above.y for above, below in pairwise(lines)]
    closest = min(pitches, default=0.0)
    rows: list[list[list[str]]] = []
    lowest: list[list[Word]] = []  # the last line of each cell of the last row
    for number, cells in enumerate(parted):
        is_close = number > 0 and pitches[number - 1] < 1.25 * closest
        if is_close and _wraps(cells, lowest, reach):
            for column, words in enumerate(cells):
                if words:
                    rows[-1][column].append(text_of(words))
                    lowest[column] = words
        else:
            rows.append([[text_of(words)] if words else [] for words in cells])
            lowest = list(cells)
    return [[joined(cell) for cell in row] for row in rows]


def _cells(line: Line, borders: Sequence[float]) -> list[list[Word]]:
    cells: list[list[Word]] = [[] for _ in range(len(borders) + 1)]
    for word in line.words:
        cells[bisect_right(borders, (word.left + word.right) / 2)].append(word)
    return cells


def _wraps(cells: Sequence[list[Word]], above: Sequence[list[Word]], reach: Sequence[float]) -> bool:
    """Whether cells go on from those above: not the first one, or that begins small, and there was no room.

    ``reach`` is how far the words of each column reach.
    """
    filled = [column for column, words in enumerate(cells) if words]
    if not filled or len(filled) == len(cells) or not all(above[column] for column in filled):
        return False
    if cells[0]:
        return cells[0][0].text[0].islower() or cells[0][0].text[0] == "("
    return all(
        above[column][-1].right + cells[column][0].right - cells[column][0].left + 0.3 * cells[column][0].size
        > reach[column]
        or cells[column][0].text[0].islower()
        for column in filled
    )
