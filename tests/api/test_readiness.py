from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from api_fakes import FakeAssistant, FakeBackend, FakeIndex, a_reply
from fastapi.testclient import TestClient

from api.app import create_app
from api.backend import OpenGeneration
from api.door import Door
from api.readiness import NotAnswering, Readiness
from api.service import Service
from api.settings import Settings
from assistant.conversation import Turn
from assistant.reply import Reply
from assistant.retrieval import Hit
from ingest.generations import Refusal

ADMIN_KEY = "the-administrators-key"


class Misquoting(FakeAssistant):
    """Its vectors belong to other texts: quotes are not where it says, and searches find nothing."""

    def reply(self, message: str, *, history: Sequence[Turn] = (), **rest: object) -> Reply:  # type: ignore[override]
        self.asked.append((message, (), None, None))
        citation = replace(a_reply().citations[0], start=0, end=3)
        return replace(a_reply(), citations=(citation,))

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        return []


class DamagedBackend(FakeBackend):
    def open(self) -> OpenGeneration:
        index = FakeIndex(self.published or "")
        self.opened.append(OpenGeneration(index, Misquoting(index)))
        return self.opened[-1]


def test_each_generation_is_asked_once_about_one_of_its_headings(backend: FakeBackend) -> None:
    service = Service(backend)
    service.open()
    readiness = Readiness(service)

    assert [readiness.check() for _ in range(3)] == ["g1"] * 3
    assert [asked[0] for asked in backend.assistant.asked] == ["What do the pages say about “Fees”?"]
    backend.published = "g2"
    service.refresh()
    assert [readiness.check() for _ in range(2)] == ["g2"] * 2
    assert len(backend.assistant.asked) == 1


def test_an_index_in_which_nothing_is_found_is_not_ready_and_not_asked_again_at_once() -> None:
    backend = DamagedBackend()
    service = Service(backend)
    service.open()
    readiness = Readiness(service)

    for _ in range(3):
        with pytest.raises(NotAnswering):
            readiness.check()
    assert len(backend.assistant.asked) == 1
    with TestClient(create_app(service)) as client:
        response = client.get("/readyz")
    assert response.status_code == 503
    assert "prospectus doctor" in response.json()["detail"]
    assert response.headers["retry-after"]


def test_an_index_that_fails_is_not_ready() -> None:
    service = Service(FakeBackend(failure=ZeroDivisionError()))
    service.open()
    with TestClient(create_app(service)) as client:
        assert client.get("/readyz").status_code == 503


def test_a_mended_generation_is_ready_at_once_after_one_that_was_not() -> None:
    backend = DamagedBackend()
    service = Service(backend)
    service.open()
    readiness = Readiness(service)
    with pytest.raises(NotAnswering):
        readiness.check()

    good = FakeBackend(published="g2")
    backend.published, backend.open = "g2", good.open  # type: ignore[method-assign]
    service.refresh()
    assert readiness.check() == "g2"


def test_which_generation_it_is_only_the_administrator_is_told(service: Service) -> None:
    door = Door(Settings(admin_key=ADMIN_KEY))  # type: ignore[arg-type]
    with TestClient(create_app(service, door=door)) as client:
        assert client.get("/readyz").json() == {"status": "ready"}
        told = client.get("/readyz", headers={"Authorization": f"Bearer {ADMIN_KEY}"})
        assert told.json() == {"status": "ready", "generation": "g1"}
        assert client.get("/readyz", headers={"Authorization": "Bearer wrong"}).status_code == 401
    with TestClient(create_app(Service(FakeBackend(published=None)), door=door)) as client:
        assert client.get("/readyz").status_code == 503


def test_an_earlier_index_that_answers_in_need_is_ready_and_says_what_is_wrong_to_whom_it_may() -> None:
    reason = "The index in /srv/data/index/g2 is damaged: units.npy was altered."
    service = Service(FakeBackend(published="g1", refusal=Refusal("g2", reason)))
    service.open()
    with TestClient(create_app(service, door=Door(Settings(admin_key=ADMIN_KEY)))) as client:  # type: ignore[arg-type]
        anyone = client.get("/readyz")
        told = client.get("/readyz", headers={"Authorization": f"Bearer {ADMIN_KEY}"})

    assert (anyone.status_code, told.status_code) == (200, 200)
    assert anyone.json() == {
        "status": "ready",
        "degraded": "The published index cannot be used, and an earlier one answers. "
        "The server's log says why.",
    }
    assert told.json() == {"status": "ready", "generation": "g1", "degraded": reason}
