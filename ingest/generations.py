"""Generations of the index on disk: folders, pointer, lock, manifest and the hashes that show damage.

    <data dir>/index/
        current               the name of the generation that answers questions, and of the one before it
        writer.lock           held by the process that writes; writer.json says which one that is
        vectors.journal       what was embedded for a generation that is not published yet (see ``journal``)
        staging-…/            what a writer is building; left behind only by one that was killed
        000042-3fa9c1d2e4b5/  a generation: its number and the beginning of its manifest's SHA-256
            manifest.json     everything below, with its hashes
            documents.jsonl  passages.jsonl  units.jsonl
            origins.jsonl     the files that the documents came from, and those that could not be read
            keys.json         SHA-256 of the text behind each row of passages.npy and units.npy
            passages.npy  units.npy  unit_rows.npy
            lexical/  chroma/  annotations/

A generation never changes once it has its name, byte for byte: what is in it is what its manifest says, and
anything else is damage. A reader follows the pointer; a writer builds beside and exchanges the pointer in one
step, so that a reader sees the old generation or the new one and nothing else, whenever the writer is killed.
The generation before the current one stays: for readers that still use it, to go back to (``rollback``), and
to answer from when the current one turns out to be damaged.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from filelock import FileLock, Timeout

from .data_directory import index_folder
from .disk import flush, free_on
from .errors import IndexDamaged, IndexLocked, IndexMismatch, IndexMissing, IndexUnusable, IngestError
from .records import as_json, from_json

FORMAT_VERSION = 7

MANIFEST = "manifest.json"
DOCUMENTS = "documents.jsonl"
PASSAGES = "passages.jsonl"
UNITS = "units.jsonl"
ORIGINS = "origins.jsonl"
KEYS = "keys.json"
PASSAGE_VECTORS = "passages.npy"
UNIT_VECTORS = "units.npy"
UNIT_ROWS = "unit_rows.npy"
LEXICAL = "lexical"
CHROMA = "chroma"
ANNOTATIONS = "annotations"

_POINTER = "current"
# Bytes; of what is longer, and so no pointer, no more is read.
_LONGEST_POINTER = 200
_NAME = re.compile(r"(?P<number>\d{6,})-(?P<digest>[0-9a-f]{12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of and with.

    ``parameters`` and ``versions`` (of the libraries that wrote the files) together with the embedding model
    decide how an equal corpus is indexed. ``embedding_runtime`` says what computed the vectors that are new
    in it; those of one fingerprint can be compared, whatever did. ``code`` is the digest of what read and cut
    it (see ``code_digest``), ``annotated_by`` the version of what annotated it, "" where nothing did.
    ``files`` maps each file's path within the generation to its SHA-256.
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
    code: str = ""
    annotated_by: str = ""
    embedding_runtime: str = ""
    files: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """SHA-256 of the text that was embedded: of each passage, and of each distinct unit as it first comes.

    Pages of one kind share most of their units' texts: 10,000 programme pages have 134,000 units of 12,000
    texts. So a unit's vector is kept once, and ``unit_rows.npy`` says in which row it stands.
    """

    passages: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the published generation does not answer; ``generation`` is "" where the pointer names none."""

    generation: str
    reason: str


def current_generation(data_dir: Path) -> str | None:
    """Return the name of the generation that answers questions, None where there is none.

    Reads one file of some 60 bytes: cheap enough to ask every second whether there is a new one.
    """
    return _pointer(index_folder(data_dir))[0]


def previous_generation(data_dir: Path) -> str | None:
    """Return the name of the generation that ``rollback`` would go to, None where there is none."""
    return _pointer(index_folder(data_dir))[1]


def generations(data_dir: Path) -> tuple[str, ...]:
    """Return the names of all generations that are there, the one to be used first first.

    That is the current one, then the one before it, then the others from the newest to the oldest: those of
    a pointer that was lost, or what a killed writer had ready and did not publish. A damaged pointer counts
    as far as it names what is there.
    """
    root = index_folder(data_dir)
    present = _generations(root)[::-1]
    pointed = takewhile(present.__contains__, _pointer_content(root).split("\n")[:2])
    return tuple(dict.fromkeys((*pointed, *present)))


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
    if os.path.lexists(root / _POINTER):
        raise damaged(root, f"the file '{_POINTER}' does not name a generation")
    if generations(data_dir):
        raise damaged(root, f"the file '{_POINTER}' is missing")
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
    _remove_staging(root)
    folder = root / f"staging-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        # All of them once more: what a killed writer had started may have ended a moment after it.
        _remove_staging(root)


def publish(data_dir: Path, built: Path, *, keeps_previous: bool = True) -> str:
    """Make the folder ``built`` the current generation and return the name it gets.

    ``built`` is moved. Of the others only the one that was current stays, or the newest that is whole where
    that one is not; with ``keeps_previous`` False none does. For the holder of the lock only.
    """
    root = index_folder(data_dir)
    previous = _worth_keeping(data_dir) if keeps_previous else None
    number = 1 + max(map(_number, _generations(root)), default=0)
    name = f"{number:06d}-{_sha256(built / MANIFEST)[:12]}"
    for path in built.rglob("*"):
        flush(path)
    flush(built)
    published = built.rename(root / name)
    try:
        flush(root)
        _point_to(root, name, previous)
    except BaseException:
        # An interruption may come just after the pointer was exchanged.
        if current_generation(data_dir) != name:
            shutil.rmtree(published, ignore_errors=True)
        raise
    remove_unused(data_dir)
    return name


def rollback(data_dir: Path) -> str:
    """Make the generation before the current one the current one, and return its name.

    Nothing is built or removed: one file is exchanged, and a second rollback goes forth again.

    Raises:
        IndexMissing: there is no generation to go back to.
        IndexDamaged: it is damaged.
        IndexMismatch: a version of Prospectus with another format wrote it.
        IndexLocked: another process is writing.
        IngestError: the pointer cannot be written.
    """
    with writing(data_dir) as root:
        current, previous = _pointer(root)
        if previous is None or not os.path.lexists(root / previous):
            raise IndexMissing(
                f"There is no earlier index in {data_dir} to go back to: one is kept once a second one was "
                "published. Run `prospectus ingest` on the pages as they should be."
            )
        try:
            verify(root / previous)
        except IndexDamaged as error:
            raise IndexDamaged(
                f"Nothing was changed, for the earlier index cannot be used. {error}"
            ) from error
        try:
            _point_to(root, previous, current)
        except OSError as error:
            raise IngestError(
                f"The index in {data_dir} cannot be written ({error}), and is as it was. {free_on(data_dir)} "
                "Make room or give write access, and try again."
            ) from error
        return previous


def remove_unused(data_dir: Path) -> None:
    """Remove the generations that the pointer does not name: older ones, and what killed writers left.

    For the holder of the lock only, and only where the current generation is known to be whole.
    """
    root = index_folder(data_dir)
    pointed = _pointer(root)
    for name in _generations(root):
        if pointed[0] is not None and name not in pointed:
            shutil.rmtree(root / name, ignore_errors=True)


def seal(folder: Path, manifest: Manifest) -> Manifest:
    """Write ``manifest`` with the hashes of all files in ``folder`` beside it; return it as written."""
    files = {
        path.relative_to(folder).as_posix(): content_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    sealed = replace(manifest, files=files)
    (folder / MANIFEST).write_bytes(as_json(Manifest, sealed, indent=1))
    return sealed


def verify(folder: Path, *, only: Collection[str] | None = None) -> Manifest:
    """Return the manifest of a generation that holds all files that were written, as they were, and no other.

    Hidden files (``.nfs…`` and the like) may be added; nothing reads them. With ``only`` these files of the
    manifest are looked at and nothing else. Nothing but the manifest is parsed, so damage cannot end the
    process, as it can that of Chroma.

    Raises:
        IndexDamaged: a file is missing, added, altered or unreadable; the message names it.
        IndexMismatch: written by a version of Prospectus with another format.
    """
    manifest = _read_manifest(folder)
    for name, expected in manifest.files.items():
        if only is not None and name not in only:
            continue
        try:
            found = content_digest(folder / name)
        except FileNotFoundError:
            raise damaged(folder, f"{name} is missing") from None
        except OSError as error:
            raise damaged(folder, f"{name} cannot be read ({error.strerror})") from error
        if found != expected:
            raise damaged(folder, f"{name} was altered")
    added = sorted(_files(folder) - manifest.files.keys() - {MANIFEST})
    if added and only is None:
        raise damaged(folder, f"{added[0]} does not belong to it")
    return manifest


def verified_current(data_dir: Path) -> tuple[Path, Manifest] | None:
    """Return the current generation and its manifest, None where there is none or it is damaged."""
    try:
        folder = current_folder(data_dir)
        return folder, verify(folder)
    except IndexUnusable:
        return None


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        OSError: it cannot be read, or is something else than a file.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        # To open a named pipe would wait for whoever writes into it.
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    return _sha256(path)


def write_keys(folder: Path, keys: Keys) -> None:
    """Write the hashes of what is embedded for a generation."""
    (folder / KEYS).write_bytes(as_json(Keys, keys))


def read_keys(folder: Path) -> Keys:
    """Return the hashes of what was embedded in a generation."""
    return from_json(Keys, (folder / KEYS).read_bytes())


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        content = path.read_bytes()
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
        return from_json(Manifest, content)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise damaged(folder, f"{MANIFEST} is not a manifest") from error


def _files(folder: Path) -> set[str]:
    """The paths within ``folder`` of all that is no folder, but for what is hidden."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)}


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
    try:
        found = [path.name for path in root.iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise damaged(root, f"the folder cannot be read ({error.strerror})") from error
    return sorted(found, key=_number)


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _remove_staging(root: Path) -> None:
    for folder in root.glob("staging-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _worth_keeping(data_dir: Path) -> str | None:
    """The generation that stays beside a new one."""
    present = generations(data_dir)
    for name in present:
        try:
            verify(index_folder(data_dir) / name)
            return name
        except IndexUnusable:
            continue
    # An index that this version does not read may be open in a server of the version that wrote it.
    return present[0] if present else None


def _pointer(root: Path) -> tuple[str | None, str | None]:
    """The names of the current generation and of the one before it; None, None for a damaged pointer."""
    content = _pointer_content(root)
    current, _, rest = content.partition("\n")
    previous = rest.partition("\n")[0]
    if not _NAME.fullmatch(current) or content != _pointer_text(current, previous):
        return None, None
    return current, previous or None


def _pointer_text(current: str, previous: str) -> str:
    # With a checksum: an altered name of the generation before would else go unnoticed until it is needed.
    names = f"{current}\n{previous}\n"
    return f"{names}{hashlib.sha256(names.encode()).hexdigest()[:16]}\n"


def _pointer_content(root: Path) -> str:
    """What stands in the pointer, "" where that cannot be read."""
    path = root / _POINTER
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST_POINTER).decode("ascii", errors="replace")
    except OSError:
        return ""


def _point_to(root: Path, name: str, previous: str | None) -> None:
    new = root / f"{_POINTER}.new"
    try:
        new.write_text(_pointer_text(name, previous or ""), encoding="ascii")
        flush(new)
        if (root / _POINTER).is_dir():
            (root / _POINTER).rmdir()  # which is damage, and no file takes its place by itself
        os.replace(new, root / _POINTER)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    flush(root)
