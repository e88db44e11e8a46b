from __future__ import annotations

import pytest

from assistant.evaluation.calculations import covered_by_calculations


def covered(text: str, cited: str = "", question: str = "") -> set[str]:
    return set(covered_by_calculations(text, cited=frozenset(cited.split()), question=question))


@pytest.mark.parametrize(
    ("text", "cited", "results"),
    [
        ("24 months = 2 years × 18,690 EUR = 37,380 EUR", "24 18690", {"2", "37380"}),
        ("For both years: 2 × 18.690 EUR = 37.380 EUR.", "2 18690", {"37380"}),
        ("37,380 EUR = 2 x 18,690 EUR", "2 18690", {"37380"}),
        ("18,690 EUR − 2,060 EUR = 16,630 EUR", "18690 2060", {"16630"}),
        ("18,690 EUR - 2,060 EUR = 16,630 EUR", "18690 2060", {"16630"}),
        ("18,690 EUR minus 2,060 EUR = 16,630 EUR", "18690 2060", {"16630"}),
        ("200,000 + 10,000 = 210,000 procedures", "200000 10000", {"210000"}),
        ("24 × 900 – 1,450 EUR = 21,600 – 34,800 EUR", "24 900 1450", {"21600", "34800"}),
        ("12 months × 900–1,450 EUR = 10,800–17,400 EUR", "900 1450", {"10800", "17400"}),
        ("2,060 EUR + 12 × 900 to 1,450 EUR = 12,860 to 19,460 EUR", "2060 900 1450", {"12860", "19460"}),
        ("10,000 EUR ÷ 3 = 3,333.33 EUR", "10000 3", {"3333.33"}),
        ("2 × 2,060 EUR = 4,120 EUR; 2 × 4,120 EUR = 8,240 EUR", "2 2060", {"4120", "8240"}),
        ("two years × 2,060 EUR = 4,120 EUR", "2 2060", {"4120"}),
        ("1 year = 2 semesters × €1,500 = €3,000", "1500", {"2", "3000"}),
        ("24 months = 4 semesters × 1,500 EUR = 6,000 EUR", "24 1500", {"4", "6000"}),
    ],
)
def test_the_result_of_a_shown_calculation_with_cited_operands_is_covered(
    text: str, cited: str, results: set[str]
) -> None:
    assert results <= covered(text, cited)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("6 weeks × 110 GBP = 660 GBP", "What do 6 weeks cost?"),
        ("6 weeks × 110 GBP = 660 GBP", "What does a 6-week elective cost?"),
        ("6 weeks × 110 GBP = 660 GBP", "six weeks, how much"),
        ("6 × 110 GBP = 660 GBP", "What do 6 weeks cost?"),
        ("24 months × 27.50 GBP = 660 GBP", "What do two years cost?"),
        ("24 months × 27.50 GBP = 660 GBP", "What do both years cost?"),
    ],
)
def test_an_operand_may_be_what_the_question_names_if_another_is_cited(text: str, question: str) -> None:
    assert "660" in covered(text, cited="110 27.5", question=question)
    assert covered(text, question=f"{question} 110 27.5") == set()


@pytest.mark.parametrize(
    "question", ["What do two months cost?", "What do 24 weeks cost?", "What does a room cost?"]
)
def test_an_operand_that_the_question_names_otherwise_is_not_covered(question: str) -> None:
    assert covered("24 months × 110 GBP = 2,640 GBP", cited="110", question=question) == set()


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("2 × 18,690 EUR = 37,390 EUR", "2 18690"),
        ("2 years × 18,690 EUR: 37,380 EUR", "2 18690"),
        ("In total 37,380 EUR", "2 18690"),
        ("3 × 18,690 EUR = 56,070 EUR", "18690"),
        ("37,380 EUR = 37,380 EUR", "18690"),
        ("2 × 18,690 EUR ÷ 0 = 37,380 EUR", "0 2 18690"),
        ("900 – 1,450 EUR = 550 EUR to 600 EUR", "900 1450"),
        ("24 × 900 – 1,450 EUR = 21,600 EUR", "24 900 1450"),
    ],
)
def test_a_number_is_not_covered_by_what_is_wrong_or_hidden_or_without_source(text: str, cited: str) -> None:
    assert covered(text, cited) <= set(cited.split())


def test_a_span_of_time_may_be_told_in_another_unit_only_if_it_is_the_same() -> None:
    assert "2" in covered("24 months = 2 years", cited="24")
    assert covered("24 months = 3 years", cited="24") == set()
    assert covered("24 months = 2 weeks", cited="24") == set()
    assert covered("24 = 2 years", cited="24") == set()


def test_a_number_behind_the_result_does_not_belong_to_it() -> None:
    assert "2027" not in covered("2 × 2,060 EUR = 4,120 EUR in 2027", cited="2 2060")
    assert "4120" in covered("2 × 2,060 EUR = 4,120 EUR in 2027", cited="2 2060")
