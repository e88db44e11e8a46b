"""Judging one reply: what is wrong with it, and what the metrics count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.documents import Document

from ..figures import numbers_in
from ..grounding import is_exact
from ..reply import ANSWERING, ModelUse, Outcome, Reply, Sentence, Support
from .calculations import covered_by_calculations
from .fixtures import Expectation, Fixture

ABSTAINING = frozenset({Outcome.NOT_STATED, Outcome.NOT_FOUND, Outcome.OUT_OF_SCOPE})
"""What ``expect: abstain`` accepts: the reply says that there is no answer."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of the judged reply. ``is_gold``: some ``cite`` matches it; None if there is no ``cite``."""

    number: int
    title: str
    quote: str
    link: str
    is_exact: bool
    is_gold: bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """One question, the reply to its last turn, and how that was judged. ``reasons`` is empty if it passes.

    ``quotes`` counts the citations of the replies to all turns, ``exact_quotes`` those that stand in their
    document as they are cited. ``gold_found`` says for each ``cite`` whether a quote matches it.
    ``has_numbers`` is about the text of the reply, ``unsupported_numbers`` are those that neither a quote nor
    a shown calculation holds. ``mode`` and ``model`` are those of the reply: "generated" and a name where it
    shows sentences of a language model. ``model_use`` is what one did for the replies to all turns together,
    also where none of its sentences is shown; None where none was asked.
    """

    id: str
    turns: tuple[str, ...]
    tags: tuple[str, ...]
    expect: Expectation
    outcome: Outcome
    question: str
    text: str
    citations: tuple[Cited, ...]
    notices: tuple[str, ...]
    quotes: int
    exact_quotes: int
    gold_found: tuple[bool, ...]
    has_numbers: bool
    unsupported_numbers: tuple[str, ...]
    reasons: tuple[str, ...]
    milliseconds: float
    model: str | None = None
    mode: str = "quoted"
    model_use: ModelUse | None = None

    @property
    def passes(self) -> bool:
        return not self.reasons

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong whatever the question expects: these do not decide whether it passes."""
        found: list[str] = []
        if self.exact_quotes < self.quotes:
            found.append(
                f"{self.quotes - self.exact_quotes} of {self.quotes} quotes do not stand in their document"
            )
        if self.unsupported_numbers:
            numbers = ", ".join(self.unsupported_numbers)
            found.append(f"neither a quote nor a shown calculation holds {numbers}")
        return tuple(found)


def judge(
    fixture: Fixture, replies: Sequence[Reply], documents: Mapping[str, Document], *, milliseconds: float
) -> Result:
    """Judge the last of ``replies``, one for each turn; ``milliseconds`` is what it took."""
    reply = replies[-1]
    exact = [is_exact(citation, documents) for each in replies for citation in each.citations]
    numbers = [numbers_in(sentence.text) for sentence in reply.sentences]
    return Result(
        id=fixture.id,
        turns=fixture.turns,
        tags=fixture.tags,
        expect=fixture.expect,
        outcome=reply.outcome,
        question=reply.question,
        text=reply.text,
        citations=_cited(fixture, reply, documents),
        notices=tuple(notice.text for notice in reply.notices),
        quotes=len(exact),
        exact_quotes=sum(exact),
        gold_found=tuple(any(gold.search(each.quote) for each in reply.citations) for gold in fixture.cite),
        has_numbers=any(numbers),
        unsupported_numbers=unsupported_numbers(fixture, reply),
        reasons=tuple(_reasons(fixture, reply)),
        milliseconds=milliseconds,
        model=reply.model,
        mode=reply.mode,
        model_use=_together(reply.model_use for reply in replies),
    )


def unsupported_numbers(fixture: Fixture, reply: Reply) -> tuple[str, ...]:
    """Return the numbers of a reply's sentences that nothing covers, sorted, in the form of ``numbers_in``.

    Each sentence has to hold its numbers in its own quotes; a sentence that is marked as computed may also
    show how it comes to them (see ``calculations``).
    """
    quotes = {citation.number: citation.quote for citation in reply.citations}
    question = "\n".join((*fixture.turns, reply.question))
    found: set[str] = set()
    for sentence in reply.sentences:
        cited = numbers_in(_quotes_of(sentence, quotes))
        missing = numbers_in(sentence.text) - cited
        if missing and sentence.support is Support.COMPUTED:
            missing -= covered_by_calculations(sentence.text, cited=cited, question=question)
        found |= missing
    return tuple(sorted(found))


def _together(uses: Iterable[ModelUse | None]) -> ModelUse | None:
    """What was done for several replies; model and prompts are those of the last one that asked a model."""
    asked = [use for use in uses if use is not None]
    if not asked:
        return None
    return ModelUse(
        model=asked[-1].model,
        prompts=asked[-1].prompts,
        input_tokens=sum(use.input_tokens for use in asked),
        output_tokens=sum(use.output_tokens for use in asked),
        kept=sum(use.kept for use in asked),
        repaired=sum(use.repaired for use in asked),
        dropped=sum(use.dropped for use in asked),
        faults=tuple(fault for use in asked for fault in use.faults),
        is_cached=all(use.is_cached for use in asked),
    )


def _quotes_of(sentence: Sentence, quotes: Mapping[int, str]) -> str:
    return "\n".join(quotes.get(number, "") for number in sentence.citations)


def _cited(fixture: Fixture, reply: Reply, documents: Mapping[str, Document]) -> tuple[Cited, ...]:
    return tuple(
        Cited(
            number=citation.number,
            title=citation.title,
            quote=citation.quote,
            link=citation.deep_link or citation.url,
            is_exact=is_exact(citation, documents),
            is_gold=any(gold.search(citation.quote) for gold in fixture.cite) if fixture.cite else None,
        )
        for citation in reply.citations
    )


def _reasons(fixture: Fixture, reply: Reply) -> Iterator[str]:
    if fixture.expect is Expectation.ANSWER and reply.outcome not in ANSWERING:
        yield f"an answer is expected, the outcome is {reply.outcome}"
    if fixture.expect is Expectation.ABSTAIN and reply.outcome not in ABSTAINING:
        yield f"an abstention is expected, the outcome is {reply.outcome}"
    for pattern in fixture.must:
        if not pattern.search(reply.text):
            yield f"the text lacks what must matches: {pattern.pattern}"
    for pattern in fixture.never:
        if match := pattern.search(reply.text):
            yield f"the text says “{match.group()}”, which never matches: {pattern.pattern}"
    for pattern in fixture.cite:
        if not any(pattern.search(citation.quote) for citation in reply.citations):
            yield f"no quote holds what cite matches: {pattern.pattern}"
