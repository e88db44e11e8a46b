"""The words of an element, as a browser would part them."""

from __future__ import annotations

import re
from typing import TypeAlias

from lxml import etree
from lxml import html as lxml_html

from .cleaning import one_line

Element: TypeAlias = lxml_html.HtmlElement

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCK_TAGS = {
    "p", "div", "section", "article", "main", "header", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr",
    "td", "th",
    "thead", "tbody", "tfoot", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "figure",
    "figcaption", "details", "summary", "fieldset", "legend", "address", "hr", "body", "html", "center",
    "form",
}  # fmt: skip
_GLUED = re.compile(r"[^\W\d_]{2}:?\n(?:[€$£¥]|[A-Z]?[a-z]{2}|[A-Z]{2,3}\s?\d|\d)|\d\n[^\W\d_]{2}")
_LETTER = re.compile(r"\w")


def blank(text: str | None) -> str:
    """``text`` with each run of white space as one blank: a line break of the source is none on the page."""
    return re.sub(r"\s+", " ", text or "")


def gap(element: Element) -> str:
    """The blank that a style sheet shows between a label and a value: two spans without one in the source."""
    before = element.getprevious()
    if element.tag != "span" or before is None or before.tag not in {"span", "strong", "b"} or before.tail:
        return ""
    return " " if _GLUED.search(f"{before.text_content()}\n{element.text_content()}") else ""


def pieces_of(element: Element) -> list[str]:
    """The text of an element, one piece for each line, paragraph or list item in it."""
    pieces: list[str] = []
    inline: list[str] = []

    def end_line() -> None:
        text = one_line("".join(inline)) if any(inline) else ""
        inline.clear()
        if text:
            pieces.append(text)

    for event, node in etree.iterwalk(element, events=("start", "end")):
        breaks = node.tag in BLOCK_TAGS or node.tag == "br"
        if breaks:
            end_line()
        if event == "start" and node.tag not in {"script", "style"}:
            inline += [gap(node), blank(node.text)]
        elif event == "end" and node is not element:
            inline.append(blank(node.tail))
    end_line()
    return pieces


def text_of(element: Element) -> str:
    """The text of an element on one line."""
    return " ".join(pieces_of(element))


def names_of(element: Element) -> str:
    """The class and the id of an element: what its author calls it."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def is_bold(element: Element) -> bool:
    """Whether all words of an element are bold, or in headings that stand for bold."""
    text = text_of(element)
    marked = (node for node in element.iter("b", "strong", *HEADINGS) if not _is_inside_one(node, element))
    bold = "".join(one_line(node.text_content()) for node in marked)
    return bool(bold) and len("".join(bold.split())) >= len("".join(text.split()))


def is_linked(element: Element) -> bool:
    """Whether all words of an element stand in links."""
    in_links = sum(
        len(_LETTER.findall(link.text_content())) for link in element.iter("a") if link.get("href")
    )
    return in_links > 0 and in_links >= len(_LETTER.findall(element.text_content()))


def _is_inside_one(node: Element, element: Element) -> bool:
    for above in node.iterancestors():
        if above is element:
            return False
        if above.tag in {"b", "strong", *HEADINGS}:
            return True
    return False
