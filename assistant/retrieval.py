"""From a question to the passages that may answer it: vectors, words and their nearness in one score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Passage
from ingest.index import Index
from ingest.question_vectors import Awaited

# Weights beside the cosine of BM25 by words, of BM25 by parts of words, and of proximity; all are at most 1.
# Chosen on four public sets for none of them to lose (README, Retrieval, has the ablation).
WORD_WEIGHT = 0.5
PART_WEIGHT = 0.4
PROXIMITY_WEIGHT = 0.5
# How many passages the vectors and the words each propose.
POOL = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. ``score`` is in [0, 1], ``rank`` counts from 1.

    ``position`` is the place of the passage in ``Index.passages``.
    """

    passage: Passage
    score: float
    rank: int
    position: int


def retrieve(index: Index, query: str, vector: Awaited, limit: int) -> list[Hit]:
    """Return the best ``limit`` passages for ``query``, whose vector ``vector`` gives, best first.

    A convex combination (Bruch et al., "An Analysis of Fusion Functions for Hybrid Retrieval", 2023, §3) of
    the cosine, BM25 by words and by their parts, and proximity. None of them is stretched to the best passage
    found: where no passage holds the words of a question, they have little to say.
    Equal scores are in order of position.
    """
    pool = max(POOL, limit)
    words, parts = index.lexical_scores(query), index.part_scores(query)
    embedded = np.ravel(vector())  # by now it is embedded, or soon will be
    near = [position for position, _ in index.dense(embedded, pool)]
    found = np.union1d(near, _highest(WORD_WEIGHT * words + PART_WEIGHT * parts, pool)).astype(np.intp)
    scores = (
        np.maximum(index.passage_vectors[found] @ embedded, 0.0)
        + WORD_WEIGHT * words[found]
        + PART_WEIGHT * parts[found]
        + PROXIMITY_WEIGHT * index.proximity(query, found)
    ) / (1 + WORD_WEIGHT + PART_WEIGHT + PROXIMITY_WEIGHT)
    best = np.lexsort((found, -scores))[: max(limit, 0)]
    return [
        Hit(index.passages[found[at]], float(scores[at]), rank, int(found[at]))
        for rank, at in enumerate(best, start=1)
    ]


def _highest(scores: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """The positions of the highest scores above 0, in no order."""
    above = np.flatnonzero(scores > 0)
    return above if len(above) <= most else above[np.argpartition(-scores[above], most - 1)[:most]]
