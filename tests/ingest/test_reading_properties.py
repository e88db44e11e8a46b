"""What holds for any input at all: reading never breaks, and offsets always point at what they say."""

from __future__ import annotations

import string
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_pages import check, document_of

from ingest.cleaning import clean, one_line
from ingest.dates import find_modified_on, parse_date
from ingest.html import read_html, read_markdown
from ingest.plaintext import read_plain_text
from ingest.sentences import sentence_spans
from ingest.values import is_bare_value, is_empty_value, kinds_of, names_a_field

# Pieces that pages are made of: what the readers look for, and what could lead them astray.
# fmt: off
PIECES = st.sampled_from([
    "Fee", "Fee:", "Application deadline", "18,690 EUR/year", "2060 EUR", "1 May 2027", "TBA", "–",
    "a@b.example", "+49 30 1234567", "Year 1", "Who can apply?", "The fee is paid once.",
    "Minimum required score:", "contact the office at", "e.g. this", "Prof. A. B. Muller",
    "Home > Study > Fees", "Skip to content", "Read more", "English", "EU/EEA Applies to you",
    "Medical Imaging Medical Imaging", "UMC's", "12:30", "...", "(", ")", "()", "[x]", "*", "_", "`",
    "#", "##", "---", "===", "\t", "  ", "\xa0", "\u200b", "\ufeff", "\u2028", "\x0c", "\ud800",
    "é", "e\u0301", "漢字。", "🎓", "<", ">", "&amp;", "&#0;",
])
MARKS = st.sampled_from([
    "\n", "\n\n", "\n  • ", "\n    ◦ ", "\n1. ", "\na) ", "\n- ", "\n\t", "\t", " | ", "\r\n", "\n    ",
    " ", "", "\n> ", "\n# ",
])
# fmt: on
PAGES = st.lists(st.tuples(MARKS, PIECES), max_size=30).map(lambda parts: "".join(a + b for a, b in parts))
ANY_TEXT = st.one_of(st.text(max_size=200), PAGES)

# fmt: off
TAGS = st.sampled_from([
    "p", "div", "section", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tr", "th", "td", "h1",
    "h2", "h3", "b", "strong", "br", "span", "a", "details", "summary", "main", "article", "pre",
    "button", "form", "nav", "footer", "header", "blockquote", "hr", "address", "center", "caption",
])
# fmt: on
ATTRIBUTES = st.sampled_from(
    [
        "",
        "",
        "",
        ' class="nav"',
        " hidden",
        ' colspan="2"',
        ' rowspan="3"',
        ' rowspan="x"',
        ' aria-hidden="true"',
        ' role="button"',
        ' class="accordion-panel" style="display:none"',
        ' aria-expanded="false"',
    ]
)  # fmt: skip
ELEMENTS = st.recursive(
    PIECES,
    lambda inner: st.tuples(TAGS, ATTRIBUTES, st.lists(inner, max_size=5), st.booleans()).map(
        lambda e: f"<{e[0]}{e[1]}>{''.join(e[2])}" + (f"</{e[0]}>" if e[3] else "")
    ),
    max_leaves=25,
)
HTML = st.lists(ELEMENTS, max_size=6).map("".join)


@settings(max_examples=150, deadline=None)
@given(raw=ANY_TEXT)
def test_plain_text_of_any_kind_is_read_with_right_offsets(raw: str) -> None:
    check(document_of(read_plain_text(raw)))


@settings(max_examples=100, deadline=None)
@given(raw=ANY_TEXT)
def test_markdown_of_any_kind_is_read_with_right_offsets(raw: str) -> None:
    try:
        page = read_markdown(raw)
    except ValueError:
        return
    check(document_of(page))


@settings(max_examples=150, deadline=None)
@given(raw=st.one_of(HTML, ANY_TEXT))
def test_html_of_any_kind_is_read_with_right_offsets(raw: str) -> None:
    try:
        page, _ = read_html(raw)
    except ValueError:
        return
    check(document_of(page))


@settings(max_examples=150, deadline=None)
@given(raw=ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)
    assert one_line(one_line(raw)) == one_line(raw)
    assert "\n" not in one_line(raw)
    clean(raw).encode("utf-8")  # no lone surrogates are left


@settings(max_examples=150, deadline=None)
@given(raw=ANY_TEXT, data=st.data())
def test_sentences_cover_all_but_blanks_and_stay_on_their_line(raw: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(raw)))
    stop = data.draw(st.integers(start, len(raw)))
    spans = sentence_spans(raw, start, stop)
    covered = set()
    end = start
    for a, b in spans:
        assert end <= a < b <= stop
        assert raw[a:b] == raw[a:b].strip()
        assert "\n" not in raw[a:b]
        covered.update(range(a, b))
        end = b
    assert all(n in covered or raw[n].isspace() for n in range(start, stop))


@settings(max_examples=150, deadline=None)
@given(
    raw=st.one_of(ANY_TEXT, st.text(alphabet=string.digits + string.ascii_letters + " .,:/-+", max_size=60))
)
def test_dates_and_values_are_looked_for_in_any_text(raw: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse_date(raw)
        find_modified_on(raw)
    kinds_of(raw)
    is_bare_value(raw)
    is_empty_value(raw)
    names_a_field(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "<div>" * 3000 + "deep text" + "</div>" * 3000,
        "<span>" * 3000 + "deep text",
        "<ul><li>item" * 600,
        "<table><tr><td>cell</td><td>" * 300 + "deep text",
        "<dl><dd>value" * 600,
    ],
    ids=["divs", "spans", "lists", "tables", "definitions"],
)
def test_deeply_nested_html_is_read(raw: str) -> None:
    check(document_of(read_html(f"<html><body>{raw}</body></html>")[0]))


@pytest.mark.parametrize(
    "raw",
    [
        "The fee is 100 EUR per year, e.g. for Dr. B. Muller. " * 4000,
        "Fee\n100 EUR\n\n" * 3000,
        "• Fee\n" * 5000,
        "Intro:\n• a\n• b\n\n" * 2000,
        "a\tb\tc\n" * 5000,
        "." * 200_000 + "x",
        "1" * 200_000,
        "111 " * 50_000,
        "A-" * 100_000,
        "a" * 200_000,
        "(" * 200_000 + "x",
    ],
    ids=[
        "prose",
        "pairs",
        "fields",
        "lists",
        "table",
        "dots",
        "digits",
        "groups",
        "hyphens",
        "word",
        "brackets",
    ],
)
def test_long_input_is_read_in_time_in_proportion_to_its_length(raw: str) -> None:
    # Half a second at most on 2 cores; some of them took minutes before the reading was linear.
    check_length = document_of(read_plain_text(raw))
    assert len(check_length.text) <= len(raw) * 2
    check(check_length)
