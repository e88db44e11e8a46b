"""What all tests share: no network, no settings from outside, the packaged model and the shipped corpus."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from assistant.readings import Annotator
from ingest.data_directory import models_folder
from ingest.embedding import Embedder, load_embedder
from ingest.packaged_model import DEFAULT_MODEL
from ingest.pipeline import ingest
from ingest.prepared_models import prepare

ROOT = Path(__file__).parents[1]
SHARED = "PROSPECTUS_SHARED"
FOR_TESTS = {SHARED, "PROSPECTUS_REQUIRE_BROWSER"}
"""What speaks to the tests themselves; tests/browser/conftest.py reads the second."""


def pytest_configure() -> None:
    # Before anything is imported that reads it: no test may fetch a model.
    os.environ["HF_HUB_OFFLINE"] = "1"
    # torch's threads wait for one another by spinning, which on a machine that does other work as well makes
    # a reply take 700 ms instead of 45 (two cores, load 5). Read when torch is first imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for name in [each for each in os.environ if each.startswith("PROSPECTUS_") and each not in FOR_TESTS]:
        del os.environ[name]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of texts and data that are measured with and not part of the project; skips where absent."""
    folder = Path(os.environ.get(SHARED) or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"there is no folder {folder}; {SHARED} names another")
    return folder


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the packaged model is prepared for ONNX Runtime. Not to be written to."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # which the workers share: it takes a while
    with FileLock(folder / "prepared.lock"):
        prepare(DEFAULT_MODEL, folder / "prepared")
    return folder / "prepared"


@pytest.fixture(scope="session")
def minilm(prepared_data: Path) -> Embedder:
    """The packaged embedding model as it answers questions, loaded once."""
    return load_embedder(data_dir=prepared_data)


@pytest.fixture(scope="session")
def corpus_data(minilm: Embedder, prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an index of the shipped corpus and the prepared model. Not to be written to."""
    data_dir = tmp_path_factory.mktemp("corpus-data")
    models_folder(data_dir).symlink_to(models_folder(prepared_data))
    ingest([ROOT / "corpus"], data_dir, minilm, annotator=Annotator())
    return data_dir
