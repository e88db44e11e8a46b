"""What a connection may take: a request arrives whole within its time, or the connection is closed.

uvicorn itself waits for ever for what a client does not send.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from .problems import MEDIA_TYPE, simple_problem

REQUEST_SECONDS = 10.0
"""For the header and the body together; at most 64 KiB, which takes a slow telephone some seconds."""

MAX_HEADER_BYTES = 16 * 1024


def server_config(app: ASGIApp, *, stop_seconds: int) -> uvicorn.Config:
    """How uvicorn is to serve an application; connections open at the end are cut after ``stop_seconds``.

    What a client says of itself in forwarded headers is left to ``addresses``.
    """
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=stop_seconds,
    )


class _StrictConnection(h11.Connection):
    """Reads requests, and takes none that could be read in two ways, or whose header is too large."""

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            # A proxy that goes by the other one of the two lengths sees another request behind this one.
            if {b"content-length", b"transfer-encoding"} <= names:
                raise h11.RemoteProtocolError("two lengths")
            if event.http_version not in {b"1.0", b"1.1"}:
                raise h11.RemoteProtocolError("unknown version")
            # h11 itself limits only what it has to wait for.
            size = len(event.target) + sum(len(name) + len(value) for name, value in event.headers)
            if size > MAX_HEADER_BYTES:
                raise h11.RemoteProtocolError("header too large")
        return event


class PatientProtocol(H11Protocol):
    """HTTP/1.1 with a limit to the patience, and with problem documents for what is no HTTP."""

    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = _StrictConnection(h11.SERVER, MAX_HEADER_BYTES)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(
            HTTPStatus.BAD_REQUEST,
            f"This is not proper HTTP/1.1, or its header has more than {MAX_HEADER_BYTES // 1024} KiB.",
        )

    def _await_request(self) -> None:
        """Lets the time run while a request has begun to arrive and is not there as a whole."""
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY} or self.transport.is_closing():
            self._stop_timer()
        elif self._timer is None:
            self._timer = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._refuse(
            HTTPStatus.REQUEST_TIMEOUT, f"No whole request came within {REQUEST_SECONDS:.0f} seconds."
        )

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Says why, unless a reply has been begun already, and closes the connection."""
        self._stop_timer()
        if self.cycle is not None and not self.cycle.response_complete:
            # The application is told that the client has gone, and does not write into what is closed.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and not self.transport.is_closing():
            body = simple_problem(status, detail).model_dump_json(exclude_none=True).encode()
            headers = [
                ("content-type", MEDIA_TYPE),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            reply = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
            for event in (reply, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
