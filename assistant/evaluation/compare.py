"""What changed from one run to another."""

from __future__ import annotations

from dataclasses import dataclass

from .metrics import Scores, scores
from .record import Run
from .scoring import Result


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run A beside run B, over the questions that both asked; ids in the order of B.

    ``before`` and ``after`` are the metrics of exactly these questions, so that they can be compared though
    questions came or went. ``changed_replies`` pass or fail as before, with another outcome or text.
    ``conditions`` says in words what else differed.
    """

    newly_pass: tuple[Result, ...]
    newly_fail: tuple[Result, ...]
    still_fail: tuple[str, ...]
    changed_replies: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    before: Scores
    after: Scores
    conditions: tuple[str, ...]


def compare(a: Run, b: Run) -> Comparison:
    """Return what changed from ``a`` to ``b``; questions are told apart by their id."""
    earlier = {result.id: result for result in a.results}
    later = {result.id: result for result in b.results}
    pairs = [(earlier[each.id], each) for each in b.results if each.id in earlier]
    return Comparison(
        newly_pass=tuple(new for old, new in pairs if new.passes and not old.passes),
        newly_fail=tuple(new for old, new in pairs if old.passes and not new.passes),
        still_fail=tuple(new.id for old, new in pairs if not old.passes and not new.passes),
        changed_replies=tuple(
            new.id
            for old, new in pairs
            if old.passes == new.passes and (old.text, old.outcome) != (new.text, new.outcome)
        ),
        only_before=tuple(result.id for result in a.results if result.id not in later),
        only_after=tuple(result.id for result in b.results if result.id not in earlier),
        before=scores([old for old, _ in pairs]),
        after=scores([new for _, new in pairs]),
        conditions=tuple(_differences(a, b)),
    )


def _differences(a: Run, b: Run) -> list[str]:
    one, other = a.conditions, b.conditions
    found: list[str] = []
    if one.questions_sha256 != other.questions_sha256:
        found.append(f"The questions differ: {one.questions} and {other.questions}.")
    if one.documents != other.documents:
        both = one.documents.keys() & other.documents.keys()
        altered = sorted(name for name in both if one.documents[name] != other.documents[name])
        names = [*altered, *sorted(one.documents.keys() ^ other.documents.keys())]
        found.append(f"The documents differ: {', '.join(names)}.")
    if one.embedding_model != other.embedding_model:
        found.append(f"The embedding models differ: {one.embedding_model} and {other.embedding_model}.")
    if _models(a) != _models(b):
        found.append(f"The language models differ: {_models(a)} and {_models(b)}.")
    return found


def _models(run: Run) -> str:
    return ", ".join(sorted({result.model or "none" for result in run.results}))
