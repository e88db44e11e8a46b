"""Request bodies, read strictly: limited in size, and JSON as RFC 8259 and RFC 7493 (I-JSON) have it.

Python's own reader also takes NaN, repeated keys and UTF-16; what two readers understand differently is not
let in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from email.message import Message
from http import HTTPStatus
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from .problems import Problem

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 32
"""Far below Python's recursion limit, far above what the API's own requests need (2)."""

BODY_SECONDS = 8.0
"""Within the time that a connection has for a whole request, so that there is time left to say so."""


class StrictRoute(APIRoute):
    """A route that reads its body as a ``StrictRequest``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


class StrictRequest(Request):
    """A request whose body is small and unambiguous JSON, or a ``Problem`` with 400, 408, 413 or 415."""

    async def body(self) -> bytes:
        # Not FastAPI(max_body_size=…): for a body with a Content-Length it answers in plain text.
        if not hasattr(self, "_body"):
            announced = self.headers.get("content-length", "")
            if announced.isdecimal() and int(announced[:20]) > MAX_BODY_BYTES:
                _refuse_size()
            received = bytearray()
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    async for chunk in self.stream():
                        received += chunk
                        if len(received) > MAX_BODY_BYTES:
                            _refuse_size()
            except TimeoutError:
                raise Problem(
                    HTTPStatus.REQUEST_TIMEOUT,
                    f"The body did not arrive within {BODY_SECONDS:.0f} seconds.",
                    headers={"Connection": "close"},
                ) from None
            if received and not _is_json(self.headers.get("content-type", "")):
                raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json.")
            self._body = bytes(received)
        return self._body

    async def json(self) -> Any:
        return parse(await self.body())


def parse(body: bytes) -> Any:
    """The value of a JSON text. Raises: Problem (400)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not valid UTF-8.") from None
    if _depth(text) > MAX_DEPTH:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is nested more than {MAX_DEPTH} levels deep.")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except ValueError:  # also numbers of more than 4,300 digits
        raise Problem(HTTPStatus.BAD_REQUEST, "The body is not valid JSON.") from None


def _refuse_size() -> NoReturn:
    raise Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The body is larger than {MAX_BODY_BYTES // 1024} KiB.",
        headers={"Connection": "close"},
    )


def _is_json(content_type: str) -> bool:
    message = Message()
    message["content-type"] = content_type
    charset = message.get_param("charset", "utf-8")
    return message.get_content_type() == "application/json" and str(charset).lower() == "utf-8"


def _depth(text: str) -> int:
    """How deep a JSON text is nested, 0 for a bare value."""
    deepest = depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise Problem(HTTPStatus.BAD_REQUEST, "The body has an object with the same key twice.")
    return dict(pairs)


def _refuse_constant(name: str) -> NoReturn:
    raise Problem(HTTPStatus.BAD_REQUEST, "The body holds NaN or Infinity, which JSON does not have.")
