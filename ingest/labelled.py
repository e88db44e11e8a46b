"""Labels and their values on one line: "Fee: 900 EUR", "Fee – 900 EUR", "Credits 120 ECTS"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .values import ValueKind, is_bare_value, is_empty_value, kinds_of, names_a_field, names_units

# A label has at most so many words, and so many code points in front of its colon.
LABEL_WORDS = 8
_LABEL_LENGTH = 92
# The words of a label that a dash or nothing at all parts from its value.
_SHORT_LABEL_WORDS = 5
# "Please note: …" introduces a sentence, not a value.
_REMARK = re.compile(
    r"^(?:(?:please )?note(?: that)?|n\.?\s?b\.?|(?:\w+ )?tips?|important(?: notice| note)?|attention|"
    r"warning|caution|hints?|reminder|(?:for )?example|e\.g\.?|i\.e\.?|disclaimer|update|ps|p\.s\.)$",
    re.I,
)
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|must|should|may|do|does|please)\b|"
    r"^(?:you|we|they|he|she|it|i|there|this|these|those|if|when|because)\b",
    re.I,
)
_APART = re.compile(r"\s[|·•]\s|;\s")
_DASH = re.compile(r"\s[–—-]\s|\s?→\s?")
_BRACKETS = re.compile(r"^(?P<label>[^()]{3,60}?)\s\((?P<value>[^()]{2,80})\)\W?$")
_VALUE_BEGINS = re.compile(
    r"\s(?=(?:(?:from|about|approx\.?|ca\.?|between|at least|up to|until|by|min\.?|max\.?)\s)?"
    r"(?:[A-Z]{0,3}[€$£¥₹₩]|[A-Z]{3}\s)?\s?\d)"
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label and its value in ``text[start:end]`` of a line; ``value`` is "" where none follows."""

    label: str
    value: str
    start: int
    end: int


def labelled_in(line: str) -> list[Labelled]:
    """The labels and values that a line is made of, in order; empty where it is anything else.

    Of several pairs each needs its colon ("Duration: 24 months | Credits: 120 ECTS").
    """
    several = [part for part in _parts(line) if part is not None]
    if len(several) > 1:
        return several
    one = by_colon(line) or _by_dash(line) or _by_bar(line) or _run_together(line) or _in_brackets(line)
    return [one] if one is not None else []


def by_colon(line: str) -> Labelled | None:
    """The label before the first colon outside of brackets and the value behind it; None without a label.

    The colons in "10:30" and "https://" part nothing.
    """
    at = _colon(line)
    if at is None:
        return None
    label = line[:at].strip()
    if not 0 < at <= _LABEL_LENGTH or not re.match(r"[^\W_]", label) or not re.search(r"[^\W\d_]", label):
        return None
    return Labelled(label, line[at + 1 :].strip(), 0, len(line))


def bare_label(text: str) -> str:
    """``text`` without its colon and without the mark of a footnote."""
    return re.sub(r"^[*†‡]{1,3}\s*(?=\w)|\s*(?:\*{1,3}|†|‡)$", "", text.strip().rstrip(":").strip())


def is_label(text: str, *, words: int = LABEL_WORDS) -> bool:
    """Whether a line can be the name of a value: short, no value itself, no clause, no end of sentence."""
    bare = text.strip().rstrip(":").strip()
    return (
        0 < len(bare.split()) <= words
        and bare[-1] not in ".!?;,"
        and ": " not in re.sub(r"\([^()]*\)", "", bare)
        and not is_bare_value(bare)
        and bool(re.search(r"[^\W\d_]{2}", bare))
        and not is_remark(bare)
    )


def is_remark(label: str) -> bool:
    """Whether what stands before a colon leads over to a sentence: "Please note", "Our motto is simple"."""
    return bool(_REMARK.match(label.strip()))


def is_clause(label: str) -> bool:
    """Whether what stands before a colon is the beginning of a sentence."""
    return bool(_CLAUSE.search(label))


def _parts(line: str) -> Sequence[Labelled | None]:
    """The labelled parts between bars or semicolons; empty where one of them has no label."""
    bounds = [0, *(at for cut in _APART.finditer(line) for at in cut.span()), len(line)]
    found: list[Labelled] = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        part = by_colon(line[start:end])
        if part is None or not is_label(part.label):
            return ()
        found.append(Labelled(part.label, part.value, start, end))
    return found


def _colon(line: str) -> int | None:
    depth = 0
    for at, char in enumerate(line[: _LABEL_LENGTH + 1]):
        depth += (char in "([") - (char in ")]" and depth > 0)
        if char != ":" or depth or line.startswith("//", at + 1):
            continue
        is_clock = line[at - 1 : at].isdigit() and line[at + 1 : at + 2].isdigit()
        return None if is_clock else at
    return None


def _by_dash(line: str) -> Labelled | None:
    cut = _DASH.search(line)
    if cut is None:
        return None
    label, value = line[: cut.start()].strip(), line[cut.end() :].strip()
    if not _is_short_label(label) or not value:
        return None
    states = is_bare_value(value) and bool(kinds_of(value) - {ValueKind.NUMBER} or names_units(value))
    return (
        Labelled(label, value, 0, len(line))
        if states or (names_a_field(label) and is_empty_value(value))
        else None
    )


def _by_bar(line: str) -> Labelled | None:
    """ "120 ECTS | credits": the value before its label."""
    value, bar, label = line.partition(" | ")
    if not bar or " | " in label or not is_bare_value(value) or not is_label(label, words=_SHORT_LABEL_WORDS):
        return None
    return Labelled(label.strip(), value.strip(), 0, len(line))


def _run_together(line: str) -> Labelled | None:
    """ "Application fee 50 EUR": a field and its value with nothing between them."""
    cut = _VALUE_BEGINS.search(line)
    if cut is None:
        return None
    label, value = line[: cut.start()].strip(), line[cut.end() :].strip()
    if not is_label(label, words=_SHORT_LABEL_WORDS) or not names_a_field(label):
        return None
    if is_clause(label) or not is_bare_value(value, other_words=0):
        return None
    return (
        Labelled(label, value, 0, len(line))
        if kinds_of(value) - {ValueKind.NUMBER} or names_units(value)
        else None
    )


def _in_brackets(line: str) -> Labelled | None:
    """ "Application fee (50 EUR online, 70 EUR by mail)": a field with its value in brackets."""
    found = _BRACKETS.match(line)
    if found is None or not is_label(found["label"], words=_SHORT_LABEL_WORDS):
        return None  # "a room (€ 2 per night)" is a thing and its price
    if (
        not found["label"][0].isupper()
        or not names_a_field(found["label"])
        or not kinds_of(found["value"]) - {ValueKind.NUMBER}
    ):
        return None
    return Labelled(found["label"], found["value"], 0, len(line))


def _is_short_label(text: str) -> bool:
    return is_label(text, words=_SHORT_LABEL_WORDS) and not names_units(text) and not is_clause(text)
