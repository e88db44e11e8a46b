"""A question, understood: its kind, its terms, and for whom it is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ingest.values import ValueKind
from ingest.words import words

from .countries import Audience, audience_of_question
from .focus import asks, focus, without_politeness
from .kinds import QuestionKind, counted_in, is_verdict, kind_of, kind_of_claim
from .terms import Term, TermRole, terms_of

_YEAR = re.compile(r"\b20\d\d\b")
_NEXT_QUESTION = re.compile(
    r"(?:\?\s+|,?\s+and\s+|,\s+)(?=(?:how|when|what|which|who|where|by when|until when)\b(?! else))", re.I
)
_MOST_PARTS = 3
_TAIL = re.compile(r"[,\s]+(?:right|correct|ok(?:ay)?|yes|isn't it|is it|true|or not|no)\s*\?+$", re.I)
# Values that a VALUE question may be after, by concept, beside the AMOUNT, DATE and DURATION kinds.
_VALUE_KINDS = frozenset({ValueKind.NUMBER, ValueKind.EMAIL, ValueKind.PHONE, ValueKind.PERCENTAGE})
_KIND_VALUE = {
    QuestionKind.AMOUNT: ValueKind.AMOUNT,
    QuestionKind.DATE: ValueKind.DATE,
    QuestionKind.DURATION: ValueKind.DURATION,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A stand-alone question, understood. ``counted`` are the stems of the thing a COUNT question counts."""

    text: str
    kind: QuestionKind
    terms: tuple[Term, ...]
    expects: ValueKind | None = None
    audience: Audience | None = None
    counted: tuple[str, ...] = ()
    years: frozenset[str] = frozenset()
    asks_for_a_verdict: bool = False
    asks_for_a_person: bool = False


def parts(text: str) -> tuple[str, ...]:
    """The questions in ``text``: "when is it due and what happens if I am late" asks two.

    Names of the first are said again in those after it, which lean on them.
    """
    asked = focus(text)
    pieces = [piece.strip(" ,;?") for piece in _NEXT_QUESTION.split(asked) if piece and piece.strip(" ,;?")]
    if (
        len(pieces) < 2
        or not asks(pieces[0])
        or len(pieces) > _MOST_PARTS
        or any(len(words(piece)) < 2 for piece in pieces[1:])
    ):
        return (text,)
    names = " ".join(term.text for term in understand(pieces[0]).terms if term.role is TermRole.NAME)
    context = f" ({names})" if names else ""
    return (f"{pieces[0]}?", *(f"{piece}{context}?" for piece in pieces[1:]))


def understand(
    text: str, *, audience: Audience | None = None, is_name: Callable[[str], bool] = lambda _: False
) -> Question:
    """Return what the stand-alone question ``text`` asks; ``audience`` is what is known of the asker.

    ``is_name`` tells names that are typed in small letters ("groningen").
    """
    asked = without_politeness(focus(text))
    is_checked = bool(_TAIL.search(asked))
    asked = _TAIL.sub("?", asked)
    terms = terms_of(asked, is_name=is_name)
    concepts = [concept for term in terms for concept in term.concepts]
    kind = kind_of(asked, concepts)
    if kind in {QuestionKind.YES_NO, QuestionKind.OPEN}:
        # "Is the fee really 3,500 euros?" is answered by the fee.
        kind = kind_of_claim(asked, concepts) or (QuestionKind.YES_NO if is_checked else kind)
    expects = _KIND_VALUE.get(kind)
    if kind is QuestionKind.VALUE:
        stated = (concept.expects for concept in concepts if concept.expects in _VALUE_KINDS)
        expects = next(stated, ValueKind.NUMBER)
        if any(concept.is_name for concept in concepts) and not any(c.expects for c in concepts):
            # "Is IELTS 6.5 enough?" asks for the minimum.
            terms = (*terms, *terms_of("minimum", is_name=is_name))
    if kind is QuestionKind.COUNT:
        expects = ValueKind.NUMBER
    return Question(
        text=text.strip(),
        kind=kind,
        terms=terms,
        expects=expects,
        audience=audience or audience_of_question(text),
        years=frozenset(_YEAR.findall(asked)),
        counted=counted_in(asked) if kind is QuestionKind.COUNT else (),
        asks_for_a_person=kind is QuestionKind.WHO
        and any(concept.name == "coordinator" for concept in concepts),
        asks_for_a_verdict=kind in {QuestionKind.YES_NO, QuestionKind.OPEN} and is_verdict(asked),
    )
