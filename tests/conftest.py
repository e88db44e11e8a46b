"""What all tests share: no network, no settings from outside, the packaged model and the shipped corpus."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.embedding import Embedder, load_embedder
from ingest.pipeline import ingest

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
def minilm() -> Embedder:
    """The packaged embedding model, loaded once."""
    return load_embedder()


@pytest.fixture(scope="session")
def corpus_data(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with an index of the shipped corpus. Not to be written to."""
    data_dir = tmp_path_factory.mktemp("corpus-data")
    ingest([ROOT / "corpus"], data_dir, minilm)
    return data_dir
