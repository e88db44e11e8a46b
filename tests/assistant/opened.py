"""An assistant on pages that a test writes, through the real pipeline and index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.assistant import Assistant
from ingest.embedding import Embedder
from ingest.index import Index, open_current
from ingest.pipeline import ingest


@contextmanager
def index_of(
    pages: Mapping[str, str] | Sequence[str], folder: Path, embedder: Embedder, *, sources: str = ""
) -> Iterator[Index]:
    """The open index of Markdown ``pages``, by the names of their files or numbered as they come.

    ``sources`` is what stands in their sources.toml. Pages and index are kept in ``folder``, empty before.
    """
    if not isinstance(pages, Mapping):
        pages = {f"page-{number}": text for number, text in enumerate(pages)}
    (folder / "pages").mkdir()
    for name, text in pages.items():
        (folder / "pages" / f"{name}.md").write_text(text, encoding="utf-8")
    if sources:
        (folder / "pages" / "sources.toml").write_text(sources, encoding="utf-8")
    ingest([folder / "pages"], folder / "data", embedder)
    index = open_current(folder / "data", embedder=embedder)
    try:
        yield index
    finally:
        index.close()


@contextmanager
def assistant_on(
    pages: Mapping[str, str] | Sequence[str], folder: Path, embedder: Embedder, *, sources: str = ""
) -> Iterator[Assistant]:
    """An assistant that answers from ``pages``, see ``index_of``."""
    with index_of(pages, folder, embedder, sources=sources) as index:
        yield Assistant(index, embedder)
