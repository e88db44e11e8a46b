"""Sums that a page leaves to its reader."""

from __future__ import annotations

from decimal import Decimal

import pytest
from read_pages import from_markdown

from assistant.arithmetic import Amount, Sum, compute, read_amount, wanted_sum
from assistant.grounding import Draft, fault
from ingest.documents import Document
from ingest.units import Unit, UnitKind, units_of

EU_FEE = "Tuition fee for EU/EEA students: 2,060 EUR per year"
OTHER_FEE = "Tuition fee for international students: 18,690 EUR per year"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("What is the fee?", None),
        ("What is the total tuition?", Sum.TOTAL),
        ("How much is it for both years?", Sum.TOTAL),
        ("What do 6 weeks cost?", Sum.TOTAL),
        ("What do I pay until I graduate?", Sum.TOTAL),
        ("What are the living costs for a full year?", Sum.YEARLY),
        ("What is the fee per year?", Sum.YEARLY),
        ("How much more do international students pay?", Sum.DIFFERENCE),
        ("What is the difference between the fees?", Sum.DIFFERENCE),
    ],
)
def test_what_a_question_wants_computed(text: str, wanted: Sum | None) -> None:
    assert wanted_sum(text) is wanted


@pytest.mark.parametrize(
    ("value", "numbers", "currency", "period"),
    [
        ("2,060 EUR per year", ["2060"], "EUR", "year"),
        ("18690 EUR/annum", ["18690"], "EUR", "year"),
        ("€ 1.450,50 a month", ["1450.50"], "€", "month"),
        ("900 - 1,450 EUR per month", ["900", "1450"], "EUR", "month"),
        ("from 900 to 1450 euros per month", ["900", "1450"], "EUR", "month"),
        ("SEK 152 000", ["152000"], "SEK", ""),
        ("£5,000, once", ["5000"], "£", ""),
        ("in 2026 500 EUR", ["500"], "EUR", ""),
    ],
)
def test_an_amount_is_read_with_its_currency_and_period(
    value: str, numbers: list[str], currency: str, period: str
) -> None:
    assert read_amount(value) == Amount(tuple(map(Decimal, numbers)), currency, period)


@pytest.mark.parametrize("value", ["", "none", "100 points", "24 months", "6.5"])
def test_without_a_currency_there_is_no_amount(value: str) -> None:
    assert read_amount(value) is None


def sums(wanted: Sum, question: str, page: str, *facts: str) -> list[Draft]:
    """The sums over the facts of a page that begin with ``facts``, each checked by the gate."""
    document = from_markdown(page)
    units = units_of(document)
    found = [(_fact(document, units, start), document) for start in facts]
    drafts = compute(wanted, question, found, units)
    assert [fault(draft, {document.id: document}) for draft in drafts] == [None] * len(drafts)
    return drafts


def _fact(document: Document, units: list[Unit], start: str) -> Unit:
    return next(
        unit
        for unit in units
        if unit.kind is UnitKind.FACT and document.text[unit.start : unit.end].startswith(start)
    )


def page(*lines: str) -> str:
    return "# A programme\n\n" + "\n\n".join(lines)


def test_the_total_over_the_duration_that_the_page_states() -> None:
    drafts = sums(
        Sum.TOTAL, "What is the total?", page("Duration: 24 months", OTHER_FEE), "Tuition fee for int"
    )

    assert [draft.text for draft in drafts] == [
        "Tuition fee for international students: 24 months = 2 years × 18,690 EUR = 37,380 EUR."
    ]
    assert len(drafts[0].spans) == 2


def test_the_total_over_years_needs_no_step_from_months() -> None:
    drafts = sums(Sum.TOTAL, "What is the total?", page("Duration: 3 years", EU_FEE), "Tuition")

    assert [draft.text for draft in drafts] == [
        "Tuition fee for EU/EEA students: 3 years × 2,060 EUR = 6,180 EUR."
    ]


def test_a_page_that_states_two_durations_gives_no_total() -> None:
    two = page("Duration: 24 months", "Length: 36 months", EU_FEE)

    assert sums(Sum.TOTAL, "What is the total?", two, "Tuition") == []


def test_a_page_that_states_no_duration_gives_no_total() -> None:
    assert sums(Sum.TOTAL, "What is the total?", page(EU_FEE), "Tuition") == []


def test_months_that_make_no_whole_years_give_no_total_of_a_yearly_fee() -> None:
    assert sums(Sum.TOTAL, "What is the total?", page("Duration: 18 months", EU_FEE), "Tuition") == []


def test_an_amount_paid_once_is_its_own_total() -> None:
    once = page("Duration: 24 months", "Application fee: 100 EUR")

    assert sums(Sum.TOTAL, "What is the total?", once, "Application") == []


def test_the_length_may_be_that_of_the_question_and_is_shown() -> None:
    weekly = page("Elective fee: €110 per week")

    drafts = sums(Sum.TOTAL, "What do 6 weeks cost?", weekly, "Elective")

    assert [draft.text for draft in drafts] == ["Elective fee: 6 weeks × €110 = €660."]
    assert drafts[0].given == (Decimal(6),)


def test_years_of_the_question_times_a_monthly_amount() -> None:
    drafts = sums(
        Sum.TOTAL, "What do I need for two years?", page("Living costs: 900 EUR per month"), "Living"
    )

    assert [draft.text for draft in drafts] == ["Living costs: 24 months × 900 EUR = 21,600 EUR."]


def test_a_length_in_another_unit_than_the_amount_gives_nothing() -> None:
    assert sums(Sum.TOTAL, "What do 6 weeks cost?", page(EU_FEE), "Tuition") == []


def test_a_range_per_month_makes_a_range_per_year() -> None:
    drafts = sums(Sum.YEARLY, "per year?", page("Living costs: 900 - 1,450 EUR per month"), "Living")

    # 12 × 900 = 10,800 and 12 × 1,450 = 17,400
    assert [draft.text for draft in drafts] == [
        "Living costs: 12 months × 900 – 1,450 EUR = 10,800 – 17,400 EUR."
    ]


def test_cents_are_kept_and_the_currency_stands_where_it_belongs() -> None:
    drafts = sums(Sum.YEARLY, "per year?", page("Rent: €187.50 per month"), "Rent")

    assert [draft.text for draft in drafts] == ["Rent: 12 months × €187.50 = €2,250."]


def test_a_yearly_amount_is_yearly_already() -> None:
    assert sums(Sum.YEARLY, "per year?", page(EU_FEE), "Tuition") == []


def test_the_difference_of_two_fees_cites_both() -> None:
    drafts = sums(
        Sum.DIFFERENCE, "How much more?", page(EU_FEE, OTHER_FEE), "Tuition fee for EU", "Tuition fee for int"
    )

    assert [draft.text for draft in drafts] == ["Difference: 18,690 EUR − 2,060 EUR = 16,630 EUR per year."]
    assert len(drafts[0].spans) == 2


@pytest.mark.parametrize(
    "other", ["Deposit: £1,000 per year", "Deposit: 1,000 EUR", "Living costs: 900 - 1,450 EUR per year"]
)
def test_unlike_amounts_have_no_difference(other: str) -> None:
    assert sums(Sum.DIFFERENCE, "How much more?", page(EU_FEE, other), "Tuition", other[:5]) == []


def test_one_amount_alone_has_no_difference() -> None:
    assert sums(Sum.DIFFERENCE, "How much more?", page(EU_FEE), "Tuition") == []
