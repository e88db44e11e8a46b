"""What a message asks: its focus, its parts, and the question understood."""

from __future__ import annotations

import pytest

from assistant.countries import Audience
from assistant.focus import focus, without_politeness
from assistant.kinds import QuestionKind
from assistant.questions import each_amount, parts, understand, without_words
from assistant.terms import TermRole
from ingest.values import ValueKind


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("What is the fee?", "What is the fee?"),
        ("Hi there! I am a student from Peru. What is the fee? Thanks!", "What is the fee?"),
        ("I finished my bachelor. When is the deadline?", "When is the deadline?"),
        ("I would like to know more about the scholarships.", "the scholarships."),
        (
            "Dear Sir,\nI was accepted.\nI want to know whether the fee is refundable.\nBest, Ann",
            "whether the fee is refundable.",
        ),
        ("I have a degree in physics. Is that enough?", "I have a degree in physics. Is that enough?"),
        ("I scored 6.5 in IELTS. Is that enough?", "I scored 6.5 in IELTS. Is that enough?"),
        ("I'm a chemist from Lyon - is there an interview?", "is there an interview?"),
        ("Do they take visitors? I read about Covid.", "Do they take visitors? I read about Covid."),
        ("I love cats", "I love cats"),
        ("", ""),
    ],
)
def test_the_focus_of_a_message_is_what_asks(message: str, asked: str) -> None:
    assert focus(message) == asked


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("Could you please tell me what the fee is?", "what the fee is?"),
        ("Hello, can you tell me how I apply?", "how I apply?"),
        ("What is the fee?", "What is the fee?"),
        ("please", "please"),
    ],
)
def test_politeness_in_front_is_left_out(message: str, asked: str) -> None:
    assert without_politeness(message) == asked


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("What is the fee?", ("What is the fee?",)),
        ("When is it due and what happens if I am late?", ("When is it due?", "what happens if I am late?")),
        ("What is the fee? And how long does it take?", ("What is the fee?", "how long does it take?")),
        (
            "What is the fee for Utrecht and when does it start?",
            ("What is the fee for Utrecht?", "when does it start (Utrecht)?"),
        ),
        (
            "Is there housing, and what does it cost?",
            ("Is there housing?", "what does it cost (housing)?"),
        ),
        (
            "How many semesters and credits does it have?",
            ("How many semesters does it have?", "How many credits does it have?"),
        ),
        (
            "If I get a place, when is the fee due and what happens if I pay too late?",
            ("when is the fee due?", "what happens if I pay too late?"),
        ),
        ("How do I apply and when?", ("How do I apply and when?",)),
        ("What are the terms and conditions?", ("What are the terms and conditions?",)),
    ],
)
def test_the_questions_in_a_message(message: str, expected: tuple[str, ...]) -> None:
    assert parts(message) == expected


def test_a_long_chain_of_questions_is_left_whole() -> None:
    chain = "Who runs it, where is the campus, when is the deadline and how do I apply?"

    assert parts(chain) == (chain,)


def test_a_question_is_understood() -> None:
    question = understand("Hello! I am from Peru. What will be the tuition fee for Arctic Energy in 2027?")

    assert question.audience is Audience.NON_EU
    assert question.years == {"2027"}
    assert [(term.text, term.role) for term in question.terms if term.role is not TermRole.GENERIC] == [
        ("tuition fee", TermRole.CONCEPT),
        ("Arctic", TermRole.NAME),
        ("Energy", TermRole.NAME),
    ]


def test_what_is_known_of_the_asker_goes_before_what_the_question_names() -> None:
    assert understand("What do EU students pay?", audience=Audience.NON_EU).audience is Audience.NON_EU


def test_a_name_in_small_letters_is_a_name_where_the_pages_say_so() -> None:
    question = understand("rooms in groningen", is_name=lambda word: word == "groningen")

    assert {term.text: term.role for term in question.terms}["groningen"] is TermRole.NAME


def test_a_question_for_a_person_wants_a_name() -> None:
    assert understand("Who is the programme coordinator?").asks_for_a_person
    assert not understand("Who can apply?").asks_for_a_person


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("I study at Vellmar. Is there an interview?", None),
        ("Is there an interview for people who applied at Vellmar?", TermRole.NAME),
    ],
)
def test_names_in_what_people_tell_of_themselves_are_not_asked_for(
    question: str, role: TermRole | None
) -> None:
    roles = {term.text: term.role for term in understand(question).terms}

    assert roles.get("Vellmar") is role


def test_apply_decides_nothing_beside_the_thing_asked() -> None:
    roles = {term.text: term.role for term in understand("Is there an interview when I apply?").terms}

    assert roles == {"interview": TermRole.CONCEPT, "apply": TermRole.GENERIC}
    assert understand("How do I apply?").terms[0].role is TermRole.CONCEPT


def test_the_words_that_name_a_page_are_taken_from_a_question() -> None:
    question = understand("How long is Data Science?")

    assert [term.text for term in without_words(question, {"data", "science"}).terms] == ["How long"]


def test_a_thing_asked_for_stays_where_a_page_has_it_in_its_name_and_nothing_else_is_asked() -> None:
    question = understand("What is the degree of Data Science?")

    named = without_words(question, {"data", "science", "degree"})
    assert [term.text for term in named.terms] == ["degree"]


def test_in_total_asks_for_a_sum_and_for_no_score() -> None:
    roles = {term.text: term.role for term in understand("What would two years cost in total?").terms}

    assert roles["in total"] is TermRole.GENERIC
    assert roles["cost"] is TermRole.CONCEPT


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who teaches BIO 101?", "BIO 101"),
        ("What time is CHEM 620.2?", "CHEM 620.2"),
        ("Is a TOEFL of 100 enough?", None),
        ("What does the MSC 2027 cost?", None),
        ("Can I pay EUR 500 first?", None),
    ],
)
def test_the_code_of_a_course_and_its_number_are_one_name(question: str, name: str | None) -> None:
    codes = [term.text for term in understand(question).terms if " " in term.text and term.text[-1].isdigit()]

    assert codes == ([name] if name else [])


def test_the_size_of_a_thing_tells_it_from_others() -> None:
    terms = {term.text: term.role for term in understand("What does a 4 credit course cost?").terms}

    assert terms["4 credit"] is TermRole.WORD
    assert "4 credits" not in {term.text for term in understand("Is it 4 credits a year?").terms}


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("Tuition plus living costs for a Dane?", ("Tuition for a Dane?", "living costs for a Dane?")),
        ("What are the fees and the living costs?", ("What are the fees?", "What are the living costs?")),
        ("What are the fees?", ()),
        ("What are the fees and the deadline?", ()),
        ("How much of the living costs do the fees cover?", ()),
    ],
)
def test_two_amounts_are_asked_for_one_by_one(question: str, each: tuple[str, ...]) -> None:
    assert each_amount(question) == each


@pytest.mark.parametrize(
    ("question", "kind", "expects"),
    [
        ("How long should the motivation letter be?", QuestionKind.COUNT, ValueKind.NUMBER),
        ("How long does it take to get a letter?", QuestionKind.DURATION, ValueKind.DURATION),
        ("What percentage does my final grade count?", QuestionKind.VALUE, ValueKind.PERCENTAGE),
        ("What's the yearly stipend in dollars?", QuestionKind.AMOUNT, ValueKind.AMOUNT),
        ("winter term sign up opens when??", QuestionKind.DATE, ValueKind.DATE),
        # What is told before the question decides nothing of what it wants.
        ("I only want the certificate, not the degree. Am I charged that fee?", QuestionKind.YES_NO, None),
    ],
)
def test_what_an_answer_must_hold(question: str, kind: QuestionKind, expects: ValueKind | None) -> None:
    asked = understand(question)

    assert (asked.kind, asked.expects) == (kind, expects)


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("I play the organ. Can I apply for Music, or does it have to be a diploma?", "Can I apply"),
        ("My German is so-so. Is it possible to study in English?", "Is it possible"),
        ("I paid a deposit. Is it refundable?", None),
        ("I did IELTS. What overall band do I need?", None),
        ("Fees plus rent, I'm Indian. Roughly how much altogether?", None),
    ],
)
def test_what_was_said_before_a_question_belongs_to_it_where_it_points_there(
    message: str, asked: str | None
) -> None:
    assert focus(message).startswith(asked if asked is not None else message[:20])
