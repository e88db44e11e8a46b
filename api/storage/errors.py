"""What can go wrong with what is stored.

StorageError
├── StorageUnusable      at start: the message says what to do
└── StorageUnavailable   while running: locked, full, read-only, unreachable or damaged; try again later
UnknownConversation      also one of somebody else, an erased and an expired one
UnknownMessage           as UnknownConversation
ConversationFull         no further turn fits
"""

from __future__ import annotations


class StorageError(Exception):
    """The database cannot be used."""


class StorageUnusable(StorageError):
    """The database does not open; the message is for the operator and names the remedy."""


class StorageUnavailable(StorageError):
    """A request could not read or write; the reason is in the log. The message is safe to show."""

    def __init__(self) -> None:
        super().__init__("Conversations cannot be read or written at the moment. Try again later.")


class UnknownConversation(LookupError):
    """The caller has no conversation with this id: never started, of somebody else, erased or expired."""

    def __init__(self) -> None:
        super().__init__(
            "This conversation is not known (any more). Leave out conversation_id to start a new one."
        )


class UnknownMessage(LookupError):
    """The caller got no reply with this id: never, or it was erased or has expired."""

    def __init__(self) -> None:
        super().__init__("This message is not known (any more).")


class ConversationFull(Exception):
    """The conversation has as many turns as it may have."""

    def __init__(self, turns: int) -> None:
        super().__init__(
            f"This conversation has its {turns:,} turns. Leave out conversation_id to start a new one."
        )
