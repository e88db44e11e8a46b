"""A completion as a stream of chunks.

Every event's data is one JSON object, but for the last, which is ``[DONE]``. In this order:

    role      a chunk with the role, at once
    content   a chunk for each sentence and each notice, with its annotations, and one for the sources
    stop      a chunk with ``finish_reason``
    usage     a chunk without choices, where ``stream_options.include_usage`` asks for it
    [DONE]

An error is an object ``{"error": …}``, the last event, in place of those that are still missing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from .. import examples
from ..problems import ProblemDocument
from ..streaming import event, settled, waiting_for
from .completion import pieces_of, usage_of
from .errors import error_body
from .schemas import Chunk, ChunkChoice, Delta, DeltaAnnotation, Usage

if TYPE_CHECKING:
    from assistant.reply import Reply

EVENT_SCHEMA = {
    "type": "object",
    "properties": {"data": {"type": "string", "description": "A chunk, an error, or [DONE]"}},
    "required": ["data"],
}
"""For OpenAPI: one event."""

EVENT_EXAMPLE = f"data: {json.dumps(examples.CHUNK)}\n\ndata: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Stream:
    """What the chunks of a completion have in common, and what was sent for it."""

    id: str
    created: int
    model: str
    prompt: Sequence[str]
    includes_usage: bool

    async def events(self, outcome: asyncio.Future[Reply]) -> AsyncIterator[bytes]:
        """The events of one completion, encoded. An error of ``outcome`` becomes the last of them."""
        yield self._chunk(Delta(role="assistant", content=""))
        async for ping in waiting_for(outcome):
            yield ping
        reply = settled(outcome)
        if isinstance(reply, ProblemDocument):
            yield event(json.dumps(error_body(reply.status, reply.detail or reply.title)))
            return
        pieces = pieces_of(reply)
        number = count()
        for piece in pieces:
            annotations = [
                DeltaAnnotation(index=next(number), type=each.type, url_citation=each.url_citation)
                for each in piece.annotations
            ]
            if annotations:
                yield self._chunk(Delta(content=piece.text, annotations=annotations))
            else:
                yield self._chunk(Delta(content=piece.text))
        yield self._encoded([ChunkChoice(index=0, delta=Delta(), logprobs=None, finish_reason="stop")])
        if self.includes_usage:
            yield self._encoded([], usage_of(self.prompt, pieces))
        yield event("[DONE]")

    def _chunk(self, delta: Delta) -> bytes:
        return self._encoded([ChunkChoice(index=0, delta=delta, logprobs=None, finish_reason=None)])

    def _encoded(self, choices: list[ChunkChoice], usage: Usage | None = None) -> bytes:
        chunk: dict[str, object] = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }
        if self.includes_usage:
            chunk["usage"] = usage  # null in all chunks but the last
        return event(Chunk.model_validate(chunk).model_dump_json(exclude_unset=True))
