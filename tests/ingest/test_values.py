"""Values told by their form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import values
from ingest.values import (
    ValueKind,
    is_bare_value,
    is_contact_field,
    is_empty_value,
    is_time_of_year,
    kinds_of,
    names_a_field,
    names_columns,
    names_people,
    names_units,
)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("18,690 EUR per year", {ValueKind.AMOUNT, ValueKind.NUMBER}),
        ("€ 187.50", {ValueKind.AMOUNT, ValueKind.NUMBER}),
        ("SEK 152 000", {ValueKind.AMOUNT, ValueKind.NUMBER}),
        ("2.060,- EUR", {ValueKind.AMOUNT, ValueKind.NUMBER}),
        ("from 15.01. on", {ValueKind.DATE, ValueKind.NUMBER}),
        ("1 May 2027", {ValueKind.DATE, ValueKind.NUMBER}),
        ("2027-05-01", {ValueKind.DATE, ValueKind.NUMBER}),
        ("two semesters", {ValueKind.DURATION, ValueKind.NUMBER}),
        ("75 %", {ValueKind.PERCENTAGE, ValueKind.NUMBER}),
        ("robots@seatown.example", {ValueKind.EMAIL}),
        ("robots [at] seatown.example", {ValueKind.EMAIL}),
        ("robots(at)seatown.example", {ValueKind.EMAIL}),
        ("3 - 5 business days", {ValueKind.DURATION, ValueKind.NUMBER}),
        ("https://seatown.example", {ValueKind.URL}),
        ("a letter of motivation", set()),
    ],
)
def test_the_kinds_of_value_in_a_text_are_found(text: str, kinds: set[ValueKind]) -> None:
    assert kinds_of(text) == kinds


def test_a_phone_number_is_one() -> None:
    assert ValueKind.PHONE in kinds_of("+49 30 1234567")
    assert ValueKind.PHONE in kinds_of("030 / 314-12345")
    assert ValueKind.PHONE in kinds_of("410-455-2551")
    assert ValueKind.PHONE in kinds_of("(410) 455-2624")
    assert ValueKind.PHONE not in kinds_of("from 01.02.2027 to 31.05.2027")
    assert ValueKind.PHONE not in kinds_of("ISBN 978-455-26241")


@pytest.mark.parametrize(
    "text",
    ["24 months", "18690 EUR/year", "900 - 1450 EUR/month", "1 May 2027", "6.5", "at least 6.5 overall",
     "+49 30 314-0",
     "robots@seatown.example", "10:00 to 12:30", "12 January to 6 March 2026", "60 ECTS credits"],
)  # fmt: skip
def test_a_value_with_its_units_is_bare(text: str) -> None:
    assert is_bare_value(text)


@pytest.mark.parametrize(
    "text",
    ["", "Duration: 24 months", "Semesters 1 and 2: foundations", "Year 1", "Block 2", "Level 3",
     "no number here",
     "€75, not refundable", "Most classes have fewer than 35 people", "9" * 81],
)  # fmt: skip
def test_what_says_more_than_a_value_is_not_bare(text: str) -> None:
    assert not is_bare_value(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "–", "—", "...", "?", "/", "n/a", "N.A.", "TBA", "tbc.", "to be announced",
     "To be confirmed", "will be announced soon", "not yet known",
     "date TBA", "___"],
)  # fmt: skip
def test_what_says_nothing_is_empty(text: str) -> None:
    assert is_empty_value(text)


@pytest.mark.parametrize(
    "text", ["none", "None", "No", "free", "0", "TBA on 1 May 2027", "to be announced by the dean on 1 May"]
)
def test_what_says_that_there_is_nothing_is_not_empty(text: str) -> None:
    assert not is_empty_value(text)


@pytest.mark.parametrize(
    "label",
    ["Application Deadline", "Minimum required score:", "Minimum score (Grade B)", "Language of instruction",
     "Bench fee per year", "E-mail", "Programme director", "Closing date for applications", "Place of study"],
)  # fmt: skip
def test_a_label_that_asks_for_a_value_names_a_field(label: str) -> None:
    assert names_a_field(label)


@pytest.mark.parametrize(
    "label",
    ["No tuition fee", "Passport", "Language of instruction: German", "Hydrometallurgy, 7.5 credits",
     "Robotics", "",
     "(" * 5000],
)  # fmt: skip
def test_a_thing_or_a_statement_names_no_field(label: str) -> None:
    assert not names_a_field(label)


def test_only_ways_to_reach_someone_are_fields_of_a_contact() -> None:
    assert is_contact_field("E-mail:")
    assert is_contact_field("Phone number")
    assert not is_contact_field("Tuition fee")


@pytest.mark.parametrize("text", ["September", "winter semester", "Summer and winter semester"])
def test_a_month_or_a_season_alone_is_a_time_of_the_year(text: str) -> None:
    assert is_time_of_year(text)


@pytest.mark.parametrize("text", ["", "Winter sports", "in May we go to the sea and swim", "Optics"])
def test_what_says_more_is_no_time_of_the_year(text: str) -> None:
    assert not is_time_of_year(text)


def test_a_unit_is_told_from_a_thing() -> None:
    assert names_units("120 ECTS")
    assert names_units("Mon")
    assert not names_units("Optics 2")


def test_people_are_told_from_things() -> None:
    assert names_people("Students from the EU/EEA")
    assert names_people("Citizens of other countries")
    assert not names_people("Health insurance")


def test_a_first_row_without_values_over_rows_with_values_names_the_columns() -> None:
    assert names_columns([["Group", "Fee", "Deadline"], ["EU", "900 EUR", "1 May"], ["Other", "–", "1 June"]])
    assert not names_columns([["EU", "900 EUR", "1 May"], ["Other", "950 EUR", "1 June"]])
    assert not names_columns([["Degree", "Master"], ["Credits", "120"]])  # two columns are labels and values
    assert names_columns([["Drop date", "Refund"], ["By January 3", "100%"], ["January 4", "75%"]])
    assert not names_columns([["Group", "Fee", "Deadline"]])


@given(st.text(alphabet="€$£%+-–./,:()' \u00a0\nEURUSDpercenthousandmillionMayjunestandCHFkm", max_size=40))
def test_no_value_that_is_only_looked_for_beside_a_digit_stands_without_one(text: str) -> None:
    assert not any(values._BY_KIND[kind].search(text) for kind in values._WITH_DIGITS)
