"""The terms of a question."""

from __future__ import annotations

import pytest

from assistant.terms import TermRole, terms_of

NAME, CONCEPT, WORD, GENERIC = TermRole.NAME, TermRole.CONCEPT, TermRole.WORD, TermRole.GENERIC


def roles(text: str) -> dict[str, TermRole]:
    return {term.text: term.role for term in terms_of(text, is_name=lambda _: False)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("is it the of and", {}),
        ("What is the tuition fee?", {"tuition fee": CONCEPT}),
        ("the application fee", {"application fee": CONCEPT}),
        ("minimum TOEFL score", {"minimum": CONCEPT, "TOEFL": NAME, "score": CONCEPT}),
        ("the library in Leiden", {"library": WORD, "Leiden": NAME}),
        ("is block 4 selective", {"block 4": NAME, "selective": CONCEPT}),
        ("lessons in Dutch", {"lessons": WORD, "Dutch": WORD}),
        ("students", {"students": GENERIC}),
        ("non-EU students", {"non": GENERIC, "EU": GENERIC, "students": GENERIC}),
        ("lectures on deep learning", {"lectures": CONCEPT, "deep": NAME, "learning": NAME}),
    ],
)
def test_the_terms_of_a_text_and_how_much_each_decides(text: str, expected: dict[str, TermRole]) -> None:
    assert roles(text) == expected


def test_where_the_asker_is_from_is_not_what_is_asked() -> None:
    assert roles("I am from Norway, which library is there?")["Norway"] is GENERIC


def test_a_message_in_capitals_holds_no_names_for_that() -> None:
    assert NAME not in roles("WHERE IS THE LIBRARY LOCATED").values()


def test_pay_adds_nothing_where_the_sum_is_named() -> None:
    assert roles("what do I pay as deposit") == {"pay": GENERIC, "deposit": CONCEPT}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in which languages is it taught", {"which languages": CONCEPT, "taught": GENERIC}),
        ("what is taught", {"taught": CONCEPT}),
        ("how many credits can I earn", {"many": GENERIC, "credits": CONCEPT, "earn": GENERIC}),
        ("how much do people earn", {"much": GENERIC, "people": GENERIC, "earn": CONCEPT}),
    ],
)
def test_a_word_that_adds_nothing_beside_a_concept_means_something_without_it(
    text: str, expected: dict[str, TermRole]
) -> None:
    assert roles(text) == expected


def test_a_term_said_twice_counts_once() -> None:
    assert [term.text for term in terms_of("library, library!", is_name=lambda _: False)] == ["library"]
