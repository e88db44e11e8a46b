"""Questions with what is known of a good answer, read from JSON Lines files.

One JSON object a line; blank lines are skipped::

    {"id": "fee-1", "turns": ["How much is tuition?", "And for EU students?"], "expect": "answer",
     "must": ["2[,.]?060"], "never": ["18[,.]?690"], "cite": ["2[,.]?060 EUR"], "tags": ["fee", "follow-up"]}

``turns`` are asked in order, each with what was said before; the reply to the last one is judged. ``expect``
is an ``Expectation``. The others are optional lists of regular expressions (Python's ``re``, searched, case
matters unless they say ``(?i)``): every ``must`` has to match the text of the reply, no ``never`` may, and
every ``cite`` has to match a cited quote. The ``cite`` are the gold for citation precision and recall.
``tags`` are those of ``tags.toml``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..conversation import InvalidQuestion, check_question

_KEYS = ("id", "turns", "expect", "must", "never", "cite", "tags")
_REQUIRED = ("id", "turns", "expect")


class BadInput(ValueError):
    """A file that the evaluation was given cannot be used; the message names it, the line and the remedy."""


class Expectation(StrEnum):
    """Which outcomes are right: see ``scoring`` for the sets."""

    ANSWER = "answer"
    ABSTAIN = "abstain"
    OPEN = "open"
    """Any outcome; only the regular expressions judge."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """One question, the line it stands on, and what a reply is judged by."""

    id: str
    turns: tuple[str, ...]
    expect: Expectation
    must: tuple[re.Pattern[str], ...] = ()
    never: tuple[re.Pattern[str], ...] = ()
    cite: tuple[re.Pattern[str], ...] = ()
    tags: tuple[str, ...] = ()
    line: int = 0


def load_fixtures(path: Path) -> tuple[Fixture, ...]:
    """Return the questions of a file, in its order.

    Raises:
        BadInput: there is no such file, it holds no question, or a line is not one; names file and line.
    """
    return parse_fixtures(read_text(path, "Name a file of questions."), str(path))


def read_text(path: Path, remedy: str) -> str:
    """Return the text of a file; ``remedy`` says what to do where there is none.

    Raises:
        BadInput: it cannot be read, or is not UTF-8; names file and line.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadInput(f"{path}, line {line}: this is not UTF-8. Save the file as UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}. {remedy}") from None


def parse_fixtures(text: str, name: str) -> tuple[Fixture, ...]:
    """Return the questions in ``text``; ``name`` is what messages call it.

    Raises:
        BadInput: as ``load_fixtures``.
    """
    fixtures: list[Fixture] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fixture = _fixture(_object(line), number)
            if fixture.id in lines:
                raise ValueError(
                    f"the id {fixture.id!r} is taken by line {lines[fixture.id]}; ids are unique"
                )
        except ValueError as error:
            raise BadInput(f"{name}, line {number}: {error}.") from None
        lines[fixture.id] = number
        fixtures.append(fixture)
    if not fixtures:
        raise BadInput(f"{name} holds no question. Write one JSON object a line.")
    return tuple(fixtures)


@lru_cache(maxsize=1)
def known_tags() -> Mapping[str, str]:
    """Every tag that a question may carry and what it means, in the order of ``tags.toml``."""
    groups = tomllib.loads(files(__package__).joinpath("tags.toml").read_text(encoding="utf-8"))
    return {tag: meaning for group in groups.values() for tag, meaning in group.items()}


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise ValueError("this is not JSON that can be read: it is nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError(f"this is {_kind(value)}, but must be a JSON object with {_listed(_REQUIRED)}")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands there twice")
    return found


def _fixture(value: Mapping[str, Any], line: int) -> Fixture:
    for key in value:
        if key not in _KEYS:
            raise ValueError(f"the key {key!r} is not known; the known ones are {_listed(_KEYS)}")
    for key in _REQUIRED:
        if key not in value:
            raise ValueError(f"the key {key!r} is missing; each question has {_listed(_REQUIRED)}")
    return Fixture(
        id=_id(value["id"]),
        turns=_turns(value["turns"]),
        expect=_expectation(value["expect"]),
        must=_patterns("must", value.get("must", [])),
        never=_patterns("never", value.get("never", [])),
        cite=_patterns("cite", value.get("cite", [])),
        tags=_tags(value.get("tags", [])),
        line=line,
    )


def _id(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"id is {_kind(value)}, but must be a text that is not empty")
    return value


def _turns(value: object) -> tuple[str, ...]:
    turns = _texts("turns", value)
    if not turns:
        raise ValueError("turns is empty, but must hold at least one question")
    for position, turn in enumerate(turns):
        try:
            check_question(turn)
        except InvalidQuestion as error:
            raise ValueError(f"turns[{position}] cannot be asked: {str(error).rstrip('.')}") from None
    return turns


def _expectation(value: object) -> Expectation:
    try:
        return Expectation(value)  # type: ignore[arg-type]  # anything else than the three texts is refused
    except ValueError:
        raise ValueError(f"expect is {value!r}; the known expectations are {_listed(Expectation)}") from None


def _patterns(key: str, value: object) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(f"{key}[{position}]", text) for position, text in enumerate(_texts(key, value)))


def _pattern(place: str, text: str) -> re.Pattern[str]:
    if not text:
        raise ValueError(f"{place} is empty: as a regular expression that matches everything")
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{place} is {text!r}, which is not a regular expression: {error}") from None


def _tags(value: object) -> tuple[str, ...]:
    tags = _texts("tags", value)
    for position, tag in enumerate(tags):
        if tag not in known_tags():
            raise ValueError(
                f"the tag {tag!r} is not known; the known ones are {_listed(sorted(known_tags()))}"
            )
        if tag in tags[:position]:
            raise ValueError(f"the tag {tag!r} stands there twice")
    return tags


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{key} is {_kind(value)}, but must be a list of texts")
    for position, each in enumerate(value):
        if not isinstance(each, str):
            raise ValueError(f"{key}[{position}] is {_kind(each)}, but must be a text")
    return tuple(value)


def _kind(value: object) -> str:
    """How JSON calls a value: messages are for people who write JSON, not Python."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "an empty text" if not value.strip() else "a text"
    return (
        "a list" if isinstance(value, Sequence) else "an object" if isinstance(value, Mapping) else "a number"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
