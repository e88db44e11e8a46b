"""The people that a label names."""

from __future__ import annotations

import pytest

from ingest.audiences import names_a_group, split_audience


@pytest.mark.parametrize(
    "text",
    ["EU/EEA", "non-EU", "Home", "Overseas students", "Students from the EU/EEA", "Maryland Resident**",
     "Part-Time Student:", "Members", "Applicants with a Dutch degree", "EU and EEA nationals",
     "Citizens of countries outside the EU"],
)  # fmt: skip
def test_people_are_a_group(text: str) -> None:
    assert names_a_group(text)


@pytest.mark.parametrize(
    "text",
    ["", "International Office", "Student union fee", "Number of students", "Questions for students",
     "Students", "Home address", "Graduate School", "Student group", "Last day for students to apply"],
)  # fmt: skip
def test_a_thing_that_has_to_do_with_people_is_none(text: str) -> None:
    assert not names_a_group(text)


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("Tuition fee (non-EU)", ("Tuition fee", "non-EU")),
        ("Tuition fee for international students", ("Tuition fee", "international")),
        ("Tuition fee, applicants with a Dutch degree", ("Tuition fee", "applicants with a Dutch degree")),
        ("Deposit – overseas students", ("Deposit", "overseas")),
        ("Home students", ("", "Home")),
        ("Deposit for the key", ("Deposit for the key", "")),
        ("Minimum score (Grade B)", ("Minimum score (Grade B)", "")),
    ],
)
def test_a_label_is_parted_from_its_people(label: str, parts: tuple[str, str]) -> None:
    assert split_audience(label) == parts
