"""What may be asked, and the question that stands alone after what was said before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import InvalidQuestion, StandAlone, Turn, check_question, stand_alone, turn_of
from assistant.countries import Audience
from assistant.reply import Citation, Outcome, Reply, Sentence

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
    said = set(text.lower().replace("?", "").split())
    return DATA if said & {"data", "science"} else ARCTIC if said & {"arctic", "energy"} else ""


def after(*said: str, topic: str = DATA) -> list[Turn]:
    return [Turn(question, question, "", topic) for question in said]


def listed(question: str, *items: str) -> list[Turn]:
    return [Turn(question, question, "", DATA, choices=items)]


def asked(message: str, history: Sequence[Turn], **profile: str) -> StandAlone:
    return stand_alone(message, history, profile, page_named=page_named)


GRANTS = ("Holland Scholarships", "Orange Tulip Scholarships", "Erasmus+ Master loans")
FEES = ("Tuition fee for international students", "Tuition fee for EU/EEA students")


def test_a_first_question_stands_as_it_is() -> None:
    assert asked("What is the fee?", []) == StandAlone("What is the fee?")


@pytest.mark.parametrize(
    ("before", "message", "standalone"),
    [
        ("What is the fee?", "When is the deadline?", "When is the deadline for Data Science MSc?"),
        ("What is the fee?", "What is the deadline for Arctic Energy?", None),
        ("What is the fee?", "What about the TOEFL?", "What about the TOEFL for Data Science MSc?"),
        ("What is the fee?", "so what do I pay?", "What do I pay for Data Science MSc?"),
    ],
)
def test_a_complete_question_gets_the_page_it_is_about_and_no_more(
    before: str, message: str, standalone: str | None
) -> None:
    assert asked(message, after(before)).text == (standalone or message)


@pytest.mark.parametrize(
    ("before", "message", "standalone"),
    [
        (
            "What is the fee for international students?",
            "And for EU students?",
            "What is the fee for EU students",
        ),
        ("What is the minimum TOEFL score?", "And for IELTS?", "What is the minimum IELTS score"),
        ("What about the TOEFL?", "ok and for IELTS?", "What about the IELTS"),
        ("What are living costs in Utrecht?", "and in Amsterdam?", "What are living costs in Amsterdam"),
        (
            "How many procedures does radiology do a year?",
            "and nuclear medicine?",
            "How many procedures does nuclear medicine do a year",
        ),
        (
            "How much does an EU student pay each year?",
            "And in total?",
            "How much does an EU student pay in total",
        ),
        ("How long is the thesis?", "And the deadline?", "What is the deadline for the thesis"),
        ("Do you offer scholarships?", "and housing?", "Do you offer housing"),
        (
            "How many exams do they hold?",
            "and the language school?",
            "How many exams does the language school hold",
        ),
    ],
)
def test_half_a_question_takes_the_place_of_its_like(before: str, message: str, standalone: str) -> None:
    assert asked(message, after(before)).text == f"{standalone} for Data Science MSc?"


@pytest.mark.parametrize(
    ("before", "message", "standalone"),
    [
        ("How many sections are there?", "Which ones?", "Which sections are there"),
        ("Are there scholarships?", "Name them please.", "Which scholarships are there"),
        ("Is there an internship?", "How many weeks?", "How many weeks is the internship"),
        ("Which courses are there?", "How many are there?", "How many courses are there"),
        (
            "Can I do nuclear medicine at the clinic?",
            "For how long?",
            "For how long can I do nuclear medicine at the clinic",
        ),
        ("Is there an application fee?", "how much?", "How much is the application fee"),
        ("How do I send the form?", "by when?", "By when do I send the form"),
    ],
)
def test_a_question_word_alone_asks_it_of_the_last_question(
    before: str, message: str, standalone: str
) -> None:
    assert asked(message, after(before)).text == f"{standalone} for Data Science MSc?"


def test_why_after_a_no_asks_why_not() -> None:
    said = "Can I do the whole thesis abroad?"

    assert asked("why?", [Turn(said, said, "No. It is not possible. [1]", DATA)]).text == (
        "Why can I not do the whole thesis abroad for Data Science MSc?"
    )


@pytest.mark.parametrize(
    ("before", "message", "standalone"),
    [
        ("What is the tuition fee?", "How long is it?", "How long is Data Science MSc?"),
        ("What is the tuition fee?", "Is it accredited?", "Is Data Science MSc accredited?"),
        (
            "How long is the internship in Groningen?",
            "When does it start?",
            "When does the internship in Groningen start for Data Science MSc?",
        ),
        ("Is there a deposit?", "How much is it?", "How much is the deposit for Data Science MSc?"),
        (
            "Tell me the value of the Dean's Scholarship.",
            "Which countries is it for?",
            "Which countries is the Dean's Scholarship for?",
        ),
        (
            "How many letters of reference?",
            "Who can I ask about that?",
            "Who can I ask about letters of reference for Data Science MSc?",
        ),
        (
            "What is the tuition fee?",
            "Does that include insurance?",
            "Does the tuition fee include insurance for Data Science MSc?",
        ),
        (
            "What is the tuition fee?",
            "How long does this programme take?",
            "How long does Data Science MSc take?",
        ),
        (
            "What scholarships are there?",
            "What about them?",
            "What about the scholarships for Data Science MSc?",
        ),
        ("Which documents do I need?", "Where do I send it?", "Where do I send it for Data Science MSc?"),
        (
            "How do I apply for the summer school?",
            "Who do I contact about this?",
            "Who do I contact about the summer school for Data Science MSc?",
        ),
        (
            "How do I apply for the summer school?",
            "What is its address?",
            "What is the address of the summer school for Data Science MSc?",
        ),
        (
            "What do rooms cost in Utrecht?",
            "How do I find work there?",
            "How do I find work in Utrecht for Data Science MSc?",
        ),
        ("Do I need TOEFL?", "How long is that test?", "How long is TOEFL for Data Science MSc?"),
        (
            "How much do rooms in Utrecht cost a month?",
            "What's in that?",
            "What is included in the tuition for Data Science MSc?",
        ),
    ],
)
def test_a_word_that_points_back_becomes_what_it_means(before: str, message: str, standalone: str) -> None:
    assert asked(message, after(before)).text == standalone


def test_the_heading_of_the_answer_says_which_one_is_meant() -> None:
    said = "Is there a scholarship for good grades?"
    history = [Turn(said, said, "", DATA, section="Excellence Scholarship")]

    assert (
        asked("Which countries is it for?", history).text
        == "Which countries is the Excellence Scholarship for?"
    )


@pytest.mark.parametrize(
    ("message", "standalone"),
    [
        ("How much is the Holland one?", "How much is the Holland Scholarship for Data Science MSc?"),
        ("How much is the second one?", "How much is the Orange Tulip Scholarship for Data Science MSc?"),
        ("Tell me about the last one", "Tell me about the Erasmus+ Master loan for Data Science MSc."),
        ("How much is the French one?", "How much is the French scholarship for Data Science MSc?"),
    ],
)
def test_one_of_what_was_listed_is_called_by_its_name(message: str, standalone: str) -> None:
    assert asked(message, listed("Which scholarships are there?", *GRANTS)).text == standalone


def test_the_next_of_the_list_takes_the_place_of_the_one_before() -> None:
    history = [
        *listed("Which scholarships are there?", *GRANTS),
        *after("How much is the Holland Scholarship for Data Science MSc?"),
    ]

    assert asked("and the second one?", history).text == (
        "How much is the Orange Tulip Scholarship for Data Science MSc?"
    )


@pytest.mark.parametrize(
    "message",
    [
        "I'm from Norway",
        "Norway",
        "Norwegian",
        "I hold a Norwegian passport.",
        "EU",
        "No, EU students",
        "EU I think",
        "I'm from Norway but I live in Brazil",
        "dual nationality, US and Irish",
    ],
)
def test_an_answer_to_our_own_question_asks_the_question_before_again(message: str) -> None:
    assert asked(message, listed("What is the tuition fee?", *FEES)) == StandAlone(
        "What is the tuition fee for EU/EEA students?", Audience.EU, DATA
    )


@pytest.mark.parametrize(
    "message",
    [
        "I'm British",
        "Swiss",
        "Turkish, does that count as EU?",
        "sorry, non-EU",
        "the first",
        "the first one please",
    ],
)
def test_an_answer_may_name_the_other_group_or_its_place(message: str) -> None:
    assert asked(message, listed("What is the tuition fee?", *FEES)) == StandAlone(
        "What is the tuition fee for non-EU/EEA students?", Audience.NON_EU, DATA
    )


def test_both_asks_for_both() -> None:
    assert asked("both", listed("What is the tuition fee?", *FEES)) == StandAlone(
        "What is the tuition fee?", None, DATA
    )


def test_the_name_of_a_page_alone_answers_which_one() -> None:
    assert asked("Arctic Energy", after("What does it cost?", topic="")).text == (
        "What does it cost for Arctic Energy?"
    )


@pytest.mark.parametrize(
    ("before", "message", "standalone"),
    [
        (
            "What is the fee for EU students?",
            "no, I meant the deadline",
            "What is the deadline for Data Science MSc?",
        ),
        (
            "What is the fee of Data Science?",
            "Sorry, I meant Arctic Energy",
            "What is the fee of Arctic Energy?",
        ),
        (
            "How long is the internship in radiology?",
            "No, I meant the master",
            "How long is Data Science MSc?",
        ),
        ("What is the fee?", "no, when does it start?", "When does Data Science MSc start?"),
    ],
)
def test_a_correction_takes_the_place_of_what_was_understood(
    before: str, message: str, standalone: str
) -> None:
    assert asked(message, after(before)).text == standalone


def test_a_correction_takes_the_place_of_the_group_before() -> None:
    found = asked("Sorry, I am Peruvian", after("What is the fee for EU students?"))

    assert found.audience is Audience.NON_EU
    assert found.text == "What is the fee for non-EU/EEA students?"


@pytest.mark.parametrize(
    ("message", "standalone", "topic"),
    [
        ("ok, another question: when does it start?", "When does Data Science MSc start?", DATA),
        ("Now about Arctic Energy: how long is it?", "How long is Arctic Energy MSc?", ARCTIC),
        ("Now about Arctic Energy", "Tell me about Arctic Energy.", ARCTIC),
        ("By the way, is there parking?", "Is there parking for Data Science MSc?", DATA),
    ],
)
def test_another_subject_leaves_the_last_question_behind(message: str, standalone: str, topic: str) -> None:
    found = asked(message, after("How long is the internship in Groningen?"))

    assert (found.text, found.topic) == (standalone, topic)


def test_the_newest_word_about_the_asker_counts() -> None:
    history = after("I am from Peru", "What is the fee?")

    assert asked("When is the deadline?", history).audience is Audience.NON_EU
    assert asked("When is the deadline?", [*history, *after("Sorry, I am Danish")]).audience is Audience.EU
    assert asked("When is the deadline for EU students?", history).audience is Audience.EU


def test_what_others_pay_does_not_change_who_is_asking() -> None:
    history = after("I am from Peru", "What do EU students pay?")

    assert asked("When is my deadline?", history).audience is Audience.NON_EU


def test_a_relative_is_asked_for_by_her_own_passport() -> None:
    history = after("I'm Polish, my girlfriend is Ukrainian.", topic="")

    assert asked("What would she pay?", history).audience is Audience.NON_EU
    assert asked("What would I pay?", history).audience is Audience.EU


@pytest.mark.parametrize(
    ("told", "message", "standalone"),
    [
        (
            "I have a bachelor's in physics",
            "Is Data Science right for me?",
            "Is Data Science right for someone with a bachelor's in physics?",
        ),
        (
            "I'm a 5th year medical student",
            "Is Data Science for someone like me?",
            "Is Data Science for a 5th year medical student?",
        ),
        ("I'm a 5th year medical student", "What does Data Science cost?", "What does Data Science cost?"),
    ],
)
def test_what_was_told_of_ones_studies_stands_for_me(told: str, message: str, standalone: str) -> None:
    assert asked(message, after(told)).text == standalone


def test_the_profile_counts_where_nothing_was_said() -> None:
    assert asked("What is the fee?", [], nationality="Peru").audience is Audience.NON_EU
    assert asked("What is the fee?", [], nationality="Norwegian").audience is Audience.EU
    assert asked("What is the fee?", [], level="master").audience is None
    assert asked("I am Danish. What is the fee?", [], nationality="Peru").audience is Audience.EU


def test_a_page_named_before_anything_was_answered_is_the_topic() -> None:
    found = asked("How do I apply?", after("I'm thinking about Arctic Energy.", topic=""))

    assert found == StandAlone("How do I apply for Arctic Energy MSc?", None, ARCTIC, "How do I apply?")


def test_a_question_that_names_nothing_can_also_be_asked_without_the_page_before() -> None:
    history = after("What is the fee of Arctic Energy?", topic=ARCTIC)

    assert asked("Which scholarships are there?", history).alone == "Which scholarships are there?"
    assert asked("How long does it take?", history).alone == ""
    assert asked("How long does this programme take?", history).alone == ""


def test_thanks_in_between_are_no_question_to_go_on_from() -> None:
    history = [*after("What is the fee of Arctic Energy?", topic=ARCTIC), *after("Thanks!", topic="")]

    assert asked("And for EU students?", history).text == "What is the fee of Arctic Energy for EU students?"


def test_what_follows_a_question_that_no_page_covers_is_about_that_too() -> None:
    history = [*after("What is the fee?"), *after("How much is the Oslo Law School?", topic="")]

    assert asked("How long is it?", history).text == "How long is the Oslo Law School?"


def test_a_letter_is_asked_by_its_question_alone() -> None:
    letter = (
        "Dear Sir or Madam,\n\nI am a student from Peru and have finished my studies of chemistry in June "
        "with "
        "good grades. I read your pages with much interest and talked to my parents, who will pay for my "
        "studies "
        "and worry about it.\n\nWould you be so kind as to tell me when the programme starts?\n\n"
        "Kind regards,\nJose Quispe"
    )

    found = asked(letter, [])

    assert found.text == "Would you be so kind as to tell me when the programme starts?"
    assert found.audience is Audience.NON_EU


def test_the_topic_is_the_page_of_the_last_answer() -> None:
    history = [*after("What is the fee of Arctic Energy?", topic=ARCTIC), *after("Hello", topic="")]

    assert asked("How long is it?", history).topic == ARCTIC


def test_a_long_talk_leans_on_its_last_turns() -> None:
    history = [
        *after(*(f"What is block {number} about?" for number in range(14))),
        *after("Is there a deposit?"),
    ]

    assert asked("How much is it?", history).text == "How much is the deposit for Data Science MSc?"


def test_a_turn_is_remembered_with_the_page_it_cited() -> None:
    citation = Citation(1, "d", DATA, "", "", (), "The fee is 10 EUR.", 0, 18)
    reply = Reply(Outcome.ANSWERED, "the question searched", "The fee is 10 EUR. [1]", (), (citation,))

    assert turn_of("as typed", reply) == Turn(
        "as typed", "the question searched", "The fee is 10 EUR. [1]", DATA
    )
    assert turn_of("hi", Reply(Outcome.SMALL_TALK, "hi", "Hello!", (), ())).topic == ""


def test_a_turn_is_remembered_with_what_its_reply_listed_and_where_that_stood() -> None:
    citation = Citation(1, "d", DATA, "", "", (DATA, "Grants"), "Grants:", 0, 7)
    sentences = (Sentence("Grants:\n- Tulip Grant\n- Oslo Grant", (1,)),)
    turn = turn_of("which?", Reply(Outcome.ANSWERED, "which?", "", sentences, (citation,)))

    assert (turn.section, turn.choices) == ("Grants", ("Tulip Grant", "Oslo Grant"))


def test_a_turn_is_remembered_with_what_its_answer_depends_on() -> None:
    citation = Citation(1, "d", DATA, "", "", (), "EU: 10 EUR", 0, 10)
    sentences = (Sentence("This depends on who you are:"), Sentence("Fee for EU students: 10 EUR.", (1,)))
    turn = turn_of("fee?", Reply(Outcome.CLARIFY, "fee?", "", sentences, (citation,)))

    assert turn.choices == ("Fee for EU students",)


@given(st.text(min_size=1, max_size=40), st.lists(st.text(min_size=1, max_size=40), max_size=3))
def test_any_message_after_any_history_becomes_one_question(message: str, said: list[str]) -> None:
    assert isinstance(asked(message, after(*said)).text, str)


TURNS = st.sampled_from(
    [
        "And for EU students?",
        "Which ones?",
        "How long is it?",
        "why?",
        "the second one",
        "no, I meant the master",
        "What is the fee?",
        "Where is that?",
        "and in Oslo?",
        "EU",
        "both",
        "How much is the Holland one?",
        "tell me more",
    ]
)


@given(TURNS, st.lists(TURNS, min_size=1, max_size=6))
def test_any_turn_after_any_talk_is_asked_about_one_page_at_most_once(message: str, said: list[str]) -> None:
    history: list[Turn] = []
    for turn in said:
        found = asked(turn, history)
        history.append(Turn(turn, found.text, "", DATA, choices=GRANTS))

    assert asked(message, history).text.count("Data Science MSc") <= 1


@given(TURNS, st.lists(TURNS, min_size=1, max_size=4))
def test_a_question_about_another_page_never_keeps_the_title_of_the_old_one(
    message: str, said: list[str]
) -> None:
    history = after("What is the fee of Data Science?", *said)

    for text in (
        "What is the deadline for Arctic Energy?",
        "And for Arctic Energy?",
        "Now about Arctic Energy.",
    ):
        found = asked(text, history)
        assert "Data Science" not in found.text
        assert "Arctic Energy" in found.text
