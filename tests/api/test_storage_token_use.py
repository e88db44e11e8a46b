from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from api.storage.database import Database, open_database
from api.storage.token_use import TokenUses


def test_tokens_are_taken_until_none_are_left(database: Database) -> None:
    uses = TokenUses(database)

    assert [uses.take(400, most=1000) for _ in range(3)] == [True, True, False]
    assert uses.used() == 800
    uses.correct(-300)
    assert uses.used() == 500
    assert uses.take(500, most=1000)
    assert not uses.take(1, most=1000)


def test_more_than_there_are_in_all_cannot_be_taken(database: Database) -> None:
    assert not TokenUses(database).take(1001, most=1000)
    assert TokenUses(database).used() == 0


def test_another_day_begins_anew_and_what_comes_late_is_not_taken_off_it(database: Database) -> None:
    now = [datetime(2026, 11, 23, 23, 59, tzinfo=UTC)]
    uses = TokenUses(database, clock=lambda: now[0])
    assert uses.take(900, most=1000)

    now[0] = datetime(2026, 11, 24, 0, 1, tzinfo=UTC)
    assert uses.used() == 0
    assert uses.take(200, most=1000)
    uses.correct(-500)
    assert uses.used() == 200


def test_what_was_used_survives_a_restart_and_counts_in_other_processes(
    database_url: str | None, tmp_path: Path
) -> None:
    first, second = (open_database(tmp_path, database_url) for _ in range(2))
    assert TokenUses(first).take(600, most=1000)
    assert not TokenUses(second).take(600, most=1000)
    first.close()
    second.close()
    again = open_database(tmp_path, database_url)
    assert TokenUses(again).used() == 600
    again.close()


def test_two_that_take_at_once_do_not_both_get_what_is_left(database: Database) -> None:
    uses = TokenUses(database)
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: uses.take(100, 1000), range(24)))

    assert taken.count(True) == 10
    assert uses.used() == 1000
