"""The assistant's own words."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import assistant
from assistant.figures import names_in, numbers_in
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
    asked = {key for text in sources for key in re.findall(r"(?:words|\[\"framing\"\])\[\"(\w+)\"\]", text)}

    assert len(asked) >= 5
    assert asked <= set(wording()["framing"])
    assert {"greeting", "thanks", "farewell", "who_are_you", "blank", "no_detail", "yes", "no"} <= set(
        wording()["framing"]
    )
    assert {kind.value for kind in ValueKind} == set(wording()["labels"])


@pytest.mark.parametrize("language", LOCALES)
def test_no_framing_states_anything_that_a_page_could_contradict(language: str) -> None:
    for key, text in wording(language)["framing"].items():
        assert not numbers_in(text), key
        assert not names_in(text), key


@pytest.mark.parametrize("language", ["xx", "", "..", "../locales/en", "en/../en", "EN-GB"])
def test_an_unknown_language_is_answered_in_english(language: str) -> None:
    assert wording(language) == wording("en")


def test_the_packaged_files_are_whole() -> None:
    folder = files("assistant").joinpath("locales")

    assert "en" in LOCALES
    for language in LOCALES:
        tomllib.loads(folder.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
