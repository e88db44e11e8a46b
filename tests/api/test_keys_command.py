from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import api.command_line
from api.callers import Scope
from api.storage.database import FILE, open_database
from api.storage.keys import Keys


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(
        api.command_line.app, ["keys", *arguments], catch_exceptions=False, prog_name="prospectus"
    )


def found(secret: str) -> set[Scope] | None:
    """What the key opens, None for nothing."""
    database = open_database(Path(".prospectus"))
    key = Keys(database).find(secret)
    database.close()
    return set(key.scopes) if key else None


def test_create_prints_the_secret_alone_so_that_it_can_be_piped() -> None:
    result = run("create", "Website of the faculty")

    assert result.exit_code == 0
    assert re.fullmatch(r"pk_[0-9a-f]{12}_[\w-]{43}\n", result.stdout)
    key_id = result.stdout.split("_")[1]
    assert result.stderr == f"Created key {key_id}. This is its secret, shown only now:\n"
    assert found(result.stdout.strip()) == {Scope.CHAT, Scope.SEARCH}


@pytest.mark.parametrize(
    ("arguments", "scopes"),
    [
        (["--scope", "search"], {Scope.SEARCH}),
        (["--scope", "chat", "--scope", "search"], {Scope.CHAT, Scope.SEARCH}),
    ],
)
def test_a_key_opens_the_scopes_that_were_named(arguments: list[str], scopes: set[Scope]) -> None:
    assert found(run("create", "a", *arguments).stdout.strip()) == scopes


def test_a_revoked_key_opens_nothing_and_the_list_says_so() -> None:
    first = json.loads(run("create", "first", "--json").stdout)
    second = json.loads(run("create", "Zweite Stelle", "--scope", "chat", "--json").stdout)
    assert found(first["secret"]) is not None

    assert run("revoke", first["id"]).exit_code == 0

    assert found(first["secret"]) is None
    assert found(second["secret"]) == {Scope.CHAT}
    lines = run("list").stdout.splitlines()
    assert [re.split(r"\s{2,}", line)[:3] for line in lines] == [
        [first["id"], f"revoked {first['created_at'][:10]}", "chat,search"],
        [second["id"], "valid", "chat"],
    ]
    assert lines[1].endswith("  Zweite Stelle")
    listed = json.loads(run("list", "--json").stdout)
    assert [set(each) for each in listed] == [{"id", "name", "scopes", "created_at", "revoked_at"}] * 2
    assert [each["revoked_at"] is None for each in listed] == [False, True]


def test_without_keys_the_list_is_empty_and_says_how_to_make_one() -> None:
    result = run("list")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "prospectus keys create NAME" in result.stderr
    assert json.loads(run("list", "--json").stdout) == []


@pytest.mark.parametrize("key_id", ["0" * 12, "", "pk_x", "é\x00"])
def test_revoking_what_is_no_valid_key_fails(key_id: str) -> None:
    result = run("revoke", key_id)

    assert result.exit_code == 1
    assert re.fullmatch(r"error: there is no valid key with the id .+\n", result.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["create"],
        ["create", "  "],
        ["create", "x" * 101],
        ["create", "a\nb"],
        ["create", "a", "--scope", "admin"],
        ["revoke"],
        ["rename", "a"],
    ],
)
def test_wrong_usage_is_status_2_and_makes_no_key(arguments: list[str]) -> None:
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert not Path(".prospectus", FILE).exists()


@pytest.mark.parametrize(
    ("url", "status", "complaint"),
    [
        ("mysql://ann:hunter2@db/p", 2, "error: PROSPECTUS_DATABASE_URL cannot be read"),
        (
            "postgresql://ann:hunter2@127.0.0.1:1/p",
            1,
            "error: The database postgresql://ann:***@127.0.0.1:1/p",
        ),
    ],
)
@pytest.mark.parametrize("command", [["keys", "list"], ["serve", "--port", "0"]])
def test_a_database_that_cannot_be_used_is_one_line(
    monkeypatch: pytest.MonkeyPatch, command: list[str], url: str, status: int, complaint: str
) -> None:
    monkeypatch.setenv("PROSPECTUS_DATABASE_URL", url)
    result = CliRunner().invoke(api.command_line.app, command, catch_exceptions=False, prog_name="prospectus")

    assert result.exit_code == status
    assert result.stderr.startswith(complaint)
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.stderr
