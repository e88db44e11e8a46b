"""The syllabuses of SyllabusQA, what is asked of them, and when an answer is right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.reply import Reply

# Words of a free-text answer that have to stand in the quotes.
SHARE_OF_WORDS = 0.5


def questions(data: Path) -> dict[str, list[Mapping[str, Any]]]:
    """The questions in ``qa.jsonl`` for each syllabus, in the order of their names."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    with (data / "qa.jsonl").open(encoding="utf-8") as lines:
        for question in map(json.loads, lines):
            found.setdefault(question["syllabus"], []).append(question)
    return dict(sorted(found.items()))


def is_right(question: Mapping[str, Any], reply: Reply) -> bool:
    """Whether half of the words of the gold answer, or of a span that supports it, stand in the quotes."""
    quotes = set(plain(" ".join(citation.quote for citation in reply.citations)).split())
    gold = [set(plain(each).split()) for each in (*question["answer_spans"], question["answer"])]
    return not question["is_impossible"] and any(
        words and len(words & quotes) >= SHARE_OF_WORDS * len(words) for words in gold
    )


def plain(text: str) -> str:
    """Small letters and digits with single spaces between, so that a gold answer is found in a quote."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))
