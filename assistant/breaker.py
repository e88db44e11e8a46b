"""Leaves a server alone for a while that has failed several times in a row."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 5
"""In a row, after which it opens. Two people's questions, each asked three times, are about as many."""

REST_SECONDS = 30.0
"""How long nothing is tried. A server that is restarted, or a model that is loaded, takes about as long."""


class Breaker:
    """Closed at first, and open after ``failures`` in a row. Safe across threads.

    While it is open one call is let through every ``rest_seconds``; the first that succeeds closes it.
    """

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        rest_seconds: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        return self._in_a_row >= self._most

    def lets_through(self) -> bool:
        """Whether to call now; while it is open a yes counts as the one call of that time."""
        with self._lock:
            now = self._clock()
            if not self.is_open:
                return True
            if now < self._rests_until:
                return False
            self._rests_until = now + self._rest_seconds
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._in_a_row = 0

    def failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            self._rests_until = self._clock() + self._rest_seconds
