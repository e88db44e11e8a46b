"""A question is embedded once, however often it is asked and of however many pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.assistant import Assistant
from ingest.embedding import Embedder
from ingest.index import open_current


class Counting:
    """The embedder that it is given, with a list of what it was asked."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimensions, self.runtime = embedder.dimensions, embedder.runtime
        self.texts: list[str] = []
        self._embedder = embedder

    def embed(self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None) -> Any:
        self.texts += texts
        return self._embedder.embed(texts, on_progress=on_progress)


@pytest.mark.parametrize("question", ["What is the tuition fee for EU students?", "Which lectures are held?"])
def test_a_question_is_embedded_once_and_answered_alike(
    corpus_data: Path, minilm: Embedder, question: str
) -> None:
    counting = Counting(minilm)
    index = open_current(corpus_data, embedder=counting)
    try:
        assistant = Assistant(index, counting)
        first = assistant.reply(question)
        assert counting.texts == [question]
        again = assistant.reply(question)
        assert assistant.search(question)
        assert counting.texts == [question]
        assert (again.text, again.citations) == (first.text, first.citations)
    finally:
        index.close()
