from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime

from api_fakes import a_reply
from fastapi.testclient import TestClient

from api.metrics import Metrics
from assistant.reply import ModelUse

QUESTION = {"message": "What is the fee?"}


def figures(client: TestClient) -> dict[str, float]:
    """Every line of /metrics: name and labels to value."""
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_requests_are_counted_by_the_template_of_their_route(client: TestClient) -> None:
    client.get("/v1/documents/medical-imaging-msc")
    client.get("/v1/documents/one-that-is-not-there")
    client.get("/v1/documents/an/other")
    client.request("BREW", "/nowhere/at-all")
    client.post("/v1/chat", json={})

    found = figures(client)
    documents = 'prospectus_requests_total{method="GET",route="/v1/documents/{document_id}",status='
    assert found[documents + '"2xx"}'] == 1
    assert found[documents + '"4xx"}'] == 2
    assert found['prospectus_requests_total{method="other",route="none",status="4xx"}'] == 1
    assert found['prospectus_requests_total{method="POST",route="/v1/chat",status="4xx"}'] == 1
    assert found['prospectus_request_seconds_count{route="/v1/chat"}'] == 1
    assert not re.search("not-there|nowhere|BREW", client.get("/metrics").text)


def test_replies_whole_streamed_and_in_openais_language_are_counted(client: TestClient) -> None:
    client.post("/v1/chat", json=QUESTION)
    client.post("/v1/chat", json={**QUESTION, "stream": True})
    asked = {"model": "prospectus", "messages": [{"role": "user", "content": "What is the fee?"}]}
    client.post("/v1/chat/completions", json=asked)

    found = figures(client)
    assert found['prospectus_replies_total{outcome="answered"}'] == 3
    assert found["prospectus_reply_seconds_count"] == 3
    assert found['prospectus_sentences_total{check="grounded"}'] == 6  # two of the three rest on a quote


def test_what_the_check_dropped_and_the_time_of_retrieval_come_from_the_reply() -> None:
    metrics = Metrics(lambda: None)
    metrics.replied(replace(a_reply(), dropped=3, retrieval_seconds=0.25), 0.5)
    metrics.replied(replace(a_reply(), retrieval_seconds=None), 0.5)

    text = metrics.text().decode()
    assert 'prospectus_sentences_total{check="dropped"} 3.0' in text
    assert "prospectus_retrieval_seconds_count 1.0" in text
    assert "prospectus_retrieval_seconds_sum 0.25" in text
    assert "prospectus_reply_seconds_sum 1.0" in text
    assert "prospectus_ready 0.0" in text
    assert "generation_age" not in text


def test_of_the_generation_the_one_that_answers_is_told_with_its_age() -> None:
    built = datetime.fromtimestamp(time.time() - 3600, UTC)
    text = Metrics(lambda: ("g7", built)).text().decode()

    age = re.search(r'^prospectus_generation_age_seconds\{generation="g7"\} (\S+)$', text, re.M)
    assert age is not None
    assert 3600 <= float(age[1]) < 3660
    assert "prospectus_ready 1.0" in text


def test_what_a_language_model_did_for_replies_is_counted() -> None:
    metrics = Metrics(lambda: None)
    use = ModelUse("openai:m", "p1", 1200, 80, kept=3, repaired=1, dropped=2, faults=("wrong_shape",))
    metrics.replied(replace(a_reply(), mode="generated", model="openai:m", model_use=use), 0.5)
    metrics.replied(replace(a_reply(), model_use=ModelUse("openai:m", "p1", faults=("too_slow",))), 0.5)
    cached = ModelUse("openai:m", "p1", kept=4, is_cached=True)
    metrics.replied(replace(a_reply(), mode="generated", model="openai:m", model_use=cached), 0.5)
    metrics.replied(a_reply(), 0.5)

    lines = metrics.text().decode().splitlines()
    counted = [line for line in lines if line.startswith("prospectus_model_") and "_created" not in line]
    assert counted == [
        'prospectus_model_replies_total{shown="generated"} 1.0',
        'prospectus_model_replies_total{shown="quoted"} 1.0',
        'prospectus_model_replies_total{shown="cached"} 1.0',
        'prospectus_model_faults_total{fault="wrong_shape"} 1.0',
        'prospectus_model_faults_total{fault="too_slow"} 1.0',
        'prospectus_model_sentences_total{check="kept"} 7.0',
        'prospectus_model_sentences_total{check="repaired"} 1.0',
        'prospectus_model_sentences_total{check="dropped"} 2.0',
        'prospectus_model_tokens_total{direction="input"} 1200.0',
        'prospectus_model_tokens_total{direction="output"} 80.0',
    ]
