"""Printed pages into a page's text and blocks: headings by their looks, paragraphs across lines and pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from .cleaning import PageBuilder, one_line
from .documents import BlockKind
from .grids import Added, Row, add_table
from .headings import (
    can_be_heading,
    depth_of,
    is_in_capitals,
    is_marked_heading,
    is_numbered_section,
    states_a_fact,
)
from .layout import flows
from .lines import Line, Piece, Rule, Segment, Table, Word, is_mark, joined, lines_of
from .plaintext import Page, bullet_of, kind_of_mark, title_of
from .values import ValueKind, kinds_of

# The lines that run along the edge of every page stand within this share of its height, at most so many.
_EDGE, _EDGE_LINES = 0.18, 4
# They stand at the same height, in points, on at least this share of the pages.
_SAME_HEIGHT, _RUNNING_SHARE = 8.0, 0.4
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.|seite|pagina|página|strona|s\.|sida|side)?\s*[-–—|]*\s*(?:\d{1,4}|[ivxlc]{1,6})\s*[-–—|]*"
    r"(?:\s*(?:of|/|von|van|de|sur|av|z)\s*\d{1,4})?",
    re.I,
)
_CONTACT = frozenset({ValueKind.EMAIL, ValueKind.PHONE})
# Between lines of a paragraph the pitch, in sizes, differs by less than this.
_PITCH, _LOOSER = 1.2, 0.32
# A line's style differs from another's by its weight or by so many points.
_OTHER_SIZE = 0.6
# A heading's letters are larger than the text's by this share and by so many points; what is larger by
# much is one even where it looks like a fact ("Robotics: Master of Science").
_LARGER, _LARGER_POINTS, _TITLE = 1.07, 0.8, 1.3
_HEADING_LINES = 4
_INDENT = 0.6
# A paragraph of this many characters is what a line above it may name.
_TEXT_FROM = 55
_ENDS = (".", "!", "?", ":", ";")
_GLYPH_MARKS = {"\u00d8": "•", "\u00fc": "•", "\u00a7": "•", "\u2192": "•"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of paper: its words and rules, and its size in points."""

    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line or table, the number of its sheet and of its column, and the column's borders."""

    piece: Piece
    sheet: int
    column: int
    left: float
    right: float


_RULE = re.compile(r"\W{3,}")


@dataclass(slots=True)
class _Group:
    """Lines that make one block. ``adjoins`` says that it stands right under the one before."""

    lines: list[_Placed]
    adjoins: bool = False
    text: str = field(default="")
    mark: str = ""

    @property
    def first(self) -> Line:
        piece = self.lines[0].piece
        assert isinstance(piece, Line)  # noqa: S101 - groups hold lines alone
        return piece

    @property
    def last(self) -> Line:
        piece = self.lines[-1].piece
        assert isinstance(piece, Line)  # noqa: S101 - groups hold lines alone
        return piece

    @property
    def style(self) -> tuple[float, bool]:
        """The size of its letters, in half points, and whether they are bold."""
        return round(self.first.size * 2) / 2, self.first.is_bold


_Judge = Callable[[_Group, _Group | _Placed | None, _Group | _Placed | None], bool]


def read_sheets(sheets: Sequence[Sheet]) -> Page:
    """Return the page in these sheets, with the offsets at which the second and later ones begin.

    Headings are told by size, weight, capitals and numbering, in levels by their looks. What runs along the
    edges of the sheets and their numbers are dropped; a footer that tells how to reach someone stays once.
    """
    placed = _placed(_without_running_lines(sheets))
    reader = _Reader(placed, len(sheets))
    return reader.page()


def _without_running_lines(sheets: Sequence[Sheet]) -> list[Sheet]:
    edges = [_edge_lines(sheet) for sheet in sheets]
    counts: Counter[tuple[str, int]] = Counter()
    for lines in edges:
        counts.update(
            {(_key(each), place) for line in lines for each in line.segments for place in _places(line)}
        )
    least = max(2, _RUNNING_SHARE * len(sheets))
    kept_once: set[str] = set()
    found: list[Sheet] = []
    for sheet, lines in zip(sheets, edges, strict=True):
        dropped: set[int] = set()
        ended: set[bool] = set()  # at the top or the bottom, where the text has begun
        for line in lines:
            is_top = line.y < sheet.height / 2
            if is_top in ended:
                continue
            running = [
                each
                for each in line.segments
                if len(_key(each)) > 2 and max(counts[_key(each), place] for place in _places(line)) >= least
            ]
            others = [each for each in line.segments if each not in running]
            if others and all(map(_is_page_number, others)) and _is_outermost(line, sheet):
                running += others
            if not running:
                ended.add(is_top)
            for each in running:
                if kinds_of(each.text) & _CONTACT and _key(each) not in kept_once:
                    kept_once.add(_key(each))
                else:
                    dropped.update(map(id, each.words))
        found.append(replace(sheet, words=tuple(word for word in sheet.words if id(word) not in dropped)))
    # Where nothing is left, the edges were all there was: cards, slides, forms.
    is_bare = sum(not sheet.words for sheet in found) > sum(not sheet.words for sheet in sheets)
    return list(sheets) if is_bare else found


def _key(segment: Segment) -> str:
    """The text of a segment without its numbers, which count pages."""
    return re.sub(r"\d+", "#", segment.text.casefold())


def _is_page_number(segment: Segment) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(segment.text)) and any(map(str.isdigit, segment.text))


def _edge_lines(sheet: Sheet) -> list[Line]:
    """The lines at the top and the bottom of a sheet, from the edge inwards."""
    lines = lines_of(sheet.words)
    top = [line for line in lines[:_EDGE_LINES] if line.y < _EDGE * sheet.height]
    bottom = [line for line in lines[-_EDGE_LINES:] if line.y > (1 - _EDGE) * sheet.height]
    return list(dict.fromkeys([*top, *reversed(bottom)]))


def _places(line: Line) -> tuple[int, int]:
    """The two steps of a ladder that a height is near to: equal heights share one of them."""
    return int(line.y // _SAME_HEIGHT), int((line.y + _SAME_HEIGHT / 2) // _SAME_HEIGHT) + 100_000


def _is_outermost(line: Line, sheet: Sheet) -> bool:
    """Whether nothing stands between a line and the edge of the sheet."""
    if line.y < sheet.height / 2:
        return all(word.y >= line.y - word.size for word in sheet.words)
    return all(word.y <= line.y + word.size for word in sheet.words)


def _placed(sheets: Sequence[Sheet]) -> list[_Placed]:
    """Every line and table in the order in which they are read."""
    found: list[_Placed] = []
    column = 0
    for number, sheet in enumerate(sheets):
        for flow in flows(sheet.words, sheet.rules):
            pieces = [part for piece in flow for part in _parted(piece)]
            lines = [piece for piece in pieces if isinstance(piece, Line)]
            left = min((line.left for line in lines), default=0.0)
            right = max((line.right for line in lines), default=sheet.width)
            found += [_Placed(piece, number, column, left, right) for piece in pieces]
            column += 1
    return found


def _parted(piece: Piece) -> list[Piece]:
    """A line whose parts stand far from each other as one line each."""
    if isinstance(piece, Table):
        return [piece]
    parts: list[list[int]] = [[0]]
    for number, (before, after) in enumerate(pairwise(piece.segments), start=1):
        if after.left - before.right > 2.2 * piece.size:
            parts.append([])
        parts[-1].append(number)
    return [Line(tuple(piece.segments[number] for number in part)) for part in parts]


class _Reader:
    """Turns placed lines and tables into the blocks of one page."""

    def __init__(self, placed: Sequence[_Placed], sheets: int) -> None:
        self._placed = placed
        self._sheets = sheets
        lines = [each.piece for each in placed if isinstance(each.piece, Line)]
        self._body = _body_size(lines)
        self._pitch = self._usual_pitch()
        self._known = _vocabulary(lines)
        self._builder = PageBuilder()
        self._starts: list[tuple[int, int]] = []  # (block, code points into it) for each sheet but the first
        self._items: list[tuple[float, str, int]] = []  # (indent, mark, position)
        self._list = 0
        self._table: Added | None = None

    def page(self) -> Page:
        groups = self._groups()
        levels = self._levels(groups)
        sheet = 0
        for number, group in enumerate(groups):
            first = group.lines[0].sheet if isinstance(group, _Group) else group.sheet
            before = len(self._builder)
            if isinstance(group, _Group):
                self._add(group, levels.get(number, 0))
            elif isinstance(group.piece, Table):
                self._add_table(group.piece)
            if len(self._builder) > before:
                if first > sheet:
                    self._starts += [(before, 0)] * (first - sheet)
                    sheet = first
                if isinstance(group, _Group):
                    sheet = self._note_starts_within(group, before, sheet)
        text, blocks = self._builder.build()
        pages = [min(blocks[at].start + shift, blocks[at].end) for at, shift in self._starts]
        pages += [len(text)] * (self._sheets - 1 - len(pages))
        return Page(text, blocks, title_of(text, blocks), tuple(pages))

    def _note_starts_within(self, group: _Group, position: int, sheet: int) -> int:
        """Remember where in a block that runs over sheets each of them begins."""
        for number, (above, below) in enumerate(pairwise(group.lines), start=1):
            if below.sheet > max(above.sheet, sheet):
                head = self._text_of(group.lines[:number])
                shift = len(one_line(head[len(group.mark) :])) + 1
                self._starts += [(position, shift)] * (below.sheet - sheet)
                sheet = below.sheet
        return sheet

    def _groups(self) -> list[_Group | _Placed]:
        found: list[_Group | _Placed] = []
        for each in self._placed:
            last = found[-1] if found else None
            if not isinstance(each.piece, Line):
                found.append(each)
                continue
            if isinstance(last, _Group):
                if self._goes_on(last, each):
                    last.lines.append(each)
                    continue
                found.append(_Group([each], adjoins=self._adjoins(last.lines[-1], each)))
            else:
                found.append(_Group([each]))
        for group in found:
            if isinstance(group, _Group):
                group.text = self._text_of(group.lines)
                group.mark = _mark_of(group)
        return [group for group in found if isinstance(group, _Placed) or not _RULE.fullmatch(group.text)]

    def _text_of(self, lines: Sequence[_Placed]) -> str:
        return joined((each.piece.text for each in lines if isinstance(each.piece, Line)), self._known)

    def _goes_on(self, group: _Group, below: _Placed) -> bool:
        """Whether a line belongs to the block of the lines above it."""
        above, line, last = group.lines[-1], below.piece, group.last
        if not isinstance(line, Line) or _begins_item(line):
            return False
        if abs(line.size - last.size) > _OTHER_SIZE:
            return False
        is_small = line.text[:1].islower()
        if line.is_bold != last.is_bold and (
            last.text.endswith(_ENDS) or (not is_small and self._was_broken(above, below))
        ):
            return False
        if above.column != below.column:  # over a page's end, or from one column to the next
            # There a line ends its column, whose longest line tells how far lines reach.
            if last.text.endswith(_ENDS) or last.size > self._body + _OTHER_SIZE:
                return False
            is_full = last.right > above.right - 0.12 * (above.right - above.left)
            return is_small or (is_full and len(group.lines) > 1)
        if not self._is_close(last, line):
            return False
        if line.y - last.y < 0.5 * line.size:  # beside it
            return False
        if _begins_item(group.first):
            # A list item goes on where its text stands; without such an indent, while its lines are full.
            start = _text_left(group.first)
            if line.left < group.first.left - _INDENT * line.size:
                return False
            hangs = abs(line.left - start) < 1.2 * line.size
            return (hangs and (is_small or not self._was_broken(above, below))) or (
                not hangs and not self._was_broken(above, below)
            )
        if is_small and not last.text.endswith((".", "!", "?")):
            return True
        indents = line.left > last.left + _INDENT * line.size
        if indents and last.text.endswith(_ENDS):
            return False
        return not self._was_broken(above, below)

    def _was_broken(self, above: _Placed, below: _Placed) -> bool:
        """Whether the first word of a line had fitted into the one above: then its author broke the line."""
        line, last = below.piece, above.piece
        if not isinstance(line, Line) or not isinstance(last, Line):
            return True
        room = self._margin(above) - last.right
        is_centred = (
            last.left > above.left + 2 * last.size
            and abs((last.left - above.left) - (above.right - last.right)) < 2 * last.size
        )
        if is_centred:
            room += last.left - above.left
        first = line.words[0]
        return first.right - first.left + 0.6 * line.size < room

    def _margin(self, above: _Placed) -> float:
        """How far lines reach around here: as far as their column, less where several end before it."""
        nearby = self._nearby.get(id(above), ())
        reach = max((line.right for line in nearby), default=above.right)
        full = [line for line in nearby if line.right > reach - 3 * line.size]
        is_narrow = len(nearby) >= 5 and len(full) >= 0.6 * len(nearby)
        return reach if is_narrow else above.right

    def _adjoins(self, above: _Placed, below: _Placed) -> bool:
        """Whether no gap stands between two lines of one column."""
        if above.column != below.column or not isinstance(above.piece, Line):
            return False
        return isinstance(below.piece, Line) and self._is_close(above.piece, below.piece)

    def _is_close(self, above: Line, below: Line) -> bool:
        return below.y - above.y <= (self._pitch + _LOOSER) * max(above.size, below.size)

    def _usual_pitch(self) -> float:
        """The distance of lines in a paragraph, in sizes: the one that follows on full lines."""
        self._nearby: dict[int, tuple[Line, ...]] = {}
        found: list[float] = []
        run: list[_Placed] = []

        def close() -> None:
            lines = tuple(each.piece for each in run if isinstance(each.piece, Line))
            for number, each in enumerate(run):
                self._nearby[id(each)] = lines[max(number - 5, 0) : number + 6]
            run.clear()

        for above, below in pairwise(self._placed):
            a, b = above.piece, below.piece
            if above.column == below.column and isinstance(a, Line) and isinstance(b, Line):
                step = (b.y - a.y) / max(a.size, b.size)
                is_full = a.right > above.right - 0.1 * (above.right - above.left)
                if is_full and 0.8 < step < 2.6 and abs(a.size - b.size) < _OTHER_SIZE:
                    found.append(step)
        usual = median(found) if len(found) >= 3 else _PITCH
        for each in self._placed:
            line = each.piece
            if run and isinstance(line, Line) and isinstance(run[-1].piece, Line):
                gap = line.y - run[-1].piece.y
                if run[-1].column == each.column and gap <= (usual + _LOOSER) * line.size:
                    run.append(each)
                    continue
            close()
            if isinstance(line, Line):
                run.append(each)
        close()
        return usual

    def _levels(self, groups: Sequence[_Group | _Placed]) -> dict[int, int]:
        """The levels of the headings among ``groups``, by position."""
        found = self._headings(groups, self._is_heading)
        if len(found) < self._sheets:  # an author who sets nothing apart but by gaps
            found = dict(sorted((found | self._headings(groups, self._is_plain_heading)).items()))
        styles = sorted(
            {_rank(group) for group in found.values()},
            key=lambda rank: (-rank[0], not rank[1], not rank[2]),
        )
        levels: dict[int, int] = {}
        for number, group in found.items():
            level = styles.index(_rank(group)) + 1
            levels[number] = min(level + depth_of(group.text), 6)
        return levels

    def _headings(self, groups: Sequence[_Group | _Placed], is_heading: _Judge) -> dict[int, _Group]:
        found: dict[int, _Group] = {}
        for number, group in enumerate(groups):
            if isinstance(group, _Group):
                above = groups[number - 1] if number else None
                below = groups[number + 1] if number + 1 < len(groups) else None
                if is_heading(group, above, below):
                    found[number] = group
        return found

    def _is_plain_heading(
        self, group: _Group, above: _Group | _Placed | None, below: _Group | _Placed | None
    ) -> bool:
        """Whether a short line in the style of the text stands apart over what it names."""
        if group.adjoins or group.mark or len(group.lines) > 1 or not can_be_heading(group.text):
            return False
        if not is_marked_heading(group.text) or group.text.endswith(":") or not isinstance(below, _Group):
            return False
        return bool(below.mark) or len(below.text) > _TEXT_FROM

    def _is_heading(
        self, group: _Group, above: _Group | _Placed | None, below: _Group | _Placed | None
    ) -> bool:
        text = group.text
        if below is None or len(group.lines) > _HEADING_LINES or not can_be_heading(text):
            return False
        is_numbered = is_numbered_section(text)
        if group.mark and not is_numbered:
            return False
        size, is_bold = group.style
        if size >= max(self._body * _LARGER, self._body + _LARGER_POINTS):
            return above is None or not states_a_fact(text) or size >= _TITLE * self._body
        if size < self._body - _OTHER_SIZE:
            return False
        if is_bold or is_in_capitals(text):
            return is_marked_heading(text) and not self._is_one_of_many(group, above, below)
        if group.adjoins or text.endswith((":", ".")) or not is_numbered or not is_marked_heading(text):
            return False
        is_listed = isinstance(below, _Group) and bool(below.mark) and is_numbered_section(below.text)
        return not is_listed and not (isinstance(above, _Group) and bool(above.mark) and bool(group.mark))

    def _is_one_of_many(self, group: _Group, above: _Group | _Placed | None, below: _Group | _Placed) -> bool:
        """Whether lines of one looks stand together: then they are not headings of each other."""
        with_below = isinstance(below, _Group) and below.adjoins and _rank(below) == _rank(group)
        with_above = isinstance(above, _Group) and group.adjoins and _rank(above) == _rank(group)
        return with_above or (with_below and above is not None)

    def _add(self, group: _Group, level: int) -> None:
        self._table = None
        if level:
            self._items, self._list = [], 0
            self._builder.add(BlockKind.HEADING, group.text, level=level)
            return
        left, size = group.first.left, group.first.size
        if group.mark:
            kind = kind_of_mark(group.mark.strip())
            while self._items and left < self._items[-1][0] - _INDENT * size:
                self._items.pop()
            if self._items and left <= self._items[-1][0] + _INDENT * size:
                self._items.pop()
            if not self._items:
                self._list = self._list or self._builder.new_group()
            depth = len(self._items) + 1
            position = self._builder.add(
                BlockKind.ITEM,
                group.text[len(group.mark) :],
                level=depth,
                parent=self._items[-1][2] if self._items else -1,
                group=self._list if depth == 1 else 0,
            )
            if position >= 0:
                self._items.append((left, kind, position))
            return
        while self._items and left <= self._items[-1][0] + _INDENT * size:
            self._items.pop()
        if not self._items:
            self._list = 0
        self._builder.add(
            BlockKind.PARAGRAPH,
            group.text,
            parent=self._items[-1][2] if self._items else -1,
            adjoins=group.adjoins,
        )

    def _add_table(self, table: Table) -> None:
        self._items, self._list = [], 0
        rows = [Row(*row) for row in zip(table.rows, table.widths, strict=True)]
        self._table = add_table(self._builder, rows, marked=int(table.bold_head), above=self._table)


def _rank(group: _Group) -> tuple[float, bool, bool]:
    size, is_bold = group.style
    return size, is_bold, group.text.isupper()


def _body_size(lines: Sequence[Line]) -> float:
    """The size of most of the letters."""
    counts: Counter[float] = Counter()
    for line in lines:
        counts[round(line.size * 2) / 2] += len(line.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def _vocabulary(lines: Sequence[Line]) -> frozenset[str]:
    """The words, with their hyphens, that stand whole within lines."""
    return frozenset(
        word.lower()
        for line in lines
        for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*(?=[\s.,;:!?)]|$)", line.text)
    )


def _begins_item(line: Line) -> bool:
    first, *others = line.words
    if not others:
        return False
    if is_mark(first.text) or first.text in _GLYPH_MARKS:
        if first.text in {"o", *_GLYPH_MARKS} and others[0].left - first.right < 0.45 * line.size:
            return False
        return bullet_of(_with_bullet(line.text)) is not None
    return len(first.text) > 1 and first.text[0] in "•◦▪‣●○■➢➤✓"


def _with_bullet(text: str) -> str:
    """A line that begins with a mark, whose glyph may be a letter of a font of signs, with a bullet."""
    first, _, rest = text.partition(" ")
    is_glyph = len(first) == 1 and (is_mark(first) or first in _GLYPH_MARKS) and not first.isdigit()
    return f"• {rest}" if is_glyph else text


def _text_left(line: Line) -> float:
    """Where the text of an item begins, behind its bullet."""
    return line.words[1].left if is_mark(line.words[0].text) and len(line.words) > 1 else line.words[0].left


def _mark_of(group: _Group) -> str:
    """The bullet or number that begins a group, with the blanks behind it; "" for none."""
    if not _begins_item(group.first):
        return ""
    first = group.first.words[0].text
    if is_mark(first) or first in _GLYPH_MARKS:
        return group.text[: len(first) + 1]
    return first[0]
