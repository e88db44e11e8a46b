"""The gate: a sentence leaves only with exact quotes that carry every number and name in it. Pure code."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.documents import Document

from .figures import all_words, names_in, numbers_in, plain_number
from .links import deep_link
from .reply import Citation, Sentence, Support
from .wording import own_texts

# Code points. Shorter runs ("the programme") stand in any text by chance.
SHORTEST_QUOTE = 12
_MONTHS_OF_A_YEAR = Decimal(12)
_OPERATIONS: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add,
    "−": operator.sub,
    "×": operator.mul,
    "÷": operator.truediv,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a document that a draft rests on; the headings above it are for display."""

    document_id: str
    start: int
    end: int
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation: ``left operator right = result``, the operator one of + − × ÷."""

    left: Decimal
    operator: str
    right: Decimal
    result: Decimal


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence before it is checked. Framing of our own has no spans.

    A computed sentence shows its ``steps``; ``given`` are numbers of the question ("for 6 weeks").
    ``in_english`` is what a sentence in another language says, whose capitals tell no names; "" else.
    """

    text: str
    spans: tuple[Span, ...] = ()
    support: Support = Support.QUOTED
    steps: tuple[Step, ...] = ()
    given: tuple[Decimal, ...] = ()
    in_english: str = ""


@dataclass(frozen=True, slots=True)
class Grounded:
    """The sentences that passed, their citations numbered by first appearance, and how many did not pass."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    dropped: int = 0


def ground(drafts: Sequence[Draft], documents: Mapping[str, Document]) -> Grounded:
    """Check every draft and number the citations of those that pass; the order is kept."""
    numbers: dict[Span, int] = {}
    citations: list[Citation] = []
    sentences: list[Sentence] = []
    dropped = 0
    for draft in drafts:
        if fault(draft, documents) is not None:
            dropped += 1
            continue
        cited: list[int] = []
        for span in dict.fromkeys(draft.spans):
            if span not in numbers:
                numbers[span] = len(numbers) + 1
                citations.append(_citation(numbers[span], span, documents[span.document_id]))
            cited.append(numbers[span])
        sentences.append(Sentence(draft.text, tuple(cited), draft.support))
    return Grounded(tuple(sentences), tuple(citations), dropped)


def fault(draft: Draft, documents: Mapping[str, Document]) -> str | None:
    """Why ``draft`` may not be said, None if it may.

    Framing that is a text of ``locales`` word for word may be said: German writes every noun as English
    writes names. Any other framing may hold no number and no name. Any other sentence needs quotes that are
    runs of their documents, long enough or a whole line, and every number and name of the sentence must stand
    in one of them.
    """
    if not draft.spans and draft.text in own_texts():
        return None
    quotes: list[str] = []
    for span in draft.spans:
        document = documents.get(span.document_id)
        if document is None or not 0 <= span.start < span.end <= len(document.text):
            return "a quote lies outside of its document"
        quote = document.text[span.start : span.end]
        said = quote.strip()
        if not said or (len(said) < SHORTEST_QUOTE and not _is_whole_line(document.text, span)):
            return "a quote is too short to prove anything"
        quotes.append(quote)
    source = "\n".join(quotes)
    numbers = _with_results(draft, numbers_in(source))
    if numbers is None:
        return "a calculation is wrong, or an operand is not in the quotes"
    if not numbers_in(draft.text) <= numbers:
        return "a number is not in the quotes"
    if not names_in(draft.in_english or draft.text) <= all_words(source):
        return "a name is not in the quotes"
    return None


def _with_results(draft: Draft, quoted: frozenset[str]) -> frozenset[str] | None:
    """The numbers a draft may say: those quoted, and results of steps; None if a step is wrong."""
    if draft.support is not Support.COMPUTED:
        return quoted
    allowed = quoted | {plain_number(number) for number in (_MONTHS_OF_A_YEAR, *draft.given)}
    for step in draft.steps:
        operands = {plain_number(step.left), plain_number(step.right)}
        if not operands <= allowed or _OPERATIONS[step.operator](step.left, step.right) != step.result:
            return None
        allowed |= {plain_number(step.result)}
    return allowed


def is_exact(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Whether the quote of ``citation`` is what stands at its offsets."""
    document = documents.get(citation.document_id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote != ""


def _is_whole_line(text: str, span: Span) -> bool:
    before = text[: span.start].rsplit("\n", 1)[-1]
    after = text[span.end :].split("\n", 1)[0]
    return not before.strip(" |") and not after.strip(" |.")


def _citation(number: int, span: Span, document: Document) -> Citation:
    quote = document.text[span.start : span.end]
    page = document.page_of(span.start)
    return Citation(
        number=number,
        document_id=document.id,
        title=document.title,
        url=document.url,
        deep_link=deep_link(document.url, quote, page=page, anchor=document.anchor_above(span.start)),
        headings=span.headings,
        quote=quote,
        start=span.start,
        end=span.end,
        modified_on=document.modified_on,
        page=page,
    )
