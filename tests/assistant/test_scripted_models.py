"""Whole replies by an honest and by a lying model: what is shown keeps the promise either way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from scripted_model import HonestModel, LyingModel, reworded

from assistant.assistant import Assistant
from assistant.evaluation.fixtures import Fixture, load_fixtures
from assistant.evaluation.metrics import citation_validity, number_accuracy
from assistant.evaluation.model_figures import model_figures
from assistant.evaluation.run import ask_all
from assistant.evaluation.scoring import Result
from assistant.generation import Writer
from assistant.language_model import Deadline, Prompt
from assistant.model_answer import ANSWER_SCHEMA
from assistant.support import SupportCheck
from ingest.embedding import Embedder
from ingest.index import Index, open_current
from ingest.pipeline import ingest

ROOT = Path(__file__).parents[2]
PAGES, QUESTIONS = ROOT / "tests" / "pages" / "heldout", ROOT / "tests" / "questions" / "heldout_pages.jsonl"
# Every third question; all of them with -m long.
SHORT = slice(None, None, 3)
PROMPT = Prompt(
    "Answer.",
    "Question: How long does it take?\n\nEvidence:\n"
    "[1] Fee: 2,060 EUR per year (MSc (Utrecht) › Fees, page of 2026-01-05)\n"
    "[2] Duration: It does take 24 months. (MSc (Utrecht))\n",
    ANSWER_SCHEMA,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The pages, and what the assistant is made of."""

    index: Index
    embedder: Embedder

    def asked(self, model: HonestModel, questions: list[Fixture]) -> tuple[Result, ...]:
        writer = Writer(model, SupportCheck(self.embedder))
        return ask_all(questions, Assistant(self.index, self.embedder, writer=writer), self.index.documents)


@pytest.fixture(scope="module")
def opened(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    data_dir = tmp_path_factory.mktemp("heldout-pages")
    ingest([PAGES], data_dir, minilm)
    index = open_current(data_dir, embedder=minilm)
    yield Opened(index, minilm)
    index.close()


@pytest.fixture(
    scope="module", params=[SHORT, pytest.param(slice(None), marks=pytest.mark.long)], ids=["short", "all"]
)
def questions(request: pytest.FixtureRequest) -> list[Fixture]:
    return list(load_fixtures(QUESTIONS))[request.param]


def test_what_an_honest_model_says_is_shown_and_every_quote_and_number_stands(
    opened: Opened, questions: list[Fixture]
) -> None:
    model = HonestModel()
    results = opened.asked(model, questions)
    figures = model_figures(results)

    assert figures is not None
    assert figures.shown.n >= len(questions) // 3
    assert 2 * figures.shown.hits >= figures.shown.n
    assert citation_validity(results).value == number_accuracy(results).value == 1
    shown = {said.text for result in results for said in model.said if said.text in result.text}
    assert len(shown) >= figures.shown.hits


def test_what_a_lying_model_says_is_not_shown_and_the_quoted_answer_is(
    opened: Opened, questions: list[Fixture]
) -> None:
    model = LyingModel()
    results = opened.asked(model, questions)
    lies = {said.text for said in model.said}
    survivors = [(result.id, lie) for result in results for lie in lies if lie in result.text]

    assert len(lies) >= len(questions) // 2
    assert 100 * len(survivors) <= len(lies), survivors
    assert citation_validity(results).value == number_accuracy(results).value == 1
    quoted = [result for result in results if result.model_use and result.mode == "quoted"]
    assert all(result.citations for result in quoted)


def said(model: HonestModel) -> list[dict[str, object]]:
    completion = model.complete(PROMPT, Deadline.after(1))
    sentences: list[dict[str, object]] = json.loads(completion.text)["sentences"]
    return sentences


def test_the_honest_model_says_the_evidence_and_names_it() -> None:
    assert said(HonestModel()) == [
        {"text": "The fee is 2,060 EUR per year.", "evidence": [1]},
        {"text": "The duration is It does take 24 months.", "evidence": [2]},
    ]


def test_the_lying_model_changes_every_sentence_and_tells_the_same_lies_again() -> None:
    honest = [sentence["text"] for sentence in said(HonestModel())]
    lies = said(LyingModel())

    assert len(lies) == 2
    assert not {sentence["text"] for sentence in lies} & set(honest)
    assert lies == said(LyingModel())


def test_evidence_is_reworded_as_a_sentence() -> None:
    assert reworded("Duration: 24 months") == "The duration is 24 months."
    assert reworded("IELTS: 6.5 overall") == "The IELTS is 6.5 overall."
    assert reworded("Payment in cash is not possible.") == "Payment in cash isn't possible."
    assert reworded("Home | none") == "Home | none."
