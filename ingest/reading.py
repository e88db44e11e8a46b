"""Files into documents in processes of their own: whatever a file does to its reader, ingest goes on.

A page that somebody else wrote is parsed where it can do least harm: in a child process that may use so much
memory and so much time, may not write files and leaves no core dump. A file that exceeds a limit or crashes
its reader is unreadable, with the reason; the files after it get a new process.

What was read is kept in ``<data dir>/read/``, named by everything that decides the result, so that an
unchanged file is not parsed a second time, neither is one that could not be read.

Run as a program (``python -m ingest.reading``) it is the child: each line of standard input names a file, and
each answer on standard output is its length in eight bytes and then JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from os import environ, pathsep
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol, Self

from .code_digest import code_digest
from .documents import Document
from .errors import UnreadableFile
from .links import PageLinks, read_links
from .loaders import MAX_BYTES
from .records import as_json, from_json

MEMORY = 512 * 1024 * 1024
"""Bytes of data that the reader of a file may allocate."""
PROCESSOR_SECONDS = 30
"""Seconds of computing for one file; the longest of 400 real pages and PDFs took under two."""
SECONDS = 120.0
"""Seconds on the clock for one file, also where it waits: a busy machine computes less in them."""
MOST_TEXT = 256 * 1024 * 1024
"""Bytes that the reader may answer: a file of 20 MB, the most that is read, gives some 60."""

_LENGTH = 8
# What a reader's process may know of the environment.
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TMPDIR", "TZ")
# Below this many files a second process takes longer to start than it saves.
_FILES_PER_READER = 8


class Named(Protocol):
    """A file and the id that its document gets, or that the ids of its documents begin with."""

    @property
    def path(self) -> Path: ...

    @property
    def document_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: its documents, or the reason why it has none; ``sha256`` is that of its bytes."""

    documents: tuple[Document, ...] = ()
    reason: str = ""
    sha256: str = ""


# What a child can be asked for.
_DOCUMENTS, _PAGE_LINKS = "documents", "links"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reader of one file may use: bytes of memory, and seconds of computing and on the clock."""

    memory: int = MEMORY
    processor_seconds: int = PROCESSOR_SECONDS
    seconds: float = SECONDS


class ReadingCache:
    """What files were read as.

    An entry that is damaged counts as none. ``is_fresh`` leaves what is there unread; without ``is_kept``
    nothing is written. For one writer at a time.
    """

    def __init__(self, folder: Path, *, is_fresh: bool = False, is_kept: bool = True) -> None:
        self._folder = folder
        self._is_fresh = is_fresh
        self._is_kept = is_kept
        self._used: set[str] = set()
        self._new: set[Path] = set()

    def get(self, key: str) -> Reading | None:
        """Return what was read, None where that is not known."""
        self._used.add(key)
        if self._is_fresh:
            return None
        try:
            digest, _, content = (self._folder / f"{key}.json").read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest.decode("ascii", "replace") != hashlib.sha256(content).hexdigest():
            return None
        try:
            return from_json(Reading, content)
        except ValueError:
            return None

    def put(self, key: str, reading: Reading) -> None:
        """Keep what was read. Raises: OSError."""
        if not self._is_kept:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        content = as_json(Reading, reading)
        new, entry = self._folder / f"{key}.new", self._folder / f"{key}.json"
        self._new |= {new, entry}
        new.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        new.replace(entry)

    def give_back(self) -> None:
        """Delete what was put here since this was made: the disk is full."""
        for path in self._new:
            path.unlink(missing_ok=True)

    def forget_unused(self) -> None:
        """Delete what was not asked for: files that are gone, and earlier versions of those that changed."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.suffix != ".json" or path.stem not in self._used:
                path.unlink(missing_ok=True)


def read_files(
    files: Sequence[Named],
    cache: ReadingCache,
    *,
    limits: Limits | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> list[Reading]:
    """Return what each of ``files`` gives, in their order; ``on_progress`` gets the numbers of files done.

    Raises:
        OSError: the cache cannot be written, or no process can be started.
    """
    report = on_progress or (lambda _: None)
    digests = [_digest(file.path) for file in files]
    found = {
        position: known
        for position, (file, sha256) in enumerate(zip(files, digests, strict=True))
        if sha256 and (known := cache.get(_key(sha256, file))) is not None
    }
    report(len(found))
    unknown = [position for position in range(len(files)) if position not in found]
    with _Readers(len(unknown), limits or Limits()) as readers:
        for position, reading in zip(unknown, readers.read([files[each] for each in unknown]), strict=True):
            sha256 = digests[position]
            found[position] = replace(reading, sha256=sha256)
            # A file that was written to meanwhile was read as something else than its hash says.
            if sha256 and _digest(files[position].path) == sha256:
                cache.put(_key(sha256, files[position]), found[position])
            report(1)
    return [found[position] for position in range(len(files))]


def _key(sha256: str, file: Named) -> str:
    named = f"{file.path.suffix.lower()} {file.document_id}"
    return f"{sha256}-{hashlib.sha256(named.encode(errors='replace')).hexdigest()[:16]}-{code_digest()}"


def _digest(path: Path) -> str:
    """The SHA-256 of a file; "" where it is none that should be opened: the reader says what it is."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


class LinkReader:
    """Reads the links of fetched pages in a process of its own, as ``links.read_links`` does in this one."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._reader = _Reader(limits or Limits())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._reader.close()

    def __call__(self, path: Path, address: str) -> PageLinks:
        """Return what the page in a file links to. Raises: UnreadableFile."""
        try:
            return from_json(PageLinks, self._reader.ask(_PAGE_LINKS, path, address))
        except ValueError:
            raise UnreadableFile(path, "its reader gave no links") from None


class _Readers:
    """Processes that read files, no more than there are cores."""

    def __init__(self, files: int, limits: Limits) -> None:
        count = min(os.cpu_count() or 1, -(-files // _FILES_PER_READER))
        self._idle: SimpleQueue[_Reader] = SimpleQueue()
        self._all = [_Reader(limits) for _ in range(count)]
        for reader in self._all:
            self._idle.put(reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for reader in self._all:
            reader.close()

    def read(self, files: Sequence[Named]) -> Iterator[Reading]:
        """What each file gives, in their order, as soon as it is known."""
        if not files:
            return
        threads = ThreadPoolExecutor(len(self._all), thread_name_prefix="reading")
        try:
            yield from threads.map(self._read, files)
        finally:
            # Where the caller goes, those that still wait are not begun.
            threads.shutdown(wait=False, cancel_futures=True)

    def _read(self, file: Named) -> Reading:
        reader = self._idle.get()
        try:
            return from_json(Reading, reader.ask(_DOCUMENTS, file.path, file.document_id))
        except UnreadableFile as error:
            return Reading(reason=error.reason)
        except ValueError:
            return Reading(reason="its reader gave no documents")
        finally:
            self._idle.put(reader)


class _Reader:
    """A child process that reads one file after the other, and is replaced after one it did not survive."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, task: str, path: Path, name: str) -> bytes:
        """Return what the child answers, JSON. Raises: UnreadableFile, with why it does not."""
        child = self._child = self._child or self._started()
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            child.kill()

        timer = threading.Timer(self._limits.seconds, end)
        timer.start()
        try:
            return _answer(child, [task, os.fspath(path), name])
        except (OSError, EOFError) as error:
            self.close()
            if is_late.is_set():
                raise UnreadableFile(
                    path, f"reading it took more than {self._limits.seconds:.0f} s"
                ) from error
            raise UnreadableFile(path, self._why(child.returncode, error)) from error
        finally:
            timer.cancel()

    def close(self) -> None:
        """End the process, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not yet written cannot be
                    pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        package = Path(__file__).resolve().parent
        known = {name: environ[name] for name in _ENVIRONMENT if name in environ}
        search_path = pathsep.join(filter(None, (str(package.parent), environ.get("PYTHONPATH"))))
        numbers = map(str, (self._limits.memory, self._limits.processor_seconds, os.getpid()))
        return subprocess.Popen(  # noqa: S603 (this very Python, and numbers of ours)
            [sys.executable, "-m", f"{package.name}.reading", *numbers],
            # Keys and passwords of this process are none of a page's business.
            env={**known, "PYTHONPATH": search_path},
            # Ctrl-C ends this process, and with it its pipes: the child then ends by itself.
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _why(self, status: int, error: Exception) -> str:
        if isinstance(error, EOFError) and str(error):
            return str(error)
        if status == -getattr(signal, "SIGXCPU", 0):
            return f"reading it took more than {self._limits.processor_seconds} s of computing"
        if status < 0 and -status in set(signal.Signals):
            return f"its reader was ended by {signal.Signals(-status).name}, as by too little memory"
        return "its reader broke down"


def _answer(child: subprocess.Popen[bytes], request: list[str]) -> bytes:
    """What a child answers. Raises: OSError, EOFError where it does not, or too much."""
    if child.stdin is None or child.stdout is None:
        raise EOFError
    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.flush()
    head = child.stdout.read(_LENGTH)
    if len(head) < _LENGTH:
        raise EOFError
    length = int.from_bytes(head)
    if length > MOST_TEXT:
        raise EOFError(f"it gives {length:,} bytes, more than the {MOST_TEXT:,} allowed")
    answer = child.stdout.read(length)
    if len(answer) < length:
        raise EOFError
    return answer


def main(arguments: Sequence[str]) -> int:
    """Read the files that standard input names.

    ``arguments``: bytes of memory, seconds of computing for each file, the process to end with.
    """
    memory, seconds, parent = map(int, arguments)
    # What a parser prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit_once(memory)
    threading.Thread(target=_end_with, args=[parent], daemon=True).start()
    for line in sys.stdin.buffer:
        task, path, name = json.loads(line)
        _limit_computing(seconds)
        if task == _DOCUMENTS:
            answer = as_json(Reading, _read(Path(path), name))
        else:
            answer = as_json(PageLinks, _links(Path(path), name))
        answers.write(len(answer).to_bytes(_LENGTH) + answer)
        answers.flush()
    return 0


def _read(path: Path, document_id: str) -> Reading:
    from .loaders import read_file

    try:
        return Reading(tuple(read_file(path, document_id)))
    except UnreadableFile as error:
        return Reading(reason=error.reason)
    except MemoryError:
        return Reading(reason="reading it takes more memory than is allowed")
    except RecursionError:
        return Reading(reason="it is nested too deeply")
    except OSError as error:
        return Reading(reason=error.strerror or str(error))
    except Exception as error:  # noqa: BLE001 - a parser that fails on one file must not end the others
        return Reading(reason=f"its reader failed ({type(error).__name__})")


def _links(path: Path, address: str) -> PageLinks:
    """What a page links to; one that cannot be read has no links."""
    try:
        return read_links(path, address)
    except (MemoryError, RecursionError, OSError, ValueError):
        return PageLinks()


def _end_with(parent: int) -> None:
    """End this process soon after the one that started it was killed, also in the middle of a file."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _limit_once(memory: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there the time alone is limited
        return
    # RLIMIT_DATA and not RLIMIT_AS: libraries reserve far more addresses than they use.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_computing(seconds: int) -> None:
    """Let this process compute for ``seconds`` from now on."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + seconds, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
