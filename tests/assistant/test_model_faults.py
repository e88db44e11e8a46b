"""Exceptions as the providers' libraries raise them, made here by their shapes and names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from assistant.language_model import Fault, ModelFault
from assistant.model_faults import fault_of, retry_after


class Response:
    def __init__(self, status_code: int = 429, headers: dict[str, str] | None = None) -> None:
        self.status_code = status_code
        self.headers = headers or {}


def an_error(name: str = "APIError", *bases: str, **attributes: object) -> Exception:
    """An exception of a class of that name below classes of these."""
    kind: type[Exception] = Exception
    for each in (*reversed(bases), name):
        kind = type(each, (kind,), {})
    error = kind("Canary: what the server said")
    vars(error).update(attributes)
    return error


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (an_error(status_code=401), Fault.UNAUTHORIZED),  # OpenAI, Anthropic, Ollama
        (an_error(status_code=402), Fault.RATE_LIMITED),
        (an_error(status_code=403), Fault.UNAUTHORIZED),
        (an_error(status_code=404), Fault.UNKNOWN_MODEL),
        (an_error(status_code=413), Fault.REFUSED_REQUEST),
        (an_error(status_code=422), Fault.REFUSED_REQUEST),
        (an_error(status_code=529), Fault.SERVER_ERROR),
        (an_error(code=429), Fault.RATE_LIMITED),  # Google
        (an_error(code="429"), Fault.SERVER_ERROR),  # no status, but some error of a server's
        (an_error("HTTPStatusError", response=Response(503)), Fault.SERVER_ERROR),  # Mistral
        (an_error(status_code=400, body={"code": "content_filter"}), Fault.DECLINED),  # Azure
        (an_error(status_code=400, body={"code": "other"}), Fault.REFUSED_REQUEST),
        (an_error("ConnectTimeout", "TimeoutException", "TransportError"), Fault.UNREACHABLE),
        (an_error("ReadTimeout", "TimeoutException", "TransportError"), Fault.TOO_SLOW),
        (an_error("ReadError", "TransportError"), Fault.UNREACHABLE),
        (an_error("SSEError", "TransportError"), Fault.NOT_TEXT),
        (an_error("ServerDisconnectedError", "ClientConnectionError"), Fault.UNREACHABLE),
        (an_error("OpenAITimeoutError", "APITimeoutError", "APIConnectionError", "APIError"), Fault.TOO_SLOW),
        (an_error("APIConnectionError", "APIError"), Fault.UNREACHABLE),
        (an_error("LengthFinishReasonError"), Fault.CUT_OFF),
        (ConnectionRefusedError(), Fault.UNREACHABLE),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "Canary"), Fault.NOT_TEXT),
        (KeyError("Canary"), Fault.OTHER),
    ],
    ids=lambda value: str(value) if isinstance(value, Fault) else type(value).__name__,
)
def test_what_an_exception_means_is_told_by_status_and_class(error: Exception, fault: Fault) -> None:
    found = fault_of(error, has_begun=False)

    assert found.fault is fault
    assert "Canary" not in str(found)


def test_a_connection_that_ends_after_the_first_word_has_cut_the_answer_off() -> None:
    assert fault_of(an_error("ReadError", "TransportError"), has_begun=True).fault is Fault.CUT_OFF
    assert fault_of(an_error("ValidationError", "ValueError"), has_begun=True).fault is Fault.CUT_OFF
    assert fault_of(an_error("ValidationError", "ValueError"), has_begun=False).fault is Fault.NOT_TEXT


def test_the_cause_is_found_behind_what_libraries_wrap_around_it() -> None:
    own = ModelFault(Fault.TOO_LONG)
    wrapped = an_error("APIConnectionError", "APIError")
    wrapped.__cause__ = an_error("Wrapper")
    wrapped.__cause__.__context__ = own

    assert fault_of(wrapped, has_begun=False) is own


def test_a_chain_of_causes_that_bites_its_tail_ends() -> None:
    first, second = an_error("Unknown"), an_error("Unknown")
    first.__context__, second.__context__ = second, first

    assert fault_of(first, has_begun=False).fault is Fault.OTHER


def test_how_long_to_wait_is_read_as_seconds_or_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    for said, least, most in (("7", 7, 7), ("0.5", 0.5, 0.5), ("-3", 0, 0), (later, 60, 90)):
        waited = retry_after(an_error(response=Response(headers={"Retry-After": said})))
        assert waited is not None
        assert least <= waited <= most
    for said in ("soon", "nan", ""):
        assert retry_after(an_error(response=Response(headers={"Retry-After": said}))) is None
    assert retry_after(an_error(response=Response())) is None
    assert retry_after(KeyError()) is None
