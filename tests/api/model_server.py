"""A server that speaks OpenAI's language and does what a test tells it, the wrong things included.

Real HTTP/1.1 on a socket of this machine, one thread for each connection. A ``Behaviour`` gets the request
and writes what it likes; those below are the faults that a model's server is known for.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in: the headers in lower case and the body, parsed."""

    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    @property
    def wants_schema(self) -> bool:
        return "response_format" in self.body


class Wire:
    """The connection as a behaviour writes to it. Raises: OSError: the client has gone."""

    def __init__(self, connection: socket.socket, is_stopping: threading.Event) -> None:
        self._connection = connection
        self.is_stopping = is_stopping

    def raw(self, content: bytes) -> None:
        self._connection.sendall(content)

    def head(self, status: str = "200 OK", kind: str = STREAM, *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *headers, "", ""]
        self.raw("\r\n".join(lines).encode())

    def answer(self, status: str, kind: str, content: str, *headers: str) -> None:
        self.head(status, kind, f"Content-Length: {len(content.encode())}", *headers)
        self.raw(content.encode())

    def error(self, status: str, message: str, *headers: str) -> None:
        self.answer(status, JSON, json.dumps({"error": {"message": message, "type": "error"}}), *headers)

    def chunk(self, content: str | None = None, ending: str | None = None, **delta: object) -> None:
        told = {**({} if content is None else {"content": content}), **delta}
        choice = {"index": 0, "delta": told, "finish_reason": ending}
        self.event({**_CHUNK, "choices": [choice]})

    def event(self, content: dict[str, Any] | str) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.raw(f"data: {text}\n\n".encode())

    def wait(self, seconds: float) -> None:
        """Says nothing for that long. Raises: OSError: the client has gone, or the server stops."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._connection.settimeout(min(left, 0.05))
            with suppress(TimeoutError):
                if not self._connection.recv(1):
                    raise ConnectionResetError
            if self.is_stopping.is_set():
                raise ConnectionAbortedError
        self._connection.settimeout(None)


Behaviour = Callable[[Wire, Asked], None]

_CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "tested"}


def says(text: str, *, ending: str | None = "stop", tokens: tuple[int, int] | None = (120, 30)) -> Behaviour:
    """An answer as it should be, word by word; ``tokens`` are counted in and out, None: it does not tell."""

    def behave(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.chunk("", role="assistant")
        for word in text.split(" "):
            wire.chunk(word + " ")
        if ending is not None:
            wire.chunk(None, ending)
        if tokens is not None and asked.body.get("stream_options", {}).get("include_usage"):
            counted = {
                "prompt_tokens": tokens[0],
                "completion_tokens": tokens[1],
                "total_tokens": sum(tokens),
            }
            wire.event({**_CHUNK, "choices": [], "usage": counted})
        wire.event("[DONE]")

    return behave


def fails(status: str, *headers: str) -> Behaviour:
    """An error; like some real servers it repeats key and question."""

    def behave(wire: Wire, asked: Asked) -> None:
        wire.error(status, f"{asked.headers.get('authorization')} {asked.prompt}", *headers)

    return behave


def one_after_another(*behaviours: Behaviour) -> Behaviour:
    """The first at the first request, and so on; the last for all that follow."""
    lock, left = threading.Lock(), list(behaviours)

    def behave(wire: Wire, asked: Asked) -> None:
        with lock:
            now = left.pop(0) if len(left) > 1 else left[0]
        now(wire, asked)

    return behave


def refuses_schemas(then: Behaviour) -> Behaviour:
    """Status 400 for a request with a schema."""

    def behave(wire: Wire, asked: Asked) -> None:
        if asked.wants_schema:
            wire.error("400 Bad Request", "response_format is not supported")
        else:
            then(wire, asked)

    return behave


def never_answers(wire: Wire, asked: Asked) -> None:
    wire.wait(60)


def never_begins(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.chunk("", role="assistant")
    wire.wait(60)


def answers_slowly(wire: Wire, asked: Asked) -> None:
    """A word, and then another one every tenth of a second, for a minute."""
    wire.head()
    for _ in range(600):
        wire.chunk("word ")
        wire.wait(0.1)


def says_nothing(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.chunk("", role="assistant")
    wire.chunk(None, "stop")
    wire.event("[DONE]")


def sends_nothing(wire: Wire, asked: Asked) -> None:
    wire.head()


def hangs_up(wire: Wire, asked: Asked) -> None:
    """Not a byte."""


def cuts_the_stream(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.chunk('{"sentences": [{"text": "The fee is 2,060 EUR')
    wire.raw(b'data: {"id": "chatcmpl-1", "choices": [{"ind')


def cuts_a_counted_body(wire: Wire, asked: Asked) -> None:
    wire.head("200 OK", STREAM, "Content-Length: 100000")
    wire.chunk('{"sentences": [{"text": "The fee is 2,060 EUR')


def runs_out_of_tokens(wire: Wire, asked: Asked) -> None:
    says('{"sentences": [{"text": "The fee is 2,060', ending="length")(wire, asked)


def sends_invalid_utf8(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.chunk("A ")
    wire.raw(
        b'data: {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": "\xff\xfe\xc3\x28"}}]}\n\n'
    )


def sends_broken_json(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.event('{"id": "chatcmpl-1", "choices": [')


def sends_a_page(wire: Wire, asked: Asked) -> None:
    wire.answer(
        "200 OK", "text/html; charset=utf-8", "<!doctype html><title>Log in</title><p>Log in first.</p>"
    )


def never_ends(wire: Wire, asked: Asked) -> None:
    wire.head()
    while not wire.is_stopping.is_set():
        wire.chunk("and so on ")


def sends_an_endless_line(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.raw(b'data: {"id": "')
    while not wire.is_stopping.is_set():
        wire.raw(b"x" * 65_536)


def sends_a_huge_token(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.chunk("x" * 10_000_000, "stop")
    wire.event("[DONE]")


def sends_another_shape(wire: Wire, asked: Asked) -> None:
    says(json.dumps({"answer": ["The fee is 2,060 EUR."], "sentences": "none"}))(wire, asked)


def refuses(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.chunk(None, refusal="I cannot help with that.", role="assistant")
    wire.chunk(None, "stop")
    wire.event("[DONE]")


def filters(wire: Wire, asked: Asked) -> None:
    says("The", ending="content_filter")(wire, asked)


def fails_in_the_stream(wire: Wire, asked: Asked) -> None:
    wire.head()
    wire.chunk("The ")
    wire.event({"error": {"message": f"out of memory: {asked.prompt}", "type": "server_error"}})


def compresses(wire: Wire, asked: Asked) -> None:
    wire.head("200 OK", STREAM, "Content-Encoding: gzip")
    wire.raw(b"\x1f\x8b")


FAULTS: dict[str, Behaviour] = {
    "no answer": never_answers,
    "no first token": never_begins,
    "too slow in all": answers_slowly,
    "401": fails("401 Unauthorized"),
    "404": fails("404 Not Found"),
    "429 soon": fails("429 Too Many Requests", "Retry-After: 0"),
    "429 later": fails("429 Too Many Requests", "Retry-After: 3600"),
    "500": fails("500 Internal Server Error"),
    "503": fails("503 Service Unavailable"),
    "400": fails("400 Bad Request"),
    "empty": says_nothing,
    "no bytes": sends_nothing,
    "hangs up": hangs_up,
    "cut stream": cuts_the_stream,
    "cut body": cuts_a_counted_body,
    "cut by length": runs_out_of_tokens,
    "invalid UTF-8": sends_invalid_utf8,
    "broken JSON": sends_broken_json,
    "HTML page": sends_a_page,
    "endless output": never_ends,
    "endless line": sends_an_endless_line,
    "10 MB token": sends_a_huge_token,
    "wrong schema": sends_another_shape,
    "refusal": refuses,
    "filtered": filters,
    "error in the stream": fails_in_the_stream,
    "compressed": compresses,
}


@dataclass
class ModelServer:
    """The running server. ``behaviour`` may be changed at any time; ``asked`` is what came so far."""

    port: int
    behaviour: Behaviour
    asked: list[Asked] = field(default_factory=list)
    open_connections: int = 0
    is_stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def serve(self, connection: socket.socket) -> None:
        with self.lock:
            self.open_connections += 1
        try:
            if (asked := _read(connection)) is not None:
                with self.lock:
                    self.asked.append(asked)
                self.behaviour(Wire(connection, self.is_stopping), asked)
        except OSError:
            pass  # the client has gone, which is what some tests wait for
        finally:
            with self.lock:
                self.open_connections -= 1


@contextmanager
def model_server(behaviour: Behaviour) -> Iterator[ModelServer]:
    """The server, on a free port, until the block ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            running.serve(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        running = ModelServer(server.server_address[1], behaviour)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield running
        finally:
            running.is_stopping.set()
            server.shutdown()
            thread.join()


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _read(connection: socket.socket) -> Asked | None:
    """One request, None where the client left before it was whole."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (part := connection.recv(65_536)):
            return None
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")[1:]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        if not (part := connection.recv(65_536)):
            return None
        body += part
    return Asked(headers, json.loads(body))
