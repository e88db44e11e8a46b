"""What a reply suggests to say next where it depends on something, and what that brings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opened import assistant_on

from assistant.assistant import Assistant
from assistant.conversation import Turn, turn_of
from assistant.reply import Branch, Outcome, Reply
from assistant.wording import wording
from ingest.embedding import Embedder

LANGUAGES = ["en", "nl", "de", "es", "fr", "zh"]
FEES = """# Arctic Energy, MSc

## Fees

- Tuition fee for part-time students: 3,000 EUR
- Tuition fee for full-time students: 5,000 EUR
- Application fee for members: 10 EUR
- Application fee for non-members: 60 EUR

## Deadlines

- Application deadline for Dutch students: 1 May 2027
- Application deadline for EU/EEA students: 1 April 2027
- Application deadline for non-EU/EEA students: 1 February 2027

## Deposit

- Deposit for international students: 300 EUR
- Deposit for home students: 200 EUR
"""
# Title, months.
PROGRAMMES = (
    ("Glass Science, BSc", 36),
    ("Glass Science, MSc", 24),
    ("Clay Studies and Society, MA", 21),
    ("Clay Studies and Policy, MA", 22),
    ("Clay Studies and Ethics, MA", 23),
    ("Clay Studies and Innovation, MA", 25),
    ("Clay Studies and Business, MA", 26),
    ("Clay Studies and Health, MA", 27),
    ("Wood (Joint Degree) | Master of Science (M.Sc.) - Example University of Trees", 28),
    ("Wood | Bachelor of Science (B.Sc.) - Example University of Trees", 29),
)


@pytest.fixture(scope="module")
def fees(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant_on([FEES], tmp_path_factory.mktemp("fees"), minilm) as opened:
        yield opened


@pytest.fixture(scope="module")
def programmes(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    pages = [
        f"---\ntitle: {title}\n---\n\n# {title}\n\n## Facts\n\n- Duration: {months} months\n"
        f"- Tuition fee for EU/EEA students: {months}00 EUR\n"
        f"- Tuition fee for non-EU/EEA students: {months}50 EUR\n"
        for title, months in PROGRAMMES
    ]
    with assistant_on(pages, tmp_path_factory.mktemp("programmes"), minilm) as opened:
        yield opened


def _next(assistant: Assistant, said: str, reply: Reply, message: str, language: str | None) -> Reply:
    return assistant.reply(message, history=[turn_of(said, reply)], language=language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("question", "keys", "answers"),
    [
        ("What is the tuition fee?", ("part-time", "full-time"), ("3,000 EUR", "5,000 EUR")),
        ("What is the application fee?", ("members", "non-members"), ("10 EUR", "60 EUR")),
        (
            "What is the application deadline?",
            ("Dutch students", "eu", "non_eu"),
            ("1 May 2027", "1 April 2027", "1 February 2027"),
        ),
        ("How much is the deposit?", ("non_eu", "eu"), ("300 EUR", "200 EUR")),
    ],
)
def test_each_branch_can_be_chosen_in_the_language_of_the_reply(
    fees: Assistant, language: str, question: str, keys: tuple[str, ...], answers: tuple[str, ...]
) -> None:
    words = wording(language)["suggestions"]
    reply = fees.reply(question, language=language)

    assert reply.outcome is Outcome.CLARIFY
    assert reply.suggestions == tuple(
        words[key] if key in words else words["people"].format(people=key) for key in keys
    )
    for message, answer in zip(reply.suggestions, answers, strict=True):
        for asked_in in (language, None):
            chosen = _next(fees, question, reply, message, asked_in)
            assert chosen.outcome is Outcome.ANSWERED
            assert chosen.language == language
            assert len(chosen.citations) == 1
            assert chosen.citations[0].quote.endswith(answer)
            assert chosen.suggestions == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_one_is_is_understood_in_these_words_also_where_they_were_not_suggested(
    fees: Assistant, language: str
) -> None:
    words = wording(language)["suggestions"]
    asked = Turn("How much is the deposit?", "How much is the deposit?", "", language=language)

    for key, answer in (("eu", "200 EUR"), ("non_eu", "300 EUR")):
        reply = fees.reply(words[key], history=[asked])
        assert reply.outcome is Outcome.ANSWERED
        assert answer in reply.text


def test_the_group_that_was_chosen_holds_for_the_questions_after_it(fees: Assistant) -> None:
    first = fees.reply("How much is the deposit?")
    second = _next(fees, "How much is the deposit?", first, "I am an EU/EEA student.", None)
    history = [
        turn_of("How much is the deposit?", first),
        turn_of("I am an EU/EEA student.", second),
    ]

    third = fees.reply("And what is the application deadline?", history=history)

    assert third.outcome is not Outcome.CLARIFY
    assert "1 February 2027" not in third.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("How long is Glass Science?", 0, 2),
        ("How long is Wood?", 8, 10),
        ("How long is the Clay Studies master?", 2, 7),
    ],
)
def test_each_programme_can_be_chosen_by_its_title(
    programmes: Assistant, language: str, question: str, first: int, last: int
) -> None:
    reply = programmes.reply(question, language=language)

    assert reply.outcome is Outcome.CLARIFY
    assert reply.suggestions == tuple(title for title, _ in PROGRAMMES[first:last])
    for number, title in enumerate(reply.suggestions, first):
        chosen = _next(programmes, question, reply, title, None)
        assert chosen.outcome is Outcome.ANSWERED
        assert chosen.language == language
        assert [citation.quote for citation in chosen.citations] == [
            f"Duration: {PROGRAMMES[number][1]} months"
        ]
        assert {citation.document_id for citation in chosen.citations} == {f"page-{number}"}


def test_a_programme_and_then_a_group_are_chosen(programmes: Assistant) -> None:
    history: list[Turn] = []
    for message in ("What is the tuition fee of Glass Science?", PROGRAMMES[1][0], "I am an EU/EEA student."):
        reply = programmes.reply(message, history=history)
        history.append(turn_of(message, reply))

    assert reply.outcome is Outcome.ANSWERED
    assert [citation.quote for citation in reply.citations] == ["Tuition fee for EU/EEA students: 2400 EUR"]


def test_the_group_that_was_told_before_holds_for_the_programme_that_is_chosen(programmes: Assistant) -> None:
    history: list[Turn] = []
    for message in ("I'm German. What is the tuition fee of Glass Science?", PROGRAMMES[1][0]):
        reply = programmes.reply(message, history=history)
        history.append(turn_of(message, reply))

    assert [citation.quote for citation in reply.citations] == ["Tuition fee for EU/EEA students: 2400 EUR"]


def test_a_choice_is_one_only_right_after_it_was_offered(programmes: Assistant) -> None:
    title = PROGRAMMES[1][0]
    asked = programmes.reply("How long is Glass Science?")
    between = programmes.reply("Thank you!")
    history = [turn_of("How long is Glass Science?", asked), turn_of("Thank you!", between)]

    assert turn_of("How long is Glass Science?", asked).branches[1] == Branch(title, document="page-1")
    assert history[-1].branches == ()


@pytest.mark.parametrize("question", ["How long is the MSc Glass Science?", "Hello!", "What is the weather?"])
def test_nothing_is_to_be_chosen_where_nothing_is_open(programmes: Assistant, question: str) -> None:
    reply = programmes.reply(question)

    assert reply.branches == ()
    assert reply.suggestions == ()
