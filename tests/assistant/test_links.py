"""Links that open a page at the quoted words."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.links import deep_link

PAGE = "https://example.org/fees"


def test_a_short_quote_is_its_own_fragment() -> None:
    assert deep_link(PAGE, "The fee is low.") == f"{PAGE}#:~:text=The%20fee%20is%20low."


def test_dash_comma_and_ampersand_are_encoded_for_they_mean_something_in_a_fragment() -> None:
    assert deep_link(PAGE, "a-b, c & d") == f"{PAGE}#:~:text=a%2Db%2C%20c%20%26%20d"


def test_a_long_quote_is_named_by_its_ends() -> None:
    quote = "one two three four five six seven eight nine ten eleven"

    assert deep_link(PAGE, quote).endswith(
        "#:~:text=one%20two%20three%20four%20five,seven%20eight%20nine%20ten%20eleven"
    )


def test_ten_words_are_not_long_yet() -> None:
    assert "," not in deep_link(PAGE, "one two three four five six seven eight nine ten")


def test_a_quote_over_several_lines_is_named_by_its_ends_for_a_fragment_stays_in_one_block() -> None:
    assert deep_link(PAGE, "Tuition fee\n\n2,060 EUR").endswith("#:~:text=Tuition%20fee,2%2C060%20EUR")


def test_an_anchor_of_the_address_is_kept() -> None:
    assert deep_link(f"{PAGE}#costs", "The fee") == f"{PAGE}#costs:~:text=The%20fee"


def test_the_anchor_above_a_quote_stands_before_its_text() -> None:
    assert deep_link(PAGE, "The fee", anchor="költség 1") == f"{PAGE}#k%C3%B6lts%C3%A9g%201:~:text=The%20fee"
    assert deep_link(f"{PAGE}#own", "The fee", anchor="other") == f"{PAGE}#own:~:text=The%20fee"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "fees.html",
        "ftp://example.org/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://[half",
    ],
)
def test_only_a_web_address_becomes_a_link(url: str) -> None:
    assert deep_link(url, "The fee is low.") == ""


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(lambda text: bool(text.split())))
def test_no_quote_can_break_out_of_its_fragment(quote: str) -> None:
    base, _, directive = deep_link(PAGE, quote).partition("#:~:text=")

    assert base == PAGE
    assert directive.isascii()
    assert not set(directive) & set(" \n\t\"'<>&#-")
    assert directive.count(",") <= 1
    ends = [unquote(end) for end in directive.split(",")]
    assert all(end in " ".join(quote.split()) for end in ends)


def test_a_pdf_is_opened_at_the_page_of_the_quote() -> None:
    address = "https://example.org/Regulations.PDF"

    assert deep_link(address, "The fee is low.", page=3) == f"{address}#page=3"
    assert deep_link(f"{address}?v=2#top", "The fee is low.", page=3) == f"{address}?v=2#page=3"
    assert deep_link(address, "The fee is low.") == f"{address}#:~:text=The%20fee%20is%20low."
    assert deep_link(PAGE, "The fee is low.", page=3) == f"{PAGE}#:~:text=The%20fee%20is%20low."
