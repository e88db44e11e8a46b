"""How many tokens of the language model were used on each day, so that all processes share one budget."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from .database import Database
from .models import TokenUse


def _now() -> datetime:
    return datetime.now(UTC)


class TokenUses:
    """The tokens of today (UTC). Every method raises StorageUnavailable where the database cannot be used."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._clock = clock

    def take(self, tokens: int, most: int) -> bool:
        """Counts that many, if today's are no more than ``most`` with them; whether they are not."""
        day = self._today()
        if self._add(day, tokens, most):
            return True
        self._begin(day)
        return self._add(day, tokens, most)

    def correct(self, by: int) -> None:
        """Adds that many to today's, or takes them back; not more than there are, which were yesterday's."""
        with self._database.writing() as session:
            session.execute(
                update(TokenUse)
                .where(TokenUse.day == self._today(), TokenUse.tokens + by >= 0)
                .values(tokens=TokenUse.tokens + by)
            )

    def used(self) -> int:
        """Today's tokens."""
        with self._database.reading() as session:
            return session.scalar(select(TokenUse.tokens).where(TokenUse.day == self._today())) or 0

    def _add(self, day: str, tokens: int, most: int) -> bool:
        # One statement, so that two processes cannot both take what is left.
        with self._database.writing() as session:
            added = session.scalars(
                update(TokenUse)
                .where(TokenUse.day == day, TokenUse.tokens + tokens <= most)
                .values(tokens=TokenUse.tokens + tokens)
                .returning(TokenUse.day)
            ).all()
        return bool(added)

    def _begin(self, day: str) -> None:
        """Makes the row of that day, where there is none, in the place of those before it."""
        with suppress(IntegrityError), self._database.writing() as session:  # another process has made it
            if session.get(TokenUse, day) is None:
                session.execute(delete(TokenUse).where(TokenUse.day < day))
                session.add(TokenUse(day=day, tokens=0))

    def _today(self) -> str:
        return self._clock().date().isoformat()
