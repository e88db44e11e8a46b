"""Words into passages: BM25 and the nearness of words, as the second opinion beside the vectors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import Stemmer
from numpy.typing import NDArray

from .mapped_arrays import mapped
from .postings import K1, NO_WORD, B, Postings, numbered

# Words of a question count as near one another where at most two others stand between them.
WINDOW = 3

# Words are also compared by their runs of so many letters: "scholarhip", "biostatistical".
GRAM = 4

_TOKEN = re.compile(r"\b\w\w+\b")
# Lucene's English ones.
_STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these "
    "they this to was will with".split()
)

_TERMS = "terms"
_GRAMS = "grams"
_WORDS = "words.npy"
_STARTS = "starts.npy"
_FREQUENCIES = "frequencies.npy"


class LexicalIndex:
    """BM25 of words, BM25 of their parts, and proximity, over texts that are named by their position.

    Words are runs of two or more letters or digits, lower-cased, reduced to their stem (Snowball). BM25
    leaves out English stop words; proximity keeps them, for "at least" and "part of" are told by them.

    Every score is in [0, 1]: a share of the weight (inverse document frequency) of all that was asked, words
    that no text holds included. Where the texts do not hold the words of a question, none scores high.
    """

    def __init__(
        self,
        terms: Postings,
        grams: Postings,
        words: NDArray[np.int32],
        starts: NDArray[np.int64],
        frequencies: NDArray[np.int32],
    ) -> None:
        self._terms = terms
        self._grams = grams
        # The words of all texts one after another, as their numbers in the vocabulary, and where each text
        # starts; in how many texts each word of the vocabulary stands.
        self._words = words
        self._starts = starts
        self._frequencies = frequencies
        self._count = len(starts) - 1
        self._mean_length = len(words) / self._count

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Return the index of ``texts``; equal texts give equal files.

        Raises:
            ValueError: there are no texts.
        """
        if not texts:
            raise ValueError("a lexical index needs at least one text")
        every = [found or [NO_WORD] for found in words_of(texts, stop_words=True)]
        vocabulary = numbered(every)
        numbers = [np.array([vocabulary[word] for word in text], dtype=np.int32) for text in every]
        distinct = np.concatenate([np.unique(text) for text in numbers])
        parts = grams_of(texts)
        return cls(
            Postings.build(words_of(texts), vocabulary),
            Postings.build(parts, numbered(parts)),
            words=np.concatenate(numbers),
            starts=np.cumsum([0, *map(len, numbers)], dtype=np.int64),
            frequencies=np.bincount(distinct, minlength=len(vocabulary)).astype(np.int32),
        )

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Return the index saved in ``folder``; its arrays stay on disk until they are read.

        Raises:
            OSError, ValueError: a file is missing or is not what ``save`` writes.
        """
        try:
            words, starts, frequencies = (mapped(folder / name) for name in (_WORDS, _STARTS, _FREQUENCIES))
            terms, grams = (Postings.load(folder / name, len(starts) - 1) for name in (_TERMS, _GRAMS))
            return cls(terms, grams, words, starts, frequencies)
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"{folder} does not hold a lexical index") from error

    def save(self, folder: Path) -> None:
        """Write the index to ``folder``, which is made if need be."""
        self._terms.save(folder / _TERMS)
        self._grams.save(folder / _GRAMS)
        for name, array in (
            (_WORDS, self._words),
            (_STARTS, self._starts),
            (_FREQUENCIES, self._frequencies),
        ):
            np.save(folder / name, array, allow_pickle=False)

    def frequency(self, word_stem: str) -> int:
        """Return the number of texts that hold a word with this stem; 0 for stop words."""
        return self._terms.frequency(word_stem)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of each text by its words, shape (n,): 0 for one without a common word."""
        return self._shares(self._terms, words_of([query])[0])

    def part_scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of each text by runs of letters in its words, shape (n,).

        Also for words that are spelt, derived or compounded in another way than on the page.
        """
        return self._shares(self._grams, grams_of([query])[0])

    def _shares(self, postings: Postings, asked: Sequence[str]) -> NDArray[np.float32]:
        """BM25 as Lucene computes it, divided by the sum of all idf, which no text can exceed."""
        asked = list(dict.fromkeys(asked))
        held = [postings.frequency(each) for each in asked]
        if not any(held):
            return np.zeros(self._count, dtype=np.float32)
        shares: NDArray[np.float32] = postings.summed(asked) / np.float32(self._idf(held).sum())
        return shares

    def proximity(self, query: str, positions: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return how near to one another, as in the query, words of it stand in some texts; shape (n,).

        The unordered windows of Metzler and Croft's sequential dependence model (2005): each pair of words
        that stand within ``WINDOW`` of one another in the query counts as one word would in BM25, for the
        times that it stands so in a text, weighted with the idf of both; divided by the sum of the weights.
        """
        said = words_of([query], stop_words=True)[0]
        asked = sorted(set(said))
        place = [asked.index(word) for word in said]
        wanted = np.zeros((len(asked), len(asked)), dtype=bool)
        for gap in range(1, WINDOW + 1):
            wanted[place[:-gap], place[gap:]] = True
        wanted = np.triu(wanted | wanted.T, 1)
        held = [self._frequencies[self._terms.numbers[word]] if self._knows(word) else 0 for word in asked]
        idf = self._idf(held)
        weights = np.where(wanted, idf[:, None] + idf[None, :], 0.0)
        if not wanted.any() or not len(positions):
            return np.zeros(len(positions), dtype=np.float32)
        counts = self._pairs(asked, wanted, positions)
        lengths = (self._starts[positions + 1] - self._starts[positions])[:, None, None]
        shares = counts / (counts + K1 * (1 - B + B * lengths / self._mean_length))
        near: NDArray[np.float64] = (shares * weights).sum(axis=(1, 2)) / weights.sum()
        return near.astype(np.float32)

    def _pairs(
        self, asked: Sequence[str], wanted: NDArray[np.bool_], positions: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """How often each wanted pair of words stands within the window; shape (texts, words, words)."""
        spans = [self._words[self._starts[p] : self._starts[p + 1]] for p in positions]
        texts = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        # For each word of the texts its place in the query, -1 for other words. The numbers of the
        # vocabulary are in the order of its words, so those of ``asked`` ascend.
        known = [(nth, self._terms.numbers[word]) for nth, word in enumerate(asked) if self._knows(word)]
        counts = np.zeros((len(spans), len(asked), len(asked)))
        if len(known) < 2:
            return counts
        places, numbers = map(np.array, zip(*known, strict=True))
        words = np.concatenate(spans)
        nearest = np.minimum(np.searchsorted(numbers, words), len(numbers) - 1)
        at = np.flatnonzero(numbers[nearest] == words)
        said, text = places[nearest[at]], texts[at]
        for step in range(1, min(WINDOW, len(at) - 1) + 1):
            near = (at[step:] - at[:-step] <= WINDOW) & (text[step:] == text[:-step])
            one, other = said[:-step][near], said[step:][near]
            np.add.at(counts, (text[step:][near], np.minimum(one, other), np.maximum(one, other)), 1)
        return counts * wanted

    def _knows(self, word: str) -> bool:
        return word in self._terms.numbers

    def _idf(self, held: Sequence[int]) -> NDArray[np.float64]:
        """Inverse document frequency as Lucene computes it, of words that so many texts hold."""
        counts = np.array(held)
        idf: NDArray[np.float64] = np.log(1 + (self._count - counts + 0.5) / (counts + 0.5))
        return idf


def words_of(texts: Sequence[str], *, stop_words: bool = False) -> list[list[str]]:
    """Return, for each text, the stems of its words in order of appearance; stop words only if wanted."""
    found = _tokens(texts, stop_words=stop_words)
    distinct = list({word for text in found for word in text})
    # A stemmer is not safe to share between threads; making one takes microseconds.
    stem_of = dict(zip(distinct, Stemmer.Stemmer("english").stemWords(distinct), strict=True))
    return [[stem_of[word] for word in text] for text in found]


def grams_of(texts: Sequence[str]) -> list[list[str]]:
    """Return, for each text, the runs of ``GRAM`` letters of its words with a mark on either side of a word.

    Stop words are left out; a word of one or two letters is a run of its own.
    """
    return [[part for word in text for part in _parts(f"_{word}_")] for text in _tokens(texts)]


def _tokens(texts: Sequence[str], *, stop_words: bool = False) -> list[list[str]]:
    """The words of each text in lower case, as ``bm25s.tokenize`` has them; that takes .3 ms a question."""
    found = [_TOKEN.findall(text.lower()) for text in texts]
    return found if stop_words else [[word for word in text if word not in _STOP_WORDS] for text in found]


def _parts(word: str) -> Iterator[str]:
    for start in range(max(1, len(word) - GRAM + 1)):
        yield word[start : start + GRAM]
