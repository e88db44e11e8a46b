"""The routes that speak OpenAI's language, byte by byte."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from api_fakes import OLD_QUOTE, QUOTE, FakeBackend
from fastapi.testclient import TestClient

from api.app import create_app
from api.capacity import Capacity
from api.door import Door
from api.service import Service
from api.settings import Settings

CANARY = "Canary7319"
QUESTION = [{"role": "user", "content": "What is the fee?"}]
LINK = "https://example.org/medical-imaging#:~:text=quote"
CONTENT = (
    f"Here is what the page says. {QUOTE} [1] {OLD_QUOTE} [2][1]\n\n"
    "The page was last changed in 2024.\n\n"
    f'[1]: <{LINK}1> "Medical Imaging MSc"\n'
    f'[2]: <{LINK}2> "Medical Imaging MSc"'
)


def complete(client: TestClient, **fields: object) -> Any:
    body = {"model": "prospectus", "messages": QUESTION, **fields}
    return client.post("/v1/chat/completions", json=body)


def chunks_of(text: str) -> list[dict[str, Any]]:
    *events, last, end = text.split("\n\n")
    assert last == "data: [DONE]"
    assert end == ""
    return [json.loads(event.removeprefix("data: ")) for event in events]


def citation(number: int, start: int, end: int) -> dict[str, object]:
    return {
        "type": "url_citation",
        "url_citation": {
            "url": f"{LINK}{number}",
            "title": "Medical Imaging MSc",
            "start_index": start,
            "end_index": end,
        },
    }


# 28 characters of framing, 58 of the first quote, " [1] ", 27 of the second, " [2][1]", a blank line
ANNOTATIONS = [citation(1, 28, 86), citation(2, 91, 118), citation(1, 91, 118), citation(2, 127, 161)]


def test_a_completion_is_what_openai_sends(client: TestClient) -> None:
    reply = complete(client).json()

    assert reply.pop("id").startswith("chatcmpl-")
    assert reply.pop("created") > 1_700_000_000
    usage = reply.pop("usage")
    assert reply == {
        "object": "chat.completion",
        "model": "prospectus",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": CONTENT,
                    "refusal": None,
                    "annotations": ANNOTATIONS,
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "system_fingerprint": "g1",
    }
    assert usage["prompt_tokens"] == 5  # What is the fee ?
    assert usage["total_tokens"] == 5 + usage["completion_tokens"]


def test_the_chunks_of_a_stream_add_up_to_the_whole(client: TestClient) -> None:
    response = complete(client, stream=True)
    chunks = chunks_of(response.text)

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-accel-buffering"] == "no"
    choices = [chunk["choices"][0] for chunk in chunks]
    assert choices[0]["delta"] == {"role": "assistant", "content": ""}
    assert "".join(choice["delta"].get("content", "") for choice in choices) == CONTENT
    found = [each for choice in choices for each in choice["delta"].get("annotations", [])]
    assert [each.pop("index") for each in found] == [0, 1, 2, 3]
    assert found == ANNOTATIONS
    assert choices[-1] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    assert {choice["finish_reason"] for choice in choices[:-1]} == {None}
    assert len({(chunk["id"], chunk["created"], chunk["model"], chunk["object"]) for chunk in chunks}) == 1
    assert all("usage" not in chunk for chunk in chunks)


def test_an_annotation_comes_with_the_sentence_that_it_is_about(client: TestClient) -> None:
    content = ""
    for chunk in chunks_of(complete(client, stream=True).text):
        delta = chunk["choices"][0]["delta"]
        begin = len(content)
        content += delta.get("content", "")
        for annotation in delta.get("annotations", []):
            place = annotation["url_citation"]
            assert begin <= place["start_index"] < place["end_index"] <= len(content)


def test_the_size_of_a_streamed_reply_is_told_where_it_is_asked_for(client: TestClient) -> None:
    whole = complete(client).json()["usage"]
    *chunks, last = chunks_of(complete(client, stream=True, stream_options={"include_usage": True}).text)

    assert last["choices"] == []
    assert last["usage"] == whole
    assert [chunk["usage"] for chunk in chunks] == [None] * len(chunks)


def test_the_models_are_listed_and_read(client: TestClient) -> None:
    listed = client.get("/v1/models").json()
    (model,) = listed["data"]

    assert listed["object"] == "list"
    assert {key: model[key] for key in ("id", "object", "owned_by")} == {
        "id": "prospectus",
        "object": "model",
        "owned_by": "prospectus",
    }
    assert client.get("/v1/models/prospectus").json() == model


NOTHING_ASKED = {
    "audio": None,
    "frequency_penalty": 0.5,
    "function_call": "none",
    "functions": [],
    "logit_bias": {},
    "logprobs": False,
    "max_completion_tokens": 1,
    "max_tokens": 1,
    "metadata": {"nationality": "Norwegian"},
    "modalities": ["text"],
    "n": 1.0,
    "parallel_tool_calls": True,
    "presence_penalty": -2,
    "reasoning_effort": "low",
    "response_format": {"type": "text"},
    "safety_identifier": "x",
    "seed": 7,
    "service_tier": "auto",
    "stop": ["."],
    "store": False,
    "stream_options": None,
    "temperature": 0,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1,
    "user": "somebody",
    "verbosity": "low",
}


@pytest.mark.parametrize("name", NOTHING_ASKED)
def test_a_parameter_that_asks_for_nothing_changes_nothing(client: TestClient, name: str) -> None:
    reply = complete(client, **{name: NOTHING_ASKED[name]})

    assert reply.status_code == 200
    assert reply.json()["choices"][0]["message"]["content"] == CONTENT


SCHEMA = {"type": "json_schema", "json_schema": {"name": CANARY, "schema": {}}}
REFUSED = {
    "audio": {"voice": CANARY, "format": "mp3"},
    "function_call": {"name": CANARY},
    "functions": [{"name": CANARY}],
    "logit_bias": {"7319": 1},
    "logprobs": True,
    "modalities": ["text", "audio"],
    "moderation": {"model": CANARY},
    "n": 2,
    "prediction": {"type": "content", "content": CANARY},
    "response_format": SCHEMA,
    "store": True,
    "tool_choice": "required",
    "tools": [{"type": "function", "function": {"name": CANARY}}],
    "top_logprobs": 5,
    "web_search_options": {},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_by_name(client: TestClient, backend: FakeBackend, name: str) -> None:
    response = complete(client, temperature=7, **{name: REFUSED[name]})

    assert response.status_code == 400
    error = response.json()["error"]
    assert error["message"].startswith(f"{name} is not supported: ")
    assert (error["type"], error["param"]) == ("invalid_request_error", name)
    assert error["code"] == "unsupported_parameter"
    assert CANARY not in response.text
    assert backend.assistant.asked == []


@pytest.mark.parametrize(
    ("name", "value"), [("n", True), ("top_logprobs", False), ("store", 0), ("logprobs", 0)]
)
def test_a_truth_value_is_no_number(client: TestClient, name: str, value: object) -> None:
    assert complete(client, **{name: value}).status_code == 400


def said(content: object, role: str = "user", **fields: object) -> dict[str, object]:
    return {"messages": [{"role": role, "content": content, **fields}]}


IMAGE = {"type": "image_url", "image_url": {"url": f"https://example.org/{CANARY}.png"}}
BAD_BODIES: dict[str, tuple[dict[str, object], str | None, str]] = {
    "unknown parameter": ({CANARY: 1}, None, "The request has a field that this route does not know."),
    "no messages": ({"messages": []}, "messages", "messages must have at least 1 entries."),
    "messages are text": ({"messages": CANARY}, "messages", "messages must be a list."),
    "temperature of 3": ({"temperature": 3}, "temperature", "temperature must be at most 2."),
    "temperature as text": ({"temperature": "hot"}, "temperature", "temperature must be a number."),
    "stream as text": ({"stream": "yes"}, "stream", "stream must be true or false."),
    "model is a number": ({"model": 7319}, "model", "model must be text."),
    "an image": (
        said([{"type": "text", "text": "See?"}, IMAGE]),
        "messages[0].content[1].type",
        "messages[0].content[1].type must be text: parts of other types are not read.",
    ),
    "a tool's result": (
        said(CANARY, "tool", tool_call_id="x"),
        "messages[0].role",
        "messages[0].role must be system, developer, user or assistant.",
    ),
    "no role": (
        {"messages": [{"content": CANARY}]},
        "messages[0].role",
        "messages[0].role must be system, developer, user or assistant.",
    ),
    "no content": (
        {"messages": [{"role": "user"}]},
        "messages[0].content",
        "messages[0].content is required.",
    ),
    "blank question": (said(" \n"), "messages[0].content", "messages[0].content must hold words."),
    "control characters": (
        said(f"{CANARY}\x1b[2J"),
        "messages[0].content",
        "messages[0].content must not contain control characters.",
    ),
    "too long a question": (
        said("x" * 2001),
        "messages",
        "The question has 2,001 characters; at most 2,000 are read.",
    ),
    "no question": (
        said(CANARY, "assistant"),
        "messages",
        "The messages hold no question: none is from a user.",
    ),
    "a tool call": (
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": CANARY}]}, *QUESTION]},
        "messages[0]",
        "messages[0] must have at most 0 entries.",
    ),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_what_does_not_fit_is_a_400_that_says_where_and_repeats_nothing(
    client: TestClient, backend: FakeBackend, name: str
) -> None:
    fields, param, message = BAD_BODIES[name]
    response = complete(client, **fields)

    assert response.status_code == 400
    assert response.json() == {
        "error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    }
    assert CANARY not in response.text
    assert backend.assistant.asked == []


def error_of(response: Any) -> tuple[int, str, str | None, str | None]:
    """Status, type, param and code, once it is clear that it is OpenAI's error and nothing beside it."""
    assert response.headers["content-type"] == "application/json"
    (error,) = response.json().values()
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    return response.status_code, error["type"], error["param"], error["code"]


def test_errors_of_all_kinds_have_openais_shape(client: TestClient) -> None:
    path, json_type = "/v1/chat/completions", {"content-type": "application/json"}
    invalid = "invalid_request_error"

    assert error_of(complete(client, model=CANARY)) == (404, invalid, "model", "model_not_found")
    assert error_of(client.get(f"/v1/models/{CANARY}")) == (404, invalid, None, "model_not_found")
    assert error_of(client.get("/v1/models/a/b")) == (404, invalid, None, None)
    assert error_of(client.get(path)) == (405, invalid, None, None)
    assert error_of(client.post(path, content=b"{", headers=json_type)) == (400, invalid, None, None)
    assert error_of(client.post(path, content=b'{"a": NaN}', headers=json_type)) == (400, invalid, None, None)
    assert error_of(client.post(path, headers=json_type)) == (400, invalid, None, None)
    assert error_of(client.post(path, content=b"{}")) == (415, invalid, None, None)
    assert error_of(client.post(path, content=b" " * 65_537, headers=json_type)) == (413, invalid, None, None)
    assert CANARY not in complete(client, model=CANARY).text


def test_who_may_not_call_is_told_so_in_openais_shape(service: Service) -> None:
    door = Door(Settings(api_keys="a-key-that-nobody-sends-of-forty-letters"))
    with TestClient(create_app(service, door=door)) as client:
        status, kind, _, code = error_of(complete(client))
    assert (status, kind, code) == (401, "authentication_error", "invalid_api_key")


def test_too_many_requests_are_refused_in_openais_shape(service: Service) -> None:
    with TestClient(create_app(service, door=Door(Settings(rate_limit="1/minute")))) as client:
        assert complete(client).status_code == 200
        response = complete(client)
    assert error_of(response) == (429, "rate_limit_error", None, "rate_limit_exceeded")
    assert int(response.headers["retry-after"]) > 0


def test_without_an_index_or_a_free_place_it_is_a_503_in_openais_shape() -> None:
    expected = (503, "server_error", None, "service_unavailable")
    with TestClient(create_app(Service(FakeBackend(published=None)))) as client:
        assert error_of(complete(client)) == expected
        assert error_of(complete(client, stream=True)) == expected
        assert client.get("/v1/models").status_code == 200

    service = Service(FakeBackend())
    service.open()
    with TestClient(create_app(service, capacity=Capacity(at_once=1, waiting=-1))) as client:
        response = complete(client, stream=True)
        assert error_of(response) == expected
        assert response.headers["retry-after"] == "2"


@pytest.mark.parametrize("stream", [False, True])
def test_a_fault_of_ours_is_told_without_detail_and_logged(
    caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    service = Service(FakeBackend(failure=ZeroDivisionError(f"at /home/{CANARY}")))
    service.open()
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        response = complete(client, stream=stream)

    last = json.loads(response.text.strip().rpartition("data: ")[2]) if stream else response.json()
    assert response.status_code == (200 if stream else 500)
    assert last["error"]["type"] == "server_error"
    assert CANARY not in response.text
    assert "[DONE]" not in response.text
    assert "ZeroDivisionError" in caplog.text


def test_a_stream_whose_time_is_over_ends_with_an_error() -> None:
    gate = threading.Event()
    service = Service(FakeBackend(gate=gate))
    service.open()
    with TestClient(create_app(service, capacity=Capacity(reply_seconds=0.1))) as client:
        response = complete(client, stream=True)
        gate.set()

    assert json.loads(response.text.strip().rpartition("data: ")[2]) == {
        "error": {
            "message": "The reply took too long and was given up. Try again in a moment.",
            "type": "server_error",
            "param": None,
            "code": "service_unavailable",
        }
    }


def test_nothing_is_kept(client: TestClient, service: Service) -> None:
    answer = complete(client).json()
    for conversation_id in (answer["id"], answer["id"].removeprefix("chatcmpl-")):
        assert client.get(f"/v1/conversations/{conversation_id}").status_code == 404


def test_the_schema_names_what_is_refused_and_what_can_come(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    operation = schema["paths"]["/v1/chat/completions"]["post"]

    assert set(operation["responses"]) == {
        *("200", "400", "401", "403", "404", "408", "413", "415", "429", "503")
    }
    for status, response in operation["responses"].items():
        if status != "200":
            assert response["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorReply")
    assert operation["requestBody"]["content"]["application/json"]["examples"]


def test_the_schema_says_which_numbers_ask_for_nothing(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    found = {
        name: fields["anyOf"][0]
        for name, fields in schemas["CompletionRequest"]["properties"].items()
        if "anyOf" in fields
    }

    assert found["n"] == {"type": "integer", "minimum": 1, "maximum": 1}
    assert found["top_logprobs"] == {"type": "integer", "minimum": 0, "maximum": 0}
    assert found["max_tokens"] == {"type": "integer", "minimum": 1}
    assert found["store"] == {"type": "boolean", "const": False}
    assert schemas["SearchRequest"]["properties"]["limit"]["maximum"] == 50
