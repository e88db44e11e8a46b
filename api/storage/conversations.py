"""What was said in each conversation and what was thought of it; who it belongs to; how it is erased."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Set
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from assistant.conversation import Turn
from assistant.reply import Branch

from .database import Database
from .errors import ConversationFull, UnknownConversation, UnknownMessage
from .models import Conversation, Feedback, Message
from .rating import Rating

MAX_TURNS = 100
"""A person's longest conversations have some ten turns; this bounds what a reply has to read."""

RETENTION = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FeedbackRecord:
    """A rating and, where one was given, the words with it."""

    rating: Rating
    comment: str | None
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message and its reply; ``reply`` is what the caller got."""

    message_id: str
    asked_at: datetime
    message: str
    reply: dict[str, Any]
    feedback: FeedbackRecord | None


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """All that is kept of one conversation, oldest message first."""

    conversation_id: str
    created_at: datetime
    messages: tuple[MessageRecord, ...]


def new_id() -> str:
    """An id that cannot be guessed: 128 random bits, 22 characters that need no escaping in an address."""
    return secrets.token_urlsafe(16)


def _now() -> datetime:
    return datetime.now(UTC)


class Conversations:
    """The conversations of all callers. Safe across threads and processes.

    ``owner`` is the id of the caller that started a conversation. Nobody else learns that there is one:
    every method raises the same UnknownConversation or UnknownMessage for what does not exist, belongs to
    another or has expired. None as owner stands for an administrator, to whom all of them are open. Every
    method raises StorageUnavailable where the database cannot be used.
    """

    def __init__(
        self,
        database: Database,
        *,
        keep_for: timedelta = RETENTION,
        max_turns: int = MAX_TURNS,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._database = database
        self._keep_for = keep_for
        self._max_turns = max_turns
        self._clock = clock

    def begin(self, owner: str) -> str:
        """The id of a new conversation."""
        conversation_id = new_id()
        now = self._clock()
        with self._database.writing() as session:
            session.add(Conversation(id=conversation_id, owner=owner, created_at=now, used_at=now))
        return conversation_id

    def turns(self, conversation_id: str, owner: str | None) -> tuple[Turn, ...]:
        """What was said so far, oldest first.

        Raises:
            UnknownConversation, StorageUnavailable.
            ConversationFull: there is no room for another turn.
        """
        with self._database.reading() as session:
            self._owned(session, conversation_id, owner)
            said = session.scalars(
                select(Message.turn).where(*self._kept_of(conversation_id)).order_by(Message.position)
            ).all()
        if len(said) >= self._max_turns:
            raise ConversationFull(self._max_turns)
        return tuple(_turn(each) for each in said)

    def add(
        self, conversation_id: str, owner: str | None, message_id: str, turn: Turn, reply: dict[str, Any]
    ) -> None:
        """Appends a turn.

        Raises:
            UnknownConversation: also where it was erased while the reply was being worked on.
            StorageUnavailable.
        """
        now = self._clock()
        with self._database.writing() as session:
            conversation = self._owned(session, conversation_id, owner, lock=True)
            conversation.used_at = now
            last = session.scalar(
                select(func.max(Message.position)).where(Message.conversation_id == conversation_id)
            )
            session.add(
                Message(
                    id=message_id,
                    conversation_id=conversation_id,
                    position=0 if last is None else last + 1,
                    asked_at=now,
                    turn=asdict(turn),
                    reply=reply,
                )
            )

    def export(self, conversation_id: str, owner: str | None) -> ConversationRecord:
        """All that is kept of the conversation. Raises: UnknownConversation, StorageUnavailable."""
        with self._database.reading() as session:
            conversation = self._owned(session, conversation_id, owner)
            rows = session.execute(
                select(Message, Feedback)
                .outerjoin(Feedback, Feedback.message_id == Message.id)
                .where(*self._kept_of(conversation_id))
                .order_by(Message.position)
            ).all()
            return ConversationRecord(
                conversation_id=conversation.id,
                created_at=conversation.created_at,
                messages=tuple(_record(message, feedback) for message, feedback in rows),
            )

    def delete(self, conversation_id: str, owner: str | None) -> None:
        """Erases the conversation with its messages and feedback. ``compact`` then leaves no byte of them.

        Raises: UnknownConversation, StorageUnavailable.
        """
        with self._database.writing() as session:
            session.delete(self._owned(session, conversation_id, owner, lock=True))
        self._database.has_erased()

    def erase_citing(self, document_ids: Set[str]) -> int:
        """Erases all conversations in which one of these documents was quoted, of any owner; how many.

        No byte of them is left in the files of the database.

        Raises: StorageUnavailable.
        """
        with self._database.writing() as session:
            citing = {
                conversation_id
                for conversation_id, reply in session.execute(select(Message.conversation_id, Message.reply))
                if any(citation.get("document_id") in document_ids for citation in reply.get("citations", ()))
            }
            for conversation_id in citing:
                session.delete(session.get_one(Conversation, conversation_id))
        if citing:
            self._database.has_erased()
            self._database.compact()
        return len(citing)

    def compact(self) -> None:
        """Leaves no byte of what was erased in the files of the database; may take seconds.

        Raises: StorageUnavailable; the next purge makes up for it.
        """
        self._database.compact()

    def rate(self, message_id: str, owner: str, rating: Rating, comment: str | None = None) -> None:
        """Keeps what the caller thinks of a reply, in place of what they said before.

        Raises: UnknownMessage, StorageUnavailable.
        """
        now = self._clock()
        with self._database.writing() as session:
            found = session.scalar(
                select(Message.id)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(
                    Message.id == message_id, Message.asked_at > self._expired(), Conversation.owner == owner
                )
                .with_for_update(of=Message)
            )
            if found is None:
                raise UnknownMessage
            session.merge(Feedback(message_id=message_id, rating=rating, comment=comment, rated_at=now))

    def purge(self, before: datetime | None = None) -> int:
        """Erases what was said at or before ``before``, by default what has expired; how many messages.

        No byte of it is left in the files of the database.

        Raises: StorageUnavailable.
        """
        until = before or self._expired()
        with self._database.writing() as session:
            messages = session.scalars(
                delete(Message).where(Message.asked_at <= until).returning(Message.id)
            ).all()
            conversations = session.scalars(
                delete(Conversation).where(Conversation.used_at <= until).returning(Conversation.id)
            ).all()
        if messages or conversations:
            self._database.has_erased()
        self._database.compact()
        return len(messages)

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def _owned(
        self, session: Session, conversation_id: str, owner: str | None, *, lock: bool = False
    ) -> Conversation:
        # Locked, no other process changes it or adds a turn at the same position until the transaction ends.
        # SQLite needs no lock: it has one writer at a time.
        found = session.get(Conversation, conversation_id, with_for_update=lock)
        if found is None or owner not in (None, found.owner) or found.used_at <= self._expired():
            raise UnknownConversation
        return found

    def _kept_of(self, conversation_id: str) -> tuple[ColumnElement[bool], ...]:
        return Message.conversation_id == conversation_id, Message.asked_at > self._expired()

    def _expired(self) -> datetime:
        return self._clock() - self._keep_for


_FIELDS_OF_A_TURN = {field.name for field in fields(Turn)}


def _turn(stored: Mapping[str, Any]) -> Turn:
    """The turn; one that was stored by an older or a newer version may have other fields."""
    known = {name: value for name, value in stored.items() if name in _FIELDS_OF_A_TURN}
    branches = tuple(
        Branch(each["message"], each.get("people", ""), each.get("document", ""))
        for each in known.get("branches", ())
    )
    return Turn(**{**known, "choices": tuple(known.get("choices", ())), "branches": branches})


def _record(message: Message, rated: Feedback | None) -> MessageRecord:
    feedback = FeedbackRecord(Rating(rated.rating), rated.comment, rated.rated_at) if rated else None
    return MessageRecord(
        message_id=message.id,
        asked_at=message.asked_at,
        message=message.turn["question"],
        reply=message.reply,
        feedback=feedback,
    )
