"""A reply as the content of a completion, and a list of messages as a question."""

from __future__ import annotations

from dataclasses import replace

import pytest
from api_fakes import DOCUMENT, OLD_QUOTE, QUOTE, FakeAssistant, FakeBackend, a_reply
from markdown_it import MarkdownIt

from api.openai.completion import pieces_of, usage_of
from api.openai.messages import EARLIER, Said, Talk, reply_to, talk_of
from api.openai.schemas import CompletionRequest
from api.service import Service
from api.streaming import ClientLeft
from assistant.conversation import InvalidQuestion
from assistant.reply import Citation, Notice, NoticeKind, Outcome, Reply, Sentence


def cited(number: int, **changes: object) -> Citation:
    citation = Citation(
        number=number,
        document_id="fees",
        title="Fees",
        url="https://example.org/fees",
        deep_link=f"https://example.org/fees#:~:text=quote{number}",
        headings=(),
        quote="Tuition is 2,060 EUR.",
        start=0,
        end=21,
    )
    return replace(citation, **changes)


def reply_of(text: str, *sentences: Sentence, citations: tuple[Citation, ...], **fields: object) -> Reply:
    return Reply(Outcome.ANSWERED, "Fee?", text, sentences, citations, **fields)


def content_of(reply: Reply) -> str:
    return "".join(piece.text for piece in pieces_of(reply))


def spans_of(reply: Reply) -> list[tuple[str, str]]:
    content = content_of(reply)
    found = [each.url_citation for piece in pieces_of(reply) for each in piece.annotations]
    return [(content[each.start_index : each.end_index], each.url) for each in found]


def test_the_content_is_the_text_then_the_notices_then_the_sources() -> None:
    link = "https://example.org/medical-imaging#:~:text=quote"
    assert content_of(a_reply()) == (
        f"Here is what the page says. {QUOTE} [1] {OLD_QUOTE} [2][1]\n"
        "\n"
        "The page was last changed in 2024.\n"
        "\n"
        f'[1]: <{link}1> "Medical Imaging MSc"\n'
        f'[2]: <{link}2> "Medical Imaging MSc"'
    )


def test_each_annotation_points_at_the_sentence_that_the_citation_supports() -> None:
    link = "https://example.org/medical-imaging#:~:text=quote"
    assert spans_of(a_reply()) == [
        (QUOTE, f"{link}1"),
        (OLD_QUOTE, f"{link}2"),
        (OLD_QUOTE, f"{link}1"),
        ("The page was last changed in 2024.", f"{link}2"),
    ]


def test_a_sentence_that_is_said_twice_has_two_places() -> None:
    same = "Tuition is 2,060 EUR."
    reply = reply_of(
        f"{same} [1] {same} [2]", Sentence(same, (1,)), Sentence(same, (2,)), citations=(cited(1), cited(2))
    )
    found = [each.url_citation for piece in pieces_of(reply) for each in piece.annotations]
    assert [(each.start_index, each.end_index) for each in found] == [(0, 21), (26, 47)]


def test_the_span_of_a_list_goes_from_its_lead_in_to_its_last_item() -> None:
    reply = reply_of(
        "Yes.\nSome scholarships: [1]\n- Holland\n- Fulbright",
        Sentence("Yes."),
        Sentence("Some scholarships:\n- Holland\n- Fulbright", (1,)),
        citations=(cited(1),),
    )
    assert [text for text, _ in spans_of(reply)] == ["Some scholarships: [1]\n- Holland\n- Fulbright"]


def test_places_count_code_points() -> None:
    reply = reply_of(
        "\N{GRINNING FACE} Ja. Gebühr: 2,060 EUR. [1]",
        Sentence("\N{GRINNING FACE} Ja."),
        Sentence("Gebühr: 2,060 EUR.", (1,)),
        citations=(cited(1),),
    )
    (annotation,) = [each for piece in pieces_of(reply) for each in piece.annotations]
    assert (annotation.url_citation.start_index, annotation.url_citation.end_index) == (6, 24)


def test_there_is_a_piece_for_each_sentence_and_notice_and_one_for_the_sources() -> None:
    assert [piece.text for piece in pieces_of(a_reply())][:4] == [
        "Here is what the page says. ",
        f"{QUOTE} [1] ",
        f"{OLD_QUOTE} [2][1]",
        "\n\nThe page was last changed in 2024.",
    ]


def test_a_reply_without_citations_has_no_sources() -> None:
    reply = reply_of("Hello.", Sentence("Hello."), citations=())
    assert content_of(reply) == "Hello."
    assert spans_of(reply) == []


def test_where_a_page_has_no_address_its_title_stands_among_the_sources() -> None:
    citations = (cited(1, url="", deep_link=""), cited(2, deep_link=""))
    reply = reply_of("A fee. [1] [2]", Sentence("A fee.", (1, 2)), citations=citations)

    assert content_of(reply).split("\n\n")[1] == '[1] Fees\n[2]: <https://example.org/fees> "Fees"'
    assert [address for _, address in spans_of(reply)] == ["", "https://example.org/fees"]


def test_the_marks_are_links_where_markdown_is_shown() -> None:
    citations = (
        cited(
            1, title='Fees "2026" \\* costs\nand more', deep_link="https://example.org/a%20b_(c)#:~:text=x"
        ),
    )
    notice = Notice(NoticeKind.OUTDATED, "An old page.", (1,))
    reply = reply_of("A fee. [1]", Sentence("A fee.", (1,)), citations=citations, notices=(notice,))

    shown = MarkdownIt().render(content_of(reply))
    assert shown == (
        '<p>A fee. <a href="https://example.org/a%20b_(c)#:~:text=x" '
        'title="Fees &quot;2026&quot; \\* costs and more">1</a></p>\n'
        "<p>An old page.</p>\n"
    )


def test_sizes_are_words_and_punctuation_marks() -> None:
    reply = reply_of("It's 2,060 EUR.", Sentence("It's 2,060 EUR."), citations=())
    usage = usage_of(["Fee?", "学费 is?"], pieces_of(reply))

    # Fee ? | 学 费 is ? and It ' s 2 , 060 EUR .
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (6, 8, 14)


# Messages


def asked(*messages: dict[str, object]) -> Talk:
    return talk_of(CompletionRequest.model_validate({"model": "m", "messages": list(messages)}).messages)


def user(content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


def assistant(content: object, **fields: object) -> dict[str, object]:
    return {"role": "assistant", "content": content, **fields}


def part(text: str) -> dict[str, object]:
    return {"type": "text", "text": text}


def test_the_last_message_of_a_user_is_the_question_and_what_stands_before_it_was_said() -> None:
    assert asked(
        {"role": "system", "content": "Speak like a pirate."},
        assistant("Welcome!"),
        user("What is the fee?"),
        assistant("It depends."),
        {"role": "developer", "content": [part("Be brief.")]},
        user("I'm Norwegian."),
        assistant(None),
        user([part("And how"), part("long?")]),
        {"role": "system", "content": "Remember the pirate."},
    ) == Talk(
        "And how\nlong?",
        (Said("What is the fee?", "It depends."), Said("I'm Norwegian.", "")),
    )


def test_what_a_client_sends_back_as_it_came_is_understood() -> None:
    came = assistant(
        "It depends. [1]",
        refusal=None,
        annotations=[{"type": "url_citation", "url_citation": {"url": "https://example.org"}}],
        audio=None,
        function_call=None,
        tool_calls=None,
    )
    assert asked(user("Fee?"), came, user("And?")).earlier == (Said("Fee?", "It depends. [1]"),)


@pytest.mark.parametrize("messages", [[assistant("Hello")], [{"role": "system", "content": "Hi"}]])
def test_without_a_question_there_is_no_reply(messages: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidQuestion, match="none is from a user"):
        asked(*messages)


def test_too_long_a_question_is_refused() -> None:
    with pytest.raises(InvalidQuestion, match="2,001 characters"):
        asked(user("x" * 2001))


def replied(talk: Talk) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What the assistant was asked, each time with question, reply and topic of the turns before."""
    backend = FakeBackend()
    service = Service(backend)
    service.open()
    reply_to(service, talk, is_wanted=lambda: True)
    assistant = backend.assistant
    assert isinstance(assistant, FakeAssistant)
    service.close()
    return [
        (question, [(turn.question, turn.reply_text, turn.topic) for turn in history])
        for question, history, _, _ in assistant.asked
    ]


def test_the_turns_before_are_built_anew_by_asking_again() -> None:
    first = ("Fee?", "It depends.", DOCUMENT.title)
    second = ("Norwegian.", a_reply().text, DOCUMENT.title)
    talk = Talk("How long?", (Said("Fee?", "It depends."), Said("Norwegian.", "")))
    assert replied(talk) == [("Fee?", []), ("Norwegian.", [first]), ("How long?", [first, second])]


def test_of_a_long_conversation_only_the_end_is_asked_again() -> None:
    talk = Talk("Last?", tuple(Said(f"Question {n}?", "Yes.") for n in range(20)))
    asked_again = [question for question, _ in replied(talk)]
    assert asked_again == [*(f"Question {n}?" for n in range(20 - EARLIER, 20)), "Last?"]


def test_an_earlier_question_that_was_refused_is_left_out() -> None:
    assert replied(Talk("Fee?", (Said("x" * 2001, ""),))) == [("Fee?", [])]


def test_nothing_more_is_asked_again_for_a_client_that_has_left() -> None:
    backend = FakeBackend()
    service = Service(backend)
    service.open()
    talk = Talk("Last?", (Said("One?", ""), Said("Two?", "")))
    with pytest.raises(ClientLeft):
        reply_to(service, talk, is_wanted=lambda: len(backend.assistant.asked) < 1)
    assert [question for question, *_ in backend.assistant.asked] == ["One?"]
    service.close()
