"""How far units cover the terms of a question: by their own words, and by what stands around them.

A question has a handful of terms and some hundred candidates, each with seven fields. So it is asked for one
term at a time what all candidates hold of it, and the answers are arrays in the order of the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document
from ingest.index import Index
from ingest.units import Unit, UnitKind
from ingest.values import ValueKind
from ingest.words import stem, stems

from .fields import SYNONYM, Field, field_of, held
from .lexicon import lexicon
from .questions import Question
from .readings import Readings, UnitReading
from .stated_values import BEGINS, is_of_the_column_asked_for
from .terms import Term, TermRole, names_a_part
from .vocabulary import commonness

# How far a term counts by where it stands. A term in the title says which page, not which sentence.
_IN_TEXT, _NEARBY, _UNDER, _AROUND, _ABOVE, _IN_SECTION, _IN_DOCUMENT = 1.0, 0.95, 0.88, 0.8, 0.75, 0.4, 0.25
# What the sentences before it in its paragraph say: "The test has four sections" goes on about a test.
_BEFORE = 0.6
# Kinds of unit that are only understood with the heading above them.
_NEEDS_HEADING = frozenset({UnitKind.FACT, UnitKind.BLANK, UnitKind.ROW, UnitKind.LIST, UnitKind.ITEM})
# Weights of a term in the question. A plain word weighs by its rarity, in the corpus and in English at
# large, between the two bounds; a name that is the page's own says which page and hardly anything more.
_NAME_WEIGHT, _CONCEPT_WEIGHT, _GENERIC_WEIGHT, _PAGE_NAME_WEIGHT = 4.0, 3.0, 0.25, 0.25
_PAGE_WORD_WEIGHT = 0.5
_WORD_LEAST, _WORD_MOST = 0.7, 3.0
# Zipf values (see vocabulary) between which a word's weight falls from the most to the least.
_RARE, _COMMON = 4.4, 5.4

_SEASONS = frozenset(map(stem, "winter spring summer autumn fall".split()))
_PART_OF_A_TEST = re.compile(r"\b(?:each|component|section|part|writing|reading|speaking|listening)", re.I)
# What happens to a thing of a timetable says nothing beside the column asked for.
_HAPPENS = re.compile(
    r"(?:take|takes|taking) place|held|happen\w*|meets?|scheduled|taught|given|offered|run|runs", re.I
)
_REACH = re.compile(
    r"\b(?:contact|write|reach|call|mail|ask|apply|send)\b.*\b(?:at|via|to|by|on|through)\s*:?$", re.I
)
_ADDRESSES = frozenset({ValueKind.EMAIL, ValueKind.PHONE})


# A hundred of each are made for a reply, which takes a named tuple a third of the time of a dataclass.
class Candidate(NamedTuple):
    """A unit that can be weighed; ``passage`` is the position of the passage that it is found by."""

    position: int
    unit: Unit
    document: Document
    passage: int
    text: str
    reading: UnitReading


class Cover(NamedTuple):
    """How a unit covers the terms of a question: ``coverage`` and ``uncovered`` as of ``Evidence``.

    ``introduces`` says whether its own words, its heading or its lead-in hold a term, ``is_introduced``
    whether only what stands around it does. ``beside`` says whether a name asked for is not its own, or
    whether the question means a page that this one is not.
    """

    coverage: float
    uncovered: tuple[Term, ...]
    introduces: bool
    is_introduced: bool
    beside: bool


class Coverage:
    """Says how candidates cover a question; keeps what it has read of recent units and documents."""

    def __init__(self, index: Index) -> None:
        self._passages = max(len(index.passages), 1)
        self._titles = field_of(document.title for document in index.documents.values())
        self.readings = Readings(index)
        self.frequency = lru_cache(maxsize=20_000)(index.frequency)
        self.names_a_page = lru_cache(maxsize=5_000)(self._is_in_a_title)

    def _is_in_a_title(self, term: Term) -> bool:
        """Whether the term stands in the title of some page ("observership"): then no other page is meant."""
        return bool(self._titles.holds(term))

    def of(
        self, question: Question, candidates: Sequence[Candidate], has_value: Sequence[bool]
    ) -> list[Cover]:
        """Return how each of the candidates covers the terms of the question.

        ``has_value`` says of each whether the kind of value asked for stands in it.
        """
        around = _Held(self.readings, candidates)
        shape = len(candidates)
        gained, total = np.zeros(shape), np.zeros(shape)
        introduces, says, beside = (np.zeros(shape, dtype=bool) for _ in range(3))
        uncovered: list[list[bool]] = []
        terms = tuple(dict.fromkeys(question.terms))
        seasons = [term for term in terms if term.stems[0] in _SEASONS and term.role is not TermRole.GENERIC]
        for term in terms:
            in_text = around.text.holds(term)
            strength = around.strength(term, question, in_text)
            is_by_form = around.says_by_its_form(term, question, has_value)
            strength[is_by_form] = np.maximum(strength[is_by_form], _NEARBY)
            is_own = around.is_the_pages_own(term)
            strength[is_own] = np.maximum(strength[is_own], _ABOVE)
            own_weight = _PAGE_NAME_WEIGHT if term.role is TermRole.NAME else _PAGE_WORD_WEIGHT
            if question.expects is not None and any(
                each.expects is question.expects for each in term.concepts
            ):
                # Of a page on costs the cost is asked, though its title says so.
                own_weight = self._weight(term)
            weight = np.where(is_own, own_weight, self._weight(term))
            gained += weight * strength
            total += weight

            decides = ~is_own & (term.role is not TermRole.GENERIC)
            introduces |= decides & (strength >= _NEARBY * SYNONYM)
            uncovered.append((decides & (strength <= _IN_SECTION)).tolist())
            if term.role is not TermRole.GENERIC:
                says |= in_text > 0
            if term in seasons and len(seasons) == 1:
                beside |= around.is_of_another_season(term)
            if term.role is TermRole.NAME:
                beside |= decides & (strength < _ABOVE * SYNONYM)
                if names_a_part(term):
                    beside |= around.is_of_another_part(term)
            elif (is_nowhere := decides & (strength < _IN_DOCUMENT)).any() and self.names_a_page(term):
                beside |= is_nowhere
        shares: list[float] = (gained / np.where(total > 0, total, 1.0)).tolist()
        gaps = [tuple(compress(terms, lacks)) for lacks in zip(*uncovered, strict=True)] or [()] * shape
        rest = (introduces.tolist(), (~says).tolist(), beside.tolist())
        return list(map(Cover, shares, gaps, *rest))

    def _weight(self, term: Term) -> float:
        if term.role is TermRole.NAME:
            return _NAME_WEIGHT
        if term.role is TermRole.CONCEPT:
            return _CONCEPT_WEIGHT
        if term.role is TermRole.GENERIC:
            return _GENERIC_WEIGHT
        share = max(self.frequency(root) for root in term.stems) / self._passages
        everyday = (commonness(term.text) - _RARE) / (_COMMON - _RARE)
        common = min(max(share * 4, everyday, 0.0), 1.0)
        return _WORD_LEAST + (_WORD_MOST - _WORD_LEAST) * (1 - common)


class _Column:
    """One field of all candidates, of which many share theirs."""

    def __init__(self, fields: Sequence[Field]) -> None:
        distinct = {id(field): field for field in fields}
        self._fields = tuple(distinct.values())
        self._places: list[int] | None = None
        if len(distinct) < len(fields):
            places = {each: place for place, each in enumerate(distinct)}
            self._places = [places[id(field)] for field in fields]

    def holds(self, term: Term) -> NDArray[np.float64]:
        """What ``held`` says of each candidate, shape (n,)."""
        found = np.array(held(term, self._fields))
        return found if self._places is None else found[self._places]


class _Held:
    """What each of the candidates holds of a term, field by field."""

    def __init__(self, readings: Readings, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        fields = [each.reading.fields for each in candidates]
        self.text = _Column([each.text for each in fields])
        self._near = _Column([each.near for each in fields])
        self._heading = _Column([each.heading for each in fields])
        self._around = _Column([each.around for each in fields])
        self._above = _Column([each.above for each in fields])
        self._before = _Column([each.before for each in fields])
        self._passage = _Column([readings.passage(each.passage).text for each in candidates])
        pages = [readings.document(each.document.id) for each in candidates]
        self._document = _Column([each.text for each in pages])
        self._masthead = _Column([each.masthead for each in pages])
        self._title = _Column([each.title for each in pages])
        # How far the heading counts, and the passage.
        self._under = np.array(
            [_NEARBY if each.unit.kind in _NEEDS_HEADING else _UNDER for each in candidates]
        )
        # A telephone number stands under the office it belongs to, in a line of its own.
        self._within = np.array(
            [_ABOVE if _value_kinds(each) & _ADDRESSES else _IN_SECTION for each in candidates]
        )

    def strength(self, term: Term, question: Question, in_text: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far the term counts for each candidate: by the nearest of its fields that holds it."""
        strength = _IN_TEXT * in_text
        for found in self._by_nearness(term, question):
            if strength.all():
                break
            strength = np.where(strength > 0, strength, found)
        return strength

    def _by_nearness(self, term: Term, question: Question) -> Iterator[NDArray[np.floating]]:
        """What the term counts by one field around the text after the other; 0 where that lacks it."""
        expected = frozenset(each.expects for each in term.concepts if each.expects is not None)
        if expected:
            yield _IN_SECTION * self._is_of_a_rival(expected, question)
        yield _NEARBY * self._near.holds(term)
        yield self._under * self._heading.holds(term)
        if expected:
            yield _NEARBY * np.array([_states_expected(term, expected, each) for each in self._candidates])
        yield _AROUND * self._around.holds(term)
        yield _ABOVE * (self._above.holds(term) > 0)
        yield (_ABOVE if term.role is TermRole.NAME else _BEFORE) * (self._before.holds(term) > 0)
        yield self._within * (self._passage.holds(term) > 0)
        yield _IN_DOCUMENT * (self._document.holds(term) > 0)

    def _is_of_a_rival(self, expected: Set[ValueKind], question: Question) -> NDArray[np.bool_]:
        """Whether a fact under "Fees" names a fee of its own that was not asked for ("Student union fee")."""
        asked = {concept.name for term in question.terms for concept in term.concepts}
        rivals = _stating(frozenset(expected)) - asked
        return np.array(
            [not rivals.isdisjoint(each.reading.fields.label) for each in self._candidates], dtype=bool
        )

    def is_the_pages_own(self, term: Term) -> NDArray[np.bool_]:
        """Whether a term is what the whole page is about: it cannot tell one of its units from another."""
        if term.role is TermRole.GENERIC or any(concept.is_name for concept in term.concepts):
            return np.zeros(len(self._candidates), dtype=bool)
        if term.role is TermRole.NAME:
            return (self._masthead.holds(term) > 0) | (self._above.holds(term) > 0)
        return self._title.holds(term) > 0

    def is_of_another_part(self, term: Term) -> NDArray[np.bool_]:
        """Whether a unit itself names a part by another number: "Session I" where 2 is asked for."""
        part, number = term.stems
        numbers = [
            re.findall(rf"\|{re.escape(part)}\|(\d{{1,2}}|[a-z])(?=\|)", each.reading.fields.text.stems)
            for each in self._candidates
        ]
        return np.array([bool(found) and number not in found for found in numbers], dtype=bool)

    def is_of_another_season(self, term: Term) -> NDArray[np.bool_]:
        """Whether a unit is of another season than that asked for: by its words, its heading or its title.

        When a programme starts is not: whether that is in spring is what "Program start: Winter" answers.
        """
        said = [
            frozenset()
            if "start_date" in each.reading.fields.label
            else _seasons_in(each.text)
            or _seasons_in(" ".join(each.unit.headings))
            or _seasons_in(each.document.title)
            for each in self._candidates
        ]
        return np.array([bool(seasons) and term.stems[0] not in seasons for seasons in said], dtype=bool)

    def says_by_its_form(
        self, term: Term, question: Question, has_value: Sequence[bool]
    ) -> NDArray[np.bool_]:
        """Whether a unit need not say the term: its value is of that kind, column or test."""
        found = np.zeros(len(self._candidates), dtype=bool)
        if any(concept.is_typed for concept in term.concepts) and question.expects is not ValueKind.NUMBER:
            found |= np.array(has_value, dtype=bool)
        if any(concept.name == "score" for concept in term.concepts):
            found |= self._is_of_a_test(question)
        if question.expects is ValueKind.DATE and BEGINS.fullmatch(term.text):
            # When it "opens" is when it "begins".
            found |= [bool(BEGINS.search(each.text)) for each in self._candidates]
        if _only_asks(term, question):
            found |= [is_of_the_column_asked_for(question, each.unit) for each in self._candidates]
        return found

    def _is_of_a_test(self, question: Question) -> NDArray[np.bool_]:
        """Whether a field is labelled with the test asked for: its number is a score ("IELTS: 6.5")."""
        found = np.zeros(len(self._candidates), dtype=bool)
        for term in question.terms:
            if any(concept.is_name for concept in term.concepts):
                found |= self._near.holds(term) > 0
        if found.any():
            found &= np.array([_may_be_a_score(each.unit) for each in self._candidates], dtype=bool)
        return found


@lru_cache(maxsize=20_000)
def _seasons_in(text: str) -> frozenset[str]:
    return _SEASONS & set(stems(text))


def _only_asks(term: Term, question: Question) -> bool:
    """Whether a term only asks for the value that the column holds ("by when", "take place")."""
    if question.expects is not None and any(each.expects == question.expects for each in term.concepts):
        return True
    return bool(_HAPPENS.fullmatch(term.text))


def _may_be_a_score(unit: Unit) -> bool:
    return unit.kind in {UnitKind.FACT, UnitKind.BLANK} and not _PART_OF_A_TEST.search(unit.label)


def _states_expected(term: Term, expected: Set[ValueKind], candidate: Candidate) -> bool:
    """Whether a bare value is of the kind the term asks for: "24 months" is a duration without the word.

    A line that breaks off at "contact the office at" lacks just the address.
    """
    unit, fields = candidate.unit, candidate.reading.fields
    if unit.kind is UnitKind.BLANK:
        return bool(expected & _ADDRESSES) and bool(_REACH.search(unit.label))
    if unit.kind is not UnitKind.FACT or unit.label not in {"", *unit.headings[-1:]}:
        return False
    kinds = _value_kinds(candidate) - {ValueKind.NUMBER}
    # "Tuition fee" above a sum says what the sum is: no instalment and no deposit.
    named = _stating(kinds) & (fields.heading.concepts | fields.label)
    return any(concept.expects in kinds and (not named or concept.name in named) for concept in term.concepts)


def _value_kinds(candidate: Candidate) -> frozenset[ValueKind]:
    return candidate.reading.kinds if candidate.unit.value else frozenset()


@lru_cache(maxsize=1_000)
def _stating(kinds: frozenset[ValueKind]) -> frozenset[str]:
    """The names of the concepts that state one of these kinds of value."""
    return frozenset(concept.name for concept in lexicon().concepts if concept.expects in kinds)
