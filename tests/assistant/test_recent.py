"""A reply that was given before is given again where nothing that it depends on has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from bag_of_words import BagOfWords

from assistant.assistant import Assistant
from assistant.conversation import turn_of
from assistant.notices import Clock
from assistant.recent import Recent
from ingest.index import Index, open_current
from ingest.pipeline import ingest

FEE = "What is the tuition fee?"
PAGE = "https://www.example.edu/imaging"


class Today:
    def __init__(self) -> None:
        self.day = date(2026, 11, 1)

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "imaging.md").write_text(
        f"---\ntitle: Imaging\nurl: {PAGE}\n---\n\n# Imaging\n\n## Tuition fee\n\n"
        "Tuition fee for EU/EEA students: 2,060 EUR\n\nTuition fee for non-EU/EEA students: 18,690 EUR\n",
        encoding="utf-8",
    )
    ingest([pages], tmp_path / "data", BagOfWords())
    opened = open_current(tmp_path / "data", embedder=BagOfWords())
    yield opened
    opened.close()


def test_the_same_question_gets_the_very_same_reply_without_being_looked_up(index: Index) -> None:
    assistant = Assistant(index, BagOfWords())
    reply = assistant.reply(FEE)
    again = assistant.reply(FEE)

    assert again == reply
    assert again is assistant.reply(FEE)
    assert reply.retrieval_seconds is not None
    assert again.retrieval_seconds is None


def test_another_asker_language_page_or_day_is_answered_anew(index: Index) -> None:
    today = Today()
    assistant = Assistant(index, BagOfWords(), clock=Clock(today))
    both = assistant.reply(FEE)
    norwegian = assistant.reply(FEE, profile={"country": "Norway"})
    dutch = assistant.reply(FEE, language="nl")
    on_page = assistant.reply(FEE, page=PAGE)
    today.day = date(2036, 1, 1)
    later = assistant.reply(FEE)

    assert "2,060" in norwegian.text
    assert "18,690" not in norwegian.text
    assert "18,690" in both.text
    assert dutch.language == "nl"
    assert (on_page.page, both.page) == ("Imaging", "")
    assert later.retrieval_seconds is not None


def test_what_is_asked_in_a_conversation_is_answered_in_it(index: Index) -> None:
    assistant = Assistant(index, BagOfWords())
    first = assistant.reply(FEE)
    asked = assistant.reply("And for EU students?")
    follow_up = assistant.reply("And for EU students?", history=[turn_of(FEE, first)])

    assert "2,060" in follow_up.text
    assert follow_up.question != asked.question


def test_what_was_not_wanted_for_longest_goes() -> None:
    recent: Recent[int] = Recent(2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.get("a") == 1
    recent.keep("c", 3)

    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
