"""How fast ingest embeds, beside sentence-transformers alone.

Run it: ``python -P tests/benchmarks/embedding.py [--pages FOLDER] [--rounds N] [--most N] [--data FOLDER]``.
Cuts the pages (the shipped corpus without ``--pages``) into passages, embeds about so many of them by each of
two ways in turn, ``--rounds`` times, and prints the median of passages a second, passages a second of one
core's time and how many cores were busy. The ways are ingest's own, journal and all, on the model prepared in
``--data`` (without it, for this run), and one call of ``SentenceTransformer.encode``. In turn, since a
machine is seldom quiet.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from sentence_transformers import SentenceTransformer

from ingest.building import _embed
from ingest.chunking import passage_search_text, split
from ingest.embedding import load_embedder
from ingest.folders import files_in
from ingest.journal import Journal
from ingest.loaders import read_file
from ingest.packaged_model import DEFAULT_MODEL, packaged_folder
from ingest.prepared_models import prepare
from ingest.reference_model import BATCH_SIZE

ROOT = Path(__file__).parents[2]


class Round(NamedTuple):
    """Seconds by the clock, and seconds of all threads together."""

    wall: float
    busy: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how fast passages are embedded.")
    parser.add_argument("--pages", type=Path, default=ROOT / "corpus", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--most", type=int, default=512, metavar="N", help="Passages; spread over the pages.")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="A data directory with the prepared model."
    )
    options = parser.parse_args(arguments)
    documents = [each for file in files_in(options.pages, []) for each in read_file(file, file.stem)]
    passages = [passage_search_text(each, passage) for each in documents for passage in split(each)]
    texts = list(dict.fromkeys(passages))[:: max(1, len(passages) // options.most)]
    with tempfile.TemporaryDirectory() as folder:
        data_dir = options.data or Path(folder)
        prepare(DEFAULT_MODEL, data_dir)
        ours = load_embedder(data_dir=data_dir)
        ours.embed(texts[:BATCH_SIZE])
    theirs = SentenceTransformer(str(packaged_folder()), device="cpu")
    keyed = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}

    def ingest() -> object:
        with tempfile.TemporaryDirectory() as folder:
            return _embed(keyed, ours, Journal(Path(folder), "f", ours.dimensions), lambda *_: None)

    def alone() -> object:
        return theirs.encode(texts, batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False)

    theirs.encode(texts[:BATCH_SIZE])
    rounds = [(_timed(ingest), _timed(alone)) for _ in range(options.rounds)]
    length = sum(map(len, texts)) / len(texts)
    print(f"ingest by {ours.runtime}")
    print(f"{len(texts)} passages of {length:.0f} characters, {options.rounds} rounds")
    for nth, name in enumerate(("ingest", "sentence-transformers")):
        wall = sorted(each[nth].wall for each in rounds)[len(rounds) // 2]
        busy = sum(each[nth].busy for each in rounds) / sum(each[nth].wall for each in rounds)
        used = len(texts) * options.rounds / sum(each[nth].busy for each in rounds)
        speed = f"{len(texts) / wall:>8.1f} passages/s {used:>7.1f} a second of one core"
        print(f"{name:<22}{speed} {busy:>7.2f} cores busy")
    return 0


def _timed(act: Callable[[], object]) -> Round:
    wall, busy = time.perf_counter(), time.process_time()
    act()
    return Round(time.perf_counter() - wall, time.process_time() - busy)


if __name__ == "__main__":
    sys.exit(main())
