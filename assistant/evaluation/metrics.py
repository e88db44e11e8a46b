"""The metrics: one function each, over results. What could not be judged is not zero: it is not in ``n``.

Shares carry a 95 % interval: how far another draw of as many questions of the same kind could move them. The
questions are written by hand and not drawn at random, so that it is the least uncertainty, not all of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..reply import ANSWERING
from .fixtures import Expectation
from .scoring import Result

# The 97.5 % quantile of the standard normal distribution, for two-sided 95 % intervals.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of shares, 0 to 1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n`` that were judged."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        """0 to 1; None where nothing was judged."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.hits, self.n)


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile of ``n`` times in milliseconds; None where there is none."""

    milliseconds: float | None
    n: int


def wilson(hits: int, n: int) -> Interval | None:
    """Return the 95 % score interval of a share of ``hits`` in ``n``; None for ``n`` 0.

    (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n): Wilson, "Probable Inference, the Law of Succession,
    and Statistical Inference", 1927. Chosen because our shares lie near 0 and 1, where the textbook interval
    p ± z √(p(1 - p)/n) shrinks to nothing or leaves [0, 1]; recommended for few observations by Brown, Cai
    and DasGupta, "Interval Estimation for a Binomial Proportion", 2001, §5.
    """
    if n == 0:
        return None
    p = hits / n
    scale = 1 + _Z**2 / n
    middle = (p + _Z**2 / (2 * n)) / scale
    half = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2)) / scale
    # At the ends the formula gives 0 and 1 but for rounding.
    return Interval(0.0 if hits == 0 else middle - half, 1.0 if hits == n else middle + half)


def pass_rate(results: Iterable[Result]) -> Share:
    """The share of questions whose reply has the outcome expected and meets ``must``, ``never`` and ``cite``.

    passed / questions; 0 to 1, higher is better.
    """
    return _share(result.passes for result in results)


def citation_validity(results: Iterable[Result]) -> Share:
    """The share of citations with ``document.text[start:end] == quote``, over the replies to all turns.

    exact / citations; 0 to 1, and anything below 1 is a bug: it is what the product promises.
    """
    counted = list(results)
    return Share(sum(result.exact_quotes for result in counted), sum(result.quotes for result in counted))


def citation_precision(results: Iterable[Result]) -> Share:
    """The share of citations that are gold: some ``cite`` of the question matches the quote.

    gold citations / citations, over questions with a ``cite``; 0 to 1, higher is better. A lower bound, for
    ``cite`` names the quotes that are needed, not all that are apt. After the citation precision of Gao et
    al., "Enabling Large Language Models to Generate Text with Citations", 2023, §4, with gold quotes in the
    place of an entailment model. Citations of one reply are not independent: the interval is too narrow.
    """
    return _share(
        cited.is_gold for result in results for cited in result.citations if cited.is_gold is not None
    )


def citation_recall(results: Iterable[Result]) -> Share:
    """The share of gold quotes that are cited: a quote of the reply matches that ``cite``.

    cited gold / gold, over questions with a ``cite``, also where the reply abstains; 0 to 1, higher is
    better. Source and reservation as for ``citation_precision``.
    """
    return _share(found for result in results for found in result.gold_found)


def answered_though_unanswerable(results: Iterable[Result]) -> Share:
    """The share of questions with ``expect: abstain`` that are answered (``answered`` or ``clarify``).

    answered / unanswerable; 0 to 1, lower is better. The complement of the recall of abstention, as the
    unanswerable questions of Rajpurkar et al., "Know What You Don't Know", 2018, are scored.
    """
    return _share(result.outcome in ANSWERING for result in results if result.expect is Expectation.ABSTAIN)


def abstained_though_answerable(results: Iterable[Result]) -> Share:
    """The share of questions with ``expect: answer`` that get none (neither ``answered`` nor ``clarify``).

    not answered / answerable; 0 to 1, lower is better. Source as for ``answered_though_unanswerable``.
    """
    return _share(
        result.outcome not in ANSWERING for result in results if result.expect is Expectation.ANSWER
    )


def number_accuracy(results: Iterable[Result]) -> Share:
    """The share of replies in which every number stands in a quote of its sentence or is computed in sight.

    supported / replies with a number; 0 to 1, higher is better, and below 1 is a bug. Our own definition:
    ``scoring.unsupported_numbers``.
    """
    return _share(not result.unsupported_numbers for result in results if result.has_numbers)


def latency(results: Iterable[Result], percent: int) -> Percentile:
    """The time of the last reply that ``percent`` (1 to 100) of the questions do not exceed.

    Nearest rank, the ⌈percent/100 · n⌉-th smallest (definition 1 of Hyndman and Fan, "Sample Quantiles in
    Statistical Packages", 1996): always a time that was measured. Milliseconds, lower is better. It belongs
    to the machine, so that there is no interval: another run differs more than other questions do.
    """
    times = sorted(result.milliseconds for result in results)
    if not times:
        return Percentile(None, 0)
    return Percentile(times[-(-percent * len(times) // 100) - 1], len(times))


@dataclass(frozen=True, slots=True)
class Metric:
    """A share that is reported. ``harm`` is what a person meets where it is bad."""

    name: str
    title: str
    harm: str
    is_better_high: bool
    measure: Callable[[Sequence[Result]], Share]


METRICS = (
    Metric("pass_rate", "Pass rate", "a wrong or incomplete reply", True, pass_rate),
    Metric(
        "citation_validity",
        "Citation validity",
        "a quote that the page does not hold",
        True,
        citation_validity,
    ),
    Metric("citation_precision", "Citation precision", "a quote beside the point", True, citation_precision),
    Metric(
        "citation_recall",
        "Citation recall",
        "the quote that would prove it is missing",
        True,
        citation_recall,
    ),
    Metric(
        "answered_though_unanswerable",
        "Answered though unanswerable",
        "an answer that the pages do not give",
        False,
        answered_though_unanswerable,
    ),
    Metric(
        "abstained_though_answerable",
        "Abstained though answerable",
        "no answer although the page has it",
        False,
        abstained_though_answerable,
    ),
    Metric("number_accuracy", "Number accuracy", "a number out of thin air", True, number_accuracy),
)
PERCENTILES = (50, 95)


@dataclass(frozen=True, slots=True)
class Scores:
    """Every metric of some results: ``shares`` by ``Metric.name``, ``latency`` by percent."""

    questions: int
    shares: Mapping[str, Share]
    latency: Mapping[int, Percentile]


def scores(results: Sequence[Result]) -> Scores:
    """Return every metric of ``results``."""
    return Scores(
        questions=len(results),
        shares={metric.name: metric.measure(results) for metric in METRICS},
        latency={percent: latency(results, percent) for percent in PERCENTILES},
    )


def scores_by_tag(results: Sequence[Result]) -> dict[str, Scores]:
    """Return every metric of the results with each tag, tags in alphabetical order."""
    tags = sorted({tag for result in results for tag in result.tags})
    return {tag: scores([result for result in results if tag in result.tags]) for tag in tags}


def _share(judged: Iterable[bool]) -> Share:
    outcomes = list(judged)
    return Share(sum(outcomes), len(outcomes))
