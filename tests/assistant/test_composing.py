"""From evidence to sentences: what a reply says, and with which quotes. The gate passes every one of them."""

from __future__ import annotations

import pytest
from read_pages import from_markdown

from assistant.composing import compose, compose_all
from assistant.countries import audience_of_fact
from assistant.evidence import Evidence
from assistant.grounding import Draft, fault
from assistant.outcome import Decision
from assistant.questions import understand
from assistant.reply import Outcome, Support
from assistant.wording import wording
from ingest.units import UnitKind, units_of

PAGE = from_markdown(
    """
    # Data Science MSc

    ## Fees

    Tuition fee for EU/EEA students: 2060 EUR/year

    Tuition fee for international students: 18,690 EUR per year

    | Participant | Early bird | Regular |
    |---|---|---|
    | Students | 520 EUR | 610 EUR |
    | Professionals | 980 EUR | 1,150 EUR |

    ## English

    IELTS minimum score:

    The TOEFL is accepted. However, home editions are not.

    ## Apply

    Send these documents:

    - a CV
    - a motivation letter
    - your diploma

    The whole internship cannot be done in nuclear medicine. You may contact the office at

    Part-time study is possible. Evening study is possible only for citizens of Norway.

    Attendance is required. Attendance is required.
    """
)
UNITS = units_of(PAGE)
FRAMING = wording()["framing"]


def evidence(start: str, kind: UnitKind | None = None, *, score: float = 0.95, nth: int = 0) -> Evidence:
    position, unit = [
        (n, unit)
        for n, unit in enumerate(UNITS)
        if PAGE.text[unit.start : unit.end].startswith(start) and kind in {None, unit.kind}
    ][nth]
    return Evidence(
        document=PAGE,
        unit=unit,
        position=position,
        score=score,
        coverage=0.95,
        similarity=0.5,
        has_value=unit.kind is not UnitKind.BLANK,
        uncovered=(),
        audience=audience_of_fact(unit.audience or unit.label),
    )


def composed(question: str, outcome: Outcome, *found: Evidence) -> list[Draft]:
    drafts = compose(understand(question), Decision(outcome, found), "en", units_of=lambda _: UNITS)
    assert [fault(draft, {PAGE.id: PAGE}) for draft in drafts] == [None] * len(drafts)
    return drafts


def answer(question: str, *found: Evidence) -> list[str]:
    return [draft.text for draft in composed(question, Outcome.ANSWERED, *found)]


def quotes(draft: Draft) -> list[str]:
    return [PAGE.text[span.start : span.end] for span in draft.spans]


def test_a_bare_fact_becomes_a_sentence_and_its_line_is_quoted() -> None:
    (draft,) = composed("What is the tuition fee?", Outcome.ANSWERED, evidence("Tuition fee for EU"))

    assert draft.text == "Tuition fee for EU/EEA students: 2,060 EUR per year."
    assert quotes(draft) == ["Tuition fee for EU/EEA students: 2060 EUR/year"]


def test_a_cell_cites_the_header_that_gives_it_its_sense() -> None:
    (draft,) = composed(
        "What is the regular fee?", Outcome.ANSWERED, evidence("Students", UnitKind.FACT, nth=1)
    )

    assert "Regular" in draft.text
    assert "610 EUR" in draft.text
    assert quotes(draft) == ["Students | 520 EUR | 610 EUR", "Participant | Early bird | Regular"]


def test_people_who_are_no_students_are_not_called_students() -> None:
    said = answer("What is the early bird fee?", evidence("Professionals", UnitKind.FACT))[0]

    assert "rofessionals" in said
    assert "professionals students" not in said


def test_a_row_is_said_cell_by_cell_under_its_headers() -> None:
    (draft,) = composed(
        "What do professionals pay?", Outcome.ANSWERED, evidence("Professionals", UnitKind.ROW)
    )

    assert draft.text == "Participant: Professionals; Early bird: 980 EUR; Regular: 1,150 EUR."
    assert quotes(draft) == ["Participant | Early bird | Regular", "Professionals | 980 EUR | 1,150 EUR"]


def test_a_list_is_said_in_full_under_its_lead_in_where_one_item_answers() -> None:
    found = evidence("a motivation letter", UnitKind.ITEM), evidence("a CV", UnitKind.LIST, score=0.9)
    (draft,) = composed("Which documents do I need?", Outcome.ANSWERED, *found)

    assert draft.text == "Send these documents:\n- a CV\n- a motivation letter\n- your diploma"
    assert quotes(draft) == ["Send these documents:\n\na CV\na motivation letter\nyour diploma"]


def test_an_item_alone_is_said_with_the_line_that_introduces_it() -> None:
    (draft,) = composed("Is a CV needed?", Outcome.ANSWERED, evidence("a CV", UnitKind.ITEM))

    assert draft.text == "Send these documents: a CV."
    assert quotes(draft) == ["Send these documents:", "a CV"]


def test_a_blank_is_admitted_to_and_shown() -> None:
    drafts = composed("What is the minimum IELTS score?", Outcome.NOT_STATED, evidence("IELTS"))

    assert drafts[0] == Draft(FRAMING["blank"])
    assert drafts[1].text.startswith("“IELTS minimum score:”")
    assert quotes(drafts[1])[0] == "IELTS minimum score:"
    assert not any(char.isdigit() for draft in drafts for char in draft.text)


def test_the_nearest_that_a_page_says_is_shown_as_no_more_than_that() -> None:
    drafts = composed("How much is evening study?", Outcome.NOT_STATED, evidence("Evening"))

    assert [draft.text for draft in drafts] == [
        FRAMING["no_detail"],
        "Evening study is possible only for citizens of Norway.",
    ]


@pytest.mark.parametrize(
    ("question", "start", "said"),
    [
        ("Is part-time study possible?", "Part-time", "Yes. Part-time study is possible."),
        ("Is attendance required?", "Attendance", "Yes. Attendance is required."),
        (
            "Can I do the whole internship in nuclear medicine?",
            "The whole",
            "No. The whole internship cannot be done in nuclear medicine.",
        ),
        # A restriction is neither yes nor no; nor is a quote in other terms than the question's.
        ("Is evening study possible?", "Evening", "Evening study is possible only for citizens of Norway."),
        ("Is attendance graded?", "Attendance", "Attendance is required."),
        # Not a yes/no question.
        ("What about attendance?", "Attendance", "Attendance is required."),
    ],
)
def test_yes_or_no_is_said_only_where_the_quote_says_so(question: str, start: str, said: str) -> None:
    assert answer(question, evidence(start)) == [said]


def test_no_verdict_is_given_on_an_application() -> None:
    assert answer("Will I be admitted?", evidence("Attendance")) == [
        FRAMING["verdict"],
        "Attendance is required.",
    ]


def test_a_sentence_is_said_with_the_next_one_where_that_leans_on_it() -> None:
    assert answer("What about the TOEFL?", evidence("The TOEFL")) == [
        "The TOEFL is accepted. However, home editions are not."
    ]


def test_a_line_that_breaks_off_is_shown_to_do_so() -> None:
    assert answer("How do I contact the office?", evidence("You may")) == ["You may contact the office at …"]


def test_every_branch_is_shown_where_the_answer_depends_on_the_asker() -> None:
    drafts = composed(
        "What is the tuition fee?",
        Outcome.CLARIFY,
        evidence("Tuition fee for EU"),
        evidence("Tuition fee for int"),
    )

    assert [draft.text for draft in drafts] == [
        FRAMING["depends"],
        "Tuition fee for EU/EEA students: 2,060 EUR per year.",
        "Tuition fee for international students: 18,690 EUR per year.",
    ]


def test_a_sum_stands_beside_the_fact_it_is_drawn_from() -> None:
    drafts = composed(
        "What is the tuition for 2 years in total?", Outcome.ANSWERED, evidence("Tuition fee for EU")
    )

    assert [draft.text for draft in drafts] == [
        "Tuition fee for EU/EEA students: 2,060 EUR per year.",
        "Tuition fee for EU/EEA students: 2 years × 2,060 EUR = 4,120 EUR.",
    ]
    assert [draft.support for draft in drafts] == [Support.QUOTED, Support.COMPUTED]


def test_nothing_is_said_twice_and_no_more_than_three_sentences() -> None:
    found = [
        evidence("Attendance", score=0.95),
        evidence("Attendance", score=0.95, nth=1),
        evidence("The TOEFL", score=0.94),
        evidence("Part-time", score=0.94),
        evidence("The whole", score=0.93),
        evidence("Evening", score=0.93),
    ]

    said = answer("Tell me about the programme", *found)

    assert len(said) <= 3
    assert len(set(said)) == len(said)
    assert said[0] == "Attendance is required."


def test_what_scores_far_below_the_best_is_not_said() -> None:
    assert answer("Tell me more", evidence("Attendance"), evidence("Part-time", score=0.5)) == [
        "Attendance is required."
    ]


def test_not_found_is_admitted_to() -> None:
    assert [draft.text for draft in composed("What is the rent?", Outcome.NOT_FOUND)] == [
        FRAMING["not_found"]
    ]


def test_of_two_questions_the_one_without_an_answer_is_admitted_to() -> None:
    found = understand("Is attendance required?"), Decision(Outcome.ANSWERED, (evidence("Attendance"),))
    lacking = understand("What is the rent?"), Decision(Outcome.NOT_FOUND)

    drafts = compose_all([found, lacking], Outcome.ANSWERED, "en", units_of=lambda _: UNITS)

    assert [draft.text for draft in drafts] == ["Yes. Attendance is required.", FRAMING["partly"]]
