"""What ``prospectus evaluate-retrieval`` does: index a judged set, rank its passages in four ways, measure.

The index is one of the kind that answers questions, and it is kept, so that only what is new is embedded:

    <data dir>/judged-sets/<name of the set's folder>-<hash of its path and of the model>/index/
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from assistant.evaluation.judged_sets import JudgedSet, load_judged_set
from assistant.evaluation.ranking_metrics import RankingScores, score
from assistant.evaluation.ranking_overview import RankingRun, ranking_overview, write_ranking_run
from assistant.evaluation.rankings import rank
from assistant.evaluation.tables import show
from ingest.before import Cut
from ingest.building import index_ready_made
from ingest.documents import Document, Passage
from ingest.embedding import Embedder
from ingest.index import Index, open_current

from .backend import Backend, OnProgress
from .evaluate_command import check_writable
from .progress import progress

INDEXES = "judged-sets"


def evaluate_retrieval(
    folder: Path,
    *,
    queries_file: Path | None,
    limit: int | None,
    json_file: Path | None,
    data_dir: Path,
    backend: Backend,
    out: TextIO,
) -> None:
    """Measure retrieval on the set in ``folder``, write the file that was asked for, show the tables.

    Raises:
        BadInput: the set cannot be used, or the folder of the file to write is not there.
        IngestError: the embedding model or the index cannot be used.
        OSError: a file cannot be written.
    """
    check_writable(json_file)
    judged = load_judged_set(folder, queries_file, limit=limit)
    embedder = backend.embedder()
    with progress() as on_progress:
        index = _index_of(judged, data_dir, embedder, on_progress)
        try:
            scores = _scores(judged, index, embedder, on_progress)
        finally:
            index.close()
    run = RankingRun(judged, embedder.name, index.generation, scores)
    if json_file is not None:
        write_ranking_run(json_file, run)
    show(ranking_overview(run), out)


def _index_of(judged: JudgedSet, data_dir: Path, embedder: Embedder, on_progress: OnProgress) -> Index:
    """The open index of the set's texts, built unless it is there."""
    place = judged.folder.resolve()
    told_apart = hashlib.sha256(f"{place}\0{embedder.fingerprint}".encode(errors="surrogateescape"))
    kept = data_dir / INDEXES / f"{place.name}-{told_apart.hexdigest()[:12]}"
    index_ready_made(_cuts(judged), kept, embedder, on_progress=on_progress)
    return open_current(kept, embedder=embedder)


def _cuts(judged: JudgedSet) -> Iterator[Cut]:
    """Each text as a document of one passage, for it is what is judged. Ranking looks at no smaller unit."""
    for each in judged.texts:
        document = Document(each.id, each.title, url="", publisher="", language="en", text=each.text)
        yield Cut(document, [Passage(f"{each.id}#0", each.id, 0, len(each.text), each.text)])


def _scores(judged: JudgedSet, index: Index, embedder: Embedder, on_progress: OnProgress) -> RankingScores:
    embedded, total = 0, len(judged.queries)

    def count(newly_done: int) -> None:
        nonlocal embedded
        embedded += newly_done
        on_progress("embedding queries", embedded, total)

    vectors = embedder.embed(list(judged.queries.values()), on_progress=count)
    rankings = rank(
        index, judged.queries, vectors, on_progress=lambda done, total: on_progress("ranking", done, total)
    )
    return score(rankings, judged.judgements)
