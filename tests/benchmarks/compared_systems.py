"""The systems that are measured beside each other: ours, and retrieval as three others' tutorials have it.

Each makes an index of the same passages with the same weights, and opens it to be asked one question after
another, or several at a time. Each library is imported where its system needs it: every system runs in a
process of its own (``compared_process``), and what it imports is part of what is measured. None writes an
answer but ours, whose questions are answered with whole cited replies.

The others are built as their own first tutorials build them, and not tuned: LangChain with
``RecursiveCharacterTextSplitter``, ``HuggingFaceEmbeddings`` and Chroma in a folder; LlamaIndex with
``VectorStoreIndex``, its default store and ``HuggingFaceEmbedding``; Haystack with ``InMemoryDocumentStore``
and the embedders for sentence-transformers. The last two keep their index in memory and write it to disk as
JSON, which they load when they start.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OURS = "ours"
# The passages alone, as `prospectus search` finds them: what the others do for a question.
OURS_RETRIEVAL = "ours-retrieval"
LANGCHAIN = "langchain"
LLAMAINDEX = "llamaindex"
HAYSTACK = "haystack"
# Passages that a question fetches.
LIMIT = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages, the passages and each system's index lie; ``models`` is where ours is prepared."""

    folder: Path
    models: Path

    @property
    def pages(self) -> Path:
        return self.folder / "pages"

    @property
    def passages(self) -> Path:
        """A JSON list: what ours embeds of each passage, and what the others are given."""
        return self.folder / "passages.json"

    def index_of(self, system: str) -> Path:
        return self.folder / system

    def texts(self) -> list[str]:
        texts: list[str] = json.loads(self.passages.read_text(encoding="utf-8"))
        return texts


@dataclass(frozen=True, slots=True)
class Indexed:
    """Seconds from texts to an index on disk, the model being loaded, and what the stages of it took."""

    seconds: float
    stages: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """The positions of the passages found, where an index gives them, and whether a reply cites any."""

    nearest: Sequence[int] = ()
    is_cited: bool = False


Ask = Callable[[str], Found]


def write_passages(place: Place) -> int:
    """Write what the others are given, the passages as ours embedded them; return how many there are."""
    from ingest.chunking import passage_search_text
    from ingest.index import open_current

    index = open_current(place.index_of(OURS), embedder=None)
    texts = [passage_search_text(index.documents[each.document_id], each) for each in index.passages]
    place.passages.write_text(json.dumps(texts), encoding="utf-8")
    return len(texts)


def _index_ours(place: Place) -> Indexed:
    from assistant.readings import Annotator
    from ingest.embedding import load_embedder
    from ingest.pipeline import ingest

    embedder = load_embedder(data_dir=place.models)
    began: dict[str, float] = {}

    def note(stage: str, done: int, total: int) -> None:
        began.setdefault(stage, time.perf_counter())

    started = time.perf_counter()
    ingest([place.pages], place.index_of(OURS), embedder, annotator=Annotator(), on_progress=note)
    ended = time.perf_counter()
    ends = [*list(began.values())[1:], ended]
    stages = {stage: end - start for (stage, start), end in zip(began.items(), ends, strict=True)}
    return Indexed(ended - started, stages)


def _open_ours(place: Place) -> Ask:
    assistant = _assistant(place)
    return lambda question: Found(is_cited=bool(assistant.reply(question).citations))


def _open_retrieval(place: Place) -> Ask:
    assistant = _assistant(place)

    def find(question: str) -> Found:
        assistant.search(question, LIMIT)
        return Found()

    return find


def _assistant(place: Place) -> Any:
    """As every command opens it."""
    from api.backend import LocalBackend
    from api.settings import Settings

    settings = Settings(data_dir=place.index_of(OURS))
    return LocalBackend(settings, models=place.models).open().assistant


def _index_langchain(place: Place) -> Indexed:
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embeddings = _langchain_embeddings()
    documents = [
        Document(page_content=text, metadata={"position": position})
        for position, text in enumerate(place.texts())
    ]
    started = time.perf_counter()
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = splitter.split_documents(documents)
    Chroma.from_documents(chunks, embeddings, persist_directory=str(place.index_of(LANGCHAIN)))
    return Indexed(time.perf_counter() - started, {})


def _open_langchain(place: Place) -> Ask:
    from langchain_chroma import Chroma

    store = Chroma(
        persist_directory=str(place.index_of(LANGCHAIN)), embedding_function=_langchain_embeddings()
    )
    retriever = store.as_retriever(search_kwargs={"k": LIMIT})
    return lambda question: Found([each.metadata["position"] for each in retriever.invoke(question)])


def _langchain_embeddings() -> Any:
    from langchain_huggingface import HuggingFaceEmbeddings

    return HuggingFaceEmbeddings(model_name=_model(), encode_kwargs={"normalize_embeddings": True})


def _index_llamaindex(place: Place) -> Indexed:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    model = HuggingFaceEmbedding(model_name=_model())
    # The position as an id, since metadata would be embedded with the text.
    documents = [Document(text=text, id_=str(position)) for position, text in enumerate(place.texts())]
    started = time.perf_counter()
    index = VectorStoreIndex.from_documents(documents, embed_model=model)
    index.storage_context.persist(persist_dir=str(place.index_of(LLAMAINDEX)))
    return Indexed(time.perf_counter() - started, {})


def _open_llamaindex(place: Place) -> Ask:
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    storage = StorageContext.from_defaults(persist_dir=str(place.index_of(LLAMAINDEX)))
    index = load_index_from_storage(storage, embed_model=HuggingFaceEmbedding(model_name=_model()))
    retriever = index.as_retriever(similarity_top_k=LIMIT)
    return lambda question: Found([int(each.node.ref_doc_id) for each in retriever.retrieve(question)])


def _index_haystack(place: Place) -> Indexed:
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
    )

    embedder = SentenceTransformersDocumentEmbedder(model=_model(), progress_bar=False)
    embedder.warm_up()
    documents = [Document(id=str(position), content=text) for position, text in enumerate(place.texts())]
    place.index_of(HAYSTACK).mkdir()
    started = time.perf_counter()
    store = InMemoryDocumentStore()
    store.write_documents(embedder.run(documents)["documents"])
    store.save_to_disk(str(_haystack_file(place)))
    return Indexed(time.perf_counter() - started, {})


def _open_haystack(place: Place) -> Ask:
    from haystack import Pipeline
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore.load_from_disk(str(_haystack_file(place)))
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=_model(), progress_bar=False))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=LIMIT))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    pipeline.warm_up()

    def find(question: str) -> Found:
        found = pipeline.run({"embedder": {"text": question}})["retriever"]["documents"]
        return Found([int(each.id) for each in found])

    return find


def _haystack_file(place: Place) -> Path:
    return place.index_of(HAYSTACK) / "documents.json"


def _model() -> str:
    """The folder of the weights, which are the same for all."""
    from ingest.packaged_model import packaged_folder

    return str(packaged_folder())


INDEX: Mapping[str, Callable[[Place], Indexed]] = {
    OURS: _index_ours,
    LANGCHAIN: _index_langchain,
    LLAMAINDEX: _index_llamaindex,
    HAYSTACK: _index_haystack,
}
"""How each makes its index."""

OPEN: Mapping[str, Callable[[Place], Ask]] = {
    OURS: _open_ours,
    OURS_RETRIEVAL: _open_retrieval,
    LANGCHAIN: _open_langchain,
    LLAMAINDEX: _open_llamaindex,
    HAYSTACK: _open_haystack,
}
"""How each is opened; it returns when questions can be asked."""
