"""The real ``prospectus serve`` in a process of its own, for tests that see it only from outside.

Everything is as an operator has it (command, settings from the environment, uvicorn, sockets, files), except
that a small assistant takes the place of the model. It obeys the message:

    "wait 3"   replies after three seconds
    "break"    fails with an error whose text must not come out
    "many 40"  replies with forty sentences
    "echo …"   replies with a sentence of what follows
    others     the fee, as ``api_fakes.a_reply``

The published generation is the content of a file, so that a test can swap it. With ``with_model`` nothing is
replaced: the index of the data directory answers, built from the corpus where there is none.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import psutil
from api_fakes import QUOTE, FakeAssistant, FakeBackend, FakeIndex, a_reply

from api.backend import OpenGeneration
from assistant.conversation import Turn
from assistant.reply import Reply, Sentence

ROOT = Path(__file__).parents[2]
SECRET_OF_THE_FAILURE = "Canary5521"  # noqa: S105 - stands in an error, to be seen nowhere
STARTS_WITHIN = 120.0
NO_LIMITS = {f"RATE_LIMIT{of}": "1000000/minute" for of in ("", "_ADDRESS", "_ALL")}
"""Settings for what asks more often than a person would."""


class ObedientAssistant(FakeAssistant):
    """Does what the message says, see the module's docstring."""

    def reply(
        self,
        message: str,
        *,
        history: Sequence[Turn] = (),
        profile: Mapping[str, str] | None = None,
        language: str | None = None,
        page: str | None = None,
    ) -> Reply:
        found = super().reply(message, history=history, profile=profile, language=language, page=page)
        if wait := re.search(r"\bwait (\d+(?:\.\d+)?)", message):
            time.sleep(float(wait[1]))
        if re.search(r"\bbreak\b", message):
            raise ZeroDivisionError(f"at /home/{SECRET_OF_THE_FAILURE} with {message!r}")
        if echo := re.search(r"\becho (.+)", message, re.DOTALL):
            one = a_reply(self.index.generation, question=found.question)
            framing = Sentence(echo[1])
            return replace(one, sentences=(framing,), text=echo[1], citations=(), notices=())
        if many := re.search(r"\bmany (\d+)", message):
            sentences = tuple(Sentence(QUOTE, (1,)) for _ in range(int(many[1])))
            one = a_reply(self.index.generation, question=found.question)
            text = " ".join(f"{each.text} [1]" for each in sentences)
            return replace(one, sentences=sentences, text=text, citations=one.citations[:1], notices=())
        return found


class FileBackend(FakeBackend):
    """A backend whose published generation is what ``pointer`` holds."""

    def __init__(self, pointer: Path) -> None:
        super().__init__()
        self._pointer = pointer

    def current_generation(self) -> str | None:
        return self._pointer.read_text(encoding="utf-8").strip() or None

    def open(self) -> OpenGeneration:
        self.published = self.current_generation()
        opened = super().open()
        index = opened.index
        if not isinstance(index, FakeIndex):
            raise TypeError(index)
        return OpenGeneration(index, ObedientAssistant(index))


@dataclass(frozen=True, slots=True)
class Resources:
    """What a process holds."""

    tasks: int
    threads: int
    descriptors: int
    connections: int
    resident: int


class OutsideServer:
    """A running server and the files around it."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        arguments: Sequence[str] = (),
        *,
        with_model: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self._pointer = folder / "published"
        self._tasks = folder / "tasks.json"
        if not self._pointer.exists():
            self.publish("g1")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PROSPECTUS_")
        }
        environment |= {"PROSPECTUS_DATA_DIR": str(self.data), "PYTHONUNBUFFERED": "1"}
        environment |= {f"PROSPECTUS_{name}": value for name, value in settings.items()}
        with self.log.open("ab") as log:
            self._reads_from = log.tell()
            self.process = subprocess.Popen(
                [
                    *(sys.executable, __file__, "" if with_model else str(self._pointer), str(self._tasks)),
                    *("--port", "0", *arguments),
                ],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.port = self._wait_for_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **headers: str) -> httpx2.Client:
        """A client that sends these headers (written with _ for -) with each request; to be closed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx2.Client(base_url=self.url, headers=named, timeout=30, trust_env=False, verify=False)

    def logged(self) -> str:
        """What the server has written to standard error since it was started."""
        return self.log.read_bytes()[self._reads_from :].decode("utf-8", "replace")

    def publish(self, generation: str) -> None:
        fresh = self._pointer.with_suffix(".new")
        fresh.write_text(generation, encoding="utf-8")
        fresh.replace(self._pointer)

    def resources(self) -> Resources:
        """What the process holds at this moment; asks the process itself for its asyncio tasks."""
        before = self._tasks.stat().st_mtime_ns if self._tasks.exists() else 0
        self.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: self._tasks.exists() and self._tasks.stat().st_mtime_ns != before)
        process = psutil.Process(self.process.pid)
        return Resources(
            tasks=json.loads(self._tasks.read_text())["tasks"],
            threads=process.num_threads(),
            descriptors=process.num_fds(),
            connections=len([each for each in process.net_connections("tcp") if each.raddr]),
            resident=process.memory_info().rss,
        )

    def stop(self, number: int = signal.SIGTERM, timeout: float = 20) -> int:
        """Sends the signal, waits for the end and returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        finally:
            self.process.kill()
            self.process.wait()

    def _wait_for_port(self) -> int:
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end:
            if found := re.search(r"http://[^\s/]+:(\d+)/", self.logged()):
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.process.kill()
        raise RuntimeError(f"the server did not start:\n{self.logged()}")


@contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[OutsideServer]:
    """A server with these settings (without their prefix), ended at the end of the block."""
    server = OutsideServer(folder, settings, arguments)
    try:
        yield server
    finally:
        server.stop()


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The server-sent events in ``text``, comments left out."""
    found = []
    for block in re.split(r"\r?\n\r?\n", text.strip()):
        # Not splitlines(), which knows line ends that the format does not.
        fields = [line.partition(":") for line in re.split(r"\r?\n", block) if not line.startswith(":")]
        if not fields:
            continue
        values = {name: value.removeprefix(" ") for name, _, value in fields if name != "data"}
        data = "\n".join(value.removeprefix(" ") for name, _, value in fields if name == "data")
        found.append((values.get("event", "message"), json.loads(data)))
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Returns as soon as the condition holds. Raises: AssertionError after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited for {seconds} s")
        time.sleep(0.01)


def _main() -> None:
    import asyncio

    from api.command_line import app

    pointer, tasks, *arguments = sys.argv[1:]

    def count_tasks(_signal: int, _frame: object) -> None:
        written = Path(f"{tasks}.new")
        written.write_text(json.dumps({"tasks": len(asyncio.all_tasks())}))
        written.replace(tasks)

    signal.signal(signal.SIGUSR1, count_tasks)
    app(["serve", *arguments], obj=(lambda settings: FileBackend(Path(pointer))) if pointer else None)


if __name__ == "__main__":
    _main()
