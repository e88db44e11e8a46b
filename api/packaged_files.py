"""Files that come with the package, as browsers get them: compressed once, and not sent again unchanged."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping

from fastapi import FastAPI, Request, Response

_REFUSED = re.compile(r"\s*q\s*=\s*0(?:\.0{0,3})?\s*", re.IGNORECASE)
"""RFC 9110, section 12.4.2: a weight of nothing means "not this one"."""


def serve(app: FastAPI, path: str, content: bytes, headers: Mapping[str, str]) -> None:
    """Serves ``content`` at ``path`` with these headers. It is no part of the API; no caller is asked for."""
    plain = _Form(content, headers)
    packed = _Form(gzip.compress(content, compresslevel=9, mtime=0), {**headers, "Content-Encoding": "gzip"})

    async def send(request: Request) -> Response:
        form = packed if _takes_gzip(request.headers.getlist("accept-encoding")) else plain
        if form.is_known(request.headers.getlist("if-none-match")):
            return Response(status_code=304, headers=form.headers)
        return Response(form.content, headers=form.headers)

    app.add_api_route(path, send, methods=["GET", "HEAD"], include_in_schema=False)


class _Form:
    """A content as it is sent, compressed or not; each form has a tag of its own (RFC 9110, 8.8.3.3)."""

    def __init__(self, content: bytes, headers: Mapping[str, str]) -> None:
        self.content = content
        self._tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
        self.headers = {**headers, "ETag": self._tag, "Vary": "Accept-Encoding"}

    def is_known(self, if_none_match: Iterable[str]) -> bool:
        """Whether the browser has this form: one of the tags in If-None-Match is its own, or any will do."""
        tags = {tag.strip().removeprefix("W/") for value in if_none_match for tag in value.split(",")}
        return bool(tags & {self._tag, "*"})


def _takes_gzip(accept_encoding: Iterable[str]) -> bool:
    for value in accept_encoding:
        for each in value.split(","):
            coding, _, weight = each.partition(";")
            if coding.strip().lower() == "gzip":
                return not _REFUSED.fullmatch(weight)
    return False
