"""Generations of the index on disk: folders, pointer, lock, manifest and the hashes that show damage.

    <data dir>/index/
        current               the name of the generation that answers questions
        writer.lock           held by the process that writes; writer.json says which one that is
        staging-…/            what a writer is building; left behind only by one that was killed
        000042-3fa9c1d2e4b5/  a generation: its number and the beginning of its manifest's SHA-256
            manifest.json     everything below, with its hashes
            documents.jsonl  passages.jsonl  units.jsonl
            keys.json         SHA-256 of the text behind each row of passages.npy and units.npy
            passages.npy  units.npy  unit_rows.npy
            lexical/  chroma/

A generation never changes once it has its name. A reader follows the pointer; a writer builds beside and
exchanges the pointer in one step, so that a reader sees the old generation or the new one and nothing else,
whenever the writer is killed. The generation before the current one stays for readers that still use it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from .errors import IndexDamaged, IndexLocked, IndexMismatch, IndexMissing, IndexUnusable

FORMAT_VERSION = 4

MANIFEST = "manifest.json"
DOCUMENTS = "documents.jsonl"
PASSAGES = "passages.jsonl"
UNITS = "units.jsonl"
KEYS = "keys.json"
PASSAGE_VECTORS = "passages.npy"
UNIT_VECTORS = "units.npy"
UNIT_ROWS = "unit_rows.npy"
LEXICAL = "lexical"
CHROMA = "chroma"

_POINTER = "current"
_DATABASE = "chroma.sqlite3"
_NAME = re.compile(r"(?P<number>\d{6,})-(?P<digest>[0-9a-f]{12})")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of and with.

    ``parameters`` and ``versions`` (of the libraries that wrote the files) together with the embedding model
    decide how an equal corpus is indexed. ``files`` maps each file's path within the generation to its
    SHA-256; for Chroma's database it is that of the tables' content.
    """

    format_version: int
    created_at: datetime
    embedding_model: str
    embedding_fingerprint: str
    dimensions: int
    parameters: Mapping[str, float]
    versions: Mapping[str, str]
    documents: int
    passages: int
    units: int
    files: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """SHA-256 of the text that was embedded: of each passage, and of each distinct unit as it first comes.

    Pages of one kind share most of their units' texts: 10,000 programme pages have 134,000 units of 12,000
    texts. So a unit's vector is kept once, and ``unit_rows.npy`` says in which row it stands.
    """

    passages: tuple[str, ...]
    units: tuple[str, ...]


def index_folder(data_dir: Path) -> Path:
    """Return the folder of a data directory that holds its generations."""
    return data_dir / "index"


def current_generation(data_dir: Path) -> str | None:
    """Return the name of the generation that answers questions, None where there is none.

    Reads one file of some 20 bytes: cheap enough to ask every second whether there is a new one.
    """
    try:
        name = (index_folder(data_dir) / _POINTER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if _NAME.fullmatch(name) else None


def current_folder(data_dir: Path) -> Path:
    """Return the folder of the generation that answers questions.

    Raises:
        IndexMissing: nothing was ever ingested.
        IndexDamaged: the pointer does not lead to a generation.
    """
    root = index_folder(data_dir)
    name = current_generation(data_dir)
    if name is not None:
        if (root / name).is_dir():
            return root / name
        raise damaged(root / name, "the folder is missing")
    if (root / _POINTER).exists():
        raise damaged(root, f"the file '{_POINTER}' does not name a generation")
    raise IndexMissing(f"There is no index in {data_dir}. Run `prospectus ingest` to build one.")


def damaged(folder: Path, what: str) -> IndexDamaged:
    """Return the error that says what is wrong in ``folder`` and how to repair it."""
    return IndexDamaged(f"The index in {folder} is damaged: {what}. Run `prospectus ingest` to repair it.")


@contextmanager
def writing(data_dir: Path) -> Iterator[Path]:
    """Hold the only right to write, and yield the folder of the generations.

    The lock belongs to the process: when that is killed, the next writer gets it.

    Raises:
        IndexLocked: another process holds it; the message says which one.
    """
    root = index_folder(data_dir)
    root.mkdir(parents=True, exist_ok=True)
    holder = root / "writer.json"
    lock = FileLock(root / "writer.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise IndexLocked(
            f"{_describe(holder)} is writing the index in {data_dir}. "
            "Wait until it is done and run `prospectus ingest` again."
        ) from None
    try:
        since = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
        holder.write_text(json.dumps({"pid": os.getpid(), "since": since}), encoding="utf-8")
        yield root
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """Yield an empty folder to build in, which is gone afterwards; removes what killed writers left.

    For the holder of the lock only.
    """
    for leftover in root.glob("staging-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = root / f"staging-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(data_dir: Path, built: Path) -> str:
    """Make the folder ``built`` the current generation and return the name it gets.

    ``built`` is moved. Of the others only the one that was current stays. For the holder of the lock only.
    """
    root = index_folder(data_dir)
    present = _generations(root)
    previous = current_generation(data_dir) or (present[-1] if present else None)
    number = 1 + max((_number(name) for name in present), default=0)
    name = f"{number:06d}-{_sha256(built / MANIFEST)[:12]}"
    for path in built.rglob("*"):
        _flush(path)
    _flush(built)
    published = built.rename(root / name)
    try:
        _point_to(root, name)
    except BaseException:
        shutil.rmtree(published, ignore_errors=True)
        raise
    _flush(root)
    for old in present:
        if old != previous:
            shutil.rmtree(root / old, ignore_errors=True)
    return name


def seal(folder: Path, manifest: Manifest) -> Manifest:
    """Write ``manifest`` with the hashes of all files in ``folder`` beside it; return it as written."""
    files = {
        path.relative_to(folder).as_posix(): content_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    sealed = replace(manifest, files=files)
    (folder / MANIFEST).write_bytes(TypeAdapter(Manifest).dump_json(sealed, indent=1))
    return sealed


def verify(folder: Path) -> Manifest:
    """Return the manifest of a generation all of whose files are those that were written.

    Raises:
        IndexDamaged: a file is missing, altered or unreadable; the message names it.
        IndexMismatch: written by a version of Prospectus with another format.
    """
    manifest = _read_manifest(folder)
    for name, expected in manifest.files.items():
        try:
            found = content_digest(folder / name)
        except FileNotFoundError:
            raise damaged(folder, f"{name} is missing") from None
        except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
            # SQLite quotes a damaged schema in its message, and Python cannot always decode that.
            raise damaged(folder, f"{name} cannot be read ({error})") from error
        if found != expected:
            raise damaged(folder, f"{name} was altered")
    return manifest


def verified_current(data_dir: Path) -> tuple[Path, Manifest] | None:
    """Return the current generation and its manifest, None where there is none or it is damaged."""
    try:
        folder = current_folder(data_dir)
        return folder, verify(folder)
    except IndexUnusable:
        return None


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file, of Chroma's database that of what its tables hold.

    Chroma 1.5.9 adds a row to ``acquire_write`` whenever it opens the database (measured: nothing else in the
    folder changes, by opening or by querying), so the bytes of that file differ each time.

    Raises:
        OSError, sqlite3.Error: the file cannot be read, or SQLite finds it malformed.
    """
    return _database_digest(path) if path.name == _DATABASE else _sha256(path)


def write_records(path: Path, kind: type[T], records: Iterable[T]) -> None:
    """Write records to a JSON Lines file; equal records give equal bytes."""
    adapter = TypeAdapter(kind)
    with path.open("wb") as file:
        file.writelines(adapter.dump_json(record) + b"\n" for record in records)


def read_records(path: Path, kind: type[T]) -> tuple[T, ...]:
    """Return the records of a JSON Lines file.

    Raises:
        OSError, ValueError: the file is missing or holds something else.
    """
    adapter = TypeAdapter(kind)
    with path.open("rb") as file:
        return tuple(adapter.validate_json(line) for line in file)


def write_keys(folder: Path, keys: Keys) -> None:
    """Write the hashes of what is embedded for a generation."""
    (folder / KEYS).write_bytes(TypeAdapter(Keys).dump_json(keys))


def read_keys(folder: Path) -> Keys:
    """Return the hashes of what was embedded in a generation."""
    return TypeAdapter(Keys).validate_json((folder / KEYS).read_bytes())


def _read_manifest(folder: Path) -> Manifest:
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise damaged(folder, f"{MANIFEST} cannot be read ({error.strerror})") from error
    name = _NAME.fullmatch(folder.name)
    if name is not None and not hashlib.sha256(content).hexdigest().startswith(name["digest"]):
        raise damaged(folder, f"{MANIFEST} was altered")
    try:
        version = json.loads(content)["format_version"]
        if version != FORMAT_VERSION:
            raise IndexMismatch(
                f"The index in {folder} has format {version} but this version of Prospectus reads format "
                f"{FORMAT_VERSION}. Run `prospectus ingest` to rebuild it."
            )
        return TypeAdapter(Manifest).validate_json(content)
    except (ValidationError, ValueError, LookupError, TypeError) as error:
        raise damaged(folder, f"{MANIFEST} is not a manifest") from error


def _database_digest(path: Path) -> str:
    digest = hashlib.sha256()
    # "rw" and not "ro": a process that was killed while it opened the database leaves a journal to undo.
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as connection:
        tables = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name <> 'acquire_write'"
            " AND sql NOT LIKE 'CREATE VIRTUAL %' ORDER BY name"
        ).fetchall()
        for name, sql in tables:
            # Table by table, since the whole would need the modules of the virtual tables.
            (verdict,) = connection.execute(f'PRAGMA integrity_check("{name}")').fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
            digest.update(repr((name, sql)).encode())
            for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 (a name from the schema)
                digest.update(repr(row).encode())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _describe(holder: Path) -> str:
    try:
        record = json.loads(holder.read_text(encoding="utf-8"))
        return f"Process {record['pid']} (since {record['since']})"
    except (OSError, ValueError, LookupError, TypeError):
        # It has the lock and has not yet written who it is.
        return "Another process"


def _generations(root: Path) -> list[str]:
    """Names of the generations that are there, oldest first."""
    return sorted((path.name for path in root.iterdir() if _NAME.fullmatch(path.name)), key=_number)


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _point_to(root: Path, name: str) -> None:
    new = root / f"{_POINTER}.new"
    new.write_text(f"{name}\n", encoding="ascii")
    _flush(new)
    os.replace(new, root / _POINTER)


def _flush(path: Path) -> None:
    """Have a file or the entries of a folder on disk before going on, whatever happens to the power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
