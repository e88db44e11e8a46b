"""Whether a sentence says what the quotes it cites say, and nothing else. Pure code but for the vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from ingest.documents import Document
from ingest.embedding import Embedder
from ingest.units import Unit, UnitKind
from ingest.words import stems

from .claims import (
    Claim,
    Mark,
    Piece,
    claims_of,
    figures_in,
    is_denied,
    marks_in,
    meanings,
    meanings_of_word,
    measures_in,
    phrases_at,
    root_of,
    roots_of,
    said,
)
from .countries import Audience, audience_of_fact
from .figures import addresses_in, all_words, numbers_in
from .labels import named_cells
from .lexicon import lexicon

# Below this cosine, sentence and quotes speak of different things though the words occur.
LEAST_SIMILARITY = 0.2
# Stems that agree in so many letters, and so large a share, are forms of one word ("admission", "admit").
_LETTERS, _SHARE = 5, 0.6
# A field that the page leaves empty, and what may be said of it.
_BLANK = (
    "not stated, not given, not named, not specified, not mentioned, left blank, left open, empty, missing, "
    "no value"
)
_SAYS_BLANK = re.compile(
    r"\b(?:not|n['’]t|no|never|without|nothing|yet to be|to be)\b.{0,60}\b(?:stat|giv|nam|specif|mention|"
    r"announc|publish|"
    r"say|said|tell|told|list|provid|confirm|decid|fix|set|known|figure|amount|value|date|score|address|"
    r"number|"
    r"detail|information)\w*|\b(?:doesn['’]t|does not|not) (?:say|state|give|tell|mention)|\b(?:blank|"
    r"left open|empty|missing|tba|tbc)\b|"
    r"\bgives? no\b|\bno \w+(?: \w+){0,4} (?:is|are|has been|was) (?:yet )?\w+",
    re.I,
)
_OPENING = re.compile(r"^(?:yes|no)\b[,.:!;]\s*", re.I)
# What a text is told to do is required of its reader.
_IMPERATIVE = re.compile(
    r"^(?:please |then |also |first |\W)*(?:accept|add|apply|arrange|ask|attach|bring|book|check|choose|"
    r"complete|"
    r"contact|create|deliver|download|e-?mail|enclose|enrol|fill|follow|give|hand|include|log|make|name|"
    r"note|pay|"
    r"prepare|print|provide|put|read|register|return|scan|send|show|sign|state|submit|take|tell|turn|"
    r"upload|use|"
    r"visit|write)\b",
    re.I,
)
_CONDITION = re.compile(r"\b(?:if|provided|subject to|depend\w*)\b", re.I)
_CAN = re.compile(r"\b(?:can|may|possible|option(?:al)?|choose)\b", re.I)
# What nobody but the institution can say of a person.
_JUDGES = re.compile(
    r"\byou(?:['’]re| are| will be| would be|['’]ll be)? (?:\w+ )?(?:qualif\w+|eligible|admitted|accepted|"
    r"admissible)\b|"
    r"\byou (?:\w+ )?meet\b|\byour (?:\w+ ){1,4}(?:meets?|qualif\w+|suffices?|is enough|are enough|"
    r"is sufficient)\b|"
    r"\byou will (?:\w+ )?(?:get in|find|succeed|pass)\b",
    re.I,
)
# "If you are admitted" judges nobody.
_SUPPOSED = re.compile(r"\b(?:if|once|when|after|before|until)\b[^,;]*")
# Of numbers only the years above a quote hold for it: "Fees 2026/27".
_YEAR = re.compile(r"\b(?:(?:19|20)\d\d|(?<=(?:19|20)\d\d[/–-])\d\d)\b")
_NONE = re.compile(r"\W*(?:none|no|not)\b", re.I)
_COUNTED = re.compile(r"\b\d[\d.,]*\s([a-z]{3,})\b", re.I)
_NO_NOUN = frozenset(
    "and are but can for from has have may must not per the was were will with who each full".split()
)
_SMALL = frozenset("the a an you your their they it we our is are has have be to of".split())
# "International" says for whom only in front of people.
_OF_NOBODY = re.compile(
    r"\binternational\b(?! (?:students?|applicants?|candidates?|participants?|fees?|tuition))", re.I
)
_CHOICE = re.compile(r"\b(?:one of|out of|either|any of|choose|pick|select|among)\b", re.I)
# What is said about a field that is left empty.
_OF_BLANKS = frozenset(
    "page line leav blank open announc fix give state say name mention list known yet appear entri field day "
    "provid".split()
)
# The share of a quoted clause that a sentence may leave out.
MOST_LEFT_OUT = 0.25
_IS_REQUIRED = re.compile(
    r"\b(?:is|are|be|being)\b[^.]{0,30}\b(?:required|mandatory|compulsory|necessary|needed|obligatory|"
    r"essential)\b|"
    r"\bneeds? (?:an?|the|to have|at least)\b|\bmust (?:have|hold|be)\b|\brequires?\b",
    re.I,
)


@dataclass(frozen=True)
class Source:
    """What a sentence may rest on: ``quote`` is what a unit states, ``context`` what it needs to be read.

    A fact states its label and its value, whatever else stands in its row. The context (title, headings,
    lead-in) lends words, never a value; the ``frame`` is what stands right above, whose "must" holds below.
    ``people`` are those whom it is for, as the page words them; "" for all. ``label`` is that of a fact.
    """

    quote: str
    context: str = ""
    people: str = ""
    is_blank: bool = False
    label: str = ""
    frame: str = ""

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        return claims_of(self.quote)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for claim in claims_of(self.stated) for piece in claim.pieces)

    @property
    def stated(self) -> str:
        """The value of a fact; all of the quote else."""
        return self.quote.removeprefix(f"{self.label}: ") if self.label else self.quote

    @cached_property
    def audience(self) -> Audience | None:
        return audience_of_fact(self.people) or audience_of_fact(_OF_NOBODY.sub(" ", self.quote))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return figures_in(f"{self.quote}\n{self.people}") | frozenset(_YEAR.findall(self.context))

    @cached_property
    def known(self) -> Known:
        return known_of(f"{self.quote}\n{self.context}\n{self.people}")

    @cached_property
    def all_words(self) -> frozenset[str]:
        return all_words(f"{self.quote}\n{self.context}\n{self.people}")

    @cached_property
    def marks_around(self) -> frozenset[Mark]:
        """The marks of what stands around the quote: "Requirements" above a list makes each item one."""
        return marks_in(self.frame)


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
    frame = "\n".join([*unit.headings[-1:], unit.lead_in])
    # The header of a table names its other columns too.
    lead_in = "" if unit.kind is UnitKind.FACT and " | " in unit.lead_in else unit.lead_in
    context = "\n".join([document.title, *unit.headings, lead_in])
    if unit.kind is UnitKind.FACT:
        # What stands beside it says what a bare label is about, unless it is another field with its value.
        around = context if re.search(r"\d", unit.around) else f"{context}\n{unit.around}"
        return Source(
            f"{unit.label}: {unit.value}",
            around,
            unit.audience,
            label=unit.label,
            frame=f"{frame}\n{unit.label}",
        )
    if unit.kind is UnitKind.BLANK:
        named = f"{context}\n{unit.around}\n{text}"
        return Source(f"{unit.label or text}: {_BLANK}", named, unit.audience, is_blank=True)
    if unit.kind is UnitKind.ROW and unit.lead_in:
        return Source("; ".join(named_cells(unit, text)) or text, context, unit.audience, frame=frame)
    return Source(text, context, unit.audience, frame=frame)


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
        """Whether ``sources`` say what ``sentence`` says; each piece of it has to stand in one of them.

        ``asker`` is the group of the person who asks: "you" is that group. Words of the ``question`` say for
        whom a sentence is, and lend it no claim.
        """
        sentence = _OPENING.sub("", sentence)
        claims = claims_of(sentence)
        if not claims or not sources:
            return Verdict(False, "nothing to compare")
        if not addresses_in(sentence) <= addresses_in("\n".join(source.quote for source in sources)):
            return Verdict(False, "an address is not in the quotes")
        asked = _Asked(sentence, asker, known_of(f"{sentence}\n{question}"), known_of(sentence))
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
        texts += [source.quote for source in sources]
        if len(sources) > 1:
            texts.append("\n".join(source.quote for source in sources))
        vectors = self._embedder.embed([sentence, *texts])
        return float(max(vectors[1:] @ vectors[0]))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, and the words of sentence and question, which say for whom the sentence is."""

    sentence: str
    asker: Audience | None
    known: Known
    said: Known


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
    return _blank_fault(claim, best) if best.is_blank else _sense_fault(claim, best, asked)


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
        if len(each) > 1
        and len({source.people for source in each}) == 1
        and all(source.label for source in each)
    ]
    return [source for source in merged if _holds(piece, source)]


def _holds(piece: Piece, source: Source) -> bool:
    return piece.numbers <= source.numbers and piece.names <= source.all_words


def _piece_fault(piece: Piece, claim: Claim, source: Source, asked: _Asked) -> str:
    """Why a piece may not be said on one source; "" where it may."""
    missing = [
        word
        for word in _uncovered(piece, source.known)
        if not word[0].isdigit() and not (source.is_blank and word in _OF_BLANKS)
    ]
    if missing:
        return f"the quotes do not speak of this: {', '.join(missing)}"
    if not measures_in(piece.text) <= measures_in(f"{source.quote}\n{source.people}"):
        return "a value has another unit"
    if source.label and _NONE.match(source.stated) and not (is_denied(piece.text) or claim.denies):
        return "the quote denies it"
    if not _is_for(piece, claim, source, asked):
        return "it holds for other people"
    if (piece.numbers or piece.names) and not source.is_blank:
        return _binding_fault(piece, source)
    return ""


def _uncovered(piece: Piece, known: Known) -> list[str]:
    """The words of a piece that ``known`` does not hold, in other words either."""
    plain, roots = stems(piece.text), roots_of(piece.text)
    covered: set[str] = set()
    for position in range(len(roots)):
        concepts, size = lexicon().match(plain, position)
        is_value = any(concept.expects and concept.name in known.concepts for concept in concepts)
        if size > 1 and is_value:
            covered.update(roots[position : position + size])
        for group, length in phrases_at(roots, position):
            if group in known.meanings:
                covered.update(roots[position : position + length])
    return [word for word in piece.words if word not in covered and not is_known(word, known)]


def is_known(root: str, known: Known) -> bool:
    """Whether ``known`` holds a word: itself, a form of it, a paraphrase, or the concept it speaks of."""
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
    """Whether what ``source`` says of its people may be said of those that the piece names, or the asker."""
    texts = (piece.text, claim.text, asked.sentence)
    named = next(filter(None, (audience_of_fact(_OF_NOBODY.sub(" ", text)) for text in texts)), None)
    if source.audience is not None:
        return source.audience is (named or asked.asker)
    if named is not None and audience_of_fact(f"{source.quote}\n{source.context}") is not named:
        both = f"{source.quote}\n{source.people}"
        return bool(piece.words) and all(
            is_known(word, known_of(both)) for word in piece.words if "eu" in word
        )
    return all(is_known(word, asked.known) for word in said(re.sub(r"\([^()]*\)", " ", source.people)))


def _binding_fault(piece: Piece, source: Source) -> str:
    """Why a value of a piece is that of another thing in the quote; "" where it stands with its own words."""
    values = piece.numbers | piece.names
    homes = [other for other in source.pieces if piece.numbers & other.numbers]
    named_there = frozenset[str]().union(*(other.names for other in homes))
    if homes and piece.names and named_there and not piece.names & named_there:
        return "a value is that of another thing"
    own = _besides(values, piece)
    at_home = frozenset[str]().union(*(other.words for other in source.pieces if _has_any(other, values)))
    rivals = frozenset[str]().union(
        *(
            _besides(other.numbers | other.names, other)
            for other in source.pieces
            if not _has_any(other, values) and (other.numbers or other.names)
        )
    )
    free = frozenset(said(source.label)).union(
        *(other.words for other in source.pieces if not (other.numbers or other.names))
    )
    if any(is_in(word, rivals) and not is_in(word, at_home | free) for word in own):
        return "a value is that of another thing"
    counted = {match[1].casefold() for match in _COUNTED.finditer(piece.text)}
    if not all(is_known(root_of(noun), source.known) for noun in counted if noun not in _NO_NOUN):
        return "a number counts another thing"
    return ""


def _has_any(piece: Piece, values: frozenset[str]) -> bool:
    return bool(values & (piece.numbers | piece.names | all_words(piece.text)))


def is_in(word: str, others: frozenset[str]) -> bool:
    """Whether one of ``others`` is ``word``, or says the same."""
    mine = meanings_of_word(word)
    return word in others or any(
        mine & meanings_of_word(other) or _are_forms(word, other) for other in others
    )


def _besides(values: frozenset[str], piece: Piece) -> frozenset[str]:
    """The words of a piece that are no values themselves."""
    named = {root_of(each) for each in values}
    return frozenset(word for word in piece.words if word not in named and not word.isdigit())


def _blank_fault(claim: Claim, source: Source) -> str:
    if claim.numbers - numbers_in(f"{source.quote}\n{source.context}"):
        return "the page leaves this blank"
    return "" if _SAYS_BLANK.search(claim.text) else "the page leaves this blank"


def _sense_fault(claim: Claim, best: Source, asked: _Asked) -> str:
    """Why a claim turns round what the nearest quote says, or says it with more force; "" if not."""
    near = _nearest(claim, best)
    if near is None:
        return ""
    if claim.denies != near.denies:
        return "one of the two denies what the other says"
    beside = [word for word in claim.words if not is_known(word, known_of(near.text))]
    for other in best.claims:
        if other.denies != claim.denies and any(is_in(word, frozenset(other.words)) for word in beside):
            return "one of the two denies what the other says"
    reached = frozenset[str]().union(*near.denied)
    for words in claim.denied:
        if words and reached and not any(is_in(word, reached) for word in words):
            return "it denies another thing than the quote"
    return (
        _mark_fault(claim, near, best)
        or (_bound_fault(claim, near) if claim.numbers or near.numbers else "")
        or _join_fault(claim, near, asked)
        or _part_fault(claim, near, best, asked)
    )


def _mark_fault(claim: Claim, near: Claim, best: Source) -> str:
    mine, theirs = claim.marks, near.marks
    around = theirs | best.marks_around
    for mark in (Mark.ALL, Mark.ONLY, Mark.EXCEPT, Mark.SOME):
        if mark in mine and mark not in around:
            return f"the quote does not say “{mark}”"
    for mark in (Mark.ONLY, Mark.USUALLY, Mark.EXCEPT, Mark.ABOUT, Mark.SOME):
        if mark in theirs and mark not in mine:
            return f"the quote says “{mark}”"
    if _CONDITION.search(near.text) and Mark.IF not in mine:
        return "the quote names a condition"
    if Mark.MUST in mine and Mark.MUST not in around:
        if theirs & {Mark.MAY, Mark.SHOULD} or _CAN.search(near.text):
            return "the quote does not say “must”"
        if _IS_REQUIRED.search(claim.text) and not (Mark.LEAST in theirs or _IMPERATIVE.search(near.text)):
            return "the quote does not say “must”"
    if mine & {Mark.MAY, Mark.SHOULD} and Mark.MUST in theirs and not theirs & {Mark.MAY, Mark.SHOULD}:
        return "the quote says “must”"
    if _JUDGES.search(_SUPPOSED.sub(" ", claim.text)) and not _JUDGES.search(near.text):
        return "it judges a person"
    return ""


def _join_fault(claim: Claim, near: Claim, asked: _Asked) -> str:
    """Why things that the quote joins by "or" may not be joined by "and", nor other words by "before"."""
    mine, theirs = claim.text.lower(), near.text.lower()
    for one, other in (("and", "or"), ("or", "and")):
        for joint in re.finditer(rf" {one} ", "" if _CHOICE.search(mine) else mine):
            pair = (*said(mine[: joint.start()])[-1:], *said(mine[joint.end() :])[:1])
            told = roots_of(theirs)
            at = [told.index(word) for word in pair if word in told]
            if len(at) == 2 and other in told[min(at) :] and one not in told[min(at) :]:
                return f"the quote says “{other}”"
    for option in re.finditer(r"(?<!/)\bor\s", theirs):
        other_way = said(theirs[option.end() :])[:1]
        if other_way and not any(is_known(word, asked.said) for word in other_way):
            return "the quote leaves another way open"
    if "both" in mine.split() and not _CHOICE.search(mine) and " or " in theirs:
        return "the quote says “or”"
    for word in ("before", "after", "unless", "until", "except", "without", "by"):
        if f" {word} " in f" {mine} " and f" {word} " in f" {theirs} ":
            after, before = (
                frozenset(roots_of(each.partition(f"{word} ")[2])[:4]) - _SMALL for each in (mine, theirs)
            )
            if after and before and not any(is_in(each, before) for each in after):
                return f"other words follow “{word}”"
    return ""


def _part_fault(claim: Claim, near: Claim, best: Source, asked: _Asked) -> str:
    """Why too much of the quote is left out: what is left out may be what limits the rest."""
    named = frozenset(said(best.label))
    left_out = [
        word for word in dict.fromkeys(near.words) if word not in named and not is_known(word, asked.said)
    ]
    quoted = known_of(f"{best.quote}\n{best.people}")
    borrowed = [word for word in claim.words if not is_known(word, quoted) and not word.isdigit()]
    if borrowed and left_out:
        return "it says another word than the quote"
    if len(left_out) > len(set(near.words)) * MOST_LEFT_OUT:
        return "it leaves out too much of the quote"
    return ""


def _bound_fault(claim: Claim, near: Claim) -> str:
    mine, theirs = claim.marks, near.marks
    for mark in (Mark.OVER, Mark.UNDER):
        if (mark in mine) != (mark in theirs):
            return f"only one of the two says “{mark}”"
    if Mark.LEAST in mine and Mark.LEAST not in theirs:
        return "the quote names no minimum"
    if Mark.MOST in mine and Mark.MOST not in theirs:
        return "the quote names no maximum"
    if Mark.MOST in theirs and Mark.MOST not in mine:
        return "the quote names a maximum"
    if Mark.LEAST in theirs and not mine & {Mark.LEAST, Mark.MUST}:
        return "the quote names a minimum"
    if Mark.BEFORE in mine and Mark.AFTER in theirs and not (Mark.BEFORE in theirs or Mark.AFTER in mine):
        return "the quote names when it begins"
    if Mark.AFTER in mine and Mark.BEFORE in theirs and not (Mark.AFTER in theirs or Mark.BEFORE in mine):
        return "the quote names when it ends"
    return ""


def _nearest(claim: Claim, source: Source) -> Claim | None:
    """The claim of ``source`` that speaks most of what ``claim`` speaks of; None where it has none."""
    spoken = set(claim.words)

    def shared(other: Claim) -> tuple[int, int, bool]:
        known = known_of(other.text)
        held = sum(is_known(word, known) for word in spoken)
        in_its_words = len(spoken & set(other.words))
        return held + len(claim.numbers & other.numbers), in_its_words, claim.denies == other.denies

    return max(source.claims, key=shared, default=None)
