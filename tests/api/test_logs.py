from __future__ import annotations

import io
import json
import logging

import pytest
from api_fakes import FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.logs import FIELDS, configure, redact
from api.service import Service

pytestmark = pytest.mark.usefixtures("logging_as_before")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jane.doe+x@students.example.edu.", "write to [e-mail]."),
        ("?q=jane%40example.edu", "?q=[e-mail]"),
        ("call +31 (0)6 1234 5678 now", "call [number] now"),
        ("call 030-253 9111.", "call [number]."),
        ("0612345678", "[number]"),
        ("(030) 2539111", "[number]"),
        ("+49/30/12345678", "[number]"),
        ("from 192.168.178.20 to 10.0.0.1", "from 192.168.178.20 to 10.0.0.1"),
        ("on 2026-11-23 02:04:49", "on 2026-11-23 02:04:49"),
        ("line 1234 of 18,690", "line 1234 of 18,690"),
        ("5c9b40d6c0d241b58b6ac3b700b2f61b", "5c9b40d6c0d241b58b6ac3b700b2f61b"),
        ("000001-8d9eb2656d2b", "000001-8d9eb2656d2b"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
    ],
)
def test_addresses_and_telephone_numbers_are_cut_out_and_other_figures_are_not(
    text: str, expected: str
) -> None:
    assert redact(text) == expected


def test_a_line_is_json_with_allowed_fields_only() -> None:
    out = io.StringIO()
    configure("info", out)
    logging.getLogger("api.x").info(
        "Mail of %s", "a@example.org", extra={"status": 200, "question": "secret", "route": "/v1/chat"}
    )

    (line,) = lines(out)
    assert line.pop("timestamp")
    assert line == {
        "event": "Mail of [e-mail]",
        "level": "info",
        "logger": "api.x",
        "status": 200,
        "route": "/v1/chat",
    }


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_never_stands_in_the_log_not_even_where_answering_fails(stream: bool) -> None:
    out = io.StringIO()
    configure("info", out)
    question = "Is Canary7319 jane@example.org or +31 6 1234 5678 the fee?"
    service = Service(FakeBackend(failure=ZeroDivisionError(f"cannot read {question}")))
    service.open()
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        client.post(
            "/v1/chat",
            json={"message": question, "stream": stream},
            headers={"X-Request-ID": "order-66", "User-Agent": "Canary7319"},
        )
        client.get("/v1/documents/Canary7319?q=Canary7319")

    written = out.getvalue()
    assert "Canary" not in written
    assert "example.org" not in written
    assert "1234" not in written
    assert all(set(line) <= FIELDS for line in lines(out))
    (failed,) = [line for line in lines(out) if "exception" in line]
    assert failed["request_id"] == "order-66"
    assert str(failed["exception"]).endswith("builtins.ZeroDivisionError")
    assert "api_fakes.py" in str(failed["exception"])
    asked, read = [line for line in lines(out) if line["event"] == "Request"]
    assert (asked["method"], asked["route"], asked["caller"]) == ("POST", "/v1/chat", "local")
    assert asked["status"] == (200 if stream else 500)
    assert (read["route"], read["status"]) == ("/v1/documents/{document_id}", 404)


def test_at_debug_exceptions_say_what_they_have_to_say_without_addresses() -> None:
    out = io.StringIO()
    configure("debug", out)
    try:
        try:
            raise KeyError("inner a@example.org")
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError:
        logging.getLogger("api.x").exception("Failed")

    told = str(lines(out)[0]["exception"])
    assert "builtins.ValueError: outer" in told
    assert "builtins.KeyError: 'inner [e-mail]'" in told


def test_libraries_are_heard_from_warning_on_and_probes_only_at_debug() -> None:
    out = io.StringIO()
    configure("debug", out)
    logging.getLogger("chromadb").debug("Canary")
    logging.getLogger("chromadb").warning("careful")
    logging.getLogger("uvicorn.error").info("started")
    service = Service(FakeBackend())
    service.open()
    with TestClient(create_app(service)) as client:
        client.get("/healthz")
        configure("info", out)
        client.get("/healthz")

    events = [line["event"] for line in lines(out) if line["logger"] != "asyncio"]
    assert events == ["careful", "started", "Request"]


def test_a_line_break_in_a_message_makes_no_second_line() -> None:
    out = io.StringIO()
    configure("info", out)
    logging.getLogger("api.x").info('one\n{"event": "two"}')

    assert len(lines(out)) == 1


def test_on_a_terminal_lines_are_for_people() -> None:
    out = Terminal()
    configure("info", out)
    logging.getLogger("api.x").info("Ready", extra={"route": "/readyz", "question": "secret"})

    assert "Ready" in out.getvalue()
    assert "/readyz" in out.getvalue()
    assert "secret" not in out.getvalue()
    assert not out.getvalue().startswith("{")


@pytest.mark.parametrize(
    "name", ["openai._base_client", "httpx2", "langchain_openai.chat_models", "google_genai"]
)
def test_what_speaks_to_language_models_is_not_heard_at_any_level(name: str) -> None:
    out = io.StringIO()
    configure("debug", out)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logging.getLogger(name).handle(logging.LogRecord(name, level, "", 0, "Canary", None, None))

    assert out.getvalue() == ""


def test_other_libraries_are_heard_from_warnings_on_whatever_their_level_is() -> None:
    out = io.StringIO()
    configure("debug", out)
    for level in (logging.INFO, logging.WARNING):
        logging.getLogger("asyncio").handle(logging.LogRecord("asyncio", level, "", 0, "told", None, None))

    assert [line["level"] for line in lines(out)] == ["warning"]
