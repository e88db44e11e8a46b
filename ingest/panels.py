"""Accordions and tabs: which elements head a part of the page that opens on a click.

``details`` says so by itself. The others are written in some dozens of ways, with roles, with the attributes
of a script, or with nothing but the names of their classes.
"""

from __future__ import annotations

import re
from itertools import islice

from .cleaning import one_line
from .markup import BLOCK_TAGS, HEADINGS, Element, names_of, text_of
from .navigation import is_furniture

# What opens and closes on a click is on the page, whatever its state when the page was saved.
_PANEL = re.compile(r"accordion|collaps|panel|\btab|toggle|faq|answer|expand|content", re.I)
_TRIGGER = re.compile(
    r"(?:accordion|collaps\w{0,6}|expand\w{0,5}|toggle|faqs?|tab|disclosure|spoiler)[\w-]{0,20}?[-_]{0,2}"
    r"(?:head(?:er|ing)?|title|label|question|trigger|button|btn|toggler|summary|opener)(?![a-z])|"
    r"(?:^|[\s_-])question(?:$|[\s_-])",
    re.I,
)
_WITH_BUTTONS = re.compile(
    r"(?:^|[\s_-])(?:group|list|wrapper|container|buttons|area|row|controls)(?:$|[\s_-])", re.I
)
_TABS = re.compile(r"(?:^|[\s_-])tab(?:s|list|-?list|s?-?nav|-?menu|-?bar)?(?:$|[\s_-])", re.I)
# A question over its answer is at most so many words long.
_TRIGGER_WORDS = 40
_TRIGGER_TAGS = {"div", "span", "a", "p", "button", "strong", "header"}
_FEWEST_TABS = 2
# What a script lays over the page: no part of it opens there.
_OVERLAYS = {"modal", "dropdown", "tooltip", "popover", "offcanvas"}


def opens_something(button: Element) -> bool:
    """Whether a button heads an accordion: it stands in a heading or controls a part of the page."""
    if (button.get("data-toggle") or button.get("data-bs-toggle")) in _OVERLAYS:
        return False
    attributes = ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle", "data-target")
    if any(button.get(name) for name in attributes) or _TRIGGER.search(names_of(button)):
        return not is_furniture(one_line(button.text_content()), at_top=True)
    return any(
        parent.tag in HEADINGS or parent.tag in {"dt", "summary"}
        for parent in islice(button.iterancestors(), 3)
    )


def is_panel(element: Element, controlled: set[str]) -> bool:
    """Whether an element is what opens on a click; ``controlled`` are the ids that buttons speak of."""
    if element.tag not in BLOCK_TAGS:
        return False
    return (
        element.get("id") in controlled
        or element.get("role") in {"tabpanel", "region"}
        or bool(_PANEL.search(names_of(element)))
    )


def heads_a_panel(element: Element) -> bool:
    """Whether an element that is no heading is one to a reader: a title that opens what stands behind it."""
    tag = element.tag
    if tag not in _TRIGGER_TAGS or not _TRIGGER.search(names_of(element)):
        return False
    if _WITH_BUTTONS.search(element.get("class") or "") or element.find(".//button") is not None:
        return False
    blocks = sum(1 for inner in element.iterdescendants() if inner.tag in BLOCK_TAGS)
    if blocks > 1 or any(True for _ in element.iterdescendants(*HEADINGS, "li", "table", "summary")):
        return False
    words = len(element.text_content().split())
    return 0 < words <= _TRIGGER_WORDS and _has_text_behind(element)


def mark_switches(body: Element) -> None:
    """Make the label of a switch what it is to a reader: the summary of what stands behind it."""
    for label in body.iter("label"):
        if _is_switch(label):
            label.tag = "summary"


def _is_switch(label: Element) -> bool:
    """Whether a label switches what stands behind it, by a box that no reader sees: CSS without a script."""
    box = label.getprevious()
    is_box = box is not None and box.tag == "input" and box.get("type") in {"checkbox", "radio"}
    if not is_box or any(True for _ in label.iterancestors("form", "fieldset")):
        return False
    behind = label.getnext()
    return behind is not None and behind.tag in BLOCK_TAGS and bool(behind.text_content().strip())


def _has_text_behind(element: Element) -> bool:
    for each in (element, *islice(element.iterancestors(), 2)):
        behind = each.getnext()
        if behind is not None and isinstance(behind.tag, str) and behind.text_content().strip():
            return True
    return False


def take_tabs(body: Element) -> dict[str, str]:
    """Return what the tabs of a page say, by the ids of the panels that they open, and take them out of it.

    Beside each other at the top of their panels they say nothing; in front of its panel each is a heading.
    """
    lists = [
        element
        for element in body.iter("ul", "ol", "div", "nav", "header")
        if element.get("role") == "tablist" or _TABS.search(element.get("class") or "")
    ]
    labels: dict[str, str] = {}
    if not lists:
        return labels
    elements = {element.get("id"): element for element in body.iter() if element.get("id")}
    for tablist in lists:
        found = _labels(tablist)
        panels = [elements.get(name) for name in found]
        opens_all = all(
            panel is not None and panel.tag in BLOCK_TAGS and tablist not in panel.iterancestors()
            for panel in panels
        )
        if len(found) >= _FEWEST_TABS and opens_all:
            labels |= {panel: label for panel, label in found.items() if panel not in labels}
            tablist.drop_tree()
    return labels


def _labels(tablist: Element) -> dict[str, str]:
    """What the tabs in a list say, by the ids of their panels; empty where the list was taken out already."""
    found: dict[str, str] = {}
    if tablist.getparent() is None:
        return found
    for tab in tablist.iter("a", "button", "li", "div", "span"):
        href = tab.get("href") or ""
        targets = (tab.get(name) or "" for name in ("aria-controls", "data-bs-target", "data-target"))
        panel = next(filter(None, targets), href if href.startswith("#") else "").lstrip("#")
        label = text_of(tab)
        if panel and label:
            found.setdefault(panel, label)
    return found
