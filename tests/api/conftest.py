from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service


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
