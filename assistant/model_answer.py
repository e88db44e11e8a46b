"""What a model wrote, as sentences and the evidence they name; forgiving of form, never of content."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.sentences import sentence_spans

from .language_model import Fault, ModelFault

# Sentences that are read, and code points of one; what goes on longer is no answer.
MOST_SENTENCES = 6
LONGEST_SENTENCE = 600
_FENCE = re.compile(r"^\s*```\w*\s*|\s*```\s*$")
_MARKS = re.compile(r"\s*(?:\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]|\((?:evidence |source )?(\d{1,2})\))", re.I)
_MARKUP = re.compile(r"\*\*|__|`|^#+\s*|^[-*•]\s+", re.M)
_PAGE = re.compile(r"<\s*(?:!doctype|html|head|body|script|p|div)\b", re.I)
_DECLINES = re.compile(
    r"^(?:i(?:'|’)?m sorry|sorry|i apologi[sz]e|i (?:can(?:no|'|’)?t|am unable|won(?:'|’)?t|do(?:n(?:'|"
    r"’)?t| not) have)|"
    r"as an ai|unfortunately,? i)\b",
    re.I,
)

ANSWER_SCHEMA: dict[str, Any] = {
    "title": "answer",
    "description": "Sentences, each with the numbers of the evidence that it rests on.",
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "evidence": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "evidence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
TRANSLATED_SCHEMA: dict[str, Any] = json.loads(json.dumps(ANSWER_SCHEMA))
_SENTENCE = TRANSLATED_SCHEMA["properties"]["sentences"]["items"]
_SENTENCE["properties"] = {"english": {"type": "string"}, **_SENTENCE["properties"]}
_SENTENCE["required"] = ["english", "text", "evidence"]


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence of a model's: ``evidence`` are the numbers it names, ``english`` the sentence in English."""

    text: str
    evidence: tuple[int, ...]
    english: str


def read_answer(text: str) -> list[Written]:
    """The sentences of a model's answer; none where it says that the evidence does not answer.

    Read is a JSON object as asked for, also in a fence, amid other text or broken off after whole sentences;
    else plain text whose sentences end in marks such as [1].

    Raises:
        ModelFault: it is no such answer (WRONG_SHAPE), a web page (NOT_TEXT), or declines (DECLINED).
    """
    text = _FENCE.sub("", text).strip()
    if not text:
        raise ModelFault(Fault.EMPTY)
    if _PAGE.search(text[:500]):
        raise ModelFault(Fault.NOT_TEXT)
    sentences = _from_json(text) if "{" in text or text.startswith("[") else None
    if sentences is None:
        if _DECLINES.match(text):
            raise ModelFault(Fault.DECLINED)
        sentences = _from_plain_text(text)
    if sentences is None:
        raise ModelFault(Fault.WRONG_SHAPE)
    return [each for each in sentences if each.text and len(each.text) <= LONGEST_SENTENCE][:MOST_SENTENCES]


def read_line(text: str) -> str:
    """The one line that a model was asked for, without quotation marks around it; "" where it wrote more."""
    lines = [line.strip() for line in _FENCE.sub("", text).strip().splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > LONGEST_SENTENCE or _PAGE.search(lines[0]):
        return ""
    return _plain(
        re.sub(r"^(?:stand-?alone )?(?:question|translation|english)\s*:\s*", "", lines[0], flags=re.I)
    ).strip("\"'“”‘’ ")


def _from_json(text: str) -> list[Written] | None:
    """The sentences of the first object or list of them in ``text``; None where there is none."""
    for value in _values(text):
        found = value.get("sentences") if isinstance(value, dict) else value
        if isinstance(found, list) and (not found or any(_sentence(each) for each in found)):
            return [each for each in map(_sentence, found) if each is not None]
    whole = [each for each in map(_sentence, _values(text, inner=True)) if each is not None]
    return whole or None


def _values(text: str, *, inner: bool = False) -> Iterator[Any]:
    """The JSON objects and lists in ``text``, those inside of broken ones too if asked for."""
    decoder = json.JSONDecoder()
    position = 0
    for match in re.finditer(r"[{\[]", text):
        if match.start() < position:
            continue
        try:
            value, position = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            if not inner and match.start() == 0:
                continue
            continue
        yield value


def _sentence(value: Any) -> Written | None:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return None
    named = value.get("evidence", value.get("citations", []))
    numbers = re.findall(r"\d{1,3}", json.dumps(named)) if not isinstance(named, bool) else []
    marked, text = _without_marks(value["text"])
    english = value.get("english")
    return Written(
        _plain(text),
        tuple(dict.fromkeys([*map(int, numbers), *marked])),
        _plain(_without_marks(english)[1]) if isinstance(english, str) else _plain(text),
    )


def _from_plain_text(text: str) -> list[Written] | None:
    found: list[Written] = []
    # A mark behind the full stop belongs to the sentence before it.
    text = re.sub(r"([.!?])((?:\s*\[\d[\d, ]*\])+)", r"\2\1", text)
    for start, end in sentence_spans(text):
        marked, sentence = _without_marks(text[start:end])
        if marked:
            found.append(Written(_plain(sentence), tuple(marked), _plain(sentence)))
    return found or None


def _without_marks(text: str) -> tuple[list[int], str]:
    marked = [
        int(number)
        for match in _MARKS.finditer(text)
        for number in re.findall(r"\d+", match[1] or match[2] or "")
    ]
    return marked, _MARKS.sub("", text)


def _plain(text: str) -> str:
    """Text without markup, control and bidi characters, on one line, in NFC."""
    kept = "".join(
        " " if char in "\n\t\r" else char
        for char in unicodedata.normalize("NFC", _MARKUP.sub("", text))
        if char in "\n\t\r" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(kept.split())
