"""From passages to evidence: the sentences, items, rows and facts that speak to the question."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ingest.documents import Document
from ingest.index import Index
from ingest.units import Unit, UnitKind
from ingest.values import ValueKind
from ingest.words import stems

from .countries import Audience, audience_of_fact
from .coverage import Candidate, Cover, Coverage
from .fields import Field, field_of, title_of
from .intents import Intent, Sense
from .kinds import QuestionKind
from .lexicon import lexicon
from .questions import Question, understand
from .readings import PASSAGES_KEPT, UnitReading
from .residence import residence_of
from .retrieval import Hit
from .stated_values import BEGINS, ENDS, names_another_fee, people_of, states_value
from .terms import STOP_STEMS, Term, TermRole, asks_any_sum

# Passages of a page that a question names. Real programme pages have up to 25.
MOST_PASSAGES = 40
# Share of the lexical coverage in the score; the rest is the similarity of the vectors.
_COVERAGE_SHARE = 0.6
_TOPIC_BONUS = 0.05
# Taken off for each term of weight that neither the unit nor its surroundings hold.
_GAP = 0.06
# More than a sentence that repeats the words of the question gains by them: "How long is Architecture?" is
# answered by the standard period of study, and not by how long architects have to practise.
_FIELD_BONUS = 0.25
# From this cosine on a question is taken to be after what the examples nearest to it are after. This and the
# next two were chosen on the tuned wordings of tests/benchmarks/page_facts.json and on tests/questions.
_MEANT = 0.65
# Nor may the nearest example, where it is after something else, be nearer by more.
_AS_NEAR = 0.03
# What it names besides is so much further off then.
_CLEARLY = 0.05
# From this cosine on the examples say which sum is asked for.
_CLOSELY = 0.85
# Words that a field's label may hold besides: "number of credits", but no "choosing the right degree".
_QUALIFIERS = 1
# Words of a value that names what it is the value of: "Admission: restricted admission".
_SHORT = 3


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
_PLANNED = frozenset({ValueKind.DATE, ValueKind.DURATION})
_DEFINES = re.compile(r"\b(?:is|are|concerns?|means?|refers? to|deals? with|tests?|measures?|stands? for)\b")
# What says whether something may be or has to be.
_RULES = re.compile(
    r"\b(?:not(?! only)|cannot|possible|impossible|allowed|permitted|compulsory|mandatory|optional|voluntary|"
    r"obligatory)\b|n['’]t\b",
    re.I,
)
# It says that the answer is elsewhere, and nothing besides (as it might in brackets).
_POINTS_ELSEWHERE = re.compile(
    r"(?:for )?(?:more|further|additional|detailed) (?:information|details)\b[^()]{0,160}"
    r"\b(?:visit|see|go to|consult|refer to|check|click|(?:found|available) (?:at|on|in|here|under))\b",
    re.I,
)
_ASKS_WHERE_TO_LOOK = frozenset({QuestionKind.WHERE, QuestionKind.WHO, QuestionKind.HOW})


# Things that have dates of their own beside that of applying.
_OWN_DATES = frozenset(
    {"scholarship", "housing", "visa", "exam", "interview", "refund", "thesis", "cancellation", "insurance"}
)
_OTHER_DATE, _OTHER_FEE = 0.25, 0.15
_BY_NAME = 0.04
_COURSE = re.compile(r"[A-Z]{2,5}[\s-]?\d{3,4}[A-Z]?\b")


class Evidence(NamedTuple):
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


class EvidencePicker:
    """Scores the units in retrieved passages; keeps what it has read of recent units and documents."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._passages = _ranges(passage.document_id for passage in index.passages)
        self._coverage = Coverage(index)
        self._candidates = lru_cache(maxsize=PASSAGES_KEPT)(self._read)
        self._title = lru_cache(maxsize=5_000)(lambda document: title_of(index.documents[document]))

    def pick(
        self,
        question: Question,
        sense: Sense,
        hits: Sequence[Hit],
        *,
        topic: Collection[str] = (),
    ) -> list[Evidence]:
        """Return the evidence in ``hits`` best first; equal scores in the order of the page.

        The documents ``topic``, which the conversation is about, go first among equals.
        """
        return self._judged(question, sense, [hit.position for hit in hits], topic)

    def pick_from(self, question: Question, sense: Sense, documents: Collection[str]) -> list[Evidence]:
        """Return the evidence in ``documents``, which the question names, best first.

        Of very long pages the passages nearest to the question.
        """
        passages = sorted(
            position for document in documents for position in range(*self._passages.get(document, (0, 0)))
        )
        if len(passages) > MOST_PASSAGES:
            nearness = self._index.passage_vectors[passages] @ sense.vector()
            passages = [passages[n] for n in np.argsort(-nearness, kind="stable")[:MOST_PASSAGES]]
        found = self._judged(question, sense, passages, ())
        return [evidence for evidence in found if evidence.unit.document_id in documents]

    def _judged(
        self, question: Question, sense: Sense, passages: Iterable[int], topic: Collection[str]
    ) -> list[Evidence]:
        wants_link = bool(_ASKS_FOR_A_LINK.search(question.text))
        by_position: dict[int, Candidate] = {}
        for passage in passages:
            for candidate in self._candidates(passage):
                if wants_link or not (candidate.unit.value and _ADDRESS.fullmatch(candidate.unit.value)):
                    by_position.setdefault(candidate.position, candidate)
        candidates = list(by_position.values())
        has_value = [
            states_value(question, each.unit, each.text, each.reading.kinds)
            and not _is_of_one_course(question, each)
            and not _is_of_the_other_end(question, each)
            for each in candidates
        ]
        covers = self._coverage.of(question, candidates, has_value)
        similarities: list[float] = (self._index.unit_vectors(list(by_position)) @ sense.vector()).tolist()
        field = _field_meant(question, sense.intent())
        fields = _fields_named(question)
        found = [
            self._evidence(question, *each, topic, field, fields)
            for each in zip(candidates, covers, has_value, similarities, strict=True)
        ]
        return sorted(found, key=lambda evidence: (-evidence.score, evidence.position))

    def _read(self, passage: int) -> tuple[Candidate, ...]:
        """The units in a passage that may be evidence."""
        found: list[Candidate] = []
        for position, reading in self._units(passage):
            unit = self._index.units[position]
            document = self._index.documents[unit.document_id]
            text = document.text[unit.start : unit.end]
            found.append(Candidate(position, unit, document, passage, text, reading))
        return tuple(found)

    def _units(self, passage: int) -> list[tuple[int, UnitReading]]:
        """The units in a passage that speak to applicants, by their positions."""
        readings = self._coverage.readings.passage(passage).units
        units = zip(self._index.units_in(passage), readings, strict=True)
        return [(position, reading) for position, reading in units if not reading.is_instruction]

    def _evidence(
        self,
        question: Question,
        candidate: Candidate,
        cover: Cover,
        has_value: bool,
        similarity: float,
        topic: Collection[str],
        field: str,
        fields: frozenset[str],
    ) -> Evidence:
        document = candidate.document
        is_meant = bool(field) and _is_meant(field, candidate, cover)
        if is_meant:
            cover = cover._replace(coverage=1.0, uncovered=())
            has_value = has_value or bool(candidate.unit.value)
        score = (
            _COVERAGE_SHARE * cover.coverage
            + (1 - _COVERAGE_SHARE) * max(similarity, 0.0)
            - _GAP * len(cover.uncovered)
        )
        score += _shape_bonus(question, candidate, has_value, cover) + _TOPIC_BONUS * (document.id in topic)
        if (
            (has_value or question.expects is None)
            and (is_meant or _is_the_field(question, fields, candidate.unit, self._title(document.id)))
            and not names_another_fee(question, candidate.unit)
        ):
            score += _FIELD_BONUS
        return Evidence(
            document=document,
            unit=candidate.unit,
            position=candidate.position,
            score=score,
            coverage=cover.coverage,
            similarity=similarity,
            has_value=has_value,
            uncovered=cover.uncovered,
            audience=candidate.reading.audience,
            is_beside=cover.beside,
            is_introduced=cover.is_introduced,
        )

    def units_of(self, document_id: str) -> list[Unit]:
        """All units of one document, in the order of the page."""
        passages = range(*self._passages.get(document_id, (0, 0)))
        positions = dict.fromkeys(position for nth in passages for position, _ in self._units(nth))
        return [self._index.units[position] for position in sorted(positions)]

    def page_named(self, text: str) -> str:
        """The title of the page that ``text`` names by words of its title; "" where it names none.

        Of several pages the one that shares most words; the first of the index among equals.
        """
        terms = [term for term in understand(text).terms if term.role is not TermRole.GENERIC]
        if not any(self._coverage.names_a_page(term) for term in terms):
            return ""
        documents = self._index.documents.values()
        best = max(documents, key=lambda document: sum(map(self._title(document.id).holds, terms)))
        return best.title

    def known(self, term: Term) -> bool:
        """Whether the corpus speaks of ``term`` anywhere."""
        return any(self._coverage.frequency(root) for root in term.stems) or any(
            all(self._coverage.frequency(root) for root in phrase)
            for concept in term.concepts
            for phrase in concept.page
        )


def _shape_bonus(question: Question, candidate: Candidate, has_value: bool, cover: Cover) -> float:
    unit = candidate.unit
    if question.expects is not None:
        if unit.kind is UnitKind.LIST:
            return -0.1
        if (
            people_of(unit)
            and audience_of_fact(people_of(unit)) is None
            and residence_of(people_of(unit)) is None
            and not _shares_words(people_of(unit), question)
        ):
            return -0.1  # for a group that the question does not speak of
        bonus = (0.15 if unit.kind is UnitKind.FACT else 0.1) if has_value else 0.0
        if _is_of_another_date(question, candidate):
            return bonus - _OTHER_DATE
        bonus += _BY_NAME if has_value and _is_tuition(question, unit) else 0.0
        return bonus - (_OTHER_FEE if names_another_fee(question, unit) else 0.0)
    if unit.kind is UnitKind.FACT and question.kind in _NAMES_A_FIELD and _labels(question, unit, cover):
        return 0.1
    if question.kind not in _ASKS_WHERE_TO_LOOK and _POINTS_ELSEWHERE.match(candidate.text):
        return -0.2
    if question.kind is QuestionKind.HOW and unit.kind is not UnitKind.LIST:
        return 0.08 if _INSTRUCTS.search(candidate.text) else 0.0
    if question.kind is QuestionKind.YES_NO and unit.kind is UnitKind.SENTENCE:
        is_rule = not (cover.uncovered or question.asks_for_a_verdict) and _RULES.search(candidate.text)
        return 0.08 if is_rule else 0.0
    if question.kind is QuestionKind.DEFINITION and unit.kind is UnitKind.SENTENCE:
        return 0.08 if _DEFINES.search(candidate.text[:120]) else 0.0
    if question.kind is QuestionKind.LIST and cover.introduces:
        return 0.2 if unit.kind is UnitKind.LIST else 0.0
    return -0.05 if unit.kind is UnitKind.LIST else 0.0


def _is_tuition(question: Question, unit: Unit) -> bool:
    """Whether a fact is labelled with the very word where a price is asked, no fee of several."""
    is_asked = any("tuition" in term.meanings for term in question.terms)
    return is_asked and unit.kind is UnitKind.FACT and "tuition" in unit.label.casefold()


def _is_of_one_course(question: Question, candidate: Candidate) -> bool:
    """Whether a unit stands under a course ("HIT 760: Capstone") that the question does not speak of."""
    headings = candidate.unit.headings
    if not headings or not _COURSE.match(headings[-1]):
        return False
    heading = candidate.reading.fields.heading
    return not any(
        term.role is not TermRole.GENERIC and heading.holds(term) for term in question.terms
    ) and not _shares_words(headings[-1], question)


def _is_of_another_date(question: Question, candidate: Candidate) -> bool:
    """Whether a date is that of another thing than the one asked for: of a scholarship, of a visa."""
    if question.expects is not ValueKind.DATE:
        return False
    asked = {name for term in question.terms for name in term.meanings}
    said = candidate.reading.fields
    concepts = said.label if candidate.unit.kind is UnitKind.FACT else said.text.concepts
    return bool(concepts & _OWN_DATES - asked) and "admission" not in concepts


def _is_of_the_other_end(question: Question, candidate: Candidate) -> bool:
    """Whether a date is when something begins, where its end is asked for; or the other way round."""
    if question.expects is not ValueKind.DATE:
        return False
    ends, begins = (bool(each.search(question.text)) for each in (ENDS, BEGINS))
    ends = ends or any("deadline" in term.meanings for term in question.terms)
    says_end, says_begin = (bool(each.search(candidate.text)) for each in (ENDS, BEGINS))
    return ends != begins and says_end != says_begin and says_end != ends


def _ranges(documents: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Where the units or passages of each document begin and end: those of one document stand together."""
    found: dict[str, tuple[int, int]] = {}
    for position, document in enumerate(documents):
        first, _ = found.get(document, (position, position))
        found[document] = (first, position + 1)
    return found


def _labels(question: Question, unit: Unit, cover: Cover) -> bool:
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


def _fields_named(question: Question) -> frozenset[str]:
    """The concepts among the terms of a question that a field of a page may answer."""
    return frozenset(
        concept.name
        for term in question.terms
        if term.role is not TermRole.GENERIC
        for concept in term.concepts
        # "Is rent part of the living costs?" is not answered by how high they are.
        if concept.is_field and (question.expects is not None or concept.expects in {None, *_PLANNED})
    )


def _is_the_field(question: Question, fields: frozenset[str], unit: Unit, title: Field) -> bool:
    """Whether a fact is all that is asked for: its label names one of ``fields``, and no other; its page the
    rest.
    """
    if not fields or unit.kind is not UnitKind.FACT:
        return False
    asked = [term for term in question.terms if term.role is not TermRole.GENERIC]
    label = field_of([unit.label])
    return (
        bool(fields & label.concepts)
        and label.concepts <= {name for term in asked for name in term.meanings}
        and len(_strange_words(label)) <= _QUALIFIERS
        and all(label.holds(term) or title.holds(term) for term in asked)
    )


def _field_meant(question: Question, intent: Intent | None) -> str:
    """The concept of the field that the question is after, whatever its words; "" where none is sure.

    Nor where it may as well be after another thing that it names: "How many credits is the thesis?"
    """
    if intent is None or intent.similarity < max(_MEANT, max(intent.likeness.values()) - _AS_NEAR):
        return ""
    concept = lexicon().field(intent.name)
    if concept is None or not _may_be_asked_as(question.expects, concept.expects):
        return ""
    others = {
        other
        for term in question.terms
        if term.role is TermRole.CONCEPT
        and intent.name not in term.meanings
        # "What does it cost to apply?" says of no sum which it is; what resembles it closely does.
        and not (asks_any_sum(term) and intent.similarity >= _CLOSELY)
        for other in term.concepts
    }
    is_unsure = any(
        (other.expects is not None and other.expects is concept.expects)
        or intent.likeness_to(other.name) > intent.similarity - _CLEARLY
        for other in others
    )
    return "" if is_unsure else intent.name


def _may_be_asked_as(asked: ValueKind | None, stated: ValueKind | None) -> bool:
    """Whether a value of one kind may answer what is asked as if it were of another: "how many semesters".

    "When is the first instalment due?" is answered by no amount, "how many hours is a credit?" by no number.
    """
    is_count = asked is ValueKind.NUMBER and stated is ValueKind.DURATION
    return asked is stated or asked is None or stated is None or is_count


def _is_meant(field: str, candidate: Candidate, cover: Cover) -> bool:
    """Whether a fact or a blank is labelled with what the question is after, whatever its words."""
    unit = candidate.unit
    if (
        unit.kind not in {UnitKind.FACT, UnitKind.BLANK}
        or field not in candidate.reading.fields.text.concepts
    ):
        return False
    label, value = field_of([unit.label]), field_of([unit.value if _is_short(unit.value) else ""])
    return (
        field in label.concepts | value.concepts
        and label.concepts - value.concepts <= {field}
        and len(_strange_words(label)) <= _QUALIFIERS
        and not any(term.role is TermRole.NAME for term in cover.uncovered)
    )


def _is_short(value: str) -> bool:
    return len(value.split()) <= _SHORT


def _strange_words(label: Field) -> list[str]:
    phrases = [phrase for phrase in label.phrases.split("|") if phrase and phrase not in STOP_STEMS]
    return lexicon().strange_to(phrases)


def _shares_words(text: str, question: Question) -> bool:
    asked = {root for term in question.terms for root in term.stems if term.role is not TermRole.GENERIC}
    return bool(asked & set(stems(text)))
