"""The server on a real index that is damaged, from the start of the server to the ingest that mends it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from bag_of_words import BagOfWords
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.backend import LocalBackend
from api.command_line import app
from api.service import Service
from api.settings import Settings
from ingest.generations import current_folder, current_generation, rollback

LightBackend = partial(LocalBackend, embedder=BagOfWords())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a site whose fee was 18,690 and is 19,000 since the last ingest."""
    settings = Settings(data_dir=tmp_path / "data", corpus=tmp_path / "pages")
    settings.corpus.mkdir()
    for fee in ("18,690", "19,000"):
        text = f"# Fees\n\n## Tuition\n\nThe tuition fee is {fee} EUR per year for all students.\n"
        (settings.corpus / "fees.md").write_text(text, encoding="utf-8")
        LightBackend(settings).ingest([settings.corpus])
    return settings


def fee_told_by(client: TestClient) -> str:
    hits = client.post("/v1/search", json={"query": "tuition fee per year"}).json()["hits"]
    found = re.search(r"\d\d,\d{3}", hits[0]["text"])
    assert found is not None
    return found[0]


def damage(settings: Settings) -> None:
    path = current_folder(settings.data_dir) / "chroma" / "chroma.sqlite3"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_from_damage_to_repair_the_server_answers_and_says_how_it_is(settings: Settings) -> None:
    damaged = current_generation(settings.data_dir)
    damage(settings)
    backend = LightBackend(settings)
    service = Service(backend)
    service.open()
    with TestClient(create_app(service, watch_seconds=3600)) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert f"{damaged} is damaged: chroma/chroma.sqlite3 was altered" in ready.json()["degraded"]
        assert fee_told_by(client) == "18,690"
        assert "prospectus_degraded 1.0" in client.get("/metrics").text

        backend.ingest([settings.corpus])
        assert service.refresh()

        assert set(client.get("/readyz").json()) == {"status", "generation"}
        assert fee_told_by(client) == "19,000"
        assert "prospectus_degraded 0.0" in client.get("/metrics").text


def test_a_rollback_reaches_a_running_server(settings: Settings) -> None:
    service = Service(LightBackend(settings))
    service.open()
    with TestClient(create_app(service, watch_seconds=3600)) as client:
        assert fee_told_by(client) == "19,000"
        for fee in ("18,690", "19,000"):
            rollback(settings.data_dir)
            assert service.refresh()
            assert fee_told_by(client) == fee
            assert "degraded" not in client.get("/readyz").json()


def test_commands_answer_from_the_earlier_index_and_warn(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSPECTUS_DATA_DIR", str(settings.data_dir))
    damage(settings)

    result = CliRunner().invoke(app, ["search", "tuition fee per year"], obj=LightBackend)

    assert result.exit_code == 0
    assert "18,690" in result.stdout
    assert re.search(r"^warning: The index .* is damaged: .*an earlier index answers\.$", result.stderr, re.M)
