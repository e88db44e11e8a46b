"""What routes need of the application that they belong to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, Request

from .capacity import Place
from .metrics import Metrics
from .service import Service

T = TypeVar("T")


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _threads(request: Request) -> anyio.CapacityLimiter:
    threads: anyio.CapacityLimiter = request.app.state.threads
    return threads


def _compacting(request: Request) -> anyio.CapacityLimiter:
    compacting: anyio.CapacityLimiter = request.app.state.compacting
    return compacting


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _place(request: Request) -> AsyncIterator[Place]:
    place: Place = request.app.state.capacity.place()
    try:
        yield place
    finally:  # after the response has been sent, whole or streamed, or its client has gone
        place.leave()


TheService = Annotated[Service, Depends(_service)]

TheMetrics = Annotated[Metrics, Depends(_metrics)]

Threads = Annotated[anyio.CapacityLimiter, Depends(_threads)]
"""For short work that may wait, such as for a database; replies have threads of their own."""

Compacting = Annotated[anyio.CapacityLimiter, Depends(_compacting)]
"""For compacting the database, which takes seconds: one thread, in which all who wait are served at once."""

ThePlace = Annotated[Place, Depends(_place)]
"""Not taken yet: a route takes it once it knows that the request makes sense."""


async def in_thread(threads: anyio.CapacityLimiter, call: Callable[[], T]) -> T:
    """What ``call`` returns, without holding up the event loop."""
    return await run_sync(call, limiter=threads)
