"""How likely an answer is right, and how sure one must be to give it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .evidence import Evidence

LEAST_CONFIDENCE = 0.75
"""An answer that is less likely to be right is not given: a wrong one then counts as much as three that are
withheld, p / (1 - p) = 3. See "How sure is sure enough" in the README for what that costs."""

# Logistic weights, fitted by tests/benchmarks/abstention.py on 23 November 2026: 1,036 answers that the rules
# gave to even halves of question files of ours, SQuAD 2.0 and SyllabusQA, with an intercept for each of the
# three. The one that stands here is that of questions about studying.
_INTERCEPT, _SIMILARITY, _COVERAGE, _LEAD = -0.72, 2.02, 1.44, 1.52
# The lead is that over the evidence at this rank: what stands beside an answer often says the same again.
_RUNNER_UP = 4


@dataclass(frozen=True, slots=True)
class Confidence:
    """What speaks for an answer.

    ``similarity`` and ``coverage`` are those of the evidence that is said first. ``lead`` is the distance in
    score from the best evidence found to the fourth, or to 0 where there is none.
    """

    similarity: float
    coverage: float
    lead: float

    @property
    def probability(self) -> float:
        """The share of answers like this one that are right, where questions are about studying."""
        logit = _INTERCEPT + _SIMILARITY * self.similarity + _COVERAGE * self.coverage + _LEAD * self.lead
        return 1 / (1 + math.exp(-logit))


def confidence_in(answer: Evidence, found: Sequence[Evidence]) -> Confidence:
    """How sure ``answer`` is among all that was ``found``, best first."""
    runner_up = found[_RUNNER_UP - 1].score if len(found) >= _RUNNER_UP else 0.0
    return Confidence(answer.similarity, answer.coverage, found[0].score - runner_up)
