"""Numbers and names: what grounding compares, and how values are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.figures import names_in, numbers_in, plain_number, readable_value


@pytest.mark.parametrize(
    "written",
    [
        "18690",
        "18,690",
        "18.690",
        "18 690",
        "18\u00a0690",
        "18\u202f690",
        "18'690",
        "18’690",
        "18,690.00",
        "018690",
    ],
)
def test_one_number_has_one_form_however_its_thousands_are_separated(written: str) -> None:
    assert numbers_in(f"It costs {written} EUR.") == {"18690"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("no figure at all", set()),
        ("an overall 6.5", {"6.5"}),
        ("an overall 6,50", {"6.5"}),
        ("1,450.50 or 1.450,50", {"1450.5"}),
        ("12,345.6 points", {"12345.6"}),
        ("1,234,567 and 3 000 000", {"1234567", "3000000"}),
        ("2026/27", {"2026", "27"}),
        ("in 2026 100 students came", {"2026", "100"}),
        ("level C1 or B2", set()),
        ("the 1st of the 2nd block", {"1", "2"}),
        ("Two years, one thesis, twelve courses", {"1", "2", "12"}),
        ("75 % of 0.50", {"75", "0.5"}),
        ("INR 1,50,000 and 12,34,567", {"150000", "1234567"}),
    ],
)
def test_the_numbers_of_a_text(text: str, expected: set[str]) -> None:
    assert numbers_in(text) == expected


def test_different_numbers_have_different_forms() -> None:
    forms = [
        numbers_in(text) for text in ("18690", "1869", "186900", "18.69", "1,869.0", "12,345.6", "123456")
    ]

    assert forms == [{"18690"}, {"1869"}, {"186900"}, {"18.69"}, {"1869"}, {"12345.6"}, {"123456"}]


@given(st.integers(0, 10**9 - 1), st.sampled_from(",.'’ \u00a0\u202f"))
def test_grouping_digits_never_changes_a_number(number: int, separator: str) -> None:
    grouped = f"{number:,}".replace(",", separator)

    assert numbers_in(f"It is {grouped}!") == numbers_in(f"It is {number}!") == {str(number)}


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_a_decimal_is_written_as_numbers_are_compared(whole: int, cents: int) -> None:
    number = Decimal(whole) + Decimal(cents) / 100

    assert numbers_in(f"{number:.2f}") == {plain_number(number)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the city of Utrecht", {"utrecht"}),
        ("Utrecht is a city. Amsterdam is one too.", set()),
        ("TOEFL is needed, as is StudyPortals", {"toefl", "studyportals"}),
        ("- Anna\n- Bob and Carla", {"carla"}),
        ("run by J&J and Band-Aids", {"j&j", "band-aids"}),
        ("asked by I, an AI", set()),
        ("a text without capitals", set()),
        ("courses in Århus", {"århus"}),
    ],
)
def test_the_names_of_a_text(text: str, expected: set[str]) -> None:
    assert names_in(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("18690 EUR/year", "18,690 EUR per year"),
        ("€1500 / month", "€1,500 per month"),
        ("SEK 152000", "SEK 152,000"),
        ("12000 - 14000 EUR", "12,000 - 14,000 EUR"),
        ("18,690 EUR", "18,690 EUR"),
        ("1 May 2027", "1 May 2027"),
        ("SEK 1500 from 2026", "SEK 1,500 from 2026"),
        ("1500 EUR (2027)", "1,500 EUR (2027)"),
        ("2026: 1500 euros", "2026: 1,500 euros"),
        ("EUR 1234.50", "EUR 1234.50"),
        ("£9250/yr", "£9,250 per year"),
        ("INR 150000 / sem.", "INR 150,000 per semester"),
        ("  24 months ", "24 months"),
    ],
)
def test_a_value_is_written_as_in_a_sentence_and_a_year_stays_a_year(value: str, expected: str) -> None:
    assert readable_value(value) == expected


@given(st.text(alphabet="0123456789 EUR€.,-/year", max_size=30))
def test_writing_a_value_changes_none_of_its_digits(value: str) -> None:
    digits = [char for char in value if char.isdigit()]

    assert [char for char in readable_value(value) if char.isdigit()] == digits
