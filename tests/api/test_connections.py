"""What a single connection may take, on a real server. More odd bytes are in test_outside_wire."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from running_server import Running, running

from api import connections
from api.app import create_app
from api.connections import MAX_HEADER_BYTES
from api.service import Service

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def server(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.4)
    with running(create_app(service)) as server:
        yield server


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    connection.settimeout(4)
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    return received


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /heal", GET, b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"],
)
def test_a_request_that_does_not_arrive_is_given_up_with_a_408(server: Running, sent: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(sent)
        answer = everything(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer.lower()


def test_a_header_that_dribbles_in_has_no_more_time_than_one_that_does_not(server: Running) -> None:
    started = time.monotonic()
    with server.connect() as connection, suppress(ConnectionError):  # when the server has closed it
        while time.monotonic() - started < 4:
            connection.sendall(b"G")
            time.sleep(0.05)

    assert time.monotonic() - started < 4


def test_a_body_that_nobody_reads_does_not_keep_the_connection(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        answer = everything(connection)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_reply_may_take_longer_than_a_request(server: Running, service: Service) -> None:
    with server.connect() as connection:
        connection.sendall(GET + b"\r\n")
        time.sleep(0.6)
        connection.sendall(GET + b"Connection: close\r\n\r\n")
        assert everything(connection).count(b"HTTP/1.1 200 ") == 2


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        GET + b"X-Long: " + b"x" * MAX_HEADER_BYTES + b"\r\n\r\n",
        b"GET /healthz?" + b"x" * MAX_HEADER_BYTES + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/3.0\r\nHost: localhost\r\n\r\n",
        GET + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET + b"\r\n",
        GET + b"\x00: 1\r\n\r\n",
    ],
)
def test_what_cannot_be_read_in_one_way_is_a_400_and_the_end(server: Running, sent: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(sent)
        answer = everything(connection)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_header_of_just_under_the_limit_is_read(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(
            GET + b"Connection: close\r\nX-Long: " + b"x" * (MAX_HEADER_BYTES - 200) + b"\r\n\r\n"
        )
        assert everything(connection).startswith(b"HTTP/1.1 200 ")
