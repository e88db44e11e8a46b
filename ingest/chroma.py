"""The vectors of a generation in Chroma: written, and asked once to see that it finds what was put in.

Questions are answered from the arrays of the generation (see ``index``); who reads its Chroma directory with
other programs finds the same vectors there.
"""

from __future__ import annotations

import errno
import hashlib
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from .disk import has_no_room
from .errors import IngestError
from .hnsw import EF_CONSTRUCTION, EF_SEARCH, MAX_NEIGHBORS

COLLECTION = "passages"
_DATABASE = "chroma.sqlite3"

# Chroma 1.5.9 counts the clients of a folder and shares what they stand on. A client that is made while the
# last one of the folder is closed in another thread finds that half there (AttributeError).
_CLIENTS = threading.Lock()


class ChromaVectors:
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
    def open(cls, folder: Path, vectors: NDArray[np.float32]) -> ChromaVectors:
        """Return the collection that ``build`` wrote to ``folder`` of ``vectors``.

        Raises:
            ValueError: there is none, or Chroma cannot read it.
        """
        try:
            client = _client(folder)
            try:
                collection = client.get_collection(COLLECTION, embedding_function=None)
                return cls(client, collection, _equals_among(vectors))
            except BaseException:
                _close(client)
                raise
        except (ChromaError, LookupError) as error:
            raise ValueError(f"Chroma cannot open {folder.name} ({error})") from error

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return (position, cosine similarity) of the nearest vectors, best first, equal ones by position.

        Raises:
            ValueError: Chroma does not answer.
        """
        try:
            result = self._collection.query(
                query_embeddings=np.asarray(vector, dtype=np.float32).reshape(1, -1),
                n_results=min(limit, self.count),
                include=["distances"],
            )
        except ChromaError as error:
            raise ValueError(f"Chroma does not answer ({error})") from error
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
