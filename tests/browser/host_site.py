"""A university's site, on an origin of its own: the pages into which the widget is put."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Page:
    content: bytes
    headers: Mapping[str, str]


@dataclass
class HostSite:
    """Serves what is published on it. Its name is another than the server's, so that it is another site."""

    port: int
    _pages: dict[str, _Page] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def publish(
        self,
        content: str,
        *,
        path: str | None = None,
        media_type: str = HTML,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Makes it a file of the site and returns its address."""
        path = path or f"/page-{len(self._pages) + 1}"
        self._pages[path] = _Page(content.encode(), {"Content-Type": media_type, **(headers or {})})
        return self.origin + path

    def page(
        self,
        body: str,
        *,
        head: str = "",
        lang: str = "en",
        direction: str = "ltr",
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Publishes an HTML page with this body and returns its address."""
        content = (
            f'<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Programme</title>{head}</head>"
            f"<body><main><h1>Medical Imaging</h1><p>A programme of two years.</p></main>{body}</body></html>"
        )
        return self.publish(content, path=path, headers=headers)

    def find(self, path: str) -> _Page | None:
        return self._pages.get(path.partition("?")[0])


@contextmanager
def host_site() -> Iterator[HostSite]:
    """A site on a free port, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.find(self.path)
            is_icon = self.path == "/favicon.ico"  # browsers ask for it by themselves
            self.send_response(200 if page else 204 if is_icon else 404)
            for name, value in page.headers.items() if page else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(page.content) if page else 0))
            self.end_headers()
            if page:
                self.wfile.write(page.content)

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # a browser opens several connections at once

    with Server(("127.0.0.1", 0), Handler) as server:
        site = HostSite(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join(10)
