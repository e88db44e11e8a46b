"""Conversations, feedback and erasure, by HTTP and on a real database."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient
from httpx2 import Response
from running_server import running, wait_until

from api.app import create_app
from api.callers import Scope
from api.door import Door
from api.service import Service
from api.settings import Settings
from api.storage.conversations import Conversations
from api.storage.database import FILE, open_database
from api.storage.keys import Keys

README = Path(__file__).parents[2] / "README.md"
ADMIN = "administrator-7319"
UNKNOWN = "A" * 22


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@contextmanager
def serving(data_dir: Path, backend: FakeBackend, **options: Any) -> Iterator[TestClient]:
    """A server on the database of the data directory. With ``admin_key`` callers have to show a key."""
    database = open_database(data_dir, busy_seconds=options.pop("busy_seconds", 10))
    admin_key = options.pop("admin_key", None)
    service = Service(backend, conversations=Conversations(database, **options))
    service.open()
    door = Door(Settings(data_dir=data_dir, admin_key=admin_key), Keys(database))
    with TestClient(create_app(service, door=door), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(data_dir: Path, backend: FakeBackend) -> Iterator[TestClient]:
    with serving(data_dir, backend) as client:
        yield client


def ask(
    client: TestClient, message: str = "Fee?", *, key: str | None = None, **fields: str
) -> dict[str, Any]:
    response = client.post("/v1/chat", json={"message": message, **fields}, headers=_headers(key))
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def new_key(data_dir: Path, *scopes: Scope) -> str:
    database = open_database(data_dir)
    _, secret = Keys(database).create("test", scopes or Scope)
    database.close()
    return secret


def test_the_export_is_all_that_was_said_with_the_replies_as_they_were_given(client: TestClient) -> None:
    first = ask(client, "Fee?")
    second = ask(client, "And for me?", conversation_id=first["conversation_id"])
    feedback = {"rating": "down", "comment": "Which year?"}
    rated = client.put(f"/v1/messages/{second['message_id']}/feedback", json=feedback)
    assert (rated.status_code, rated.content) == (204, b"")

    exported = client.get(f"/v1/conversations/{first['conversation_id']}").json()

    assert list(exported) == ["conversation_id", "created_at", "messages"]
    assert exported["conversation_id"] == first["conversation_id"]
    one, two = exported["messages"]
    assert list(one) == ["message_id", "asked_at", "message", "reply", "feedback"]
    assert (one["message_id"], one["message"], one["feedback"]) == (first["message_id"], "Fee?", None)
    assert [one["reply"], two["reply"]] == [first, second]
    assert two["feedback"].pop("rated_at") >= two["asked_at"] >= one["asked_at"] >= exported["created_at"]
    assert two["feedback"] == feedback


def test_a_conversation_goes_on_after_a_restart(data_dir: Path, backend: FakeBackend) -> None:
    with serving(data_dir, backend) as client:
        reply = ask(client)
    with serving(data_dir, backend) as client:
        assert ask(client, conversation_id=reply["conversation_id"])["question"] == "Fee? (turn 2)"


def test_a_conversation_goes_on_at_another_server_on_the_same_database(
    data_dir: Path, backend: FakeBackend
) -> None:
    with serving(data_dir, backend) as one, serving(data_dir, backend) as other:
        conversation_id = ask(one)["conversation_id"]
        asked = [ask(each, conversation_id=conversation_id)["question"] for each in (other, one, other)]
        assert asked == ["Fee? (turn 2)", "Fee? (turn 3)", "Fee? (turn 4)"]
        assert other.delete(f"/v1/conversations/{conversation_id}").status_code == 204
        assert one.get(f"/v1/conversations/{conversation_id}").status_code == 404


def test_no_byte_of_an_erased_conversation_is_left_in_the_data_directory(
    client: TestClient, data_dir: Path
) -> None:
    others = [ask(client, f"Question {number}?") for number in range(3)]
    reply = ask(client, "Is Quixotania part of the EEA?", language="nl")
    ask(client, "Zanzibarbarossa?", conversation_id=reply["conversation_id"])
    client.put(f"/v1/messages/{reply['message_id']}/feedback", json={"rating": "up", "comment": "Xylograph"})
    traces = [reply["conversation_id"], reply["message_id"], "Quixotania", "Zanzibarbarossa", "Xylograph"]
    assert all(each in content_of(data_dir) for each in traces)

    assert client.delete(f"/v1/conversations/{reply['conversation_id']}").status_code == 204

    assert [each for each in traces if each in content_of(data_dir)] == []
    assert all(each["message_id"] in content_of(data_dir) for each in others)


def content_of(folder: Path) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file())


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_lines_of_the_readme_export_rate_and_erase(data_dir: Path, backend: FakeBackend) -> None:
    (block,) = re.findall(r"```sh\n(curl [^`]*\$CONVERSATION\n[^`]*)```", README.read_text(encoding="utf-8"))
    service = Service(backend, conversations=Conversations(open_database(data_dir)))
    service.open()
    with running(create_app(service)) as server, TestClient(create_app(service)) as client:
        reply = ask(client)
        ids = {"CONVERSATION": reply["conversation_id"], "MESSAGE": reply["message_id"]}
        outputs = [
            subprocess.run(
                ["bash", "-c", line.replace("http://127.0.0.1:8000", server.url)],
                env={**os.environ, **ids},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for line in (*block.splitlines(), block.splitlines()[0])
        ]

    assert json.loads(outputs[0])["messages"][0]["message_id"] == reply["message_id"]
    assert outputs[1:3] == ["", ""]
    assert json.loads(outputs[3])["status"] == 404


def test_an_erased_conversation_is_as_one_that_never_was(client: TestClient) -> None:
    reply = ask(client)
    path = f"/v1/conversations/{reply['conversation_id']}"
    client.delete(path)

    again = client.post("/v1/chat", json={"message": "Fee?", "conversation_id": reply["conversation_id"]})
    rated = client.put(f"/v1/messages/{reply['message_id']}/feedback", json={"rating": "up"})
    for response, unknown in (
        (client.get(path), client.get(f"/v1/conversations/{UNKNOWN}")),
        (client.delete(path), client.delete(f"/v1/conversations/{UNKNOWN}")),
        (again, client.post("/v1/chat", json={"message": "Fee?", "conversation_id": UNKNOWN})),
        (rated, client.put(f"/v1/messages/{UNKNOWN}/feedback", json={"rating": "up"})),
    ):
        assert response.status_code == 404
        assert _without_request_id(response) == _without_request_id(unknown)


def _without_request_id(response: Response) -> dict[str, Any]:
    return {key: value for key, value in response.json().items() if key != "request_id"}


def test_to_another_caller_a_conversation_is_as_one_that_never_was(
    data_dir: Path, backend: FakeBackend
) -> None:
    one, other = new_key(data_dir), new_key(data_dir)
    with serving(data_dir, backend) as client:
        reply = ask(client, key=one)
        path = f"/v1/conversations/{reply['conversation_id']}"
        feedback = f"/v1/messages/{reply['message_id']}/feedback"
        calls: list[Callable[[str], Response]] = [
            lambda key: client.get(path, headers=_headers(key)),
            lambda key: client.delete(path, headers=_headers(key)),
            lambda key: client.put(feedback, json={"rating": "down"}, headers=_headers(key)),
            lambda key: client.post(
                "/v1/chat",
                json={"message": "Fee?", "conversation_id": reply["conversation_id"]},
                headers=_headers(key),
            ),
        ]
        assert [call(other).status_code for call in calls] == [404] * 4
        assert [call("").status_code for call in calls] == [401] * 4

        (message,) = client.get(path, headers=_headers(one)).json()["messages"]
        assert message["feedback"] is None


def test_a_key_for_searching_only_reads_no_conversation(data_dir: Path, backend: FakeBackend) -> None:
    key = new_key(data_dir, Scope.SEARCH)
    with serving(data_dir, backend) as client:
        assert client.get(f"/v1/conversations/{UNKNOWN}", headers=_headers(key)).status_code == 403


def test_an_administrator_reads_and_erases_the_conversation_of_anybody(
    data_dir: Path, backend: FakeBackend
) -> None:
    key = new_key(data_dir)
    with serving(data_dir, backend, admin_key=ADMIN) as client:
        path = f"/v1/conversations/{ask(client, key=key)['conversation_id']}"

        assert len(client.get(path, headers=_headers(ADMIN)).json()["messages"]) == 1
        assert client.delete(path, headers=_headers(ADMIN)).status_code == 204
        assert client.get(path, headers=_headers(key)).status_code == 404


def test_a_conversation_with_all_its_turns_takes_no_other_and_can_still_be_read(
    data_dir: Path, backend: FakeBackend
) -> None:
    with serving(data_dir, backend, max_turns=2) as client:
        conversation_id = ask(client)["conversation_id"]
        ask(client, conversation_id=conversation_id)
        for stream in (False, True):
            body = {"message": "Fee?", "conversation_id": conversation_id, "stream": stream}
            response = client.post("/v1/chat", json=body)
            assert response.status_code == 409
            assert response.headers["content-type"] == "application/problem+json"
        assert len(client.get(f"/v1/conversations/{conversation_id}").json()["messages"]) == 2


def test_a_message_that_failed_leaves_a_conversation_that_can_be_asked_again(
    client: TestClient, backend: FakeBackend
) -> None:
    conversation_id = ask(client)["conversation_id"]
    backend.assistant.failure = ZeroDivisionError()
    body = {"message": "Broken?", "conversation_id": conversation_id}
    assert client.post("/v1/chat", json=body).status_code == 500
    backend.assistant.failure = None

    assert ask(client, "Again?", conversation_id=conversation_id)["question"] == "Again? (turn 2)"
    exported = client.get(f"/v1/conversations/{conversation_id}").json()
    assert [each["message"] for each in exported["messages"]] == ["Fee?", "Again?"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/rating"),
        ({"rating": "UP"}, "/rating"),
        ({"rating": 1}, "/rating"),
        ({"rating": None}, "/rating"),
        ({"rating": "up", "comment": ""}, "/comment"),
        ({"rating": "up", "comment": "x" * 2001}, "/comment"),
        ({"rating": "up", "comment": "a\x00b"}, "/comment"),
        ({"rating": "up", "comment": ["x"]}, "/comment"),
        ({"rating": "up", "stars": 5}, ""),
    ],
)
def test_feedback_that_does_not_fit_is_a_422_and_changes_nothing(
    client: TestClient, body: dict[str, object], pointer: str
) -> None:
    reply = ask(client)
    response = client.put(f"/v1/messages/{reply['message_id']}/feedback", json=body)

    assert response.status_code == 422
    assert [each["pointer"] for each in response.json()["errors"]] == [pointer]
    (message,) = client.get(f"/v1/conversations/{reply['conversation_id']}").json()["messages"]
    assert message["feedback"] is None


@pytest.mark.parametrize("comment", ["x" * 2000, "two\nlines\tand a tab", "学费 😀", None])
def test_a_comment_comes_back_as_it_was_sent(client: TestClient, comment: str | None) -> None:
    reply = ask(client)
    body = {"rating": "up", "comment": comment}
    assert client.put(f"/v1/messages/{reply['message_id']}/feedback", json=body).status_code == 204

    (message,) = client.get(f"/v1/conversations/{reply['conversation_id']}").json()["messages"]
    assert message["feedback"]["comment"] == comment


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/conversations/{}"),
        ("DELETE", "/v1/conversations/{}"),
        ("PUT", "/v1/messages/{}/feedback"),
    ],
)
@pytest.mark.parametrize("wrong", ["x" * 65, "a%00b", "a.b", "%F0%9F%98%80", "a'--"])
def test_what_cannot_be_an_id_is_refused_and_not_repeated(
    client: TestClient, method: str, path: str, wrong: str
) -> None:
    body = {"rating": "up"} if method == "PUT" else None
    response = client.request(method, path.format(wrong), json=body)

    assert response.status_code == 422
    assert wrong not in response.text


def test_what_has_expired_is_gone_from_the_files_once_the_server_has_started(
    data_dir: Path, backend: FakeBackend
) -> None:
    with serving(data_dir, backend) as client:
        reply = ask(client, "Quixotania?")
    assert "Quixotania" in content_of(data_dir)

    with serving(data_dir, backend, keep_for=timedelta(0)) as client:
        wait_until(lambda: "Quixotania" not in content_of(data_dir))
        assert client.get(f"/v1/conversations/{reply['conversation_id']}").status_code == 404


def test_while_the_database_cannot_be_written_requests_fail_in_order_and_reading_works(
    data_dir: Path, backend: FakeBackend
) -> None:
    with serving(data_dir, backend, busy_seconds=1) as client:
        _fail_in_order(client, data_dir, backend)


def _fail_in_order(client: TestClient, data_dir: Path, backend: FakeBackend) -> None:
    reply = ask(client)
    asked = len(backend.assistant.asked)
    path = f"/v1/conversations/{reply['conversation_id']}"
    with closing(sqlite3.connect(data_dir / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        failed = [
            client.post("/v1/chat", json={"message": "Secret of mine?"}),
            client.delete(path),
            client.put(f"/v1/messages/{reply['message_id']}/feedback", json={"rating": "up"}),
        ]
        assert client.get(path).status_code == 200
        assert client.post("/v1/search", json={"query": "fee"}).status_code == 200
        other.execute("ROLLBACK")

    for response in failed:
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert int(response.headers["retry-after"]) > 0
        assert FILE not in response.text
    assert len(backend.assistant.asked) == asked  # no work was done for what could not have been kept
    assert client.delete(path).status_code == 204
