"""The model's side against a real server on this machine, which does all that goes wrong with models."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import model_server
import pytest
from model_server import FAULTS, ModelServer, says

from assistant.breaker import Breaker
from assistant.langchain_model import OUTPUT_ESTIMATE, TEXT_LIMIT, LangChainModel, ModelNotSetUp
from assistant.language_model import Completion, Deadline, Fault, ModelFault, Prompt, Usage

KEY = "sk-Canary4471"
QUESTION = "Canary8823: what is the fee?"
SCHEMA = {
    "type": "object",
    "properties": {"sentences": {"type": "array", "items": {"type": "string"}}},
    "required": ["sentences"],
    "additionalProperties": False,
}
PROMPT = Prompt("You answer from evidence.", QUESTION, SCHEMA)
PLAIN = Prompt("You answer from evidence.", QUESTION)
MakeModel = Callable[..., LangChainModel]
GOOD = '{"sentences": ["The fee is 2,060 EUR."]}'


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """LangChain and the provider's package take seconds to load, which are no part of what is timed here."""
    with pytest.MonkeyPatch.context() as patch, model_server.model_server(says(GOOD)) as server:
        patch.setenv("OPENAI_API_KEY", KEY)
        patch.setenv("OPENAI_BASE_URL", server.url)
        model = LangChainModel("openai:tested", first_token_seconds=60)
        for prompt in (PROMPT, PLAIN):
            model.complete(prompt, Deadline.after(60))
        model.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with model_server.model_server(says(GOOD)) as running:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


@pytest.fixture
def make() -> Iterator[MakeModel]:
    """Makes models, which are closed when the test ends."""
    made = []

    def make_one(name: str = "openai:tested", **options: Any) -> LangChainModel:
        made.append(LangChainModel(name, **options))
        return made[-1]

    yield make_one
    for each in made:
        each.close()


@pytest.fixture
def model(server: ModelServer, make: MakeModel) -> LangChainModel:
    return make(first_token_seconds=1.0)


def _fault(model: LangChainModel, prompt: Prompt = PROMPT, seconds: float = 3.0) -> ModelFault:
    with pytest.raises(ModelFault) as raised:
        model.complete(prompt, Deadline.after(seconds))
    return raised.value


def test_an_answer_comes_whole_with_the_tokens_it_took(model: LangChainModel, server: ModelServer) -> None:
    assert model.complete(PROMPT, Deadline.after(5)) == Completion(GOOD + " ", Usage(120, 30))

    asked = server.asked[-1]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == "tested"
    assert asked.body["stream"] is True
    assert asked.body["response_format"]["json_schema"]["schema"]["required"] == ["sentences"]
    assert [(each["role"], each["content"]) for each in asked.body["messages"]] == [
        ("system", PROMPT.system),
        ("user", QUESTION),
    ]
    assert model.name == "openai:tested"
    assert model.calls == {"ok": 1}
    assert model.last_fault is None


def test_a_prompt_without_a_schema_asks_for_plain_text(model: LangChainModel, server: ModelServer) -> None:
    server.behaviour = says("Wie hoch sind die Gebühren?")

    assert model.complete(PLAIN, Deadline.after(5)).text.strip() == "Wie hoch sind die Gebühren?"
    assert not server.asked[-1].wants_schema


def test_tokens_are_estimated_where_the_server_does_not_count_them(
    model: LangChainModel, server: ModelServer
) -> None:
    server.behaviour = says("x" * 39, tokens=None)  # and a blank behind each word

    usage = model.complete(Prompt("s" * 100, "u" * 99), Deadline.after(5)).usage

    assert usage == Usage(input_tokens=50, output_tokens=10)  # 199 // 4 + 1, and 40 / 4


def test_a_server_that_refuses_schemas_is_asked_without_from_then_on(
    model: LangChainModel, server: ModelServer
) -> None:
    server.behaviour = model_server.refuses_schemas(says(GOOD))

    texts = [model.complete(PROMPT, Deadline.after(5)).text.strip() for _ in range(2)]

    assert texts == [GOOD, GOOD]
    assert [each.wants_schema for each in server.asked] == [True, False, False]


def test_a_question_that_is_refused_either_way_says_nothing_about_schemas(
    model: LangChainModel, server: ModelServer
) -> None:
    server.behaviour = FAULTS["400"]
    assert _fault(model).fault is Fault.REFUSED_REQUEST
    server.behaviour = says(GOOD)
    model.complete(PROMPT, Deadline.after(5))

    assert [each.wants_schema for each in server.asked] == [True, False, True]


EXPECTED = {
    "no answer": (Fault.NO_FIRST_TOKEN, 1),
    "no first token": (Fault.NO_FIRST_TOKEN, 1),
    "too slow in all": (Fault.TOO_SLOW, 1),
    "401": (Fault.UNAUTHORIZED, 1),
    "404": (Fault.UNKNOWN_MODEL, 1),
    "429 soon": (Fault.RATE_LIMITED, 3),
    "429 later": (Fault.RATE_LIMITED, 1),
    "500": (Fault.SERVER_ERROR, 3),
    "503": (Fault.SERVER_ERROR, 3),
    "400": (Fault.REFUSED_REQUEST, None),  # 2 with a schema, 1 without
    "empty": (Fault.EMPTY, 1),
    "no bytes": (Fault.EMPTY, 1),
    "hangs up": (Fault.UNREACHABLE, 3),
    "cut stream": (Fault.CUT_OFF, 1),
    "cut body": (Fault.CUT_OFF, 1),
    "cut by length": (Fault.CUT_OFF, 1),
    "invalid UTF-8": (Fault.NOT_TEXT, 1),
    "broken JSON": (Fault.NOT_TEXT, 1),
    "HTML page": (Fault.NOT_TEXT, 1),
    "endless output": (None, 1),  # too long or too slow, as the machine is fast
    "endless line": (Fault.TOO_LONG, 1),
    "10 MB token": (Fault.TOO_LONG, 1),
    "refusal": (None, 1),  # declined; without a schema LangChain leaves the refusal out: empty
    "filtered": (Fault.DECLINED, 1),
    "error in the stream": (Fault.SERVER_ERROR, 1),
    "compressed": (Fault.NOT_TEXT, 1),
}


@pytest.mark.parametrize("prompt", [PROMPT, PLAIN], ids=["schema", "plain"])
@pytest.mark.parametrize("name", [name for name in FAULTS if name != "wrong schema"])
def test_whatever_goes_wrong_is_a_fault_in_time_without_key_and_question(
    model: LangChainModel,
    server: ModelServer,
    name: str,
    prompt: Prompt,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG, "assistant")
    server.behaviour = FAULTS[name]

    began = time.monotonic()
    fault = _fault(model, prompt, seconds=4.0)
    took = time.monotonic() - began

    assert took < 5.0
    wanted, requests = EXPECTED[name]
    assert fault.fault in (
        {wanted} if wanted else {Fault.TOO_LONG, Fault.TOO_SLOW, Fault.DECLINED, Fault.EMPTY}
    )
    assert len(server.asked) == (requests or (2 if prompt.schema else 1))
    told = caplog.text + str(fault) + repr(fault.__cause__) + "".join(capfd.readouterr())
    assert "Canary" not in told
    _wait_until(lambda: server.open_connections == 0)


def test_an_answer_of_another_shape_is_none_of_its_business(
    model: LangChainModel, server: ModelServer
) -> None:
    server.behaviour = FAULTS["wrong schema"]

    assert "The fee is 2,060 EUR." in model.complete(PROMPT, Deadline.after(5)).text


def test_it_is_asked_again_only_before_its_first_word(model: LangChainModel, server: ModelServer) -> None:
    server.behaviour = model_server.one_after_another(FAULTS["503"], FAULTS["hangs up"], says(GOOD))
    assert model.complete(PROMPT, Deadline.after(5)).text.strip() == GOOD
    assert len(server.asked) == 3

    server.behaviour = model_server.one_after_another(FAULTS["error in the stream"], says(GOOD))
    assert _fault(model).fault is Fault.SERVER_ERROR
    assert len(server.asked) == 4


def test_a_server_that_asks_to_wait_is_waited_for(model: LangChainModel, server: ModelServer) -> None:
    limited = model_server.fails("429 Too Many Requests", "Retry-After: 1")
    server.behaviour = model_server.one_after_another(limited, says(GOOD))

    began = time.monotonic()
    model.complete(PROMPT, Deadline.after(5))

    assert time.monotonic() - began >= 1.0


def test_nobody_is_connected_to_where_nobody_listens(
    monkeypatch: pytest.MonkeyPatch, make: MakeModel
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{model_server.closed_port()}/v1")
    model = make()

    assert _fault(model, seconds=5).fault is Fault.UNREACHABLE


def test_a_redirect_is_not_followed_for_the_key_would_go_with_it(
    model: LangChainModel, server: ModelServer
) -> None:
    with model_server.model_server(says(GOOD)) as elsewhere:
        server.behaviour = model_server.fails("307 Temporary Redirect", f"Location: {elsewhere.url}/x")
        assert _fault(model).fault is Fault.REFUSED_REQUEST
        assert elsewhere.asked == []


def test_no_time_left_is_no_call(model: LangChainModel, server: ModelServer) -> None:
    assert _fault(model, seconds=0).fault is Fault.TOO_SLOW
    assert server.asked == []


def test_many_threads_are_served_at_a_time(model: LangChainModel, server: ModelServer) -> None:
    together = threading.Barrier(8)

    def behave(wire: model_server.Wire, asked: model_server.Asked) -> None:
        together.wait(10)
        says(GOOD)(wire, asked)

    server.behaviour = behave
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: model.complete(PLAIN, Deadline.after(10)).text, range(8)))

    assert answers == [GOOD + " "] * 8


def test_it_is_left_alone_after_failures_in_a_row_until_one_try_succeeds(
    server: ModelServer, make: MakeModel
) -> None:
    now = [0.0]
    breaker = Breaker(failures=2, rest_seconds=30, clock=lambda: now[0])
    model = make(breaker=breaker)
    server.behaviour = FAULTS["401"]

    assert [_fault(model).fault.value for _ in range(3)] == ["unauthorized", "unauthorized", "breaker_open"]
    assert len(server.asked) == 2
    assert model.is_left_alone
    now[0] = 31.0
    assert [_fault(model).fault.value for _ in range(2)] == ["unauthorized", "breaker_open"]
    now[0] = 62.0
    server.behaviour = says(GOOD)
    model.complete(PROMPT, Deadline.after(5))
    model.complete(PROMPT, Deadline.after(5))
    assert not model.is_left_alone
    assert model.calls == {"unauthorized": 3, "breaker_open": 2, "ok": 2}


def test_refusals_do_not_have_it_left_alone(server: ModelServer, make: MakeModel) -> None:
    model = make(breaker=Breaker(failures=2))
    server.behaviour = FAULTS["refusal"]

    assert {_fault(model, prompt).fault for prompt in (PROMPT, PLAIN, PROMPT, PLAIN)} == {
        Fault.DECLINED,
        Fault.EMPTY,
    }


@dataclass
class Purse:
    """A budget of so many tokens, in memory."""

    left: int
    taken: list[int] = field(default_factory=list)

    def take(self, tokens: int) -> bool:
        if tokens > self.left:
            return False
        self.left -= tokens
        self.taken.append(tokens)
        return True

    def settle(self, taken: int, used: int) -> None:
        self.left += taken - used


def test_a_budget_is_charged_what_was_used_and_then_nothing_is_asked_any_more(
    server: ModelServer, make: MakeModel
) -> None:
    purse = Purse(1000)
    model = make(budget=purse)
    estimate = (len(PROMPT.system) + len(PROMPT.user)) // 4 + 1 + OUTPUT_ESTIMATE

    model.complete(PROMPT, Deadline.after(10))
    assert purse.taken == [estimate]
    assert purse.left == 1000 - 150

    purse.left = estimate - 1
    assert _fault(model).fault is Fault.BUDGET_SPENT
    assert len(server.asked) == 1


def test_what_a_call_cost_that_failed_is_charged_too(server: ModelServer, make: MakeModel) -> None:
    purse = Purse(100_000)
    model = make(budget=purse)
    server.behaviour = FAULTS["401"]
    _fault(model)
    assert purse.left == 100_000

    server.behaviour = says("word " * TEXT_LIMIT)
    assert _fault(model, PLAIN, seconds=20).fault is Fault.TOO_LONG
    assert 100_000 - TEXT_LIMIT // 4 - 50 < purse.left <= 100_000 - TEXT_LIMIT // 4


@pytest.mark.parametrize(
    ("name", "fault", "found", "remedy"),
    [
        ("tested", Fault.UNKNOWN_MODEL, "'tested' names no provider", "openai:"),
        (":tested", Fault.UNKNOWN_MODEL, "names no provider", "openai:"),
        ("openai:", Fault.UNKNOWN_MODEL, "names no provider", "openai:"),
        ("nobody:tested", Fault.UNKNOWN_MODEL, "no provider 'nobody'", "anthropic, google_genai, mistralai"),
        ("perplexity:tested", Fault.OTHER, "'perplexity' is not installed", "'langchain-perplexity'"),
        ("openai:tested", Fault.UNAUTHORIZED, "no key is set", "OPENAI_API_KEY"),
        ("mistralai:tested", Fault.UNAUTHORIZED, "no key is set", "MISTRAL_API_KEY"),
    ],
)
def test_what_cannot_be_set_up_says_what_to_do(
    name: str, fault: Fault, found: str, remedy: str, monkeypatch: pytest.MonkeyPatch, make: MakeModel
) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "MISTRAL_API_KEY"):
        monkeypatch.delenv(variable, raising=False)

    raised = _fault(make(name), seconds=30)

    assert isinstance(raised, ModelNotSetUp)
    assert raised.fault is fault
    assert found in str(raised)
    assert remedy in raised.remedy


def test_a_missing_extra_names_the_line_to_install(monkeypatch: pytest.MonkeyPatch, make: MakeModel) -> None:
    monkeypatch.setitem(sys.modules, "langchain_mistralai", None)
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)

    raised = _fault(make("mistralai:tested"), seconds=30)

    assert isinstance(raised, ModelNotSetUp)
    assert raised.remedy == "Run: pip install 'prospectus-assistant[mistral]'"


def test_a_server_of_ones_own_needs_no_key(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, make: MakeModel
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")

    make().complete(PROMPT, Deadline.after(10))

    assert "Canary" not in server.asked[-1].headers["authorization"]


def test_a_key_in_a_file_goes_before_that_of_the_environment(
    server: ModelServer, make: MakeModel, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("sk-another\n")

    make(key_file=tmp_path / "key").complete(PROMPT, Deadline.after(10))

    assert server.asked[-1].headers["authorization"] == "Bearer sk-another"


@pytest.mark.parametrize(
    ("content", "found"),
    [(None, "cannot be read: No such file"), (b"", "no key"), (b"two words", "no key"), (b"\xff", "no text")],
)
def test_a_file_without_a_key_is_named(
    content: bytes | None, found: str, make: MakeModel, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    raised = _fault(make(key_file=tmp_path / "key"), seconds=30)

    assert isinstance(raised, ModelNotSetUp)
    assert raised.fault is Fault.UNAUTHORIZED
    assert found in str(raised)
    assert str(tmp_path / "key") in str(raised)


def test_closing_ends_the_calls_and_their_connections(model: LangChainModel, server: ModelServer) -> None:
    server.behaviour = model_server.never_answers
    with ThreadPoolExecutor(1) as threads:
        failing = threads.submit(_fault, model, PROMPT, 20.0)
        _wait_until(lambda: len(server.asked) == 1)
        model.close()
        assert failing.result(5).fault is Fault.OTHER
    _wait_until(lambda: server.open_connections == 0)


def _wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
