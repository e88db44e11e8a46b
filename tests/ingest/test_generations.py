from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.documents import Block, BlockKind, Document
from ingest.errors import IndexDamaged, IndexLocked, IndexMismatch, IndexMissing
from ingest.generations import (
    FORMAT_VERSION,
    Manifest,
    content_digest,
    current_folder,
    current_generation,
    generations,
    previous_generation,
    publish,
    remove_unused,
    seal,
    staging,
    verified_current,
    verify,
    writing,
)
from ingest.records import read_records, write_records

MANIFEST = Manifest(
    FORMAT_VERSION, datetime(2026, 11, 22, tzinfo=UTC), "m", "f", 2, {"k1": 0.9}, {"lib": "1"}, 1, 1, 1
)


def publish_one(data_dir: Path, text: str, *, keeps_previous: bool = True) -> str:
    with writing(data_dir) as root, staging(root) as folder:
        (folder / "built").mkdir()
        (folder / "built" / "documents.jsonl").write_text(text)
        seal(folder / "built", MANIFEST)
        return publish(data_dir, folder / "built", keeps_previous=keeps_previous)


def names(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "index").iterdir() if path.is_dir())


def test_a_published_generation_is_the_current_one(tmp_path: Path) -> None:
    assert current_generation(tmp_path) is None
    name = publish_one(tmp_path, "a")
    assert name.startswith("000001-")
    assert current_generation(tmp_path) == name
    assert current_folder(tmp_path) == tmp_path / "index" / name
    assert verify(current_folder(tmp_path)).files == {"documents.jsonl": content_digest_of("a", tmp_path)}


def content_digest_of(text: str, folder: Path) -> str:
    (folder / "text").write_text(text)
    return content_digest(folder / "text")


def test_two_generations_are_kept(tmp_path: Path) -> None:
    published = [publish_one(tmp_path, text) for text in "abcd"]
    assert names(tmp_path) == published[-2:]
    assert [name[:6] for name in published] == ["000001", "000002", "000003", "000004"]


def test_the_pointer_names_the_generation_before_as_well(tmp_path: Path) -> None:
    one = publish_one(tmp_path, "a")
    assert previous_generation(tmp_path) is None
    two = publish_one(tmp_path, "b")
    assert (current_generation(tmp_path), previous_generation(tmp_path)) == (two, one)
    assert generations(tmp_path) == (two, one)


def test_where_no_trace_may_stay_no_earlier_generation_does(tmp_path: Path) -> None:
    publish_one(tmp_path, "a")
    publish_one(tmp_path, "b")
    only = publish_one(tmp_path, "c", keeps_previous=False)
    assert (names(tmp_path), previous_generation(tmp_path)) == ([only], None)


def test_the_one_that_stays_is_one_that_is_whole(tmp_path: Path) -> None:
    whole, damaged = publish_one(tmp_path, "a"), publish_one(tmp_path, "b")
    (tmp_path / "index" / damaged / "documents.jsonl").write_text("c")
    new = publish_one(tmp_path, "d")
    assert (names(tmp_path), previous_generation(tmp_path)) == ([whole, new], whole)


def test_an_index_of_another_format_stays_for_the_version_that_reads_it(tmp_path: Path) -> None:
    older = tmp_path / "index" / publish_one(tmp_path, "a")
    record = (older / "manifest.json").read_bytes().replace(b'"format_version": ', b'"format_version": 9')
    (older / "manifest.json").write_bytes(record)
    renamed = older.rename(older.with_name(f"000001-{hashlib.sha256(record).hexdigest()[:12]}"))
    (tmp_path / "index" / "current").unlink()
    new = publish_one(tmp_path, "b")
    assert (names(tmp_path), previous_generation(tmp_path)) == ([renamed.name, new], renamed.name)


def test_what_a_killed_writer_had_ready_is_removed_and_what_the_pointer_names_is_not(tmp_path: Path) -> None:
    one, two = publish_one(tmp_path, "a"), publish_one(tmp_path, "b")
    (tmp_path / "index" / "000007-0123456789ab").mkdir()
    remove_unused(tmp_path)
    assert names(tmp_path) == [one, two]
    (tmp_path / "index" / "current").write_text("nonsense")
    (tmp_path / "index" / "000007-0123456789ab").mkdir()
    remove_unused(tmp_path)
    assert names(tmp_path) == [one, two, "000007-0123456789ab"]


def test_an_interruption_just_after_the_pointer_was_exchanged_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_one(tmp_path, "a")
    exchange = os.replace

    def exchange_and_stop(old: Path, new: Path) -> None:
        exchange(old, new)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", exchange_and_stop)
    with pytest.raises(KeyboardInterrupt):
        publish_one(tmp_path, "b")
    assert verify(current_folder(tmp_path)).documents == 1
    assert str(current_generation(tmp_path)).startswith("000002-")


def test_a_generation_that_was_never_pointed_to_does_not_displace_the_one_that_was(tmp_path: Path) -> None:
    serving = publish_one(tmp_path, "a")
    (tmp_path / "index" / "000002-0123456789ab").mkdir()
    assert names(tmp_path) == [serving, "000002-0123456789ab"]
    new = publish_one(tmp_path, "b")
    assert new.startswith("000003-")
    assert names(tmp_path) == [serving, new]


def test_without_a_pointer_the_newest_generation_is_the_one_that_stays(tmp_path: Path) -> None:
    publish_one(tmp_path, "a")
    second = publish_one(tmp_path, "b")
    (tmp_path / "index" / "current").unlink()
    third = publish_one(tmp_path, "c")
    assert names(tmp_path) == [second, third]


def test_staging_folders_of_killed_writers_are_removed(tmp_path: Path) -> None:
    (tmp_path / "staging-1-abcd" / "chroma").mkdir(parents=True)
    with staging(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_building_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with staging(tmp_path) as folder:
            (folder / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_pointer_that_cannot_be_written_leaves_the_generation_before(tmp_path: Path) -> None:
    serving = publish_one(tmp_path, "a")
    (tmp_path / "index" / "current.new").mkdir()
    with pytest.raises(IsADirectoryError):
        publish_one(tmp_path, "b")
    assert current_generation(tmp_path) == serving
    assert names(tmp_path) == [serving, "current.new"]


def test_a_second_writer_in_this_process_is_told_who_writes(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(IndexLocked, match=rf"Process {os.getpid()} \(since .*prospectus"):
        publish_one(tmp_path, "a")
    publish_one(tmp_path, "b")


def test_a_second_writer_is_told_which_process_writes_and_gets_the_lock_when_that_is_killed(
    tmp_path: Path,
) -> None:
    program = (
        "import sys, time; from pathlib import Path; from ingest.generations import writing\n"
        "with writing(Path(sys.argv[1])):\n    print('writing', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], env=environment, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        with pytest.raises(IndexLocked, match=f"Process {writer.pid} "):
            publish_one(tmp_path, "a")
        writer.kill()
        writer.wait()
        assert publish_one(tmp_path, "a").startswith("000001-")


def test_a_lock_whose_holder_has_not_said_who_it_is_is_a_lock_all_the_same(tmp_path: Path) -> None:
    with writing(tmp_path) as root:
        (root / "writer.json").unlink()
        with pytest.raises(IndexLocked, match="Another process is writing"):
            publish_one(tmp_path, "a")


def test_asking_for_the_current_generation_is_cheap(tmp_path: Path) -> None:
    publish_one(tmp_path, "a")
    started = time.perf_counter()
    for _ in range(100):
        current_generation(tmp_path)
    assert time.perf_counter() - started < 1


def test_without_an_index_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing) as caught:
        current_folder(tmp_path)
    assert str(caught.value) == f"There is no index in {tmp_path}. Run `prospectus ingest` to build one."


@pytest.mark.parametrize("content", [b"", b"nonsense", b"../../etc", b"\xff\xfe", b"000009-0123456789ab\n"])
def test_a_pointer_that_leads_nowhere_is_damage(tmp_path: Path, content: bytes) -> None:
    publish_one(tmp_path, "a")
    (tmp_path / "index" / "current").write_bytes(content)
    with pytest.raises(IndexDamaged, match="prospectus ingest"):
        current_folder(tmp_path)
    assert verified_current(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("documents.jsonl", b"b"),
        ("documents.jsonl", None),
        ("manifest.json", b"{}"),
        ("manifest.json", b""),
        ("manifest.json", None),
    ],
)
def test_a_file_that_is_not_what_was_written_is_named(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    folder = tmp_path / "index" / publish_one(tmp_path, "a")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match=name) as caught:
        verify(folder)
    assert str(folder) in str(caught.value)
    assert "Run `prospectus ingest`" in str(caught.value)


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"format_version": %d}' % FORMAT_VERSION, b"\xff"])
def test_a_manifest_that_is_none_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"manifest\.json is not a manifest"):
        verify(tmp_path)


def test_another_format_is_told_apart_from_damage(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format_version": 99}')
    reads = f"has format 99 but this version of Prospectus reads format {FORMAT_VERSION}"
    with pytest.raises(IndexMismatch, match=reads):
        verify(tmp_path)


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    documents = (
        Document("a", "Ünï\u2028code", "https://x.org", "X", "en", "one\ntwo \U0001f600", date(2026, 3, 31)),
        Document("b", "", "", "", "nl", "text", blocks=(Block(BlockKind.ROW, 0, 4, cells=((0, 2), (3, 4))),)),
    )
    write_records(tmp_path / "documents.jsonl", Document, documents)
    assert read_records(tmp_path / "documents.jsonl", Document) == documents
    with pytest.raises(ValueError, match="Block"):
        read_records(tmp_path / "documents.jsonl", Block)
