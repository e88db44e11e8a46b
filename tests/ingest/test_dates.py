"""Days that pages write."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.dates import find_modified_on, parse_date


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ("2026/03/04", date(2026, 3, 4)),
        ("2026-03-31T23:30:00+02:00", date(2026, 3, 31)),
        ("31.03.2026", date(2026, 3, 31)),
        ("03/04/2026", date(2026, 4, 3)),
        ("12 June 2019", date(2019, 6, 12)),
        ("June 12th, 2019", date(2019, 6, 12)),
        ("1 Sept. 2027", date(2027, 9, 1)),
        ("Tue, 03 Mar 2026 10:00:00 CEST", date(2026, 3, 3)),
        ("01.10.26", date(2026, 10, 1)),
        ("12 June 2019 4.07 p.m.", date(2019, 6, 12)),
        ("1 October 2026 at 12:00 (noon)", date(2026, 10, 1)),
        ("15. März 2026", date(2026, 3, 15)),
        ("15 de enero de 2026", date(2026, 1, 15)),
        ("1er mars 2026", date(2026, 3, 1)),
        ("15 januari 2026", date(2026, 1, 15)),
        ("2026年1月15日", date(2026, 1, 15)),
    ],
)
def test_a_day_is_read_however_it_is_written(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "June 2026",
        "2026",
        "1 May",
        "31 February 2026",
        "2026-13-01",
        "24 months",
        "Version 1.2.2026",
        "soon 2026",
        "9" * 90,
    ],
)
def test_what_is_no_whole_day_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Last modified:12 June 2019 4.07 p.m.", date(2019, 6, 12)),
        ("Fees\n\nPage updated 3 September 2025", date(2025, 9, 3)),
        ("This page was last updated on 2 May 2025.", date(2025, 5, 2)),
        ("Published 11.02.2022, updated 20.10.2025", date(2025, 10, 20)),
        ("Last update: 2025-01-02\n\nLast reviewed: 3 March 2025", date(2025, 3, 3)),
    ],
)
def test_the_stamp_of_a_page_is_found(text: str, day: date) -> None:
    assert find_modified_on(text) == day


@pytest.mark.parametrize(
    "text",
    ["The tuition fee was last changed on 1 May 2020.", "Updated regularly", "Last modified: May 2020", ""],
)
def test_what_does_not_date_the_page_is_no_stamp(text: str) -> None:
    assert find_modified_on(text) is None
