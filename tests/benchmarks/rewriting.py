"""How near the stand-alone question comes to the one that people wrote for the same conversation.

Run ``python -P tests/benchmarks/rewriting.py``. It reads MTRAG's conversations (IBM, Apache-2.0) from
``data/mtrag_queries/`` under ``PROSPECTUS_SHARED``: the last turn, all turns of the person, and the
stand-alone question that an annotator wrote. What the assistant replied is not in them, so a rewrite that
takes a word from a reply cannot be matched. The rules were tuned on ``clapnq`` and ``cloud``; ``fiqa`` and
``govt`` were left for the final figure.

Intervals hold 95 % of 1,000 bootstrap samples of conversations.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from assistant.conversation import Turn, stand_alone  # noqa: E402
from assistant.terms import STOP_STEMS  # noqa: E402
from ingest.embedding import load_embedder  # noqa: E402
from ingest.words import stems  # noqa: E402

TUNED, KEPT = ("clapnq", "cloud"), ("fiqa", "govt")
SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """One turn with the turns before it and the question that a person wrote for it."""

    conversation: str
    earlier: tuple[str, ...]
    last: str
    human: str
    ours: str

    @property
    def is_needed(self) -> bool:
        """Whether the person took a content word from an earlier turn that the last one lacks."""
        said = content(" ".join(self.earlier))
        return bool((content(self.human) - content(self.last)) & said)

    @property
    def is_rewritten(self) -> bool:
        """Whether we changed the content words of the turn."""
        return content(self.ours) != content(self.last)


SYSTEMS: dict[str, Callable[[Case], str]] = {
    "stand_alone": lambda case: case.ours,
    "last turn": lambda case: case.last,
    "last two turns": lambda case: " ".join((*case.earlier[-1:], case.last)),
    "whole conversation": lambda case: " ".join((*case.earlier, case.last)),
}


def content(text: str) -> set[str]:
    """The stems of the words that are no stop words."""
    return set(stems(text)) - STOP_STEMS


def overlap(text: str, human: str) -> float:
    """F1 of the content words of two questions; 1 where both have none."""
    mine, theirs = content(text), content(human)
    if not mine or not theirs:
        return float(mine == theirs)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


def read(folder: Path, domain: str) -> list[Case]:
    """The cases of one domain that have earlier turns; each earlier turn was rewritten before the next."""
    texts = {
        part: {
            entry["_id"]: [line.removeprefix("|user|:").strip() for line in entry["text"].split("\n|user|:")]
            for entry in map(json.loads, (folder / f"{domain}_{part}.jsonl").read_text("utf-8").splitlines())
        }
        for part in ("lastturn", "questions", "rewrite")
    }
    cases: list[Case] = []
    for key, turns in texts["questions"].items():
        if len(turns) < 2 or key not in texts["rewrite"]:
            continue
        history: list[Turn] = []
        for turn in turns[:-1]:
            history.append(Turn(turn, ours(turn, history), ""))
        human = " ".join(texts["rewrite"][key])
        cases.append(
            Case(key.split("<::>")[0], tuple(turns[:-1]), turns[-1], human, ours(turns[-1], history))
        )
    return cases


def ours(turn: str, history: Sequence[Turn]) -> str:
    """The stand-alone question, without pages to know of."""
    return stand_alone(turn, history, page_named=lambda _: "").text


def interval(cases: Sequence[Case], figure: Callable[[Sequence[int]], float]) -> tuple[float, float, float]:
    """``figure`` of all places of ``cases`` and the bounds that hold 95 % of its bootstrap samples."""
    groups: dict[str, list[int]] = {}
    for place, case in enumerate(cases):
        groups.setdefault(case.conversation, []).append(place)
    conversations = list(groups.values())
    count = len(conversations)
    draw = np.random.default_rng(0)
    sampled = sorted(
        figure([place for drawn in draw.integers(count, size=count) for place in conversations[drawn]])
        for _ in range(SAMPLES)
    )
    return figure(range(len(cases))), sampled[int(0.025 * SAMPLES)], sampled[int(0.975 * SAMPLES) - 1]


def agreement(cases: Sequence[Case], places: Sequence[int]) -> tuple[float, float, float]:
    """Precision, recall and F1 of rewriting where a person did."""
    needed = sum(cases[place].is_needed for place in places)
    rewritten = sum(cases[place].is_rewritten for place in places)
    both = sum(cases[place].is_needed and cases[place].is_rewritten for place in places)
    precision, recall = both / max(rewritten, 1), both / max(needed, 1)
    return precision, recall, 2 * both / max(needed + rewritten, 1)


def report(name: str, cases: Sequence[Case], cosines: dict[str, list[float]]) -> None:
    """Print the figures of one domain."""
    places = [place for place, case in enumerate(cases) if case.is_needed]
    print(f"\n{name}: {len(cases)} turns with a history, {len(places)} of them need a rewrite")
    for number, label in enumerate(("precision", "recall", "F1")):
        value, low, high = interval(cases, lambda drawn, n=number: agreement(cases, drawn)[n])  # type: ignore[misc]
        print(f"  rewritten where a person did, {label:9} {value:6.3f}  [{low:.3f}, {high:.3f}]")
    print(f"  {'':24}{'word F1, all':26}{'word F1, needed':26}{'cosine, all':26}cosine, needed")
    for system, text in SYSTEMS.items():
        words = [overlap(text(case), case.human) for case in cases]
        cells: list[str] = []
        for values in (words, cosines[system]):
            for chosen in (range(len(cases)), places):
                kept = [cases[place] for place in chosen]
                scores = [values[place] for place in chosen]
                value, low, high = interval(
                    kept,
                    lambda drawn, s=scores: sum(s[p] for p in drawn) / max(len(drawn), 1),  # type: ignore[misc]
                )
                cells.append(f"{value:.3f} [{low:.3f}, {high:.3f}]")
        print(f"  {system:22}" + "".join(f"{cell:26}" for cell in cells))


def main() -> int:
    """Print the figures of each domain; 2 where the conversations are absent."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("domains", nargs="*", default=[*TUNED, *KEPT])
    domains: list[str] = parser.parse_args().domains
    folder = Path(os.environ.get("PROSPECTUS_SHARED") or ROOT.parent / "shared") / "data" / "mtrag_queries"
    if not folder.is_dir():
        print(
            f"There is no folder {folder}. Set PROSPECTUS_SHARED to the folder that has it.", file=sys.stderr
        )
        return 2
    os.environ["HF_HUB_OFFLINE"] = "1"
    embedder = load_embedder()
    pooled: list[Case] = []
    all_cosines: dict[str, list[float]] = {system: [] for system in SYSTEMS}
    for domain in domains:
        cases = read(folder, domain)
        human = embedder.embed([case.human for case in cases])
        cosines = {
            system: np.sum(embedder.embed([text(case) for case in cases]) * human, axis=1).tolist()
            for system, text in SYSTEMS.items()
        }
        report(f"{domain} ({'tuned on' if domain in TUNED else 'kept back'})", cases, cosines)
        pooled.extend(cases)
        for system in SYSTEMS:
            all_cosines[system].extend(cosines[system])
    if len(domains) > 1:
        report("all of these", pooled, all_cosines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
