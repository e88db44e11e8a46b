"""A language model's sentences: shown where their evidence says the same, and else never."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from opened import index_of

from assistant.assistant import Assistant
from assistant.conversation import turn_of
from assistant.generation import Task, Writer, is_translation
from assistant.language_model import Completion, Deadline, Fault, ModelFault, Prompt, Usage
from assistant.prompts import prompts_hash
from assistant.reply import Outcome, Support
from assistant.support import SupportCheck
from ingest.embedding import Embedder
from ingest.index import Index

PAGE = """---
title: Marine Biology, MSc
---

# Marine Biology

Duration: 24 months

Language of instruction: English

Tuition fee for EU/EEA students: 2,060 EUR per year

Tuition fee for non-EU/EEA students: 18,690 EUR per year

## Admission

You apply in the portal before 1 April 2027.

You hand in:

- a curriculum vitae
- a motivation letter
"""


class Scripted:
    """Gives these answers in this order, and remembers what it was asked."""

    name = "test:scripted"

    def __init__(self, *answers: str | Fault) -> None:
        self.answers = list(answers)
        self.asked: list[Prompt] = []

    def complete(self, prompt: Prompt, deadline: Deadline) -> Completion:
        self.asked.append(prompt)
        answer = self.answers.pop(0)
        if isinstance(answer, Fault):
            raise ModelFault(answer)
        return Completion(answer, Usage(100, 10))


def said(*sentences: tuple[str, Sequence[int]], **more: str) -> str:
    return json.dumps({"sentences": [{"text": text, "evidence": list(n), **more} for text, n in sentences]})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, minilm: Embedder) -> Iterator[Index]:
    folder: Path = tmp_path_factory.mktemp("generation")
    with index_of([PAGE], folder, minilm) as opened:
        yield opened


def assistant(index: Index, minilm: Embedder, model: Scripted, *tasks: Task) -> Assistant:
    writer = Writer(model, SupportCheck(minilm), tasks=frozenset(tasks or Task))
    return Assistant(index, minilm, writer=writer)


def test_a_sentence_that_its_evidence_supports_is_shown_with_its_quote(
    index: Index, minilm: Embedder
) -> None:
    model = Scripted(said(("The programme lasts 24 months.", [1])))

    reply = assistant(index, minilm, model).reply("How long does the programme take?")

    assert reply.text == "The programme lasts 24 months. [1]"
    assert [each.support for each in reply.sentences] == [Support.VERIFIED]
    assert "24 months" in reply.citations[0].quote
    assert (reply.mode, reply.model) == ("generated", "test:scripted")
    use = reply.model_use
    assert use is not None
    assert (use.kept, use.repaired, use.dropped, use.input_tokens, use.output_tokens) == (1, 0, 0, 100, 10)
    assert use.prompts == prompts_hash()
    assert model.asked[0].user.startswith("Question: How long does the programme take?\n\nEvidence:\n[1] ")


@pytest.mark.parametrize(
    "lie",
    [
        "The programme lasts 26 months.",
        "The programme lasts 24 weeks.",
        "The programme does not last 24 months.",
        "The programme lasts 24 months and includes free housing.",
        "The programme lasts at most 24 months.",
        "The programme at Harvard lasts 24 months.",
    ],
)
def test_a_lie_is_dropped_and_the_quoted_answer_stands(index: Index, minilm: Embedder, lie: str) -> None:
    question = "How long does the programme take?"
    quoted = Assistant(index, minilm).reply(question)

    reply = assistant(index, minilm, Scripted(said((lie, [1])))).reply(question)

    assert (reply.text, reply.citations, reply.mode, reply.model) == (
        quoted.text,
        quoted.citations,
        "quoted",
        None,
    )
    assert reply.model_use is not None
    assert (reply.model_use.dropped, reply.model_use.faults) == (1, ("unsupported",))


def test_a_fee_is_not_given_to_the_other_group(index: Index, minilm: Embedder) -> None:
    model = Scripted(said(("EU/EEA students pay 18,690 EUR per year.", [1])))

    reply = assistant(index, minilm, model).reply("What is the tuition fee for students from outside the EU?")

    assert reply.mode == "quoted"
    assert "non-EU" in reply.text


def test_the_right_evidence_takes_the_place_of_a_wrong_number(index: Index, minilm: Embedder) -> None:
    model = Scripted(said(("The programme lasts 24 months.", [7])))

    reply = assistant(index, minilm, model).reply("How long does the programme take?")

    assert reply.mode == "generated"
    assert "24 months" in reply.citations[0].quote
    assert reply.model_use is not None
    assert (reply.model_use.kept, reply.model_use.repaired) == (0, 1)


@pytest.mark.parametrize("answer", [Fault.TOO_SLOW, Fault.SERVER_ERROR, "<html>", "no marks", ""])
def test_whatever_goes_wrong_the_quoted_answer_is_given(
    index: Index, minilm: Embedder, answer: str | Fault
) -> None:
    question = "How long does the programme take?"

    reply = assistant(index, minilm, Scripted(answer)).reply(question)

    assert reply.text == Assistant(index, minilm).reply(question).text
    assert reply.model_use is not None
    assert len(reply.model_use.faults) >= 1


def test_an_answer_is_given_again_without_asking(index: Index, minilm: Embedder) -> None:
    model = Scripted(said(("The programme lasts 24 months.", [1])))
    asked = assistant(index, minilm, model)

    first, second = (asked.reply("How long does the programme take?") for _ in range(2))

    assert len(model.asked) == 1
    assert first.text == second.text
    assert second.model_use is not None
    assert (second.model_use.is_cached, second.model_use.input_tokens) == (True, 0)


@pytest.mark.parametrize(
    "question", ["What do I have to hand in?", "Do I get in with a 7?", "What is the tuition fee?", "Hello"]
)
def test_what_has_to_stand_as_it_is_is_not_worded(index: Index, minilm: Embedder, question: str) -> None:
    model = Scripted()

    reply = assistant(index, minilm, model, Task.ANSWERS).reply(question)

    assert not model.asked
    assert reply == Assistant(index, minilm).reply(question)


def test_a_task_can_be_switched_off(index: Index, minilm: Embedder) -> None:
    model = Scripted()

    reply = assistant(index, minilm, model, Task.FOLLOW_UPS).reply("How long does the programme take?")

    assert (reply.mode, reply.model_use) == ("quoted", None)


def test_a_follow_up_that_nothing_is_found_for_is_put_in_words_of_the_conversation(
    index: Index, minilm: Embedder
) -> None:
    model = Scripted("What is the language of instruction of the programme?", said())
    asked = assistant(index, minilm, model)
    before = Assistant(index, minilm).reply("What is the language of instruction?")
    history = [turn_of("What is the language of instruction?", before)]

    reply = asked.reply("Zzyx wibble?", history=history)

    assert "Zzyx wibble?" in model.asked[0].user
    assert reply.outcome is Outcome.ANSWERED
    assert "English" in reply.text


def test_a_follow_up_may_add_nothing(index: Index, minilm: Embedder) -> None:
    model = Scripted("What is the scholarship for Harvard?")
    asked = assistant(index, minilm, model)
    before = Assistant(index, minilm).reply("What is the language of instruction?")

    reply = asked.reply("Zzyx wibble?", history=[turn_of("What is the language of instruction?", before)])

    assert reply.outcome is Outcome.NOT_FOUND


def test_a_sentence_in_another_language_is_checked_by_its_english_one(index: Index, minilm: Embedder) -> None:
    german = said(("Das Programm dauert 24 Monate.", [1]), english="The programme lasts 24 months.")

    reply = assistant(index, minilm, Scripted(german)).reply("Wie lange dauert das Programm?")

    assert (reply.text, reply.language) == ("Das Programm dauert 24 Monate. [1]", "de")


@pytest.mark.parametrize(
    ("text", "english", "is_one"),
    [
        ("Das Programm dauert 24 Monate.", "The programme lasts 24 months.", True),
        ("Das Programm dauert 26 Monate.", "The programme lasts 24 months.", False),
        ("Das Programm dauert nicht 24 Monate.", "The programme lasts 24 months.", False),
        ("The programme lasts 24 months.", "The programme lasts 24 months.", False),
        ("Das Programm dauert 24 Monate und es gibt Stipendien.", "The programme lasts 24 months.", False),
        ("Siehe https://evil.example.", "See the page.", False),
    ],
)
def test_a_translation_says_the_same(text: str, english: str, is_one: bool) -> None:
    assert is_translation(text, english, "de") is is_one
