"""Bytes that no well-behaved client sends. None may cost a 5xx, a traceback, a hang, or the next request."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from outside_server import NO_LIMITS, OutsideServer, serving, wait_until

BUDGET = 15.0
"""Seconds after which the server must have ended a request that does not come to its end by itself."""

BODY = b'{"message": "What is the fee?"}'
CHAT = b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
WHOLE = CHAT + b"Content-Length: %d\r\n" % len(BODY)
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideServer]:
    with serving(tmp_path_factory.mktemp("wire"), **NO_LIMITS) as server:
        yield server
        assert server.process.poll() is None
    assert "Traceback" not in server.logged()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back on a connection until the server closed it or ``idle`` seconds brought nothing."""

    raw: bytes
    closed: bool
    seconds: float

    @property
    def statuses(self) -> list[int]:
        return [int(each) for each in re.findall(rb"(?:^|\r\n|\})HTTP/1\.[01] (\d{3}) ", self.raw)]


def send(server: OutsideServer, *parts: bytes, finish: bool = False, idle: float = BUDGET) -> Answer:
    """Sends the parts and reads to the end; ``finish`` closes the sending half afterwards."""
    start = time.monotonic()
    received = bytearray()
    closed = False
    with socket.create_connection(("127.0.0.1", server.port), timeout=idle) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            if finish:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused while we were sending; what the server said before that can still be read
        try:
            while chunk := connection.recv(65_536):
                received += chunk
            closed = True
        except TimeoutError:
            closed = False
        except ConnectionResetError:
            closed = True
    return Answer(bytes(received), closed, time.monotonic() - start)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks) + end


def still_serves(server: OutsideServer) -> bool:
    answer = send(server, WHOLE + CLOSE + b"\r\n" + BODY)
    return answer.statuses == [200] and b'"outcome":"answered"' in answer.raw


# Each: what is sent, and the statuses of which exactly one may come; None: the connection may just be closed.
CASES: dict[str, tuple[bytes, set[int | None]]] = {
    "a chunked body without a length": (
        CHAT + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(BODY[:7], BODY[7:]),
        {200},
    ),
    "a chunked body with extensions and trailers": (
        CHAT
        + CLOSE
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"%x;name=value\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(BODY), BODY),
        {200, 400},
    ),
    "a chunked body of more than 64 KiB": (
        CHAT + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*[b" " * 8192] * 9),
        {413},
    ),
    "a chunk size that is no number": (
        CHAT + CLOSE + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
        {400},
    ),
    "a negative chunk size": (
        CHAT + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
        {400},
    ),
    "an enormous chunk size": (
        CHAT + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n",
        {400, 413},
    ),
    "an unknown transfer encoding": (
        CHAT + CLOSE + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(BODY),
        {400, 415, 501},
    ),
    "a length and chunked": (
        CHAT + CLOSE + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(BODY),
        {200, 400},
    ),
    "a length that is too short": (
        CHAT + CLOSE + b"Content-Length: 10\r\n\r\n" + BODY,
        {400},
    ),
    "two different lengths": (
        CHAT + CLOSE + b"Content-Length: 4\r\nContent-Length: 31\r\n\r\n" + BODY,
        {400},
    ),
    "a list of lengths": (CHAT + CLOSE + b"Content-Length: 31, 32\r\n\r\n" + BODY, {400}),
    "a negative length": (CHAT + CLOSE + b"Content-Length: -1\r\n\r\n" + BODY, {400}),
    "a signed length": (CHAT + CLOSE + b"Content-Length: +31\r\n\r\n" + BODY, {400}),
    "a hexadecimal length": (CHAT + CLOSE + b"Content-Length: 0x1f\r\n\r\n" + BODY, {400}),
    "a length with an underscore": (CHAT + CLOSE + b"Content-Length: 3_1\r\n\r\n" + BODY, {400}),
    "an empty length": (CHAT + CLOSE + b"Content-Length: \r\n\r\n" + BODY, {400}),
    "a length of forty digits": (CHAT + CLOSE + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n", {400, 413}),
    "a length above the limit": (CHAT + CLOSE + b"Content-Length: 65537\r\n\r\n", {413}),
    "a length above the limit that asks first": (
        CHAT + CLOSE + b"Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n",
        {413},
    ),
    "no body at all": (CHAT + CLOSE + b"\r\n", {400, 411, 415, 422}),
    "a header of 64 KiB": (
        GET + CLOSE + b"X-Long: " + b"x" * 65_536 + b"\r\n\r\n",
        {400, 431, None},
    ),
    "a thousand headers": (
        GET + CLOSE + b"".join(b"X-%d: 1\r\n" % number for number in range(1000)) + b"\r\n",
        {200, 400, 431},
    ),
    "a target of 64 KiB": (
        b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404, 414, 431, None},
    ),
    "a query of 32 KiB": (
        b"GET /healthz?" + b"a=1&" * 8192 + b" HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {200, 400, 414, 431, None},
    ),
    "a header line that is folded": (GET + CLOSE + b"X-A: 1\r\n 2\r\n\r\n", {200, 400}),
    "a space before the colon": (GET + CLOSE + b"X-A : 1\r\n\r\n", {400}),
    "a header without a colon": (GET + CLOSE + b"nonsense\r\n\r\n", {400}),
    "a header without a name": (GET + CLOSE + b": 1\r\n\r\n", {400}),
    "a carriage return in a value": (GET + CLOSE + b"X-A: 1\r2\r\n\r\n", {400}),
    "a NUL in a value": (GET + CLOSE + b"X-A: 1\x002\r\n\r\n", {400}),
    "bytes above 127 in a value": (GET + CLOSE + b"X-Request-ID: \xff\xfe\xc3\xa9\r\n\r\n", {200, 400}),
    "bytes above 127 in every header that is read": (
        CHAT
        + CLOSE
        + b"Origin: http://\xff\xfe\r\nAuthorization: Bearer \xff\r\nX-Forwarded-For: \xff\r\n"
        + b"Content-Length: 31\r\n\r\n"
        + BODY,
        {200, 400, 401, 403},
    ),
    "a content type of bytes above 127": (
        b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: \xff\xfe\r\n"
        + CLOSE
        + b"Content-Length: 31\r\n\r\n"
        + BODY,
        {400, 415},
    ),
    "a content type that does not end": (
        b'POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset="utf\r\n'
        + CLOSE
        + b"Content-Length: 31\r\n\r\n"
        + BODY,
        {200, 400, 415},
    ),
    "a content type with an unknown charset of RFC 2231": (
        b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\n"
        + b"Content-Type: application/json; charset*=nonsense'en'utf-8\r\n"
        + CLOSE
        + b"Content-Length: 31\r\n\r\n"
        + BODY,
        {200, 400, 415},
    ),
    "a content type named twice": (
        CHAT + CLOSE + b"Content-Type: text/plain\r\nContent-Length: 31\r\n\r\n" + BODY,
        {200, 400, 415},
    ),
    "a body that is said to be packed": (
        CHAT + CLOSE + b"Content-Encoding: gzip\r\nContent-Length: 31\r\n\r\n" + BODY,
        {200, 400, 415},
    ),
    "no host": (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", {200, 400}),
    "two hosts": (GET + CLOSE + b"Host: elsewhere\r\n\r\n", {200, 400}),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", {200}),
    "HTTP/1.0 with a body": (
        b"POST /v1/chat HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n" + BODY,
        {200},
    ),
    "HTTP/1.0 with a stream": (
        b"POST /v1/chat HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 33\r\n\r\n"
        + b'{"message": "Fee?","stream":true}',
        {200},
    ),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", {400, None}),
    "HTTP/9.9": (b"GET /healthz HTTP/9.9\r\nHost: localhost\r\n" + CLOSE + b"\r\n", {200, 400, 505, None}),
    "the opening of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 404, 405, 505, None}),
    "an upgrade to HTTP/2": (
        GET
        + b"Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        {200, 400},
    ),
    "an upgrade to a websocket": (
        b"GET /v1/chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        {400, 403, 404, 405, 426},
    ),
    "garbage": (b"\x00\x01\x02garbage\xff" * 50 + b"\r\n\r\n", {400, None}),
    "empty lines": (b"\r\n" * 20 + GET + CLOSE + b"\r\n", {200, 400, None}),
    "line feeds alone": (GET.replace(b"\r", b"") + b"Connection: close\n\n", {200, 400}),
    "a whole address as the target": (
        b"GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {200, 400, 404},
    ),
    "the address of another as the target": (
        b"GET http://169.254.169.254/latest HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404, 421},
    ),
    "a host and nothing more as the target": (
        b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {200, 400, 404},
    ),
    "a star as the target": (
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {200, 204, 400, 404, 405},
    ),
    "CONNECT": (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n", {400, 404, 405}),
    "TRACE": (
        b"TRACE /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: Canary7319\r\n" + CLOSE + b"\r\n",
        {400, 405},
    ),
    "an unknown method": (b"BREW /v1/chat HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n", {400, 405}),
    "a method in small letters": (
        b"get /healthz HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 405},
    ),
    "a method of 10,000 letters": (
        b"A" * 10_000 + b" /healthz HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 405, 431, None},
    ),
    "a NUL in the path": (
        b"GET /v1/documents/%00 HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404, 422},
    ),
    "a path that is not UTF-8": (
        b"GET /v1/documents/%ff%fe HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404, 422},
    ),
    "a surrogate in the path": (
        b"GET /v1/conversations/%ed%a0%80 HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 401, 404, 422},
    ),
    "raw bytes above 127 in the path": (
        b"GET /v1/documents/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404, 422},
    ),
    "a path that climbs": (
        b"GET /v1/documents/../../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404},
    ),
    "a path that climbs in disguise": (
        b"GET /v1/documents/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404},
    ),
    "a page file that climbs": (
        b"GET /demo.css/../../settings.py HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        {400, 404},
    ),
    "a space in the target": (b"GET /health z HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n", {400}),
    "a body with GET": (GET + CLOSE + b"Content-Length: 5\r\n\r\nhello", {200, 400, 415}),
    "lines injected into the request id": (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a%0d%0aSet-Cookie: x=1\r\n"
        + CLOSE
        + b"\r\n",
        {200, 400},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_odd_bytes_get_one_plain_answer_and_the_next_request_is_served(
    server: OutsideServer, name: str
) -> None:
    sent, allowed = CASES[name]
    answer = send(server, sent)

    assert answer.closed, f"left open for {BUDGET} s after {answer.raw[:200]!r}"
    final = [each for each in answer.statuses if each >= 200]
    assert (final[0] if final else None) in allowed, answer.raw[:500]
    assert all(each < 500 for each in final)
    assert b"Canary7319" not in answer.raw
    assert b"Traceback" not in answer.raw
    assert b"\r\nSet-Cookie" not in answer.raw
    assert still_serves(server)


def test_a_request_hidden_behind_two_lengths_is_not_answered(server: OutsideServer) -> None:
    # A proxy that goes by Content-Length takes the second request for a part of the first one's body.
    hidden = b"GET /v1/documents HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = chunked(BODY) + hidden
    answer = send(
        server,
        CHAT + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(body) + body,
    )

    # RFC 9112, 6.1: refuse it, or answer and close the connection.
    assert len(answer.statuses) == 1, answer.statuses
    assert answer.statuses[0] in (200, 400)
    assert answer.closed
    assert answer.seconds < BUDGET / 2


@pytest.mark.parametrize(
    "encoding",
    [
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding:\x0bchunked",
        b"Transfer-Encoding: xchunked",
        b"X: 1\nTransfer-Encoding: chunked",
    ],
)
def test_a_transfer_encoding_in_disguise_hides_no_second_request(
    server: OutsideServer, encoding: bytes
) -> None:
    hidden = b"GET /v1/documents HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = chunked() + hidden
    answer = send(server, CHAT + encoding + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    assert len(answer.statuses) == 1, answer.raw
    assert answer.statuses[0] < 500
    assert b'"documents"' not in answer.raw


def test_pipelined_requests_are_answered_in_their_order(server: OutsideServer) -> None:
    first = WHOLE + b"\r\n" + BODY
    missing = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = send(server, first + missing + GET + CLOSE + b"\r\n")

    assert answer.statuses == [200, 404, 200]
    assert answer.closed
    assert still_serves(server)


def test_what_follows_a_body_with_too_short_a_length_is_not_taken_for_a_question(
    server: OutsideServer,
) -> None:
    answer = send(server, CHAT + b"Content-Length: 2\r\n\r\n{}" + BODY)

    # An HTTP parser that sees both at once may refuse both.
    assert answer.statuses[0] in (400, 422)
    assert all(400 <= each < 500 for each in answer.statuses)
    assert answer.closed
    assert still_serves(server)


def test_a_request_cut_off_by_its_sender_ends_quietly(server: OutsideServer) -> None:
    for sent in (
        GET,
        WHOLE,
        WHOLE + b"\r\n" + BODY[:10],
        CHAT + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(BODY, end=b""),
        CHAT + b"Transfer-Encoding: chunked\r\n\r\n1f\r\n{",
    ):
        answer = send(server, sent, finish=True)
        assert answer.closed
        assert answer.seconds < BUDGET / 2
        assert all(400 <= each < 500 for each in answer.statuses)
    assert still_serves(server)


def test_a_client_that_has_sent_all_and_closed_its_half_costs_nothing(server: OutsideServer) -> None:
    answer = send(server, WHOLE + CLOSE + b"\r\n" + BODY, finish=True)

    assert answer.closed
    assert answer.seconds < BUDGET / 2
    assert answer.statuses in ([], [200])
    assert still_serves(server)


def test_a_client_that_resets_its_connection_costs_nothing(server: OutsideServer) -> None:
    before = server.resources()
    streamed = b'{"message": "wait 0.2 many 50", "stream": true}'
    for _ in range(10):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        connection.sendall(CHAT + b"Content-Length: %d\r\n\r\n" % len(streamed) + streamed)
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    assert still_serves(server)
    wait_until(lambda: server.resources().tasks <= before.tasks)
    wait_until(lambda: server.resources().connections == 0)


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(server: OutsideServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=BUDGET) as connection:
        connection.sendall(WHOLE + CLOSE + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(BODY)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    assert received.startswith(b"HTTP/1.1 200 ")


def test_a_body_above_the_limit_that_was_asked_about_is_refused_before_it_is_sent(
    server: OutsideServer,
) -> None:
    answer = send(server, CHAT + CLOSE + b"Expect: 100-continue\r\nContent-Length: 999999\r\n\r\n")

    assert answer.statuses == [413]


def test_a_client_that_speaks_tls_is_turned_away(server: OutsideServer) -> None:
    context = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=BUDGET) as connection,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(connection, server_hostname="localhost")
    assert still_serves(server)


def test_headers_that_do_not_end_are_cut_off_before_they_fill_the_memory(server: OutsideServer) -> None:
    before = server.resources().resident
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=BUDGET) as connection:
        connection.sendall(GET)
        line = b"X-More: " + b"x" * 4000 + b"\r\n"
        try:
            for _ in range(5000):  # 20 MB
                connection.sendall(line)
                sent += len(line)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 19_000_000, "all of 20 MB of headers was taken"
    assert server.resources().resident - before < 8_000_000
    assert still_serves(server)


def test_an_endless_body_is_cut_off(server: OutsideServer) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=BUDGET) as connection:
        connection.sendall(CHAT + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = chunked(b" " * 8192, end=b"")
        try:
            for _ in range(2500):  # 20 MB
                connection.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 19_000_000
    assert still_serves(server)


def test_a_problem_is_a_problem_document_also_for_what_the_server_refuses_early(
    server: OutsideServer,
) -> None:
    for sent in (
        CHAT + CLOSE + b"Content-Length: 65537\r\n\r\n",
        b"BREW /v1/chat HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
    ):
        head, _, body = send(server, sent).raw.partition(b"\r\n\r\n")
        if b"chunked" in head.lower():
            body = re.sub(rb"(?:^|\r\n)[0-9a-f]+\r\n", b"", body)
        assert b"application/problem+json" in head.lower()
        assert len(body) <= 1024
        problem = json.loads(body)
        assert head.split()[1] == str(problem["status"]).encode()


def test_what_is_no_http_at_all_gets_a_problem_document_too(server: OutsideServer) -> None:
    for sent in (b"nonsense\r\n\r\n", CHAT + b"Content-Length: -1\r\n\r\n", GET + b"X : 1\r\n\r\n"):
        head, _, body = send(server, sent).raw.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 4")
        assert b"application/problem+json" in head.lower()
        assert b'"status":400' in body
        assert b"nonsense" not in body


def _dribble(server: OutsideServer, first: bytes, each: bytes, pause: float) -> Answer:
    """Sends ``first``, then ``each`` again and again until the server closes or the time is over."""
    start = time.monotonic()
    received = bytearray()
    with socket.create_connection(("127.0.0.1", server.port), timeout=pause) as connection:
        try:
            connection.sendall(first)
            while time.monotonic() - start < BUDGET:
                try:
                    chunk = connection.recv(65_536)
                    if not chunk:
                        break
                    received += chunk
                except TimeoutError:
                    if each:
                        connection.sendall(each)
        except (BrokenPipeError, ConnectionResetError):
            pass
    return Answer(bytes(received), True, time.monotonic() - start)


SLOW: dict[str, tuple[bytes, bytes]] = {
    "nothing": (b"", b""),
    "half a request line": (b"GET /hea", b""),
    "a header that grows": (GET + b"X-A: ", b"a"),
    "headers without end": (GET, b"X-A: 1\r\n"),
    "a body that does not come": (WHOLE + b"\r\n", b""),
    "a body that comes byte by byte": (CHAT + b"Content-Length: 60000\r\n\r\n", b" "),
    "chunks that come one by one": (CHAT + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a chunk size that grows": (CHAT + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "a body for a route that takes none": (GET + b"Content-Length: 60000\r\n\r\n", b" "),
    "a body for no route": (
        b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
        b" ",
    ),
    "a second request that does not come": (GET + b"\r\n", b""),
    "a second request that comes slowly": (GET + b"\r\n", b"G"),
}


def test_no_slow_sender_keeps_a_connection_longer_than_the_budget(server: OutsideServer) -> None:
    with ThreadPoolExecutor(len(SLOW)) as pool:
        running = {
            name: pool.submit(_dribble, server, first, each, 0.5) for name, (first, each) in SLOW.items()
        }
        assert still_serves(server)  # meanwhile others are served
        answers = {name: each.result() for name, each in running.items()}

    late = {name: answer.seconds for name, answer in answers.items() if answer.seconds >= BUDGET}
    assert late == {}
    for answer in answers.values():
        assert all(each < 500 for each in answer.statuses)
    wait_until(lambda: server.resources().connections == 0)


def test_a_reader_that_does_not_read_a_stream_holds_up_nobody(server: OutsideServer) -> None:
    streamed = b'{"message": "many 3000", "stream": true}'
    connections: list[socket.socket] = []
    try:
        for _ in range(4):  # more than are answered at a time
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(CHAT + b"Content-Length: %d\r\n\r\n" % len(streamed) + streamed)
            connections.append(connection)
        time.sleep(0.5)
        assert still_serves(server)
    finally:
        for connection in connections:
            connection.close()
    wait_until(lambda: server.resources().connections == 0)


def test_two_hundred_idle_connections_leave_room_for_the_next(server: OutsideServer) -> None:
    connections: Sequence[socket.socket] = [
        socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(200)
    ]
    try:
        assert still_serves(server)
    finally:
        for connection in connections:
            connection.close()
    wait_until(lambda: server.resources().connections == 0)
