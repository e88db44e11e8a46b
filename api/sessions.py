"""Sessions of anonymous visitors: short-lived tokens that are signed and not stored.

A page of an allowed origin gets one without any secret in the page. It names a random visitor, so that nobody
else can read the conversations begun with it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

LIFETIME_SECONDS = 3600
"""Long enough to write a message, short enough that a token which was carried off is soon worth nothing."""

PREFIX = "vs_"
"""What every token begins with."""

FILE_NAME = "session.secret"
_SECRET_BYTES = 32


class UnsafeSecret(OSError):
    """The file of the signing secret cannot be relied on; the message says what to do."""


class SessionExpired(Exception):
    """The token was right, and is too old."""


@dataclass(frozen=True, slots=True)
class Session:
    """Which visitor a token stands for, and the origin of the page that it was given to."""

    visitor: str
    origin: str


class Sessions:
    """Makes and reads tokens."""

    def __init__(self, secret: str, lifetime_seconds: int = LIFETIME_SECONDS) -> None:
        self.lifetime_seconds = lifetime_seconds
        self._serializer = URLSafeTimedSerializer(
            secret,
            salt="visitor session",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def start(self, origin: str, visitor: str | None = None) -> str:
        """A token for a new visitor, or a fresh one for the visitor of a session that is still good."""
        return f"{PREFIX}{self._serializer.dumps([visitor or secrets.token_urlsafe(16), origin])}"

    def read(self, token: str) -> Session | None:
        """The session of a token, None for what is no token of ours. Raises: SessionExpired."""
        try:
            visitor, origin = self._serializer.loads(
                token.removeprefix(PREFIX), max_age=self.lifetime_seconds
            )
        except SignatureExpired:
            raise SessionExpired from None
        except BadData:
            return None
        return Session(visitor, origin)


def signing_secret(data_dir: Path) -> str:
    """The secret kept in the data directory, for its owner's eyes only; made there the first time.

    Raises:
        UnsafeSecret: others can read the file, or it is empty.
        OSError: it cannot be read or made.
    """
    file = data_dir / FILE_NAME
    if not file.exists():
        _make(file)
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise UnsafeSecret(f"{file} can be read by others. Delete it: a new one is made at the next start.")
    secret = file.read_text(encoding="ascii").strip()
    if len(secret) < _SECRET_BYTES:
        raise UnsafeSecret(f"{file} is too short. Delete it: a new one is made at the next start.")
    return secret


def _make(file: Path) -> None:
    # Written aside and linked, so that of two servers that start at once both read the same whole secret.
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=file.parent, prefix=FILE_NAME)  # mode 600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(_SECRET_BYTES))
        with suppress(FileExistsError):  # the other one was first
            os.link(aside, file)
    finally:
        Path(aside).unlink()
