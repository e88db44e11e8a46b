"""A running server over time: restart, stop, swap, clients that leave, too many at once, and its log."""

from __future__ import annotations

import json
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from outside_server import NO_LIMITS, SECRET_OF_THE_FAILURE, OutsideServer, events_of, serving, wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideServer]:
    with serving(tmp_path_factory.mktemp("life"), **NO_LIMITS) as server:
        yield server
    assert "Canary7319" not in server.logged()


@pytest.fixture
def client(server: OutsideServer) -> Iterator[httpx2.Client]:
    with server.client() as client:
        yield client


def chat(client: httpx2.Client, message: str = "What is the fee?", **fields: Any) -> httpx2.Response:
    return client.post("/v1/chat", json={"message": message, **fields})


# Restart


def test_conversations_feedback_and_sessions_outlive_a_restart(tmp_path: Path) -> None:
    origin = {"Origin": "https://www.example.edu"}
    settings = {**NO_LIMITS, "ALLOWED_ORIGINS": origin["Origin"]}
    with serving(tmp_path, **settings) as server, server.client(**origin) as client:
        opened = client.post("/v1/sessions").json()
        token = opened["token"]
        own = {"Authorization": f"Bearer {token}"}
        first = client.post("/v1/chat", json={"message": "Fee?"}, headers=own).json()
        client.put(f"/v1/messages/{first['message_id']}/feedback", json={"rating": "up"}, headers=own)
        before = client.get(f"/v1/conversations/{first['conversation_id']}", headers=own).json()
        server.process.kill()  # not even asked to stop
        server.process.wait()
    with serving(tmp_path, **settings) as server, server.client(**origin) as client:
        after = client.get(f"/v1/conversations/{first['conversation_id']}", headers=own)
        continued = {"message": "And for me?", "conversation_id": first["conversation_id"]}
        second = client.post("/v1/chat", json=continued, headers=own)

    assert after.json() == before
    assert second.json()["question"].endswith("(turn 2)")


def test_two_servers_on_one_database_share_conversations(tmp_path: Path) -> None:
    with (
        serving(tmp_path, **NO_LIMITS) as one,
        serving(tmp_path, **NO_LIMITS) as two,
        one.client() as first,
        two.client() as second,
    ):
        conversation = chat(first).json()["conversation_id"]
        clients = [first, second] * 5
        turns = [
            chat(each, conversation_id=conversation).json()["question"].rpartition("turn ")[2]
            for each in clients
        ]
        assert turns == [f"{number})" for number in range(2, 12)]
        assert second.delete(f"/v1/conversations/{conversation}").status_code == 204
        assert chat(first, conversation_id=conversation).status_code == 404


# Stop


class Stream:
    """A streamed reply that is read in a thread; made when its first event has come."""

    def __init__(self, server: OutsideServer, message: str) -> None:
        self._begun = threading.Event()
        pool = ThreadPoolExecutor(1)
        self._names = pool.submit(self._read, server, message)
        pool.shutdown(wait=False)
        assert self._begun.wait(20)

    def names(self) -> list[str]:
        """The names of all events, once the stream has ended."""
        return self._names.result(30)

    def _read(self, server: OutsideServer, message: str) -> list[str]:
        text = ""
        body = {"message": message, "stream": True}
        with server.client() as client, client.stream("POST", "/v1/chat", json=body) as response:
            for chunk in response.iter_text():
                text += chunk
                self._begun.set()
        return [name for name, _ in events_of(text)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stream_that_is_nearly_done_is_completed_when_the_server_stops(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, **NO_LIMITS) as server:
        stream = Stream(server, "wait 1.5")
        start = time.monotonic()
        status = server.stop(number)

        assert stream.names()[-1] == "completed"
        assert time.monotonic() - start < 10
        assert status in (0, -number, 128 + number)
        assert "Traceback" not in server.logged()


def test_streams_that_would_take_long_end_with_an_error_within_ten_seconds(tmp_path: Path) -> None:
    with serving(tmp_path, **NO_LIMITS) as server:
        streams = [Stream(server, "wait 25") for _ in range(4)]  # two of them still wait for their turn
        with server.client() as client, ThreadPoolExecutor(1) as pool:
            whole = pool.submit(chat, client, "wait 25")
            time.sleep(1)
            start = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            ends = [each.names()[-1] for each in streams]
            seconds = time.monotonic() - start
            assert whole.result(20).status_code == 503

        assert ends == ["error"] * 4
        assert seconds < 10
        server.process.wait(12)
        assert time.monotonic() - start < 15
        assert "Traceback" not in server.logged()


# Swap


def test_a_new_generation_answers_soon_and_no_reply_fails_or_is_mixed(
    server: OutsideServer, client: httpx2.Client
) -> None:
    done = threading.Event()

    def ask() -> list[tuple[int, str]]:
        found = []
        with server.client() as own:
            while not done.is_set():
                response = chat(own)
                found.append((response.status_code, response.json().get("generation", "")))
        return found

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        for name in ("g2", "g3"):
            server.publish(name)
            # Five seconds are promised, and measured by the benchmark; a busy machine is given ten.
            wait_until(lambda: chat(client).json()["generation"] == name, 10)  # noqa: B023 - called at once
        done.set()
        found = [each.result(30) for each in asking]

    for answers in found:
        assert {status for status, _ in answers} == {200}
        generations = [generation for _, generation in answers]
        assert generations == sorted(generations)  # never back to an older one
        assert set(generations) <= {"g1", "g2", "g3"}


# Clients that leave


def _cut_stream(server: OutsideServer, message: str, after: float) -> None:
    body = json.dumps({"message": message, "stream": True}).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(
            b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        time.sleep(after)


def test_clients_that_leave_in_the_middle_leave_nothing_behind(
    server: OutsideServer, client: httpx2.Client
) -> None:
    with ThreadPoolExecutor(8) as pool:  # as many threads and connections as there will be
        for each in [pool.submit(_cut_stream, server, "wait 0.05 many 30", 0.5) for _ in range(8)]:
            each.result()
    chat(client)
    wait_until(lambda: server.resources().connections <= 1)
    before = server.resources()
    cuts = random.Random(5)  # noqa: S311 - the same places each time
    with ThreadPoolExecutor(8) as pool:
        left = [pool.submit(_cut_stream, server, "wait 0.1 many 30", cuts.uniform(0, 0.4)) for _ in range(60)]
        for each in left:
            each.result()

    def is_as_before() -> bool:
        now = server.resources()
        return (
            now.tasks <= before.tasks
            # Threads and connections to the database are kept for the next, up to a few of each.
            and now.threads <= before.threads + 5
            and now.descriptors <= before.descriptors + 15
        )

    wait_until(is_as_before, 20)
    assert chat(client).status_code == 200
    assert "Traceback" not in server.logged()


def test_those_who_left_while_they_waited_take_no_turn_from_the_next(
    server: OutsideServer, client: httpx2.Client
) -> None:
    with ThreadPoolExecutor(6) as pool:
        for each in [pool.submit(_cut_stream, server, "wait 3", 0.3) for _ in range(6)]:
            each.result()
    start = time.monotonic()
    assert chat(client).status_code == 200
    # Two replies that were begun cannot be broken off; the four that waited are not begun.
    assert time.monotonic() - start < 5


# Too many at once


def test_too_many_at_once_are_told_so_early_and_the_others_answered(server: OutsideServer) -> None:
    def ask(_: int) -> tuple[int, float, str | None]:
        with server.client() as own:
            start = time.monotonic()
            response = chat(own, "wait 0.15")
            return response.status_code, time.monotonic() - start, response.headers.get("retry-after")

    with ThreadPoolExecutor(120) as pool:
        found = list(pool.map(ask, range(120)))

    statuses = {status for status, _, _ in found}
    assert statuses == {200, 503}
    refused = [(seconds, after) for status, seconds, after in found if status == 503]
    assert all(after is not None and int(after) >= 1 for _, after in refused)
    with server.client() as own:
        assert chat(own).status_code == 200


def test_health_is_told_while_all_are_busy(server: OutsideServer, client: httpx2.Client) -> None:
    streams = [Stream(server, "wait 2") for _ in range(6)]
    start = time.monotonic()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    assert client.get("/v1/documents").status_code == 200
    assert time.monotonic() - start < 1.5
    for each in streams:
        assert each.names()[-1] == "completed"


def test_a_reply_that_is_worked_on_for_long_sends_a_sign_of_life(
    server: OutsideServer, client: httpx2.Client
) -> None:
    text = chat(client, "wait 16", stream=True).text

    assert any(line.startswith(":") for line in text.splitlines())
    names = [name for name, _ in events_of(text)]
    assert names[0] == "started"
    assert names[-1] in ("completed", "error")


# The log


def test_the_log_is_json_and_holds_neither_questions_nor_people(
    server: OutsideServer, client: httpx2.Client
) -> None:
    person = "jane.doe@example.org +31 6 12345678"
    chat(client, f"Canary7319 {person} what is the fee?")
    chat(client, f"break Canary7319 {person}")
    chat(client, f"break Canary7319 {person}", stream=True)
    client.get(f"/nowhere/Canary7319?mail={person}")
    client.get("/nowhere", headers={"User-Agent": f"Canary7319 {person}", "Referer": f"Canary7319 {person}"})
    client.get("/healthz", headers={"X-Request-ID": "request-4711"})
    client.get("/nowhere/%0a%0dForged%20line%1b[31m")
    client.post(
        "/v1/search",
        content=b"{}",
        headers={"Content-Type": "application/json", "X-Request-ID": "request-4712"},
    )
    wait_until(lambda: "request-4712" in server.logged())
    lines = server.logged().splitlines()

    records = [json.loads(line) for line in lines if line.startswith("{")]
    others = [line for line in lines if not line.startswith("{")]
    assert all("Prospectus answers at" in line for line in others), others
    written = server.logged()
    assert "Canary7319" not in written
    assert "jane.doe" not in written
    assert "12345678" not in written
    assert SECRET_OF_THE_FAILURE not in written or "ZeroDivisionError" in written
    assert "\x1b" not in written
    assert any(record.get("request_id") == "request-4712" for record in records)
    assert "ZeroDivisionError" in written  # that it failed, and where, is told
