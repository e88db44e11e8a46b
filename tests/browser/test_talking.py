"""A talk with the real server about the shipped corpus, from a page of another origin."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from faulty_server import FaultyServer, events, reply, stream
from host_site import HostSite
from playwright.sync_api import Locator, expect
from site_server import RealServer
from talk import RECORDER, Talk
from visits import Visits

FEE = "What would I pay per year as an EU student?"
BRANCHING = "How much is the tuition fee?"
COURSES = "Which courses are there?"
OLD_PAGE = "Can I do an observership?"
BLANK = "What is the TOEFL score?"
NOT_COVERED = "Is there a programme in law?"

STORES = "() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"


@pytest.fixture
def replies(server: RealServer) -> list[dict[str, Any]]:
    """The whole replies that the server gives in this test, in order."""
    server.said.clear()
    return server.said


def words(locator: Locator) -> str:
    return " ".join(locator.inner_text().split())


# Asking


def test_an_answer_comes_with_its_sources(talk: Talk) -> None:
    reply = talk.ask(FEE)

    expect(talk.questions.last).to_have_text(FEE)
    expect(reply).to_have_attribute("data-outcome", "answered")
    assert "2,060 EUR per year" in words(reply.locator("[part~=sentence]").first)
    expect(talk.button("Source 1: Medical Imaging, MSc (Utrecht University)", within=reply)).to_be_visible()
    expect(talk.field).to_have_value("")


def test_sentences_are_shown_before_the_reply_is_complete(faulty_talk: Talk, faulty: FaultyServer) -> None:
    first, second = threading.Event(), threading.Event()
    started, one, two, completed = events(reply("The fee is paid once a year.", "It is 18,690 EUR."))
    faulty.plan(stream(started, first, one, second, two, completed))
    talk = faulty_talk

    talk.send("What is the fee?")
    expect(talk.element.get_by_text("Looking it up …")).to_be_visible()
    expect(talk.button("Stop")).to_be_visible()
    first.set()
    sentences = talk.part("sentence")
    expect(sentences).to_have_count(1)
    expect(sentences.first).to_contain_text("The fee is paid once a year.")
    expect(talk.replies).to_have_count(0)
    second.set()
    expect(talk.replies).to_have_count(1)
    expect(sentences).to_have_count(2)


def test_a_reply_that_is_stopped_keeps_what_was_said(faulty_talk: Talk, faulty: FaultyServer) -> None:
    never = threading.Event()
    started, one, *_ = events(reply("The fee is paid once a year.", "It is 18,690 EUR."))
    faulty.plan(stream(started, one, never))
    talk = faulty_talk

    talk.send("What is the fee?")
    expect(talk.part("sentence")).to_have_count(1)
    talk.button("Stop").click()

    expect(talk.replies).to_have_count(1)
    expect(talk.replies.first).to_contain_text("The fee is paid once a year.")
    expect(talk.replies.first).to_contain_text("Stopped")
    expect(talk.button("Send")).to_be_visible()
    never.set()
    assert "18,690" in words(talk.ask("And in full?"))


def test_a_list_is_shown_as_a_list(talk: Talk) -> None:
    reply = talk.ask(COURSES)

    items = reply.locator("[part~=sentence] li, ul[part~=sentence] li, ul li")
    assert "Bloch equations" in [each.strip() for each in items.all_inner_texts()]
    assert "- Bloch" not in reply.inner_text()


def test_a_notice_about_an_old_page_is_shown(talk: Talk) -> None:
    reply = talk.ask(OLD_PAGE)

    assert "12 June 2019" in words(reply.locator("[part~=notice]").last)


def test_what_the_page_leaves_blank_is_said_to_be_blank(talk: Talk) -> None:
    reply = talk.ask(BLANK)

    expect(reply).to_have_attribute("data-outcome", "not_stated")
    assert "Minimum required score:" in words(reply)


def test_a_suggestion_asks_what_it_says(talk: Talk) -> None:
    reply = talk.ask(NOT_COVERED)
    expect(reply).to_have_attribute("data-outcome", "not_found")
    suggestion = reply.locator("[part~=suggestion]").first
    asked = suggestion.inner_text()

    suggestion.click()

    talk.reply_after(1)
    expect(talk.questions.last).to_have_text(asked)


def test_an_example_question_asks_what_it_says(talk: Talk) -> None:
    examples = talk.part("intro").locator("[part~=suggestion]")
    expect(examples).to_have_count(3)
    asked = examples.first.inner_text()

    examples.first.click()

    talk.reply_after(0)
    expect(talk.questions.last).to_have_text(asked)


def test_a_follow_up_is_understood_from_what_was_said(talk: Talk, replies: list[dict[str, Any]]) -> None:
    talk.ask(FEE)

    followed = talk.ask("And for international students?")

    assert "18,690 EUR" in words(followed)
    assert replies[0]["conversation_id"] == replies[1]["conversation_id"]


def test_a_branch_button_gives_the_answer_of_its_branch(talk: Talk) -> None:
    branching = talk.ask(BRANCHING)
    expect(branching).to_have_attribute("data-outcome", "clarify")

    talk.button("I am an EU/EEA student.", within=branching).click()

    answered = talk.reply_after(1)
    expect(answered).to_have_attribute("data-outcome", "answered")
    assert "2,060 EUR" in words(answered)
    assert "18,690 EUR" not in words(answered)


def test_this_programme_means_the_page_that_the_visitor_is_on(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    bodies: list[Any] = []
    page = visits.page(host.page(server.script("data-lang=en", "data-page=https://www.umcg.nl/")))
    page.on(
        "request",
        lambda request: bodies.append(request.post_data_json) if "/v1/chat" in request.url else None,
    )
    talk = Talk(page)
    talk.open()

    answered = talk.ask("When was this page last changed and how do I apply?")

    assert bodies[-1]["page"] == "https://www.umcg.nl/"
    assert "international office" in words(answered)


def test_without_a_canonical_address_the_address_without_query_is_sent(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    url = host.page(server.script("data-lang=en", f"data-api={faulty.url}"))
    talk = Talk(visits.page(f"{url}?session=secret#part"))
    talk.open()

    talk.ask("What is the fee?")

    assert faulty.questions[-1]["page"] == url


# Sources


@pytest.mark.parametrize("question", [FEE, COURSES, OLD_PAGE, BLANK])
def test_a_citation_opens_with_the_quoted_words_highlighted(
    talk: Talk, server: RealServer, question: str, replies: list[dict[str, Any]]
) -> None:
    answer = talk.ask(question)
    for number, cited in enumerate(replies[0]["citations"], start=1):
        source = talk.open_citation(answer, number)

        expect(source.get_by_role("heading", name=cited["title"])).to_be_visible()
        mark = source.locator("[part~=mark]")
        expect(mark).to_be_visible()
        expect(mark).to_be_in_viewport()
        text = server.document(cited["document_id"])["text"]
        assert (
            mark.evaluate("mark => mark.textContent") == text[cited["start"] : cited["end"]] == cited["quote"]
        )
        # In its surroundings, which are the document's own words, as soon as they have come.
        expect(mark.locator("..")).not_to_have_text(cited["quote"])
        around = mark.evaluate("mark => mark.parentElement.textContent")
        assert len(around) > len(cited["quote"])
        assert around.strip("…\n") in text
        for each in cited["headings"]:
            assert each in source.inner_text()
        talk.button("Back to the answer").click()
        expect(source).to_be_hidden()


def test_the_source_shows_its_date_and_leads_to_the_live_page(
    talk: Talk, replies: list[dict[str, Any]]
) -> None:
    answer = talk.ask(OLD_PAGE)

    source = talk.open_citation(answer)

    expect(source.get_by_text("Page last changed: 12 June 2019")).to_be_visible()
    link = source.get_by_role("link", name="Open the page")
    expect(link).to_have_attribute("href", replies[0]["citations"][0]["deep_link"])
    assert ":~:text=" in (link.get_attribute("href") or "")
    expect(link).to_have_attribute("target", "_blank")
    assert set((link.get_attribute("rel") or "").split()) >= {"noopener", "noreferrer"}


def test_a_page_without_a_date_says_none(talk: Talk) -> None:
    source = talk.open_citation(talk.ask(FEE))

    assert "last changed" not in source.inner_text()


def test_characters_beyond_the_basic_plane_do_not_shift_the_highlight(
    faulty_talk: Talk, faulty: FaultyServer
) -> None:
    quote = "Das Studium 🎓 dauert 𝟐𝟒 Monate."
    text = f"🎓🎓 Über uns 👩‍🎓\n\n{quote}\n\nEnde 🏁."
    faulty.document["text"] = text
    start = text.index(quote)
    cited = {**reply()["citations"][0], "quote": quote, "start": start, "end": start + len(quote)}
    faulty.plan(stream(*events(reply(quote, citations=[cited]))))

    source = faulty_talk.open_citation(faulty_talk.ask("How long?"))

    mark = source.locator("[part~=mark]")
    assert mark.evaluate("mark => mark.textContent") == quote
    expect(mark.locator("..")).to_contain_text("Ende 🏁.")  # the page has arrived
    assert mark.evaluate("mark => mark.parentElement.textContent") == text


@pytest.mark.parametrize("changed", ["text", "missing"])
def test_a_source_that_has_changed_meanwhile_shows_the_quote_alone(
    faulty_talk: Talk, faulty: FaultyServer, visits: Visits, changed: str
) -> None:
    visits.tolerate("404")
    if changed == "text":
        faulty.document["text"] = "Something else stands here now, and nothing of what was quoted before."
    else:
        from faulty_server import problem

        faulty.plan(problem(404), route="GET /v1/documents/fees")
    answer = faulty_talk.ask("What is the fee?")

    source = faulty_talk.open_citation(answer)

    expect(source).to_contain_text(reply()["citations"][0]["quote"])
    expect(source).not_to_contain_text("Something else stands here")
    expect(source.get_by_role("link", name="Open the page")).to_be_visible()


# Feedback, copying, ending


def test_thumbs_and_a_comment_reach_the_server(
    talk: Talk, server: RealServer, replies: list[dict[str, Any]]
) -> None:
    answer = talk.ask(FEE)
    helpful = talk.button("Helpful", within=answer)
    not_helpful = talk.button("Not helpful", within=answer)

    helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "true")
    assert feedback_on(server, replies[0], "up")["comment"] is None

    not_helpful.click()
    expect(not_helpful).to_have_attribute("aria-pressed", "true")
    expect(helpful).to_have_attribute("aria-pressed", "false")
    answer.get_by_label("What should we know? (optional)").fill("For which year?")
    talk.button("Send comment", within=answer).click()
    expect(answer.get_by_text("Thank you.")).to_be_visible()
    assert feedback_on(server, replies[0], "down", "For which year?")


def feedback_on(
    server: RealServer, reply: dict[str, Any], rating: str, comment: str | None = None
) -> dict[str, Any]:
    """What the server keeps of it, once it is this. Raises: AssertionError after two seconds."""
    from running_server import wait_until

    def kept() -> dict[str, Any]:
        _, conversation = server.conversation(reply["conversation_id"])
        return conversation["messages"][0]["feedback"] or {}

    wait_until(lambda: (kept().get("rating"), kept().get("comment")) == (rating, comment), seconds=2)
    return kept()


def test_deleting_the_conversation_erases_it_on_the_server(
    talk: Talk, server: RealServer, replies: list[dict[str, Any]]
) -> None:
    talk.ask(FEE)
    conversation_id = replies[0]["conversation_id"]
    assert server.conversation(conversation_id)[0] == 200

    talk.button("Delete my conversation").click()
    expect(talk.element.get_by_text("Delete this conversation from the server?")).to_be_visible()
    talk.button("Keep").click()
    expect(talk.replies).to_have_count(1)
    assert server.conversation(conversation_id)[0] == 200

    talk.button("Delete my conversation").click()
    talk.button("Delete").click()
    expect(talk.replies).to_have_count(0)
    assert server.conversation(conversation_id)[0] == 404
    assert conversation_id not in talk.page.evaluate(STORES)

    talk.ask(BLANK)
    assert replies[1]["conversation_id"] != conversation_id


def test_a_new_conversation_leaves_the_old_one_on_the_server(
    talk: Talk, server: RealServer, replies: list[dict[str, Any]]
) -> None:
    talk.ask(FEE)

    talk.button("New conversation").click()
    expect(talk.replies).to_have_count(0)
    expect(talk.questions).to_have_count(0)
    talk.ask(BLANK)

    assert replies[1]["conversation_id"] != replies[0]["conversation_id"]
    assert server.conversation(replies[0]["conversation_id"])[0] == 200


def test_an_answer_is_copied_with_its_sources(
    visits: Visits, host: HostSite, server: RealServer, replies: list[dict[str, Any]]
) -> None:
    context = visits.window()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(host.page(server.script("data-lang=en")))
    talk = Talk(page)
    talk.open()
    answer = talk.ask(FEE)

    talk.button("Copy answer with sources", within=answer).click()

    expect(answer.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "2,060 EUR per year" in copied
    assert "[1]" in copied
    for cited in replies[0]["citations"]:
        assert cited["title"] in copied
        assert cited["quote"] in copied
        assert cited["deep_link"] in copied or cited["url"] in copied


# What is kept in the browser


def test_a_reload_and_another_page_of_the_tab_show_the_talk_again(
    talk: Talk, host: HostSite, server: RealServer, replies: list[dict[str, Any]]
) -> None:
    talk.ask(FEE)

    talk.page.reload()
    talk.open()
    expect(talk.replies).to_have_count(1)
    expect(talk.questions.last).to_have_text(FEE)
    assert "2,060 EUR" in words(talk.replies.first)
    source = talk.open_citation(talk.replies.first)
    expect(source.locator("[part~=mark]")).to_be_visible()
    talk.button("Back to the answer").click()

    talk.page.goto(host.page(server.script("data-lang=en")))
    talk.open()
    expect(talk.replies).to_have_count(1)
    assert "18,690 EUR" in words(talk.ask("And for international students?"))
    assert len(server.conversation(replies[0]["conversation_id"])[1]["messages"]) == 2


def test_nothing_is_kept_beyond_the_tab_without_consent(talk: Talk) -> None:
    talk.ask(FEE)

    assert talk.page.evaluate("localStorage.length") == 0
    assert talk.page.context.cookies() == []
    other = talk.page.context.new_page()
    other.goto(talk.page.url)
    there = Talk(other)
    there.open()
    expect(there.part("intro")).to_be_visible()
    expect(there.replies).to_have_count(0)


def test_with_consent_it_is_kept_until_consent_is_taken_back(talk: Talk) -> None:
    talk.ask(FEE)
    consent = talk.element.get_by_role("checkbox", name="Remember this conversation on this device")
    expect(consent).not_to_be_checked()

    consent.check()
    other = talk.page.context.new_page()
    other.goto(talk.page.url)
    there = Talk(other)
    there.open()
    expect(there.replies).to_have_count(1)

    consent.uncheck()
    assert talk.page.evaluate("localStorage.length") == 0


# First contact


def test_first_contact_says_that_no_person_answers_whatever_the_page_wants(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    script = server.script(
        "data-lang=en",
        "data-title=Ask Utrecht",
        "data-greeting=Welcome to our pages.",
        "data-questions=What does it cost?|How long does it take?",
        "data-privacy-url=https://www.example.edu/privacy",
        "data-intro=",
    )
    talk = Talk(visits.page(host.page(script)))
    talk.open()

    intro = talk.part("intro")
    assert re.search(r"\bAI\b|computer program", intro.inner_text())
    assert "Welcome to our pages." in talk.panel.inner_text()
    expect(talk.panel.get_by_role("heading", name="Ask Utrecht")).to_be_visible()
    assert intro.locator("[part~=suggestion]").all_inner_texts() == [
        "What does it cost?",
        "How long does it take?",
    ]
    privacy = talk.element.get_by_role("link", name="Privacy")
    expect(privacy).to_have_attribute("href", "https://www.example.edu/privacy")


# What the page hears, and may do


def test_the_page_hears_what_happens(
    visits: Visits, host: HostSite, server: RealServer, replies: list[dict[str, Any]]
) -> None:
    talk = Talk(visits.page(host.page(server.script("data-lang=en")), script=RECORDER))

    talk.open()
    answer = talk.ask(FEE)
    talk.open_citation(answer)
    talk.button("Back to the answer").click()
    talk.button("Helpful", within=answer).click()
    expect(talk.button("Helpful", within=answer)).to_have_attribute("aria-pressed", "true")

    heard = talk.heard()
    assert [each[0] for each in heard] == ["open", "message", "message", "citation", "feedback"]
    assert {each[2] for each in heard} == {"PROSPECTUS-CHAT"}
    assert all(each[3] for each in heard)
    details = [each[1] for each in heard]
    cited = replies[0]["citations"][0]
    assert details[1]["role"] == "user"
    assert details[1]["text"] == FEE
    assert details[2] == {
        "role": "assistant",
        "text": replies[0]["text"],
        "outcome": "answered",
        "message_id": replies[0]["message_id"],
    }
    assert details[3] == {name: cited[name] for name in ("number", "title", "url", "quote")}
    assert details[4]["message_id"] == replies[0]["message_id"]
    assert details[4]["rating"] == "up"


def test_the_page_may_open_ask_and_close(visits: Visits, host: HostSite, server: RealServer) -> None:
    page = visits.page(host.page(server.script("data-lang=en")))
    talk = Talk(page)
    expect(talk.launcher).to_be_visible()

    page.evaluate("document.querySelector('prospectus-chat').open()")
    expect(talk.panel).to_be_visible()
    page.evaluate(f"document.querySelector('prospectus-chat').ask({FEE!r})")
    # The promise has been kept: the reply is there.
    assert talk.replies.count() == 1
    assert "2,060 EUR" in words(talk.replies.first)
    page.evaluate("document.querySelector('prospectus-chat').close()")
    expect(talk.panel).to_be_hidden()
    expect(talk.launcher).to_have_attribute("aria-expanded", "false")
