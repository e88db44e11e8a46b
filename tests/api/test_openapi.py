from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.door import Door
from api.service import Service
from api.settings import Settings

SCHEMA: dict[str, Any] = create_app(Service(FakeBackend())).openapi()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]
IDS = [name for name, _ in OPERATIONS]


def test_problems_are_described_and_fastapis_own_errors_are_not() -> None:
    assert "ProblemDocument" in SCHEMA["components"]["schemas"]
    assert "HTTPValidationError" not in str(SCHEMA)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=IDS)
def test_every_problem_has_an_example_and_one_that_says_wait_says_how_long(
    name: str, operation: dict[str, Any]
) -> None:
    problems = {status: each for status, each in operation["responses"].items() if status >= "400"}
    for status, response in problems.items():
        for content in response["content"].values():
            assert content.get("example") or content.get("examples"), status
        if status in ("429", "503"):
            assert "Retry-After" in response["headers"], status


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=IDS)
def test_every_route_that_asks_who_is_calling_says_so(name: str, operation: dict[str, Any]) -> None:
    asks = "/v1/" in name or name.endswith(("/metrics", "/readyz"))

    assert ({"401", "403", "429"} <= set(operation["responses"])) is asks
    assert ("408" in operation["responses"]) is ("requestBody" in operation)


def test_keys_are_described_where_they_are_asked_for(service: Service, tmp_path: Path) -> None:
    assert "securitySchemes" not in SCHEMA["components"]
    door = Door(Settings(admin_key="the-administrators-key"))  # type: ignore[arg-type]
    with TestClient(create_app(service, door=door)) as client:
        schema = client.get("/openapi.json").json()

    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert schema["paths"]["/v1/chat"]["post"]["security"] == [{"bearer": []}]
    assert schema["paths"]["/readyz"]["get"]["security"] == [{}, {"bearer": []}]
    assert "security" not in schema["paths"]["/healthz"]["get"]
