"""The assistant's own words."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import assistant
from assistant.figures import names_in, numbers_in
from assistant.glossary import LANGUAGES
from assistant.grounding import Draft, fault
from assistant.wording import wording
from ingest.values import ValueKind

LOCALES = sorted(
    file.name.removesuffix(".toml")
    for file in files("assistant").joinpath("locales").iterdir()
    if file.name.endswith(".toml")
)


def keys(language: str) -> set[tuple[str, str]]:
    return {(section, key) for section, texts in wording(language).items() for key in texts}


@pytest.mark.parametrize("language", LOCALES)
def test_every_language_says_everything_that_english_says(language: str) -> None:
    assert keys(language) == keys("en")
    for section, texts in wording(language).items():
        for key, text in texts.items():
            assert text.strip(), (section, key)
            assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", wording("en")[section][key])


def test_every_word_that_the_code_asks_for_is_there() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(assistant.__file__).parent.glob("*.py")]
    places = [
        place
        for text in sources
        for place in re.findall(r"(?:\bwords|\[[\"']framing[\"']\])\[([^\]]*[\"'][^\]]*)\]", text)
    ]
    asked = {key for place in places for key in re.findall(r"[\"'](\w+)[\"']", place)}

    assert len(asked) >= 5
    assert asked <= set(wording()["framing"])
    assert {"greeting", "thanks", "farewell", "who_are_you", "blank", "no_detail", "yes", "no"} <= set(
        wording()["framing"]
    )
    assert {kind.value for kind in ValueKind} == set(wording()["labels"])
    branches = (Path(assistant.__file__).parent / "branches.py").read_text(encoding="utf-8")
    suggested = set(re.findall(r"\btexts\[\"(\w+)\"\]", branches))
    assert {"about", "eu", "non_eu", *suggested} == set(wording()["suggestions"])


# Names the languages that are understood, and nothing of a page.
NAMES_LANGUAGES = "language_unknown"


@pytest.mark.parametrize("language", LOCALES)
def test_no_framing_states_anything_that_a_page_could_contradict(language: str) -> None:
    for key, text in wording(language)["framing"].items():
        assert not re.search(r"\d", text), key
        if language == "en" and key != NAMES_LANGUAGES:
            assert not numbers_in(text), key
            assert not names_in(text), key


def test_every_language_of_a_glossary_has_wording_of_its_own() -> None:
    assert set(LOCALES) == {"en", *LANGUAGES}
    for language in LANGUAGES:
        assert wording(language)["framing"]["yes"] != wording()["framing"]["yes"]
        same = [
            key for key, text in wording(language)["framing"].items() if text == wording()["framing"][key]
        ]
        assert same in ([], ["no"])  # "No." is Spanish too


@pytest.mark.parametrize("language", LOCALES)
def test_all_framing_passes_the_gate(language: str) -> None:
    for key, text in wording(language)["framing"].items():
        assert fault(Draft(text), {}) is None, key


@pytest.mark.parametrize("language", LOCALES)
def test_what_stands_in_one_sentence_with_a_quote_looks_like_no_name(language: str) -> None:
    # Grounding takes a word with a capital inside of a cited sentence for a name that the quote must hold.
    texts = wording(language)
    assert names_in(f"{texts['framing']['list']}\n- one") == frozenset()
    for label in texts["labels"].values():
        assert names_in(f"{label}: one.") == frozenset()
    for verdict in ("yes", "no"):
        assert names_in(f"{texts['framing'][verdict]} It is.") == frozenset()
    assert names_in(f"Fee {texts['audience']['students'].format(audience='eu')}: one.") == frozenset()


def test_framing_that_is_not_of_a_file_may_hold_no_name() -> None:
    assert fault(Draft("Die Seite nennt Utrecht."), {}) == "a name is not in the quotes"


@pytest.mark.parametrize("language", ["xx", "", "..", "../locales/en", "en/../en", "EN-GB"])
def test_an_unknown_language_is_answered_in_english(language: str) -> None:
    assert wording(language) == wording("en")


def test_the_packaged_files_are_whole() -> None:
    folder = files("assistant").joinpath("locales")

    assert "en" in LOCALES
    for language in LOCALES:
        tomllib.loads(folder.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
