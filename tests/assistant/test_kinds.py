"""The kind of answer that a question calls for."""

from __future__ import annotations

import pytest

from assistant.kinds import QuestionKind as Kind
from assistant.kinds import counted_in, is_verdict
from assistant.questions import understand
from ingest.values import ValueKind as Value


@pytest.mark.parametrize(
    ("question", "kind", "expects"),
    [
        ("How much is the tuition fee?", Kind.AMOUNT, Value.AMOUNT),
        ("What does it cost to apply?", Kind.AMOUNT, Value.AMOUNT),
        ("How expensive is the programme?", Kind.AMOUNT, Value.AMOUNT),
        ("What is the tuition fee for EU students?", Kind.AMOUNT, Value.AMOUNT),
        ("tuition?", Kind.AMOUNT, Value.AMOUNT),
        ("When is the application deadline?", Kind.DATE, Value.DATE),
        ("By when must I apply?", Kind.DATE, Value.DATE),
        ("When does the programme start?", Kind.DATE, Value.DATE),
        ("How long does the programme take?", Kind.DURATION, Value.DURATION),
        ("How many months does it last?", Kind.DURATION, Value.DURATION),
        ("How much time does it take?", Kind.DURATION, Value.DURATION),
        ("How many students are admitted?", Kind.COUNT, Value.NUMBER),
        ("How many places are there?", Kind.COUNT, Value.NUMBER),
        ("What is the minimum TOEFL score?", Kind.VALUE, Value.NUMBER),
        ("What is the e-mail address of the office?", Kind.VALUE, Value.EMAIL),
        ("What is your phone number?", Kind.VALUE, Value.PHONE),
        ("Is housing guaranteed?", Kind.YES_NO, None),
        ("Can I study part-time?", Kind.YES_NO, None),
        ("Do I need a visa?", Kind.YES_NO, None),
        ("Which documents do I need?", Kind.LIST, None),
        ("What are the admission requirements?", Kind.LIST, None),
        ("How do I apply?", Kind.HOW, None),
        ("How can I reach the office?", Kind.HOW, None),
        ("Who is the coordinator?", Kind.WHO, None),
        ("Whom do I contact?", Kind.WHO, None),
        ("Where is the campus?", Kind.WHERE, None),
        ("In which city is the campus?", Kind.WHERE, None),
        ("Tell me about the programme", Kind.OPEN, None),
    ],
)
def test_the_kind_of_a_question(question: str, kind: Kind, expects: Value | None) -> None:
    understood = understand(question)

    assert (understood.kind, understood.expects) == (kind, expects)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Is the fee 3,500 euros?", Kind.AMOUNT),
        ("Is the deadline 1 May?", Kind.DATE),
        ("Does the programme last two years?", Kind.DURATION),
        ("Is a TOEFL score of 80 the minimum?", Kind.VALUE),
        ("The fee is 3,500 euros, right?", Kind.AMOUNT),
    ],
)
def test_a_claim_of_a_value_is_answered_by_the_value(question: str, kind: Kind) -> None:
    assert understand(question).kind is kind


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Will I be admitted?", True),
        ("Do I qualify with a degree in physics?", True),
        ("What are my chances?", True),
        ("Is a GPA of 3.1 enough?", True),
        ("Am I eligible?", True),
        ("Can you guarantee me a place?", True),
        ("Will you accept me?", True),
        ("Would a 3.1 GPA do?", True),
        ("Am I in?", True),
        ("Do you think I'd get a spot?", True),
        ("Rate my profile", True),
        ("Is it worth applying with my grades?", True),
        ("Have I been accepted?", True),
        ("Who can be admitted?", False),
        ("Is a visa needed?", False),
        ("Will the university accept a Cambridge certificate?", False),
        ("Do I get a certificate?", False),
        ("What is the minimum GPA?", False),
    ],
)
def test_a_question_for_a_verdict_on_oneself_is_known(question: str, expected: bool) -> None:
    assert is_verdict(question) is expected


def test_what_is_counted() -> None:
    assert counted_in("How many radiology sections are there?") == ("radiolog", "section")
    assert counted_in("What is the fee?") == ()
