from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from api_fakes import DOCUMENT, OLD_QUOTE, QUOTE, TEXT, FakeBackend
from fastapi.testclient import TestClient


def test_a_reply_is_exactly_the_object_of_the_contract(client: TestClient) -> None:
    reply = client.post("/v1/chat", json={"message": "What is the fee?"}).json()

    ids = (reply.pop("conversation_id"), reply.pop("message_id"))
    assert all(len(each) == 22 for each in ids)
    assert len(set(ids)) == 2
    place = {
        "document_id": "medical-imaging-msc",
        "title": "Medical Imaging MSc",
        "url": "https://example.org/medical-imaging",
        "headings": ["Fees"],
        "modified_on": "2024-03-01",
        "page": None,
    }
    assert reply == {
        "outcome": "answered",
        "mode": "quoted",
        "language": "en",
        "question": "What is the fee? (turn 1)",
        "text": f"Here is what the page says. {QUOTE} [1] {OLD_QUOTE} [2][1]",
        "sentences": [
            {"text": "Here is what the page says.", "citations": [], "support": "quoted"},
            {"text": QUOTE, "citations": [1], "support": "quoted"},
            {"text": OLD_QUOTE, "citations": [2, 1], "support": "quoted"},
        ],
        "citations": [
            {
                **place,
                "number": 1,
                "deep_link": "https://example.org/medical-imaging#:~:text=quote1",
                "quote": QUOTE,
                "start": 6,
                "end": 64,
            },
            {
                **place,
                "number": 2,
                "deep_link": "https://example.org/medical-imaging#:~:text=quote2",
                "quote": OLD_QUOTE,
                "start": 66,
                "end": 93,
            },
        ],
        "notices": [{"kind": "outdated", "text": "The page was last changed in 2024.", "citations": [2]}],
        "suggestions": ["What are the deadlines?"],
        "generation": "g1",
        "model": None,
        "prompts": None,
        "usage": None,
    }


def test_every_quote_can_be_checked_against_the_text_that_the_documents_route_gives(
    client: TestClient,
) -> None:
    reply = client.post("/v1/chat", json={"message": "What is the fee?"}).json()

    for citation in reply["citations"]:
        document = client.get(f"/v1/documents/{citation['document_id']}").json()
        assert document["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_a_conversation_remembers_what_was_said(client: TestClient, backend: FakeBackend) -> None:
    first = client.post("/v1/chat", json={"message": "What is the fee?"}).json()
    second = client.post(
        "/v1/chat", json={"message": "And for Norwegians?", "conversation_id": first["conversation_id"]}
    ).json()

    assert second["conversation_id"] == first["conversation_id"]
    assert second["message_id"] != first["message_id"]
    history = backend.assistant.asked[1][1]
    assert [(turn.question, turn.standalone, turn.reply_text) for turn in history] == [
        ("What is the fee?", "What is the fee? (turn 1)", first["text"])
    ]


def test_two_conversations_know_nothing_of_each_other(client: TestClient, backend: FakeBackend) -> None:
    client.post("/v1/chat", json={"message": "What is the fee?"})
    client.post("/v1/chat", json={"message": "And for Norwegians?"})

    assert backend.assistant.asked[1][1] == ()


def test_an_unknown_conversation_is_a_404(client: TestClient, backend: FakeBackend) -> None:
    response = client.post("/v1/chat", json={"message": "What is the fee?", "conversation_id": "no-such-one"})

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert "no-such-one" not in response.text
    assert backend.assistant.asked == []


def test_profile_and_language_reach_the_assistant(client: TestClient, backend: FakeBackend) -> None:
    body = {"message": "Wat kost het?", "profile": {"nationality": "Norwegian"}, "language": "nl"}
    assert client.post("/v1/chat", json=body).status_code == 200

    assert backend.assistant.asked == [("Wat kost het?", (), {"nationality": "Norwegian"}, "nl")]


def test_the_page_that_the_person_is_on_reaches_the_assistant(
    client: TestClient, backend: FakeBackend
) -> None:
    body = {"message": "How long is it?"}
    page = "https://www.example.edu/masters/imaging?from=home#fees"

    assert client.post("/v1/chat", json=body | {"page": page}).status_code == 200
    assert client.post("/v1/chat", json=body | {"page": None}).status_code == 200
    assert client.post("/v1/chat", json=body).status_code == 200

    assert backend.assistant.pages == [page, None, None]


@pytest.mark.parametrize("stream", [True, False])
def test_the_address_of_the_page_is_kept_nowhere(
    client: TestClient, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    caplog.set_level("DEBUG")
    page = "https://www.example.edu/private-draft-4711"
    body = {"message": "How long is it?", "page": page, "stream": stream}

    replied = client.post("/v1/chat", json=body)

    found = re.search(r'"conversation_id": ?"([^"]+)"', replied.text)
    assert found is not None
    kept = client.get(f"/v1/conversations/{found[1]}")
    assert kept.status_code == 200
    assert "private-draft" not in kept.text + replied.text + caplog.text + client.get("/metrics").text


@pytest.mark.parametrize(
    "page",
    [
        "",
        "www.example.edu/imaging",
        "ftp://example.edu/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://example.edu/a b",
        "https://example.edu/\x00",
        "https://example.edu/" + "a" * 1_981,
        7,
        ["https://example.edu/"],
    ],
)
def test_what_is_no_address_of_a_page_is_refused(
    client: TestClient, backend: FakeBackend, page: object
) -> None:
    response = client.post("/v1/chat", json={"message": "How long is it?", "page": page})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/page"
    assert backend.assistant.asked == []


def test_the_longest_address_of_a_page_is_taken(client: TestClient) -> None:
    page = "https://example.edu/" + "a" * 1_980
    assert len(page) == 2_000

    assert client.post("/v1/chat", json={"message": "How long is it?", "page": page}).status_code == 200


def test_search_gives_the_passages_of_the_contract(client: TestClient) -> None:
    response = client.post("/v1/search", json={"query": "fee", "limit": 3})

    assert response.json() == {
        "hits": [
            {
                "document_id": "medical-imaging-msc",
                "title": "Medical Imaging MSc",
                "headings": ["Fees"],
                "text": QUOTE,
                "start": 6,
                "end": 64,
                "score": 0.75,
                "rank": 1,
            }
        ]
    }


def test_documents_are_listed_without_and_read_with_their_text(client: TestClient) -> None:
    listed = client.get("/v1/documents").json()
    read = client.get("/v1/documents/medical-imaging-msc").json()

    assert listed["generation"] == "g1"
    assert [each["id"] for each in listed["documents"]] == ["medical-imaging-msc"]
    assert listed["documents"][0] == {key: value for key, value in read.items() if key != "text"}
    assert read["text"] == TEXT
    assert read["length"] == len(TEXT)


def test_the_id_of_a_document_may_have_slashes(client: TestClient, backend: FakeBackend) -> None:
    index = backend.assistant.index
    index.documents = {"fees/2024": replace(DOCUMENT, id="fees/2024")}

    for path in ("/v1/documents/fees/2024", "/v1/documents/fees%2F2024"):
        assert client.get(path).json()["id"] == "fees/2024"


def test_an_unknown_document_is_a_404_that_does_not_repeat_its_id(client: TestClient) -> None:
    response = client.get("/v1/documents/secret-plans")

    assert response.status_code == 404
    assert response.json()["status"] == 404
    assert "secret-plans" not in response.text


def test_the_api_describes_itself_and_its_problems(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()

    assert set(schema["paths"]) > {
        "/v1/chat",
        "/v1/search",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/chat/completions",
        "/v1/models",
        "/healthz",
        "/readyz",
    }
    assert "application/problem+json" in schema["paths"]["/v1/chat"]["post"]["responses"]["422"]["content"]
    assert "ProblemDocument" in schema["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(schema)
    assert client.get("/docs").status_code == 200


def test_no_reply_is_cached_or_sniffed(client: TestClient) -> None:
    for response in (
        client.post("/v1/chat", json={"message": "What is the fee?"}),
        client.post("/v1/chat", json={}),
        client.get("/nowhere"),
        client.get("/healthz"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
