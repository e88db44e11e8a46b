"""A model's answer, in whatever form it comes."""

from __future__ import annotations

import pytest

from assistant.language_model import Fault, ModelFault
from assistant.model_answer import LONGEST_SENTENCE, MOST_SENTENCES, Written, read_answer, read_line

TWO = [
    Written("The fee is 50 EUR.", (1,), "The fee is 50 EUR."),
    Written("It lasts 2 years.", (2, 3), "It lasts 2 years."),
]


@pytest.mark.parametrize(
    "text",
    [
        '{"sentences": [{"text": "The fee is 50 EUR.", "evidence": [1]}, '
        '{"text": "It lasts 2 years.", "evidence": [2, 3]}]}',
        '```json\n{"sentences": [{"text": "The fee is 50 EUR.", "evidence": ["1"]}, '
        '{"text": "It lasts 2 years.", "evidence": "[2], [3]"}]}\n```',
        'Here it is: [{"text": "The fee is 50 EUR. [1]"}, '
        '{"text": "**It lasts 2 years.**", "evidence": [2, 3]}] Bye.',
        # Broken off after two whole sentences.
        '{"sentences": [{"text": "The fee is 50 EUR.", "evidence": [1]}, '
        '{"text": "It lasts 2 years.", "evidence": [2, 3]}, {"text": "And th',
        "The fee is 50 EUR. [1] It lasts 2 years. [2][3]",
        "The fee is 50 EUR [1]. It lasts 2 years [2, 3]. This names nothing.",
    ],
    ids=["as asked", "fenced", "amid text", "broken off", "marks behind", "marks inside"],
)
def test_sentences_are_read_in_any_form(text: str) -> None:
    assert read_answer(text) == TWO


def test_no_sentences_are_an_answer_too() -> None:
    assert read_answer('{"sentences": []}') == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.EMPTY),
        ("```\n```", Fault.EMPTY),
        ("<!DOCTYPE html><html><body>502 [1]</body></html>", Fault.NOT_TEXT),
        ("I'm sorry, but I can't help with that.", Fault.DECLINED),
        ("The fee is 50 EUR.", Fault.WRONG_SHAPE),
        ('{"answer": 42}', Fault.WRONG_SHAPE),
        ("{" * 5_000, Fault.WRONG_SHAPE),
    ],
)
def test_what_is_no_answer_is_a_fault(text: str, fault: Fault) -> None:
    with pytest.raises(ModelFault) as raised:
        read_answer(text)

    assert raised.value.fault is fault


def test_a_sentence_is_plain_text_on_one_line() -> None:
    text = '{"sentences": [{"text": "The\\u202e fee\\nis\\u0007 `50` EUR.", "evidence": [1]}]}'

    assert read_answer(text)[0].text == "The fee is 50 EUR."


def test_endless_answers_and_sentences_are_cut() -> None:
    many = "".join(f"Sentence number {n}. [1] " for n in range(50))
    long = f'{{"sentences": [{{"text": "{"x" * (LONGEST_SENTENCE + 1)}", "evidence": [1]}}]}}'

    assert len(read_answer(many)) == MOST_SENTENCES
    assert read_answer(long) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("How long is it?", "How long is it?"),
        ('Question: "How long is it?"\n', "How long is it?"),
        ("```\nHow long is it?\n```", "How long is it?"),
        ("How long is it?\nIt is two years.", ""),
        ("", ""),
    ],
)
def test_one_line_is_read_and_nothing_beside_it(text: str, line: str) -> None:
    assert read_line(text) == line
