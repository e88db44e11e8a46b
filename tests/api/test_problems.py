from __future__ import annotations

from http import HTTPStatus

import pytest
from fastapi.testclient import TestClient

from api.problems import MAX_BYTES, documented, problem_of

LONG_NAMES = {f"Canary_{number}_{'x' * 200}": 1 for number in range(40)}


@pytest.mark.parametrize(
    "body",
    [
        {**LONG_NAMES},
        {"message": 1, "conversation_id": "/" * 70, "profile": LONG_NAMES, "language": "xxx", "stream": 1},
        {"message": "Fee?", "profile": {f"a{chr(97 + n)}": "x" * 300 for n in range(16)}},
    ],
)
def test_a_problem_document_stays_within_a_kibibyte_and_repeats_nothing(
    client: TestClient, body: dict[str, object]
) -> None:
    response = client.post("/v1/chat", json=body, headers={"X-Request-ID": "i" * 64})

    assert response.status_code == 422
    assert len(response.content) <= MAX_BYTES
    assert response.json()["errors"]
    assert "Canary" not in response.text
    assert "xxx" not in response.text


def test_an_error_that_nobody_foresaw_says_nothing_of_itself() -> None:
    document = problem_of(ZeroDivisionError("at /home/me/secret.py"))

    assert document.status == 500
    assert "secret" not in document.model_dump_json()


def test_what_openapi_says_of_a_problem_has_its_status_and_an_example() -> None:
    told = documented(HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS)

    assert set(told) == {404, 429}
    example = told[404]["content"]["application/problem+json"]["example"]
    assert (example["status"], example["title"]) == (404, "Not Found")
    assert "headers" not in told[404]
    assert "Retry-After" in told[429]["headers"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/chat", "POST"), ("/v1/conversations/x", "GET, DELETE"), ("/v1/documents/a/b", "GET")],
)
def test_a_405_names_every_method_that_there_is(client: TestClient, path: str, allowed: str) -> None:
    response = client.request("PATCH", path)

    assert response.status_code == 405
    assert response.headers["allow"] == allowed


def test_a_host_that_is_none_is_no_mistake_of_ours(client: TestClient) -> None:
    for path in ("/nowhere", "/v1/documents/none"):
        assert client.get(path, headers={"Host": "["}).status_code == 404
