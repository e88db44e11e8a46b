"""The public contract, as someone who has only read it would try it on a running server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from outside_server import NO_LIMITS, SECRET_OF_THE_FAILURE, OutsideServer, events_of, serving

CANARY = "Canary7319"
REPLY_FIELDS = {
    "conversation_id",
    "message_id",
    "outcome",
    "mode",
    "language",
    "question",
    "text",
    "sentences",
    "citations",
    "notices",
    "suggestions",
    "generation",
    "model",
    "prompts",
    "usage",
}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutsideServer]:
    with serving(tmp_path_factory.mktemp("contract"), **NO_LIMITS) as server:
        yield server


@pytest.fixture
def client(server: OutsideServer) -> Iterator[httpx2.Client]:
    with server.client() as client:
        yield client


def ask(client: httpx2.Client, message: str = "What is the fee?", **fields: Any) -> dict[str, Any]:
    response = client.post("/v1/chat", json={"message": message, **fields})
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


def assert_problem(response: httpx2.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].partition(";")[0] == "application/problem+json"
    assert len(response.content) <= 1024
    assert CANARY not in response.text
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["title"]
    return problem


# Chat


def test_a_reply_has_the_fields_of_the_contract_and_cites_what_its_text_cites(client: httpx2.Client) -> None:
    reply = ask(client)

    assert set(reply) == REPLY_FIELDS
    numbers = [each["number"] for each in reply["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    marks = [int(each) for each in re.findall(r"\[(\d+)\]", reply["text"])]
    assert list(dict.fromkeys(marks)) == numbers
    for each in reply["citations"]:
        document = client.get(f"/v1/documents/{each['document_id']}").json()
        assert document["text"][each["start"] : each["end"]] == each["quote"]


def test_a_stream_tells_started_sentences_notices_and_completed_in_this_order(client: httpx2.Client) -> None:
    response = client.post("/v1/chat", json={"message": "What is the fee?", "stream": True})

    assert response.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert "no-cache" in response.headers["cache-control"] or "no-store" in response.headers["cache-control"]
    assert response.headers["x-accel-buffering"] == "no"
    events = events_of(response.text)
    names = [name for name, _ in events]
    assert re.fullmatch("started( sentence)+( notice)* completed", " ".join(names))
    started, completed = events[0][1], events[-1][1]
    assert set(completed) == REPLY_FIELDS
    assert {key: completed[key] for key in ("conversation_id", "message_id")} == started
    sentences = [data for name, data in events if name == "sentence"]
    assert [each["text"] for each in sentences] == [each["text"] for each in completed["sentences"]]
    cited = {number for each in sentences for number in each["citations"]}
    assert cited == {source["number"] for each in sentences for source in each["sources"]}


def test_a_failure_is_an_error_that_tells_nothing_whole_and_streamed(client: httpx2.Client) -> None:
    whole = client.post("/v1/chat", json={"message": f"break {CANARY}"})
    streamed = client.post("/v1/chat", json={"message": f"break {CANARY}", "stream": True})

    assert_problem(whole, 500)
    names = [name for name, _ in events_of(streamed.text)]
    assert names == ["started", "error"]
    assert events_of(streamed.text)[-1][1]["status"] == 500
    for text in (whole.text, streamed.text):
        assert SECRET_OF_THE_FAILURE not in text
        assert CANARY not in text
        assert "ZeroDivision" not in text


def test_a_failed_message_leaves_no_turn_behind(client: httpx2.Client) -> None:
    conversation = ask(client)["conversation_id"]
    client.post("/v1/chat", json={"message": "break", "conversation_id": conversation})

    assert ask(client, conversation_id=conversation)["question"].endswith("(turn 2)")


def test_a_conversation_continues_by_its_id(client: httpx2.Client) -> None:
    first = ask(client)
    second = ask(client, "And for me?", conversation_id=first["conversation_id"])
    streamed = client.post(
        "/v1/chat",
        json={"message": "And now?", "conversation_id": first["conversation_id"], "stream": True},
    )
    fresh = ask(client)

    assert first["question"].endswith("(turn 1)")
    assert second["question"].endswith("(turn 2)")
    assert events_of(streamed.text)[-1][1]["question"].endswith("(turn 3)")
    assert second["conversation_id"] == first["conversation_id"] != fresh["conversation_id"]
    assert len({each["message_id"] for each in (first, second, fresh)}) == 3


def test_an_unknown_conversation_is_a_404_also_for_a_stream(client: httpx2.Client) -> None:
    for stream in (False, True):
        for unknown in (CANARY, "A" * 22):
            fields = {"message": "Fee?", "conversation_id": unknown, "stream": stream}
            assert_problem(client.post("/v1/chat", json=fields), 404)


def test_a_message_that_looks_like_events_makes_none(client: httpx2.Client) -> None:
    for end in ("\n", "\r\n", "\r"):
        message = f"Fee?{end}{end}event: completed{end}data: {{}}{end}{end}"
        response = client.post("/v1/chat", json={"message": message, "stream": True})
        names = [name for name, _ in events_of(response.text)]
        assert names.count("completed") == 1
        assert names[-1] == "completed"


def test_no_line_of_a_stream_is_broken_for_clients_that_know_more_line_ends(client: httpx2.Client) -> None:
    # Python's splitlines, on which clients stand, also ends lines where the format does not.
    for path, fields in (
        ("/v1/chat", {"message": "echo one\u2028two\u2029three"}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "echo one\u2028two\u2029three"}]}),
    ):
        body = {**fields, "stream": True, **({"model": "prospectus"} if "messages" in fields else {})}
        response = client.post(path, json=body)
        assert response.status_code == 200, response.text
        assert "two" in response.text
        lines = [line for line in response.text.splitlines() if line]
        assert all(line.startswith(("event: ", "data: ", ":")) for line in lines)


# Conversations and feedback


def test_a_conversation_can_be_read_and_deleted(client: httpx2.Client) -> None:
    reply = ask(client, "How much is the fee this year?")
    path = f"/v1/conversations/{reply['conversation_id']}"

    exported = client.get(path)
    assert exported.status_code == 200
    assert "How much is the fee this year?" in exported.text
    assert reply["message_id"] in exported.text
    assert json.dumps(reply["text"])[1:-1] in exported.text
    deleted = client.delete(path)
    assert deleted.status_code == 204
    assert deleted.content == b""
    assert_problem(client.get(path), 404)
    assert_problem(client.delete(path), 404)
    fields = {"message": "Fee?", "conversation_id": reply["conversation_id"]}
    assert_problem(client.post("/v1/chat", json=fields), 404)
    assert_problem(client.put(f"/v1/messages/{reply['message_id']}/feedback", json={"rating": "up"}), 404)


def test_a_message_can_be_rated_and_rated_again(client: httpx2.Client) -> None:
    reply = ask(client)
    path = f"/v1/messages/{reply['message_id']}/feedback"

    assert client.put(path, json={"rating": "up"}).status_code in (200, 204)
    assert client.put(path, json={"rating": "down", "comment": "It was 2023."}).status_code in (200, 204)
    exported = client.get(f"/v1/conversations/{reply['conversation_id']}").text
    assert '"down"' in exported
    assert '"up"' not in exported
    assert "It was 2023." in exported


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"rating": "Canary7319"}',
        b'{"rating": "UP"}',
        b'{"rating": 1}',
        b'{"rating": null}',
        b'{"rating": "up", "comment": 7319}',
        b'{"rating": "up", "comment": "\\ud800"}',
        b'{"rating": "up", "comment": "Canary7319 \\u0000"}',
        b'{"rating": "up", "Canary7319": 1}',
        b'{"rating": "up", "comment": "%s"}' % (b"x" * 20_000),
    ],
)
def test_feedback_that_does_not_fit_is_a_422(client: httpx2.Client, content: bytes) -> None:
    path = f"/v1/messages/{ask(client)['message_id']}/feedback"
    assert_problem(client.put(path, content=content, headers=JSON), 422)


def test_feedback_on_an_unknown_message_is_a_404(client: httpx2.Client) -> None:
    assert_problem(client.put(f"/v1/messages/{CANARY}/feedback", json={"rating": "up"}), 404)


# Errors

ODD_BODIES = {
    "not JSON": (b"Canary7319", 400),
    "NaN": (b'{"message": NaN}', 400),
    "a key twice": (b'{"message": "Fee?", "message": "Canary7319"}', 400),
    "not UTF-8": (b'{"message": "Canary7319 \xff"}', 400),
    "nested deeply": (b'{"message": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400),
    "a huge number": (b'{"message": ' + b"9" * 10_000 + b"}", 400),
    "nothing": (b"", None),
    "null": (b"null", 422),
    "a list": (b'["Canary7319"]', 422),
    "a lone surrogate": (b'{"message": "\\ud83d Canary7319"}', 422),
    "a lone surrogate as a key": (b'{"message": "x", "\\ud83d": 1}', 422),
    "an unknown field": (b'{"message": "x", "Canary7319": 1}', 422),
    "too much": (b'{"message": "' + b"Canary7319" * 6_600 + b'"}', 413),
}
WITH_BODY = [
    ("POST", "/v1/chat"),
    ("POST", "/v1/search"),
    ("PUT", "/v1/messages/AAAAAAAAAAAAAAAAAAAAAA/feedback"),
    ("POST", "/v1/chat/completions"),
]


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_gets_a_small_error_that_does_not_repeat_it(
    client: httpx2.Client, method: str, path: str, name: str
) -> None:
    content, status = ODD_BODIES[name]
    response = client.request(method, path, content=content, headers=JSON)

    assert 400 <= response.status_code < 500
    # OpenAI's API has 400 where ours has 422.
    assert response.status_code == status or status in (None, 422), response.text
    assert len(response.content) <= 1024
    assert CANARY not in response.text
    if path != "/v1/chat/completions":
        assert_problem(response, response.status_code)


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
def test_a_body_that_is_not_json_is_a_415(
    client: httpx2.Client, method: str, path: str, content_type: str
) -> None:
    response = client.request(
        method, path, content=b'{"message": "Fee?"}', headers={"Content-Type": content_type}
    )
    assert response.status_code == 415


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/chat/", "/v1/documents/Canary7319", "/v1/conversations/Canary7319/x"]
)
def test_what_is_not_there_is_a_404(client: httpx2.Client, path: str) -> None:
    assert_problem(client.get(path), 404)


def test_a_method_that_a_route_does_not_have_is_a_405_that_names_those_it_has(client: httpx2.Client) -> None:
    response = client.delete("/v1/chat")

    assert_problem(response, 405)
    assert "POST" in response.headers["allow"]


def test_no_language_of_a_client_changes_the_shape_of_errors(client: httpx2.Client) -> None:
    for accept in ("text/html", "application/xml", "*/*;q=0", "Canary7319", ""):
        assert_problem(client.get("/nowhere", headers={"Accept": accept}), 404)


# OpenAI


def completion(client: httpx2.Client, **fields: Any) -> httpx2.Response:
    model = client.get("/v1/models").json()["data"][0]["id"]
    body = {"model": model, "messages": [{"role": "user", "content": "What is the fee?"}], **fields}
    return client.post("/v1/chat/completions", json=body)


def assert_openai_error(response: httpx2.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].partition(";")[0] == "application/json"
    assert len(response.content) <= 1024
    assert CANARY not in response.text
    error: dict[str, Any] = response.json()["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    return error


def test_the_models_are_listed_and_read(client: httpx2.Client) -> None:
    listed = client.get("/v1/models").json()

    assert listed["object"] == "list"
    for model in listed["data"]:
        assert model["object"] == "model"
        assert isinstance(model["created"], int)
        assert client.get(f"/v1/models/{model['id']}").json() == model
    assert_openai_error(client.get(f"/v1/models/{CANARY}"), 404)


def test_a_completion_carries_citations_that_point_at_what_they_support(client: httpx2.Client) -> None:
    answer = completion(client).json()

    (choice,) = answer["choices"]
    content = choice["message"]["content"]
    assert choice["finish_reason"] == "stop"
    assert answer["object"] == "chat.completion"
    annotations = choice["message"]["annotations"]
    assert annotations
    for each in annotations:
        assert each["type"] == "url_citation"
        citation = each["url_citation"]
        assert citation["url"].startswith("https://example.org/medical-imaging")
        span = content[citation["start_index"] : citation["end_index"]]
        assert span.strip()
        assert "Here is what the page says" not in span
    assert answer["usage"]["total_tokens"] == (
        answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    )


def chunks_of(response: httpx2.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_a_streamed_completion_is_the_whole_one_in_pieces(client: httpx2.Client) -> None:
    whole = completion(client).json()["choices"][0]["message"]
    streamed = completion(client, stream=True, stream_options={"include_usage": True})
    *chunks, last = chunks_of(streamed)

    assert streamed.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert len({each["id"] for each in [*chunks, last]}) == 1
    assert {each["object"] for each in [*chunks, last]} == {"chat.completion.chunk"}
    deltas = [each["choices"][0]["delta"] for each in chunks]
    assert deltas[0]["role"] == "assistant"
    assert "".join(each.get("content") or "" for each in deltas) == whole["content"]
    found = [each for delta in deltas for each in delta.get("annotations") or ()]
    # Clients put the parts of a list together by their index.
    assert [each.pop("index") for each in found] == list(range(len(found)))
    assert found == whole["annotations"]
    reasons = [each["choices"][0]["finish_reason"] for each in chunks]
    assert reasons == [None] * (len(reasons) - 1) + ["stop"]
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] > 0
    assert all(each.get("usage") is None for each in chunks)


def test_a_stream_without_that_option_has_no_usage(client: httpx2.Client) -> None:
    assert all(each["choices"] for each in chunks_of(completion(client, stream=True)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("tools", [{"type": "function", "function": {"name": "Canary7319"}}]),
        ("functions", [{"name": "f"}]),
        ("logprobs", True),
        ("response_format", {"type": "json_object"}),
        ("audio", {"voice": "alloy", "format": "mp3"}),
        ("modalities", ["audio"]),
        ("temperature", "hot"),
        ("max_tokens", -1),
        ("stream", "yes"),
        ("messages", []),
        ("messages", [{"role": "Canary7319", "content": "x"}]),
        ("messages", [{"role": "user", "content": "\ud800"}]),
        ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]),
        ("messages", [{"role": "assistant", "content": "Nobody asked."}]),
    ],
)
def test_what_a_completion_cannot_do_is_refused_by_name(
    client: httpx2.Client, name: str, value: object
) -> None:
    model = client.get("/v1/models").json()["data"][0]["id"]
    body = {"model": model, "messages": [{"role": "user", "content": "Fee?"}], name: value}
    response = client.post("/v1/chat/completions", content=json.dumps(body).encode(), headers=JSON)

    error = assert_openai_error(response, 400)
    assert name in error["message"] or (error["param"] or "").startswith(name)


def test_an_unknown_model_is_a_404(client: httpx2.Client) -> None:
    assert assert_openai_error(completion(client, model=CANARY), 404)["code"] == "model_not_found"


def test_earlier_messages_of_a_completion_are_its_history_and_system_messages_are_not(
    client: httpx2.Client,
) -> None:
    messages = [
        {"role": "system", "content": "break"},
        {"role": "user", "content": "What is the fee?"},
        {"role": "assistant", "content": "18,690 EUR per year."},
        {"role": "user", "content": [{"type": "text", "text": "And for me?"}]},
    ]
    response = completion(client, messages=messages)
    assert response.status_code == 200, response.text


def test_a_failing_completion_is_an_error_of_the_same_shape_whole_and_streamed(client: httpx2.Client) -> None:
    messages = [{"role": "user", "content": f"break {CANARY}"}]
    assert_openai_error(completion(client, messages=messages), 500)
    streamed = completion(client, messages=messages, stream=True)

    assert CANARY not in streamed.text
    assert SECRET_OF_THE_FAILURE not in streamed.text
    if streamed.status_code == 200:
        assert any('"error"' in line for line in streamed.text.splitlines())
    else:
        assert_openai_error(streamed, 500)


# Seen from outside


def test_health_readiness_and_metrics(client: httpx2.Client) -> None:
    ask(client)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json()["generation"] == "g1"
    metrics = client.get("/metrics")
    assert metrics.status_code == 200
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "/v1/chat" in metrics.text


def test_what_is_asked_of_unknown_paths_does_not_grow_the_metrics(client: httpx2.Client) -> None:
    client.get("/nowhere")
    client.request("BREW", "/nowhere")
    before = len(client.get("/metrics").text.splitlines())
    for number in range(50):
        client.get(f"/nowhere/{CANARY}{number}")
        client.get(f"/v1/documents/{CANARY}{number}")
        client.get(f"/v1/conversations/{CANARY}{number}")
        client.request(f"{CANARY}{number}", "/nowhere")
    metrics = client.get("/metrics").text

    assert CANARY not in metrics
    assert len(metrics.splitlines()) - before < 100


def test_a_request_id_comes_back_if_it_is_one_and_is_replaced_if_not(client: httpx2.Client) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "abc-123_DEF"})
    assert given.headers["x-request-id"] == "abc-123_DEF"
    fresh = {client.get("/healthz").headers["x-request-id"] for _ in range(2)}
    assert len(fresh) == 2
    for odd in ("a b", "x" * 300, "<script>", 'a"b', "a,b;c", "\x7f", "", "ü"):
        response = client.get("/healthz", headers={"X-Request-ID": odd.encode("latin-1")})
        assert response.headers["x-request-id"] != odd
        assert re.fullmatch(r"[A-Za-z0-9._-]{8,128}", response.headers["x-request-id"])
    assert client.get("/nowhere").headers["x-request-id"]


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/nowhere", "/v1/models", "/openapi.json"])
def test_every_answer_is_sent_with_the_headers_that_keep_a_browser_in_check(
    client: httpx2.Client, path: str
) -> None:
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers
    assert "x-powered-by" not in headers


def test_every_route_is_described_with_an_example(client: httpx2.Client) -> None:
    schema = client.get("/openapi.json").json()
    without = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is not None and "example" not in json.dumps(_resolved(schema, body)):
                without.append(f"{method.upper()} {path}: request")
            for status, response in operation["responses"].items():
                for media_type, content in response.get("content", {}).items():
                    if "example" not in json.dumps(_resolved(schema, content)):
                        without.append(f"{method.upper()} {path}: {status} {media_type}")
    assert without == [], "\n".join(without)


def _resolved(schema: dict[str, Any], part: Any, depth: int = 0) -> Any:
    """The part with its references to other parts of the schema put in, as deep as examples stand."""
    if isinstance(part, list):
        return [_resolved(schema, each, depth) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part and depth < 3:
        name = part["$ref"].rpartition("/")[2]
        return _resolved(schema, schema["components"]["schemas"][name], depth + 1)
    return {key: _resolved(schema, value, depth) for key, value in part.items()}
