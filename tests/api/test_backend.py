"""The real backend: what the settings say reaches the replies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from api.backend import LocalBackend
from api.settings import Settings


@pytest.mark.parametrize(
    ("today", "days", "is_old"),
    [
        (date(2021, 6, 11), 730, False),  # last changed on 12 June 2019
        (date(2021, 6, 12), 730, True),
        (date(2021, 6, 12), 731, False),
    ],
)
def test_how_old_a_page_may_be_and_what_day_it_is_can_be_set(
    corpus_data: Path, today: date, days: int, is_old: bool
) -> None:
    backend = LocalBackend(Settings(data_dir=corpus_data, outdated_after_days=days), today=lambda: today)
    opened = backend.open()
    try:
        reply = opened.assistant.reply("Can I do the whole internship in nuclear medicine?")
    finally:
        opened.index.close()
    assert reply.citations
    assert any("12 June 2019" in notice.text for notice in reply.notices) is is_old
