"""All that goes wrong with models, seen from outside: the real server in a process of its own, over HTTP.

Whatever the model's server does, the reply has to be the one that is given without a model, in time, and
neither the key nor what was asked may get into the log.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import model_server
import pytest
from model_server import FAULTS, Asked, Behaviour, ModelServer, Wire, says
from outside_server import NO_LIMITS, OutsideServer, events_of, wait_until

from assistant.breaker import REST_SECONDS

KEY = "sk-Canary9152"
SECONDS = 3.0
FIRST_TOKEN_SECONDS = 0.8
GOOD = json.dumps({"sentences": [{"text": "The duration is 24 months.", "evidence": [1]}]})
QUESTIONS = {
    "What would I pay per year as an EU student?": "answered",
    "How long does the programme take?": "answered",
    "What is the minimum TOEFL score?": "not_stated",
    "What are living costs in Amsterdam?": "not_found",
}
UNTOLD = [KEY, "Canary", "numbered evidence", "TOEFL", "2,060", *QUESTIONS]
"""Parts of keys, prompts, questions and answers."""

NOT_SEEN_IN_QUOTED_REPLIES = {"conversation_id", "message_id", "prompts", "usage"}


@dataclass
class Both:
    """The server and the model's server that it asks, which may be stopped and started again."""

    server: OutsideServer
    client: httpx2.Client
    model: ModelServer
    stack: ExitStack
    without_model: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(self, question: str) -> tuple[dict[str, Any], float]:
        """The reply and the seconds that it took."""
        began = time.monotonic()
        response = self.client.post("/v1/chat", json={"message": question})
        took = time.monotonic() - began
        assert response.status_code == 200, response.text
        return response.json(), took

    def stop_model(self) -> None:
        self.stack.close()

    def start_model(self, behaviour: Behaviour) -> None:
        self.model = self.stack.enter_context(model_server.model_server(behaviour, self.model.port))

    def close_breaker(self) -> None:
        """Lets a call succeed, so that the next failures are those of the model and not of the breaker."""
        self.model.behaviour = says(GOOD)

        def succeeds() -> bool:
            # A new question each time, for answers are kept.
            number = next(self.numbers)
            reply, _ = self.ask(f"How long does the programme take? I ask for the {number}th time.")
            return bool(reply["usage"] and reply["usage"]["output_tokens"])

        # While it is open, one call in half a minute is let through.
        wait_until(succeeds, REST_SECONDS + 5)

    def figure(self, name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.client.get("/metrics").text, re.M)
        return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def both(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("faults")
    shutil.copytree(corpus_data, folder / "data")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        quoting = OutsideServer(folder, NO_LIMITS, with_model=True)
        try:
            with quoting.client() as client:
                replies = {each: client.post("/v1/chat", json={"message": each}).json() for each in QUESTIONS}
        finally:
            quoting.stop()
        model = stack.enter_context(model_server.model_server(says(GOOD)))
        patch.setenv("OPENAI_API_KEY", KEY)
        patch.setenv("OPENAI_BASE_URL", model.url)
        patch.setenv("OPENAI_LOG", "debug")
        settings = {
            **NO_LIMITS,
            "CHAT_MODEL": "openai:tested",
            "CHAT_SECONDS": str(SECONDS),
            "CHAT_FIRST_TOKEN_SECONDS": str(FIRST_TOKEN_SECONDS),
            "LOG_LEVEL": "debug",
        }
        server = OutsideServer(folder, settings, with_model=True)
        try:
            with server.client() as client:
                made = Both(server, client, model, stack, replies)
                # LangChain and OpenAI's package are loaded before anything is timed.
                wait_until(lambda: made.figure('prospectus_model_calls_total{result="ok"}') >= 1, 120)
                made.close_breaker()
                yield made
        finally:
            server.stop()


def _is_the_quoted_reply(both: Both, question: str, reply: dict[str, Any]) -> None:
    kept = {name: value for name, value in reply.items() if name not in NOT_SEEN_IN_QUOTED_REPLIES}
    wanted = both.without_model[question]
    assert kept == {name: value for name, value in wanted.items() if name not in NOT_SEEN_IN_QUOTED_REPLIES}
    assert reply["outcome"] == QUESTIONS[question]
    assert (reply["mode"], reply["model"]) == ("quoted", None)


def _citations_hold(both: Both, reply: dict[str, Any]) -> None:
    for citation in reply["citations"]:
        text = both.client.get(f"/v1/documents/{citation['document_id']}").json()["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def _run(both: Both, name: str, runs: int) -> list[float]:
    """Asks that often while the model's server has this fault; the seconds that each reply took."""
    told_before = len(both.server.logged())
    seconds = []
    questions = list(QUESTIONS)
    for number in range(runs):
        if number % 3 == 0:  # five calls that fail in a row would have the model left alone
            both.close_breaker()
        asked_before = len(both.model.asked)
        if name == "connection refused":
            both.stop_model()
        else:
            both.model.behaviour = FAULTS[name]
        question = questions[number % 2]
        reply, took = both.ask(question)
        if name == "connection refused":
            both.start_model(says(GOOD))
        else:
            assert len(both.model.asked) > asked_before
        _is_the_quoted_reply(both, question, reply)
        _citations_hold(both, reply)
        assert reply["usage"] is not None
        assert re.fullmatch(r"[0-9a-f]{8,64}", reply["prompts"])
        assert took < SECONDS + 1
        seconds.append(took)
    told = both.server.logged()[told_before:]
    assert [each for each in UNTOLD if each in told] == []
    return seconds


NAMES = [*FAULTS, "connection refused"]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_goes_wrong_the_reply_is_the_quoted_one_in_time(both: Both, name: str) -> None:
    _run(both, name, runs=1)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_whatever_goes_wrong_twenty_times_the_reply_is_the_quoted_one_in_time(
    both: Both, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = sorted(_run(both, name, runs=20))
    with capsys.disabled():
        print(f"\n{name}: 20 of 20 quoted, {seconds[10]:.2f} s in the median, {seconds[-1]:.2f} s at most")


@pytest.mark.parametrize("name", ["500", "no first token", "wrong schema", "endless output"])
@pytest.mark.parametrize("question", list(QUESTIONS)[2:])
def test_what_is_not_answered_without_a_model_is_not_with_one_that_fails(
    both: Both, name: str, question: str
) -> None:
    both.close_breaker()
    both.model.behaviour = FAULTS[name]

    reply, took = both.ask(question)

    _is_the_quoted_reply(both, question, reply)
    assert took < SECONDS + 1


def test_a_model_that_works_is_shown_with_what_it_took(both: Both) -> None:
    both.close_breaker()
    both.model.behaviour = says(GOOD, tokens=(700, 25))

    reply, _ = both.ask("How long does the programme take?")

    assert reply["mode"] == "generated"
    assert reply["model"] == "openai:tested"
    assert reply["text"] == "The duration is 24 months. [1]"
    assert [each["support"] for each in reply["sentences"]] == ["verified"]
    assert reply["usage"] == {"input_tokens": 700, "output_tokens": 25}
    _citations_hold(both, reply)


def test_a_stream_brings_the_checked_sentences_only(both: Both) -> None:
    both.close_breaker()
    lie = {"text": "It takes 36 months in Boston.", "evidence": [1]}
    both.model.behaviour = says(json.dumps({"sentences": [lie, *json.loads(GOOD)["sentences"]]}))
    question = "How long does the programme take, please?"

    response = both.client.post("/v1/chat", json={"message": question, "stream": True})

    assert "Boston" not in response.text
    events = events_of(response.text)
    assert [name for name, _ in events] == ["started", "sentence", "completed"]
    assert events[1][1]["text"] == "The duration is 24 months."
    assert events[2][1]["mode"] == "generated"


def test_an_answer_that_was_given_before_is_given_again_for_no_token(both: Both) -> None:
    both.close_breaker()
    question = "What is the duration of the programme, I wonder?"
    both.model.behaviour = says(GOOD)
    first, _ = both.ask(question)
    asked, cached = len(both.model.asked), both.figure('prospectus_model_replies_total{shown="cached"}')

    second, _ = both.ask(question)

    assert first["mode"] == second["mode"] == "generated"
    assert second["usage"] == {"input_tokens": 0, "output_tokens": 0}
    assert len(both.model.asked) == asked
    assert both.figure('prospectus_model_replies_total{shown="cached"}') == cached + 1


def test_while_many_wait_for_the_model_another_question_is_answered(both: Both) -> None:
    both.close_breaker()
    may_go_on = threading.Event()

    def behave(wire: Wire, asked: Asked) -> None:
        wire.head()
        wire.chunk("", role="assistant")
        wire.chunk("{")  # a first word, and then nothing while ten wait
        while not may_go_on.is_set():
            wire.wait(0.02)
        wire.chunk(GOOD[1:])
        wire.chunk(None, "stop")
        wire.event("[DONE]")

    both.model.asked.clear()
    both.model.behaviour = behave
    sent = [
        _asked(both.server, f"How long does the programme take? Number {each + 1}.") for each in range(10)
    ]
    wait_until(lambda: len(both.model.asked) == 10, SECONDS)

    assert both.ask("Hello")[0]["outcome"] == "small_talk"
    may_go_on.set()
    answers = [_read(connection) for connection in sent]
    assert [answer.count('"outcome":"answered"') for answer in answers] == [1] * 10
    assert [answer.count('"mode":"generated"') for answer in answers] == [1] * 10


def test_after_failures_in_a_row_the_model_is_left_alone_and_the_server_says_so(both: Both) -> None:
    both.close_breaker()
    both.model.behaviour = FAULTS["401"]
    for _ in range(6):
        both.ask("What would I pay per year as an EU student?")
    asked = len(both.model.asked)
    reply, took = both.ask("What would I pay per year as an EU student?")

    assert len(both.model.asked) == asked
    assert both.figure("prospectus_model_left_alone") == 1
    assert both.figure('prospectus_model_faults_total{fault="breaker_open"}') >= 1
    assert "does not accept the key" in both.client.get("/readyz").json()["model_problem"]
    _is_the_quoted_reply(both, "What would I pay per year as an EU student?", reply)
    assert took < SECONDS


def _asked(server: OutsideServer, question: str) -> socket.socket:
    """A connection on which this question was asked, to be read to its end."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    body = json.dumps({"message": question}).encode()
    connection.sendall(
        f"POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    return connection


def _read(connection: socket.socket) -> str:
    """All that comes until the other side closes."""
    with connection:
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received.decode()
