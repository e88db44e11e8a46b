"""Ranking passages by their vectors, their words and the nearness of these."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.retrieval import PART_WEIGHT, POOL, PROXIMITY_WEIGHT, WORD_WEIGHT, retrieve
from ingest.index import Index

ALL = 1 + WORD_WEIGHT + PART_WEIGHT + PROXIMITY_WEIGHT


def index_of(
    vectors: list[list[float]],
    words: list[float] | None = None,
    parts: list[float] | None = None,
    proximity: list[float] | None = None,
) -> Index:
    """An index that gives these scores; only what ranking asks of it is there."""
    table = np.array(vectors, dtype=np.float32)
    by_word, by_part, near = (
        np.array(given or [0.0] * len(vectors), dtype=np.float32) for given in (words, parts, proximity)
    )

    def dense(vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        cosines = table @ np.ravel(vector)
        return [(int(at), float(cosines[at])) for at in np.argsort(-cosines, kind="stable")[:limit]]

    return cast(
        Index,
        SimpleNamespace(
            passages=[f"passage {nth}" for nth in range(len(vectors))],
            passage_vectors=table,
            dense=dense,
            lexical_scores=lambda query: by_word,
            part_scores=lambda query: by_part,
            proximity=lambda query, positions: near[positions],
        ),
    )


EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]


def ranked(index: Index, limit: int = 10) -> list[tuple[int, float]]:
    hits = retrieve(index, "a question", lambda: np.array(EAST, dtype=np.float32), limit)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    return [(hit.position, hit.score) for hit in hits]


def test_the_score_is_the_weighted_mean_of_its_parts() -> None:
    found = ranked(
        index_of(
            [EAST, NORTH, [0.6, 0.8]], [0.0, 1.0, 0.5], parts=[0.0, 0.25, 0.0], proximity=[0.0, 0.5, 1.0]
        )
    )

    assert dict(found) == pytest.approx(
        {
            0: 1 / ALL,
            1: (WORD_WEIGHT + 0.25 * PART_WEIGHT + 0.5 * PROXIMITY_WEIGHT) / ALL,
            2: (0.6 + 0.5 * WORD_WEIGHT + PROXIMITY_WEIGHT) / ALL,
        }
    )
    assert [position for position, _ in found] == [2, 0, 1]


def test_a_vector_that_points_away_counts_as_one_that_says_nothing() -> None:
    assert ranked(index_of([WEST, NORTH])) == [(0, 0.0), (1, 0.0)]


def test_equal_scores_stand_in_the_order_of_the_pages() -> None:
    assert [position for position, _ in ranked(index_of([NORTH, EAST, NORTH, EAST]))] == [1, 3, 0, 2]


@pytest.mark.parametrize(("by", "weight"), [("words", WORD_WEIGHT), ("parts", PART_WEIGHT)])
def test_a_passage_that_only_words_or_their_parts_propose_is_found(by: str, weight: float) -> None:
    many = [EAST] * (POOL + 5)
    last = [*[0.0] * len(many), 1.0]
    index = index_of([*many, NORTH], last if by == "words" else None, last if by == "parts" else None)

    assert dict(ranked(index, 200))[len(many)] == pytest.approx(weight / ALL)


@pytest.mark.parametrize("limit", [-1, 0, 1, 2, 200])
def test_no_more_are_returned_than_wanted(limit: int) -> None:
    index = index_of([EAST] * 120, [0.5] * 120)
    assert [position for position, _ in ranked(index, limit)] == list(range(max(0, min(limit, 120))))
