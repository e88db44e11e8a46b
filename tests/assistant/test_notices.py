"""Warnings beside an answer. A page's history is not warned of, and what still holds is not either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from opened import index_of

from assistant.assistant import Assistant
from assistant.notices import Clock, last_day
from assistant.reply import NoticeKind, Reply
from ingest.embedding import Embedder
from ingest.index import Index

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Apply by 1 April 2023.", date(2023, 4, 1)),
        ("The deadline is April 1st, 2023.", date(2023, 4, 1)),
        ("Application deadline: 2023-04-01", date(2023, 4, 1)),
        ("All visits are cancelled until 1 February 2022.", date(2022, 2, 1)),
        ("The next intake is in September 2025.", date(2025, 9, 30)),
        ("The programme starts in February 2024.", date(2024, 2, 29)),
        ("Interviews are held from 19 to 30 January 2026.", date(2026, 1, 30)),
        ("Apply between 1 December 2025 and 31 January 2026.", date(2026, 1, 31)),
        ("Apply from 1 October 2025 until 15 January 2026.", date(2026, 1, 15)),
        ("Tuition fee 2021-2022: 2,060 EUR", date(2022, 9, 30)),
        ("The fee for 2021/22 is 2,060 EUR.", date(2022, 9, 30)),
        # of several days the last one decides
        ("First round: apply by 1 May 2026; second round: apply by 1 May 2027.", date(2027, 5, 1)),
    ],
)
def test_what_is_announced_holds_until_its_last_day(text: str, last: date) -> None:
    assert last_day(text) == last


@pytest.mark.parametrize(
    "text",
    [
        "The institute was founded on 1 May 1950.",
        "An online open house took place on 12 November 2024.",
        "The closing date for 2025 was 31 March 2025.",
        "The course of 2025 took place from 7 to 18 July 2025 with 26 participants.",
        "She was born on 3 March 1970.",
        "Last modified: 12 June 2019",
        "Page updated 3 September 2025",
        "The law of 1 July 2004 governs access to the register.",
        "In 2021-2022 we had 300 students.",
        "The plan for 2021-2022 is on the wall of the library.",
        "Applications are open from 16 October 2025.",
        "The fee applies from 1 September 2024 and is 2,060 EUR.",
        "Apply before 1 April.",
        "The award is funded by a company until 2027.",
        "Room 2019-2020 is closed on Sundays.",
        "Call 2020-21 for an appointment.",
    ],
)
def test_history_and_what_has_no_end_are_not_announcements(text: str) -> None:
    assert last_day(text) is None


def test_a_bare_range_of_days_in_a_field_is_a_period() -> None:
    assert last_day("Block 2: 13 April to 5 June 2026", is_field=True) == date(2026, 6, 5)
    assert last_day("Block 2: 13 April to 5 June 2026") is None


OLD = """---
title: Lantern Craft Diploma
url: https://lantern.example/diploma
publisher: Workshop of Lantmere
modified_on: 2024-11-21
---

# Lantern Craft Diploma

Duration: 3 years

Number of places: 14

## Dates

Application deadline: 1 March 2026

Start date: 1 September 2027

The workshop was founded on 12 May 1931.

## Tuition fees 2024/25

Tuition fee: 3,100 EUR per year

## Courses

| Course | Early price (until 1 March 2026) | Regular price (from 2 March 2026) |
|---|---|---|
| Glass painting | 200 EUR | 260 EUR |
| Soldering | 150 EUR | 190 EUR |

## Application

For questions about the entrance examination please write to the office at
"""
FRESH = """---
title: Candle Making Certificate
publisher: Workshop of Lantmere
modified_on: 2024-11-22
---

# Candle Making Certificate

Duration: 9 months

Number of places: 5
"""
UNDATED = """---
title: Shadow Theatre Workshop
publisher: Workshop of Lantmere
---

# Shadow Theatre Workshop

Duration: 5 weeks
"""


@pytest.fixture(scope="module")
def index(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    pages = {"old": OLD, "fresh": FRESH, "undated": UNDATED}
    with index_of(pages, tmp_path_factory.mktemp("notices"), minilm) as opened:
        yield opened


@pytest.fixture(scope="module")
def assistant(index: Index, minilm: Embedder) -> Assistant:
    return Assistant(index, minilm, clock=Clock(lambda: TODAY, outdated_after_days=730))


def kinds(reply: Reply) -> set[NoticeKind]:
    return {notice.kind for notice in reply.notices}


def test_a_page_that_was_last_changed_too_long_ago_is_called_old_with_its_date(assistant: Assistant) -> None:
    reply = assistant.reply("How long does the Lantern Craft Diploma take?")
    assert [(each.kind, each.text) for each in reply.notices] == [
        (
            NoticeKind.OUTDATED,
            "This page was last changed on 21 November 2024; please check that it still holds.",
        )
    ]
    assert set(reply.notices[0].citations) == {citation.number for citation in reply.citations}


def test_a_page_changed_on_the_last_day_of_the_limit_is_not_old(assistant: Assistant) -> None:
    reply = assistant.reply("How long does the Candle Making Certificate take?")
    assert "9 months" in reply.text
    assert not reply.notices


def test_of_a_page_without_a_date_nothing_is_claimed(assistant: Assistant) -> None:
    reply = assistant.reply("How long does the Shadow Theatre Workshop take?")
    assert "5 weeks" in reply.text
    assert not reply.notices


def test_the_limit_can_be_moved(index: Index, minilm: Embedder) -> None:
    patient = Assistant(index, minilm, clock=Clock(lambda: TODAY, outdated_after_days=731))
    assert not patient.reply("How long does the Lantern Craft Diploma take?").notices


@pytest.mark.parametrize(
    ("question", "is_expired"),
    [
        ("When is the application deadline of the Lantern Craft Diploma?", True),
        ("When does the Lantern Craft Diploma start?", False),
        ("When was the workshop of the Lantern Craft Diploma founded?", False),
        ("How many places does the Lantern Craft Diploma have?", False),
        ("What is the tuition fee of the Lantern Craft Diploma?", True),  # its heading names the year
        ("What is the early price of glass painting in the Lantern Craft Diploma?", True),
        ("What is the regular price of glass painting in the Lantern Craft Diploma?", False),
    ],
)
def test_a_quote_whose_date_has_passed_is_marked(
    assistant: Assistant, question: str, is_expired: bool
) -> None:
    reply = assistant.reply(question)
    assert reply.citations
    assert (NoticeKind.EXPIRED in kinds(reply)) is is_expired, reply.text


def test_a_deadline_holds_on_its_own_day(index: Index, minilm: Embedder) -> None:
    question = "When is the application deadline of the Lantern Craft Diploma?"
    on_the_day = Assistant(index, minilm, clock=Clock(lambda: date(2026, 3, 1)))
    after = Assistant(index, minilm, clock=Clock(lambda: date(2026, 3, 2)))
    assert NoticeKind.EXPIRED not in kinds(on_the_day.reply(question))
    assert NoticeKind.EXPIRED in kinds(after.reply(question))


def test_a_cited_line_that_breaks_off_is_marked(assistant: Assistant) -> None:
    reply = assistant.reply("Whom can I write to with questions about the entrance examination?")
    assert "write to the office at" in reply.text
    assert NoticeKind.BLANK in kinds(reply)
