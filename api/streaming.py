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

What is wrong with the request itself is answered with a status and a problem document, not with a stream.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from fastapi.sse import format_sse_event
from pydantic import BaseModel

from .problems import problem_of
from .schemas import ChatReply, ReplyCitation, ReplySentence
from .service import Exchange

_log = logging.getLogger(__name__)


class Started(BaseModel):
    """The ids of the reply that follows."""

    conversation_id: str
    message_id: str


class StreamedSentence(ReplySentence):
    """A sentence and the citations that it is the first to name."""

    sources: list[ReplyCitation]


async def events(exchange: Exchange, answer: Callable[[], Awaitable[ChatReply]]) -> AsyncIterator[bytes]:
    """The events of one reply, encoded. An error of ``answer`` becomes the event ``error``."""
    yield _event("started", Started(conversation_id=exchange.conversation_id, message_id=exchange.message_id))
    try:
        reply = await answer()
    except Exception as error:  # noqa: BLE001 - the status is sent: only an event can tell the client
        problem = problem_of(error)
        if problem.status >= 500:
            _log.exception("A streamed reply failed")
        yield _event("error", problem, leave_out_none=True)
        return
    for sentence in _sentences(reply):
        yield _event("sentence", sentence)
    for notice in reply.notices:
        yield _event("notice", notice)
    yield _event("completed", reply)


def _sentences(reply: ChatReply) -> Iterator[StreamedSentence]:
    by_number = {citation.number: citation for citation in reply.citations}
    for sentence in reply.sentences:
        sources = [by_number.pop(number) for number in sentence.citations if number in by_number]
        yield StreamedSentence(**sentence.model_dump(), sources=sources)


def _event(name: str, data: BaseModel, *, leave_out_none: bool = False) -> bytes:
    return format_sse_event(event=name, data_str=data.model_dump_json(exclude_none=leave_out_none))
