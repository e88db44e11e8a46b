"""An answer is given where it is sure enough; where not, its evidence is shown as the nearest there is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.confidence import LEAST_CONFIDENCE, Confidence, confidence_in
from assistant.evidence import Evidence
from assistant.reply import Outcome
from ingest.embedding import Embedder
from ingest.index import Index, open_current

QUESTION = "How long does the programme take?"


@pytest.fixture(scope="module")
def index(minilm: Embedder, corpus_data: Path) -> Iterator[Index]:
    opened = open_current(corpus_data, embedder=minilm)
    yield opened
    opened.close()


def test_the_probability_is_that_of_the_logistic_model() -> None:
    logit = -0.72 + 2.02 * 0.5 + 1.44 * 0.8 + 1.52 * 0.1

    assert Confidence(0.5, 0.8, 0.1).probability == pytest.approx(1 / (1 + math.exp(-logit)))


@pytest.mark.parametrize(
    "better", [Confidence(0.6, 0.8, 0.1), Confidence(0.5, 0.9, 0.1), Confidence(0.5, 0.8, 0.2)]
)
def test_more_of_each_sign_makes_surer(better: Confidence) -> None:
    assert better.probability > Confidence(0.5, 0.8, 0.1).probability


def test_the_lead_is_that_over_the_fourth_best(index: Index, minilm: Embedder) -> None:
    found = [_evidence(index, score) for score in (0.9, 0.8, 0.7, 0.65, 0.1)]

    assert confidence_in(found[1], found).lead == pytest.approx(0.25)
    assert confidence_in(found[0], found[:3]).lead == pytest.approx(0.9)


def test_an_answer_is_given_with_its_confidence(index: Index, minilm: Embedder) -> None:
    reply = Assistant(index, minilm).reply(QUESTION)

    assert reply.outcome is Outcome.ANSWERED
    assert reply.confidence is not None
    assert LEAST_CONFIDENCE <= reply.confidence.probability < 1


@pytest.mark.parametrize(
    ("language", "question", "framing"),
    [
        ("en", QUESTION, "I am not sure that the pages answer this."),
        ("nl", "Hoe lang duurt de opleiding?", "Ik weet niet zeker of de pagina's dit beantwoorden."),
        ("de", "Wie lange dauert das Programm?", "Ich bin nicht sicher, ob die Seiten dies beantworten."),
    ],
)
def test_an_unsure_answer_is_shown_as_the_nearest_there_is(
    index: Index, minilm: Embedder, language: str, question: str, framing: str
) -> None:
    reply = Assistant(index, minilm, least_confidence=1.0).reply(question)

    assert reply.outcome is Outcome.NOT_STATED
    assert reply.language == language
    assert reply.text.startswith(framing)
    assert "24 months" in reply.citations[0].quote
    assert reply.confidence is not None


def test_what_the_rules_do_not_allow_has_no_confidence(index: Index, minilm: Embedder) -> None:
    reply = Assistant(index, minilm, least_confidence=0.0).reply("Is there a programme in Amsterdam?")

    assert reply.outcome is Outcome.NOT_FOUND
    assert reply.confidence is None


def test_branches_of_an_unsure_answer_are_withheld_too(index: Index, minilm: Embedder) -> None:
    fee = "What is the tuition fee per year?"

    assert Assistant(index, minilm).reply(fee).outcome is Outcome.CLARIFY
    assert Assistant(index, minilm, least_confidence=1.0).reply(fee).outcome is Outcome.NOT_STATED


def _evidence(index: Index, score: float) -> Evidence:
    unit = index.units[0]
    return Evidence(
        document=index.documents[unit.document_id],
        unit=unit,
        position=0,
        score=score,
        coverage=1.0,
        similarity=0.5,
        has_value=False,
        uncovered=(),
        audience=None,
    )
