"""The curve that the benchmark draws, on answers whose risk is worked out by hand."""

from __future__ import annotations

import pytest
from abstention import REPORTING, TUNING, Asked, curve_of
from abstention_report import as_markdown, as_svg

from assistant.confidence import LEAST_CONFIDENCE, Confidence

SURE, UNSURE = Confidence(0.9, 1.0, 0.5), Confidence(-1.0, 0.0, 0.0)


def asked(*, half: int = REPORTING, answerable: bool, right: bool, sure: Confidence | None) -> Asked:
    return Asked("a set", half, answerable, right, sure)


@pytest.fixture
def four() -> list[Asked]:
    return [
        asked(answerable=True, right=True, sure=SURE),
        asked(answerable=False, right=False, sure=UNSURE),
        asked(answerable=True, right=False, sure=None),
        asked(answerable=False, right=False, sure=None),
        asked(half=TUNING, answerable=True, right=False, sure=SURE),
    ]


def test_risk_and_coverage_of_the_half_that_is_reported_on(four: list[Asked]) -> None:
    curve = curve_of("a set", four)

    assert UNSURE.probability < LEAST_CONFIDENCE < SURE.probability
    assert (curve.n, curve.unanswerable) == (4, 2)
    assert [(point.coverage, point.risk) for point in curve.points] == [(0.5, 0.5), (0.25, 0.0)]
    assert [point.answered_unanswerable for point in curve.points] == [1, 0]
    assert [point.abstained_answerable for point in curve.points] == [1, 1]
    assert (curve.chosen.coverage, curve.chosen.risk) == (0.25, 0.0)
    assert curve.area == 0.25


def test_both_error_rates_stand_in_the_table(four: list[Asked]) -> None:
    table = as_markdown([curve_of("a set", four)])

    assert "| a set | 4 | none | 50.0 % | 50.0 % | 1 | 1 of 2 | 1 of 2 |" in table
    assert "| a set | 4 | **0.75** | 25.0 % | 0.0 % | 1 | 0 of 2 | 1 of 2 |" in table


def test_the_plot_has_a_line_for_each_set(four: list[Asked]) -> None:
    curves = [curve_of(name, four) for name in ("one", "two", "three")]

    drawn = as_svg(curves)

    assert drawn.count("<polyline") == 3
    assert all(f">{name} (n = 4)<" in drawn for name in ("one", "two", "three"))
