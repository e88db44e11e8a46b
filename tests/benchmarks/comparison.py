"""Ours beside LangChain, LlamaIndex and Haystack: the same passages, the same weights, the same questions.

Run it with the extra ``benchmark`` installed, from the checkout's root: ``python -m tests.benchmarks
[--sizes N,N] [--systems NAME,NAME] [--systems-at N=NAME,NAME] [--questions N] [--starts N] [--at-once N]
[--models FOLDER] [--passive] [--json FILE] [--markdown FILE] [--plot FILE.svg]``. For each size it makes
programme pages (``sibling_pages``) that give that many passages and measures the systems of
``compared_systems``: ours with whole cited replies, the others with retrieval alone. The table goes to
standard output, how far it is to standard error; files are written anew after each size. Exit status 3 where
a limit of ``comparison_report`` is missed.

Each system runs in a process of its own, so that the peak of memory is its own. What can be done in turn is:
starts, questions and rounds of questions asked at once go to one system after the other, whose order is
turned each time, so that what else the machine does meets all alike. No question is asked of a system twice,
so that nothing is answered from what was kept.

PyTorch's threads spin while they wait. On a machine with nothing else to do that makes the others faster:
LangChain's p50 was 23 ms so and 30 without (1,002 passages, n = 200); on one with much other work slower: 30
and 22, its p95 519 and 43 (300 passages, n = 100, load 5). They are left as they are, unless ``--passive`` is
given, which sets OMP_WAIT_POLICY; each question waits for ``_QUIET`` seconds in any case, lest it pay for the
one before. Ours does not use those threads to answer.

Embedding is most of the work: 10,000 passages take each system some minutes, 100,000 ten times as long.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from ingest.data_directory import models_folder

from .compared_systems import INDEX, OURS, OURS_RETRIEVAL, Place
from .comparison_report import Point, as_markdown, as_svg, missed
from .sibling_pages import Programme, programmes, questions, write_pages

ROOT = Path(__file__).parents[2]
# Names there are for that many pages; they give some 100,300 passages.
_MOST_PAGES = 40_250
# Questions about the first pages, which every size has, so that all sizes are asked the same.
_PAGES_ASKED_ABOUT = 300
# That many of each kind there is, of which some give fewer.
_QUESTIONS_OF_A_KIND = 400
_WARM_UP = 10
_CLIENTS = 8
_ROUNDS = 3
# For all rounds together; a system that is slower answers fewer.
_SECONDS_AT_ONCE = 20.0
_QUIET = 0.05
_LIBRARIES = (
    "chromadb",
    "haystack-ai",
    "langchain",
    "langchain-chroma",
    "langchain-huggingface",
    "llama-index-core",
    "llama-index-embeddings-huggingface",
    "numpy",
    "onnxruntime",
    "sentence-transformers",
    "sentence-transformers-haystack",
    "torch",
    "transformers",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; exit status 3 where a limit is missed."""
    options = _options(arguments)
    if options.passive:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    points: list[Point] = []
    about = _about(options)
    # Always drawn from the same, so that a larger size adds pages to a smaller one.
    pages = programmes(_MOST_PAGES)
    with tempfile.TemporaryDirectory(prefix="comparison-") as folder:
        models = options.models or Path(folder)
        if options.models is None:
            _once(Place(Path(folder), models), "prepare")
        for size in options.sizes:
            place = Place(Path(folder) / str(size), models)
            texts = _write_pages(pages, place.pages, size, _WARM_UP + options.questions + options.at_once)
            points += _measured(place, size, texts, options.systems_at.get(size, options.systems), options)
            _write(options, points, about)
    print(as_markdown(points), end="")
    for line in missed(points):
        print(line, file=sys.stderr)
    return 3 if missed(points) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure ours beside the tutorials of three others."
    )
    parser.add_argument(
        "--sizes", type=_numbers, default=[1_000, 10_000, 100_000], metavar="N,N", help="numbers of passages"
    )
    parser.add_argument("--systems", type=_names, default=list(INDEX), metavar="NAME,NAME")
    parser.add_argument(
        "--systems-at",
        type=_names_at,
        action="append",
        default=[],
        metavar="N=NAME,NAME",
        help="only these at that size",
    )
    parser.add_argument("--questions", type=int, default=200, metavar="N", help="asked one by one")
    parser.add_argument("--starts", type=int, default=3, metavar="N")
    parser.add_argument("--at-once", type=int, default=600, metavar="N", help="questions of eight clients")
    parser.add_argument(
        "--models", type=Path, metavar="FOLDER", help="a data directory with the model prepared"
    )
    parser.add_argument(
        "--passive", action="store_true", help="keep PyTorch's threads from spinning while they wait"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    options = parser.parse_args(arguments)
    options.systems_at = dict(options.systems_at)
    if min(options.questions, options.starts, options.at_once) < 1:
        parser.error("there has to be a question, a start and a question at once")
    if options.models and not any(models_folder(options.models).glob("*/manifest.json")):
        parser.error(f"no model is prepared in {options.models}, where `prospectus ingest` would have put it")
    return options


def _numbers(text: str) -> list[int]:
    return sorted({int(each) for each in text.split(",")})


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := sorted({*names} - {*INDEX}):
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}, but {', '.join(INDEX)}")
    if OURS not in names:
        raise argparse.ArgumentTypeError(f"{OURS!r} has to be among them: it makes what the others are given")
    return [name for name in INDEX if name in names]


def _names_at(text: str) -> tuple[int, list[str]]:
    size, _, names = text.partition("=")
    return int(size), _names(names)


def _about(options: argparse.Namespace) -> dict[str, Any]:
    """On what it was measured, and with which versions."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "load": os.getloadavg(),
        },
        "environment": {
            name: value for name, value in sorted(os.environ.items()) if name.startswith(("OMP_", "GOMP_"))
        },
        "versions": dict(_versions()),
        "asked": {
            "questions": options.questions,
            "starts": options.starts,
            "at_once": options.at_once,
            "clients": _CLIENTS,
        },
    }


def _versions() -> Iterator[tuple[str, str]]:
    for library in _LIBRARIES:
        try:
            yield library, version(library)
        except PackageNotFoundError:
            continue


def _write(options: argparse.Namespace, points: Sequence[Point], about: Mapping[str, Any]) -> None:
    report = {**about, "measured": [asdict(point) for point in points], "missed": missed(points)}
    for file, text in (
        (options.json, json.dumps(report, indent=1) + "\n"),
        (options.markdown, as_markdown(points)),
        (options.plot, as_svg(points)),
    ):
        if file is not None:
            file.write_text(text, encoding="utf-8")


def _measured(
    place: Place, size: int, texts: Sequence[str], systems: Sequence[str], options: argparse.Namespace
) -> Iterator[Point]:
    """Each of the systems over ``size`` passages or one or two more, asked ``texts``."""
    one_by_one, at_once = texts[: -options.at_once], texts[-options.at_once :]
    indexed: dict[str, dict[str, Any]] = {}
    for system in systems:
        indexed[system] = _once(place, "index", system)
        if system == OURS:
            passages = _once(place, "passages")["passages"]
    starts = _starts(place, systems, texts[0], options.starts)
    with ExitStack() as stack:
        serving = {
            system: stack.enter_context(_process(place, "serve", system))
            for system in (*systems, OURS_RETRIEVAL)
        }
        asked = _asked_in_turn(serving, one_by_one)
        peaks = {system: process.ask({"do": "peak"})["peak_mb"] for system, process in serving.items()}
        del serving[OURS_RETRIEVAL]
        through = _asked_at_once(serving, at_once)
    recall = _recall(place, one_by_one[_WARM_UP:], asked)
    for system in systems:
        milliseconds = [each["ms"] for each in asked[system]]
        alone = [each["ms"] for each in asked[OURS_RETRIEVAL if system == OURS else system]]
        seconds = sum(each["seconds"] for each in through[system])
        answered = sum(each["answered"] for each in through[system])
        failures = [failure for each in through[system] for failure in each["failures"]]
        for failure in failures[:1]:
            _tell(f"{system}: {len(failures)} questions of several clients failed, one with {failure}")
        yield Point(
            system=system,
            size=size,
            passages=passages,
            index_s=indexed[system]["seconds"],
            index_stages_s=indexed[system]["stages"],
            start_s=float(np.median(starts[system])),
            starts_s=starts[system],
            p50_ms=float(np.percentile(milliseconds, 50)),
            p95_ms=float(np.percentile(milliseconds, 95)),
            questions=len(milliseconds),
            cited=sum(each["is_cited"] for each in asked[system]) if system == OURS else None,
            retrieval_p50_ms=float(np.percentile(alone, 50)),
            retrieval_p95_ms=float(np.percentile(alone, 95)),
            serving_peak_mb=peaks[system],
            index_peak_mb=indexed[system]["peak_mb"],
            disk_mb=indexed[system]["disk_mb"],
            at_once_per_s=answered / seconds,
            at_once=answered,
            failed=len(failures),
            recall_at_10=recall[system],
        )


def _write_pages(pages: Sequence[Programme], folder: Path, size: int, asked: int) -> list[str]:
    """Write pages that give ``size`` passages; return ``asked`` different questions about the first pages."""
    count, passages = 0, 0
    while passages < size and count < len(pages):
        passages += len(pages[count].university.sections)
        count += 1
    if passages < size:
        raise SystemExit(f"there are pages for {passages:,} passages and no more")
    write_pages(folder, pages[:count])
    about = pages[: min(count, _PAGES_ASKED_ABOUT)]
    turns = [question.turns[0] for question in questions(about, _QUESTIONS_OF_A_KIND)]
    distinct = list(dict.fromkeys(turns))
    if len(distinct) < asked:
        raise SystemExit(f"{len(about)} pages give {len(distinct):,} distinct questions, and not {asked:,}")
    random.Random("order").shuffle(distinct)  # noqa: S311 - so that the kinds are mixed
    return distinct[:asked]


def _starts(place: Place, systems: Sequence[str], question: str, number: int) -> dict[str, list[float]]:
    """Seconds from a process's beginning to its first answer; a first one brings the files into memory."""
    seconds: dict[str, list[float]] = {system: [] for system in systems}
    for nth in range(number + 1):
        for system in _turned(systems, nth):
            started = time.perf_counter()
            with _process(place, "first", system, question):
                took = time.perf_counter() - started
            if nth:
                seconds[system].append(took)
    return seconds


def _asked_in_turn(serving: Mapping[str, _Process], texts: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """What came of each question but the first few, for each system."""
    found: dict[str, list[dict[str, Any]]] = {system: [] for system in serving}
    for nth, text in enumerate(texts):
        for system in _turned(list(serving), nth):
            time.sleep(_QUIET)
            answer = serving[system].ask({"do": "ask", "question": text})
            if nth >= _WARM_UP:
                found[system].append(answer)
    _tell(f"asked {len(texts)} questions")
    return found


def _asked_at_once(serving: Mapping[str, _Process], texts: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """What several clients got through, in rounds."""
    found: dict[str, list[dict[str, Any]]] = {system: [] for system in serving}
    for nth in range(min(_ROUNDS, len(texts))):
        for system in _turned(list(serving), nth):
            time.sleep(_QUIET)
            found[system].append(
                serving[system].ask(
                    {
                        "do": "at once",
                        "questions": texts[nth::_ROUNDS],
                        "clients": _CLIENTS,
                        "seconds": _SECONDS_AT_ONCE / _ROUNDS,
                    }
                )
            )
    _tell(f"asked {len(texts)} questions, {_CLIENTS} at a time")
    return found


def _recall(
    place: Place, texts: Sequence[str], asked: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, float]:
    """For each system the mean share of the ten nearest passages that it found; for ours that of Chroma."""
    others = [system for system in asked if system not in (OURS, OURS_RETRIEVAL)]
    with _process(place, "exact") as exact:
        judged = [
            exact.ask({"question": text, "found": {each: asked[each][nth]["nearest"] for each in others}})
            for nth, text in enumerate(texts)
        ]
    return {system: float(np.mean([each[system] for each in judged])) for system in (OURS, *others)}


def _turned(systems: Sequence[str], nth: int) -> list[str]:
    """The systems in another order each time: who comes first, and after whom, changes."""
    by = (nth // 2) % len(systems)
    turned = [*systems[by:], *systems[:by]]
    return turned if nth % 2 else turned[::-1]


class _Process:
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


def _once(place: Place, act: str, *more: str) -> dict[str, Any]:
    """What a process says that does one thing and ends."""
    process = _started(place, act, *more)
    try:
        return _Process(process).reply()
    finally:
        process.communicate()


@contextmanager
def _process(place: Place, act: str, *more: str) -> Iterator[_Process]:
    """A process that has said that it is ready."""
    popen = _started(place, act, *more)
    try:
        process = _Process(popen)
        process.reply()
        yield process
    finally:
        popen.kill()
        popen.communicate()


def _started(place: Place, act: str, *more: str) -> subprocess.Popen[str]:
    _tell(" ".join((place.folder.name, act, *more[:1])))
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PROSPECTUS_")}
    return subprocess.Popen(
        # -P: this folder's modules take nobody's place.
        [
            sys.executable,
            "-P",
            "-m",
            f"{__package__}.compared_process",
            act,
            place.folder,
            place.models,
            *more,
        ],
        env={
            **settings,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            "ANONYMIZED_TELEMETRY": "False",
            "HAYSTACK_TELEMETRY_ENABLED": "False",
            "HF_HUB_OFFLINE": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
