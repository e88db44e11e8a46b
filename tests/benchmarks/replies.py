"""How long a checked reply takes.

Run it: ``python tests/benchmarks/replies.py [--corpus FOLDER] [--rounds N] [--limit MS]``. Asks the first
turns of ``tests/questions/first.jsonl`` and ``full.jsonl`` of an index of the corpus, twice of an assistant
that has kept nothing of them, ``--rounds`` times, and prints p50, p95 and the longest time of replies in
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
from ingest.embedding import Embedder, load_embedder
from ingest.index import open_current
from ingest.packaged_model import DEFAULT_MODEL
from ingest.pipeline import ingest
from ingest.prepared_models import prepare

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
    questions = list(
        dict.fromkeys(
            json.loads(line)["turns"][0]
            for name in QUESTIONS
            for line in (ROOT / "tests" / "questions" / name).read_text(encoding="utf-8").splitlines()
        )
    )
    alone: list[float] = []
    whole: list[float] = []
    again: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        prepare(DEFAULT_MODEL, data_dir)
        embedder = load_embedder(data_dir=data_dir)
        ingest([options.corpus], data_dir, embedder)
        index = open_current(data_dir, embedder=embedder)
        Assistant(index, embedder).reply(questions[0])
        for _ in range(options.rounds):
            # A new one, which has kept nothing of the rounds before.
            assistant = Assistant(index, embedder)
            for times, act in ((alone, _alone(embedder)), (whole, assistant.reply), (again, assistant.reply)):
                times += _times(act, questions)
        index.close()
    print(f"{'ms':<22}{'p50':>8}{'p95':>8}{'longest':>9}   n = {len(whole)} ({len(questions)} questions)")
    for name, times in (
        ("embedding alone", alone),
        ("whole checked reply", whole),
        ("the same, asked again", again),
    ):
        p50, p95 = np.percentile(times, [50, 95])
        print(f"{name:<22}{p50:>8.1f}{p95:>8.1f}{max(times):>9.1f}")
    print(f"{'ratio':<22}{np.median(whole) / np.median(alone):>8.2f}")
    return 0 if float(np.percentile(whole, 95)) < options.limit else 3


def _alone(embedder: Embedder) -> Callable[[str], object]:
    return lambda question: embedder.embed([question])


def _times(act: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Milliseconds of every call."""
    times: list[float] = []
    for question in questions:
        started = time.perf_counter()
        act(question)
        times.append((time.perf_counter() - started) * 1000)
    return times


if __name__ == "__main__":
    sys.exit(main())
