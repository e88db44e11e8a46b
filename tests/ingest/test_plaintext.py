"""Plain text as people copy it out of a browser."""

from __future__ import annotations

import pytest
from read_pages import (
    ROOT,
    blanks,
    check,
    document_of,
    facts,
    from_text,
    headings,
    items,
    outline,
    quote,
    shared,
    units,
)

from ingest.loaders import read_file
from ingest.plaintext import read_plain_text
from ingest.units import UnitKind


def test_a_short_line_that_stands_apart_is_a_heading() -> None:
    page = from_text(
        """
        Marine Robotics

        Admission

        You need a first degree in engineering.

        Why here?
          • The harbour is next door
        """
    )

    assert headings(page) == [(1, "Marine Robotics"), (2, "Admission"), (2, "Why here?")]
    assert outline(page)[2] == ("paragraph", "You need a first degree in engineering.")


@pytest.mark.parametrize(
    "line",
    [
        "Everyone is welcome.",  # a sentence
        "Fee: 300 EUR",  # a fact
        "18,690 EUR per year",  # a value
        "Accredited by the national council",  # says what was done, not what follows
        "Places are limited",  # has a verb
        "E-mail",  # a field of a contact
        "lower case words",
    ],
)
def test_a_line_that_says_something_itself_is_no_heading(line: str) -> None:
    page = from_text(
        f"Title\n\nIntroduction to it all.\n\n{line}\n\nMore about this follows here in a sentence.\n"
    )

    assert line not in [text for _, text in headings(page)]


def test_the_second_of_two_headings_in_a_row_stands_below_the_first_and_so_do_its_siblings() -> None:
    page = from_text(
        """
        Course

        All about it in a sentence.

        Outline

        Year 1

        You learn the basics of the field.

        Year 2

        You write the thesis in a group.

        Fees

        Nothing is free of charge here.
        """
    )

    assert headings(page)[1:] == [(2, "Outline"), (3, "Year 1"), (3, "Year 2"), (2, "Fees")]


def test_a_date_in_brackets_does_not_keep_a_line_from_being_a_heading() -> None:
    page = from_text(
        "Dates\n\nSpring term (starts 8 February 2027)\n\nApply early, places go fast every year.\n"
    )

    assert (2, "Spring term (starts 8 February 2027)") in headings(page)


def test_a_question_is_a_heading_even_where_its_answer_follows_at_once() -> None:
    page = from_text(
        "Good to know\n\nCan I study part-time?\nYes, from the second year.\n\nDo I need a visa?\nNo.\n"
    )

    assert [text for _, text in headings(page)] == [
        "Good to know",
        "Can I study part-time?",
        "Do I need a visa?",
    ]
    assert ("paragraph", "Yes, from the second year.") in outline(page)


def test_a_heading_said_twice_in_a_row_is_said_once() -> None:
    page = from_text("Marine Robotics\n\nMarine Robotics\n\nA course about robots that swim.\n")

    assert headings(page) == [(1, "Marine Robotics")]


def test_odd_indents_do_not_nest_a_list() -> None:
    page = from_text(
        """
        Documents

        • Cover letter
            • List of grades
         • Passport
              • Proof of English
        """
    )

    assert items(page) == [
        (1, "Cover letter"),
        (1, "List of grades"),
        (1, "Passport"),
        (1, "Proof of English"),
    ]


def test_another_bullet_or_a_colon_nests_a_list() -> None:
    page = from_text(
        """
        Outline

        • First year
            ◦ Mechanics
            ◦ Optics
        • Second year, one of:
            • Waves
            • Heat
        """
    )

    assert items(page) == [
        (1, "First year"),
        (2, "Mechanics"),
        (2, "Optics"),
        (1, "Second year, one of:"),
        (2, "Waves"),
        (2, "Heat"),
    ]


def test_lines_indented_under_an_item_belong_to_it() -> None:
    page = from_text("Tests\n\n  • Minimum score:\n\n\n    The test lasts three hours.\n\n  • Other tests\n")

    blocks = page.blocks
    assert outline(page)[1:3] == [("item", "Minimum score:"), ("paragraph", "The test lasts three hours.")]
    assert blocks[2].parent == 1
    assert blocks[1].group == blocks[3].group != 0


def test_numbered_steps_are_items_and_days_and_phone_numbers_are_not() -> None:
    page = from_text(
        """
        How to apply

        1. Make an account.
        2) Send the form.
        (3) Wait for a letter.

        Deadline for all
        1. March 2027

        + 49 30 1234567
        """
    )

    assert [text for _, text in items(page)] == ["Make an account.", "Send the form.", "Wait for a letter."]
    assert ("paragraph", "1. March 2027") in outline(page)
    assert ("paragraph", "+ 49 30 1234567") in outline(page)


def test_a_bullet_on_a_line_of_its_own_begins_the_item_under_it() -> None:
    page = from_text("Documents\n\n•\nPassport\n•\nPhoto\n")

    assert items(page) == [(1, "Passport"), (1, "Photo")]


def test_hard_wrapped_prose_is_one_paragraph_again() -> None:
    page = from_text(
        """
        Housing

        The university lets four hundred rooms to students of the first
        year, most of them within ten minutes of the campus. Whoever wants
        one applies in June.

        Rooms cost 310 EUR.
        """
    )

    assert [text for kind, text in outline(page) if kind == "paragraph"] == [
        "The university lets four hundred rooms to students of the first year, most of them within ten "
        "minutes "
        "of the campus. Whoever wants one applies in June.",
        "Rooms cost 310 EUR.",
    ]


def test_a_labelled_line_never_continues_the_one_above_it() -> None:
    page = from_text(
        """
        Key facts

        Venue: Institute of Marine Studies, Old Salt House, Harbour Road, Seatown
        Excursion to the lighthouse reef: date TBA
        """
    )

    assert blanks(page) == ["Excursion to the lighthouse reef"]


def test_lines_that_stand_together_stay_together() -> None:
    page = from_text(
        "Contact\n\nIntroduction goes here.\n\nAdmissions Office\nHarbour Road 4\n12345 Seatown\n"
    )

    assert page.text.endswith("Admissions Office\nHarbour Road 4\n12345 Seatown")


def test_skip_links_breadcrumbs_and_buttons_are_gone() -> None:
    page = read_plain_text(
        "Skip to content Skip to search\n"
        "Home > Study > Marine Robotics\n\n"
        "English\n\n"
        "Marine Robotics\n\n"
        "Read more\n\n"
        "Apply now\n\n"
        "The course takes two years.\n\n"
        "Share  Print\n\n"
        "© Seatown University  Legal notice  Privacy\n"
    )

    assert page.text == "Marine Robotics\n\nThe course takes two years."
    assert page.title == "Marine Robotics"


def test_crumbs_that_run_together_go_but_a_long_title_stays() -> None:
    crumbs = "Home Education Masters Programmes Natural Sciences Marine Robotics Seatown Students\n\n"
    title = "Master of Science in Marine Robotics and Coastal Engineering for Harbour Towns\n\n"
    text = read_plain_text(f"{crumbs}{title}The course takes two years.\n").text

    assert "Natural Sciences" not in text
    assert text.startswith("Master of Science in Marine Robotics")


def test_a_remark_inside_the_breadcrumb_is_kept() -> None:
    page = read_plain_text(
        "Home Study Programmes International Students Visiting Us (the summer course has been moved to 4 "
        "July 2027.) "
        "Summer Course\n\n"
        "Dates\n\nThe course lasts two weeks in all.\n"
    )

    assert page.text.startswith("the summer course has been moved to 4 July 2027.")
    assert page.title == "Summer Course"


def test_a_language_is_a_link_at_the_top_and_a_value_under_its_label() -> None:
    page = from_text(
        """
        Deutsch

        Marine Robotics

        All you need to know about it.

        Language
        English

        Pace
        Full-time
        """
    )

    assert "Deutsch" not in page.text
    assert facts(page) == [("", "Language", "English"), ("", "Pace", "Full-time")]


def test_a_table_copied_out_of_a_browser_keeps_its_cells() -> None:
    page = from_text(
        "Fees\n\nAll fees are due in June.\n\n"
        "Group\tFee\tDeadline\n"
        "EU citizens\t2,100 EUR\t1 May 2027\n"
        "Others\t14,300 EUR\t1 March 2027\n\n"
        "No discounts are given.\n"
    )

    assert [text for kind, text in outline(page) if kind == "row"] == [
        "Group | Fee | Deadline",
        "EU citizens | 2,100 EUR | 1 May 2027",
        "Others | 14,300 EUR | 1 March 2027",
    ]
    assert ("EU citizens", "Fee", "2,100 EUR") in facts(page)


def test_names_with_a_value_behind_each_are_the_rows_of_a_table() -> None:
    page = from_text(
        "Grading\n\nThis is how the grade is made up.\n\nFinal exam 25%\nProject 30%\nBonus points 9%\n\n"
        "About half of us passed with 60%\n"
    )

    assert [text for kind, text in outline(page) if kind == "row"] == [
        "Final exam | 25%",
        "Project | 30%",
        "Bonus points | 9%",
    ]
    assert ("", "Project", "30%") in facts(page)


def test_a_short_line_between_paragraphs_of_one_row_each_is_a_heading() -> None:
    prose = (
        "Students hand in their papers before the lecture begins, and whoever cannot come sends them to the "
    )
    prose += "office of the department by noon of the same day, with a word of explanation."
    page = from_text(f"Syllabus\n\n{prose}\nLate Papers\n{prose}\nGRADING POLICY:\n{prose}\n")

    assert [text for _, text in headings(page)] == ["Syllabus", "Late Papers", "GRADING POLICY:"]


def test_a_capitalised_line_with_a_colon_over_a_whole_paragraph_is_a_heading() -> None:
    prose = (
        "Students hand in their papers before the lecture begins, and whoever cannot come sends them to the "
    )
    prose += "office of the department by noon of the same day, with a word of explanation."
    page = from_text(f"Ocean Science\nCourse Description:\n{prose}\nPlease bring to class:\n{prose}\n")

    assert [text for _, text in headings(page)] == ["Course Description:"]
    assert page.title == "Ocean Science"


def test_numbers_of_printed_pages_are_gone_and_other_numbers_stay() -> None:
    prose = "\n".join(f"Line {word} of this page says something." for word in ("one", "two", "three", "four"))

    assert "\n2\n" not in from_text(f"Fees\n\n{prose}\n\n1\n\n{prose}\n\n2\n\n{prose}\n").text
    assert "Places\n12" in from_text(f"Fees\n\n{prose}\n\nPlaces\n12\n\n{prose}\n").text


def test_an_empty_text_is_an_empty_page() -> None:
    assert read_plain_text("") == read_plain_text(" \n\t\n---\n")
    assert read_plain_text("").blocks == ()


def test_the_medical_imaging_page_as_copied_keeps_its_headings_lists_facts_and_blanks() -> None:
    (page,) = read_file(shared("pages", "medical-imaging-msc.txt"), "mi")
    check(page)

    assert page.title == "Medical Imaging, M.Sc."
    assert [text for _, text in headings(page)] == [
        "Medical Imaging, M.Sc.",
        "The Right Choice For You?",
        "What You'll Learn?",
        "Why Study Medical Imaging at Utrecht University?",
        "Programme Structure",
        "Detailed Programme Facts",
        "English Language Requirements",
        "Academic Requirements",
        "Tuition Fee",
        "Living costs for Utrecht",
    ]
    assert ("International", "Tuition Fee", "18690 EUR/year") in facts(page)
    assert ("EU/EEA", "Tuition Fee", "2060 EUR/year") in facts(page)
    assert ("", "Living Costs", "900 - 1450 EUR/month") in facts(page)
    assert ("", "Minimum required score", "Grade B") in facts(page)
    assert "24 months" in [value for _, _, value in facts(page)]
    assert blanks(page) == ["Application Deadline", "Minimum required score", "Minimum required score"]
    lists = {quote(page, unit).split("\n")[0]: len(unit.parts) for unit in units(page, UnitKind.LIST)}
    assert lists["Medical Image Formation"] == 7
    assert lists["Utrecht Excellence Scholarships"] == 7
    assert page.text.count("Medical Imaging Medical Imaging") == 0
    assert "Schedule" not in page.text


def test_the_observership_page_as_copied_keeps_its_sections_and_its_missing_address() -> None:
    (page,) = read_file(shared("pages", "umcg-observership.txt"), "umcg")
    check(page)

    assert page.title == "Clinical Observership in the UMCG"
    assert [text for _, text in headings(page)] == [
        "University Medical Center Groningen",
        "Radiology & Nucleair Medicine and Molecular Imaging",
        "Nuclear Medicine and Molecular Imaging (diagnostic and treatment)",
        "Setup of the internship",
    ]
    assert page.text.startswith(
        "due to Covid all incoming student mobilty has been cancelled until 1 February 2022."
    )
    assert "Skip to" not in page.text
    assert [len(unit.parts) for unit in units(page, UnitKind.LIST)] == [8]
    assert [label[-33:] for label in blanks(page)] == ["contact the international office at"[-33:]]
    assert page.modified_on is not None
    assert page.modified_on.isoformat() == "2019-06-12"


@pytest.mark.parametrize("name", ["medical-imaging-msc", "radiology-observership"])
def test_the_corpus_is_read_without_loss(name: str) -> None:
    (page,) = read_file(ROOT / "corpus" / f"{name}.md", name)
    check(page)

    if name == "medical-imaging-msc":
        assert ("International", "Tuition fee", "18,690 EUR per year") in facts(page)
        assert ("EU/EEA", "Tuition fee", "2,060 EUR per year") in facts(page)
        assert ("", "Living costs", "900–1,450 EUR per month") in facts(page)
        assert ("", "Minimum required score", "Grade B") in facts(page)
        assert blanks(page) == [
            "Application deadline",
            "Minimum required score",
            "Minimum required score",
            "Assumed country of origin",
            "Assumed preferred currency",
        ]
    else:
        assert len(blanks(page)) == 1
        assert page.modified_on is not None


@pytest.mark.parametrize(
    "folder",
    ["tests/pages/dev", "tests/pages/heldout"],
)
def test_every_fixture_page_is_read_with_right_offsets(folder: str) -> None:
    for path in sorted((ROOT / folder).iterdir()):
        for page in read_file(path, path.stem):
            check(page)
            assert headings(page), path


@pytest.mark.parametrize("parts", [("data", "tu_berlin_pages", "markdown"), ("data", "umbc_mps", "raw_html")])
def test_real_pages_are_read_with_right_offsets(parts: tuple[str, ...]) -> None:
    paths = sorted(shared(*parts).iterdir())[::4]

    assert paths
    for path in paths:
        for page in read_file(path, path.stem):
            check(page)


def test_real_syllabuses_in_an_old_encoding_are_read_with_right_offsets() -> None:
    for path in sorted(shared("data", "syllabusqa", "text").iterdir())[::3]:
        check(document_of(read_plain_text(path.read_bytes().decode("mac_roman"))))


def test_a_line_of_facts_at_the_top_is_no_breadcrumb() -> None:
    page = from_text(
        "Robotics\n\nDuration: 24 months | Credits: 120 ECTS | Start: September\n\nBy the sea.\n"
    )

    assert "Duration: 24 months | Credits: 120 ECTS | Start: September" in page.text


def test_a_dash_under_a_line_is_kept_and_a_rule_is_not() -> None:
    assert "Deadline\n–" in from_text("Robotics\n\nBy the sea.\n\nDeadline\n–\n\nMore of it.\n").text
    assert "-" not in from_text("Robotics\n\nBy the sea.\n\nDeadline\n------\n\nMore of it.\n").text
