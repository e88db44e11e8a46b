"""What can go wrong while ingesting.

IngestError
├── UnreadableFile        one file: path and reason; the rest goes on
├── NoDocuments           nothing at all could be read; the current index stays
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


class NoDocuments(IngestError):
    """Nothing could be read; the index that was there is untouched."""


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
