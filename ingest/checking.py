"""Whether a new generation gives back what was put in, looked at before it is published.

Run as a program (``python -m ingest.checking FOLDER SAMPLE``), in a process of its own, since a damaged
vector file can end the process that reads it. That one ends when its standard input does: a pipe, held by the
process that wants to know.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .chroma import ChromaVectors
from .errors import IngestError
from .generations import CHROMA, damaged, read_keys, verify
from .index import Index, open_folder

# A text embedded again, in other company, differs by rounding only (measured: cosine above 0.999999).
SAME_TEXT = 0.999


def check(folder: Path, positions: Sequence[int], vectors: NDArray[np.float32]) -> None:
    """Return if the generation in ``folder`` gives back what was put in.

    ``vectors`` are those of the passages at ``positions``, embedded anew from their texts.

    Raises:
        IndexDamaged: a passage is not found by its own text or its words, or an offset, an order or a vector
            is wrong.
    """
    index = open_folder(folder, verify(folder))
    try:
        keys = read_keys(folder).passages
        sample = [*zip(positions, vectors, strict=True)]
        # Chroma answers wrongly rather than not at all when its vectors are gone.
        stored = [(position, index.passage_vectors[position]) for position in (0, len(index.passages) - 1)]
        _check_chroma(folder, index, [*stored, *sample], keys)
        for position, vector in sample:
            _check_finds(folder, "the index", index.dense(vector, 1), position, keys)
        for position in positions:
            scores = index.lexical_scores(index.passages[position].text)
            if scores.any() and not scores[position]:
                raise damaged(folder, f"passage {position} is not found by its own words")
        _check_offsets(index, folder)
        for rows in (index.passage_vectors, index.all_unit_vectors):
            if not np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-3):
                raise damaged(folder, "a vector does not have length 1")
    finally:
        index.close()


def _check_chroma(
    folder: Path, index: Index, sample: Sequence[tuple[int, NDArray[np.float32]]], keys: Sequence[str]
) -> None:
    try:
        chroma = ChromaVectors.open(folder / CHROMA, index.passage_vectors)
        try:
            if not chroma.is_complete:
                raise damaged(folder, f"Chroma has {chroma.count} vectors, and not all that there are")
            for position, vector in sample:
                _check_finds(folder, "Chroma", chroma.nearest(vector, 1), position, keys)
        finally:
            chroma.close()
    except ValueError as error:
        raise damaged(folder, str(error)) from error


def _check_finds(
    folder: Path, who: str, hits: Sequence[tuple[int, float]], position: int, keys: Sequence[str]
) -> None:
    """Raise IndexDamaged unless the best of ``hits`` is the passage at ``position`` or has its text."""
    best, similarity = hits[0]
    if similarity < SAME_TEXT or keys[best] != keys[position]:
        raise damaged(
            folder,
            f"{who} finds passage {best} (cosine {similarity:.4f}) by the text of passage {position}",
        )


def _check_offsets(index: Index, folder: Path) -> None:
    for passage in index.passages:
        if index.documents[passage.document_id].text[passage.start : passage.end] != passage.text:
            raise damaged(folder, f"the text of passage '{passage.id}' is not where its offsets say")
    for unit in index.units:
        if not 0 <= unit.start < unit.end <= len(index.documents[unit.document_id].text):
            raise damaged(folder, f"a unit of '{unit.document_id}' stands outside of its document")
    left: set[str] = set()
    for one, other in pairwise(index.passages):
        if one.document_id != other.document_id:
            left.add(one.document_id)
        if other.document_id in left or (
            one.document_id == other.document_id and (one.start > other.start or one.end > other.end)
        ):
            raise damaged(folder, f"the passages of '{other.document_id}' are out of order")


def main(arguments: Sequence[str]) -> int:
    """Check the generation in the first argument with the sample (an .npz file) in the second.

    Returns 0, or 1 after one line on standard error that says what is wrong.
    """
    folder, sample = map(Path, arguments)
    try:
        with np.load(sample, allow_pickle=False) as arrays:
            check(folder, arrays["positions"].tolist(), arrays["vectors"])
    except IngestError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _end_with_standard_input() -> None:
    # Past the buffer of sys.stdin, whose lock this thread would still hold when Python ends.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    sys.exit(main(sys.argv[1:]))
