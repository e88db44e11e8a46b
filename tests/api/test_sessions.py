from __future__ import annotations

import os
from pathlib import Path

import pytest

from api.sessions import Session, SessionExpired, Sessions, UnsafeSecret, signing_secret

ORIGIN = "https://www.example.edu"


def test_a_token_names_visitor_and_origin_and_each_visitor_is_another() -> None:
    sessions = Sessions("s" * 32)
    one, other = (sessions.read(sessions.start(ORIGIN)) for _ in range(2))

    assert one is not None
    assert other is not None
    assert one.origin == other.origin == ORIGIN
    assert len(one.visitor) == 22
    assert one.visitor != other.visitor


def test_a_renewed_token_is_for_the_same_visitor() -> None:
    sessions = Sessions("s" * 32)

    assert sessions.read(sessions.start(ORIGIN, "ann")) == Session("ann", ORIGIN)


def test_a_token_that_was_changed_anywhere_is_none() -> None:
    sessions = Sessions("s" * 32)
    token = sessions.start(ORIGIN, "ann")

    for position in range(len(token)):
        other = "A" if token[position] != "A" else "B"
        changed = token[:position] + other + token[position + 1 :]
        # The last character of a base64 text without padding carries bits that mean nothing.
        assert sessions.read(changed) is None or position == len(token) - 1


def test_a_token_signed_with_another_secret_is_none() -> None:
    assert Sessions("t" * 32).read(Sessions("s" * 32).start(ORIGIN)) is None


@pytest.mark.parametrize("token", ["", "vs_", "vs_.", "vs_..", "vs_a.b.c", "a" * 10_000, "vs_\x00", "vs_ä"])
def test_what_is_no_token_is_none(token: str) -> None:
    assert Sessions("s" * 32).read(token) is None


def test_a_token_that_is_too_old_has_expired() -> None:
    sessions = Sessions("s" * 32, lifetime_seconds=-1)

    with pytest.raises(SessionExpired):
        sessions.read(sessions.start(ORIGIN))


def test_the_secret_is_made_once_for_the_owners_eyes_only(tmp_path: Path) -> None:
    first = signing_secret(tmp_path / "data")

    assert len(first) == 43
    assert signing_secret(tmp_path / "data") == first
    assert signing_secret(tmp_path / "other") != first
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["session.secret"]
    assert (tmp_path / "data" / "session.secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes here")
def test_a_secret_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    signing_secret(tmp_path)
    (tmp_path / "session.secret").chmod(0o640)

    with pytest.raises(UnsafeSecret, match="can be read by others"):
        signing_secret(tmp_path)


def test_a_secret_that_was_cut_off_is_not_used(tmp_path: Path) -> None:
    signing_secret(tmp_path)
    (tmp_path / "session.secret").write_text("")

    with pytest.raises(UnsafeSecret, match="too short"):
        signing_secret(tmp_path)
