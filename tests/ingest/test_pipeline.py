from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.before import Cut
from ingest.building import Built, index_ready_made
from ingest.changes import Changes, FactChange, PageName
from ingest.documents import Document, Passage
from ingest.embedding import Embedder
from ingest.errors import (
    IndexDamaged,
    IndexLocked,
    IngestError,
    NoDocuments,
    TooManyDeletions,
    UnknownDocument,
)
from ingest.generations import current_folder, current_generation, writing
from ingest.index import open_current
from ingest.pipeline import IngestOptions, ingest, remove
from ingest.units import unit_search_text


def folders(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "index").iterdir() if path.is_dir())


def assert_serves(data_dir: Path, embedder: Any) -> None:
    index = open_current(data_dir, embedder=embedder)
    hits = index.dense(embedder.embed(["tuition for international students"])[0], 1)
    assert "18,690" in index.passages[hits[0][0]].text
    index.close()


def test_pages_become_an_index_and_the_report_says_so(
    corpus: Path, tmp_path: Path, bag_of_words: Any
) -> None:
    stages: dict[str, list[tuple[int, int]]] = {}
    report = ingest(
        [corpus],
        tmp_path / "data",
        bag_of_words,
        on_progress=lambda stage, done, total: stages.setdefault(stage, []).append((done, total)),
    )
    assert report.generation == current_generation(tmp_path / "data")
    assert (report.documents, report.reused, report.changed, report.unreadable) == (2, 0, True, ())
    index = open_current(tmp_path / "data", embedder=bag_of_words)
    assert (len(index.passages), len(index.units)) == (report.passages, report.units)
    for unit, vector in zip(index.units, index.unit_vectors(range(len(index.units))), strict=True):
        text = unit_search_text(index.documents[unit.document_id], unit)
        assert np.allclose(bag_of_words.embed([text])[0], vector, atol=1e-6)
    index.close()
    assert list(stages) == ["reading", "embedding", "writing", "checking"]
    for steps in stages.values():
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0
    assert folders(tmp_path / "data") == [report.generation]


def test_units_with_one_text_share_one_vector(tmp_path: Path, bag_of_words: Any) -> None:
    # The text behind a unit's vector has no title, so that pages of one kind share most of them.
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, months in (("physics", 24), ("chemistry", 24), ("law", 12)):
        text = (
            f"---\ntitle: {name}\n---\n\n# {name}\n\n## Facts\n\n- Duration: {months} months\n- Start: May\n"
        )
        (pages / f"{name}.md").write_text(text, encoding="utf-8")

    report = ingest([pages], tmp_path / "data", bag_of_words)

    index = open_current(tmp_path / "data", embedder=bag_of_words)
    texts = [unit_search_text(index.documents[unit.document_id], unit) for unit in index.units]
    vectors = index.unit_vectors(range(len(index.units)))
    index.close()
    assert report.units == 6
    assert texts.count("Facts. Start: May") == 3
    assert np.load(current_folder(tmp_path / "data") / "units.npy").shape == (3, 64)
    for text, vector in zip(texts, vectors, strict=True):
        assert np.allclose(bag_of_words.embed([text])[0], vector, atol=1e-6)


def test_no_units_have_no_vectors(ingested: Path, bag_of_words: Any) -> None:
    index = open_current(ingested, embedder=bag_of_words)
    assert index.unit_vectors([]).shape == (0, 64)
    index.close()


def cut(key: str, *texts: str) -> Cut:
    """A document that consists of ``texts``, each of which is a passage."""
    whole = "\n".join(texts)
    document = Document(key, f"Title of {key}", "", "", "en", whole)
    starts = [whole.index(text) for text in texts]
    passages = [
        Passage(f"{key}#{nth}", key, start, start + len(text), text)
        for nth, (start, text) in enumerate(zip(starts, texts, strict=True))
    ]
    return Cut(document, passages)


def test_passages_that_come_ready_made_are_indexed_as_they_are(tmp_path: Path, bag_of_words: Any) -> None:
    stages: list[str] = []

    built = index_ready_made(
        [cut("a", "One fee.", "Another fee."), cut("b", "")],
        tmp_path,
        bag_of_words,
        on_progress=lambda stage, done, total: stages.append(stage),
    )

    assert built == Built(str(current_generation(tmp_path)), reused=0, changed=True, embedded=3)
    assert list(dict.fromkeys(stages)) == ["embedding", "writing", "checking"]
    index = open_current(tmp_path, embedder=bag_of_words)
    assert [(passage.id, passage.text) for passage in index.passages] == [
        ("a#0", "One fee."),
        ("a#1", "Another fee."),
        ("b#0", ""),
    ]
    assert (len(index.units), list(index.units_in(0))) == (0, [])
    best, _ = index.dense(bag_of_words.embed(["Title of a\nAnother fee."])[0], 1)[0]
    assert best == 1
    index.close()


def test_ready_made_passages_that_did_not_change_keep_their_vectors(
    tmp_path: Path, bag_of_words: Any
) -> None:
    index_ready_made([cut("a", "One fee."), cut("b", "Rooms.")], tmp_path, bag_of_words)

    assert not index_ready_made([cut("a", "One fee."), cut("b", "Rooms.")], tmp_path, bag_of_words).changed
    built = index_ready_made([cut("a", "One fee."), cut("c", "Dates.")], tmp_path, bag_of_words)
    assert (built.reused, built.changed) == (1, True)


def test_no_ready_made_passages_are_an_error(tmp_path: Path, bag_of_words: Any) -> None:
    with pytest.raises(NoDocuments):
        index_ready_made([], tmp_path, bag_of_words)
    assert current_generation(tmp_path) is None


def test_ingesting_twice_changes_nothing_and_embeds_nothing(ingested: Path, bag_of_words: Any) -> None:
    first = ingest([ingested.parent / "pages"], ingested, bag_of_words)
    kept = folders(ingested)
    bag_of_words.texts.clear()
    report = ingest([ingested.parent / "pages"], ingested, bag_of_words)
    assert report.generation == first.generation == current_generation(ingested)
    assert not report.changed
    assert report.changes == Changes()
    assert report.reused == report.passages + report.units
    assert bag_of_words.texts == []
    assert folders(ingested) == kept


def test_only_what_is_new_is_embedded(ingested: Path, bag_of_words: Any) -> None:
    before = current_generation(ingested)
    page = ingested.parent / "pages" / "housing.md"
    page.write_text(page.read_text(encoding="utf-8").replace("600 EUR", "650 EUR"), encoding="utf-8")
    report = ingest([page.parent], ingested, bag_of_words)
    assert report.changed
    assert report.generation != before
    # One passage and the sentences of it that changed; what follows are the passages of the check.
    new = bag_of_words.texts[: report.passages + report.units - report.reused]
    assert new
    assert all("650 EUR" in text for text in new)
    assert folders(ingested) == sorted([str(before), report.generation])
    assert_serves(ingested, bag_of_words)


def test_another_model_embeds_everything_anew(ingested: Path, other_model: Any) -> None:
    report = ingest([ingested.parent / "pages"], ingested, other_model)
    assert (report.changed, report.reused) == (True, 0)
    assert_serves(ingested, other_model)


@pytest.mark.parametrize("name", ["current", "chroma"])
def test_ingest_repairs_a_damaged_index(ingested: Path, bag_of_words: Any, name: str) -> None:
    path = (ingested / "index" if name == "current" else current_folder(ingested)) / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.write_bytes(b"x")
    with pytest.raises(IndexDamaged):
        open_current(ingested, embedder=bag_of_words)
    report = ingest([ingested.parent / "pages"], ingested, bag_of_words)
    # What is damaged is not the vectors, and those need not be made again.
    assert (report.changed, report.reused) == (True, report.passages + report.units)
    assert_serves(ingested, bag_of_words)


@pytest.mark.parametrize("name", ["keys.json", "passages.npy", "units.npy"])
def test_vectors_in_a_damaged_file_are_made_again(ingested: Path, bag_of_words: Any, name: str) -> None:
    path = current_folder(ingested) / name
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    report = ingest([ingested.parent / "pages"], ingested, bag_of_words)
    assert (report.changed, report.reused) == (True, 0)
    assert_serves(ingested, bag_of_words)


def test_nothing_to_read_leaves_the_index_untouched(
    ingested: Path, tmp_path: Path, bag_of_words: Any
) -> None:
    before = current_generation(ingested)
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "page.md").write_text("")
    with pytest.raises(NoDocuments) as caught:
        ingest([empty, tmp_path / "nowhere"], ingested, bag_of_words)
    assert f"{empty / 'page.md'}: it is empty" in str(caught.value)
    assert str(tmp_path / "nowhere") in str(caught.value)
    assert current_generation(ingested) == before


def test_files_that_cannot_be_read_do_not_stop_the_others(
    corpus: Path, tmp_path: Path, bag_of_words: Any
) -> None:
    (corpus / "broken.md").write_bytes(b"\xff\xfe\xff")
    (corpus / "half.jsonl").write_text(
        '{"id": "half-a-\\ud800-character", "text": "Bicycles cost 90 EUR."}\n'
    )
    report = ingest([corpus], tmp_path / "data", bag_of_words)
    unreadable = {error.path: error.reason for error in report.unreadable}
    assert str(corpus / "broken.md") in unreadable
    index = open_current(tmp_path / "data", embedder=bag_of_words)
    # The loader may take the half character out; a document that still has it is reported.
    assert len(index.documents) + len(unreadable) == 4
    index.close()


def test_pages_of_two_folders_with_one_name_are_both_kept_and_a_copy_is_left_out(
    corpus: Path, tmp_path: Path, bag_of_words: Any
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "fees.md").write_text("# Fees of the summer school\n\nThe summer school costs 900 EUR.\n")
    (other / "housing.md").write_bytes((corpus / "housing.md").read_bytes())
    report = ingest([corpus, other], tmp_path / "data", bag_of_words)
    index = open_current(tmp_path / "data", embedder=bag_of_words)
    assert set(index.documents) == {"fees", "fees-2", "housing"}
    assert "900 EUR" in index.documents["fees-2"].text
    assert all(passage.document_id in index.documents for passage in index.passages)
    assert len({passage.id for passage in index.passages}) == len(index.passages)
    index.close()
    assert [(error.path, error.reason) for error in report.unreadable] == [
        ("housing", "it is a copy of another document with this id")
    ]


FEES, HOUSING = PageName("fees", "Fees"), PageName("housing", "Housing")


def test_what_a_page_does_not_say_of_itself_its_source_says(tmp_path: Path, bag_of_words: Any) -> None:
    """The data directory lies above the pages: only what an ingest writes there is no page."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "fees.md").write_text("# Kosten\n\nHet collegegeld is 2.060 EUR.\n", encoding="utf-8")
    (pages / "law.md").write_text("---\nlanguage: de\npublisher: Jura\n---\n\n# Jura\n\nZwei Jahre.\n")
    (pages / "sources.toml").write_text(
        '[[source]]\npath = "."\nlanguage = "nl"\npublisher = "Office"\nrank = 3\n', encoding="utf-8"
    )
    (tmp_path / "rooms.md").write_text("# Rooms\n\nA room costs 600 EUR.\n", encoding="utf-8")
    os.utime(tmp_path / "rooms.md", (1_700_000_000, 1_700_000_000))

    for _ in range(2):  # the second time there are copies of what was read
        ingest([pages, tmp_path / "rooms.md"], tmp_path, bag_of_words)

    index = open_current(tmp_path, embedder=bag_of_words)
    said = {key: (each.language, each.publisher, each.rank) for key, each in index.documents.items()}
    assert said == {"fees": ("nl", "Office", 3), "law": ("de", "Jura", 3), "rooms": ("en", "", 0)}
    assert index.documents["rooms"].fetched_on == date(2023, 11, 14)
    index.close()


def test_the_report_says_which_pages_and_which_facts_changed(ingested: Path, bag_of_words: Any) -> None:
    pages = ingested.parent / "pages"
    fees = pages / "fees.md"
    fees.write_text(fees.read_text(encoding="utf-8").replace("18,690", "19,000"), encoding="utf-8")
    (pages / "housing.md").unlink()
    (pages / "visa.md").write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")

    changes = ingest([pages], ingested, bag_of_words).changes

    assert changes == Changes(
        added=(PageName("visa", "Visa"),),
        changed=(FEES,),
        removed=(HOUSING,),
        facts=(
            FactChange(
                FEES,
                ("Tuition",),
                "Tuition for international students is 18,690 EUR per year.",
                "Tuition for international students is 19,000 EUR per year.",
            ),
        ),
    )


def test_a_page_that_is_only_written_again_has_not_changed(ingested: Path, bag_of_words: Any) -> None:
    pages = ingested.parent / "pages"
    ingest([pages], ingested, bag_of_words)
    os.utime(pages / "fees.md", (1_500_000_000, 1_500_000_000))
    assert ingest([pages], ingested, bag_of_words).changes == Changes()


def test_a_dry_run_tells_what_would_change_and_changes_nothing(ingested: Path, bag_of_words: Any) -> None:
    pages = ingested.parent / "pages"
    (pages / "visa.md").write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")
    before = sorted((path, path.stat().st_mtime_ns) for path in ingested.rglob("*"))

    report = ingest([pages], ingested, bag_of_words, options=IngestOptions(is_dry_run=True))

    assert report.changes == Changes(added=(PageName("visa", "Visa"),))
    assert report.changed
    assert (report.generation, report.embedded) == (current_generation(ingested), 0)
    assert bag_of_words.texts == []
    assert sorted((path, path.stat().st_mtime_ns) for path in ingested.rglob("*")) == before


def many_pages(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"page-{number}.md").write_text(f"# Course {number}\n\nIt costs {number} EUR.\n")
    return folder


def test_where_many_pages_vanish_at_once_the_index_stays(tmp_path: Path, bag_of_words: Any) -> None:
    pages = many_pages(tmp_path / "pages", 8)
    before = ingest([pages], tmp_path / "data", bag_of_words).generation
    for number in range(2):
        (pages / f"page-{number}.md").unlink()
    # A quarter may go.
    between = ingest([pages], tmp_path / "data", bag_of_words)
    assert [page.id for page in between.changes.removed] == ["page-0", "page-1"]
    assert between.generation != before

    (pages / "page-2.md").write_text("")  # one that cannot be read is gone as well
    (pages / "page-3.md").unlink()
    refusal = r"2 of 6 pages have vanished, more than 25%[^\n]*\n  Course 2 \(page-2\)"
    with pytest.raises(TooManyDeletions, match=refusal):
        ingest([pages], tmp_path / "data", bag_of_words)
    with pytest.raises(TooManyDeletions, match=refusal):
        ingest([pages], tmp_path / "data", bag_of_words, options=IngestOptions(is_dry_run=True))
    assert current_generation(tmp_path / "data") == between.generation

    allowed = ingest([pages], tmp_path / "data", bag_of_words, options=IngestOptions(allows_deletions=True))
    assert allowed.documents == 4


def test_a_single_page_may_always_vanish(ingested: Path, bag_of_words: Any) -> None:
    pages = ingested.parent / "pages"
    ingest([pages], ingested, bag_of_words)
    (pages / "housing.md").unlink()
    assert ingest([pages], ingested, bag_of_words).changes.removed == (HOUSING,)


def test_pages_of_a_place_that_is_no_longer_named_go_without_a_word(
    tmp_path: Path, bag_of_words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = many_pages(tmp_path / "first", 4), many_pages(tmp_path / "second", 2)
    ingest([first], tmp_path / "data", bag_of_words)

    report = ingest([second], tmp_path / "data", bag_of_words)
    assert [page.id for page in report.changes.removed] == ["page-2", "page-3"]

    # The same place, named otherwise.
    monkeypatch.chdir(tmp_path)
    for page in list(second.iterdir()):
        page.rename(second / f"new-{page.name}")
    with pytest.raises(TooManyDeletions, match="2 of 2"):
        ingest(["second"], tmp_path / "data", bag_of_words)


def test_files_that_did_not_change_are_not_read_again(ingested: Path, bag_of_words: Any) -> None:
    pages = ingested.parent / "pages"
    (pages / "broken.md").write_bytes(b"\xff\xfe\xff")

    def read(**options: bool) -> dict[Path, int]:
        report = ingest([pages], ingested, bag_of_words, options=IngestOptions(**options))
        assert [error.path for error in report.unreadable] == [str(pages / "broken.md")]
        return {path: path.stat().st_mtime_ns for path in (ingested / "read").iterdir()}

    kept = read()
    assert len(kept) == 3
    assert read() == kept
    again = read(reads_again=True)
    assert again.keys() == kept.keys()
    assert all(again[path] > kept[path] for path in kept)


def test_a_document_that_is_removed_leaves_no_trace(ingested: Path, bag_of_words: Any) -> None:
    pages = ingested.parent / "pages"
    (pages / "visa.md").write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")
    ingest([pages], ingested, bag_of_words)
    bag_of_words.texts.clear()

    removed = remove(["visa"], ingested, bag_of_words)

    assert removed.pages == (PageName("visa", "Visa"),)
    assert removed.names == (str(pages / "visa.md"),)
    assert removed.generation == current_generation(ingested)
    assert folders(ingested) == [removed.generation]
    for path in ingested.rglob("*"):
        assert "visa" not in path.name.lower()
        if path.is_file():
            assert b"visa" not in path.read_bytes().lower()
            assert b"210 eur" not in path.read_bytes().lower()
    assert_serves(ingested, bag_of_words)
    # The file itself is still there, and found again.
    assert ingest([pages], ingested, bag_of_words).changes.added == (PageName("visa", "Visa"),)


def test_what_cannot_be_removed_is_named_and_nothing_is_removed(ingested: Path, bag_of_words: Any) -> None:
    before = current_generation(ingested)
    with pytest.raises(UnknownDocument, match=r"'visas'.*prospectus sources"):
        remove(["fees", "visas"], ingested, bag_of_words)
    with pytest.raises(NoDocuments, match="Nothing would be left"):
        remove(["fees", "housing"], ingested, bag_of_words)
    assert current_generation(ingested) == before


class Drifting:
    """An embedder that never gives the same vector twice."""

    name, dimensions, fingerprint, runtime = "drifting", 8, "d", "a test"

    def __init__(self) -> None:
        self._generator = np.random.default_rng(1)

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        vectors = self._generator.standard_normal((len(texts), 8)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_an_index_that_fails_its_check_is_not_put_to_use(ingested: Path, bag_of_words: Any) -> None:
    before = current_generation(ingested)
    with pytest.raises(IndexDamaged, match=r"failed its check: .*Chroma finds passage .*untouched"):
        ingest([ingested.parent / "pages"], ingested, Drifting())
    assert current_generation(ingested) == before
    assert folders(ingested) == [before]
    assert_serves(ingested, bag_of_words)


class Failing:
    name, dimensions, fingerprint, runtime = "failing", 8, "d", "a test"

    def embed(self, texts: Sequence[str], *, on_progress: object = None) -> NDArray[np.float32]:
        raise RuntimeError("out of memory")


def test_a_model_that_fails_leaves_the_index_and_no_rubbish(ingested: Path, bag_of_words: Any) -> None:
    before = current_generation(ingested)
    with pytest.raises(RuntimeError, match="out of memory"):
        ingest([ingested.parent / "pages"], ingested, Failing())
    assert folders(ingested) == [before]
    assert_serves(ingested, bag_of_words)


def test_a_second_writer_gets_an_error_and_the_index_stays(ingested: Path, bag_of_words: Any) -> None:
    with writing(ingested), pytest.raises(IndexLocked, match=f"Process {os.getpid()}"):
        ingest([ingested.parent / "pages"], ingested, bag_of_words)
    assert_serves(ingested, bag_of_words)


WRITER = """
import os, resource, signal, sys
from pathlib import Path
from bag_of_words import BagOfWords
from ingest.errors import IngestError
from ingest.pipeline import ingest

data_dir, point = Path(sys.argv[1]), sys.argv[2]

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def on_progress(stage, done, total):
    if stage == point:
        die()

if point == "before the pointer":
    os.replace = die
if point.isdigit():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(point), int(point)))
try:
    ingest([data_dir.parent / "pages"], data_dir, BagOfWords(), on_progress=on_progress)
except IngestError as error:
    sys.exit(f"IngestError: {error}")
"""


def write(data_dir: Path, point: str) -> subprocess.CompletedProcess[str]:
    """Ingest in a process that is killed at ``point``, or that cannot write files of more bytes than that."""
    here = Path(__file__)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parents[2]), str(here.parent)])}
    command = [sys.executable, "-c", WRITER, str(data_dir), point]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("point", ["checking", "before the pointer"])
def test_a_killed_writer_leaves_the_old_index_and_the_next_one_succeeds(
    ingested: Path, bag_of_words: Any, point: str
) -> None:
    before = current_generation(ingested)
    page = ingested.parent / "pages" / "new.md"
    page.write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")
    assert write(ingested, point).returncode == -signal.SIGKILL
    assert current_generation(ingested) == before
    assert_serves(ingested, bag_of_words)
    report = ingest([page.parent], ingested, bag_of_words)
    assert (report.changed, report.documents) == (True, 3)
    assert folders(ingested) == sorted([str(before), report.generation])
    assert_serves(ingested, bag_of_words)


@pytest.mark.parametrize("size", [64, 100_000])
def test_a_full_disk_leaves_the_old_index_and_says_what_to_do(
    ingested: Path, bag_of_words: Any, size: int
) -> None:
    """A limit on the size of files stands in for the full disk; 64 bytes stop us, 100,000 stop Chroma."""
    before = current_generation(ingested)
    (ingested.parent / "pages" / "new.md").write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")
    failed = write(ingested, str(size))
    assert failed.returncode == 1
    assert "IngestError" in failed.stderr.splitlines()[0]
    assert folders(ingested) == [before]
    assert_serves(ingested, bag_of_words)


def test_a_data_directory_that_cannot_be_made_is_named(
    corpus: Path, tmp_path: Path, bag_of_words: Any
) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(IngestError, match=r"cannot be written .*untouched"):
        ingest([corpus], tmp_path / "data", bag_of_words)


def test_the_packaged_model_finds_the_answer_in_an_ingested_page(
    corpus: Path, tmp_path: Path, minilm: Embedder
) -> None:
    ingest([corpus], tmp_path / "data", minilm)
    index = open_current(tmp_path / "data", embedder=minilm)
    question = minilm.embed(["How expensive is a room for a student?"])[0]
    assert "600 EUR per month" in index.passages[index.dense(question, 1)[0][0]].text
    index.close()
