from __future__ import annotations

import json

import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service

CANARY = "Canary7319"
"""Stands in the bodies; no error may repeat it."""


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


BAD_BODIES = {
    "nothing": (b"", 422, ""),
    "no object": (b'["Canary7319"]', 422, ""),
    "no message": (body(language="en"), 422, "/message"),
    "empty message": (body(message=""), 422, "/message"),
    "blank message": (body(message=" \n\t "), 422, "/message"),
    "message of 2,001 characters": (body(message=CANARY + "x" * 1991), 422, "/message"),
    "message is a number": (body(message=7319), 422, "/message"),
    "message is null": (body(message=None), 422, "/message"),
    "lone surrogate": (b'{"message": "Canary7319 \\ud83d"}', 422, "/message"),
    "control character": (body(message=f"{CANARY}\x00"), 422, "/message"),
    "escape sequence": (body(message=f"{CANARY}\x1b[2J"), 422, "/message"),
    "raw control character": (b'{"message": "Canary7319 \x01"}', 400, None),
    "unknown field": (body(message="Fee?", Canary7319=1), 422, ""),
    "surrogate in a name": (b'{"message": "Fee?", "\\ud83d": 1}', 422, ""),
    "conversation id with a path": (
        body(message="Fee?", conversation_id=f"../{CANARY}"),
        422,
        "/conversation_id",
    ),
    "conversation id is a number": (body(message="Fee?", conversation_id=7), 422, "/conversation_id"),
    "long conversation id": (body(message="Fee?", conversation_id="x" * 65), 422, "/conversation_id"),
    "language is a name": (body(message="Fee?", language=CANARY), 422, "/language"),
    "language ends in a line break": (body(message="Fee?", language="en\n"), 422, "/language"),
    "profile is a list": (body(message="Fee?", profile=[CANARY]), 422, "/profile"),
    "profile with a number": (body(message="Fee?", profile={"age": 7319}), 422, "/profile"),
    "profile with a strange name": (body(message="Fee?", profile={CANARY: "x"}), 422, "/profile"),
    "profile with control characters": (body(message="Fee?", profile={"a": "\x07"}), 422, "/profile"),
    "profile with a surrogate": (b'{"message": "Fee?", "profile": {"a": "\\ud800"}}', 422, "/profile"),
    "large profile": (body(message="Fee?", profile={"a" * n: "x" for n in range(1, 18)}), 422, "/profile"),
    "stream is text": (body(message="Fee?", stream="yes"), 422, "/stream"),
    "NaN": (b'{"message": NaN}', 400, None),
    "infinity": (b'{"message": "Fee?", "stream": -Infinity}', 400, None),
    "huge number": (b'{"message": "Fee?", "stream": ' + b"9" * 5000 + b"}", 400, None),
    "huge float": (b'{"message": 1e999}', 422, "/message"),
    "same key twice": (b'{"message": "Fee?", "message": "Canary7319"}', 400, None),
    "cut off": (b'{"message": "Canary7319', 400, None),
    "text after the value": (b'{"message": "Fee?"} Canary7319', 400, None),
    "not UTF-8": (b'{"message": "Canary7319 \xff"}', 400, None),
    "UTF-16": ('{"message": "Fee?"}'.encode("utf-16"), 400, None),
    "surrogates in UTF-8": (b'{"message": "\xed\xa0\x80"}', 400, None),
    "byte order mark": (b'\xef\xbb\xbf{"message": "Fee?"}', 400, None),
    "nested deeply": (b'{"message": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400, None),
    "nested deeply and cut off": (b"[" * 60_000, 400, None),
    "more than 64 KiB": (body(message="x" * 65_536), 413, None),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_gets_a_small_problem_document(
    client: TestClient, backend: FakeBackend, name: str
) -> None:
    content, status, pointer = BAD_BODIES[name]
    response = client.post("/v1/chat", content=content, headers={"content-type": "application/json"})

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    if pointer is not None:
        assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert CANARY not in response.text
    assert "7319" not in response.text
    assert len(response.content) < 500
    assert backend.assistant.asked == []


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (body(query="", limit=3), "/query"),
        (body(query="fee", limit=0), "/limit"),
        (body(query="fee", limit=51), "/limit"),
        (body(query="fee", limit=2.5), "/limit"),
        (body(query="fee", limit="3"), "/limit"),
        (body(query="fee", limit=True), "/limit"),
        (b'{"query": "fee", "limit": 1e999}', "/limit"),
        (b'{"query": "\\udc00"}', "/query"),
    ],
)
def test_a_bad_search_is_refused(client: TestClient, content: bytes, pointer: str) -> None:
    response = client.post("/v1/search", content=content, headers={"content-type": "application/json"})

    assert response.status_code == 422
    assert [each["pointer"] for each in response.json()["errors"]] == [pointer]


def test_a_whole_number_may_be_written_with_a_point(client: TestClient) -> None:
    # To JSON and to JavaScript 3.0 is 3.
    content, headers = b'{"query": "fee", "limit": 3.0}', {"content-type": "application/json"}
    assert client.post("/v1/search", content=content, headers=headers).status_code == 200


def test_several_errors_are_all_named(client: TestClient) -> None:
    problem = client.post("/v1/chat", json={"language": "English", "stream": 1}).json()

    assert problem["detail"] == (
        "Message is required; language must match ^[a-z]{2}$; stream must be true or false."
    )


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "nonsense"])
def test_a_body_that_is_not_called_json_is_a_415(client: TestClient, content_type: str) -> None:
    # A page of another origin may send these without asking; application/json it may not.
    response = client.post("/v1/chat", content=body(message="Fee?"), headers={"content-type": content_type})

    assert response.status_code == 415
    assert response.headers["content-type"] == "application/problem+json"


def test_a_charset_may_be_named(client: TestClient) -> None:
    headers = {"content-type": "application/json; charset=UTF-8"}
    assert client.post("/v1/chat", content=body(message="Gebühr?"), headers=headers).status_code == 200


def test_a_body_without_announced_length_is_limited_too(client: TestClient) -> None:
    chunks = iter([b'{"message": "'] + [b"x" * 8192] * 9)
    response = client.post("/v1/chat", content=chunks, headers={"content-type": "application/json"})

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


def test_the_longest_question_with_the_widest_characters_fits(client: TestClient) -> None:
    content = json.dumps({"message": "\N{MATHEMATICAL DOUBLE-STRUCK CAPITAL A}" * 2000}).encode()
    assert len(content) == 24_015  # twelve bytes for each character, as \ud835\udd38

    response = client.post("/v1/chat", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat", 405),
        ("POST", "/v1/documents", 405),
        ("GET", "/v2/chat", 404),
        ("GET", "/demo.html", 404),
        ("GET", "/v1/documents/../../etc/passwd", 404),
        ("GET", "/healthz/", 404),
    ],
)
def test_a_route_that_does_not_exist_is_a_problem_document(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)

    assert response.status_code == status
    assert response.json()["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert ("allow" in response.headers) == (status == 405)


def test_an_error_that_nobody_foresaw_tells_nothing() -> None:
    service = Service(FakeBackend(failure=ZeroDivisionError("at /home/me/secret.py")))
    service.open()
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        response = client.post("/v1/chat", json={"message": "Fee?"})

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text
    assert "Zero" not in response.text


def test_without_an_index_everything_but_health_is_a_503() -> None:
    with TestClient(create_app(Service(FakeBackend(published=None)))) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        responses = [
            client.get("/readyz"),
            client.get("/v1/documents"),
            client.get("/v1/documents/x"),
            client.post("/v1/chat", json={"message": "Fee?"}),
            client.post("/v1/chat", json={"message": "Fee?", "stream": True}),
            client.post("/v1/search", json={"query": "Fee?"}),
        ]

    for response in responses:
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert "prospectus ingest" in response.json()["detail"]
