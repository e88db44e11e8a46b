"""The page that a person is on: found by its address, and what "it" means there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opened import assistant_on

from assistant.assistant import Assistant
from assistant.conversation import Turn, turn_of
from assistant.reply import Outcome, Reply
from assistant.visited import PageAddresses
from assistant.wording import wording
from ingest.documents import Document
from ingest.embedding import Embedder


def _document(id: str, url: str) -> Document:
    return Document(id=id, title=id, url=url, publisher="", language="en", text="Text.", modified_on=None)


ADDRESSES = PageAddresses(
    [
        _document("glass", "https://www.example.edu/masters/glass/"),
        _document("clay", "http://example.edu/masters/clay"),
        _document("wood", "https://example.edu/page.php?id=5"),
        _document("wool", "https://example.edu/page.php?id=6"),
        _document("accents", "https://example.edu/études"),
        _document("port", "https://example.edu:8443/masters/glass"),
        _document("home", "https://example.org/"),
        _document("twice", "https://example.org/twice"),
        _document("twice-too", "https://example.org/twice/"),
        _document("none", ""),
        _document("torn", "http://[example"),
    ]
)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://www.example.edu/masters/glass/", "glass"),
        ("http://EXAMPLE.edu/masters/glass?utm_source=mail#fees", "glass"),
        ("https://example.edu:443/masters/glass", "glass"),
        ("https://www.example.edu./masters/clay/", "clay"),
        ("https://example.edu/page.php?id=6", "wool"),
        ("https://example.edu/%C3%A9tudes", "accents"),
        ("https://example.edu:8443/masters/glass", "port"),
        ("https://example.org", "home"),
        ("https://example.edu/masters/Glass", None),  # the case of a path tells pages apart
        ("https://example.edu/masters", None),
        ("https://example.edu/page.php?id=7", None),
        ("https://example.edu/page.php", None),
        ("https://example.org/twice", None),
        ("https://other.example/masters/glass", None),
        ("https://example.edu.other.example/masters/glass", None),
        ("ftp://example.edu/masters/glass", None),
        ("https://[example", None),
        ("https://example.edu:port/", None),
        ("https://", None),
        ("", None),
    ],
)
def test_a_page_is_found_by_its_address_however_it_is_written(address: str, found: str | None) -> None:
    document = ADDRESSES.document_at(address)

    assert (document.id if document else None) == found


# Title, months, places, fee; of each two pages.
DEGREES = (
    ("Glass Science, BSc", "glass-bsc", 36, 80),
    ("Glass Science, MSc", "glass-msc", 24, 18),
    ("Clay Studies, BSc", "clay-bsc", 33, 30),
    ("Clay Studies, MSc", "clay-msc", 21, 11),
    ("Marine Law, BSc", "law-bsc", 34, 31),
    ("Marine Law, MSc", "law-msc", 22, 12),
    ("Polar Music, BSc", "music-bsc", 35, 32),
    ("Polar Music, MSc", "music-msc", 23, 13),
)
LONG = "Master of Science in {} Systems Engineering and Advanced Technology Management"


def _site(folder: str) -> str:
    return f"https://www.example.edu/{folder}"


def _page(title: str, folder: str, body: str) -> str:
    return f"---\ntitle: {title}\nurl: {_site(folder)}\n---\n\n# {title}\n\n{body}\n"


@pytest.fixture(scope="module")
def degrees(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Eight sibling programmes."""
    pages = [
        _page(
            title,
            folder,
            f"## Facts\n\n- Duration: {months} months\n- Number of places: {places}\n- Application fee:\n",
        )
        for title, folder, months, places in DEGREES
    ]
    with assistant_on(pages, tmp_path_factory.mktemp("degrees"), minilm) as opened:
        yield opened


@pytest.fixture(scope="module")
def few(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Two siblings whose titles are too long to be said, two pages of one title, and one on money."""
    fees = {"Wind": "- Tuition fee: 2,400 EUR\n", "Hydrogen": ""}
    engineering = [
        _page(LONG.format(name), name.lower(), f"## Facts\n\n- Duration: {months} months\n{fees[name]}")
        for name, months in (("Wind", 24), ("Hydrogen", 18))
    ]
    admission = [
        _page("Admission", f"{subject}/admission", f"The deadline for applications is 1 {month} 2027.")
        for subject, month in (("physics", "May"), ("music", "June"))
    ]
    money = _page("Scholarships", "money", "The Polar Scholarship pays 5,000 EUR per year.")
    pages = [*engineering, *admission, money]
    with assistant_on(pages, tmp_path_factory.mktemp("few"), minilm) as opened:
        yield opened


def _talk(assistant: Assistant, *turns: tuple[str, str | None], language: str | None = None) -> list[Reply]:
    """The replies to messages, each with the folder of the page that it was written on."""
    history: list[Turn] = []
    replies = []
    for message, folder in turns:
        page = _site(folder) if folder is not None else None
        reply = assistant.reply(message, history=history, page=page, language=language)
        history.append(turn_of(message, reply))
        replies.append(reply)
    return replies


@pytest.mark.parametrize(
    "message",
    [
        "How long is this programme?",
        "How long is it?",
        "How long does the programme take?",
        "How long is the programme here?",
        "Duration?",
    ],
)
@pytest.mark.parametrize(("folder", "months"), [("glass-msc", 24), ("music-bsc", 35), ("clay-msc/", 21)])
def test_it_is_the_page_that_the_person_is_on(
    degrees: Assistant, message: str, folder: str, months: int
) -> None:
    (reply,) = _talk(degrees, (message, folder))

    assert reply.outcome is Outcome.ANSWERED
    assert reply.text == f"Duration: {months} months. [1]"


@pytest.mark.parametrize("page", [None, "https://www.example.edu/elsewhere", "https://[", "no address"])
def test_without_a_page_that_is_known_the_reply_is_what_it_was_without_any(
    degrees: Assistant, page: str | None
) -> None:
    message = "How long is Glass Science?"

    assert degrees.reply(message, page=page) == degrees.reply(message)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("nl", "Hoe lang duurt het?"),
        ("de", "Wie lange dauert es?"),
        ("es", "¿Cuánto dura?"),
        ("fr", "Combien de temps cela dure-t-il ?"),
        ("zh", "学制多长？"),
    ],
)
def test_it_is_so_in_every_language(degrees: Assistant, language: str, message: str) -> None:
    (reply,) = _talk(degrees, (message, "glass-msc"))

    assert reply.language == language
    assert "24 months" in reply.text
    assert {citation.document_id for citation in reply.citations} == {"page-1"}


def test_a_blank_of_the_page_is_not_filled_from_a_sibling(degrees: Assistant) -> None:
    (reply,) = _talk(degrees, ("What is the application fee?", "law-msc"))

    assert reply.outcome is Outcome.NOT_STATED
    assert {citation.document_id for citation in reply.citations} == {"page-5"}


def test_a_question_that_names_another_page_is_about_that_one(degrees: Assistant) -> None:
    (named,) = _talk(degrees, ("How long is the Polar Music BSc?", "glass-msc"))
    (level,) = _talk(degrees, ("How long is the BSc?", "glass-msc"))
    (missing,) = _talk(degrees, ("How long is the MSc in Astrology?", "glass-msc"))
    (no_level,) = _talk(degrees, ("How long is the PhD in Glass Science?", "glass-msc"))

    assert "35 months" in named.text
    assert "36 months" in level.text  # of Glass Science
    assert missing.outcome is Outcome.NOT_FOUND
    assert no_level.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("before", [(), (("How long is it?", "glass-msc"),)])
def test_a_name_that_two_other_pages_share_is_not_answered_from_the_page_one_is_on(
    degrees: Assistant, before: tuple[tuple[str, str | None], ...]
) -> None:
    reply = _talk(degrees, *before, ("How long is Clay Studies?", "glass-msc"))[-1]

    assert reply.outcome is Outcome.CLARIFY
    assert {citation.document_id for citation in reply.citations} == {"page-2", "page-3"}


def test_nor_is_it_answered_from_the_page_that_was_spoken_of(degrees: Assistant) -> None:
    reply = _talk(degrees, ("How long is the MSc Glass Science?", None), ("How long is Clay Studies?", None))[
        -1
    ]

    assert reply.outcome is Outcome.CLARIFY
    assert {citation.document_id for citation in reply.citations} == {"page-2", "page-3"}


def test_follow_ups_stay_with_the_page(degrees: Assistant) -> None:
    replies = _talk(
        degrees,
        ("How long is it?", "glass-msc"),
        ("And how many places are there?", "glass-msc"),
        ("And the BSc?", "glass-msc"),
    )

    assert [reply.text for reply in replies] == [
        "Duration: 24 months. [1]",
        "Number of places: 18. [1]",
        "Number of places: 80. [1]",
    ]


def test_a_conversation_that_has_turned_to_another_page_stays_there(degrees: Assistant) -> None:
    replies = _talk(
        degrees,
        ("How long is it?", "glass-msc"),
        ("How long is the Marine Law BSc?", "glass-msc"),
        ("How many places are there?", "glass-msc"),
        ("How long is it?", "glass-msc"),
    )

    assert [reply.citations[0].document_id for reply in replies] == ["page-1", "page-4", "page-4", "page-4"]


def test_who_goes_to_another_page_means_that_one_from_then_on(degrees: Assistant) -> None:
    replies = _talk(
        degrees,
        ("How long is the Marine Law BSc?", "glass-msc"),
        ("How long is it?", "music-msc"),
        ("How many places are there?", "music-msc"),
        ("And here?", "clay-bsc"),
    )

    assert [reply.citations[0].document_id for reply in replies] == ["page-4", "page-7", "page-7", "page-2"]


@pytest.mark.parametrize(("folder", "months"), [("wind", 24), ("hydrogen", 18)])
def test_a_page_whose_title_is_too_long_to_be_said_is_known_all_the_same(
    few: Assistant, folder: str, months: int
) -> None:
    replies = _talk(few, ("How long is this programme?", folder), ("How long does it take?", folder))

    assert [reply.text for reply in replies] == [f"Duration: {months} months. [1]"] * 2


def test_what_the_page_lacks_is_not_taken_from_its_sibling(few: Assistant) -> None:
    (has,) = _talk(few, ("What is the tuition fee?", "wind"))
    (lacks,) = _talk(few, ("What is the tuition fee?", "hydrogen"))

    assert "2,400 EUR" in has.text
    assert lacks.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(("folder", "day"), [("physics/admission", "1 May"), ("music/admission", "1 June")])
def test_of_two_pages_with_one_title_it_is_the_one_with_the_address(
    few: Assistant, folder: str, day: str
) -> None:
    replies = _talk(few, ("When is the deadline?", folder), ("What is the application deadline?", folder))

    for reply in replies:
        assert f"{day} 2027" in reply.text
        assert len(reply.citations) == 1


@pytest.mark.parametrize("language", ["en", "nl", "de", "es", "fr", "zh"])
def test_what_another_page_answers_is_said_to_come_from_another(few: Assistant, language: str) -> None:
    (reply,) = _talk(few, ("Which scholarships are there?", "wind"), language=language)

    assert reply.outcome is Outcome.ANSWERED
    assert reply.sentences[0].text == wording(language)["framing"]["not_here"]
    assert reply.citations[0].quote == "The Polar Scholarship pays 5,000 EUR per year."


def test_after_an_answer_from_elsewhere_it_is_that_thing_and_this_programme_the_page(few: Assistant) -> None:
    replies = _talk(
        few,
        ("Which scholarships are there?", "wind"),
        ("How much does it pay?", "wind"),
        ("How long is this programme?", "wind"),
    )

    assert "5,000 EUR" in replies[1].text
    assert "24 months" in replies[2].text


def test_a_turn_is_remembered_with_the_title_of_the_page_and_not_with_its_address(few: Assistant) -> None:
    reply = few.reply("How long is it?", page=f"{_site('wind')}?visitor=4711")

    turn = turn_of("How long is it?", reply)

    assert turn.page == LONG.format("Wind")
    assert "4711" not in repr(turn)


def test_on_a_page_it_is_still_only_told_who_asks(few: Assistant) -> None:
    (reply,) = _talk(few, ("I'm from Norway.", "wind"))

    assert reply.outcome is not Outcome.ANSWERED
