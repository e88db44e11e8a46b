"""Pages opened in the browser, and what goes wrong on them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request

NEWCOMER = re.compile("Failed to load resource: .* 401")
"""What the browser itself notes when the server asks a new visitor for a session."""


@dataclass
class Visits:
    """Opens pages, each in a window that shares nothing with the others, and notes what goes wrong there.

    What no page of ours may do: log an error, throw, break its content security policy, show a dialog, or
    send a request to anything but this machine.
    """

    browser: Browser
    wrong: list[str] = field(default_factory=list)
    tolerated: list[re.Pattern[str]] = field(default_factory=lambda: [NEWCOMER])
    _contexts: list[BrowserContext] = field(default_factory=list)

    def tolerate(self, pattern: str) -> None:
        """Messages of the console that match are expected in this test."""
        self.tolerated.append(re.compile(pattern))

    def window(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
        )
        context.set_default_timeout(10_000)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"thrown: {error.error}"))
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
        )
        self._contexts.append(context)
        return context

    def page(self, url: str, *, script: str = "", **options: Any) -> Page:
        """A page in a window of its own; ``script`` runs before those of the page."""
        page = self.window(**options).new_page()
        if script:
            page.add_init_script(script)
        page.goto(url)
        return page

    def close(self) -> None:
        """Closes all windows."""
        while self._contexts:
            self._contexts.pop().close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each.search(message.text) for each in self.tolerated):
            self.wrong.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not re.match(r"http://(127\.0\.0\.1|localhost):\d+/|data:,?$|about:blank$", request.url):
            self.wrong.append(f"request: {request.url[:200]}")
