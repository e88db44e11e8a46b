"""``kill -9`` at any moment of an ingest: what was published answers on, and the next run makes it good."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ingest.embedding import Embedder
from ingest.generations import current_folder, current_generation, previous_generation, verify
from ingest.index import open_current, open_usable

YEARS = ("2026", "2027", "2028")
SUBJECTS = ("Physics", "Law", "History", "Music", "Biology")
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


def write_pages(folder: Path, year: str) -> None:
    """The same pages for each year, with nearly all texts different from those of the other years."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, subject in enumerate(SUBJECTS):
        text = (
            f"# {subject} {year}\n\n"
            f"## Tuition\n\nTuition for {subject} in {year} is {number + 1},{year[1:]} EUR per year.\n\n"
            f"## Dates\n\nApplications for {subject} close on {number + 1} May {year}. Late ones wait.\n"
        )
        (folder / f"{subject.lower()}.md").write_text(text, encoding="utf-8")


class Ended(NamedTuple):
    status: int
    steps: int


class Writers:
    """Starts one ingest at a time in a process of its own."""

    def __init__(self, log: Path) -> None:
        root = Path(__file__).parents[2]
        path = os.pathsep.join(map(str, (root, Path(__file__).parent)))
        self._log = log.open("wb")
        self._program = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("killed_writer.py")],
            env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def start(
        self, data: Path, pages: Path, at: int | None = None, number: signal.Signals = signal.SIGKILL
    ) -> int:
        """Start an ingest, which before step ``at`` sends itself a signal; return its process id."""
        self._say(json.dumps({"data": str(data), "pages": str(pages), "at": at, "signal": number}))
        return int(self._answer())

    def wait(self) -> Ended:
        self._say("wait")
        return Ended(*map(int, self._answer().split()))

    def run(
        self, data: Path, pages: Path, at: int | None = None, number: signal.Signals = signal.SIGKILL
    ) -> Ended:
        self.start(data, pages, at, number)
        return self.wait()

    def close(self) -> None:
        self._program.communicate()
        self._log.close()

    def _say(self, line: str) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(f"{line}\n")
        self._program.stdin.flush()

    def _answer(self) -> str:
        assert self._program.stdout is not None
        answer = self._program.stdout.readline()
        assert answer, "the program that starts the writers has ended"
        return answer


class Reader(threading.Thread):
    """Asks the published index all the time, as a server does, and notes whatever is wrong with a reply."""

    def __init__(self, data: Path, embedder: Embedder) -> None:
        super().__init__(daemon=True)
        self._data = data
        self._embedder = embedder
        self._done = threading.Event()
        self.replies = 0
        self.swaps = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        vectors = {
            subject: self._embedder.embed([f"{subject} Tuition EUR per year"])[0] for subject in SUBJECTS
        }
        index, refusal = open_usable(self._data, embedder=None)
        while not self._done.is_set():
            try:
                if current_generation(self._data) != index.generation:
                    index.close()
                    index, refusal = open_usable(self._data, embedder=None)
                    self.swaps += 1
                if refusal is not None:
                    self.wrong.append(refusal.reason)
                self._ask(index, vectors)
            except Exception as error:  # noqa: BLE001 - whatever it is, a server would have failed
                self.wrong.append(repr(error))
            time.sleep(0.005)
        index.close()

    def _ask(self, index: Any, vectors: dict[str, Any]) -> None:
        for subject, vector in vectors.items():
            found = index.passages[index.dense(vector, 1)[0][0]].text
            if subject not in found or not index.lexical(subject, 1):
                self.wrong.append(f"{subject}: {found}")
            self.replies += 1

    def stop(self) -> None:
        self._done.set()
        self.join(30)


def content(data: Path) -> tuple[Any, ...]:
    """All that an index is: two of which this is equal give equal replies to everything.

    That is the manifest with the hash of every file, but for when it was built and for what Chroma wrote:
    that holds names drawn by chance. Of Chroma it is what it finds.
    """
    folder = current_folder(data)
    manifest = verify(folder)
    files = {name: digest for name, digest in manifest.files.items() if not name.startswith("chroma/")}
    index = open_current(data, embedder=None)
    try:
        found = [
            [(position, round(cosine, 5)) for position, cosine in index.dense(vector, 8)]
            for vector in np.array(index.passage_vectors)
        ]
    finally:
        index.close()
    return replace(manifest, created_at=OLDEST, files=files), found


@pytest.fixture(scope="module")
def writers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writers]:
    writers = Writers(tmp_path_factory.mktemp("writers") / "log")
    yield writers
    writers.close()


class Site:
    """Pages of three years, the index of a clean build of each, and a data directory to be killed in."""

    def __init__(self, folder: Path, writers: Writers) -> None:
        self._folder = folder
        self._writers = writers
        self.data = folder / "data"
        self.clean: dict[str, tuple[Any, ...]] = {}
        for year in YEARS:
            write_pages(self.pages(year), year)
            started = time.monotonic()
            self.steps = self.finish(year, folder / f"clean-{year}" / "data")
            self.seconds = time.monotonic() - started
            self.clean[year] = content(folder / f"clean-{year}" / "data")
        shutil.copytree(folder / f"clean-{YEARS[0]}" / "data", self.data)
        self.finish(YEARS[1])

    def pages(self, year: str) -> Path:
        return self._folder / "pages" / year

    def next(self) -> str:
        """The year whose texts neither of the two generations holds."""
        return YEARS[(YEARS.index(self.last) + 1) % len(YEARS)]

    def finish(self, year: str, data: Path | None = None) -> int:
        """Ingest to the end; return the steps that took."""
        ended = self._writers.run(data or self.data, self.pages(year))
        assert ended.status == 0
        self.last = year
        return ended.steps

    def kill_after(self, seconds: float) -> bool:
        """Start an ingest and kill it after so long; whether it was still there to be killed."""
        process = self._writers.start(self.data, self.pages(self.next()))
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        return self._writers.wait().status == -signal.SIGKILL

    def interrupt_before(self, step: int) -> Ended:
        """Have an ingest end as by Ctrl-C before its so-manieth step."""
        return self._writers.run(self.data, self.pages(self.next()), step, signal.SIGINT)

    def kill_before(self, step: int) -> bool:
        """Have an ingest kill itself before its so-manieth step; whether it took as many."""
        return self._writers.run(self.data, self.pages(self.next()), step).status == -signal.SIGKILL

    def make_good(self, before: tuple[str | None, str | None]) -> None:
        """Run once more, and see that the index is that of a clean build and that nothing else is left."""
        after_kill = current_generation(self.data)
        year = self.next()
        self.finish(year)
        assert content(self.data) == self.clean[year]
        current, previous = current_generation(self.data), previous_generation(self.data)
        assert previous == before[0]
        assert after_kill in (before[0], current)
        assert names(self.data) == {str(current), str(previous), "current", "writer.lock"}

    def named(self) -> tuple[str | None, str | None]:
        return current_generation(self.data), previous_generation(self.data)


def names(data: Path) -> set[str]:
    return {path.name for path in (data / "index").iterdir()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, writers: Writers) -> Site:
    return Site(tmp_path_factory.mktemp("site"), writers)


@pytest.fixture
def reader(site: Site, bag_of_words: Embedder) -> Iterator[Reader]:
    reader = Reader(site.data, bag_of_words)
    reader.start()
    yield reader
    reader.stop()


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.long)])
def test_killed_at_random_moments_nothing_is_lost(site: Site, reader: Reader, kills: int) -> None:
    generator = random.Random(kills)  # noqa: S311 (no secret)
    killed = 0
    while killed < kills:
        before = site.named()
        for _ in range(generator.choice((1, 2, 3))):  # a run after a kill may be killed as well
            killed += site.kill_after(generator.uniform(0, site.seconds))
        site.make_good(before)
    reader.stop()
    assert reader.wrong == []
    assert reader.swaps >= kills / 3
    assert reader.replies > 10 * kills
    print(f"{killed} kills, {reader.replies} replies, {reader.swaps} swaps")


@pytest.mark.parametrize("every", [24, pytest.param(1, marks=pytest.mark.long)])
def test_killed_before_any_step_nothing_is_lost(site: Site, reader: Reader, every: int) -> None:
    step, killed = every // 2 + 1, 0
    while True:
        before = site.named()
        if not site.kill_before(step):
            site.last = site.next()
            break
        site.make_good(before)
        step, killed = step + every, killed + 1
    reader.stop()
    assert reader.wrong == []
    assert killed >= 0.8 * site.steps / every > 2
    print(f"{killed} kills, {reader.replies} replies, {reader.swaps} swaps")


@pytest.mark.parametrize("every", [59, pytest.param(3, marks=pytest.mark.long)])
def test_a_first_ingest_that_is_killed_is_made_good_by_the_next(
    site: Site, tmp_path: Path, writers: Writers, every: int
) -> None:
    killed = 0
    for step in range(1, site.steps, every):
        data = tmp_path / str(step) / "data"
        data.parent.mkdir()
        assert writers.run(data, site.pages("2026"), step).status == -signal.SIGKILL
        assert writers.run(data, site.pages("2026")).status == 0
        assert content(data) == site.clean["2026"]
        # Killed with all done but the pointer, the first run's generation is what can be gone back to.
        kept = filter(None, (current_generation(data), previous_generation(data)))
        assert names(data) == {*kept, "current", "writer.lock"}
        shutil.rmtree(data)
        killed += 1
    assert killed > 1
    print(f"{killed} kills")


def test_ctrl_c_ends_an_ingest_at_once_and_leaves_nothing_but_what_is_embedded(site: Site) -> None:
    before, names_before = site.named(), names(site.data)
    ended = site.interrupt_before(site.steps // 2)
    assert ended.status > 0
    assert site.named() == before
    assert names(site.data) - names_before <= {"vectors.journal"}
    site.make_good(before)
