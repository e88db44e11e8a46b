"""An application on a real HTTP server on a free port, for tests with real clients."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from api.connections import PatientProtocol
from api.server import STOP_SECONDS, Server


@dataclass(frozen=True, slots=True)
class Running:
    """The server; ``stop`` does what SIGTERM does, and returns at once."""

    port: int
    stop: Callable[[], None]
    thread: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, path: str, body: dict[str, object]) -> socket.socket:
        """A connection on which this request was sent."""
        connection = self.connect()
        content = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        connection.sendall(head.encode() + content)
        return connection


@contextmanager
def running(app: FastAPI) -> Iterator[Running]:
    """The application, served until the block ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            log_config=None,
            lifespan="on",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = Server(config, on_stop=app.state.capacity.stop)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()

        def stop() -> None:
            server.should_exit = True

        try:
            wait_until(lambda: server.started)
            yield Running(listener.getsockname()[1], stop, thread)
        finally:
            stop()
            thread.join(20)
    assert not thread.is_alive()


def read_until(connection: socket.socket, wanted: bytes) -> bytes:
    """What came, as soon as ``wanted`` is in it or the connection has been closed."""
    received = b""
    while wanted not in received and (chunk := connection.recv(65_536)):
        received += chunk
    return received


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited for {seconds} s"
        time.sleep(0.005)
