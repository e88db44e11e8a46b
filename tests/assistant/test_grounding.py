"""The gate: what may be said, and what is dropped."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.figures import names_in, numbers_in
from assistant.grounding import SHORTEST_QUOTE, Draft, Span, Step, fault, ground, is_exact
from assistant.reply import Citation, Support
from ingest.documents import Document

TEXT = """Tuition at Utrecht is 18,690 EUR per year.
The programme takes 24 months.
EU/EEA
2,060
Grade B | TOEFL
 The 2nd round opens on 1 May 2027, for IELTS takers too.
"""
PAGE = Document("fees", "Fees", "https://example.org/fees", "A university", "en", TEXT)
OTHER = Document("other", "Other", "", "", "en", "Rooms cost 600 EUR per month.")
DOCUMENTS = {page.id: page for page in (PAGE, OTHER)}


def at(quote: str, page: Document = PAGE) -> Span:
    start = page.text.index(quote)
    return Span(page.id, start, start + len(quote), ("Costs",))


FEE = at("Tuition at Utrecht is 18,690 EUR per year.")
MONTHS = at("The programme takes 24 months.")
ROUND = at("The 2nd round opens on 1 May 2027, for IELTS takers too.")


def says(text: str, *spans: Span) -> bool:
    return fault(Draft(text, spans), DOCUMENTS) is None


def test_a_sentence_that_its_quote_carries_is_said_with_that_quote() -> None:
    grounded = ground([Draft("Tuition is 18,690 EUR per year.", (FEE,))], DOCUMENTS)

    assert [sentence.text for sentence in grounded.sentences] == ["Tuition is 18,690 EUR per year."]
    assert grounded.citations == (
        Citation(
            number=1,
            document_id="fees",
            title="Fees",
            url="https://example.org/fees",
            deep_link="https://example.org/fees#:~:text=Tuition%20at%20Utrecht%20is%2018%2C690%20EUR%20per%20year.",
            headings=("Costs",),
            quote="Tuition at Utrecht is 18,690 EUR per year.",
            start=0,
            end=42,
        ),
    )
    assert grounded.dropped == 0


def test_a_citation_names_the_page_that_its_quote_begins_on() -> None:
    address = "https://example.org/rules.pdf"
    paged = replace(PAGE, url=address, pages=(TEXT.index("The programme"), TEXT.index("Grade B")))
    drafts = [Draft("Tuition is 18,690 EUR per year.", (FEE,)), Draft("It takes 24 months.", (MONTHS,))]
    grounded = ground(drafts, {paged.id: paged})

    assert [citation.page for citation in grounded.citations] == [1, 2]
    assert [citation.deep_link for citation in grounded.citations] == [
        f"{address}#page=1",
        f"{address}#page=2",
    ]
    assert [citation.page for citation in ground(drafts, DOCUMENTS).citations] == [None, None]


@pytest.mark.parametrize(
    "span",
    [
        Span("fees", -1, 20),
        Span("fees", 5, len(TEXT) + 1),
        Span("fees", 20, 20),
        Span("fees", 30, 10),
        Span("nowhere", 0, 20),
    ],
)
def test_a_quote_that_is_not_in_the_source_is_dropped(span: Span) -> None:
    grounded = ground([Draft("It is so.", (span,)), Draft("Tuition is high.", (FEE, span))], DOCUMENTS)

    assert (grounded.sentences, grounded.citations, grounded.dropped) == ((), (), 2)


def test_a_short_run_of_a_line_proves_nothing() -> None:
    assert len("Tuition at U") == SHORTEST_QUOTE
    assert says("It is there.", at("Tuition at U"))
    assert not says("It is there.", at("Tuition at "))


@pytest.mark.parametrize("line", ["EU/EEA", "2,060", "Grade B", "TOEFL"])
def test_a_short_quote_may_be_a_whole_line_or_cell(line: str) -> None:
    # A cell is one of two in its line; only the whole line or a cell at its edge may stand alone.
    assert says("It is there.", at(line)) == (line in {"EU/EEA", "2,060"})


def test_blanks_are_no_quote() -> None:
    page = Document("blank", "Blank", "https://example.org", "", "en", "a\n" + " \n" * 20)

    assert fault(Draft("It is so.", (Span("blank", 2, 30),)), {"blank": page}) is not None


@pytest.mark.parametrize("written", ["18690", "18,690", "18.690", "18 690", "18\u202f690", "18'690"])
def test_a_number_may_be_written_in_any_form(written: str) -> None:
    assert says(f"Tuition is {written} EUR.", FEE)


@pytest.mark.parametrize(
    "text", ["Tuition is 18,691 EUR.", "Tuition is 1869 EUR.", "It takes two years.", "The 3rd fee."]
)
def test_a_number_that_is_not_in_the_quotes_is_dropped(text: str) -> None:
    assert not says(text, FEE)


def test_ordinals_and_small_numbers_in_words_count_as_numbers() -> None:
    assert says("The second of two rounds is the 2nd.", ROUND)
    assert says("Two rounds.", ROUND)
    assert not says("The 3rd round.", ROUND)
    assert not says("Three rounds.", ROUND)


def test_a_name_that_is_not_in_the_quotes_is_dropped() -> None:
    assert says("Tuition in Utrecht is high.", FEE)
    assert not says("Tuition in Leiden is high.", FEE)
    assert says("This is for IELTS takers.", ROUND)
    assert not says("This is for TOEFL takers.", ROUND)


def test_a_number_may_stand_in_any_one_of_the_quotes() -> None:
    assert says("Tuition is 18,690 EUR and it takes 24 months.", FEE, MONTHS)
    assert not says("Tuition is 18,690 EUR and it takes 24 months.", FEE)


@pytest.mark.parametrize(
    "text", ["There are 3 answers.", "There are two answers.", "Ask in Utrecht.", "Ask for the TOEFL."]
)
def test_framing_of_our_own_may_hold_no_number_and_no_name(text: str) -> None:
    grounded = ground([Draft(text), Draft("I could not find this.")], DOCUMENTS)

    assert [sentence.text for sentence in grounded.sentences] == ["I could not find this."]
    assert grounded.sentences[0].citations == ()
    assert grounded.dropped == 1


def test_citations_are_numbered_by_first_appearance_and_shared() -> None:
    drafts = [
        Draft("It takes 24 months.", (MONTHS,)),
        Draft("It takes 99 months.", (ROUND,)),  # dropped: its quote gets no number
        Draft("Tuition is 18,690 EUR for 24 months.", (FEE, MONTHS)),
        Draft("Rooms cost 600 EUR.", (at("Rooms cost 600 EUR per month.", OTHER),)),
    ]

    grounded = ground(drafts, DOCUMENTS)

    assert [sentence.citations for sentence in grounded.sentences] == [(1,), (2, 1), (3,)]
    assert [(citation.number, citation.document_id) for citation in grounded.citations] == [
        (1, "fees"),
        (2, "fees"),
        (3, "other"),
    ]
    assert grounded.citations[2].deep_link == ""
    assert grounded.dropped == 1


def computed(
    text: str, *steps: Step, spans: tuple[Span, ...] = (FEE, MONTHS), given: tuple[int, ...] = ()
) -> bool:
    draft = Draft(text, spans, Support.COMPUTED, steps=steps, given=tuple(map(Decimal, given)))
    return fault(draft, DOCUMENTS) is None


def step(left: int, sign: str, right: int, result: int) -> Step:
    return Step(Decimal(left), sign, Decimal(right), Decimal(result))


YEARS = step(24, "÷", 12, 2)


def test_a_calculation_that_is_right_may_be_said() -> None:
    assert computed("24 months = 2 years × 18,690 EUR = 37,380 EUR.", YEARS, step(18690, "×", 2, 37380))


def test_a_wrong_result_is_dropped() -> None:
    assert not computed("24 months = 2 years × 18,690 EUR = 37,390 EUR.", YEARS, step(18690, "×", 2, 37390))


def test_a_result_without_its_step_is_dropped() -> None:
    assert not computed("24 months = 2 years × 18,690 EUR = 37,380 EUR.", YEARS)


def test_an_operand_that_no_quote_and_no_step_before_gives_is_dropped() -> None:
    assert not computed("3 × 18,690 EUR = 56,070 EUR.", step(18690, "×", 3, 56070))
    assert not computed("2 × 18,690 EUR = 37,380 EUR.", step(18690, "×", 2, 37380), YEARS)
    assert not computed("24 months of 18,690 EUR.", YEARS, spans=(FEE,))


def test_a_number_of_the_question_may_be_an_operand() -> None:
    three = step(18690, "×", 3, 56070)

    assert computed("3 × 18,690 EUR = 56,070 EUR.", three, spans=(FEE,), given=(3,))
    assert not computed("3 × 18,690 EUR = 56,070 EUR.", three, spans=(FEE,), given=(4,))


def test_steps_and_given_numbers_allow_nothing_in_a_sentence_that_is_not_computed() -> None:
    draft = Draft("37,380 EUR.", (FEE,), steps=(YEARS, step(18690, "×", 2, 37380)), given=(Decimal(37380),))

    assert fault(draft, DOCUMENTS) == "a number is not in the quotes"


@pytest.mark.parametrize(("sign", "result"), [("+", 36), ("−", 12), ("×", 288), ("÷", 2)])
def test_each_operation_is_checked(sign: str, result: int) -> None:
    assert computed(f"It makes {result}.", step(24, sign, 12, result), spans=(MONTHS,))
    assert not computed(f"It makes {result + 1}.", step(24, sign, 12, result + 1), spans=(MONTHS,))


def test_a_changed_quote_is_not_exact() -> None:
    good = ground([Draft("It takes 24 months.", (MONTHS,))], DOCUMENTS).citations[0]

    assert is_exact(good, DOCUMENTS)
    assert not is_exact(good, {})
    assert not is_exact(good, {"fees": OTHER})


words = st.sampled_from(
    [
        "the",
        "fee",
        "Utrecht",
        "TOEFL",
        "18,690",
        "18690",
        "2nd",
        "two",
        "6.5",
        "C1",
        "1 May",
        ".",
        "\n",
        ":",
        "–",
        "EU/EEA",
    ]
)
texts = st.lists(words, max_size=25).map(" ".join) | st.text(max_size=60)


@st.composite
def drafts_over_a_page(draw: st.DrawFn) -> tuple[str, list[Draft]]:
    page = draw(texts)
    place = st.integers(-2, len(page) + 2)
    spans = st.lists(st.builds(Span, st.sampled_from(["page", "none"]), place, place), max_size=3).map(tuple)
    number = st.integers(0, 20).map(Decimal)
    steps = st.lists(st.builds(Step, number, st.sampled_from("+−×"), number, number), max_size=2).map(tuple)
    draft = st.builds(
        Draft, texts, spans, st.sampled_from([Support.QUOTED, Support.COMPUTED]), steps, st.just(())
    )
    return page, draw(st.lists(draft, max_size=5))


@given(drafts_over_a_page())
def test_whatever_is_drafted_over_any_text_each_sentence_left_is_carried_by_exact_quotes(
    case: tuple[str, list[Draft]],
) -> None:
    text, drafts = case
    documents = {"page": Document("page", "Page", "https://example.org/", "", "en", text)}

    grounded = ground(drafts, documents)

    assert len(grounded.sentences) + grounded.dropped == len(drafts)
    assert [citation.number for citation in grounded.citations] == list(range(1, len(grounded.citations) + 1))
    for citation in grounded.citations:
        assert text[citation.start : citation.end] == citation.quote
        assert citation.quote.strip()
        assert is_exact(citation, documents)
    seen: list[int] = []
    for sentence in grounded.sentences:
        seen += [number for number in sentence.citations if number not in seen]
        quotes = "\n".join(grounded.citations[number - 1].quote for number in sentence.citations)
        if sentence.support is Support.QUOTED:
            assert numbers_in(sentence.text) <= numbers_in(quotes)
        assert all(name in quotes.casefold() for name in names_in(sentence.text))
    assert seen == list(range(1, len(grounded.citations) + 1))
