"""An event loop beside threads that wait for what it does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """An event loop in a thread of its own, which begins with the first work. Safe across threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    def begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """What the work will return or raise; it ends early where this is cancelled."""
        with self._lock:
            if self._loop is None:
                started: Future[asyncio.AbstractEventLoop] = Future()
                self._thread = threading.Thread(
                    target=self._run, args=(started,), name=self._name, daemon=True
                )
                self._thread.start()
                self._loop = started.result()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """Cancels what is being worked on and ends the thread; later work begins another one."""
        with self._lock:
            if self._loop is None or self._stopping is None or self._thread is None:
                return
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._loop = None

    def _run(self, started: Future[asyncio.AbstractEventLoop]) -> None:
        asyncio.run(self._until_stopped(started))

    async def _until_stopped(self, started: Future[asyncio.AbstractEventLoop]) -> None:
        self._stopping = asyncio.Event()
        started.set_result(asyncio.get_running_loop())
        await self._stopping.wait()
