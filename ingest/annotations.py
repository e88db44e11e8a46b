"""What those who answer want to know of each page and passage, written beside them when they are indexed.

    <generation>/annotations/
        texts           one annotation after another, of the documents first and then of the passages
        starts.npy      where each of them begins, and where the last one ends

Nothing here knows what an annotation says: it is bytes that an ``Annotator`` makes, and reads again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .documents import Document, Passage
from .mapped_arrays import mapped
from .units import Unit

_TEXTS = "texts"
_STARTS = "starts.npy"
# The fastest; those of real pages take a fifth of their size then.
_LEVEL = 1


class Annotator(Protocol):
    """Makes the annotations. ``version`` tells what it makes from what it, or another one, made before."""

    @property
    def version(self) -> str: ...

    def of_document(self, document: Document) -> bytes: ...

    def of_passage(self, document: Document, passage: Passage, units: Sequence[Unit]) -> bytes:
        """Of a passage, and of the units that share some of its text with it."""
        ...


def write_annotations(
    folder: Path,
    annotator: Annotator,
    documents: Mapping[str, Document],
    passages: Sequence[Passage],
    units: Sequence[Unit],
    units_in: Sequence[Sequence[int]],
    on_progress: Callable[[int], None],
) -> None:
    """Write the annotations of all documents and passages to ``folder``, which is made.

    ``units_in`` are the positions of the units of each passage. ``on_progress`` is called with the number of
    documents and passages done since its last call.
    """

    def made() -> Iterator[bytes]:
        for document in documents.values():
            yield annotator.of_document(document)
        for passage, positions in zip(passages, units_in, strict=True):
            own = [units[position] for position in positions]
            yield annotator.of_passage(documents[passage.document_id], passage, own)

    folder.mkdir()
    starts = [0]
    with (folder / _TEXTS).open("wb") as file:
        for annotation in made():
            starts.append(starts[-1] + file.write(zlib.compress(annotation, _LEVEL)))
            on_progress(1)
    np.save(folder / _STARTS, np.array(starts, dtype=np.int64), allow_pickle=False)


class Annotations:
    """The annotations in a folder: on disk until they are read. May be used by several threads.

    Raises:
        OSError, ValueError: a file is missing, or not what ``write_annotations`` writes.
    """

    def __init__(self, folder: Path, documents: int, passages: int) -> None:
        self._starts: NDArray[np.int64] = mapped(folder / _STARTS)
        self._documents = documents
        self._texts = np.memmap(folder / _TEXTS, dtype=np.uint8, mode="r").view(np.ndarray)
        if len(self._starts) != documents + passages + 1 or self._starts[-1] != len(self._texts):
            raise ValueError(f"{len(self._starts) - 1} annotations for {documents + passages} texts")

    def of_document(self, nth: int) -> bytes:
        """Return the annotation of a document by its place in the index."""
        return self._read(nth)

    def of_passage(self, position: int) -> bytes:
        """Return the annotation of a passage by its position in the index."""
        return self._read(self._documents + position)

    def _read(self, nth: int) -> bytes:
        return zlib.decompress(self._texts[self._starts[nth] : self._starts[nth + 1]].data)
