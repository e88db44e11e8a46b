"""The vectors of questions, embedded in a thread of their own, together where several come at a time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .embedding import Embedder

KEPT = 1_000
"""Questions whose vectors are kept: 1.5 MB."""
WAITING = 64
"""Questions that may wait to be embedded; who asks for one more waits until there is room."""
TOGETHER = 4
"""Questions embedded at a time: eight took no less time each (5.5 and 6.2 ms, 6.7 ms one by one)."""

Vector = NDArray[np.float32]
Awaited = Callable[[], Vector]
"""The vector of a question, waited for where it is called and not before."""


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    vector: Future[Vector]


class QuestionVectors:
    """Embeds questions; those that come while others are embedded make the next batch, and none waits longer.

    What is being embedded, or was lately, is not embedded again. May be used by several threads, and by the
    assistants of several generations. Its thread begins with the first question, and ends with it.
    """

    def __init__(
        self, embedder: Embedder, *, kept: int = KEPT, waiting: int = WAITING, together: int = TOGETHER
    ) -> None:
        self._embedder = embedder
        self._kept = kept
        self._most_waiting = waiting
        self._together = together
        self._known: OrderedDict[str, Future[Vector]] = OrderedDict()
        self._waiting: list[_Asked] = []
        self._changed = threading.Condition()
        self._is_working = False
        # An executor ends its thread when it is no longer referred to, and before Python ends.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedding")

    def expect(self, *texts: str) -> None:
        """Begin to embed texts, together, that will probably be asked for; waits for nothing.

        Does nothing where too many are waiting. What goes wrong is told to those who ask for the text.
        """
        with self._changed:
            begun = False
            for text in texts:
                if text not in self._known and self._has_room():
                    self._begin(text)
                    begun = True
            if not begun:
                return
        # Lets go of the interpreter, which the other thread would otherwise get when this one has to wait.
        time.sleep(0)

    def of(self, text: str) -> Vector:
        """Return the vector of a text, of length 1, shape (dimensions,), not to be written to.

        Raises:
            Exception: as the embedder, to all who wait for the text; the next one has it tried again.
            RuntimeError: it was closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: text in self._known or self._has_room())
            vector = self._known.get(text) or self._begin(text)
            self._known.move_to_end(text)
        return vector.result()

    def close(self) -> None:
        """End the thread when it has embedded what waits; what is kept can still be asked for."""
        self._thread.shutdown(wait=True)

    def _has_room(self) -> bool:
        return len(self._waiting) < self._most_waiting

    def _begin(self, text: str) -> Future[Vector]:
        if not self._is_working:
            self._thread.submit(self._work)
            self._is_working = True
        vector = self._known[text] = Future()
        self._waiting.append(_Asked(text, vector))
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
        return vector

    def _work(self) -> None:
        """Embed batch after batch until none is left."""
        while batch := self._next():
            try:
                vectors = self._embedder.embed([asked.text for asked in batch])
                vectors.setflags(write=False)
                made = list(zip(batch, vectors, strict=True))
            except BaseException as error:  # noqa: BLE001 - as a tokenizer panics; untold it is waited for
                self._fail(batch, error)
            else:
                for asked, vector in made:
                    asked.vector.set_result(vector)

    def _next(self) -> Sequence[_Asked]:
        with self._changed:
            batch, self._waiting = self._waiting[: self._together], self._waiting[self._together :]
            self._is_working = bool(batch)
            self._changed.notify_all()
        return batch

    def _fail(self, batch: Sequence[_Asked], error: BaseException) -> None:
        with self._changed:
            for asked in batch:
                if self._known.get(asked.text) is asked.vector:
                    del self._known[asked.text]
        for asked in batch:
            asked.vector.set_exception(error)
