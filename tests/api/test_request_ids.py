from __future__ import annotations

import re

import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service


def test_an_id_that_is_sent_comes_back_and_stands_in_problems(client: TestClient) -> None:
    response = client.get("/v1/documents/none", headers={"X-Request-ID": "order-66_a.b"})

    assert response.headers["x-request-id"] == "order-66_a.b"
    assert response.json()["request_id"] == "order-66_a.b"


def test_without_one_each_request_gets_its_own(client: TestClient) -> None:
    ids = [client.get("/healthz").headers["x-request-id"] for _ in range(2)]

    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in ids)
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    "sent", ["", "a b", "x" * 65, "a\tb", "me@example.org", "<script>", "é".encode("latin-1")]
)
def test_an_id_that_could_do_harm_is_replaced(client: TestClient, sent: str | bytes) -> None:
    response = client.get("/nowhere", headers={"X-Request-ID": sent})

    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"])
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_two_ids_are_none(client: TestClient) -> None:
    headers = [("X-Request-ID", "one"), ("X-Request-ID", "two")]

    assert client.get("/healthz", headers=headers).headers["x-request-id"] not in ("one", "two", "one, two")


def test_a_failed_stream_names_the_request(client: TestClient) -> None:
    service = Service(FakeBackend(failure=ZeroDivisionError()))
    service.open()
    with TestClient(create_app(service)) as client:
        response = client.post(
            "/v1/chat", json={"message": "Fee?", "stream": True}, headers={"X-Request-ID": "order-66"}
        )

    assert '"request_id":"order-66"' in response.text
