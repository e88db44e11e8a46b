"""The HTTP server, which tells the application that it is to stop before it waits for open connections."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

STOP_SECONDS = 10
"""After this long connections that are still open are cut."""


class Server(uvicorn.Server):
    """uvicorn, which by itself tells the application of a stop only once all connections have ended."""

    def __init__(self, config: uvicorn.Config, *, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)
