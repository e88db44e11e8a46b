"""Sums that a page leaves to its reader."""

from __future__ import annotations

from decimal import Decimal

import pytest
from read_pages import from_markdown

from assistant.arithmetic import Sum, add_up, compute, read_amount, wanted_sum
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


def test_the_first_amount_of_a_value_is_read() -> None:
    amount = read_amount("500 EUR in 2026, then 600 EUR per year")

    assert amount is not None
    assert amount.numbers == (Decimal(500),)


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

    assert [draft.text for draft in drafts] == ["Living costs: 2 years = 24 months × 900 EUR = 21,600 EUR."]


@pytest.mark.parametrize(
    ("duration", "fee", "total"),
    [
        ("4 semesters", "1,500 EUR per semester", "4 semesters × 1,500 EUR = 6,000 EUR."),
        ("2 years", "1,500 EUR per semester", "2 years = 4 semesters × 1,500 EUR = 6,000 EUR."),
        ("24 months", "1,500 EUR per semester", "24 months = 4 semesters × 1,500 EUR = 6,000 EUR."),
        ("3 years", "2,000 EUR per trimester", "3 years = 9 trimesters × 2,000 EUR = 18,000 EUR."),
        ("4 semesters", "2,060 EUR per year", "4 semesters = 2 years × 2,060 EUR = 4,120 EUR."),
        ("1.5 years", "$900 per month", "1.5 years = 18 months × $900 = $16,200."),
        ("2 years", "INR 1,50,000 a year", "2 years × 150,000 INR = 300,000 INR."),
    ],
)
def test_the_total_whatever_period_the_fee_and_the_duration_are_in(
    duration: str, fee: str, total: str
) -> None:
    drafts = sums(
        Sum.TOTAL, "What is the total?", page(f"Duration: {duration}", f"Tuition fee: {fee}"), "Tuition"
    )

    assert [draft.text for draft in drafts] == [f"Tuition fee: {total}"]


@pytest.mark.parametrize(
    ("duration", "fee"),
    [
        ("3 semesters", "2,060 EUR per year"),
        ("2 years", "700 EUR per term"),
        ("2 years", "700 EUR per quarter"),
        ("2 years", "120 EUR per week"),
        ("2 to 3 years", "2,060 EUR per year"),
        ("10 weeks", "2,060 EUR per year"),
    ],
)
def test_a_total_that_rests_on_a_guess_is_not_given(duration: str, fee: str) -> None:
    stated = page(f"Duration: {duration}", f"Tuition fee: {fee}")

    assert sums(Sum.TOTAL, "What is the total?", stated, "Tuition") == []


def test_a_fee_per_credit_is_multiplied_by_the_credits_of_the_page_or_of_the_question() -> None:
    stated = page("Credits: 30 credits", "Tuition: $621 per credit")

    assert [draft.text for draft in sums(Sum.TOTAL, "What is the total?", stated, "Tuition")] == [
        "Tuition: 30 credits × $621 = $18,630."
    ]
    assert [draft.text for draft in sums(Sum.TOTAL, "What do 9 credits cost?", stated, "Tuition")] == [
        "Tuition: 9 credits × $621 = $5,589."
    ]


def test_a_fee_per_semester_makes_a_fee_per_year() -> None:
    drafts = sums(Sum.YEARLY, "per year?", page("Tuition fee: € 1,500 per semester"), "Tuition")

    assert [draft.text for draft in drafts] == ["Tuition fee: 1 year = 2 semesters × €1,500 = €3,000."]


TWO_FEES = ("Application fee: 75 EUR", "Deposit: 500 EUR")


def test_amounts_that_a_question_names_together_are_added() -> None:
    drafts = sums(
        Sum.TOTAL, "What are the application fee and the deposit together?", page(*TWO_FEES), "Application"
    )

    assert [draft.text for draft in drafts] == ["Application fee and deposit: 75 EUR + 500 EUR = 575 EUR."]
    assert len(drafts[0].spans) == 2


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("What is the application fee in total?", TWO_FEES),
        ("Application fee and deposit together?", ("Application fee: 75 EUR", "Deposit: £500")),
        ("Application fee and deposit together?", ("Application fee: 75 EUR", "Deposit: 50 EUR per month")),
        ("Application fee and deposit together?", ("Application fee: 75 EUR", "Deposit: 400 - 500 EUR")),
        ("Application fee and deposit together?", (*TWO_FEES, "Deposit: 600 EUR")),
    ],
)
def test_amounts_that_are_unlike_or_not_named_are_not_added(question: str, facts: tuple[str, ...]) -> None:
    assert sums(Sum.TOTAL, question, page(*facts), "Application") == []


def added(question: str, *facts: str) -> list[str]:
    """The sums of the facts of a page, each checked by the gate."""
    document = from_markdown(page(*facts))
    units = units_of(document)
    drafts = add_up(question, [_fact(document, units, fact.partition(":")[0]) for fact in facts])
    assert [fault(draft, {document.id: document}) for draft in drafts] == [None] * len(drafts)
    return [draft.text for draft in drafts]


RENT = "Living costs: 900 - 1,450 EUR per month"


@pytest.mark.parametrize(
    ("question", "facts", "sum_"),
    [
        (
            "Tuition plus living costs for the first year?",
            (EU_FEE, RENT),
            "Tuition fee for EU/EEA students and living costs over a year: 2,060 EUR + 12 months × "
            "900 – 1,450 EUR = 12,860 – 19,460 EUR.",
        ),
        (
            "Tuition and living costs for 24 months in total?",
            (EU_FEE, RENT),
            "Tuition fee for EU/EEA students and living costs over 24 months: 2 years × 2,060 EUR + "
            "24 months × 900 – 1,450 EUR = 25,720 – 38,920 EUR.",
        ),
        (
            "Rent and bus all in?",
            ("Rent: 400 EUR per month", "Bus: 30 EUR per month"),
            "Rent and bus: 400 EUR + 30 EUR = 430 EUR per month.",
        ),
    ],
)
def test_amounts_paid_at_different_times_are_added_over_one_length(
    question: str, facts: tuple[str, ...], sum_: str
) -> None:
    assert added(question, *facts) == [sum_]


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("What are the tuition and the living costs?", (EU_FEE, RENT)),  # they are not wanted together
        ("Tuition plus living costs?", (EU_FEE, "Living costs: £900 per month")),
        ("Tuition plus living costs?", (EU_FEE, "Living costs: 900 EUR")),  # for how long is not said
        ("Tuition plus living costs?", (EU_FEE, "Living costs: 200 EUR per week")),
    ],
)
def test_amounts_that_cannot_be_added_are_not(question: str, facts: tuple[str, ...]) -> None:
    assert added(question, *facts) == []


def test_a_difference_is_told_over_the_length_that_the_question_names() -> None:
    drafts = sums(
        Sum.DIFFERENCE,
        "How much cheaper is it for EU students over the complete 24 months?",
        page(EU_FEE, OTHER_FEE),
        "Tuition fee for EU",
        "Tuition fee for international",
    )

    assert [draft.text for draft in drafts] == [
        "Difference: 18,690 EUR − 2,060 EUR = 16,630 EUR per year; "
        "24 months = 2 years × 16,630 EUR = 33,260 EUR.",
    ]


@pytest.mark.parametrize(
    "question",
    ["I have 3 years of work experience, what is the total?", "Total fee after my 3-year bachelor?"],
)
def test_a_length_that_the_asker_tells_of_is_not_multiplied(question: str) -> None:
    drafts = sums(Sum.TOTAL, question, page("Duration: 2 years", EU_FEE), "Tuition")

    assert [draft.text for draft in drafts] == [
        "Tuition fee for EU/EEA students: 2 years × 2,060 EUR = 4,120 EUR."
    ]


def test_one_of_what_is_paid_for_needs_no_sum() -> None:
    assert sums(Sum.TOTAL, "What do I pay for one year?", page(EU_FEE), "Tuition") == []


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
