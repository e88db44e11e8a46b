"""Which answers a language model may word, from which evidence, and when its words still answer."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.units import UnitKind

from .composing import draft_of
from .figures import numbers_in
from .generation import Numbered
from .grounding import Draft
from .outcome import Decision
from .questions import Question
from .reply import Outcome, Support
from .support import source_of
from .wording import DEFAULT_LANGUAGE, wording


def may_be_written(
    decided: Sequence[tuple[Question, Decision]], quoted: Sequence[Draft], language: str
) -> bool:
    """Whether a model may word the answer: where all was found, and nothing has to stand as it is.

    Lists are said in full, calculations with their steps, contradictions side by side, a yes or no only where
    a quote says so, and of a person's chances nothing but the criteria: those stay quoted.
    """
    words = wording(language)["framing"]
    return all(
        decision.outcome is Outcome.ANSWERED
        and not decision.is_unsure
        and not decision.conflicts
        and not question.asks_for_a_verdict
        for question, decision in decided
    ) and not any(
        draft.support is Support.COMPUTED
        or "\n" in draft.text
        or not draft.spans
        or draft.text.startswith((words["yes"], words["no"]))
        for draft in quoted
    )


def numbered(question: Question, decision: Decision) -> list[Numbered]:
    """The evidence of an answer as a model is shown it, best first; no lists."""
    return [
        Numbered(
            draft_of(evidence, question, DEFAULT_LANGUAGE),
            source_of(evidence.unit, evidence.document),
            evidence.document,
        )
        for evidence in decision.evidence
        if evidence.unit.kind is not UnitKind.LIST
    ]


def still_answers(drafts: Sequence[Draft], *, decided: Sequence[tuple[Question, Decision]]) -> bool:
    """Whether sentences say what was asked for: each best piece of evidence is cited, and its value said."""
    said = numbers_in("\n".join(draft.text for draft in drafts))
    cited = {span for draft in drafts for span in draft.spans}
    for question, decision in decided:
        best = decision.evidence[0]
        if not set(draft_of(best, question, DEFAULT_LANGUAGE).spans) <= cited:
            return False
        if question.expects is not None and not numbers_in(best.unit.value) <= said:
            return False
    return True
