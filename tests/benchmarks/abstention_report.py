"""What ``abstention`` measured, as a Markdown table and as risk-coverage curves (SVG)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold gives: shares of all questions answered and of answers that are wrong, and counts."""

    threshold: float
    coverage: float
    risk: float
    right: int
    answered_unanswerable: int
    abstained_answerable: int


@dataclass(frozen=True, slots=True)
class Curve:
    """The ``n`` questions of a set. ``points`` go from threshold 0 upwards; ``chosen`` is the default one.

    ``stated`` has for each quarter of the answers, least sure first, the mean confidence, the share that is
    right, and their number.
    """

    set: str
    n: int
    unanswerable: int
    points: tuple[Point, ...]
    chosen: Point
    stated: tuple[tuple[float, float, int], ...]

    @property
    def area(self) -> float:
        """Mean risk over the coverages that can be reached, lower is better: AURC of Geifman, Uziel and
        El-Yaniv (2019, arXiv:1805.08206)."""
        return sum(point.risk for point in self.points) / len(self.points)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "area": self.area}


_TITLES = (
    "set",
    "n",
    "threshold",
    "answered",
    "of these wrong",
    "right answers",
    "answered though unanswerable",
    "abstained though answerable",
)
# Thresholds that the table shows beside none and the default.
_SHOWN = (0.8, 0.85, 0.9)


def as_markdown(curves: Sequence[Curve]) -> str:
    """Return a table with the risk of each set without a threshold, at the default one, and above it."""
    lines = [_row(_TITLES), _row(["---"] * len(_TITLES))]
    for curve in curves:
        for point, name in _shown(curve):
            lines.append(
                _row(
                    [
                        curve.set,
                        f"{curve.n:,}",
                        name,
                        f"{100 * point.coverage:.1f} %",
                        f"{100 * point.risk:.1f} %",
                        f"{point.right}",
                        f"{point.answered_unanswerable} of {curve.unanswerable}",
                        f"{point.abstained_answerable} of {curve.n - curve.unanswerable}",
                    ]
                )
            )
    lines += ["", _row(["set", "mean risk (AURC)", "said and right, by quarters of the answers"])]
    lines.append(_row(["---"] * 3))
    for curve in curves:
        quarters = ", ".join(f"{said:.2f} and {right:.2f}" for said, right, _ in curve.stated)
        lines.append(_row([curve.set, f"{curve.area:.3f}", quarters]))
    return "\n".join(lines) + "\n"


def _shown(curve: Curve) -> Iterator[tuple[Point, str]]:
    yield curve.points[0], "none"
    yield curve.chosen, f"**{curve.chosen.threshold:g}**"
    for threshold in _SHOWN:
        reached = [point for point in curve.points if point.threshold >= threshold]
        if reached and threshold > curve.chosen.threshold:
            yield reached[0], f"{threshold:g}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


_SIDE, _MARGIN, _TOP = 320, 50, 36
_COLOURS = ("#0b5cad", "#b3541e", "#3c7a3c")


def as_svg(curves: Sequence[Curve]) -> str:
    """Return one line for each set, risk over coverage in per cent, with a ring at the default threshold."""
    width, height = _SIDE + 2 * _MARGIN + 190, _SIDE + _TOP + _MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="sans-serif" font-size="12" fill="#333">',
        "<title>Risk against coverage</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_MARGIN}" y="20" font-weight="bold">answers that are wrong, %</text>',
        f'<text x="{_MARGIN + _SIDE}" y="{_TOP + _SIDE + 36}" text-anchor="end">questions answered, %</text>',
    ]
    for percent in range(0, 101, 20):
        x, y = _place(percent / 100, percent / 100)
        drawn.append(
            f'<path d="M{x:.1f} {_TOP}V{_TOP + _SIDE}M{_MARGIN} {y:.1f}H{_MARGIN + _SIDE}" stroke="#ddd"/>'
        )
        drawn.append(f'<text x="{x:.1f}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{percent}</text>')
        drawn.append(f'<text x="{_MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{percent}</text>')
    for nth, (curve, colour) in enumerate(zip(curves, _COLOURS, strict=True)):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(p.coverage, p.risk) for p in curve.points))
        x, y = _place(curve.chosen.coverage, curve.chosen.risk)
        drawn += [
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#fff" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{_MARGIN + _SIDE + 20}" y="{_TOP + 20 * (nth + 1)}" fill="{colour}">'
            f"{escape(curve.set)} (n = {curve.n:,})</text>",
        ]
    return "".join(drawn) + "</svg>\n"


def _place(coverage: float, risk: float) -> tuple[float, float]:
    return _MARGIN + _SIDE * coverage, _TOP + _SIDE * (1 - risk)
