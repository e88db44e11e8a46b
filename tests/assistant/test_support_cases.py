"""What the support check is tried on: where its quotes stand, and the lies that a program makes of it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from mutations import STILL_HONEST, changes_of, lies_from
from support_cases import FOLDER, HONEST, Case, Cited, Half, Kind, close, lies, paraphrases, units_cited

FEES = Case(
    "fees-p1",
    Kind.PARAPHRASE,
    "What is the fee?",
    "Home students pay £12,750 per year and overseas students £26,400.",
    (Cited("", "", "Home £12,750 per year, overseas £26,400", None),),
    is_honest=True,
)


def changed(sentence: str, quote: str = "") -> dict[Kind, str]:
    case = replace(FEES, sentence=sentence, evidence=(Cited("", "", quote or sentence, None),))
    dice = random.Random(8)  # noqa: S311 - no secret
    return {lie.kind: lie.sentence for lie in changes_of(case, dice)}


@pytest.mark.parametrize("half", list(Half))
def test_every_quote_is_one_unit_of_its_page(half: Half) -> None:
    for case in [*paraphrases(half), *close(half), *lies(half)]:
        for cited, (unit, document) in zip(case.evidence, units_cited(case), strict=True):
            assert document.text[unit.start : unit.end] == cited.quote


def test_a_quote_that_is_not_on_the_page_is_an_error() -> None:
    [case, *_] = paraphrases(Half.DEV)
    other = replace(case, evidence=(replace(case.evidence[0], quote="Fees are low."),))

    with pytest.raises(ValueError, match=r"0 units of .* are 'Fees are low\.'"):
        units_cited(other)


def test_the_halves_rest_on_different_pages_and_share_no_sentence() -> None:
    dev, test = ([*paraphrases(half), *close(half), *lies(half)] for half in Half)
    pages = [{cited.document for case in cases for cited in case.evidence} for cases in (dev, test)]
    sentences = [{case.sentence for case in cases} for cases in (dev, test)]

    assert pages[0].isdisjoint(pages[1])
    assert sentences[0].isdisjoint(sentences[1])


@pytest.mark.parametrize("half", list(Half))
def test_there_are_enough_of_each(half: Half) -> None:
    honest, near, by_hand = paraphrases(half), close(half), lies(half)

    assert len(honest) >= 240
    assert len(near) >= 120
    assert len(by_hand) >= 350
    assert len(lies_from(honest)) >= 250
    assert all(case.is_honest and case.kind is Kind.PARAPHRASE for case in honest)
    assert all(case.is_honest and case.kind is Kind.CLOSE for case in near)
    assert not any(case.is_honest for case in by_hand)
    assert min(Counter(case.kind for case in by_hand).values()) >= 7
    assert {case.kind for case in by_hand} == set(Kind) - HONEST
    assert max(Counter(case.id for case in [*honest, *near, *by_hand]).values()) == 1


@pytest.mark.parametrize("half", list(Half))
def test_the_same_lies_are_made_each_time_and_none_is_the_sentence_it_was_made_of(half: Half) -> None:
    honest = paraphrases(half)
    made = lies_from(honest)
    said = {(case.sentence, case.evidence) for case in honest}

    assert made == lies_from(honest)
    assert not any((lie.sentence, lie.evidence) in said for lie in made)
    assert not any(lie.is_honest or lie.id in STILL_HONEST for lie in made)


def test_every_kind_of_lie_is_explained() -> None:
    text = Path(FOLDER, "README.md").read_text(encoding="utf-8")

    assert all(f"`{kind}`" in text for kind in Kind)


def test_two_values_are_exchanged() -> None:
    assert changed(FEES.sentence)[Kind.CROSSED] == (
        "Home students pay £26,400 per year and overseas students £12,750."
    )


def test_a_range_the_other_way_round_is_no_lie() -> None:
    assert Kind.CROSSED not in changed("A month costs between €720 and €950.")


def test_a_number_becomes_one_that_no_quote_holds() -> None:
    assert (
        changed("It takes 12 weeks.", "12 weeks, or 22 or 32 for some")[Kind.NUMBER] == "It takes 42 weeks."
    )


@pytest.mark.parametrize(
    ("sentence", "kind", "lie"),
    [
        ("You can't pay in cash.", Kind.NEGATION, "You can pay in cash."),
        ("A deposit is asked for.", Kind.NEGATION, "A deposit is not asked for."),
        ("There is no deposit.", Kind.NEGATION, "There is a deposit."),
        ("Attendance is voluntary.", Kind.MODALITY, "Attendance is compulsory."),
        ("It lasts at least 10 weeks.", Kind.CONDITION, "It lasts at most 10 weeks."),
        (
            "Subletting is not allowed, except during an exchange semester.",
            Kind.CONDITION,
            "Subletting is not allowed.",
        ),
        ("It costs 140 EUR.", Kind.CURRENCY, "It costs 140 USD."),
        ("It costs 90 EUR per week.", Kind.UNIT, "It costs 90 EUR per month."),
        ("Exchange students pay nothing.", Kind.AUDIENCE, "Visiting students pay nothing."),
        ("You are from a non-EU country.", Kind.AUDIENCE, "You are from an EU country."),
    ],
)
def test_one_small_change_makes_the_lie(sentence: str, kind: Kind, lie: str) -> None:
    assert changed(sentence)[kind] == lie


def test_a_sentence_on_a_blank_field_gets_no_not() -> None:
    assert Kind.NEGATION not in changed("The amount is left open.", "Late payment charge:")
