"""One request to the web, and what came of it: the only place that opens a connection to fetch a page.

A name is resolved once for each connection, every address that it has is judged, and the connection goes to
one of these very addresses; so there is no moment between check and use in which a name could change. Each
request has a connection of its own, and keeps nothing, no cookie either. TLS and the Host header go on
speaking of the name. No proxy and no password of the environment is used; ``SSL_CERT_FILE`` and
``SSL_CERT_DIR`` name the certificates to trust in place of those that come with certifi.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from .errors import FetchError, NotAllowed, NotPublic, Unreachable
from .public_addresses import Address, Network, may_be_reached, parsed
from .web_addresses import BadAddress, fits_host, normalised

PRODUCT = "Prospectus"
"""The name by which a robots.txt may speak to us."""

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text, given its name and the port. Raises: OSError."""

DEFAULT_PORTS = frozenset({80, 443})
# A header that is sent back to the server, and nothing anybody would write by hand.
_MAX_TAG = 500
_MAX_ADDRESSES = 16


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be fetched, and how.

    ``hosts`` are the only ones that are ever asked, as ``checked_host`` returns them; none: any public one.
    ``networks`` may be reached although they are not public: loopback, an intranet. ``contact`` is an address
    at which the operator can be reached, for the logs of the servers. ``pause`` is the time in seconds
    between two requests to a host; a robots.txt can ask for more. ``seconds`` is the longest that one request
    may take and ``silence`` the longest without a byte; ``size`` is the most bytes, unpacked.
    """

    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = DEFAULT_PORTS
    contact: str = ""
    pause: float = 1.0
    seconds: float = 60.0
    silence: float = 15.0
    size: int = 20 * 1024 * 1024

    @property
    def user_agent(self) -> str:
        """What requests call themselves."""
        try:
            product = f"{PRODUCT}/{version('prospectus-assistant')}"
        except PackageNotFoundError:
            product = PRODUCT
        return f"{product} (+{self.contact})" if self.contact else product


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one request; ``body`` is unpacked, and empty unless ``status`` is 200.

    ``media_type`` and ``charset`` are in small letters. ``location`` is where a redirect
    leads, as written. ``robots`` are the values of ``X-Robots-Tag``. "" stands for what was not said.
    """

    address: str
    status: int
    body: bytes = b""
    media_type: str = ""
    charset: str = ""
    location: str = ""
    etag: str = ""
    last_modified: str = ""
    retry_after: str = ""
    robots: tuple[str, ...] = ()


class Client:
    """Sends requests one at a time. ``resolve`` and ``tls`` are there to be exchanged in tests."""

    def __init__(
        self, rules: Rules, *, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.rules = rules
        self._resolve = resolve or _resolve
        self._given_tls = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpx.create_ssl_context()

    def check(self, address: str) -> None:
        """Raise NotAllowed for an address that is never asked, as far as that can be told by reading it."""
        try:
            is_normal = normalised(address) == address
        except BadAddress as error:
            raise NotAllowed(address, str(error)) from None
        if not is_normal:
            raise NotAllowed(address, "it is not written in the one form that is judged")
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if port not in self.rules.ports:
            allowed = ", ".join(map(str, sorted(self.rules.ports)))
            raise NotAllowed(address, f"port {port} is not one of {allowed} (PROSPECTUS_FETCH_PORTS)")
        host = parts.hostname or ""
        if self.rules.hosts and not fits_host(host, self.rules.hosts):
            raise NotAllowed(address, f"the host {host} is not among PROSPECTUS_FETCH_HOSTS")

    def ask(
        self,
        address: str,
        *,
        types: Collection[str] | None = None,
        etag: str = "",
        last_modified: str = "",
        first_bytes: int | None = None,
        only_public: bool = False,
    ) -> Answer:
        """Return what the server says to a GET; redirects are not followed.

        ``types`` are the media types whose body is taken; None: any. ``etag`` and ``last_modified`` of an
        earlier answer make the server say 304 where nothing changed. With ``first_bytes`` no more than these
        are read; without, a body larger than the rules allow is refused. With ``only_public`` the networks
        that the rules name may not be reached either.

        Raises:
            NotAllowed: by the rules; a type that is not taken; too large; NotPublic where the host is that.
            Unreachable: no such host, no connection, no answer in time, not HTTP, damaged.
        """
        self.check(address)
        deadline = time.monotonic() + self.rules.seconds
        networks = () if only_public else self.rules.networks
        sockets = _CheckedSockets(address, networks, self._resolve, deadline, self.rules.silence)
        headers = {
            "User-Agent": self.rules.user_agent,
            "Accept": ", ".join([*sorted(filter(None, types or ())), "*/*;q=0.1"]),
            # Nothing else is unpacked here, where the size of what comes out can be watched.
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        with (
            _told_as_ours(address, self.rules, deadline),
            httpx.Client(
                transport=_Transport(sockets, self._tls if address.startswith("https:") else None),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(self.rules.silence),
            ) as client,
            client.stream("GET", address, headers=headers) as response,
        ):
            media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            body = b""
            if response.status_code == httpx.codes.OK:
                if types is not None and media_type not in types:
                    raise NotAllowed(address, f"it is of the type '{media_type[:100]}', which is not read")
                limit = self.rules.size if first_bytes is None else first_bytes
                body = _body(address, response, limit, may_be_cut=first_bytes is not None)
            return Answer(
                address=address,
                status=response.status_code,
                body=body,
                media_type=media_type,
                charset=response.charset_encoding or "",
                location=response.headers.get("location", "") if response.is_redirect else "",
                etag=_tag(response.headers.get("etag", "")),
                last_modified=_tag(response.headers.get("last-modified", "")),
                retry_after=_tag(response.headers.get("retry-after", "")),
                robots=tuple(response.headers.get_list("x-robots-tag")),
            )


def unpacked(address: str, data: bytes, limit: int) -> bytes:
    """Return what a gzip file holds.

    Raises:
        NotAllowed: more than ``limit`` bytes.
        Unreachable: it is damaged.
    """
    return b"".join(_unpacked(address, [data], limit, may_be_cut=False))


def _resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class _CheckedSockets(httpcore.NetworkBackend):
    """Connects to public addresses only, and to none that was not judged; nothing outlives the deadline."""

    def __init__(
        self, address: str, networks: Sequence[Network], resolve: Resolve, deadline: float, silence: float
    ) -> None:
        self._address = address
        self._networks = networks
        self._resolve = resolve
        self._deadline = deadline
        self._silence = silence

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._judged(host, self._addresses(host, port))
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # such as IPv6 on a machine that has none
        return self._connect(addresses[-1], port, timeout)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise NotAllowed(self._address, "pages are fetched over TCP only")

    def _connect(self, address: Address, port: int, timeout: float | None) -> httpcore.NetworkStream:
        seconds = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        stream = httpcore.SyncBackend().connect_tcp(str(address), port, timeout=seconds)
        return _TimedStream(stream, self._deadline)

    def _judged(self, host: str, addresses: Sequence[Address]) -> Sequence[Address]:
        for address in addresses:
            # One that may not be reached spoils the others: an honest name has none.
            if not may_be_reached(address, self._networks):
                leads = "it leads to" if str(address) == host else f"{host} has"
                raise NotPublic(
                    self._address,
                    f"{leads} the address {address}, which is not public (PROSPECTUS_FETCH_NETWORKS)",
                )
        return addresses

    def _addresses(self, host: str, port: int) -> list[Address]:
        found: list[str] = []
        failed: list[Exception] = []

        def look_up() -> None:
            try:
                found.extend(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)

        # The resolver of the system knows no time limit. One that hangs is left behind.
        thread = threading.Thread(target=look_up, name=f"look up {host}", daemon=True)
        thread.start()
        thread.join(_left(self._deadline, self._silence, httpcore.ConnectTimeout))
        if thread.is_alive():
            raise Unreachable(self._address, f"the address of {host} was not found in time")
        if failed or not found:
            reason = getattr(failed[0], "strerror", None) or str(failed[0]) if failed else "none"
            raise Unreachable(self._address, f"no address is known for {host} ({reason})")
        try:
            return [parsed(each) for each in dict.fromkeys(found)][:_MAX_ADDRESSES]
        except ValueError:
            raise Unreachable(self._address, f"no usable address is known for {host}") from None


class _TimedStream(httpcore.NetworkStream):
    """A connection that fails at the deadline, however busily the other end trickles."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None, error: type[Exception]) -> float:
    """The seconds that may still be waited. Raises ``error`` where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise error("the time is up")
    return left if timeout is None else min(left, timeout)


class _Transport(httpx.BaseTransport):
    """What httpx.HTTPTransport is, with connections of our own making."""

    def __init__(self, sockets: httpcore.NetworkBackend, tls: ssl.SSLContext | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=1,
            max_keepalive_connections=0,
            http1=True,
            http2=False,
            network_backend=sockets,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=b"",
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Stream(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _told_as_ours(address: str, rules: Rules, deadline: float) -> Iterator[None]:
    """Turn whatever the libraries raise into a FetchError."""
    try:
        yield
    except FetchError:
        raise
    except (httpcore.TimeoutException, httpx.TimeoutException) as error:
        if time.monotonic() >= deadline:
            reason = f"it took more than {rules.seconds:g} s"
        elif isinstance(error, httpcore.ConnectTimeout):
            reason = f"there was no connection within {rules.silence:g} s"
        else:
            reason = f"nothing came for {rules.silence:g} s"
        raise Unreachable(address, reason) from error
    except (httpcore.NetworkError, httpx.NetworkError) as error:
        raise Unreachable(address, f"the connection failed ({_first_line(error)})") from error
    except (httpcore.ProtocolError, httpx.ProtocolError) as error:
        raise Unreachable(address, f"the answer is not HTTP ({_first_line(error)})") from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
        raise Unreachable(address, f"it cannot be asked for ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    """What an error says, at most a line of it: part of it may come from the server."""
    words = " ".join(str(error).split()) or type(error).__name__
    return "".join(character for character in words if character.isprintable())[:200]


def _body(address: str, response: httpx.Response, limit: int, *, may_be_cut: bool) -> bytes:
    declared = response.headers.get("content-length", "")
    if not may_be_cut and declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(address, limit)
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        pieces = _limited(address, response.iter_raw(), limit, may_be_cut=may_be_cut)
    elif packing in ("gzip", "x-gzip"):
        pieces = _unpacked(address, response.iter_raw(), limit, may_be_cut=may_be_cut)
    else:
        raise NotAllowed(address, f"it is packed as '{packing[:50]}', which was not asked for")
    return b"".join(pieces)


def _limited(address: str, pieces: Iterable[bytes], limit: int, *, may_be_cut: bool) -> Iterator[bytes]:
    left = limit
    for piece in pieces:
        if len(piece) > left and not may_be_cut:
            raise _too_large(address, limit)
        yield piece[:left]
        left -= len(piece)
        if left <= 0 and may_be_cut:
            return


def _unpacked(address: str, pieces: Iterable[bytes], limit: int, *, may_be_cut: bool) -> Iterator[bytes]:
    """Unpack gzip without ever holding more than ``limit`` bytes of what comes out.

    What stands behind the first of several gzip files in one, which servers do not send, is left out.
    """
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    left, packed = limit, 0
    try:
        for piece in pieces:
            packed += len(piece)
            data = unpacking.decompress(piece, left + 1)
            if len(data) > left or packed > limit:
                if may_be_cut:
                    yield data[:left]
                    return
                raise _too_large(address, limit)
            left -= len(data)
            yield data
            if unpacking.eof:
                return
    except zlib.error as error:
        raise Unreachable(address, "what came is damaged (its gzip)") from error
    raise Unreachable(address, "it breaks off (its gzip has no end)")


def _too_large(address: str, limit: int) -> NotAllowed:
    return NotAllowed(address, f"it has more than the {limit:,} bytes allowed")


def _tag(value: str) -> str:
    return value if len(value) <= _MAX_TAG and value.isascii() and value.isprintable() else ""
