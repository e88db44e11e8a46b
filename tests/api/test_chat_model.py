"""The language model of the settings, with its budget, and what an operator is told of it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import model_server
import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient
from model_server import FAULTS, ModelServer, says
from running_server import wait_until

from api.app import create_app
from api.chat_model import ChatModel, DailyBudget, chat_model
from api.doctor import examine
from api.door import Door
from api.logs import configure
from api.routes_health import MODEL_PROBLEM
from api.service import Service
from api.settings import Settings
from api.storage.database import open_database
from api.storage.errors import StorageUnavailable
from api.storage.token_use import TokenUses
from assistant.language_model import Deadline, Fault, ModelFault, Prompt

KEY = "sk-Canary6630"
PROMPT = Prompt("Canary system", "Canary question")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with model_server.model_server(says("yes")) as running:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., ChatModel]]:
    """Makes the model of settings, and closes it when the test ends."""
    made = []

    def make_one(name: str = "openai:tested", **settings: object) -> ChatModel:
        model = chat_model(Settings.model_validate({"data_dir": tmp_path, "chat_model": name, **settings}))
        assert model is not None
        made.append(model)
        return model

    yield make_one
    for each in made:
        each.close()


def test_no_model_is_set_by_default(tmp_path: Path) -> None:
    assert chat_model(Settings(data_dir=tmp_path)) is None


def test_a_model_that_answers_has_no_problem(make: Callable[..., ChatModel], server: ModelServer) -> None:
    model = make(chat_seconds=7)

    assert model.problem is None  # not asked yet
    assert server.asked == []
    assert model.examine() is None
    assert len(server.asked) == 1
    assert (model.name, model.seconds) == ("openai:tested", 7)


@pytest.mark.parametrize(
    ("behaviour", "found", "remedy"),
    [
        ("401", "does not accept the key", "PROSPECTUS_CHAT_KEY_FILE"),
        ("404", "knows no such model", "PROSPECTUS_CHAT_MODEL"),
        ("500", "its server fails", "log"),
        ("429 later", "too many requests", "Wait"),
        ("HTML page", "no model's server", "/v1"),
        ("no answer", "does not begin to answer", "PROSPECTUS_CHAT_FIRST_TOKEN_SECONDS"),
        ("cut stream", "(cut_off)", "another model"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    make: Callable[..., ChatModel], server: ModelServer, behaviour: str, found: str, remedy: str
) -> None:
    model = make(chat_first_token_seconds=0.5 if behaviour == "no answer" else 30)
    server.behaviour = FAULTS[behaviour]

    problem = model.examine()

    assert problem is not None
    assert found in problem.found
    assert remedy in problem.remedy
    assert "Canary" not in str(problem)
    server.behaviour = says("yes")
    assert make(chat_first_token_seconds=30).examine() is None


def test_a_server_that_is_not_there_is_told(
    make: Callable[..., ChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{model_server.closed_port()}/v1")

    problem = make().examine()

    assert problem is not None
    assert "cannot be reached" in problem.found
    assert "OPENAI_BASE_URL" in problem.remedy


def test_a_budget_ends_the_calls_of_the_day_in_all_processes(
    make: Callable[..., ChatModel], server: ModelServer
) -> None:
    model, another = (make(chat_daily_tokens=800) for _ in range(2))

    model.complete(PROMPT, Deadline.after(30))  # 150 of them
    another.complete(PROMPT, Deadline.after(30))
    with pytest.raises(ModelFault) as raised:
        model.complete(PROMPT, Deadline.after(30))  # 508 would be taken for the time being

    assert raised.value.fault is Fault.BUDGET_SPENT
    assert len(server.asked) == 2
    assert model.is_budget_spent
    assert model.problem is not None
    assert "PROSPECTUS_CHAT_DAILY_TOKENS" in model.problem.remedy


def test_where_tokens_cannot_be_counted_none_are_used() -> None:
    def fail() -> TokenUses:
        raise StorageUnavailable

    budget = DailyBudget(fail, 1000)

    assert not budget.take(1)
    budget.settle(1, 1)


def test_the_tokens_of_a_budget_are_counted_in_the_database(
    make: Callable[..., ChatModel], server: ModelServer, tmp_path: Path
) -> None:
    make(chat_daily_tokens=10_000).complete(PROMPT, Deadline.after(30))

    database = open_database(tmp_path)
    assert TokenUses(database).used() == 150  # 120 in and 30 out, as the server counted
    database.close()


def test_doctor_asks_the_model_and_says_what_is_wrong(
    make: Callable[..., ChatModel], server: ModelServer, tmp_path: Path
) -> None:
    def check() -> tuple[str, str]:
        backend = FakeBackend(chat_model=make())
        found = {each.name: each for each in examine(Settings(data_dir=tmp_path), backend)}
        return found["language model"].found, found["language model"].remedy

    assert check() == ("openai:tested answers", "")
    server.behaviour = FAULTS["404"]
    found, remedy = check()
    assert found.startswith("openai:tested: its server knows no such model")
    assert "PROSPECTUS_CHAT_MODEL" in remedy


@contextmanager
def in_trouble(model: ChatModel, door: Door | None = None) -> Iterator[TestClient]:
    """A server of ours that has noticed that its model cannot be used."""
    service = Service(FakeBackend(chat_model=model))
    service.open()
    with TestClient(create_app(service, door=door)) as client:
        wait_until(lambda: model.problem is not None, 30)
        yield client


def test_a_server_whose_model_cannot_be_used_starts_ready_and_says_so(
    make: Callable[..., ChatModel], server: ModelServer
) -> None:
    server.behaviour = FAULTS["401"]
    with in_trouble(make()) as client:
        ready = client.get("/readyz")
        figures = client.get("/metrics").text

    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert "does not accept the key" in ready.json()["model_problem"]
    assert 'prospectus_model_calls_total{result="unauthorized"} 1.0' in figures
    assert "prospectus_model_left_alone 0.0" in figures
    assert "prospectus_model_budget_spent 0.0" in figures


def test_a_stranger_is_told_only_that_something_is_wrong(
    make: Callable[..., ChatModel], server: ModelServer
) -> None:
    server.behaviour = FAULTS["401"]
    settings = Settings.model_validate({"admin_key": "a" * 16})
    with in_trouble(make(), Door(settings)) as client:
        assert client.get("/readyz").json() == {"status": "ready", "model_problem": MODEL_PROBLEM}
        told = client.get("/readyz", headers={"Authorization": f"Bearer {'a' * 16}"}).json()

    assert "does not accept the key" in told["model_problem"]


def test_a_server_with_a_model_that_works_says_nothing_of_it(
    make: Callable[..., ChatModel], server: ModelServer
) -> None:
    model = make()
    service = Service(FakeBackend(chat_model=model))
    service.open()
    with TestClient(create_app(service)) as client:
        wait_until(lambda: model.calls == {"ok": 1}, 30)
        assert "model_problem" not in client.get("/readyz").json()


@pytest.mark.parametrize("behaviour", ["fine", "401", "500", "400", "cut stream", "error in the stream"])
def test_neither_key_nor_question_gets_into_the_log(
    make: Callable[..., ChatModel],
    server: ModelServer,
    behaviour: str,
    monkeypatch: pytest.MonkeyPatch,
    logging_as_before: None,
) -> None:
    out = io.StringIO()
    configure("debug", out)
    for name in ("openai", "httpx2", "httpcore", "langchain_core"):  # as OPENAI_LOG=debug does
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    server.behaviour = FAULTS.get(behaviour, says("Canary answer"))

    model = make()
    for _ in range(2):
        try:
            model.complete(PROMPT, Deadline.after(30))
        except ModelFault:
            logging.getLogger("api").warning("told", exc_info=True)

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert "Canary" not in out.getvalue()
    assert {line["logger"].partition(".")[0] for line in lines} == (
        set() if behaviour == "fine" else {"api", "assistant"}
    )
