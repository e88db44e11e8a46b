"""The HTTP client for OpenAI's package, which reads no more of a response than an answer may take.

A length is asked of bytes, for of a line without an end no library hands on anything that could be measured.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

from .language_model import Fault, ModelFault


def bounded_client(most_bytes: int) -> httpx2.AsyncClient:
    """A client whose responses raise ModelFault where they are longer than that, compressed, or HTML.

    It follows no redirect, which would take the key to another server. It sets no time limit: callers do.
    """

    async def bound(response: httpx2.Response) -> None:
        # A hook and no transport of our own: that would leave the proxies of the environment aside.
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ModelFault(Fault.NOT_TEXT, "a compressed response, though none was asked for")
        if response.is_success and "html" in response.headers.get("Content-Type", ""):
            raise ModelFault(Fault.NOT_TEXT, "an HTML page")
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream, most_bytes)

    return httpx2.AsyncClient(
        headers={"Accept-Encoding": "identity"}, event_hooks={"response": [bound]}, timeout=None
    )


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, most_bytes: int) -> None:
        self._stream = stream
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise ModelFault(Fault.TOO_LONG, "more bytes than an answer may take")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
