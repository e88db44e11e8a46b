"""Whether the open generation does answer: an index can be open and yet find nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

from .backend import OpenGeneration, OpenIndex
from .service import Service

_QUESTIONS = 8
"""Questions that are tried. On four sets of pages one of the first two was answered."""

_TRY_AGAIN_SECONDS = 10.0

_log = logging.getLogger(__name__)


class NotAnswering(Exception):
    """An index is open, but questions about its own headings find nothing in it."""

    def __init__(self) -> None:
        super().__init__(
            "An index is open, but what stands in it is not found. Run `prospectus doctor` on the server."
        )


class Readiness:
    """Asks each generation once about something that stands in it; safe to use from several threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._good: str | None = None
        self._bad: tuple[str, float] | None = None

    def check(self) -> str:
        """The generation that answers.

        Raises:
            NotReady: no index is open.
            NotAnswering: one is open and does not answer; it is asked again after ten seconds.
        """
        with self._service.lease() as opened, self._lock:
            generation = opened.index.generation
            if generation == self._good:
                return generation
            bad, failed_at = self._bad or ("", 0.0)
            if bad == generation and time.monotonic() - failed_at < _TRY_AGAIN_SECONDS:
                raise NotAnswering
            if not _answers(opened):
                self._bad = (generation, time.monotonic())
                raise NotAnswering
            self._good = generation
            return generation


def _answers(opened: OpenGeneration) -> bool:
    """Whether a reply quotes the page that it was asked about, or a passage is found by its own text."""
    try:
        return _finds(opened)
    except Exception:  # noqa: BLE001 - whatever it is, this generation does not answer
        _log.exception("A known question failed")
        return False


def _finds(opened: OpenGeneration) -> bool:
    documents = opened.index.documents
    assistant = opened.quoting or opened.assistant  # a language model is neither needed nor paid for this
    for question in _known_questions(opened.index):
        citations = assistant.reply(question).citations
        if any(documents[each.document_id].text[each.start : each.end] == each.quote for each in citations):
            return True
    passage = opened.index.passages[0]
    hits = opened.assistant.search(passage.text[:1000])
    return any(hit.passage.id == passage.id for hit in hits)


def _known_questions(index: OpenIndex) -> Iterator[str]:
    headings = dict.fromkeys(passage.headings[-1] for passage in index.passages if passage.headings)
    for heading in list(headings)[:_QUESTIONS]:
        yield f"What do the pages say about “{heading[:200]}”?"
