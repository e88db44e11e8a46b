from __future__ import annotations

import json

import pytest
from api_fakes import OLD_QUOTE, QUOTE, FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service


def events_of(text: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_the_events_come_in_the_order_of_the_contract(client: TestClient) -> None:
    response = client.post("/v1/chat", json={"message": "What is the fee?", "stream": True})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    events = events_of(response.text)
    assert [name for name, _ in events] == [
        "started",
        "sentence",
        "sentence",
        "sentence",
        "notice",
        "completed",
    ]
    started, framing, first, second, notice, completed = (data for _, data in events)
    assert started == {key: completed[key] for key in ("conversation_id", "message_id")}
    assert framing == {
        "text": "Here is what the page says.",
        "citations": [],
        "support": "quoted",
        "sources": [],
    }
    assert [each["quote"] for each in first["sources"]] == [QUOTE]
    assert second["citations"] == [2, 1]
    assert [each["quote"] for each in second["sources"]] == [OLD_QUOTE]  # 1 was named before
    assert notice["kind"] == "outdated"


def test_the_completed_object_is_what_a_request_without_stream_gets(client: TestClient) -> None:
    whole = client.post("/v1/chat", json={"message": "What is the fee?"}).json()
    streamed = client.post("/v1/chat", json={"message": "What is the fee?", "stream": True})
    completed = events_of(streamed.text)[-1][1]

    for reply in (whole, completed):
        del reply["conversation_id"], reply["message_id"]
    assert completed == whole


def test_a_streamed_reply_is_part_of_the_conversation(client: TestClient, backend: FakeBackend) -> None:
    streamed = client.post("/v1/chat", json={"message": "What is the fee?", "stream": True})
    conversation = events_of(streamed.text)[0][1]["conversation_id"]
    client.post("/v1/chat", json={"message": "And for me?", "conversation_id": conversation})

    assert [turn.question for turn in backend.assistant.asked[1][1]] == ["What is the fee?"]


def test_a_failure_after_the_start_is_an_error_event_that_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = Service(FakeBackend(failure=ZeroDivisionError("at /home/me/secret.py")))
    service.open()
    with TestClient(create_app(service)) as client:
        response = client.post("/v1/chat", json={"message": "Fee?", "stream": True})

    (started, _), (error, problem) = events_of(response.text)
    assert (started, error) == ("started", "error")
    assert problem["status"] == 500
    assert "secret" not in response.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("fields", [{"message": ""}, {"message": "Fee?", "conversation_id": "unknown"}])
def test_a_request_that_is_wrong_gets_a_status_and_no_stream(
    client: TestClient, fields: dict[str, str]
) -> None:
    response = client.post("/v1/chat", json={**fields, "stream": True})

    assert response.status_code in (404, 422)
    assert response.headers["content-type"] == "application/problem+json"
