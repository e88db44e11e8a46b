"""What every request passes on its way in and every reply on its way out, and in which order."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import Access
from .cors import Cors
from .door import Door
from .metrics import Metrics
from .problems import LastResort
from .request_ids import RequestIds
from .security_headers import SecurityHeaders


def install(app: FastAPI, door: Door, metrics: Metrics, *, pages: Collection[str]) -> None:
    """Wraps the routes. Each line goes around those before it: the request's id is there for all others."""
    app.add_middleware(LastResort)
    app.add_middleware(_RateLimitHeaders)
    app.add_middleware(Cors, origins=door.origins)
    app.add_middleware(SecurityHeaders, pages=pages)
    app.add_middleware(Access, metrics=metrics)
    app.add_middleware(RequestIds)


class _RateLimitHeaders:
    """Tells callers with each reply how much they have left, if their request was counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(scope.get("state", {}).get("rate_limit", {}))
            await send(message)

        await self._app(scope, receive, send_with_headers)
