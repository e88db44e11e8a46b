"""Files are read by processes that may use so much and no more, and no file ends the ingest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from ingest import reading
from ingest.reading import Limits, ReadingCache, read_files

# Stands in for a parser with a fault: what a page says decides what happens to its reader.
FAULTS = """
import os, signal, sys
import ingest.loaders as loaders

read_file = loaders.read_file

def faulty(path, document_id):
    text = path.read_text()
    if "HANG" in text:
        import time
        time.sleep(600)
    if "SPIN" in text:
        while True:
            pass
    if "MEMORY" in text:
        kept = [bytearray(1_000_000) for _ in range(100_000)]
    if "CRASH" in text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "RAISE" in text:
        raise KeyError("what the page says")
    if "TALKATIVE" in text:
        print("x" * 100_000)
        os.write(1, b"y" * 100_000)
    if "WRITE" in text:
        with open(path.with_name("written"), "w") as file:
            file.write("x")
    if "SECRET" in text:
        assert "PROSPECTUS_ADMIN_KEY" not in os.environ
    if "NEST" in text:
        def deeper(): deeper()
        deeper()
    return read_file(path, document_id)

loaders.read_file = faulty
"""


@dataclass(frozen=True)
class File:
    path: Path
    document_id: str


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for pages, read by processes whose loader has the FAULTS."""
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "sitecustomize.py").write_text(FAULTS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "faults"))
    (tmp_path / "pages").mkdir()
    return tmp_path / "pages"


def pages(folder: Path, *texts: str) -> list[File]:
    files = []
    for number, text in enumerate(texts):
        path = folder / f"page-{number}.md"
        path.write_text(f"# Page {number}\n\n{text}\n", encoding="utf-8")
        files.append(File(path, f"page-{number}"))
    return files


def read(files: list[File], folder: Path, limits: Limits | None = None) -> list[reading.Reading]:
    return read_files(files, ReadingCache(folder / "cache", is_kept=False), limits=limits)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("HANG", "reading it took more than 3 s"),
        ("SPIN", "reading it took more than 1 s of computing"),
        ("MEMORY", "reading it takes more memory than is allowed"),
        ("CRASH", "its reader was ended by SIGSEGV, as by too little memory"),
        ("RAISE", "its reader failed (KeyError)"),
        ("NEST", "it is nested too deeply"),
        ("WRITE", "File too large"),
    ],
)
def test_a_file_that_ends_its_reader_is_named_with_the_reason_and_the_others_are_read(
    faulty: Path, fault: str, reason: str
) -> None:
    files = pages(faulty, "The first costs 1 EUR.", fault, "The third costs 3 EUR.")
    seconds = 3.0 if fault == "HANG" else 60.0
    first, second, third = read(files, faulty, Limits(processor_seconds=1, seconds=seconds))
    assert second == reading.Reading(reason=reason, sha256=second.sha256)
    assert [document.text for document in (*first.documents, *third.documents)] == [
        "Page 0\n\nThe first costs 1 EUR.",
        "Page 2\n\nThe third costs 3 EUR.",
    ]
    assert not (faulty / "written").exists() or not (faulty / "written").read_text()


def test_what_a_parser_prints_is_no_answer_and_no_key_reaches_it(
    faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSPECTUS_ADMIN_KEY", "secret")
    [printed, secret] = read(pages(faulty, "TALKATIVE page.", "SECRET page."), faulty)
    assert printed.documents[0].text == "Page 0\n\nTALKATIVE page."
    assert secret.documents[0].text == "Page 1\n\nSECRET page."


def test_an_answer_that_is_too_long_is_refused(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_TEXT", 5_000)
    long, short = read(pages(faulty, "word " * 2_000, "word"), faulty)
    assert long.reason.endswith("bytes, more than the 5,000 allowed")
    assert short.documents


def test_what_was_read_is_kept_until_the_file_or_its_id_is_another(tmp_path: Path) -> None:
    files = pages(tmp_path, "It costs 1 EUR.")
    kept = tmp_path / "cache"
    first = read_files(files, ReadingCache(kept))
    assert read_files(files, ReadingCache(kept)) == first
    assert len(list(kept.iterdir())) == 1

    renamed = [File(files[0].path, "another")]
    assert read_files(renamed, ReadingCache(kept))[0].documents[0].id == "another"
    files[0].path.write_text("# Page 0\n\nIt costs 2 EUR.\n")
    used = ReadingCache(kept)
    assert "2 EUR" in read_files(files, used)[0].documents[0].text
    assert len(list(kept.iterdir())) == 3
    used.forget_unused()
    assert len(list(kept.iterdir())) == 1


def test_a_damaged_entry_of_the_cache_is_read_anew(tmp_path: Path) -> None:
    files = pages(tmp_path, "It costs 1 EUR.")
    first = read_files(files, ReadingCache(tmp_path / "cache"))
    [entry] = (tmp_path / "cache").iterdir()
    whole = entry.read_bytes()
    for damaged in (whole.replace(b"1 EUR", b"9 EUR"), whole[:-10], b"", b"\xff" * 90, whole[70:]):
        entry.write_bytes(damaged)
        assert read_files(files, ReadingCache(tmp_path / "cache")) == first
        assert entry.read_bytes() == whole


def test_the_processes_are_gone_when_the_caller_is(faulty: Path) -> None:
    before = set(psutil.Process().children())
    files = pages(faulty, "A page.", "HANG")

    def interrupt(newly_done: int) -> None:
        if newly_done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_files(files, ReadingCache(faulty / "cache"), on_progress=interrupt)
    assert set(psutil.Process().children()) == before
    # What was read by then is kept.
    assert len(list((faulty / "cache").iterdir())) == 1


def test_a_reader_whose_parent_was_killed_ends(faulty: Path) -> None:
    driver = (
        "import sys\nfrom pathlib import Path\nfrom ingest.reading import *\n"
        "class F:\n    path = Path(sys.argv[1]); document_id = 'x'\n"
        "read_files([F], ReadingCache(Path('/nonexistent'), is_kept=False))\n"
    )
    [file] = pages(faulty, "A page. SPIN")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(Path(__file__).parents[2])]),
    }
    parent = subprocess.Popen([sys.executable, "-c", driver, str(file.path)], env=environment)
    deadline = time.monotonic() + 60
    while not (children := psutil.Process(parent.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.05)
    [child] = children
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert psutil.wait_procs([child], timeout=25)[1] == []
