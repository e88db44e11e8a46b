"""The assistant's own words, read from ``locales/``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

DEFAULT_LANGUAGE = "en"


@lru_cache(maxsize=1)
def own_texts() -> frozenset[str]:
    """Every text of every language that is said as it stands, with nothing to fill in."""
    folder = files("assistant").joinpath("locales")
    languages = [file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")]
    return frozenset(
        text
        for language in languages
        for section in wording(language).values()
        for text in section.values()
        if "{" not in text
    )


@lru_cache(maxsize=8)
def wording(language: str = DEFAULT_LANGUAGE) -> Mapping[str, Mapping[str, str]]:
    """The texts of one language by section and key; English where there is no file for the language."""
    folder = files("assistant").joinpath("locales")
    file = folder.joinpath(f"{language}.toml")
    if not language.isalpha() or not file.is_file():
        file = folder.joinpath(f"{DEFAULT_LANGUAGE}.toml")
    texts: Mapping[str, Mapping[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return texts
