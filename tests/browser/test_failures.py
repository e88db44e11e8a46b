"""When the server, the line or the device fails: a sentence, the question kept, and on it goes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from faulty_server import Answer, FaultyServer, citation, event, events, json_answer, problem, reply, stream
from host_site import HostSite
from playwright.sync_api import Page, expect
from site_server import RealServer
from talk import Talk
from visits import Visits

QUESTION = "What is the fee?"
NETWORK = r"Failed to load resource|net::ERR"
"""What the browser itself writes to the console where a request fails."""

STARTED, SENTENCE, COMPLETED = events(reply())
COUNTS_READS = """
const { read } = ReadableStreamDefaultReader.prototype;
ReadableStreamDefaultReader.prototype.read = async function () {
  const found = await read.call(this);
  window.reads = (window.reads ?? 0) + 1;
  return found;
};
"""
MACHINE_TALK = re.compile(
    r"\b(?:undefined|null|NaN|TypeError|SyntaxError|JSON|fetch|HTTP|HTTPS|stack|status|[45]\d\d)\b|\{|\}|Object"
)
"""What no visitor should have to read."""


@pytest.fixture(autouse=True)
def _failing_requests_are_expected(visits: Visits) -> None:
    visits.tolerate(NETWORK)


def fails(talk: Talk, question: str = QUESTION) -> str:
    """Asks, and returns the sentence that is shown in place of a reply."""
    talk.send(question)
    expect(talk.button("Try again")).to_be_visible(timeout=15_000)
    expect(talk.questions.last).to_have_text(question)
    expect(talk.error).to_have_attribute("role", "alert")
    said = talk.error.inner_text()
    assert not MACHINE_TALK.search(said), said
    assert len(said.replace("Try again", "").split()) >= 4
    return said


def recovers(talk: Talk, question: str = QUESTION) -> None:
    """Another try answers the same question, once, and keeps what was typed meanwhile."""
    talk.field.fill("And what about")
    talk.button("Try again").click()
    expect(talk.replies.last).to_contain_text("18,690 EUR")
    expect(talk.error).to_have_count(0)
    expect(talk.questions.filter(has_text=question)).to_have_count(1)
    expect(talk.field).to_have_value("And what about")


BROKEN: dict[str, Callable[[], Answer]] = {
    "503": lambda: problem(503, "Too many are waiting.", Retry_After="3"),
    "500": lambda: problem(500, "A mistake of ours."),
    "429 without a time": lambda: problem(429, "Too many."),
    "403": lambda: problem(403, "Pages of this origin may not call."),
    "a gateway's page instead of JSON": lambda: Answer(
        502, {"Content-Type": "text/html"}, (b"<html><h1>502 Bad Gateway</h1></html>",)
    ),
    "a web page instead of events": lambda: Answer(
        200, {"Content-Type": "text/html"}, (b"<html><h1>Log in to this network</h1></html>",)
    ),
    "an empty body": lambda: stream(),
    "a connection that breaks before anything came": lambda: Answer(200, {}, (), is_cut=True),
    "an end without an end": lambda: stream(STARTED, SENTENCE),
    "a connection that breaks in the middle": lambda: stream(STARTED, SENTENCE, is_cut=True),
    "an event that is cut": lambda: stream(STARTED, SENTENCE, COMPLETED[: len(COMPLETED) // 2]),
    "data that is not JSON": lambda: stream(STARTED, b"event: sentence\ndata: {oops\n\n", COMPLETED),
    "JSON that is no object": lambda: stream(STARTED, event("completed", None)),
    "an object without what belongs in it": lambda: stream(STARTED, event("completed", {"text": 3})),
    "bytes that are no text": lambda: stream(STARTED, b"event: completed\ndata: \xff\xfe\n\n"),
    "the event error": lambda: stream(
        STARTED, SENTENCE, event("error", {"status": 503, "title": "Service Unavailable", "detail": "Late."})
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_reply_that_fails_is_told_and_can_be_tried_again(
    faulty_talk: Talk, faulty: FaultyServer, kind: str
) -> None:
    faulty.plan(BROKEN[kind]())

    said = fails(faulty_talk)

    assert "Bad Gateway" not in said
    assert "Pages of this origin" not in said
    recovers(faulty_talk)


def test_a_server_that_cannot_be_reached_is_told_and_can_be_tried_again(
    faulty_talk: Talk, faulty: FaultyServer
) -> None:
    faulty.stop_listening()
    fails(faulty_talk)
    faulty_talk.button("Try again").click()
    expect(faulty_talk.button("Try again")).to_be_visible()

    faulty.listen()

    recovers(faulty_talk)


def test_who_asks_too_often_is_told_how_long_to_wait(faulty_talk: Talk, faulty: FaultyServer) -> None:
    faulty.plan(problem(429, "Too many requests.", Retry_After="7"))

    said = fails(faulty_talk)

    assert re.search(r"\b[67]\b", said), said
    recovers(faulty_talk)


def test_a_question_that_the_server_does_not_take_is_explained_in_its_words(
    faulty_talk: Talk, faulty: FaultyServer
) -> None:
    faulty.plan(problem(422, "Message must hold a letter or a digit."))

    faulty_talk.send("???")

    expect(faulty_talk.error).to_contain_text("Message must hold a letter or a digit.")


def test_silence_of_45_seconds_is_a_failure(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    never = threading.Event()
    talk = Talk(paused_page(visits, host, server, faulty))
    talk.open()
    faulty.plan(stream(STARTED, SENTENCE, never))
    talk.send(QUESTION)
    expect(talk.part("sentence")).to_have_count(1)

    talk.page.clock.fast_forward(40_000)
    expect(talk.button("Try again")).to_have_count(0)
    talk.page.clock.fast_forward(6_000)

    expect(talk.button("Try again")).to_be_visible()
    never.set()
    recovers(talk)


def test_comments_keep_a_slow_reply_alive(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    pings = [threading.Event() for _ in range(4)]
    done = threading.Event()
    talk = Talk(paused_page(visits, host, server, faulty, script=COUNTS_READS))
    talk.open()
    faulty.plan(
        stream(
            STARTED, *(step for ping in pings for step in (ping, b": ping\n\n")), done, SENTENCE, COMPLETED
        )
    )
    talk.send(QUESTION)
    for reads, ping in enumerate(pings, start=1):
        # What came last has been read before the clock moves on.
        talk.page.wait_for_function("(reads) => window.reads === reads", arg=reads, polling=20)
        talk.page.clock.fast_forward(30_000)
        expect(talk.button("Try again")).to_have_count(0)
        ping.set()
    done.set()

    expect(talk.replies).to_have_count(1)


def test_an_hour_of_sleep_in_the_middle_of_a_reply(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    never = threading.Event()
    talk = Talk(paused_page(visits, host, server, faulty))
    talk.open()
    faulty.plan(stream(STARTED, SENTENCE, never, is_cut=True))
    talk.send(QUESTION)
    expect(talk.part("sentence")).to_have_count(1)

    talk.page.clock.fast_forward("01:00:00")
    never.set()

    expect(talk.button("Try again")).to_be_visible()
    recovers(talk)


def test_after_an_hour_of_sleep_an_expired_session_is_renewed(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    talk = Talk(paused_page(visits, host, server, faulty))
    talk.open()
    faulty.plan(problem(401, "Send a key."), stream(*events(reply())))
    talk.ask(QUESTION)
    first = faulty.questions and faulty.received[-1].headers["authorization"]

    talk.page.clock.fast_forward("01:00:00")
    # The old token is worth nothing any more, neither for a question nor for a new session.
    faulty.plan(problem(401, "The session has expired."), route="POST /v1/sessions")
    faulty.plan(problem(401, "The session has expired."), stream(*events(reply())))
    faulty.plan(
        json_answer({"token": "vs_new", "expires_in": 3600}, 201),
        json_answer({"token": "vs_new", "expires_in": 3600}, 201),
        json_answer({"token": "vs_new", "expires_in": 3600}, 201),
        route="POST /v1/sessions",
    )
    talk.ask("And for EU students?")

    expect(talk.error).to_have_count(0)
    asked = [each for each in faulty.received if each.path == "/v1/chat"]
    assert asked[-1].headers["authorization"] == "Bearer vs_new" != first
    assert asked[-1].body["message"] == "And for EU students?"


def test_a_server_that_refuses_everybody_is_not_asked_for_ever(
    faulty_talk: Talk, faulty: FaultyServer
) -> None:
    faulty.plan(*(problem(401, "Send a key.") for _ in range(20)))

    fails(faulty_talk)

    assert len(faulty.received) < 15


def test_a_conversation_that_the_server_has_forgotten_begins_anew(
    faulty_talk: Talk, faulty: FaultyServer
) -> None:
    faulty_talk.ask(QUESTION)
    faulty.plan(problem(404, "There is no such conversation."), stream(*events(reply(conversation_id="c2"))))

    faulty_talk.ask("And for EU students?")
    faulty_talk.ask("And for doctors?")

    expect(faulty_talk.error).to_have_count(0)
    asked = [(each["message"], each.get("conversation_id")) for each in faulty.questions]
    assert asked == [
        (QUESTION, None),
        ("And for EU students?", "c1"),
        ("And for EU students?", None),
        ("And for doctors?", "c2"),
    ]
    expect(faulty_talk.panel).to_contain_text(re.compile("a new one has begun"))


def test_offline_is_told_and_goes_by_itself(faulty_talk: Talk) -> None:
    faulty_talk.field.fill("What is the")
    faulty_talk.page.context.set_offline(True)
    notice = faulty_talk.element.get_by_text(re.compile("You are offline"))
    expect(notice).to_be_visible()

    faulty_talk.page.context.set_offline(False)

    expect(notice).to_be_hidden()
    expect(faulty_talk.field).to_have_value("What is the")
    faulty_talk.ask(QUESTION)


def test_what_is_typed_survives_a_failure_before_it_is_sent(faulty_talk: Talk, faulty: FaultyServer) -> None:
    waiting = threading.Event()
    faulty.plan(stream(STARTED, waiting, is_cut=True))
    faulty_talk.send(QUESTION)
    expect(faulty_talk.button("Stop")).to_be_visible()

    faulty_talk.field.fill("Half a second quest")
    waiting.set()

    expect(faulty_talk.button("Try again")).to_be_visible()
    expect(faulty_talk.field).to_have_value("Half a second quest")


@pytest.mark.parametrize(
    ("route", "act"),
    [
        ("PUT /v1/messages/m1/feedback", lambda talk: talk.button("Helpful").click()),
        (
            "DELETE /v1/conversations/c1",
            lambda talk: (talk.button("Delete my conversation").click(), talk.button("Delete").click()),
        ),
    ],
    ids=["feedback", "deletion"],
)
def test_feedback_and_deletion_that_fail_do_not_pretend_to_have_worked(
    faulty_talk: Talk, faulty: FaultyServer, route: str, act: Callable[[Talk], object]
) -> None:
    faulty_talk.ask(QUESTION)
    faulty.plan(problem(503, "Not now."), route=route)

    act(faulty_talk)

    if route.startswith("PUT"):
        expect(faulty_talk.button("Helpful")).to_have_attribute("aria-pressed", "false")
    else:
        expect(faulty_talk.replies).to_have_count(1)
    assert not MACHINE_TALK.search(faulty_talk.panel.inner_text().replace("18,690", ""))
    act(faulty_talk)
    if route.startswith("PUT"):
        expect(faulty_talk.button("Helpful")).to_have_attribute("aria-pressed", "true")
    else:
        expect(faulty_talk.replies).to_have_count(0)


def test_texts_of_the_interface_that_do_not_come_do_not_stop_anybody(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    faulty.plan(problem(503), problem(503), problem(503), route="GET /widget/locales/de.json")
    faulty.plan(problem(503), problem(503), problem(503), route="GET /widget/locales/en.json")
    talk = Talk(visits.page(host.page(server.script("data-lang=de", f"data-api={faulty.url}", "data-open"))))

    expect(talk.field).to_be_visible()
    talk.field.fill(QUESTION)
    talk.field.press("Enter")

    expect(talk.replies).to_have_count(1)


def test_more_numbers_than_sources_do_no_harm(faulty_talk: Talk, faulty: FaultyServer) -> None:
    whole = reply("One.", "Two.", citations=[citation(1)])
    whole["sentences"][1]["citations"] = [7, 1, -3]
    faulty.plan(stream(*events(whole)))

    answer = faulty_talk.ask(QUESTION)

    assert faulty_talk.citations(answer).all_inner_texts() == ["1", "1"]


def paused_page(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer, *, script: str = ""
) -> Page:
    """A page whose clock goes by itself but can also be put forward."""
    page = visits.window().new_page()
    page.clock.install()
    if script:
        page.add_init_script(script)
    page.goto(host.page(server.script("data-lang=en", f"data-api={faulty.url}")))
    return page
