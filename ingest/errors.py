"""What can go wrong while ingesting.

IngestError
├── UnreadableFile        one file: path and reason; the rest goes on
├── BadSources            a sources.toml: file, line, key, value and what it must be
├── FetchError            one address: why nothing usable came from it
│   ├── NotAllowed        by a rule: the address, its site's robots.txt, a limit, a setting
│   │   └── NotPublic     the name leads into a network that is not public
│   ├── Unreachable       no answer, or one that may be another next time
│   └── Gone              the server says that there is nothing, or no longer
├── NoDocuments           nothing at all could be read; the current index stays
├── TooManyDeletions      more pages vanished at once than may; the current index stays
├── UnknownDocument       the index holds no document of that id
├── IndexUnusable         the message names the command that repairs it
│   ├── IndexMissing
│   ├── IndexDamaged
│   └── IndexMismatch     built with another embedding model or format
├── IndexLocked           another process is writing
├── DiskFull              the message names the disk; the current index stays
└── EmbeddingModelError   the model cannot be loaded, or its weights are not the known ones
"""

from __future__ import annotations

from pathlib import Path


class IngestError(Exception):
    """Any failure of ingest or of the index; the message says what to do next."""


class UnreadableFile(IngestError):
    """One file that could not be read. ``path`` and ``reason`` are for people."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = str(path)
        self.reason = reason


class BadSources(IngestError):
    """The list of sources cannot be used; nothing was fetched."""


class FetchError(IngestError):
    """Nothing usable came from ``address``; ``reason`` is for people."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address}: {reason}")
        self.address = address
        self.reason = reason


class NotAllowed(FetchError):
    """A rule forbids to ask for it, or to take what came."""


class NotPublic(NotAllowed):
    """The host has an address that is not public, today at least."""


class Unreachable(FetchError):
    """No answer, or none that says anything about the page; the next time may go better."""


class Gone(FetchError):
    """The server says that there is no such page (404) or no longer (410)."""


class NoDocuments(IngestError):
    """Nothing could be read; the index that was there is untouched."""


MOST_DELETIONS = 0.25
"""Share of the pages from the places named that may vanish between two runs; a single page always may."""


class TooManyDeletions(IngestError):
    """More pages have vanished from the same places than may at once; the index is untouched."""


class UnknownDocument(IngestError):
    """The index holds no document of that id."""

    def __init__(self, document_id: str) -> None:
        super().__init__(
            f"The index holds no document '{document_id}'. `prospectus sources` lists those it does."
        )


class IndexUnusable(IngestError):
    """The index cannot answer questions."""


class IndexMissing(IndexUnusable):
    """There is no index in the data directory."""


class IndexDamaged(IndexUnusable):
    """A file of the index is missing, altered or does not open."""


class IndexMismatch(IndexUnusable):
    """The index was built with another embedding model or by another format version."""


class IndexLocked(IngestError):
    """Another process is writing the index."""


class DiskFull(IngestError):
    """There is no room for the new index; the one that was there is untouched."""


class EmbeddingModelError(IngestError):
    """The embedding model cannot be loaded or is not what it claims to be."""
