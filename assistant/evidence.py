"""From passages to evidence: the sentences, items, rows and facts that speak to the question."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document
from ingest.index import Index
from ingest.units import Unit, UnitKind
from ingest.values import ValueKind, kinds_of
from ingest.words import stems

from .countries import Audience, audience_of_fact
from .fields import SYNONYM, FieldReader, Fields, field_of
from .kinds import QuestionKind
from .lexicon import lexicon
from .questions import Question, understand
from .retrieval import Hit
from .scope import is_instruction
from .stated_values import is_of_the_column_asked_for, people_of, states_value
from .terms import Term, TermRole
from .vocabulary import commonness

# How far a term counts by where it stands. A term in the title says which page, not which sentence.
_IN_TEXT, _NEARBY, _UNDER, _AROUND, _ABOVE, _IN_SECTION, _IN_DOCUMENT = 1.0, 0.95, 0.88, 0.8, 0.75, 0.4, 0.25
# What the sentences before it in its paragraph say: "The test has four sections" goes on about a test.
_BEFORE = 0.6
# Passages of a page that a question names. Real programme pages have up to 25.
MOST_PASSAGES = 40
# Kinds of unit that are only understood with the heading above them.
_NEEDS_HEADING = frozenset({UnitKind.FACT, UnitKind.BLANK, UnitKind.ROW, UnitKind.LIST, UnitKind.ITEM})
# Weights of a term in the question. A plain word weighs by its rarity, in the corpus and in English at
# large, between the two bounds; a name that is the page's own says which page and hardly anything more.
_NAME_WEIGHT, _CONCEPT_WEIGHT, _GENERIC_WEIGHT, _PAGE_NAME_WEIGHT = 4.0, 3.0, 0.25, 0.25
_PAGE_WORD_WEIGHT = 0.5
_WORD_LEAST, _WORD_MOST = 0.7, 3.0
# Zipf values (see vocabulary) between which a word's weight falls from the most to the least.
_RARE, _COMMON = 4.4, 5.4
# Share of the lexical coverage in the score; the rest is the similarity of the vectors.
_COVERAGE_SHARE = 0.6
_TOPIC_BONUS = 0.05
# Taken off for each term of weight that neither the unit nor its surroundings hold.
_GAP = 0.06


# What a page that tells how says.
_INSTRUCTS = re.compile(
    r"\b(?:contact|send|submit|upload|fill (?:in|out)|register|complete|create an? account|follow|"
    r"hand in|e-?mail|log ?in|sign up|"
    r"apply (?:via|through|online|by|using|at)|via|by means of|go(?:es)? to|addressed to|step|first|then|"
    r"you (?:need to|must|should|have to))\b",
    re.I,
)
# Kinds of question that a labelled fact answers best, if its label is what they ask for.
_NAMES_A_FIELD = frozenset(
    {QuestionKind.OPEN, QuestionKind.LIST, QuestionKind.WHO, QuestionKind.WHERE, QuestionKind.YES_NO}
)
# A bare address holds the words of a page's name and says nothing of it.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.I)
_ASKS_FOR_A_LINK = re.compile(r"\b(?:web ?site|web ?page|link|url|address|online|portal|where)\b", re.I)
_PART_OF_A_TEST = re.compile(r"\b(?:each|component|section|part|writing|reading|speaking|listening)", re.I)
# What happens to a thing of a timetable says nothing beside the column asked for.
_HAPPENS = re.compile(
    r"(?:take|takes|taking) place|held|happen\w*|meets?|scheduled|taught|given|offered|run|runs", re.I
)
_PLANNED = frozenset({ValueKind.DATE, ValueKind.DURATION})
_DEFINES = re.compile(r"\b(?:is|are|concerns?|means?|refers? to|deals? with|tests?|measures?|stands? for)\b")
# It says that the answer is elsewhere, and nothing besides (as it might in brackets).
_POINTS_ELSEWHERE = re.compile(
    r"(?:for )?(?:more|further|additional|detailed) (?:information|details)\b[^()]{0,160}"
    r"\b(?:visit|see|go to|consult|refer to|check|click|(?:found|available) (?:at|on|in|here|under))\b",
    re.I,
)
_ASKS_WHERE_TO_LOOK = frozenset({QuestionKind.WHERE, QuestionKind.WHO, QuestionKind.HOW})
_REACH = re.compile(
    r"\b(?:contact|write|reach|call|mail|ask|apply|send)\b.*\b(?:at|via|to|by|on|through)\s*:?$", re.I
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A unit and how well it speaks to the question.

    ``coverage`` in [0, 1]: the weighted share of the question's terms that the unit and its surroundings
    hold. ``similarity`` in [-1, 1]: cosine of question and unit. ``score`` blends the two. ``uncovered``
    are the terms that neither it nor its surroundings hold; ``has_value`` says whether the kind of value
    asked for stands in it.
    ``is_introduced`` says whether only what stands around it holds the terms, as the lead-in of a list does.
    ``is_beside`` says whether it speaks of another thing than the one named, whatever its score.
    """

    document: Document
    unit: Unit
    position: int
    score: float
    coverage: float
    similarity: float
    has_value: bool
    uncovered: tuple[Term, ...]
    audience: Audience | None
    is_beside: bool = False
    is_introduced: bool = False

    @property
    def people(self) -> str:
        """The people that a fact is for, as the page words it; "" where it is for all."""
        return people_of(self.unit)

    @property
    def text(self) -> str:
        """The words of the unit as they stand on the page."""
        return self.document.text[self.unit.start : self.unit.end]


@dataclass(frozen=True, slots=True)
class _Cover:
    """How a unit covers the terms of a question: see Evidence.

    ``introduces`` says whether its own words, its
    heading or its lead-in hold a term. ``beside`` says whether a name asked for is not its own, or whether
    the question means a page that this one is not.
    """

    coverage: float
    uncovered: tuple[Term, ...]
    introduces: bool
    beside: bool


class EvidencePicker:
    """Scores the units in retrieved passages; keeps what it has read of recent units and documents."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._ranges = _ranges(unit.document_id for unit in index.units)
        self._passages = _ranges(passage.document_id for passage in index.passages)
        self._names_a_page = lru_cache(maxsize=5_000)(self._is_in_a_title)
        self._titles = field_of(document.title for document in index.documents.values())
        self._frequency = lru_cache(maxsize=20_000)(index.frequency)
        self._fields = FieldReader(index)
        self._is_instruction = lru_cache(maxsize=50_000)(self._instructs)

    def pick(
        self,
        question: Question,
        vector: NDArray[np.float32],
        hits: Sequence[Hit],
        *,
        topic: Collection[str] = (),
    ) -> list[Evidence]:
        """Return the evidence in ``hits`` best first; equal scores in the order of the page.

        The documents ``topic``, which the conversation is about, go first among equals.
        """
        return self._judged(question, vector, [hit.position for hit in hits], topic)

    def pick_from(
        self, question: Question, vector: NDArray[np.float32], documents: Collection[str]
    ) -> list[Evidence]:
        """Return the evidence in ``documents``, which the question names, best first.

        Of very long pages the passages nearest to the question.
        """
        passages = sorted(
            position for document in documents for position in range(*self._passages.get(document, (0, 0)))
        )
        if len(passages) > MOST_PASSAGES:
            nearness = self._index.passage_vectors[passages] @ vector
            passages = [passages[n] for n in np.argsort(-nearness, kind="stable")[:MOST_PASSAGES]]
        found = self._judged(question, vector, passages, ())
        return [evidence for evidence in found if evidence.unit.document_id in documents]

    def _judged(
        self, question: Question, vector: NDArray[np.float32], passages: Iterable[int], topic: Collection[str]
    ) -> list[Evidence]:
        weights = {term: self._weight(term) for term in question.terms}
        passage_of: dict[int, int] = {}
        for passage in passages:
            for position in self._index.units_in(passage):
                passage_of.setdefault(position, passage)
        wants_link = bool(_ASKS_FOR_A_LINK.search(question.text))
        positions = [
            position
            for position in passage_of
            if not self._is_instruction(position)
            and (wants_link or not _ADDRESS.fullmatch(self._index.units[position].value))
        ]
        similarities: NDArray[np.float32] = self._index.unit_vectors(positions) @ vector
        found = [
            self._judge(question, weights, position, passage_of[position], float(similarity), topic)
            for position, similarity in zip(positions, similarities, strict=True)
        ]
        return sorted(found, key=lambda evidence: (-evidence.score, evidence.position))

    def units_of(self, document_id: str) -> list[Unit]:
        """All units of one document, in the order of the page."""
        first, last = self._ranges.get(document_id, (0, 0))
        return [self._index.units[n] for n in range(first, last) if not self._is_instruction(n)]

    def page_named(self, text: str) -> str:
        """The title of the page that ``text`` names by words of its title; "" where it names none.

        Of several pages the one that shares most words; the first of the index among equals.
        """
        terms = [term for term in understand(text).terms if term.role is not TermRole.GENERIC]
        if not any(self._names_a_page(term) for term in terms):
            return ""
        documents = self._index.documents.values()
        best = max(documents, key=lambda document: sum(map(self._fields.title(document.id).holds, terms)))
        return best.title

    def known(self, term: Term) -> bool:
        """Whether the corpus speaks of ``term`` anywhere."""
        return any(self._frequency(root) for root in term.stems) or any(
            all(self._frequency(root) for root in phrase)
            for concept in term.concepts
            for phrase in concept.page
        )

    def _weight(self, term: Term) -> float:
        if term.role is TermRole.NAME:
            return _NAME_WEIGHT
        if term.role is TermRole.CONCEPT:
            return _CONCEPT_WEIGHT
        if term.role is TermRole.GENERIC:
            return _GENERIC_WEIGHT
        total = max(len(self._index.passages), 1)
        share = max(self._frequency(root) for root in term.stems) / total
        everyday = (commonness(term.text) - _RARE) / (_COMMON - _RARE)
        common = min(max(share * 4, everyday, 0.0), 1.0)
        return _WORD_LEAST + (_WORD_MOST - _WORD_LEAST) * (1 - common)

    def _judge(
        self,
        question: Question,
        weights: dict[Term, float],
        position: int,
        passage: int,
        similarity: float,
        topic: Collection[str],
    ) -> Evidence:
        unit = self._index.units[position]
        document = self._index.documents[unit.document_id]
        fields = self._fields.unit(position)
        has_value = states_value(question, unit, document)
        typed = has_value and question.expects is not ValueKind.NUMBER
        cover = self._cover(question, weights, unit, fields, passage, typed=typed)
        score = (
            _COVERAGE_SHARE * cover.coverage
            + (1 - _COVERAGE_SHARE) * max(similarity, 0.0)
            - _GAP * len(cover.uncovered)
        )
        score += self._shape_bonus(question, unit, has_value, cover) + _TOPIC_BONUS * (document.id in topic)
        return Evidence(
            document=document,
            unit=unit,
            position=position,
            score=score,
            coverage=cover.coverage,
            similarity=similarity,
            has_value=has_value,
            uncovered=cover.uncovered,
            audience=audience_of_fact(unit.audience or unit.label or document.text[unit.start : unit.end]),
            is_beside=cover.beside,
            is_introduced=not any(
                fields.text.holds(term) for term in question.terms if term.role is not TermRole.GENERIC
            ),
        )

    def _cover(
        self,
        question: Question,
        weights: dict[Term, float],
        unit: Unit,
        fields: Fields,
        passage: int,
        *,
        typed: bool,
    ) -> _Cover:
        uncovered: list[Term] = []
        gained = total = 0.0
        introduces = beside = False
        is_of_a_test = _is_of_a_test(question, unit, fields)
        is_in_its_column = is_of_the_column_asked_for(question, unit)
        for term, given in weights.items():
            weight, strength = given, self._strength(term, question, unit, fields, passage)
            if is_of_a_test and any(concept.name == "score" for concept in term.concepts):
                strength = max(strength, _NEARBY)
            if typed and any(concept.is_typed for concept in term.concepts):
                strength = max(strength, _NEARBY)
            if is_in_its_column and _only_asks(term, question):
                strength = max(strength, _NEARBY)
            if self._is_the_pages_own(term, unit.document_id, fields):
                weight = _PAGE_NAME_WEIGHT if term.role is TermRole.NAME else _PAGE_WORD_WEIGHT
                strength = max(strength, _ABOVE)
            elif term.role is not TermRole.GENERIC:
                introduces = introduces or strength >= _NEARBY * SYNONYM
                if strength <= _IN_SECTION:
                    uncovered.append(term)
                if term.role is TermRole.NAME:
                    beside = beside or strength < _ABOVE
                elif strength < _IN_DOCUMENT:
                    beside = beside or self._names_a_page(term)
            gained += weight * strength
            total += weight
        return _Cover(gained / total if total else 0.0, tuple(uncovered), introduces, beside)

    def _is_in_a_title(self, term: Term) -> bool:
        """Whether the term stands in the title of some page ("observership"): then no other page is meant."""
        return bool(self._titles.holds(term))

    def _strength(self, term: Term, question: Question, unit: Unit, fields: Fields, passage: int) -> float:
        if held := fields.text.holds(term):
            return _IN_TEXT * held
        if self._is_of_a_rival(term, question, fields):
            return _IN_SECTION
        if held := fields.near.holds(term):
            return _NEARBY * held
        if held := fields.heading.holds(term):
            return (_NEARBY if unit.kind in _NEEDS_HEADING else _UNDER) * held
        if self._states_expected(term, unit, fields):
            return _NEARBY
        if held := fields.around.holds(term):
            return _AROUND * held
        if fields.above.holds(term):
            return _ABOVE
        if fields.before.holds(term):
            return _ABOVE if term.role is TermRole.NAME else _BEFORE
        if self._fields.passage(passage).holds(term):
            # A telephone number stands under the office it belongs to, in a line of its own.
            return _ABOVE if kinds_of(unit.value) & {ValueKind.EMAIL, ValueKind.PHONE} else _IN_SECTION
        if self._fields.document(unit.document_id).holds(term):
            return _IN_DOCUMENT
        return 0.0

    def _is_of_a_rival(self, term: Term, question: Question, fields: Fields) -> bool:
        """Whether a fact under "Fees" names a fee of its own that was not asked for ("Student union fee")."""
        expected = {concept.expects for concept in term.concepts if concept.expects is not None}
        if not expected or not fields.label:
            return False
        asked = {concept.name for other in question.terms for concept in other.concepts}
        return any(
            concept.expects in expected and concept.name in fields.label and concept.name not in asked
            for concept in lexicon().concepts
        )

    def _is_the_pages_own(self, term: Term, document_id: str, fields: Fields) -> bool:
        """Whether a term is what the whole page is about: it cannot tell one of its units from another."""
        if term.role is TermRole.GENERIC or any(concept.is_name for concept in term.concepts):
            return False
        if term.role is TermRole.NAME:
            return bool(self._fields.masthead(document_id).holds(term) or fields.above.holds(term))
        return bool(self._fields.title(document_id).holds(term))

    def _states_expected(self, term: Term, unit: Unit, fields: Fields) -> bool:
        """Whether a bare value is of the kind the term asks for: "24 months" is a duration without the word.

        A line that breaks off at "contact the office at" lacks just the address.
        """
        if unit.kind is UnitKind.BLANK:
            return bool(_REACH.search(unit.label)) and any(
                concept.expects in {ValueKind.EMAIL, ValueKind.PHONE} for concept in term.concepts
            )
        if unit.kind is not UnitKind.FACT or unit.label not in {"", *unit.headings[-1:]}:
            return False
        kinds = kinds_of(unit.value) - {ValueKind.NUMBER}
        # "Tuition fee" above a sum says what the sum is: no instalment and no deposit.
        named = {concept.name for concept in lexicon().concepts if concept.expects in kinds}
        named &= fields.heading.concepts | fields.label
        return any(
            concept.expects in kinds and (not named or concept.name in named) for concept in term.concepts
        )

    def _shape_bonus(self, question: Question, unit: Unit, has_value: bool, cover: _Cover) -> float:
        if question.expects is not None:
            if unit.kind is UnitKind.LIST:
                return -0.1
            if (
                people_of(unit)
                and audience_of_fact(people_of(unit)) is None
                and not _shares_words(people_of(unit), question)
            ):
                return -0.1  # for a group that the question does not speak of
            return (0.15 if unit.kind is UnitKind.FACT else 0.1) if has_value else 0.0
        if unit.kind is UnitKind.FACT and question.kind in _NAMES_A_FIELD and _labels(question, unit, cover):
            return 0.1
        if question.kind not in _ASKS_WHERE_TO_LOOK and _POINTS_ELSEWHERE.match(self._text(unit)):
            return -0.2
        if question.kind is QuestionKind.HOW and unit.kind is not UnitKind.LIST:
            return 0.08 if _INSTRUCTS.search(self._text(unit)) else 0.0
        if question.kind is QuestionKind.DEFINITION and unit.kind is UnitKind.SENTENCE:
            return 0.08 if _DEFINES.search(self._text(unit)[:120]) else 0.0
        if question.kind is QuestionKind.LIST and cover.introduces:
            return 0.2 if unit.kind is UnitKind.LIST else 0.0
        return -0.05 if unit.kind is UnitKind.LIST else 0.0

    def _instructs(self, position: int) -> bool:
        """Whether a unit speaks to an assistant rather than to applicants: it is never evidence."""
        return is_instruction(self._text(self._index.units[position]))

    def _text(self, unit: Unit) -> str:
        return self._index.documents[unit.document_id].text[unit.start : unit.end]


def _ranges(documents: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Where the units or passages of each document begin and end: those of one document stand together."""
    found: dict[str, tuple[int, int]] = {}
    for position, document in enumerate(documents):
        first, _ = found.get(document, (position, position))
        found[document] = (first, position + 1)
    return found


def _only_asks(term: Term, question: Question) -> bool:
    """Whether a term only asks for the value that the column holds ("by when", "take place")."""
    if question.expects is not None and any(each.expects == question.expects for each in term.concepts):
        return True
    return bool(_HAPPENS.fullmatch(term.text))


def _is_of_a_test(question: Question, unit: Unit, fields: Fields) -> bool:
    """Whether a field is labelled with the test asked for: its number is a score ("IELTS: 6.5")."""
    if _PART_OF_A_TEST.search(unit.label):
        return False
    return unit.kind in {UnitKind.FACT, UnitKind.BLANK} and any(
        fields.near.holds(term) and any(concept.is_name for concept in term.concepts)
        for term in question.terms
    )


def _labels(question: Question, unit: Unit, cover: _Cover) -> bool:
    """Whether a fact is labelled with what is asked for: "Degree" where a question asks which degree."""
    label = field_of([unit.label])
    asked = [term for term in question.terms if term.role is TermRole.CONCEPT]
    if question.kind is QuestionKind.YES_NO:
        # "Can I start in April?" is answered by the start; "do my grades count?" by no grade.
        asked = [term for term in asked if any(concept.expects in _PLANNED for concept in term.concepts)]
    names = {concept.name for term in asked for concept in term.concepts}
    # "Minimum required score" is a score, though "required" is a word of admission.
    if any(concept.expects and concept.name in label.concepts - names for concept in lexicon().concepts):
        return False
    return not cover.uncovered and any(label.holds(term) for term in asked)


def _shares_words(text: str, question: Question) -> bool:
    asked = {root for term in question.terms for root in term.stems if term.role is not TermRole.GENERIC}
    return bool(asked & set(stems(text)))
