"""What a language model is asked, read from ``prompts/``, and the hash that tells wordings apart."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from string import Template

_FOLDER = files("assistant").joinpath("prompts")
# Hexadecimal digits of the hash that a reply names.
_DIGITS = 12


def prompt(name: str, **values: str) -> str:
    """The text of ``prompts/<name>.txt``, its $names filled in; what is filled in is never read for names.

    Raises:
        KeyError: a $name of the text is not among ``values``.
    """
    return Template(_text(name)).substitute(values).strip()


@lru_cache(maxsize=1)
def prompts_hash() -> str:
    """The beginning of the SHA-256 of all prompt files: those with the same hash ask the same way."""
    digest = hashlib.sha256()
    for file in sorted(_FOLDER.iterdir(), key=lambda each: each.name):
        digest.update(f"{file.name}\n{file.read_text(encoding='utf-8')}\n".encode())
    return digest.hexdigest()[:_DIGITS]


@lru_cache(maxsize=16)
def _text(name: str) -> str:
    return _FOLDER.joinpath(f"{name}.txt").read_text(encoding="utf-8")
