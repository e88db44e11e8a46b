"""The routes for what is kept: reading and erasing a conversation, and feedback."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from .callers import Caller, CallerKind, ChatCaller
from .dependencies import Compacting, TheService, Threads, in_thread
from .examples import CONVERSATION, FEEDBACK
from .problems import BODY, CALLER, documented
from .schemas import ID_PATTERN, ConversationExport, FeedbackRequest
from .strict_json import StrictRoute

router = APIRouter(route_class=StrictRoute)

Id = Annotated[
    str, Path(pattern=ID_PATTERN, description="From a reply.", examples=["3q2-7wEjRWeJq83vASNFZw"])
]

_KEPT = documented(
    HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE, *CALLER
)


@router.get(
    "/v1/conversations/{conversation_id}",
    summary="Export a conversation: all that is kept of it",
    responses={200: {"content": {"application/json": {"example": CONVERSATION}}}, **_KEPT},
)
async def export(
    conversation_id: Id, caller: ChatCaller, service: TheService, threads: Threads
) -> ConversationExport:
    read = partial(service.conversations.export, conversation_id, _owner(caller))
    return ConversationExport.of(await in_thread(threads, read))


@router.delete(
    "/v1/conversations/{conversation_id}",
    summary="Erase a conversation, with its messages and feedback",
    status_code=HTTPStatus.NO_CONTENT,
    responses=_KEPT,
)
async def erase(
    conversation_id: Id, caller: ChatCaller, service: TheService, threads: Threads, compacting: Compacting
) -> None:
    await in_thread(threads, partial(service.conversations.delete, conversation_id, _owner(caller)))
    await in_thread(compacting, service.conversations.compact)


@router.put(
    "/v1/messages/{message_id}/feedback",
    summary="Say what you think of a reply",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE, *CALLER, *BODY),
    openapi_extra={"requestBody": {"content": {"application/json": {"example": FEEDBACK}}}},
)
async def rate(
    message_id: Id, given: FeedbackRequest, caller: ChatCaller, service: TheService, threads: Threads
) -> None:
    keep = partial(service.conversations.rate, message_id, caller.id, given.rating, given.comment)
    await in_thread(threads, keep)


def _owner(caller: Caller) -> str | None:
    """Whose conversations the caller may read and erase: an administrator, everybody's."""
    return None if caller.kind is CallerKind.ADMINISTRATOR else caller.id
