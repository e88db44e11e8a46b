"""Where sentences end."""

from __future__ import annotations

import pytest

from ingest.sentences import sentence_spans


@pytest.mark.parametrize(
    "sentences",
    [
        ["The fee is 900 EUR.", "It is due in May."],
        ["Is it hard?", "Yes!", "But worth it."],
        ["The fee is 1.500 EUR.", "12 places are left."],
        ["We meet e.g. Monday or i.e. Tuesday.", "Come along."],
        ["Ask Prof. Dr. Anna B. Muller.", "She knows."],
        ["Bring books, pens, etc.", "The rest is there."],
        ["It starts at 4 p.m. on Friday.", "It ends at 6 p.m.", "Then we eat."],
        ["We go to St. Gallen by train.", "It takes an hour."],
        ["You get an M.Sc. Physics diploma.", "It is yours."],
        ["There are two groups, A and B.", "You choose one."],
        ['You become a "Master of Science" (M. Sc.).', "That is all."],
        ['He said "No."', "Then he left."],
        ["See no. 5 and fig. 2.", "They differ."],
        ["費用は百ユーロです。", "五月に払います。"],
        ["Wait ...", "Then go."],
        ["Visit www.seatown.example/fees.html today.", "It helps."],
        ["The rate is 4.5 (approx. 5) per cent.", "It grows."],
        ["no capital and no full stop at the end"],
    ],
)
def test_sentences_are_told_apart(sentences: list[str]) -> None:
    text = " ".join(sentences)

    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


def test_a_line_break_ends_a_sentence() -> None:
    assert sentence_spans("one line\nanother line") == [(0, 8), (9, 21)]


def test_only_the_part_asked_for_is_read() -> None:
    text = "One. Two. Three."

    assert [text[a:b] for a, b in sentence_spans(text, 5, 9)] == ["Two."]


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_nothing_holds_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []
