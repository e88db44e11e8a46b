"""What is asked for one of several numbered parts is never answered with what holds for another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opened import assistant_on

from assistant.assistant import Assistant
from assistant.fields import field_of
from assistant.reply import Outcome
from assistant.terms import terms_of
from ingest.embedding import Embedder

PAGE = """# Summer courses for guests

Guests from other schools are welcome. The deadlines for guests to apply for the summer courses are:

Session I: May 24, 2031
Session II: July 5, 2031
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Assistant]:
    with assistant_on((PAGE,), tmp_path_factory.mktemp("parts"), minilm) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Last day to apply for session 2?", "Session II: July 5, 2031"),
        ("What is the deadline for Session II?", "Session II: July 5, 2031"),
        ("until when can guests apply for session 1", "Session I: May 24, 2031"),
    ],
)
def test_a_part_is_known_by_its_number_however_it_is_written(
    assistant: Assistant, question: str, quote: str
) -> None:
    reply = assistant.reply(question)

    assert reply.outcome is Outcome.ANSWERED
    assert reply.citations[0].quote == quote


def test_a_part_that_there_is_not_has_no_date(assistant: Assistant) -> None:
    reply = assistant.reply("What is the deadline for session 3?")

    assert reply.outcome in {Outcome.NOT_FOUND, Outcome.NOT_STATED}
    assert "May 24" not in reply.text
    assert "July 5" not in reply.text


def test_only_the_numbers_of_parts_are_read_as_numerals() -> None:
    (term,) = terms_of("phase IV", is_name=lambda _: False)
    assert term.stems == ("phase", "4")
    assert field_of(["Phase IV of the trial"]).holds(term)
    assert "|iv|" in field_of(["an IV drip"]).stems
