"""A website on this machine: a real HTTP server whose pages a test writes down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from socketserver import StreamRequestHandler, ThreadingTCPServer
from ssl import SSLContext

from ingest.fetching import Rules

LOOPBACK = (ip_network("127.0.0.0/8"),)
ANY_PORT = frozenset(range(1, 65536))
"""A server of a test gets whichever is free."""


def on_this_machine(**changes: object) -> Rules:
    """Rules that allow this machine and need no patience."""
    rules = Rules(networks=LOOPBACK, ports=ANY_PORT, pause=0.0)
    return replace(rules, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]
    at: float


Page = Reply | Callable[[Asked], Reply]


class Site:
    """Its pages by path with query; any other is 404. ``asked`` holds the requests in their order."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", scheme: str = "http") -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.port = port
        self.root = f"{scheme}://{host}:{port}"

    def __call__(self, path: str) -> str:
        return self.root + path

    @property
    def paths(self) -> list[str]:
        """The paths asked for, without robots.txt."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def write(self, path: str, *links: str, text: str = "", head: str = "", **headers: str) -> None:
        """Make a page that shows ``text`` and leads to ``links``."""
        shown = text or f"This is the page {path} of the university."
        anchors = " ".join(f'<a href="{link}">more</a>' for link in links)
        html = f"<html><head><title>{path}</title>{head}</head><body><p>{shown}</p>{anchors}</body></html>"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Reply(html.encode(), headers=sent)

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.pages[path] = Reply(status=status, headers={"Location": to})

    def robots(self, text: str) -> None:
        self.pages["/robots.txt"] = Reply(text.encode(), type="text/plain")


@contextmanager
def serving(*, host: str = "127.0.0.1", tls: SSLContext | None = None) -> Iterator[Site]:
    """Serve a site until the end of the block; with ``tls`` encrypted."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.path, dict(self.headers.items()), time.monotonic())
            site.asked.append(asked)
            page = site.pages.get(self.path, Reply(b"There is no such page.", 404, "text/plain"))
            reply = page(asked) if callable(page) else page
            self.send_response(reply.status)
            headers = {"Content-Type": reply.type, "Content-Length": str(len(reply.body)), **reply.headers}
            for name, value in headers.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except OSError:
                self.close_connection = True  # whoever asked has heard enough

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # clients that do not trust a certificate, or leave

    server = Server((host, 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site = Site(server.server_port, host=host, scheme="https" if tls else "http")
    with _running(server):
        yield site


@contextmanager
def saying(*pieces: bytes, pause: float = 0.0, ends: bool = True) -> Iterator[str]:
    """Serve these bytes to whoever connects, with a pause after each; the last for ever if not ``ends``."""
    stopped = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            try:
                self.request.recv(65536)
                for piece in pieces:
                    self.wfile.write(piece)
                    stopped.wait(pause)
                while not ends and not stopped.is_set():
                    self.wfile.write(pieces[-1])
                    stopped.wait(pause)
            except OSError:
                pass  # whoever asked has heard enough

    class Server(ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    with _running(server):
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            stopped.set()


@contextmanager
def _running(server: ThreadingTCPServer) -> Iterator[None]:
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
