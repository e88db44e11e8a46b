"""Erases what has been kept for as long as it may be, at start and every hour."""

from __future__ import annotations

import logging

import anyio
from anyio.to_thread import run_sync

from .storage.conversations import Conversations
from .storage.errors import StorageError

PURGE_SECONDS = 3600.0

_log = logging.getLogger(__name__)


async def purge_regularly(conversations: Conversations, seconds: float = PURGE_SECONDS) -> None:
    """Purges until it is cancelled. A purge that fails is made up for by the next one."""
    while True:
        try:
            if erased := await run_sync(conversations.purge):
                _log.info("Erased %d messages that had been kept for as long as they may be", erased)
        except StorageError:
            _log.error("What has expired is not erased yet; the next attempt is in an hour.")
        except Exception:  # noqa: BLE001 - an end of this task would end the whole server
            _log.exception("What has expired is not erased yet; the next attempt is in an hour.")
        await anyio.sleep(seconds)
