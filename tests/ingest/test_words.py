"""Words as the lexical index sees them."""

from __future__ import annotations

from ingest.words import stem, stems, words


def test_words_keep_numbers_whole_and_part_compounds() -> None:
    assert words("A pre-master costs 18,690.50 EUR, C1 level!") == [
        "A",
        "pre",
        "master",
        "costs",
        "18,690.50",
        "EUR",
        "C1",
        "level",
    ]


def test_e_mail_is_one_word_however_it_is_written() -> None:
    assert stems("E-mail") == stems("email") == stems("e-mails")


def test_possessives_and_endings_make_no_difference() -> None:
    assert stem("UMC's") == stem("UMC’s") == "umc"
    assert stem("Applications") == stem("application")
    assert stems("") == []
