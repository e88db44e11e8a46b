"""The browser of the machine, started for tests, pictures and measurements."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""What distributions call it, Debian's first."""

ARGUMENTS = (
    # Nothing but this machine can be reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    # Containers give /dev/shm 64 MB, which is too little for a page.
    "--disable-dev-shm-usage",
)


class NoBrowser(Exception):
    """There is no Chromium, or it does not start; the message says what to do."""


def start(playwright: Playwright) -> Browser:
    """A Chromium without a window: the machine's own, or else the one that Playwright has installed.

    Raises:
        NoBrowser: neither is there, or it does not start.
    """
    own = Path(playwright.chromium.executable_path)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and not own.exists():
        raise NoBrowser(
            "no browser: install Chromium (Debian: apt-get install chromium; elsewhere: playwright install "
            "chromium)"
        )
    try:
        return playwright.chromium.launch(executable_path=found or own, args=list(ARGUMENTS))
    except PlaywrightError as error:
        raise NoBrowser(f"no browser: {found or own} does not start: {error.message}") from error
