"""The CORS headers, by which browsers learn which pages may call."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import problem_response, simple_problem

_ALLOWED_METHODS = "GET, POST, PUT, DELETE"
_ALLOWED_HEADERS = "Authorization, Content-Type, X-Request-ID"
_SHOWN_HEADERS = "X-Request-ID, Retry-After, RateLimit, RateLimit-Policy"
_PREFLIGHT_SECONDS = "600"


class Cors:
    """Answers what browsers ask before a page's request, and lets pages of allowed origins read the replies.

    Credentials are never allowed: no reply depends on a cookie, and a page that has a token sends it itself.
    """

    # Not Starlette's middleware: it leaves out Vary where the origin is not allowed, so that a cache could
    # keep a reply without CORS headers for a page that may have it, and it refuses in plain text.

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._origins:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        allowed = origins[0] if len(origins) == 1 and origins[0] in self._origins else None

        async def send_with_headers(message: Message) -> None:
            sent = MutableHeaders(scope=message) if message["type"] == "http.response.start" else None
            # The files of the widget say themselves that every page may load them.
            if sent is not None and "access-control-allow-origin" not in sent:
                sent.add_vary_header("Origin")
                if allowed is not None:
                    sent["Access-Control-Allow-Origin"] = allowed
                    sent["Access-Control-Expose-Headers"] = _SHOWN_HEADERS
            await send(message)

        if scope["method"] == "OPTIONS" and origins and "access-control-request-method" in headers:
            await _preflight(scope["path"], allowed is not None)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def _preflight(path: str, is_allowed: bool) -> ASGIApp:
    if not is_allowed:
        detail = "Pages of this origin may not call. PROSPECTUS_ALLOWED_ORIGINS lists those that may."
        return problem_response(path, simple_problem(HTTPStatus.FORBIDDEN, detail))
    return _answer_preflight


async def _answer_preflight(scope: Scope, receive: Receive, send: Send) -> None:
    headers = MutableHeaders(
        {
            "Access-Control-Allow-Methods": _ALLOWED_METHODS,
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        }
    )
    headers.add_vary_header("Access-Control-Request-Method, Access-Control-Request-Headers")
    await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": headers.raw})
    await send({"type": "http.response.body", "body": b""})
