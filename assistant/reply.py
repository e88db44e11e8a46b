"""What the assistant says: a reply of sentences, each citing exact quotes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from .confidence import Confidence


class Outcome(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_STATED = "not_stated"
    NOT_FOUND = "not_found"
    CLARIFY = "clarify"
    OUT_OF_SCOPE = "out_of_scope"
    SMALL_TALK = "small_talk"


ANSWERING = frozenset({Outcome.ANSWERED, Outcome.CLARIFY})
"""The outcomes that give what was asked for, if only branch by branch."""


class Support(StrEnum):
    """How a sentence is backed by its quotes."""

    QUOTED = "quoted"
    VERIFIED = "verified"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact quote: ``quote`` is ``text[start:end]`` of the document, offsets in code points.

    ``number`` counts from 1 in order of first appearance in the reply. ``deep_link`` is the page's address
    with a text fragment, or the number of the sheet in a PDF, "" where the page has no address. ``page`` is
    the sheet of paper that the quote begins on, counted from 1, None where the document has but one.
    """

    number: int
    document_id: str
    title: str
    url: str
    deep_link: str
    headings: tuple[str, ...]
    quote: str
    start: int
    end: int
    modified_on: date | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply and the numbers of the citations it rests on.

    Sentences without citations are framing of ours ("The page leaves this blank."): they state nothing that
    a page could contradict, and hold no number, date, amount or name.
    """

    text: str
    citations: tuple[int, ...] = ()
    support: Support = Support.QUOTED


class NoticeKind(StrEnum):
    """What a notice warns of."""

    OUTDATED = "outdated"
    """The page was last changed long ago."""
    EXPIRED = "expired"
    """A date that the quote announces has passed."""
    CONFLICT = "conflict"
    """Two places give different values for the same thing."""
    BLANK = "blank"
    """A line of the page breaks off."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning beside the answer. Its text may name the date of a cited page."""

    kind: NoticeKind
    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A message that chooses one of the things that an answer depends on.

    These are ``people``, as the page words them, or pages: ``document`` is the id of one, and the message its
    title.
    """

    message: str
    people: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What a language model did for a reply.

    ``prompts`` is the hash of the prompt files that it was asked with. Of its sentences ``kept`` were shown
    as they came, ``repaired`` with other citations than it gave, ``dropped`` not at all. ``faults`` are
    values of ``language_model.Fault``. ``is_cached`` where an earlier answer was given again, for no token.
    """

    model: str
    prompts: str
    input_tokens: int = 0
    output_tokens: int = 0
    kept: int = 0
    repaired: int = 0
    dropped: int = 0
    faults: tuple[str, ...] = ()
    is_cached: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The checked answer to one turn.

    ``question`` is the stand-alone question that was searched. ``text`` is all sentences with their
    citation marks ("… [1]"). ``mode`` is "generated" where sentences of a language model are shown, and then
    ``model`` names it; else "quoted". ``model_use`` is None where none was asked. ``dropped`` counts the
    sentences that the check did not let through, ``page`` is the title of the document that the person had
    before their eyes, "" where that is not known, ``branches`` are the suggestions of a reply that depends on
    something, with what each of them chooses, ``retrieval_seconds`` is the time from the stand-alone
    question to the evidence that was chosen, None where nothing was looked for. ``confidence`` is in the
    answer, of several parts in the least sure one; None where there was none to be sure of.
    """

    outcome: Outcome
    question: str
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    notices: tuple[Notice, ...] = ()
    suggestions: tuple[str, ...] = ()
    language: str = "en"
    mode: str = "quoted"
    model: str | None = None
    generation: str = ""
    dropped: int = 0
    page: str = ""
    branches: tuple[Branch, ...] = ()
    retrieval_seconds: float | None = field(default=None, compare=False)
    confidence: Confidence | None = None
    model_use: ModelUse | None = None
