"""Every language of the interface: the texts are complete, and they are what is shown."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from faulty_server import FaultyServer, problem
from host_site import HostSite
from measuring import axe_violations, sticking_out
from playwright.sync_api import expect
from site_server import RealServer
from talk import Talk
from visits import Visits

LOCALES = Path(__file__).parents[2] / "api" / "widget" / "locales"
LANGUAGES = ("en", "nl", "de", "es", "fr", "zh")
FEE = {
    "en": "What is the tuition fee for EU students?",
    "nl": "Wat is het collegegeld voor EU-studenten?",
    "de": "Wie hoch sind die Studiengebühren für EU-Studierende?",
    "es": "¿Cuánto es la matrícula para estudiantes de la UE?",
    "fr": "Quels sont les frais de scolarité pour les étudiants de l'UE ?",
    "zh": "欧盟学生的学费是多少?",
}


@cache
def texts(language: str) -> dict[str, str]:
    """The texts of that language, by their keys; those of lists and groups have a path for a key."""
    return dict(_flat("", json.loads((LOCALES / f"{language}.json").read_text("utf-8"))))


def _flat(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [each for key, below in value.items() for each in _flat(f"{path}/{key}", below)]
    if isinstance(value, list):
        return [each for at, below in enumerate(value) for each in _flat(f"{path}/{at}", below)]
    return [(path, value)]


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w*\}", text))


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert {file.stem for file in LOCALES.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_all_texts_and_no_other(language: str) -> None:
    english, other = texts("en"), texts(language)

    assert set(other) == set(english)
    assert len(english) > 30
    for key, text in other.items():
        assert isinstance(text, str)
        assert text == text.strip() != ""
        assert placeholders(text) == placeholders(english[key]), key
        assert not re.search(r"[<>]|&\w+;", text), key


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_texts_are_translated(language: str) -> None:
    same = {key for key, text in texts(language).items() if text == texts("en")[key]}

    # A word that two languages share, or a mark, may be the same.
    assert {key for key in same if len(texts("en")[key].split()) > 1} == set()
    assert len(same) <= 4


def is_from(language: str, shown: str) -> bool:
    """Whether what is shown is a text of the language, with anything in place of its placeholders."""
    parts = [part for text in texts(language).values() for part in (text, *text.split("|"))]
    return any(re.fullmatch(re.sub(r"\\\{\w*\\\}", ".*", re.escape(part)), shown, re.S) for part in parts)


NAMES = """() => {
  const root = document.querySelector("prospectus-chat").shadowRoot;
  const shown = (each) => each.checkVisibility({ visibilityProperty: true });
  const name = (each) => (each.getAttribute("aria-label") ?? each.textContent).replace(/\\s+/g, " ").trim();
  return [...root.querySelectorAll("button, a[href], label, textarea, [role=log], [role=status], h2")]
    .filter(shown)
    .filter((each) => !each.matches("[part~=citation], [part~=reply] [part~=suggestion]"))
    .map((each) => each.labels?.length ? name(each.labels[0]) : name(each) || each.placeholder)
    .filter(Boolean);
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_interface_speaks_the_language(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer, language: str
) -> None:
    visits.tolerate("Failed to load resource")
    script = server.script(f"data-lang={language}", "data-privacy-url=https://www.example.edu/p")
    talk = Talk(visits.page(host.page(script, lang="pt"), viewport={"width": 320, "height": 700}))
    expect(talk.launcher).to_be_visible()
    seen = set(talk.page.evaluate(NAMES))
    talk.launcher.click()
    expect(talk.field).to_be_visible()
    seen |= set(talk.page.evaluate(NAMES))
    intro = talk.part("intro").inner_text()
    examples = talk.part("intro").locator("[part~=suggestion]").all_inner_texts()
    assert sticking_out(talk.page) == []
    before = talk.replies.count()
    talk.field.fill(FEE[language])
    talk.field.press("Enter")
    expect(talk.replies).to_have_count(before + 1, timeout=20_000)
    answer = talk.replies.first
    assert "2,060 EUR" in answer.inner_text()
    expect(answer).to_have_attribute("lang", language)
    expect(answer.get_by_role("button").last).to_be_visible()
    seen |= set(talk.page.evaluate(NAMES))
    talk.citations(answer).first.click()
    expect(talk.source).to_be_visible()
    seen |= set(talk.page.evaluate(NAMES))
    assert sticking_out(talk.page) == []

    title = "Medical Imaging, MSc (Utrecht University)"
    assert {each for each in seen if not is_from(language, each) and title not in each} == set()
    assert len(seen) >= 12
    assert len(examples) == 3
    assert all(is_from(language, each) for each in examples)
    assert any(len(text) > 30 and text in " ".join(intro.split()) for text in texts(language).values())
    assert axe_violations(talk.page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_question_of_each_language_finds_something(
    visits: Visits, host: HostSite, server: RealServer, language: str
) -> None:
    talk = Talk(visits.page(host.page(server.script(f"data-lang={language}"))))
    talk.open()
    outcomes = []
    for number in range(3):
        talk.field.fill(talk.part("intro").locator("[part~=suggestion]").nth(number).inner_text())
        talk.field.press("Enter")
        expect(talk.replies).to_have_count(number + 1, timeout=20_000)
        outcomes.append(talk.replies.nth(number).get_attribute("data-outcome"))

    assert set(outcomes) <= {"answered", "clarify", "not_stated"}


@pytest.mark.parametrize("language", ["nl", "zh"])
def test_a_failure_is_told_in_the_language(
    visits: Visits, host: HostSite, server: RealServer, faulty: FaultyServer, language: str
) -> None:
    visits.tolerate("Failed to load resource")
    faulty.plan(problem(503))
    script = server.script(f"data-lang={language}", f"data-api={faulty.url}", "data-open")
    talk = Talk(visits.page(host.page(script)))

    talk.send("18,690?")

    expect(talk.error).to_be_visible()
    said = " ".join(talk.error.inner_text().split())
    assert any(text in said for text in texts(language).values() if len(text) > 10)
    assert not any(text in said for text in texts("en").values() if len(text) > 10)


@pytest.mark.parametrize(
    ("attribute", "page", "browser_language", "shown"),
    [
        ("data-lang=de", "fr", "es-ES", "de"),
        ("data-lang=de-AT", "fr", "es-ES", "de"),
        ("", "fr-BE", "es-ES", "fr"),
        ("", "", "es-MX", "es"),
        ("data-lang=xx", "fr", "es-ES", "en"),
        ("data-lang=../en", "fr", "es-ES", "en"),
    ],
)
def test_the_language_is_that_of_the_line_of_the_page_or_of_the_browser(
    visits: Visits,
    host: HostSite,
    server: RealServer,
    attribute: str,
    page: str,
    browser_language: str,
    shown: str,
) -> None:
    visits.tolerate("404")
    attributes = [each for each in (attribute, "data-open") if each]
    url = host.page(server.script(*attributes), lang=page)
    talk = Talk(visits.page(url, locale=browser_language))

    expect(talk.part("send")).to_be_visible()
    sends = {language: _name_of_send(language) for language in LANGUAGES}
    expect(talk.part("send")).to_have_accessible_name(sends[shown])


def _name_of_send(language: str) -> str:
    key = next(key for key, text in texts("en").items() if text == "Send")
    return texts(language)[key]
