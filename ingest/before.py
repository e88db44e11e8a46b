"""What the current generation holds: what the next one takes over, and is compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from .changes import Changes, compare
from .chunking import split
from .documents import Document, Passage
from .generations import DOCUMENTS, ORIGINS, PASSAGES, UNITS, Manifest, verified_current
from .records import read_records
from .units import Unit, units_of


@dataclass(frozen=True, slots=True)
class Origin:
    """A file that an ingest read, or could not read.

    ``place`` is the folder, file or address that led to it, and ``name`` its own path or address.
    ``documents`` are the ids of what it gave; ``reason`` says why it gave none.
    """

    place: str
    name: str
    sha256: str
    documents: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A document and what was cut from it: its passages in order, and the units that can be quoted."""

    document: Document
    passages: Sequence[Passage]
    units: Sequence[Unit] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """The generation before: ``folder`` and ``manifest`` are None where there is none, or a damaged one."""

    folder: Path | None = None
    manifest: Manifest | None = None
    documents: Mapping[str, Document] = field(default_factory=dict)
    passages: Mapping[str, Sequence[Passage]] = field(default_factory=dict)
    units: Mapping[str, Sequence[Unit]] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()

    def cut(self, document: Document, code: str) -> Cut:
        """Return ``document`` with its passages and units, those of before where nothing differs."""
        if self.manifest is not None and self.manifest.code == code:
            known = self.documents.get(document.id)
            if known is not None and (known.text, known.blocks) == (document.text, document.blocks):
                return Cut(document, self.passages.get(document.id, ()), self.units.get(document.id, ()))
        return Cut(document, split(document), units_of(document))

    def changes(self, cuts: Iterable[Cut]) -> Changes:
        """Return how the pages differ that come after."""
        after = {cut.document.id: cut for cut in cuts}
        return compare(
            self.documents,
            self.units,
            {key: cut.document for key, cut in after.items()},
            {key: cut.units for key, cut in after.items()},
        )

    def from_places(self, places: Iterable[str]) -> frozenset[str]:
        """Return the ids of the documents that came from these places."""
        wanted = set(map(_absolute, places))
        return frozenset(
            document
            for origin in self.origins
            if _absolute(origin.place) in wanted
            for document in origin.documents
        )


def generation_before(data_dir: Path) -> Before:
    """Return what the current generation holds, nothing where there is none or it is damaged."""
    current = verified_current(data_dir)
    if current is None:
        return Before()
    folder, manifest = current
    return Before(
        folder,
        manifest,
        {document.id: document for document in read_records(folder / DOCUMENTS, Document)},
        _by_document(read_records(folder / PASSAGES, Passage)),
        _by_document(read_records(folder / UNITS, Unit)),
        read_records(folder / ORIGINS, Origin),
    )


_T = TypeVar("_T", Passage, Unit)


def _by_document(records: Iterable[_T]) -> dict[str, list[_T]]:
    found: dict[str, list[_T]] = defaultdict(list)
    for record in records:
        found[record.document_id].append(record)
    return found


def _absolute(place: str) -> str:
    """A place as it is compared: a folder is the same from wherever it is named."""
    return place if "://" in place else str(Path(place).absolute())
