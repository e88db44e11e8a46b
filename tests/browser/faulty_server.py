"""A server that answers the widget as it is told to: late, in pieces, wrongly or not at all."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parents[2] / "api" / "widget" / "locales"
PATIENCE = 30.0
"""Seconds after which a response stops waiting for a test that has forgotten it."""

QUOTE = "Tuition for international students is 18,690 EUR per year."
TEXT = f"Fees\n\nAll fees are paid once a year. {QUOTE} There are scholarships for some."

Step = bytes | threading.Event


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: pieces that are sent, and events that are waited for between them.

    ``is_cut``: the connection is broken in the middle of the last piece, without a word.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[Step] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


def event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def stream(*steps: Step, is_cut: bool = False) -> Answer:
    """A reply of server-sent events."""
    return Answer(200, {"Content-Type": "text/event-stream"}, steps, is_cut)


def json_answer(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    content_type = "application/json" if status < 400 else "application/problem+json"
    return Answer(status, {"Content-Type": content_type, **(headers or {})}, (json.dumps(data).encode(),))


def problem(status: int, detail: str = "No.", **headers: str) -> Answer:
    """A problem document; underscores in the names of headers stand for hyphens."""
    document = {"type": "about:blank", "title": "Problem", "status": status, "detail": detail}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return json_answer({**document, "request_id": "r1"}, status, named)


def citation(number: int = 1, **changed: object) -> dict[str, Any]:
    """A citation of the one document that this server has."""
    start = TEXT.index(QUOTE)
    return {
        "number": number,
        "document_id": "fees",
        "title": "Tuition fees",
        "url": "https://www.example.edu/fees",
        "deep_link": "https://www.example.edu/fees#:~:text=Tuition",
        "headings": ["Fees"],
        "quote": QUOTE,
        "start": start,
        "end": start + len(QUOTE),
        "modified_on": "2026-09-01",
        **changed,
    }


def reply(
    *sentences: str, conversation_id: str = "c1", message_id: str = "m1", **changed: Any
) -> dict[str, Any]:
    """A whole reply of these sentences, each of which cites the one document; ``changed`` replaces fields."""
    sentences = sentences or (QUOTE,)
    return {
        "conversation_id": conversation_id,
        "message_id": message_id,
        "outcome": "answered",
        "mode": "quoted",
        "language": "en",
        "question": "What is the fee?",
        "text": " ".join(f"{each} [1]" for each in sentences),
        "sentences": [{"text": each, "citations": [1], "support": "quoted"} for each in sentences],
        "citations": [citation()],
        "notices": [],
        "suggestions": [],
        "generation": "g1",
        "model": None,
        "prompts": None,
        "usage": None,
        **changed,
    }


def events(whole: Mapping[str, Any]) -> list[bytes]:
    """The events of a whole reply, as the real server sends them."""
    left = {each["number"]: each for each in whole["citations"]}
    started = {name: whole[name] for name in ("conversation_id", "message_id")}
    sent = [event("started", started)]
    for sentence in whole["sentences"]:
        sources = [left.pop(number) for number in sentence["citations"] if number in left]
        sent.append(event("sentence", {**sentence, "sources": sources}))
    sent += [event("notice", notice) for notice in whole["notices"]]
    return [*sent, event("completed", whole)]


@dataclass
class FaultyServer:
    """Answers ``POST /v1/chat`` with what was planned, first things first, and then with a plain reply.

    The other routes work, unless ``planned`` has answers for their ``"METHOD /path"``. ``replying`` makes the
    answer to a question for which nothing is planned.
    """

    port: int
    planned: dict[str, deque[Answer]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    document: dict[str, Any] = field(
        default_factory=lambda: {
            "id": "fees",
            "title": "Tuition fees",
            "url": "https://www.example.edu/fees",
            "publisher": "Example University",
            "language": "en",
            "modified_on": "2026-09-01",
            "text": TEXT,
        }
    )
    replying: Callable[[Any], Answer] = lambda body: stream(*events(reply()))
    _http: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def questions(self) -> list[Any]:
        """The bodies of what was asked so far, in order."""
        return [each.body for each in self.received if each.path == "/v1/chat"]

    def plan(self, *answers: Answer, route: str = "POST /v1/chat") -> None:
        self.planned.setdefault(route, deque()).extend(answers)

    def answer(self, received: Received) -> Answer:
        self.received.append(received)
        route = f"{received.method} {received.path}"
        if planned := self.planned.get(route):
            return planned.popleft()
        if route == "POST /v1/chat":
            return self.replying(received.body)
        if route == "POST /v1/sessions":
            return json_answer({"token": f"vs_{len(self.received)}", "expires_in": 3600}, 201)
        if received.path.startswith("/widget/locales/"):
            return self._locale(received.path.rpartition("/")[2])
        if received.path.startswith("/v1/documents/"):
            return json_answer(self.document)
        if route.startswith("PUT /v1/messages/"):
            return json_answer({**received.body, "rated_at": "2026-11-23T00:00:00Z"})
        if route.startswith("DELETE /v1/conversations/"):
            return Answer(204)
        return problem(404, "There is no such thing.")

    def stop_listening(self) -> None:
        """From now on connections are refused."""
        if self._http is not None and self._thread is not None:
            self._http.shutdown()
            self._http.server_close()
            self._thread.join(PATIENCE)
            self._http = None

    def listen(self) -> None:
        """Takes connections, again on the same port."""
        server = _Http(("127.0.0.1", self.port), _handler(self))
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self._http, self._thread = server, thread

    @staticmethod
    def _locale(name: str) -> Answer:
        file = LOCALES / name
        return json_answer(json.loads(file.read_text("utf-8"))) if file.is_file() else problem(404)


class _Http(ThreadingHTTPServer):
    daemon_threads = True  # a response may still be waiting for its test when the server stops
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # browsers leave when they like


def _handler(server: FaultyServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_OPTIONS(self) -> None:
            self._send(Answer(204))

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(content) if content else None
            self._send(server.answer(Received(self.command, self.path, headers, body)))

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in {**_ALWAYS, **answer.headers}.items():
                self.send_header(name, value)
            if answer.status == 204:
                self.end_headers()
                return
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for step in answer.steps:
                if isinstance(step, threading.Event):
                    self.wfile.flush()
                    step.wait(PATIENCE)
                else:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(step), step))
            if answer.is_cut:
                # A reset instead of an end: what a broken line looks like.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            else:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


_ALWAYS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "600",
    "Connection": "close",
}


@contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    """A server on a free port, until the block ends."""
    server = FaultyServer(0)
    server.listen()
    try:
        yield server
    finally:
        with suppress(OSError):
            server.stop_listening()
