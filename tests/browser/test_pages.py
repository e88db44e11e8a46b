"""On pages of all kinds: strict, hostile, with several widgets, with wishes of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from faulty_server import FaultyServer
from host_site import HostSite
from measuring import settle
from playwright.sync_api import Page, expect
from site_server import RealServer
from talk import Talk
from visits import Visits

FEE = "What would I pay per year as an EU student?"

HOSTILE = """
* { all: unset !important; color: red !important; font: 40px/3 cursive !important; margin: 40px !important;
    padding: 30px !important; background: lime !important; border: 9px solid blue !important;
    display: block !important; float: right !important; position: static !important; opacity: .3 !important;
    letter-spacing: 1em !important; text-transform: uppercase !important; visibility: hidden !important;
    box-sizing: content-box !important; width: 3px !important; height: 3px !important; z-index: -1 !important;
    transform: rotate(9deg) !important; filter: blur(3px) !important; pointer-events: none !important;
    cursor: none !important; user-select: none !important; word-break: break-all !important;
    text-align: right !important; text-shadow: 2px 2px red !important; line-height: 9 !important;
    animation: none !important; transition: all 9s !important; max-height: 5px !important;
    clip-path: circle(1px) !important; mix-blend-mode: difference !important; }
html { font-size: 40px !important; }
html, body { visibility: visible !important; opacity: 1 !important; transform: none !important;
             filter: none !important; clip-path: none !important; max-height: none !important;
             mix-blend-mode: normal !important; }
prospectus-chat { display: none !important; content-visibility: hidden !important; zoom: 3 !important; }
prospectus-chat * , button, textarea, p, ul, li, h2, mark, a, input { display: none !important; }
:root { --accent: red; --color: red; --background: red; --font: cursive; --radius: 99px; --space: 99px; }
"""

LOOKS = """(properties) => {
  const root = document.querySelector("prospectus-chat").shadowRoot;
  for (const each of root.querySelectorAll("*")) each.scrollTo({ top: 0, behavior: "instant" });
  return [...root.querySelectorAll("[part]")].filter((each) => each.checkVisibility()).map((each) => {
    const style = getComputedStyle(each);
    const { width, height, x, y } = each.getBoundingClientRect();
    return [each.getAttribute("part"), [x, y, width, height].map(Math.round),
            Object.fromEntries(properties.map((name) => [name, style[name]]))];
  });
}"""
PROPERTIES = """color backgroundColor fontFamily fontSize lineHeight letterSpacing textTransform textAlign
  textShadow display float visibility opacity cursor userSelect wordBreak pointerEvents transform filter
  zoom""".split()


def looks(talk: Talk) -> Any:
    """Where the parts of the widget are and how they look."""
    settle(talk.page)
    return talk.page.evaluate(LOOKS, PROPERTIES)


# Strict pages


def test_it_works_under_the_strictest_policy(visits: Visits, host: HostSite, server: RealServer) -> None:
    policy = (
        f"default-src 'none'; script-src 'nonce-r4nd0m'; connect-src {server.url}; "
        "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'"
    )
    script = server.script("data-lang=en", "nonce=r4nd0m")
    # Breaking the policy is noted by the page as an error of the console, see Visits.
    talk = Talk(visits.page(host.page(script, headers={"Content-Security-Policy": policy})))
    talk.open()

    source = talk.open_citation(talk.ask(FEE))

    expect(source.locator("[part~=mark]")).to_be_visible()
    # It is dressed all the same.
    radius = talk.panel.evaluate("panel => getComputedStyle(panel).borderRadius")
    assert radius not in ("", "0px")
    talk.button("Back to the answer").click()
    talk.button("Not helpful").click()
    talk.button("Delete my conversation").click()
    talk.button("Delete").click()
    expect(talk.replies).to_have_count(0)


def test_the_policy_is_in_force_on_that_page(visits: Visits, host: HostSite) -> None:
    visits.tolerate("Content Security Policy|policy: ")
    headers = {"Content-Security-Policy": "default-src 'none'; script-src 'nonce-r4nd0m'"}
    page = visits.page(host.page("<script>document.title = 'ran'</script>", headers=headers))

    assert page.title() == "Programme"


def test_hostile_rules_of_the_page_change_nothing(visits: Visits, host: HostSite, server: RealServer) -> None:
    url = host.publish(HOSTILE, path="/hostile.css", media_type="text/css")
    script = server.script("data-lang=en")
    plain = Talk(visits.page(host.page(script)))
    hostile = Talk(visits.page(host.page(script, head=f'<link rel="stylesheet" href="{url}">')))
    # The page itself is in ruins.
    assert hostile.page.locator("h1").evaluate("at => getComputedStyle(at).fontSize") == "40px"
    for talk in (plain, hostile):
        expect(talk.launcher).to_be_visible()
    assert looks(hostile) == looks(plain)
    for talk in (plain, hostile):
        talk.open()
        talk.ask(FEE)
    assert looks(hostile) == looks(plain)
    for talk in (plain, hostile):
        expect(talk.open_citation(talk.replies.first).locator("[part~=mark]")).to_be_visible()
    assert looks(hostile) == looks(plain)


def test_scripts_of_the_page_that_listen_for_keys_do_not_disturb_typing(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    shortcuts = (
        "<script>for (const kind of ['keydown', 'keypress', 'keyup']) document.addEventListener(kind,"
        " (event) => { if (!event.target.closest?.('input, textarea')) event.preventDefault(); });</script>"
    )
    talk = Talk(visits.page(host.page(shortcuts + server.script("data-lang=en"))))
    talk.launcher.click()
    expect(talk.field).to_be_focused()

    talk.page.keyboard.type("What is it?")

    expect(talk.field).to_have_value("What is it?")


# How it gets onto the page


@pytest.mark.parametrize(
    "kind",
    ["async", "defer", "", "type=module", "type=module async"],
)
def test_any_kind_of_script_element_brings_one_widget(
    visits: Visits, host: HostSite, server: RealServer, kind: str
) -> None:
    attributes = ["data-lang=en", f"data-api={server.url}"]
    talk = Talk(visits.page(host.page(server.script(*attributes, kind=kind))))

    expect(talk.launcher).to_be_visible()
    assert talk.element.count() == 1


def test_it_can_be_imported(visits: Visits, host: HostSite, server: RealServer) -> None:
    body = (
        f'<prospectus-chat lang="en" api="{server.url}"></prospectus-chat>'
        f'<script type="module">await import("{server.url}widget.js")</script>'
    )
    talk = Talk(visits.page(host.page(body)))
    talk.open()

    assert "2,060 EUR" in talk.ask(FEE).inner_text()


def test_the_name_with_a_hash_is_the_same_script_and_can_be_checked(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    from api.widget_files import Widget, script_tag

    line = script_tag(Widget.packaged(), server.url)
    assert 'integrity="sha384-' in line
    talk = Talk(visits.page(host.page(line)))
    talk.open()

    assert "2,060 EUR" in talk.ask(FEE).inner_text()


def test_a_script_that_is_not_the_one_that_was_meant_does_not_run(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    visits.tolerate("integrity")
    wrong = "sha384-" + "A" * 64
    talk = Talk(
        visits.page(host.page(server.script("data-lang=en", f"integrity={wrong}", "crossorigin=anonymous")))
    )

    assert talk.element.count() == 0


def test_loaded_twice_it_is_there_once(visits: Visits, host: HostSite, server: RealServer) -> None:
    script = server.script("data-lang=en")
    talk = Talk(visits.page(host.page(script + script)))

    expect(talk.launcher).to_be_visible()
    talk.page.wait_for_load_state("networkidle")
    assert talk.element.count() == 1


def test_with_auto_off_it_waits_for_an_element(visits: Visits, host: HostSite, server: RealServer) -> None:
    talk = Talk(visits.page(host.page(server.script("data-lang=en", "data-auto=off"))))
    talk.page.wait_for_load_state("networkidle")
    assert talk.element.count() == 0

    talk.page.evaluate("() => document.body.append(document.createElement('prospectus-chat'))")

    expect(talk.launcher).to_be_visible()
    expect(talk.launcher).to_have_accessible_name(re.compile("Ask a question"))


def test_it_leaves_nothing_on_the_window(visits: Visits, host: HostSite, server: RealServer) -> None:
    page = visits.page(host.page(""))
    names = "() => Object.getOwnPropertyNames(window).sort()"
    before = page.evaluate(names)
    page.evaluate(
        """(src) => new Promise((resolve) => {
          const script = document.createElement("script");
          Object.assign(script, { src, onload: resolve });
          script.dataset.lang = "en";
          document.body.append(script);
        })""",
        f"{server.url}widget.js",
    )
    talk = Talk(page)
    talk.open()
    talk.open_citation(talk.ask(FEE))

    assert page.evaluate(names) == before
    assert page.evaluate("() => customElements.get('prospectus-chat')?.name") is not None


def test_taken_off_the_page_and_put_back_it_still_works(talk: Talk) -> None:
    talk.ask(FEE)

    talk.page.evaluate(
        """() => {
          const chat = document.querySelector("prospectus-chat");
          chat.remove();
          document.querySelector("main").append(chat);
        }"""
    )

    talk.open()
    assert talk.replies.count() == 1
    assert "18,690 EUR" in talk.ask("And for international students?").inner_text()
    assert talk.element.locator("[part~=panel]").count() == 1


# Several on a page


def test_two_on_one_page_do_not_mix(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer
) -> None:
    body = (
        '<prospectus-chat id="one" mode="inline" lang="en"></prospectus-chat>'
        f'<prospectus-chat id="two" mode="inline" lang="nl" api="{faulty.url}"></prospectus-chat>'
    )
    page = visits.page(host.page(body + server.script()))
    one, two = Talk(page, "#one"), Talk(page, "#two")
    expect(one.field).to_be_visible()
    expect(two.field).to_be_visible()
    assert page.locator("prospectus-chat").count() == 2

    one.ask(FEE)
    two.send("Wat kost het?")
    expect(two.replies).to_have_count(1)
    one.button("New conversation").click()

    assert [body["message"] for body in faulty.questions] == ["Wat kost het?"]
    expect(one.replies).to_have_count(0)
    expect(two.replies).to_have_count(1)
    one.ask(FEE)
    page.reload()
    expect(one.replies).to_have_count(1)
    expect(one.questions.last).to_have_text(FEE)
    expect(two.questions.last).to_have_text("Wat kost het?")


# What the page wishes


def test_inline_it_stands_in_the_page(visits: Visits, host: HostSite, server: RealServer) -> None:
    body = f'<prospectus-chat mode="inline" lang="en" title="Questions"></prospectus-chat>{server.script()}'
    talk = Talk(visits.page(host.page(body)))

    expect(talk.field).to_be_visible()
    expect(talk.launcher).to_be_hidden()
    expect(talk.element.get_by_role("region", name="Questions")).to_be_visible()
    expect(talk.field).not_to_be_focused()
    assert talk.page.evaluate("() => document.activeElement === document.body")
    assert "2,060 EUR" in talk.ask(FEE).inner_text()


def test_open_it_is_there_from_the_start(visits: Visits, host: HostSite, server: RealServer) -> None:
    talk = Talk(visits.page(host.page(server.script("data-lang=en", "data-open"))))

    expect(talk.panel).to_be_visible()


def test_wishes_that_change_take_effect(talk: Talk) -> None:
    def change(name: str, value: str) -> None:
        talk.element.evaluate("(chat, [name, value]) => chat.setAttribute(name, value)", [name, value])

    talk.ask(FEE)
    change("title", "Ask Utrecht")
    expect(talk.panel.get_by_role("heading", name="Ask Utrecht")).to_be_visible()
    change("lang", "nl")
    expect(talk.part("send")).not_to_have_accessible_name("Send")
    change("position", "left")
    box = talk.panel.bounding_box()
    assert box is not None
    assert box["x"] < 200
    # Nothing of the talk is lost by it.
    expect(talk.replies).to_have_count(1)


def test_custom_properties_and_parts_dress_it(visits: Visits, host: HostSite, server: RealServer) -> None:
    style = """<style>prospectus-chat {
      --prospectus-accent: rgb(120, 0, 60); --prospectus-font: monospace; --prospectus-radius: 3px;
      --prospectus-width: 500px; --prospectus-height: 450px; --prospectus-z-index: 7; }
      prospectus-chat::part(title) { text-decoration: underline; }</style>"""
    talk = Talk(visits.page(host.page(server.script("data-lang=en"), head=style)))
    talk.open()
    settle(talk.page)

    box = talk.panel.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (500, 450)
    assert style_of(talk.page, "send", "backgroundColor") == "rgb(120, 0, 60)"
    assert "monospace" in style_of(talk.page, "input", "fontFamily")
    assert style_of(talk.page, "panel", "borderTopLeftRadius") == "3px"
    assert "underline" in style_of(talk.page, "title", "textDecoration")


def style_of(page: Page, part: str, name: str) -> str:
    found: str = page.locator(f"prospectus-chat [part~={part}]").evaluate(
        "(at, name) => getComputedStyle(at)[name]", name
    )
    return found


@pytest.mark.parametrize(
    ("accent", "text"),
    [("#ffffff", "rgb(0, 0, 0)"), ("#ffd400", "rgb(0, 0, 0)"), ("#123456", "rgb(255, 255, 255)")],
)
def test_text_on_the_accent_is_black_or_white_whichever_is_read_better(
    visits: Visits, host: HostSite, server: RealServer, accent: str, text: str
) -> None:
    talk = Talk(visits.page(host.page(server.script("data-lang=en", f"data-color={accent}"))))
    talk.open()
    settle(talk.page)

    assert style_of(talk.page, "send", "color") == text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,hi", "ftp://example.edu/", "//"])
def test_a_privacy_address_that_is_none_of_the_web_becomes_no_link(
    visits: Visits, host: HostSite, server: RealServer, address: str
) -> None:
    talk = Talk(visits.page(host.page(server.script("data-lang=en", f"data-privacy-url={address}"))))
    talk.open()

    assert talk.element.get_by_role("link", name="Privacy").count() == 0


def test_the_demo_page_answers(visits: Visits, demo: RealServer) -> None:
    page = visits.page(demo.url)
    talk = Talk(page)
    expect(talk.field).to_be_visible()

    answer = talk.ask(FEE)

    assert "2,060 EUR" in answer.inner_text()
    expect(talk.open_citation(answer).locator("[part~=mark]")).to_be_visible()
    assert "widget" in page.locator("body").inner_text().lower()
