"""Whether a sentence says no more and nothing else than the quotes it cites. Pure code but for the vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from ingest.documents import Document
from ingest.embedding import Embedder
from ingest.units import Unit, UnitKind
from ingest.words import stem, stems

from .claims import (
    Claim,
    Mark,
    Piece,
    claims_of,
    marks_in,
    meanings,
    meanings_of_word,
    measures_in,
    phrases_at,
    roots_of,
    said,
)
from .countries import Audience, audience_of_fact
from .figures import all_words, numbers_in
from .lexicon import lexicon

# Below this cosine, sentence and quotes speak of different things though the words occur.
LEAST_SIMILARITY = 0.2
# Stems that agree in so many letters, and so large a share, are forms of one word ("admission", "admit").
_LETTERS, _SHARE = 5, 0.6
# A field that the page leaves empty, and what may be said of it.
_BLANK = "not stated, not given, not named, not specified, not mentioned, left blank, left open, empty, missing, no value"
_SAYS_BLANK = re.compile(
    r"\b(?:not|n['’]t|no|never|without|nothing|yet to be|to be)\b.{0,60}\b(?:stat|giv|nam|specif|mention|announc|publish|"
    r"say|said|tell|told|list|provid|confirm|decid|fix|set|known|figure|amount|value|date|score|address|number|"
    r"detail|information)\w*|\b(?:doesn['’]t|does not|not) (?:say|state|give|tell|mention)|\b(?:blank|left open|empty|missing|tba|tbc)\b|"
    r"\bgives? no\b|\bno \w+(?: \w+){0,4} (?:is|are|has been|was) (?:yet )?\w+",
    re.I,
)
_OPENING = re.compile(r"^(?:yes|no)\b[,.:!]?\s*", re.I)
# What a text is told to do is required of its reader.
_IMPERATIVE = re.compile(
    r"^(?:please |then |also |first |\W)*(?:accept|add|apply|arrange|ask|attach|bring|book|check|choose|complete|"
    r"contact|create|deliver|download|e-?mail|enclose|enrol|fill|follow|give|hand|include|log|make|name|note|pay|"
    r"prepare|print|provide|put|read|register|return|scan|send|show|sign|state|submit|take|tell|turn|upload|use|"
    r"visit|write)\b",
    re.I,
)
_IS_REQUIRED = re.compile(
    r"\b(?:is|are|be|being)\b[^.]{0,30}\b(?:required|mandatory|compulsory|necessary|needed|obligatory|essential)\b|"
    r"\bneeds? (?:an?|the|to have|at least)\b|\bmust (?:have|hold|be)\b|\brequires?\b",
    re.I,
)


@dataclass(frozen=True)
class Source:
    """What a sentence may rest on: ``quote`` is what a unit states, ``context`` what it needs to be read.

    A fact states its label and its value, whatever else stands in its row. The context (title, headings,
    lead-in) lends words, never a value. ``people`` are those whom it is for, as the page words them; "" for all.
    """

    quote: str
    context: str = ""
    people: str = ""

    is_blank: bool = False

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        return claims_of(self.quote)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for claim in self.claims for piece in claim.pieces)

    @cached_property
    def audience(self) -> Audience | None:
        return audience_of_fact(self.people) or audience_of_fact(self.quote)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return numbers_in(self.quote)

    @cached_property
    def known(self) -> Known:
        return known_of(f"{self.quote}\n{self.context}\n{self.people}")

    @cached_property
    def known_around(self) -> Known:
        return known_of(f"{self.context}\n{self.people}")

    @cached_property
    def all_words(self) -> frozenset[str]:
        return all_words(f"{self.quote}\n{self.context}\n{self.people}")

    @cached_property
    def marks_around(self) -> frozenset[Mark]:
        """The marks of what stands around the quote: "Requirements" above a list makes each item one."""
        return marks_in(self.context)


@dataclass(frozen=True, slots=True)
class Known:
    """What a text speaks of: its stems, the groups of paraphrases, and the concepts of the domain."""

    roots: frozenset[str]
    meanings: frozenset[int]
    concepts: frozenset[str]


@lru_cache(maxsize=4_096)
def known_of(text: str) -> Known:
    """What ``text`` speaks of."""
    roots = roots_of(text)
    return Known(frozenset(roots) | frozenset(said(text)), meanings(roots), lexicon().read(stems(text))[1])


def source_of(unit: Unit, document: Document) -> Source:
    """What ``unit`` states."""
    text = document.text[unit.start : unit.end]
    context = [document.title, *unit.headings, unit.lead_in, unit.around]
    if unit.kind is UnitKind.FACT:
        return Source(f"{unit.label}: {unit.value}", "\n".join(context), unit.audience)
    if unit.kind is UnitKind.BLANK:
        return Source(
            f"{unit.label or text}: {_BLANK}", "\n".join([*context, text]), unit.audience, is_blank=True
        )
    if unit.kind is UnitKind.ROW and unit.lead_in:
        header, cells = unit.lead_in.split(" | "), text.split(" | ")
        parts = [f"{name}: {cell}" for name, cell in zip(header, cells, strict=False) if name and cell]
        return Source("; ".join(parts) or text, "\n".join(context), unit.audience)
    return Source(text, "\n".join([*context, unit.label]), unit.audience)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is supported; where it is not, ``reason`` says why, for tables and logs."""

    is_supported: bool
    reason: str = ""


_SUPPORTED = Verdict(True)


class SupportCheck:
    """Compares sentences with their sources. Tuned on hand-written paraphrases and lies, see the README."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def verdict(
        self, sentence: str, sources: Sequence[Source], *, asker: Audience | None = None, question: str = ""
    ) -> Verdict:
        """Whether ``sources`` together say what ``sentence`` says; each of its pieces has to stand in one of them.

        ``asker`` is the group of the person who asks: "you" is that group. Words of the ``question`` say for whom
        a sentence is, and lend it no claim.
        """
        sentence = _OPENING.sub("", sentence)
        claims = claims_of(sentence)
        if not claims or not sources:
            return Verdict(False, "nothing to compare")
        asked = _Asked(asker, known_of(f"{sentence}\n{question}"))
        for claim in claims:
            reason = _fault(claim, sources, asked)
            if reason:
                return Verdict(False, reason)
        if self._similarity(sentence, sources) < LEAST_SIMILARITY:
            return Verdict(False, "the quotes are about another thing")
        return _SUPPORTED

    def _similarity(self, sentence: str, sources: Sequence[Source]) -> float:
        """The highest cosine of the sentence and one source, or all of them together."""
        texts = [f"{source.context}\n{source.quote}" for source in sources]
        if len(texts) > 1:
            texts.append("\n".join(source.quote for source in sources))
        vectors = self._embedder.embed([sentence, *texts])
        return float(max(vectors[1:] @ vectors[0]))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, and the words of sentence and question, which say for whom the sentence is."""

    asker: Audience | None
    known: Known


def _fault(claim: Claim, sources: Sequence[Source], asked: _Asked) -> str:
    """Why ``claim`` may not be said on ``sources``; "" where it may."""
    used: list[Source] = []
    for piece in claim.pieces:
        holding = _holding(piece, sources)
        if not holding:
            return "its values do not stand together in the quotes"
        faults = [(_piece_fault(piece, claim, source, asked), source) for source in holding]
        good = [source for reason, source in faults if not reason]
        if not good:
            return faults[0][0]
        used += good
    best = max(used, key=lambda source: _overlap(claim, source))
    return _blank_fault(claim, best) if best.is_blank else _sense_fault(claim, best, used)


def _holding(piece: Piece, sources: Sequence[Source]) -> list[Source]:
    """The sources that hold all values of a piece; where none does, those under the same headings as one."""
    found = [source for source in sources if _holds(piece, source)]
    if found or len(sources) == 1:
        return found
    together: dict[str, list[Source]] = {}
    for source in sources:
        together.setdefault(source.context, []).append(source)
    merged = [
        replace(each[0], quote="\n".join(source.quote for source in each))
        for each in together.values()
        if len(each) > 1 and len({source.people for source in each}) == 1
    ]
    return [source for source in merged if _holds(piece, source)]


def _holds(piece: Piece, source: Source) -> bool:
    return piece.numbers <= source.numbers and piece.names <= source.all_words


def _piece_fault(piece: Piece, claim: Claim, source: Source, asked: _Asked) -> str:
    """Why a piece may not be said on one source; "" where it may."""
    missing = [word for word in _uncovered(piece, source.known) if not word.isdigit()]
    if missing:
        return f"the quotes do not speak of this: {', '.join(missing)}"
    if not measures_in(piece.text) <= measures_in(f"{source.quote}\n{source.people}"):
        return "a value has another unit"
    if not _is_for(piece, claim, source, asked):
        return "it holds for other people"
    if piece.numbers or piece.names:
        return _binding_fault(piece, source)
    return ""


def _uncovered(piece: Piece, known: Known) -> list[str]:
    """The words of a piece that ``known`` does not hold, in other words either."""
    plain, roots = stems(piece.text), roots_of(piece.text)
    covered: set[str] = set()
    for position in range(len(roots)):
        concepts, size = lexicon().match(plain, position)
        if size > 1 and any(concept.name in known.concepts for concept in concepts):
            covered.update(roots[position : position + size])
        for group, length in phrases_at(roots, position):
            if group in known.meanings:
                covered.update(roots[position : position + length])
    return [word for word in piece.words if word not in covered and not is_known(word, known)]


def is_known(root: str, known: Known) -> bool:
    """Whether ``known`` holds a word: itself, a form of it, a paraphrase, or the concept that it speaks of."""
    if root in known.roots or meanings_of_word(root) & known.meanings:
        return True
    concepts, _ = lexicon().match([root], 0)
    if any(concept.name in known.concepts for concept in concepts):
        return True
    return any(_are_forms(root, other) for other in known.roots)


def _are_forms(one: str, other: str) -> bool:
    size = max(_LETTERS, round(max(len(one), len(other)) * _SHARE))
    return len(one) >= size and len(other) >= size and one[:size] == other[:size]


def _overlap(claim: Claim, source: Source) -> float:
    return sum(is_known(word, source.known) for word in claim.words) + len(claim.numbers & source.numbers)


def _is_for(piece: Piece, claim: Claim, source: Source, asked: _Asked) -> bool:
    """Whether what ``source`` says of its people may be said of those whom the piece names, or of the asker."""
    named = audience_of_fact(piece.text) or audience_of_fact(claim.text)
    if source.audience is not None:
        return source.audience is (named or asked.asker)
    if named is not None and audience_of_fact(f"{source.quote}\n{source.context}") is not named:
        both = f"{source.quote}\n{source.people}"
        return bool(piece.words) and all(
            is_known(word, known_of(both)) for word in piece.words if "eu" in word
        )
    return all(is_known(word, asked.known) for word in said(source.people))


def _binding_fault(piece: Piece, source: Source) -> str:
    """Why a value of a piece is that of another thing in the quote; "" where it stands next to its own words."""
    values = piece.numbers | piece.names
    for value in values:
        own = _neighbours(value, piece, values)
        theirs = [_neighbours(value, other, values) for other in source.pieces if _has(other, value)]
        if not own or not theirs or any(own & each for each in theirs):
            continue
        rivals = frozenset().union(
            *(
                frozenset(other.words)
                for other in source.pieces
                if not _has(other, value) and (other.numbers or other.names)
            )
        )
        at_home = frozenset().union(
            *(frozenset(other.words) for other in source.pieces if _has(other, value))
        )
        if any(is_in(word, rivals) and not is_in(word, at_home) for word in own):
            return "a value is that of another thing"
    return ""


def _has(piece: Piece, value: str) -> bool:
    return value in piece.numbers or value in piece.names or value in all_words(piece.text)


def is_in(word: str, others: frozenset[str]) -> bool:
    """Whether one of ``others`` is ``word``, or says the same."""
    mine = meanings_of_word(word)
    return word in others or any(
        mine & meanings_of_word(other) or _are_forms(word, other) for other in others
    )


def _neighbours(value: str, piece: Piece, values: frozenset[str]) -> frozenset[str]:
    """The words of a piece that are no values themselves."""
    named = {stem(each) for each in values}
    return frozenset(word for word in piece.words if word not in named and not word.isdigit())


def _blank_fault(claim: Claim, source: Source) -> str:
    if claim.numbers - numbers_in(f"{source.quote}\n{source.context}"):
        return "the page leaves this blank"
    return "" if _SAYS_BLANK.search(claim.text) else "the page leaves this blank"


def _sense_fault(claim: Claim, best: Source, used: Sequence[Source]) -> str:
    """Why a claim turns round what the nearest quote says, or says it with more force; "" where it does not."""
    near = _nearest(claim, best)
    if near is None:
        return ""
    if claim.denies != near.denies:
        return "one of the two denies what the other says"
    if claim.denied and near.denied and not any(is_in(word, near.denied) for word in claim.denied):
        return "it denies another thing than the quote"
    mine, theirs = claim.marks, near.marks
    around = theirs | best.marks_around
    for mark in (Mark.ALL, Mark.ONLY, Mark.EXCEPT, Mark.OVER):
        if mark in mine and mark not in around:
            return f"the quote does not say “{mark}”"
    for mark in (Mark.ONLY, Mark.USUALLY, Mark.EXCEPT, Mark.ABOUT):
        if mark in theirs and mark not in mine:
            return f"the quote says “{mark}”"
    if (
        Mark.IF in theirs
        and re.search(r"\b(?:if|provided|subject to|depend\w*)\b", near.text, re.I)
        and Mark.IF not in mine
    ):
        return "the quote names a condition"
    if Mark.MUST in mine and Mark.MUST not in around:
        if theirs & {Mark.MAY, Mark.SHOULD}:
            return "the quote does not say “must”"
        if _IS_REQUIRED.search(claim.text) and not (around & {Mark.LEAST} or _IMPERATIVE.search(near.text)):
            return "the quote does not say “must”"
    if mine & {Mark.MAY, Mark.SHOULD} and Mark.MUST in theirs and not theirs & {Mark.MAY, Mark.SHOULD}:
        return "the quote says “must”"
    return _bound_fault(claim, near) if claim.numbers else ""


def _bound_fault(claim: Claim, near: Claim) -> str:
    mine, theirs = claim.marks, near.marks
    if Mark.LEAST in mine and Mark.LEAST not in theirs:
        return "the quote names no minimum"
    if Mark.MOST in mine and Mark.MOST not in theirs:
        return "the quote names no maximum"
    if Mark.MOST in theirs and Mark.MOST not in mine:
        return "the quote names a maximum"
    if Mark.LEAST in theirs and not mine & {Mark.LEAST, Mark.MUST}:
        return "the quote names a minimum"
    if Mark.BEFORE in mine and Mark.AFTER in theirs and Mark.BEFORE not in theirs:
        return "the quote names when it begins"
    if Mark.AFTER in mine and Mark.BEFORE in theirs and Mark.AFTER not in theirs:
        return "the quote names when it ends"
    return ""


def _nearest(claim: Claim, source: Source) -> Claim | None:
    """The claim of ``source`` that speaks most of what ``claim`` speaks of; None for a source without claims."""
    spoken = set(claim.words)

    def shared(other: Claim) -> tuple[float, bool]:
        known = known_of(other.text)
        held = sum(is_known(word, known) for word in spoken)
        return held + len(claim.numbers & other.numbers), claim.denies == other.denies

    return max(source.claims, key=shared, default=None)
