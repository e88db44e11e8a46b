"""Words into passages: BM25, as the second opinion beside the vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s  # type: ignore[import-untyped]
import numpy as np
import Stemmer

# Robertson and Zaragoza 2009; these values of Lin et al. (Pyserini) are those the retrieval figures were
# measured with: SciFact nDCG@10 .676.
K1 = 0.9
B = 0.4

# Stands for a text without words, so that no text and no vocabulary is ever empty. No query holds it.
NO_WORD = ""


class LexicalIndex:
    """BM25 over texts that are named by their position; scores are > 0 and have no upper bound.

    Words are runs of two or more letters or digits, lower-cased, without English stop words, reduced to
    their stem (Snowball).
    """

    def __init__(self, bm25: bm25s.BM25) -> None:
        self._bm25 = bm25

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Return the index of ``texts``; equal texts give equal files.

        Raises:
            ValueError: there are no texts.
        """
        if not texts:
            raise ValueError("a lexical index needs at least one text")
        words = [found or [NO_WORD] for found in words_of(texts)]
        # bm25s numbers the words in the order of a set, which changes from run to run.
        vocabulary = {word: number for number, word in enumerate(sorted(set().union(*words)))}
        bm25 = bm25s.BM25(k1=K1, b=B, backend="numpy", csc_backend="numpy")
        bm25.index(([[vocabulary[word] for word in text] for text in words], vocabulary), show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, folder: Path, *, mmap: bool = True) -> LexicalIndex:
        """Return the index saved in ``folder``; with ``mmap`` its arrays stay on disk until they are read.

        Raises:
            OSError, ValueError: a file is missing or is not what ``save`` writes.
        """
        try:
            return cls(bm25s.BM25.load(folder, mmap=mmap, show_progress=False))
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"{folder} does not hold a lexical index") from error

    def save(self, folder: Path) -> None:
        """Write the index to ``folder``, which is made if need be."""
        self._bm25.save(folder, show_progress=False)

    def frequency(self, word_stem: str) -> int:
        """Return the number of texts that hold a word with this stem."""
        number = self._bm25.vocab_dict.get(word_stem)
        if number is None:
            return 0
        pointers = self._bm25.scores["indptr"]
        return int(pointers[number + 1] - pointers[number])

    def scores(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return (position, BM25 score) of the texts that share a word with the query, best first.

        Equal scores are in order of position. A query without a known word gives an empty list.
        """
        known = self._bm25.get_tokens_ids(words_of([query])[0])
        if not known or limit < 1:
            return []
        scores = self._bm25.get_scores_from_ids(known)
        matching = np.flatnonzero(scores > 0)
        best = matching[np.argsort(-scores[matching], kind="stable")][:limit]
        return [(int(position), float(scores[position])) for position in best]


def words_of(texts: Sequence[str]) -> list[list[str]]:
    """Return, for each text, the stems of its words in order of appearance, without stop words."""
    # A stemmer is not safe to share between threads; making one takes microseconds.
    words: list[list[str]] = bm25s.tokenize(
        list(texts),
        stopwords="english",
        stemmer=Stemmer.Stemmer("english"),
        return_ids=False,
        show_progress=False,
    )
    return words
