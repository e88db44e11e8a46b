"""The HTTP application: routes, the demo page, the widget, and the watch for a new generation."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

import anyio
from anyio.to_thread import run_sync
from fastapi import FastAPI

from ingest.errors import IngestError

from . import middlewares, openapi, problems
from .capacity import REPLY_SECONDS, THREADS_WITH_MODEL, Capacity
from .chat_model import ChatModel
from .door import Door
from .metrics import Metrics
from .openai.routes import router as openai_router
from .packaged_files import serve
from .readiness import Readiness
from .retention import purge_regularly
from .routes import router
from .routes_conversations import router as conversations_router
from .routes_health import router as health_router
from .routes_sessions import router as sessions_router
from .service import Service
from .settings import Settings
from .widget_files import Widget

THREADS = 8
"""For short work beside the replies, most of it in the database. One slow query must not hold up the rest."""

WATCH_SECONDS = 1.0
"""How often the pointer to the published generation is read: one small file."""

_PAGE_FILES = {
    "/": ("demo.html", "text/html"),
    "/demo.css": ("demo.css", "text/css"),
    "/demo.js": ("demo.js", "text/javascript"),
}

_log = logging.getLogger(__name__)


def create_app(
    service: Service,
    *,
    door: Door | None = None,
    capacity: Capacity | None = None,
    watch_seconds: float = WATCH_SECONDS,
) -> FastAPI:
    """The application around a service. It closes the service when it ends.

    Without a ``door`` everyone is let in, as often as the default settings allow. A service in which no
    generation is open yet is fine: ``/readyz`` answers 503 until one is published.
    """
    model = service.chat_model
    capacity = capacity or _capacity_for(model)
    door = door or Door(Settings.model_construct())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.threads = anyio.CapacityLimiter(THREADS)
        app.state.compacting = anyio.CapacityLimiter(1)
        _tell_refusal(service)
        if model is not None:
            model.look()
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_watch, service, watch_seconds)
                tasks.start_soon(purge_regularly, service.conversations)
                yield
                tasks.cancel_scope.cancel()
        finally:
            capacity.close()
            service.close()

    app = FastAPI(
        title="Prospectus",
        summary="Answers from an institution's own pages; every sentence a checked quote.",
        version=installed_version(),
        lifespan=lifespan,
        # A redirect would lead to wherever the Host header says.
        redirect_slashes=False,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.service = service
    app.state.capacity = capacity
    app.state.door = door
    app.state.metrics = Metrics(service.opened_now, lambda: service.refusal is not None, model)
    app.state.readiness = Readiness(service)
    problems.install(app)
    app.include_router(router)
    app.include_router(conversations_router)
    app.include_router(openai_router)
    app.include_router(sessions_router)
    app.include_router(health_router)
    for path, (name, media_type) in _PAGE_FILES.items():
        content = (files("api") / "widget" / name).read_bytes()
        serve(app, path, content, {"Content-Type": f"{media_type}; charset=utf-8"})
    for path, content, headers in Widget.packaged().published():
        serve(app, path, content, headers)
    middlewares.install(app, door, app.state.metrics, pages=_PAGE_FILES)
    openapi.describe(app, asks_for_keys=not door.is_open)
    return app


def _capacity_for(model: ChatModel | None) -> Capacity:
    """Threads for replies that wait for the model, and time for what the model may take and the rest."""
    if model is None:
        return Capacity()
    seconds = max(REPLY_SECONDS, model.seconds + REPLY_SECONDS / 3)
    return Capacity(threads=THREADS_WITH_MODEL, reply_seconds=seconds)


def installed_version() -> str:
    """The version of this distribution, "unknown" if it runs without having been installed."""
    try:
        return version("prospectus-assistant")
    except PackageNotFoundError:
        return "unknown"


def _tell_refusal(service: Service) -> None:
    if (refusal := service.refusal) is not None:
        _log.error(
            "The published index does not open, generation %s answers instead. %s",
            service.generation,
            refusal.reason,
        )


async def _watch(service: Service, seconds: float) -> None:
    """Opens each newly published generation; while one does not open, the one before goes on answering."""
    while True:
        await anyio.sleep(seconds)
        try:
            if await run_sync(service.refresh):
                _log.info("Answering from generation %s", service.generation)
                _tell_refusal(service)
        except IngestError as error:
            _log.error("The published index does not open, the one before stays in use. %s", error)
        except Exception:  # noqa: BLE001 - an end of this task would end the whole server
            _log.exception("The published index does not open, the one before stays in use.")
