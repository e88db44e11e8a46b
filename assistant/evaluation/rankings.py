"""The ways of ranking passages that are measured side by side, each over one and the same open index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.index import Index

from ..retrieval import retrieve

# Passages in a ranking: as many as recall@100 looks at.
DEPTH = 100
# Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning
# Methods", 2009, §3.
RRF_K = 60

DENSE = "dense"
LEXICAL = "lexical"
FUSION = "reciprocal rank fusion"
OURS = "ours"
SYSTEMS = (DENSE, LEXICAL, FUSION, OURS)

Rankings = Mapping[str, Mapping[str, Sequence[str]]]
"""Ids of documents, best first, by system and by query."""


def rank(
    index: Index,
    queries: Mapping[str, str],
    vectors: NDArray[np.float32],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Rankings:
    """Return what each of ``SYSTEMS`` finds for each query, at most ``DEPTH`` documents, best first.

    ``vectors`` are those of the queries, in their order. Each document of the index has one passage.
    """
    found: dict[str, dict[str, Sequence[str]]] = {system: {} for system in SYSTEMS}
    for done, ((key, query), vector) in enumerate(zip(queries.items(), vectors, strict=True), start=1):
        dense = [position for position, _ in index.dense(vector, DEPTH)]
        lexical = [position for position, _ in index.lexical(query, DEPTH)]
        ours = [hit.position for hit in retrieve(index, query, vector.copy, DEPTH)]
        fused = reciprocal_rank_fusion(dense, lexical)[:DEPTH]
        for system, positions in zip(SYSTEMS, (dense, lexical, fused, ours), strict=True):
            found[system][key] = [index.passages[position].document_id for position in positions]
        if on_progress is not None:
            on_progress(done, len(queries))
    return found


def reciprocal_rank_fusion(*rankings: Iterable[int]) -> list[int]:
    """Return the positions in the rankings by the sum of 1 / (60 + rank), best first, ranks from 1.

    Equal sums are in order of position.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, position in enumerate(ranking, start=1):
            scores[position] = scores.get(position, 0.0) + 1 / (RRF_K + place)
    return sorted(scores, key=lambda position: (-scores[position], position))
