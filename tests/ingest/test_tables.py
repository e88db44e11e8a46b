"""Tables: each value is found by the names of its row, its column and its part of the table."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html
from read_pages import check, document_of, facts, from_html, outline, quote, units

from ingest.chunking import passage_search_text, split
from ingest.documents import Document
from ingest.html import read_html
from ingest.tables import RowRole, is_layout, read_table
from ingest.units import UnitKind

FEES = "<tr><td>EU citizens</td><td>2 EUR</td><td>1 May</td></tr>"
COLUMNS = "<tr><th>Group</th><th>Fee</th><th>Due</th></tr>"


def table(rows: str) -> lxml_html.HtmlElement:
    return lxml_html.fragment_fromstring(f"<table>{rows}</table>")


def roles(rows: str) -> list[tuple[RowRole, int]]:
    return [(row.role, row.named_by) for row in read_table(table(rows))]


def naming(document: Document, label: str) -> list[str]:
    """The rows that name the fact with this label."""
    (found,) = [unit for unit in units(document, UnitKind.FACT) if unit.label == label]
    return [document.text[start:end] for start, end in found.named_by]


def test_a_line_over_all_columns_names_the_rows_under_it() -> None:
    page = from_html(
        f"<table>{COLUMNS}<tr><th colspan=3>Bachelor</th></tr>{FEES}<tr><td colspan=3>Master</td></tr>"
        "<tr><td>EU citizens</td><td>3 EUR</td><td>1 June</td></tr></table>"
    )

    assert facts(page) == [
        ("EU citizens", "Bachelor, Fee", "2 EUR"),
        ("EU citizens", "Bachelor, Due", "1 May"),
        ("EU citizens", "Master, Fee", "3 EUR"),
        ("EU citizens", "Master, Due", "1 June"),
    ]
    assert naming(page, "Master, Due") == ["Group | Fee | Due", "Master"]


@pytest.mark.parametrize(
    "part",
    ["<td>Master:</td><td></td><td></td>", "<td><b>Master</b></td><td></td><td></td>", "<th>Master</th>"],
)
def test_a_row_with_nothing_but_its_first_cell_names_the_rows_under_it(part: str) -> None:
    page = from_html(f"<table>{COLUMNS}{FEES}<tr>{part}</tr>{FEES}</table>")

    assert [label for _, label, _ in facts(page)] == ["Fee", "Due", "Master, Fee", "Master, Due"]


def test_a_part_that_names_people_says_whom_its_rows_are_for() -> None:
    page = from_html(
        "<table><tr><th>Item</th><th>Autumn</th><th>Spring</th></tr>"
        "<tr><td colspan=3>International students</td></tr>"
        "<tr><td>Tuition</td><td>9 EUR</td><td>8 EUR</td></tr></table>"
    )

    assert facts(page) == [
        ("International", "Tuition, Autumn", "9 EUR"),
        ("International", "Tuition, Spring", "8 EUR"),
    ]


def test_a_row_of_a_grid_of_marks_that_says_no_everywhere_names_nothing() -> None:
    page = from_html(
        "<table><tr><th>Course</th><th>Autumn</th><th>Spring</th></tr><tr><td>Optics</td><td></td><td></td></tr>"
        "<tr><td>Waves</td><td>x</td><td></td></tr></table>"
    )

    assert [label for _, label, _ in facts(page)] == ["Waves, Autumn"]


@pytest.mark.parametrize(
    "title", ["<caption>Fees 2026/27</caption>", "<tr><td colspan=3>Fees 2026/27</td></tr>"]
)
def test_the_title_of_a_table_is_beside_its_facts_and_not_in_their_labels(title: str) -> None:
    page = from_html(f"<table>{title}{COLUMNS}{FEES}</table>")

    assert facts(page) == [("EU citizens", "Fee", "2 EUR"), ("EU citizens", "Due", "1 May")]
    assert {unit.around for unit in units(page, UnitKind.FACT)} == {"Fees 2026/27; Group: EU citizens"}


def test_a_header_under_a_title_names_the_columns_of_two() -> None:
    page = from_html(
        "<table><tr><th colspan=2>Deadlines</th></tr><tr><th>Group</th><th>Date</th></tr>"
        "<tr><td>EU citizens</td><td>1 May</td></tr></table>"
    )

    assert facts(page) == [("EU citizens", "Date", "1 May")]


@pytest.mark.parametrize("note", ["* The fees may change.", "Deadline: 1 May 2027", "a@b.example"])
def test_a_sentence_or_a_fact_over_all_columns_names_nothing(note: str) -> None:
    rows = f"{COLUMNS}<tr><td colspan=3>{note}</td></tr>{FEES}"

    assert roles(rows) == [(RowRole.COLUMNS, -1), (RowRole.NOTE, -1), (RowRole.DATA, 0)]


def test_programmes_side_by_side_are_named_by_the_first_row() -> None:
    page = from_html(
        "<table><tr><th>Programme</th><td>Robotics</td><td>Optics</td></tr>"
        "<tr><th>Fee</th><td>900 EUR</td><td>800 EUR</td></tr></table>"
    )

    assert facts(page) == [("", "Fee, Robotics", "900 EUR"), ("", "Fee, Optics", "800 EUR")]


def test_cells_behind_one_that_reaches_down_name_their_rows_too() -> None:
    page = from_html(
        "<table><tr><th>Term</th><th>Step</th><th>Date</th></tr>"
        '<tr><td rowspan="2">Autumn</td><td>Apply</td><td>1 May</td></tr><tr><td>Pay</td><td>1 June</td></tr>'
        "<tr><td>Spring</td><td>Apply</td><td>1 October</td></tr></table>"
    )

    assert [(label, value) for _, label, value in facts(page)] == [
        ("Autumn, Apply, Date", "1 May"),
        ("Autumn, Pay, Date", "1 June"),
        ("Spring, Apply, Date", "1 October"),
    ]


def test_all_cells_that_are_headers_of_a_row_name_it() -> None:
    page = from_html(
        "<table><tr><th>Term</th><th>Group</th><th>Fee</th></tr>"
        '<tr><th scope="row">Autumn</th><th scope="row">Part time</th><td>9 EUR</td></tr></table>'
    )

    assert [(label, value) for _, label, value in facts(page)] == [("Autumn, Part time, Fee", "9 EUR")]


@pytest.mark.parametrize("corner", ["", "Kind"])
def test_a_plain_corner_does_not_hide_the_header(corner: str) -> None:
    page = from_html(
        f"<table><tr><td>{corner}</td><th>Autumn 2026</th><th>Spring 2027</th></tr>"
        "<tr><td>Places</td><td>12</td><td>14</td></tr></table>"
    )

    assert [(label, value) for _, label, value in facts(page)] == [
        ("Places, Autumn 2026", "12"),
        ("Places, Spring 2027", "14"),
    ]


def test_a_cell_that_covers_columns_of_the_header_leaves_the_header_quotable() -> None:
    page = from_html(
        '<table><thead><tr><th rowspan="2">Programme</th><th colspan="2">Fee</th></tr>'
        "<tr><th>EU</th><th>Other</th></tr></thead>"
        "<tr><td>Robotics</td><td>2,060 EUR</td><td>14,300 EUR</td></tr></table>"
    )

    assert naming(page, "Robotics, Fee: Other") == ["Programme | Fee", "Programme | EU | Other"]


@pytest.mark.parametrize(
    ("header", "row", "label"),
    [
        ("<td>Time</td><td>What</td>", "<td>9:00-10:00 a.m.</td><td>Opening</td>", "9:00-10:00 a.m., What"),
        ("<td>Kind</td><td>Price</td>", "<td>Single</td><td>400 EUR</td>", "Single, Price"),
    ],
)
def test_two_columns_have_a_header_where_one_of_them_shows_it(header: str, row: str, label: str) -> None:
    page = from_html(f"<table><tr>{header}</tr><tr>{row}</tr><tr>{row}</tr></table>")

    assert [fact[1] for fact in facts(page)] == [label, label]


def test_a_foot_stands_last_wherever_the_source_has_it() -> None:
    page = from_html(
        f"<table>{COLUMNS}<tfoot><tr><td>Sum</td><td>5 EUR</td><td></td></tr></tfoot>{FEES}</table>"
    )

    assert outline(page)[-1] == ("row", "Sum | 5 EUR | ")


def test_a_picture_alone_in_a_cell_is_what_it_stands_for() -> None:
    page = from_html(
        "<table><tr><th>Course</th><th>Online</th></tr>"
        "<tr><td>Optics</td><td><img src=x alt=yes></td></tr></table>"
    )

    assert facts(page) == [("", "Optics, Online", "yes")]


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><td><h4>Group</h4></td><td><h4>Fee</h4></td></tr><tr><td>EU</td><td>9 EUR</td></tr>",
        "<tr><td><div><p>Group</p></div></td><td>Fee</td></tr><tr><td>EU</td><td>9 EUR</td></tr>",
        f"<caption>Fees</caption><tr><td>Group</td><td>{'Long words. ' * 40}</td></tr>",
    ],
    ids=["headings for bold", "paragraphs from an editor", "a caption"],
)
def test_what_a_table_of_facts_may_look_like(rows: str) -> None:
    assert not is_layout(table(rows))


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><td><h2>Fees</h2><p>They are due in May.</p></td><td>News</td></tr>",
        f"<tr><td>Menu</td><td>{'Long words here. ' * 30}</td></tr>",
        "<tr><td><table><tr><td>Fee</td><td>9 EUR</td></tr></table></td><td>Beside</td></tr>",
        "<tr><td><details><summary>Fees</summary>9 EUR</details></td><td>Beside</td></tr>",
    ],
    ids=["headings over text", "a column of text", "a table inside", "what opens"],
)
def test_what_a_table_for_layout_looks_like(rows: str) -> None:
    assert is_layout(table(rows))


def test_a_passage_from_the_middle_of_a_table_is_searched_with_the_names_of_its_columns() -> None:
    rows = "".join(
        f"<tr><td>Programme number {n}</td><td>{n},000 EUR</td><td>1 May</td></tr>" for n in range(60)
    )
    page = document_of(read_html(f"<body><table>{COLUMNS}{rows}</table></body>")[0])

    first, second, *_ = split(page)

    assert passage_search_text(page, first).count("Group | Fee | Due") == 1
    assert passage_search_text(page, second).splitlines()[1] == "Group | Fee | Due"
    assert "Group" not in second.text


def test_what_a_row_says_of_its_thing_in_words_stands_beside_each_of_its_cells() -> None:
    page = from_html(
        "<table><tr><th>Course</th><th>Title</th><th>Teacher</th><th>Fee</th></tr>"
        "<tr><td>BIO 101</td><td>Cells and tissues</td><td>Ann Lee</td><td>9 EUR</td></tr></table>"
    )

    around = {unit.label: unit.around for unit in units(page, UnitKind.FACT)}
    assert around == {
        "BIO 101, Title": "Course: BIO 101; Ann Lee",
        "BIO 101, Teacher": "Course: BIO 101; Cells and tissues",
        "BIO 101, Fee": "Course: BIO 101; Cells and tissues; Ann Lee",
    }


def test_courses_named_by_their_codes_are_a_list() -> None:
    page = from_html("<p>You take:</p><ul><li>BIO 101: Cells</li><li>BIO 102: Tissues</li></ul>")

    assert [len(unit.parts) for unit in units(page, UnitKind.LIST)] == [2]


def test_a_table_as_large_as_a_span_can_make_it_is_read_in_bounded_time() -> None:
    row = '<tr><td colspan="9999" rowspan="9999">x</td></tr>'

    check(from_html(f"<table>{row * 40}</table>"))


def test_a_fact_is_quoted_from_the_name_of_its_row_to_its_cell() -> None:
    page = from_html(f"<table>{COLUMNS}{FEES}</table>")

    assert [quote(page, unit) for unit in units(page, UnitKind.FACT)] == [
        "EU citizens | 2 EUR",
        "EU citizens | 2 EUR | 1 May",
    ]
