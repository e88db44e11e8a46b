"""Fusing dense and lexical scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval import fuse


def test_scores_are_fused_by_a_convex_combination() -> None:
    # Dense: (0.9 - 0.1) / 0.8 = 1, (0.5 - 0.1) / 0.8 = 0.5, 0. Lexical: 4 / 8 = 0.5, 8 / 8 = 1.
    fused = fuse([(1, 0.9), (2, 0.5), (3, 0.1)], [(2, 4.0), (4, 8.0)], weight=0.75)

    assert [position for position, _ in fused] == [1, 2, 4, 3]
    assert [score for _, score in fused] == pytest.approx([0.75, 0.5, 0.25, 0.0])  # 2: .75 · .5 + .25 · .5


def test_nothing_fused_with_nothing_is_nothing() -> None:
    assert fuse([], []) == []


def test_one_side_alone_still_ranks() -> None:
    assert fuse([(5, 0.2), (6, 0.4)], [], weight=0.5) == [(6, 0.5), (5, 0.0)]
    assert fuse([], [(5, 1.0), (6, 4.0)], weight=0.5) == [(6, 0.5), (5, 0.125)]


def test_equal_scores_stand_in_the_order_of_the_pages() -> None:
    assert fuse([(9, 0.3), (2, 0.3), (4, 0.3)], [], weight=1.0) == [(2, 1.0), (4, 1.0), (9, 1.0)]


def test_a_lexical_side_of_zeros_adds_nothing() -> None:
    assert fuse([(1, 0.5)], [(2, 0.0)], weight=0.7) == [(1, 0.7), (2, 0.0)]


scored = st.dictionaries(st.integers(0, 30), st.floats(-1, 1), max_size=12)
bm25 = st.dictionaries(st.integers(0, 30), st.floats(0.01, 40), max_size=12)


@given(scored, bm25, st.floats(0, 1), st.randoms(use_true_random=False))
def test_fusion_ignores_the_order_of_its_inputs_and_stays_between_0_and_1(
    dense: dict[int, float], lexical: dict[int, float], weight: float, random: object
) -> None:
    one, other = list(dense.items()), list(lexical.items())
    fused = fuse(one, other, weight=weight)
    random.shuffle(one)  # type: ignore[attr-defined]
    random.shuffle(other)  # type: ignore[attr-defined]

    assert fuse(one, other, weight=weight) == fused
    assert {position for position, _ in fused} == dense.keys() | lexical.keys()
    assert all(-1e-9 <= score <= 1 + 1e-9 for _, score in fused)
    assert fused == sorted(fused, key=lambda pair: (-pair[1], pair[0]))
