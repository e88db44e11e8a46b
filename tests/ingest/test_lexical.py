from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lexical import LexicalIndex, grams_of, words_of

TEXTS = [
    "Tuition fees for international students",
    "Rooms and housing in the city",
    "The deadline for applications is in March",
    "Fees, fees and more fees",
    "A b c",
]


def positions(index: LexicalIndex, query: str) -> list[int]:
    """The texts that share a word with the query, best first."""
    scores = index.scores(query)
    return [int(position) for position in np.argsort(-scores, kind="stable") if scores[position] > 0]


def test_a_text_is_found_by_another_form_of_its_word() -> None:
    assert positions(LexicalIndex.build(TEXTS), "When must I apply? application") == [2]


def test_the_best_match_comes_first() -> None:
    assert positions(LexicalIndex.build(TEXTS), "fee") == [3, 0]


@pytest.mark.parametrize("query", ["", "the of and it", "?!", "zyzzyva", "a b c"])
def test_a_query_without_a_known_word_finds_nothing(query: str) -> None:
    assert not LexicalIndex.build(TEXTS).scores(query).any()


def test_scores_follow_the_formula() -> None:
    # BM25 as Lucene computes it, by hand: two texts of two words, one of which holds the word once. The tf
    # part is 1 / (1 + .9 * 2 / 2) = 1 / 1.9; idf is ln 2, of which the score is a share.
    scores = LexicalIndex.build(["red house", "blue house"]).scores("red")
    assert scores == pytest.approx([1 / 1.9, 0.0], abs=1e-6)


def test_what_no_text_holds_lowers_the_score_of_all() -> None:
    # idf of "red", which one of two texts holds, is ln(1 + 1.5 / 1.5) = ln 2, that of an unknown word
    # ln(1 + 2.5 / .5) = ln 6.
    scores = LexicalIndex.build(["red house", "blue house"]).scores("red zyzzyva red")
    assert scores == pytest.approx([math.log(2) / (math.log(2) + math.log(6)) / 1.9, 0.0], abs=1e-6)


def test_a_longer_text_needs_more_of_the_words() -> None:
    # Lengths 2 and 6, mean 4: 1 / (1 + .9 * 2 / 4) and 2 / (2 + .9 * 6 / 4).
    index = LexicalIndex.build(["red house", "red red blue green grey house"])
    assert index.scores("red") == pytest.approx([1 / 1.45, 2 / 3.35], abs=1e-6)


@pytest.mark.parametrize("query", ["scholarhip", "schollarship", "SCHOLARSHIPS", "scholar"])
def test_a_word_in_another_form_or_misspelt_is_found_by_its_parts(query: str) -> None:
    scores = LexicalIndex.build(["Scholarships for talents", "Housing and rooms", "Fees"]).part_scores(query)
    assert scores[0] > 0.1
    assert not scores[1:].any()


def test_part_scores_follow_the_formula() -> None:
    # "_red_" has the parts _red and red_; the texts have 4 and 2 parts: "_no_" is one, "_hat_" two.
    assert grams_of(["red no"]) == [["_red", "red_"]]  # "no" is a stop word
    assert grams_of(["red zz hat"]) == [["_red", "red_", "_zz_", "_hat", "hat_"]]
    scores = LexicalIndex.build(["red hat", "big"]).part_scores("red")
    # Lengths 4 and 2, mean 3: both parts 1 / (1 + .9 * 4 / 3) of their weight.
    assert scores == pytest.approx([1 / 2.2, 0.0], abs=1e-6)


def test_words_that_stand_together_as_asked_are_near() -> None:
    index = LexicalIndex.build(
        [
            "health insurance office",  # both words side by side
            "insurance for your health",  # turned round, two words between
            "insurance of one house and of its health",  # too far apart
            "health",
        ]
    )
    near = index.proximity("health insurance", np.arange(4))
    # Lengths 3, 4, 8 and 1, mean 4: 1 / (1 + .9 * 3 / 4) and 1 / (1 + .9 * 4 / 4).
    assert near == pytest.approx([1 / 1.675, 1 / 1.9, 0.0, 0.0], abs=1e-3)


def test_pairs_across_two_texts_do_not_count() -> None:
    index = LexicalIndex.build(["nothing but health", "insurance alone"])
    assert not index.proximity("health insurance", np.array([0, 1])).any()


@pytest.mark.parametrize("query", ["", "health", "zyzzyva qwerty", "health zyzzyva"])
def test_a_query_without_a_known_pair_has_nothing_near(query: str) -> None:
    assert not LexicalIndex.build(["health insurance"]).proximity(query, np.array([0])).any()
    assert LexicalIndex.build(["health insurance"]).proximity(query, np.array([], dtype=np.intp)).size == 0


word = st.sampled_from("red blue green house houses at least part of the zyzzyva".split())
text = st.lists(word, max_size=12).map(" ".join)


@given(st.lists(text, min_size=1, max_size=6), text)
def test_scores_are_shares_and_the_same_for_any_choice_of_texts(texts: list[str], query: str) -> None:
    index = LexicalIndex.build(texts)
    every = index.proximity(query, np.arange(len(texts)))
    for scores in (index.scores(query), index.part_scores(query), every):
        assert scores.shape == (len(texts),)
        assert ((scores >= 0) & (scores <= 1 + 1e-6)).all()
    for position in range(len(texts)):
        assert index.proximity(query, np.array([position])) == pytest.approx(every[[position]])


def test_a_saved_index_answers_as_before(tmp_path: Path) -> None:
    index = LexicalIndex.build(TEXTS)
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    for query in ("fees", "housing in March", "nothing known"):
        assert loaded.scores(query).tolist() == index.scores(query).tolist()
        assert loaded.part_scores(query).tolist() == index.part_scores(query).tolist()
        every = np.arange(len(TEXTS))
        assert loaded.proximity(query, every).tolist() == index.proximity(query, every).tolist()


def test_equal_texts_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        LexicalIndex.build(TEXTS).save(tmp_path / name)
    files = sorted(
        path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()
    )
    assert len(files) > 5
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_texts_without_any_word_can_be_indexed(tmp_path: Path) -> None:
    LexicalIndex.build(["the", "a"]).save(tmp_path)
    assert not LexicalIndex.load(tmp_path).scores("the").any()


def test_no_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one text"):
        LexicalIndex.build([])


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    (tmp_path / "terms" / "vocabulary.json").write_text("[]")
    with pytest.raises(ValueError, match="does not hold a lexical index"):
        LexicalIndex.load(tmp_path)


def test_questions_are_split_like_texts() -> None:
    assert words_of(["What are the fees?", "Fee: 18,690"]) == [["what", "fee"], ["fee", "18", "690"]]
    assert words_of(["What are the fees?"], stop_words=True) == [["what", "are", "the", "fee"]]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    LexicalIndex.load(tmp_path).scores("fees")
    assert capfd.readouterr() == ("", "")
