"""What is measured on a page: contrast, sizes of targets, what sticks out or moves, axe-core's findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_SCRIPT = Path(__file__).with_name("measuring.js").read_text("utf-8").partition("\n")[2]
_axe = Axe()


@dataclass(frozen=True, slots=True)
class Target:
    """Something in a widget that can be pressed, in CSS pixels."""

    name: str
    part: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Markup:
    """Of what a widget is made: the elements and attributes in it, and what its addresses are."""

    tags: list[str]
    attributes: list[str]
    addresses: list[str]


def contrast_of_text(page: Page) -> tuple[int, list[str]]:
    """How many texts in the widgets were judged, and those below 4.5:1 (large ones 3:1)."""
    found = page.evaluate(_SCRIPT, "contrast")
    return found["judged"], found["poor"]


def targets(page: Page) -> list[Target]:
    """What can be pressed in the widgets now."""
    settle(page)
    return [Target(**each) for each in page.evaluate(_SCRIPT, "targets")]


def sticking_out(page: Page) -> list[str]:
    """What makes the page or a part of a widget scroll sideways, leaves the window or is cut off."""
    settle(page)
    return _names(page, "stickingOut")


def moving(page: Page) -> list[str]:
    """What in the widgets would move: has a transition or an animation that takes time."""
    return _names(page, "moving")


def focused(page: Page) -> tuple[str, bool]:
    """The name of what has the focus, as in ``targets``, and whether a ring or a shadow shows it."""
    found = page.evaluate(_SCRIPT, "focused")
    return found["name"], found["isSeen"]


def markup(page: Page) -> Markup:
    """Of what the widgets are made now."""
    return Markup(**page.evaluate(_SCRIPT, "markup"))


def settle(page: Page) -> None:
    """Waits until nothing in the widgets moves: text that fades in has no colour of its own yet."""
    page.evaluate(_SCRIPT, "settled")


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds wrong on the page by all of its rules, a line for each place."""
    settle(page)
    found: dict[str, Any] = _axe.run(page).response
    return [
        f"{each['id']}: {node['target']} {node['html'][:120]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def _names(page: Page, wanted: str) -> list[str]:
    found: list[str] = page.evaluate(_SCRIPT, wanted)
    return found
