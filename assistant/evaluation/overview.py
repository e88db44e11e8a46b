"""A run, or a comparison of two, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .compare import Comparison, compare
from .metrics import METRICS, PERCENTILES, Metric, Percentile, Scores, Share, scores, scores_by_tag
from .model_figures import ModelFigures, model_figures
from .record import Run
from .scoring import Result
from .tables import Lines, Part, Table

# Columns of the table by tag: metric and heading. The other metrics by tag are in the JSON and the report.
_TAG_COLUMNS = (
    ("citation_precision", "prec."),
    ("citation_recall", "recall"),
    ("answered_though_unanswerable", "wrongly answered"),
    ("abstained_though_answerable", "wrongly abstained"),
    ("number_accuracy", "numbers"),
)
NOT_JUDGED = "–"


def run_overview(run: Run) -> list[Part]:
    """Return the metrics of all questions, the main ones by tag, and what is wrong with which reply."""
    overall = scores(run.results)
    return [
        Table(
            f"{run.conditions.questions}: {_count(overall.questions, 'question')}",
            ("metric", "value", "95 % interval", "n"),
            tuple((metric.title, *share_cells(overall.shares[metric.name])) for metric in METRICS),
        ),
        Table("Latency of the last reply", ("percentile", "ms", "n"), tuple(_latency_rows(overall))),
        *_model_parts(run),
        Table(
            "By tag",
            ("tag", "n", "pass", "95 % interval", *(heading for _, heading in _TAG_COLUMNS)),
            tuple(_tag_row(tag, each) for tag, each in scores_by_tag(run.results).items()),
        ),
        Lines(
            "Failing",
            tuple(_complaint(result, result.reasons) for result in run.results if not result.passes),
        ),
        Lines(
            "Defects", tuple(_complaint(result, result.defects) for result in run.results if result.defects)
        ),
    ]


def modes_overview(quoted: Run, generated: Run) -> list[Part]:
    """Return two runs of the same questions side by side, and what the language model did in the second."""
    # That only one of them has a language model is what is compared, not something to take care of.
    comparison = replace(compare(quoted, generated), conditions=())
    return [*comparison_overview(comparison, names=("quoted", "generated")), *_model_parts(generated)]


def model_rows(figures: ModelFigures) -> tuple[tuple[str, str, str, str], ...]:
    """Return what a language model did as rows of name, value, interval and n."""
    shares = (
        ("replies with sentences of the model", figures.shown),
        ("its sentences kept", figures.kept),
        ("repaired: shown with other citations", figures.repaired),
        ("dropped", figures.dropped),
    )
    counts = (
        ("answers given again from the cache", figures.cached),
        ("tokens in", figures.input_tokens),
        ("tokens out", figures.output_tokens),
        *((f"fault: {fault}", count) for fault, count in figures.faults.items()),
    )
    asked = str(figures.shown.n)
    return (
        *((name, *share_cells(share)) for name, share in shares),
        *((name, f"{count:,}", NOT_JUDGED, asked) for name, count in counts),
    )


def comparison_overview(comparison: Comparison, *, names: tuple[str, str] = ("A", "B")) -> list[Part]:
    """Return what else differs, the metrics side by side, and the questions that changed sides."""
    a, b = names
    before, after = comparison.before, comparison.after
    return [
        Lines("Take care", _cautions(comparison)),
        Table(
            f"{_count(after.questions, 'question')} in both runs",
            ("metric", a, b, "change", f"n in {a}", f"n in {b}"),
            tuple(_compared(metric, before, after) for metric in METRICS),
        ),
        Table(
            "Latency of the last reply, ms",
            ("percentile", a, b),
            tuple(
                (f"p{percent}", milliseconds(before.latency[percent]), milliseconds(after.latency[percent]))
                for percent in PERCENTILES
            ),
        ),
        Lines("Newly fail", tuple(_complaint(result, result.reasons) for result in comparison.newly_fail)),
        Lines("Newly pass", tuple(result.id for result in comparison.newly_pass)),
        Lines("Still fail", _joined(comparison.still_fail)),
        Lines("Another reply, judged as before", _joined(comparison.changed_replies)),
        Lines(f"Only in {a}", _joined(comparison.only_before)),
        Lines(f"Only in {b}", _joined(comparison.only_after)),
        Lines("Verdict", (_verdict(comparison),)),
    ]


def share_cells(share: Share) -> tuple[str, str, str]:
    """Return value and interval in percent, and "hits/n"; dashes where nothing was judged."""
    interval = share.interval
    if interval is None:
        return NOT_JUDGED, NOT_JUDGED, "0"
    between = f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"
    return percentage(share), between, f"{share.hits}/{share.n}"


def percentage(share: Share) -> str:
    """Return the value in percent with one decimal; 100.0 only where it is all, 0.0 only where it is none."""
    if share.value is None:
        return NOT_JUDGED
    rounded = round(100 * share.value, 1)
    if rounded == 100 and share.hits < share.n:
        return ">99.9 %"
    if rounded == 0 and share.hits:
        return "<0.1 %"
    return f"{rounded:.1f} %"


def milliseconds(percentile: Percentile) -> str:
    """Return the time with one decimal, a dash where there is none."""
    return NOT_JUDGED if percentile.milliseconds is None else f"{percentile.milliseconds:.1f}"


def _model_parts(run: Run) -> list[Part]:
    figures = model_figures(run.results)
    if figures is None:
        return []
    title = f"The language model ({', '.join(figures.models)})"
    return [Table(title, ("what", "value", "95 % interval", "n"), model_rows(figures))]


def _latency_rows(of: Scores) -> list[tuple[str, ...]]:
    return [(f"p{percent}", milliseconds(each), str(each.n)) for percent, each in of.latency.items()]


def _tag_row(tag: str, of: Scores) -> tuple[str, ...]:
    passes = of.shares["pass_rate"]
    value, interval, _ = share_cells(passes)
    others = (of.shares[name] for name, _ in _TAG_COLUMNS)
    return (
        tag,
        str(passes.n),
        value,
        interval,
        *(f"{each.hits}/{each.n}" if each.n else NOT_JUDGED for each in others),
    )


def _complaint(result: Result, reasons: Sequence[str]) -> str:
    return f"{result.id} [{result.outcome}] {'; '.join(reasons)}"


def _compared(metric: Metric, before: Scores, after: Scores) -> tuple[str, ...]:
    a, b = before.shares[metric.name], after.shares[metric.name]
    return (metric.title, percentage(a), percentage(b), change(metric, a, b), str(a.n), str(b.n))


def change(metric: Metric, a: Share, b: Share) -> str:
    """Return how far ``b`` is from ``a`` in points, and whether that is better."""
    if a.value is None or b.value is None:
        return NOT_JUDGED
    points = 100 * (b.value - a.value)
    if abs(points) < 1e-9:
        return "same"
    return f"{points:+.1f} points, {'better' if (points > 0) is metric.is_better_high else 'worse'}"


def _cautions(comparison: Comparison) -> tuple[str, ...]:
    if not comparison.after.questions:
        return (*comparison.conditions, "No question is in both runs: there is nothing to compare.")
    return comparison.conditions


def _verdict(comparison: Comparison) -> str:
    return (
        f"{len(comparison.newly_pass)} newly pass, {len(comparison.newly_fail)} newly fail, "
        f"{len(comparison.still_fail)} still fail."
    )


def _joined(ids: Sequence[str]) -> tuple[str, ...]:
    return (", ".join(ids),) if ids else ()


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
