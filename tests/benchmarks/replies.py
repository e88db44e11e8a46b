"""How long a checked reply takes.

Run it: ``python tests/benchmarks/replies.py [--corpus FOLDER] [--rounds N] [--limit MS]``. Asks the first
turns of ``tests/questions/first.jsonl`` and ``full.jsonl`` of an index of the corpus, each once to warm up
and then ``--rounds`` times, and prints p50, p95 and the longest time of whole replies in
milliseconds, beside the time that embedding the same questions takes alone: the ratio of the two says more
than either on a machine that is not quiet. Exit status 3 where p95 is not below ``--limit`` (60 ms).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.assistant import Assistant
from ingest.embedding import load_embedder
from ingest.index import open_current
from ingest.pipeline import ingest

ROOT = Path(__file__).parents[2]
QUESTIONS = ("first.jsonl", "full.jsonl")
LIMIT = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 3 where p95 is not below the limit."""
    parser = argparse.ArgumentParser(description="Measure how long checked replies take.")
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="MS")
    options = parser.parse_args(arguments)
    questions = [
        json.loads(line)["turns"][0]
        for name in QUESTIONS
        for line in (ROOT / "tests" / "questions" / name).read_text(encoding="utf-8").splitlines()
    ]
    embedder = load_embedder()
    with tempfile.TemporaryDirectory() as folder:
        ingest([options.corpus], Path(folder), embedder)
        index = open_current(Path(folder), embedder=embedder)
        assistant = Assistant(index, embedder)
        alone = _times(lambda question: embedder.embed([question]), questions, options.rounds)
        whole = _times(assistant.reply, questions, options.rounds)
        index.close()
    print(f"{'ms':<22}{'p50':>8}{'p95':>8}{'longest':>9}   n = {len(whole)} ({len(questions)} questions)")
    for name, times in (("embedding alone", alone), ("whole checked reply", whole)):
        p50, p95 = np.percentile(times, [50, 95])
        print(f"{name:<22}{p50:>8.1f}{p95:>8.1f}{max(times):>9.1f}")
    print(f"{'ratio':<22}{np.median(whole) / np.median(alone):>8.2f}")
    return 0 if float(np.percentile(whole, 95)) < options.limit else 3


def _times(act: Callable[[str], object], questions: Sequence[str], rounds: int) -> list[float]:
    """Milliseconds of every call, after one round that is not counted."""
    times: list[float] = []
    for nth in range(rounds + 1):
        for question in questions:
            started = time.perf_counter()
            act(question)
            if nth > 0:
                times.append((time.perf_counter() - started) * 1000)
    return times


if __name__ == "__main__":
    sys.exit(main())
