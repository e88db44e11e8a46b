from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from api_fakes import FakeBackend, FakeIndex
from fastapi.testclient import TestClient

from api import service as service_module
from api.app import create_app
from api.door import Door
from api.service import NotReady, Service
from api.settings import Settings
from ingest.errors import IndexDamaged
from ingest.generations import Refusal


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited for 10 s"
        time.sleep(0.005)


def index_of(backend: FakeBackend, position: int) -> FakeIndex:
    index = backend.opened[position].index
    assert isinstance(index, FakeIndex)
    return index


def test_a_new_generation_answers_and_the_old_one_is_closed(client: TestClient, backend: FakeBackend) -> None:
    assert client.post("/v1/chat", json={"message": "Fee?"}).json()["generation"] == "g1"

    backend.published = "g2"
    wait_until(lambda: client.get("/readyz").json()["generation"] == "g2")

    assert client.post("/v1/chat", json={"message": "Fee?"}).json()["generation"] == "g2"
    assert index_of(backend, 0).is_closed
    assert not index_of(backend, 1).is_closed


def test_a_request_in_flight_keeps_its_generation_open_until_it_has_ended() -> None:
    gate = threading.Event()
    backend = FakeBackend(gate=gate)
    service = Service(backend)
    service.open()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(service.answer, service.start("local"), "Fee?")
        backend.assistant.started.acquire()
        backend.published = "g2"

        assert service.refresh()
        assert service.generation == "g2"
        assert not index_of(backend, 0).is_closed

        gate.set()
        assert slow.result(10).generation == "g1"
    assert index_of(backend, 0).is_closed
    service.close()
    assert index_of(backend, 1).is_closed


def test_what_a_closed_generation_held_is_given_back() -> None:
    class Ring:
        """As an assistant and its caches: nothing but a search for rings frees it."""

        def __init__(self) -> None:
            self.itself = self

    gc.disable()
    try:
        backend = FakeBackend()
        service = Service(backend)
        service.open()
        ring = Ring()
        index_of(backend, 0).ring = ring  # type: ignore[attr-defined]
        held = weakref.ref(ring)
        del ring
        backend.published = "g2"
        assert service.refresh()
        backend.opened.clear()
        assert held() is not None

        assert not service.refresh()

        assert held() is None
        service.close()
    finally:
        gc.enable()


def test_no_request_is_lost_while_generations_change(service: Service, backend: FakeBackend) -> None:
    done = threading.Event()
    # They ask as often as they can, which is more often than anybody may.
    door = Door(Settings(rate_limit="1000000/minute"))

    def ask() -> list[tuple[int, str]]:
        found = []
        while not done.is_set():
            response = client.post("/v1/chat", json={"message": "Fee?"})
            found.append((response.status_code, response.json().get("generation")))
        return found

    app = create_app(service, door=door, watch_seconds=0.01)
    with TestClient(app) as client, ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for number in range(2, 22):
            backend.published = f"g{number}"
            wait_until(lambda: client.get("/readyz").json()["generation"] == backend.published)
        done.set()
        answers = [answer for each in asking for answer in each.result(10)]
        wait_until(lambda: all(index_of(backend, position).is_closed for position in range(20)))
        assert not index_of(backend, 20).is_closed

    assert {status for status, _ in answers} == {200}
    assert len({generation for _, generation in answers}) > 5


def test_a_generation_that_does_not_open_is_reported_once_and_the_old_one_answers_on(
    client: TestClient, backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.opening_fails_with = IndexDamaged("manifest.json is missing")
    backend.published = "broken"
    wait_until(lambda: "manifest.json is missing" in caplog.text)
    time.sleep(0.1)

    assert len([each for each in caplog.records if each.levelno == logging.ERROR]) == 1
    assert client.post("/v1/chat", json={"message": "Fee?"}).json()["generation"] == "g1"

    backend.opening_fails_with = None
    backend.published = "g3"
    wait_until(lambda: client.get("/readyz").json()["generation"] == "g3")


def test_any_other_failure_to_open_does_not_end_the_watch(client: TestClient, backend: FakeBackend) -> None:
    backend.opening_fails_with = MemoryError()
    backend.published = "too large"
    time.sleep(0.1)
    backend.opening_fails_with = None
    backend.published = "g3"

    wait_until(lambda: client.get("/readyz").json()["generation"] == "g3")


def test_a_data_directory_that_vanishes_does_not_end_the_service(
    client: TestClient, backend: FakeBackend
) -> None:
    backend.published = None
    time.sleep(0.1)

    assert client.post("/v1/chat", json={"message": "Fee?"}).json()["generation"] == "g1"


def test_a_server_that_started_without_an_index_takes_the_first_one() -> None:
    backend = FakeBackend(published=None)
    with TestClient(create_app(Service(backend), watch_seconds=0.01)) as client:
        assert client.get("/readyz").status_code == 503
        backend.published = "g1"
        wait_until(lambda: client.get("/readyz").status_code == 200)


def test_when_the_application_ends_the_index_is_closed_and_nothing_is_answered() -> None:
    backend = FakeBackend()
    service = Service(backend)
    service.open()
    with TestClient(create_app(service)):
        pass

    assert index_of(backend, 0).is_closed
    with pytest.raises(NotReady):
        service.start("local")


def test_at_most_six_questions_are_answered_at_a_time() -> None:
    gate = threading.Event()
    backend = FakeBackend(gate=gate)
    service = Service(backend)
    service.open()
    with TestClient(create_app(service)) as client, ThreadPoolExecutor(9) as pool:
        asking = [pool.submit(client.post, "/v1/chat", json={"message": "Fee?"}) for _ in range(9)]
        for _ in range(6):
            assert backend.assistant.started.acquire(timeout=10)
        assert not backend.assistant.started.acquire(timeout=0.2)
        assert client.get("/healthz").status_code == 200  # which has to wait for nobody

        gate.set()
        assert [each.result(10).status_code for each in asking] == [200] * 9


# An index that does not open

DAMAGED = Refusal("g2", "The index in g2 is damaged: units.npy was altered.")


def test_an_earlier_index_answers_until_a_whole_one_is_published() -> None:
    """The pointer names g2, which is damaged: g1 was opened in its place."""
    backend = FakeBackend(published="g1", refusal=DAMAGED)
    service = Service(backend)
    service.open()
    backend.published = "g2"
    assert (service.generation, service.refusal) == ("g1", DAMAGED)

    assert not service.refresh()  # it is known already

    assert len(backend.opened) == 1
    backend.published = "g3"
    assert service.refresh()
    assert (service.generation, service.refusal) == ("g3", None)
    service.close()


def test_a_newly_published_index_that_is_damaged_is_refused_and_tried_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = FakeBackend(opening_fails_with=None)
    service = Service(backend)
    service.open()
    backend.published, backend.opening_fails_with = "g2", IndexDamaged("units.npy was altered")
    with pytest.raises(IndexDamaged):
        service.refresh()
    assert (service.generation, service.refusal) == ("g1", Refusal("g2", "units.npy was altered"))
    assert not service.refresh()
    backend.opening_fails_with = None  # as after a disk is back that was not mounted
    assert not service.refresh()

    monkeypatch.setattr(service_module, "_TRY_AGAIN_SECONDS", 0.0)

    assert service.refresh()
    assert (service.generation, service.refusal) == ("g2", None)
    service.close()


def test_after_a_rollback_to_the_index_that_answers_all_is_well_again() -> None:
    backend = FakeBackend(published="g1", refusal=DAMAGED)
    service = Service(backend)
    service.open()
    backend.published = "g1"

    assert not service.refresh()

    assert (service.generation, service.refusal) == ("g1", None)
    service.close()


def test_a_server_without_an_index_takes_the_earlier_one_where_the_first_it_sees_is_damaged() -> None:
    backend = FakeBackend(published=None)
    service = Service(backend)
    assert not service.refresh()
    backend.published, backend.refusal = "g1", DAMAGED

    assert service.refresh()

    assert (service.generation, service.refusal) == ("g1", DAMAGED)
    service.close()


def test_a_damaged_index_is_in_the_log_and_in_the_figures(caplog: pytest.LogCaptureFixture) -> None:
    backend = FakeBackend(published="g1", refusal=DAMAGED)
    service = Service(backend)
    service.open()
    with TestClient(create_app(service)) as client:
        assert "prospectus_degraded 1.0" in client.get("/metrics").text
        assert "prospectus_ready 1.0" in client.get("/metrics").text
    told = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert told == [
        "The published index does not open, generation g1 answers instead. "
        "The index in g2 is damaged: units.npy was altered."
    ]


def test_without_damage_the_figures_say_so(client: TestClient) -> None:
    assert "prospectus_degraded 0.0" in client.get("/metrics").text
