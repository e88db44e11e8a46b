"""Examples for the OpenAPI description: what a server answers that has the shipped pages."""

from __future__ import annotations

from typing import Any

_TITLE = "Medical Imaging, MSc (Utrecht University)"
_ADDRESS = "https://www.mastersportal.com/"
_LINK = f"{_ADDRESS}#:~:text=Duration%3A%2024%20months"

SENTENCE: dict[str, Any] = {"text": "Duration: 24 months.", "citations": [1], "support": "quoted"}

CITATION: dict[str, Any] = {
    "number": 1,
    "document_id": "medical-imaging-msc",
    "title": _TITLE,
    "url": _ADDRESS,
    "deep_link": _LINK,
    "headings": ["Medical Imaging, MSc"],
    "quote": "Duration: 24 months",
    "start": 84,
    "end": 103,
    "modified_on": None,
    "page": None,
}

CHAT_REPLY: dict[str, Any] = {
    "conversation_id": "2CymNlLPBejy8bOUayTWTg",
    "message_id": "HZWGH3qf4FNkJ1BOJvT8Lg",
    "outcome": "answered",
    "mode": "quoted",
    "language": "en",
    "question": "How long does the programme take?",
    "text": "Duration: 24 months. [1]",
    "sentences": [SENTENCE],
    "citations": [CITATION],
    "notices": [],
    "suggestions": [],
    "generation": "000001-8d9eb2656d2b",
    "model": None,
    "prompts": None,
    "usage": None,
}

STARTED: dict[str, Any] = {key: CHAT_REPLY[key] for key in ("conversation_id", "message_id")}

FEEDBACK: dict[str, Any] = {"rating": "down", "comment": "For which year?"}

CONVERSATION: dict[str, Any] = {
    "conversation_id": CHAT_REPLY["conversation_id"],
    "created_at": "2026-11-23T09:30:00Z",
    "messages": [
        {
            "message_id": CHAT_REPLY["message_id"],
            "asked_at": "2026-11-23T09:30:01Z",
            "message": "How long does the programme take?",
            "reply": CHAT_REPLY,
            "feedback": {**FEEDBACK, "rated_at": "2026-11-23T09:31:00Z"},
        }
    ],
}

SEARCH_REPLY: dict[str, Any] = {
    "hits": [
        {
            "document_id": "medical-imaging-msc",
            "title": _TITLE,
            "headings": ["Medical Imaging, MSc"],
            "text": "Duration: 24 months",
            "start": 84,
            "end": 103,
            "score": 0.71,
            "rank": 1,
        }
    ]
}

DOCUMENT: dict[str, Any] = {
    "id": "fees",
    "title": "Tuition fees",
    "url": "https://www.example.edu/fees",
    "publisher": "Example University",
    "language": "en",
    "modified_on": "2026-09-01",
    "fetched_on": None,
    "content_hash": "34ba772bdbbd2b038ba276055d409d7bec0c24d46326a396b542d205ec22c569",
    "length": 46,
}

DOCUMENT_WITH_TEXT: dict[str, Any] = {**DOCUMENT, "text": "Tuition for EU students is 2,060 EUR per year."}

DOCUMENT_LIST: dict[str, Any] = {"generation": "000001-8d9eb2656d2b", "documents": [DOCUMENT]}

URL_CITATION: dict[str, Any] = {"url": _LINK, "title": _TITLE, "start_index": 0, "end_index": 20}

COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-HZWGH3qf4FNkJ1BOJvT8Lg",
    "object": "chat.completion",
    "created": 1_795_392_000,
    "model": "prospectus",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": f'Duration: 24 months. [1]\n\n[1]: <{_LINK}> "{_TITLE}"',
                "refusal": None,
                "annotations": [{"type": "url_citation", "url_citation": URL_CITATION}],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 47, "total_tokens": 54},
    "system_fingerprint": "000001-8d9eb2656d2b",
}

CHUNK: dict[str, Any] = {
    "id": "chatcmpl-HZWGH3qf4FNkJ1BOJvT8Lg",
    "object": "chat.completion.chunk",
    "created": 1_795_392_000,
    "model": "prospectus",
    "choices": [
        {
            "index": 0,
            "delta": {
                "content": "Duration: 24 months. [1]",
                "annotations": [{"index": 0, "type": "url_citation", "url_citation": URL_CITATION}],
            },
            "logprobs": None,
            "finish_reason": None,
        }
    ],
}

MODEL: dict[str, Any] = {
    "id": "prospectus",
    "object": "model",
    "created": 1_795_392_000,
    "owned_by": "prospectus",
}

MODEL_LIST: dict[str, Any] = {"object": "list", "data": [MODEL]}

ERROR_REPLY: dict[str, Any] = {
    "error": {
        "message": "n is not supported: a question has one reply. Leave it out.",
        "type": "invalid_request_error",
        "param": "n",
        "code": "unsupported_parameter",
    }
}
