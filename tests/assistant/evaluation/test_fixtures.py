from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from assistant.evaluation.fixtures import BadInput, Expectation, known_tags, load_fixtures, parse_fixtures

QUESTIONS = Path(__file__).parents[2] / "questions"
GOOD = {"id": "q1", "turns": ["What is the fee?"], "expect": "answer"}


def line(**parts: object) -> str:
    return json.dumps({**GOOD, **parts})


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        parse_fixtures(text, "q.jsonl")
    return str(caught.value)


def test_a_question_is_read_with_its_line_and_compiled_patterns() -> None:
    text = (
        "\n"
        + line(must=["(?i)eur"], never=["x"], cite=["y", "z"], tags=["fee"], turns=["Hi", "Fee?"])
        + "\n\n"
    )
    (fixture,) = parse_fixtures(text, "q.jsonl")

    assert (fixture.id, fixture.turns, fixture.line) == ("q1", ("Hi", "Fee?"), 2)
    assert fixture.expect is Expectation.ANSWER
    assert fixture.must[0].search("18 EUR")
    assert [pattern.pattern for pattern in fixture.never + fixture.cite] == ["x", "y", "z"]
    assert fixture.tags == ("fee",)


def test_a_line_separator_inside_a_text_does_not_end_the_line() -> None:
    (fixture,) = parse_fixtures('{"id": "a", "turns": ["a\u2028b"], "expect": "open"}', "q.jsonl")

    assert fixture.turns == ("a\u2028b",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{",
            "q.jsonl, line 1: this is not JSON "
            "(Expecting property name enclosed in double quotes at column 2).",
        ),
        ("[1]", "q.jsonl, line 1: this is a list, but must be a JSON object with id, turns, expect."),
        ("[" * 100_000, "q.jsonl, line 1: this is not JSON that can be read: it is nested too deep."),
        ('{"id": "a", "id": "b"}', "q.jsonl, line 1: the key 'id' stands there twice."),
        (
            line(expects="answer"),
            "q.jsonl, line 1: the key 'expects' is not known; the known ones are "
            "id, turns, expect, must, never, cite, tags.",
        ),
        (
            '{"id": "a", "turns": ["b"]}',
            "q.jsonl, line 1: the key 'expect' is missing; each question has id, turns, expect.",
        ),
        (line(id=""), "q.jsonl, line 1: id is an empty text, but must be a text that is not empty."),
        (line(id=7), "q.jsonl, line 1: id is a number, but must be a text that is not empty."),
        (line(turns="Fee?"), "q.jsonl, line 1: turns is a text, but must be a list of texts."),
        (line(turns=[]), "q.jsonl, line 1: turns is empty, but must hold at least one question."),
        (line(turns=["Fee?", None]), "q.jsonl, line 1: turns[1] is null, but must be a text."),
        (line(turns=["Fee?", " "]), "q.jsonl, line 1: turns[1] cannot be asked: The question is empty."),
        (
            line(expect="maybe"),
            "q.jsonl, line 1: expect is 'maybe'; the known expectations are answer, abstain, open.",
        ),
        (
            line(expect=["open"]),
            "q.jsonl, line 1: expect is ['open']; the known expectations are answer, abstain, open.",
        ),
        (
            line(must=["a", "("]),
            "q.jsonl, line 1: must[1] is '(', which is not a regular expression: "
            "missing ), unterminated subpattern at position 0.",
        ),
        (
            line(cite=[""]),
            "q.jsonl, line 1: cite[0] is empty: as a regular expression that matches everything.",
        ),
        (line(never={"a": 1}), "q.jsonl, line 1: never is an object, but must be a list of texts."),
        (line(tags=["fee", "fee"]), "q.jsonl, line 1: the tag 'fee' stands there twice."),
        (
            line() + "\n\n" + line(),
            "q.jsonl, line 3: the id 'q1' is taken by line 1; ids are unique.",
        ),
        ("", "q.jsonl holds no question. Write one JSON object a line."),
        (" \n\n", "q.jsonl holds no question. Write one JSON object a line."),
    ],
)
def test_a_line_that_is_no_question_is_named_with_file_and_line(text: str, message: str) -> None:
    assert refusal(text) == message


def test_an_unknown_tag_lists_the_known_ones() -> None:
    message = refusal(line(tags=["feee"]))

    assert message.startswith(
        "q.jsonl, line 1: the tag 'feee' is not known; the known ones are admission, ambiguous"
    )
    assert all(re.search(rf"\b{tag}\b", message) for tag in known_tags())


def test_a_file_that_is_not_utf_8_is_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(line().encode() + b"\n\xff")

    with pytest.raises(BadInput, match=r"q\.jsonl, line 2: this is not UTF-8"):
        load_fixtures(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no-such\.jsonl cannot be read: No such file or directory\."):
        load_fixtures(tmp_path / "no-such.jsonl")


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line().encode())

    assert load_fixtures(file)[0].id == "q1"


def test_every_known_tag_says_what_it_means_and_is_used() -> None:
    used = {
        tag for file in QUESTIONS.glob("*.jsonl") for fixture in load_fixtures(file) for tag in fixture.tags
    }

    assert used == set(known_tags())
    assert all(meaning.strip() for meaning in known_tags().values())
