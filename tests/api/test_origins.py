from __future__ import annotations

import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.door import Door
from api.origins import parse_origin
from api.service import Service
from api.settings import Settings

ORIGIN = "https://www.example.edu"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:3000", "https://[2001:db8::1]:8443"])
def test_an_origin_is_taken_as_browsers_send_it(origin: str) -> None:
    assert parse_origin(origin) == origin


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://*.example.edu",
        "www.example.edu",
        "https://www.example.edu/",
        "https://www.example.edu/page",
        "https://www.example.edu?x",
        "https://www.example.edu:443",
        "http://www.example.edu:80",
        "https://www.example.edu:",
        "https://www.example.edu:99999",
        "https://WWW.example.edu",
        "https://user@www.example.edu",
        "https://www.exämple.edu",
        "https://",
        "file://",
        "ftp://www.example.edu",
        "https://www.example.edu https://evil.example",
    ],
)
def test_what_is_no_single_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_origin(origin)


@pytest.fixture
def pages(service: Service, tmp_path: object) -> TestClient:
    settings = Settings(allowed_origins=(ORIGIN,), session_secret="s" * 32)  # type: ignore[arg-type]
    return TestClient(create_app(service, door=Door(settings)))


def test_a_preflight_of_an_allowed_page_is_answered(pages: TestClient) -> None:
    response = pages.options("/v1/chat", headers={"Origin": ORIGIN, **PREFLIGHT})

    assert response.status_code == 204
    assert response.content == b""
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-allow-methods"] == "GET, POST, PUT, DELETE"
    assert response.headers["access-control-allow-headers"] == "Authorization, Content-Type, X-Request-ID"
    assert "access-control-allow-credentials" not in response.headers
    assert "Origin" in response.headers["vary"]


def test_a_preflight_of_another_page_is_refused_without_any_permission(pages: TestClient) -> None:
    response = pages.options("/v1/chat", headers={"Origin": "https://evil.example", **PREFLIGHT})

    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert not [name for name in response.headers if name.startswith("access-control-")]
    assert "Origin" in response.headers["vary"]
    assert "evil" not in response.text


@pytest.mark.parametrize("origin", [None, ORIGIN, "https://evil.example"])
def test_every_reply_varies_with_the_origin_and_only_an_allowed_one_may_read_it(
    pages: TestClient, origin: str | None
) -> None:
    for path in ("/healthz", "/v1/documents", "/nowhere"):  # 200, 401, 404
        response = pages.get(path, headers={"Origin": origin} if origin else {})

        assert "Origin" in response.headers["vary"]
        allowed = response.headers.get("access-control-allow-origin")
        assert allowed == (ORIGIN if origin == ORIGIN else None)


def test_an_unforeseen_error_can_be_read_by_an_allowed_page(tmp_path: object) -> None:
    service = Service(FakeBackend(failure=ZeroDivisionError()))
    service.open()
    settings = Settings(allowed_origins=(ORIGIN,), session_secret="s" * 32)  # type: ignore[arg-type]
    with TestClient(create_app(service, door=Door(settings))) as client:
        token = client.post("/v1/sessions", headers={"Origin": ORIGIN}).json()["token"]
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {token}"}
        response = client.post("/v1/chat", json={"message": "Fee?"}, headers=headers)

    assert response.status_code == 500
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["x-request-id"]


def test_without_origins_no_page_is_allowed(client: TestClient) -> None:
    response = client.get("/healthz", headers={"Origin": ORIGIN})

    assert not [name for name in response.headers if name.startswith("access-control-")]
