"""The routes that speak OpenAI's language. They only translate."""

from __future__ import annotations

import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from assistant.conversation import InvalidQuestion

from ..callers import ChatCaller
from ..capacity import Place
from ..dependencies import TheMetrics, ThePlace, TheService
from ..metrics import Metrics
from ..problems import BODY, CALLER, Problem, documented_headers
from ..service import NotReady, Service
from ..storage.conversations import new_id
from ..streaming import CLIENT_LEFT, ClientLeft, event_stream, unless_left
from ..strict_json import StrictRoute
from .chunks import EVENT_EXAMPLE, EVENT_SCHEMA, Stream
from .completion import pieces_of, usage_of
from .errors import error_body
from .messages import Talk, reply_to, talk_of, text_of
from .schemas import (
    MODEL,
    Choice,
    Completion,
    CompletionMessage,
    CompletionRequest,
    ErrorReply,
    Model,
    ModelList,
)

if TYPE_CHECKING:
    from assistant.reply import Reply

_MODEL = Model(id=MODEL, created=1_795_392_000)  # 23 November 2026

_READING = tuple(status for status in BODY if status is not HTTPStatus.UNPROCESSABLE_ENTITY)
"""What does not fit the schema is a 400 in OpenAI's language."""

_EXAMPLES = {
    "question": {
        "summary": "A question",
        "value": {
            "model": MODEL,
            "messages": [{"role": "user", "content": "How long does the programme take?"}],
        },
    },
    "conversation": {
        "summary": "A follow-up, streamed",
        "value": {
            "model": MODEL,
            "messages": [
                {"role": "user", "content": "What is the tuition fee?"},
                {"role": "assistant", "content": "This depends on who you are."},
                {"role": "user", "content": "I'm from Norway."},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
        },
    },
}

router = APIRouter(route_class=StrictRoute)


def _documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    return {
        int(status): {
            "description": status.phrase,
            "model": ErrorReply,
            "content": {"application/json": {"example": error_body(status, f"{status.phrase}.")}},
            **documented_headers(status),
        }
        for status in statuses
    }


@router.post(
    "/v1/chat/completions",
    summary="Ask a question in OpenAI's language",
    response_model=Completion,
    responses={
        200: {
            "description": "The checked reply; with `stream` server-sent events",
            "content": {"text/event-stream": {"itemSchema": EVENT_SCHEMA, "example": EVENT_EXAMPLE}},
        },
        **_documented(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE, *CALLER, *_READING),
    },
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": _EXAMPLES}}}},
)
async def completions(
    asked: CompletionRequest,
    caller: ChatCaller,
    request: Request,
    service: TheService,
    metrics: TheMetrics,
    place: ThePlace,
) -> Completion | Response:
    if asked.model != MODEL:
        raise _no_such_model(param="model")
    try:
        talk = talk_of(asked.messages)
    except InvalidQuestion as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error), param="messages") from None
    if service.generation is None:
        raise NotReady
    place.take()
    outcome = place.begin(partial(_answer, service, metrics, place, talk))
    completion_id, created = f"chatcmpl-{new_id()}", int(time.time())
    prompt = [text_of(message) for message in asked.messages]
    if asked.stream:
        wants_usage = asked.stream_options is not None and bool(asked.stream_options.include_usage)
        return event_stream(Stream(completion_id, created, MODEL, prompt, wants_usage).events(outcome))
    try:
        reply = await unless_left(outcome, request.receive)
    except ClientLeft:
        return Response(status_code=CLIENT_LEFT)
    pieces = pieces_of(reply)
    message = CompletionMessage(
        content="".join(piece.text for piece in pieces),
        annotations=[each for piece in pieces for each in piece.annotations],
    )
    return Completion(
        id=completion_id,
        created=created,
        model=MODEL,
        choices=[Choice(message=message)],
        usage=usage_of(prompt, pieces),
        system_fingerprint=reply.generation,
    )


@router.get("/v1/models", summary="List the models", responses=_documented(*CALLER))
async def models(caller: ChatCaller) -> ModelList:
    return ModelList(data=[_MODEL])


@router.get(
    "/v1/models/{model}",
    summary="Read about a model",
    responses=_documented(HTTPStatus.NOT_FOUND, *CALLER),
)
async def model(model: str, caller: ChatCaller) -> Model:
    if model != MODEL:
        raise _no_such_model()
    return _MODEL


def _no_such_model(param: str | None = None) -> Problem:
    detail = f"There is no such model. The only one is {MODEL!r}."
    return Problem(HTTPStatus.NOT_FOUND, detail, param=param, code="model_not_found")


def _answer(service: Service, metrics: Metrics, place: Place, talk: Talk) -> Reply:
    began = time.perf_counter()
    reply = reply_to(service, talk, is_wanted=place.is_wanted)
    metrics.replied(reply, time.perf_counter() - began)
    return reply
