"""Whatever happens to the files of an index: it is noticed before anything is answered from them, it ends no
process, and the generation before answers instead."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest import building
from ingest.embedding import Embedder
from ingest.errors import IndexDamaged, IndexLocked, IndexMissing, IngestError
from ingest.generations import (
    Manifest,
    current_folder,
    current_generation,
    previous_generation,
    rollback,
    seal,
    verify,
    writing,
)
from ingest.index import open_current, open_usable
from ingest.pipeline import ingest

NOBODY = 65534

Damage = Callable[[Path], None]
"""What is done to one file of the current generation."""


def flip(at: float) -> Damage:
    """Alter one bit, at this share of the file."""

    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[min(int(at * len(content)), len(content) - 1)] ^= 0x04
        path.write_bytes(content)

    return damage


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def lose_the_last_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def take_from_the_generation_before(path: Path) -> None:
    """The file of the same name in the other generation; of Chroma's folders the name is drawn by chance."""
    root = path.parent
    while not root.name.startswith("0000"):
        root = root.parent
    (other,) = (each for each in root.parent.glob("0000*") if each != root)
    (twin,) = (each for each in other.rglob(path.name) if ("grams" in each.parts) == ("grams" in path.parts))
    shutil.copyfile(twin, path)


TO_A_FILE: dict[str, Damage] = {
    "gone": Path.unlink,
    "first bit": flip(0),
    "bit near the beginning": flip(0.1),
    "bit in the middle": flip(0.5),
    "bit near the end": flip(0.9),
    "last bit": flip(1),
    "half": cut_in_half,
    "one byte less": lose_the_last_byte,
    "one byte more": grow,
    "empty": empty,
    "zeros": zero,
    "folder": make_a_folder,
    "pipe": make_a_pipe,
    "dangling link": link_to_nothing,
    "circular link": link_to_itself,
    "of the generation before": take_from_the_generation_before,
}

FILES = [
    "manifest.json",
    "documents.jsonl",
    "passages.jsonl",
    "units.jsonl",
    "keys.json",
    "passages.npy",
    "units.npy",
    "unit_rows.npy",
    "lexical/terms/starts.npy",
    "lexical/terms/texts.npy",
    "lexical/terms/vocabulary.json",
    "lexical/terms/weights.npy",
    "lexical/words.npy",
    "lexical/starts.npy",
    "lexical/frequencies.npy",
    "lexical/grams/starts.npy",
    "lexical/grams/texts.npy",
    "lexical/grams/vocabulary.json",
    "lexical/grams/weights.npy",
    "chroma/chroma.sqlite3",
    "chroma/*/data_level0.bin",
    "chroma/*/header.bin",
    "chroma/*/length.bin",
    "chroma/*/link_lists.bin",
    "chroma/*/index_metadata.pickle",
]

EVERY = [(kind, name) for kind in TO_A_FILE for name in FILES]
# Each kind, and nearly each file, once; all pairs take ten times as long.
SOME = [(kind, FILES[5 * nth % len(FILES)]) for nth, kind in enumerate(TO_A_FILE)]


def tuition(data: Path, embedder: Embedder) -> tuple[str, str | None]:
    """What the index that is to be used says, and why it is not the published one."""
    index, refusal = open_usable(data, embedder=embedder)
    try:
        best, _ = index.dense(embedder.embed(["tuition for international students"])[0], 1)[0]
        assert index.lexical("landlord", 1)
        said = "19,000" if "19,000" in index.passages[best].text else "18,690"
        return said, None if refusal is None else refusal.reason
    finally:
        index.close()


def assert_the_one_before_answers(data: Path, embedder: Embedder, named: str) -> None:
    with pytest.raises(IndexDamaged, match="Run `prospectus ingest` to repair it"):
        open_current(data, embedder=None)
    said, reason = tuition(data, embedder)
    assert said == "18,690"
    assert reason is not None
    assert named in reason


def test_without_damage_the_published_one_answers(ingested_twice: Path, bag_of_words: Any) -> None:
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


# One file of the current generation


@pytest.mark.parametrize(
    ("kind", "name"),
    [*SOME, *(pytest.param(*each, marks=pytest.mark.long) for each in EVERY if each not in SOME)],
)
def test_a_damaged_file_is_noticed_and_the_generation_before_answers(
    ingested_twice: Path, bag_of_words: Any, kind: str, name: str
) -> None:
    (path,) = current_folder(ingested_twice).glob(name)
    before = path.read_bytes()
    TO_A_FILE[kind](path)
    if path.is_file() and path.read_bytes() == before:
        pytest.skip("these bytes are the same")

    assert_the_one_before_answers(ingested_twice, bag_of_words, path.name)


# The whole of the current generation


def lose_the_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def lose_all_files(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def become_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


def lose_chroma(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


def lose_the_segment(folder: Path) -> None:
    shutil.rmtree(next((folder / "chroma").glob("*/")))


def rename_the_segment(folder: Path) -> None:
    next((folder / "chroma").glob("*/")).rename(folder / "chroma" / "00000000-0000-4000-8000-000000000000")


def add_a_segment(folder: Path) -> None:
    shutil.copytree(next((folder / "chroma").glob("*/")), folder / "chroma" / "another")


def add_a_journal(folder: Path) -> None:
    """SQLite would take back into the database what stands in it."""
    shutil.copyfile(folder / "chroma" / "chroma.sqlite3", folder / "chroma" / "chroma.sqlite3-journal")


def add_a_log(folder: Path) -> None:
    (folder / "chroma" / "chroma.sqlite3-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(60))


def swap_with_the_one_before(folder: Path) -> None:
    """The names stay where they are, and all that they name changes places."""
    (other,) = (each for each in folder.parent.glob("0000*") if each != folder)
    aside = folder.with_name("aside")
    folder.rename(aside)
    other.rename(folder)
    aside.rename(other)


def change_a_row(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "chroma" / "chroma.sqlite3")) as connection:
        connection.execute("UPDATE embeddings SET embedding_id = '9' WHERE embedding_id = '1'")
        connection.commit()


def compact_the_database(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "chroma" / "chroma.sqlite3")) as connection:
        connection.execute("VACUUM")


def edit_the_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps({**record, "passages": record["passages"] + 1}), encoding="utf-8")


def say_another_format(folder: Path) -> None:
    path = folder / "manifest.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps({**record, "format_version": 1}), encoding="utf-8")


TO_THE_GENERATION: dict[str, tuple[Callable[[Path], None], str]] = {
    each.__name__: (each, named)
    for each, named in (
        (lose_the_folder, "the folder is missing"),
        (lose_all_files, "manifest.json"),
        (become_a_file, "is missing"),
        (lose_chroma, "chroma/"),
        (lose_the_segment, "chroma/"),
        (rename_the_segment, "chroma/"),
        (add_a_segment, "chroma/another/"),
        (add_a_journal, "chroma.sqlite3-journal does not belong to it"),
        (add_a_log, "chroma.sqlite3-wal does not belong to it"),
        (change_a_row, "chroma.sqlite3 was altered"),
        (compact_the_database, "chroma.sqlite3 was altered"),
        (edit_the_manifest, "manifest.json was altered"),
        (say_another_format, "manifest.json was altered"),
    )
}


@pytest.mark.parametrize("kind", TO_THE_GENERATION)
def test_a_damaged_generation_is_noticed_and_the_one_before_answers(
    ingested_twice: Path, bag_of_words: Any, kind: str
) -> None:
    damage, named = TO_THE_GENERATION[kind]
    damage(current_folder(ingested_twice))
    assert_the_one_before_answers(ingested_twice, bag_of_words, named)


def test_two_generations_under_each_others_names_are_both_damaged(ingested_twice: Path) -> None:
    swap_with_the_one_before(current_folder(ingested_twice))
    with pytest.raises(IndexDamaged, match=r"manifest\.json was altered"):
        open_usable(ingested_twice, embedder=None)


def test_hidden_files_that_others_leave_are_no_damage(ingested_twice: Path, bag_of_words: Any) -> None:
    (current_folder(ingested_twice) / ".nfs0001").touch()
    (current_folder(ingested_twice) / "chroma" / ".DS_Store").touch()
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


@pytest.mark.parametrize(("field", "more"), [("documents", 1), ("passages", 1), ("units", -1)])
def test_a_manifest_that_belongs_to_its_files_and_miscounts_them_is_damage(
    ingested_twice: Path, bag_of_words: Any, field: str, more: int
) -> None:
    folder = current_folder(ingested_twice)
    manifest: Manifest = verify(folder)
    (folder / "manifest.json").unlink()
    seal(folder, replace(manifest, **{field: getattr(manifest, field) + more}))
    # So that its name is right again, and nothing but the counts is wrong.
    rename_after_its_manifest(ingested_twice, folder)

    assert_the_one_before_answers(ingested_twice, bag_of_words, "found")


def rename_after_its_manifest(data: Path, folder: Path) -> None:
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()[:12]
    renamed = folder.rename(folder.with_name(f"{folder.name[:6]}-{digest}"))
    names = f"{renamed.name}\n{previous_generation(data)}\n"
    checksum = hashlib.sha256(names.encode()).hexdigest()[:16]
    (data / "index" / "current").write_text(f"{names}{checksum}\n", encoding="ascii")


@contextmanager
def as_nobody(data: Path) -> Iterator[Path]:
    """The data directory of a user who is not root, whom the modes of files do not bind."""
    if os.geteuid() != 0:
        yield data
        return
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        copy = Path(folder) / "data"
        shutil.copytree(data, copy)
        for path in (Path(folder), copy, *copy.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield copy
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("name", ["passages.npy", "manifest.json", "chroma", "lexical", "."])
def test_what_may_not_be_read_is_damage(ingested_twice: Path, bag_of_words: Any, name: str) -> None:
    with as_nobody(ingested_twice) as data:
        path = current_folder(data) / name
        path.chmod(0)
        try:
            assert_the_one_before_answers(data, bag_of_words, "cannot be read (Permission denied)")
        finally:
            path.chmod(0o755)


def test_a_folder_of_generations_that_may_not_be_read_is_damage(ingested_twice: Path) -> None:
    with as_nobody(ingested_twice) as data:
        (data / "index").chmod(0)
        try:
            with pytest.raises(IndexDamaged, match=r"cannot be read \(Permission denied\)"):
                open_usable(data, embedder=None)
        finally:
            (data / "index").chmod(0o755)


def test_a_file_in_place_of_the_folder_of_generations_is_damage(tmp_path: Path) -> None:
    (tmp_path / "index").touch()
    with pytest.raises(IndexDamaged, match=r"cannot be read \(Not a directory\)"):
        open_usable(tmp_path, embedder=None)


# The pointer


def flip_in_line(number: int) -> Damage:
    def damage(path: Path) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        line = bytearray(lines[number])
        line[5] ^= 0x01
        lines[number] = bytes(line)
        path.write_bytes(b"".join(lines))

    return damage


def write(content: bytes) -> Damage:
    return lambda path: path.write_bytes(content) and None


def lose_all_but_the_first_line(path: Path) -> None:
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def turn_the_lines(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[::-1]))


TO_THE_POINTER: dict[str, Damage] = {
    **{
        kind: TO_A_FILE[kind]
        for kind in ("gone", "empty", "zeros", "half", "folder", "pipe", "one byte less")
    },
    "dangling link": link_to_nothing,
    "nonsense": write(b"nonsense\n"),
    "no text": write(b"\xff\xfe\x00"),
    "huge": write(b"0" * 10_000_000),
    "path": write(b"../../etc\n"),
    "generation that is not there": write(b"000009-0123456789ab\n"),
    "bit of the current name": flip_in_line(0),
    "bit of the name before": flip_in_line(1),
    "bit of the checksum": flip_in_line(2),
    "only the first line": lose_all_but_the_first_line,
    "lines the other way round": turn_the_lines,
}


@pytest.mark.parametrize("kind", TO_THE_POINTER)
def test_a_damaged_pointer_is_noticed_and_the_newest_generation_answers(
    ingested_twice: Path, bag_of_words: Any, kind: str
) -> None:
    TO_THE_POINTER[kind](ingested_twice / "index" / "current")
    with pytest.raises(IndexDamaged, match="current"):
        open_current(ingested_twice, embedder=None)
    assert current_generation(ingested_twice) is None

    said, reason = tuition(ingested_twice, bag_of_words)

    assert "'current'" in str(reason)
    assert said == "19,000"


@pytest.mark.parametrize("kind", ["gone", "folder", "bit of the name before"])
def test_ingest_mends_a_damaged_pointer_and_embeds_nothing(
    ingested_twice: Path, bag_of_words: Any, kind: str
) -> None:
    newest = current_generation(ingested_twice)
    TO_THE_POINTER[kind](ingested_twice / "index" / "current")

    report = ingest([ingested_twice.parent / "pages"], ingested_twice, bag_of_words)

    assert (report.changed, report.reused) == (True, report.passages + report.units)
    assert previous_generation(ingested_twice) == newest
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


# Damage and what comes after it


def test_if_all_generations_are_damaged_the_error_is_that_of_the_published_one(ingested_twice: Path) -> None:
    current = current_folder(ingested_twice)
    for folder in (ingested_twice / "index").glob("0000*"):
        empty(folder / "passages.npy")
    with pytest.raises(IndexDamaged, match=r"passages\.npy was altered") as caught:
        open_usable(ingested_twice, embedder=None)
    assert str(current) in str(caught.value)


def test_the_generation_that_answers_in_need_stays_when_the_next_is_published(
    ingested_twice: Path, bag_of_words: Any
) -> None:
    damaged, whole = current_generation(ingested_twice), previous_generation(ingested_twice)
    empty(current_folder(ingested_twice) / "units.jsonl")

    report = ingest([ingested_twice.parent / "pages"], ingested_twice, bag_of_words)

    assert previous_generation(ingested_twice) == whole
    assert {path.name for path in (ingested_twice / "index").glob("0000*")} == {report.generation, whole}
    assert report.generation != damaged
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


@pytest.mark.parametrize("name", ["passages.jsonl", "chroma/chroma.sqlite3", "chroma/*/data_level0.bin"])
def test_a_file_that_is_damaged_before_it_is_published_is_not_published(
    ingested_twice: Path, bag_of_words: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def seal_and_damage(folder: Path, manifest: Manifest) -> Manifest:
        sealed = seal(folder, manifest)
        flip(0.5)(next(folder.glob(name)))
        return sealed

    before = current_generation(ingested_twice)
    monkeypatch.setattr(building, "seal", seal_and_damage)
    page = ingested_twice.parent / "pages" / "visa.md"
    page.write_text("# Visa\n\nA visa costs 210 EUR.\n", encoding="utf-8")

    with pytest.raises(IndexDamaged, match=f"failed its check: .*{Path(name).name} was altered"):
        ingest([page.parent], ingested_twice, bag_of_words)

    assert current_generation(ingested_twice) == before
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


# Going back


def test_a_rollback_goes_back_and_a_second_one_forth_again(ingested_twice: Path, bag_of_words: Any) -> None:
    new, old = current_generation(ingested_twice), previous_generation(ingested_twice)

    assert rollback(ingested_twice) == old
    assert (current_generation(ingested_twice), previous_generation(ingested_twice)) == (old, new)
    assert tuition(ingested_twice, bag_of_words) == ("18,690", None)

    assert rollback(ingested_twice) == new
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


def test_after_a_rollback_the_next_ingest_builds_on_what_was_gone_back_to(
    ingested_twice: Path, bag_of_words: Any
) -> None:
    new, old = current_generation(ingested_twice), rollback(ingested_twice)

    report = ingest([ingested_twice.parent / "pages"], ingested_twice, bag_of_words)

    # Nothing is embedded, for the texts stand in the one that was gone back from.
    assert (report.changed, report.reused) == (True, report.passages + report.units)
    assert report.generation > str(new)
    assert previous_generation(ingested_twice) == old
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


def test_there_is_no_going_back_to_what_is_damaged(ingested_twice: Path, bag_of_words: Any) -> None:
    before = current_generation(ingested_twice)
    flip(0.5)(ingested_twice / "index" / str(previous_generation(ingested_twice)) / "units.npy")
    with pytest.raises(IndexDamaged, match=r"Nothing was changed.*units\.npy was altered"):
        rollback(ingested_twice)
    assert current_generation(ingested_twice) == before
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


def test_after_one_ingest_there_is_nothing_to_go_back_to(ingested: Path, tmp_path: Path) -> None:
    for data in (ingested, tmp_path / "empty"):
        with pytest.raises(IndexMissing, match=r"no earlier index .* to go back to"):
            rollback(data)


def test_a_pointer_that_cannot_be_written_leaves_everything_as_it_was(
    ingested_twice: Path, bag_of_words: Any
) -> None:
    (ingested_twice / "index" / "current.new").mkdir()
    with pytest.raises(IngestError, match=r"as it was\. The disk mounted at /"):
        rollback(ingested_twice)
    assert tuition(ingested_twice, bag_of_words) == ("19,000", None)


def test_nobody_goes_back_while_another_writes(ingested_twice: Path) -> None:
    with writing(ingested_twice), pytest.raises(IndexLocked):
        rollback(ingested_twice)


# What no rule foresees


@pytest.mark.long
@pytest.mark.parametrize("seed", range(300))
def test_a_bit_anywhere_is_noticed(ingested_twice: Path, bag_of_words: Any, seed: int) -> None:
    generator = random.Random(seed)  # noqa: S311 (no secret)
    files = sorted(path for path in current_folder(ingested_twice).rglob("*") if path.is_file())
    path = generator.choice(files)
    content = bytearray(path.read_bytes())
    content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    path.write_bytes(content)
    assert_the_one_before_answers(ingested_twice, bag_of_words, path.name)
