"""HTML and Markdown pages: what the page says, without the site around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .audiences import names_a_group
from .cleaning import PageBuilder, clean, one_line
from .dates import find_modified_on, parse_date
from .documents import BlockKind
from .navigation import is_call_to_action, is_furniture
from .plaintext import Page
from .values import ValueKind, is_bare_value, kinds_of, names_columns

_DROPPED = {
    "script", "style", "noscript", "template", "nav", "footer", "aside", "select", "option", "svg",
    "math", "iframe",
    "object", "embed", "canvas", "audio", "video", "picture", "img", "input", "label", "textarea",
    "dialog", "head",
    "menu", "datalist", "map", "progress", "meter",
}  # fmt: skip
_DROPPED_ROLES = {
    "navigation",
    "banner",
    "contentinfo",
    "search",
    "complementary",
    "menu",
    "menubar",
    "dialog",
}
_DROPPED_CLASS = re.compile(
    r"(?:^|[\s_-])(?:breadcrumbs?|cookies?|navbar|nav|navigation|menu|sidebar|skip-?link|"
    r"social-?(?:media|share|links|icons)|"
    r"share|sharing|footer|pagination|visually-hidden|visuallyhidden|sr-only|screen-reader-text)(?:$|[\s_-])",
    re.I,
)
# What opens and closes on a click is on the page, whatever its state when the page was saved.
_PANEL = re.compile(r"accordion|collaps|panel|\btab|toggle|faq|answer|expand|content", re.I)
_BUTTON_CLASS = re.compile(r"(?:^|[\s_-])(?:btn|button|cta)(?:$|[\s_-])", re.I)
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCK_TAGS = {
    "p", "div", "section", "article", "main", "header", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr",
    "td", "th",
    "thead", "tbody", "tfoot", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure",
    "figcaption", "details", "summary", "fieldset", "legend", "address", "hr", "body", "html", "center",
    "form",
}  # fmt: skip
_LAYOUT_TAGS = ("table", "section", "article", "div/p", "dl", *_HEADINGS)
# A main element that holds less than this share of the body's text is a frame, not the content.
_MAIN_SHARE = 0.2
# Several articles are the parts of one page; a single one is the page if it holds so much of it.
_ARTICLE_SHARE = 0.5
# What looks like furniture by its class or its form but holds so much of the page is the page.
_FURNITURE_SHARE = 0.4
# Elements deeper than this are read as the text they hold: Python's stack is finite, and no page needs more.
_DEEPEST = 100
_LABELLED_LINE = re.compile(r"^[\s*_]{0,4}[^\W\d_][^:\n]{0,60}:[*_]{0,3}(?:\s|$)")
_WAYS = frozenset({ValueKind.EMAIL, ValueKind.PHONE})
_GLUED = re.compile(r"[^\W\d_]{2}:?\n(?:[€$£¥]|[A-Z]?[a-z]{2}|[A-Z]{2,3}\s?\d|\d)|\d\n[^\W\d_]{2}")
_BULLET = re.compile(r"^[•◦▪‣·●○■]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page's head says of it; "" and None where it is silent."""

    title: str = ""
    url: str = ""
    publisher: str = ""
    language: str = ""
    modified_on: date | None = None


@dataclass(slots=True)
class _Walk:
    """The state of one walk over a page: the blocks so far and the inline text not yet put into one."""

    builder: PageBuilder = field(default_factory=PageBuilder)
    inline: list[str] = field(default_factory=list)
    item: int = -1
    depth: int = 0
    group: int = 0
    heading_level: int = 1
    nesting: int = 0
    bullets: int = 0
    """The group of the list that lines with typed bullets are in, 0 for none."""

    def flush(self) -> None:
        """Put the inline text that has gathered into paragraphs, one for each line of the page."""
        lines = [one_line(line) for line in "".join(self.inline).split("\n")]
        self.inline.clear()
        adjoins = False
        for line in lines:
            if not line or is_furniture(line, at_top=len(self.builder) == 0) or is_call_to_action(line):
                adjoins = False if not line else adjoins
                continue
            bullet = _BULLET.match(line)
            if bullet and self.item < 0:
                self.bullets = self.bullets or self.builder.new_group()
                self.builder.add(BlockKind.ITEM, line[bullet.end() :], level=1, group=self.bullets)
                continue
            self.bullets = 0
            self.builder.add(BlockKind.PARAGRAPH, line, parent=self.item, adjoins=adjoins)
            adjoins = True


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
    found = _metadata(tree)
    walk = _Walk()
    body = tree.find("body")
    body = tree if body is None else body
    _prune(body)
    _walk(_content(body), walk)
    walk.flush()
    text, blocks = walk.builder.build()
    metadata = replace(found, modified_on=found.modified_on or find_modified_on(text))
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


def _prune(body: lxml_html.HtmlElement) -> None:
    """Take out of the tree what is not the page: scripts, navigation, forms, buttons, hidden text."""
    size = max(len(body.text_content()), 1)
    controlled = {name for names in body.xpath(".//@aria-controls") for name in names.split()}
    dropped: list[lxml_html.HtmlElement] = []
    walker = etree.iterwalk(body, events=("start",))
    for _, element in walker:
        if element is not body and _is_furniture(element, size, controlled):
            dropped.append(element)
            walker.skip_subtree()
    for element in dropped:
        element.drop_tree()


def _is_furniture(element: lxml_html.HtmlElement, size: int, controlled: set[str]) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in _DROPPED:
        return True
    if tag in {"main", "article", "h1"}:
        return False
    if tag == "button" or element.get("role") == "button":
        return not _opens_something(element)
    if _is_hidden(element, controlled):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if tag == "a" and _BUTTON_CLASS.search(names):
        return not kinds_of(one_line(element.text_content())[:200])
    if element.get("role") in _DROPPED_ROLES or tag == "form" or _DROPPED_CLASS.search(names):
        return element.find(".//h1") is None and len(element.text_content()) < _FURNITURE_SHARE * size
    return False


def _opens_something(button: lxml_html.HtmlElement) -> bool:
    """Whether a button heads an accordion: it stands in a heading or controls a part of the page."""
    if button.get("aria-expanded") is not None or button.get("aria-controls") or button.get("data-toggle"):
        return not is_furniture(one_line(button.text_content()), at_top=True)
    return any(
        parent.tag in _HEADINGS or parent.tag in {"dt", "summary"}
        for parent in islice(button.iterancestors(), 3)
    )


def _is_hidden(element: lxml_html.HtmlElement, controlled: set[str]) -> bool:
    hidden = (
        element.get("aria-hidden") == "true"
        or element.get("hidden") is not None
        or bool(_NOT_SHOWN.search(element.get("style") or ""))
    )
    if not hidden:
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    is_panel = (
        element.get("id") in controlled
        or element.get("role") in {"tabpanel", "region"}
        or _PANEL.search(names)
    )
    return not (is_panel and element.tag in _BLOCK_TAGS)


def _content(body: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    """The element that holds the page."""
    size = len(body.text_content())
    for candidate in [*body.iter("main"), *body.xpath(".//*[@role='main']")]:
        if len(candidate.text_content()) >= _MAIN_SHARE * size:
            found: lxml_html.HtmlElement = candidate
            return found
    articles = list(body.iter("article"))
    if articles and len(articles[0].text_content()) >= _ARTICLE_SHARE * size:
        return articles[0]
    return body


def _walk(element: lxml_html.HtmlElement, walk: _Walk) -> None:
    if not isinstance(element.tag, str):
        return
    tag = element.tag
    if walk.nesting >= _DEEPEST:
        walk.inline.append("\n".join(_pieces(element)))
        return
    walk.nesting += 1
    if tag == "br":
        walk.inline.append("\n")
    elif tag in _HEADINGS:
        _heading(element, walk, int(tag[1]))
    elif (
        tag in {"summary", "button"}
        or element.get("role") == "button"
        or (tag == "p" and _is_bold_line(element))
    ):
        _heading(element, walk, min(walk.heading_level + 1, 6))
    elif tag in {"ul", "ol"}:
        _list(element, walk)
    elif tag == "dl":
        _definitions(element, walk)
    elif tag == "table":
        _table(element, walk)
    elif tag == "pre":
        _preformatted(element, walk)
    else:
        _children(element, walk, breaks=tag in _BLOCK_TAGS)
    walk.nesting -= 1


def _children(element: lxml_html.HtmlElement, walk: _Walk, *, breaks: bool) -> None:
    if breaks:
        walk.flush()
    # White space of the source is no line break on the page; only <br> is.
    walk.inline.append(_blank(element.text))
    for child in element:
        walk.inline.append(_gap(child))
        _walk(child, walk)
        walk.inline.append(_blank(child.tail))
    if breaks:
        walk.flush()


def _blank(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _gap(element: lxml_html.HtmlElement) -> str:
    """The blank that a style sheet shows between a label and a value: two spans without one in the source."""
    before = element.getprevious()
    if element.tag != "span" or before is None or before.tag not in {"span", "strong", "b"} or before.tail:
        return ""
    return " " if _GLUED.search(f"{before.text_content()}\n{element.text_content()}") else ""


def _pieces(element: lxml_html.HtmlElement) -> list[str]:
    """The text of an element, one piece for each line, paragraph or list item in it."""
    pieces: list[str] = []
    inline: list[str] = []

    def end_line() -> None:
        text = one_line("".join(inline)) if any(inline) else ""
        inline.clear()
        if text:
            pieces.append(text)

    for event, node in etree.iterwalk(element, events=("start", "end")):
        breaks = node.tag in _BLOCK_TAGS or node.tag == "br"
        if breaks:
            end_line()
        if event == "start":
            inline += [_gap(node), _blank(node.text)]
        elif node is not element:
            inline.append(_blank(node.tail))
    end_line()
    return pieces


def _text(element: lxml_html.HtmlElement) -> str:
    return " ".join(_pieces(element))


def _cell_text(element: lxml_html.HtmlElement) -> str:
    """The text of a cell, the items of a list in it set off from each other."""
    if element.find(".//li") is None:
        return _text(element)
    pieces = _pieces(element)
    joined = [piece if piece[-1] in ".,;:!?" else f"{piece};" for piece in pieces[:-1]]
    return " ".join([*joined, *pieces[-1:]])


def _heading(element: lxml_html.HtmlElement, walk: _Walk, level: int) -> None:
    walk.flush()
    walk.bullets = 0
    text = _text(element)
    if text and not is_furniture(text):
        walk.builder.add(BlockKind.HEADING, text, level=level)
        if element.tag in _HEADINGS:
            walk.heading_level = level


def _is_bold_line(element: lxml_html.HtmlElement) -> bool:
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


def _preformatted(element: lxml_html.HtmlElement, walk: _Walk) -> None:
    walk.flush()
    walk.inline.append("".join(element.itertext()))
    walk.flush()


def _list(element: lxml_html.HtmlElement, walk: _Walk) -> None:
    walk.flush()
    walk.bullets = 0
    outer_item, outer_depth, outer_group = walk.item, walk.depth, walk.group
    group = walk.builder.new_group() if outer_depth == 0 else 0
    for child in element:
        if isinstance(child.tag, str):
            walk.item, walk.depth, walk.group = outer_item, outer_depth + 1, group
            if child.tag in {"ul", "ol"}:  # a nested list that stands beside its item instead of inside it
                _list(child, walk)
            else:
                _item(child, walk)
    walk.item, walk.depth, walk.group = outer_item, outer_depth, outer_group


def _item(element: lxml_html.HtmlElement, walk: _Walk) -> None:
    """One ``<li>``: its first line is the item, what follows in blocks of its own belongs to it."""
    first = [_blank(element.text)]
    rest: list[lxml_html.HtmlElement] = []
    tails: list[str] = []
    for child in element:
        is_block = isinstance(child.tag, str) and (child.tag in _BLOCK_TAGS or _holds_a_list(child))
        if rest or (is_block and (_holds_a_list(child) or "".join(first).strip())):
            rest.append(child)
            tails.append(_blank(child.tail))
        else:
            first += [_gap(child), _text(child) if is_block else _inline(child)]
            first.append(_blank(child.tail))
    text = "".join(first)
    if not is_furniture(one_line(text)):
        position = walk.builder.add(
            BlockKind.ITEM, text, level=walk.depth, parent=walk.item, group=walk.group
        )
        walk.item = position if position >= 0 else walk.item
    for child, tail in zip(rest, tails, strict=True):
        _walk(child, walk)
        walk.inline.append(tail)
    walk.flush()


def _holds_a_list(element: lxml_html.HtmlElement) -> bool:
    return element.tag in {"ul", "ol", "dl", "table"} or any(
        True for _ in element.iterdescendants("ul", "ol", "table")
    )


def _inline(element: lxml_html.HtmlElement) -> str:
    """The text of an inline element with the blanks that it stands between; the page shows <br> as one."""
    if not isinstance(element.tag, str) or element.tag == "br":
        return " "
    return _blank("".join(element.itertext())) if not list(element) else f" {_text(element)} "


def _definitions(element: lxml_html.HtmlElement, walk: _Walk) -> None:
    walk.flush()
    walk.bullets = 0
    term = -1
    pairs = list(_terms_and_definitions(element))
    for number, child in enumerate(pairs):
        if child.tag == "dt":
            # Terms right above another term share its definition: only the last can be one left open.
            shares = number + 1 < len(pairs) and pairs[number + 1].tag == "dt"
            term = walk.builder.add(BlockKind.PARAGRAPH if shares else BlockKind.TERM, _text(child))
            continue
        for piece in _definition_pieces(child):
            if term >= 0:
                walk.builder.add(BlockKind.DEFINITION, piece, parent=term)
            else:
                walk.builder.add(BlockKind.PARAGRAPH, piece)


def _terms_and_definitions(element: lxml_html.HtmlElement) -> Iterator[lxml_html.HtmlElement]:
    """The dt and dd of one dl, also where they are wrapped, without those of a dl inside a dd."""
    walker = etree.iterwalk(element, events=("start",))
    for _, node in walker:
        if node.tag in {"dt", "dd"}:
            yield node
            walker.skip_subtree()


def _definition_pieces(element: lxml_html.HtmlElement) -> list[str]:
    """The lines of a dd: the items of its lists and its paragraphs; lines broken by <br> alone are one."""
    blocks = ("li", "p", "dt", "dd")
    return _pieces(element) if any(True for _ in element.iterdescendants(*blocks)) else [_text(element)]


def _table(element: lxml_html.HtmlElement, walk: _Walk) -> None:
    walk.flush()
    walk.bullets = 0
    caption = element.find("caption")
    if caption is not None:
        walk.builder.add(BlockKind.PARAGRAPH, _text(caption))
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table"), None) is element]
    cells_of = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
    if _is_layout(element, cells_of):
        for cell in (cell for cells in cells_of for cell in cells):
            _children(cell, walk, breaks=True)
        return
    group = walk.builder.new_group()
    header = -1
    above: list[
        tuple[int, str]
    ] = []  # for each column, the rows that a cell further up still covers, and its text
    only_headers = True
    for number, (row, cells) in enumerate(zip(rows, cells_of, strict=True)):
        only_headers = only_headers and _is_header(element, row, cells, cells_of, is_first=number == 0)
        if len(cells) == 1 and _span(cells[0], "colspan") > 1:
            walk.builder.add(BlockKind.PARAGRAPH, _text(cells[0]), group=group)
            continue
        texts, widths, above = _spread(cells, above)
        if number == 1 and header >= 0 and not only_headers and _parts_the_header(cells_of[0], texts):
            only_headers = True
        is_new = not only_headers and _names_anew(cells, texts, is_last=number + 1 == len(rows))
        position = walk.builder.add_row(texts, parent=-1 if is_new else header, group=group, widths=widths)
        if (only_headers or is_new) and position >= 0:
            header = position


def _is_layout(element: lxml_html.HtmlElement, cells_of: list[list[lxml_html.HtmlElement]]) -> bool:
    """Whether a table only places things on the page: one column, or whole parts of a page in its cells."""
    if element.get("role") in {"presentation", "none"} or all(len(cells) <= 1 for cells in cells_of):
        return True
    if element.find(".//th") is not None and element.find(".//table") is None:
        return False
    if any(_is_card(cell) for cells in cells_of for cell in cells):
        return True
    return any(
        cell.find(f".//{tag}") is not None for cells in cells_of for cell in cells for tag in _LAYOUT_TAGS
    )


def _is_card(cell: lxml_html.HtmlElement) -> bool:
    """Whether a cell is a visiting card: lines of which one is an address or a number to reach someone by."""
    pieces = _pieces(cell)
    return len(pieces) > 2 and any(is_bare_value(piece) and kinds_of(piece) & _WAYS for piece in pieces)


def _is_header(
    element: lxml_html.HtmlElement,
    row: lxml_html.HtmlElement,
    cells: list[lxml_html.HtmlElement],
    cells_of: list[list[lxml_html.HtmlElement]],
    *,
    is_first: bool,
) -> bool:
    """Whether a row names the columns: in a thead, all th or bold, or the only one without values."""
    if len(cells) < 2:
        return False
    parent = row.getparent()
    if parent is not None and parent.tag == "thead":
        return True
    if all(cell.tag == "th" for cell in cells):
        return True
    if not is_first or len(cells_of) < 2 or element.find("thead") is not None:
        return False
    texts = [_text(cell) for cell in cells]
    if any(kinds_of(text) for text in texts) or not all(texts[1:]):
        return False
    if all(_is_bold(cell) for cell, text in zip(cells, texts, strict=True) if text):
        return True
    if any(cell.tag == "th" for below in cells_of for cell in below):
        return False
    return names_columns(
        [texts, *([_text(cell) for cell in below] for below in cells_of[1:] if len(below) > 1)]
    )


def _parts_the_header(above: list[lxml_html.HtmlElement], texts: list[str]) -> bool:
    """Whether the second row names the parts of the columns in the first ("4 weeks" under "Session I")."""
    is_parted = any(_span(cell, "colspan") > 1 for cell in above[1:])
    return is_parted and len(texts) > 2 and not texts[0] and all(texts[1:])


def _names_anew(cells: list[lxml_html.HtmlElement], texts: list[str], *, is_last: bool) -> bool:
    """Whether a row further down names the columns again: marked as a header, or the groups that pay."""
    if is_last or len(texts) < 3 or not all(texts[1:]) or any(kinds_of(text) for text in texts):
        return False
    is_marked = all(
        cell.tag == "th" or _is_bold(cell) for cell, text in zip(cells, texts, strict=False) if text
    )
    return is_marked or all(names_a_group(text) for text in texts[1:])


def _is_bold(cell: lxml_html.HtmlElement) -> bool:
    bold = "".join("".join(node.itertext()) for node in cell.iter("b", "strong"))
    return bool(bold.strip()) and len(one_line(bold)) >= len(_text(cell))


def _spread(
    cells: list[lxml_html.HtmlElement], above: list[tuple[int, str]]
) -> tuple[list[str], list[int], list[tuple[int, str]]]:
    """The texts of a row and the columns each covers; a cell that reaches down stands in each row."""
    texts: list[str] = []
    widths: list[int] = []
    below: list[tuple[int, str]] = []

    def take_from_above() -> None:
        while len(below) < len(above) and above[len(below)][0] > 0:
            left, text = above[len(below)]
            texts.append(text)
            widths.append(1)
            below.append((left - 1, text))

    for cell in cells:
        take_from_above()
        text, width = _cell_text(cell), _span(cell, "colspan")
        texts.append(text)
        widths.append(width)
        below += [(_span(cell, "rowspan") - 1, text)] * width
    take_from_above()
    return texts, widths, below


def _span(cell: lxml_html.HtmlElement, name: str) -> int:
    written = (cell.get(name) or "1").strip()
    return (
        min(max(int(written), 1), 50) if written.isascii() and written.isdigit() and len(written) < 5 else 1
    )


def _metadata(tree: lxml_html.HtmlElement) -> Metadata:
    def meta(*names: str) -> str:
        for name in names:
            found = tree.xpath("//meta[@name=$n or @property=$n or @itemprop=$n]/@content", n=name)
            if found and found[0].strip():
                return one_line(found[0])
        return ""

    heading = tree.find(".//h1")
    page_title = one_line(tree.findtext(".//head/title") or "")
    parts = re.split(r"\s[|–—·»]\s|\s-\s(?=[^-]*$)", page_title)
    title = (_text(heading) if heading is not None else "") or meta("og:title", "dcterms.title") or parts[0]
    canonical = [one_line(url) for url in tree.xpath("//link[@rel='canonical']/@href")]
    language = re.split(r"[-_]", (tree.get("lang") or "").strip().lower())[0]
    stamped = meta(
        "article:modified_time", "og:updated_time", "dcterms.modified", "last-modified", "dateModified"
    )
    return Metadata(
        title=title,
        url=next((url for url in [*canonical, meta("og:url")] if is_web_address(url)), ""),
        publisher=meta("og:site_name", "dcterms.publisher") or (parts[-1] if len(parts) > 1 else ""),
        language=language if re.fullmatch(r"[a-z]{2,3}", language) else "",
        modified_on=parse_date(stamped),
    )


def is_web_address(url: str) -> bool:
    """Whether ``url`` is one that a reader may be sent to: complete, http or https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
