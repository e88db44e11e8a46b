"""Sentence boundaries with offsets."""

from __future__ import annotations

import re

_END = re.compile(r"(?<![.!?。！？])[.!?。！？]+[\"'”’)\]]{0,4}(?=\s|$)|[。！？]")
# Abbreviations are at most so many code points long.
_LOOK_BACK = 12
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|approx|incl|excl|resp|no|nr|vol|dr|prof|mr|mrs|ms|st|dept|univ|ph\.d|"
    r"m\.sc|b\.sc|"
    r"m\.a|b\.a|m\.eng|b\.eng|m\.ed|b\.ed|ir|drs|ca|tel|ext|fig|p|pp|a\.m|p\.m|u\.s|u\.k|bzw|z\.b|d\.h|"
    r"inkl|bijv|o\.a)|"
    r"\b[A-Z])\.$",
    re.I,
)
_ALWAYS_OPEN = re.compile(r"\b(?:e\.g|i\.e|cf|vs|approx|dr|prof|mr|mrs|ms|tel|z\.b|d\.h)\.$", re.I)
# After these, and after an initial, a capital mostly continues a name: "St. Gallen", "M.Sc. Physics".
_BEFORE_NAME = re.compile(
    r"(?:(?:^|[\s(\"“])(?:[A-Z]|st|dept|univ|ph\.d|[mb]\.(?:sc|a|eng|ed)|u\.[sk]))\.$", re.I
)
_STARTER = re.compile(
    r"(?:the|this|that|these|those|an?|it|its|they|there|we|our|you|your|he|she|if|in|on|at|for|from|as|"
    r"all|each|every|both|"
    r"no|not|some|most|many|any|please|students?|applicants?|applications?|candidates?|however|when|"
    r"while|after|before|"
    r"during|with|to|note)\b",
    re.I,
)


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the spans of the sentences in ``text[start:end]``, trimmed, in order.

    A full stop after an abbreviation or an initial ends a sentence only where a capital follows that does
    not continue a name; a line break always ends one.
    """
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    line_start = start
    while line_start < end:
        line_end = text.find("\n", line_start, end)
        line_end = end if line_end < 0 else line_end
        spans += _line_spans(text, line_start, line_end)
        line_start = line_end + 1
    return spans


def _line_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        following = stop
        while following < end and text[following].isspace():
            following += 1
        if following < end and not _ends_before(text, max(begin, stop - _LOOK_BACK), stop, following):
            continue
        spans.append(_trim(text, begin, stop))
        begin = stop
    if text[begin:end].strip():
        spans.append(_trim(text, begin, end))
    return [span for span in spans if span[1] > span[0]]


def _ends_before(text: str, look_back: int, stop: int, following: int) -> bool:
    """Whether the full stop before ``stop`` ends its sentence, given what follows it on the line."""
    first = text[following]
    if not (first.isupper() or first.isdigit() or first in "\"'“‘([¿¡•-" or not first.isascii()):
        return False
    before = text[look_back:stop].rstrip("\"'”’)]")
    if _ALWAYS_OPEN.search(before) or (_ABBREVIATION.search(before) and not first.isupper()):
        return False
    return not _BEFORE_NAME.search(before) or bool(_STARTER.match(text, following))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
