"""How indexing and retrieval grow with the number of passages, beside a LangChain chain as in tutorials.

Run it with the extra ``benchmark`` installed: ``python tests/benchmarks/growth.py [--sizes N,N]
[--questions N] [--replies N] [--json FILE] [--markdown FILE] [--plot FILE.svg]``. For each size it makes
programme pages (``sibling_pages``) that give that many passages, and measures the two systems of
``growth_systems``: "ours", which is ``prospectus ingest`` with all that answers stand on, and "chain", which
holds the very same passages with the same weights. The table goes to standard output; files are written
anew after each size.

Every step runs in a process of its own, so that the peak of memory is its own. Questions are asked of both
in turn, so that what else the machine does meets both alike: the ratio of ours to the chain says more than
either time. Embedding is most of the work: 100,000 passages take two hours or so on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from growth_report import Point, as_markdown, as_svg
from growth_systems import CHAIN, OURS
from sibling_pages import programmes, questions, write_pages

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Names there are for that many pages; they give some 100,300 passages.
MOST_PAGES = 40_250
# Questions about the first pages, which every size has, so that all sizes are asked the same.
PAGES_ASKED_ABOUT = 300
WARM_UP = 10
# Chroma's share of the true ten nearest must not be lower than this, for either system.
LEAST_RECALL = 0.99


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; exit status 3 where ours is slower than the chain or recall is too low."""
    parser = argparse.ArgumentParser(description="Measure growth beside a LangChain chain.")
    parser.add_argument("--sizes", default="1000,10000,100000", metavar="N,N", help="numbers of passages")
    parser.add_argument("--questions", type=int, default=200, metavar="N")
    parser.add_argument("--replies", type=int, default=40, metavar="N", help="whole replies of ours to time")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    options = parser.parse_args(arguments)
    points: list[Point] = []
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="growth-") as folder:
            points += _measured(Path(folder), size, options.questions, options.replies)
        for file, text in (
            (options.json, json.dumps([asdict(point) for point in points], indent=1) + "\n"),
            (options.markdown, as_markdown(points)),
            (options.plot, as_svg(points)),
        ):
            if file is not None:
                file.write_text(text, encoding="utf-8")
    print(as_markdown(points), end="")
    return 0 if all(map(_is_good, zip(points[::2], points[1::2], strict=True))) else 3


def _is_good(pair: tuple[Point, Point]) -> bool:
    ours, chain = pair
    return ours.p50_ms <= chain.p50_ms and ours.recall_at_10 >= LEAST_RECALL


def _measured(folder: Path, size: int, asked: int, replies: int) -> list[Point]:
    """Ours and the chain over ``size`` passages or one or two more."""
    texts = _write_pages(folder / "pages", size, asked + WARM_UP)
    indexed = {system: _once(folder, system) for system in (OURS, CHAIN)}
    times: dict[str, list[float]] = {OURS: [], CHAIN: []}
    recall: dict[str, list[float]] = {OURS: [], CHAIN: []}
    with ExitStack() as stack:
        # One after the other, so that each has the machine to itself while it opens.
        ours = stack.enter_context(_asking(folder, OURS))
        opened = {OURS: ours.reply()}
        chain = stack.enter_context(_asking(folder, CHAIN))
        opened[CHAIN] = chain.reply()
        for number, text in enumerate(texts):
            # Who is asked first gets what the other left in the processor's caches.
            order = ((OURS, ours), (CHAIN, chain))
            for system, worker in order if number % 2 else order[::-1]:
                found = worker.ask({"do": "retrieve", "question": text})
                if number < WARM_UP:
                    continue
                times[system].append(found["ms"])
                judged = ours.ask({"do": "recall", "question": text, "found": found["nearest"]})
                recall[system].append(judged["recall"])
        whole = [ours.ask({"do": "answer", "question": text})["ms"] for text in texts[WARM_UP:][:replies]]
        ended = {OURS: ours.ask({"do": "end"}), CHAIN: chain.ask({"do": "end"})}
    return [
        Point(
            system=system,
            passages=indexed[system]["passages"],
            index_s=indexed[system]["seconds"],
            index_stages_s=indexed[system]["stages"],
            open_s=opened[system]["seconds"],
            p50_ms=float(np.percentile(times[system], 50)),
            p95_ms=float(np.percentile(times[system], 95)),
            questions=len(times[system]),
            index_peak_mb=indexed[system]["peak_mb"],
            answer_peak_mb=ended[system]["peak_mb"],
            disk_mb=indexed[system]["disk_mb"],
            recall_at_10=float(np.mean(recall[system])),
            reply_p50_ms=float(np.median(whole)) if system == OURS and whole else None,
        )
        for system in (OURS, CHAIN)
    ]


def _write_pages(folder: Path, size: int, asked: int) -> list[str]:
    """Write pages that give ``size`` passages; return as many questions about the first of them."""
    # Always drawn from the same, so that a larger size adds pages to a smaller one.
    pages = programmes(MOST_PAGES)
    count, passages = 0, 0
    while passages < size and count < len(pages):
        passages += len(pages[count].university.sections)
        count += 1
    if passages < size:
        raise SystemExit(f"there are pages for {passages:,} passages and no more")
    write_pages(folder, pages[:count])
    turns = [question.turns[0] for question in questions(pages[:PAGES_ASKED_ABOUT], 60)]
    distinct = list(dict.fromkeys(turns))
    step = max(1, len(distinct) // asked)
    return distinct[::step][:asked]


class _Worker:
    """A process that answers one line of JSON with another."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        stdin = self._process.stdin
        if stdin is None:
            raise ValueError("the process was started without a pipe")
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        return self.reply()

    def reply(self) -> dict[str, Any]:
        stdout = self._process.stdout
        line = stdout.readline() if stdout is not None else ""
        if not line:
            raise SystemExit(f"a process ended with status {self._process.wait()}; see above")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def _asking(folder: Path, system: str) -> Iterator[_Worker]:
    process = _started(folder, system, "ask")
    try:
        yield _Worker(process)
    finally:
        process.kill()
        process.communicate()


def _once(folder: Path, system: str) -> dict[str, Any]:
    """What a process says that makes the index and ends."""
    process = _started(folder, system, "index")
    try:
        return _Worker(process).reply()
    finally:
        process.communicate()


def _started(folder: Path, system: str, act: str) -> subprocess.Popen[str]:
    print(f"{system}: {act}", file=sys.stderr)
    return subprocess.Popen(
        [sys.executable, HERE / "growth_systems.py", system, act, folder],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            # The same for both: threads that spin while they wait take the other's processor away.
            "OMP_WAIT_POLICY": "PASSIVE",
            "ANONYMIZED_TELEMETRY": "False",
            "HF_HUB_OFFLINE": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
