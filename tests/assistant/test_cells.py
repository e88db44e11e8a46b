"""Cells of tables: found by the name of their column, said with every row that names them."""

from __future__ import annotations

import pytest
from read_pages import from_html

from assistant.composing import compose
from assistant.evidence import Evidence
from assistant.grounding import fault
from assistant.outcome import Decision
from assistant.questions import understand
from assistant.reply import Outcome
from assistant.stated_values import states_value
from ingest.documents import Document
from ingest.units import Unit, UnitKind, units_of
from ingest.values import kinds_of

PAGE = from_html(
    "<h1>Timetable</h1><table><thead><tr><th>Course</th><th>Title</th><th>Day</th><th colspan=2>Fee</th></tr>"
    "<tr><th></th><th></th><th></th><th>2026</th><th>2027</th></tr></thead>"
    "<tr><th colspan=5>Short courses</th></tr>"
    "<tr><td>BIO 101</td><td>Cells</td><td>Tu</td><td>9 EUR</td><td>8 EUR</td></tr>"
    "<tr><th colspan=5>Long courses</th></tr>"
    "<tr><td>BIO 102</td><td>Tissues</td><td>W</td><td>90 EUR</td><td>80 EUR</td></tr></table>"
)
HEADER = ["Course | Title | Day | Fee", " |  |  | 2026 | 2027"]


def cell(value: str) -> Unit:
    (found,) = [unit for unit in units_of(PAGE) if unit.value == value]
    return found


def said(unit: Unit, question: str) -> tuple[str, list[str]]:
    evidence = Evidence(PAGE, unit, 0, 0.95, 0.95, 0.5, has_value=True, uncovered=(), audience=None)
    decision = Decision(Outcome.ANSWERED, (evidence,))
    (draft,) = compose(understand(question), decision, "en", units_of=lambda _: units_of(PAGE))
    assert fault(draft, {PAGE.id: PAGE}) is None
    return draft.text, [PAGE.text[span.start : span.end] for span in draft.spans]


def test_a_cell_cites_both_rows_of_its_header_and_the_part_it_is_in() -> None:
    text, quotes = said(cell("80 EUR"), "What does BIO 102 cost in 2027?")

    assert text == "Long courses, BIO 102, fee: 2027: 80 EUR."
    assert quotes == ["BIO 102 | Tissues | W | 90 EUR | 80 EUR", *HEADER, "Long courses"]


def test_a_row_is_said_under_the_names_of_its_columns_and_behind_that_of_its_part() -> None:
    (row,) = [
        unit for unit in units_of(PAGE) if unit.kind is UnitKind.ROW and unit.label.startswith("BIO 101")
    ]

    text, quotes = said(row, "What is BIO 101?")

    assert text == (
        "Short courses; Course: BIO 101; Title: Cells; Day: Tu; Fee: 2026: 9 EUR; Fee: 2027: 8 EUR."
    )
    assert quotes[:3] == [*HEADER, "Short courses"]


def states(question: str, unit: Unit, page: Document) -> bool:
    text = page.text[unit.start : unit.end]
    return states_value(understand(question), unit, text, kinds_of(unit.value or text))


@pytest.mark.parametrize(
    ("question", "value", "is_stated"),
    [
        ("On which day is BIO 101 taught?", "Tu", True),
        ("On which day is BIO 101 taught?", "Cells", False),
        ("When does BIO 101 start?", "Tu", False),
        ("What is the fee of BIO 101?", "Cells", False),
    ],
)
def test_what_stands_in_the_column_asked_for_is_the_value_whatever_its_form(
    question: str, value: str, is_stated: bool
) -> None:
    assert states(question, cell(value), PAGE) is is_stated


def test_a_sum_of_money_counts_nothing_though_its_row_is_named_by_a_number() -> None:
    page = from_html(
        "<table><tr><th>Course</th><th>Residents</th></tr>"
        "<tr><td>4 credit course</td><td>$682</td></tr></table>"
    )
    (unit,) = [unit for unit in units_of(page) if unit.value == "$682"]

    assert states("How much is a 4 credit course?", unit, page)
    assert not states("How many credits can I take?", unit, page)


def test_one_of_two_things_that_a_column_tells_is_asked_for_by_both() -> None:
    page = from_html(
        "<table><tr><th>Course</th><th>Core (MA) Required or Elective</th><th>Credits</th></tr>"
        "<tr><td>BIO 101</td><td>Elective</td><td>4</td></tr></table>"
    )
    (unit,) = [unit for unit in units_of(page) if unit.value == "Elective"]

    assert states("Is BIO 101 required or elective?", unit, page)
