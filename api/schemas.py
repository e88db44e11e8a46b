"""The JSON that goes in and out: the public contract, and how the domain's types are turned into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from assistant.conversation import QUESTION_LIMIT, check_question
from assistant.reply import Outcome, Reply, Support

from . import examples
from .storage.rating import Rating

if TYPE_CHECKING:
    from assistant.retrieval import Hit
    from ingest.changes import FactChange
    from ingest.documents import Document
    from ingest.pipeline import IngestReport

    from .service import Exchange
    from .storage.conversations import ConversationRecord

MAX_SEARCH_HITS = 50
COMMENT_LIMIT = 2_000
PAGE_LIMIT = 2_000
PAGE_PATTERN = r"^https?://[^\x00-\x20\x7f-\x9f]+$"
ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"


QUESTION_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\W_][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""For OpenAPI: at least one letter or digit of any script, and no control characters but line breaks."""

_LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"
_LINES_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"


def _without_control_characters(text: str, *, but: str = "") -> str:
    """The text; line breaks count as control characters. Raises: ValueError."""
    if any((ord(each) < 32 or 127 <= ord(each) < 160) and each not in but for each in text):
        raise ValueError("must not contain control characters")
    return text


Question = Annotated[
    str,
    AfterValidator(check_question),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": QUESTION_LIMIT, "pattern": QUESTION_PATTERN}
    ),
]
Comment = Annotated[
    str,
    StringConstraints(min_length=1, max_length=COMMENT_LIMIT),
    AfterValidator(lambda text: _without_control_characters(text, but="\t\n\r")),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": COMMENT_LIMIT, "pattern": _LINES_PATTERN}),
]
_PROFILE_KEY = r"^[a-z][a-z_]{0,31}$"
ProfileKey = Annotated[str, StringConstraints(pattern=_PROFILE_KEY)]
ProfileValue = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_without_control_characters),
]


Profile = Annotated[
    dict[ProfileKey, ProfileValue],
    Field(max_length=16),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": 16,
            "propertyNames": {"pattern": _PROFILE_KEY},
            "additionalProperties": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200,
                "pattern": _LINE_PATTERN,
            },
        }
    ),
]


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


AS_WHOLE = BeforeValidator(_whole)
"""Takes 3.0 for 3: to JSON there is but one kind of numbers."""


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
        pattern=ID_PATTERN,
        description="From an earlier reply; left out for a new conversation.",
    )
    profile: Profile | None = Field(
        default=None,
        description='What is known about the person, such as {"nationality": "Norwegian"}.',
    )
    language: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2}$",
        description="ISO 639-1 code of the language to reply in; guessed if left out.",
    )
    page: str | None = Field(
        default=None,
        max_length=PAGE_LIMIT,
        pattern=PAGE_PATTERN,
        description='The address of the page that the person is on: what "this programme" and "it" mean, '
        "until the conversation turns to another. Ignored where no document has it.",
    )
    stream: bool = Field(
        default=False, description="Whether to reply with server-sent events, one for each sentence."
    )


class SearchRequest(_Request):
    """A query for passages."""

    query: Question = Field(description="What to look for: 1 to 2,000 characters.")
    limit: Annotated[int, AS_WHOLE] = Field(
        default=10, ge=1, le=MAX_SEARCH_HITS, description="The most passages to return."
    )


class FeedbackRequest(_Request):
    """What the person who asked thinks of a reply. It takes the place of what they said before."""

    rating: Rating = Field(strict=False, description="Whether the reply was of use: up or down.")
    comment: Comment | None = Field(default=None, description="In their own words: 1 to 2,000 characters.")


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
    page: int | None = Field(
        default=None, description="The sheet that the quote begins on, from 1; null where there is but one."
    )


class ReplyNotice(_Response):
    """A warning beside the answer."""

    kind: Literal["outdated", "expired", "conflict", "blank"]
    text: str
    citations: list[int]


class TokenUsage(_Response):
    """Tokens, as the server of the language model counts them; estimated where it does not tell."""

    input_tokens: int
    output_tokens: int


class ChatReply(_Response):
    """The checked answer to one message. ``citations`` holds what ``text`` cites, by first appearance."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CHAT_REPLY]})

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
    model: str | None = Field(description="The language model, where sentences of it are shown.")
    prompts: str | None = Field(
        default=None, description="The hash of the prompts that a language model was asked with."
    )
    usage: TokenUsage | None = Field(
        default=None, description="What the reply took of a language model, null where none was asked."
    )

    @classmethod
    def of(cls, exchange: Exchange, reply: Reply) -> Self:
        """The reply to that exchange, as the contract words it."""
        use = reply.model_use
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
                        page=each.page,
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
                "prompts": use.prompts if use else None,
                "usage": TokenUsage(input_tokens=use.input_tokens, output_tokens=use.output_tokens)
                if use
                else None,
            }
        )


class GivenFeedback(_Response):
    """What the person who asked thought of the reply."""

    rating: Rating
    comment: str | None
    rated_at: datetime


class StoredMessage(_Response):
    """A message, and the reply to it as it was given then."""

    message_id: str
    asked_at: datetime
    message: str
    reply: ChatReply
    feedback: GivenFeedback | None


class ConversationExport(_Response):
    """All that is kept of a conversation, oldest message first."""

    conversation_id: str
    created_at: datetime
    messages: list[StoredMessage]

    @classmethod
    def of(cls, record: ConversationRecord) -> Self:
        """The conversation, as the contract words it."""
        return cls.model_validate(asdict(record))


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

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SEARCH_REPLY]})

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

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DOCUMENT_WITH_TEXT]})

    text: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """Everything about the document."""
        return cls.model_validate({**_known_about(document), "text": document.text})


class DocumentList(_Response):
    """All documents of a generation, ordered by title."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DOCUMENT_LIST]})

    generation: str
    documents: list[DocumentSummary]


class UnreadableEntry(_Response):
    """A file that was left out, and why."""

    path: str
    reason: str


class PageEntry(_Response):
    """A document by its id and its title."""

    id: str
    title: str


class FactEntry(_Response):
    """A fact that a page states otherwise than before; "" for not at all."""

    document_id: str
    title: str
    about: list[str] = Field(description="Headings and label, outermost first.")
    before: str
    after: str

    @classmethod
    def of(cls, change: FactChange) -> Self:
        """The change, as the command prints it."""
        return cls(
            document_id=change.page.id,
            title=change.page.title,
            about=list(change.about),
            before=change.before,
            after=change.after,
        )


class KeptEntry(_Response):
    """A page that could not be fetched, of which an earlier copy is used."""

    address: str
    fetched_on: date
    reason: str


class LeftOutEntry(_Response):
    """A page that was found and is not used."""

    address: str
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
    embedded: int
    embedding_seconds: float
    added: list[PageEntry]
    changed_pages: list[PageEntry]
    removed: list[PageEntry]
    facts: list[FactEntry]
    kept: list[KeptEntry]
    left_out: list[LeftOutEntry]
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
            embedded=report.embedded,
            embedding_seconds=round(report.embedding_seconds, 3),
            added=[PageEntry(id=page.id, title=page.title) for page in report.changes.added],
            changed_pages=[PageEntry(id=page.id, title=page.title) for page in report.changes.changed],
            removed=[PageEntry(id=page.id, title=page.title) for page in report.changes.removed],
            facts=[FactEntry.of(change) for change in report.changes.facts],
            kept=[
                KeptEntry(address=k.address, fetched_on=k.fetched_on, reason=k.reason) for k in report.kept
            ],
            left_out=[LeftOutEntry(address=each.address, reason=each.reason) for each in report.left_out],
            unreadable=[UnreadableEntry(path=each.path, reason=each.reason) for each in report.unreadable],
        )


class VisitorSession(_Response):
    """A token for the visitor of a web page, to be sent as ``Authorization: Bearer …``."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "WyJ2aXNpdG9yIl0.Z2Fw.c2lnbmF0dXJl", "expires_in": 3600}]}
    )

    token: str
    expires_in: int = Field(description="Seconds until it has to be renewed.")


class Health(_Response):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"] = "ok"


class Ready(_Response):
    """Questions are answered, from this generation; to whom the generation is not told, it is left out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ready", "generation": "000001-8d9eb2656d2b"}]}
    )

    status: Literal["ready"] = "ready"
    generation: str | None = None
    degraded: str | None = Field(
        default=None, description="Why this is an earlier generation than the published one; else absent."
    )
    model_problem: str | None = Field(
        default=None,
        description="What is wrong with the language model, and what to do; else absent. Until then replies "
        "are quotes.",
    )


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
