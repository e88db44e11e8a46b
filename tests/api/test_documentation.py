"""What the README has to name: every command, route and setting, so that it cannot fall behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from api_fakes import FakeBackend
from typer.main import get_command

import api.command_line
from api.app import create_app
from api.service import Service
from api.settings import PREFIX, Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

COMMANDS = sorted(getattr(get_command(api.command_line.app), "commands", {}))
ROUTES = sorted(create_app(Service(FakeBackend())).openapi()["paths"])
SETTINGS = sorted(PREFIX + name.upper() for name in Settings.model_fields)


def test_there_is_something_to_document() -> None:
    assert {"ask", "chat", "doctor", "ingest", "search", "serve"} <= set(COMMANDS)
    assert "/v1/chat" in ROUTES
    assert "PROSPECTUS_DATA_DIR" in SETTINGS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"prospectus {command}" in README


@pytest.mark.parametrize("route", [*ROUTES, "/docs"])
def test_every_route_is_documented(route: str) -> None:
    assert re.sub(r"{[a-z]+_id}", "{id}", route) in README


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_documented(setting: str) -> None:
    assert setting in README
