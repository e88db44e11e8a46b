"""PDF files: what is told by layout, where pages begin, and why some cannot be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pdf_files import Pages, Stroke, Text, cells, grid, lines
from read_pages import check, facts, headings, items, outline, shared

from ingest.documents import Document
from ingest.errors import UnreadableFile
from ingest.loaders import read_file

PROSE = (
    "The university lets four hundred rooms to students of the first year, most of them",
    "within ten minutes of the campus, and whoever wants one of these rooms applies in",
    "June. The rooms are given away by lot, and the lot is drawn in the second week of",
    "July in the main hall, to which everybody is invited who has asked for a room.",
)
JOINED = " ".join(PROSE)


def read(path: Path) -> Document:
    (document,) = read_file(path, "page")
    check(document)
    return document


def reason(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_file(path, "page")
    return caught.value.reason


def test_lines_of_a_paragraph_are_one_paragraph_again(tmp_path: Path) -> None:
    page = read(Pages().page(*lines(*PROSE, "", "Rooms cost 310 EUR.")).save(tmp_path / "a.pdf"))

    assert outline(page) == [("paragraph", JOINED), ("paragraph", "Rooms cost 310 EUR.")]


def test_what_is_larger_or_bold_and_stands_apart_is_a_heading(tmp_path: Path) -> None:
    page = read(
        Pages()
        .page(
            *lines(
                "# Marine Robotics",
                "",
                *PROSE,
                "",
                "** Admission",
                "",
                *PROSE,
                "",
                "** Fee: 300 EUR",
                "",
                *PROSE,
            )
        )
        .save(tmp_path / "a.pdf")
    )

    assert headings(page) == [(1, "Marine Robotics"), (2, "Admission")]
    assert ("paragraph", "Fee: 300 EUR") in outline(page)
    assert page.title == "Marine Robotics: Admission" or page.title == "Marine Robotics"


def test_a_numbered_section_stands_below_its_chapter(tmp_path: Path) -> None:
    page = read(
        Pages()
        .page(
            *lines(
                "** 2 Admission", "", *PROSE, "", "** 2.1 Documents", "", *PROSE, "", "** 3 Fees", "", *PROSE
            )
        )
        .save(tmp_path / "a.pdf")
    )

    assert headings(page) == [(1, "2 Admission"), (2, "2.1 Documents"), (1, "3 Fees")]


def test_a_line_that_its_author_broke_stays_a_line(tmp_path: Path) -> None:
    page = read(
        Pages()
        .page(*lines(*PROSE, "", "Admissions Office", "Harbour Road 4", "12345 Seatown", "", *PROSE))
        .save(tmp_path / "a.pdf")
    )

    assert "Admissions Office\nHarbour Road 4\n12345 Seatown" in page.text


def test_a_word_that_was_hyphenated_at_the_end_of_a_line_is_whole_again(tmp_path: Path) -> None:
    broken = [
        "Applicants from abroad who were admitted last year do not send their infor-",
        "mation again, and those of the part-time and full-time courses are self-",
        "employed or not. Undergraduates and those of the pre- and postgraduate schools",
        "do so in the admission portal, where all of their documents must be handed in.",
    ]
    page = read(Pages().page(*lines(*broken)).save(tmp_path / "a.pdf"))

    assert "send their information again" in page.text
    assert "are self-employed or not" in page.text
    assert "pre- and postgraduate schools" in page.text


def test_a_paragraph_goes_on_over_the_end_of_a_page_and_each_page_is_known(tmp_path: Path) -> None:
    page = read(
        Pages()
        .page(*lines(*PROSE[:2], top=700))
        .page(*lines(*PROSE[2:], "", "Rooms cost 310 EUR."))
        .page(*lines("Nothing else is let."))
        .save(tmp_path / "a.pdf")
    )

    assert outline(page)[0] == ("paragraph", JOINED)
    assert [page.text[start : start + 12] for start in page.pages] == ["June. The ro", "Nothing else"]
    assert [page.page_of(page.text.index(words)) for words in ("The univ", "July", "310", "Nothing")] == [
        1,
        2,
        2,
        3,
    ]


def test_a_document_of_one_page_has_no_page_numbers(tmp_path: Path) -> None:
    page = read(Pages().page(*lines(*PROSE)).save(tmp_path / "a.pdf"))

    assert page.pages == ()
    assert page.page_of(0) is None


def test_an_empty_page_is_counted(tmp_path: Path) -> None:
    page = read(Pages().page(*lines("First.")).page().page(*lines("Third.")).page().save(tmp_path / "a.pdf"))

    assert page.page_of(page.text.index("First")) == 1
    assert page.page_of(page.text.index("Third")) == 3
    assert len(page.pages) == 3


def test_what_runs_along_the_edges_of_the_pages_is_gone(tmp_path: Path) -> None:
    made = Pages()
    ordinals = ["", "first", "second", "third", "last"]
    for number in range(1, 5):
        made.page(
            Text("Examination Regulations", 72, 40),
            Text(f"Page {number} of 4", 470, 40),
            *lines(f"The {ordinals[number]} part speaks of something else.", *PROSE),
            Text("Faculty of Marine Science", 72, 800),
            Text(str(number), 300, 800),
        )
    page = read(made.save(tmp_path / "a.pdf"))

    assert "Examination Regulations" not in page.text
    assert "Page" not in page.text
    assert "Faculty of Marine Science" not in page.text
    assert page.text.startswith("The first part speaks of something else.")
    assert page.text.count("part speaks") == 4


def test_a_footer_that_tells_how_to_reach_someone_stays_once(tmp_path: Path) -> None:
    made = Pages()
    for number in range(3):
        made.page(*lines(*PROSE, f"Part {number}."), Text("Questions: admissions@sea.example", 72, 800))
    page = read(made.save(tmp_path / "a.pdf"))

    assert page.text.count("admissions@sea.example") == 1


def test_the_number_of_a_heading_is_no_page_number(tmp_path: Path) -> None:
    made = Pages()
    for number, name in enumerate(["Fees", "Admission", "Housing"], start=1):
        heading = [Text(str(number), 72, 60, 16, bold=True), Text(name, 110, 60, 16, bold=True)]
        made.page(*heading, *lines(f"This is the part that speaks of {name.lower()}.", *PROSE))
    page = read(made.save(tmp_path / "a.pdf"))

    assert headings(page) == [(1, "1 Fees"), (1, "2 Admission"), (1, "3 Housing")]


def test_bullets_and_numbers_are_items_nested_by_their_indent(tmp_path: Path) -> None:
    page = read(
        Pages()
        .page(
            *lines(*PROSE, ""),
            *lines("\u2022", "\u2022", top=160, pitch=42, x=80),
            *lines("First year of the course in marine robotics, which everyone takes:", top=160, x=98),
            *lines(
                "- Mechanics of the sea and of all that moves through it, above and far below", top=174, x=110
            ),
            *lines("the waves", top=188, x=118),
            *lines("Second year", top=202, x=98),
            *lines("1. Make an account.", "2. Send the form.", top=250),
        )
        .save(tmp_path / "a.pdf")
    )

    assert items(page) == [
        (1, "First year of the course in marine robotics, which everyone takes:"),
        (2, "Mechanics of the sea and of all that moves through it, above and far below the waves"),
        (1, "Second year"),
        (1, "Make an account."),
        (1, "Send the form."),
    ]


FEES = [
    ["Group", "Fee", "Deadline"],
    ["EU citizens", "2,100 EUR", "1 May 2027"],
    ["Others", "14,300 EUR", "1 March"],
]
FEE_ROWS = [
    ("row", "Group | Fee | Deadline"),
    ("row", "EU citizens | 2,100 EUR | 1 May 2027"),
    ("row", "Others | 14,300 EUR | 1 March"),
]


def test_a_table_with_rules_is_rows_that_know_their_header(tmp_path: Path) -> None:
    xs, ys = [72, 180, 300, 420], [190, 210, 230, 250]
    page = read(
        Pages()
        .page(*lines(*PROSE), *grid(xs, ys), *cells(FEES, [76, 184, 304], 204), *lines(*PROSE, top=290))
        .save(tmp_path / "a.pdf")
    )

    assert outline(page) == [("paragraph", JOINED), *FEE_ROWS, ("paragraph", JOINED)]
    assert ("EU citizens", "Fee", "2,100 EUR") in facts(page)


def test_a_cell_that_covers_several_columns_or_rows_covers_them(tmp_path: Path) -> None:
    level = [Stroke(72, y, 420, y) for y in (100, 120, 160)] + [Stroke(180, 140, 420, 140)]
    upright = [Stroke(x, 100, x, 160) for x in (72, 180, 420)] + [Stroke(300, 120, 300, 160)]
    words = [
        *cells([["Fees", "Per year"]], [76, 184], 114),
        *cells(
            [["EU citizens", "2,100 EUR", "from 2027"], ["", "1,900 EUR", "until 2026"]], [76, 184, 304], 134
        ),
    ]
    page = read(Pages().page(*level, *upright, *words).save(tmp_path / "a.pdf"))

    assert [text for _, text in outline(page)] == [
        "Fees | Per year",
        "EU citizens | 2,100 EUR | from 2027",
        "EU citizens | 1,900 EUR | until 2026",
    ]
    assert len(page.blocks[0].cells) == 3


def test_a_frame_around_text_is_no_table(tmp_path: Path) -> None:
    page = read(Pages().page(*grid([60, 560], [60, 90, 150]), *lines(*PROSE)).save(tmp_path / "a.pdf"))

    assert outline(page) == [("paragraph", JOINED)]


def test_columns_without_rules_are_a_table_where_they_stand_under_each_other(tmp_path: Path) -> None:
    page = read(
        Pages()
        .page(*lines(*PROSE), *cells(FEES, [72, 190, 310], 170, pitch=15), *lines(*PROSE, top=240))
        .save(tmp_path / "a.pdf")
    )

    assert outline(page) == [("paragraph", JOINED), *FEE_ROWS, ("paragraph", JOINED)]


def test_a_line_that_wraps_in_a_cell_belongs_to_its_row(tmp_path: Path) -> None:
    rows = [
        Text("Week 1", 72, 80),
        Text("Tides, currents and waves of the open", 150, 80),
        Text("and of the closed sea", 150, 93),
        Text("Week 2", 72, 113),
        Text("Robots that swim, and robots that dive", 150, 113),
        Text("Week 3", 72, 133),
        Text("Exam", 150, 133),
    ]
    page = read(Pages().page(*rows).save(tmp_path / "a.pdf"))

    assert [text for _, text in outline(page)] == [
        "Week 1 | Tides, currents and waves of the open and of the closed sea",
        "Week 2 | Robots that swim, and robots that dive",
        "Week 3 | Exam",
    ]


def test_a_table_goes_on_over_the_end_of_a_page_with_one_header(tmp_path: Path) -> None:
    xs = [72, 180, 300, 420]
    page = read(
        Pages()
        .page(*grid(xs, [700, 720, 740]), *cells(FEES[:2], [76, 184, 304], 714))
        .page(*grid(xs, [60, 80, 100]), *cells([FEES[0], FEES[2]], [76, 184, 304], 74))
        .save(tmp_path / "a.pdf")
    )

    assert outline(page) == FEE_ROWS
    assert {block.group for block in page.blocks} == {page.blocks[0].group}
    assert page.page_of(page.text.index("Others")) == 2


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [
        f"The left column goes on in line {word}" for word in ("one", "two", "three", "four", "five", "six")
    ]
    right = [
        f"The right column goes on in line {word}" for word in ("one", "two", "three", "four", "five", "six")
    ]
    page = read(
        Pages()
        .page(Text("Marine Robotics", 72, 60, 18, bold=True), *lines(*left), *lines(*right, x=320))
        .save(tmp_path / "a.pdf")
    )

    assert page.text.index("left column goes on in line six") < page.text.index(
        "right column goes on in line one"
    )


def test_facts_beside_prose_are_a_column_of_their_own(tmp_path: Path) -> None:
    facts_beside = ["Duration: 24 months", "Credits: 120 ECTS", "Language: English", "Start: September"]
    prose = [f"Robots learn to swim here in sentence {number} of many others" for number in range(9)]
    page = read(
        Pages().page(*lines(*facts_beside, pitch=23), *lines(*prose, x=230, top=86)).save(tmp_path / "a.pdf")
    )

    assert {("", "Duration", "24 months"), ("", "Credits", "120 ECTS")} <= set(facts(page))


def test_a_page_that_lies_on_its_side_is_read_upright(tmp_path: Path) -> None:
    turned = [Text(words, 100 + 14 * number, 700, turned=True) for number, words in enumerate(PROSE)]
    page = read(Pages().page(*turned).save(tmp_path / "a.pdf", turned=90))

    assert outline(page) == [("paragraph", JOINED)]


def test_words_that_are_drawn_twice_to_look_bold_are_there_once(tmp_path: Path) -> None:
    twice = [Text("Marine Robotics", 72 + shift, 80) for shift in (0, 0.3)]
    page = read(Pages().page(*twice).save(tmp_path / "a.pdf"))

    assert page.text == "Marine Robotics"


def test_title_and_day_come_from_the_file_where_they_are_sensible(tmp_path: Path) -> None:
    made = Pages().page(*lines("# Fees and Costs 2027", "", *PROSE))
    dates = {"ModDate": "D:20240506070809+02'00'"}

    sensible = read(made.save(tmp_path / "a.pdf", {"Title": "Fees and Costs", **dates}))
    senseless = read(
        made.save(tmp_path / "b.pdf", {"Title": "Microsoft Word - final_v3.doc", "ModDate": "D:99991340"})
    )

    assert (sensible.title, sensible.modified_on) == ("Fees and Costs", date(2024, 5, 6))
    assert (senseless.title, senseless.modified_on) == ("Fees and Costs 2027", None)


def test_a_file_with_only_an_owners_password_is_read(tmp_path: Path) -> None:
    page = read(Pages().page(*lines(*PROSE)).save(tmp_path / "a.pdf", user_password=""))

    assert page.text == JOINED


def test_each_file_that_gives_no_text_is_named_with_its_reason(tmp_path: Path) -> None:
    locked = Pages().page(*lines(*PROSE)).save(tmp_path / "a.pdf", user_password="s")  # noqa: S106 - a file made here
    blank = Pages().page().save(tmp_path / "b.pdf")
    drawn = Pages().page(Stroke(10, 10, 300, 300)).save(tmp_path / "c.pdf")
    whole = Pages().page(*lines(*PROSE)).save(tmp_path / "d.pdf").read_bytes()
    (tmp_path / "e.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    (tmp_path / "f.pdf").write_bytes(whole[:200])
    (tmp_path / "g.pdf").write_bytes(b"A text and no PDF.")
    (tmp_path / "h.pdf").write_bytes(b"")

    assert reason(locked) == "it is protected by a password; save a copy without one"
    assert reason(blank) == "there is no text in it"
    assert reason(drawn) == "there is no text in it"
    assert reason(tmp_path / "e.pdf") == "it is damaged or no PDF"
    assert reason(tmp_path / "f.pdf").startswith("it is damaged")
    assert reason(tmp_path / "g.pdf") == "it is damaged or no PDF"
    assert reason(tmp_path / "h.pdf") == "it is empty"


def test_a_page_that_is_only_a_picture_asks_for_ocr() -> None:
    path = shared("data", "odd_pdfs", "sample-files", "019-grayscale-image_grayscale-image.pdf")

    assert reason(path) == "it has no text layer, only pictures of pages; run OCR on it first"


def test_every_odd_file_is_read_or_named() -> None:
    for path in sorted(shared("data", "odd_pdfs").rglob("*.pdf")):
        try:
            for document in read_file(path, path.stem):
                check(document)
        except UnreadableFile as error:
            assert error.reason  # noqa: PT017 - either outcome will do


def test_real_syllabuses_are_read_with_right_offsets() -> None:
    for path in sorted(shared("data", "syllabusqa", "pdf").iterdir())[::6]:
        page = read(path)
        assert headings(page)
        assert list(page.pages) == sorted(page.pages)
