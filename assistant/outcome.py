"""Deciding what the evidence allows: an answer, "the page leaves this blank", or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.documents import Document
from ingest.units import UnitKind
from ingest.values import ValueKind, names_a_person
from ingest.words import words

from .confidence import LEAST_CONFIDENCE, Confidence, confidence_in
from .countries import is_nationality
from .evidence import Evidence
from .fields import field_of
from .kinds import QuestionKind
from .questions import Question
from .reply import ANSWERING, Outcome
from .residence import residence_of, residence_of_asker
from .terms import Term, TermRole
from .vocabulary import commonness

# Least coverage of a question's terms for evidence to answer it, and the least where the vectors agree
# strongly instead. Chosen on the first 50 questions of tests/questions, see the README for what they cost.
ANSWER_COVERAGE = 0.62
SIMILAR_COVERAGE = 0.45
SIMILAR = 0.62
# Below this the vectors say that words were shared by chance: "pets" and PET scans.
LEAST_SIMILARITY = 0.2
# The same for a unit that holds a value of the very kind asked for.
VALUE_COVERAGE, VALUE_SIMILARITY = 0.5, 0.45
# Where so many terms are lacking, the vectors must agree as far as they must for a value.
SEVERAL = 2
# A word rarer than this (Zipf, see vocabulary) that no page knows is mostly what the question is about; the
# vectors must agree this far for a unit to say it in other words.
RARE = 4.4
SAME = 0.7
# The same for a concept of the domain, which pages rarely say in words the lexicon lacks.
NEARLY_THE_SAME = 0.8
# Least coverage for a page to be about the thing asked while it lacks the detail.
TOPIC_COVERAGE = 0.5
# A stated value within this distance of a blank's score is taken to fill it.
BLANK_MARGIN = 0.02
# Where no value is asked for, a bare label must cover so much more than a sentence to be the answer.
FIELD_MARGIN = 0.15


# A line of fewer words names a field; it announces nothing.
ANNOUNCING_WORDS = 4
# Code points between the line that announces a list and what it announces.
NEXT_LINE = 3
# Kinds of question that nothing answers which lacks one of the concepts asked for.
_STRICT = frozenset(
    {QuestionKind.YES_NO, QuestionKind.HOW, QuestionKind.WHO, QuestionKind.WHERE, QuestionKind.LIST}
)


# What a label could leave blank is no answer to these.
_NOT_A_VALUE = frozenset({QuestionKind.DEFINITION, QuestionKind.LIST, QuestionKind.COUNT})
# What a question says beside what it asks for: "a permit to park on campus".
_CIRCUMSTANCES = frozenset({"location"})
_CONTRAST = frozenset({"part_time", "full_time"})
# "Are the exams written or oral?" asks for neither yes nor no.
_ASKS_WHETHER = re.compile(r"\s*(?:is|are|do|does|can|will|must|has|have)\b.*\bor\b", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome and the evidence to show for it, best first; empty for NOT_FOUND.

    ``conflicts`` are pairs of evidence to show and of what contradicts it (see ``conflicts``). ``pages`` are
    those to choose from, where the question fits several programmes. ``confidence`` is in the answer, also
    where it was withheld for being unsure (``is_unsure``); None where the rules allow none.
    """

    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    unknown: tuple[Term, ...] = ()
    conflicts: tuple[tuple[Evidence, Evidence], ...] = ()
    pages: tuple[Document, ...] = ()
    confidence: Confidence | None = None
    is_unsure: bool = False


def decide(
    question: Question,
    found: Sequence[Evidence],
    *,
    is_known: Callable[[Term], bool],
    least_confidence: float = LEAST_CONFIDENCE,
) -> Decision:
    """Return what ``found``, best first, allows to say; ``is_known`` tells if the corpus has a term.

    An answer that the rules allow is withheld where it is less likely to be right than ``least_confidence``;
    its evidence is then shown as the nearest there is.
    """
    decision = _by_rule(question, found, is_known)
    if decision.outcome not in ANSWERING:
        return decision
    confidence = confidence_in(decision.evidence[0], found)
    if confidence.probability < least_confidence:
        return Decision(Outcome.NOT_STATED, decision.evidence[:1], confidence=confidence, is_unsure=True)
    return replace(decision, confidence=confidence)


def _by_rule(question: Question, found: Sequence[Evidence], is_known: Callable[[Term], bool]) -> Decision:
    unknown = tuple(term for term in question.terms if term.role is TermRole.NAME and not is_known(term))
    if unknown:
        # A programme, place or test that no page mentions is never answered from its sibling.
        return Decision(Outcome.NOT_FOUND, unknown=unknown)
    mine = [
        evidence
        for evidence in found
        if not (
            evidence.is_beside
            or _for_others(question, evidence)
            or _is_blank_of_another(question, evidence)
            or _names_no_language(question, evidence)
        )
    ]
    able = [evidence for evidence in mine if _answers(evidence, is_known)]
    if question.expects is not None and question.kind is not QuestionKind.YES_NO:
        return _decide_value(question, able, mine, is_known)
    if question.kind is QuestionKind.YES_NO:
        # A list as such says neither yes nor no; what one of its items says stands beside it.
        able = [evidence for evidence in able if evidence.unit.kind is not UnitKind.LIST]
    is_strict = question.kind in _STRICT or _ASKS_WHETHER.match(question.text)
    if is_strict and not question.asks_for_a_verdict:
        able = [
            evidence
            for evidence in able
            if evidence.similarity >= NEARLY_THE_SAME or not _lacks_a_concept(evidence)
        ]
    blanks = [evidence for evidence in able if evidence.unit.kind is UnitKind.BLANK]
    empty = [evidence for evidence in able if _introduces_nothing(evidence, found)]
    if question.kind is QuestionKind.LIST and any(
        evidence.coverage >= able[0].coverage - BLANK_MARGIN for evidence in empty
    ):
        # What should be listed is what is missing: "The criteria are as follows:" lists none.
        return Decision(Outcome.NOT_STATED, tuple(empty[:1]))
    stated = [
        evidence for evidence in able if evidence.unit.kind is not UnitKind.BLANK or _is_sentence(evidence)
    ]
    stated = [evidence for evidence in stated if evidence not in empty] or stated
    if question.asks_for_a_person:
        stated = [evidence for evidence in stated if names_a_person(evidence.text)]
    margin = BLANK_MARGIN if question.kind in {QuestionKind.WHO, QuestionKind.WHERE} else FIELD_MARGIN
    if stated and not (
        blanks and not _is_sentence(blanks[0]) and blanks[0].coverage > stated[0].coverage + margin
    ):
        return Decision(Outcome.ANSWERED, (*stated, *_lists_around(stated, mine)))
    if blanks:
        return Decision(Outcome.NOT_STATED, tuple(blanks))
    return _without_answer(mine)


def least_sure(decisions: Iterable[Decision]) -> Confidence | None:
    """Return the least confidence that one of ``decisions`` has, None where none has any."""
    sure = [decision.confidence for decision in decisions if decision.confidence is not None]
    return min(sure, key=lambda each: each.probability, default=None)


def merged_outcome(decisions: Sequence[Decision]) -> Outcome:
    """The outcome of a reply to several questions: the best of theirs, an answer before an abstention."""
    order = (Outcome.ANSWERED, Outcome.CLARIFY, Outcome.NOT_STATED, Outcome.NOT_FOUND)
    return min((decision.outcome for decision in decisions), key=order.index)


def _introduces_nothing(evidence: Evidence, found: Sequence[Evidence]) -> bool:
    """Whether a line announces a list that the page then lacks."""
    if not evidence.text.endswith(":") or evidence.unit.kind not in {UnitKind.SENTENCE, UnitKind.BLANK}:
        return False
    if len(evidence.text.split()) < ANNOUNCING_WORDS:
        return False
    document, end = evidence.unit.document_id, evidence.unit.end
    return not any(
        other.unit.document_id == document
        and (other.unit.lead_in == evidence.text or end <= other.unit.start <= end + NEXT_LINE)
        and other.unit.kind is not UnitKind.SENTENCE
        for other in found
    )


def _lists_around(stated: Sequence[Evidence], found: Sequence[Evidence]) -> list[Evidence]:
    """The lists that items or lead-ins among ``stated`` belong to, if they are not there themselves."""
    lead_ins = {
        (evidence.unit.document_id, evidence.unit.lead_in) for evidence in stated if evidence.unit.lead_in
    }
    lead_ins |= {
        (evidence.unit.document_id, evidence.text) for evidence in stated if evidence.text.endswith(":")
    }
    return [
        evidence
        for evidence in found
        if evidence.unit.kind is UnitKind.LIST
        and (evidence.unit.document_id, evidence.unit.lead_in) in lead_ins
        and evidence not in stated
    ]


def _decide_value(
    question: Question, able: Sequence[Evidence], mine: Sequence[Evidence], is_known: Callable[[Term], bool]
) -> Decision:
    stated = [
        evidence
        for evidence in mine
        if evidence.has_value
        and evidence.unit.kind is not UnitKind.LIST
        and not _lacks_a_value(question, evidence)
        and (evidence in able or _gives_the_value(evidence, is_known))
    ]
    blanks = [
        evidence for evidence in able if evidence.unit.kind is UnitKind.BLANK and not evidence.has_value
    ]
    if stated and (unfilled := _unfilled_beside(question, stated[0], blanks)):
        return Decision(Outcome.NOT_STATED, unfilled)
    if stated and not (blanks and blanks[0].coverage > stated[0].coverage + BLANK_MARGIN):
        stated = sorted(stated, key=lambda evidence: -evidence.score)
        branches = _branches(question, stated)
        if branches:
            return Decision(Outcome.CLARIFY, branches)
        return Decision(Outcome.ANSWERED, tuple(stated))
    if blanks:
        return Decision(Outcome.NOT_STATED, tuple(blanks))
    return _without_answer(able or mine)


def _unfilled_beside(question: Question, best: Evidence, blanks: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The fields of a test that are left blank, beside that of another, where the question names no test."""
    asked = {concept.name: concept for term in question.terms for concept in term.concepts}
    is_score = question.expects is ValueKind.NUMBER and not asked.keys().isdisjoint({"score", "minimum"})
    if not is_score or best.unit.kind is not UnitKind.FACT or any(each.is_name for each in asked.values()):
        return ()
    own = best.unit.label.partition("(")[0].rstrip(": ").casefold()
    return tuple(
        blank
        for blank in blanks
        if blank.document.id == best.document.id
        and own
        and (blank.unit.label or blank.text).partition("(")[0].rstrip(": ").casefold() == own
    )


def _branches(question: Question, stated: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The same fact for each group of people, where the question does not say which group is meant."""
    best = stated[0]
    if question.audience is not None or not best.people or best.unit.kind is not UnitKind.FACT:
        return ()
    branches: dict[str, Evidence] = {}
    for evidence in stated:
        if evidence.people and _fact_name(evidence) == _fact_name(best):
            branches.setdefault(evidence.people, evidence)
    ordered = tuple(sorted(branches.values(), key=lambda evidence: evidence.unit.start))
    return ordered if len(ordered) > 1 else ()


def _fact_name(evidence: Evidence) -> tuple[str, ...]:
    """What a fact states, whoever it is for: its section, and its label unless that names the group."""
    unit = evidence.unit
    return (unit.document_id, *unit.headings, unit.label if unit.audience else "", unit.kind)


def _without_answer(found: Sequence[Evidence]) -> Decision:
    near = [
        evidence
        for evidence in found
        if evidence.coverage >= TOPIC_COVERAGE
        and evidence.unit.kind is not UnitKind.LIST
        and not evidence.uncovered
        and not _is_by_chance(evidence)
    ]
    if near:
        return Decision(Outcome.NOT_STATED, tuple(near[:1]))
    return Decision(Outcome.NOT_FOUND)


def _lacks_a_concept(evidence: Evidence) -> bool:
    """Whether evidence is about less than was asked: a score, but not the minimum."""
    return any(term.role is TermRole.CONCEPT for term in evidence.uncovered)


def _lacks_a_value(question: Question, evidence: Evidence) -> bool:
    """Whether evidence lacks a concept asked for; not where something is to happen "on campus".

    Nor where it says one side of what is compared: "part-time and full-time".
    """
    lacking = [term for term in evidence.uncovered if term.role is TermRole.CONCEPT]
    asked = {name for term in question.terms for name in term.meanings}
    if asked >= _CONTRAST and len(lacking) == 1:
        lacking = [term for term in lacking if not term.meanings <= _CONTRAST]
    if evidence.similarity >= SAME:
        lacking = [term for term in lacking if not term.meanings <= _CIRCUMSTANCES]
    return bool(lacking)


def _answers(evidence: Evidence, is_known: Callable[[Term], bool]) -> bool:
    if _is_by_chance(evidence):
        return False
    strange = [term for term in evidence.uncovered if not is_known(term) and commonness(term.text) < RARE]
    if strange and evidence.similarity < SAME:
        return False
    if evidence.coverage >= ANSWER_COVERAGE:
        # Much of a question may be covered by what every page of its kind says.
        return len(evidence.uncovered) < SEVERAL or evidence.similarity >= VALUE_SIMILARITY
    close = evidence.coverage >= SIMILAR_COVERAGE and evidence.similarity >= SIMILAR
    return close and (evidence.similarity >= SAME or all(is_known(term) for term in evidence.uncovered))


def _gives_the_value(evidence: Evidence, is_known: Callable[[Term], bool]) -> bool:
    """Whether a unit with a value of the kind asked for lacks only plain words, which its page knows."""
    return (
        evidence.coverage >= VALUE_COVERAGE
        and evidence.similarity >= VALUE_SIMILARITY
        and all(term.role is TermRole.WORD and is_known(term) for term in evidence.uncovered)
    )


def _is_by_chance(evidence: Evidence) -> bool:
    return evidence.similarity < LEAST_SIMILARITY and evidence.unit.kind in {UnitKind.SENTENCE, UnitKind.ITEM}


def _for_others(question: Question, evidence: Evidence) -> bool:
    """Whether a fact is for another group than the asker's: never told, whatever its score."""
    if question.people and evidence.people and evidence.people != question.people:
        return True
    side = residence_of(evidence.people)
    if side is not None and residence_of_asker(question.text, evidence.people) not in {side, None}:
        return True
    if question.audience is None or evidence.audience is None or evidence.audience is question.audience:
        return False
    return evidence.unit.kind in {UnitKind.FACT, UnitKind.ROW, UnitKind.BLANK} or evidence.has_value


def _is_blank_of_another(question: Question, evidence: Evidence) -> bool:
    """Whether what is left blank is not what is asked: no part of a test, but the score it takes."""
    if evidence.unit.kind is not UnitKind.BLANK or question.kind not in _NOT_A_VALUE:
        return False
    asked = [term for term in question.terms if term.role in {TermRole.CONCEPT, TermRole.WORD}]
    label = field_of([evidence.unit.label or evidence.text])
    return bool(asked) and not any(label.holds(term) for term in asked)


def _names_no_language(question: Question, evidence: Evidence) -> bool:
    """Whether a sentence says where something is taught, and the question is in which language."""
    if not any("language_of_instruction" in term.meanings for term in question.terms):
        return False
    is_running = evidence.unit.kind in {UnitKind.SENTENCE, UnitKind.ITEM}
    return is_running and not any(is_nationality(word) for word in words(evidence.text))


def _is_sentence(evidence: Evidence) -> bool:
    """A sentence that breaks off still says something; a bare label does not."""
    return evidence.unit.label == evidence.text and len(evidence.text.split()) > 5
