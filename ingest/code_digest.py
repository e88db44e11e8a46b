"""Which code made a thing that is kept: another version of it would perhaps make another."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# What decides, beside our own code, what a file is read as.
_PARSERS = (
    "charset-normalizer",
    "dateparser",
    "lxml",
    "markdown-it-py",
    "pdfplumber",
    "price-parser",
    "pypdf",
    "pypdfium2",
    "python-docx",
    "python-frontmatter",
)
_LENGTH = 16


@cache
def code_digest() -> str:
    """Return the SHA-256, 16 digits of it, of all that decides how a file is read and cut besides itself."""
    digest = hashlib.sha256(sources_digest(Path(__file__).parent, {".py"}).encode())
    for parser in _PARSERS:
        try:
            digest.update(f"{parser} {version(parser)}".encode())
        except PackageNotFoundError:
            digest.update(f"no {parser}".encode())
    return digest.hexdigest()[:_LENGTH]


def sources_digest(folder: Path, suffixes: Collection[str]) -> str:
    """Return the SHA-256, 16 digits of it, of the files in a folder that end in one of these."""
    digest = hashlib.sha256()
    for source in sorted(folder.iterdir()):
        if source.suffix in suffixes:
            digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:_LENGTH]
