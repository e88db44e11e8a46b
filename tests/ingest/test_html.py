"""HTML and Markdown pages: what the page says, without the site around it."""

from __future__ import annotations

from datetime import date

import pytest
from read_pages import blanks, check, facts, from_html, from_markdown, headings, items, outline, quote, units

from ingest.html import is_web_address, read_html, read_markdown
from ingest.units import UnitKind


def rows(body: str) -> list[str]:
    return [text for kind, text in outline(from_html(body)) if kind == "row"]


def test_navigation_footers_scripts_and_cookie_bars_are_gone() -> None:
    page = from_html(
        """
        <a href="#main">Skip to content</a>
        <header><nav><ul><li>Home</li><li>Study</li></ul></nav></header>
        <div class="cookie-bar"><p>We like biscuits.</p><button>Accept</button></div>
        <div id="breadcrumb">Home / Study / Robotics</div>
        <script>let fee = "900 EUR";</script><style>p {color: red}</style>
        <div><p>We use cookies to count visits.</p></div>
        <div class="content"><h1>Robotics</h1><p>Two years, in English.</p>
        <p><a class="btn" href="/x">Apply now</a></p></div>
        <aside><p>News of the day</p></aside>
        <div class="footer"><p>Harbour Road 4</p></div>
        <p>© 2026 Seatown University</p>
        """
    )

    assert outline(page) == [("heading", "Robotics"), ("paragraph", "Two years, in English.")]


def test_the_main_element_is_the_page() -> None:
    page = from_html(
        "<div><p>Elsewhere on the site.</p></div><main><h1>Fees</h1><p>The fee is 900 EUR.</p></main>"
    )

    assert outline(page) == [("heading", "Fees"), ("paragraph", "The fee is 900 EUR.")]


def test_an_empty_main_element_is_not_the_page() -> None:
    page = from_html(f"<main><p>Hello</p></main><div><p>{'The fee is 900 EUR. ' * 5}</p></div>")

    assert "900 EUR" in page.text


def test_several_articles_are_all_kept() -> None:
    page = from_html(
        "".join(f"<article><h2>Part {n}</h2><p>Words about part {n}.</p></article>" for n in (1, 2, 3))
    )

    assert [text for _, text in headings(page)] == ["Part 1", "Part 2", "Part 3"]


def test_a_form_around_the_whole_page_is_not_a_form() -> None:
    page = from_html(
        '<form id="aspnetForm"><h1>Fees</h1><p>The fee is 900 EUR a year.</p><input name="q"></form>'
    )

    assert outline(page) == [("heading", "Fees"), ("paragraph", "The fee is 900 EUR a year.")]


def test_a_search_form_beside_the_page_is_gone() -> None:
    page = from_html(
        "<form>Search the site <input></form><h1>Fees</h1><p>The fee is 900 EUR a year and due in May.</p>"
    )

    assert "Search" not in page.text


@pytest.mark.parametrize(
    "name", ["has-sidebar", "page-with-sidebar", "main-nav-open", "social-sciences", "sharepoint"]
)
def test_a_class_that_only_sounds_like_furniture_does_not_drop_the_page(name: str) -> None:
    page = from_html(f'<div class="{name}"><h2>Fees</h2><p>The fee is 900 EUR.</p></div>')

    assert page.text == "Fees\n\nThe fee is 900 EUR."


def test_the_whole_page_inside_one_div_is_read() -> None:
    page = from_html(
        "<div><div>Robotics takes two years.<div>It costs 900 EUR.</div> It is taught in English.</div></div>"
    )

    assert [text for _, text in outline(page)] == [
        "Robotics takes two years.",
        "It costs 900 EUR.",
        "It is taught in English.",
    ]


def test_hidden_text_is_gone_but_what_opens_on_a_click_is_there() -> None:
    page = from_html(
        """
        <p hidden>Draft</p><p style="display: none">Secret</p><span aria-hidden="true">»</span>
        <h3><button aria-expanded="false" aria-controls="a1">Can I work?</button></h3>
        <div id="a1" hidden><p>Yes, 16 hours a week.</p></div>
        <div class="accordion-title" role="button" aria-expanded="false">Can I defer?</div>
        <div class="accordion-content" style="display:none"><p>No, you cannot.</p></div>
        <details><summary>Is there a visa fee?</summary><p>It depends.</p></details>
        """
    )

    assert [text for kind, text in outline(page) if kind == "heading"] == [
        "Can I work?",
        "Can I defer?",
        "Is there a visa fee?",
    ]
    assert [text for kind, text in outline(page) if kind == "paragraph"] == [
        "Yes, 16 hours a week.",
        "No, you cannot.",
        "It depends.",
    ]


def test_a_heading_that_is_a_link_elsewhere_on_other_sites_stays() -> None:
    page = from_html(
        "<h1>Robotics</h1><p>About it.</p><h2>Contact us</h2><p>Room 4</p><h2>English</h2><p>Level B2.</p>"
    )

    assert [text for _, text in headings(page)] == ["Robotics", "Contact us", "English"]


def test_line_breaks_part_lines_and_white_space_of_the_source_does_not() -> None:
    page = from_html("<p>Study adviser:\n   Ida Holm<br>Room 4<br/>\n2nd floor</p><p>Open\n daily</p>")

    assert page.text == "Study adviser: Ida Holm\nRoom 4\n2nd floor\n\nOpen daily"


def test_a_bold_line_is_a_heading_and_a_bold_fact_is_not() -> None:
    page = from_html(
        "<p><strong>Selection</strong></p><p>By grades.</p><p><b>Deadline: 1 May 2027</b></p><p><b>900 "
        "EUR</b></p>"
    )

    assert [text for _, text in headings(page)] == ["Selection"]
    assert ("", "Deadline", "1 May 2027") in facts(page)


def test_a_bold_label_and_its_value_are_a_fact() -> None:
    page = from_html(
        "<p><strong>Duration:</strong> 24 months</p><p><strong>Start</strong><br>1 September 2027</p>"
    )

    assert facts(page) == [("", "Duration", "24 months"), ("", "Start", "1 September 2027")]


def test_nested_lists_keep_their_depth_whichever_way_they_are_written() -> None:
    page = from_html(
        """
        <ul>
          <li>Year 1<ul><li>Optics</li><li><p>Waves</p><p>Taught in spring.</p></li></ul></li>
          <ul><li>Heat</li></ul>
          <li><p>Year 2</p><ol><li>Thesis</li></ol></li>
          <li><div>Year 3 <b>abroad</b></div></li>
        </ul>
        """
    )

    assert items(page) == [
        (1, "Year 1"), (2, "Optics"), (2, "Waves"), (2, "Heat"),
        (1, "Year 2"), (2, "Thesis"), (1, "Year 3 abroad"),
    ]  # fmt: skip
    waves = [text for _, text in outline(page)].index("Taught in spring.")
    assert outline(page)[page.blocks[waves].parent] == ("item", "Waves")


def test_typed_bullets_are_items_too() -> None:
    page = from_html("<p>Groups:</p><p>• Embedded systems</p><p>• Optics</p><p>Choose one of them.</p>")

    assert items(page) == [(1, "Embedded systems"), (1, "Optics")]
    assert [len(unit.parts) for unit in units(page, UnitKind.LIST)] == [2]


def test_words_in_inline_elements_keep_their_distance() -> None:
    page = from_html("<ul><li><b>Fee</b>: <i>900</i> EUR</li><li>un<b>like</b>ly</li></ul>")

    assert [text for _, text in items(page)] == ["Fee: 900 EUR", "unlikely"]


def test_preformatted_lines_stay_lines() -> None:
    page = from_html("<pre>Block 1  12 January\nBlock 2  13 April</pre>")

    assert page.text == "Block 1 12 January\nBlock 2 13 April"


def test_a_definition_list_gives_facts_and_blanks() -> None:
    page = from_html(
        """
        <dl>
          <dt>Credits</dt><dd>120 ECTS</dd>
          <div><dt>Deadline</dt><dd></dd></div>
          <div><dt>Start</dt><dd>TBA</dd></div>
          <dt>Phone</dt><dd>–</dd>
          <dt>Places</dt>
        </dl>
        """
    )

    assert facts(page) == [("", "Credits", "120 ECTS")]
    assert blanks(page) == ["Deadline", "Start", "Phone", "Places"]


def test_terms_that_share_a_definition_are_no_blanks() -> None:
    page = from_html("<dl><dt>Bachelor</dt><dt>Master</dt><dd>900 EUR</dd></dl>")

    assert blanks(page) == []
    assert facts(page) == [("", "Master", "900 EUR")]


def test_a_list_in_a_definition_is_a_list_under_its_term() -> None:
    page = from_html("<dl><dt>Documents</dt><dd><ul><li>Passport</li><li>Photo</li></ul></dd></dl>")

    (found,) = units(page, UnitKind.LIST)
    assert (found.label, quote(page, found), len(found.parts)) == ("Documents", "Passport\nPhoto", 2)


def test_a_definition_of_several_sentences_is_sentences_under_its_term() -> None:
    page = from_html("<dl><dt>Visa</dt><dd>You need one. Apply early.</dd></dl>")

    assert [(unit.label, quote(page, unit)) for unit in units(page, UnitKind.SENTENCE)] == [
        ("Visa", "You need one."),
        ("Visa", "Apply early."),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "<tr><th>Group</th><th>Fee</th><th>Deadline</th></tr>",
        "<thead><tr><td>Group</td><td>Fee</td><td>Deadline</td></tr></thead>",
        "<thead><tr><td></td><th>Fee</th><th>Deadline</th></tr></thead>",
        "<tr><td><b>Group</b></td><td><strong>Fee</strong></td><td><b>Deadline</b></td></tr>",
        "<tr><td>Group</td><td>Fee</td><td>Deadline</td></tr>",
    ],
    ids=["th", "thead of td", "thead mixed", "bold", "told by the values below"],
)
def test_a_header_row_names_the_columns_however_it_is_marked(header: str) -> None:
    page = from_html(
        f"<table>{header}<tr><td>EU citizens</td><td>2,060 EUR</td><td>1 May 2027</td></tr>"
        "<tr><td>Other students</td><td>14,300 EUR</td><td>–</td></tr></table>"
    )

    assert ("EU citizens", "Fee", "2,060 EUR") in facts(page)
    assert ("Other students", "Fee", "14,300 EUR") in facts(page)
    assert [(unit.audience, unit.label) for unit in units(page, UnitKind.BLANK)] == [
        ("Other students", "Deadline")
    ]


def test_a_table_of_labels_and_values_has_no_header() -> None:
    page = from_html(
        "<table><tr><td>Degree</td><td>Master of Science</td></tr><tr><th>Credits</th><td>120</td></tr>"
        "<tr><td>Application fee</td><td></td></tr></table>"
    )

    assert facts(page) == [("", "Degree", "Master of Science"), ("", "Credits", "120")]
    assert blanks(page) == ["Application fee"]


def test_a_cell_over_two_columns_holds_for_both_and_stands_once_in_the_text() -> None:
    page = from_html(
        "<table><tr><th>Group</th><th>First year</th><th>Second year</th></tr>"
        '<tr><td>EU citizens</td><td colspan="2">2,060 EUR</td></tr></table>'
    )

    assert page.text.endswith("EU citizens | 2,060 EUR")
    assert facts(page) == [
        ("EU citizens", "First year", "2,060 EUR"),
        ("EU citizens", "Second year", "2,060 EUR"),
    ]
    assert blanks(page) == []


def test_a_cell_over_two_rows_holds_for_both() -> None:
    assert rows(
        "<table><tr><th>Term</th><th>Step</th><th>Date</th></tr>"
        '<tr><td rowspan="2">Autumn</td><td>Apply</td><td>1 May</td></tr><tr><td>Pay</td><td>1 June</td></tr>'
        "<tr><td>Spring</td><td>Apply</td><td>1 October</td></tr></table>"
    ) == [
        "Term | Step | Date",
        "Autumn | Apply | 1 May",
        "Autumn | Pay | 1 June",
        "Spring | Apply | 1 October",
    ]


def test_a_header_of_two_rows_names_each_column_by_both() -> None:
    page = from_html(
        '<table><thead><tr><th rowspan="2">Programme</th><th colspan="2">Fee</th></tr>'
        "<tr><th>EU</th><th>Other</th></tr></thead><tbody>"
        "<tr><td>Robotics</td><td>2,060 EUR</td><td>14,300 EUR</td></tr></tbody></table>"
    )

    assert [(unit.label, unit.value) for unit in units(page, UnitKind.FACT)] == [
        ("Robotics, Fee: EU", "2,060 EUR"),
        ("Robotics, Fee: Other", "14,300 EUR"),
    ]


def test_a_note_over_the_whole_width_is_a_paragraph() -> None:
    page = from_html(
        "<table><tr><th>Item</th><th>EU</th><th>Other</th></tr><tr><td>Fee</td><td>1 EUR</td><td>2 "
        "EUR</td></tr>"
        '<tr><td colspan="3">All fees are due in June.</td></tr></table>'
    )

    assert outline(page)[-1] == ("paragraph", "All fees are due in June.")
    assert blanks(page) == []


def test_a_row_that_only_names_the_rows_under_it_leaves_nothing_blank() -> None:
    page = from_html(
        "<table><tr><th>Item</th><th>EU</th><th>Other</th></tr><tr><td>First term</td><td></td><td></td></tr>"
        "<tr><td>Fee</td><td>1 EUR</td><td>2 EUR</td></tr></table>"
    )

    assert blanks(page) == []


def test_the_items_of_a_list_in_a_cell_are_set_off() -> None:
    assert rows(
        "<table><tr><th>Step</th><th>Bring</th></tr><tr><td>Interview</td>"
        "<td>Please bring <ul><li>passport</li><li>letter</li></ul></td></tr></table>"
    ) == ["Step | Bring", "Interview | Please bring; passport; letter"]


def test_a_table_for_layout_is_read_as_the_blocks_in_it() -> None:
    page = from_html(
        "<table><tr><td><h2>Fees</h2><p>900 EUR in "
        "all.</p></td><td><ul><li>Passport</li></ul></td></tr></table>"
        "<table><tr><td>One cell a row.</td></tr><tr><td>And another.</td></tr></table>"
    )

    assert [kind for kind, _ in outline(page)] == ["heading", "paragraph", "item", "paragraph", "paragraph"]


def test_spans_that_are_no_numbers_count_as_one() -> None:
    assert rows('<table><tr><td colspan="x">Fee</td><td rowspan="²">900 EUR</td></tr></table>') == [
        "Fee | 900 EUR"
    ]


def test_markdown_headings_lists_and_tables_are_read() -> None:
    page = from_markdown(
        """
        # Robotics

        ## Fees

        | Group | Fee |
        |---|---|
        | EU citizens | 2,060 EUR |
        | Other students | – |

        - Duration: 24 months
        - Deadline:

        Paid *once*, see [here](https://a.example).
        """
    )

    assert headings(page) == [(1, "Robotics"), (2, "Fees")]
    assert facts(page) == [("EU citizens", "Fee", "2,060 EUR"), ("", "Duration", "24 months")]
    assert blanks(page) == ["Fee", "Deadline"]
    assert page.text.endswith("Paid once, see here.")


def test_labelled_lines_of_one_markdown_paragraph_stay_lines_and_wrapped_prose_does_not() -> None:
    page = from_markdown(
        """
        Dates: 6 to 17 July 2026
        **Credits:** 5 ECTS
        Excursion to the reef: date TBA

        The fee covers boats, meals and
        the ferry; it is due in May.
        """
    )

    assert facts(page) == [("", "Dates", "6 to 17 July 2026"), ("", "Credits", "5 ECTS")]
    assert blanks(page) == ["Excursion to the reef"]
    assert outline(page)[-1] == ("paragraph", "The fee covers boats, meals and the ferry; it is due in May.")


def test_markup_in_markdown_is_text() -> None:
    assert (
        read_markdown("<script>alert(1)</script> Hello there").text == "<script>alert(1)</script> Hello there"
    )


def test_the_head_says_title_address_publisher_language_and_day() -> None:
    _, metadata = read_html(
        '<html lang="en-GB"><head><title>Fees | Seatown University</title>'
        '<link rel="canonical" href="https://www.seatown.example/fees">'
        '<meta property="article:modified_time" content="2026-03-31T10:00:00+02:00"></head>'
        "<body><p>The fee is 900 EUR.</p></body></html>"
    )

    assert (metadata.title, metadata.url, metadata.publisher, metadata.language, metadata.modified_on) == (
        "Fees", "https://www.seatown.example/fees", "Seatown University", "en", date(2026, 3, 31),
    )  # fmt: skip


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/fees", "data:text/html,x", "https://", "http://[x", ""]
)
def test_an_address_that_no_reader_should_be_sent_to_is_none(url: str) -> None:
    assert not is_web_address(url)
    assert (
        read_html(f'<html><head><link rel="canonical" href="{url}"></head><body>Fees here</body></html>')[
            1
        ].url
        == ""
    )


@pytest.mark.parametrize("raw", ["", "  \n", "\ufeff"])
def test_an_empty_page_is_an_error(raw: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        read_html(raw)


def test_text_without_markup_is_a_page_too() -> None:
    page, _ = read_html("Just a few words & a <")

    assert page.text.startswith("Just a few words & a")


def test_a_page_that_declares_another_encoding_in_itself_is_read_as_the_text_it_is() -> None:
    page, _ = read_html(
        '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>Tromsø, 18 €</p></body></html>'
    )

    assert page.text == "Tromsø, 18 €"


def test_one_page_in_every_shape_holds_together() -> None:
    check(
        from_html(
            "Loose text<p>Fee: 100 EUR</p><ul><li>a<table><tr><td>x</td><td>y</td></tr></table>tail</li></ul>"
            "<dl><dd>first</dd><dt>T</dt><dd><dl><dt>N</dt><dd>v</dd></dl></dd></dl><h2></h2><h2>End</h2>"
        )
    )


def test_a_table_names_its_columns_anew() -> None:
    page = from_html(
        "<h1>Fees</h1><table><tr><th></th><th>Resident</th><th>Non-resident</th></tr>"
        "<tr><td>Tuition</td><td>$1,863</td><td>$3,141</td></tr>"
        "<tr><td>Other fees</td><td>Part-time students</td><td>Full-time students</td></tr>"
        "<tr><td>Technology</td><td>$15</td><td>$30</td></tr></table>"
    )

    assert facts(page) == [
        ("Resident", "Tuition", "$1,863"),
        ("Non-resident", "Tuition", "$3,141"),
        ("Part-time", "Technology", "$15"),
        ("Full-time", "Technology", "$30"),
    ]


def test_visiting_cards_side_by_side_are_no_table() -> None:
    page = from_html(
        "<h1>Contact</h1><table><tr><td>Ann Lee<br>Coordinator<br>ann@sea.example</td>"
        "<td>Bo Ray<br>Director<br>bo@sea.example</td></tr></table>"
    )

    assert facts(page) == [
        ("", "Ann Lee, Coordinator", "ann@sea.example"),
        ("", "Bo Ray, Director", "bo@sea.example"),
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<p><span>Duration</span><span>24 months</span></p>", "Duration 24 months"),
        ("<ul><li><span>Fee</span><span>€ 900</span></li></ul>", "Fee € 900"),
        ("<p><span>w</span><span>ord</span></p>", "word"),
        ("<p>H<span>2</span><span>O</span></p>", "H2O"),
    ],
)
def test_two_spans_that_a_style_sheet_parts_are_parted(raw: str, text: str) -> None:
    assert from_html(raw).text == text
