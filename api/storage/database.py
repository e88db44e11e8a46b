"""The connection to the database: its settings, transactions, and what deletion leaves behind.

SQLite in the data directory is the default. Its file is written by one process at a time and read by any
number, so that several servers and `prospectus keys` can use it at once.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.schema import CreateTable

from ..settings import PREFIX, BadSetting
from .errors import StorageUnavailable, StorageUnusable
from .models import Base

FILE = "prospectus.sqlite3"
BUSY_SECONDS = 10.0
"""How long to wait for another process that is writing. Writing takes milliseconds, compacting a second."""

_PAUSES = 1
"""The pause after a compaction, in times that it took: others may write half of the time."""

_SETTING = f"{PREFIX}DATABASE_URL"

_PRAGMAS = (
    "journal_mode = WAL",  # readers and a writer do not wait for each other
    "synchronous = NORMAL",  # after a loss of power the last turns may be missing, never a part of one
    "secure_delete = ON",
    "foreign_keys = ON",
    "trusted_schema = OFF",
)

_log = logging.getLogger(__name__)


class Database:
    """An open database of the current schema. Safe across threads; transactions do not nest."""

    def __init__(self, engine: Engine, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._engine = engine
        self._busy_seconds = busy_seconds
        self._read = sessionmaker(engine, expire_on_commit=False)
        self._write = sessionmaker(_writing(engine), expire_on_commit=False)
        self._compacting = threading.Lock()
        self._counting = threading.Lock()
        self._closing = threading.Event()
        self._rest_until = 0.0  # by the monotonic clock
        # What a process that ended before compacting has deleted is not known here: assume that it did.
        self._erasures = 1
        self._compacted = 0

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of the database. Raises: StorageUnavailable."""
        with _translated(), self._read.begin() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block. Raises: StorageUnavailable."""
        with _translated(), self._write.begin() as session:
            yield session

    def has_erased(self) -> None:
        """Says that a transaction has deleted rows of which ``compact`` shall leave no byte."""
        with self._counting:
            self._erasures += 1

    @property
    def may_hold_erased(self) -> bool:
        """Whether the file may still hold bytes of rows that were deleted."""
        return self._compacted < self._erasures

    def compact(self) -> None:
        """Leaves no byte of what was deleted before this call in any file of a SQLite database.

        ``secure_delete`` alone is not enough: where SQLite moves rows between pages it leaves copies in the
        gaps (SQLite 3.40, 40 erasures among 80 conversations: found in 1 of 18 runs). VACUUM writes the file
        anew without gaps, and the checkpoint empties the log. Nobody else can write meanwhile (238 MiB: 5 to
        8 s on two busy cores), so that there is a pause after each, and the erasures of a pause share the
        next.

        Raises: StorageUnavailable; ``may_hold_erased`` then stays true.
        """
        with self._compacting:
            if not self.may_hold_erased:
                return
            self._closing.wait(max(0.0, self._rest_until - time.monotonic()))
            until = self._erasures
            began = time.monotonic()
            if self._engine.dialect.name == "sqlite":  # of others the server decides when bytes go
                self._write_anew()
            ended = time.monotonic()
            self._rest_until = ended + _PAUSES * (ended - began)
            self._compacted = until

    def _write_anew(self) -> None:
        with _translated(), self._engine.connect().execution_options(begin="") as connection:
            connection.execute(text("VACUUM"))
            end = time.monotonic() + self._busy_seconds
            # While another connection moves pages out of the log, SQLite does not wait but says "busy".
            while connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]:
                if time.monotonic() > end:
                    _log.error("The log of the database cannot be emptied: another process is reading it.")
                    raise StorageUnavailable
                time.sleep(0.01)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A transaction as ``writing``, one step below: errors are those of SQLAlchemy."""
        with _writing(self._engine).begin() as connection:
            yield connection

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._closing.set()
        self._engine.dispose()


def open_database(data_dir: Path, url: str | None = None, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """The database at ``url``, by default a file in ``data_dir``; made if absent, migrated if older.

    Raises:
        BadSetting: the URL cannot be used.
        StorageUnusable: the database does not open, is damaged, or was written by a newer version.
    """
    from .migrating import (
        NewerDatabase,
        migrate,
    )  # takes long to load, and commands that only ask need it not

    place, engine = _postgresql(url) if url else _sqlite(data_dir / FILE, busy_seconds)
    database = Database(engine, busy_seconds=busy_seconds)
    try:
        if engine.dialect.name == "sqlite":
            _check_file(engine, place)
        with database.connected() as connection:
            migrate(connection)
    except NewerDatabase:
        database.close()
        raise StorageUnusable(
            f"The database {place} was written by a newer version of Prospectus. Install that version, or "
            f"name another database with {_SETTING}."
        ) from None
    except DBAPIError as error:
        database.close()
        raise StorageUnusable(f"The database {place} does not open: {_reason(error)}.") from None
    except BaseException:
        database.close()
        raise
    return database


def memory_database() -> Database:
    """A database that is gone when the process ends. Its one connection serves one thread at a time."""
    engine = create_engine(
        "sqlite://",
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )
    _set_up_connections(engine)

    @event.listens_for(engine, "connect")
    def create_tables(connection: Any, record: object) -> None:
        for table in Base.metadata.sorted_tables:
            connection.execute(str(CreateTable(table).compile(engine)))

    return Database(engine)


def _sqlite(file: Path, busy_seconds: float) -> tuple[str, Engine]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # SQLite gives its log the permissions of the file: what people asked is for this user only.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageUnusable(
            f"The database {file} cannot be written: {error.strerror}. Name another folder with "
            f"{PREFIX}DATA_DIR, or a PostgreSQL database with {_SETTING}."
        ) from None
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        connect_args={"timeout": busy_seconds},
        json_serializer=partial(json.dumps, ensure_ascii=False),
        hide_parameters=True,  # they are what people asked, and would stand in tracebacks
    )
    _set_up_connections(engine)
    return str(file), engine


def _set_up_connections(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        connection.isolation_level = None  # Python's sqlite3 would begin transactions on its own, and late
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if statement := connection.get_execution_options().get("begin", "BEGIN"):
            connection.exec_driver_sql(statement)


def _postgresql(given: str) -> tuple[str, Engine]:
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise _unusable_url() from None
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise _unusable_url()
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": 10, "options": "-c lock_timeout=10s -c statement_timeout=30s"},
            pool_pre_ping=True,  # a server that was restarted meanwhile costs no request
            pool_timeout=BUSY_SECONDS,
            json_serializer=partial(json.dumps, ensure_ascii=False),
            hide_parameters=True,
        )
    except ModuleNotFoundError:
        raise StorageUnusable(
            "PostgreSQL needs a driver that is not installed. Install prospectus-assistant[postgresql]."
        ) from None
    return url.render_as_string(hide_password=True), engine


def _unusable_url() -> BadSetting:
    # Without the value, which holds a password.
    return BadSetting(
        f"{_SETTING} cannot be read. It must be like postgresql://user:password@host:5432/name, or empty for "
        "a file in the data directory."
    )


def _check_file(engine: Engine, place: str) -> None:
    with engine.connect() as connection:
        (found,) = connection.execute(text("PRAGMA quick_check(1)")).one()
    if found != "ok":
        what = " ".join(found.replace("*** in database main ***", "").split())
        raise StorageUnusable(
            f"The database {place} is damaged: {what}. Restore it from a copy, or move it away to start "
            "with an empty one."
        )


def _writing(engine: Engine) -> Engine:
    # A transaction that begins by reading and writes later fails where another wrote in between.
    return engine.execution_options(begin="BEGIN IMMEDIATE")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # a mistake of this program, not a state of the database
    except (DBAPIError, NoConnection) as error:
        _log.error("The database cannot be used: %s", _reason(error))
        raise StorageUnavailable from error


def _reason(error: Exception) -> str:
    """The driver's own words, on one line and without the statement."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return " ".join(said.split()).rstrip(".")
