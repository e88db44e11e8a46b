"""Errors as RFC 9457 problem documents.

Domain errors know nothing of HTTP: ``_STATUS_OF`` maps them. A problem document says what is wrong and what
to do, and never repeats what was sent: neither values nor the names of fields that this API does not have.
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

from assistant.conversation import InvalidQuestion
from ingest.errors import IndexUnusable

from .conversations import UnknownConversation
from .service import NotReady

MEDIA_TYPE = "application/problem+json"

_STATUS_OF: dict[type[Exception], HTTPStatus] = {
    InvalidQuestion: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownConversation: HTTPStatus.NOT_FOUND,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
}

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


class Problem(HTTPException):
    """Ends a request with this status; ``detail`` is for the public."""

    def __init__(self, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)


def problem_of(error: Exception) -> ProblemDocument:
    """The problem document of an error; of one that is not known here it says nothing but 500."""
    if isinstance(error, IndexUnusable):
        return _document(HTTPStatus.SERVICE_UNAVAILABLE, "The index cannot be used at the moment.")
    for known, status in _STATUS_OF.items():
        if isinstance(error, known):
            return _document(status, str(error))
    return _document(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. It is in the log of the server."
    )


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    for known in (*_STATUS_OF, IndexUnusable):
        app.add_exception_handler(known, _domain_error)
    app.add_exception_handler(Exception, _domain_error)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says about the problems of a route."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        int(status): {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _document(
    status: HTTPStatus, detail: str | None, errors: list[FieldProblem] | None = None
) -> ProblemDocument:
    return ProblemDocument(title=status.phrase, status=status, detail=detail, errors=errors)


def _response(document: ProblemDocument, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        document.model_dump(exclude_none=True), document.status, headers=headers, media_type=MEDIA_TYPE
    )


async def _domain_error(request: Request, error: Exception) -> JSONResponse:
    return _response(problem_of(error))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = error.detail if error.detail != status.phrase else None
    return _response(_document(status, detail), error.headers)


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = list(dict.fromkeys(_field_problem(each) for each in error.errors()))
    fields = [FieldProblem(pointer=pointer, detail=detail) for pointer, detail in errors[:10]]
    detail = "; ".join(map(_said, fields))
    return _response(_document(HTTPStatus.UNPROCESSABLE_ENTITY, f"{detail[:1].upper()}{detail[1:]}.", fields))


_WORDING = {
    "missing": "is required",
    "string_type": "must be text",
    "string_unicode": "holds characters that are not valid Unicode (lone surrogates)",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "extra_forbidden": "has a field that this route does not know",
}
_CONSTRAINTS = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
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
