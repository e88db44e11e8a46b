"""The HTTP application: routes, the demo page, security headers, and the watch for a new generation."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

import anyio
from anyio.to_thread import run_sync
from fastapi import FastAPI, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.errors import IngestError

from . import problems
from .problems import ProblemDocument
from .routes import router
from .service import Service

THREADS = 2
"""How many questions are answered at a time. Answering keeps a processor busy: more only slow each other."""

WATCH_SECONDS = 1.0
"""How often the pointer to the published generation is read: one small file."""

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DOCS_POLICY = (
    # FastAPI's page for OpenAPI has a script of its own inside and loads Swagger UI from this address.
    "default-src 'none'; script-src 'unsafe-inline' https://cdn.jsdelivr.net; "
    "style-src https://cdn.jsdelivr.net; img-src data: https://fastapi.tiangolo.com; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"

_PAGE_FILES = {
    "/": ("demo.html", "text/html"),
    "/demo.css": ("demo.css", "text/css"),
    "/demo.js": ("demo.js", "text/javascript"),
}

_log = logging.getLogger(__name__)


def create_app(service: Service, *, watch_seconds: float = WATCH_SECONDS) -> FastAPI:
    """The application around a service. It closes the service when it ends.

    A service in which no generation is open yet is fine: ``/readyz`` answers 503 until one is published.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.threads = anyio.CapacityLimiter(THREADS)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_watch, service, watch_seconds)
                yield
                tasks.cancel_scope.cancel()
        finally:
            service.close()

    app = FastAPI(
        title="Prospectus",
        summary="Answers from an institution's own pages; every sentence a checked quote.",
        version=installed_version(),
        lifespan=lifespan,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.service = service
    problems.install(app)
    app.include_router(router)
    for path, (name, media_type) in _PAGE_FILES.items():
        app.add_api_route(path, _page(name, media_type), include_in_schema=False)
    app.add_middleware(_SecurityHeaders)
    _add_schema(app)
    return app


def installed_version() -> str:
    """The version of this distribution, "unknown" if it runs without having been installed."""
    try:
        return version("prospectus-assistant")
    except PackageNotFoundError:
        return "unknown"


async def _watch(service: Service, seconds: float) -> None:
    """Opens each newly published generation; while one does not open, the one before goes on answering."""
    while True:
        await anyio.sleep(seconds)
        try:
            if await run_sync(service.refresh):
                _log.info("Answering from generation %s", service.generation)
        except IngestError as error:
            _log.error("The published index does not open, the one before stays in use. %s", error)
        except Exception:  # noqa: BLE001 - an end of this task would end the whole server
            _log.exception("The published index does not open, the one before stays in use.")


def _page(name: str, media_type: str) -> Callable[[], Response]:
    content = (files("api") / "widget" / name).read_bytes()

    def page() -> Response:
        return Response(content, media_type=media_type)

    return page


def _add_schema(app: FastAPI) -> None:
    """Puts the problem document, which no route returns by itself, into the OpenAPI schema."""
    generate = app.openapi

    def openapi() -> dict[str, object]:
        schema = generate()
        problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(problem.pop("$defs", {}))
        schemas["ProblemDocument"] = problem
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents for extending OpenAPI


class _SecurityHeaders:
    """Adds to every reply what keeps a browser from doing more with it than it should."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Content-Security-Policy"] = _policy(path)
                headers["Cache-Control"] = "no-cache" if path in _PAGE_FILES else "no-store"
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _policy(path: str) -> str:
    if path in _PAGE_FILES:
        return _PAGE_POLICY
    return _DOCS_POLICY if path == "/docs" else _API_POLICY
