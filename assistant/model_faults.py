"""Which fault an exception of a provider's library stands for, told without importing any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .language_model import Fault, ModelFault

_BY_STATUS = {
    401: Fault.UNAUTHORIZED,
    402: Fault.RATE_LIMITED,
    403: Fault.UNAUTHORIZED,
    404: Fault.UNKNOWN_MODEL,
    408: Fault.SERVER_ERROR,
    409: Fault.SERVER_ERROR,
    429: Fault.RATE_LIMITED,
}

_BY_TYPE: dict[type[BaseException], Fault] = {
    UnicodeError: Fault.NOT_TEXT,
    json.JSONDecodeError: Fault.NOT_TEXT,
    TimeoutError: Fault.TOO_SLOW,
}

_BY_TYPE_NAME = {
    # OpenAI's package and what LangChain makes of it
    "LengthFinishReasonError": Fault.CUT_OFF,
    "ContentFilterFinishReasonError": Fault.DECLINED,
    "OpenAIRefusalError": Fault.DECLINED,
    # the classes by which LangChain tells errors of all providers apart
    "ModelAuthenticationError": Fault.UNAUTHORIZED,
    "ModelPermissionDeniedError": Fault.UNAUTHORIZED,
    "ModelNotFoundError": Fault.UNKNOWN_MODEL,
    "ModelRateLimitError": Fault.RATE_LIMITED,
    "ContextOverflowError": Fault.REFUSED_REQUEST,
    "ModelInvalidRequestError": Fault.REFUSED_REQUEST,
    "ModelTimeoutError": Fault.TOO_SLOW,
    "ModelConnectionError": Fault.UNREACHABLE,
    "ModelAPIError": Fault.SERVER_ERROR,
    # what has not the form of an answer, which is how OpenAI's package finds a stream that was cut
    "ValidationError": Fault.NOT_TEXT,
    # httpx and its like, on which all of them stand
    "TimeoutException": Fault.TOO_SLOW,
    "DecodingError": Fault.NOT_TEXT,
    "TransportError": Fault.UNREACHABLE,
    "APITimeoutError": Fault.TOO_SLOW,
    "APIConnectionError": Fault.UNREACHABLE,
    "APIResponseValidationError": Fault.NOT_TEXT,
    "APIError": Fault.SERVER_ERROR,
}
"""In the order in which they are looked for among an exception's classes."""

_CONNECTING = {"ConnectTimeout", "PoolTimeout"}
"""Their classes say that time ran out, but it did so before there was a server."""

_LONGEST_CHAIN = 20


def fault_of(error: BaseException, *, has_begun: bool) -> ModelFault:
    """What an exception means; ``has_begun`` where text of the model had come before it.

    The message names the status or the class and nothing of what the server said, for it may repeat a key.
    """
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, ModelFault):
            return each
    for each in chain:
        if (status := _status(each)) is not None:
            fault = Fault.DECLINED if _is_filtered(each) else _by_status(status)
            return ModelFault(fault, f"the server answered with status {status}")
    for each in chain:
        if (found := _by_type(each)) is not None:
            is_cut = has_begun and (found is Fault.UNREACHABLE or type(each).__name__ == "ValidationError")
            return ModelFault(Fault.CUT_OFF if is_cut else found, type(each).__name__)
    return ModelFault(Fault.OTHER, type(error).__name__)


def retry_after(error: BaseException) -> float | None:
    """Seconds that the server asks to wait, None where it does not say."""
    for each in _chain(error):
        headers = getattr(getattr(each, "response", None), "headers", None)
        said = headers.get("Retry-After") if headers is not None else None
        if said:
            return _seconds(said)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__


def _status(error: BaseException) -> int | None:
    """The HTTP status, wherever the library keeps it: Google's calls it ``code``."""
    for found in (
        getattr(error, "status_code", None),
        getattr(getattr(error, "response", None), "status_code", None),
        getattr(error, "code", None),
    ):
        if isinstance(found, int) and 300 <= found < 600:
            return found
    return None


def _by_status(status: int) -> Fault:
    if status >= 500:
        return Fault.SERVER_ERROR
    return _BY_STATUS.get(status, Fault.REFUSED_REQUEST)


def _is_filtered(error: BaseException) -> bool:
    """Whether a filter of the provider's stopped the question: some tell so as a wrong request."""
    body: Any = getattr(error, "body", None)
    return isinstance(body, dict) and body.get("code") == "content_filter"


def _by_type(error: BaseException) -> Fault | None:
    names = {each.__name__ for each in type(error).__mro__}
    if names & _CONNECTING or isinstance(error, ConnectionError):
        return Fault.UNREACHABLE
    for kind, fault in _BY_TYPE.items():
        if isinstance(error, kind):
            return fault
    return next((fault for name, fault in _BY_TYPE_NAME.items() if name in names), None)


def _seconds(said: str) -> float | None:
    """What a Retry-After says, which is a number of seconds or a date (RFC 9110, section 10.2.3)."""
    try:
        return max(float(said), 0.0)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
