from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.callers import Scope
from api.storage.database import Database, open_database
from api.storage.keys import ApiKey, Keys


@pytest.fixture
def keys(database: Database) -> Keys:
    return Keys(database)


def test_a_key_is_found_by_its_secret_with_its_scopes(keys: Keys) -> None:
    created, secret = keys.create("Website of the faculty", [Scope.CHAT])
    keys.create("Another", Scope)

    assert re.fullmatch(rf"pk_{created.id}_[A-Za-z0-9_-]{{43}}", secret)
    assert keys.find(secret) == created
    assert created == ApiKey(
        created.id, "Website of the faculty", frozenset({Scope.CHAT}), created.created_at, None
    )


def test_what_is_not_exactly_the_secret_opens_nothing(keys: Keys) -> None:
    key, secret = keys.create("a", Scope)
    other, _ = keys.create("b", Scope)
    last = "A" if secret[-1] != "A" else "B"
    for wrong in (
        "",
        key.id,
        f"pk_{key.id}_",
        secret[:-1],
        secret[:-1] + last,
        secret + "A",
        f" {secret}",
        f"{secret}\n",
        secret.replace(key.id, other.id),
        secret.replace(key.id, "0" * 12),
        secret.upper(),
        "é" * 59,
        "\x00",
    ):
        assert keys.find(wrong) is None


def test_a_revoked_key_opens_nothing_but_stays_on_the_list(keys: Keys) -> None:
    first, secret = keys.create("a", Scope)
    second, other = keys.create("b", Scope)

    assert keys.revoke(first.id)
    assert not keys.revoke(first.id)
    assert not keys.revoke("0" * 12)

    assert keys.find(secret) is None
    assert keys.find(other) == second
    listed = keys.all()
    assert [(each.id, each.name, each.revoked_at is None) for each in listed] == [
        (first.id, "a", False),
        (second.id, "b", True),
    ]


def test_the_secret_stands_in_no_file(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    key, secret = Keys(database).create("a", Scope)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())

    assert key.id.encode() in content
    assert secret.split("_", 2)[2].encode() not in content
    assert secret[-20:].encode() not in content
    database.close()


def test_secrets_are_never_the_same(keys: Keys) -> None:
    assert len({keys.create("a", Scope)[1] for _ in range(50)}) == 50
