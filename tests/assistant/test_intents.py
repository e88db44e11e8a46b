"""What a question is after, told by the questions it resembles."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.intents import Intents, examples, intents_of
from assistant.lexicon import lexicon
from ingest.embedding import Embedder

EXAMPLES = (
    ("fee", (1.0, 0.0, 0.0)),
    ("fee", (0.8, 0.6, 0.0)),
    ("length", (0.0, 1.0, 0.0)),
    ("length", (0.0, 0.98, 0.2)),
    ("place", (0.0, 0.0, 1.0)),
)


def made(*, times: int = 1) -> Intents:
    names = [name for name, _ in EXAMPLES for _ in range(times)]
    rows = [vector for _, vector in EXAMPLES for _ in range(times)]
    vectors = np.array(rows, dtype=np.float32)
    return Intents(names, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def vector(*values: float) -> np.ndarray:
    found = np.array(values, dtype=np.float32)
    return found / np.linalg.norm(found)


def test_a_question_is_after_what_the_examples_nearest_to_it_are_after() -> None:
    intent = made().of(vector(0.1, 1.0, 0.1))

    assert intent.name == "length"
    assert intent.similarity == max(intent.likeness.values())
    assert intent.likeness["place"] == pytest.approx(0.1, abs=0.01)


def test_one_near_example_weighs_less_than_many_that_are_nearly_as_near() -> None:
    names = ["fee", *["length"] * 6]
    vectors = np.array([vector(1.0, 0.02, 0.0), *[vector(1.0, 0.2, 0.0)] * 6])

    assert Intents(names, vectors).of(vector(1.0, 0.0, 0.0)).name == "length"


def test_fewer_examples_than_have_a_say_are_enough() -> None:
    assert made().of(vector(0.0, 0.1, 1.0)).name == "place"
    assert made(times=9).of(vector(0.0, 0.1, 1.0)).name == "place"


def test_what_speaks_of_a_concept_is_found_by_a_part_of_its_name() -> None:
    intent = Intents(["internship_pay", "fee"], np.eye(2, dtype=np.float32)).of(vector(1.0, 0.2))

    assert intent.likeness_to("internship") == intent.likeness["internship_pay"]
    assert intent.likeness_to("thesis") == -1.0


def test_the_packaged_vectors_are_those_of_the_packaged_examples(minilm: Embedder) -> None:
    intents = intents_of(minilm.fingerprint)
    assert intents is not None
    for name, questions in examples().items():
        found = intents.of(minilm.embed(questions[:1])[0])
        assert found.likeness[name] > 0.995, (name, questions[0])


def test_with_another_embedding_model_nothing_is_told() -> None:
    assert intents_of("another") is None


def test_no_packaged_example_stands_twice() -> None:
    questions = [question.casefold() for several in examples().values() for question in several]

    assert len(questions) == len(set(questions))


def test_what_sounds_like_a_field_names_one_that_there_are_examples_of() -> None:
    for name in examples():
        if name.startswith("not_"):
            field = name.removeprefix("not_")
            assert field == "contact" or (lexicon().field(field) and field in examples()), name


def test_most_questions_are_after_what_they_were_written_for(minilm: Embedder) -> None:
    """One example in six left out: the others of more than a hundred things decide."""
    intents = intents_of(minilm.fingerprint)
    assert intents is not None
    fields = [name for name in examples() if lexicon().field(name) is not None]
    right = asked = 0
    for name in fields:
        questions = examples()[name]
        others = {key: list(several) for key, several in examples().items()}
        held_out, others[name] = questions[::6], [each for n, each in enumerate(questions) if n % 6]
        pairs = [(key, each) for key, several in others.items() for each in several]
        kept = Intents([key for key, _ in pairs], _vectors_of(intents, [each for _, each in pairs]))
        for question in held_out:
            right += kept.of(_vectors_of(intents, [question])[0]).name == name
            asked += 1
    assert right / asked > 0.65


def _vectors_of(intents: Intents, questions: list[str]) -> np.ndarray:
    order = [each for several in examples().values() for each in several]
    places = {question: place for place, question in enumerate(order)}
    return intents._vectors[[places[question] for question in questions]]
