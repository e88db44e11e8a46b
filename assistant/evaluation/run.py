"""Asking every question of a file, each in a conversation of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ingest.documents import Document

from ..conversation import Turn, turn_of
from ..reply import Reply
from .fixtures import Fixture
from .scoring import Result, judge


class Answering(Protocol):
    """What is evaluated."""

    def reply(self, message: str, *, history: Sequence[Turn] = ()) -> Reply:
        """The reply to ``message`` after ``history``, oldest turn first."""


def ask_all(
    fixtures: Sequence[Fixture],
    assistant: Answering,
    documents: Mapping[str, Document],
    *,
    on_progress: Callable[[int, int], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Result, ...]:
    """Return a result for each question, in order. ``documents`` by id are what quotes are checked against.

    ``on_progress(done, total)`` counts questions. An error of the assistant ends the run; it then carries a
    note that names the question.
    """
    results: list[Result] = []
    for fixture in fixtures:
        try:
            results.append(_ask(fixture, assistant, documents, clock))
        except Exception as error:
            error.add_note(f"while the question {fixture.id!r} on line {fixture.line} was asked")
            raise
        if on_progress is not None:
            on_progress(len(results), len(fixtures))
    return tuple(results)


def _ask(
    fixture: Fixture, assistant: Answering, documents: Mapping[str, Document], clock: Callable[[], float]
) -> Result:
    history: list[Turn] = []
    replies: list[Reply] = []
    seconds = 0.0
    for message in fixture.turns:
        started = clock()
        reply = assistant.reply(message, history=tuple(history))
        seconds = clock() - started
        history.append(turn_of(message, reply))
        replies.append(reply)
    return judge(fixture, replies, documents, milliseconds=1000 * seconds)
