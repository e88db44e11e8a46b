"""The whole way, with nothing faked: a page is ingested, questions are read, asked, judged and reported."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from assistant.evaluation.fixtures import load_fixtures
from assistant.evaluation.metrics import Share, scores
from assistant.evaluation.run import ask_all
from assistant.evaluation.scoring import Result
from ingest.embedding import Embedder
from ingest.index import open_current
from ingest.pipeline import ingest

PAGE = """---
title: Baking MSc
url: https://example.org/baking
---
# Baking MSc

## Tuition

The tuition fee for international students is 18,690 EUR per year.

## Duration

The programme takes 24 months.
"""
QUESTIONS = """\
{"id": "fee", "turns": ["What is the tuition fee?"], "expect": "answer", "must": ["18,690"], \
"cite": ["18,690"], "tags": ["fee"]}
{"id": "length", "turns": ["Hello!", "How long does the programme take?"], "expect": "answer", \
"must": ["24 months"], "cite": ["24 months"], "tags": ["duration"]}
{"id": "wrong", "turns": ["How long does the programme take?"], "expect": "answer", "must": ["36 months"], \
"tags": ["duration"]}
{"id": "zoo", "turns": ["Who feeds the penguins at night?"], "expect": "abstain", "tags": ["unanswerable"]}
"""


@pytest.fixture(scope="module")
def results(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, ...]:
    folder = tmp_path_factory.mktemp("baking")
    (folder / "baking.md").write_text(PAGE, encoding="utf-8")
    (folder / "questions.jsonl").write_text(QUESTIONS, encoding="utf-8")
    ingest([folder / "baking.md"], folder / "data", minilm)
    index = open_current(folder / "data", embedder=minilm)
    try:
        return ask_all(load_fixtures(folder / "questions.jsonl"), Assistant(index, minilm), index.documents)
    finally:
        index.close()


def test_right_replies_pass_and_a_wrong_one_is_found_out(results: tuple[Result, ...]) -> None:
    assert {result.id: result.passes for result in results} == {
        "fee": True,
        "length": True,
        "wrong": False,
        "zoo": True,
    }
    assert results[2].reasons == ("the text lacks what must matches: 36 months",)


def test_the_metrics_are_those_counted_by_hand(results: tuple[Result, ...]) -> None:
    shares = scores(results).shares

    assert shares["pass_rate"] == Share(3, 4)
    assert shares["citation_recall"] == Share(2, 2)
    assert shares["citation_validity"].value == 1
    assert shares["answered_though_unanswerable"] == Share(0, 1)
    assert shares["abstained_though_answerable"] == Share(0, 3)
    assert shares["number_accuracy"] == Share(3, 3)
    assert all(result.milliseconds > 0 for result in results)
