"""Which pages a question names."""

from __future__ import annotations

import pytest

from assistant.subject import Subject, SubjectFinder
from ingest.documents import Block, BlockKind, Document

TITLES = {
    "cs-bsc": "Computer Science, B.Sc.",
    "cs-msc": "Computer Science (Informatik), M.Sc.",
    "data": "Data Science, M.Sc.",
    "energy": "Energy Management, MBA",
    "urban": "Urban Management, M.Sc.",
    "factors": "Human Factors, M.Sc.",
    "gruen": "Weltengruen orientation year",
    "fees": "Tuition & Fees | Biotechnology at Northfield",
    "dates": "Application dates | Biotechnology at Northfield",
    "brewing": "Brewing Science, B.Eng.",
}


@pytest.fixture(scope="module")
def finder() -> SubjectFinder:
    return SubjectFinder({key: Document(key, title, "", "", "en", "Text.") for key, title in TITLES.items()})


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("How long is Data Science?", {"data"}),
        ("how long is data science", {"data"}),
        ("What is the fee of the Computer Science bachelor?", {"cs-bsc"}),
        ("What is the fee of the M.Sc. Computer Science?", {"cs-msc"}),
        ("deadline for the cs master", {"cs-msc"}),
        ("Is Computer Science taught in English?", {"cs-bsc", "cs-msc"}),
        ("deadline for MSc Informatik", {"cs-msc"}),
        ("urban mgmt TOEFL", {"urban"}),
        ("How many places has the Energy Management MBA?", {"energy"}),
        ("What does Weltengrün cost?", {"gruen"}),
        ("biotech tuition for residents", {"fees", "dates"}),
        ("How many credits in engineering does Human Factors want?", {"factors"}),
    ],
)
def test_a_question_names_pages_in_part_in_short_and_in_any_case(
    finder: SubjectFinder, question: str, documents: set[str]
) -> None:
    assert finder.find(question).documents == documents


@pytest.mark.parametrize(
    "question",
    [
        "How much is the tuition?",  # what pages of any subject have is no name
        "When is the application date?",
        "Who teaches management?",
        "How many credits is Brewing and Beverage Technology?",  # another programme that begins alike
        "Where is the library?",
    ],
)
def test_a_word_that_pages_share_or_another_name_names_none(finder: SubjectFinder, question: str) -> None:
    assert finder.find(question) == Subject()


def test_a_level_that_no_page_is_about_is_missing(finder: SubjectFinder) -> None:
    assert finder.find("How long is the PhD in Data Science?").is_missing


def test_the_askers_own_degree_is_no_level_of_the_subject(finder: SubjectFinder) -> None:
    found = finder.find("I have a bachelor from Porto, may I apply for Data Science?")
    assert found.documents == {"data"}


def test_the_words_that_name_the_page_are_told(finder: SubjectFinder) -> None:
    assert finder.find("How long is the Data Science M.Sc.?").said == {"data", "science", "m", "sc"}


def test_pages_about_degrees_or_under_the_same_headings_are_siblings() -> None:
    def page(key: str, title: str, *headings: str) -> Document:
        text = "\n".join(headings) + "\n"
        starts = [text.index(f"{heading}\n") for heading in headings]
        blocks = tuple(
            Block(BlockKind.HEADING, start, start + len(heading), level=2)
            for start, heading in zip(starts, headings, strict=True)
        )
        return Document(key, title, "", "", "en", text, blocks=blocks)

    pages = [
        page("glass", "Glass, M.Sc.", "About"),
        page("stone", "Stone, B.Sc.", "Fees"),
        page("wood", "Wood", "Dates", "Letters"),
        page("clay", "Clay", "Dates", "Letters"),
        page("visits", "Visits to the workshop", "Dates"),
    ]
    finder = SubjectFinder({each.id: each for each in pages})

    assert finder.are_siblings("glass", "stone")
    assert finder.are_siblings("wood", "clay")
    assert not finder.are_siblings("wood", "visits")
    assert not finder.are_siblings("glass", "visits")
    assert not finder.are_siblings("glass", "glass")
