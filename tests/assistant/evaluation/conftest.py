"""One page, and replies and results about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from assistant.evaluation.fixtures import Expectation
from assistant.evaluation.scoring import Result
from assistant.reply import Citation, Outcome, Reply, Sentence, Support
from ingest.documents import Document

TEXT = (
    "The fee is 18,690 EUR per year.\n\nThe programme takes 24 months.\n\nRooms cost 900 – 1,450 EUR a month."
)

MakeReply = Callable[..., Reply]
MakeResult = Callable[..., Result]


@pytest.fixture
def documents() -> Mapping[str, Document]:
    return {"msc": Document("msc", "MSc", "https://example.org/msc", "A university", "en", TEXT)}


@pytest.fixture
def a_reply() -> MakeReply:
    """A reply of sentences, each (text, quotes, support); a quote that the page does not hold stands at 0."""

    def make(
        *said: tuple[str, Sequence[str]] | tuple[str, Sequence[str], Support],
        outcome: Outcome = Outcome.ANSWERED,
        question: str = "What is the fee?",
    ) -> Reply:
        numbers: dict[str, int] = {}
        sentences = []
        for text, quotes, *support in said:
            cited = tuple(numbers.setdefault(quote, len(numbers) + 1) for quote in quotes)
            sentences.append(Sentence(text, cited, *support))
        return Reply(
            outcome=outcome,
            question=question,
            text=" ".join(sentence.text for sentence in sentences),
            sentences=tuple(sentences),
            citations=tuple(_citation(number, quote) for quote, number in numbers.items()),
        )

    return make


@pytest.fixture
def a_result() -> MakeResult:
    """A result that passes, with what a test gives in place."""
    passing = Result(
        id="q1",
        turns=("What is the fee?",),
        tags=(),
        expect=Expectation.ANSWER,
        outcome=Outcome.ANSWERED,
        question="What is the fee?",
        text="The fee is 18,690 EUR per year. [1]",
        citations=(),
        notices=(),
        quotes=0,
        exact_quotes=0,
        gold_found=(),
        has_numbers=False,
        unsupported_numbers=(),
        reasons=(),
        milliseconds=10.0,
    )
    return lambda **parts: replace(passing, **parts)


def _citation(number: int, quote: str) -> Citation:
    start = max(TEXT.find(quote), 0)
    return Citation(
        number=number,
        document_id="msc",
        title="MSc",
        url="https://example.org/msc",
        deep_link=f"https://example.org/msc#:~:text={number}",
        headings=(),
        quote=quote,
        start=start,
        end=start + len(quote),
    )
