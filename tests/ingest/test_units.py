"""Evidence units: facts, blanks, lists and sentences, wherever a page puts them."""

from __future__ import annotations

import pytest
from read_pages import blanks, document_of, facts, from_html, from_markdown, from_text, quote, units

from ingest.plaintext import Page
from ingest.units import UnitKind, unit_search_text, units_of


def kinds(raw: str) -> list[tuple[str, str]]:
    page = from_text(raw)
    return [(unit.kind.value, quote(page, unit)) for unit in units_of(page)]


@pytest.mark.parametrize(
    ("raw", "label", "value"),
    [
        ("Tuition fee: 900 EUR per year\n", "Tuition fee", "900 EUR per year"),
        ("Tuition fee\n900 EUR per year\n", "Tuition fee", "900 EUR per year"),
        ("900 EUR per year\nTuition fee\n", "Tuition fee", "900 EUR per year"),
        ("Location\nHarbour campus\n", "Location", "Harbour campus"),
        ("Harbour side\nPlace of study\n", "Place of study", "Harbour side"),
        ("English\nLanguage\n", "Language", "English"),
        ("Students of partner schools\nNo weekly fee\n", "Students of partner schools", "No weekly fee"),
        (
            "IELTS Academic\n7.0 overall, no part below 6.5\n",
            "IELTS Academic",
            "7.0 overall, no part below 6.5",
        ),
        ("Applications open\n16 October 2026\n", "Applications open", "16 October 2026"),
        ("E-mail\nrobots@seatown.example\n", "E-mail", "robots@seatown.example"),
        ("Telephone\n+49 30 1234567\n", "Telephone", "+49 30 1234567"),
        (
            "Opening hours\nMonday and Friday, 09:30 to 12:30\n",
            "Opening hours",
            "Monday and Friday, 09:30 to 12:30",
        ),
        ("Consultation: Wednesdays, 14:00 to 15:30\n", "Consultation", "Wednesdays, 14:00 to 15:30"),
        ("  • Tuition fee: 900 EUR per year\n", "Tuition fee", "900 EUR per year"),
        ("  • 900 - 1450 EUR/month\n    Living Costs\n", "Living Costs", "900 - 1450 EUR/month"),
        ("  • Minimum score (Grade B):\n", "Minimum score", "Grade B"),
    ],
)
def test_a_label_and_its_value_are_a_fact_in_every_shape(raw: str, label: str, value: str) -> None:
    assert facts(from_text(f"Robotics\n\nIt is a course of two years by the sea.\n\n{raw}")) == [
        ("", label, value)
    ]


def test_values_over_their_labels_are_not_mixed_up() -> None:
    page = from_text(
        """
        Robotics

          120 ECTS
          Scope

          2 years
          Length

          31 August 2027
          Start of programme

        Location
        Harbour campus
        """
    )

    assert facts(page) == [
        ("", "Scope", "120 ECTS"),
        ("", "Length", "2 years"),
        ("", "Start of programme", "31 August 2027"),
        ("", "Location", "Harbour campus"),
    ]


def test_two_facts_in_four_lines_are_told_apart() -> None:
    page = from_text(
        "Dates\n\nAll dates are binding.\n\nBlock 1\n12 January to 6 March 2027\nApply by\n19 September "
        "2026\n"
    )

    assert facts(page) == [
        ("", "Block 1", "12 January to 6 March 2027"),
        ("", "Apply by", "19 September 2026"),
    ]


def test_a_fact_in_an_item_says_for_whom_it_holds() -> None:
    page = from_text(
        """
        Tuition Fee

          • International Applies to you

            14300 EUR/year
            Tuition Fee
            Based on a duration of 24 months.
          • EU/EEA Applies to you

            2100 EUR/year
            Tuition Fee
        """
    )

    assert facts(page) == [
        ("International", "Tuition Fee", "14300 EUR/year"),
        ("EU/EEA", "Tuition Fee", "2100 EUR/year"),
    ]


def test_currencies_of_all_kinds_are_amounts() -> None:
    page = from_markdown("- Fee: £10,000\n- Deposit: CHF 1'200\n- Rent: 4.500 kr\n- Grant: $ 500 – $ 900\n")

    assert [value for _, _, value in facts(page)] == ["£10,000", "CHF 1'200", "4.500 kr", "$ 500 – $ 900"]


def test_a_part_of_the_course_is_no_value() -> None:
    page = from_html(
        "<h2>Outline</h2><ul><li>Year 1<ul><li>Optics</li></ul></li><li>Semesters 3 and 4: thesis</li></ul>"
    )

    assert ("", "Outline", "Year 1") not in facts(page)
    assert ("", "Semesters 3 and 4", "thesis") in facts(page)


def test_a_heading_that_states_a_value_is_a_fact() -> None:
    page = from_html(
        "<h1>Robotics</h1><h2>Deadline: 15 January 2027</h2><h2>Fees</h2><p>Nothing is free.</p>"
    )

    assert facts(page) == [("", "Deadline", "15 January 2027")]


def test_an_address_of_many_lines_is_not_cut_into_facts() -> None:
    page = from_text(
        """
        Contact

        Write to us at this place.

        Seatown University
        Graduate School of Engineering
        Admissions Office
        Harbour Road 4
        Building C
        Seatown
        """
    )

    assert facts(page) == []


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("Application deadline:\n", "Application deadline"),
        ("Application deadline: TBA\n", "Application deadline"),
        ("Study counsellor: to be announced\n", "Study counsellor"),
        ("Programme director:\n", "Programme director"),
        ("Rent: –\n", "Rent"),
        ("Phone\n", "Phone"),
        ("The course is free. Deposit for the key:\n", "Deposit for the key"),
        ("The dual course is in preparation. Starting date: TBA\n", "Starting date"),
        ("Positions in autumn\nTBA\n", "Positions in autumn"),
        ("TOEFL iBT\nMinimum score:\n", "TOEFL iBT: Minimum score"),
        ("For further information contact the office at\n", "For further information contact the office at"),
        ("  • Minimum required score:\n", "Minimum required score"),
        ("  • Application Deadline\n  • 24 months\n", "Application Deadline"),
    ],
)
def test_a_label_without_its_value_is_a_blank_in_every_shape(raw: str, label: str) -> None:
    assert blanks(from_text(f"Robotics\n\nIt is a course of two years by the sea.\n\n{raw}")) == [label]


@pytest.mark.parametrize(
    "raw",
    [
        "You need the following:\n\n  • Passport\n  • Photo\n",
        "All documents are sent to:\n\nSeatown University\nHarbour Road 4\n",
        "Typical fields of work are:\n\nResearch and teaching\n",
        "The programme covers the following areas:\n",
        "  • Passport\n  • Copy of your grades\n  • Proof of language level\n",
        "  • Energy Storage, 7.5 credits\n  • Electives, 15 credits\n",
        "  • Language of instruction: German\n  • Start: winter\n",
        "Tuition fee: none\n",
        "No tuition fee\n",
    ],
)
def test_a_line_that_leads_over_or_states_something_is_no_blank(raw: str) -> None:
    assert blanks(from_text(f"Robotics\n\nIt is a course of two years by the sea.\n\n{raw}")) == []


def test_an_empty_cell_is_a_blank_where_its_column_names_a_field_and_not_in_a_grid_of_marks() -> None:
    fees = from_markdown("| Hall | Rent | Deposit |\n|---|---|---|\n| Haus Arve | €398 | |\n")
    plan = from_markdown("| Course | Autumn | Spring |\n|---|---|---|\n| Optics | X | |\n")

    assert blanks(fees) == ["Haus Arve, Deposit"]
    assert blanks(plan) == []


def test_a_field_in_a_heading_with_nothing_under_it_is_a_blank() -> None:
    page = from_html(
        "<h1>Robotics</h1><p>By the sea.</p><h2>Application deadline</h2><h2>Fees</h2><p>Nothing is free.</p>"
    )

    assert blanks(page) == ["Application deadline"]


def test_a_list_is_one_unit_and_each_item_another_with_the_line_that_introduces_them() -> None:
    page = from_text(
        "Documents\n\nBring the following:\n\n  • Passport\n  • Photo;\n  • A letter of one page.\n"
    )

    (whole,) = units(page, UnitKind.LIST)
    assert quote(page, whole) == "Passport\nPhoto;\nA letter of one page."
    assert [page.text[a:b] for a, b in whole.parts] == ["Passport", "Photo;", "A letter of one page."]
    assert whole.lead_in == "Bring the following:"
    assert [(quote(page, unit), unit.lead_in) for unit in units(page, UnitKind.ITEM)] == [
        ("Passport", "Bring the following:"),
        ("Photo;", "Bring the following:"),
        ("A letter of one page.", "Bring the following:"),
    ]


def test_a_full_sentence_before_a_list_introduces_it_only_where_it_says_so() -> None:
    page = from_text(
        """
        Documents

        Each contract runs for one term.

          • Pets are not allowed
          • Guests may stay

        Bring one of these.

          • Passport
          • Identity card
        """
    )

    assert [unit.lead_in for unit in units(page, UnitKind.LIST)] == ["", "Bring one of these."]


def test_a_nested_item_is_introduced_by_the_item_above_it() -> None:
    page = from_markdown("- Year 2, one of\n  - Optics\n  - Waves\n- Thesis\n")

    assert {quote(page, unit): unit.lead_in for unit in units(page, UnitKind.ITEM)}[
        "Optics"
    ] == "Year 2, one of"


def test_a_list_of_facts_is_no_list_of_things() -> None:
    page = from_markdown("- Fee: 900 EUR\n- Duration: 24 months\n- Start: 1 May 2027\n")

    assert units(page, UnitKind.LIST) == []


def test_sub_headings_that_a_sentence_introduces_are_a_list() -> None:
    page = from_markdown(
        "## Tests\n\nOne of the following is enough.\n\n### TOEFL\n\nA long one.\n\n### IELTS\n\nA short "
        "one.\n"
    )

    (whole,) = units(page, UnitKind.LIST)
    assert [page.text[a:b] for a, b in whole.parts] == ["TOEFL", "IELTS"]


def test_a_paragraph_is_its_sentences() -> None:
    assert kinds("Visa\n\nYou need a visa. Apply for it e.g. in May. Read more about visas.\n") == [
        ("sentence", "You need a visa."),
        ("sentence", "Apply for it e.g. in May."),
    ]


def test_a_table_row_is_a_unit_of_its_own() -> None:
    page = from_markdown("| Hall | Rent | Minutes |\n|---|---|---|\n| Haus Arve | €398 | 12 by bus |\n")

    (row,) = units(page, UnitKind.ROW)
    assert quote(page, row) == "Haus Arve | €398 | 12 by bus"
    assert row.lead_in == "Hall | Rent | Minutes"


def test_units_come_in_the_order_of_the_page() -> None:
    found = units_of(from_text("Fee: 900 EUR\n\n  • a thing\n  • another\n\nThe end of it.\n"))

    assert [unit.start for unit in found] == sorted(unit.start for unit in found)


def test_a_document_without_blocks_has_no_units() -> None:
    assert units_of(document_of(Page("Loose text without blocks.", ()))) == []


def test_what_is_embedded_for_a_unit_says_each_thing_once() -> None:
    page = from_markdown("# Robotics\n\n## Tests\n\n- TOEFL iBT, minimum score: 90\n")

    (fact,) = units(page, UnitKind.FACT)
    assert unit_search_text(page, fact) == "Tests. TOEFL iBT, minimum score: 90"
