from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from assistant.conversation import Turn
from assistant.evaluation.fixtures import Expectation, Fixture
from assistant.evaluation.run import ask_all
from assistant.reply import Reply
from ingest.documents import Document

QUOTE = "The fee is 18,690 EUR per year."


class Recorder:
    """Answers with the fee, takes as many seconds as words were asked, and remembers what it was asked."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.asked: list[tuple[str, tuple[Turn, ...]]] = []
        self.now = 0.0

    def reply(self, message: str, *, history: Sequence[Turn] = ()) -> Reply:
        if message == "Break!":
            raise ZeroDivisionError
        self.asked.append((message, tuple(history)))
        self.now += len(message.split())
        return self._reply


@pytest.fixture
def recorder(a_reply: Callable[..., Reply]) -> Recorder:
    return Recorder(a_reply((QUOTE, [QUOTE]), question="What is the fee of the MSc?"))


def a_fixture(name: str, *turns: str) -> Fixture:
    return Fixture(name, turns, Expectation.OPEN, line=7)


def test_turns_are_asked_in_order_with_their_history_and_questions_apart(
    recorder: Recorder, documents: Mapping[str, Document]
) -> None:
    ask_all([a_fixture("a", "Fee?", "And for me?"), a_fixture("b", "Dates?")], recorder, documents)

    first, second, third = recorder.asked
    assert first == ("Fee?", ())
    assert second == (
        "And for me?",
        (Turn("Fee?", standalone="What is the fee of the MSc?", reply_text=QUOTE, topic="MSc"),),
    )
    assert third == ("Dates?", ())


def test_the_time_is_that_of_the_last_reply(recorder: Recorder, documents: Mapping[str, Document]) -> None:
    fixture = a_fixture("a", "one two three four", "five six")
    (result,) = ask_all([fixture], recorder, documents, clock=lambda: recorder.now)

    assert result.milliseconds == 2000


def test_progress_counts_questions(recorder: Recorder, documents: Mapping[str, Document]) -> None:
    seen: list[tuple[int, int]] = []
    ask_all(
        [a_fixture("a", "x"), a_fixture("b", "y", "z")],
        recorder,
        documents,
        on_progress=lambda done, total: seen.append((done, total)),
    )

    assert seen == [(1, 2), (2, 2)]


def test_an_error_of_the_assistant_names_the_question(
    recorder: Recorder, documents: Mapping[str, Document]
) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        ask_all([a_fixture("a", "Break!")], recorder, documents)

    assert caught.value.__notes__ == ["while the question 'a' on line 7 was asked"]
