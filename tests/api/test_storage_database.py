from __future__ import annotations

import resource
import socket
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from psycopg import sql

from api.settings import BadSetting
from api.storage import database as module
from api.storage.conversations import Conversations
from api.storage.database import FILE, Database, open_database
from api.storage.errors import StorageUnavailable, StorageUnusable
from assistant.conversation import Turn

PRIVATE = "my passport number is X1234567"
TURN = Turn(question=PRIVATE, standalone=PRIVATE, reply_text="r")
REPLY = {"text": PRIVATE * 300}


@contextmanager
def opened(data_dir: Path, url: str | None = None) -> Iterator[Database]:
    database = open_database(data_dir, url, busy_seconds=0.05)
    yield database
    database.close()


def test_what_people_asked_is_readable_by_this_user_only(tmp_path: Path) -> None:
    with opened(tmp_path / "new" / "data") as database:
        Conversations(database).begin("ann")
        files = sorted((tmp_path / "new" / "data").iterdir())

        assert [file.name for file in files] == [FILE, f"{FILE}-shm", f"{FILE}-wal"]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StorageUnusable, match=r"data/prospectus\.sqlite3 cannot be written: .+DATA_DIR"):
        open_database(tmp_path / "data")


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageUnusable, match=rf"{FILE} does not open: file is not a database\.$"):
        open_database(tmp_path)

    assert (tmp_path / FILE).read_bytes() == b"not a database at all" * 100


def test_a_damaged_database_is_refused_at_start(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        conversations = Conversations(database)
        conversation_id = conversations.begin("ann")
        for number in range(20):
            conversations.add(conversation_id, "ann", f"m{number}", TURN, REPLY)
        database.compact()
    content = bytearray((tmp_path / FILE).read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xa5" * 8192
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(StorageUnusable, match=r"is damaged: .+ Restore it from a copy"):
        open_database(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:hunter2@db.example.org/p",
        "sqlite:///hunter2.db",
        "hunter2",
        "postgresql://ann:hunter2@db.example.org:port/p",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSetting, match="PROSPECTUS_DATABASE_URL cannot be read") as refused:
        open_database(tmp_path, url)

    assert "hunter2" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(
            StorageUnusable, match=rf"127\.0\.0\.1:{port}/p does not open: .+refused"
        ) as failed:
            open_database(tmp_path, f"postgres://ann:hunter2@127.0.0.1:{port}/p")

    assert "hunter2" not in str(failed.value)


def test_without_the_driver_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def create_engine(*arguments: object, **options: object) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(module, "create_engine", create_engine)
    with pytest.raises(StorageUnusable, match=r"Install prospectus-assistant\[postgresql\]"):
        open_database(tmp_path, "postgresql://db.example.org/p")


def test_while_another_writes_reading_goes_on_and_writing_fails_in_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as database:
        conversations = Conversations(database)
        conversation_id = conversations.begin("ann")
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageUnavailable) as failed:
                conversations.add(conversation_id, "ann", "m", TURN, REPLY)
            assert conversations.turns(conversation_id, "ann") == ()
            other.execute("ROLLBACK")

        assert "database is locked" in caplog.text
        assert "passport" not in caplog.text + str(failed.value.__cause__)
        conversations.add(conversation_id, "ann", "m", TURN, REPLY)
        assert conversations.turns(conversation_id, "ann") == (TURN,)


def test_on_a_full_disk_reading_goes_on_and_nothing_is_half_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as database:
        conversations = Conversations(database)
        conversation_id = conversations.begin("ann")
        conversations.add(conversation_id, "ann", "m0", TURN, REPLY)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        largest = max(file.stat().st_size for file in tmp_path.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, limits[1]))  # no file may grow beyond it
        try:
            with pytest.raises(StorageUnavailable) as failed:
                _fill(conversations, conversation_id)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        kept = conversations.turns(conversation_id, "ann")

        assert set(kept) == {TURN}
        assert "The database cannot be used: disk I/O error" in caplog.text
        assert "passport" not in caplog.text + str(failed.value.__cause__)
        conversations.add(conversation_id, "ann", "last", TURN, REPLY)
        assert len(conversations.turns(conversation_id, "ann")) == len(kept) + 1


def test_a_database_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        conversations = Conversations(database)
        conversation_id = conversations.begin("ann")
        with database.reading() as session:
            session.connection().exec_driver_sql("PRAGMA query_only = ON")  # stays with this connection

        with pytest.raises(StorageUnavailable):
            conversations.begin("ann")
        assert conversations.turns(conversation_id, "ann") == ()


def test_a_server_that_was_away_is_used_again_once_it_is_back(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    url = postgresql.new_database()
    user = url.removeprefix("postgresql://").partition("@")[0]
    with opened(tmp_path, url) as database:
        conversations = Conversations(database)
        conversation_id = conversations.begin("ann")
        postgresql.administer(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(user)))
        postgresql.administer(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}").format(user)
        )
        with pytest.raises(StorageUnavailable):
            conversations.turns(conversation_id, "ann")

        postgresql.administer(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(user)))
        assert conversations.turns(conversation_id, "ann") == ()


def _fill(conversations: Conversations, conversation_id: str) -> None:
    for number in range(1, 100):
        conversations.add(conversation_id, "ann", f"m{number}", TURN, REPLY)
