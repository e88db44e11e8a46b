"""How many replies are worked on at a time, how many wait for their turn, and how long each may take.

Answering keeps a processor busy, so that few replies are worked on at once: as many as make a good batch of
questions to embed. One that only waits for a language model stands ``aside``: others are worked on meanwhile,
each in a thread of its own.

A request takes a ``Place`` before its work and has it until there is an outcome or its client has gone. Work
that waits is dropped when its place is left. Work that a thread has begun runs to its end, for threads cannot
be stopped, but nobody waits for it any more and its result is dropped.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")

AT_ONCE = 6
"""Replies worked on at a time: more than processors, for those that wait for the vector of their question are
embedded together. Of eight clients over HTTP 51 were answered a second (median of 4 x 80, two busy cores), 42
by two at a time, 47 by four, and 52 by eight."""

THREADS_WITH_MODEL = 32
"""Replies under way at a time where they wait for a language model: six in work, the others aside."""

WAITING = 64
"""Replies that may wait. At 50 ms a reply the last of them waits for some two seconds."""

REPLY_SECONDS = 30.0
"""The longest that a client waits for a reply, the time before its turn included."""

GRACE_SECONDS = 8.0
"""How long replies may go on once the server has been told to stop; uvicorn cuts connections after ten."""


_working: ContextVar[threading.Semaphore | None] = ContextVar("working", default=None)
"""What the work in this context holds one of while it keeps a processor busy."""


@contextmanager
def aside() -> Iterator[None]:
    """Lets another reply be worked on until the block ends, and then waits for its turn again.

    Outside of the work of a ``Capacity`` it does nothing.
    """
    working = _working.get()
    if working is None:
        yield
        return
    working.release()
    try:
        yield
    finally:
        working.acquire()


class Unavailable(Exception):
    """The reply cannot be given now, but may be given in ``retry_after`` seconds."""

    retry_after = 2


class Busy(Unavailable):
    """As many replies are waiting as may wait."""

    def __init__(self) -> None:
        super().__init__("Too many questions are waiting to be answered. Try again in a moment.")


class TooSlow(Unavailable):
    """The time for a reply is over."""

    retry_after = 10

    def __init__(self) -> None:
        super().__init__("The reply took too long and was given up. Try again in a moment.")


class Stopping(Unavailable):
    """The server has been told to stop."""

    retry_after = 10

    def __init__(self) -> None:
        super().__init__("The server is being stopped. Try again in a moment.")


class Capacity:
    """The threads that work on replies, and the places of those that wait for one.

    For one event loop: only the work itself leaves its thread. ``at_once`` replies are worked on at a time;
    of more ``threads`` than these, the others wait for their turn or stand aside.
    """

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        threads: int | None = None,
        waiting: int = WAITING,
        reply_seconds: float = REPLY_SECONDS,
    ) -> None:
        threads = threads or at_once
        self.reply_seconds = reply_seconds
        self._most = threads + waiting
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reply")
        self._working = threading.BoundedSemaphore(at_once)
        self._taken: set[Place] = set()
        self._is_stopping = False

    def place(self) -> Place:
        """A place that is not taken yet."""
        return Place(self)

    @property
    def taken(self) -> int:
        """How many replies are being worked on or waited for."""
        return len(self._taken)

    def admit(self, place: Place) -> None:
        """Raises: Busy, Stopping."""
        if self._is_stopping:
            raise Stopping
        if len(self._taken) >= self._most:
            raise Busy
        self._taken.add(place)

    def release(self, place: Place) -> None:
        """Gives a place back; one that was not taken is none."""
        self._taken.discard(place)

    def submit(self, work: Callable[[], T], is_wanted: Callable[[], bool]) -> Future[T]:
        """Work for the next free thread, with the context variables of the caller.

        It is dropped where it is wanted no more when its turn comes: nobody sees that the future fails.
        """

        def in_turn() -> T:
            with self._working:
                if not is_wanted():
                    raise CancelledError
                _working.set(self._working)
                return work()

        return self._threads.submit(copy_context().run, in_turn)

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Admits nobody any more, and gives up what is not done when the grace is over."""
        self._is_stopping = True
        asyncio.get_running_loop().call_later(grace_seconds, self._give_up)

    def close(self) -> None:
        """Ends the threads, each after the work it has begun."""
        self._give_up()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _give_up(self) -> None:
        for place in tuple(self._taken):
            place.fail(Stopping())


class Place:
    """One client's place, from when it is taken until there is an outcome or it is left."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._outcome: asyncio.Future[Any] | None = None
        self._work: Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def take(self) -> None:
        """Takes the place; from now on the time for the reply runs.

        Raises:
            Busy: too many are waiting.
            Stopping: the server is being stopped.
        """
        self._capacity.admit(self)
        loop = asyncio.get_running_loop()
        self._outcome = loop.create_future()
        self._outcome.add_done_callback(self._end)
        self._timer = loop.call_later(self._capacity.reply_seconds, self.fail, TooSlow())

    def begin(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """What ``work`` will return or raise; TooSlow or Stopping where that takes too long."""
        loop, outcome = asyncio.get_running_loop(), self._outcome
        if outcome is None:
            raise RuntimeError("take() comes before begin()")

        def hand_over(done: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop is closed: there is nobody left to tell
                loop.call_soon_threadsafe(_settle, outcome, done)

        if not outcome.done():
            self._work = self._capacity.submit(work, self.is_wanted)
            self._work.add_done_callback(hand_over)
        return outcome

    def is_wanted(self) -> bool:
        """Whether somebody still waits for the outcome. May be asked from the working thread."""
        return self._outcome is not None and not self._outcome.done()

    def fail(self, error: Exception) -> None:
        """Ends the waiting with this error, if there still is any."""
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_exception(error)
        if self._work is not None:
            self._work.cancel()

    def leave(self) -> None:
        """Gives the place back and drops what is not done. Leaving twice is fine."""
        self._capacity.release(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._outcome is not None:
            self._outcome.cancel()
        if self._work is not None:
            self._work.cancel()

    def _end(self, outcome: asyncio.Future[Any]) -> None:
        # Not only when it is left: a client that reads its reply slowly must not keep others waiting.
        self._capacity.release(self)
        if self._timer is not None:
            self._timer.cancel()
        if not outcome.cancelled():
            outcome.exception()  # is seen now: asyncio would log one that nobody waits for any more


def _settle(outcome: asyncio.Future[T], work: Future[T]) -> None:
    if outcome.done() or work.cancelled():
        return
    if (error := work.exception()) is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(work.result())
