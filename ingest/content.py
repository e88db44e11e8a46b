"""The part of an HTML tree that is the page: without scripts, navigation, forms, buttons and hidden text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from .cleaning import one_line
from .labelled import labelled_in
from .markup import Element, names_of, pieces_of
from .panels import heads_a_panel, is_panel, mark_switches, opens_something
from .sentences import sentence_spans
from .values import is_bare_value, kinds_of

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
_BUTTON_CLASS = re.compile(r"(?:^|[\s_-])(?:btn|button|cta)(?:$|[\s_-])", re.I)
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# A main element that holds less than this share of the body's text is a frame, not the content.
_MAIN_SHARE = 0.2
# Several articles are the parts of one page; a single one is the page if it holds so much of it.
_ARTICLE_SHARE = 0.5
# What looks like furniture by its class or its form but holds so much of the page is the page.
_FURNITURE_SHARE = 0.4
# A box beside the text states so many facts, or a "nav" holds so many sentences of so many words, before it
# is part of the page; and no more than this share of its letters stands in links.
_FEWEST_FACTS, _FEWEST_SENTENCES, _SENTENCE_WORDS = 2, 2, 8
_LINK_SHARE = 0.4
_MOST_PIECES = 100


def prune(body: Element) -> None:
    """Take out of the tree what is not the page."""
    size = max(len(body.text_content()), 1)
    controlled = {name for names in body.xpath(".//@aria-controls") for name in names.split()}
    dropped: list[Element] = []
    mark_switches(body)
    for cell in body.iter("td", "th"):
        _say_picture(cell)
    walker = etree.iterwalk(body, events=("start",))
    for _, element in walker:
        if element is not body and _is_furniture(element, size, controlled):
            dropped.append(element)
            walker.skip_subtree()
    for element in dropped:
        element.drop_tree()


def content_of(body: Element) -> Element:
    """Return the element that holds the page."""
    size = len(body.text_content())
    for candidate in _mains(body):
        if len(candidate.text_content()) >= _MAIN_SHARE * size:
            return candidate
    articles = list(body.iter("article"))
    if articles and len(articles[0].text_content()) >= _ARTICLE_SHARE * size:
        return articles[0]
    return body


def _mains(body: Element) -> Iterator[Element]:
    yield from body.iter("main")
    yield from body.xpath(".//*[@role='main']")


def _say_picture(cell: Element) -> None:
    """Put what a picture stands for into a cell that holds nothing else: "yes" for a tick."""
    pictures = cell.findall(".//img")
    if len(pictures) == 1 and not cell.text_content().strip():
        said = one_line(pictures[0].get("alt") or "")
        if 0 < len(said.split()) <= 3:
            cell.text = said


def _is_furniture(element: Element, size: int, controlled: set[str]) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or (
        tag in _DROPPED and not (tag in {"nav", "aside"} and _says_much(element))
    ):
        return True
    if tag in {"main", "article", "h1"}:
        return False
    if tag == "button" or element.get("role") == "button":
        return not opens_something(element)
    if _is_hidden(element, controlled):
        return True
    names = names_of(element)
    if tag == "a" and _BUTTON_CLASS.search(names) and not heads_a_panel(element):
        return not kinds_of(one_line(element.text_content())[:200])
    is_named = (
        element.get("role") in _DROPPED_ROLES or tag == "form" or bool(_DROPPED_CLASS.search(names))
    ) and tag not in {"nav", "aside"}
    if not is_named or element.find(".//h1") is not None:
        return False
    if len(element.text_content()) >= _FURNITURE_SHARE * size:
        return False
    is_beside = element.get("role") == "complementary" or "sidebar" in names.lower()
    return not (is_beside and _says_much(element))


def _says_much(element: Element) -> bool:
    """Whether what the markup calls navigation or an aside is part of the page: it states facts or tells.

    A page's own key facts often stand in an ``aside``, the words of a window that opens in a ``nav``.
    """
    if element.tag == "nav" and element.get("role") in _DROPPED_ROLES:
        return False
    letters = len("".join(element.text_content().split()))
    linked = sum(len("".join(link.text_content().split())) for link in element.iter("a"))
    if not letters or linked > _LINK_SHARE * letters:
        return False
    pieces = pieces_of(element)[:_MOST_PIECES]
    if element.tag == "nav":
        spans = [piece[a:b] for piece in pieces for a, b in sentence_spans(piece)]
        told = [text for text in spans if text[-1] in ".!?" and len(text.split()) >= _SENTENCE_WORDS]
        return len(told) >= _FEWEST_SENTENCES
    facts = sum(any(part.value for part in labelled_in(piece)) or is_bare_value(piece) for piece in pieces)
    pairs = len(element.findall(".//dt")) + len(element.findall(".//tr"))
    return max(facts, pairs) >= _FEWEST_FACTS


def _is_hidden(element: Element, controlled: set[str]) -> bool:
    hidden = (
        element.get("aria-hidden") == "true"
        or element.get("hidden") is not None
        or bool(_NOT_SHOWN.search(element.get("style") or ""))
    )
    return hidden and not is_panel(element, controlled)
