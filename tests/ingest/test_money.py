"""Numbers and sums of money in every style that pages write them in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.money import AMOUNT, amounts_in, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("18690", "18690"),
        ("18,690", "18690"),
        ("18.690", "18690"),
        ("18 690", "18690"),
        ("18\u202f690", "18690"),
        ("18'690", "18690"),
        ("18’690", "18690"),
        ("1,50,000", "150000"),
        ("1.450,50", "1450.50"),
        ("12,345.6", "12345.6"),
        ("6.5", "6.5"),
        ("6,5", "6.5"),
    ],
)
def test_a_number_is_read_whatever_separates_its_thousands(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


def test_a_text_without_a_number_has_none() -> None:
    assert read_number("none") is None


@pytest.mark.parametrize(
    ("text", "numbers", "currency", "period"),
    [
        ("2,060 EUR per year", ["2060"], "EUR", "year"),
        ("2.060,- EUR", ["2060"], "EUR", ""),
        ("EUR 500,-- per semester", ["500"], "EUR", "semester"),
        ("18690 EUR/annum", ["18690"], "EUR", "year"),
        ("£9,250/yr", ["9250"], "GBP", "year"),
        ("£9,250 p.a.", ["9250"], "GBP", "year"),
        ("€ 1.450,50 a month", ["1450.50"], "EUR", "month"),
        ("300 euros monthly", ["300"], "EUR", "month"),
        ("900 - 1,450 EUR per month", ["900", "1450"], "EUR", "month"),
        ("€ 900 – 1,100 per month", ["900", "1100"], "EUR", "month"),
        ("$ 500 – $ 900", ["500", "900"], "$", ""),
        ("from 900 to 1450 euros per month", ["900", "1450"], "EUR", "month"),
        ("SEK 152 000", ["152000"], "SEK", ""),
        ("152\u202f000 kr", ["152000"], "KR", ""),
        ("EUR 18 690", ["18690"], "EUR", ""),
        ("18'690 CHF", ["18690"], "CHF", ""),
        ("CHF 1’200", ["1200"], "CHF", ""),
        ("US$ 12,000", ["12000"], "USD", ""),
        ("INR 1,50,000", ["150000"], "INR", ""),
        ("₹1,50,000", ["150000"], "INR", ""),
        ("$1.5k", ["1500"], "$", ""),
        ("€ 1.2 – 1.5 million", ["1200000", "1500000"], "EUR", ""),
        ("$20.80 per credit hour", ["20.80"], "$", "credit"),
        ("1 200 zł", ["1200"], "ZŁ", ""),
        ("in 2026 500 EUR", ["500"], "EUR", ""),
        ("£5,000, once", ["5000"], "GBP", ""),
    ],
)
def test_an_amount_is_read_with_its_currency_and_what_it_is_paid_for(
    text: str, numbers: list[str], currency: str, period: str
) -> None:
    (amount,) = amounts_in(text)

    assert (amount.numbers, amount.currency, amount.period) == (
        tuple(map(Decimal, numbers)),
        currency,
        period,
    )


def test_the_currency_is_kept_as_the_page_writes_it_too() -> None:
    assert [amount.written for amount in amounts_in("€ 5, 5 euros and 5 EUR")] == ["€", "euros", "EUR"]


@pytest.mark.parametrize(
    "text", ["", "none", "100 points", "24 months", "6.5", "ALL 3 COURSES", "TOP 100", "EUR"]
)
def test_a_number_without_a_currency_is_no_amount(text: str) -> None:
    assert amounts_in(text) == []


def test_many_digits_are_searched_in_time() -> None:
    assert AMOUNT.search("9 " * 50_000) is None
