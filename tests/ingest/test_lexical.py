from __future__ import annotations

from pathlib import Path

import pytest

from ingest.lexical import LexicalIndex, words_of

TEXTS = [
    "Tuition fees for international students",
    "Rooms and housing in the city",
    "The deadline for applications is in March",
    "Fees, fees and more fees",
    "A b c",
]


def test_a_text_is_found_by_another_form_of_its_word() -> None:
    assert [
        position for position, _ in LexicalIndex.build(TEXTS).scores("When must I apply? application", 5)
    ] == [2]


def test_the_best_match_comes_first_and_texts_without_a_common_word_are_left_out() -> None:
    hits = LexicalIndex.build(TEXTS).scores("fee", 5)
    assert [position for position, _ in hits] == [3, 0]
    assert hits[0][1] > hits[1][1] > 0


@pytest.mark.parametrize("query", ["", "the of and it", "?!", "zyzzyva", "a b c"])
def test_a_query_without_a_known_word_finds_nothing(query: str) -> None:
    assert LexicalIndex.build(TEXTS).scores(query, 5) == []


def test_equal_scores_are_in_order_of_position() -> None:
    index = LexicalIndex.build(["one room", "two rooms", "no house", "six rooms"] * 10)
    hits = index.scores("room", 100)
    assert [position for position, _ in hits] == [p for p in range(40) if p % 4 != 2]
    assert index.scores("room", 7) == hits[:7]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_gives_nothing(limit: int) -> None:
    assert LexicalIndex.build(TEXTS).scores("fees", limit) == []


def test_scores_follow_the_formula() -> None:
    # BM25 as Lucene computes it, by hand: two texts of two words, one of which holds the word once:
    # idf = ln(1 + (2 - 1 + .5) / (1 + .5)) = ln 2; tf part = 1 / (1 + .9 * (1 - .4 + .4 * 2 / 2)) = 1 / 1.9.
    (hit,) = LexicalIndex.build(["red house", "blue house"]).scores("red", 2)
    assert hit == (0, pytest.approx(0.693147 / 1.9, abs=1e-5))


@pytest.mark.parametrize("mmap", [True, False])
def test_a_saved_index_answers_as_before(tmp_path: Path, mmap: bool) -> None:
    index = LexicalIndex.build(TEXTS)
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical", mmap=mmap)
    for query in ("fees", "housing in March", "nothing known"):
        assert loaded.scores(query, 5) == index.scores(query, 5)


def test_equal_texts_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        LexicalIndex.build(TEXTS).save(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_texts_without_any_word_can_be_indexed(tmp_path: Path) -> None:
    LexicalIndex.build(["the", "a"]).save(tmp_path)
    assert LexicalIndex.load(tmp_path).scores("the", 2) == []


def test_no_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one text"):
        LexicalIndex.build([])


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    (tmp_path / "params.index.json").write_text("{}")
    (tmp_path / "vocab.index.json").write_text("[]")
    with pytest.raises(ValueError, match="does not hold a lexical index"):
        LexicalIndex.load(tmp_path)


def test_questions_are_split_like_texts() -> None:
    assert words_of(["What are the fees?", "Fee: 18,690"]) == [["what", "fee"], ["fee", "18", "690"]]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    LexicalIndex.build(TEXTS).save(tmp_path)
    LexicalIndex.load(tmp_path).scores("fees", 3)
    assert capfd.readouterr() == ("", "")
