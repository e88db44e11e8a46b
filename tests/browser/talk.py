"""The widget on a page, as visitors see it: by its roles, names and parts."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

ELEMENT = "prospectus-chat"

RECORDER = """
for (const kind of ["open", "message", "citation", "feedback"]) {
  addEventListener(`prospectus:${kind}`, (event) => {
    (window.heard ??= []).push([kind, event.detail, event.target.tagName, event.composed]);
  });
}
"""
"""Notes the events that reach the page's window."""


class Talk:
    """One widget. Names are the English ones."""

    def __init__(self, page: Page, element: str | Locator = ELEMENT) -> None:
        self.page = page
        self.element = page.locator(element) if isinstance(element, str) else element
        self.launcher = self.part("launcher")
        self.panel = self.part("panel")
        self.field = self.part("input")
        self.log = self.element.get_by_role("log")
        self.replies = self.log.locator("[part~=reply]")
        self.questions = self.part("question")
        self.source = self.part("source")
        self.error = self.part("error")
        self.suggestions = self.part("suggestion")

    def part(self, name: str) -> Locator:
        return self.element.locator(f"[part~={name}]")

    def button(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> Locator:
        exact = isinstance(name, str)
        return (within or self.element).get_by_role("button", name=name, exact=exact)

    def open(self) -> None:
        """Opens the panel by its launcher, unless it is open."""
        if not self.panel.is_visible():
            self.launcher.click()
        expect(self.field).to_be_visible()

    def send(self, question: str) -> None:
        """Asks without waiting for the reply."""
        self.field.fill(question)
        self.field.press("Enter")

    def ask(self, question: str) -> Locator:
        """Asks and returns the finished reply."""
        before = self.replies.count()
        self.send(question)
        return self.reply_after(before)

    def reply_after(self, before: int) -> Locator:
        """The reply that comes when there were that many, finished."""
        expect(self.replies).to_have_count(before + 1, timeout=20_000)
        expect(self.button("Send")).to_be_visible()
        return self.replies.nth(before)

    def citations(self, reply: Locator) -> Locator:
        return reply.locator("[part~=citation]")

    def open_citation(self, reply: Locator, number: int = 1) -> Locator:
        """Opens the source panel of the first citation with that number and returns the panel."""
        self.citations(reply).filter(has_text=re.compile(rf"^\s*{number}\s*$")).first.click()
        expect(self.source).to_be_visible()
        return self.source

    def focused(self) -> dict[str, Any]:
        """What has the focus, within the shadow root: its name, part and tag."""
        found: dict[str, Any] = self.page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              return {
                tag: at?.tagName ?? "", part: at?.getAttribute("part") ?? "",
                name: at?.getAttribute("aria-label") ?? at?.textContent.trim() ?? "",
              };
            }"""
        )
        return found

    def heard(self) -> list[list[Any]]:
        """The events that reached the page so far, where RECORDER was put into it."""
        found: list[list[Any]] = self.page.evaluate("window.heard ?? []")
        return found
