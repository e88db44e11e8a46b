"""Levels of degree and modes of study: how titles and questions write them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

_FIELDS = r"(?:science|arts|engineering|education|laws?|philosophy|business administration|business law)"
# Read in the words of a text joined by blanks, so that "M.Sc." is "M Sc"; capitals tell "B A" from "b a".
_LEVELS: Mapping[str, re.Pattern[str]] = {
    "bachelor": re.compile(
        rf"\b(?i:bachelor(?:['’]?s)?(?: of {_FIELDS}\b)?|b ?sc|b ?eng|b ?ed|ba|llb|undergrad(?:uate)?)\b"
        r"|\bB A\b"
    ),
    "master": re.compile(
        rf"\b(?i:master(?:['’]?s)?(?: of {_FIELDS}\b)?|m ?sc|m ?eng|m ?ed|m ?phil|m ?ba|m ?bl|mps|ma|llm)\b"
        r"|\bM A\b"
    ),
    "doctorate": re.compile(r"\b(?i:doctor of philosophy|ph ?d|doctora(?:te|l)|dphil)\b"),
    "certificate": re.compile(r"\b(?i:certificates?)\b"),
    "diploma": re.compile(r"\b(?i:diplomas?)\b"),
}
_MODES: Mapping[str, re.Pattern[str]] = {
    "part-time": re.compile(r"\b(?i:part time)\b"),
    "full-time": re.compile(r"\b(?i:full time)\b"),
    "online": re.compile(r"\b(?i:online|distance learning)\b"),
    "weekend": re.compile(r"\b(?i:weekend|evening|executive)\b"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """The words ``first`` to ``last`` of a text, last included, that say ``what``."""

    first: int
    last: int
    what: str


def levels_in(words: Sequence[str]) -> tuple[Span, ...]:
    """The levels of degree that the words of a text name, in order: bachelor, master, doctorate, …"""
    return _spans(words, _LEVELS)


def modes_in(words: Sequence[str]) -> tuple[Span, ...]:
    """The modes of study that the words of a text name, in order: part-time, online, …"""
    return _spans(words, _MODES)


def _spans(words: Sequence[str], patterns: Mapping[str, re.Pattern[str]]) -> tuple[Span, ...]:
    return tuple(sorted(_found(words, patterns), key=lambda span: span.first))


def _found(words: Sequence[str], patterns: Mapping[str, re.Pattern[str]]) -> Iterator[Span]:
    said = " ".join(words)
    starts = [0, *accumulate(len(word) + 1 for word in words)]
    for what, pattern in patterns.items():
        for match in pattern.finditer(said):
            yield Span(
                bisect_right(starts, match.start()) - 1, bisect_right(starts, match.end() - 1) - 1, what
            )
