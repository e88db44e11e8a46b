"""Tables of HTML pages: which rows name columns, which name the rows under them, and which only place things.

Authors mark little of it, and often wrongly: the same fee table comes with ``th`` and ``scope``, with bold
cells, or with nothing but its values to tell the header by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from .audiences import names_a_group
from .labelled import by_colon
from .markup import HEADINGS, Element, is_bold, pieces_of, text_of
from .values import ValueKind, is_bare_value, is_empty_value, kinds_of, names_columns

_LAYOUT_TAGS = ("table", "section", "article", "dl", "details", *HEADINGS)
# A table of two rows or fewer whose cells are so long, in words, puts texts side by side.
_SIDE_BY_SIDE_ROWS, _SIDE_BY_SIDE_WORDS = 2, 60
_WAYS = frozenset({ValueKind.EMAIL, ValueKind.PHONE})
_STATED = frozenset(ValueKind) - {ValueKind.NUMBER}
# Words of a line over the whole width that names the rows under it; a longer one is a note.
_PART_WORDS = 12
_MOST_COLUMNS = 50
_MOST_CELLS = 200_000


class RowRole(StrEnum):
    """What a row does in its table."""

    COLUMNS = "columns"
    """It names the columns."""
    PART = "part"
    """It names the rows under it."""
    NOTE = "note"
    """It says something over the whole width."""
    DATA = "data"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as it is read: the text of each cell, and how many columns the cell covers.

    ``named_by`` is the position, among the rows, of the one that names its columns or its part of the table,
    -1 for none. ``names`` is the number of cells, from the left, that name the row.
    """

    texts: tuple[str, ...]
    widths: tuple[int, ...]
    role: RowRole
    named_by: int = -1
    names: int = 1


@dataclass(frozen=True, slots=True)
class _Line:
    """A ``tr``: its own cells, and the texts it shows with those that reach down from above."""

    element: Element
    cells: tuple[Element, ...]
    texts: tuple[str, ...]
    widths: tuple[int, ...]
    reached: int = 0
    """How many cells, from the left, reach down to it or from it."""

    @property
    def is_wide(self) -> bool:
        """Whether one cell covers the whole line."""
        return len(self.texts) == 1


def cells_of(table: Element) -> list[list[Element]]:
    """Return the cells of a table's own rows, top to bottom, without those of a table in one of its cells."""
    return [[cell for cell in row if cell.tag in {"td", "th"}] for row in _rows(table)]


def is_layout(table: Element) -> bool:
    """Whether a table only places things on the page: one column, or whole parts of a page in its cells."""
    rows = cells_of(table)
    if table.get("role") in {"presentation", "none"} or all(len(cells) <= 1 for cells in rows):
        return True
    is_marked = any(table.find(f".//{tag}") is not None for tag in ("th", "thead", "caption"))
    if is_marked and table.find(".//table") is None:
        return False
    cells = [cell for row in rows for cell in row]
    if any(_is_card(cell) or _holds_a_part_of_a_page(cell) for cell in cells):
        return True
    if len(rows) > _SIDE_BY_SIDE_ROWS:
        return False
    return any(len(cell.text_content().split()) > _SIDE_BY_SIDE_WORDS for cell in cells)


def caption_of(table: Element) -> str:
    """Return the text of a table's caption, "" without one."""
    caption = table.find("caption")
    return text_of(caption) if caption is not None else ""


def read_table(table: Element) -> list[TableRow]:
    """Return the rows of a table that is no layout, in order; rows without any text are left out."""
    lines = _lines(table)
    columns = max((sum(line.widths) for line in lines), default=0)
    names = _names_of_rows(lines)
    found: list[TableRow] = []
    is_top = True
    columns_row = part_row = -1
    caption = caption_of(table)
    if caption and _can_name_a_part(caption) and lines:
        part_row = 0
        found.append(TableRow((caption,), (max(columns, 1),), RowRole.PART))
    elif caption:
        found.append(TableRow((caption,), (max(columns, 1),), RowRole.NOTE))
    first = next((n for n, line in enumerate(lines) if not line.is_wide), len(lines))
    for number, line in enumerate(lines):
        row = TableRow(line.texts, line.widths, RowRole.DATA, names=names)
        below = lines[number + 1 :]
        if _names_a_part(line, below, columns):
            # A part ends where the next one begins; the columns stay named as they were.
            part_row = len(found)
            found.append(
                TableRow((_only_text(line),), (max(columns, 1),), RowRole.PART, named_by=columns_row)
            )
            continue
        if line.is_wide and columns > 1:
            found.append(replace(row, role=RowRole.NOTE))
            continue
        is_named = columns_row >= 0 and found[columns_row].role is RowRole.COLUMNS
        is_top = is_top and (
            _is_header(lines, number, is_first=number == first)
            or (is_named and number == first + 1 and _parts_the_header(lines[first], line.texts))
        )
        is_anew = not is_top and _names_anew(line, is_last=not below)
        if is_top or is_anew:
            # A row that names the columns anew knows nothing of the header above, but all of its part.
            above = part_row if is_anew or columns_row < 0 else columns_row
            columns_row = len(found)
            found.append(replace(row, role=RowRole.COLUMNS, named_by=above))
            part_row = -1
            continue
        found.append(replace(row, named_by=part_row if part_row >= 0 else columns_row))
    return found


def _rows(table: Element) -> list[Element]:
    """The rows that are the table's own; a foot stands last on the page wherever the source has it."""
    own = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
    return sorted(own, key=lambda row: (parent := row.getparent()) is not None and parent.tag == "tfoot")


def _lines(table: Element) -> list[_Line]:
    lines: list[_Line] = []
    above: list[tuple[int, str]] = []
    cells_left = _MOST_CELLS
    for row, cells in zip(_rows(table), cells_of(table), strict=True):
        texts, widths, above, reached = _spread(cells, above)
        cells_left -= len(texts)
        if any(texts) and cells_left > 0:
            lines.append(_Line(row, tuple(cells), tuple(texts), tuple(widths), reached))
    return lines


def _spread(
    cells: Sequence[Element], above: list[tuple[int, str]]
) -> tuple[list[str], list[int], list[tuple[int, str]], int]:
    """The texts of a row and the columns each covers; a cell that reaches down stands in each row.

    ``above`` and the third value returned say, for each column, how many more rows the cell covers, and its
    text; the fourth is the number of first cells that cover more than one row.
    """
    texts: list[str] = []
    widths: list[int] = []
    below: list[tuple[int, str]] = []
    reaching: list[bool] = []

    def take_from_above() -> None:
        while len(below) < len(above) and above[len(below)][0] > 0:
            left, text = above[len(below)]
            texts.append(text)
            widths.append(1)
            reaching.append(True)
            below.append((left - 1, text))

    for cell in cells:
        take_from_above()
        text, width, height = _cell_text(cell), _span(cell, "colspan"), _span(cell, "rowspan")
        texts.append(text)
        widths.append(width)
        reaching.append(height > 1)
        below += [(height - 1, text)] * width
    take_from_above()
    return texts, widths, below, next((n for n, reaches in enumerate(reaching) if not reaches), len(reaching))


def _span(cell: Element, name: str) -> int:
    written = (cell.get(name) or "1").strip()
    is_number = written.isascii() and written.isdigit() and len(written) < 5
    return min(max(int(written), 1), _MOST_COLUMNS) if is_number else 1


def _cell_text(cell: Element) -> str:
    """The text of a cell, the items of a list in it set off from each other."""
    if cell.find(".//li") is None:
        return text_of(cell)
    pieces = pieces_of(cell)
    joined = [piece if piece[-1] in ".,;:!?" else f"{piece};" for piece in pieces[:-1]]
    return " ".join([*joined, *pieces[-1:]])


def _is_card(cell: Element) -> bool:
    """Whether a cell is a visiting card: lines of which one is an address or a number to reach someone by."""
    pieces = pieces_of(cell)
    return len(pieces) > 2 and any(is_bare_value(piece) and kinds_of(piece) & _WAYS for piece in pieces)


def _holds_a_part_of_a_page(cell: Element) -> bool:
    """Whether a cell holds more than a cell does: a table, a heading with something under it, paragraphs."""
    for tag in _LAYOUT_TAGS:
        inner = cell.find(f".//{tag}")
        if inner is not None and (tag not in HEADINGS or text_of(inner) != text_of(cell)):
            return True
    return len(cell.findall(".//div/p")) > 1


def _only_text(line: _Line) -> str:
    return next(text for text in line.texts if text)


def _names_a_part(line: _Line, below: Sequence[_Line], columns: int) -> bool:
    """Whether a line names the rows under it: its only text is short, no sentence and no fact of its own.

    One that leaves its other cells empty does so only if it is marked or values follow: in a grid of marks
    an empty cell says no.
    """
    if columns < 2 or not below or sum(map(bool, line.texts)) != 1:
        return False
    text = _only_text(line)
    if not _can_name_a_part(text):
        return False
    following = below[0]
    if line.is_wide:
        return not _is_note(following) or (not following.is_wide)
    if not line.texts[0] or columns < 3 or is_empty_value(text):
        return False
    own = next((cell for cell in line.cells if text_of(cell)), None)
    is_marked = text.endswith(":") or (own is not None and (own.tag == "th" or is_bold(own)))
    is_followed = sum(map(bool, following.texts)) > 1
    return is_followed and (is_marked or any(kinds_of(cell) & _STATED for cell in following.texts[1:]))


def _can_name_a_part(text: str) -> bool:
    labelled = by_colon(text)
    if len(text.split()) > _PART_WORDS or text[-1] in ".!?;," or not text[0].isalnum():
        return False
    states = (
        is_bare_value(text, other_words=0)
        or (labelled is not None and labelled.value)
        or kinds_of(text) & _WAYS
    )
    return not states


def _is_note(line: _Line) -> bool:
    return line.is_wide and line.texts[0][-1:] in ".!?"


def _is_header(lines: Sequence[_Line], number: int, *, is_first: bool) -> bool:
    """Whether a row names the columns: in a thead, all th or bold, or the only one without values."""
    line = lines[number]
    cells = line.cells
    if len(line.texts) < 2 or not cells:
        return False
    parent = line.element.getparent()
    if parent is not None and parent.tag == "thead":
        return True
    # The corner over the cells that name the rows is often a plain cell.
    if all(cell.tag == "th" for cell in cells) or (
        len(cells) > 2 and all(cell.tag == "th" for cell in cells[1:]) and not kinds_of(line.texts[0])
    ):
        return not all(cell.get("scope") in {"row", "rowgroup"} for cell in cells)
    rows = [other for other in lines if not other.is_wide]
    if not is_first or len(rows) < 2 or any(_in_thead(other) for other in lines):
        return False
    texts = list(line.texts)
    if any(kinds_of(text) for text in texts) or not all(texts[1:]):
        return False
    if all(is_bold(cell) for cell in cells if text_of(cell)):
        return True
    marked = [other for other in rows if any(cell.tag == "th" for cell in other.cells)]
    if marked and (len(texts) < 3 or not all(_is_named_by_th(other) for other in rows)):
        return False
    return names_columns([texts, *(list(other.texts) for other in rows if other is not line)])


def _in_thead(line: _Line) -> bool:
    parent = line.element.getparent()
    return parent is not None and parent.tag == "thead"


def _is_named_by_th(line: _Line) -> bool:
    """Whether the first cell of a row is its only header."""
    return bool(line.cells) and [cell.tag for cell in line.cells[:2]] in (["th"], ["th", "td"])


def _parts_the_header(above: _Line, texts: Sequence[str]) -> bool:
    """Whether the second row names the parts of the columns in the first ("4 weeks" under "Session I")."""
    is_parted = any(width > 1 for width in above.widths[1:])
    return is_parted and len(texts) > 2 and (not texts[0] or texts[0] == above.texts[0]) and all(texts[1:])


def _names_anew(line: _Line, *, is_last: bool) -> bool:
    """Whether a row further down names the columns again: marked as a header, or the groups that pay."""
    texts = line.texts
    if is_last or len(texts) < 3 or not all(texts[1:]) or any(kinds_of(text) for text in texts):
        return False
    is_marked = all(cell.tag == "th" or is_bold(cell) for cell in line.cells if text_of(cell))
    return is_marked or all(names_a_group(text) for text in texts[1:])


def _names_of_rows(lines: Sequence[_Line]) -> int:
    """How many cells, from the left, name a row: those marked so, else those behind a cell over many rows.

    The one that stands behind "Autumn", which covers three rows, tells these rows apart ("Apply", "Pay").
    """
    data = [line for line in lines if not line.is_wide and not all(cell.tag == "th" for cell in line.cells)]
    data = [line for line in data if not _in_thead(line)]
    if not data:
        return 1
    marked = [line for line in data if line.cells and line.cells[0].tag == "th"]
    leading = min((_leading_headers(line) for line in marked), default=0)
    if leading > 1:
        return leading
    reached = min(max((line.reached for line in data), default=0), max(len(line.texts) for line in data) - 2)
    if reached < 1:
        return 1
    behind = [line.texts[reached] for line in data if len(line.texts) > reached]
    return reached + 1 if behind and not any(map(is_bare_value, behind)) and all(behind) else 1


def _leading_headers(line: _Line) -> int:
    return next((n for n, cell in enumerate(line.cells) if cell.tag != "th"), len(line.cells))
