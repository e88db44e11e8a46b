"""Of what was erased no byte is left in the data directory, wherever SQLite had put it meanwhile."""

from __future__ import annotations

import random
import sqlite3
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.storage import conversations as storage
from api.storage.conversations import Conversations
from api.storage.database import FILE, Database, open_database
from api.storage.errors import StorageUnavailable
from api.storage.rating import Rating
from assistant.conversation import Turn

SIZES = (1, 3, 20, 120)
"""How often a text is repeated: from a part of a page to several pages."""


class Said:
    """A conversation of one message in which every text is like no other."""

    def __init__(
        self, conversations: Conversations, size: int, new_id: Callable[[], str] = storage.new_id
    ) -> None:
        self.owner, self.message_id, mark = f"visitor:{new_id()}", new_id(), new_id()
        texts = [f"{part}学{mark}" for part in ("question", "standalone", "reply", "quote", "comment")]
        question, standalone, reply, quote, comment = texts
        self.conversation_id = conversations.begin(self.owner)
        conversations.add(
            self.conversation_id,
            self.owner,
            self.message_id,
            Turn(question * size, standalone, reply * size),
            {"text": reply * size, "citations": [{"quote": quote}]},
        )
        conversations.rate(self.message_id, self.owner, Rating.DOWN, comment * size)
        self.traces = [
            each.encode() for each in (self.owner, self.conversation_id, self.message_id, mark, *texts)
        ]


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(tmp_path, busy_seconds=0.05)


@pytest.mark.parametrize(
    ("sizes", "seed"),
    # The first is one of 1 in 18 tried after which secure_delete alone leaves a comment in a gap of a page.
    [((1, 3, 20), 3), (SIZES, 0)],
)
def test_no_byte_of_an_erased_conversation_is_left(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same ids and sizes in each run

    def drawn_id() -> str:
        return urlsafe_b64encode(chance.randbytes(16)).decode().rstrip("=")

    monkeypatch.setattr(storage, "new_id", drawn_id)
    conversations = Conversations(database)
    kept: list[Said] = []
    for _ in range(40):
        kept += [Said(conversations, chance.choice(sizes), drawn_id) for _ in range(2)]
        erased = kept.pop(chance.randrange(len(kept)))
        assert all(trace in bytes_in(tmp_path) for trace in erased.traces)

        conversations.delete(erased.conversation_id, erased.owner)
        conversations.compact()

        left = bytes_in(tmp_path)
        assert [trace for trace in erased.traces if trace in left] == []
    assert all(trace in left for said in kept for trace in said.traces)
    database.close()


def test_no_byte_of_what_has_expired_is_left_after_the_purge(database: Database, tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    conversations = Conversations(database, clock=lambda: now)
    old = [Said(conversations, size) for size in SIZES * 10]
    now += timedelta(days=15)
    young = [Said(conversations, size) for size in SIZES * 10]
    now += timedelta(days=15)

    assert conversations.purge() == 40

    left = bytes_in(tmp_path)
    assert [trace for said in old for trace in said.traces if trace in left] == []
    assert all(trace in left for said in young for trace in said.traces)
    database.close()


def test_a_comment_that_was_replaced_goes_with_its_conversation(database: Database, tmp_path: Path) -> None:
    conversations = Conversations(database)
    said = Said(conversations, 20)
    others = [Said(conversations, 20) for _ in range(20)]
    conversations.rate(said.message_id, said.owner, Rating.UP, "the second comment" * 20)
    conversations.delete(said.conversation_id, said.owner)
    conversations.compact()

    left = bytes_in(tmp_path)
    assert [trace for trace in (*said.traces, b"the second comment") if trace in left] == []
    assert all(trace in left for trace in others[0].traces)
    database.close()


def test_while_another_process_reads_the_erasure_is_not_claimed_and_made_up_for(
    database: Database, tmp_path: Path
) -> None:
    conversations = Conversations(database)
    said = Said(conversations, 20)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchone()  # holds on to the state of now
        conversations.delete(said.conversation_id, said.owner)
        with pytest.raises(StorageUnavailable):
            conversations.compact()
        reader.execute("ROLLBACK")
    assert database.may_hold_erased

    assert conversations.purge() == 0

    assert not database.may_hold_erased
    assert [trace for trace in said.traces if trace in bytes_in(tmp_path)] == []
    database.close()


def test_a_process_that_ended_in_the_middle_of_an_erasure_leaves_it_to_the_next(
    database: Database, tmp_path: Path
) -> None:
    conversations = Conversations(database)
    said = [Said(conversations, size) for size in SIZES * 10]
    with closing(sqlite3.connect(tmp_path / FILE)) as killed:  # without secure_delete, as if it had failed
        killed.execute("PRAGMA foreign_keys = ON")
        killed.execute("PRAGMA secure_delete = OFF")
        killed.execute("DELETE FROM conversations WHERE id = ?", (said[3].conversation_id,))
        killed.commit()
    database.close()
    assert any(trace in bytes_in(tmp_path) for trace in said[3].traces)

    reopened = open_database(tmp_path)
    Conversations(reopened).purge()

    assert [trace for trace in said[3].traces if trace in bytes_in(tmp_path)] == []
    reopened.close()


def test_erasures_at_the_same_time_are_each_complete_when_they_return(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    conversations = Conversations(database)
    said = [Said(conversations, 20) for _ in range(24)]
    kept = [Said(conversations, 20) for _ in range(4)]
    done = threading.Event()

    def erase(each: Said) -> list[bytes]:
        conversations.delete(each.conversation_id, each.owner)
        conversations.compact()
        left = bytes_in(tmp_path)
        return [trace for trace in each.traces if trace in left]

    def read(each: Said) -> int:
        count = 0
        while not done.is_set():
            count += len(conversations.turns(each.conversation_id, each.owner))
        return count

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read, each) for each in kept[:2]]
        erasing = [pool.submit(erase, each) for each in said]
        try:
            assert [each.result(60) for each in erasing] == [[]] * 24
        finally:
            done.set()
        assert all(each.result(10) for each in readers)
    assert not database.may_hold_erased
    database.close()
