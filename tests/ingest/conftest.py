"""A small real corpus and a small real embedder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bag_of_words import BagOfWords

from ingest.pipeline import ingest


def page(title: str, *sections: tuple[str, str]) -> str:
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections)
    return f"---\ntitle: {title}\n---\n\n# {title}\n\n{body}\n"


FEES = page(
    "Fees",
    (
        "Tuition",
        "Tuition for international students is 18,690 EUR per year. For EU citizens it is 2,060 EUR.",
    ),
    ("Refunds", "Half of the tuition is paid back to students who leave before the first of February."),
)
HOUSING = page(
    "Housing",
    ("Rooms", "Rooms in the city cost some 600 EUR per month. The university lets rooms to new students."),
    ("Deposits", "A landlord may ask for a deposit of two rents. It is paid back after the inspection."),
)


@pytest.fixture
def bag_of_words() -> BagOfWords:
    return BagOfWords()


@pytest.fixture
def other_model() -> BagOfWords:
    return BagOfWords("bge-m3", dimensions=128, fingerprint="f2")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "fees.md").write_text(FEES, encoding="utf-8")
    (folder / "housing.md").write_text(HOUSING, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def _ingested_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ingested")
    (folder / "pages").mkdir()
    (folder / "pages" / "fees.md").write_text(FEES, encoding="utf-8")
    (folder / "pages" / "housing.md").write_text(HOUSING, encoding="utf-8")
    ingest([folder / "pages"], folder / "data", BagOfWords())
    return folder


@pytest.fixture
def ingested(_ingested_once: Path, tmp_path: Path) -> Path:
    """A data directory that holds an index of the pages in ``pages`` beside it; the test's own copy."""
    shutil.copytree(_ingested_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "data"


@pytest.fixture(scope="session")
def _ingested_twice(_ingested_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twice") / "site"
    shutil.copytree(_ingested_once, folder)
    fees = folder / "pages" / "fees.md"
    fees.write_text(FEES.replace("18,690", "19,000"), encoding="utf-8")
    ingest([folder / "pages"], folder / "data", BagOfWords())
    return folder


@pytest.fixture
def ingested_twice(_ingested_twice: Path, tmp_path: Path) -> Path:
    """As ``ingested``, with two generations: where the current one says 19,000, the other has 18,690."""
    shutil.copytree(_ingested_twice, tmp_path, dirs_exist_ok=True)
    return tmp_path / "data"
