"""Replies where several programmes fit a question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from opened import assistant_on

from assistant.assistant import Assistant
from assistant.conversation import Turn, turn_of
from assistant.reply import Outcome, Reply
from assistant.wording import wording
from ingest.embedding import Embedder

# Title, months, places; the credits are the same everywhere.
PAGES = (
    ("Glass Science, BSc", 36, 80),
    ("Glass Science, MSc", 24, 18),
    ("Clay Studies and Society, MA", 21, 11),
    ("Clay Studies and Policy, MA", 22, 12),
    ("Clay Studies and Ethics, MA", 23, 13),
    ("Clay Studies and Innovation, MA", 25, 14),
    ("Clay Studies and Business, MA", 26, 15),
    ("Clay Studies and Health, MA", 27, 16),
)


@pytest.fixture(scope="module")
def assistant(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    pages = [
        f"# {title}\n\n## Facts\n\n- Duration: {months} months\n- Credits: 120 ECTS\n"
        f"- Number of places: {places}\n- Application fee:\n"
        for title, months, places in PAGES
    ]
    with assistant_on(pages, tmp_path_factory.mktemp("programmes"), minilm) as opened:
        yield opened


def _asked(assistant: Assistant, *turns: str) -> Reply:
    history: list[Turn] = []
    for turn in turns:
        reply = assistant.reply(turn, history=history)
        history.append(turn_of(turn, reply))
    return reply


def test_each_programme_that_fits_is_answered_for_by_its_name(assistant: Assistant) -> None:
    reply = _asked(assistant, "How long is Glass Science?")

    assert reply.outcome is Outcome.CLARIFY
    assert [sentence.text for sentence in reply.sentences] == [
        wording()["framing"]["depends_on_page"],
        "Glass Science, BSc: Duration: 36 months.",
        "Glass Science, MSc: Duration: 24 months.",
    ]
    assert [citation.quote for citation in reply.citations] == [
        "Duration: 36 months",
        "Glass Science, BSc",
        "Duration: 24 months",
        "Glass Science, MSc",
    ]


def test_programmes_that_say_the_same_are_one_answer(assistant: Assistant) -> None:
    reply = _asked(assistant, "How many credits does Glass Science have?")

    assert reply.outcome is Outcome.ANSWERED
    assert "120 ECTS" in reply.text


def test_of_many_programmes_it_is_asked_which_one_is_meant(assistant: Assistant) -> None:
    reply = _asked(assistant, "How long is the Clay Studies master?")

    assert reply.outcome is Outcome.CLARIFY
    assert reply.sentences[0].text == wording()["framing"]["which_page"]
    assert [citation.quote for citation in reply.citations] == [title for title, _, _ in PAGES[2:7]]


def test_a_level_answers_which_one_is_meant(assistant: Assistant) -> None:
    reply = _asked(assistant, "How long is Glass Science?", "The MSc.")

    assert reply.outcome is Outcome.ANSWERED
    assert "24 months" in reply.text
    assert "36 months" not in reply.text


def test_a_follow_up_stays_with_the_programme_and_goes_to_another_level(assistant: Assistant) -> None:
    stays = _asked(assistant, "How long is the MSc Glass Science?", "And how many places are there?")
    goes = _asked(assistant, "How long is the MSc Glass Science?", "And for the BSc?")

    assert "18" in stays.text
    assert "36 months" in goes.text


def test_a_blank_is_not_filled_from_a_sibling(assistant: Assistant) -> None:
    reply = _asked(assistant, "What is the application fee of the MSc Glass Science?")

    assert reply.outcome is Outcome.NOT_STATED
    assert {citation.document_id for citation in reply.citations} == {"page-1"}


@pytest.mark.parametrize(
    "question",
    ["How long is the PhD in Glass Science?", "How many places has the MSc Glass Science and Ethics?"],
)
def test_a_programme_that_does_not_exist_is_not_found(assistant: Assistant, question: str) -> None:
    assert _asked(assistant, question).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("question", ["How long is the programme?", "How many places are there?"])
def test_a_question_that_names_none_of_many_programmes_is_asked_back(
    assistant: Assistant, question: str
) -> None:
    reply = _asked(assistant, question)

    assert reply.outcome is Outcome.CLARIFY
    assert reply.citations == () or len({citation.document_id for citation in reply.citations}) > 1
    assert len(reply.suggestions) > 1
    assert _asked(assistant, question, reply.suggestions[0]).outcome is Outcome.ANSWERED


def test_a_question_that_names_no_programme_shows_each_that_says_it(minilm: Embedder, tmp_path: Path) -> None:
    pages = {
        name: f"# {name} MSc\n\nTuition fee: {fee} EUR per year\n\nDuration: 2 years\n"
        for name, fee in (("Botany", "3,000"), ("Geology", "4,000"), ("Zoology", "5,000"))
    }
    pages["library"] = "# Library\n\nA library card costs 12 EUR per year.\n"
    with assistant_on(pages, tmp_path, minilm) as opened:
        fee = opened.reply("What is the tuition fee?")
        one = opened.reply("What is the tuition fee of Geology?")
        went_on = _asked(opened, "What is the tuition fee of Geology?", "And how long is it?")
        length = opened.reply("What is the duration?")
        card = opened.reply("What does a library card cost?")

    assert fee.outcome is Outcome.CLARIFY
    assert all(value in fee.text for value in ("3,000 EUR", "4,000 EUR", "5,000 EUR"))
    assert (one.outcome, "4,000 EUR" in one.text) == (Outcome.ANSWERED, True)
    assert went_on.citations[0].document_id == "geology"
    assert length.outcome is Outcome.ANSWERED  # all say the same
    assert (card.outcome, "12 EUR" in card.text) == (Outcome.ANSWERED, True)
