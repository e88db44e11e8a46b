"""The two systems that ``growth`` measures, one to a process: ``growth_systems.py SYSTEM ACT FOLDER``.

``FOLDER/pages`` holds the pages. The act "index" makes the index and writes one line of JSON. The act "ask"
opens it, writes a line, and answers each line of JSON on standard input with one on standard output.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

OURS = "ours"
CHAIN = "chain"
# Passages that a question fetches.
LIMIT = 10
# A vector that is nearer than the tenth by less than this is as near: texts on siblings are often equal.
AS_NEAR = 1e-6

Answers = Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say, and speak JSON on standard output."""
    system, act, folder = arguments[0], arguments[1], Path(arguments[2])
    if act == "index":
        _say({OURS: _index_ours, CHAIN: _index_chain}[system](folder))
        return 0
    started = time.perf_counter()
    answers = {OURS: _open_ours, CHAIN: _open_chain}[system](folder)
    _say({"seconds": time.perf_counter() - started})
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "end":
            _say({"peak_mb": _peak_mb()})
            return 0
        _say(answers[request["do"]](request))
    return 0


def _index_ours(folder: Path) -> dict[str, Any]:
    from ingest.chunking import passage_search_text
    from ingest.embedding import load_embedder
    from ingest.index import open_current
    from ingest.packaged_model import DEFAULT_MODEL
    from ingest.pipeline import ingest
    from ingest.prepared_models import prepare

    prepare(DEFAULT_MODEL, folder / OURS)  # once for each set of weights, so no part of indexing
    embedder = load_embedder(data_dir=folder / OURS)
    began: dict[str, float] = {}
    started = time.perf_counter()
    report = ingest(
        [folder / "pages"],
        folder / OURS,
        embedder,
        on_progress=lambda stage, done, total: began.setdefault(stage, time.perf_counter()) and None,
    )
    ended = time.perf_counter()
    peak = _peak_mb()
    # What the chain is given: the passages as they were embedded here.
    index = open_current(folder / OURS, embedder=embedder)
    texts = [passage_search_text(index.documents[each.document_id], each) for each in index.passages]
    index.close()
    (folder / "passages.json").write_text(json.dumps(texts), encoding="utf-8")
    ends = [*list(began.values())[1:], ended]
    return {
        "passages": report.passages,
        "seconds": ended - started,
        "stages": {
            "loading": next(iter(began.values())) - started,
            **{stage: end - start for (stage, start), end in zip(began.items(), ends, strict=True)},
        },
        "peak_mb": peak,
        "disk_mb": _disk_mb(folder / OURS),
    }


def _open_ours(folder: Path) -> Answers:
    import numpy as np

    from assistant.assistant import Assistant
    from assistant.retrieval import retrieve
    from ingest.embedding import load_embedder
    from ingest.index import open_current

    embedder = load_embedder(data_dir=folder / OURS)
    index = open_current(folder / OURS, embedder=embedder)
    assistant = Assistant(index, embedder)

    def found(request: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        vector = embedder.embed([request["question"]])[0]
        retrieve(index, request["question"], vector, LIMIT)
        milliseconds = 1000 * (time.perf_counter() - started)
        return {"ms": milliseconds, "nearest": [position for position, _ in index.dense(vector, LIMIT)]}

    def recall(request: Mapping[str, Any]) -> dict[str, Any]:
        exact = index.passage_vectors @ embedder.embed([request["question"]])[0]
        least = np.partition(exact, -LIMIT)[-LIMIT] - AS_NEAR
        return {"recall": float(np.sum(exact[sorted(set(request["found"]))] >= least)) / LIMIT}

    def answer(request: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        assistant.reply(request["question"])
        return {"ms": 1000 * (time.perf_counter() - started)}

    return {"retrieve": found, "recall": recall, "answer": answer}


def _index_chain(folder: Path) -> dict[str, Any]:
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    texts = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
    embeddings = _embeddings()
    began = time.perf_counter()
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = splitter.split_documents(
        [Document(page_content=text, metadata={"position": position}) for position, text in enumerate(texts)]
    )
    Chroma.from_documents(chunks, embeddings, persist_directory=str(folder / CHAIN))
    seconds = time.perf_counter() - began
    return {
        "passages": len(chunks),
        "seconds": seconds,
        "stages": {},
        "peak_mb": _peak_mb(),
        "disk_mb": _disk_mb(folder / CHAIN),
    }


def _open_chain(folder: Path) -> Answers:
    from langchain_chroma import Chroma

    store = Chroma(persist_directory=str(folder / CHAIN), embedding_function=_embeddings())
    retriever = store.as_retriever(search_kwargs={"k": LIMIT})

    def found(request: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        documents = retriever.invoke(request["question"])
        milliseconds = 1000 * (time.perf_counter() - started)
        return {"ms": milliseconds, "nearest": [each.metadata["position"] for each in documents]}

    return {"retrieve": found}


def _embeddings() -> Any:
    from langchain_huggingface import HuggingFaceEmbeddings

    from ingest.packaged_model import packaged_folder

    return HuggingFaceEmbeddings(
        model_name=str(packaged_folder()), encode_kwargs={"normalize_embeddings": True}
    )


def _peak_mb() -> float:
    """The most memory that this process has held, MB; not what its parent held before it began."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kilobytes) / 1000


def _disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _say(what: Mapping[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
