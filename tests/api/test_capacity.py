from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar

import pytest

from api.capacity import Busy, Capacity, Stopping, TooSlow, aside

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


def test_one_that_stands_aside_lets_another_be_worked_on_and_then_waits_for_its_turn(
    gate: threading.Event,
) -> None:
    async def main() -> None:
        capacity = Capacity(at_once=1, threads=2)
        told: list[str] = []
        is_aside = threading.Event()

        def waits_for_a_model() -> None:
            with aside():
                is_aside.set()
                gate.wait(10)
            told.append("the one that waited")

        def works() -> None:
            assert is_aside.wait(10)
            gate.set()
            time.sleep(0.05)  # the other could go on now, if it did not have to wait
            told.append("the one that worked")

        try:
            first, second = capacity.place(), capacity.place()
            for place in (first, second):
                place.take()
            await asyncio.gather(first.begin(waits_for_a_model), second.begin(works))
        finally:
            capacity.close()
        assert told == ["the one that worked", "the one that waited"]

    asyncio.run(main())


def test_with_more_threads_no_more_replies_are_worked_on_at_once() -> None:
    async def main() -> None:
        capacity = Capacity(at_once=2, threads=8)
        lock, at_work, most = threading.Lock(), [0], [0]

        def work() -> None:
            with lock:
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
            time.sleep(0.02)
            with lock:
                at_work[0] -= 1

        try:
            places = [capacity.place() for _ in range(8)]
            for place in places:
                place.take()
            await asyncio.gather(*(place.begin(work) for place in places))
        finally:
            capacity.close()
        assert most == [2]

    asyncio.run(main())


def test_one_that_left_while_it_waited_for_its_turn_is_not_worked_on(gate: threading.Event) -> None:
    async def main() -> None:
        capacity = Capacity(at_once=1, threads=2)
        begun = threading.Event()
        done: list[str] = []

        def holds_up() -> None:
            begun.set()
            gate.wait(10)

        try:
            first, second, third = (capacity.place() for _ in range(3))
            for place in (first, second, third):
                place.take()
            working = first.begin(holds_up)
            await asyncio.to_thread(begun.wait, 10)
            second.begin(lambda: done.append("left"))
            second.leave()
            last = third.begin(lambda: done.append("stayed"))
            gate.set()
            await asyncio.gather(working, last)
        finally:
            capacity.close()
        assert done == ["stayed"]

    asyncio.run(main())


def test_to_stand_aside_means_nothing_outside_of_such_work() -> None:
    with aside():
        pass
