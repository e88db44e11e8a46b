"""Schemathesis on the running server: made-up requests in all its phases, judged by all its checks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from outside_server import NO_LIMITS, OutsideServer, serving

CASES_PER_OPERATION = 60
AT_LEAST = 1_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideServer]:
    with serving(tmp_path_factory.mktemp("schema"), **NO_LIMITS) as server:
        yield server


def schemathesis(server: OutsideServer, report: Path, *arguments: str) -> dict[str, Any]:
    """The report of a run with all checks; the printed one stands in the failure of a test."""
    found = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json"),
            *("--checks", "all", "--seed", "1", "--generation-deterministic", "--continue-on-failure"),
            *("--max-examples", str(CASES_PER_OPERATION), "--no-shrink"),
            *("--report", "json", "--report-json-path", str(report), "--no-color", *arguments),
        ],
        cwd=report.parent,  # away from a configuration file, and from where a cache would be left
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    print(found.stdout[-20_000:], found.stderr[-5_000:])
    result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert result["complete"], found.stdout
    assert found.returncode == result["exit_code"]
    return result


def summary(result: dict[str, Any]) -> list[str]:
    return [f"{each['code']} {each['title']}: {each['operations']}" for each in result["failures"]]


def test_a_thousand_made_up_requests_find_no_server_error_and_nothing_undocumented(
    server: OutsideServer, tmp_path: Path
) -> None:
    result = schemathesis(server, tmp_path / "report.json")

    assert summary(result) == []
    assert result["errors"] == []
    assert result["operations"]["tested"] == result["operations"]["total"] > 0
    assert result["test_cases"]["generated"] >= AT_LEAST
    assert server.process.poll() is None
    assert "Traceback" not in server.logged()


def test_made_up_requests_with_a_key_find_nothing_either(tmp_path: Path) -> None:
    key = "k" * 40
    settings = {**NO_LIMITS, "API_KEYS": key, "ALLOWED_ORIGINS": "https://www.example.edu"}
    with serving(tmp_path, **settings) as server:
        with server.client() as client:
            schema = client.get("/openapi.json").json()
        result = schemathesis(
            server,
            tmp_path / "report.json",
            *("--header", f"Authorization: Bearer {key}", "--header", "Origin: https://www.example.edu"),
            *("--max-examples", "15"),
        )

    assert summary(result) == []
    assert result["errors"] == []
    assert "bearer" in json.dumps(schema["components"]["securitySchemes"])
    unsaid = [
        f"{method.upper()} {path}"
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if "401" in operation["responses"] and not operation.get("security")
    ]
    assert unsaid == []
    assert "Traceback" not in server.logged()
