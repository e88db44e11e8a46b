"""Models in the data directory: what is run from there, what is noticed, and what takes its place."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest import embedding, prepared_models
from ingest.data_directory import models_folder
from ingest.embedding import Embedder, load_embedder
from ingest.onnx_export import SAMPLE, least_cosine
from ingest.packaged_model import DEFAULT_MODEL, PACKAGED_SHA256, packaged_folder
from ingest.prepared_models import prepare, prepared_embedder, source_of
from ingest.reference_model import load_reference

QUESTIONS = Path(__file__).parents[1] / "questions"
FOLDER = PACKAGED_SHA256[:16]


@pytest.fixture
def data_dir(prepared_data: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own that holds the prepared model."""
    shutil.copytree(models_folder(prepared_data), models_folder(tmp_path))
    return tmp_path


class Exporter:
    """Takes the place of the child process that exports: a copy of what that made, or a failure."""

    def __init__(self, made: Path, *, status: int = 0, says: str = "") -> None:
        self.runs = 0
        self._made, self._status, self._says = made, status, says

    def __call__(self, command: Sequence[Any], **_: object) -> subprocess.CompletedProcess[str]:
        self.runs += 1
        if self._status == 0:
            shutil.copytree(self._made, command[-1], dirs_exist_ok=True)
        return subprocess.CompletedProcess(command, self._status, "", self._says)


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch, prepared_data: Path) -> Exporter:
    exporter = Exporter(models_folder(prepared_data) / FOLDER)
    monkeypatch.setattr(prepared_models.subprocess, "run", exporter)
    return exporter


def failing(monkeypatch: pytest.MonkeyPatch, status: int, says: str) -> Exporter:
    exporter = Exporter(Path(), status=status, says=says)
    monkeypatch.setattr(prepared_models.subprocess, "run", exporter)
    return exporter


def texts() -> list[str]:
    turns = [
        turn
        for file in sorted(QUESTIONS.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        for turn in json.loads(line)["turns"]
    ]
    return list(dict.fromkeys(turns))[:1000]


def test_a_thousand_texts_have_the_vectors_that_sentence_transformers_gives_them(minilm: Embedder) -> None:
    asked = texts()
    assert len(asked) == 1000
    assert minilm.runtime == "ONNX Runtime, float32"
    cosines = (minilm.embed(asked) * load_reference().embed(asked)).sum(axis=1)
    assert cosines.min() >= 0.9999


def test_a_prepared_model_is_run_by_onnx_runtime(data_dir: Path) -> None:
    found = load_embedder("sentence-transformers/all-MiniLM-L6-v2", data_dir)
    assert found.runtime == "ONNX Runtime, float32"
    assert (found.name, found.dimensions, found.fingerprint) == (DEFAULT_MODEL, 384, PACKAGED_SHA256)


def test_the_sample_tells_another_model(minilm: Embedder) -> None:
    class Blurred:
        def embed(self, asked: Sequence[str]) -> Any:
            made = minilm.embed(asked) + 0.001
            return made / np.linalg.norm(made, axis=1, keepdims=True)

    assert least_cosine(minilm.embed(SAMPLE), minilm) > 0.99999
    assert least_cosine(minilm.embed(SAMPLE), Blurred()) < 0.9999


def test_what_is_prepared_is_not_prepared_again(data_dir: Path, exporter: Exporter) -> None:
    prepare(DEFAULT_MODEL, data_dir)
    assert exporter.runs == 0


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [Path.unlink, change, halve])
@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "model.weights", "tokenizer.json"])
def test_a_damaged_model_is_named_once_replaced_and_mended(
    data_dir: Path,
    exporter: Exporter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    damage: Any,
) -> None:
    damage(models_folder(data_dir) / FOLDER / name)
    monkeypatch.setattr(embedding, "load_reference", lambda name: f"sentence-transformers on {name}")
    assert load_embedder(DEFAULT_MODEL, data_dir) == f"sentence-transformers on {DEFAULT_MODEL}"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert name in record.getMessage()
    assert "prospectus ingest" in record.getMessage()

    prepare(DEFAULT_MODEL, data_dir)
    assert exporter.runs == 1
    assert prepared_embedder(DEFAULT_MODEL, data_dir) is not None
    assert [each.name for each in models_folder(data_dir).iterdir()] == [FOLDER]


def test_a_model_that_is_not_prepared_is_run_by_sentence_transformers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedding, "load_reference", lambda name: "the reference")
    caplog.set_level(logging.INFO)
    assert load_embedder(DEFAULT_MODEL, tmp_path) == "the reference"
    assert ["not prepared" in each.getMessage() for each in caplog.records] == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_exported_is_not_tried_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = failing(monkeypatch, 1, "W: noise\nUnsupported: an operation\n")
    prepare(DEFAULT_MODEL, tmp_path)
    prepare(DEFAULT_MODEL, tmp_path)
    assert exporter.runs == 1
    (record,) = caplog.records
    assert "Unsupported: an operation. sentence-transformers runs it." in record.getMessage()
    assert prepared_embedder(DEFAULT_MODEL, tmp_path) is None

    monkeypatch.setattr(prepared_models, "versions", lambda: {"torch": "99"})
    prepare(DEFAULT_MODEL, tmp_path)
    assert exporter.runs == 2


def test_an_exporter_that_crashes_leaves_nothing_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = failing(monkeypatch, -11, "")
    prepare(DEFAULT_MODEL, tmp_path)
    prepare(DEFAULT_MODEL, tmp_path)
    assert exporter.runs == 2
    assert "status -11" in caplog.records[0].getMessage()
    assert list(models_folder(tmp_path).iterdir()) == []


def test_what_a_killed_exporter_left_is_removed(tmp_path: Path, exporter: Exporter) -> None:
    left = models_folder(tmp_path) / "staging-x" / "model"
    left.mkdir(parents=True)
    (left / "model.weights").write_bytes(b"half")
    prepare(DEFAULT_MODEL, tmp_path)
    assert [each.name for each in models_folder(tmp_path).iterdir()] == [FOLDER]


def test_a_folder_that_cannot_be_written_is_no_failure(
    tmp_path: Path, exporter: Exporter, caplog: pytest.LogCaptureFixture
) -> None:
    models_folder(tmp_path).touch()
    prepare(DEFAULT_MODEL, tmp_path)
    assert len(caplog.records) == 1
    assert exporter.runs == 0


def test_preparing_is_reported_where_it_takes_place(tmp_path: Path, exporter: Exporter) -> None:
    steps: list[tuple[str, int, int]] = []
    for _ in range(2):
        prepare(DEFAULT_MODEL, tmp_path, on_progress=lambda *step: steps.append(step))
    assert steps == [("preparing the model", 0, 1), ("preparing the model", 1, 1)]


def test_a_model_in_a_folder_is_known_by_what_lies_in_it(tmp_path: Path) -> None:
    shutil.copytree(packaged_folder(), tmp_path / "one")
    shutil.copytree(packaged_folder(), tmp_path / "two")
    before = source_of(str(tmp_path / "one"))
    assert before is not None
    assert source_of(str(tmp_path / "two")) == before
    change(tmp_path / "two" / "model.safetensors")
    assert source_of(str(tmp_path / "two")) not in (None, before)
    assert source_of("no-such/model") is None


@pytest.mark.long
def test_a_model_in_a_folder_is_prepared_and_answers_with_its_own_fingerprint(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged_folder(), folder)
    change(folder / "model.safetensors")
    prepare(str(folder), tmp_path / "data")
    found, reference = load_embedder(str(folder), tmp_path / "data"), load_reference(str(folder))
    assert found.runtime == "ONNX Runtime, float32"
    assert found.fingerprint == reference.fingerprint != PACKAGED_SHA256
    assert (found.embed(SAMPLE) * reference.embed(SAMPLE)).sum(axis=1).min() >= 0.9999


@pytest.mark.long
def test_a_model_of_another_kind_stays_with_sentence_transformers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged_folder(), folder)
    config = json.loads((folder / "config_sentence_transformers.json").read_text())
    config |= {"prompts": {"query": "a prompt that changes every vector: "}, "default_prompt_name": "query"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config))
    prepare(str(folder), tmp_path / "data")
    assert "differs from it" in caplog.records[0].getMessage()
    assert load_embedder(str(folder), tmp_path / "data").runtime == "sentence-transformers, float32"
