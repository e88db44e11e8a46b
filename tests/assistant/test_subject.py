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


MORE_TITLES = {
    **TITLES,
    "costs": "Costs | Social/Experimental Psychology | Northfield",
    "trips": "Study Trips | Winter Session at Northfield",
    "calendar": "Important Dates | Winter Session at Northfield",
    "rescue": "Rescue Planning, M.Sc.",
    "global": "Global Rescue Planning, M.Sc.",
    "design": "Sound Design, Acoustics and Hearing, M.Sc.",
    "maths": "Mechanical Engineering and Mathematics, M.Ed.",
}


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        # What a page is called beside its subject does not part it from another page about that.
        ("When does the winter session begin?", {"trips", "calendar"}),
        ("price per credit for s/e psych", {"costs"}),
        ("How do Rescue Planning M.Sc. and Global Rescue Planning M.Sc. differ?", {"rescue", "global"}),
        ("Is the CS bachelor in English like the CS master is?", {"cs-bsc"}),
        ("Is a placement part of SDAH?", {"design"}),
        ("Rescue Planing M.Sc. - how long?", {"rescue"}),
        ("How much mathematics and mechanics does Rescue Planning want?", {"rescue"}),
    ],
)
def test_names_told_apart_among_many(question: str, documents: set[str]) -> None:
    pages = {key: Document(key, title, "", "", "en", "Text.") for key, title in MORE_TITLES.items()}

    assert SubjectFinder(pages).find(question).documents == documents


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


SIBLINGS = {
    "glass-bsc": ("Glass Science, BSc", "Vellmar University"),
    "glass-msc": ("Glass Science, MSc", "Vellmar University"),
    "glass-msc-part": ("Glass Science, MSc (part-time)", "Vellmar University"),
    "glass-society-msc": ("Glass Science and Society, MSc", "Vellmar University"),
    "applied-glass-msc": ("Applied Glass Science, MSc", "Vellmar University"),
    "glass-policy-msc": ("Glass Science and Policy, MSc", "Vellmar University"),
    "glass-policy-msc-orten": ("MSc Glass Science and Policy | University of Orten", "University of Orten"),
    "mining-bsc": ("Mining, BSc", "Vellmar University"),
    "computer-msc": ("Computer Optics, MSc", "University of Orten"),
    "computational-msc": ("Computational Optics, MSc", "University of Orten"),
    "clay-society-phd": ("Master of Science in International Clay Studies", "University of Orten"),
    "mining-teaching-bsc": ("Mining (teacher training), BSc", "Vellmar University"),
    "clay-languages-ba": ("Clay Studies with Languages, BA", "Vellmar University"),
}


@pytest.fixture(scope="module")
def siblings() -> SubjectFinder:
    return SubjectFinder(
        {
            key: Document(key, title, "", publisher, "en", "Text.")
            for key, (title, publisher) in SIBLINGS.items()
        }
    )


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("How long is the MSc Glass Science?", {"glass-msc"}),
        ("How long is the part-time MSc in Glass Science?", {"glass-msc-part"}),
        ("How long is the Glass Science part-time master's programme?", {"glass-msc-part"}),
        ("fee of the MSc Glass Science and Society", {"glass-society-msc"}),
        ("fee of the master's degree in Society and Glass Science", {"glass-society-msc"}),
        ("What does Applied Glass Science cost?", {"applied-glass-msc"}),
        ("deadline for the MSc Applied Glass Sceince?", {"applied-glass-msc"}),
        ("credits of the MSc AGS", {"applied-glass-msc"}),
        ("Credits of Glass Science and Policy at Orten?", {"glass-policy-msc-orten"}),
        ("Credits of Glass Science and Policy at Vellmar University?", {"glass-policy-msc"}),
        (
            "Which language is Glass Science and Policy taught in?",
            {"glass-policy-msc", "glass-policy-msc-orten"},
        ),
        ("Is the Mining BSc free?", {"mining-bsc"}),
        ("Is the mining teacher training bachelor free?", {"mining-teaching-bsc"}),
        ("fee of Computer Optics", {"computer-msc"}),
        ("fee of Computational Optics", {"computational-msc"}),
        ("fee of the intl clay studies master", {"clay-society-phd"}),
        ("Which language is Clay Studies with Languages taught in?", {"clay-languages-ba"}),
        ("Which language certificate do I need for the Mining BSc?", {"mining-bsc"}),
    ],
)
def test_a_page_is_told_from_its_siblings(
    siblings: SubjectFinder, question: str, documents: set[str]
) -> None:
    assert siblings.find(question).documents == documents


@pytest.mark.parametrize(
    "question",
    [
        "How long is the PhD in Glass Science?",  # another level
        "How long is the MSc Computational Glass Science?",  # a name that goes on
        "How long is the MSc Glass Science and Optics?",
        "How long is the MSc Medieval Glass Science?",
        "How long is the medieval glass science master?",
        "How long is Applied Glass Science at the University of Orten?",  # another university
    ],
)
def test_a_programme_that_only_resembles_others_is_missing(siblings: SubjectFinder, question: str) -> None:
    assert siblings.find(question) == Subject(is_missing=True)


def test_a_name_without_a_level_means_all_levels_and_no_longer_name(siblings: SubjectFinder) -> None:
    found = siblings.find("How long is Glass Science?").documents

    assert found == {"glass-bsc", "glass-msc"}
    assert siblings.programmes(found) == [["glass-bsc"], ["glass-msc"]]


def test_pages_without_a_level_stand_with_the_programme_they_are_about(finder: SubjectFinder) -> None:
    assert finder.programmes({"fees", "dates"}) == [["fees", "dates"]]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("And for the BSc?", "Glass Science, BSc"),
        ("What about the bachelor's programme?", "Glass Science, BSc"),
        ("and the part-time one?", "Glass Science, MSc (part-time)"),
        ("And for the PhD?", ""),
        ("Do I have to hand in a bachelor's degree with my letter?", ""),
    ],
)
def test_a_level_alone_means_the_page_like_the_one_before(
    siblings: SubjectFinder, text: str, title: str
) -> None:
    assert siblings.at_level("Glass Science, MSc", text) == title


def test_the_words_of_a_name_are_taken_out_of_a_question(siblings: SubjectFinder) -> None:
    asked = "Do international students pay for International Clay Studies (MSc)?"
    assert siblings.without_names(asked) == "Do international students pay for the programme)?"


def test_a_mode_is_no_part_of_a_name_where_no_page_has_it(finder: SubjectFinder) -> None:
    assert finder.find("Can I take Data Science part-time?").said == {"data", "science"}
