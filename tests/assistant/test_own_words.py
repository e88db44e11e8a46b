"""Questions in the asker's words, on pages laid out as universities in the United States do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opened import assistant_on

from assistant.assistant import Assistant
from assistant.conversation import turn_of
from assistant.reply import ANSWERING, Outcome
from ingest.embedding import Embedder

PAGES = {
    "costs": """---
title: Costs | Applied/Experimental Psychology | Harrow College at Riverside
---
# Programme costs

| | Oregon Resident | Non-Oregon Resident |
|---|---|---|
| Tuition | $1,530 | $2,810 |

| Mandatory fees: | Part-Time Student | Full-Time Student |
|---|---|---|
| Equipment Fee | $12 per credit | $95 per semester |
| Technology Fee | $9 per credit | $9 per credit |

## Matriculation Fee

A matriculation fee of $80 is paid once by degree-seeking students. Certificate students will not be \
charged a matriculation fee. The diploma fee is charged with the last invoice.
""",
    "dates": """---
title: Important Dates | Winter Term at Harrow College
---
# Important dates

| Date | What happens |
|---|---|
| October 20 | Winter term registration begins |
| November 26 | Campus closed for the harvest holiday |
| December 3 | Last day to apply for winter term scholarships |
| December 18 | Last day to apply for winter term admission |
| December 27 | Campus closed for the turn of the year |

Parking permits for the winter term are available after December 1.
""",
    "trips": """---
title: Study Trips | Winter Term at Harrow College
---
# A trip to Lisbon

Join the Department of History on its tour of Portugal. The trip counts as a three-credit course.
""",
    "courses": """---
title: Course Descriptions | Health Records Technology at Harrow College
---
# Course descriptions

## HRT 710: Databases for Clinics

The course builds databases with real records. Students need 18 credits of the programme to register.

## HRT 760: Capstone

Students work on a project of their own.
""",
    "aid": """---
title: Financial aid | Archive Studies at Harrow College
---
# Financial aid

Students may apply for one of the Graduate Assistantships, which ask for 15 hours of work per week.

Applications for Archive Studies are accepted for the fall semester only.
""",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Assistant]:
    with assistant_on(PAGES, tmp_path_factory.mktemp("own-words"), minilm) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("What is the tuition for A/E psych if I'm from out of state?", "$2,810"),
        ("What is the tuition for applied psychology for an Oregon resident?", "$1,530"),
        ("What does applied psychology cost if I don't live in Oregon?", "$2,810"),
        ("How much is the equipment fee in applied psychology, part-time compared with full-time?", "$95"),
        (
            "Am I charged a matriculation fee as a certificate student in applied psychology?",
            "not be charged",
        ),
        ("winter term sign up opens when??", "October 20"),
        ("Until what day can I put in my application for the winter term?", "December 18"),
        ("On which days is the campus shut during the winter term?", "December 27"),
        ("From when can I get a permit to park my car on campus in the winter term?", "December 1"),
        ("how many hrs a week does a graduate assistant in archive studies work", "15 hours"),
        ("Does Archive Studies accept spring applications?", "fall semester only"),
    ],
)
def test_what_is_asked_in_other_words_is_found(assistant: Assistant, question: str, quoted: str) -> None:
    reply = assistant.reply(question)

    assert reply.outcome in ANSWERING, reply.text
    assert quoted in " ".join(each.quote for each in reply.citations)


@pytest.mark.parametrize(
    ("question", "never"),
    [
        ("What is the tuition for applied psychology?", "$9"),
        ("How much is the diploma fee in applied psychology?", "$80"),
        ("How many credits altogether does the Health Records Technology programme have?", "answered"),
        ("What's the most credits one may take in the winter term?", "answered"),
        ("Until what day can I put in my application for the winter term?", "December 3"),
    ],
)
def test_a_figure_of_another_thing_is_not_told(assistant: Assistant, question: str, never: str) -> None:
    reply = assistant.reply(question)

    assert never not in f"{reply.outcome}: {' '.join(each.quote for each in reply.citations)}"


def test_both_sides_of_the_border_are_told_who_asks_without_one(assistant: Assistant) -> None:
    reply = assistant.reply("What is the tuition for applied psychology?")

    assert reply.outcome is Outcome.CLARIFY
    assert "$1,530" in reply.text
    assert "$2,810" in reply.text


def test_where_one_lives_may_be_said_afterwards(assistant: Assistant) -> None:
    first = "What is the tuition for applied psychology for an Oregon resident?"
    reply = assistant.reply(
        "and if I don't live in Oregon?", history=(turn_of(first, assistant.reply(first)),)
    )

    assert reply.outcome is Outcome.ANSWERED
    assert "$2,810" in reply.text
    assert "$1,530" not in reply.text


def test_one_term_of_study_takes_the_place_of_another(assistant: Assistant) -> None:
    first = "When does registration for the winter term begin?"
    reply = assistant.reply("And for the summer term?", history=(turn_of(first, assistant.reply(first)),))

    assert reply.question.startswith("When does registration for the summer term begin")
    assert reply.outcome not in ANSWERING


def test_a_clause_is_added_to_the_question_before(assistant: Assistant) -> None:
    first = "What is the tuition for applied psychology?"
    reply = assistant.reply(
        "And if I am an Oregon resident?", history=(turn_of(first, assistant.reply(first)),)
    )

    assert "$1,530" in reply.text
    assert "$2,810" not in reply.text


SCORES = """# Harbour Studies, MSc

## English tests

TOEFL

- Minimum required score:

The TOEFL measures how well you understand English at a university.

C1 Advanced

- Minimum required score (Grade B):

C1 Advanced is a test of Cambridge.

Some topics are taught in Seatown and others in Lakeside.

## Programme facts

Program start: Winter semester

Credit points: 120
"""


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Assistant]:
    with assistant_on((SCORES,), tmp_path_factory.mktemp("scores"), minilm) as opened:
        yield opened


def test_the_grade_of_one_test_is_not_told_who_names_none(scores: Assistant) -> None:
    assert scores.reply("What is the minimum required score?").outcome is Outcome.NOT_STATED
    assert "Grade B" in scores.reply("What is the minimum score in C1 Advanced?").text


def test_where_something_is_taught_does_not_say_in_which_language(scores: Assistant) -> None:
    assert scores.reply("Is the programme taught in English?").outcome not in ANSWERING


def test_when_a_programme_starts_answers_whether_it_does_in_spring(scores: Assistant) -> None:
    assert "Winter semester" in scores.reply("Can I begin in the spring?").text
