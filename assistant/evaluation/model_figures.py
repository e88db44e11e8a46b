"""What a language model did in a run: how many of its sentences passed the check, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .metrics import Share
from .scoring import Result


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Counted over the questions for which a language model was asked, in any of their turns.

    ``shown`` are those whose last reply holds sentences of the model; the others were answered with quotes.
    ``kept``, ``repaired`` and ``dropped`` are shares of all sentences that it wrote: shown as they came,
    shown with other citations than it gave, not shown. ``faults`` counts why it was of no use, by the values
    of ``language_model.Fault``. ``cached`` questions cost nothing: their answers were given before.
    """

    models: tuple[str, ...]
    shown: Share
    kept: Share
    repaired: Share
    dropped: Share
    faults: Mapping[str, int]
    cached: int
    input_tokens: int
    output_tokens: int


def model_figures(results: Iterable[Result]) -> ModelFigures | None:
    """Return the figures of ``results``, None where no language model was asked."""
    asked = [(result, result.model_use) for result in results if result.model_use is not None]
    if not asked:
        return None
    uses = [use for _, use in asked]
    kept, repaired, dropped = (
        sum(use.kept for use in uses),
        sum(use.repaired for use in uses),
        sum(use.dropped for use in uses),
    )
    written = kept + repaired + dropped
    faults = Counter(fault for use in uses for fault in use.faults)
    return ModelFigures(
        models=tuple(sorted({use.model for use in uses})),
        shown=Share(sum(result.mode == "generated" for result, _ in asked), len(asked)),
        kept=Share(kept, written),
        repaired=Share(repaired, written),
        dropped=Share(dropped, written),
        faults=dict(sorted(faults.items())),
        cached=sum(use.is_cached for use in uses),
        input_tokens=sum(use.input_tokens for use in uses),
        output_tokens=sum(use.output_tokens for use in uses),
    )
