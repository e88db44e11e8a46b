"""For everyone: keyboard, screen reader, contrast, narrow screens, magnification, motion, direction."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from faulty_server import FaultyServer, events, problem, reply, stream
from host_site import HostSite
from measuring import axe_violations, contrast_of_text, focused, moving, settle, sticking_out, targets
from playwright.sync_api import expect
from site_server import RealServer
from talk import Talk
from visits import Visits

FEE = "What would I pay per year as an EU student?"
BRANCHING = "How much is the tuition fee?"
COURSES = "Which courses are there?"
OLD_PAGE = "Can I do an observership?"
NOT_COVERED = "Is there a programme in law?"

ACCENTS = ["#ffffff", "#000000", "#ffd400", "#777777", "rgb(0 120 80)", "oklch(0.7 0.2 140)"]


def opened(visits: Visits, url: str, **options: object) -> Talk:
    talk = Talk(visits.page(url, **options))
    talk.open()
    return talk


# Keyboard


def press_until(talk: Talk, key: str, part: str, limit: int = 40) -> None:
    """Presses the key until what has that part has the focus."""
    for _ in range(limit):
        talk.page.keyboard.press(key)
        if part in talk.focused()["part"].split():
            return
    raise AssertionError(f"{limit} times {key}, and no {part} has the focus, but {talk.focused()}")


def test_a_whole_talk_without_a_mouse(visits: Visits, host: HostSite, server: RealServer) -> None:
    page = visits.page(host.page(server.script("data-lang=en")))
    talk = Talk(page)
    expect(talk.launcher).to_be_visible()
    keyboard = page.keyboard

    press_until(talk, "Tab", "launcher")
    keyboard.press("Enter")
    expect(talk.field).to_be_focused()
    keyboard.type("What would I pay")
    keyboard.press("Shift+Enter")
    keyboard.type("per year as an EU student?")
    assert talk.field.input_value() == "What would I pay\nper year as an EU student?"
    keyboard.press("Enter")
    expect(talk.replies).to_have_count(1, timeout=20_000)
    expect(talk.field).to_be_focused()

    press_until(talk, "Shift+Tab", "citation")
    citation = talk.focused()["name"]
    keyboard.press("Enter")
    expect(talk.source).to_be_visible()
    assert talk.source.evaluate("source => source.matches(':focus-within, :focus')")
    press_until(talk, "Tab", "link")
    keyboard.press("Escape")
    expect(talk.source).to_be_hidden()
    expect(talk.panel).to_be_visible()
    assert talk.focused()["name"] == citation

    keyboard.press("Escape")
    expect(talk.panel).to_be_hidden()
    expect(talk.launcher).to_be_focused()
    keyboard.press("Space")
    expect(talk.field).to_be_focused()
    expect(talk.replies).to_have_count(1)


def test_everything_that_can_be_pressed_is_reached_and_shows_its_focus(talk: Talk) -> None:
    talk.ask(NOT_COVERED)
    wanted = {each.name for each in targets(talk.page) if each.part != "launcher"}
    reached: dict[str, bool] = {}

    talk.field.focus()
    for _ in range(60):
        talk.page.keyboard.press("Tab")
        name, is_seen = focused(talk.page)
        reached[name] = reached.get(name, False) or is_seen

    assert wanted - set(reached) == set()
    assert [name for name in wanted if not reached[name]] == []


def test_the_source_panel_keeps_the_focus_and_gives_it_back(talk: Talk) -> None:
    answer = talk.ask(FEE)
    citation = talk.citations(answer).first
    citation.click()
    expect(talk.source).to_be_visible()

    for _ in range(12):
        talk.page.keyboard.press("Tab")
        assert "input" not in talk.focused()["part"], "what lies behind the source can be reached"
    talk.button("Back to the answer").click()

    expect(citation).to_be_focused()


def test_enter_while_composing_does_not_send(faulty_talk: Talk, faulty: FaultyServer) -> None:
    faulty_talk.field.fill("ni hao")
    faulty_talk.field.evaluate(
        """field => field.dispatchEvent(new KeyboardEvent("keydown",
             { key: "Enter", isComposing: true, bubbles: true, cancelable: true, composed: true }))"""
    )

    expect(faulty_talk.field).to_have_value("ni hao")
    assert faulty.questions == []


# Screen readers


def test_each_finished_reply_is_put_into_the_log_once_and_whole(
    faulty_talk: Talk, faulty: FaultyServer
) -> None:
    gates = [threading.Event() for _ in range(3)]
    started, *sentences, completed = events(reply("One fee.", "Two terms.", "Three ways."))
    steps = [step for gate, sentence in zip(gates, sentences, strict=True) for step in (gate, sentence)]
    faulty.plan(stream(started, *steps, completed))
    talk = faulty_talk
    talk.log.evaluate(
        """log => {
          window.noted = [];
          new MutationObserver((records) => records.forEach((record) => {
            const added = [...record.addedNodes].map((node) => node.textContent);
            window.noted.push([record.type, record.target === log, added, record.removedNodes.length]);
          })).observe(log, { childList: true, subtree: true, characterData: true });
        }"""
    )

    talk.send("What is the fee?")
    for number, gate in enumerate(gates, start=1):
        gate.set()
        expect(talk.part("sentence")).to_have_count(number)
    expect(talk.replies).to_have_count(1)

    noted = talk.page.evaluate("window.noted")
    spoken = [each for each in noted if any("One fee." in text for text in each[2])]
    assert len(spoken) == 1
    assert all(word in spoken[0][2][0] for word in ("One fee.", "Two terms.", "Three ways."))
    # Nothing else is announced: at most the question, and nothing changes in what was said.
    assert [each for each in noted if not each[1] or each[3] or each[0] != "childList"] == []
    assert len(noted) <= 2
    assert talk.log.get_attribute("aria-label") == "Conversation"
    live = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]"
    assert (
        talk.part("sentence").first.evaluate("(at, live) => at.closest(live).getAttribute('role')", live)
        == "log"
    )


def test_while_a_reply_streams_it_is_in_no_live_region(faulty_talk: Talk, faulty: FaultyServer) -> None:
    gate = threading.Event()
    started, sentence, completed = events(reply())
    faulty.plan(stream(started, sentence, gate, completed))

    faulty_talk.send("What is the fee?")

    live = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]"
    assert faulty_talk.part("sentence").first.evaluate("(at, live) => at.closest(live)", live) is None
    gate.set()
    expect(faulty_talk.replies).to_have_count(1)


def test_roles_and_names(talk: Talk) -> None:
    expect(talk.launcher).to_have_attribute("aria-expanded", "true")
    expect(talk.panel).to_have_role("dialog")
    assert talk.panel.get_attribute("aria-modal") != "true"
    heading = talk.panel.get_by_role("heading", level=2).first.inner_text()
    expect(talk.element.get_by_role("dialog", name=heading)).to_be_visible()
    expect(talk.element.get_by_role("textbox", name="Your question")).to_be_visible()
    answer = talk.ask(FEE)
    for name in ("Send", "Close", "New conversation", "Delete my conversation"):
        expect(talk.button(name)).to_be_visible()
    expect(answer).to_have_attribute("lang", "en")
    assert answer.evaluate("reply => reply.tagName") == "ARTICLE"
    assert talk.button("Helpful", within=answer).get_attribute("aria-pressed") == "false"


# axe-core


def _answer(talk: Talk, faulty: FaultyServer) -> None:
    talk.ask(FEE)


def _clarify(talk: Talk, faulty: FaultyServer) -> None:
    talk.ask(BRANCHING)


def _source(talk: Talk, faulty: FaultyServer) -> None:
    talk.open_citation(talk.ask(COURSES))


def _not_found(talk: Talk, faulty: FaultyServer) -> None:
    talk.ask(NOT_COVERED)


def _notices(talk: Talk, faulty: FaultyServer) -> None:
    talk.ask(OLD_PAGE)


def _comment(talk: Talk, faulty: FaultyServer) -> None:
    talk.button("Not helpful", within=talk.ask(FEE)).click()
    expect(talk.element.get_by_label("What should we know? (optional)")).to_be_visible()


def _deleting(talk: Talk, faulty: FaultyServer) -> None:
    talk.ask(FEE)
    talk.button("Delete my conversation").click()
    expect(talk.button("Keep")).to_be_visible()


def _copied(talk: Talk, faulty: FaultyServer) -> None:
    talk.page.context.grant_permissions(["clipboard-write"])
    talk.button("Copy answer with sources", within=talk.ask(FEE)).click()
    expect(talk.log.get_by_text("Copied")).to_be_visible()


def _closed(talk: Talk, faulty: FaultyServer) -> None:
    talk.page.keyboard.press("Escape")
    expect(talk.panel).to_be_hidden()


def _nothing(talk: Talk, faulty: FaultyServer) -> None:
    pass


def _error(talk: Talk, faulty: FaultyServer) -> None:
    faulty.plan(problem(503))
    talk.send("What is the fee?")
    expect(talk.button("Try again")).to_be_visible()


def _waiting(talk: Talk, faulty: FaultyServer) -> None:
    faulty.plan(stream(threading.Event()))
    talk.send("What is the fee?")
    expect(talk.element.get_by_text("Looking it up …")).to_be_visible()


def _offline(talk: Talk, faulty: FaultyServer) -> None:
    talk.page.context.set_offline(True)
    expect(talk.element.get_by_text(re.compile("You are offline"))).to_be_visible()


STATES: dict[str, Callable[[Talk, FaultyServer], None]] = {
    "closed": _closed,
    "intro": _nothing,
    "answer": _answer,
    "source": _source,
    "clarify": _clarify,
    "not found": _not_found,
    "notices": _notices,
    "comment": _comment,
    "deleting": _deleting,
    "copied": _copied,
    "error": _error,
    "waiting": _waiting,
    "offline": _offline,
}
BROKEN = {"error", "waiting", "offline"}
"""States that need the faulty server."""

DARK = ("intro", "answer", "source", "notices", "error")
"""States that are looked at in dark colours, too: together they have all the colours."""

NARROW = {"viewport": {"width": 320, "height": 640}}


@pytest.mark.parametrize(
    ("state", "scheme"), [*((state, "light") for state in STATES), *((state, "dark") for state in DARK)]
)
def test_axe_finds_nothing_and_all_text_can_be_read(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer, state: str, scheme: str
) -> None:
    visits.tolerate("Failed to load resource")
    attributes = ["data-lang=en", "data-privacy-url=https://www.example.edu/privacy"]
    attributes += [f"data-api={faulty.url}"] if state in BROKEN else []
    talk = opened(visits, host.page(server.script(*attributes)), color_scheme=scheme)
    STATES[state](talk, faulty)

    assert axe_violations(talk.page) == []
    judged, poor = contrast_of_text(talk.page)
    assert poor == []
    assert judged >= 1


@pytest.mark.parametrize(
    ("state", "page", "options"),
    [
        ("clarify", {}, NARROW),
        ("answer", {"lang": "ar", "direction": "rtl"}, {}),
        ("source", {}, {"forced_colors": "active"}),
    ],
    ids=["narrow", "right to left", "forced colours"],
)
def test_axe_finds_nothing_on_other_screens(
    visits: Visits,
    host: HostSite,
    server: RealServer,
    faulty: FaultyServer,
    state: str,
    page: dict[str, str],
    options: dict[str, object],
) -> None:
    talk = opened(visits, host.page(server.script("data-lang=en"), **page), **options)
    STATES[state](talk, faulty)

    assert axe_violations(talk.page) == []


def test_axe_and_the_measure_of_contrast_look_into_the_widget(talk: Talk) -> None:
    talk.panel.evaluate(
        """panel => {
          const grey = document.createElement("p");
          grey.textContent = "hardly to be read";
          grey.style.cssText = "color: #999; background: #aaa";
          panel.append(grey, document.createElement("button"));
        }"""
    )

    found = axe_violations(talk.page)

    assert {each.partition(":")[0] for each in found} >= {"button-name", "color-contrast"}
    assert "hardly to be read" in contrast_of_text(talk.page)[1][0]


# Colours


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_whatever_the_accent(
    visits: Visits, host: HostSite, server: RealServer, scheme: str
) -> None:
    talk = opened(visits, host.page(server.script("data-lang=en")), color_scheme=scheme)
    talk.ask(BRANCHING)
    talk.open_citation(talk.replies.first)
    launchers = []
    for accent in ACCENTS:
        talk.element.evaluate("(chat, accent) => chat.setAttribute('color', accent)", accent)
        settle(talk.page)
        judged, poor = contrast_of_text(talk.page)
        assert (accent, poor) == (accent, [])
        assert judged > 5
        launchers.append(talk.part("send").evaluate("send => getComputedStyle(send).backgroundColor"))
    # The accent is really used: otherwise nothing was tried.
    assert len(set(launchers)) == len(ACCENTS)


def test_the_scheme_of_the_device_is_followed_unless_the_page_wants_another(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    def lightness(talk: Talk) -> float:
        colour = talk.panel.evaluate("panel => getComputedStyle(panel).backgroundColor")
        return sum(float(each) for each in re.findall(r"[\d.]+", colour)[:3]) / 3

    dark = opened(visits, host.page(server.script("data-lang=en")), color_scheme="dark")
    assert lightness(dark) < 80
    dark.page.emulate_media(color_scheme="light")
    settle(dark.page)
    assert lightness(dark) > 200
    forced = opened(visits, host.page(server.script("data-lang=en", "data-theme=dark")), color_scheme="light")
    assert lightness(forced) < 80
    forced.element.evaluate("chat => chat.setAttribute('theme', 'light')")
    settle(forced.page)
    assert lightness(forced) > 200


def test_in_forced_colours_buttons_and_the_quote_stand_out(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    talk = opened(visits, host.page(server.script("data-lang=en")), forced_colors="active")
    answer = talk.ask(FEE)
    for button in (talk.part("send"), talk.part("close"), talk.citations(answer).first):
        border = button.evaluate("at => getComputedStyle(at).borderTop")
        assert "none" not in border
        assert not border.startswith("0px")
    mark = talk.open_citation(answer).locator("[part~=mark]")
    pair = "at => { const style = getComputedStyle(at); return [style.color, style.backgroundColor]; }"
    assert mark.evaluate(pair) != mark.evaluate(pair.replace("(at)", "(at.parentElement)"))


# Motion


def test_nothing_moves_for_those_who_want_no_motion(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    script = server.script("data-lang=en", f"data-api={faulty.url}")
    calm = opened(visits, host.page(script), reduced_motion="reduce")
    lively = opened(visits, host.page(script), reduced_motion="no-preference")
    assert moving(lively.page) != []
    assert moving(calm.page) == []
    faulty.plan(stream(threading.Event()))
    calm.send("What is the fee?")
    expect(calm.element.get_by_text("Looking it up …")).to_be_visible()
    assert moving(calm.page) == []


# Small screens


@pytest.mark.parametrize(
    "size",
    [(320, 640), (320, 256), (360, 740), (844, 390)],
    ids=["320 px", "400 %", "telephone", "telephone on its side"],
)
def test_nothing_scrolls_sideways_and_all_can_be_used(
    visits: Visits, host: HostSite, server: RealServer, size: tuple[int, int]
) -> None:
    width, height = size
    talk = opened(
        visits, host.page(server.script("data-lang=en")), viewport={"width": width, "height": height}
    )
    assert sticking_out(talk.page) == []

    long_word = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselloch" * 2
    talk.ask(f"What is {long_word}?")
    answer = talk.ask(BRANCHING)
    assert sticking_out(talk.page) == []
    for part in (talk.field, talk.part("send"), talk.part("close")):
        expect(part).to_be_in_viewport(ratio=0.99)
    shown = talk.page.evaluate("() => innerHeight")
    assert shown == height
    room = talk.log.evaluate(
        """log => {
          let at = log;
          while (at && !["auto", "scroll"].includes(getComputedStyle(at).overflowY)) at = at.parentElement;
          return (at ?? log).clientHeight;
        }"""
    )
    assert room >= 60, "hardly anything of the conversation can be seen"

    source = talk.open_citation(answer)
    assert sticking_out(talk.page) == []
    expect(source.locator("[part~=mark]")).to_be_in_viewport()
    expect(talk.button("Back to the answer")).to_be_visible()
    talk.button("Back to the answer").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_enough(visits: Visits, host: HostSite, server: RealServer, width: int) -> None:
    talk = opened(
        visits,
        host.page(server.script("data-lang=en", "data-privacy-url=https://www.example.edu/privacy")),
        viewport={"width": width, "height": 700},
    )
    pages = [targets(talk.page)]
    talk.ask(FEE)
    talk.ask(NOT_COVERED)
    talk.button("Not helpful").first.click()
    pages.append(targets(talk.page))
    talk.open_citation(talk.replies.first)
    pages.append(targets(talk.page))

    small = {
        f"{each.name}: {each.width:.0f} × {each.height:.0f}"
        for page in pages
        for each in page
        if round(min(each.width, each.height), 1) < (24 if each.part == "citation" else 44)
    }
    assert small == set()
    assert sum(map(len, pages)) > 20


# Direction


def test_right_to_left_everything_is_mirrored(visits: Visits, host: HostSite, server: RealServer) -> None:
    def middle(talk: Talk, part: str) -> float:
        box = talk.part(part).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2

    def order(talk: Talk) -> tuple[bool, bool]:
        """Whether the send button stands right of the field, and the panel in the right half."""
        return middle(talk, "send") > middle(talk, "input"), middle(talk, "panel") > 640

    script = server.script("data-lang=en")
    assert order(opened(visits, host.page(script))) == (True, True)
    assert order(opened(visits, host.page(script, lang="ar", direction="rtl"))) == (False, False)
    left = server.script("data-lang=en", "data-position=left")
    assert order(opened(visits, host.page(left))) == (True, False)
    assert order(opened(visits, host.page(left, lang="ar", direction="rtl"))) == (False, True)


def test_a_quote_keeps_its_own_direction(visits: Visits, host: HostSite, server: RealServer) -> None:
    talk = opened(visits, host.page(server.script("data-lang=en"), lang="ar", direction="rtl"))
    answer = talk.ask(FEE)

    mark = talk.open_citation(answer).locator("[part~=mark]")

    for text in (answer.locator("[part~=sentence]").first, mark):
        assert text.evaluate("at => getComputedStyle(at).direction") == "ltr"
