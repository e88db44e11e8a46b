"""Errors as RFC 9457 problem documents.

Domain errors know nothing of HTTP: ``_STATUS_OF`` maps them. A problem document says what is wrong and what
to do, has at most 1 KiB, and never repeats what was sent: neither values nor the names of fields that this
API does not have. The routes that speak OpenAI's language get the same errors in its words.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.conversation import InvalidQuestion
from ingest.errors import IndexUnusable

from .capacity import Busy, Stopping, TooSlow, Unavailable
from .limits import TooManyRequests
from .openai.errors import error_body, invalid_body, speaks_openai
from .readiness import NotAnswering
from .request_ids import current_request_id
from .service import NotReady
from .storage.errors import ConversationFull, StorageError, UnknownConversation, UnknownMessage

MEDIA_TYPE = "application/problem+json"

MAX_BYTES = 1024

CALLER = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
"""What a route answers that asks who is calling."""

BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""What a route answers that reads a body."""

_STATUS_OF: dict[type[Exception], HTTPStatus] = {
    InvalidQuestion: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownConversation: HTTPStatus.NOT_FOUND,
    UnknownMessage: HTTPStatus.NOT_FOUND,
    ConversationFull: HTTPStatus.CONFLICT,
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    NotAnswering: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    TooSlow: HTTPStatus.SERVICE_UNAVAILABLE,
    Stopping: HTTPStatus.SERVICE_UNAVAILABLE,
}

_WITH_RETRY_AFTER = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

_RETRY_SECONDS = 5
"""For an index that is not open: how often it makes sense to ask again."""

_EXPLAINED = 3
"""How many of the errors in a body are told in the sentence; all that fit are in the list."""

_log = logging.getLogger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one field; ``pointer`` is its JSON Pointer (RFC 6901), "" for the whole body."""

    pointer: str
    detail: str


class ProblemDocument(BaseModel):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldProblem] | None = Field(
        default=None, description="For a body that does not fit: what, and where."
    )
    request_id: str | None = Field(
        default=None, description="As in the header X-Request-ID: by this the request is found in the log."
    )


class Problem(HTTPException):
    """Ends a request with this status; ``detail`` is for the public.

    ``param`` and ``code`` are what OpenAI's errors have beside it.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.param = param
        self.code = code


def problem_of(error: Exception) -> ProblemDocument:
    """The problem document of an error; of one that is not known here it says nothing but 500."""
    if isinstance(error, Problem):
        return simple_problem(HTTPStatus(error.status_code), error.detail)
    if isinstance(error, IndexUnusable):
        return simple_problem(HTTPStatus.SERVICE_UNAVAILABLE, "The index cannot be used at the moment.")
    for known, status in _STATUS_OF.items():
        if isinstance(error, known):
            return simple_problem(status, str(error))
    return simple_problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. It is in the log of the server."
    )


def simple_problem(status: HTTPStatus, detail: str | None) -> ProblemDocument:
    """A problem document that consists of a status and a sentence."""
    return _document(status, detail, None)


def problem_response(
    path: str,
    document: ProblemDocument,
    headers: Mapping[str, str] | None = None,
    *,
    param: str | None = None,
    code: str | None = None,
) -> JSONResponse:
    """The response that says it in the language of the path that was asked for."""
    if speaks_openai(path):
        body = error_body(document.status, document.detail or document.title, param=param, code=code)
        return JSONResponse(body, document.status, headers=headers)
    return JSONResponse(
        document.model_dump(exclude_none=True), document.status, headers=headers, media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    for known in (*_STATUS_OF, IndexUnusable):
        app.add_exception_handler(known, _domain_error)


class LastResort:
    """Makes a problem document of an error that nothing else caught, and puts the error into the log.

    Inside of the other middlewares, so that this reply has its headers, too, and is counted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal is_started
            is_started = is_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except ClientDisconnect:
            pass  # while its request was read; nobody waits for a reply
        except Exception as error:
            if is_started or scope["type"] != "http":
                raise
            _log.exception("A request failed with an error that was not foreseen")
            await problem_response(scope["path"], problem_of(error))(scope, receive, send)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says about the problems of a route."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    told: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        example = simple_problem(status, status.description or None).model_dump(exclude_none=True)
        told[int(status)] = {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
        }
        told[int(status)] |= documented_headers(status)
    return told


def documented_headers(status: HTTPStatus) -> dict[str, Any]:
    """What OpenAPI says about the headers of a problem with this status."""
    if status not in _WITH_RETRY_AFTER:
        return {}
    return {"headers": {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}}


def _document(status: HTTPStatus, detail: str | None, errors: list[FieldProblem] | None) -> ProblemDocument:
    return ProblemDocument(
        title=status.phrase,
        status=status,
        detail=detail,
        errors=errors,
        request_id=current_request_id(),
    )


async def _domain_error(request: Request, error: Exception) -> JSONResponse:
    document = problem_of(error)
    headers: Mapping[str, str] | None = None
    if isinstance(error, TooManyRequests):
        headers = error.headers
    elif document.status == HTTPStatus.SERVICE_UNAVAILABLE:
        seconds = error.retry_after if isinstance(error, Unavailable) else _RETRY_SECONDS
        headers = {"Retry-After": str(seconds)}
    return problem_response(request.scope["path"], document, headers)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    headers = error.headers
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_methods_of(request))}
    document = simple_problem(status, error.detail if error.detail != status.phrase else None)
    param, code = (error.param, error.code) if isinstance(error, Problem) else (None, None)
    return problem_response(request.scope["path"], document, headers, param=param, code=code)


def _methods_of(request: Request) -> list[str]:
    """The methods that some route takes for this path; Starlette names those of the first route only."""
    methods = ("GET", "POST", "PUT", "DELETE")
    routes = request.app.router.routes
    return [
        method
        for method in methods
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    if speaks_openai(request.scope["path"]):
        body = invalid_body(error.errors(), lambda each: _field_problem(each)[1])
        return JSONResponse(body, HTTPStatus.BAD_REQUEST)
    found = list(dict.fromkeys(_field_problem(each) for each in error.errors()))
    fields = [FieldProblem(pointer=pointer, detail=detail) for pointer, detail in found[:10]]
    detail = "; ".join(map(_said, fields[:_EXPLAINED]))
    detail = f"{detail[:1].upper()}{detail[1:]}."
    document = _document(HTTPStatus.UNPROCESSABLE_ENTITY, detail, fields)
    while len(document.model_dump_json()) > MAX_BYTES and len(fields) > 1:
        fields.pop()
        document = _document(HTTPStatus.UNPROCESSABLE_ENTITY, detail, fields)
    return problem_response(request.scope["path"], document)


_WORDING = {
    "missing": "is required",
    "string_type": "must be text",
    "string_unicode": "holds characters that are not valid Unicode (lone surrogates)",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "extra_forbidden": "has a field that this route does not know",
}
_CONSTRAINTS = {
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must match {pattern}",
}


def _said(problem: FieldProblem) -> str:
    """The problem as a part of a sentence; one that is a sentence already stands for itself."""
    if problem.detail[:1].isupper():
        return problem.detail.rstrip(".")
    return f"{problem.pointer.removeprefix('/') or 'the request'} {problem.detail}"


def _field_problem(error: Mapping[str, Any]) -> tuple[str, str]:
    """Pointer and wording. Pydantic's own messages are not passed on: some of them repeat the input."""
    kind, context = error["type"], error.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, ValueError):
        wording = str(cause)
    elif kind == "missing" and len(error["loc"]) < 2:
        wording = "needs a JSON object as its body"
    elif kind in _CONSTRAINTS:
        wording = _CONSTRAINTS[kind].format(**context)
    else:
        wording = _WORDING.get(kind, "has a value that cannot be used")
    return _pointer(error["loc"], kind), wording


def _pointer(location: Sequence[str | int], kind: str) -> str:
    # Past the first field the names are the sender's own, and so is the name of a field that is not known.
    field = "" if len(location) < 2 or kind == "extra_forbidden" else str(location[1])
    return f"/{field}" if field else ""
