from __future__ import annotations

from pathlib import Path

import pytest
from api_fakes import FakeBackend

from api.doctor import Check, examine
from api.settings import Settings
from ingest.errors import EmbeddingModelError, IndexMismatch


def checks(backend: FakeBackend, data_dir: Path) -> dict[str, Check]:
    return {check.name: check for check in examine(Settings(data_dir=data_dir), backend)}


def test_a_healthy_installation_passes_every_check(backend: FakeBackend, tmp_path: Path) -> None:
    found = checks(backend, tmp_path)

    assert list(found) == [
        "Python",
        "packages",
        "data directory",
        "embedding model",
        "index",
        "retrieval",
    ]
    assert [name for name, check in found.items() if not check.is_ok and name != "packages"] == []
    assert "ffffffffffffffff" in found["embedding model"].found
    assert "g1" in found["index"].found
    assert backend.assistant.index.is_closed


def test_a_data_directory_that_is_not_there_yet_is_fine_and_not_made(
    backend: FakeBackend, tmp_path: Path
) -> None:
    assert checks(backend, tmp_path / "new" / "er")["data directory"].is_ok
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_is_a_file_is_found_out(backend: FakeBackend, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    found = checks(backend, tmp_path / "file")["data directory"]
    assert not found.is_ok
    assert "PROSPECTUS_DATA_DIR" in found.remedy


def test_an_index_of_another_model_is_found_out(backend: FakeBackend, tmp_path: Path) -> None:
    backend.opening_fails_with = IndexMismatch("built with 'a' (384) but the settings name 'b' (1024)")

    found = checks(backend, tmp_path)
    assert "'a' (384)" in found["index"].found
    assert "prospectus ingest" in found["index"].remedy
    assert "retrieval" not in found


def test_vectors_that_do_not_match_their_texts_are_found_out(backend: FakeBackend, tmp_path: Path) -> None:
    backend.cosine = 0.4

    assert not checks(backend, tmp_path)["retrieval"].is_ok


def test_a_model_that_does_not_load_is_found_out(
    backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithoutModel(FakeBackend):
        def embedder(self) -> None:  # type: ignore[override]
            raise EmbeddingModelError("model.safetensors has another hash")

    found = checks(WithoutModel(), tmp_path)
    assert found["embedding model"].found == "model.safetensors has another hash"
    assert not found["embedding model"].is_ok
    assert "index" not in found
