"""What to say next where an answer depends on something: one message for each of its branches."""

from __future__ import annotations

from collections.abc import Sequence

from .countries import Audience
from .evidence import Evidence
from .outcome import Decision
from .reply import Branch, Outcome
from .wording import wording

_GROUPS = {Audience.EU: "eu", Audience.NON_EU: "non_eu"}


def branches(decisions: Sequence[Decision], language: str) -> tuple[Branch, ...]:
    """Return the messages that choose among the branches, in the order of the reply, no message twice.

    Each says who is asking, in the reply's language, or is the title of the page that is meant.
    """
    found: dict[str, Branch] = {}
    for decision in decisions:
        if decision.outcome is Outcome.CLARIFY:
            for branch in _of_pages(decision) if decision.pages else _of_people(decision, language):
                found.setdefault(branch.message, branch)
    return tuple(found.values())


def _of_pages(decision: Decision) -> list[Branch]:
    pages = [evidence.document for evidence in decision.evidence] or decision.pages
    return [Branch(page.title, document=page.id) for page in pages]


def _of_people(decision: Decision, language: str) -> list[Branch]:
    return [
        Branch(_said_by(evidence, decision.evidence, language), people=evidence.people)
        for evidence in decision.evidence
    ]


def _said_by(branch: Evidence, among: Sequence[Evidence], language: str) -> str:
    """ "I am an EU/EEA student."; as the page words it where that is no such group, or several are one."""
    texts = wording(language)["suggestions"]
    group = branch.audience
    if group is None or sum(other.audience is group for other in among) > 1:
        return texts["people"].format(people=branch.people)
    return texts[_GROUPS[group]]
