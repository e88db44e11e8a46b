"""Answering against abstaining: how often answers are wrong, as more or fewer questions are answered.

Run ``python tests/benchmarks/abstention.py [--squad N] [--fit] [--keep FILE] [--json FILE]
[--markdown FILE] [--plot FILE.svg]``; with ``--keep`` what was asked is kept, and a second run asks nothing.
Three sets are asked, each with questions that its texts leave open: question files of ours
(``tests/questions``) on their pages, SQuAD 2.0 (a drawn N answerable and N unanswerable questions over all
its passages), and SyllabusQA (each syllabus an index of its own). The last two and some of our pages lie
under ``PROSPECTUS_SHARED``.

Each set has a half to tune on, from which ``--fit`` computes the weights of ``assistant.confidence``, and a
half to report on. An answer of ours is right where its question file passes it; one on SQuAD where the gold
answer stands in a cited quote; one on SyllabusQA where half of the words of the gold answer, or of a span
that supports it, stand in the quotes, since those answers are free text. *Coverage* is the share of all
questions that are answered, *risk* the share of the answers that are wrong; an answer to a question that has
none is wrong. Exit status 3 where the default threshold answers at a higher risk than none does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from abstention_report import Curve, Point, as_markdown, as_svg
from question_pages import QUESTIONS, ROOT, SHARED_PAGES, UNIVERSITIES, sources

sys.path.insert(0, str(ROOT))

from assistant.assistant import Assistant
from assistant.confidence import LEAST_CONFIDENCE, Confidence
from assistant.evaluation.fixtures import Expectation, load_fixtures
from assistant.evaluation.run import ask_all
from assistant.reply import ANSWERING, Reply
from ingest.embedding import Embedder, load_embedder
from ingest.index import open_current
from ingest.pipeline import ingest

OURS, SQUAD, SYLLABUS = "question files", "SQuAD 2.0", "SyllabusQA"
TUNING, REPORTING = 0, 1
# Half of each file is tuned on, but for the pages that were tuned on or kept back as a whole.
FILES = (
    ("first.jsonl", SHARED_PAGES, None),
    ("full.jsonl", SHARED_PAGES, None),
    ("raw_pages.jsonl", SHARED_PAGES, None),
    ("universities.jsonl", UNIVERSITIES, None),
    ("tu_berlin.jsonl", UNIVERSITIES, None),
    ("dev_pages.jsonl", "tests/pages/dev", TUNING),
    ("heldout_pages.jsonl", "tests/pages/heldout", REPORTING),
)
# Words of a free-text answer that have to stand in the quotes.
SHARE_OF_WORDS = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and how it went without a threshold; ``confidence`` is None where the rules abstained."""

    set: str
    half: int
    is_answerable: bool
    is_right: bool
    confidence: Confidence | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print and write."""
    parser = argparse.ArgumentParser(description="Measure answering against abstaining.")
    parser.add_argument("--squad", type=int, default=600, metavar="N", help="questions of each kind")
    parser.add_argument("--fit", action="store_true", help="print weights fitted on the tuning halves")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="what was asked, written or read")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    options = parser.parse_args(arguments)
    asked = _kept(options.keep) if options.keep and options.keep.exists() else _asked(options.squad)
    if options.keep:
        options.keep.write_text(json.dumps([asdict(each) for each in asked]) + "\n", encoding="utf-8")
    if options.fit:
        print(json.dumps(_fitted([each for each in asked if each.half == TUNING]), indent=1))
    curves = [
        curve_of(name, (each for each in asked if each.set == name)) for name in (OURS, SQUAD, SYLLABUS)
    ]
    for file, text in (
        (options.json, json.dumps([curve.as_json() for curve in curves], indent=1) + "\n"),
        (options.markdown, as_markdown(curves)),
        (options.plot, as_svg(curves)),
    ):
        if file is not None:
            file.write_text(text, encoding="utf-8")
    print(as_markdown(curves), end="")
    return 0 if all(curve.chosen.risk <= curve.points[0].risk for curve in curves) else 3


def _asked(squad: int) -> list[Asked]:
    shared = Path(os.environ.get("PROSPECTUS_SHARED") or ROOT.parent / "shared")
    embedder = load_embedder()
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory(prefix="abstention-") as folder:
        for ask in (
            _ask_ours(shared, Path(folder), embedder),
            _ask_squad(shared / "data" / "squad2_dev_half", Path(folder), embedder, squad),
            _ask_syllabuses(shared / "data" / "syllabusqa", Path(folder), embedder),
        ):
            for each in ask:
                asked.append(each)
                if sys.stderr.isatty():
                    print(f"\r{len(asked):,} questions of {each.set}   ", end="", file=sys.stderr)
    return asked


def _kept(file: Path) -> list[Asked]:
    return [
        Asked(**{**each, "confidence": Confidence(**each["confidence"]) if each["confidence"] else None})
        for each in json.loads(file.read_text(encoding="utf-8"))
    ]


def curve_of(name: str, asked: Iterable[Asked]) -> Curve:
    """The reporting half of a set, from the threshold 0, where all that the rules allow is answered."""
    half = [each for each in asked if each.half == REPORTING]
    sure = sorted({each.confidence.probability for each in half if each.confidence is not None})
    return Curve(
        set=name,
        n=len(half),
        unanswerable=sum(not each.is_answerable for each in half),
        points=tuple(_point(half, threshold) for threshold in (0.0, *sure[1:])),
        chosen=_point(half, LEAST_CONFIDENCE),
        stated=_stated(half),
    )


def _point(half: Sequence[Asked], threshold: float) -> Point:
    given = [each for each in half if each.confidence and each.confidence.probability >= threshold]
    kept = {id(each) for each in given}
    return Point(
        threshold=threshold,
        coverage=len(given) / len(half),
        risk=sum(not each.is_right for each in given) / len(given) if given else 0.0,
        right=sum(each.is_right for each in given),
        answered_unanswerable=sum(not each.is_answerable for each in given),
        abstained_answerable=sum(each.is_answerable and id(each) not in kept for each in half),
    )


def _stated(half: Sequence[Asked]) -> tuple[tuple[float, float, int], ...]:
    """What confidence promised and what came of it, for a quarter of the answers each, least sure first."""
    given = sorted(
        (each.confidence.probability, each.is_right) for each in half if each.confidence is not None
    )
    quarters = np.array_split(np.array(given, dtype=np.float64).reshape(-1, 2), 4)
    return tuple(
        (float(each[:, 0].mean()), float(each[:, 1].mean()), len(each)) for each in quarters if len(each)
    )


def _fitted(asked: Sequence[Asked]) -> dict[str, float]:
    """Weights of a logistic model with an intercept for each set; each set weighs as the root of its size.

    A single intercept would make a virtue of what tells the sets from each other: SQuAD's questions repeat
    their passages' words and are mostly answered wrongly.
    """
    from sklearn.linear_model import LogisticRegression

    given = [(each, each.confidence) for each in asked if each.confidence is not None]
    sets = sorted({each.set for each, _ in given} - {OURS})
    features = np.array(
        [
            [sure.similarity, sure.coverage, sure.lead, *(each.set == name for name in sets)]
            for each, sure in given
        ],
        dtype=np.float64,
    )
    names = [each.set for each, _ in given]
    model = LogisticRegression(C=100.0, max_iter=1_000)
    model.fit(
        features,
        [each.is_right for each, _ in given],
        sample_weight=[names.count(each.set) ** -0.5 for each, _ in given],
    )
    weights = map(float, (*model.intercept_, *model.coef_[0]))
    keys = ("intercept", "similarity", "coverage", "lead", *(f"intercept of {name}" for name in sets))
    return {"n": len(given), **dict(zip(keys, weights, strict=True))}


def _ask_ours(shared: Path, folder: Path, embedder: Embedder) -> Iterator[Asked]:
    for name, pages, whole in FILES:
        fixtures = load_fixtures(QUESTIONS / name)
        with _Opened(sources(name, pages, shared), folder / name, embedder) as opened:
            last = _Last(opened.assistant)
            for number, fixture in enumerate(fixtures):
                (result,) = ask_all([fixture], last, opened.documents)
                if fixture.expect is not Expectation.OPEN:
                    yield Asked(
                        OURS,
                        number % 2 if whole is None else whole,
                        fixture.expect is Expectation.ANSWER,
                        fixture.expect is Expectation.ANSWER and result.passes,
                        _sureness(last.reply_given),
                    )


def _ask_squad(data: Path, folder: Path, embedder: Embedder, number: int) -> Iterator[Asked]:
    pages = folder / "squad.jsonl"
    pages.write_text(
        "".join(
            json.dumps({"id": each["_id"], "title": each["title"], "text": each["text"]}) + "\n"
            for each in _lines(data / "corpus.jsonl")
        ),
        encoding="utf-8",
    )
    questions = list(_lines(data / "queries.jsonl"))
    random.Random(5).shuffle(questions)  # noqa: S311 - the same ones each time
    with _Opened([pages], folder / "squad", embedder) as opened:
        for is_answerable in (True, False):
            drawn = [each for each in questions if each["metadata"]["is_impossible"] is not is_answerable]
            for count, question in enumerate(drawn[:number]):
                reply = opened.assistant.reply(question["text"])
                quotes = _plain(" ".join(citation.quote for citation in reply.citations))
                gold = map(_plain, question["metadata"].get("answers", ()))
                is_right = is_answerable and any(each in quotes for each in gold)
                yield Asked(SQUAD, count % 2, is_answerable, is_right, _sureness(reply))


def _ask_syllabuses(data: Path, folder: Path, embedder: Embedder) -> Iterator[Asked]:
    asked: dict[str, list[Any]] = {}
    for question in _lines(data / "qa.jsonl"):
        asked.setdefault(question["syllabus"], []).append(question)
    for number, name in enumerate(sorted(asked)):
        # The texts are in the encodings that they were made in.
        raw = (data / "text" / f"{name}.txt").read_bytes()
        page = folder / f"{name}.txt"
        page.write_text(_decoded(raw), encoding="utf-8")
        with _Opened([page], folder / f"syllabus {number}", embedder) as opened:
            for question in asked[name]:
                reply = opened.assistant.reply(question["question"])
                quotes = set(_plain(" ".join(citation.quote for citation in reply.citations)).split())
                gold = [set(_plain(each).split()) for each in (*question["answer_spans"], question["answer"])]
                is_right = not question["is_impossible"] and any(
                    words and len(words & quotes) >= SHARE_OF_WORDS * len(words) for words in gold
                )
                yield Asked(SYLLABUS, number % 2, not question["is_impossible"], is_right, _sureness(reply))


def _sureness(reply: Reply) -> Confidence | None:
    return reply.confidence if reply.outcome in ANSWERING else None


class _Last:
    """The assistant, and the last reply that it gave."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.reply_given: Reply

    def reply(self, message: str, **context: Any) -> Reply:
        self.reply_given = self._assistant.reply(message, **context)
        return self.reply_given


class _Opened:
    """An assistant without a threshold over an index of these pages, which is made first."""

    def __init__(self, pages: Sequence[Path], data_dir: Path, embedder: Embedder) -> None:
        ingest(pages, data_dir, embedder)
        self._index = open_current(data_dir, embedder=embedder)
        self.documents = self._index.documents
        self.assistant = Assistant(self._index, embedder, least_confidence=0.0)

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._index.close()


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _plain(text: str) -> str:
    """Small letters and digits with single spaces between, so that a gold answer is found in a quote."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


if __name__ == "__main__":
    sys.exit(main())
