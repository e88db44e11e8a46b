"""What the evidence allows to say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from read_pages import from_markdown

from assistant.countries import Audience, audience_of_fact
from assistant.evidence import Evidence
from assistant.outcome import Decision, decide, merged_outcome
from assistant.questions import Question, understand
from assistant.reply import Outcome
from assistant.terms import Term
from ingest.units import UnitKind, units_of

PAGE = from_markdown(
    """
    # A programme

    ## Fees

    Tuition fee for EU/EEA students: 2,060 EUR per year

    Tuition fee for international students: 18,690 EUR per year

    Living costs: 900 EUR per month

    ## English

    TOEFL minimum score: 90

    IELTS minimum score:

    Part-time study is possible for everyone.
    """
)
UNITS = units_of(PAGE)


def evidence(
    start: str, coverage: float = 0.95, *, has_value: bool = True, uncovered: tuple[Term, ...] = ()
) -> Evidence:
    position, unit = next(
        (n, unit) for n, unit in enumerate(UNITS) if PAGE.text[unit.start : unit.end].startswith(start)
    )
    return Evidence(
        document=PAGE,
        unit=unit,
        position=position,
        score=coverage,
        coverage=coverage,
        similarity=0.5,
        has_value=has_value and unit.kind is not UnitKind.BLANK,
        uncovered=uncovered,
        audience=audience_of_fact(unit.audience or unit.label),
    )


def decided(question: Question, *found: Evidence, known: bool = True) -> Decision:
    return decide(question, found, is_known=lambda _: known)


def said(decision: Decision) -> list[str]:
    return [item.text for item in decision.evidence]


FEE = understand("What is the tuition fee?")
EU, OTHER = evidence("Tuition fee for EU"), evidence("Tuition fee for int", 0.94)


def test_a_stated_value_answers() -> None:
    decision = decided(understand("What are the living costs?"), evidence("Living"))

    assert decision.outcome is Outcome.ANSWERED
    assert said(decision) == ["Living costs: 900 EUR per month"]


def test_nothing_found_is_not_found() -> None:
    assert decided(FEE) == Decision(Outcome.NOT_FOUND)


def test_a_value_that_hardly_speaks_to_the_question_does_not_answer() -> None:
    assert (
        decided(understand("What are the living costs?"), evidence("Living", 0.2)).outcome
        is Outcome.NOT_FOUND
    )


def test_a_blank_is_not_stated() -> None:
    question = understand("What is the minimum IELTS score?")

    decision = decided(question, evidence("IELTS"))

    assert decision.outcome is Outcome.NOT_STATED
    assert said(decision) == ["IELTS minimum score:"]


def test_a_blank_beats_a_value_that_covers_less() -> None:
    question = understand("What is the minimum IELTS score?")

    assert decided(question, evidence("TOEFL", 0.7), evidence("IELTS", 0.95)).outcome is Outcome.NOT_STATED
    assert decided(question, evidence("TOEFL", 0.95), evidence("IELTS", 0.7)).outcome is Outcome.ANSWERED


def test_the_same_fact_for_several_groups_is_shown_in_branches() -> None:
    decision = decided(FEE, OTHER, EU)

    assert decision.outcome is Outcome.CLARIFY
    # In the order of the page, not of the scores.
    assert said(decision) == [EU.text, OTHER.text]


@pytest.mark.parametrize(("group", "expected"), [(Audience.EU, EU), (Audience.NON_EU, OTHER)])
def test_a_known_group_is_told_its_own_fact_only(group: Audience, expected: Evidence) -> None:
    decision = decided(replace(FEE, audience=group), OTHER, EU)

    assert decision.outcome is Outcome.ANSWERED
    assert said(decision) == [expected.text]


@pytest.mark.parametrize("score", [0.7, 1.0])
def test_a_fact_for_another_group_is_never_told_whatever_its_score(score: float) -> None:
    other = evidence("Tuition fee for int", score)

    assert decided(replace(FEE, audience=Audience.EU), other).outcome is Outcome.NOT_FOUND


def test_a_name_that_no_page_holds_is_never_answered_from_its_sibling() -> None:
    question = understand("What is the tuition fee for Quantum Basketry?")

    decision = decided(question, EU, OTHER, known=False)

    assert decision.outcome is Outcome.NOT_FOUND
    assert [term.text for term in decision.unknown] == ["Quantum", "Basketry"]
    assert decision.evidence == ()


def test_evidence_beside_the_thing_named_does_not_answer() -> None:
    beside = evidence("Living", 1.0)._replace(is_beside=True)

    assert decided(understand("What are the living costs?"), beside).outcome is Outcome.NOT_FOUND


def test_a_value_that_lacks_a_concept_of_the_question_does_not_answer() -> None:
    question = understand("What is the minimum TOEFL score?")
    minimum = next(term for term in question.terms if term.text == "minimum")

    lacking = decided(question, evidence("TOEFL", 0.9, uncovered=(minimum,)))

    assert lacking.outcome is not Outcome.ANSWERED
    assert decided(question, evidence("TOEFL", 0.9)).outcome is Outcome.ANSWERED


def test_a_yes_no_question_is_answered_by_a_sentence() -> None:
    decision = decided(understand("Is part-time study possible?"), evidence("Part-time", has_value=False))

    assert decision.outcome is Outcome.ANSWERED


def test_which_of_two_it_is_is_not_told_by_what_lacks_the_thing_itself() -> None:
    """ "Written or oral" in a sentence about proficiency says nothing of exams."""
    question = understand("Are the exams written or oral?")
    exams = next(term for term in question.terms if term.text == "exams")

    assert decided(question, evidence("Part-time", 0.8)).outcome is Outcome.ANSWERED
    assert decided(question, evidence("Part-time", 0.8, uncovered=(exams,))).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which parts does the IELTS consist of?", Outcome.NOT_FOUND),
        ("What is the minimum for IELTS?", Outcome.NOT_STATED),
        ("IELTS?", Outcome.NOT_STATED),
    ],
)
def test_a_blank_is_of_what_its_label_names(question: str, expected: Outcome) -> None:
    assert decided(understand(question), evidence("IELTS")).outcome is expected


def test_what_speaks_of_the_thing_without_the_detail_is_not_stated() -> None:
    question = understand("How much does part-time study cost?")

    decision = decided(question, evidence("Part-time", 0.8, has_value=False))

    assert decision.outcome is Outcome.NOT_STATED
    assert said(decision) == ["Part-time study is possible for everyone."]


@pytest.mark.parametrize(
    ("outcomes", "merged"),
    [
        ([Outcome.NOT_FOUND], Outcome.NOT_FOUND),
        ([Outcome.NOT_FOUND, Outcome.ANSWERED], Outcome.ANSWERED),
        ([Outcome.NOT_STATED, Outcome.NOT_FOUND], Outcome.NOT_STATED),
        ([Outcome.NOT_STATED, Outcome.CLARIFY], Outcome.CLARIFY),
        ([Outcome.CLARIFY, Outcome.ANSWERED], Outcome.ANSWERED),
    ],
)
def test_of_several_questions_the_best_outcome_is_that_of_the_reply(
    outcomes: list[Outcome], merged: Outcome
) -> None:
    assert merged_outcome([Decision(outcome) for outcome in outcomes]) is merged


ANNOUNCING = from_markdown(
    """
    # A programme

    The selection criteria of the programme are as follows:

    ## Modules

    The programme has the following modules:

    - Glass
    - Stone
    """
)


def announced(start: str) -> Evidence:
    units = units_of(ANNOUNCING)
    position, unit = next(
        (n, unit) for n, unit in enumerate(units) if ANNOUNCING.text[unit.start :].startswith(start)
    )
    return evidence("Part-time")._replace(document=ANNOUNCING, unit=unit, position=position)


def test_a_line_that_announces_a_list_which_the_page_lacks_is_no_answer() -> None:
    everything = [
        evidence("Part-time")._replace(document=ANNOUNCING, unit=unit, position=n)
        for n, unit in enumerate(units_of(ANNOUNCING))
    ]
    modules = next(item for item in everything if item.text.startswith("The programme has"))
    listed = [item for item in everything if item.position > modules.position]

    missing = decided(understand("What are the selection criteria?"), announced("The selection"))
    there = decided(understand("What are the modules?"), modules, *listed)

    assert missing.outcome is Outcome.NOT_STATED
    assert there.outcome is Outcome.ANSWERED


def test_words_shared_by_chance_are_no_answer() -> None:
    far = evidence("Part-time")._replace(similarity=0.1)

    assert decided(understand("Is part-time study possible?"), far).outcome is Outcome.NOT_FOUND


def test_a_value_is_given_where_only_plain_words_are_missing() -> None:
    question = understand("What are the living costs for a tenant?")
    tenant = next(term for term in question.terms if term.text == "tenant")

    assert decided(question, evidence("Living", 0.55, uncovered=(tenant,))).outcome is Outcome.ANSWERED
    assert decided(question, evidence("Living", 0.45, uncovered=(tenant,))).outcome is not Outcome.ANSWERED
