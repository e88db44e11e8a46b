"""The examples of the OpenAPI description are what the server could answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from api import examples
from api.openai import schemas as openai
from api.openai.chunks import EVENT_EXAMPLE as CHUNKS
from api.schemas import (
    ChatReply,
    ConversationExport,
    DocumentList,
    DocumentWithText,
    FeedbackRequest,
    SearchReply,
)
from api.streaming import EVENT_EXAMPLE, Started, StreamedSentence
from ingest.documents import Document


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (ChatReply, examples.CHAT_REPLY),
        (FeedbackRequest, examples.FEEDBACK),
        (ConversationExport, examples.CONVERSATION),
        (SearchReply, examples.SEARCH_REPLY),
        (DocumentWithText, examples.DOCUMENT_WITH_TEXT),
        (DocumentList, examples.DOCUMENT_LIST),
        (openai.Completion, examples.COMPLETION),
        (openai.ModelList, examples.MODEL_LIST),
        (openai.ErrorReply, examples.ERROR_REPLY),
    ],
)
def test_an_example_is_what_its_model_would_send(model: type[BaseModel], example: dict[str, Any]) -> None:
    assert json.loads(model.model_validate(example).model_dump_json()) == example


def test_the_example_of_a_document_fits_its_text() -> None:
    text = examples.DOCUMENT_WITH_TEXT["text"]
    fields = {key: examples.DOCUMENT[key] for key in ("id", "title", "url", "publisher", "language")}
    assert examples.DOCUMENT["content_hash"] == Document(text=text, **fields).content_hash
    assert examples.DOCUMENT["length"] == len(text)


def test_the_example_of_a_completion_cites_its_sentence() -> None:
    message = examples.COMPLETION["choices"][0]["message"]
    place = message["annotations"][0]["url_citation"]
    assert message["content"][place["start_index"] : place["end_index"]] == "Duration: 24 months."


def test_the_examples_of_streams_hold_events_of_their_kind() -> None:
    events = [block.split("\n") for block in EVENT_EXAMPLE.strip().split("\n\n")]
    kinds: dict[str, type[BaseModel]] = {
        "event: started": Started,
        "event: sentence": StreamedSentence,
        "event: completed": ChatReply,
    }
    for (name, data), (kind, model) in zip(events, kinds.items(), strict=True):
        assert name == kind
        model.model_validate_json(data.removeprefix("data: "))

    chunk, done = CHUNKS.strip().split("\n\n")
    openai.Chunk.model_validate_json(chunk.removeprefix("data: "))
    assert done == "data: [DONE]"


def test_a_reply_links_to_what_can_be_done_with_it(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    links = schema["paths"]["/v1/chat"]["post"]["responses"]["200"]["links"]
    assert set(links) == {"export", "erase", "rate"}
    for link in links.values():
        path, _, method = link["operationRef"].removeprefix("#/paths/").rpartition("/")
        operation = schema["paths"][path.replace("~1", "/")][method]
        assert set(link["parameters"]) == {each["name"] for each in operation["parameters"]}
