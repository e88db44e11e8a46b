"""Canonical text."""

from __future__ import annotations

import pytest

from ingest.cleaning import PageBuilder, clean, one_line
from ingest.documents import BlockKind


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\x0be\x85f", "a\nb\nc\nd\ne\nf"),
        ("\ufeffzero\u200bwidth\u00ad", "zerowidth"),
        ("bi\u202edi\u2066rect\u200fional", "bidirectional"),
        ("bell\x07 and \x9f control\x00s", "bell and  controls"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("cafe\u0301", "café"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the joiner is part of the word's spelling
        ("icon \uf0c9 font", "icon  font"),
        ("hidden \U000e0049\U000e0067tags", "hidden tags"),
        ("tab\tstays", "tab\tstays"),
        ("🎓 stays", "🎓 stays"),
    ],
)
def test_characters_are_made_harmless_and_uniform(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("  two\n lines\u00a0and\t tabs ", "two lines and tabs"),
        ("The Medical Imaging Medical Imaging programme", "The Medical Imaging programme"),
        ("at University of Utrecht University of Utrecht now", "at University of Utrecht now"),
        ("Medical Imaging Medical Imaging Medical Imaging", "Medical Imaging"),
        ("that that is", "that that is"),
        ("Very Very good", "Very Very good"),
        ("Medical Imaging Medical Imagings", "Medical Imaging Medical Imagings"),
    ],
)
def test_a_line_is_trimmed_and_doubled_names_are_said_once(raw: str, line: str) -> None:
    assert one_line(raw) == line


def test_blocks_lie_where_they_say() -> None:
    builder = PageBuilder()
    heading = builder.add(BlockKind.HEADING, "  Fees ", level=1)
    group = builder.new_group()
    item = builder.add(BlockKind.ITEM, "EU", level=1, group=group)
    builder.add(BlockKind.PARAGRAPH, "2,060 EUR", parent=item)
    builder.add(BlockKind.PARAGRAPH, "Apart")
    builder.add(BlockKind.PARAGRAPH, "Together", adjoins=True)
    text, blocks = builder.build()

    assert text == "Fees\n\nEU\n2,060 EUR\n\nApart\nTogether"
    assert [text[block.start : block.end] for block in blocks] == [
        "Fees",
        "EU",
        "2,060 EUR",
        "Apart",
        "Together",
    ]
    assert (heading, item, len(builder)) == (0, 1, 5)


def test_what_is_empty_or_repeats_the_heading_above_is_left_out() -> None:
    builder = PageBuilder()

    assert builder.add(BlockKind.PARAGRAPH, " \u200b ") == -1
    assert builder.add(BlockKind.HEADING, "Fees", level=1) == 0
    assert builder.add(BlockKind.HEADING, "Fees", level=2) == -1
    assert builder.add_row(["", " "], parent=-1, group=1) == -1
    assert len(builder) == 1


def test_a_row_knows_its_cells() -> None:
    builder = PageBuilder()
    builder.add_row(["EU", "", "900 EUR"], parent=-1, group=builder.new_group(), widths=[1, 1, 2])
    text, (row,) = builder.build()

    assert text == "EU |  | 900 EUR"
    assert [text[a:b] for a, b in row.cells] == ["EU", "", "900 EUR", "900 EUR"]


def test_a_parent_that_does_not_exist_is_refused() -> None:
    builder = PageBuilder()

    with pytest.raises(ValueError, match="parent 3"):
        builder.add(BlockKind.PARAGRAPH, "text", parent=3)
    with pytest.raises(ValueError, match="parent -2"):
        builder.add(BlockKind.PARAGRAPH, "text", parent=-2)
