"""Whatever pages, questions and servers say stays text: nothing runs, and nothing leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from faulty_server import Answer, FaultyServer, citation, event, events, json_answer, problem, reply, stream
from host_site import HostSite
from measuring import markup
from payloads import ADDRESSES, TEXTS
from playwright.sync_api import Browser, Page, expect
from site_server import RealServer, served
from talk import Talk
from visits import Visits

from ingest.embedding import Embedder
from ingest.pipeline import ingest

TAGS = set(
    """a article button dialog div footer form h2 h3 header hgroup input label li mark p path section span
    strong svg textarea ul""".split()
)
"""Of what the widget itself is made. Nothing that loads, embeds, styles or runs."""

LISTS = "Anatomy Botany Chemistry Dentistry".split()
"""Programmes, each of which has every fourth text as a list on its page and one in its title and address."""


END = "This is the end of the page."

# As the page's own script can: a thousand steps from outside would take minutes.
_STEPS = """
  const chat = document.querySelector("prospectus-chat");
  const part = (name) => [...chat.shadowRoot.querySelectorAll(`[part~=${name}]`)].at(-1);
  const late = () => new Promise((_, reject) => setTimeout(reject, 10_000, new Error("no end")));
  const ask = (question) => Promise.race([chat.ask(question), late()]);
  const until = async (condition) => {
    for (const end = Date.now() + 5000; !condition(); ) {
      if (Date.now() > end) throw new Error("waited in vain");
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
"""
ASK_AND_OPEN = f"""async ({{ questions, end }}) => {{ {_STEPS}
  const seen = [];
  for (const question of questions) {{
    await ask(question);
    part("reply").querySelector("[part~=citation]").click();
    await until(() => part("mark")?.checkVisibility() && part("source").textContent.includes(end));
    seen.push({{
      question: part("question").textContent, reply: part("reply").textContent,
      source: part("source").textContent, mark: part("mark").textContent,
      links: [...part("source").querySelectorAll("[href]")].map((each) => each.href),
    }});
    part("source").dispatchEvent(new KeyboardEvent("keydown", {{ key: "Escape", bubbles: true }}));
    await until(() => !part("source").checkVisibility());
  }}
  return seen;
}}"""
ASK_AND_FAIL = f"""async () => {{ {_STEPS}
  await ask("What is the fee?");
  return part("error").textContent;
}}"""


class Ran:
    """Counts how often a payload has run in any page or frame of a window."""

    def __init__(self, page: Page) -> None:
        self.times = 0
        page.context.expose_function("hit", self._hit)

    def _hit(self, *arguments: object) -> None:
        self.times += 1


def check(page: Page, ran: Ran, hosts: tuple[str, ...] = ("www.example.edu",)) -> None:
    """That nothing has run, and that the widget is made of nothing that could. ``Visits`` notes the rest."""
    assert ran.times == 0
    made = markup(page)
    assert set(made.tags) <= TAGS
    assert [each for each in made.attributes if each.startswith("on") or each in ("style", "srcdoc")] == []
    for each in made.addresses:
        name, _, address = each.partition("=")
        assert name == "href", each
        assert urlsplit(address).scheme in ("http", "https"), each
        assert not hosts or urlsplit(address).netloc in hosts, each
    assert len(page.context.pages) == 1
    assert len(page.frames) == 1


def calm(text: str) -> str:
    """The text as it is compared: white space and what cannot be seen count for nothing."""
    return " ".join("".join(each for each in text if each.isprintable() or each.isspace()).split())


def tampered(payload: str) -> dict[str, Any]:
    """A reply that has the payload wherever a reply can have text."""
    cited = citation(title=payload, headings=[payload, "Fees"], quote=payload, start=0, end=len(payload))
    return reply(
        payload,
        citations=[cited],
        text=payload,
        notices=[{"kind": payload, "text": payload, "citations": [1]}],
        suggestions=[payload],
        question=payload,
        outcome=payload,
        language=payload,
        generation=payload,
        model=payload,
        conversation_id=payload,
        message_id=payload,
    )


def test_the_payloads_are_alive(browser: Browser, host: HostSite) -> None:
    visits = Visits(browser)  # what it notes is what is wanted here
    page = visits.page(host.page(""))
    ran = Ran(page)

    page.evaluate(
        """(texts) => {
          for (const text of texts) {
            const place = document.createElement("div");
            place.innerHTML = text;
            document.body.append(place);
          }
        }""",
        TEXTS,
    )
    page.wait_for_timeout(500)

    assert len(set(TEXTS)) + len(set(ADDRESSES)) >= 60
    assert ran.times >= 20
    assert any("evil.example" in each for each in visits.wrong)
    visits.close()


def test_nothing_in_a_question_or_a_reply_is_more_than_text(faulty_talk: Talk, faulty: FaultyServer) -> None:
    talk, ran = faulty_talk, Ran(faulty_talk.page)

    def replying(body: dict[str, Any]) -> Answer:
        payload = body["message"]
        faulty.document |= {"text": f"{payload}\n\n{END}", "title": payload, "language": payload}
        return stream(*events(tampered(payload)))

    faulty.replying = replying
    asked = [each.strip() for each in TEXTS]
    seen = talk.page.evaluate(ASK_AND_OPEN, {"questions": asked, "end": END})

    assert ran.times == 0
    for payload, shown in zip(asked, seen, strict=True):
        assert shown["question"] == payload
        assert shown["reply"].count(payload) >= 3, "sentence, notice and suggestion"
        assert shown["source"].count(payload) >= 3, "title, headings and quote"
        assert shown["mark"] == payload
    check(talk.page, ran)
    # What was kept in the browser is shown again, and is as harmless.
    talk.page.reload()
    talk.open()
    expect(talk.replies).to_have_count(len(TEXTS))
    check(talk.page, ran)


@pytest.mark.parametrize("place", ["deep_link", "url and deep_link"])
def test_no_address_but_one_of_the_web_and_of_the_document_becomes_a_link(
    faulty_talk: Talk, faulty: FaultyServer, place: str
) -> None:
    talk, ran = faulty_talk, Ran(faulty_talk.page)
    linked = []
    for address in ADDRESSES:
        changed = {"deep_link": address} if place == "deep_link" else {"deep_link": address, "url": address}
        faulty.replying = lambda body, changed=changed: stream(
            *events(reply(citations=[citation(**changed)]))
        )
        shown = talk.page.evaluate(ASK_AND_OPEN, {"questions": ["What is the fee?"], "end": ""})
        linked += shown[0]["links"]

    assert ran.times == 0
    assert all(urlsplit(each).scheme in ("http", "https") for each in linked)
    # The document is from www.example.edu, and none of the addresses is.
    assert (linked == []) == (place == "deep_link")


def test_what_a_failing_server_says_is_not_shown_or_only_as_text(
    faulty_talk: Talk, faulty: FaultyServer, visits: Visits
) -> None:
    visits.tolerate("Failed to load resource")
    talk, ran = faulty_talk, Ran(faulty_talk.page)

    def said(payload: str, answer: Answer) -> str:
        """What is shown of an answer that holds the payload."""
        faulty.plan(answer)
        shown: str = talk.page.evaluate(ASK_AND_FAIL)
        assert ran.times == 0, payload
        return shown

    for payload in (each.strip() for each in TEXTS):
        document = {"type": payload, "title": payload, "status": payload, "detail": payload}
        assert payload in said(payload, problem(422, payload))
        if len(payload) > 12:  # a single word might be one of ours
            assert payload not in said(payload, json_answer(document, 503))
            assert payload not in said(payload, stream(event("error", document)))
            seconds = "7" + "".join(each for each in payload if " " <= each <= "~")
            assert payload not in said(payload, problem(429, payload, Retry_After=seconds))

    check(talk.page, ran)


def test_attributes_of_the_page_are_text_too(visits: Visits, host: HostSite, server: RealServer) -> None:
    talk = Talk(visits.page(host.page(server.script("data-lang=en"))))
    ran = Ran(talk.page)
    talk.open()
    names = ["title", "greeting", "questions", "privacy-url", "color", "theme", "position", "lang", "page"]
    made = talk.element.evaluate(
        """async (chat, [names, payloads]) => {
          const made = [];
          for (const payload of payloads) {
            for (const name of names) chat.setAttribute(name, payload);
            await new Promise((resolve) => setTimeout(resolve));
            made.push(...[...chat.shadowRoot.querySelectorAll("[href]")].map((each) => each.href));
          }
          return made;
        }""",
        [names, [*TEXTS, *ADDRESSES]],
    )

    assert {urlsplit(each).scheme for each in made} == {"http", "https"}
    check(talk.page, ran, hosts=())


def test_a_page_whose_elements_have_treacherous_names_gets_its_widget(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    clobbering = (
        "<img name=currentScript><img name=documentElement><form name=activeElement></form>"
        "<img name=adoptedStyleSheets><form id=fetch></form><a id=customElements></a><a id=navigator></a>"
        "<a id=sessionStorage></a><a id=prospectus></a><a id=performance></a><img name=baseURI>"
    )
    talk = Talk(visits.page(host.page(clobbering + server.script("data-lang=en", f"data-api={server.url}"))))
    ran = Ran(talk.page)
    talk.open()

    assert "2,060 EUR" in talk.ask("What would I pay per year as an EU student?").inner_text()
    check(talk.page, ran)


def test_keys_of_prototypes_in_what_is_kept_change_nothing(
    visits: Visits, host: HostSite, server: RealServer
) -> None:
    talk = Talk(visits.page(host.page(server.script("data-lang=en"))))
    ran = Ran(talk.page)
    talk.open()
    talk.ask("What would I pay per year as an EU student?")
    talk.page.evaluate(
        """() => {
          const [key] = Object.keys(sessionStorage);
          const kept = JSON.parse(sessionStorage[key]);
          const evil = '{"__proto__":{"polluted":1,"innerHTML":"<img src=x onerror=hit()>"},"constructor":'
            + '{"prototype":{"polluted":1}},';
          addEventListener("pagehide", () => {
            sessionStorage[key] = evil + JSON.stringify(kept).slice(1);
            localStorage[key] = '[{"turns":"<img src=x onerror=hit()>"}]';
          });
        }"""
    )

    talk.page.reload()
    talk.open()

    expect(talk.field).to_be_visible()
    assert talk.page.evaluate("() => ({}).polluted === undefined && [].polluted === undefined")
    check(talk.page, ran)


@pytest.fixture(scope="module")
def hostile(
    browser: Browser, minilm: Embedder, host: HostSite, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealServer]:
    """The real server on pages that hold the texts in their titles, addresses and lists."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "pages.jsonl").write_text("\n".join(map(json.dumps, _pages())), encoding="utf-8")
    ingest([folder / "pages.jsonl"], folder / "data", minilm)
    with served(folder / "data", (host.origin,)) as server:
        yield server


def _pages() -> Iterator[dict[str, str]]:
    for number, name in enumerate(LISTS):
        texts = TEXTS[number :: len(LISTS)]
        lead = f"The programme {name} includes these modules:"
        items = "\n".join(f"- {each}" for each in texts)
        yield {
            "title": f"{name} {texts[0]}",
            "url": f'https://www.example.edu/{number}/"><img/src=x/onerror=hit()>',
            "language": "en",
            "text": f"# {name}\n\n## Modules of {name}\n\n{lead}\n\n{items}",
        }


def test_nothing_in_the_pages_of_a_real_index_is_more_than_text(
    visits: Visits, host: HostSite, hostile: RealServer
) -> None:
    page = visits.page(host.page(hostile.script("data-lang=en")))
    talk, ran = Talk(page), Ran(page)
    talk.open()
    shown = ""
    for name in LISTS:
        answer = talk.ask(f"Which modules does the programme {name} include?")
        shown += answer.inner_text()
        source = talk.open_citation(answer)
        expect(source.get_by_role("link", name="Open the page")).to_be_visible()
        shown += source.inner_text()
        check(page, ran)
        page.keyboard.press("Escape")
        expect(talk.source).to_be_hidden()

    # Most of the texts really were there; the reader of pages drops a few.
    assert sum(calm(each) in calm(shown) for each in TEXTS) >= 80
