"""One document in three formats: whether PDF, DOCX and plain text give the same answers.

Run ``python tests/benchmarks/formats.py [--half 0|1] [--every N] [--json FILE]``. Each syllabus of
SyllabusQA, of which there are a PDF, a DOCX and a text, is read in each format into an index of its own and
asked all of its questions. An answer is right where half of the words of the gold answer, or of a span that
supports it, stand in the cited quotes, and wrong otherwise, also where the question has no answer; the rest
are abstentions.
``--half`` asks every second syllabus only: the readers were tuned on half 0. The files lie under
``PROSPECTUS_SHARED``. Exit status 3 where the formats are more than two points apart.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from question_pages import ROOT
from syllabuses import is_right, questions

sys.path.insert(0, str(ROOT))

from assistant.assistant import Assistant
from assistant.reply import ANSWERING
from ingest.embedding import Embedder, load_embedder
from ingest.index import open_current
from ingest.pipeline import ingest

FOLDERS = {"PDF": ("pdf", ".pdf"), "DOCX": ("word", ".docx"), "text": ("text", ".txt")}
RIGHT, WRONG, ABSTAINED = "right", "wrong", "abstained"
# Points of a hundred that the formats may differ in any of the three.
MOST_APART = 2.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one syllabus in one format, and what came of it."""

    format: str
    half: int
    question: str
    is_answerable: bool
    result: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print and write."""
    parser = argparse.ArgumentParser(description="Ask the same document in three formats.")
    parser.add_argument("--half", type=int, choices=(0, 1), help="every second syllabus")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth question only")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    shared = Path(os.environ.get("PROSPECTUS_SHARED") or ROOT.parent / "shared")
    asked = list(ask(shared / "data" / "syllabusqa", load_embedder(), options.half, options.every))
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(each) for each in asked]) + "\n", encoding="utf-8")
    print(as_markdown(asked), end="")
    return 0 if apart(asked) <= MOST_APART else 3


def ask(data: Path, embedder: Embedder, half: int | None = None, every: int = 1) -> Iterator[Asked]:
    """Ask each syllabus, or those of one half, every Nth of its questions in each format."""
    for number, (name, asked) in enumerate(questions(data).items()):
        if half is not None and number % 2 != half:
            continue
        for format_name, (folder, suffix) in FOLDERS.items():
            with tempfile.TemporaryDirectory(prefix="formats-") as made:
                ingest([data / folder / f"{name}{suffix}"], Path(made), embedder)
                index = open_current(Path(made), embedder=embedder)
                assistant = Assistant(index, embedder)
                for question in asked[::every]:
                    reply = assistant.reply(question["question"])
                    answers = reply.outcome in ANSWERING
                    yield Asked(
                        format_name,
                        number % 2,
                        question["id"],
                        not question["is_impossible"],
                        (RIGHT if is_right(question, reply) else WRONG) if answers else ABSTAINED,
                    )
                index.close()
        if sys.stderr.isatty():
            print(f"\r{number + 1} syllabuses   ", end="", file=sys.stderr)


def shares(asked: Sequence[Asked]) -> dict[str, dict[str, float]]:
    """Of a hundred questions to each format, how many were answered rightly, wrongly and not at all."""
    found = {}
    for name in FOLDERS:
        results = Counter(each.result for each in asked if each.format == name)
        total = sum(results.values())
        found[name] = {result: 100 * results[result] / total for result in (RIGHT, WRONG, ABSTAINED)}
    return found


def apart(asked: Sequence[Asked]) -> float:
    """The points by which two formats differ most in any of the three shares."""
    found = shares(asked)
    return max(
        max(each[result] for each in found.values()) - min(each[result] for each in found.values())
        for result in (RIGHT, WRONG, ABSTAINED)
    )


def as_markdown(asked: Sequence[Asked]) -> str:
    """A table with a row for each format, and how often the formats agree."""
    lines = ["| Format | Questions | Right | Wrong | Abstained |", "|---|---|---|---|---|"]
    for name, each in shares(asked).items():
        count = sum(one.format == name for one in asked)
        cells = " | ".join(f"{each[result]:.1f} %" for result in (RIGHT, WRONG, ABSTAINED))
        lines.append(f"| {name} | {count:,} | {cells} |")
    results: dict[str, set[str]] = {}
    for one in asked:
        results.setdefault(one.question, set()).add(one.result)
    same = sum(len(each) == 1 for each in results.values())
    lines.append(f"\nThe same result in all formats: {same:,} of {len(results):,} questions.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
