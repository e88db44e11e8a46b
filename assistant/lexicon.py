"""The words of the domain: which phrases of a question and of a page mean the same thing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from ingest.values import ValueKind
from ingest.words import stem, stems


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing of the domain. Phrases are tuples of stems; ``ask`` includes every phrase of ``page``.

    ``is_name``: what a page says of it is never said of another. ``is_typed``: a value of the kind it
    ``expects`` speaks of it even without its words. ``is_field``: a word or two answer a question about it,
    as a value does where it expects one. ``beside`` are stems of words that add nothing where the question
    speaks of it.
    """

    name: str
    ask: tuple[tuple[str, ...], ...]
    page: tuple[tuple[str, ...], ...]
    expects: ValueKind | None = None
    is_name: bool = False
    is_typed: bool = False
    is_field: bool = False
    beside: frozenset[str] = frozenset()


_Phrases = Mapping[str, Sequence[tuple[tuple[str, ...], Concept]]]
"""Phrases and their concepts by the first stem of the phrase."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All concepts, by their phrases in questions and on pages, and the stems that mean hardly anything."""

    concepts: tuple[Concept, ...]
    generic: frozenset[str]
    asked: _Phrases
    written: _Phrases
    words: frozenset[str]
    """Every word of every phrase and every generic word, as written."""

    def match(self, question: Sequence[str], start: int) -> tuple[tuple[Concept, ...], int]:
        """The concepts of the longest phrase at ``question[start]``, and its length; ((), 0) for none."""
        return _longest(self.asked, question, start)

    def read(self, text: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
        """The phrases of a page's stems, and the names of the concepts they speak of.

        A phrase that a concept knows is one string joined by blanks, so that "living costs" is no mention of
        "costs"; every other stem is a phrase by itself.
        """
        phrases: list[str] = []
        concepts: set[str] = set()
        position = 0
        while position < len(text):
            if text[position] not in self.written:  # as most words are
                phrases.append(text[position])
                position += 1
                continue
            found, size = _longest(self.written, text, position)
            concepts.update(concept.name for concept in found)
            phrase = text[position : position + size]
            for inner in range(len(phrase)):
                # "language test" speaks of tests too; "application fee" is no fee for the programme.
                others, length = _longest(self.written, phrase, inner)
                if length < size:
                    concepts.update(concept.name for concept in others if not _rivals(concept, found))
            phrases.append(" ".join(text[position : position + max(size, 1)]))
            position += max(size, 1)
        return tuple(phrases), frozenset(concepts)

    def field(self, name: str) -> Concept | None:
        """The concept of that name, if there is one and a word or two answer it."""
        return next((each for each in self.concepts if each.name == name and each.is_field), None)

    def strange_to(self, phrases: Sequence[str]) -> list[str]:
        """Those of ``phrases``, as ``read`` returns them, that neither a concept nor a generic word is."""
        return [
            phrase
            for phrase in phrases
            if phrase not in self.generic
            and not any(" ".join(known) == phrase for known, _ in self.written.get(phrase.split(" ")[0], ()))
        ]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The packaged lexicon, read once.

    Raises:
        ValueError: a concept has no phrase, or expects a kind of value that does not exist.
    """
    return parse_lexicon(files("assistant").joinpath("lexicon.toml").read_text(encoding="utf-8"))


def parse_lexicon(text: str) -> Lexicon:
    """Read a lexicon from TOML; see the head of ``lexicon.toml`` for its form.

    Raises:
        ValueError: it is no TOML, lacks "concepts" or "generic", or a concept is as ``lexicon`` says.
    """
    data = tomllib.loads(text)
    if missing := {"concepts", "generic"} - data.keys():
        raise ValueError(f"the lexicon lacks {' and '.join(sorted(missing))}")
    concepts: list[Concept] = []
    for name, entry in data["concepts"].items():
        page = _phrases(entry.get("page", ()))
        ask = tuple(dict.fromkeys((*_phrases(entry.get("ask", ())), *page)))
        if not page:
            raise ValueError(f"concept '{name}' has no phrase of a page")
        if () in ask:
            raise ValueError(f"concept '{name}' has a phrase without a word")
        expects = ValueKind(entry["expects"]) if "expects" in entry else None
        concept = Concept(
            name,
            ask,
            page,
            expects,
            is_name=entry.get("name", False),
            is_typed=entry.get("typed", False),
            is_field=entry.get("field", expects is not None),
            beside=frozenset(map(stem, entry.get("beside", ()))),
        )
        concepts.append(concept)
    return Lexicon(
        concepts=tuple(concepts),
        generic=frozenset(stem(word) for word in data["generic"].split()),
        asked=_by_first_stem((phrase, concept) for concept in concepts for phrase in concept.ask),
        written=_by_first_stem((phrase, concept) for concept in concepts for phrase in concept.page),
        words=frozenset(
            word
            for entry in data["concepts"].values()
            for phrase in (*entry.get("ask", ()), *entry.get("page", ()), data["generic"])
            for word in phrase.split()
        ),
    )


def _rivals(one: Concept, others: Sequence[Concept]) -> bool:
    """Whether a concept states the same kind of value as one of the others, so that only one can be meant."""
    return one.expects is not None and any(one.expects is other.expects for other in others)


def _by_first_stem(pairs: Iterable[tuple[tuple[str, ...], Concept]]) -> _Phrases:
    found: dict[str, list[tuple[tuple[str, ...], Concept]]] = {}
    for phrase, concept in pairs:
        found.setdefault(phrase[0], []).append((phrase, concept))
    return found


def _longest(phrases: _Phrases, text: Sequence[str], start: int) -> tuple[tuple[Concept, ...], int]:
    best = 0
    found: list[Concept] = []
    for phrase, concept in phrases.get(text[start], ()):
        size = len(phrase)
        if size < best or tuple(text[start : start + size]) != phrase:
            continue
        if size > best:
            best, found = size, []
        if concept not in found:
            found.append(concept)
    return tuple(found), best


def _phrases(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(tuple(stems(text)) for text in texts))
