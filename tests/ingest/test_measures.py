"""The words of measure."""

from __future__ import annotations

import re

from ingest.measures import PERIODS, forms, period_of


def test_every_form_of_a_period_leads_back_to_its_name() -> None:
    assert period_of("Academic  year") == "year"
    assert period_of("wks") == "week"
    assert period_of("ECTS") == "credit"
    assert period_of("fortnight") == ""


def test_no_form_belongs_to_two_periods() -> None:
    every = [form for name, others in PERIODS.items() for form in (name, *others)]

    assert len(every) == len(set(every))


def test_only_time_is_left_where_only_time_is_asked() -> None:
    assert re.fullmatch(forms(of_time=True), "credits") is None
    assert re.fullmatch(forms(of_time=False), "credits")
