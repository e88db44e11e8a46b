"""The index as it is asked: one open generation, by vector (Chroma), by words (BM25) and by position.

Run as a program (``python -m ingest.index FOLDER SAMPLE``) it checks a generation before it is published, in
a process of its own, since a damaged vector file can end the process that reads it. That one ends when its
standard input does: a pipe, held by the process that wants to know.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import sys
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from .data_directory import index_folder
from .disk import has_no_room
from .documents import Document, Passage
from .embedding import Embedder
from .errors import IndexDamaged, IndexMismatch, IndexUnusable, IngestError
from .generations import (
    CHROMA,
    DOCUMENTS,
    LEXICAL,
    PASSAGE_VECTORS,
    PASSAGES,
    UNIT_ROWS,
    UNIT_VECTORS,
    UNITS,
    Manifest,
    Refusal,
    current_folder,
    current_generation,
    damaged,
    generations,
    read_keys,
    verify,
)
from .lexical import LexicalIndex
from .records import read_records
from .units import Unit

COLLECTION = "passages"
_DATABASE = "chroma.sqlite3"
# Recall@50 against an exact scan: 1.0000 of 5,000 random and .9999 of 20,000 clustered vectors (384
# dimensions, the hardest kind there is); 3 and 6 ms a query, 2.5 and 22 s to build, 2 cores. With 32, 200
# and 200 it was .986 of 5,000.
MAX_NEIGHBORS = 48
EF_CONSTRUCTION = 300
EF_SEARCH = 400

# Chroma 1.5.9 counts the clients of a folder and shares what they stand on. A client that is made while the
# last one of the folder is closed in another thread finds that half there (AttributeError).
_CLIENTS = threading.Lock()

# numpy reads the head of an array with ``ast.literal_eval``, and CPython 3.11 counts how deep that is in one
# place for all threads: two that open an index at once can get a SystemError.
_OPENING = threading.Lock()

# A text embedded again, in other company, differs by rounding only (measured: cosine above 0.999999).
SAME_TEXT = 0.999


class DenseIndex:
    """The vectors of the passages in a Chroma collection, named by their position.

    Equal ones are there once, named by the first: two thousand equal vectors, such as those of a line that
    a page repeats, took Chroma 67 s to add, and as many different ones take two.
    """

    def __init__(self, client: Client, collection: Collection, equals: _Equals) -> None:
        self._client = client
        self._collection = collection
        self._equals = equals
        self.count = collection.count()

    @property
    def is_complete(self) -> bool:
        """Whether there is one for each of the different vectors."""
        return self.count == len(self._equals)

    @classmethod
    def build(
        cls, folder: Path, vectors: NDArray[np.float32], *, on_progress: Callable[[int], None] | None = None
    ) -> None:
        """Write ``vectors``, shape (n, dimensions), to a new Chroma directory; n is at least 1.

        ``on_progress`` is called with the number of vectors dealt with since its last call.

        Afterwards no byte of the directory changes any more: see ``_freeze``.

        Raises:
            OSError: the disk is full.
            IngestError: Chroma cannot write for another reason.
        """
        try:
            client = _client(folder)
            try:
                collection = client.create_collection(
                    COLLECTION,
                    # Without this Chroma would load, and download, a model of its own.
                    embedding_function=None,
                    configuration={
                        "hnsw": {
                            "space": "cosine",
                            "max_neighbors": MAX_NEIGHBORS,
                            "ef_construction": EF_CONSTRUCTION,
                            "ef_search": EF_SEARCH,
                            # Otherwise fewer than 1,000 vectors stay in a log that each opening plays back
                            # into the vector files, which then change under a reader.
                            "batch_size": 1,
                            "sync_threshold": 1,
                        }
                    },
                )
                step = client.get_max_batch_size()
                equals = _equals_among(vectors)
                firsts = list(equals)
                for start in range(0, len(firsts), step):
                    batch = firsts[start : start + step]
                    collection.add(ids=list(map(str, batch)), embeddings=vectors[batch])
                    if on_progress is not None:
                        on_progress(sum(len(equals[first]) for first in batch))
            finally:
                _close(client)
            _freeze(folder / _DATABASE)
        except (ChromaError, sqlite3.Error) as error:
            if has_no_room(folder):
                raise OSError(errno.ENOSPC, f"Chroma cannot write: {error}", str(folder)) from error
            raise IngestError(f"Chroma cannot write to {folder} ({error}).") from error

    @classmethod
    def open(cls, folder: Path, vectors: NDArray[np.float32]) -> DenseIndex:
        """Return the collection that ``build`` wrote to ``folder`` of ``vectors``.

        Raises:
            ChromaError, ValueError: there is none, or Chroma cannot read it.
        """
        client = _client(folder)
        try:
            collection = client.get_collection(COLLECTION, embedding_function=None)
            return cls(client, collection, _equals_among(vectors))
        except BaseException:
            _close(client)
            raise

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return (position, cosine similarity) of the nearest vectors, best first, equal ones by position."""
        result = self._collection.query(
            query_embeddings=np.asarray(vector, dtype=np.float32).reshape(1, -1),
            n_results=min(limit, self.count),
            include=["distances"],
        )
        distances = result["distances"]
        if distances is None:
            raise ValueError("Chroma returned no distances")
        found = [
            (position, 1.0 - distance)
            for first, distance in zip(result["ids"][0], distances[0], strict=True)
            for position in self._equals[int(first)]
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def close(self) -> None:
        """Let go of Chroma's files."""
        _close(self._client)


_Equals = Mapping[int, Sequence[int]]
"""The positions of equal vectors, by the first of them; most stand alone."""


def _equals_among(vectors: NDArray[np.float32]) -> _Equals:
    firsts: dict[bytes, int] = {}
    equals: dict[int, list[int]] = {}
    for position, vector in enumerate(vectors):
        digest = hashlib.blake2b(vector.tobytes(), digest_size=16).digest()
        equals.setdefault(firsts.setdefault(digest, position), []).append(position)
    return equals


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """One open generation. Passages and units are named by their position in ``passages`` and ``units``.

    ``documents`` are by id. ``passage_vectors`` have length 1, float32, shape (n, dimensions); they lie on
    disk and are read where they are used. May be used by several threads.
    """

    generation: str
    manifest: Manifest
    documents: Mapping[str, Document] = field(repr=False)
    passages: Sequence[Passage] = field(repr=False)
    units: Sequence[Unit] = field(repr=False)
    passage_vectors: NDArray[np.float32] = field(repr=False)
    _unit_vectors: NDArray[np.float32] = field(repr=False)
    _unit_rows: NDArray[np.int32] = field(repr=False)
    _units_in: Sequence[Sequence[int]] = field(repr=False)
    _dense: DenseIndex = field(repr=False)
    _lexical: LexicalIndex = field(repr=False)

    @property
    def built_at(self) -> datetime:
        """When the generation was built."""
        return self.manifest.created_at

    def dense(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return (position, cosine similarity, -1 to 1) of the passages nearest to a vector, best first.

        ``vector`` has shape (dimensions,) or (1, dimensions). A limit below 1 gives an empty list.

        Raises:
            ValueError: the vector has another number of dimensions.
        """
        if np.size(vector) != self.manifest.dimensions:
            raise ValueError(
                f"the vector has shape {np.shape(vector)}, the index {self.manifest.dimensions} dimensions"
            )
        return self._dense.nearest(vector, limit) if limit > 0 else []

    def lexical(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return (position, score in (0, 1]) of the passages that share words with a query, best first.

        Equal scores are in order of position; a limit below 1 gives an empty list.
        """
        scores = self._lexical.scores(query)
        matching = np.flatnonzero(scores > 0)
        best = matching[np.argsort(-scores[matching], kind="stable")][: max(limit, 0)]
        return [(int(position), float(scores[position])) for position in best]

    def lexical_scores(self, query: str) -> NDArray[np.float32]:
        """Return the lexical score in [0, 1] of each passage, shape (n,); see ``LexicalIndex.scores``."""
        return self._lexical.scores(query)

    def part_scores(self, query: str) -> NDArray[np.float32]:
        """Return, in [0, 1], how much each passage shares of the parts of a query's words, shape (n,)."""
        return self._lexical.part_scores(query)

    def proximity(self, query: str, positions: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return, in [0, 1], how near the words of a query stand in some passages, shape (n,)."""
        return self._lexical.proximity(query, positions)

    def frequency(self, word_stem: str) -> int:
        """Return the number of passages that hold a word with this stem; 0 for stop words."""
        return self._lexical.frequency(word_stem)

    def units_in(self, passage_position: int) -> Sequence[int]:
        """Return the positions of the units whose span overlaps the passage, in order."""
        return self._units_in[passage_position]

    def unit_vectors(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of some units, of length 1, float32, shape (len(positions), dimensions)."""
        return self._unit_vectors[self._unit_rows[np.asarray(positions, dtype=np.intp)]]

    def close(self) -> None:
        """Let go of the files; the index answers no more."""
        self._dense.close()


def open_usable(data_dir: Path, *, embedder: Embedder | None) -> tuple[Index, Refusal | None]:
    """Return the generation that answers questions now or, where it is damaged, the next one that is whole.

    That is the one before it, or where the pointer is damaged the newest (see ``generations``). The second
    value then says what was wrong; it is None if all is well.

    Raises:
        IndexMissing: nothing was ever ingested.
        IndexDamaged: the current generation is damaged, and so are all others.
        IndexMismatch: built with another embedding model or by another version of Prospectus.
    """
    try:
        return open_current(data_dir, embedder=embedder), None
    except IndexDamaged as error:
        refusal = Refusal(current_generation(data_dir) or "", str(error))
        failure: IndexUnusable = error
    for name in generations(data_dir):
        if name == refusal.generation:
            continue
        try:
            return _open_generation(data_dir, name, embedder), refusal
        except IndexMismatch as error:
            failure = error
        except IndexDamaged:
            continue
    raise failure


def open_current(data_dir: Path, *, embedder: Embedder | None) -> Index:
    """Return the generation that answers questions now, after making sure that it is whole.

    With an ``embedder`` it is also made sure that its vectors can be compared with those of the index.
    Reads every file once: 0.4 s for 5,000 passages and as many units, 2 cores.

    Raises:
        IndexMissing: nothing was ever ingested.
        IndexDamaged: a file is missing, altered or does not open.
        IndexMismatch: built with another embedding model or by another version of Prospectus.
    """
    while True:
        name = current_generation(data_dir)
        try:
            return _open_generation(data_dir, current_folder(data_dir).name, embedder)
        except IndexUnusable:
            # Two ingests may have ended since the pointer was read; the generation it named is gone then.
            if current_generation(data_dir) == name:
                raise


def check(folder: Path, positions: Sequence[int], vectors: NDArray[np.float32]) -> None:
    """Return if the generation in ``folder`` gives back what was put in.

    ``vectors`` are those of the passages at ``positions``, embedded anew from their texts.

    Raises:
        IndexDamaged: a passage is not found by its own text or its words, or an offset, an order or a vector
            is wrong.
    """
    index = _open(folder, verify(folder))
    try:
        keys = read_keys(folder)
        for position, vector in zip(positions, vectors, strict=True):
            _check_finds(index, folder, position, vector, keys.passages)
        for position in positions:
            scores = index.lexical_scores(index.passages[position].text)
            if scores.any() and not scores[position]:
                raise damaged(folder, f"passage {position} is not found by its own words")
        _check_offsets(index, folder)
        for stored in (index.passage_vectors, index._unit_vectors):
            if not np.allclose(np.linalg.norm(stored, axis=1), 1.0, atol=1e-3):
                raise damaged(folder, "a vector does not have length 1")
    finally:
        index.close()


def _open_generation(data_dir: Path, name: str, embedder: Embedder | None) -> Index:
    folder = index_folder(data_dir) / name
    manifest = verify(folder)
    if embedder is not None:
        _check_model(data_dir, manifest, embedder)
    return _open(folder, manifest)


def _freeze(database: Path) -> None:
    """Have Chroma change its database no more.

    Whenever it opens a database, Chroma 1.5.9 adds a row to ``acquire_write``, which holds nothing that is
    ever read: it is how it makes sure that it may write. The trigger leaves that row out. So every file of a
    generation can be told by its SHA-256, and a full disk keeps no index from being opened.
    """
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER frozen BEFORE INSERT ON acquire_write BEGIN SELECT RAISE(IGNORE); END"
        )


def _client(folder: Path) -> Client:
    settings = Settings(persist_directory=str(folder), is_persistent=True, anonymized_telemetry=False)
    with _CLIENTS:
        return Client(settings=settings)


def _close(client: Client) -> None:
    with _CLIENTS:
        client.close()


def _open(folder: Path, manifest: Manifest) -> Index:
    """Open the verified generation in ``folder`` and see that its parts agree; raises IndexDamaged."""
    with _OPENING:
        return _opened(folder, manifest)


def _opened(folder: Path, manifest: Manifest) -> Index:
    try:
        vectors = np.load(folder / PASSAGE_VECTORS, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise damaged(folder, f"it does not load ({error})") from error
    try:
        dense = DenseIndex.open(folder / CHROMA, vectors)
    except (ChromaError, LookupError, ValueError) as error:
        raise damaged(folder, f"Chroma cannot open {CHROMA} ({error})") from error
    try:
        index = _assemble(folder, manifest, dense, vectors)
        _check_counts(index, folder)
        # Chroma answers wrongly rather than not at all when its vectors are gone.
        for position in {0, len(index.passages) // 2, len(index.passages) - 1}:
            _check_finds(index, folder, position, index.passage_vectors[position])
        return index
    except (OSError, ValueError, LookupError, ChromaError) as error:
        dense.close()
        raise damaged(folder, f"it does not load ({error})") from error
    except BaseException:
        dense.close()
        raise


def _assemble(folder: Path, manifest: Manifest, dense: DenseIndex, vectors: NDArray[np.float32]) -> Index:
    documents = read_records(folder / DOCUMENTS, Document)
    passages = read_records(folder / PASSAGES, Passage)
    units = read_records(folder / UNITS, Unit)
    return Index(
        generation=folder.name,
        manifest=manifest,
        documents=MappingProxyType({document.id: document for document in documents}),
        passages=passages,
        units=units,
        passage_vectors=vectors,
        _unit_vectors=np.load(folder / UNIT_VECTORS, mmap_mode="r", allow_pickle=False),
        _unit_rows=np.load(folder / UNIT_ROWS, mmap_mode="r", allow_pickle=False),
        _units_in=_overlaps(passages, units),
        _dense=dense,
        _lexical=LexicalIndex.load(folder / LEXICAL),
    )


def _overlaps(passages: Sequence[Passage], units: Sequence[Unit]) -> tuple[tuple[int, ...], ...]:
    """For each passage the positions of the units that share at least one code point with it."""
    starts: dict[str, list[int]] = {}
    ends: dict[str, list[int]] = {}
    first: dict[str, int] = {}
    for position, passage in enumerate(passages):
        first.setdefault(passage.document_id, position)
        starts.setdefault(passage.document_id, []).append(passage.start)
        ends.setdefault(passage.document_id, []).append(passage.end)
    found: list[list[int]] = [[] for _ in passages]
    for number, unit in enumerate(units):
        if unit.document_id in first:
            # The passages of a document stand together and in order (see _check_offsets).
            begin = bisect_right(ends[unit.document_id], unit.start)
            for nth in range(begin, bisect_left(starts[unit.document_id], unit.end)):
                found[first[unit.document_id] + nth].append(number)
    return tuple(map(tuple, found))


def _check_model(data_dir: Path, manifest: Manifest, embedder: Embedder) -> None:
    if (manifest.embedding_model, manifest.dimensions) != (embedder.name, embedder.dimensions):
        raise IndexMismatch(
            f"The index in {data_dir} was built with '{manifest.embedding_model}' ({manifest.dimensions} "
            f"dimensions) but the settings name '{embedder.name}' ({embedder.dimensions}). "
            "Run `prospectus ingest` to rebuild it."
        )
    if manifest.embedding_fingerprint != embedder.fingerprint:
        raise IndexMismatch(
            f"The index in {data_dir} was built with other weights of '{embedder.name}' "
            f"({manifest.embedding_fingerprint[:12]}) than the present ones ({embedder.fingerprint[:12]}). "
            "Run `prospectus ingest` to rebuild it."
        )


def _check_counts(index: Index, folder: Path) -> None:
    manifest = index.manifest
    counts: Iterable[tuple[str, object, object]] = (
        ("documents", len(index.documents), manifest.documents),
        ("passages", len(index.passages), manifest.passages),
        ("units", len(index.units), manifest.units),
        ("different vectors all in Chroma", index._dense.is_complete, True),
        ("passage vectors", index.passage_vectors.shape, (manifest.passages, manifest.dimensions)),
        ("units with a vector", index._unit_rows.shape, (manifest.units,)),
        (
            "unit vectors",
            index._unit_vectors.shape,
            (int(index._unit_rows.max(initial=-1)) + 1, manifest.dimensions),
        ),
    )
    for what, found, expected in counts:
        if found != expected:
            raise damaged(folder, f"{what}: {found} found, {expected} expected")


def _check_finds(
    index: Index, folder: Path, position: int, vector: NDArray[np.float32], keys: Sequence[str] = ()
) -> None:
    hits = index.dense(vector, 1)
    best, similarity = hits[0]
    same = best == position or not keys or keys[best] == keys[position]
    if similarity < SAME_TEXT or not same:
        raise damaged(
            folder,
            f"Chroma finds passage {best} (cosine {similarity:.4f}) by the text of passage {position}",
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
