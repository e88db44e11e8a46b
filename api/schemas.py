"""The JSON that goes in and out: the public contract, and how the domain's types are turned into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from assistant.conversation import check_question
from assistant.reply import Outcome, Reply, Support

if TYPE_CHECKING:
    from assistant.retrieval import Hit
    from ingest.documents import Document
    from ingest.pipeline import IngestReport

    from .service import Exchange

MAX_SEARCH_HITS = 50


def _without_control_characters(text: str) -> str:
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise ValueError("must not contain control characters")
    return text


Question = Annotated[str, AfterValidator(check_question)]
ProfileKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
ProfileValue = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_without_control_characters)
]


class _Request(BaseModel):
    """Strict: a number is no text, and a field that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Response(BaseModel):
    model_config = ConfigDict(frozen=True)


class ChatRequest(_Request):
    """A message of a person, in a new conversation or in one that was started before."""

    message: Question = Field(description="The question: 1 to 2,000 characters.")
    conversation_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="From an earlier reply; left out for a new conversation.",
    )
    profile: dict[ProfileKey, ProfileValue] | None = Field(
        default=None,
        max_length=16,
        description='What is known about the person, such as {"nationality": "Norwegian"}.',
    )
    language: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2}$",
        description="ISO 639-1 code of the language to reply in; guessed if left out.",
    )
    stream: bool = Field(
        default=False, description="Whether to reply with server-sent events, one for each sentence."
    )


class SearchRequest(_Request):
    """A query for passages."""

    query: Question = Field(description="What to look for: 1 to 2,000 characters.")
    limit: int = Field(default=10, ge=1, le=MAX_SEARCH_HITS, description="The most passages to return.")


class ReplySentence(_Response):
    """One sentence and the numbers of the citations it rests on; none: framing that states no fact."""

    text: str
    citations: list[int]
    support: Support


class ReplyCitation(_Response):
    """An exact quote: ``text[start:end]`` of the document, in Unicode code points."""

    number: int
    document_id: str
    title: str
    url: str
    deep_link: str
    headings: list[str]
    quote: str
    start: int
    end: int
    modified_on: date | None


class ReplyNotice(_Response):
    """A warning beside the answer."""

    kind: Literal["outdated", "expired", "conflict", "blank"]
    text: str
    citations: list[int]


class ChatReply(_Response):
    """The checked answer to one message. ``citations`` holds what ``text`` cites, by first appearance."""

    conversation_id: str
    message_id: str
    outcome: Outcome
    mode: Literal["quoted", "generated"]
    language: str
    question: str = Field(description="The stand-alone question that was searched.")
    text: str
    sentences: list[ReplySentence]
    citations: list[ReplyCitation]
    notices: list[ReplyNotice]
    suggestions: list[str]
    generation: str
    model: str | None

    @classmethod
    def of(cls, exchange: Exchange, reply: Reply) -> Self:
        """The reply to that exchange, as the contract words it."""
        return cls.model_validate(
            {
                "conversation_id": exchange.conversation_id,
                "message_id": exchange.message_id,
                "outcome": reply.outcome,
                "mode": reply.mode,
                "language": reply.language,
                "question": reply.question,
                "text": reply.text,
                "sentences": [
                    ReplySentence(text=each.text, citations=list(each.citations), support=each.support)
                    for each in reply.sentences
                ],
                "citations": [
                    ReplyCitation(
                        number=each.number,
                        document_id=each.document_id,
                        title=each.title,
                        url=each.url,
                        deep_link=each.deep_link,
                        headings=list(each.headings),
                        quote=each.quote,
                        start=each.start,
                        end=each.end,
                        modified_on=each.modified_on,
                    )
                    for each in reply.citations
                ],
                "notices": [
                    {"kind": str(each.kind), "text": each.text, "citations": list(each.citations)}
                    for each in reply.notices
                ],
                "suggestions": list(reply.suggestions),
                "generation": reply.generation,
                "model": reply.model,
            }
        )


class SearchHit(_Response):
    """A passage; ``rank`` counts from 1, ``score`` is higher for a better match."""

    document_id: str
    title: str
    headings: list[str]
    text: str
    start: int
    end: int
    score: float
    rank: int

    @classmethod
    def of(cls, hit: Hit, documents: Mapping[str, Document]) -> Self:
        """The hit with the title of its document."""
        passage = hit.passage
        return cls(
            document_id=passage.document_id,
            title=documents[passage.document_id].title,
            headings=list(passage.headings),
            text=passage.text,
            start=passage.start,
            end=passage.end,
            score=hit.score,
            rank=hit.rank,
        )


class SearchReply(_Response):
    """Passages, best first."""

    hits: list[SearchHit]


class DocumentSummary(_Response):
    """A document without its text; ``length`` is in Unicode code points."""

    id: str
    title: str
    url: str
    publisher: str
    language: str
    modified_on: date | None
    fetched_on: date | None
    content_hash: str
    length: int

    @classmethod
    def of(cls, document: Document) -> Self:
        """What is known about the document."""
        return cls.model_validate(_known_about(document))


class DocumentWithText(DocumentSummary):
    """A document with the canonical text that every ``start`` and ``end`` counts in."""

    text: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """Everything about the document."""
        return cls.model_validate({**_known_about(document), "text": document.text})


class DocumentList(_Response):
    """All documents of a generation, ordered by title."""

    generation: str
    documents: list[DocumentSummary]


class UnreadableEntry(_Response):
    """A file that was left out, and why."""

    path: str
    reason: str


class IngestSummary(_Response):
    """What an ingest did; ``reused`` counts the passages and units whose vectors were taken over."""

    generation: str
    documents: int
    passages: int
    units: int
    reused: int
    changed: bool
    seconds: float
    unreadable: list[UnreadableEntry]

    @classmethod
    def of(cls, report: IngestReport) -> Self:
        """The report, as the command prints it."""
        return cls(
            generation=report.generation,
            documents=report.documents,
            passages=report.passages,
            units=report.units,
            reused=report.reused,
            changed=report.changed,
            seconds=round(report.seconds, 3),
            unreadable=[UnreadableEntry(path=each.path, reason=each.reason) for each in report.unreadable],
        )


class Health(_Response):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(_Response):
    """An index is open; questions are answered from this generation."""

    status: Literal["ready"] = "ready"
    generation: str


def _known_about(document: Document) -> dict[str, object]:
    return {
        "id": document.id,
        "title": document.title,
        "url": document.url,
        "publisher": document.publisher,
        "language": document.language,
        "modified_on": document.modified_on,
        "fetched_on": document.fetched_on,
        "content_hash": document.content_hash,
        "length": len(document.text),
    }
