"""Makes the pictures of the widget that README.md shows.

Run it after a change that can be seen: ``python tests/browser/screenshots.py``. It ingests ``corpus/``,
starts the real server, asks it on its own demo page, and writes ``tests/browser/screenshots/*.png``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "api"), str(ROOT / "tests" / "browser")]  # as pytest does

import chromium  # noqa: E402 - it lies there
from measuring import settle  # noqa: E402 - as the line above
from site_server import RealServer, served  # noqa: E402 - as above
from talk import Talk  # noqa: E402 - as above

from ingest.embedding import load_embedder  # noqa: E402 - as above
from ingest.pipeline import ingest  # noqa: E402 - as above

FOLDER = Path(__file__).parent / "screenshots"
DESKTOP = {"width": 1010, "height": 684}
TELEPHONE = {"width": 390, "height": 760}
QUESTION = "How much is the tuition fee?"


def main() -> None:
    """Writes the pictures and prints their names and sizes."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium.start(playwright)
        ingest([ROOT / "corpus"], Path(folder), load_embedder())
        with served(Path(folder)) as server:
            save(asked(browser, server, DESKTOP, "light"), "light")
            save(asked(browser, server, DESKTOP, "dark"), "dark")
            save(asked(browser, server, TELEPHONE, "light"), "mobile")
            page = asked(browser, server, DESKTOP, "light")
            talk = Talk(page)
            expect(talk.open_citation(talk.replies.first).locator("[part~=mark]")).to_be_visible()
            save(page, "source", within="prospectus-chat [part~=panel]")
        browser.close()


def asked(browser: Browser, server: RealServer, size: dict[str, int], scheme: str) -> Page:
    """The demo page after a question was answered there."""
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.goto(server.url)
    talk = Talk(page)
    talk.ask(QUESTION)
    talk.element.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    return page


def save(page: Page, name: str, *, within: str | None = None) -> None:
    """Writes a picture of what is seen of the page, or of one of its elements alone."""
    settle(page)
    file = FOLDER / f"{name}.png"
    (page.locator(within) if within else page).screenshot(path=file)
    print(f"{file.relative_to(ROOT)} {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
