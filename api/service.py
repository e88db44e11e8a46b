"""Answers from the current generation, and changes to a newer one while requests are being answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.conversation import turn_of

from .backend import Backend, OpenGeneration
from .conversations import Conversations, new_id

if TYPE_CHECKING:
    from assistant.conversation import Turn
    from assistant.reply import Reply


class NotReady(Exception):
    """No index is open, so nothing can be answered yet."""

    def __init__(self) -> None:
        super().__init__("No index is open yet. Run `prospectus ingest`, then try again.")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message on its way: which conversation it belongs to and what was said there before."""

    conversation_id: str
    message_id: str
    history: tuple[Turn, ...] = ()


class _Slot:
    """An open generation and the number of requests that are using it."""

    def __init__(self, opened: OpenGeneration) -> None:
        self.opened = opened
        self.users = 0
        self.retired = False


class Service:
    """One open generation, the conversations, and the way from a message to a reply; safe across threads."""

    def __init__(self, backend: Backend, *, conversations: Conversations | None = None) -> None:
        self._backend = backend
        self._conversations = conversations or Conversations()
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._slot: _Slot | None = None
        self._refused: str | None = None

    @property
    def generation(self) -> str | None:
        """The id of the generation that answers now, None before one is open."""
        with self._lock:
            return self._slot.opened.index.generation if self._slot else None

    def start(self, conversation_id: str | None = None) -> Exchange:
        """A new message in that conversation, or in a new one.

        Raises:
            NotReady: no index is open.
            UnknownConversation: there is no such conversation.
        """
        if self.generation is None:
            raise NotReady
        if conversation_id is None:
            return Exchange(new_id(), new_id())
        return Exchange(conversation_id, new_id(), self._conversations.turns(conversation_id))

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
        """
        with self.lease() as opened:
            reply = opened.assistant.reply(
                message, history=exchange.history, profile=profile, language=language
            )
        self._conversations.add(exchange.conversation_id, turn_of(message, reply))
        return reply

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
                slot.opened.index.close()

    def open(self) -> None:
        """Opens the published generation.

        Raises:
            IndexMissing: there is none yet.
            IngestError: it cannot be opened.
        """
        with self._refreshing:
            self._replace(_Slot(self._backend.open()))

    def refresh(self) -> bool:
        """Opens the published generation if it is not the one in use; whether it did.

        New requests go to the new one at once. The old one is closed when its last request has ended. If the
        new one does not open, the old one goes on answering, and the new one is not tried again.

        Raises:
            IngestError: the published generation cannot be opened.
        """
        with self._refreshing:
            published = self._backend.current_generation()
            if published is None or published in (self.generation, self._refused):
                return False
            try:
                opened = self._backend.open()
            except Exception:
                self._refused = published
                raise
            self._replace(_Slot(opened))
            return True

    def close(self) -> None:
        """Closes the index as soon as no request is using it. Nothing can be answered afterwards."""
        with self._refreshing:
            self._replace(None)

    def _replace(self, fresh: _Slot | None) -> None:
        with self._lock:
            old, self._slot = self._slot, fresh
            if old is None:
                return
            old.retired = True
            idle = old.users == 0
        if idle:
            old.opened.index.close()
