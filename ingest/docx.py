"""Word files (DOCX): headings by style and by looks, lists with their nesting, tables, notes, text boxes."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.exceptions import InvalidXmlError
from docx.oxml.ns import qn

from .cleaning import PageBuilder, clean, one_line
from .documents import BlockKind
from .grids import Row, add_table
from .headings import can_be_heading, is_in_capitals, is_marked_heading, states_a_fact
from .plaintext import Page, bullet_of, title_of
from .properties import Properties, sensible_day, sensible_title

# An archive is looked at before any of it is unpacked. Text packs to a twentieth; what packs to less than a
# 200th, and is large, was made to fill memories.
MAX_PARTS, MAX_UNPACKED, MAX_XML = 5_000, 160_000_000, 24_000_000
_RATIO, _RATIO_FROM = 200, 1_000_000
# Tables in tables deeper than this are read as the text they hold.
_DEEPEST = 8
_LONGEST_CELL = 900
# Points between paragraphs from which a reader sees a gap.
_GAP = 3.0
_LARGER, _TITLE = 1.12, 1.3
# A paragraph of fewer characters was not cut by the end of a page.
_CUT_FROM = 60
_HEADING_STYLE = re.compile(r"heading (\d)$|(title)$|(subtitle)$", re.I)
_BULLETS = frozenset({"bullet", "none"})
_SKIPPED = frozenset(
    map(qn, ("w:del", "w:moveFrom", "w:instrText", "w:delText", "w:pPr", "w:rPr", "w:fldData", "w:ruby"))
)
_FRAMES = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:smartTag", "w:customXml")))
_MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT, _TAB, _SYMBOL = qn("w:t"), qn("w:tab"), qn("w:sym")
_BREAKS = frozenset({qn("w:br"), qn("w:cr")})
_HYPHEN, _BOX = qn("w:noBreakHyphen"), qn("w:txbxContent")
_NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
_NOTE_PARTS = {"footnotes": RELATIONSHIP_TYPE.FOOTNOTES, "endnotes": RELATIONSHIP_TYPE.ENDNOTES}
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|-)")

Element = Any
"""An element of lxml with the classes of python-docx, which have no types of their own."""


class UnreadableDocx(Exception):
    """The file gives no text; the message is the reason, for people."""


def read_docx(path: Path) -> tuple[Page, Properties]:
    """Return the page in a DOCX file and what the file says of itself.

    Nothing that the file refers to is opened, and nothing in it is run.

    Raises:
        UnreadableDocx: it is damaged, protected, too large when unpacked, or no DOCX.
    """
    _check_archive(path)
    try:
        document = docx.Document(str(path))
        reader = _Reader(document)
        page = reader.page()
        return page, _properties(document, page)
    except (
        OpcError,
        InvalidXmlError,
        SyntaxError,  # what lxml raises is one
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        AttributeError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise UnreadableDocx(_reason(error)) from error
    except RecursionError as error:
        raise UnreadableDocx("its parts are nested too deeply") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError) and "content type" in str(error):
        if "macro" in str(error).lower():
            return "it is a Word file with macros; save it as DOCX without them"
        return "it is no Word document; save it as DOCX"
    return "it is damaged: its parts cannot be read"


def _check_archive(path: Path) -> None:
    """Refuse an archive by what its directory says of it, which is as much as will be unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableDocx("it is damaged: its archive cannot be opened") from error
    if len(parts) > MAX_PARTS:
        raise UnreadableDocx(f"it has {len(parts):,} parts, more than the {MAX_PARTS:,} allowed")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableDocx("it is protected by a password; save a copy without one")
    for part in parts:
        if part.file_size > _RATIO_FROM and part.file_size > _RATIO * max(part.compress_size, 1):
            raise UnreadableDocx(
                f"one of its parts unpacks to {part.file_size // max(part.compress_size, 1):,} times its size"
            )
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise UnreadableDocx(f"it unpacks to {unpacked:,} bytes, more than the {MAX_UNPACKED:,} allowed")
    markup = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    if markup > MAX_XML:
        raise UnreadableDocx(f"it unpacks to {markup:,} bytes of XML, more than the {MAX_XML:,} allowed")


@dataclass(frozen=True, slots=True)
class _Looks:
    """How a paragraph is set: its size in points, whether all of it is bold, the level it claims."""

    size: float
    is_bold: bool
    level: int = 0


@dataclass(slots=True)
class _Inline:
    """The text of a paragraph as it gathers, with the letters that are bold, the notes and boxes met."""

    parts: list[str] = field(default_factory=list)
    bold: int = 0
    letters: int = 0
    sizes: Counter[float] = field(default_factory=Counter)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


@dataclass(frozen=True, slots=True)
class _Item:
    """What a list says of one of its paragraphs: how deep it stands, and in which list."""

    depth: int
    list_id: str


class _Reader:
    """Walks over one document and lays its blocks out."""

    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._styles = {style.style_id: style.element for style in document.styles}
        self._defaults = document.styles.element.find(qn("w:docDefaults"))
        self._default_style = next(
            (
                key
                for key, style in self._styles.items()
                if style.get(qn("w:type")) == "paragraph"
                and style.get(qn("w:default")) in {"1", "true", "on"}
            ),
            "",
        )
        self._notes = {kind: self._notes_of(kind) for kind in _NOTE_PARTS}
        self._builder = PageBuilder()
        self._items: list[tuple[int, str, int]] = []  # (depth, list, position)
        self._group = 0
        self._gap = True  # whether a gap stands before the next paragraph
        self._body = self._body_size()
        self._tabbed: list[Sequence[str]] = []

    def page(self) -> Page:
        self._blocks(self._document.element.body, 0)
        self._end_tabbed()
        text, blocks = self._builder.build()
        return Page(text, blocks, title_of(text, blocks))

    def _blocks(self, parent: Element, depth: int) -> None:
        for element in parent:
            if element.tag == qn("w:p"):
                self._paragraph(element, depth)
            elif element.tag == qn("w:tbl"):
                self._table(element, depth)
            elif element.tag in _FRAMES and depth < _DEEPEST * 4:
                self._blocks(element, depth + 1)

    def _paragraph(self, element: Element, depth: int) -> None:
        inline = _Inline()
        self._gather(element, inline, _is_on(self._inherited(element, "w:b")), self._size_of(element), 0)
        text = clean(inline.text)
        space = self._spacing(element)
        if not text.strip():
            self._end_tabbed()
            self._gap = True
        elif self._is_tabbed(text):
            self._tabbed.append([one_line(cell) for cell in text.strip().split("\t")])
        else:
            self._end_tabbed()
            self._gap = self._gap or space[0] >= _GAP
            self._add(element, text, inline)
            self._gap = space[1] >= _GAP
        for kind, number in inline.notes:
            for note in self._notes[kind].get(number, ()):
                self._blocks(note, depth + 1)
        if depth < _DEEPEST:
            for box in inline.boxes:
                self._gap = True
                self._blocks(box, depth + 1)
                self._gap = True

    def _add(self, element: Element, text: str, inline: _Inline) -> None:
        looks = self._looks(element, inline)
        line = one_line(text)
        item = self._item_of(element)
        if item is None and self._was_cut_before(line):
            self._builder.go_on(line)
            return
        if self._is_heading(line, looks, is_item=item is not None):
            self._items, self._group = [], 0
            self._builder.add(BlockKind.HEADING, line, level=self._level(looks))
            return
        lines = [one for one in text.split("\n") if one.strip()]
        typed = bullet_of(lines[0].expandtabs(4).strip()) if item is None else None
        if item is None and typed is not None:
            item = _Item(1 + self._indent(element) // 360, f"typed {typed['mark']}")
            lines[0] = typed["text"]
        if item is not None:
            self._add_item(item, lines)
            return
        inside = -1
        if self._items and self._indent(element) > 0 and self._inherited(element, "w:ind") is not None:
            depth = self._items[-1][0]
            inside = self._items[-1][2] if self._indent(element) >= 300 * depth else -1
        if inside < 0:
            self._items, self._group = [], 0
        for number, one in enumerate(lines):
            adjoins = number > 0 or not self._gap
            self._builder.add(BlockKind.PARAGRAPH, one, parent=inside, adjoins=adjoins)

    def _was_cut_before(self, line: str) -> bool:
        """Whether a line goes on in a sentence: programs that make DOCX of PDF cut paragraphs."""
        above = self._builder.open_text
        return line[0].islower() and len(above) > _CUT_FROM and above[-1] not in ".!?:;"

    def _add_item(self, item: _Item, lines: Sequence[str]) -> None:
        while self._items and (
            self._items[-1][0] > item.depth
            or (self._items[-1][0] == item.depth)
            or (item.depth == 1 and self._items[-1][1] != item.list_id)
        ):
            self._items.pop()
        if not self._items:
            self._group = self._group or self._builder.new_group()
        level = len(self._items) + 1
        position = self._builder.add(
            BlockKind.ITEM,
            lines[0],
            level=level,
            parent=self._items[-1][2] if self._items else -1,
            group=self._group if level == 1 else 0,
        )
        if position < 0:
            return
        self._items.append((item.depth, item.list_id, position))
        for one in lines[1:]:
            self._builder.add(BlockKind.PARAGRAPH, one, parent=position)

    def _is_heading(self, line: str, looks: _Looks, *, is_item: bool) -> bool:
        if not can_be_heading(line):
            return False
        if looks.level:
            return self._is_title(looks) or not states_a_fact(line)
        if is_item:
            return False
        if looks.size >= _LARGER * self._body:
            return self._is_title(looks) or not states_a_fact(line)
        return (looks.is_bold or is_in_capitals(line)) and is_marked_heading(line) and "\t" not in line

    def _is_title(self, looks: _Looks) -> bool:
        """Whether a line is one even where it looks like a fact: "Robotics: Master of Science"."""
        return looks.size >= _TITLE * self._body or len(self._builder) == 0

    def _level(self, looks: _Looks) -> int:
        """The level that the style claims; of one that only looks like a heading, under those that do."""
        if looks.level:
            return looks.level
        if looks.size >= _TITLE * self._body:
            return 1 if len(self._builder) == 0 else 2
        return 3 if looks.size >= _LARGER * self._body else 4

    def _table(self, element: Element, depth: int) -> None:
        self._end_tabbed()
        self._items, self._group = [], 0
        rows = list(element.iterchildren(qn("w:tr")))
        cells_of = [list(self._cells(row)) for row in rows]
        # What has one column, or whole parts of a page in its cells, only places things.
        is_layout = all(len(cells) <= 1 for cells in cells_of) or any(
            len(self._cell_text(cell)) > _LONGEST_CELL for cells in cells_of for cell in cells
        )
        if is_layout and depth < _DEEPEST:
            for cell in (cell for cells in cells_of for cell in cells):
                self._gap = True
                self._blocks(cell, depth + 1)
            self._gap = True
            return
        above: dict[int, str] = {}
        found: list[Row] = []
        marked = 0
        for number, (row, cells) in enumerate(zip(rows, cells_of, strict=True)):
            texts: list[str] = []
            widths: list[int] = []
            column = self._skipped(row)
            texts += [""] * column
            widths += [1] * column
            for cell in cells:
                span = self._span(cell)
                text = self._cell_text(cell)
                if self._goes_on(cell):
                    text = above.get(column, text)
                above[column] = text
                texts.append(text)
                widths.append(span)
                column += span
            if texts:
                found.append(Row(tuple(texts), tuple(widths)))
            if marked == number and self._is_marked(row, cells):
                marked += 1
        add_table(self._builder, found, marked=marked if marked < len(found) else 0)
        self._gap = True

    def _cells(self, row: Element) -> Iterator[Element]:
        for child in row:
            if child.tag == qn("w:tc"):
                yield child
            elif child.tag == qn("w:sdt"):
                for content in child.iterchildren(qn("w:sdtContent")):
                    yield from self._cells(content)

    def _cell_text(self, cell: Element) -> str:
        """The paragraphs of a cell, items of a list in it set off from each other."""
        pieces: list[tuple[str, bool]] = []
        for paragraph in cell.iter(qn("w:p")):
            inline = _Inline()
            self._gather(paragraph, inline, False, 0.0, 0)
            text = one_line(inline.text)
            if text:
                pieces.append((text, self._item_of(paragraph) is not None))
        parts = [
            f"{text};" if is_item and text[-1] not in ".,;:!?" else text for text, is_item in pieces[:-1]
        ]
        return " ".join([*parts, *(text for text, _ in pieces[-1:])])

    def _skipped(self, row: Element) -> int:
        return _number(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), 0, 60)

    def _span(self, cell: Element) -> int:
        return max(_number(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"), 1, 60), 1)

    def _goes_on(self, cell: Element) -> bool:
        """Whether a cell is the lower part of one that began in a row above."""
        merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
        return merge is not None and merge.get(qn("w:val"), "continue") == "continue"

    def _is_marked(self, row: Element, cells: Sequence[Element]) -> bool:
        """Whether a row is a header by its own account, or bold from end to end."""
        header = row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}")
        if header is not None and _is_on(header):
            return True
        found = _Inline()
        for cell in cells:
            for paragraph in cell.iter(qn("w:p")):
                is_bold = _is_on(self._inherited(paragraph, "w:b"))
                self._gather(paragraph, found, is_bold, 0.0, 0)
        return found.letters > 0 and found.bold == found.letters

    def _gather(self, element: Element, inline: _Inline, is_bold: bool, size: float, depth: int) -> None:
        """Add the text of an element and those in it, without what is deleted, hidden or there twice."""
        if depth > 60:
            return
        for child in element:
            tag = child.tag
            if tag in _SKIPPED or tag == _MC_FALLBACK:
                continue
            if tag == qn("w:r"):
                properties = child.find(qn("w:rPr"))
                if properties is not None and _is_on(properties.find(qn("w:vanish"))):
                    continue
                bold = properties.find(qn("w:b")) if properties is not None else None
                own = properties.find(qn("w:sz")) if properties is not None else None
                self._gather(
                    child,
                    inline,
                    is_bold if bold is None else _is_on(bold),
                    size if own is None else _number(own, 0, 4_000) / 2,
                    depth + 1,
                )
            elif tag == _TEXT:
                text = child.text or ""
                inline.parts.append(text)
                letters = sum(map(str.isalnum, text))
                inline.letters += letters
                inline.bold += letters if is_bold else 0
                inline.sizes[size] += letters
            elif tag == _TAB:
                inline.parts.append("\t")
            elif tag in _BREAKS:
                inline.parts.append(
                    "\n" if child.get(qn("w:type"), "textWrapping") == "textWrapping" else " "
                )
            elif tag == _HYPHEN:
                inline.parts.append("-")
            elif tag == _SYMBOL:
                inline.parts.append("•" if not inline.text.strip() else " ")
            elif tag == _BOX:
                inline.boxes.append(child)
            elif tag in _NOTES:
                inline.notes.append((_NOTES[tag], child.get(qn("w:id"), "")))
            else:
                self._gather(child, inline, is_bold, size, depth + 1)

    def _notes_of(self, kind: str) -> dict[str, list[Element]]:
        """The notes at the foot or the end, by number."""
        for relation in self._document.part.rels.values():
            if relation.reltype == _NOTE_PARTS[kind] and not relation.is_external:
                root = parse_xml(relation.target_part.blob)
                return {
                    note.get(qn("w:id"), ""): [note]
                    for note in root
                    if note.get(qn("w:type"), "normal") == "normal"
                }
        return {}

    def _is_tabbed(self, text: str) -> bool:
        cells = text.strip().split("\t")
        return len(cells) > 1 and all(cell.strip() for cell in cells) and "\n" not in text.strip()

    def _end_tabbed(self) -> None:
        """Add the lines with tabs that have gathered: rows where they are equally many cells, else lines."""
        rows, self._tabbed = self._tabbed, []
        if len(rows) > 1 and len({len(row) for row in rows}) == 1:
            self._items, self._group = [], 0
            add_table(self._builder, [Row(tuple(row), (1,) * len(row)) for row in rows])
            self._gap = True
            return
        for row in rows:
            line = " ".join(row)
            bullet = bullet_of(line)
            if bullet is not None:
                self._add_item(_Item(1, f"typed {bullet['mark']}"), [bullet["text"]])
                continue
            self._items, self._group = [], 0
            self._builder.add(BlockKind.PARAGRAPH, line, adjoins=not self._gap)
            self._gap = False

    def _chain(self, element: Element) -> Iterator[Element]:
        """The properties of a paragraph, nearest first: its own, then those of its styles."""
        own = element.find(qn("w:pPr"))
        name = self._default_style
        if own is not None:
            yield own
            style = own.find(qn("w:pStyle"))
            name = style.get(qn("w:val"), name) if style is not None else name
        for _ in range(12):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            based = style.find(qn("w:basedOn"))
            if based is None:
                return
            name = based.get(qn("w:val"), "")

    def _inherited(self, element: Element, tag: str) -> Element | None:
        """The nearest setting of a paragraph; of its letters only where a style makes it."""
        group = "w:rPr" if tag in {"w:b", "w:sz"} else "w:pPr"
        for properties in self._chain(element):
            is_own = properties.tag == qn("w:pPr")
            if is_own and group == "w:rPr":
                continue
            found = properties.find(qn(tag)) if is_own else properties.find(f"{qn(group)}/{qn(tag)}")
            if found is not None:
                return found
        if self._defaults is None:
            return None
        return self._defaults.find(f"{qn(group + 'Default')}/{qn(group)}/{qn(tag)}")

    def _size_of(self, element: Element) -> float:
        return _number(self._inherited(element, "w:sz"), 20, 4_000) / 2

    def _body_size(self) -> float:
        """The size of most letters of the text."""
        sizes: Counter[float] = Counter()
        for paragraph in self._document.element.body.iter(qn("w:p")):
            inline = _Inline()
            self._gather(paragraph, inline, False, self._size_of(paragraph), 0)
            sizes.update(inline.sizes)
        return sizes.most_common(1)[0][0] if sizes else 11.0

    def _looks(self, element: Element, inline: _Inline) -> _Looks:
        size = inline.sizes.most_common(1)[0][0] if inline.sizes else self._body
        is_bold = inline.letters > 0 and inline.bold >= 0.9 * inline.letters
        return _Looks(size, is_bold, self._claimed_level(element))

    def _claimed_level(self, element: Element) -> int:
        """The level of a heading by its style or its outline, 0 for text."""
        for properties in self._chain(element):
            if properties.tag != qn("w:pPr"):
                name = properties.find(qn("w:name"))
                found = _HEADING_STYLE.match(name.get(qn("w:val"), "")) if name is not None else None
                if found:
                    return min(int(found[1] or (1 if found[2] else 2)), 6) or 1
                properties = properties.find(qn("w:pPr"))
            outline = properties.find(qn("w:outlineLvl")) if properties is not None else None
            if outline is not None:
                level = _number(outline, 9, 9)
                return min(level + 1, 6) if level < 9 else 0
        return 0

    def _item_of(self, element: Element) -> _Item | None:
        for properties in self._chain(element):
            group = properties if properties.tag == qn("w:pPr") else properties.find(qn("w:pPr"))
            number = group.find(qn("w:numPr")) if group is not None else None
            if number is not None:
                list_id = number.find(qn("w:numId"))
                name = list_id.get(qn("w:val"), "0") if list_id is not None else "1"
                if name == "0":
                    return None
                return _Item(_number(number.find(qn("w:ilvl")), 0, 8) + 1, name)
        return None

    def _indent(self, element: Element) -> int:
        """How far a paragraph is set in, in twentieths of a point."""
        found = self._inherited(element, "w:ind")
        if found is None:
            return 0
        value = found.get(qn("w:left"), found.get(qn("w:start"), "0"))
        return int(value) if re.fullmatch(r"\d{1,6}", value) else 0

    def _spacing(self, element: Element) -> tuple[float, float]:
        """The points above and under a paragraph."""
        found = [0.0, 0.0]
        for place, name in enumerate(("before", "after")):
            for properties in [*self._chain(element), self._defaults]:
                if properties is None:
                    continue
                path = {qn("w:pPr"): "", qn("w:docDefaults"): f"{qn('w:pPrDefault')}/{qn('w:pPr')}/"}.get(
                    properties.tag, f"{qn('w:pPr')}/"
                )
                spacing = properties.find(f"{path}{qn('w:spacing')}")
                value = spacing.get(qn(f"w:{name}")) if spacing is not None else None
                if value is not None:
                    found[place] = int(value) / 20 if re.fullmatch(r"\d{1,6}", value) else 0.0
                    break
        return found[0], found[1]


def _is_on(element: Element | None) -> bool:
    """Whether a switch is there and not set to off."""
    return element is not None and element.get(qn("w:val"), "1") not in {"0", "false", "off", "none"}


def _number(element: Element | None, default: int, most: int) -> int:
    """The value of a setting, ``default`` without one, no more than ``most``."""
    value = element.get(qn("w:val"), "") if element is not None else ""
    return min(int(value), most) if re.fullmatch(r"\d{1,6}", value) else default


def _properties(document: WordDocument, page: Page) -> Properties:
    core = document.core_properties
    try:
        modified: date | None = core.modified.date() if core.modified else None
    except (ValueError, OverflowError):
        modified = None
    return Properties(
        title=sensible_title(one_line(core.title or ""), page),
        modified_on=sensible_day(modified),
        language=_language(document),
    )


def _language(document: WordDocument) -> str:
    """The language that most runs of text are marked with, else that of the styles; "" for none."""
    counts: Counter[str] = Counter()
    for run in document.element.body.iter(qn("w:r")):
        marked = run.find(f"{qn('w:rPr')}/{qn('w:lang')}")
        if marked is not None:
            counts[marked.get(qn("w:val"), "")] += sum(len(text.text or "") for text in run.iter(_TEXT))
    default = document.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:lang')}")
    stated = default.get(qn("w:val"), "") if default is not None else ""
    letters = sum(len(text.text or "") for text in document.element.body.iter(_TEXT))
    most = counts.most_common(1)[0] if counts else ("", 0)
    found = _LANGUAGE.match((most[0] if most[1] * 2 > letters else stated).lower())
    return found.group() if found else ""
