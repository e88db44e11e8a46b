"""What ``comparison`` measured: as a Markdown table, as a plot (SVG), and which limits it misses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

OURS = "ours"
BASE = "langchain"
NAMES = {OURS: "ours", BASE: "LangChain", "llamaindex": "LlamaIndex", "haystack": "Haystack"}
"""How the systems are called, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class Point:
    """One system at one size.

    ``size`` is the number of passages asked for, ``passages`` what the pages gave. The answer to a question
    is a whole reply for ours, ``cited`` of them with citations, and the passages for the others;
    ``retrieval_p50_ms`` is of the passages alone for all. MB are 10^6 bytes, the peaks those of the one
    process that indexes or serves. ``at_once`` questions were answered to clients that ask at the same time,
    ``failed`` were not. ``recall_at_10`` is against an exact scan; ours is that of its Chroma directory.
    """

    system: str
    size: int
    passages: int
    index_s: float
    index_stages_s: Mapping[str, float]
    start_s: float
    starts_s: Sequence[float]
    p50_ms: float
    p95_ms: float
    questions: int
    cited: int | None
    retrieval_p50_ms: float
    retrieval_p95_ms: float
    serving_peak_mb: float
    index_peak_mb: float
    disk_mb: float
    at_once_per_s: float
    at_once: int
    failed: int
    recall_at_10: float


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure may be at most or, where ``is_least``, must be at least; ``size`` where at that alone."""

    value: float
    is_least: bool = False
    size: int | None = None

    def holds(self, figure: float) -> bool:
        return figure >= self.value if self.is_least else figure <= self.value

    def __str__(self) -> str:
        return f"at {'least' if self.is_least else 'most'} {self.value:g}"


@dataclass(frozen=True, slots=True)
class _Measure:
    """A row of the table. The limit is one on the ratio to LangChain, but where ``is_limit_on_ours``."""

    title: str
    value: Callable[[Point], float]
    form: str
    limit: Limit | None = None
    has_ratio: bool = True
    is_limit_on_ours: bool = False


_MEASURES = (
    _Measure("seconds to index", lambda point: point.index_s, ".0f", Limit(0.4, size=10_000)),
    _Measure("seconds from start to first answer", lambda point: point.start_s, ".2f", Limit(0.2)),
    _Measure("answer to a question, p50 ms", lambda point: point.p50_ms, ".1f", Limit(0.35)),
    _Measure("answer to a question, p95 ms", lambda point: point.p95_ms, ".1f", Limit(0.4)),
    _Measure("passages alone, p50 ms", lambda point: point.retrieval_p50_ms, ".1f"),
    _Measure("answers a second, eight clients", lambda point: point.at_once_per_s, ".1f", Limit(4, True)),
    _Measure("peak MB, serving", lambda point: point.serving_peak_mb, ",.0f", Limit(0.4)),
    _Measure("peak MB, indexing", lambda point: point.index_peak_mb, ",.0f"),
    _Measure("disk MB", lambda point: point.disk_mb, ",.0f"),
    _Measure(
        "recall@10",
        lambda point: point.recall_at_10,
        ".3f",
        Limit(0.99, True),
        has_ratio=False,
        is_limit_on_ours=True,
    ),
)
_GROWTH = "p50, times that at the smallest size"
_MOST_GROWTH = Limit(2)


@dataclass(frozen=True, slots=True)
class _Row:
    """``ratio`` is ours divided by LangChain's; ``judged`` is what the limit is on, and ``judges``
    which of the two that is."""

    passages: int
    title: str
    figures: Mapping[str, str]
    ratio: float | None
    judged: float | None
    judges: str
    limit: Limit | None

    @property
    def is_missed(self) -> bool:
        return self.limit is not None and self.judged is not None and not self.limit.holds(self.judged)


def as_markdown(points: Sequence[Point]) -> str:
    """Return a table with a column for each system and one for the ratio of ours to LangChain."""
    systems = [system for system in NAMES if any(point.system == system for point in points)]
    titles = ["passages", "measure", *(NAMES[each] for each in systems), "ours / LangChain", "wanted"]
    lines = [_line(titles), _line(["---"] * len(titles))]
    for row in _rows(points):
        limit = "" if row.limit is None else f"{row.judges} {row.limit}"
        lines.append(
            _line(
                [
                    f"{row.passages:,}",
                    row.title,
                    *(row.figures.get(system, "") for system in systems),
                    "" if row.ratio is None else f"{row.ratio:.2f}",
                    f"{limit}: **missed**" if row.is_missed else limit,
                ]
            )
        )
    return "\n".join(lines) + "\n"


def missed(points: Sequence[Point]) -> list[str]:
    """Return a line for each limit that is missed, with the figure and the limit."""
    return [
        f"{row.passages:,} passages, {row.title}: {row.judges} {row.judged:.3g}, wanted {row.limit}"
        for row in _rows(points)
        if row.is_missed
    ]


def _rows(points: Sequence[Point]) -> Iterator[_Row]:
    sizes = sorted({point.size for point in points})
    smallest = {point.system: point for point in points if point.size == sizes[0]}
    for size in sizes:
        at = {point.system: point for point in points if point.size == size}
        for measure in _MEASURES:
            yield _row(measure, at)
        if size > sizes[0]:
            growth = {
                system: point.p50_ms / smallest[system].p50_ms
                for system, point in at.items()
                if system in smallest
            }
            figures = {system: f"{figure:.2f}" for system, figure in growth.items()}
            yield _Row(at[OURS].passages, _GROWTH, figures, None, growth[OURS], "ours", _MOST_GROWTH)


def _row(measure: _Measure, at: Mapping[str, Point]) -> _Row:
    ours, base = at[OURS], at.get(BASE)
    ratio = measure.value(ours) / measure.value(base) if base is not None and measure.has_ratio else None
    limit = measure.limit
    if limit is not None and limit.size not in (None, ours.size):
        limit = None
    return _Row(
        passages=ours.passages,
        title=measure.title,
        figures={system: format(measure.value(point), measure.form) for system, point in at.items()},
        ratio=ratio,
        judged=measure.value(ours) if measure.is_limit_on_ours else ratio,
        judges="ours" if measure.is_limit_on_ours else "ratio",
        limit=limit,
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


_WIDTH, _HEIGHT, _MARGIN, _GAP, _TOP = 200, 160, 50, 45, 30
_COLOURS = {OURS: "#0b5cad", BASE: "#b3541e", "llamaindex": "#5b7f2b", "haystack": "#7a4d9c"}
_PLOTTED = (0, 1, 2, 5, 6)


def as_svg(points: Sequence[Point]) -> str:
    """Return one panel for each of the main figures, both axes logarithmic, a line for each system."""
    panels = [
        _panel(points, _MEASURES[row], left=_MARGIN + nth * (_WIDTH + _GAP))
        for nth, row in enumerate(_PLOTTED)
    ]
    width = _MARGIN + len(_PLOTTED) * (_WIDTH + _GAP)
    height = _HEIGHT + 2 * _MARGIN
    drawn = [system for system in NAMES if any(point.system == system for point in points)]
    legend = "".join(
        f'<text x="{_MARGIN + 110 * nth}" y="{height - 6}" fill="{_COLOURS[system]}">&#9679; '
        f"{NAMES[system]}</text>"
        for nth, system in enumerate(drawn)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="11" fill="#333">'
        f"<title>Ours and three others by the number of passages</title>"
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(panels)}{legend}</svg>\n'
    )


def _panel(points: Sequence[Point], measure: _Measure, *, left: float) -> str:
    (left_most, right_most), (lowest, highest) = _decades(points, measure)

    def x(size: float) -> float:
        return left + _WIDTH * (math.log10(size) - left_most) / (right_most - left_most)

    def y(figure: float) -> float:
        return _TOP + _HEIGHT * (1 - (math.log10(figure) - lowest) / (highest - lowest))

    bottom = _TOP + _HEIGHT
    drawn = [f'<text x="{left}" y="{_TOP - 12}" font-weight="bold">{escape(measure.title)}</text>']
    for power in range(left_most, right_most + 1):
        at = x(10.0**power)
        drawn.append(f'<path d="M{at:.1f} {_TOP}V{bottom}" stroke="#ddd"/>')
        drawn.append(f'<text x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{10**power:,}</text>')
    for power in range(lowest, highest + 1):
        at = y(10.0**power)
        drawn.append(f'<path d="M{left} {at:.1f}H{left + _WIDTH}" stroke="#ddd"/>')
        drawn.append(f'<text x="{left - 5}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:,g}</text>')
    for system in NAMES:
        places = [(x(point.passages), y(measure.value(point))) for point in points if point.system == system]
        if places:
            colour = _COLOURS[system]
            line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
            drawn.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
            drawn += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
    return "".join(drawn)


def _decades(points: Sequence[Point], measure: _Measure) -> Iterator[tuple[int, int]]:
    """The powers of ten that the sizes and the figures lie between."""
    # Sizes lie a passage or two above a power of ten, which is no reason for another decade.
    for values, beyond in (
        ([point.passages for point in points], 0.01),
        ([measure.value(point) for point in points], 0.0),
    ):
        low = math.floor(math.log10(min(values)))
        yield low, max(low + 1, math.ceil(math.log10(max(values)) - beyond))
