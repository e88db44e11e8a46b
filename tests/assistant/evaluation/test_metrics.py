from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.evaluation import metrics
from assistant.evaluation.fixtures import Expectation
from assistant.evaluation.metrics import METRICS, Percentile, Share, latency, scores, scores_by_tag, wilson
from assistant.evaluation.scoring import Cited, Result
from assistant.reply import Outcome

MakeResult = Callable[..., Result]


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # z²/(n + z²) = 3.8415/13.8415
        (0, 10, 0.0, 0.27753),
        (10, 10, 1 - 0.27753, 1.0),
        # (0.8 + 0.192073)/1.384146 ± 1.959964·√(0.016 + 0.0096037)/1.384146
        (8, 10, 0.49016, 0.94332),
        (1, 2, 0.09453, 0.90547),
    ],
)
def test_the_wilson_interval_of_small_samples(hits: int, n: int, low: float, high: float) -> None:
    interval = wilson(hits, n)

    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-5)


def test_the_interval_reaches_the_ends_exactly_and_never_beyond() -> None:
    for n in range(1, 400):
        none, every = wilson(0, n), wilson(n, n)
        assert none is not None
        assert every is not None
        assert (none.low, every.high) == (0.0, 1.0)
        assert 0 < none.high < 1
        assert 0 < every.low < 1


def test_what_could_not_be_judged_is_not_zero() -> None:
    for metric in METRICS:
        share = metric.measure([])
        assert share == Share(0, 0)
        assert share.value is None
        assert share.interval is None
    assert latency([], 95) == Percentile(None, 0)


def test_pass_rate_counts_results_without_reasons(a_result: MakeResult) -> None:
    assert metrics.pass_rate([a_result(), a_result(reasons=("wrong",)), a_result()]) == Share(2, 3)


def test_citation_validity_counts_quotes_of_all_turns(a_result: MakeResult) -> None:
    results = [a_result(quotes=3, exact_quotes=3), a_result(quotes=2, exact_quotes=1), a_result()]

    assert metrics.citation_validity(results) == Share(4, 5)


def test_citation_precision_leaves_out_questions_without_gold(a_result: MakeResult) -> None:
    def cited(*gold: bool | None) -> tuple[Cited, ...]:
        return tuple(Cited(1, "MSc", "a quote", "", True, each) for each in gold)

    results = [
        a_result(citations=cited(True, False, True)),
        a_result(citations=cited(None, None)),
        a_result(),
    ]

    assert metrics.citation_precision(results) == Share(2, 3)


def test_citation_recall_counts_gold_of_abstentions_too(a_result: MakeResult) -> None:
    missed = a_result(outcome=Outcome.NOT_FOUND, gold_found=(False, False))

    assert metrics.citation_recall([a_result(gold_found=(True,)), missed, a_result()]) == Share(1, 3)


@pytest.mark.parametrize(
    ("outcome", "is_answer"),
    [
        (Outcome.ANSWERED, True),
        (Outcome.CLARIFY, True),
        (Outcome.NOT_STATED, False),
        (Outcome.NOT_FOUND, False),
        (Outcome.OUT_OF_SCOPE, False),
        (Outcome.SMALL_TALK, False),
    ],
)
def test_answering_and_abstaining_are_counted_where_they_do_harm(
    outcome: Outcome, is_answer: bool, a_result: MakeResult
) -> None:
    results = [a_result(expect=expect, outcome=outcome) for expect in Expectation]

    assert metrics.answered_though_unanswerable(results) == Share(int(is_answer), 1)
    assert metrics.abstained_though_answerable(results) == Share(int(not is_answer), 1)


def test_number_accuracy_is_about_replies_with_numbers(a_result: MakeResult) -> None:
    results = [
        a_result(has_numbers=True),
        a_result(has_numbers=True, unsupported_numbers=("70", "80")),
        a_result(has_numbers=False),
    ]

    assert metrics.number_accuracy(results) == Share(1, 2)


@pytest.mark.parametrize(
    ("times", "percent", "expected"),
    [
        ([40.0, 10.0, 30.0, 20.0], 50, 20.0),
        ([40.0, 10.0, 30.0, 20.0], 95, 40.0),
        ([7.0], 50, 7.0),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 101)), 1, 1),
    ],
)
def test_a_percentile_is_the_measured_time_of_nearest_rank(
    times: list[float], percent: int, expected: float, a_result: MakeResult
) -> None:
    results = [a_result(milliseconds=each) for each in times]

    assert latency(results, percent) == Percentile(expected, len(times))


def test_metrics_by_tag_count_a_question_under_each_of_its_tags(a_result: MakeResult) -> None:
    results = [a_result(tags=("list", "fee")), a_result(tags=("fee",), reasons=("wrong",)), a_result()]
    by_tag = scores_by_tag(results)

    assert list(by_tag) == ["fee", "list"]
    assert by_tag["fee"].shares["pass_rate"] == Share(1, 2)
    assert by_tag["list"].shares["pass_rate"] == Share(1, 1)
    assert by_tag["fee"].questions == 2


def test_every_metric_is_scored_and_names_its_harm(a_result: MakeResult) -> None:
    assert list(scores([a_result()]).shares) == [metric.name for metric in METRICS]
    assert all(metric.harm and metric.measure.__doc__ for metric in METRICS)
    assert all(metric.measure.__name__ == metric.name for metric in METRICS)
