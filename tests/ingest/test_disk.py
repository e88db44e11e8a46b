"""A disk that is full: a real one of three megabytes where one may be mounted, and what is told of it."""

from __future__ import annotations

import errno
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest import disk
from ingest.errors import DiskFull, IngestError
from ingest.generations import current_generation
from ingest.index import open_current
from ingest.pipeline import ingest

KEPT = {"current", "writer.lock"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB, of which an index of the test's pages takes a tenth."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=False).returncode:
        pytest.skip("only root can mount a small disk, and only where the system lets it")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def published(small_disk: Path, ingested: Path) -> Path:
    """A data directory with an index on the small disk, and a page more than it holds."""
    shutil.copytree(ingested, small_disk / "data")
    (ingested.parent / "pages" / "visa.md").write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")
    return small_disk / "data"


def fill(folder: Path, leave: int) -> None:
    """Fill the disk up to so many bytes."""
    with (folder / "filler").open("wb") as file:
        file.write(bytes(shutil.disk_usage(folder).free - leave))


# From what stops the first file to what stops Chroma in the middle of its vectors.
@pytest.mark.parametrize("leave", [0, 8_000, 60_000, 120_000, 260_000, 320_000])
def test_on_a_full_disk_the_old_index_answers_and_the_message_names_the_disk(
    published: Path, ingested: Path, bag_of_words: Any, leave: int
) -> None:
    before = str(current_generation(published))
    serving = open_current(published, embedder=bag_of_words)
    fill(published.parent, leave)
    free = shutil.disk_usage(published).free

    with pytest.raises(DiskFull) as caught:
        ingest([ingested.parent / "pages"], published, bag_of_words)

    assert f"The disk mounted at {published.parent.resolve()} has " in str(caught.value)
    assert "of 3.1 MB free" in str(caught.value)
    assert "untouched" in str(caught.value)
    assert current_generation(published) == before
    # All that was written is given back.
    assert {path.name for path in (published / "index").iterdir()} == KEPT | {before}
    # Chroma lets go of its files in threads of its own, a moment after it is told to.
    for _ in range(100):
        if shutil.disk_usage(published).free == free:
            break
        time.sleep(0.1)
    assert shutil.disk_usage(published).free == free
    # A running server answers on, and one can be started.
    assert "600 EUR" in serving.passages[nearest(serving, bag_of_words)].text
    serving.close()
    started = open_current(published, embedder=bag_of_words)
    assert "600 EUR" in started.passages[nearest(started, bag_of_words)].text
    started.close()

    (published.parent / "filler").unlink()
    report = ingest([ingested.parent / "pages"], published, bag_of_words)
    assert (report.changed, report.documents) == (True, 3)


def nearest(index: Any, embedder: Any) -> int:
    position: int = index.dense(embedder.embed(["rooms in the city cost per month"])[0], 1)[0][0]
    return position


def test_room_that_will_not_do_is_noticed_before_anything_is_embedded(
    ingested: Path, bag_of_words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_generation(ingested)
    page = ingested.parent / "pages" / "visa.md"
    page.write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")
    usage = shutil.disk_usage(ingested)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage._replace(free=1_000))

    with pytest.raises(DiskFull, match=r"it takes at least \d\.\d kB.*has 1\.0 kB of"):
        ingest([page.parent], ingested, bag_of_words)

    assert bag_of_words.texts == []
    assert current_generation(ingested) == before


@pytest.mark.parametrize(
    ("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)]
)
def test_a_full_disk_and_a_quota_that_is_used_up_are_told_from_other_errors(
    tmp_path: Path, number: int, full: bool
) -> None:
    assert disk.is_full(OSError(number, "x"), tmp_path) is full


def test_an_error_without_a_number_on_a_disk_without_room_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As numpy raises it: 4096 requested and 0 written."""
    assert not disk.is_full(OSError("4096 requested and 0 written"), tmp_path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage._replace(free=4096))
    assert disk.is_full(OSError("4096 requested and 0 written"), tmp_path)


def test_a_data_directory_that_is_not_there_yet_lies_on_the_disk_of_what_is(tmp_path: Path) -> None:
    told = disk.free_on(tmp_path / "not" / "yet")
    assert told == disk.free_on(tmp_path)
    assert told.startswith("The disk mounted at /")


def test_a_lack_of_rights_is_not_told_as_a_lack_of_room(
    tmp_path: Path, corpus: Path, bag_of_words: Any
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "index").write_text("a file")
    with pytest.raises(IngestError, match="give write access") as caught:
        ingest([corpus], tmp_path / "data", bag_of_words)
    assert not isinstance(caught.value, DiskFull)
