"""A question, understood: its kind, its terms, and for whom it is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from ingest.values import ValueKind
from ingest.words import stem, words

from .countries import Audience, audience_of_question, compares_groups
from .focus import asks, focus, last_asked, without_politeness
from .kinds import (
    QuestionKind,
    asks_for_a_share,
    asks_for_words,
    counted_in,
    is_verdict,
    kind_of,
    kind_of_claim,
)
from .terms import Term, TermRole, terms_of

_YEAR = re.compile(r"\b20\d\d\b")
_NEXT_QUESTION = re.compile(
    r"(?:\?\s+|,?\s+and\s+|,\s+)(?=(?:how|when|what|which|who|where|by when|until when)\b(?! else))", re.I
)
_MOST_PARTS = 3
# Kinds of question in which "apply" is the thing asked.
_ABOUT_APPLYING = frozenset(
    {QuestionKind.HOW, QuestionKind.WHERE, QuestionKind.DATE, QuestionKind.WHO, QuestionKind.LIST}
)
# Kinds of question that may ask how one's own application will end.
_MAY_BE_PERSONAL = frozenset({QuestionKind.YES_NO, QuestionKind.OPEN, QuestionKind.LIST})
# "How many semesters and credits does it have?"
_TWO_COUNTS = re.compile(
    r"how many (?P<one>[a-z]+) and (?:how many )?(?P<other>[a-z]+) (?P<rest>(?:does|do|is|are|has|have|"
    r"will|can|must)\b.+)",
    re.I,
)
# "… and what does it cost?" asks about what the part before spoke of.
_LEANS = re.compile(r"\b(?:it|they|them|that|this|those|these|him|her|he|she)\b", re.I)
_ASKS_BARELY = re.compile(r"(?:by |until |from |since )?(?:when|where|how long|how often)", re.I)
_AND = r"(?:\s*(?:,|\+|&)|\s+(?:and|plus|as well as|together with|along with)\b)+\s*(?:(?:the|my|all)\s+)*"
# What the length of a text is counted in, as stems.
_WRITTEN = frozenset(map(stem, "words pages characters lines".split()))
_CONDITION = re.compile(r"(?:if|since|as|once|because|suppose|assuming)\b", re.I)
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
    """A stand-alone question, understood. ``counted`` are the stems that name what a COUNT question
    counts, in its own words or in those of pages. ``people`` are those it is asked for, as the page words
    them, where they were chosen among branches."""

    text: str
    kind: QuestionKind
    terms: tuple[Term, ...]
    expects: ValueKind | None = None
    audience: Audience | None = None
    counted: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    asks_for_a_verdict: bool = False
    asks_for_a_person: bool = False
    people: str = ""


def parts(text: str) -> tuple[str, ...]:
    """The questions in ``text``: "when is it due and what happens if I am late" asks two.

    Names of the first are said again in those after it, which lean on them.
    """
    asked = focus(text)
    pieces = [piece.strip(" ,;?") for piece in _NEXT_QUESTION.split(asked) if piece and piece.strip(" ,;?")]
    both = _TWO_COUNTS.match(asked)
    if both:
        return tuple(f"How many {what} {both['rest'].strip(' ?')}?" for what in (both["one"], both["other"]))
    condition = ""
    if len(pieces) > 2 and _CONDITION.match(pieces[0]) and not asks(pieces[0]):
        condition = pieces.pop(0)
    if (
        len(pieces) < 2
        or not asks(pieces[0])
        or len(pieces) > _MOST_PARTS
        or any(len(words(piece)) < 2 for piece in pieces[1:])
    ):
        return (text,)
    said = understand(f"{condition}, {pieces[0]}" if condition else pieces[0])
    names = " ".join(term.text for term in said.terms if term.role is TermRole.NAME)
    # What has a value is no thing that "it" could be: a fee takes no time and starts never.
    things = [term for term in said.terms if not any(concept.expects for concept in term.concepts)]
    subject = " ".join(term.text for term in things if term.role is not TermRole.GENERIC)
    first = f"{pieces[0]} ({names})?" if condition and names else f"{pieces[0]}?"
    rest: list[str] = []
    for piece in pieces[1:]:
        context = subject if _LEANS.search(piece) or _ASKS_BARELY.fullmatch(piece) else names
        rest.append(f"{piece} ({context})?" if context else f"{piece}?")
    return (first, *rest)


def each_amount(text: str) -> tuple[str, ...]:
    """What asks for two amounts, as a question for each; empty for any other.

    "Tuition plus living costs for a year?" is of two things that pages state in two places.
    """
    amounts = [
        term
        for term in understand(text).terms
        if term.role is TermRole.CONCEPT and any(each.expects is ValueKind.AMOUNT for each in term.concepts)
    ]
    if len(amounts) != 2 or amounts[0].meanings & amounts[1].meanings:
        return ()
    one, other = (re.escape(term.text) for term in amounts)
    both = re.search(rf"(?P<one>\b{one}\b){_AND}(?P<other>\b{other}\b)", text, re.I)
    if both is None:
        return ()
    return tuple(f"{text[: both.start()]}{both[name]}{text[both.end() :]}" for name in ("one", "other"))


def without_words(question: Question, said: Collection[str]) -> Question:
    """``question`` without the terms that are made of the words ``said``, lower case: they name its page.

    Where nothing would be left to ask for, what is a thing of the domain stays: "the degree of" a page that
    has "degree" in its title.
    """
    kept = tuple(
        term for term in question.terms if not all(word.casefold() in said for word in words(term.text))
    )
    asked = tuple(term for term in question.terms if term.role is TermRole.CONCEPT)
    return replace(question, terms=kept or asked)


def understand(
    text: str,
    *,
    audience: Audience | None = None,
    people: str = "",
    is_name: Callable[[str], bool] = lambda _: False,
) -> Question:
    """Return what the stand-alone question ``text`` asks; ``audience`` is what is known of the asker.

    ``people`` are those it is asked for, as the page words them, where they are known. ``is_name`` tells
    names that are typed in small letters ("groningen").
    """
    asked = without_politeness(focus(text))
    is_checked = bool(_TAIL.search(asked))
    asked = _TAIL.sub("?", asked)
    terms = terms_of(asked, is_name=is_name)
    concepts = [concept for term in terms for concept in term.concepts]
    kind = kind_of(without_politeness(last_asked(asked)), concepts)
    if kind in {QuestionKind.YES_NO, QuestionKind.OPEN}:
        # "Is the fee really 3,500 euros?" is answered by the fee.
        kind = kind_of_claim(asked, concepts) or (QuestionKind.YES_NO if is_checked else kind)
    if compares_groups(asked) and any(concept.expects is ValueKind.AMOUNT for concept in concepts):
        kind = QuestionKind.AMOUNT  # "Do Europeans pay less than others?" is answered by what each pays
    if kind is QuestionKind.DATE and any(concept.name == "deadline" for concept in concepts):
        # "Summer start, when do I need to apply?" asks for no start.
        terms = _with_generic(terms, lambda term: _names(term) == ["start_date"])
    if kind is QuestionKind.AMOUNT and any(concept.name == "refund" for concept in concepts):
        kind = QuestionKind.OPEN  # pages say "half of it", or 80 %
    if kind is QuestionKind.WHERE:
        # "Where do I …" asks for a place by its kind: the place is no thing that must be named too.
        terms = _with_generic(terms, lambda term: term.stems[0] == "where")
    if kind is QuestionKind.AMOUNT:
        # "In total" is a score on a page, and asks for a sum here.
        terms = _with_generic(terms, lambda term: _names(term) == ["score"] and "total" in term.stems)
    if kind not in _ABOUT_APPLYING:
        terms = _without_applying(terms)
    is_personal = kind in _MAY_BE_PERSONAL and is_verdict(asked)
    if is_personal and not any(term.role is TermRole.CONCEPT for term in terms):
        # "What are my chances?" is told what counts.
        terms = (*terms, *terms_of("admission requirements", is_name=is_name))
    expects = _KIND_VALUE.get(kind)
    if kind is QuestionKind.VALUE:
        stated = (concept.expects for concept in concepts if concept.expects in _VALUE_KINDS)
        expects = ValueKind.PERCENTAGE if asks_for_a_share(asked) else next(stated, ValueKind.NUMBER)
        if any(concept.is_name for concept in concepts) and not any(c.expects for c in concepts):
            # "Is IELTS 6.5 enough?" asks for the minimum.
            terms = (*terms, *terms_of("minimum", is_name=is_name))
    counted = _counted(asked, terms) if kind is QuestionKind.COUNT else frozenset()
    if kind is QuestionKind.COUNT:
        expects = ValueKind.NUMBER
    if kind is QuestionKind.COUNT and asks_for_words(asked):
        counted = _WRITTEN
        terms = _with_generic(terms, lambda term: _names(term) == ["duration"])
    if expects is ValueKind.PERCENTAGE:
        # That it is a percentage shows in the value.
        terms = _with_generic(terms, lambda term: asks_for_a_share(term.text))
    return Question(
        text=text.strip(),
        kind=kind,
        terms=terms,
        expects=expects,
        audience=audience or audience_of_question(text),
        years=frozenset(_YEAR.findall(asked)),
        counted=counted,
        asks_for_a_person=kind is QuestionKind.WHO
        and any(concept.name == "coordinator" for concept in concepts),
        asks_for_a_verdict=is_personal,
        people=people,
    )


def _without_applying(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """``terms`` with "apply" as good as nothing where another thing is asked: an interview, a test."""
    others = [
        term
        for term in terms
        if term.role is not TermRole.GENERIC and not _is_applying(term) and term.concepts
    ]
    if not others:
        return terms
    return _with_generic(terms, _is_applying)


def _is_applying(term: Term) -> bool:
    return _names(term) == ["application"]


def _names(term: Term) -> list[str]:
    return [concept.name for concept in term.concepts]


def _with_generic(terms: tuple[Term, ...], is_generic: Callable[[Term], bool]) -> tuple[Term, ...]:
    """``terms`` with those as good as nothing for which ``is_generic``."""
    return tuple(
        Term(term.text, term.stems, TermRole.GENERIC) if is_generic(term) else term for term in terms
    )


def _counted(asked: str, terms: Sequence[Term]) -> frozenset[str]:
    """The last stem of what is counted, and of each way that pages say it."""
    said = counted_in(asked)
    concepts = [concept for term in terms if set(term.stems) & set(said) for concept in term.concepts]
    return frozenset(said[-1:]) | {phrase[-1] for concept in concepts for phrase in concept.page}
