"""What every way in stands on: the index, the embedding model and the assistant, behind one protocol.

``LocalBackend`` is the real one. It imports the libraries that take seconds to load only when a method needs
them, so that ``prospectus --help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ingest.errors import NoDocuments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from assistant.conversation import Turn
    from assistant.generation import Writer
    from assistant.reply import Reply
    from assistant.retrieval import Hit
    from ingest.documents import Document, Passage
    from ingest.embedding import Embedder
    from ingest.generations import Refusal
    from ingest.index import Index
    from ingest.pipeline import IngestOptions, IngestReport, Removed
    from ingest.question_vectors import QuestionVectors

    from .chat_model import ChatModel
    from .settings import Settings

OnProgress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is (0: not known yet)."""


class OpenIndex(Protocol):
    """One immutable generation of the index, open for reading."""

    @property
    def generation(self) -> str: ...
    @property
    def built_at(self) -> datetime: ...
    @property
    def documents(self) -> Mapping[str, Document]: ...
    @property
    def passages(self) -> Sequence[Passage]: ...
    def dense(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]: ...
    def close(self) -> None: ...


class Answering(Protocol):
    """Answers questions from one generation. Safe to call from several threads at a time."""

    def reply(
        self,
        message: str,
        *,
        history: Sequence[Turn] = (),
        profile: Mapping[str, str] | None = None,
        language: str | None = None,
        page: str | None = None,
    ) -> Reply: ...
    def search(self, query: str, limit: int = 10) -> Sequence[Hit]: ...


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    """An open index and the assistant that answers from it.

    ``refusal`` says why it is not the published one; None where it is. ``quoting`` is the assistant without a
    language model, None where it has none anyway.
    """

    index: OpenIndex
    assistant: Answering
    refusal: Refusal | None = None
    quoting: Answering | None = None


class Backend(Protocol):
    """Opens and builds the index of one data directory."""

    @property
    def chat_model(self) -> ChatModel | None:
        """The language model that replies are written with, None where they are quotes."""

    def current_generation(self) -> str | None:
        """The id of the published generation, None before the first ingest. Cheap: called every second."""

    def open(self) -> OpenGeneration:
        """The published generation, opened. Raises: IndexUnusable, EmbeddingModelError."""

    def open_usable(self) -> OpenGeneration:
        """The published generation or, where it is damaged, the one before it; the newest that is whole.

        Raises: IndexUnusable, EmbeddingModelError.
        """

    def ingest(
        self,
        places: Sequence[Path | str],
        *,
        options: IngestOptions | None = None,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        """Builds and publishes a generation from ``places``. Raises: IngestError; what was there stays."""

    def remove(self, document_ids: Sequence[str], *, on_progress: OnProgress | None = None) -> Removed:
        """Erases documents from the index and all its generations. Raises: IngestError."""

    def rollback(self) -> str:
        """Publishes the generation before the current one; its id. Raises: IngestError."""

    def embedder(self) -> Embedder:
        """The embedding model, loaded once. Raises: EmbeddingModelError."""


class LocalBackend:
    """The index in the data directory of this machine, and the embedding model that the settings name.

    ``embedder`` takes that model's place. ``models`` is the data directory that holds prepared models, if
    it is another: nothing is written there.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        today: Callable[[], date] = date.today,
        embedder: Embedder | None = None,
        models: Path | None = None,
    ) -> None:
        self._settings = settings
        self._today = today
        self._embedder = embedder
        self._models = models or settings.data_dir
        self._is_preparing = embedder is None and models is None

    @cached_property
    def chat_model(self) -> ChatModel | None:
        from .chat_model import chat_model

        return chat_model(self._settings)

    def current_generation(self) -> str | None:
        from ingest.generations import current_generation

        return current_generation(self._settings.data_dir)

    def open(self) -> OpenGeneration:
        from ingest.index import open_current

        return self._answering(open_current(self._settings.data_dir, embedder=self._known()))

    def open_usable(self) -> OpenGeneration:
        from ingest.index import open_usable

        return self._answering(*open_usable(self._settings.data_dir, embedder=self._known()))

    def _answering(self, index: Index, refusal: Refusal | None = None) -> OpenGeneration:
        from assistant.assistant import Assistant
        from assistant.notices import Clock

        clock = Clock(self._today, self._settings.outdated_after_days)
        assistant = Assistant(
            index,
            self.embedder(),
            clock=clock,
            least_confidence=self._settings.least_confidence,
            writer=self._writer,
            vectors=self._vectors,
        )
        quoting = None if self._writer is None else assistant.without_writer()
        return OpenGeneration(index, assistant, refusal, quoting)

    @cached_property
    def _vectors(self) -> QuestionVectors:
        """Those of all generations: what embeds is the same, and a thread each would embed against others."""
        from ingest.question_vectors import QuestionVectors

        return QuestionVectors(self.embedder())

    @cached_property
    def _writer(self) -> Writer | None:
        """One for all generations: an answer that it keeps is given again to the same one only."""
        if self.chat_model is None:
            return None
        from assistant.generation import Task, Writer
        from assistant.support import SupportCheck

        tasks = frozenset(Task(each) for each in self._settings.chat_tasks)
        return Writer(
            self.chat_model, SupportCheck(self.embedder()), seconds=self.chat_model.seconds, tasks=tasks
        )

    def ingest(
        self,
        places: Sequence[Path | str],
        *,
        options: IngestOptions | None = None,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        from assistant.readings import Annotator
        from ingest.pipeline import ingest

        def prepared() -> Embedder:
            self._prepare(on_progress)
            return self.embedder()

        embedder = self._embedder or self._deferred(prepared)
        report = ingest(
            places,
            self._settings.data_dir,
            embedder,
            options=options,
            annotator=Annotator(),
            on_progress=on_progress,
        )
        if options is None or not options.is_dry_run:
            self._prepare(on_progress)  # also where there was nothing to embed
        return report

    def remove(self, document_ids: Sequence[str], *, on_progress: OnProgress | None = None) -> Removed:
        from assistant.readings import Annotator
        from ingest.pipeline import remove

        return remove(
            document_ids,
            self._settings.data_dir,
            self.embedder(),
            annotator=Annotator(),
            on_progress=on_progress,
        )

    def rollback(self) -> str:
        from ingest.generations import rollback

        return rollback(self._settings.data_dir)

    def embedder(self) -> Embedder:
        if self._embedder is None:
            from ingest.embedding import load_embedder

            self._embedder = load_embedder(self._settings.embedding_model, self._models)
        return self._embedder

    def _known(self) -> Embedder:
        """What an index is compared with; not loaded where that is known without."""
        return self._embedder or self._deferred(self.embedder)

    def _deferred(self, load: Callable[[], Embedder]) -> Embedder:
        """The embedding model, loaded when the first text is embedded: of unchanged pages there is none."""
        from ingest.embedding import deferred_embedder

        return deferred_embedder(self._settings.embedding_model, load)

    def _prepare(self, on_progress: OnProgress | None) -> None:
        from ingest.prepared_models import prepare

        if self._is_preparing:
            prepare(self._settings.embedding_model, self._models, on_progress=on_progress)


def build_first_index(
    backend: Backend, settings: Settings, *, on_progress: OnProgress | None = None
) -> IngestReport:
    """Ingests the corpus that the settings name.

    Raises:
        NoDocuments: there is nothing at that place; says how to name another.
        IngestError: as ``Backend.ingest``.
    """
    if not settings.corpus.exists():
        raise NoDocuments(
            f"There is no index in {settings.data_dir} yet, and no corpus at {settings.corpus} to build it "
            "from. Run `prospectus ingest FOLDER` on the folder of your pages, or set PROSPECTUS_CORPUS."
        )
    return backend.ingest([settings.corpus], on_progress=on_progress)
