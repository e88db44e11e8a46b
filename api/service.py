"""Answers from the current generation, and changes to a newer one while requests are being answered."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from assistant.conversation import turn_of
from ingest.generations import Refusal

from .backend import Backend, OpenGeneration
from .schemas import ChatReply
from .storage.conversations import Conversations, new_id
from .storage.database import memory_database
from .storage.errors import UnknownConversation

if TYPE_CHECKING:
    from datetime import datetime

    from assistant.conversation import Turn
    from assistant.reply import Reply

    from .chat_model import ChatModel

_TRY_AGAIN_SECONDS = 300.0
"""For a published generation that did not open: what kept it from that may have passed."""


class NotReady(Exception):
    """No index is open, so nothing can be answered yet."""

    def __init__(self) -> None:
        super().__init__("No index is open yet. Run `prospectus ingest`, then try again.")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message on its way: which conversation it belongs to, whose it is, and what was said before."""

    conversation_id: str
    message_id: str
    owner: str
    history: tuple[Turn, ...] = ()

    @classmethod
    def alone(cls, history: tuple[Turn, ...] = ()) -> Self:
        """A message after ``history``, in no conversation that is kept."""
        return cls("", new_id(), "", history)


class _Slot:
    """An open generation and the number of requests that are using it."""

    def __init__(self, opened: OpenGeneration) -> None:
        self.opened = opened
        self.users = 0
        self.retired = False


class Service:
    """One open generation, the conversations, and the way from a message to a reply; safe across threads.

    Without ``conversations`` they are kept in memory, until the service is closed.
    """

    def __init__(self, backend: Backend, *, conversations: Conversations | None = None) -> None:
        self._backend = backend
        self.conversations = conversations or Conversations(memory_database())
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._slot: _Slot | None = None
        self._refusal: Refusal | None = None
        self._refused_at = 0.0
        self._has_closed_one = False

    @property
    def generation(self) -> str | None:
        """The id of the generation that answers now, None before one is open."""
        with self._lock:
            return self._slot.opened.index.generation if self._slot else None

    def opened_now(self) -> tuple[str, datetime] | None:
        """The generation that answers now and when it was built, None before one is open."""
        with self._lock:
            index = self._slot.opened.index if self._slot else None
            return (index.generation, index.built_at) if index is not None else None

    @property
    def chat_model(self) -> ChatModel | None:
        """The language model that replies are written with, None where they are quotes."""
        return self._backend.chat_model

    @property
    def refusal(self) -> Refusal | None:
        """Why the generation that answers is not the published one; None where it is or none answers."""
        return self._refusal if self.generation is not None else None

    def start(self, owner: str, conversation_id: str | None = None) -> Exchange:
        """A new message in that conversation of the owner's, or in a new one.

        A new one is written at once: it can be erased, or asked again after a failure, while its first reply
        is still being worked on.

        Raises:
            NotReady: no index is open.
            UnknownConversation: the owner has no such conversation.
            ConversationFull: it has as many turns as it may have.
            StorageUnavailable: the database cannot be used.
        """
        if self.generation is None:
            raise NotReady
        if conversation_id is None:
            return Exchange(self.conversations.begin(owner), new_id(), owner)
        return Exchange(conversation_id, new_id(), owner, self.conversations.turns(conversation_id, owner))

    def answer(
        self,
        exchange: Exchange,
        message: str,
        *,
        profile: Mapping[str, str] | None = None,
        language: str | None = None,
    ) -> Reply:
        """The assistant's reply, which from now on is part of the conversation.

        Raises:
            InvalidQuestion: the message is empty, too long or not text.
            NotReady: no index is open any more.
            StorageUnavailable: the database cannot be used; nothing is kept.
        """
        reply = self.reply(exchange, message, profile=profile, language=language)
        self.remember(exchange, message, reply)
        return reply

    def reply(
        self,
        exchange: Exchange,
        message: str,
        *,
        profile: Mapping[str, str] | None = None,
        language: str | None = None,
        page: str | None = None,
    ) -> Reply:
        """The assistant's reply, of which nothing is kept. Raises: InvalidQuestion, NotReady."""
        with self.lease() as opened:
            return opened.assistant.reply(
                message, history=exchange.history, profile=profile, language=language, page=page
            )

    def remember(self, exchange: Exchange, message: str, reply: Reply) -> None:
        """Makes the reply part of the conversation, in one step.

        Nothing is kept of a conversation that was erased while the reply was being worked on.

        Raises:
            StorageUnavailable: the database cannot be used; nothing is kept.
        """
        with suppress(UnknownConversation):
            self.conversations.add(
                exchange.conversation_id,
                exchange.owner,
                exchange.message_id,
                turn_of(message, reply),
                ChatReply.of(exchange, reply).model_dump(mode="json"),
            )

    @contextmanager
    def lease(self) -> Iterator[OpenGeneration]:
        """The current generation; it stays open until the block ends, whatever is published meanwhile.

        Raises:
            NotReady: no index is open.
        """
        with self._lock:
            slot = self._slot
            if slot is None:
                raise NotReady
            slot.users += 1
        try:
            yield slot.opened
        finally:
            with self._lock:
                slot.users -= 1
                last = slot.retired and slot.users == 0
            if last:
                self._close(slot)

    def open(self) -> None:
        """Opens the published generation or, where that is damaged, the newest that is whole.

        Raises:
            IndexMissing: there is none yet.
            IngestError: it cannot be opened.
        """
        with self._refreshing:
            self._take(self._backend.open_usable())

    def refresh(self) -> bool:
        """Opens the published generation if it is not the one in use; whether it did.

        New requests go to the new one at once. The old one is closed when its last request has ended. If the
        new one does not open, the old one goes on answering, ``refusal`` says so, and the new one is tried
        again after five minutes.

        Raises:
            IngestError: the published generation cannot be opened.
        """
        with self._refreshing:
            self._free()
            published = self._backend.current_generation()
            if published is None:
                return False
            if published == self.generation:
                self._refusal = None
                return False
            if self._is_refused(published):
                return False
            try:
                has_one = self.generation is not None
                self._take(self._backend.open() if has_one else self._backend.open_usable())
            except Exception as error:
                self._refuse(Refusal(published, str(error) or type(error).__name__))
                raise
            return True

    def close(self) -> None:
        """Closes the index as soon as no request is using it, the language model and the conversations.

        Nothing can be answered afterwards.
        """
        with self._refreshing:
            self._replace(None)
        if self.chat_model is not None:
            self.chat_model.close()
        self.conversations.close()

    def _take(self, opened: OpenGeneration) -> None:
        self._replace(_Slot(opened))
        self._refuse(opened.refusal)

    def _refuse(self, refusal: Refusal | None) -> None:
        self._refusal = refusal
        self._refused_at = time.monotonic()

    def _is_refused(self, published: str) -> bool:
        refused = self._refusal is not None and self._refusal.generation == published
        return refused and time.monotonic() - self._refused_at < _TRY_AGAIN_SECONDS

    def _free(self) -> None:
        """Gives back the memory and the files of a generation that was closed since the last refresh.

        An assistant and what it remembers hold each other, and so the arrays of their index, until Python
        looks for such rings: by itself not within hours (10 swaps: 122 open files and 157 MB more).
        """
        if self._has_closed_one:
            self._has_closed_one = False
            gc.collect()

    def _replace(self, fresh: _Slot | None) -> None:
        with self._lock:
            old, self._slot = self._slot, fresh
            if old is None:
                return
            old.retired = True
            idle = old.users == 0
        if idle:
            self._close(old)

    def _close(self, slot: _Slot) -> None:
        slot.opened.index.close()
        self._has_closed_one = True
