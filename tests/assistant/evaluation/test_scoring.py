from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from assistant.evaluation.fixtures import Expectation, Fixture
from assistant.evaluation.scoring import Result, judge
from assistant.reply import Outcome, Reply, Support
from ingest.documents import Document

FEE = "The fee is 18,690 EUR per year."
LENGTH = "The programme takes 24 months."


def a_fixture(
    expect: Expectation = Expectation.ANSWER,
    must: tuple[str, ...] = (),
    never: tuple[str, ...] = (),
    cite: tuple[str, ...] = (),
    turns: tuple[str, ...] = ("Fee?",),
) -> Fixture:
    def compiled(texts: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(text) for text in texts)

    return Fixture("q1", turns, expect, compiled(must), compiled(never), compiled(cite), ("fee",))


@pytest.fixture
def judged(documents: Mapping[str, Document]) -> Callable[..., Result]:
    return lambda fixture, *replies: judge(fixture, replies, documents, milliseconds=12.5)


@pytest.mark.parametrize(
    ("expect", "accepted"),
    [
        (Expectation.ANSWER, {Outcome.ANSWERED, Outcome.CLARIFY}),
        (Expectation.ABSTAIN, {Outcome.NOT_STATED, Outcome.NOT_FOUND, Outcome.OUT_OF_SCOPE}),
        (Expectation.OPEN, set(Outcome)),
    ],
)
def test_an_expectation_accepts_its_outcomes_and_no_other(
    expect: Expectation, accepted: set[Outcome], judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    passing = {
        outcome
        for outcome in Outcome
        if judged(a_fixture(expect), a_reply(("Hi.", ()), outcome=outcome)).passes
    }

    assert passing == accepted


def test_each_pattern_that_is_missed_is_a_reason(
    judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    fixture = a_fixture(must=("EUR", "month"), never=("18.690", "USD"), cite=("fee is", "takes"))

    assert judged(fixture, a_reply((FEE, [FEE]))).reasons == (
        "the text lacks what must matches: month",
        "the text says “18,690”, which never matches: 18.690",
        "no quote holds what cite matches: takes",
    )


def test_must_and_never_look_at_the_text_and_cite_at_the_quotes(
    judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    reply = a_reply(("It is stated.", [FEE]))

    assert judged(a_fixture(never=("18,690",), cite=("18,690",)), reply).passes
    assert not judged(a_fixture(must=("18,690",)), reply).passes


def test_the_reply_to_the_last_turn_is_judged_and_the_quotes_of_all_are_checked(
    judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    invented = a_reply(("The fee is 70 EUR.", ["The fee is 70 EUR."]))
    result = judged(
        a_fixture(must=("24",), turns=("Fee?", "How long?")), invented, a_reply((LENGTH, [LENGTH]))
    )

    assert result.passes
    assert (result.exact_quotes, result.quotes) == (1, 2)
    assert result.defects == ("1 of 2 quotes do not stand in their document",)
    assert [cited.quote for cited in result.citations] == [LENGTH]


def test_gold_is_what_some_cite_matches_and_without_cite_nothing_is_judged(
    judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    reply = a_reply((FEE, [FEE, LENGTH]))
    with_gold = judged(a_fixture(cite=("18.690", "rooms")), reply)

    assert [cited.is_gold for cited in with_gold.citations] == [True, False]
    assert with_gold.gold_found == (True, False)
    assert [cited.is_gold for cited in judged(a_fixture(), reply).citations] == [None, None]


def test_a_number_has_to_stand_in_a_quote_of_its_own_sentence(
    judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    swapped = judged(a_fixture(), a_reply((FEE, [LENGTH]), (LENGTH, [FEE])))

    assert judged(a_fixture(), a_reply(("It is 18.690 EUR.", [FEE]))).unsupported_numbers == ()
    assert swapped.unsupported_numbers == ("18690", "24")
    assert swapped.defects == ("neither a quote nor a shown calculation holds 18690, 24",)


def test_a_calculation_counts_only_in_a_sentence_that_is_marked_as_computed(
    judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    shown = "24 months = 2 years × 18,690 EUR = 37,380 EUR."
    quotes = [FEE, LENGTH]

    assert judged(a_fixture(), a_reply((shown, quotes, Support.COMPUTED))).unsupported_numbers == ()
    assert judged(a_fixture(), a_reply((shown, quotes))).unsupported_numbers == ("2", "37380")


def test_a_reply_without_numbers_has_none_to_judge(
    judged: Callable[..., Result], a_reply: Callable[..., Reply]
) -> None:
    assert not judged(a_fixture(), a_reply(("It is stated.", [FEE]))).has_numbers
    assert judged(a_fixture(), a_reply((FEE, [FEE]))).has_numbers
