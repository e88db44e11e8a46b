from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import postgresql_server
import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from api.storage.database import Database, open_database


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def service(backend: FakeBackend) -> Service:
    service = Service(backend)
    service.open()
    return service


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, watch_seconds=0.01), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Handlers and levels are put back after a test that configures the log."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("api", "assistant", "ingest", "uvicorn")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.PostgresqlServer]:
    folder = postgresql_server.programs()
    if folder is None:
        pytest.skip(f"PostgreSQL is not installed in {postgresql_server.PACKAGES}")
    with postgresql_server.running(folder) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None for a file in the data directory, or the URL of an empty PostgreSQL database."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgresql").new_database()
    return url


@pytest.fixture
def database(database_url: str | None, tmp_path: Path) -> Iterator[Database]:
    """An empty database of either kind."""
    database = open_database(tmp_path / "data", database_url)
    yield database
    database.close()
