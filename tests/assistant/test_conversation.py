"""What may be asked, and the question that stands alone after what was said before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import InvalidQuestion, StandAlone, Turn, check_question, stand_alone, turn_of
from assistant.countries import Audience
from assistant.reply import Citation, Outcome, Reply

DATA, ARCTIC = "Data Science MSc", "Arctic Energy MSc"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        ("a" * 2001, "has 2,001 characters; at most 2,000"),
        ("fee\x00", "not text"),
        ("fee \x1b[0m red", "not text"),
        ("fee \x7f", "not text"),
        ("fee \ud800", "not text"),
        ("\udc00", "not text"),
        ("???", "holds no words"),
        ("… — !", "holds no words"),
        ("🙂", "holds no words"),
    ],
)
def test_what_is_no_question_is_refused_with_a_reason_that_does_not_repeat_it(
    text: str, problem: str
) -> None:
    with pytest.raises(InvalidQuestion, match=problem) as refused:
        check_question(text)

    str(refused.value).encode()
    assert not text.strip() or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  What is the fee? \n", "What is the fee?"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\ttab", "a\ttab"),
        ("cafe\u0301", "café"),
        ("a" * 2000, "a" * 2000),
        (" " + "a" * 2000 + " ", "a" * 2000),
        ("e\u0301" * 2000, "é" * 2000),
        ("学费是多少", "学费是多少"),
    ],
)
def test_a_question_is_trimmed_and_brought_into_one_form(text: str, kept: str) -> None:
    assert check_question(text) == kept


@given(st.text(max_size=50))
def test_a_question_is_refused_or_stays_the_same_when_checked_again(text: str) -> None:
    try:
        checked = check_question(text)
    except InvalidQuestion:
        return

    assert check_question(checked) == checked


def page_named(text: str) -> str:
    return DATA if "data" in text.lower() else ARCTIC if "arctic" in text.lower() else ""


def after(*said: str, topic: str = DATA) -> list[Turn]:
    return [Turn(question, question, "", topic) for question in said]


def asked(message: str, history: list[Turn], **profile: str) -> StandAlone:
    return stand_alone(message, history, profile, page_named=page_named)


def test_a_first_question_stands_as_it_is() -> None:
    assert asked("What is the fee?", []) == StandAlone("What is the fee?")


@pytest.mark.parametrize(
    ("before", "message", "standalone"),
    [
        (
            "What is the fee for international students?",
            "And for EU students?",
            "What is the fee (for EU students)?",
        ),
        ("What is the tuition fee?", "How long is it?", "How long is it (Data Science MSc)?"),
        ("How many sections are there?", "Which ones?", "which sections are there?"),
        ("What scholarships are there?", "What about them?", "them (scholarships)?"),
        ("What is the minimum TOEFL score?", "And for IELTS?", "What is the minimum score (for IELTS)?"),
        ("What is the fee of Data Science?", "And Arctic Energy?", "What is the fee of (Arctic Energy)?"),
        ("What is the fee?", "When is the deadline?", "When is the deadline (Data Science MSc)?"),
        (
            "What is the fee?",
            "What is the deadline for Arctic Energy?",
            "What is the deadline for Arctic Energy?",
        ),
    ],
)
def test_a_follow_up_is_completed_from_what_was_said(before: str, message: str, standalone: str) -> None:
    assert asked(message, after(before)).text == standalone


@pytest.mark.parametrize(
    "message",
    ["I'm from Norway", "Norway", "Norwegian", "I hold a Norwegian passport.", "EU", "No, EU students"],
)
def test_an_answer_to_our_own_question_asks_the_question_before_again(message: str) -> None:
    assert asked(message, after("What is the tuition fee?")) == StandAlone(
        "What is the tuition fee?", Audience.EU, DATA
    )


def test_a_correction_takes_the_place_of_the_group_before() -> None:
    found = asked("Sorry, I am Peruvian", after("What is the fee for EU students?"))

    assert found.audience is Audience.NON_EU
    assert found.text == "What is the fee?"


def test_the_newest_word_about_the_asker_counts() -> None:
    history = after("I am from Peru", "What is the fee?")

    assert asked("When is the deadline?", history).audience is Audience.NON_EU
    assert asked("When is the deadline?", [*history, *after("Sorry, I am Danish")]).audience is Audience.EU
    assert asked("When is the deadline for EU students?", history).audience is Audience.EU


def test_the_profile_counts_where_nothing_was_said() -> None:
    assert asked("What is the fee?", [], nationality="Peru").audience is Audience.NON_EU
    assert asked("What is the fee?", [], nationality="Norwegian").audience is Audience.EU
    assert asked("What is the fee?", [], level="master").audience is None
    assert asked("I am Danish. What is the fee?", [], nationality="Peru").audience is Audience.EU


def test_a_page_named_before_anything_was_answered_is_the_topic() -> None:
    found = asked("How do I apply?", after("I'm thinking about Arctic Energy.", topic=""))

    assert found == StandAlone("How do I apply (Arctic Energy MSc)?", None, ARCTIC, "How do I apply?")


def test_a_question_that_names_nothing_can_also_be_asked_without_the_page_before() -> None:
    history = after("What is the fee of Arctic Energy?", topic=ARCTIC)

    assert asked("Which scholarships are there?", history).alone == "Which scholarships are there?"
    assert asked("How long does it take?", history).alone == ""
    assert asked("How long does this programme take?", history).alone == ""


def test_thanks_in_between_are_no_question_to_go_on_from() -> None:
    history = [*after("What is the fee of Arctic Energy?", topic=ARCTIC), *after("Thanks!", topic="")]

    assert asked("And for EU students?", history).text.startswith("What is the fee of Arctic Energy")


def test_the_topic_is_the_page_of_the_last_answer() -> None:
    history = [*after("What is the fee of Arctic Energy?", topic=ARCTIC), *after("Hello", topic="")]

    assert asked("How long is it?", history).topic == ARCTIC


def test_a_turn_is_remembered_with_the_page_it_cited() -> None:
    citation = Citation(1, "d", DATA, "", "", (), "The fee is 10 EUR.", 0, 18)
    reply = Reply(Outcome.ANSWERED, "the question searched", "The fee is 10 EUR. [1]", (), (citation,))

    assert turn_of("as typed", reply) == Turn(
        "as typed", "the question searched", "The fee is 10 EUR. [1]", DATA
    )
    assert turn_of("hi", Reply(Outcome.SMALL_TALK, "hi", "Hello!", (), ())).topic == ""


@given(st.text(min_size=1, max_size=40), st.lists(st.text(min_size=1, max_size=40), max_size=3))
def test_any_message_after_any_history_becomes_one_question(message: str, said: list[str]) -> None:
    assert isinstance(asked(message, after(*said)).text, str)
