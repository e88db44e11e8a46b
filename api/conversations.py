"""What was said in each conversation, kept in memory until the process ends."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.conversation import Turn


class UnknownConversation(LookupError):
    """No conversation has this id: never started, forgotten, or from before a restart."""

    def __init__(self) -> None:
        super().__init__(
            "This conversation is not known (any more). Leave out conversation_id to start a new one."
        )


def new_id() -> str:
    """An id that cannot be guessed: 128 random bits, 22 characters that need no escaping in an address."""
    return secrets.token_urlsafe(16)


class Conversations:
    """The turns of the conversations used last; safe to use from several threads.

    Past ``most`` conversations the one used longest ago is forgotten, past ``turns`` turns a conversation's
    first ones: memory stays bounded whatever arrives.
    """

    def __init__(self, most: int = 10_000, turns: int = 50) -> None:
        self._most = most
        self._turns = turns
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()

    def turns(self, conversation_id: str) -> tuple[Turn, ...]:
        """What was said so far, oldest first. Raises: UnknownConversation."""
        with self._lock:
            try:
                self._kept.move_to_end(conversation_id)
            except KeyError:
                raise UnknownConversation from None
            return self._kept[conversation_id]

    def add(self, conversation_id: str, turn: Turn) -> None:
        """Appends a turn; the first one starts the conversation."""
        with self._lock:
            self._kept[conversation_id] = (*self._kept.get(conversation_id, ()), turn)[-self._turns :]
            self._kept.move_to_end(conversation_id)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
