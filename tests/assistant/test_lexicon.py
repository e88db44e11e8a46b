"""The words of the domain."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from assistant.lexicon import lexicon, parse_lexicon
from ingest.words import stems

SMALL = """
generic = "programme student"

[concepts.tuition]
ask = ["pay"]
page = ["fee", "tuition fee"]
expects = "amount"

[concepts.application_fee]
page = ["application fee"]
expects = "amount"

[concepts.test]
page = ["test", "exam"]

[concepts.language_test]
page = ["language test"]

[concepts.ielts]
name = true
page = ["ielts"]
"""


def names(question: str, start: int = 0) -> tuple[list[str], int]:
    concepts, size = parse_lexicon(SMALL).match(stems(question), start)
    return [concept.name for concept in concepts], size


def test_the_longest_phrase_wins() -> None:
    assert names("tuition fees of students") == (["tuition"], 2)
    assert names("application fees") == (["application_fee"], 2)
    assert names("fees") == (["tuition"], 1)
    assert names("housing") == ([], 0)


def test_what_pages_say_is_understood_in_a_question_but_not_the_other_way_round() -> None:
    small = parse_lexicon(SMALL)

    assert names("pay now") == (["tuition"], 1)
    assert small.read(stems("you pay a tuition fee")) == (("you", "pay", "a", "tuition fee"), {"tuition"})
    assert small.read(stems("you pay")) == (("you", "pay"), frozenset())


def test_a_phrase_speaks_of_what_stands_inside_it_unless_that_states_the_same_kind_of_value() -> None:
    small = parse_lexicon(SMALL)

    assert small.read(stems("a language test"))[1] == {"language_test", "test"}
    assert small.read(stems("an application fee"))[1] == {"application_fee"}
    assert small.read(stems("an application fee and a fee"))[1] == {"application_fee", "tuition"}


def test_the_fields_of_a_concept_are_read() -> None:
    small = parse_lexicon(SMALL)
    by_name = {concept.name: concept for concept in small.concepts}

    assert by_name["ielts"].is_name
    assert not by_name["test"].is_name
    assert by_name["tuition"].expects == "amount"
    assert small.generic == set(stems("programme student"))
    assert {"pay", "tuition", "student"} <= small.words


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('generic = "a"\n[concepts.fee]\nask = ["fee"]', "concept 'fee' has no phrase of a page"),
        ('generic = "a"\n[concepts.fee]\npage = ["fee", "?"]', "concept 'fee' has a phrase without a word"),
        (
            'generic = "a"\n[concepts.fee]\npage = ["fee"]\nexpects = "money"',
            "'money' is not a valid ValueKind",
        ),
        ('generic = "a"', "the lexicon lacks concepts"),
        ("[concepts.fee]\npage = ['fee']", "the lexicon lacks generic"),
        ("", "the lexicon lacks concepts and generic"),
        ("[concepts", "Expected"),
    ],
)
def test_a_malformed_lexicon_is_refused_and_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("?", r"\?")):
        parse_lexicon(text)


def test_every_packaged_concept_has_phrases_on_both_sides() -> None:
    for concept in lexicon().concepts:
        assert concept.page, concept.name
        assert set(concept.page) <= set(concept.ask), concept.name
        assert all(phrase and all(phrase) for phrase in concept.ask), concept.name


def test_no_packaged_phrase_stands_twice_in_one_list() -> None:
    data = tomllib.loads(files("assistant").joinpath("lexicon.toml").read_text(encoding="utf-8"))
    for name, entry in data["concepts"].items():
        assert set(entry) <= {"ask", "page", "expects", "name", "typed", "field", "beside"}, name
        for side in ("ask", "page", "beside"):
            phrases = entry.get(side, [])
            assert len(phrases) == len(set(phrases)), (name, side)


def test_no_two_packaged_names_share_a_phrase() -> None:
    named = [concept for concept in lexicon().concepts if concept.is_name]
    phrases = [phrase for concept in named for phrase in concept.ask]

    assert len(named) >= 5
    assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize(
    ("said", "concept"),
    [
        ("tuition fees", "tuition"),
        ("living costs", "living_costs"),
        ("application fee", "application_fee"),
        ("closing date", "deadline"),
        ("doctorate", "phd"),
        ("placement", "internship"),
        ("dorm", "housing"),
    ],
)
def test_what_applicants_call_things_is_known(said: str, concept: str) -> None:
    found, size = lexicon().match(stems(said), 0)

    assert concept in {each.name for each in found}
    assert size == len(stems(said))
