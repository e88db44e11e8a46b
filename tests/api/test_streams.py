"""Streams on a real server: clients that leave, a server that stops, an index that changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx2
import psutil
import pytest
from api_fakes import FakeBackend
from running_server import Running, read_until, running, wait_until

from api import server
from api.app import create_app
from api.capacity import Capacity
from api.door import Door
from api.service import Service
from api.settings import Settings

STREAM: dict[str, object] = {"message": "Fee?", "stream": True}
WHOLE: dict[str, object] = {"message": "Fee?"}
CHUNKS: dict[str, object] = {
    "model": "prospectus",
    "messages": [{"role": "user", "content": "Fee?"}],
    "stream": True,
}


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def opened(backend: FakeBackend) -> Service:
    service = Service(backend)
    service.open()
    return service


def unlimited() -> Door:
    return Door(Settings(rate_limit="1000000/minute"))


def test_the_first_event_comes_before_the_question_is_answered(gate: threading.Event) -> None:
    with running(create_app(opened(FakeBackend(gate=gate)))) as site:
        for path, body, first in (
            ("/v1/chat", STREAM, b"event: started"),
            ("/v1/chat/completions", CHUNKS, b'"role":"assistant"'),
        ):
            with site.send(path, body) as connection:
                received = read_until(connection, first)
            assert first in received
            assert b"HTTP/1.1 200" in received


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/chat", STREAM), ("/v1/chat", WHOLE), ("/v1/chat/completions", CHUNKS)],
    ids=["stream", "whole", "completion"],
)
def test_a_client_that_leaves_before_its_turn_is_not_answered(
    gate: threading.Event, path: str, body: dict[str, object]
) -> None:
    backend = FakeBackend(gate=gate)
    capacity = Capacity(at_once=1)
    with running(create_app(opened(backend), capacity=capacity)) as site:
        busy = site.send("/v1/chat", WHOLE)
        backend.assistant.started.acquire(timeout=10)
        leaving = site.send(path, body)
        wait_until(lambda: capacity.taken == 2)
        leaving.close()
        wait_until(lambda: capacity.taken == 1)

        gate.set()
        assert b"HTTP/1.1 200" in read_until(busy, b"\r\n\r\n")
        busy.close()
        assert httpx2.post(f"{site.url}/v1/chat", json=WHOLE).status_code == 200
    assert len(backend.assistant.asked) == 2


@pytest.mark.parametrize("body", [STREAM, WHOLE], ids=["stream", "whole"])
def test_what_a_client_did_not_wait_for_is_not_part_of_its_conversation(
    gate: threading.Event, body: dict[str, object]
) -> None:
    backend = FakeBackend()
    capacity = Capacity(at_once=1)
    with running(create_app(opened(backend), capacity=capacity)) as site:
        first = httpx2.post(f"{site.url}/v1/chat", json=WHOLE).json()
        conversation = {"conversation_id": first["conversation_id"]}
        backend.assistant.started.acquire()
        backend.assistant.gate = gate
        leaving = site.send("/v1/chat", {**body, **conversation})
        backend.assistant.started.acquire(timeout=10)
        leaving.close()
        wait_until(lambda: capacity.taken == 0)
        gate.set()

        assert httpx2.post(f"{site.url}/v1/chat", json={**WHOLE, **conversation}).status_code == 200
    assert [len(history) for _, history, _, _ in backend.assistant.asked] == [0, 1, 1]


def test_streams_that_are_cut_leave_nothing_behind() -> None:
    capacity = Capacity()
    process = psutil.Process()

    def cut(site: Running, streams: int) -> None:
        for number in range(streams):
            path, body = ("/v1/chat", STREAM) if number % 2 else ("/v1/chat/completions", CHUNKS)
            with site.send(path, body) as connection:
                if number % 3:
                    connection.recv(1 + 37 * number % 900)
        wait_until(lambda: capacity.taken == 0)

    with running(create_app(opened(FakeBackend()), capacity=capacity, door=unlimited())) as site:
        cut(site, 50)  # threads and connections to the database are kept for the next
        files, threads = process.num_fds(), threading.active_count()
        cut(site, 100)
        wait_until(lambda: process.num_fds() <= files and threading.active_count() <= threads, 20)

        assert httpx2.post(f"{site.url}/v1/chat", json=WHOLE).status_code == 200


def test_a_server_that_stops_lets_streams_be_completed(gate: threading.Event) -> None:
    backend = FakeBackend(gate=gate)
    with running(create_app(opened(backend))) as site, site.send("/v1/chat", STREAM) as connection:
        backend.assistant.started.acquire(timeout=10)
        site.stop()
        threading.Timer(0.3, gate.set).start()
        received = read_until(connection, b"event: completed")

    assert b"event: completed" in received


@pytest.mark.parametrize(
    ("path", "body", "end"),
    [
        ("/v1/chat", STREAM, b"event: error"),
        ("/v1/chat/completions", CHUNKS, b'data: {"error": '),
        ("/v1/chat", WHOLE, b"HTTP/1.1 503"),
    ],
    ids=["stream", "completion", "whole"],
)
def test_a_server_that_stops_ends_what_takes_too_long_with_an_error(
    gate: threading.Event, path: str, body: dict[str, object], end: bytes
) -> None:
    backend = FakeBackend(gate=gate)
    app = create_app(opened(backend))
    stop = app.state.capacity.stop
    app.state.capacity.stop = lambda: stop(grace_seconds=0.1)
    with running(app) as site, site.send(path, body) as connection:
        backend.assistant.started.acquire(timeout=10)
        began = time.monotonic()
        site.stop()
        received = read_until(connection, b"being stopped")
        gate.set()

    assert end in received
    assert b"The server is being stopped." in received
    assert time.monotonic() - began < server.STOP_SECONDS


def test_questions_that_come_while_a_new_index_is_taken_over_are_all_answered_from_one_of_the_two() -> None:
    backend = FakeBackend()
    app = create_app(opened(backend), watch_seconds=0.01, door=unlimited())
    seen: list[tuple[str, str]] = []
    with running(app) as site, httpx2.Client(base_url=site.url) as client:
        for number in range(2, 12):
            backend.published = f"g{number}"
            end = time.monotonic() + 5
            while not seen or seen[-1][1] != backend.published:
                assert time.monotonic() < end
                text = client.post("/v1/chat", json=STREAM).text
                completed = text.rpartition("event: completed\ndata: ")[2]
                seen.append(("error" if "event: error" in text else "ok", generation_of(completed)))

    assert {outcome for outcome, _ in seen} == {"ok"}
    assert list(dict.fromkeys(name for _, name in seen))[-10:] == [f"g{n}" for n in range(2, 12)]


def generation_of(data: str) -> str:
    return data.partition('"generation":"')[2].partition('"')[0]
