"""Telling what a page says from the furniture around it."""

from __future__ import annotations

import pytest

from ingest.navigation import is_breadcrumb, is_call_to_action, is_furniture, is_pointer, last_crumb, remarks


@pytest.mark.parametrize(
    "line",
    ["Skip to Content", "Jump to navigation", "Read more", "Share", "Print this page Share",
     "Follow us Instagram LinkedIn",
     "© 2026 Seatown University Legal notice", "About the website Cookies Accessibility statement",
     "Back to top",
     "We use cookies to count visits.", "Privacy statement", "Apply now", "Menu"],
)  # fmt: skip
def test_controls_of_a_site_are_furniture(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["Students share rooms.", "Library", "Cookies are baked on Fridays.",
     "The privacy of your data matters.", "Fees",
     "Apply now if you want a room.", "News", "Terms of use of the library",
     "Will my settings be on the website?"],
)  # fmt: skip
def test_what_a_page_says_is_no_furniture(line: str) -> None:
    assert not is_furniture(line)


@pytest.mark.parametrize("line", ["English", "Home", "Contact us", "Register", "X", "Search"])
def test_some_words_are_controls_only_at_the_top(line: str) -> None:
    assert is_furniture(line, at_top=True)
    assert not is_furniture(line)


def test_a_button_begins_with_its_verb_and_is_no_label() -> None:
    assert is_call_to_action("Schedule IELTS")
    assert is_call_to_action("Download the brochure")
    assert not is_call_to_action("Book allowance")
    assert not is_call_to_action("Book a room early.")
    assert not is_call_to_action("Order of the application steps in detail")


def test_a_sentence_that_only_points_elsewhere_is_a_pointer() -> None:
    assert is_pointer("Read more about IELTS.")
    assert is_pointer("Click here for the form.")
    assert not is_pointer("Please read her report.")


@pytest.mark.parametrize(
    "line",
    ["Home > Study > Medicine", "University › International › Exchange",
     "Home / Research / PhD education / Ecology",
     "Home Education Masters Programmes Energy and Environment Arctic Energy Engineering"],
)  # fmt: skip
def test_a_path_through_the_site_is_a_breadcrumb(line: str) -> None:
    assert is_breadcrumb(line)


@pytest.mark.parametrize(
    "line",
    ["Master of Science in Medical Imaging and Data Science for Health Care", "Fees > 900 EUR",
     "The fee is due in May.",
     "Students Who Want To Study Here Are Welcome To Visit Us In May"],
)  # fmt: skip
def test_a_title_or_a_sentence_is_no_breadcrumb(line: str) -> None:
    assert not is_breadcrumb(line)


def test_the_last_crumb_is_the_page() -> None:
    assert last_crumb("Home > Study > Medicine") == "Medicine"
    assert (
        last_crumb("About Us Students (closed until further notice, we regret.) Observership")
        == "Observership"
    )
    assert last_crumb("Home Study Medicine") == ""


def test_only_a_remark_that_says_something_is_kept() -> None:
    assert remarks("Students (all stays are cancelled until May) Stays (in and outside of Europe, 2027)") == [
        "all stays are cancelled until May"
    ]
