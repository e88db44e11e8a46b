"""The copies of web pages in ``<data dir>/web/``: what was fetched last, and when.

    web/
        fetching.lock       held by the one process that fetches
        unfinished.json     since when pages are being gone through, until all are
        absent.json         the addresses of which there is nothing to copy, and why
        <hash of the address>.json                        the record of a copy
        <hash of the address>-<hash of the body>.<suffix> its body

A body is written before the record that names it, and each takes its name at once, so that a copy is there
whole or not at all. What nothing names is removed by the next process that opens the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .data_directory import copies_folder
from .disk import flush
from .errors import IndexLocked, IngestError

_FORMAT = 1
_RECORD = ".json"
# What is written here, and so may be removed; the folder may hold files of somebody else.
_OURS = re.compile(r"(?P<key>[0-9a-f]{32})(?:-[0-9a-f]{16}\.[a-z]{2,8}|\.json)|\.new-[0-9a-f]{16}", re.ASCII)
_BODY = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}\.[a-z]{2,8}", re.ASCII)
_UNFINISHED = "unfinished.json"
_ABSENT = "absent.json"
_LOCK = "fetching.lock"
# What was begun longer ago is begun anew: pages have changed since.
_RESUMED_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Copy:
    """A page or sitemap as it was fetched.

    ``address`` is what was asked for and ``final`` where redirects led. ``canonical`` is the address that the
    page gives as its own, "" for none. ``fetched_at`` is when this content was first seen and ``checked_at``
    when the server last confirmed it, both UTC. ``sha256`` is that of the body in the file ``name``;
    ``text_digest`` as in PageLinks. ``links`` are where it leads, those that may be followed.
    """

    address: str
    final: str
    name: str
    sha256: str
    fetched_at: datetime
    checked_at: datetime
    etag: str = ""
    last_modified: str = ""
    canonical: str = ""
    text_digest: str = ""
    may_index: bool = True
    links: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()

    @property
    def fetched_on(self) -> date:
        """The day on which this content was first seen."""
        return self.fetched_at.date()


@dataclass(frozen=True, slots=True)
class Absent:
    """That of an address there was nothing to copy, such as of a link that is broken. UTC."""

    reason: str
    checked_at: datetime


class WebCopies:
    """The copies in one folder, for the holder of its lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, address: str) -> Copy | None:
        """Return the copy of an address; None where there is none, or its files are not what was written."""
        copy = _read(self._record(address))
        if copy is None or copy.address != address:
            return None
        try:
            with self.path_of(copy).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        return copy if found == copy.sha256 else None

    def path_of(self, copy: Copy) -> Path:
        """Where the body is."""
        return self._folder / copy.name

    def write_body(self, address: str, body: bytes, suffix: str) -> tuple[str, str]:
        """Write a body without making it the copy yet; return the name of its file and its SHA-256."""
        digest = hashlib.sha256(body).hexdigest()
        name = f"{_key(address)}-{digest[:16]}{suffix}"
        self._write(name, body)
        return name, digest

    def put(self, copy: Copy) -> None:
        """Make this the copy of its address; its body is there already, and that of another one goes."""
        before = _read(self._record(copy.address))
        record = {"format": _FORMAT, **asdict(copy)}
        content = json.dumps(record, default=_as_text, ensure_ascii=False, indent=1).encode()
        self._write(self._record(copy.address).name, content)
        if before is not None and before.name != copy.name:
            self.path_of(before).unlink(missing_ok=True)

    def confirm(self, copy: Copy, now: datetime) -> Copy:
        """Note that the server still says the same."""
        confirmed = replace(copy, checked_at=now)
        self.put(confirmed)
        return confirmed

    def keep_only(self, addresses: Collection[str]) -> None:
        """Remove the copies of all other addresses."""
        kept = {_key(address) for address in addresses}
        for path in self._folder.iterdir():
            ours = _OURS.fullmatch(path.name)
            if ours is not None and ours["key"] not in kept:
                path.unlink(missing_ok=True)

    def forget(self, address: str) -> int:
        """Remove the copies that were asked for under an address, led there, or call it their own."""
        absent = self.absent()
        if absent.pop(address, None) is not None:
            self._write_absent(absent)
        forgotten = 0
        for path in self._folder.glob(f"*{_RECORD}"):
            copy = _read(path)
            if copy is not None and address in (copy.address, copy.final, copy.canonical):
                path.unlink()
                self.path_of(copy).unlink(missing_ok=True)
                forgotten += 1
        flush(self._folder)
        return forgotten

    def begin(self, purpose: str, now: datetime) -> datetime:
        """Return since when pages are gone through for ``purpose``: now, or since before a break."""
        with suppress(OSError, ValueError, LookupError, TypeError):
            record = json.loads((self._folder / _UNFINISHED).read_bytes())
            since = datetime.fromisoformat(record["since"])
            if record["purpose"] == purpose and now - _RESUMED_WITHIN < since <= now:
                return since
        content = json.dumps({"purpose": purpose, "since": now.isoformat()})
        self._write(_UNFINISHED, content.encode())
        return now

    def finish(self, absent: Mapping[str, Absent]) -> None:
        """Note that all pages were gone through, and of which addresses there was nothing to copy."""
        self._write_absent(absent)
        (self._folder / _UNFINISHED).unlink(missing_ok=True)

    def absent(self) -> dict[str, Absent]:
        """The addresses of which there was nothing to copy the last time that all were gone through."""
        try:
            record = json.loads((self._folder / _ABSENT).read_bytes())
            return {
                str(address): Absent(str(reason), datetime.fromisoformat(checked_at).astimezone(UTC))
                for address, (reason, checked_at) in record.items()
            }
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}  # then they are asked for once more

    def _write_absent(self, absent: Mapping[str, Absent]) -> None:
        if not absent:
            (self._folder / _ABSENT).unlink(missing_ok=True)
            return
        record = {address: (each.reason, each.checked_at.isoformat()) for address, each in absent.items()}
        self._write(_ABSENT, json.dumps(record, ensure_ascii=False, indent=1).encode())

    def _record(self, address: str) -> Path:
        return self._folder / f"{_key(address)}{_RECORD}"

    def _write(self, name: str, content: bytes) -> None:
        new = self._folder / f".new-{secrets.token_hex(8)}"
        try:
            with new.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self._folder / name)
        except BaseException:
            new.unlink(missing_ok=True)
            raise


@contextmanager
def open_copies(data_dir: Path) -> Iterator[WebCopies]:
    """Hold the only right to fetch into a data directory, and yield its copies.

    Raises:
        IndexLocked: another process holds it.
        IngestError: the folder cannot be written to.
    """
    folder = copies_folder(data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise IndexLocked(
                f"Another process is fetching pages into {folder}. Wait until it is done and run "
                "`prospectus ingest` again."
            ) from None
        try:
            _tidy(folder)
            yield WebCopies(folder)
        finally:
            lock.release()
    except OSError as error:
        raise IngestError(
            f"The copies of web pages in {folder} cannot be kept ({error}). The index is as it was. Make "
            "room or give write access, and run `prospectus ingest` again: it goes on where it stopped."
        ) from error


def forget(data_dir: Path, address: str) -> int:
    """Remove what was fetched from an address; return of how many copies there was any.

    Raises:
        IndexLocked, IngestError: as ``open_copies``.
    """
    if not copies_folder(data_dir).is_dir():
        return 0
    with open_copies(data_dir) as copies:
        return copies.forget(address)


def _key(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]


def _tidy(folder: Path) -> None:
    """Remove what a process that was killed left half done, and records that cannot be read."""
    named: set[str] = set()
    for path in folder.glob(f"*{_RECORD}"):
        copy = _read(path)
        if copy is not None and path.name == f"{_key(copy.address)}{_RECORD}":
            named |= {path.name, copy.name}
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in named:
            path.unlink()


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a record holds no {type(value).__name__}")


def _read(path: Path) -> Copy | None:
    """The copy that a record describes, None where it describes none of this format."""
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
        if record.pop("format") != _FORMAT or record.keys() != {field.name for field in fields(Copy)}:
            return None
        for key in ("fetched_at", "checked_at"):
            record[key] = datetime.fromisoformat(record[key]).astimezone(UTC)
        for key in ("links", "sitemaps"):
            record[key] = tuple(map(str, record[key]))
        if not _BODY.fullmatch(record["name"]):
            return None
        return Copy(**record)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
