"""One system in a process of its own: ``python -m tests.benchmarks.compared_process ACT FOLDER MODELS …``.

Every act writes one line of JSON for each thing done to standard output:

    prepare             the embedding model for ONNX Runtime, to MODELS
    index SYSTEM        make the index
    passages            write the passages that the others are given, from the index of ours
    first SYSTEM TEXT   open the index, answer one question, and stay until it is ended
    serve SYSTEM        open the index, then answer each line of JSON on standard input with another
    exact               likewise; compares what was found with an exact scan
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from .compared_systems import INDEX, LIMIT, OPEN, OURS, Ask, Place, write_passages

# A vector that is nearer than the tenth by less than this is as near: texts on siblings are often equal.
_AS_NEAR = 1e-6

# What a library prints goes to standard error, and not between the lines of JSON.
_out = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say, and speak JSON on standard output."""
    act, folder, models, *more = arguments
    place = Place(Path(folder), Path(models))
    if act == "prepare":
        _prepare(place)
        _say({})
    elif act == "passages":
        _say({"passages": write_passages(place)})
    elif act == "index":
        indexed = INDEX[more[0]](place)
        _say(
            {
                "seconds": indexed.seconds,
                "stages": dict(indexed.stages),
                "peak_mb": _peak_mb(),
                "disk_mb": _disk_mb(place.index_of(more[0])),
            }
        )
    elif act == "first":
        OPEN[more[0]](place)(more[1])
        _say({})
        sys.stdin.read()
    elif act == "serve":
        ask = OPEN[more[0]](place)
        _say({})
        for request in _requests():
            _say(_served(ask, request))
    elif act == "exact":
        _compare(place)
    else:
        raise ValueError(f"there is no act {act!r}")
    return 0


def _prepare(place: Place) -> None:
    from ingest.packaged_model import DEFAULT_MODEL
    from ingest.prepared_models import prepare

    prepare(DEFAULT_MODEL, place.models)


def _served(ask: Ask, request: Mapping[str, Any]) -> dict[str, Any]:
    if request["do"] == "ask":
        started = time.perf_counter()
        found = ask(request["question"])
        milliseconds = 1000 * (time.perf_counter() - started)
        return {"ms": milliseconds, "nearest": list(found.nearest), "is_cited": found.is_cited}
    if request["do"] == "peak":
        return {"peak_mb": _peak_mb()}
    return _at_once(ask, request["questions"], request["clients"], request["seconds"])


def _at_once(ask: Ask, questions: Sequence[str], clients: int, seconds: float) -> dict[str, Any]:
    """What ``clients`` threads get through that each ask the next question when they have an answer."""
    waiting, lock = iter(questions), Lock()
    started = time.perf_counter()

    def client() -> tuple[int, list[str]]:
        answered, failures = 0, []
        while time.perf_counter() - started < seconds:
            with lock:
                question = next(waiting, None)
            if question is None:
                break
            try:
                ask(question)
                answered += 1
            except Exception as error:  # noqa: BLE001 - a system that cannot do this is measured, too
                failures.append(f"{type(error).__name__}: {error}")
        return answered, failures

    with ThreadPoolExecutor(clients) as threads:
        done = [each.result() for each in [threads.submit(client) for _ in range(clients)]]
    return {
        "answered": sum(answered for answered, _ in done),
        "failures": [failure for _, failures in done for failure in failures],
        "seconds": time.perf_counter() - started,
    }


def _compare(place: Place) -> None:
    """Answer with the recall@10 of each list of positions, and of ours' Chroma directory."""
    import numpy as np

    from ingest.chroma import ChromaVectors
    from ingest.data_directory import index_folder
    from ingest.embedding import load_embedder
    from ingest.generations import CHROMA
    from ingest.index import open_current

    embedder = load_embedder(data_dir=place.models)
    index = open_current(place.index_of(OURS), embedder=embedder)
    folder = index_folder(place.index_of(OURS)) / index.generation / CHROMA
    chroma = ChromaVectors.open(folder, index.passage_vectors)
    limit = min(LIMIT, len(index.passages))
    _say({})
    for request in _requests():
        vector = embedder.embed([request["question"]])[0]
        cosines = index.passage_vectors @ vector
        least = np.partition(cosines, -limit)[-limit] - _AS_NEAR
        own = [position for position, _ in chroma.nearest(vector, limit)]
        found = {**request["found"], OURS: own}
        _say(
            {name: float(np.sum(cosines[sorted(set(each))] >= least)) / limit for name, each in found.items()}
        )
    chroma.close()


def _peak_mb() -> float:
    """The most memory that this process has held, MB; not what its parent held before it began."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (kibibytes,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kibibytes) * 1024 / 1e6


def _disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _requests() -> Iterator[Any]:
    return map(json.loads, sys.stdin)


def _say(what: Mapping[str, Any]) -> None:
    _out.write(json.dumps(what) + "\n")
    _out.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
