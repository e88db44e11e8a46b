from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest import journal
from ingest.batches import PROGRESS_STEP
from ingest.errors import IndexDamaged
from ingest.generations import current_folder, current_generation, verify
from ingest.journal import Journal
from ingest.pipeline import ingest

ONE, TWO, THREE = (hashlib.sha256(text).hexdigest() for text in (b"one", b"two", b"three"))
HEADER = len(b'{"format": 1, "fingerprint": "f1", "dimensions": 2}\n')
# Number of texts, key, two numbers of four bytes each, checksum.
RECORD = 4 + 32 + 8 + 16


def rows(*numbers: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(numbers, dtype=np.float32)


def found(root: Path, fingerprint: str = "f1", dimensions: int = 2) -> dict[str, list[float]]:
    opened = Journal(root, fingerprint, dimensions)
    return {key: vector.tolist() for key, vector in opened.vectors.items()}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The journal of a process that ended after its second batch."""
    opened = Journal(tmp_path, "f1", 2)
    opened.append([ONE], rows((1, 0)))
    opened.append([TWO], rows((0.6, 0.8)))
    return tmp_path / "vectors.journal"


def test_what_was_appended_is_found_by_the_next(written: Path) -> None:
    assert written.stat().st_size == HEADER + 2 * RECORD
    assert found(written.parent) == {ONE: [1, 0], TWO: pytest.approx([0.6, 0.8])}


def test_the_next_appends_after_it(written: Path) -> None:
    Journal(written.parent, "f1", 2).append([THREE], rows((0, 1)))
    assert set(found(written.parent)) == {ONE, TWO, THREE}


def test_there_is_no_file_before_the_first_batch_and_none_after_discarding(tmp_path: Path) -> None:
    opened = Journal(tmp_path, "f1", 2)
    assert (opened.vectors, list(tmp_path.iterdir())) == ({}, [])
    opened.append([ONE], rows((1, 0)))
    journal.discard(tmp_path)
    journal.discard(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", range(1, RECORD + 1))
def test_a_batch_that_is_not_whole_is_as_if_it_were_not_there(written: Path, cut: int) -> None:
    os.truncate(written, HEADER + 2 * RECORD - cut)
    assert found(written.parent) == {ONE: [1, 0]}
    Journal(written.parent, "f1", 2).append([THREE], rows((0, 1)))
    assert found(written.parent) == {ONE: [1, 0], THREE: [0, 1]}
    assert written.stat().st_size == HEADER + 2 * RECORD


@pytest.mark.parametrize("at", [0, 3, 4, 20, 36, 43, 44, 59])
def test_an_altered_batch_and_what_follows_it_are_not_used(written: Path, at: int) -> None:
    content = bytearray(written.read_bytes())
    content[HEADER + at] ^= 0x10
    written.write_bytes(content)
    assert found(written.parent) == {}


@pytest.mark.parametrize(("fingerprint", "dimensions"), [("f2", 2), ("f1", 3), ("f1", 1)])
def test_vectors_of_another_model_are_not_used(written: Path, fingerprint: str, dimensions: int) -> None:
    other = Journal(written.parent, fingerprint, dimensions)
    assert other.vectors == {}
    other.append([THREE], np.ones((1, dimensions), dtype=np.float32))
    assert set(found(written.parent, fingerprint, dimensions)) == {THREE}
    assert found(written.parent) == {}


@pytest.mark.parametrize("content", [b"", b"\n", b"\x00" * 100_000, b"{" * 100_000])
def test_a_file_that_is_no_journal_is_written_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vectors.journal").write_bytes(content)
    opened = Journal(tmp_path, "f1", 2)
    assert opened.vectors == {}
    opened.append([ONE], rows((1, 0)))
    assert found(tmp_path) == {ONE: [1, 0]}


def test_vectors_of_another_shape_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"1 vectors of 2 dimensions .* \(1, 3\)"):
        Journal(tmp_path, "f1", 2).append([ONE], np.ones((1, 3), dtype=np.float32))


# Interrupted ingests


class Interrupted:
    """An embedder whose second batch is interrupted by Ctrl-C; each text has the vector of its own."""

    name, dimensions, fingerprint, runtime = "hashes", 8, "h", "a test"

    def __init__(self, batches: int) -> None:
        self.left = batches
        self.texts: list[str] = []

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        self.texts += texts
        if on_progress is not None:
            on_progress(len(texts))
        bits = np.frombuffer(b"".join(hashlib.sha256(each.encode()).digest()[:8] for each in texts), np.uint8)
        vectors = bits.reshape(len(texts), 8).astype(np.float32) - 127.5
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def many_pages(tmp_path: Path) -> Path:
    """More texts than two batches hold."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(PROGRESS_STEP):
        text = f"# Programme {number}\n\nProgramme {number} costs {1000 + number} EUR per year.\n"
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    return folder


def test_an_ingest_that_is_interrupted_goes_on_where_it_was(many_pages: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Interrupted(batches=1)
    with pytest.raises(KeyboardInterrupt):
        ingest([many_pages], data, first)
    assert len(first.texts) == PROGRESS_STEP
    assert current_generation(data) is None
    assert sorted(path.name for path in (data / "index").iterdir()) == ["vectors.journal", "writer.lock"]

    steps: list[tuple[int, int]] = []
    second = Interrupted(batches=-1)
    report = ingest(
        [many_pages],
        data,
        second,
        on_progress=lambda stage, done, total: steps.append((done, total)) if stage == "embedding" else None,
    )

    assert report.reused >= PROGRESS_STEP
    left = len(set(second.texts) - set(first.texts))
    assert steps[-1] == (left, left)
    sampled = second.texts[left:]  # for the check, which embeds some passages anew
    assert not set(second.texts[:left]) & set(first.texts)
    assert len(sampled) <= 16
    assert not (data / "index" / "vectors.journal").exists()
    clean = Interrupted(batches=-1)
    ingest([many_pages], tmp_path / "clean", clean)
    assert hashes(data) == hashes(tmp_path / "clean")


def hashes(data: Path) -> dict[str, str]:
    files = verify(current_folder(data)).files
    return {name: digest for name, digest in files.items() if not name.startswith("chroma/")}


def test_a_check_that_takes_too_long_costs_no_vectors_and_an_unchanged_corpus_leaves_no_journal(
    ingested: Path, bag_of_words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ingested.parent / "pages" / "visa.md"
    ingest([page.parent], ingested, bag_of_words)  # the index names files, and these have moved
    page.write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")
    monkeypatch.setattr("ingest.building.CHECK_TIMEOUT", 0.01)
    with pytest.raises(IndexDamaged, match="took more than"):
        ingest([page.parent], ingested, bag_of_words)
    monkeypatch.undo()
    assert (ingested / "index" / "vectors.journal").exists()
    page.unlink()

    assert not ingest([page.parent], ingested, bag_of_words).changed

    assert not (ingested / "index" / "vectors.journal").exists()


def test_vectors_that_fail_their_check_are_not_kept_for_the_next_time(
    ingested: Path, tmp_path: Path, bag_of_words: Any
) -> None:
    class Drifting(Interrupted):
        """Never gives the same vector twice."""

        def embed(
            self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
        ) -> NDArray[np.float32]:
            return super().embed([f"{self.left} {text}" for text in texts], on_progress=on_progress)

    with pytest.raises(IndexDamaged, match=r"failed its check: .*Chroma finds passage"):
        ingest([ingested.parent / "pages"], ingested, Drifting(batches=-1))
    assert not (ingested / "index" / "vectors.journal").exists()
