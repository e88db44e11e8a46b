"""Every request, seen from outside: how it was routed, what became of it and how long it took."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics

NO_ROUTE = "none"

_GONE = 499
"""Stands for a request whose client left before there was a reply."""

_PROBES = {"/healthz", "/readyz", "/metrics"}
"""Asked for every few seconds by machines; in the log only at the level debug."""

_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}

_log = logging.getLogger(__name__)


class Access:
    """Counts and logs each request when its reply is complete."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _GONE
        started = time.perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = route_of(scope)
        self._metrics.requested(method, route, status, seconds)
        caller = scope.get("state", {}).get("caller")
        # Never the path itself: it holds ids, and whatever else a caller puts there.
        _log.log(
            logging.DEBUG if route in _PROBES else logging.INFO,
            "Request",
            extra={
                "method": method,
                "route": route,
                "status": status,
                "seconds": round(seconds, 4),
                "caller": caller.id if caller is not None else None,
            },
        )


def route_of(scope: Scope) -> str:
    """The template of the route that a request went to, such as /v1/documents/{document_id}."""
    route = scope.get("route")
    return str(getattr(route, "path_format", None) or NO_ROUTE)
