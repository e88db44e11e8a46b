from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar

import pytest

from api.capacity import Busy, Capacity, Stopping, TooSlow

NAME: ContextVar[str] = ContextVar("NAME", default="nobody")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Holds up work; opened when the test is over, so that no thread is left."""
    gate = threading.Event()
    yield gate
    gate.set()


def run(
    test: Callable[[Capacity], Awaitable[None]], *, waiting: int = 1, reply_seconds: float = 10.0
) -> None:
    async def main() -> None:
        capacity = Capacity(at_once=1, waiting=waiting, reply_seconds=reply_seconds)
        try:
            await test(capacity)
        finally:
            capacity.close()

    asyncio.run(main())


def test_work_is_done_in_a_thread_with_the_context_of_its_request() -> None:
    async def test(capacity: Capacity) -> None:
        place = capacity.place()
        place.take()
        NAME.set("request 7")
        found = await place.begin(lambda: (NAME.get(), threading.current_thread().name))

        assert found[0] == "request 7"
        assert found[1].startswith("reply")

    run(test)


def test_what_the_work_raises_is_raised() -> None:
    async def test(capacity: Capacity) -> None:
        place = capacity.place()
        place.take()
        with pytest.raises(ZeroDivisionError):
            await place.begin(lambda: 1 / 0)

    run(test)


def test_who_finds_all_places_taken_is_told_at_once(gate: threading.Event) -> None:
    async def test(capacity: Capacity) -> None:
        places = [capacity.place() for _ in range(3)]
        places[0].take()
        places[0].begin(gate.wait)
        places[1].take()
        with pytest.raises(Busy):
            places[2].take()
        assert capacity.taken == 2

        places[1].leave()
        places[2].take()
        assert capacity.taken == 2
        places[0].leave()
        places[2].leave()
        places[2].leave()
        assert capacity.taken == 0

    run(test)


def test_a_place_is_free_again_once_there_is_an_outcome_however_long_the_client_takes_to_read_it() -> None:
    async def test(capacity: Capacity) -> None:
        place = capacity.place()
        place.take()
        await place.begin(lambda: "reply")
        await asyncio.sleep(0)

        assert capacity.taken == 0
        place.leave()

    run(test)


def test_work_that_waits_is_not_begun_once_its_client_has_left(gate: threading.Event) -> None:
    begun: list[str] = []

    async def test(capacity: Capacity) -> None:
        first, second, third = (capacity.place() for _ in range(3))
        first.take()
        outcome = first.begin(gate.wait)
        second.take()
        second.begin(lambda: begun.append("second"))
        third.take()
        last = third.begin(lambda: begun.append("third"))

        second.leave()
        gate.set()
        await outcome
        await last

    run(test, waiting=2)
    assert begun == ["third"]


def test_work_learns_that_its_client_has_left(gate: threading.Event) -> None:
    seen: list[bool] = []
    begun, done = threading.Event(), threading.Event()

    async def test(capacity: Capacity) -> None:
        place = capacity.place()

        def work() -> None:
            seen.append(place.is_wanted())
            begun.set()
            gate.wait(10)
            seen.append(place.is_wanted())
            done.set()

        place.take()
        place.begin(work)
        assert await asyncio.to_thread(begun.wait, 10)
        place.leave()
        gate.set()
        assert await asyncio.to_thread(done.wait, 10)

    run(test)
    assert seen == [True, False]


def test_a_reply_that_takes_too_long_is_given_up(gate: threading.Event) -> None:
    async def test(capacity: Capacity) -> None:
        place = capacity.place()
        place.take()
        with pytest.raises(TooSlow):
            await place.begin(gate.wait)
        assert not place.is_wanted()

    run(test, reply_seconds=0.02)


def test_the_time_before_its_turn_counts(gate: threading.Event) -> None:
    begun = threading.Event()

    async def test(capacity: Capacity) -> None:
        first, second = capacity.place(), capacity.place()
        first.take()
        first.begin(gate.wait)
        second.take()
        with pytest.raises(TooSlow):
            await second.begin(begun.set)
        gate.set()

    run(test, reply_seconds=0.02)
    assert not begun.is_set()


def test_once_told_to_stop_it_admits_nobody_and_gives_up_what_is_not_done_in_time(
    gate: threading.Event,
) -> None:
    async def test(capacity: Capacity) -> None:
        slow, late = capacity.place(), capacity.place()
        slow.take()
        outcome = slow.begin(gate.wait)
        capacity.stop(grace_seconds=0.02)
        with pytest.raises(Stopping):
            late.take()
        with pytest.raises(Stopping):
            await outcome

    run(test)


def test_what_is_done_within_the_grace_is_delivered(gate: threading.Event) -> None:
    async def test(capacity: Capacity) -> None:
        place = capacity.place()
        place.take()
        outcome = place.begin(gate.wait)
        capacity.stop(grace_seconds=10)
        gate.set()
        assert await outcome is True

    run(test)


def test_a_place_has_to_be_taken_before_work_begins() -> None:
    async def test(capacity: Capacity) -> None:
        with pytest.raises(RuntimeError, match="take"):
            capacity.place().begin(list)

    run(test)


def test_an_error_that_nobody_waits_for_is_not_complained_about(caplog: pytest.LogCaptureFixture) -> None:
    async def test(capacity: Capacity) -> None:
        place = capacity.place()
        place.take()
        outcome = place.begin(lambda: 1 / 0)
        await asyncio.wait({outcome})
        place.leave()

    run(test)
    assert caplog.text == ""
