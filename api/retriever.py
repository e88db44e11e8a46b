"""``ProspectusRetriever``: the index as a LangChain retriever, for chains that people build themselves.

Importing this takes no model; the index and the embedding model are opened with the first question.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, PrivateAttr

from assistant.conversation import check_question
from ingest.errors import IngestError

from .backend import LocalBackend
from .service import Service
from .settings import load_settings

_log = logging.getLogger(__name__)


class ProspectusRetriever(BaseRetriever):
    """Finds passages as ``POST /v1/search`` does, best first; may be used by several threads.

    A newer generation of the index is taken over with the next question. The metadata of each document say
    where it stands: ``document_id``, ``title``, ``url``, ``headings`` (outermost first), ``start`` and
    ``end`` (code points of the document's canonical text, which is the quote), ``score`` (0 to 1), ``rank``
    (from 1) and ``generation``.

    ``invoke`` raises InvalidQuestion for a question without words, NotReady or IngestError where there is no
    index that can be used; their messages say what to do.
    """

    data_dir: Path | None = None
    """The folder in which the index is kept; None: the one that PROSPECTUS_DATA_DIR names."""
    embedding_model: str | None = None
    """The model that the index was built with; None: the one that PROSPECTUS_EMBEDDING_MODEL names."""
    limit: int = Field(default=10, ge=1)
    """The most passages to find."""

    _service: Service = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Settle where the index is. Raises: BadSetting."""
        named = {"data_dir": self.data_dir, "embedding_model": self.embedding_model}
        settings = load_settings().model_copy(
            update={name: value for name, value in named.items() if value is not None}
        )
        self._service = Service(LocalBackend(settings))

    def close(self) -> None:
        """Let go of the files of the index; another question opens it again."""
        self._service.close()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        question = check_question(query)
        self._refresh()
        with self._service.lease() as opened:
            hits = opened.assistant.search(question, self.limit)
            documents, generation = opened.index.documents, opened.index.generation
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata={
                    "document_id": hit.passage.document_id,
                    "title": documents[hit.passage.document_id].title,
                    "url": documents[hit.passage.document_id].url,
                    "headings": list(hit.passage.headings),
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                    "score": hit.score,
                    "rank": hit.rank,
                    "generation": generation,
                },
            )
            for hit in hits
        ]

    def _refresh(self) -> None:
        try:
            self._service.refresh()
        except IngestError as error:
            if self._service.generation is None:
                raise
            _log.warning("The new index cannot be used, the one before goes on answering: %s", error)
