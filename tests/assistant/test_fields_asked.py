"""A question for nothing but a field of a page is answered by that field, whatever else the page says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opened import assistant_on

from assistant.assistant import Assistant
from assistant.focus import focus
from assistant.lexicon import lexicon
from assistant.reply import Outcome
from assistant.spelling import Speller
from assistant.terms import TermRole, terms_of
from ingest.embedding import Embedder

# Sentences that repeat the words of a question and speak of something else than its field.
PAGES = tuple(
    f"""# {name} (Werkstoffe im Wandel), {degree}

## At a glance

- Degree: {title}
- Standard period of study: {semesters} semesters
- Credit points: {credits}
- Program start: Winter semester
- Admission: {admission} admission
- Language of instruction: {language}

## More

Before you begin {name}, an internship in {name} of at least 14 weeks must have been completed.
{name} students take design courses worth 24 credit points in {name} with the partner university.
Choosing the right degree: Student Advice
Some lectures in {name} are in English, and a knowledge of English is useful for the degree.
"""
    for name, degree, title, semesters, credits, admission, language in (
        ("Glass Science", "B.Eng.", "Bachelor of Engineering", 7, 210, "Restricted", "German"),
        ("Tidal Robotics", "M.Sc.", "Master of Science", 4, 120, "Open", "English"),
    )
)


FIELDS = ("Degree:", "Standard period", "Credit points:", "Program start:", "Admission:", "Language of")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Assistant]:
    with assistant_on(PAGES, tmp_path_factory.mktemp("fields"), minilm) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How long is Glass Science?", "Standard period of study: 7 semesters"),
        ("Glass Science, B.Eng.: how many credits in total?", "Credit points: 210"),
        ("How many credits does Tidal Robotics have?", "Credit points: 120"),
        ("Which degree does Tidal Robotics lead to?", "Degree: Master of Science"),
        (
            "What degree do I get in Glass Science (Werkstoffe im Wandel), B.Eng.?",
            "Degree: Bachelor of Engineering",
        ),
        ("is Glass Science, B.Eng. in english", "Language of instruction: German"),
        ("What language are the lectures of Tidal Robotics in?", "Language of instruction: English"),
        ("Is there a numerus clausus for Glass Science?", "Admission: Restricted admission"),
        ("Can I begin Tidal Robotics, M.Sc. in the summer semester?", "Program start: Winter semester"),
    ],
)  # fmt: skip
def test_a_field_is_answered_by_its_line(assistant: Assistant, question: str, quote: str) -> None:
    reply = assistant.reply(question)

    assert reply.outcome is Outcome.ANSWERED
    assert reply.citations[0].quote == quote


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("How many terms is Glass Science?", "Standard period of study: 7 semesters"),
        ("They ask how many terms Tidal Robotics goes on for.", "Standard period of study: 4 semesters"),
        ("Tidal Robotics, M.Sc. - the ECTS sum at the very end?", "Credit points: 120"),
        ("Are freshers taken into Tidal Robotics every semester?", "Program start: Winter semester"),
        ("I speak no German whatsoever. Is Glass Science taught in it?", "Language of instruction: German"),
        ("Does everyone get a place in Tidal Robotics, or is there a cap?", "Admission: Open admission"),
        ("final qualification Tidal Robotics", "Degree: Master of Science"),
    ],
)  # fmt: skip
def test_a_field_is_found_whatever_words_ask_for_it(assistant: Assistant, question: str, quote: str) -> None:
    reply = assistant.reply(question)

    assert reply.outcome is Outcome.ANSWERED
    assert reply.citations[0].quote == quote


@pytest.mark.parametrize(
    "question",
    [
        "How long does the stay abroad in Tidal Robotics take?",
        "How many credits is the thesis of Tidal Robotics worth?",
        "When does the internship of Tidal Robotics begin?",
        "Which language certificate do I need for Tidal Robotics?",
        "How many credits in maths must my bachelor have for Tidal Robotics?",
        "How many years of experience does Tidal Robotics ask for?",
        "How many hours of work is one credit point in Tidal Robotics?",
    ],
)
def test_a_field_is_no_answer_to_what_only_sounds_like_it(assistant: Assistant, question: str) -> None:
    quotes = [citation.quote for citation in assistant.reply(question).citations]

    assert not any(quote.startswith(FIELDS) for quote in quotes)


def test_what_is_asked_of_a_part_is_not_answered_by_the_field_of_the_whole(assistant: Assistant) -> None:
    reply = assistant.reply("How long is the internship before Glass Science?")

    assert "14 weeks" in reply.citations[0].quote


def test_a_label_that_says_more_than_the_field_is_another() -> None:
    phrases = ("choosing", "the", "right", "degre")
    assert lexicon().strange_to(phrases) == ["choosing", "the"]  # "right" is generic


def test_the_season_in_which_somebody_may_start_is_not_what_is_asked() -> None:
    def roles(text: str) -> dict[str, TermRole]:
        return {term.text: term.role for term in terms_of(text, is_name=lambda _: False)}

    assert roles("Can I begin Optics, M.Sc. in the summer semester?")["summer"] is TermRole.GENERIC
    assert roles("How long is the summer school?")["summer"] is TermRole.WORD


@pytest.mark.parametrize(
    "text", ["Is Optics, M.Ed. in english", "is Optics, B.Eng. open to me", "the Ph.D. in law?"]
)
def test_the_stop_of_a_degree_ends_no_sentence(text: str) -> None:
    assert focus(text) == text


def test_a_short_form_between_two_names_is_part_of_them() -> None:
    speller = Speller(lambda: ["Technik Wandel from"], ())

    assert speller.mend("Technik im Wandel") == "Technik im Wandel"
    assert speller.mend("im from Italy") == "I am from Italy"
