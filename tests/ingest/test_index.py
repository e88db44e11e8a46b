from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.checking import main
from ingest.chroma import ChromaVectors
from ingest.embedding import Embedder
from ingest.errors import IndexDamaged, IndexMismatch, IndexMissing, IndexUnusable
from ingest.generations import PASSAGE_VECTORS, content_digest, current_folder, current_generation
from ingest.index import Index, open_current
from ingest.pipeline import ingest


@pytest.fixture
def index(ingested: Path, bag_of_words: Embedder) -> Iterator[Index]:
    opened = open_current(ingested, embedder=bag_of_words)
    yield opened
    opened.close()


def test_an_open_index_says_which_generation_it_is_and_what_it_holds(index: Index, ingested: Path) -> None:
    assert index.generation == current_generation(ingested)
    assert set(index.documents) == {"fees", "housing"}
    assert index.manifest.passages == len(index.passages) == len(index.passage_vectors)
    assert index.manifest.units == len(index.units) > 0


def test_chroma_keeps_vectors_and_nothing_to_filter_by(ingested: Path) -> None:
    # A filter scans its table: at 20,000 passages that takes 76 ms where a search takes 3.5.
    folder = current_folder(ingested)
    dense = ChromaVectors.open(folder / "chroma", np.load(folder / PASSAGE_VECTORS))
    kept = dense._collection.get(include=["metadatas", "documents"])
    dense.close()
    assert len(kept["ids"]) == dense.count > 0
    assert kept["metadatas"] == kept["documents"] == [None] * dense.count


def test_offsets_reproduce_the_text(index: Index) -> None:
    for passage in index.passages:
        assert index.documents[passage.document_id].text[passage.start : passage.end] == passage.text


def test_a_passage_is_found_by_what_it_says(index: Index, bag_of_words: Embedder) -> None:
    hits = index.dense(bag_of_words.embed(["rooms in the city cost per month"])[0], 10)
    assert "600 EUR per month" in index.passages[hits[0][0]].text
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    assert {position for position, _ in hits} == set(range(len(index.passages)))


def test_dense_scores_are_cosines(index: Index, bag_of_words: Embedder) -> None:
    vector = bag_of_words.embed(["deposit for a room"])[0]
    for position, score in index.dense(vector, 3):
        assert score == pytest.approx(float(index.passage_vectors[position] @ vector), abs=1e-5)


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_below_one_finds_nothing(index: Index, limit: int) -> None:
    assert index.dense(index.passage_vectors[0], limit) == []


def test_a_vector_of_another_length_is_refused_with_both_lengths(index: Index) -> None:
    with pytest.raises(ValueError, match=r"\(3,\).*64"):
        index.dense(np.ones(3, dtype=np.float32), 1)


def test_words_find_what_they_stand_in(index: Index) -> None:
    (best, score), *_ = index.lexical("landlords", 5)
    assert "landlord" in index.passages[best].text
    assert score > 0
    assert index.lexical("zyzzyva", 5) == []


def test_units_are_those_that_overlap_the_passage(index: Index) -> None:
    for position, passage in enumerate(index.passages):
        assert list(index.units_in(position)) == [
            number
            for number, unit in enumerate(index.units)
            if unit.document_id == passage.document_id
            and unit.start < passage.end
            and passage.start < unit.end
        ]
    assert any(index.units_in(position) for position in range(len(index.passages)))


def test_of_equal_vectors_the_first_comes_first_whatever_the_limit(
    tmp_path: Path, bag_of_words: Embedder
) -> None:
    (tmp_path / "page.txt").write_text("a " * 20_000, encoding="utf-8")
    ingest([tmp_path / "page.txt"], tmp_path / "data", bag_of_words)
    opened = open_current(tmp_path / "data", embedder=bag_of_words)
    try:
        every = [position for position, _ in opened.dense(opened.passage_vectors[0], 100)]
        assert every == list(range(len(opened.passages)))
        for limit in range(1, len(every) + 1):
            assert [each for each, _ in opened.dense(opened.passage_vectors[0], limit)] == every[:limit]
    finally:
        opened.close()


def test_chroma_agrees_with_an_exact_scan(tmp_path: Path) -> None:
    generator = np.random.default_rng(7)
    vectors = generator.standard_normal((2000, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    done: list[int] = []
    ChromaVectors.build(tmp_path / "chroma", vectors, on_progress=done.append)
    dense = ChromaVectors.open(tmp_path / "chroma", vectors)
    try:
        assert sum(done) == dense.count == 2000
        found = 0
        for query in vectors[::100]:
            exact = np.argsort(-(vectors @ query))[:20]
            found += len({position for position, _ in dense.nearest(query, 20)} & set(exact.tolist()))
        assert found >= 0.99 * 20 * 20
        assert len(dense.nearest(vectors[0], 5000)) == 2000
    finally:
        dense.close()


def test_equal_vectors_are_kept_once_and_found_in_order_of_position(tmp_path: Path) -> None:
    vectors = np.eye(4, dtype=np.float32)[[0, 1, 0, 1, 0]]
    done: list[int] = []
    ChromaVectors.build(tmp_path / "chroma", vectors, on_progress=done.append)
    dense = ChromaVectors.open(tmp_path / "chroma", vectors)
    try:
        assert (sum(done), dense.count, dense.is_complete) == (5, 2, True)
        assert [position for position, _ in dense.nearest(vectors[0], 5)] == [0, 2, 4, 1, 3]
        assert [position for position, _ in dense.nearest(vectors[0], 2)] == [0, 2]
        assert [position for position, _ in dense.nearest(vectors[1], 3)] == [1, 3, 0]
    finally:
        dense.close()


def test_a_collection_of_fewer_vectors_than_there_are_is_not_complete(tmp_path: Path) -> None:
    vectors = np.eye(4, dtype=np.float32)
    ChromaVectors.build(tmp_path / "chroma", vectors[:3])
    dense = ChromaVectors.open(tmp_path / "chroma", vectors)
    assert not dense.is_complete
    dense.close()


def test_of_a_line_that_goes_on_and_on_each_passage_is_found(tmp_path: Path, bag_of_words: Embedder) -> None:
    (tmp_path / "page.txt").write_text("a " * 20_000, encoding="utf-8")
    report = ingest([tmp_path / "page.txt"], tmp_path / "data", bag_of_words)
    opened = open_current(tmp_path / "data", embedder=bag_of_words)
    found = opened.dense(opened.passage_vectors[-1], report.passages)
    folder = current_folder(tmp_path / "data")
    in_chroma = ChromaVectors.open(folder / "chroma", opened.passage_vectors)
    in_chroma.close()
    opened.close()
    assert sorted(position for position, _ in found) == list(range(report.passages))
    assert in_chroma.count <= 2 < report.passages


@pytest.mark.parametrize("count", [1, 3])
def test_opening_and_asking_changes_none_of_the_files_of_an_index(tmp_path: Path, count: int) -> None:
    vectors = np.eye(4, dtype=np.float32)[:count]
    ChromaVectors.build(tmp_path / "chroma", vectors)

    def digests() -> dict[Path, str]:
        """Of every byte, and without what SQLite puts beside a database that it writes to."""
        return {path: content_digest(path) for path in (tmp_path / "chroma").rglob("*") if path.is_file()}

    before = digests()
    for _ in range(2):
        dense = ChromaVectors.open(tmp_path / "chroma", vectors)
        assert dense.nearest(np.eye(4, dtype=np.float32)[0], 1) == [(0, pytest.approx(1.0))]
        dense.close()
        assert digests() == before


def test_an_index_that_is_no_longer_used_holds_no_file_open(ingested: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are listed in /proc on Linux only")
    opened = open_current(ingested, embedder=None)
    opened.dense(opened.passage_vectors[0], 1)
    assert any(str(ingested) in name for name in open_files())
    opened.close()
    del opened
    gc.collect()
    assert [name for name in open_files() if str(ingested) in name] == []


def open_files() -> list[str]:
    return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def test_the_same_generation_can_be_open_twice(ingested: Path) -> None:
    one, two = open_current(ingested, embedder=None), open_current(ingested, embedder=None)
    one.close()
    assert two.dense(two.passage_vectors[1], 1)[0][0] == 1
    two.close()


def test_an_open_index_answers_after_its_folder_is_gone(ingested: Path) -> None:
    opened = open_current(ingested, embedder=None)
    shutil.rmtree(current_folder(ingested))
    assert opened.dense(opened.passage_vectors[0], 2)[0][0] == 0
    assert opened.lexical("landlord", 1)
    opened.close()


def test_another_model_is_named_beside_the_one_of_the_index(ingested: Path, other_model: Embedder) -> None:
    with pytest.raises(IndexMismatch) as caught:
        open_current(ingested, embedder=other_model)
    assert str(caught.value) == (
        f"The index in {ingested} was built with 'bag-of-words' (64 dimensions) but the settings name "
        "'bge-m3' (128). Run `prospectus ingest` to rebuild it."
    )


def test_other_weights_under_the_same_name_are_noticed(ingested: Path, bag_of_words: Any) -> None:
    bag_of_words.fingerprint = "f2"
    with pytest.raises(
        IndexMismatch, match=r"other weights of 'bag-of-words' \(f1\) than the present ones \(f2\)"
    ):
        open_current(ingested, embedder=bag_of_words)


def test_an_empty_data_directory_has_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="Run `prospectus ingest` to build one"):
        open_current(tmp_path, embedder=None)


FILES = [
    "current",
    "manifest.json",
    "documents.jsonl",
    "passages.jsonl",
    "units.jsonl",
    "keys.json",
    "passages.npy",
    "units.npy",
    "lexical/terms/vocabulary.json",
    "lexical/terms/starts.npy",
    "lexical/terms/texts.npy",
    "lexical/terms/weights.npy",
    "lexical/grams/vocabulary.json",
    "chroma/chroma.sqlite3",
    "chroma/*/data_level0.bin",
    "chroma/*/header.bin",
    "chroma/*/length.bin",
    "chroma/*/index_metadata.pickle",
]


def file_of(data_dir: Path, name: str) -> Path:
    (path,) = (data_dir / "index" if name == "current" else current_folder(data_dir)).glob(name)
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_noticed(ingested: Path, name: str) -> None:
    path = file_of(ingested, name)
    path.unlink()
    with pytest.raises(IndexUnusable, match=r"Run `prospectus ingest`") as caught:
        open_current(ingested, embedder=None)
    assert isinstance(caught.value, IndexDamaged)
    assert name == "current" or path.name in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize("name", FILES)
def test_an_altered_file_is_noticed(ingested: Path, name: str) -> None:
    path = file_of(ingested, name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"Run `prospectus ingest` to repair it"):
        open_current(ingested, embedder=None)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM embeddings WHERE embedding_id = '1'",
        "UPDATE embeddings SET embedding_id = '9' WHERE embedding_id = '1'",
        "DELETE FROM collections",
        "DROP TABLE segments",
    ],
)
def test_an_altered_row_of_the_database_is_noticed(ingested: Path, statement: str) -> None:
    with closing(sqlite3.connect(file_of(ingested, "chroma/chroma.sqlite3"))) as connection:
        connection.execute(statement)
        connection.commit()
    with pytest.raises(IndexDamaged, match=r"chroma\.sqlite3 was altered"):
        open_current(ingested, embedder=None)


@pytest.mark.parametrize("name", ["chroma/chroma.sqlite3", "chroma/*/data_level0.bin", "units.npy"])
def test_a_truncated_file_is_noticed(ingested: Path, name: str) -> None:
    path = file_of(ingested, name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IndexDamaged, match=path.name):
        open_current(ingested, embedder=None)


def test_a_missing_vector_folder_is_noticed(ingested: Path) -> None:
    shutil.rmtree(file_of(ingested, "chroma/*/data_level0.bin").parent)
    with pytest.raises(IndexDamaged, match="is missing"):
        open_current(ingested, embedder=None)


def test_the_check_passes_for_what_was_ingested_and_fails_for_other_vectors(
    ingested: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vectors = np.load(current_folder(ingested) / "passages.npy")
    positions = np.arange(len(vectors))
    np.savez(tmp_path / "right.npz", positions=positions, vectors=vectors)
    assert main([str(current_folder(ingested)), str(tmp_path / "right.npz")]) == 0
    assert capsys.readouterr() == ("", "")
    np.savez(tmp_path / "wrong.npz", positions=positions, vectors=vectors[::-1])
    assert main([str(current_folder(ingested)), str(tmp_path / "wrong.npz")]) == 1
    assert "by the text of passage 0" in capsys.readouterr().err


def test_the_check_ends_when_the_process_is_gone_that_wanted_to_know(ingested: Path, tmp_path: Path) -> None:
    sample = tmp_path / "sample.npz"
    os.mkfifo(sample)  # whoever opens it waits, here for ever
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-m", "ingest.checking", current_folder(ingested), sample],
        env=environment,
        stdin=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(timeout=5)
        child.stdin.close()
        try:
            assert child.wait(timeout=60) == 1
        finally:
            child.kill()


def test_an_index_can_be_opened_while_the_same_one_is_closed_elsewhere(ingested: Path) -> None:
    """As when a server goes back and forth: numpy cannot read the heads of two arrays at once."""

    def open_and_close() -> None:
        for _ in range(15):
            opened = open_current(ingested, embedder=None)
            assert opened.dense(opened.passage_vectors[0], 1)[0][0] == 0
            opened.close()

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(open_and_close) for _ in range(4)]:
            each.result(60)
