from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from ingest.embedding import Embedder
from ingest.onnx_model import _batches
from ingest.question_vectors import QuestionVectors
from ingest.reference_model import load_reference

SECONDS = 10.0


class Gated:
    """Embeds a text as its length, when it is let through; notes the batches that it was given."""

    name, fingerprint, runtime = "gated", "f" * 64, "a test"
    dimensions = 2

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[threading.Thread] = set()
        self.begun = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)
        self.failure: BaseException | None = None

    def embed(self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None) -> Any:
        self.batches.append(list(texts))
        self.threads.add(threading.current_thread())
        self.begun.release()
        assert self.gate.acquire(timeout=SECONDS)
        if self.failure is not None:
            raise self.failure
        return np.array([[len(text), 0] for text in texts], dtype=np.float32)

    def let_through(self, batches: int = 1) -> None:
        self.gate.release(batches)

    def is_asked(self) -> bool:
        return self.begun.acquire(timeout=SECONDS)


@pytest.fixture
def embedder() -> Gated:
    return Gated()


@contextmanager
def asked(vectors: QuestionVectors, texts: Sequence[str]) -> Iterator[list[Any]]:
    """Each text asked for by a thread of its own, as futures."""
    with ThreadPoolExecutor(len(texts)) as pool:
        yield [pool.submit(vectors.of, text) for text in texts]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Waits for another thread, which cannot be asked whether it waits itself."""
    patience = threading.Event()
    for _ in range(int(SECONDS / 0.002)):
        if is_so():
            return
        patience.wait(0.002)
    raise AssertionError("it did not come to that")


def test_questions_that_come_while_one_is_embedded_make_one_batch(embedder: Gated) -> None:
    vectors = QuestionVectors(embedder)
    vectors.expect("a")
    assert embedder.is_asked()
    with asked(vectors, ["bb", "ccc", "dddd"]) as waiting:
        wait_until(lambda: len(vectors._waiting) == 3)
        embedder.let_through(2)
        lengths = [float(each.result(SECONDS)[0]) for each in waiting]
    assert lengths == [2, 3, 4]
    assert [sorted(batch) for batch in embedder.batches] == [["a"], ["bb", "ccc", "dddd"]]
    vectors.close()


def test_a_batch_holds_no_more_than_it_may(embedder: Gated) -> None:
    vectors = QuestionVectors(embedder, together=2)
    vectors.expect("first")
    assert embedder.is_asked()
    for text in ("a", "b", "c"):
        vectors.expect(text)
    embedder.let_through(3)
    assert vectors.of("c")[0] == 1
    assert embedder.batches == [["first"], ["a", "b"], ["c"]]
    vectors.close()


def test_what_is_expected_is_begun_before_anybody_waits_for_it(embedder: Gated) -> None:
    vectors = QuestionVectors(embedder)
    vectors.expect("a question")
    assert embedder.is_asked()
    embedder.let_through()
    assert vectors.of("a question")[0] == 10
    assert embedder.batches == [["a question"]]
    vectors.close()


def test_a_text_on_its_way_is_not_embedded_a_second_time(embedder: Gated) -> None:
    vectors = QuestionVectors(embedder)
    with asked(vectors, ["the same"] * 5) as waiting:
        assert embedder.is_asked()
        vectors.expect("the same")
        embedder.let_through()
        assert {float(each.result(SECONDS)[0]) for each in waiting} == {8}
    vectors.of("the same")
    assert embedder.batches == [["the same"]]
    vectors.close()


def test_what_was_not_asked_for_longest_is_forgotten(embedder: Gated) -> None:
    vectors = QuestionVectors(embedder, kept=2)
    embedder.let_through(4)
    for text in ("a", "b", "a", "c", "a", "b"):
        vectors.of(text)
    assert embedder.batches == [["a"], ["b"], ["c"], ["b"]]
    vectors.close()


class Panic(BaseException):
    """As a tokenizer raises it: no Exception."""


@pytest.mark.parametrize("failure", [ValueError("no such model"), Panic()])
def test_a_failure_reaches_all_who_wait_and_is_not_kept(embedder: Gated, failure: BaseException) -> None:
    vectors = QuestionVectors(embedder)
    vectors.expect("first")
    assert embedder.is_asked()
    with asked(vectors, ["one", "one", "two"]) as waiting:
        wait_until(lambda: len(vectors._waiting) == 2)
        embedder.let_through()
        assert vectors.of("first")[0] == 5
        assert embedder.is_asked()
        embedder.failure = failure
        embedder.let_through()
        assert [each.exception(SECONDS) for each in waiting] == [failure] * 3
    embedder.failure = None
    embedder.let_through()
    assert vectors.of("one")[0] == 3
    vectors.close()


def test_an_embedder_that_leaves_out_a_vector_is_no_endless_wait(embedder: Gated) -> None:
    embedder.embed = lambda texts, on_progress=None: np.zeros((0, 2), dtype=np.float32)  # type: ignore[method-assign]
    vectors = QuestionVectors(embedder)
    with pytest.raises(ValueError, match="shorter"):
        vectors.of("a")
    vectors.close()


def test_where_many_wait_the_next_one_waits_for_room_and_nothing_is_begun_on_a_guess(embedder: Gated) -> None:
    vectors = QuestionVectors(embedder, waiting=2, together=1)
    vectors.expect("being embedded")
    assert embedder.is_asked()
    for text in ("a", "b", "a guess"):
        vectors.expect(text)
    with asked(vectors, ["c"]) as waiting:
        embedder.let_through(4)
        waiting[0].result(SECONDS)
    assert embedder.batches == [["being embedded"], ["a"], ["b"], ["c"]]
    vectors.close()


def test_closing_waits_for_what_was_begun_and_ends_the_thread(embedder: Gated) -> None:
    vectors = QuestionVectors(embedder)
    vectors.expect("a")
    assert embedder.is_asked()
    embedder.let_through()
    vectors.close()
    assert vectors.of("a")[0] == 1
    with pytest.raises(RuntimeError, match="shutdown"):
        vectors.of("b")
    with pytest.raises(RuntimeError, match="shutdown"):
        vectors.of("b")  # and not without end
    assert not any(thread.is_alive() for thread in embedder.threads)


def test_the_thread_ends_with_the_last_reference(embedder: Gated) -> None:
    embedder.let_through()
    vectors = QuestionVectors(embedder)
    vectors.of("a")
    del vectors
    gc.collect()
    (thread,) = embedder.threads
    thread.join(SECONDS)
    assert not thread.is_alive()


QUESTIONS = (
    "Fees?",
    "What is the tuition fee for students from outside the EU?",
    "How long is the programme?",
    "Which documents do I have to send with my application, in which language, and by which day of the year "
    "if I would like to begin in September, and where do I send them?",
)


@pytest.mark.parametrize("is_reference", [False, True])
def test_a_vector_is_the_same_alone_and_in_a_batch(minilm: Embedder, is_reference: bool) -> None:
    embedder = load_reference() if is_reference else minilm
    alone = np.vstack([embedder.embed([question]) for question in QUESTIONS])
    vectors = QuestionVectors(embedder)
    for question in QUESTIONS:
        vectors.expect(question)
    together = np.vstack([vectors.of(question) for question in QUESTIONS])
    vectors.close()
    assert (alone * together).sum(axis=1).min() > 0.999999


def test_a_short_question_is_not_padded_to_the_length_of_a_long_one() -> None:
    tokens = [np.arange(length) for length in (9, 200, 12, 110, 5)]
    assert list(_batches(tokens)) == [[1, 3], [2, 0], [4]]
