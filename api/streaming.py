"""A reply as server-sent events.

Every event's data is one JSON object. In this order:

    started    {"conversation_id", "message_id"}
               at once, before the question is looked into
    sentence   {"text", "citations", "support", "sources"}
               one for each grounded sentence; ``sources`` are the citation objects of the numbers that no
               earlier sentence named, so that a sentence can be shown with its links when it arrives
    notice     {"kind", "text", "citations"}
               one for each notice
    completed  the whole object that a request without ``stream`` gets; the last event
    error      a problem document; the last event, in place of those that are still missing

While the reply is being worked on a comment is sent every 15 seconds, so that nothing on the way takes the
connection for dead. What is wrong with the request itself is answered with a status and a problem document,
not with a stream.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from typing import Any, TypeVar

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel

from . import examples
from .problems import ProblemDocument, problem_of
from .schemas import ChatReply, ReplyCitation, ReplySentence
from .service import Exchange

T = TypeVar("T")

PING_SECONDS = 15.0

_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""Ends of lines to Unicode but neither to JSON nor to server-sent events: some clients split at them."""

CLIENT_LEFT = 499
"""The status for a client that has gone before its reply: sent to nobody, but counted and logged."""

EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["started", "sentence", "notice", "completed", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
"""For OpenAPI: one event."""

EVENT_EXAMPLE = "".join(
    f"event: {name}\ndata: {json.dumps(data)}\n\n"
    for name, data in (
        ("started", examples.STARTED),
        ("sentence", {**examples.SENTENCE, "sources": [examples.CITATION]}),
        ("completed", examples.CHAT_REPLY),
    )
)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_log = logging.getLogger(__name__)


class ClientLeft(Exception):
    """Nobody waits for the reply any more."""


class Started(BaseModel):
    """The ids of the reply that follows."""

    conversation_id: str
    message_id: str


class StreamedSentence(ReplySentence):
    """A sentence and the citations that it is the first to name."""

    sources: list[ReplyCitation]


def event_stream(events: AsyncIterator[bytes]) -> EventSourceResponse:
    """The response that sends these events as they come."""
    # A proxy that buffered or kept the events would undo the streaming.
    return EventSourceResponse(events, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})


async def events(exchange: Exchange, outcome: asyncio.Future[ChatReply]) -> AsyncIterator[bytes]:
    """The events of one reply, encoded. An error of ``outcome`` becomes the event ``error``."""
    yield _event("started", Started(conversation_id=exchange.conversation_id, message_id=exchange.message_id))
    async for ping in waiting_for(outcome):
        yield ping
    reply = settled(outcome)
    if isinstance(reply, ProblemDocument):
        yield event(reply.model_dump_json(exclude_none=True), "error")
        return
    for sentence in _sentences(reply):
        yield _event("sentence", sentence)
    for notice in reply.notices:
        yield _event("notice", notice)
    yield _event("completed", reply)


async def waiting_for(
    outcome: asyncio.Future[T], *, ping_seconds: float = PING_SECONDS
) -> AsyncIterator[bytes]:
    """Ends when there is an outcome; until then, now and then, a comment that clients ignore."""
    while not (await asyncio.wait({outcome}, timeout=ping_seconds))[0]:
        yield KEEPALIVE_COMMENT


def settled(outcome: asyncio.Future[T]) -> T | ProblemDocument:
    """What came of it; where that is an error, its problem document, logged.

    The status of the stream is sent by then, so that only an event can tell the client.
    """
    try:
        return outcome.result()
    except Exception as error:  # noqa: BLE001 - whatever it is, the client is told
        problem = problem_of(error)
        log_failure(problem, error)
        return problem


async def unless_left(outcome: asyncio.Future[T], receive: Receive) -> T:
    """The outcome, awaited for as long as the client stays. The request has been read to its end.

    Raises:
        ClientLeft: it went before there was an outcome.
    """
    leaving = asyncio.ensure_future(_disconnected(receive))
    either: set[asyncio.Future[Any]] = {outcome, leaving}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
    if not outcome.done():
        raise ClientLeft
    return outcome.result()


def event(data: str, name: str | None = None) -> bytes:
    """An event with this JSON, encoded."""
    return format_sse_event(event=name, data_str=data.translate(_LINE_ENDS))


def log_failure(problem: ProblemDocument, error: Exception) -> None:
    """Logs what ended a stream, if it is a fault of ours; the server itself never sees it."""
    if problem.status == 500:
        _log.error("A streamed reply failed", exc_info=error)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _sentences(reply: ChatReply) -> Iterator[StreamedSentence]:
    by_number = {citation.number: citation for citation in reply.citations}
    for sentence in reply.sentences:
        sources = [by_number.pop(number) for number in sentence.citations if number in by_number]
        yield StreamedSentence(**sentence.model_dump(), sources=sources)


def _event(name: str, data: BaseModel) -> bytes:
    return event(data.model_dump_json(), name)
