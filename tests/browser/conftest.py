"""What the browser tests share: one browser, the real server on the real corpus, and a site beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import chromium
import pytest
from faulty_server import FaultyServer, faulty_server
from host_site import HostSite, host_site
from playwright.sync_api import Browser, sync_playwright
from site_server import RealServer, served
from talk import Talk
from visits import Visits

REQUIRED = "PROSPECTUS_REQUIRE_BROWSER"
"""Set where a missing browser is a failure and no reason to skip, as in .ci/run."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each has windows of its own, which share nothing."""
    with sync_playwright() as playwright:
        try:
            browser = chromium.start(playwright)
        except chromium.NoBrowser as error:
            if os.environ.get(REQUIRED):
                pytest.fail(str(error), pytrace=False)
            pytest.skip(str(error))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def host() -> Iterator[HostSite]:
    """The university's site."""
    with host_site() as site:
        yield site


@pytest.fixture(scope="package")
def server(corpus_data: Path, host: HostSite, browser: Browser) -> Iterator[RealServer]:
    """The real server, which pages of the site may call."""
    with served(corpus_data, (host.origin,)) as real:
        yield real


@pytest.fixture(scope="package")
def demo(corpus_data: Path, browser: Browser) -> Iterator[RealServer]:
    """The real server as it is started on one's own machine, with its demo page."""
    with served(corpus_data) as real:
        yield real


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    visits = Visits(browser)
    yield visits
    visits.close()
    assert visits.wrong == []


@pytest.fixture
def faulty(visits: Visits) -> Iterator[FaultyServer]:
    """A server that fails as it is told to."""
    with faulty_server() as server:
        yield server
        visits.close()  # a page that outlived its server would complain


@pytest.fixture
def talk(visits: Visits, host: HostSite, server: RealServer) -> Talk:
    """An open widget of the real server on a page of the site."""
    talk = Talk(visits.page(host.page(server.script("data-lang=en"))))
    talk.open()
    return talk


@pytest.fixture
def faulty_talk(visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer) -> Talk:
    """An open widget that talks to the faulty server."""
    talk = Talk(visits.page(host.page(server.script("data-lang=en", f"data-api={faulty.url}"))))
    talk.open()
    return talk
