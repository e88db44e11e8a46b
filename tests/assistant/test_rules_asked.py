"""Whether something may be is answered by the sentence that rules it, and by both groups' figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opened import assistant_on

from assistant.assistant import Assistant
from assistant.kinds import QuestionKind
from assistant.questions import understand
from assistant.reply import Outcome
from ingest.embedding import Embedder

PAGE = """# A stay in the harbour clinic

Guests work in tropical medicine for eight weeks. A stay in tropical medicine alone is not possible.

Its fields are:

- Travel Medicine
- Tropical Medicine
- Diving Medicine

## Costs

Fee for EU/EEA citizens: 300 EUR per week

Fee for other nationalities: 700 EUR per week
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Assistant]:
    with assistant_on((PAGE,), tmp_path_factory.mktemp("rules"), minilm) as opened:
        yield opened


def test_what_rules_it_goes_before_what_names_it(assistant: Assistant) -> None:
    reply = assistant.reply("Can I do it all in tropical medicine?")

    assert reply.outcome is Outcome.ANSWERED
    assert reply.citations[0].quote == "A stay in tropical medicine alone is not possible."


def test_who_compares_groups_is_told_what_each_pays(assistant: Assistant) -> None:
    assert understand("Do Europeans pay less than others?").kind is QuestionKind.AMOUNT
    quotes = " ".join(each.quote for each in assistant.reply("Do Europeans pay less than others?").citations)

    assert "300 EUR" in quotes
    assert "700 EUR" in quotes
