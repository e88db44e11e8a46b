"""API keys. The secret is shown once, when a key is created; only its hash is stored.

A secret looks like ``pk_<id>_<43 characters>``: the id, which is public, finds the row, and the 256 random
bits behind it cannot be guessed. That is why one SHA-256 is enough where a password would need a slow hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from ..callers import Scope
from .database import Database
from .models import StoredKey

_SECRET = re.compile(r"pk_(?P<id>[0-9a-f]{12})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: never its secret."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None = None


class Keys:
    """The API keys of one database. Every method raises StorageUnavailable where that cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: Iterable[Scope]) -> tuple[ApiKey, str]:
        """A new key and its secret, which cannot be had again."""
        public_id = secrets.token_hex(6)
        secret = f"pk_{public_id}_{secrets.token_urlsafe(32)}"
        row = StoredKey(
            id=public_id,
            name=name,
            scopes=sorted(set(scopes)),
            secret_sha256=_hash(secret),
            created_at=datetime.now(UTC),
        )
        with self._database.writing() as session:
            session.add(row)
        return _key(row), secret

    def all(self) -> tuple[ApiKey, ...]:
        """All keys, revoked ones too, in the order in which they were created."""
        with self._database.reading() as session:
            rows = session.scalars(select(StoredKey).order_by(StoredKey.created_at, StoredKey.id)).all()
        return tuple(_key(row) for row in rows)

    def revoke(self, public_id: str) -> bool:
        """Whether there was a valid key with this id. From now on it opens nothing."""
        with self._database.writing() as session:
            row = session.get(StoredKey, public_id, with_for_update=True)
            if row is None or row.revoked_at is not None:
                return False
            row.revoked_at = datetime.now(UTC)
        return True

    def find(self, secret: str) -> ApiKey | None:
        """The valid key with this secret. The time taken tells nothing of the secret itself."""
        form = _SECRET.fullmatch(secret)
        if form is None:
            return None
        with self._database.reading() as session:
            row = session.get(StoredKey, form["id"])
        if row is None or not hmac.compare_digest(row.secret_sha256, _hash(secret)):
            return None
        return _key(row) if row.revoked_at is None else None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: StoredKey) -> ApiKey:
    return ApiKey(row.id, row.name, frozenset(map(Scope, row.scopes)), row.created_at, row.revoked_at)
