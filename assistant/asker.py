"""Who is asking: the fee group and the background, as far as a conversation told them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ingest.words import words

from .countries import Audience, audience_of_question, names_of_origin

_OWN = re.compile(r"\b(?:i|i['’]m|im|me|my|we|our)\b", re.I)
_RELATIVE = re.compile(
    r"\bmy (?P<who>father|mother|dad|mum|mom|girlfriend|boyfriend|wife|husband|spouse|partner|friend|"
    r"sister|brother|"
    r"son|daughter|child|cousin)\b(?P<rest>(?: is| has| holds| comes|'s)\b[^.!?;,]*)",
    re.I,
)
_FOR_ANOTHER = re.compile(r"\b(?:she|he|her|him|his|they)\b", re.I)
_BACKGROUND = (
    (
        "with",
        re.compile(
            r"\b(?:i have|i['’]ve got|i hold|i (?:just |recently )?(?:finished|completed|obtained|did|"
            r"got)|with)\s+"
            r"(?P<said>(?:an?|my) (?:[\w'’-]+ ){0,3}?(?:bachelor|bsc|ba|master|msc|ma|degree|"
            r"diploma)(?:['’]?s)?"
            r"(?: degree)?(?: (?:in|of) (?:[\w'’&-]+ ?){1,4})?)",
            re.I,
        ),
    ),
    (
        "as",
        re.compile(
            r"\bi(?:['’]m| am)\s+(?P<said>an? (?:[\w'’-]+ ){1,4}?"
            r"(?:student|graduate|resident|doctor|physician|nurse|radiologist|engineer|teacher|"
            r"undergraduate))\b",
            re.I,
        ),
    ),
)
_LIKE_ME = re.compile(
    r"\b(?:someone|somebody|people|students?|a person|applicants?) like me\b|(?<=\bfor )me\b(?=[\s?.!]*$)",
    re.I,
)
_MY_BACKGROUND = re.compile(r"\b(?:with|given) my (?:background|degree|studies|level|education)\b", re.I)


@lru_cache(maxsize=2_000)
def group_of(message: str) -> Audience | None:
    """The group that a message names, also by a nationality alone: "Norway", as an answer back."""
    group = audience_of_question(message)
    if group is not None:
        return group
    for clause in re.split(r"[,.;!?\n]", message):
        said = re.sub(r"^\W*(?:no|sorry|yes|actually|just|only)\b\W*", "", clause, flags=re.I).strip()
        said = " ".join(words(said)).casefold()
        stated = f"I am from {said}."
        if said and names_of_origin(stated) == set(said.split()):
            return audience_of_question(stated)
    return None


def known_group(message: str, earlier: Sequence[str], profile: Mapping[str, str] | None) -> Audience | None:
    """The group a question is asked for: named in it, told of oneself, asked about before, or the profile's.

    ``earlier`` are the messages before, oldest first; of each the newest word counts.
    """
    group = group_of(message)
    if group is not None:
        return group
    newest = [*reversed(earlier)]
    if _FOR_ANOTHER.search(message):
        for text in newest:
            if found := _RELATIVE.search(text):
                return audience_of_question(f"I am {found['rest']}.")
    for own_only in (True, False):
        for text in newest:
            is_own = bool(_OWN.search(text)) or "?" not in text
            if (is_own or not own_only) and (group := group_of(text)) is not None:
                return group
    stated = " ".join(f"I am from {value}." for value in (profile or {}).values())
    return audience_of_question(stated) if stated else None


def with_background(asked: str, earlier: Sequence[str]) -> str:
    """``asked`` with what the asker told of their studies for "me": "Is it for a medical student?"."""
    told = next(
        (
            (preposition, found["said"].strip())
            for text in reversed(earlier)
            for preposition, pattern in _BACKGROUND
            if (found := pattern.search(text))
        ),
        None,
    )
    if told is None:
        return asked
    preposition, said = told
    asked = _MY_BACKGROUND.sub(f"{preposition} {said}", asked)
    return _LIKE_ME.sub(said if preposition == "as" else f"someone with {said}", asked)
