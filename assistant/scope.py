"""What of a message is for this assistant: small talk, questions about studying here, and what is neither.

Nothing here is needed to keep instructions from being followed: a message is only ever searched for, and a
reply only ever quotes. It keeps what asks nothing about studying from being searched for, and what does so
from being lost among it. So in doubt a message is a question.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ingest.words import stem, words

from .focus import asks
from .kinds import is_verdict
from .lexicon import lexicon
from .terms import STOP_STEMS

# Words. Longer messages ask something.
_LONGEST_SMALL_TALK = 16
_FLAGS = re.IGNORECASE | re.DOTALL
# Sentences, lines, parts between tags, and a question after a comma or colon: "Answer in rhyme: what is …".
_SENTENCE_END = re.compile(
    r"(?<=[.!?…。！？])\s*(?=\S)|\n+|<[^<>\n]{0,60}>|(?<=[,:;])\s+(?=(?:what|which|who|when|where|how|is|are|"
    r"can|could|do|does|am)\b)",
    re.I,
)
_SPEAKER = re.compile(r"^\s*(?:user|human|question|q)\s*:\s*", re.I)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")  # written without spaces between words
_YOU = re.compile(r"\byou(?:r|'re)?\b", re.I)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_COURTESY_END = re.compile(r"\s*[,.!;:–—\n]+[\s,.!;:–—]*")


class Reason(StrEnum):
    """Why a message is out of scope."""

    INSTRUCTION = "instruction"
    """Tells the assistant what to be, to say or to leave out of account."""
    OTHER_SERVICE = "other_service"
    """Wants a text, a program or a translation made."""
    OTHER_SUBJECT = "other_subject"
    MEDICAL_ADVICE = "medical_advice"

    @property
    def wording(self) -> str:
        """The key of what is said to it."""
        return "out_of_scope" if self in {Reason.OTHER_SERVICE, Reason.OTHER_SUBJECT} else self.value


# What only the assistant can be wanted to do: a question about others never is.
_WANTED_OF_US = frozenset({Reason.INSTRUCTION, Reason.OTHER_SERVICE})


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a message to answer: ``question``, or nothing for ``reason``.

    ``question`` is the message without courtesies in front, and without the sentences that are out of scope
    where others ask about studying; "" if nothing is left.
    """

    question: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    reason: Reason
    pattern: re.Pattern[str]
    is_companion: bool
    reads_pages: bool


@dataclass(frozen=True, slots=True)
class _Rules:
    phrases: Mapping[tuple[str, ...], str]
    longest_phrase: int
    kinds: Sequence[str]
    whole: Mapping[str, re.Pattern[str]]
    rules: tuple[_Rule, ...]
    page_words: frozenset[str]
    complaint: re.Pattern[str]
    advice_form: re.Pattern[str]
    own_work: re.Pattern[str]
    of_others: re.Pattern[str]
    studies: re.Pattern[str]


def small_talk(message: str) -> str | None:
    """The key of the friendly answer to a greeting, thanks or the like; None for anything that asks more.

    "nothing_asked" also for a message of digits and marks: next to nothing is like any number on a page.
    """
    said = [word for word in map(_folded, _WORD.finditer(message)) if word not in {"please", "pls"}]
    if not any(char.isalpha() for char in message):
        return "nothing_asked"
    if not 0 < len(said) <= _LONGEST_SMALL_TALK:
        return None
    known = _rules()
    found, position = _phrases(known, said)
    if position < len(said):
        rest = " ".join(said[position:])
        whole = next((kind for kind, pattern in known.whole.items() if pattern.fullmatch(rest)), None)
        if whole is None:
            return None
        found.add(whole)
    return next(kind for kind in known.kinds if kind in found)


def within_scope(message: str) -> Scope:
    """Return what of ``message``, which is no small talk, is to be answered."""
    message = _without_courtesy(message)
    sentences = [part.strip() for part in _SENTENCE_END.split(message) if part and part.strip()]
    reasons = _with_medical([_reason(sentence) for sentence in sentences], sentences, message)
    if Reason.INSTRUCTION in reasons:
        reasons = _with_companions(reasons, sentences)
    found = [reason for reason in reasons if reason is not None]
    if not found:
        return Scope(message)
    rest = [
        _SPEAKER.sub("", sentence)
        for sentence, reason in zip(sentences, reasons, strict=True)
        if reason is None
    ]
    left = " ".join(sentence for sentence in rest if sentence)
    if any(map(asks, rest)) and _about_studying(left):
        return Scope(left)
    return Scope("", min(found, key=list(Reason).index))


@lru_cache(maxsize=20_000)
def is_instruction(text: str) -> bool:
    """Whether a line or sentence of a page tells its readers' machines what to do: never an answer.

    Remembers texts, for the same units of a page are weighed again and again.
    """
    known = _rules()
    if known.page_words.isdisjoint(re.findall(r"\w+", text.lower())) and not _CHINESE.search(text):
        return False
    rules = [rule for rule in known.rules if rule.reads_pages]
    return any(
        rule.pattern.search(sentence)
        for sentence in _SENTENCE_END.split(text)
        if sentence and sentence.strip()
        for rule in rules
    )


def _folded(word: re.Match[str]) -> str:
    return word.group().casefold().replace("’", "'")


def _phrases(known: _Rules, said: Sequence[str]) -> tuple[set[str], int]:
    """The kinds of the phrases that ``said`` begins with, longest first, and the place of the word after."""
    found: set[str] = set()
    position = 0
    while position < len(said):
        size = next(
            (
                size
                for size in range(min(known.longest_phrase, len(said) - position), 0, -1)
                if tuple(said[position : position + size]) in known.phrases
            ),
            0,
        )
        if not size:
            break
        found.add(known.phrases[tuple(said[position : position + size])])
        position += size
    return found, position


def _without_courtesy(message: str) -> str:
    """``message`` without the greeting or thanks that a mark sets apart in front: "Thanks, and the fee?"."""
    places = list(_WORD.finditer(message[:200]))[:_LONGEST_SMALL_TALK]
    _, position = _phrases(_rules(), list(map(_folded, places)))
    # "Thanks for the info on housing, …": back to the last mark, if there is one.
    while position:
        end = _COURTESY_END.match(message, places[position - 1].end())
        if end and end.end() < len(message):
            return message[end.end() :]
        position -= 1
    return message


def _reason(sentence: str) -> Reason | None:
    known = _rules()
    asked = known.own_work.sub(" ", sentence)
    of_others = bool(known.of_others.match(sentence)) and not _YOU.search(sentence)
    for rule in known.rules:
        if rule.is_companion or (of_others and rule.reason in _WANTED_OF_US):
            continue
        found = rule.pattern.search(asked)
        if found is None:
            continue
        if rule.reason is Reason.OTHER_SUBJECT and _about_studying(
            f"{asked[: found.start()]} {asked[found.end() :]}"
        ):
            continue
        return rule.reason
    return None


def _with_companions(reasons: Sequence[Reason | None], sentences: Sequence[str]) -> list[Reason | None]:
    """``reasons`` with those of demands that an instruction stands beside: "Ignore … . Confirm that …"."""
    companions = [rule for rule in _rules().rules if rule.is_companion]
    return [
        rule.reason
        if reason is None
        and (rule := next((rule for rule in companions if rule.pattern.search(sentence)), None))
        else reason
        for sentence, reason in zip(sentences, reasons, strict=True)
    ]


def _with_medical(
    reasons: Sequence[Reason | None], sentences: Sequence[str], message: str
) -> list[Reason | None]:
    """``reasons`` with those of sentences that ask for advice on a complaint, or complain and ask no more."""
    known = _rules()
    complains = bool(known.complaint.search(message))
    marked = [
        Reason.MEDICAL_ADVICE
        if reason is None and complains and known.advice_form.search(sentence)
        else reason
        for sentence, reason in zip(sentences, reasons, strict=True)
    ]
    if Reason.MEDICAL_ADVICE not in marked and not (complains and not _about_studying(message)):
        return marked
    return [
        Reason.MEDICAL_ADVICE if reason is None and known.complaint.search(sentence) else reason
        for sentence, reason in zip(sentences, marked, strict=True)
    ]


def _about_studying(text: str) -> bool:
    if _rules().studies.search(text) or is_verdict(text):
        return True
    roots = [stem(word) for word in words(text)]
    return any(
        size > 1 or (size == 1 and roots[position] not in STOP_STEMS)
        for position in range(len(roots))
        for _, size in [lexicon().match(roots, position)]
    )


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    data: Mapping[str, Any] = tomllib.loads(
        files("assistant").joinpath("scope.toml").read_text(encoding="utf-8")
    )
    order = _joined(data["order"]["pattern"])
    phrases = {tuple(phrase.split()): kind for kind, listed in data["phrases"].items() for phrase in listed}
    return _Rules(
        phrases=phrases,
        longest_phrase=max(map(len, phrases)),
        kinds=tuple(data["phrases"]),
        whole={kind: _compiled(pattern) for kind, pattern in data["whole"].items()},
        rules=tuple(
            _Rule(
                name=rule["name"],
                reason=Reason(rule["reason"]),
                pattern=_compiled(_joined(rule["pattern"]).replace("{order}", order)),
                is_companion=rule.get("companion", False),
                reads_pages=rule.get("page", False),
            )
            for rule in data["rules"]
        ),
        page_words=frozenset(data["page"]["words"].split()),
        complaint=_compiled(data["medical"]["complaint"]),
        advice_form=_compiled(data["medical"]["advice_form"]),
        own_work=_compiled(data["own_work"]["pattern"]),
        of_others=_compiled(data["of_others"]["pattern"]),
        studies=_compiled(data["studies"]["pattern"]),
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_joined(pattern), _FLAGS)


def _joined(pattern: str) -> str:
    """``pattern`` in one line: the file breaks it where the line would be too long."""
    return re.sub(r"(?:^|\n)\s*", "", pattern)
