"""Inside or outside a state: the two groups that public universities in the United States set fees for."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Residence(StrEnum):
    """On which side of the state's border one lives."""

    INSIDE = "in-state"
    OUTSIDE = "out-of-state"


_OUTSIDE = re.compile(
    r"\bout[\s-]of[\s-]state(?:rs?)?\b|\bnon[\s-](?:[\w.]+[\s-])?residents?\b|"
    r"\bnot (?:be |being )?(?:an? )?(?:[\w.]+ )?residents?\b|"
    r"\b(?:from|in) (?:another|a different|some other) state\b|"
    r"\boutside (?:of )?(?:the |this |your )?state\b|\bother states\b",
    re.I,
)
_INSIDE = re.compile(r"\bin[\s-]state(?:rs?)?\b|\bresidents?\b(?! (?:permit|hall|assistant|advis))", re.I)
# "I'm not from Maryland", "if I don't live in Ohio".
_OWN_PLACE = re.compile(
    r"\b(?:[Ii]|[Ww]e)(?P<verb>(?:['’]m|['’]re| am| are| do)?(?:n['’]t)?(?: (?:not|currently|now))*\s+"
    r"(?:from|(?:live|living|reside|residing|based) in))\s+(?:the )?"
    r"(?P<place>[A-Z][\w.]*(?: [A-Z][\w.]*)?)"
)
# What a question says of it: "for a Maryland resident", "if I'm from out of state".
_SAID = re.compile(
    r"\s*\b(?:for|as)\s+(?:an?\s+|the\s+)?(?:(?!(?:for|as|per)\b)[\w.-]+\s){0,2}"
    r"(?:residents?|(?:in|out[\s-]of)[\s-]state(?:\s(?:students?|residents?|applicants?))?)\b|"
    r"\s*\bif\s+i\b[^?.!,;]*\b(?:residents?|state|live in|living in|from)\b[^?.!,;]*",
    re.I,
)
_NO = re.compile(r"\b(?:not|never)\b|n['’]t\b", re.I)


@lru_cache(maxsize=20_000)
def residence_of(text: str) -> Residence | None:
    """The side that ``text`` names; None where it names neither, or both."""
    outside = bool(_OUTSIDE.search(text))
    inside = bool(_INSIDE.search(_OUTSIDE.sub(" ", text)))
    if outside == inside:
        return None
    return Residence.OUTSIDE if outside else Residence.INSIDE


def residence_of_asker(text: str, people: str) -> Residence | None:
    """The side on which a question puts its asker, of the state that ``people`` names ("Ohio residents")."""
    side = residence_of(text)
    own = _OWN_PLACE.search(text)
    if side is not None or own is None or own["place"].casefold() not in people.casefold():
        return side
    return Residence.OUTSIDE if _NO.search(own["verb"]) else Residence.INSIDE


def without_residence(text: str) -> str:
    """A question without the side of the border that it asks for."""
    return _SAID.sub("", text)


def tells_residence(text: str) -> bool:
    """Whether ``text`` says on which side somebody lives, or where."""
    return residence_of(text) is not None or _OWN_PLACE.search(text) is not None


def words_of_residence(text: str) -> frozenset[str]:
    """The words, lower case, that say where the asker lives or does not: for whom, not what is asked."""
    own = _OWN_PLACE.search(text)
    if own is None:
        return frozenset()
    return frozenset(
        {*own["place"].casefold().split(), *re.findall(r"live|living|lives", own["verb"].casefold())}
    )
