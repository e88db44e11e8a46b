from __future__ import annotations

import asyncio
import json
import threading

import pytest
from api_fakes import OLD_QUOTE, QUOTE, FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.capacity import Capacity
from api.service import Service
from api.streaming import event, waiting_for


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
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-accel-buffering"] == "no"
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


def test_what_other_programs_take_for_the_end_of_a_line_is_escaped() -> None:
    text = "one\u2028two\u2029three\x85four"
    (line,) = event(json.dumps({"text": text}, ensure_ascii=False)).decode().splitlines()[:-1]
    assert json.loads(line.removeprefix("data: ")) == {"text": text}


def test_while_a_reply_is_worked_on_a_comment_keeps_the_connection_alive() -> None:
    async def main() -> list[bytes]:
        outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        pings = []
        async for ping in waiting_for(outcome, ping_seconds=0.01):
            pings.append(ping)
            if len(pings) == 3:
                outcome.set_result("done")
        return pings

    assert asyncio.run(main()) == [b": ping\n\n"] * 3


def test_nothing_is_sent_before_a_reply_that_is_there_already() -> None:
    async def main() -> list[bytes]:
        outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        outcome.set_result("done")
        return [ping async for ping in waiting_for(outcome, ping_seconds=0.0)]

    assert asyncio.run(main()) == []


def test_a_stream_whose_time_is_over_ends_with_an_error_and_is_not_remembered() -> None:
    gate = threading.Event()
    backend = FakeBackend(gate=gate)
    service = Service(backend)
    service.open()
    capacity = Capacity(reply_seconds=0.1)
    with TestClient(create_app(service, capacity=capacity)) as client:
        response = client.post("/v1/chat", json={"message": "Fee?", "stream": True})
        (_, started), (name, problem) = events_of(response.text)
        gate.set()
        capacity.reply_seconds = 30
        conversation = {"message": "Fee?", "conversation_id": started["conversation_id"]}
        assert client.post("/v1/chat", json=conversation).status_code == 200

    assert name == "error"
    assert problem["status"] == 503
    assert problem["detail"] == "The reply took too long and was given up. Try again in a moment."
    assert [turns for _, turns, _, _ in backend.assistant.asked] == [(), ()]


def test_a_whole_reply_whose_time_is_over_is_a_503_and_its_place_is_given_back() -> None:
    gate = threading.Event()
    service = Service(FakeBackend(gate=gate))
    service.open()
    capacity = Capacity(reply_seconds=0.1)
    with TestClient(create_app(service, capacity=capacity)) as client:
        response = client.post("/v1/chat", json={"message": "Fee?"})
        gate.set()

    assert response.status_code == 503
    assert response.headers["retry-after"] == "10"
    assert capacity.taken == 0


@pytest.mark.parametrize("stream", [False, True])
def test_who_finds_all_places_taken_gets_a_503_at_once(stream: bool) -> None:
    gate = threading.Event()
    backend = FakeBackend(gate=gate)
    service = Service(backend)
    service.open()
    capacity = Capacity(at_once=1, waiting=0)
    answers: list[int] = []
    with TestClient(create_app(service, capacity=capacity)) as client:
        first = threading.Thread(
            target=lambda: answers.append(client.post("/v1/chat", json={"message": "Fee?"}).status_code)
        )
        first.start()
        backend.assistant.started.acquire()

        response = client.post("/v1/chat", json={"message": "Fee?", "stream": stream})

        assert response.status_code == 503
        assert response.headers["retry-after"] == "2"
        assert response.headers["content-type"] == "application/problem+json"
        assert client.post("/v1/chat", json={"message": ""}).status_code == 422  # is looked at before
        gate.set()
        first.join(10)
        assert client.post("/v1/chat", json={"message": "Fee?"}).status_code == 200
    assert answers == [200]
