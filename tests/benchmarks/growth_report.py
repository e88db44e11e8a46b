"""What ``growth`` measured, as a Markdown table and as a plot (SVG)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Point:
    """One system at one size. MB are 10^6 bytes; ``index_peak_mb`` is that of the process that indexes,
    ``answer_peak_mb`` that of the one that answers. ``recall_at_10`` is Chroma's, against an exact scan.
    """

    system: str
    passages: int
    index_s: float
    index_stages_s: Mapping[str, float]
    open_s: float
    p50_ms: float
    p95_ms: float
    questions: int
    index_peak_mb: float
    answer_peak_mb: float
    disk_mb: float
    recall_at_10: float
    reply_p50_ms: float | None


_COLUMNS: tuple[tuple[str, Callable[[Point], float], str], ...] = (
    ("seconds to index", lambda point: point.index_s, ".0f"),
    ("seconds to open", lambda point: point.open_s, ".1f"),
    ("question, p50 ms", lambda point: point.p50_ms, ".1f"),
    ("question, p95 ms", lambda point: point.p95_ms, ".1f"),
    ("peak MB, indexing", lambda point: point.index_peak_mb, ",.0f"),
    ("peak MB, answering", lambda point: point.answer_peak_mb, ",.0f"),
    ("disk MB", lambda point: point.disk_mb, ",.0f"),
)
_PLOTTED = (0, 2, 5, 6)


def as_markdown(points: Sequence[Point]) -> str:
    """Return a table with ours, the chain and their ratio for each size."""
    titles = ["passages", "system", *(title for title, _, _ in _COLUMNS), "recall@10"]
    lines = [_row(titles), _row(["---"] * len(titles))]
    for ours, chain in zip(points[::2], points[1::2], strict=True):
        for point in (ours, chain):
            figures = [format(value(point), form) for _, value, form in _COLUMNS]
            lines.append(_row([f"{point.passages:,}", point.system, *figures, f"{point.recall_at_10:.3f}"]))
        ratios = [f"{value(ours) / value(chain):.2f}" for _, value, _ in _COLUMNS]
        lines.append(_row(["", "ratio", *ratios, ""]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


_WIDTH, _HEIGHT, _MARGIN, _GAP = 240, 170, 50, 40
_COLOURS = {"ours": "#0b5cad", "chain": "#b3541e"}


def as_svg(points: Sequence[Point]) -> str:
    """Return one panel for each of the main figures, both axes logarithmic, a line for each system."""
    panels = [
        _panel(points, *_COLUMNS[column][:2], left=_MARGIN + nth * (_WIDTH + _GAP + 20))
        for nth, column in enumerate(_PLOTTED)
    ]
    width = _MARGIN + len(_PLOTTED) * (_WIDTH + _GAP + 20)
    height = _HEIGHT + 2 * _MARGIN
    legend = "".join(
        f'<text x="{_MARGIN + 90 * nth}" y="{height - 6}" fill="{colour}">&#9679; {system}</text>'
        for nth, (system, colour) in enumerate(_COLOURS.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="11" fill="#333">'
        f"<title>Growth with the number of passages</title>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(panels)}{legend}</svg>\n'
    )


def _panel(points: Sequence[Point], title: str, value: Callable[[Point], float], *, left: float) -> str:
    top = 30
    passages, figures = _both(points, value)
    lows = [math.floor(math.log10(min(each))) for each in (passages, figures)]
    # Sizes lie a passage or two above a power of ten, which is no reason for another decade.
    highs = [math.ceil(math.log10(max(passages)) - 0.01), math.ceil(math.log10(max(figures)))]
    highs = [max(low + 1, high) for low, high in zip(lows, highs, strict=True)]

    def x(size: float) -> float:
        return left + _WIDTH * (math.log10(size) - lows[0]) / (highs[0] - lows[0])

    def y(figure: float) -> float:
        return top + _HEIGHT * (1 - (math.log10(figure) - lows[1]) / (highs[1] - lows[1]))

    drawn = [f'<text x="{left}" y="{top - 12}" font-weight="bold">{escape(title)}</text>']
    for power in range(lows[0], highs[0] + 1):
        at = x(10.0**power)
        drawn.append(f'<path d="M{at:.1f} {top}V{top + _HEIGHT}" stroke="#ddd"/>')
        drawn.append(f'<text x="{at:.1f}" y="{top + _HEIGHT + 16}" text-anchor="middle">{10**power:,}</text>')
    for power in range(lows[1], highs[1] + 1):
        at = y(10.0**power)
        drawn.append(f'<path d="M{left} {at:.1f}H{left + _WIDTH}" stroke="#ddd"/>')
        drawn.append(f'<text x="{left - 5}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:,g}</text>')
    for system, colour in _COLOURS.items():
        places = [(x(point.passages), y(value(point))) for point in points if point.system == system]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        drawn.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
    return "".join(drawn)


def _both(points: Sequence[Point], value: Callable[[Point], float]) -> tuple[list[float], list[float]]:
    return [point.passages for point in points], [value(point) for point in points]
