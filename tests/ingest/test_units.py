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
        ("Tuition fee – 900 EUR per year\n", "Tuition fee", "900 EUR per year"),
        ("Tuition fee - £9,250/yr\n", "Tuition fee", "£9,250/yr"),
        ("Duration 24 months\n", "Duration", "24 months"),
        ("  • Credits 120 ECTS\n", "Credits", "120 ECTS"),
        ("120 ECTS | credits\n", "credits", "120 ECTS"),
        ("Tuition fee*: 900 EUR\n", "Tuition fee", "900 EUR"),
        ("*Tuition fee: 900 EUR\n", "Tuition fee", "900 EUR"),
        ("  • Application fee ($50 online / $70 by mail)\n", "Application fee", "$50 online / $70 by mail"),
        ("Length\nbetween 6 and 12 weeks\n", "Length", "between 6 and 12 weeks"),
        ("IELTS\n6.5 (no subscore below 6)\n", "IELTS", "6.5 (no subscore below 6)"),
        ("Deposit\n$1.5k\n", "Deposit", "$1.5k"),
        ("Entry requirement\n2:1\n", "Entry requirement", "2:1"),
        ("English level\nB2\n", "English level", "B2"),
        ("Minimum grade\n7.0 out of 10\n", "Minimum grade", "7.0 out of 10"),
        ("Umfang\n120 LP\n", "Umfang", "120 LP"),
        ("Application period\n1 Oct – 31 Jan\n", "Application period", "1 Oct – 31 Jan"),
        ("Application deadline\nJan. 15th\n", "Application deadline", "Jan. 15th"),
        ("Opening hours\nMon–Fri 9 am – 5 pm\n", "Opening hours", "Mon–Fri 9 am – 5 pm"),
        (
            "Contacts (first come, first served: no waiting): Ann\n",
            "Contacts (first come, first served: no waiting)",
            "Ann",
        ),
    ],
)
def test_a_label_and_its_value_are_a_fact_in_every_shape(raw: str, label: str, value: str) -> None:
    assert facts(from_text(f"Robotics\n\nIt is a course of two years by the sea.\n\n{raw}")) == [
        ("", label, value)
    ]


@pytest.mark.parametrize("mark", [" | ", "; ", " · "])
def test_several_labelled_values_on_a_line_are_several_facts(mark: str) -> None:
    page = from_text(
        f"Robotics\n\nBy the sea.\n\n{mark.join(['Duration: 24 months', 'Credits: 120 ECTS'])}\n"
    )

    assert facts(page) == [("", "Duration", "24 months"), ("", "Credits", "120 ECTS")]
    assert [quote(page, unit) for unit in units(page, UnitKind.FACT)] == [
        "Duration: 24 months",
        "Credits: 120 ECTS",
    ]


@pytest.mark.parametrize(
    ("raw", "audience", "label", "value"),
    [
        ("Tuition fee (non-EU): 18 690 EUR\n", "non-EU", "Tuition fee", "18 690 EUR"),
        ("Tuition fee for international students: 900 EUR\n", "international", "Tuition fee", "900 EUR"),
        ("Tuition fee, EU students: 900 EUR\n", "EU", "Tuition fee", "900 EUR"),
        ("Costs\n\n  • EU/EEA: 2.060,- EUR\n", "EU/EEA", "Costs", "2.060,- EUR"),
        ("Costs\n\nHome students\n£ 9,250\n", "Home", "Costs", "£ 9,250"),
        ("Costs\n\n  • In-state: $400 per credit\n", "In-state", "Costs", "$400 per credit"),
        ("Costs\n\n  • Non-members: none\n", "Non-members", "Costs", "none"),
    ],
)
def test_the_people_in_a_label_are_those_the_fact_is_for(
    raw: str, audience: str, label: str, value: str
) -> None:
    page = from_text(f"Robotics\n\nIt is a course of two years by the sea.\n\n{raw}")

    assert facts(page) == [(audience, label, value)]


@pytest.mark.parametrize("raw", ["Residents: 450\n", "EU students: +49 30 1234567\n"])
def test_people_that_are_counted_or_called_are_the_label(raw: str) -> None:
    assert [audience for audience, _, _ in facts(from_text(f"Town\n\nBy the sea.\n\nLife\n\n  • {raw}"))] == [
        ""
    ]


def test_an_item_says_what_the_items_in_it_are_amounts_of() -> None:
    page = from_markdown("# Robotics\n\n- Tuition fees\n  - EU students: 2,060 EUR\n  - Others: 9,000 EUR\n")

    assert facts(page) == [("EU", "Tuition fees", "2,060 EUR"), ("", "Others", "9,000 EUR")]


def test_each_way_to_reach_an_office_is_a_fact_of_it() -> None:
    page = from_text("Contact\n\nWe help.\n\nAnn Lee\nParking Office\n410-455-2551\nparking@sea.example\n")

    assert facts(page) == [
        ("", "Ann Lee, Parking Office", "410-455-2551"),
        ("", "Ann Lee, Parking Office", "parking@sea.example"),
    ]


def test_the_only_line_under_a_field_is_its_value() -> None:
    page = from_html(
        "<h1>R</h1><h3>Mode of study</h3><p>Full-time</p><h3>Application fee</h3><p>$50 online; $70 paper</p>"
        "<h3>About us</h3><p>A small team by the sea</p><h3>Fee</h3><p>It is paid in May</p>"
    )

    assert facts(page) == [
        ("", "Mode of study", "Full-time"),
        ("", "Application fee", "$50 online; $70 paper"),
    ]


def test_a_month_is_the_value_of_a_start() -> None:
    page = from_html("<h1>R</h1><div><div>Start</div><div>September</div></div>")

    assert facts(page) == [("", "Start", "September")]


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
        ("Application deadline: XX\n", "Application deadline"),
        ("Application deadline: xx.xx.xxxx\n", "Application deadline"),
        ("Application deadline: …\n", "Application deadline"),
        ("Application deadline\n–\n", "Application deadline"),
        ("Rent – TBA\n", "Rent"),
        ("Application, visiting students\nTBA\n", "Application"),
        ("Tuition fee (non-EU): n/a\n", "Tuition fee"),
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


@pytest.mark.parametrize(
    "raw",
    [
        "Please note: the fee is not refunded.\n",
        "Note: All documents must be in English.\n",
        "Tip: Start early.\n",
        "Our motto is simple: learn by doing.\n",
        "You need: a passport and a photo.\n",
        "Mon – Fri 9:00\n",
        "Room 15\n",
        "Compulsory modules:\n\nOptics and Waves, Robotics and a project in the second year.\n",
        "For more information, please contact:\n\nOur friendly team by the sea is glad to help you.\n",
    ],
)
def test_a_remark_or_a_sentence_with_a_colon_is_neither_a_fact_nor_a_blank(raw: str) -> None:
    page = from_text(f"Robotics\n\nIt is a course of two years by the sea.\n\n{raw}")

    assert (facts(page), blanks(page)) == ([], [])


def test_a_table_may_put_its_values_first_and_leave_out_those_that_repeat() -> None:
    page = from_html(
        "<h1>Dates</h1><table><tr><td>October 24</td><td>Registration begins</td></tr>"
        "<tr><td>January 3</td><td>First day of the 2027 session</td></tr>"
        "<tr><td></td><td>Last day to add courses</td></tr></table>"
    )

    assert facts(page) == [
        ("", "Registration begins", "October 24"),
        ("", "First day of the 2027 session", "January 3"),
        ("", "Last day to add courses", "January 3"),
    ]
    assert quote(page, units(page, UnitKind.FACT)[2]).startswith("January 3 |")


def test_a_row_without_a_value_above_is_what_it_says() -> None:
    page = from_html(
        "<h1>R</h1><table><tr><td></td><td>See the plan of the term</td></tr>"
        "<tr><td>Credits</td><td>120</td></tr></table>"
    )

    assert facts(page) == [("", "Credits", "120")]
    assert [quote(page, unit) for unit in units(page, UnitKind.SENTENCE)] == ["See the plan of the term"]


def test_columns_may_be_the_people_that_pay() -> None:
    page = from_markdown(
        "# R\n\n| Fee | Home | Overseas students |\n|---|---|---|\n| Tuition | £9,250 | £21,000 |\n"
    )

    assert facts(page) == [("Home", "Tuition", "£9,250"), ("Overseas", "Tuition", "£21,000")]


def test_cells_with_a_label_of_their_own_are_facts_by_themselves() -> None:
    page = from_html(
        "<h1>R</h1><table><tr><td>First degree</td><td>Second degree</td></tr>"
        "<tr><td>4 credits: $1,388</td><td>4 credits: $2,484</td></tr></table>"
    )

    assert facts(page) == [
        ("", "4 credits, First degree", "$1,388"),
        ("", "4 credits, Second degree", "$2,484"),
    ]


def test_a_cell_over_several_columns_is_one_fact_for_each_name_and_the_names_may_have_parts() -> None:
    page = from_html(
        "<h1>Dates</h1><table><tr><th></th><th colspan=2>Session I</th><th>Session II</th></tr>"
        "<tr><td></td><td>4 weeks</td><td>6 weeks</td><td>8 weeks</td></tr>"
        "<tr><td>Begins</td><td colspan=2>May 30</td><td>July 10</td></tr>"
        "<tr><td>Ends</td><td>June 23</td><td>July 7</td><td>August 4</td></tr></table>"
    )

    assert facts(page) == [
        ("", "Begins, Session I: 4 weeks", "May 30"),
        ("", "Begins, Session I: 6 weeks", "May 30"),
        ("", "Begins, Session II: 8 weeks", "July 10"),
        ("", "Ends, Session I: 4 weeks", "June 23"),
        ("", "Ends, Session I: 6 weeks", "July 7"),
        ("", "Ends, Session II: 8 weeks", "August 4"),
    ]


def test_a_cell_over_two_columns_of_one_name_is_one_fact() -> None:
    page = from_html(
        "<h1>Dates</h1><table><tr><th></th><th colspan=2>Session I</th></tr>"
        "<tr><td>Begins</td><td colspan=2>May 30</td></tr></table>"
    )

    assert facts(page) == [("", "Begins, Session I", "May 30")]


def test_a_short_row_over_rows_of_running_text_names_the_columns() -> None:
    page = from_html(
        "<h1>R</h1><table><tr><td>Topic</td><td>Master</td><td>Doctorate</td></tr><tr><td>Duration</td>"
        "<td>Full-time students can finish it in two years</td><td>Four years</td></tr></table>"
    )

    assert facts(page) == [
        ("", "Duration, Master", "Full-time students can finish it in two years"),
        ("", "Duration, Doctorate", "Four years"),
    ]


def test_the_price_of_a_thing_in_a_list_leaves_it_a_thing() -> None:
    page = from_markdown("Each hall has:\n\n- a laundry room (€2.50 per wash)\n- a garden\n")

    assert [quote(page, unit) for unit in units(page, UnitKind.ITEM)] == [
        "a laundry room (€2.50 per wash)",
        "a garden",
    ]


def test_one_degree_over_another_is_no_fact() -> None:
    page = from_text("Staff\n\nWe teach.\n\nM.A., Naval College\nB.S., Harbour University\n")

    assert facts(page) == []


def test_an_address_behind_a_colon_is_no_fact() -> None:
    page = from_text("Contact\n\nAll is mailed to:\n\nSea Office\nHilltop Circle\nSeatown, MD 21250\n")

    assert facts(page) == []


def test_a_label_without_value_among_facts_is_a_blank() -> None:
    page = from_text(
        "More\n\nWe help.\n\nGuidance: Advisory Service\n\nApplication and enrolment:\n\nQuestions: Ann Lee\n"
    )

    assert blanks(page) == ["Application and enrolment"]


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


def test_what_is_too_long_to_be_quoted_is_no_unit() -> None:
    sentence = "The fee is 900 EUR " * 300 + "."
    items = "".join(f"- Room {number} costs {number} EUR per month.\n" for number in range(1000))
    found = units_of(from_markdown(f"# Fees\n\n{sentence}\n\nThe deposit is 50 EUR.\n\n{items}"))

    assert {unit.kind for unit in found} == {UnitKind.SENTENCE, UnitKind.ITEM}
    assert [unit.kind for unit in found].count(UnitKind.SENTENCE) == 1
    assert len(found) == 1001
