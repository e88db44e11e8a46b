"""Plain text as people copy it out of a browser: headings, lists and labelled values told by their shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from .cleaning import PageBuilder, clean, one_line
from .documents import Block, BlockKind
from .money import AMOUNT
from .navigation import is_breadcrumb, is_call_to_action, is_furniture, last_crumb, remarks
from .values import DATE, PHONE, is_bare_value, is_contact_field, kinds_of, names_columns

_BULLET = re.compile(
    r"^(?P<indent>\s*)(?P<mark>[•◦▪‣·●○■–*+-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?P<text>\S.*)$"
)
_RULE = re.compile(r"^\W*$")
_LONE_BULLET = re.compile(r"^\s*(?:[•◦▪‣·●○■]|\d{1,2}[.)])$")
# A dash alone under a line is a value that is missing; three of them rule the page.
_LONE_DASH = re.compile(r"^\s*(?:[-–—]{1,2}|…|\.{3}|\?)$")
_APART = re.compile(r"\s{2,}|\s[|·•]\s")
# A line of this length that ends without a full stop was cut by the width of the window, not by its author;
# a longer one was never cut, so nothing continues it.
_WRAP_WIDTH = 55
_WRAP_WIDTH_MOST = 100
# Names and values under each other, as a table leaves them that lost its columns: at least so many rows.
_LEDGER = re.compile(
    r"(?P<name>[^\W\d_][^:.\t]{1,58}?(?<! of)(?<! to)(?<! than)(?<! about)(?<! the))\s+"
    r"(?P<value>\d{1,3}(?:\.\d+)?\s?%|[€$£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:points|pts|EUR|USD|€))"
)
_LEDGER_ROWS = 3
_LONE_NUMBER = re.compile(r"\s*\d{1,3}\s*")
# A printed page has more lines than this.
_LEAST_LINES = 4
# A title stands among so many blocks and has so many words.
_OPENING, _TITLE_WORDS = 3, 16
# Rows longer than this no window wraps (see _WRAP_WIDTH_MOST).
_PARAGRAPH = 100
_TOP_LINES = 8
# A line in capitals that ends in a colon is a heading from so many characters on ("NOTE:" is none).
_CAPITALS = 5
_IN_BRACKETS = re.compile(r"\([^()]*\)")
# "Who can apply", "What you will learn": headings, though a verb stands in them.
_ASKING = re.compile(r"(?:who|what|how|when|where|why|which)\b", re.I)
_ASKING_WORDS = 8
_LABELLED = re.compile(r"[A-Z][^:.\n]{0,50}:(?:\s|$)")
_PARTICIPLE = re.compile(r"^[A-Z][a-z]+ed (?:by|on|in|at|for|with|from|to)\b")
_STATEMENT = re.compile(
    r"\b(?:is|are|was|were|will|has|have|can|must|may|should|does|do not)\b(?!.*\?$)", re.I
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader makes of a file: canonical text, blocks, and the title it found ("" for none).

    ``pages`` are the offsets at which the second and later sheets of paper begin, as in ``Document``.
    """

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    indent: int
    mark: str
    after_blank: bool
    before_blank: bool
    is_spread: bool = False
    """Whether wide gaps or bars part it into three pieces or more, as a site's row of links is."""
    cells: tuple[str, ...] = ()
    """The cells of a row that was copied out of a table, tabs between them."""

    @property
    def is_item(self) -> bool:
        """Whether the line begins with a bullet or a number."""
        return bool(self.mark)


@dataclass(frozen=True, slots=True)
class _OpenItem:
    """An item that lines may still belong to, and its position among the blocks."""

    line: _Line
    position: int


def read_plain_text(raw: str) -> Page:
    """Return the page in ``raw``.

    Headings are short bare lines that stand apart; bullets and numbers start items; lines indented under an
    item belong to it. A site's skip links, breadcrumb and buttons are dropped; a remark in brackets inside
    the breadcrumb (an announcement) is kept as a paragraph, and the last crumb becomes the title.
    """
    lines, title, announcements = _without_navigation(_lines(clean(raw)))
    builder = PageBuilder()
    for announcement in announcements:
        builder.add(BlockKind.PARAGRAPH, announcement)
    items: list[_OpenItem] = []
    group = 0
    heading_above = False
    sub_heading = ""
    table, header = 0, -1
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else None
        if line.cells:
            opens = not table
            if opens:
                table, header = builder.new_group(), -1
            position = builder.add_row(line.cells, parent=header, group=table)
            if opens and _names_columns(lines, number):
                header = position
            items, group, heading_above = [], 0, False
            if following is None or len(following.cells) != len(line.cells):
                table = 0
            continue
        if line.is_item:
            while items and not _is_nested(line, items[-1]):
                items.pop()
            if not items:
                group = group or builder.new_group()
            parent = items[-1].position if items else -1
            level = len(items) + 1
            position = builder.add(
                BlockKind.ITEM, line.text, level=level, parent=parent, group=group if level == 1 else 0
            )
            items.append(_OpenItem(line, position))
            heading_above = False
            continue
        if _is_heading(line, following):
            items, group = [], 0
            is_sub = heading_above or _are_siblings(line.text, sub_heading)
            level = 1 if len(builder) == 0 else 3 if is_sub else 2
            builder.add(BlockKind.HEADING, line.text, level=level)
            heading_above = level == 2
            sub_heading = line.text if level == 3 else ""
            continue
        while items and line.indent <= items[-1].line.indent:
            items.pop()
        if not items:
            group = 0
        builder.add(
            BlockKind.PARAGRAPH,
            line.text,
            parent=items[-1].position if items else -1,
            adjoins=not line.after_blank,
        )
        heading_above = False
    text, blocks = builder.build()
    return Page(text, blocks, title or title_of(text, blocks))


def _lines(text: str) -> list[_Line]:
    rows = _rows(_with_tabs(_without_page_numbers(text.split("\n"))))
    joined: list[tuple[list[str], bool]] = []  # (rows of one line, stands after an empty line)
    blank, previous = True, ""
    for row in rows:
        above, previous = previous, row
        # A row longer than any window is a paragraph by itself, and so apart from what stands beside it.
        blank = blank or _is_paragraph(above) or _is_paragraph(row)
        if not row:
            blank = True
            continue
        if joined and not blank and (_continues(above, row) or _LONE_BULLET.match(above)):
            joined[-1][0].append(row.strip())
        else:
            joined.append(([row], blank))
        blank = False
    lines: list[_Line] = []
    for number, (pieces, after_blank) in enumerate(joined):
        before_blank = number + 1 == len(joined) or joined[number + 1][1]
        lines.append(_line(" ".join(pieces), after_blank, before_blank))
    return [line for line in lines if line.text]


def _is_paragraph(row: str) -> bool:
    """Whether a row is a whole paragraph, as programs write them that leave wrapping to the reader."""
    return len(row) > _PARAGRAPH and row.rstrip().endswith((".", "!", "?"))


def _without_page_numbers(raw: Sequence[str]) -> list[str]:
    """The rows without numbers that stand alone and count up one by one, as those of printed pages do."""
    alone = [number for number, row in enumerate(raw) if _LONE_NUMBER.fullmatch(row)]
    numbers = [int(raw[number]) for number in alone]
    counts = len(numbers) > 1 and all(after == before + 1 for before, after in pairwise(numbers))
    is_spread = all(after - before > _LEAST_LINES for before, after in pairwise(alone))
    if not counts or not is_spread:
        return list(raw)
    return [row for number, row in enumerate(raw) if number not in set(alone)]


def _with_tabs(raw: Sequence[str]) -> list[str]:
    """The rows, a tab before the value that ends each of several names under each other ("Exams 40 %")."""
    found = list(raw)
    ends = [_LEDGER.fullmatch(row.strip()) for row in raw]
    start = 0
    for number in range(len(raw) + 1):
        if number < len(raw) and ends[number]:
            continue
        if number - start >= _LEDGER_ROWS:
            found[start:number] = [f"{end['name']}\t{end['value']}" for end in ends[start:number] if end]
        start = number + 1
    return found


def _rows(raw: Sequence[str]) -> list[str]:
    """The rows of the text; tabs stay where they part cells: in two rows or more, equally many."""
    tabs = [row.count("\t") if "\t" in row.strip() else 0 for row in raw]
    rows: list[str] = []
    for number, row in enumerate(raw):
        beside = (tabs[number - 1] if number else 0, tabs[number + 1] if number + 1 < len(raw) else 0)
        if tabs[number] and tabs[number] in beside:
            rows.append(row)
        else:
            bare = row.expandtabs(4).rstrip()
            is_value = _LONE_DASH.match(bare) and _stands_last(raw, number)
            is_rule = _RULE.match(bare) and not _LONE_BULLET.match(bare)
            rows.append("" if is_rule and not is_value else bare)
    return rows


def _stands_last(raw: Sequence[str], number: int) -> bool:
    """Whether a row stands right under another one and above none."""
    below = raw[number + 1] if number + 1 < len(raw) else ""
    return number > 0 and bool(raw[number - 1].strip()) and not below.strip()


def _line(row: str, after_blank: bool, before_blank: bool) -> _Line:
    if "\t" in row:
        cells = tuple(one_line(cell) for cell in row.split("\t"))
        return _Line(" | ".join(cells), 0, "", after_blank, before_blank, cells=cells)
    bullet = bullet_of(row)
    body = bullet["text"] if bullet else row
    indent = len(bullet["indent"]) if bullet else len(row) - len(row.lstrip())
    mark = kind_of_mark(bullet["mark"]) if bullet else ""
    is_spread = len(_APART.split(row.strip(), maxsplit=3)) >= 3
    return _Line(one_line(body), indent, mark, after_blank, before_blank, is_spread)


def bullet_of(row: str) -> re.Match[str] | None:
    """The bullet or number that begins a row; "1. March 2026" and "+ 49 30 1234567" begin with none."""
    bullet = _BULLET.match(row)
    if bullet is None or DATE.match(row, bullet.start("mark")) or PHONE.match(row, bullet.start("mark")):
        return None
    return bullet


def _names_columns(lines: Sequence[_Line], number: int) -> bool:
    """Whether the row at ``number`` names the columns of the rows under it."""
    rows = [lines[number].cells]
    for line in islice(lines, number + 1, None):
        if len(line.cells) != len(rows[0]):
            break
        rows.append(line.cells)
    return names_columns(rows)


def kind_of_mark(mark: str) -> str:
    """The kind of a bullet: the bullet itself, "1" for numbers, "a" for letters."""
    kind = mark.strip("().")
    return "1" if kind.isdigit() else "a" if kind.isalpha() else mark


def _is_nested(line: _Line, above: _OpenItem) -> bool:
    """Whether an item stands inside the one above: deeper, and another bullet or announced by a colon.

    Depth alone says little: text copied from a browser comes with indents that no reader ever saw.
    """
    deeper = line.indent > above.line.indent
    return deeper and (line.mark != above.line.mark or above.line.text.endswith(":"))


def _continues(previous: str, row: str) -> bool:
    width = len(previous.strip())
    if _LABELLED.match(row.strip()):
        return False
    if "\t" in previous or "\t" in row or bullet_of(row):
        return False
    if not _WRAP_WIDTH <= width <= _WRAP_WIDTH_MOST or is_bare_value(row):
        return False
    if previous.rstrip().endswith((".", "!", "?", ":", ";")):
        # Hard-wrapped prose may end a line with its full stop; a line that starts small goes on.
        return row.strip()[:1].islower()
    return (row.strip()[:1].islower() or width >= _WRAP_WIDTH + 10) and not is_breadcrumb(previous)


def _without_navigation(lines: Sequence[_Line]) -> tuple[list[_Line], str, list[str]]:
    kept: list[_Line] = []
    title = ""
    announcements: list[str] = []
    dropped = False
    for number, line in enumerate(lines):
        at_top = number < _TOP_LINES and not line.is_item and not line.cells
        if at_top and is_breadcrumb(line.text):
            title = last_crumb(line.text)
            announcements += remarks(line.text)
            dropped = True
        elif _is_control(
            replace(line, after_blank=line.after_blank or dropped), at_top=at_top and not kept
        ) or (at_top and line.is_spread and _has_control(line)):
            dropped = True
            if kept:
                kept[-1] = replace(kept[-1], before_blank=True)
        else:
            kept.append(replace(line, after_blank=line.after_blank or dropped))
            dropped = False
    return kept, title, announcements


def _is_control(line: _Line, *, at_top: bool) -> bool:
    if is_furniture(line.text, at_top=at_top):
        # A single word right under another line may be the value of that label.
        return line.after_blank or line.is_item or at_top or len(line.text.split()) > 1
    return not line.is_item and is_call_to_action(line.text)


def _has_control(line: _Line) -> bool:
    """Whether one of the pieces of a spread line is a control and none states a value."""
    pieces = line.text.split()
    return any(is_furniture(piece, at_top=True) for piece in pieces) and not kinds_of(line.text)


def _are_siblings(heading: str, other: str) -> bool:
    """Whether two headings are parts of one thing: "Year 1" and "Year 2", "Autumn term" and "Spring term"."""
    one, two = (
        [w.casefold() for w in re.findall(r"[^\W\d_]+", _IN_BRACKETS.sub("", t))] for t in (heading, other)
    )
    return bool(one and two) and (one[0] == two[0] or one[-1] == two[-1])


def _is_heading(line: _Line, following: _Line | None) -> bool:
    text = line.text
    if following is None or line.cells or is_contact_field(text):
        return False
    names = _names_what_follows(text, following.text)
    if not line.after_blank and not (names and len(following.text) > _PARAGRAPH):
        return False
    asks = text.endswith("?") and "? " not in text
    if len(text) > (120 if asks else 90) or len(text.split()) > (20 if asks else 12):
        return False
    stands_out = asks or (text.isupper() and len(text.split()) > 1)
    if not (line.before_blank or following.is_item or len(following.text) > _WRAP_WIDTH or stands_out):
        return False
    if text[-1] in ".:;,!" and not names and not re.search(r"\b[A-Z]\w{0,3}\.(?:\w{1,3}\.)*$", text):
        return False
    if not re.search(r"[^\W\d_]{2}", text) or not (text[0].isupper() or text[0].isdigit()):
        return False
    bare = _IN_BRACKETS.sub("", text)  # "Autumn semester (starts 14 September)"
    if not bare.strip() or is_bare_value(bare) or AMOUNT.search(bare) or _PARTICIPLE.match(text):
        return False
    if _STATEMENT.search(text) and not (_ASKING.match(text) and len(text.split()) <= _ASKING_WORDS):
        return False
    return ": " not in text or text.endswith("?")


def _names_what_follows(text: str, following: str) -> bool:
    """Whether a line with a colon is a heading: in capitals, or capitalised over a whole paragraph."""
    if text[-1] != ":" or len(text) <= _CAPITALS:
        return False
    words = re.findall(r"[^\W\d_]{4,}", text)
    return text.isupper() or (len(following) > _PARAGRAPH and all(word[0].isupper() for word in words))


def title_of(text: str, blocks: Sequence[Block]) -> str:
    """The headings that open the page; without one there, its first line if that is short."""
    # A heading that ends in a colon names a section.
    opening = [block for block in blocks[:_OPENING] if block.kind is BlockKind.HEADING]
    if not blocks or any(text[block.end - 1] != ":" for block in opening):
        return _first_heading(text, blocks)
    first = text[blocks[0].start : blocks[0].end]
    is_name = blocks[0].kind is BlockKind.PARAGRAPH and len(first.split()) <= _TITLE_WORDS
    return first if is_name and first[-1] not in ".!?;:," else _first_heading(text, blocks)


def _first_heading(text: str, blocks: Sequence[Block]) -> str:
    """The headings that open the page, up to the first text: institution and topic stand apart there."""
    names: list[str] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            names.append(text[block.start : block.end])
        elif names:
            break
        if len(names) == 2:
            break
    if len(names) == 2 and (names[0] in names[1] or names[1] in names[0]):
        return max(names, key=len)
    return ": ".join(names)
