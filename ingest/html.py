"""HTML and Markdown pages: what the page says, without the site around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .cleaning import PageBuilder, clean, one_line
from .content import content_of, prune
from .documents import Block, BlockKind
from .labelled import is_label
from .markup import BLOCK_TAGS, HEADINGS, Element, blank, gap, is_linked, names_of, pieces_of, text_of
from .navigation import is_call_to_action, is_furniture
from .page_head import Metadata, is_web_address, read_metadata
from .panels import heads_a_panel, take_tabs
from .plaintext import Page
from .tables import RowRole, caption_of, cells_of, is_layout, read_table
from .values import is_bare_value

__all__ = ["Metadata", "is_web_address", "read_html", "read_markdown"]

# Elements deeper than this are read as the text they hold: Python's stack is finite, and no page needs more.
_DEEPEST = 100
_LABEL_CLASS = re.compile(r"(?:^|[\s_-])(?:label|term|key|caption|name)s?(?:$|[\s_-])", re.I)
_VALUE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:values?|items?|data|content|text|definition|description|info)(?:$|[\s_-])", re.I
)
# A definition of so many paragraphs is a part of the page, and its term a heading.
_FEWEST_PARAGRAPHS = 2
_ANCHOR = re.compile(r"[^\s\"'<>]{1,100}")
_LETTER = re.compile(r"\w")
_LABELLED_LINE = re.compile(r"^[\s*_]{0,4}[^\W\d_][^:\n]{0,60}:[*_]{0,3}(?:\s|$)")
_BULLET = re.compile(r"^[•◦▪‣·●○■]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class _Note:
    """What a block is known by beside its text: see ``Block``."""

    anchor: str = ""
    is_link: bool = False
    names: int = 0


@dataclass(slots=True)
class _Walk:
    """The state of one walk over a page: the blocks so far and the inline text not yet put into one.

    ``tabs`` are the words of the page's tabs by the ids of the panels that they open; ``lowest`` is the level
    of the heading that opened the ``details`` around.
    """

    tabs: dict[str, str] = field(default_factory=dict)
    builder: PageBuilder = field(default_factory=PageBuilder)
    inline: list[tuple[str, bool]] = field(default_factory=list)
    """Text, and whether it stands in a link."""
    notes: dict[int, _Note] = field(default_factory=dict)
    in_link: bool = False
    item: int = -1
    depth: int = 0
    group: int = 0
    heading_level: int = 1
    lowest: int = 0
    nesting: int = 0
    bullets: int = 0
    """The group of the list that lines with typed bullets are in, 0 for none."""

    def say(self, text: str) -> None:
        """Add to the inline text."""
        self.inline.append((text, self.in_link))

    def flush(self) -> None:
        """Put the inline text that has gathered into paragraphs, one for each line of the page."""
        lines = _lines_of(self.inline)
        self.inline.clear()
        adjoins = False
        for line, is_link in lines:
            if not line or is_furniture(line, at_top=len(self.builder) == 0) or is_call_to_action(line):
                adjoins = False if not line else adjoins
                continue
            bullet = _BULLET.match(line)
            if bullet and self.item < 0:
                self.bullets = self.bullets or self.builder.new_group()
                position = self.builder.add(BlockKind.ITEM, line[bullet.end() :], level=1, group=self.bullets)
                self.note(position, _Note(is_link=is_link))
                continue
            self.bullets = 0
            position = self.builder.add(BlockKind.PARAGRAPH, line, parent=self.item, adjoins=adjoins)
            self.note(position, _Note(is_link=is_link))
            adjoins = True

    def note(self, position: int, note: _Note) -> None:
        """Keep what is known of a block, unless the block was left out."""
        if position >= 0 and note != _Note():
            self.notes[position] = note

    def page(self) -> tuple[str, tuple[Block, ...]]:
        """The canonical text and its blocks."""
        self.flush()
        text, blocks = self.builder.build()
        return text, tuple(
            replace(block, anchor=note.anchor, is_link=note.is_link, level=note.names or block.level)
            if (note := self.notes.get(position)) is not None
            else block
            for position, block in enumerate(blocks)
        )


def _lines_of(inline: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The lines of a run of inline text, and whether all letters of a line stand in links."""
    lines: list[tuple[str, bool]] = []
    parts: list[str] = []
    linked = unlinked = 0
    for text, in_link in [*inline, ("\n", False)]:
        first, *others = text.split("\n")
        for number, piece in enumerate([first, *others]):
            if number:
                lines.append((one_line("".join(parts)), linked > 0 and not unlinked))
                parts, linked, unlinked = [], 0, 0
            parts.append(piece)
            has_letters = bool(_LETTER.search(piece))
            linked, unlinked = linked + (has_letters and in_link), unlinked + (has_letters and not in_link)
    return lines


def read_html(raw: str) -> tuple[Page, Metadata]:
    """Return the page in ``raw`` and what its head says; a text without markup comes back as one page too.

    Raises:
        ValueError: ``raw`` holds nothing that can be parsed.
    """
    cleaned = clean(raw)
    if not cleaned.strip():
        raise ValueError("the page is empty")
    try:
        # Bytes, because lxml refuses a text that declares an encoding of its own.
        tree = lxml_html.document_fromstring(
            cleaned.encode("utf-8"),
            parser=lxml_html.HTMLParser(
                encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
            ),
        )
    except etree.ParserError as error:
        raise ValueError("the page holds no markup that can be parsed") from error
    metadata = read_metadata(tree)
    body = tree.find("body")
    body = tree if body is None else body
    walk = _Walk(tabs=take_tabs(body))
    prune(body)
    _walk(content_of(body), walk)
    text, blocks = walk.page()
    return Page(text, blocks, metadata.title), metadata


def read_markdown(raw: str) -> Page:
    """Return the page in ``raw``: CommonMark with tables, read as the HTML it renders to."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(clean(raw))
    for token in tokens:
        if token.type == "inline":
            _keep_labelled_lines(token)
    rendered: str = parser.renderer.render(tokens, parser.options, {})
    if not rendered.strip():
        return Page("", ())
    return read_html(f"<html><body>{rendered}</body></html>")[0]


def _keep_labelled_lines(token: Token) -> None:
    """Keep the line break between two lines "Label: value", which CommonMark runs together into one."""
    lines = [bool(_LABELLED_LINE.match(line)) for line in token.content.split("\n")]
    number = 0
    for child in token.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            number += 1
            if child.type == "softbreak" and number < len(lines) and lines[number - 1] and lines[number]:
                child.type, child.tag = "hardbreak", "br"


def _walk(element: Element, walk: _Walk) -> None:
    if not isinstance(element.tag, str):
        return
    tag = element.tag
    if walk.nesting >= _DEEPEST:
        walk.say("\n".join(pieces_of(element)))
        return
    walk.nesting += 1
    if element.get("id") in walk.tabs:
        _open_tab(element, walk)
    pair = _pair(element)
    if tag == "br":
        walk.say("\n")
    elif tag in HEADINGS:
        _heading(element, walk, max(int(tag[1]), min(walk.lowest + 1, 6)))
    elif _is_heading_to_a_reader(element):
        _heading(element, walk, _next_level(walk))
    elif tag == "details":
        _details(element, walk)
    elif tag in {"ul", "ol"}:
        _list(element, walk)
    elif tag == "dl":
        _definitions(element, walk)
    elif tag == "table":
        _table(element, walk)
    elif tag == "pre":
        _preformatted(element, walk)
    elif pair is not None:
        _labelled_pair(*pair, walk)
    else:
        _children(element, walk, breaks=tag in BLOCK_TAGS)
    walk.nesting -= 1


def _children(element: Element, walk: _Walk, *, breaks: bool) -> None:
    if breaks:
        walk.flush()
    outer = walk.in_link
    walk.in_link = outer or (element.tag == "a" and bool(element.get("href")))
    # White space of the source is no line break on the page; only <br> is.
    walk.say(blank(element.text))
    for child in element:
        walk.say(gap(child))
        _walk(child, walk)
        walk.say(blank(child.tail))
    walk.in_link = outer
    if breaks:
        walk.flush()


def _inline(element: Element) -> str:
    """The text of an inline element with the blanks that it stands between; the page shows <br> as one."""
    if not isinstance(element.tag, str) or element.tag == "br":
        return " "
    return blank("".join(element.itertext())) if not list(element) else f" {text_of(element)} "


def _is_heading_to_a_reader(element: Element) -> bool:
    if element.tag in {"summary", "button"} or element.get("role") == "button":
        return True
    return (element.tag == "p" and _is_bold_line(element)) or heads_a_panel(element)


def _next_level(walk: _Walk) -> int:
    """The level of a heading that the markup gives none: one under the last that it gives one."""
    return min(max(walk.heading_level, walk.lowest) + 1, 6)


def _heading(element: Element, walk: _Walk, level: int) -> None:
    walk.flush()
    walk.bullets = 0
    text = text_of(element)
    if text and not is_furniture(text):
        position = walk.builder.add(BlockKind.HEADING, text, level=level)
        walk.note(position, _Note(anchor=_anchor(element), is_link=is_linked(element)))
        if element.tag in HEADINGS:
            walk.heading_level = level


def _anchor(heading: Element) -> str:
    """The id to open a page at a heading: its own, of what it holds, or of what it is the beginning of."""
    inner = (node.get("id") or (node.get("name") if node.tag == "a" else None) for node in heading.iter())
    before = heading.getprevious()
    empty = before is not None and before.tag == "a" and not before.text_content().strip()
    beside = [before.get("id") or before.get("name")] if empty and before is not None else []
    around = [
        parent.get("id")
        for parent in islice(heading.iterancestors("section", "article", "details", "li", "div"), 2)
        if _is_first(heading, parent)
    ]
    return next((name for name in [*inner, *beside, *around] if name and _ANCHOR.fullmatch(name)), "")


def _is_first(element: Element, parent: Element) -> bool:
    """Whether no text stands in ``parent`` before ``element``."""
    node = element
    while node is not parent:
        above = node.getparent()
        if above is None or (above.text or "").strip():
            return False
        if any(
            blank(other.text_content()).strip() or (other.tail or "").strip()
            for other in node.itersiblings(preceding=True)
        ):
            return False
        node = above
    return True


def _is_bold_line(element: Element) -> bool:
    """A paragraph that is one bold line of at most ten words: a heading to every reader but the markup's.

    A bold fact ("Deadline: 1 May") is none.
    """
    children = list(element)
    if len(children) != 1 or children[0].tag not in {"b", "strong"} or (element.text or "").strip():
        return False
    text = one_line(children[0].text_content())
    if (children[0].tail or "").strip() or not 0 < len(text.split()) <= 10 or text[-1] in ".:,;!":
        return False
    return ": " not in text and not is_bare_value(text)


def _open_tab(panel: Element, walk: _Walk) -> None:
    """Put the words of its tab over a panel, unless its own heading says them."""
    walk.flush()
    walk.bullets = 0
    label = walk.tabs.pop(panel.get("id") or "")
    own = next(iter(pieces_of(panel)), "")
    if own.casefold() != label.casefold() and not is_furniture(label):
        position = walk.builder.add(BlockKind.HEADING, label, level=_next_level(walk))
        walk.note(position, _Note(anchor=panel.get("id") or ""))


def _details(element: Element, walk: _Walk) -> None:
    """What opens on a click: the headings in it stand under its summary, and those behind it do not."""
    outer_level, outer_lowest = walk.heading_level, walk.lowest
    level = _next_level(walk)
    summary = element.find("summary")
    walk.flush()
    if summary is not None:
        _heading(summary, walk, level)
        walk.lowest = level
    for child in element:
        if child is not summary:
            walk.say(" ")
            _walk(child, walk)
        walk.say(blank(child.tail))
    walk.flush()
    walk.heading_level, walk.lowest = outer_level, outer_lowest


def _pair(element: Element) -> tuple[Element, Element] | None:
    """The label and the value in an element that holds nothing else, told by the names of their classes."""
    parts = list(islice(element, 3))
    if len(parts) != 2 or element.tag not in {"div", "p", "li", "section"}:
        return None
    label, value = parts
    if not isinstance(label.tag, str) or not isinstance(value.tag, str) or label.tag in HEADINGS:
        return None
    texts = (element.text, label.tail, value.tail)
    if any((text or "").strip(" \t\r\n:") for text in texts) or not _LABEL_CLASS.search(names_of(label)):
        return None
    if not _VALUE_CLASS.search(names_of(value)) or not is_label(text_of(label) or "."):
        return None
    return label, value


def _labelled_pair(label: Element, value: Element, walk: _Walk) -> None:
    walk.flush()
    walk.bullets = 0
    term = walk.builder.add(BlockKind.TERM, text_of(label))
    for piece in _definition_pieces(value):
        walk.builder.add(BlockKind.DEFINITION, piece, parent=term)


def _preformatted(element: Element, walk: _Walk) -> None:
    walk.flush()
    walk.say("".join(element.itertext()))
    walk.flush()


def _list(element: Element, walk: _Walk) -> None:
    walk.flush()
    walk.bullets = 0
    outer_item, outer_depth, outer_group = walk.item, walk.depth, walk.group
    group = walk.builder.new_group() if outer_depth == 0 else 0
    for child in element:
        if isinstance(child.tag, str):
            walk.item, walk.depth, walk.group = outer_item, outer_depth + 1, group
            pair = _pair(child)
            if child.tag in {"ul", "ol"}:  # a nested list that stands beside its item instead of inside it
                _list(child, walk)
            elif pair is not None and outer_depth == 0:
                _labelled_pair(*pair, walk)
            elif _is_a_part_of_the_page(child):
                walk.item, walk.depth, walk.group = -1, 0, 0
                _children(child, walk, breaks=True)
            else:
                _item(child, walk)
    walk.item, walk.depth, walk.group = outer_item, outer_depth, outer_group


def _is_a_part_of_the_page(item: Element) -> bool:
    """Whether an ``li`` holds a heading and what stands under it, as in accordions and rows of cards."""
    for node in item.iterdescendants():
        if node.tag in {"ul", "ol", "table"}:
            return False
        if node.tag in HEADINGS or node.tag in {"summary", "details"} or heads_a_panel(node):
            inside = "".join(node.text_content().split()) if node.tag != "details" else ""
            return bool(inside or node.tag == "details") and len("".join(item.text_content().split())) > len(
                inside
            )
    return False


def _item(element: Element, walk: _Walk) -> None:
    """One ``<li>``: its first line is the item, what follows in blocks of its own belongs to it."""
    first = [blank(element.text)]
    rest: list[Element] = []
    tails: list[str] = []
    own: list[Element] = []
    for child in element:
        is_block = isinstance(child.tag, str) and (child.tag in BLOCK_TAGS or _holds_a_list(child))
        if rest or (is_block and (_holds_a_list(child) or "".join(first).strip())):
            rest.append(child)
            tails.append(blank(child.tail))
        else:
            first += [gap(child), text_of(child) if is_block else _inline(child)]
            first.append(blank(child.tail))
            own.append(child)
    text = "".join(first)
    if not is_furniture(one_line(text)):
        position = walk.builder.add(
            BlockKind.ITEM, text, level=walk.depth, parent=walk.item, group=walk.group
        )
        linked = "".join(part.text_content() for part in own if isinstance(part.tag, str) and is_linked(part))
        walk.note(position, _Note(is_link=len(_LETTER.findall(text)) <= len(_LETTER.findall(linked)) > 0))
        walk.item = position if position >= 0 else walk.item
    for child, tail in zip(rest, tails, strict=True):
        _walk(child, walk)
        walk.say(tail)
    walk.flush()


def _holds_a_list(element: Element) -> bool:
    return element.tag in {"ul", "ol", "dl", "table"} or any(
        True for _ in element.iterdescendants("ul", "ol", "table")
    )


def _definitions(element: Element, walk: _Walk) -> None:
    walk.flush()
    walk.bullets = 0
    parts = list(_parts_of_definitions(element))
    is_rich = any(part.tag == "dd" and _is_rich(part) for part in parts)
    level = _next_level(walk)
    term = -1
    for number, child in enumerate(parts):
        if child.tag not in {"dt", "dd"} or (child.tag == "dd" and is_rich):
            _children(child, walk, breaks=True) if child.tag == "dd" else _walk(child, walk)
            walk.flush()
            term = -1
        elif child.tag == "dt" and is_rich:
            _heading(child, walk, level)
        elif child.tag == "dt":
            # Terms right above another term share its definition: only the last can be one left open.
            shares = number + 1 < len(parts) and parts[number + 1].tag == "dt"
            term = walk.builder.add(BlockKind.PARAGRAPH if shares else BlockKind.TERM, text_of(child))
        else:
            for piece in _definition_pieces(child):
                kind = BlockKind.DEFINITION if term >= 0 else BlockKind.PARAGRAPH
                walk.builder.add(kind, piece, parent=term)


def _parts_of_definitions(element: Element) -> Iterator[Element]:
    """The dt and dd of one dl, also where they are wrapped, and what else authors put between them."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if child.tag not in {"dt", "dd", "dl"} and any(True for _ in child.iterdescendants("dt", "dd")):
            yield from _parts_of_definitions(child)
        else:
            yield child


def _is_rich(definition: Element) -> bool:
    """Whether a dd is a part of the page rather than a value: with headings, tables, several paragraphs."""
    if any(True for _ in definition.iterdescendants(*HEADINGS, "table", "details", "dl")):
        return True
    return len([p for p in definition.findall(".//p") if p.text_content().strip()]) >= _FEWEST_PARAGRAPHS


def _definition_pieces(element: Element) -> list[str]:
    """The lines of a dd: the items of its lists and its paragraphs; lines broken by <br> alone are one."""
    blocks = ("li", "p", "dt", "dd")
    return pieces_of(element) if any(True for _ in element.iterdescendants(*blocks)) else [text_of(element)]


def _table(element: Element, walk: _Walk) -> None:
    walk.flush()
    walk.bullets = 0
    if is_layout(element):
        caption = caption_of(element)
        if caption:
            walk.builder.add(BlockKind.PARAGRAPH, caption)
        for cell in (cell for cells in cells_of(element) for cell in cells):
            _children(cell, walk, breaks=True)
        return
    group = walk.builder.new_group()
    positions: list[int] = []
    for row in read_table(element):
        if row.role is RowRole.NOTE:
            positions.append(walk.builder.add(BlockKind.PARAGRAPH, row.texts[0], group=group))
            continue
        parent = positions[row.named_by] if row.named_by >= 0 else -1
        position = walk.builder.add_row(row.texts, parent=parent, group=group, widths=row.widths)
        positions.append(position)
        if row.names > 1 and row.role is RowRole.DATA:
            walk.notes[position] = _Note(names=row.names)
