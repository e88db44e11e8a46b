from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from math import log2

import numpy as np
import pytest

from assistant.evaluation.fixtures import BadInput
from assistant.evaluation.metrics import Interval
from assistant.evaluation.ranking_metrics import METRICS, Mean, RankingScores, score
from assistant.evaluation.rankings import SYSTEMS


def scores(
    judgements: Mapping[str, Mapping[str, int]],
    ours: Mapping[str, Sequence[str]],
    others: Mapping[str, Sequence[str]] | None = None,
) -> RankingScores:
    """Of ``ours`` as they are, and of all other systems with the rankings of ``others``."""
    rankings = dict.fromkeys(SYSTEMS, ours if others is None else others)
    return score({**rankings, "ours": ours}, judgements)


def values(of: RankingScores, system: str = "ours") -> dict[str, list[float]]:
    columns = of.values[system].T.tolist()
    return {metric.title: column for metric, column in zip(METRICS, columns, strict=True)}


def test_the_metrics_of_one_query_are_those_worked_out_by_hand() -> None:
    # Gains 1, 0, 2 at ranks 1 to 3 are 1/1 + 2/2; the best order has 2/1 + 1/log2(3).
    found = values(scores({"q": {"a": 2, "b": 1}}, {"q": ["b", "x", "a"]}))

    assert found["nDCG@10"] == pytest.approx([2 / (2 + 1 / log2(3))])
    assert found["recall@5"] == [1.0]
    assert found["recall@100"] == [1.0]
    assert found["MRR"] == [1.0]


def test_ranks_beyond_the_cut_of_a_metric_do_not_count() -> None:
    others = [f"x{n:03}" for n in range(100)]
    sixth = [*others[:5], "a"]
    eleventh = [*others[:10], "a"]
    last = [*others[:99], "a"]
    found = values(
        scores({"6": {"a": 1}, "11": {"a": 1}, "100": {"a": 1}}, {"6": sixth, "11": eleventh, "100": last})
    )

    assert found["nDCG@10"] == pytest.approx([1 / log2(7), 0, 0])
    assert found["recall@5"] == [0, 0, 0]
    assert found["recall@100"] == [1, 1, 1]
    assert found["MRR"] == pytest.approx([1 / 6, 1 / 11, 1 / 100])


def test_a_query_for_which_nothing_was_found_counts_as_zero() -> None:
    found = scores({"q1": {"a": 1}, "q2": {"a": 1}}, {"q1": ["a"], "q2": []})

    assert found.means["ours"]["nDCG@10"].value == 0.5
    assert values(found)["MRR"] == [1.0, 0.0]


def test_the_order_of_a_ranking_counts_and_not_the_ids() -> None:
    # trec_eval would put "z" before "a" if both had one score.
    found = values(scores({"q1": {"a": 1}, "q2": {"z": 1}}, {"q1": ["a", "z"], "q2": ["a", "z"]}))

    assert found["MRR"] == [1.0, 0.5]


def test_recall_is_the_share_of_all_answering_passages() -> None:
    found = values(scores({"q": {"a": 1, "b": 1, "c": 1, "d": 3}}, {"q": ["a", "x", "y", "z", "d", "b"]}))

    assert found["recall@5"] == [0.5]
    assert found["recall@100"] == [0.75]


def test_where_all_queries_are_alike_the_interval_is_their_value() -> None:
    judgements = {f"q{n}": {"a": 1} for n in range(5)}
    found = scores(judgements, {key: ["x", "a"] for key in judgements})

    assert found.means["ours"]["MRR"] == Mean(0.5, Interval(0.5, 0.5))


def test_the_interval_is_that_of_means_of_drawn_queries() -> None:
    # Half of 100 queries are right. The mean of 100 draws has a standard deviation of 0.05, so that 95 % of
    # the draws lie between 0.40 and 0.60.
    judgements = {f"q{n}": {"a": 1} for n in range(100)}
    found = scores(judgements, {key: ["a"] if n < 50 else [] for n, key in enumerate(judgements)})

    interval = found.means["ours"]["MRR"].interval
    assert interval is not None
    assert interval.low == pytest.approx(0.40, abs=0.011)
    assert interval.high == pytest.approx(0.60, abs=0.011)


def test_one_query_has_no_interval() -> None:
    assert scores({"q": {"a": 1}}, {"q": ["a"]}).means["ours"]["MRR"] == Mean(1.0, None)


def test_differences_are_paired() -> None:
    # Queries differ much, but ours is one rank better on each: 1 and 1/2, 1/2 and 1/3.
    judgements = {f"q{n}": {"a": 1} for n in range(10)}
    ours = {key: ["a"] if n % 2 else ["x", "a"] for n, key in enumerate(judgements)}
    others = {key: ["y", *ranked] for key, ranked in ours.items()}
    found = scores(judgements, ours, others)

    (difference,) = [each for each in found.differences if each.metric == "MRR" and each.other == "dense"]
    assert difference.mean.value == pytest.approx((5 * 1 / 2 + 5 * 1 / 6) / 10)
    # As the mean of values of 1/2 and 1/6: unpaired, the interval of the two means would reach below 0.
    interval = difference.mean.interval
    assert interval is not None
    assert 1 / 6 <= interval.low < interval.high <= 1 / 2
    assert (difference.better, difference.equal, difference.worse) == (10, 0, 0)


def test_the_better_part_is_told_for_each_metric() -> None:
    # Lexical is right at once on the one query, dense finds both, late.
    judgements = {"q1": {"a": 1}, "q2": {"a": 1}}
    late = [*(f"x{n}" for n in range(20)), "a"]
    rankings = {
        "dense": {"q1": late, "q2": late},
        "lexical": {"q1": ["a"], "q2": []},
        "reciprocal rank fusion": {"q1": ["a"], "q2": late},
        "ours": {"q1": ["a"], "q2": ["a"]},
    }
    found = score(rankings, judgements)

    assert [(each.metric, each.other) for each in found.differences] == [
        ("nDCG@10", "lexical"),
        ("nDCG@10", "reciprocal rank fusion"),
        ("recall@5", "lexical"),
        ("recall@5", "reciprocal rank fusion"),
        ("recall@100", "dense"),
        ("recall@100", "reciprocal rank fusion"),
        ("MRR", "lexical"),
        ("MRR", "reciprocal rank fusion"),
    ]
    first = found.differences[0]
    assert first.mean.value == 0.5
    assert (first.better, first.equal, first.worse) == (1, 1, 0)


def test_the_same_rankings_give_the_same_figures() -> None:
    judgements = {f"q{n}": {"a": 1} for n in range(30)}
    ours = {key: ["a"] if n % 3 else ["x", "a"] for n, key in enumerate(judgements)}
    one, other = scores(judgements, ours), scores(judgements, ours)

    assert one.means == other.means
    assert one.differences == other.differences
    assert np.array_equal(one.values["ours"], other.values["ours"])


def test_without_the_library_of_the_metrics_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytrec_eval", None)

    with pytest.raises(BadInput, match="`pip install pytrec-eval-terrier`"):
        scores({"q": {"a": 1}}, {"q": ["a"]})
