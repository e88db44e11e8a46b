"""The columns of a printed page, in the order in which they are read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from .aligned import with_aligned_tables
from .lines import Line, Piece, Rule, Table, Word, lines_of, segments_of
from .ruled import ruled_tables

# A gutter between columns of text is at least so wide, in sizes, and has so many lines on either side.
_GUTTER, _COLUMN_LINES = 0.6, 4
# and is itself no narrower than this, for numbers down a margin are no column.
_NARROWEST = 6.0
# Columns of running text: at least this share of the lines of each reach so much of its width, and each holds
# so many lines.
_FULL_SHARE, _FULL_WIDTH, _PROSE_LINES = 0.62, 0.8, 6
# Where fewer lines than this share have a neighbour at their own height, what stands side by side are columns
# and not the cells of rows.
_LEVEL_SHARE = 0.5
_DEEPEST_CUT = 6

Flow = tuple[Piece, ...]
"""The pieces of one column, from its top to its bottom."""


def flows(words: Sequence[Word], rules: Sequence[Rule] = ()) -> list[Flow]:
    """Return the columns of a page in the order in which they are read, tables among their lines."""
    tables, rest = ruled_tables(words, rules)
    pieces: list[Piece] = [*lines_of(rest), *tables]
    return [with_aligned_tables(flow) for flow in _cut(sorted(pieces, key=lambda piece: piece.y))]


def _cut(pieces: Sequence[Piece], depth: int = 0) -> list[Flow]:
    """Cut pieces at the widest gutter between columns of text, those above and below it in their turn."""
    if depth >= _DEEPEST_CUT or len(pieces) < _COLUMN_LINES:
        return [tuple(pieces)] if pieces else []
    found = _gutter(pieces)
    if found is None:
        return [tuple(pieces)]
    first, last, x = found
    left, right = _sides(pieces[first:last], x)
    return [flow for part in (pieces[:first], left, right, pieces[last:]) for flow in _cut(part, depth + 1)]


def _gutter(pieces: Sequence[Piece]) -> tuple[int, int, float] | None:
    """The first and the last position of the most pieces that stand to both sides of one gap, and its x."""
    best: tuple[int, int, float] | None = None
    for x in _gaps(pieces):
        start = 0
        for end in range(len(pieces) + 1):
            if end < len(pieces) and not _crosses(pieces[end], x):
                continue
            if (best is None or end - start > best[1] - best[0]) and _are_columns(pieces[start:end], x):
                best = (*_trimmed(pieces, start, end, x), x)
            start = end + 1
    return best


def _gaps(pieces: Sequence[Piece]) -> list[float]:
    """Places where a word begins after a gap in several lines: there a column may begin."""
    counts: dict[int, int] = {}
    for piece in pieces:
        if isinstance(piece, Line):
            for before, after in pairwise((None, *piece.words)):
                if after is not None and (before is None or after.left - before.right > _GUTTER * after.size):
                    counts[round(after.left / 3)] = counts.get(round(after.left / 3), 0) + 1
    likely = sorted(counts, key=lambda place: -counts[place])[:12]
    return [place * 3 - 3.0 for place in likely if counts[place] >= _COLUMN_LINES]


def _crosses(piece: Piece, x: float) -> bool:
    """Whether a piece stands on both sides of ``x`` without a gap there."""
    if isinstance(piece, Table):
        return piece.left < x < piece.right
    left = max((word.right for word in piece.words if word.left < x), default=None)
    right = min((word.left for word in piece.words if word.left >= x), default=None)
    if left is None or right is None:
        return left is not None and left > x
    return left > x or right - left < _GUTTER * piece.size


def _sides(pieces: Sequence[Piece], x: float) -> tuple[list[Piece], list[Piece]]:
    left: list[Piece] = []
    right: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Table):
            (left if piece.right <= x else right).append(piece)
            continue
        before = [word for word in piece.words if word.left < x]
        after = [word for word in piece.words if word.left >= x]
        left += [Line(tuple(segments_of(before)))] if before else []
        right += [Line(tuple(segments_of(after)))] if after else []
    return left, right


def _trimmed(pieces: Sequence[Piece], start: int, end: int, x: float) -> tuple[int, int]:
    """The range without those at its ends that stand on the left alone: they go before and after it."""

    def is_both(piece: Piece) -> bool:
        return piece.right > x

    while start < end and not is_both(pieces[start]):
        start += 1
    return start, end


def _are_columns(pieces: Sequence[Piece], x: float) -> bool:
    """Whether the pieces on both sides of ``x`` are read one side after the other."""
    left, right = _sides(pieces, x)
    sides = [[piece for piece in side if isinstance(piece, Line)] for side in (left, right)]
    if min(map(len, sides)) < _COLUMN_LINES:
        return False
    size = median(line.size for side in sides for line in side)
    ends = sorted(line.right for line in sides[0])
    # A word or two may stick out into the gutter.
    if min(line.left for line in sides[1]) - ends[int(0.9 * len(ends)) - 1] < _GUTTER * size:
        return False
    if any(
        max(line.right for line in side) - min(line.left for line in side) < _NARROWEST * size
        for side in sides
    ):
        return False
    few, many = sorted(sides, key=len)
    heights = sorted(line.y for line in many)
    level = sum(_is_near(heights, line.y, 0.2 * size) for line in few)
    if level < _LEVEL_SHARE * len(few):
        return True
    return len(few) >= _PROSE_LINES and all(map(_is_prose, sides))


def _is_near(sorted_values: Sequence[float], value: float, distance: float) -> bool:
    place = bisect_left(sorted_values, value - distance)
    return place < len(sorted_values) and sorted_values[place] <= value + distance


def _is_prose(lines: Sequence[Line]) -> bool:
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    full = sum(
        len(line.segments) == 1 and line.right - line.left >= _FULL_WIDTH * (right - left) for line in lines
    )
    return full >= _FULL_SHARE * len(lines)
