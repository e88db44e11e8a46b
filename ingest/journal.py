"""The vectors of an ingest that is under way, so that one that is interrupted need not embed them again.

Embedding takes longest: hours for a large site. ``<data dir>/index/vectors.journal`` takes each batch of
vectors as it is made. It is written to at its end only, belongs to whoever holds the lock, and goes when the
generation is published. Texts do not stand in it, only their SHA-256.

    header     one line of JSON: format, fingerprint of the embedder, dimensions
    record …   number of texts (4 bytes, little-endian)
               SHA-256 of each text, 32 bytes each
               vectors, float32, little-endian, row by row
               BLAKE2b of all that, 16 bytes

A batch is one record, whole or not there: what a killed writer left half written fails its checksum and is
cut off. So the next run makes up the same batches as it would have without the interruption, and its vectors
are equal to the last bit (a text embedded in other company differs by rounding).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_NAME = "vectors.journal"
_FORMAT = 1
_KEY = 32
_CHECKSUM = 16
_COUNT = 4


class Journal:
    """The journal in the folder ``root``; it becomes a file with the first batch.

    ``vectors`` are those that an embedder of the same fingerprint had left in it, by the SHA-256
    (hexadecimal) of their texts. What another one left, and what is damaged with all that follows it, is
    written over. For the holder of the lock only.

    Raises:
        OSError: there is one and it cannot be read.
    """

    def __init__(self, root: Path, fingerprint: str, dimensions: int) -> None:
        header = {"format": _FORMAT, "fingerprint": fingerprint, "dimensions": dimensions}
        self._header = json.dumps(header).encode() + b"\n"
        self._path = root / _NAME
        self._dimensions = dimensions
        self.vectors: dict[str, NDArray[np.float32]] = {}
        # Bytes that are good; what comes next goes there.
        self._end = 0
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            if file.read(len(self._header)) == self._header:
                self._end = _read(file, dimensions, self.vectors)

    def append(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add a batch; once this returns it outlives the process, and if it fails the journal is as before.

        Raises:
            ValueError: the vectors have another shape than (len(keys), dimensions).
            OSError: it cannot be written, for example because the disk is full.
        """
        if vectors.shape != (len(keys), self._dimensions):
            raise ValueError(
                f"{len(keys)} vectors of {self._dimensions} dimensions are needed, not {vectors.shape}"
            )
        rows = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
        body = b"".join((len(keys).to_bytes(_COUNT, "little"), *map(bytes.fromhex, keys), rows))
        record = (b"" if self._end else self._header) + body + _checksum(body)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.ftruncate(descriptor, self._end)
            _write_at(descriptor, record, self._end)
        except BaseException:
            os.ftruncate(descriptor, self._end)
            raise
        finally:
            os.close(descriptor)
        self._end += len(record)


def discard(root: Path) -> None:
    """Remove the journal in ``root``, if there is one. For the holder of the lock only."""
    (root / _NAME).unlink(missing_ok=True)


def _read(file: BinaryIO, dimensions: int, vectors: dict[str, NDArray[np.float32]]) -> int:
    """Add the vectors of all whole records to ``vectors``; return where the last of them ends."""
    size = os.fstat(file.fileno()).st_size
    good = file.tell()
    while True:
        head = file.read(_COUNT)
        count = int.from_bytes(head, "little")
        length = count * (_KEY + 4 * dimensions)
        if len(head) < _COUNT or not 0 < length <= size - good - _COUNT - _CHECKSUM:
            return good
        body, checksum = file.read(length), file.read(_CHECKSUM)
        if _checksum(head + body) != checksum:
            return good
        keys = [body[start : start + _KEY].hex() for start in range(0, count * _KEY, _KEY)]
        rows = np.frombuffer(body, dtype="<f4", offset=count * _KEY).reshape(count, dimensions)
        vectors.update(zip(keys, rows.astype(np.float32), strict=True))
        good = file.tell()


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=_CHECKSUM).digest()


def _write_at(descriptor: int, content: bytes, offset: int) -> None:
    # A disk that is nearly full takes less than it is given.
    left = memoryview(content)
    while left:
        written = os.pwrite(descriptor, left, offset)
        left, offset = left[written:], offset + written
