"""Small real stand-ins for the index, the assistant and the backend, for tests of the ways in."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.backend import OnProgress, OpenGeneration
from api.chat_model import ChatModel
from assistant.conversation import Turn, check_question
from assistant.reply import Citation, Notice, Outcome, Reply, Sentence
from assistant.retrieval import Hit
from ingest.changes import Changes
from ingest.documents import Document, Passage
from ingest.errors import IndexMissing, NoDocuments, UnreadableFile
from ingest.generations import Refusal
from ingest.pipeline import IngestOptions, IngestReport

TEXT = "Fees\n\nTuition for international students is 18,690 EUR per year.\n\nThe fee for 2023 was lower."
QUOTE = "Tuition for international students is 18,690 EUR per year."
OLD_QUOTE = "The fee for 2023 was lower."

DOCUMENT = Document(
    id="medical-imaging-msc",
    title="Medical Imaging MSc",
    url="https://example.org/medical-imaging",
    publisher="Utrecht University",
    language="en",
    text=TEXT,
    modified_on=date(2024, 3, 1),
)
PASSAGE = Passage("p1", DOCUMENT.id, 6, 6 + len(QUOTE), QUOTE, ("Fees",))


class FakeEmbedder:
    name = "fake"
    fingerprint = "f" * 64
    runtime = "a test"
    dimensions = 2

    def embed(self, texts: Sequence[str], *, on_progress: object = None) -> NDArray[np.float32]:
        return np.tile(np.array([1, 0], dtype=np.float32), (len(texts), 1))


class FakeIndex:
    """One document. Answers no more once it is closed, as a real one."""

    def __init__(self, generation: str, cosine: float = 1.0) -> None:
        self.generation = generation
        self.built_at = datetime(2026, 11, 23, tzinfo=UTC)
        self.documents: Mapping[str, Document] = {DOCUMENT.id: DOCUMENT}
        self.passages: Sequence[Passage] = [PASSAGE]
        self.is_closed = False
        self._cosine = cosine

    def dense(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        self.check_open()
        return [(0, self._cosine)]

    def close(self) -> None:
        self.check_open()
        self.is_closed = True

    def check_open(self) -> None:
        if self.is_closed:
            raise RuntimeError(f"generation {self.generation} is closed")


@dataclass
class FakeAssistant:
    """Always answers with the fee, and remembers how it was asked.

    With a ``gate`` it waits for it in the middle of a reply; ``started`` then counts the replies begun.
    """

    index: FakeIndex
    asked: list[tuple[str, tuple[Turn, ...], Mapping[str, str] | None, str | None]] = field(
        default_factory=list
    )
    pages: list[str | None] = field(default_factory=list)
    gate: threading.Event | None = None
    started: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    failure: Exception | None = None

    def reply(
        self,
        message: str,
        *,
        history: Sequence[Turn] = (),
        profile: Mapping[str, str] | None = None,
        language: str | None = None,
        page: str | None = None,
    ) -> Reply:
        check_question(message)
        self.asked.append((message, tuple(history), profile, language))
        self.pages.append(page)
        self.started.release()
        if self.gate is not None:
            self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        self.index.check_open()
        return a_reply(self.index.generation, question=f"{message} (turn {len(history) + 1})")

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        self.index.check_open()
        return [Hit(PASSAGE, 0.75, 1, 0)][:limit]


@dataclass
class FakeBackend:
    """A data directory in memory: ``published`` is the pointer, ``opened`` what was opened from it."""

    published: str | None = "g1"
    opened: list[OpenGeneration] = field(default_factory=list)
    ingested: list[Path | str] = field(default_factory=list)
    options: list[IngestOptions] = field(default_factory=list)
    gate: threading.Event | None = None
    failure: Exception | None = None
    opening_fails_with: Exception | None = None
    refusal: Refusal | None = None
    cosine: float = 1.0
    unreadable: tuple[UnreadableFile, ...] = ()
    changes: Changes = field(default_factory=Changes)
    chat_model: ChatModel | None = None

    def current_generation(self) -> str | None:
        return self.published

    def open(self) -> OpenGeneration:
        if self.opening_fails_with is not None:
            raise self.opening_fails_with
        if self.published is None:
            raise IndexMissing("There is no index in .prospectus. Run `prospectus ingest`.")
        index = FakeIndex(self.published, self.cosine)
        opened = OpenGeneration(index, FakeAssistant(index, gate=self.gate, failure=self.failure))
        self.opened.append(opened)
        return opened

    def open_usable(self) -> OpenGeneration:
        return self.open() if self.refusal is None else replace(self.open(), refusal=self.refusal)

    def ingest(
        self,
        places: Sequence[Path | str],
        *,
        options: IngestOptions | None = None,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        if not any("://" in str(place) or Path(place).exists() for place in places):
            raise NoDocuments("Nothing could be read; the index is as it was.")
        if on_progress is not None:
            on_progress("embedding", 1, 1)
        self.ingested += places
        self.options.append(options or IngestOptions())
        self.published = "built"
        return IngestReport(
            generation="built",
            documents=1,
            passages=1,
            units=2,
            reused=0,
            unreadable=self.unreadable,
            seconds=0.25,
            changed=True,
            changes=self.changes,
        )

    def embedder(self) -> FakeEmbedder:
        return FakeEmbedder()

    @property
    def assistant(self) -> FakeAssistant:
        """The one opened last."""
        found = self.opened[-1].assistant
        if not isinstance(found, FakeAssistant):
            raise TypeError(found)
        return found


def a_reply(generation: str = "g1", question: str = "What is the fee?") -> Reply:
    """Two cited sentences, a framing one and a notice."""
    return Reply(
        outcome=Outcome.ANSWERED,
        question=question,
        text=f"Here is what the page says. {QUOTE} [1] {OLD_QUOTE} [2][1]",
        sentences=(
            Sentence("Here is what the page says."),
            Sentence(QUOTE, (1,)),
            Sentence(OLD_QUOTE, (2, 1)),
        ),
        citations=(_citation(1, QUOTE), _citation(2, OLD_QUOTE)),
        notices=(Notice("outdated", "The page was last changed in 2024.", (2,)),),
        suggestions=("What are the deadlines?",),
        generation=generation,
    )


def _citation(number: int, quote: str) -> Citation:
    start = TEXT.index(quote)
    return Citation(
        number=number,
        document_id=DOCUMENT.id,
        title=DOCUMENT.title,
        url=DOCUMENT.url,
        deep_link=f"{DOCUMENT.url}#:~:text=quote{number}",
        headings=("Fees",),
        quote=quote,
        start=start,
        end=start + len(quote),
        modified_on=DOCUMENT.modified_on,
    )
