"""How good rankings are: one value for each query and metric, their means, and how sure these are.

The metrics are those of trec_eval, over queries of which each has a passage that answers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .fixtures import BadInput
from .metrics import Interval
from .rankings import DENSE, FUSION, LEXICAL, OURS, Rankings

RESAMPLES = 10_000
SEED = 4
# Resamples that are drawn at once, so that memory stays within some 50 MB for 6,000 queries.
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class RankingMetric:
    """A metric, and the name by which trec_eval asks for it and gives it back."""

    title: str
    asked: str
    given: str


METRICS = (
    # Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", 2002, §2.2, with the score
    # itself as gain and 1 / log2(rank + 1) as discount, divided by the best possible; 0 to 1.
    RankingMetric("nDCG@10", "ndcg_cut.10", "ndcg_cut_10"),
    # The share of a query's answering passages among the first five, and among the first hundred.
    RankingMetric("recall@5", "recall.5", "recall_5"),
    RankingMetric("recall@100", "recall.100", "recall_100"),
    # 1 / rank of the first answering passage; 0 where none is among those ranked.
    RankingMetric("MRR", "recip_rank", "recip_rank"),
)


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean over queries. ``interval`` is None for a single query, which says nothing about others."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Our mean less that of ``other``, over the same queries, and on how many of them which was better."""

    metric: str
    other: str
    mean: Mean
    better: int
    equal: int
    worse: int


@dataclass(frozen=True, slots=True)
class RankingScores:
    """The values of the metrics, 0 to 1, higher is better.

    ``means`` are by system and title of the metric. ``values`` are by system, shape (queries, metrics), in
    the order of ``queries`` and ``METRICS``.
    """

    queries: tuple[str, ...]
    means: Mapping[str, Mapping[str, Mean]]
    differences: tuple[Difference, ...]
    values: Mapping[str, NDArray[np.float64]]


def score(rankings: Rankings, judgements: Mapping[str, Mapping[str, int]]) -> RankingScores:
    """Return how good ``rankings`` are by ``judgements``: scores above 0 by the ids of query and document.

    The 95 % intervals are percentiles of 10,000 resamples of the queries (Efron and Tibshirani, "An
    Introduction to the Bootstrap", 1993, §13.3). They are drawn once for all systems, so that differences
    are paired, and are the same each time.

    Raises:
        BadInput: the library of the metrics is not installed.
    """
    queries = tuple(judgements)
    values = {system: _values(ranked, judgements) for system, ranked in rankings.items()}
    resampled = dict(zip(values, _resampled_means(list(values.values())), strict=True))
    means = {
        system: {
            metric.title: _mean(of_system[:, column], resampled[system][:, column])
            for column, metric in enumerate(METRICS)
        }
        for system, of_system in values.items()
    }
    differences = []
    for column, metric in enumerate(METRICS):
        part = max((DENSE, LEXICAL), key=lambda system: means[system][metric.title].value)
        for other in (part, FUSION):
            change = values[OURS][:, column] - values[other][:, column]
            differences.append(
                Difference(
                    metric=metric.title,
                    other=other,
                    mean=_mean(change, resampled[OURS][:, column] - resampled[other][:, column]),
                    better=int(np.sum(change > _SAME)),
                    equal=int(np.sum(np.abs(change) <= _SAME)),
                    worse=int(np.sum(change < -_SAME)),
                )
            )
    return RankingScores(queries, means, tuple(differences), values)


# trec_eval counts in double precision; what differs by less differs by rounding.
_SAME = 1e-9


def _values(
    ranked: Mapping[str, Sequence[str]], judgements: Mapping[str, Mapping[str, int]]
) -> NDArray[np.float64]:
    try:
        from pytrec_eval import RelevanceEvaluator
    except ImportError as error:
        raise BadInput(
            "The metrics need the package pytrec-eval-terrier, which is not installed: it has no ready-made "
            "build for this machine. With a C compiler, `pip install pytrec-eval-terrier` makes one."
        ) from error
    # trec_eval sorts by score, and equal ones by id: descending whole numbers keep the order that is there.
    run = {key: {document: float(-place) for place, document in enumerate(ranked[key])} for key in judgements}
    evaluator = RelevanceEvaluator(
        {key: dict(scores) for key, scores in judgements.items()}, {metric.asked for metric in METRICS}
    )
    found = evaluator.evaluate(run)
    return np.array([[found[key][metric.given] for metric in METRICS] for key in judgements])


def _resampled_means(values: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """The means of ``values``, each of shape (n, metrics), over the same draws: (RESAMPLES, metrics) each."""
    side_by_side = np.hstack(values)
    n = len(side_by_side)
    random = np.random.default_rng(SEED)
    means = []
    for start in range(0, RESAMPLES, _CHUNK):
        rows = min(_CHUNK, RESAMPLES - start)
        drawn = random.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        means.append(times @ side_by_side / n)
    return np.split(np.vstack(means), len(values), axis=1)


def _mean(values: NDArray[np.float64], resampled: NDArray[np.float64]) -> Mean:
    if len(values) < 2:
        return Mean(float(values.mean()), None)
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Mean(float(values.mean()), Interval(float(low), float(high)))
