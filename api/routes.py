"""The routes of the HTTP API. They only translate: what happens is in ``service`` and in the assistant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse

from .problems import Problem, documented
from .schemas import (
    ChatReply,
    ChatRequest,
    DocumentList,
    DocumentSummary,
    DocumentWithText,
    Health,
    Readiness,
    SearchHit,
    SearchReply,
    SearchRequest,
)
from .service import Exchange, NotReady, Service
from .streaming import events
from .strict_json import StrictRoute

T = TypeVar("T")

router = APIRouter(route_class=StrictRoute)

_BAD_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _threads(request: Request) -> anyio.CapacityLimiter:
    threads: anyio.CapacityLimiter = request.app.state.threads
    return threads


TheService = Annotated[Service, Depends(_service)]
Threads = Annotated[anyio.CapacityLimiter, Depends(_threads)]


@router.post(
    "/v1/chat",
    summary="Ask a question",
    response_model=ChatReply,
    responses={
        200: {
            "description": "The checked reply; with `stream` server-sent events",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **documented(HTTPStatus.NOT_FOUND, *_BAD_BODY),
    },
)
async def chat(asked: ChatRequest, service: TheService, threads: Threads) -> ChatReply | Response:
    exchange = service.start(asked.conversation_id)
    answer = partial(_in_thread, threads, partial(_answer, service, exchange, asked))
    if asked.stream:
        # A proxy that buffered the events would undo the streaming.
        return EventSourceResponse(events(exchange, answer), headers={"X-Accel-Buffering": "no"})
    return await answer()


@router.post(
    "/v1/search", summary="Find passages", response_model=SearchReply, responses=documented(*_BAD_BODY)
)
async def search(asked: SearchRequest, service: TheService, threads: Threads) -> SearchReply:
    return await _in_thread(threads, partial(_search, service, asked))


@router.get(
    "/v1/documents",
    summary="List the documents that answers come from",
    responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
)
async def documents(service: TheService) -> DocumentList:
    with service.lease() as opened:
        index = opened.index
        listed = [DocumentSummary.of(document) for document in index.documents.values()]
        return DocumentList(
            generation=index.generation, documents=sorted(listed, key=lambda each: (each.title, each.id))
        )


@router.get(
    "/v1/documents/{document_id:path}",
    summary="Read a document's canonical text, to check a quote",
    responses=documented(
        HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
    ),
)
async def document(document_id: str, service: TheService) -> DocumentWithText:
    with service.lease() as opened:
        found = opened.index.documents.get(document_id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "No document of the current generation has this id.")
    return DocumentWithText.of(found)


@router.get("/healthz", summary="Whether the process answers")
async def healthz() -> Health:
    return Health()


@router.get(
    "/readyz",
    summary="Whether questions can be answered",
    responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
)
async def readyz(service: TheService) -> Readiness:
    if (generation := service.generation) is None:
        raise NotReady
    return Readiness(generation=generation)


async def _in_thread(threads: anyio.CapacityLimiter, call: Callable[[], T]) -> T:
    return await run_sync(call, limiter=threads)


def _answer(service: Service, exchange: Exchange, asked: ChatRequest) -> ChatReply:
    reply = service.answer(exchange, asked.message, profile=asked.profile, language=asked.language)
    return ChatReply.of(exchange, reply)


def _search(service: Service, asked: SearchRequest) -> SearchReply:
    with service.lease() as opened:
        hits = opened.assistant.search(asked.query, asked.limit)
        return SearchReply(hits=[SearchHit.of(hit, opened.index.documents) for hit in hits])
