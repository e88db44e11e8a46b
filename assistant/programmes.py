"""Which of several programmes a question means: each one's answer, or the question which one is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ingest.documents import BlockKind, Document

from .evidence import Evidence
from .grounding import Draft, Span
from .outcome import Decision, least_sure, merged_outcome
from .reply import ANSWERING, Outcome

# So many programmes are answered for side by side, and named where there are more.
MOST_SHOWN = 5


def decide_among(
    programmes: Sequence[Sequence[str]],
    documents: Mapping[str, Document],
    decide_on: Callable[[frozenset[str]], Decision],
) -> Decision:
    """Return what the pages of each of ``programmes`` allow to say: one answer where all say the same.

    Where they differ it is to be clarified, with the evidence of each; of more than MOST_SHOWN none is read.
    """
    pages = tuple(documents[programme[0]] for programme in programmes)
    if len(programmes) > MOST_SHOWN:
        return Decision(Outcome.CLARIFY, pages=pages[:MOST_SHOWN])
    decided = [decide_on(frozenset(programme)) for programme in programmes]
    settled = [decision for decision in decided if decision.outcome in ANSWERING]
    if not settled:
        outcome = merged_outcome(decided)
        return next(decision for decision in decided if decision.outcome is outcome)
    if len({_said(decision) for decision in settled}) == 1:
        return settled[0]
    evidence = tuple(each for decision in settled for each in _shown(decision))
    return Decision(Outcome.CLARIFY, evidence, pages=pages, confidence=least_sure(settled))


def of_programme(draft: Draft, document: Document) -> Draft:
    """``draft`` with the name of the programme in front, where its page shows that: "Physics, M.Sc.: …"."""
    name = name_draft(document)
    if name is None:
        return draft
    return replace(draft, text=f"{name.text}: {draft.text}", spans=(*draft.spans, *name.spans))


def name_draft(document: Document) -> Draft | None:
    """The name of a page's programme as its first heading quotes it; None where that is not in its title."""
    for block in document.blocks:
        if block.kind is BlockKind.HEADING:
            text = document.text[block.start : block.end]
            is_name = text.casefold() in document.title.casefold() and "\n" not in text
            return Draft(text, (Span(document.id, block.start, block.end),)) if is_name else None
    return None


def _shown(decision: Decision) -> Sequence[Evidence]:
    return decision.evidence if decision.outcome is Outcome.CLARIFY else decision.evidence[:1]


def _said(decision: Decision) -> tuple[str, ...]:
    """The values that a decision shows, or its words where it shows none, without case and spacing."""
    return tuple(
        " ".join((evidence.unit.value or evidence.text).casefold().split()) for evidence in _shown(decision)
    )
