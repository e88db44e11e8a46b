"""The BM25 weight of each word in each text that holds it, as arrays that are added up for a question.

bm25s computes the weights when texts are indexed. Questions do without it, since it takes a third of a second
to import: they add up a few rows of arrays that are mapped into memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .mapped_arrays import mapped

# Robertson and Zaragoza 2009; k1 as Lin et al. (Pyserini). With b = 1 a passage twice as long needs twice as
# many of the words asked for; chosen on five public sets (README, Retrieval).
K1 = 0.9
B = 1.0

# Stands for a text without words, so that no text and no vocabulary is ever empty. No query holds it.
NO_WORD = ""

_VOCABULARY = "vocabulary.json"
_STARTS, _TEXTS, _WEIGHTS = "starts.npy", "texts.npy", "weights.npy"


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """For each word the texts that hold it, and its weight in each.

    ``numbers`` are those of the words; the texts of word n and its weights in them stand from ``starts[n]``
    to ``starts[n + 1]``. Each text stands there once. ``count`` is the number of texts.
    """

    numbers: Mapping[str, int]
    starts: NDArray[np.int64]
    texts: NDArray[np.int32]
    weights: NDArray[np.float32]
    count: int

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]], numbers: Mapping[str, int]) -> Postings:
        """Return those of the words of each text, which ``numbers`` numbers from 0; there is one at least."""
        import bm25s  # type: ignore[import-untyped]

        bm25 = bm25s.BM25(k1=K1, b=B, backend="numpy", csc_backend="numpy")
        numbered = [[numbers[word] for word in text or [NO_WORD]] for text in texts]
        bm25.index((numbered, dict(numbers)), show_progress=False)
        scores = bm25.scores
        return cls(
            numbers,
            np.asarray(scores["indptr"], dtype=np.int64),
            np.asarray(scores["indices"], dtype=np.int32),
            np.asarray(scores["data"], dtype=np.float32),
            len(texts),
        )

    @classmethod
    def load(cls, folder: Path, count: int) -> Postings:
        """Return what was saved in ``folder`` for ``count`` texts; its arrays stay on disk.

        Raises:
            OSError, ValueError: a file is missing or is not what ``save`` writes.
        """
        words = json.loads((folder / _VOCABULARY).read_bytes())
        starts, texts, weights = (mapped(folder / name) for name in (_STARTS, _TEXTS, _WEIGHTS))
        if not isinstance(words, list) or not len(words) + 1 == len(starts):
            raise ValueError(f"{folder} does not hold a lexical index")
        return cls({word: number for number, word in enumerate(words)}, starts, texts, weights, count)

    def save(self, folder: Path) -> None:
        """Write the files to ``folder``, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        words = sorted(self.numbers, key=self.numbers.__getitem__)
        (folder / _VOCABULARY).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        for name, array in ((_STARTS, self.starts), (_TEXTS, self.texts), (_WEIGHTS, self.weights)):
            np.save(folder / name, array, allow_pickle=False)

    def frequency(self, word: str) -> int:
        """Return the number of texts that hold a word."""
        number = self.numbers.get(word)
        return 0 if number is None else int(self.starts[number + 1] - self.starts[number])

    def summed(self, words: Iterable[str]) -> NDArray[np.float32]:
        """Return for each text the sum of its weights of these words, shape (count,)."""
        total = np.zeros(self.count, dtype=np.float32)
        for word in words:
            number = self.numbers.get(word)
            if number is None:
                continue
            span = slice(self.starts[number], self.starts[number + 1])
            total[self.texts[span]] += self.weights[span]
        return total


def numbered(texts: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return the words of the texts, and ``NO_WORD``, with their numbers in alphabetical order."""
    return {word: number for number, word in enumerate(sorted({NO_WORD}.union(*texts)))}
