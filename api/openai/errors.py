"""Errors as OpenAI words them, for the routes that speak its language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

REFUSED = {
    "audio": "replies are text",
    "function_call": "replies are made of quotes and call no functions",
    "functions": "replies are made of quotes and call no functions",
    "logit_bias": "no language model is used, so there are no tokens to weigh",
    "logprobs": "no language model is used, so there are no probabilities",
    "modalities": "replies are text",
    "moderation": "replies are quotes from the institution's own pages",
    "n": "a question has one reply",
    "prediction": "no language model is used, so there is nothing to predict",
    "response_format": "replies are text",
    "store": "completions are not kept",
    "tool_choice": "replies are made of quotes and call no tools",
    "tools": "replies are made of quotes and call no tools",
    "top_logprobs": "no language model is used, so there are no probabilities",
    "web_search_options": "replies come from the institution's own pages alone",
}
"""Parameters with which a request is refused, and why."""

_KINDS = {
    HTTPStatus.UNAUTHORIZED: ("authentication_error", "invalid_api_key"),
    HTTPStatus.FORBIDDEN: ("permission_error", "insufficient_permissions"),
    HTTPStatus.TOO_MANY_REQUESTS: ("rate_limit_error", "rate_limit_exceeded"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("server_error", "service_unavailable"),
}
"""The type of an error and its code where it has no other."""

_PLACES = {"role", "content", "type", "text", "name"}
"""What inside of a message may be named in an error: all else may be the sender's own words."""

_ROLES = {"union_tag_invalid", "union_tag_not_found"}


def speaks_openai(path: str) -> bool:
    """Whether a request to this path expects OpenAI's errors and not problem documents."""
    return path == "/v1/chat/completions" or path == "/v1/models" or path.startswith("/v1/models/")


def error_body(
    status: int, message: str, *, param: str | None = None, code: str | None = None
) -> dict[str, object]:
    """The body of an error; ``param`` is the parameter of the request that it is about."""
    plain = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    kind, usual_code = _KINDS.get(HTTPStatus(status), (plain, None))
    return {"error": {"message": message, "type": kind, "param": param, "code": code or usual_code}}


def invalid_body(
    errors: Sequence[Mapping[str, Any]], worded: Callable[[Mapping[str, Any]], str]
) -> dict[str, object]:
    """The body of the error for a request that does not fit its schema; it tells one of ``errors``.

    A parameter that is refused comes before all others, for that will not be mended by another value.
    """
    refused = [name for each in errors if (name := _parameter(each)) in REFUSED]
    if refused:
        message = f"{refused[0]} is not supported: {REFUSED[refused[0]]}. Leave it out."
        return error_body(400, message, param=refused[0], code="unsupported_parameter")
    # Of the branches of a union, the one that was read furthest is the one that was meant.
    told = max(errors, key=lambda each: len(each["loc"]))
    place = _place(told)
    if told["type"] in _ROLES:
        place, wording = f"{place}.role", "must be system, developer, user or assistant"
    elif place.endswith("].type"):
        wording = "must be text: parts of other types are not read"
    else:
        wording = worded(told)
    return error_body(400, f"{place or 'The request'} {wording.rstrip('.')}.", param=place or None)


def _parameter(error: Mapping[str, Any]) -> str:
    """The parameter that an error is about, "" for the whole body and for one that is not known here."""
    location = error["loc"]
    return "" if len(location) < 2 or error["type"] == "extra_forbidden" else str(location[1])


def _place(error: Mapping[str, Any]) -> str:
    """Where in a request an error is: "messages[2].content"."""
    place = _parameter(error)
    if not place:
        return ""
    for step in error["loc"][2:]:
        if isinstance(step, int):
            place += f"[{step}]"
        elif step in _PLACES:
            place += f".{step}"
    return place
