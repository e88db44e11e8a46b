"""What was measured on a judged set, as tables and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .judged_sets import JudgedSet
from .ranking_metrics import METRICS, RESAMPLES, SEED, Difference, Mean, RankingScores
from .rankings import DEPTH, RRF_K
from .tables import Lines, Part, Table

FORMAT = 1


@dataclass(frozen=True, slots=True)
class RankingRun:
    """A judged set, measured: with which model, over which generation of an index, and what came of it."""

    judged: JudgedSet
    embedding_model: str
    generation: str
    scores: RankingScores


def ranking_overview(run: RankingRun) -> list[Part]:
    """Return the metrics of each system, our lead over the others, and what was left out."""
    judged, scores = run.judged, run.scores
    titles = [metric.title for metric in METRICS]
    return [
        Table(
            f"{judged.folder.name}, {judged.queries_file.name}: {_count(len(judged.queries), 'query')}, "
            f"{_count(len(judged.texts), 'passage')}, 95 % intervals",
            ("ranking", *titles),
            tuple(
                (system, *(_mean(means[title]) for title in titles)) for system, means in scores.means.items()
            ),
        ),
        Table(
            "Ours less the better of dense and lexical, and less the fusion",
            ("metric, less", "difference", "better on", "equal on", "worse on"),
            tuple(_difference(each) for each in scores.differences),
        ),
        Lines("Left out", _left_out(judged)),
    ]


def write_ranking_run(path: Path, run: RankingRun) -> None:
    """Write what was measured, with the values of each query, to a JSON file. Raises: OSError."""
    judged, scores = run.judged, run.scores
    content = {
        "format": FORMAT,
        "set": str(judged.folder),
        "queries_file": str(judged.queries_file),
        "embedding_model": run.embedding_model,
        "generation": run.generation,
        "passages": len(judged.texts),
        "queries": len(judged.queries),
        "left_out": asdict(judged.left_out),
        "depth": DEPTH,
        "fusion_k": RRF_K,
        "bootstrap": {"resamples": RESAMPLES, "seed": SEED, "level": 0.95},
        "systems": {
            system: {title: _values(mean) for title, mean in means.items()}
            for system, means in scores.means.items()
        },
        "differences": [
            {
                "metric": each.metric,
                "other": each.other,
                **_values(each.mean),
                "better": each.better,
                "equal": each.equal,
                "worse": each.worse,
            }
            for each in scores.differences
        ],
        "per_query": {
            key: {
                system: dict(zip((metric.title for metric in METRICS), values[row].tolist(), strict=True))
                for system, values in scores.values.items()
            }
            for row, key in enumerate(scores.queries)
        },
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _values(mean: Mean) -> dict[str, Any]:
    interval = mean.interval
    return {
        "value": mean.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def _mean(mean: Mean, sign: str = "") -> str:
    shown = f"{mean.value:{sign}.3f}"
    if mean.interval is None:
        return shown
    return f"{shown} [{mean.interval.low:{sign}.3f}, {mean.interval.high:{sign}.3f}]"


def _difference(each: Difference) -> tuple[str, ...]:
    return (
        f"{each.metric}, {each.other}",
        _mean(each.mean, "+"),
        f"{each.better:,}",
        f"{each.equal:,}",
        f"{each.worse:,}",
    )


def _left_out(judged: JudgedSet) -> tuple[str, ...]:
    left_out = judged.left_out
    said = (
        (left_out.unjudged, "query", "that no passage answers"),
        (left_out.not_drawn, "query", "beyond the limit"),
        (left_out.unknown_texts, "judgement", "of unknown passages"),
        (left_out.unknown_queries, "judgement", "of unknown queries"),
    )
    return tuple(f"{_count(number, noun)} {why}" for number, noun, why in said if number)


def _count(number: int, noun: str) -> str:
    plural = "queries" if noun == "query" else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
