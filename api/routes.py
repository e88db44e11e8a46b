"""The routes for questions, passages and documents. They only translate: what happens is in ``service``."""

from __future__ import annotations

import time
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from .callers import AnyCaller, ChatCaller, SearchCaller
from .capacity import Place
from .dependencies import TheMetrics, ThePlace, TheService, Threads, in_thread
from .metrics import Metrics
from .problems import BODY, CALLER, Problem, documented
from .schemas import (
    ChatReply,
    ChatRequest,
    DocumentList,
    DocumentSummary,
    DocumentWithText,
    SearchHit,
    SearchReply,
    SearchRequest,
)
from .service import Exchange, Service
from .streaming import CLIENT_LEFT, EVENT_EXAMPLE, EVENT_SCHEMA, ClientLeft, event_stream, events, unless_left
from .strict_json import StrictRoute

router = APIRouter(route_class=StrictRoute)


def _example(summary: str, **value: object) -> dict[str, Any]:
    return {"summary": summary, "value": value}


_QUESTIONS = {
    "question": _example("A question", message="How long does the programme take?"),
    "follow-up": _example(
        "A follow-up, with what is known about the person",
        message="And what would I pay per year?",
        conversation_id="2CymNlLPBejy8bOUayTWTg",
        profile={"nationality": "Norwegian"},
    ),
    "page": _example(
        "Asked on a page, which “it” means",
        message="How long does it take?",
        page="https://www.example.edu/masters/medical-imaging",
    ),
    "stream": _example("Sentence by sentence", message="Which scholarships are there?", stream=True),
}


def _link(method: str, path: str, parameter: str) -> dict[str, Any]:
    escaped = path.replace("/", "~1")
    return {
        "operationRef": f"#/paths/{escaped}/{method}",
        "parameters": {parameter: f"$response.body#/{parameter}"},
    }


_LINKS = {
    "export": _link("get", "/v1/conversations/{conversation_id}", "conversation_id"),
    "erase": _link("delete", "/v1/conversations/{conversation_id}", "conversation_id"),
    "rate": _link("put", "/v1/messages/{message_id}/feedback", "message_id"),
}
"""For OpenAPI: what can be done with a reply."""


@router.post(
    "/v1/chat",
    summary="Ask a question",
    response_model=ChatReply,
    responses={
        200: {
            "description": "The checked reply; with `stream` server-sent events",
            "content": {"text/event-stream": {"itemSchema": EVENT_SCHEMA, "example": EVENT_EXAMPLE}},
            "links": _LINKS,
        },
        **documented(
            HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE, *CALLER, *BODY
        ),
    },
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": _QUESTIONS}}}},
)
async def chat(
    asked: ChatRequest,
    caller: ChatCaller,
    request: Request,
    service: TheService,
    metrics: TheMetrics,
    place: ThePlace,
    threads: Threads,
) -> ChatReply | Response:
    place.take()
    exchange = await in_thread(threads, partial(service.start, caller.id, asked.conversation_id))
    outcome = place.begin(partial(_answer, service, metrics, place, exchange, asked))
    if asked.stream:
        return event_stream(events(exchange, outcome))
    try:
        return await unless_left(outcome, request.receive)
    except ClientLeft:
        return Response(status_code=CLIENT_LEFT)


@router.post(
    "/v1/search",
    summary="Find passages",
    response_model=SearchReply,
    responses=documented(HTTPStatus.SERVICE_UNAVAILABLE, *CALLER, *BODY),
    openapi_extra={
        "requestBody": {
            "content": {
                "application/json": {
                    "examples": {"passages": _example("Three passages", query="tuition fee", limit=3)}
                }
            }
        }
    },
)
async def search(
    asked: SearchRequest, caller: SearchCaller, request: Request, service: TheService, place: ThePlace
) -> SearchReply | Response:
    place.take()
    try:
        return await unless_left(place.begin(partial(_search, service, asked)), request.receive)
    except ClientLeft:
        return Response(status_code=CLIENT_LEFT)


@router.get(
    "/v1/documents",
    summary="List the documents that answers come from",
    responses=documented(HTTPStatus.SERVICE_UNAVAILABLE, *CALLER),
)
async def documents(caller: AnyCaller, service: TheService, threads: Threads) -> DocumentList:
    return await in_thread(threads, partial(_documents, service))


@router.get(
    "/v1/documents/{document_id:path}",
    summary="Read a document's canonical text, to check a quote",
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE, *CALLER),
)
async def document(
    document_id: str, caller: AnyCaller, service: TheService, threads: Threads
) -> DocumentWithText:
    return await in_thread(threads, partial(_document, service, document_id))


def _answer(
    service: Service, metrics: Metrics, place: Place, exchange: Exchange, asked: ChatRequest
) -> ChatReply:
    began = time.perf_counter()
    reply = service.reply(
        exchange, asked.message, profile=asked.profile, language=asked.language, page=asked.page
    )
    metrics.replied(reply, time.perf_counter() - began)
    if place.is_wanted():  # what nobody got was not said
        service.remember(exchange, asked.message, reply)
    return ChatReply.of(exchange, reply)


def _search(service: Service, asked: SearchRequest) -> SearchReply:
    with service.lease() as opened:
        hits = opened.assistant.search(asked.query, asked.limit)
        return SearchReply(hits=[SearchHit.of(hit, opened.index.documents) for hit in hits])


def _documents(service: Service) -> DocumentList:
    with service.lease() as opened:
        index = opened.index
        listed = [DocumentSummary.of(document) for document in index.documents.values()]
        return DocumentList(
            generation=index.generation, documents=sorted(listed, key=lambda each: (each.title, each.id))
        )


def _document(service: Service, document_id: str) -> DocumentWithText:
    with service.lease() as opened:
        found = opened.index.documents.get(document_id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "No document of the current generation has this id.")
    return DocumentWithText.of(found)
