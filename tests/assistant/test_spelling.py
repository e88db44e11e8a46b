"""Typing errors, and the words they are mended by."""

from __future__ import annotations

import pytest

from assistant.lexicon import lexicon
from assistant.spelling import Speller
from assistant.vocabulary import commonness, is_english, likely_words

PAGES = ("The observership at Groningen lasts eight weeks.", "Tuition is paid to the Bursary of Groningen.")


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(lambda: PAGES, lexicon().words)


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("scholarhsip", "scholarship"),
        ("deadlien", "deadline"),
        ("requirments", "requirements"),
        ("acommodation", "accommodation"),
        ("obsevership", "observership"),
        ("universty", "university"),
        ("langauge", "language"),
        ("whta is the dedline", "what is the deadline"),
    ],
)
def test_a_slip_is_mended(speller: Speller, typed: str, mended: str) -> None:
    assert speller.mend(typed) == mended


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What is the deadline for the scholarship?",
        "groningen",
        "TOEFL",
        "NUT-AEE-26",
        "6.5 and 18690",
        "zzxqyvv",
        "ielts",
        "a@b.example",
    ],
)
def test_names_known_words_capitals_and_figures_are_left_alone(speller: Speller, text: str) -> None:
    assert speller.mend(text) == text


def test_of_words_that_are_as_near_the_rarer_one_is_meant_whatever_their_order() -> None:
    for texts in (["science since"], ["since science"], ["since", "a b", "science"]):
        assert Speller(lambda texts=texts: texts, ()).mend("data scince") == "data science"


def test_what_stands_around_a_slip_stays_as_it_is(speller: Speller) -> None:
    assert speller.mend("  Is the (deadlien) 1 May?\nThanks ") == "  Is the (deadline) 1 May?\nThanks "


def test_a_word_that_the_pages_write_with_a_capital_only_is_a_name(speller: Speller) -> None:
    assert speller.is_name("groningen")
    assert not speller.is_name("observership")
    assert not speller.is_name("deadline")
    assert not speller.is_name("utrecht")


def test_the_pages_are_read_when_the_first_unknown_word_comes() -> None:
    reads: list[int] = []

    def texts() -> tuple[str, ...]:
        reads.append(1)
        return PAGES

    speller = Speller(texts, ("deadline",))
    speller.mend("What is the DEADLINE?")
    assert reads == []
    speller.mend("obsevership obsevrship")
    assert len(reads) == 1


def test_common_words_are_told_from_rare_ones() -> None:
    assert commonness("the") > commonness("enough") > commonness("library") > commonness("cardiology") > 0
    assert commonness("zzxqyvv") == 0
    assert is_english("Library")
    assert not is_english("libary")


def test_a_very_long_word_is_not_searched_for() -> None:
    assert likely_words("x" * 21) == frozenset()
    assert "library" in likely_words("libary")
