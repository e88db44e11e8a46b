"""A small real embedder, for tests that are not about what the packaged model finds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray


class BagOfWords:
    """An embedder that adds up one fixed random direction for each word; counts what it is asked for."""

    runtime = "a test"

    def __init__(self, name: str = "bag-of-words", *, dimensions: int = 64, fingerprint: str = "f1") -> None:
        self.name = name
        self.dimensions = dimensions
        self.fingerprint = fingerprint
        self.texts: list[str] = []

    def embed(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.texts += texts
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                vectors[row] += _direction(word, self.dimensions)
        if on_progress is not None:
            on_progress(len(texts))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@cache
def _direction(word: str, dimensions: int) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(dimensions)
