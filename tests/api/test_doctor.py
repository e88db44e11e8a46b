from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from api_fakes import FakeBackend

from api.doctor import Check, examine
from api.settings import Settings
from ingest.errors import EmbeddingModelError, IndexMismatch
from ingest.generations import FORMAT_VERSION, Manifest, Refusal, publish, seal, staging, writing


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


def test_an_earlier_index_that_answers_in_need_is_told(backend: FakeBackend, tmp_path: Path) -> None:
    backend.refusal = Refusal("g2", "The index in g2 is damaged: units.npy was altered.")

    found = checks(backend, tmp_path)["index"]

    assert not found.is_ok
    assert "units.npy was altered" in found.found
    assert "generation g1" in found.found
    assert found.remedy == "Run `prospectus ingest`."


def publish_one(data_dir: Path, text: str) -> str:
    manifest = Manifest(FORMAT_VERSION, datetime(2026, 11, 22, tzinfo=UTC), "m", "f", 2, {}, {}, 1, 1, 1)
    with writing(data_dir) as root, staging(root) as folder:
        (folder / "built").mkdir()
        (folder / "built" / "documents.jsonl").write_text(text, encoding="utf-8")
        seal(folder / "built", manifest)
        return publish(data_dir, folder / "built")


def test_the_index_that_can_be_gone_back_to_is_checked_too(backend: FakeBackend, tmp_path: Path) -> None:
    older = publish_one(tmp_path, "a")
    assert "index before" not in checks(backend, tmp_path)
    publish_one(tmp_path, "b")
    assert checks(backend, tmp_path)["index before"] == Check(
        "index before", f"generation {older} can be gone back to"
    )

    (tmp_path / "index" / older / "documents.jsonl").write_text("c", encoding="utf-8")

    found = checks(backend, tmp_path)["index before"]
    assert "documents.jsonl was altered" in found.found
    assert not found.is_ok
