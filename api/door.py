"""The door: tells who is calling, counts how often, and lets in or refuses. Every caller passes it first."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Collection, Sequence
from functools import partial
from http import HTTPStatus
from typing import Protocol

from fastapi import Request

from .access import route_of
from .addresses import client_address, limited_as
from .callers import LOCAL, Caller, CallerKind, Scope
from .dependencies import in_thread
from .limits import RateLimits, Rates
from .problems import Problem
from .sessions import PREFIX as SESSION_PREFIX
from .sessions import SessionExpired, Sessions, signing_secret
from .settings import BadSetting, Settings

_EVERYTHING = frozenset(Scope)
_ADMINISTRATOR = Caller(CallerKind.ADMINISTRATOR, "admin", _EVERYTHING)

KEY_PREFIX = "pk_"
"""What every stored key begins with, see ``storage.keys``."""

_NO_KEY = "This key or token is not valid (any more)."
_TOKEN = re.compile(r"Bearer +([\w.~+/=-]+) *", re.ASCII | re.IGNORECASE)
"""RFC 6750, section 2.1."""

_log = logging.getLogger(__name__)


class StoredKey(Protocol):
    """An API key as it is kept: without its secret."""

    @property
    def id(self) -> str: ...
    @property
    def scopes(self) -> Collection[Scope]: ...


class StoredKeys(Protocol):
    """The API keys that ``prospectus keys`` makes. Called from threads."""

    def all(self) -> Sequence[StoredKey]:
        """Every key that was ever made, revoked ones included."""

    def find(self, secret: str, /) -> StoredKey | None:
        """The key with this secret, None if there is none that is valid."""


class Door:
    """Recognises callers by what their requests carry, and keeps count of them.

    It is open if the server listens on this machine only and nothing has been set up by which callers could
    be told apart: then everyone is the one local caller, whatever key a request carries.
    """

    def __init__(
        self,
        settings: Settings,
        keys: StoredKeys | None = None,
        *,
        is_local: bool = True,
        host: str = "127.0.0.1",
        names: Collection[str] = (),
    ) -> None:
        """
        ``names`` are those by which a server with an open door may be called; without any, all are.

        Raises:
            BadSetting: the server can be reached from other machines, and nobody could be let in, for there
                are neither keys nor origins.
            OSError: the secret that signs sessions cannot be read or made.
        """
        self._keys = keys
        self._names = names
        api_keys = [each.get_secret_value() for each in settings.api_keys]
        self._api_keys = {_key_id(key): key for key in api_keys}
        self._admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None
        self.origins = settings.allowed_origins
        self.proxies = settings.trusted_proxies
        has_keys = bool(self._api_keys) or bool(keys and keys.all())
        self.is_open = is_local and not (has_keys or self.origins or self._admin_key)
        if not (is_local or has_keys or self.origins):
            raise BadSetting(
                f"{host} can be reached from other machines, and it is not said who may call. Create a "
                "key with `prospectus keys create`, or set PROSPECTUS_API_KEYS or PROSPECTUS_ALLOWED_ORIGINS."
            )
        self.sessions = None
        if self.origins:
            secret = settings.session_secret
            self.sessions = Sessions(
                secret.get_secret_value() if secret else signing_secret(settings.data_dir)
            )
        rates = Rates.of(settings.rate_limit, settings.rate_limit_address, settings.rate_limit_all)
        self.limits = RateLimits(rates)

    def address(self, request: Request) -> str:
        """The address of the client, as far as it can be believed."""
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.getlist("x-forwarded-for"), self.proxies)

    async def admit(self, request: Request) -> Caller:
        """The caller, whose request is counted from now on.

        Raises:
            Problem: 401 or 403, nobody can be told from the request, or nobody who may call.
            TooManyRequests: over one of the limits.
        """
        address = self.address(request)
        try:
            caller = await self._recognise(request, address)
        except Problem:
            await self.count(request, f"refused at {limited_as(address)}")
            raise
        request.state.caller = caller
        await self.count(request, caller.id)
        return caller

    async def count(self, request: Request, counted: str) -> None:
        """Counts a request under this name and under its address. Raises: TooManyRequests."""
        request.state.rate_limit = await self.limits.count(counted, limited_as(self.address(request)))

    async def _recognise(self, request: Request, address: str) -> Caller:
        if self.is_open:
            self._check_name(request)
            return LOCAL
        token = bearer_token(request)
        if token is None:
            raise _unauthorized("Send a key or a session's token as Authorization: Bearer …")
        # Each form of token has one place where it is looked for.
        if token.startswith(SESSION_PREFIX):
            return self._visitor(token, request)
        if token.startswith(KEY_PREFIX):
            return await self._stored(token, request)
        return self._configured(token) or await self._administrator(token, address, request)

    def _check_name(self, request: Request) -> None:
        # A page from elsewhere can make its own name stand for this machine (DNS rebinding), and would then
        # be the server's own page in the eyes of the browser. A browser always names the host.
        host = request.headers.get("host")
        if self._names and host is not None and name_of(host) not in self._names:
            raise Problem(HTTPStatus.FORBIDDEN, "This server answers to the names of this machine only.")

    def _visitor(self, token: str, request: Request) -> Caller:
        try:
            session = self.sessions.read(token) if self.sessions is not None else None
        except SessionExpired:
            raise _unauthorized("The session has expired. POST /v1/sessions starts another.") from None
        if session is None:
            raise _unauthorized(_NO_KEY, error="invalid_token")
        # Browsers leave the origin out where a page reads from its own server.
        if session.origin not in self.origins or origin_of(request) not in (None, session.origin):
            raise Problem(HTTPStatus.FORBIDDEN, "This session belongs to a page of another origin.")
        return Caller(CallerKind.VISITOR, f"visitor:{session.visitor}", frozenset({Scope.CHAT}))

    def _configured(self, token: str) -> Caller | None:
        for key_id, key in self._api_keys.items():
            if hmac.compare_digest(_digest(token), _digest(key)):
                return Caller(CallerKind.INTEGRATION, f"key:{key_id}", _EVERYTHING)
        return None

    async def _stored(self, token: str, request: Request) -> Caller:
        if self._keys is None:
            raise _unauthorized(_NO_KEY, error="invalid_token")
        found = await in_thread(request.app.state.threads, partial(self._keys.find, token))
        if found is None:
            raise _unauthorized(_NO_KEY, error="invalid_token")
        return Caller(CallerKind.INTEGRATION, f"key:{found.id}", frozenset(found.scopes))

    async def _administrator(self, token: str, address: str, request: Request) -> Caller:
        # The other keys are too long to be guessed. This one was chosen by a person.
        counted = limited_as(address)
        await self.limits.check_failed_keys(counted)
        if self._admin_key is None or not hmac.compare_digest(_digest(token), _digest(self._admin_key)):
            await self.limits.count_failed_key(counted)
            _log.warning("A key that is none was refused", extra={"address": address})
            raise _unauthorized(_NO_KEY, error="invalid_token")
        _log.info(
            "The administrator's key was used",
            extra={"address": address, "method": request.method, "route": route_of(request.scope)},
        )
        return _ADMINISTRATOR


def name_of(host: str) -> str:
    """The name or address in a Host header, without the port."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0].lower()


def bearer_token(request: Request) -> str | None:
    """The token in the one Authorization header, None without one."""
    sent = request.headers.getlist("authorization")
    found = _TOKEN.fullmatch(sent[0]) if len(sent) == 1 else None
    return found[1] if found is not None else None


def origin_of(request: Request) -> str | None:
    """The origin of the page that sent the request, None where none is named, "" where several are."""
    sent = request.headers.getlist("origin")
    return None if not sent else sent[0] if len(sent) == 1 else ""


def _unauthorized(detail: str, *, error: str | None = None) -> Problem:
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})


def _digest(secret: str) -> bytes:
    # compare_digest takes as long as the shorter text is; digests are all of one length.
    return hashlib.sha256(secret.encode()).digest()


def _key_id(secret: str) -> str:
    """Names a key from the settings in the log and as the owner of conversations, without telling it."""
    return f"env-{hashlib.sha256(b'id of ' + secret.encode()).hexdigest()[:12]}"
