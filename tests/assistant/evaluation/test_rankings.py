from __future__ import annotations

from pathlib import Path

import pytest

from assistant.evaluation.rankings import SYSTEMS, rank, reciprocal_rank_fusion
from assistant.retrieval import retrieve
from ingest.before import Cut
from ingest.building import index_ready_made
from ingest.documents import Document, Passage
from ingest.embedding import Embedder
from ingest.index import open_current

TEXTS = {
    "car": "She bought a car.",
    "cat": "A small cat sleeps on the sofa.",
    "ferry": "Tickets for the ferry XQ-17 are sold on board.",
}


def test_fusion_adds_up_the_reciprocals_of_the_ranks() -> None:
    # 7: 1/61 + 1/63 = .03227; 5: 1/62 + 1/61 = .03252; 9: 1/63 = .01587; 3: 1/62 = .01613
    assert reciprocal_rank_fusion([7, 5, 9], [5, 3, 7]) == [5, 7, 3, 9]


def test_fusion_puts_equal_sums_in_order_of_position() -> None:
    assert reciprocal_rank_fusion([8, 2], [2, 8]) == [2, 8]
    assert reciprocal_rank_fusion([], []) == []


def test_each_system_ranks_the_same_index_and_ours_as_the_product_does(
    tmp_path: Path, minilm: Embedder
) -> None:
    cuts = [
        Cut(Document(key, "", "", "", "en", text), [Passage(f"{key}#0", key, 0, len(text), text)])
        for key, text in TEXTS.items()
    ]
    index_ready_made(cuts, tmp_path, minilm)
    queries = {"q1": "automobile", "q2": "XQ-17"}
    vectors = minilm.embed(list(queries.values()))
    seen: list[tuple[int, int]] = []
    index = open_current(tmp_path, embedder=minilm)
    try:
        found = rank(index, queries, vectors, on_progress=lambda *done: seen.append(done))
        ours = [
            [hit.passage.document_id for hit in retrieve(index, query, lambda vector=vector: vector, 100)]
            for query, vector in zip(queries.values(), vectors, strict=True)
        ]
    finally:
        index.close()

    assert tuple(found) == SYSTEMS
    assert found["dense"]["q1"][0] == "car"
    assert sorted(found["dense"]["q1"]) == sorted(TEXTS)
    assert found["lexical"] == {"q1": [], "q2": ["ferry"]}
    # Without a word in common, fusion is the dense ranking.
    assert found["reciprocal rank fusion"]["q1"] == found["dense"]["q1"]
    assert found["ours"] == dict(zip(queries, ours, strict=True))
    assert seen == [(1, 2), (2, 2)]


def test_vectors_of_other_queries_are_refused(tmp_path: Path, minilm: Embedder) -> None:
    text = TEXTS["car"]
    cut = Cut(Document("car", "", "", "", "en", text), [Passage("car#0", "car", 0, len(text), text)])
    index_ready_made([cut], tmp_path, minilm)
    index = open_current(tmp_path, embedder=minilm)
    try:
        with pytest.raises(ValueError, match="zip"):
            rank(index, {"q1": "a"}, minilm.embed(["a", "b"]))
    finally:
        index.close()
