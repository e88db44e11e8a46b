from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from api.retriever import ProspectusRetriever
from api.service import NotReady
from assistant.assistant import Assistant
from assistant.conversation import InvalidQuestion
from ingest.embedding import Embedder
from ingest.errors import IndexDamaged
from ingest.generations import current_folder, current_generation
from ingest.index import open_current
from ingest.pipeline import ingest

ROOT = Path(__file__).parents[2]
QUESTION = "What would I pay per year as an EU student?"


@pytest.fixture(scope="module")
def retriever(corpus_data: Path) -> Iterator[ProspectusRetriever]:
    retriever = ProspectusRetriever(data_dir=corpus_data, limit=5)
    yield retriever
    retriever.close()


def pages(folder: Path, fee: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "fees.md").write_text(f"# Fees\n\nTuition is {fee} EUR per year.\n", encoding="utf-8")
    return folder


def test_passages_are_found_as_search_finds_them(
    retriever: ProspectusRetriever, corpus_data: Path, minilm: Embedder
) -> None:
    index = open_current(corpus_data, embedder=minilm)
    try:
        hits = Assistant(index, minilm).search(QUESTION, 5)
        titles = {document.id: (document.title, document.url) for document in index.documents.values()}
        generation = index.generation
    finally:
        index.close()

    found = retriever.invoke(QUESTION)

    assert len(found) == 5
    for document, hit in zip(found, hits, strict=True):
        title, url = titles[hit.passage.document_id]
        assert document == Document(
            id=hit.passage.id,
            page_content=hit.passage.text,
            metadata={
                "document_id": hit.passage.document_id,
                "title": title,
                "url": url,
                "headings": list(hit.passage.headings),
                "start": hit.passage.start,
                "end": hit.passage.end,
                "score": hit.score,
                "rank": hit.rank,
                "generation": generation,
            },
        )


def test_offsets_give_the_passage_back_and_metadata_are_json(
    retriever: ProspectusRetriever, corpus_data: Path
) -> None:
    lines = (current_folder(corpus_data) / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {record["id"]: record["text"] for record in map(json.loads, lines)}

    for place, document in enumerate(retriever.invoke(QUESTION), start=1):
        metadata = json.loads(json.dumps(document.metadata))
        assert texts[metadata["document_id"]][metadata["start"] : metadata["end"]] == document.page_content
        assert metadata["rank"] == place
        assert 0 <= metadata["score"] <= 1


def test_it_answers_asynchronously_in_batches_and_in_a_chain(retriever: ProspectusRetriever) -> None:
    found = retriever.invoke(QUESTION)
    chain = retriever | RunnableLambda(lambda documents: [each.metadata["rank"] for each in documents])

    assert asyncio.run(retriever.ainvoke(QUESTION)) == found
    assert retriever.batch([QUESTION, QUESTION]) == [found, found]
    assert chain.invoke(QUESTION) == [1, 2, 3, 4, 5]
    assert asyncio.run(chain.ainvoke(QUESTION)) == [1, 2, 3, 4, 5]


def test_threads_that_ask_first_at_once_open_one_index(corpus_data: Path) -> None:
    retriever = ProspectusRetriever(data_dir=corpus_data, limit=1)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(retriever.invoke, [QUESTION] * 4))
    retriever.close()

    assert found == [found[0]] * 4


def test_a_new_generation_is_taken_over_by_the_next_question(tmp_path: Path, minilm: Embedder) -> None:
    ingest([pages(tmp_path / "pages", "2,060")], tmp_path, minilm)
    retriever = ProspectusRetriever(data_dir=tmp_path)
    assert "2,060" in retriever.invoke("Tuition?")[0].page_content

    ingest([pages(tmp_path / "pages", "2,314")], tmp_path, minilm)
    (document,) = retriever.invoke("Tuition?")

    assert "2,314" in document.page_content
    assert document.metadata["generation"] == current_generation(tmp_path)
    retriever.close()


def test_where_a_new_generation_is_damaged_the_one_before_goes_on_answering(
    tmp_path: Path, minilm: Embedder
) -> None:
    ingest([pages(tmp_path / "pages", "2,060")], tmp_path, minilm)
    retriever = ProspectusRetriever(data_dir=tmp_path)
    before = retriever.invoke("Tuition?")
    ingest([pages(tmp_path / "pages", "2,314")], tmp_path, minilm)
    (current_folder(tmp_path) / "passages.npy").unlink()

    assert retriever.invoke("Tuition?") == before
    retriever.close()


def test_after_closing_another_question_opens_the_index_again(corpus_data: Path) -> None:
    retriever = ProspectusRetriever(data_dir=corpus_data, limit=1)
    found = retriever.invoke(QUESTION)
    retriever.close()

    assert retriever.invoke(QUESTION) == found
    retriever.close()


def test_the_data_directory_is_that_of_the_settings_unless_it_is_named(
    corpus_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSPECTUS_DATA_DIR", str(corpus_data))
    retriever = ProspectusRetriever(limit=1)

    assert len(retriever.invoke(QUESTION)) == 1
    retriever.close()


def test_without_an_index_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="Run `prospectus ingest`"):
        ProspectusRetriever(data_dir=tmp_path).invoke(QUESTION)


def test_a_damaged_index_is_reported(tmp_path: Path, corpus_data: Path) -> None:
    shutil.copytree(corpus_data / "index", tmp_path / "index")
    (current_folder(tmp_path) / "passages.npy").unlink()

    with pytest.raises(IndexDamaged, match=r"passages\.npy is missing"):
        ProspectusRetriever(data_dir=tmp_path).invoke(QUESTION)


@pytest.mark.parametrize("question", ["", " ?! ", "x" * 2_001, "\ud800 fees"])
def test_a_question_that_cannot_be_asked_is_refused(retriever: ProspectusRetriever, question: str) -> None:
    with pytest.raises(InvalidQuestion):
        retriever.invoke(question)


def test_a_limit_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="limit"):
        ProspectusRetriever(data_dir=tmp_path, limit=0)


def test_importing_it_loads_no_model_library() -> None:
    code = (
        "import sys; from api.retriever import ProspectusRetriever; ProspectusRetriever(); "
        "print({*sys.modules} & {'torch', 'chromadb'})"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout == "set()\n"


def test_the_example_in_the_readme_runs(
    corpus_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    programs = re.findall(r"^```python\n(.*?)^```$", readme, re.M | re.S)
    (example,) = [program for program in programs if "ProspectusRetriever" in program]
    (tmp_path / ".prospectus").symlink_to(corpus_data, target_is_directory=True)
    monkeypatch.chdir(tmp_path)

    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 (our own README)

    assert "2,060 EUR per year" in capsys.readouterr().out
