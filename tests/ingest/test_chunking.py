"""Documents into passages."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from read_pages import check, document_of, from_html, from_markdown, from_text

from ingest.chunking import PASSAGE_LIMIT, passage_search_text, sections, split
from ingest.plaintext import Page, read_plain_text


def test_each_section_is_a_passage_of_its_own_under_its_headings() -> None:
    page = from_markdown(
        "# Robotics\n\nBy the sea.\n\n## Fees\n\n900 EUR.\n\n### Refunds\n\nNone.\n\n## Visa\n\nNeeded.\n"
    )

    assert [(passage.headings, passage.text) for passage in split(page)] == [
        ((), "By the sea."),
        (("Fees",), "900 EUR."),
        (("Fees", "Refunds"), "None."),
        (("Visa",), "Needed."),
    ]


def test_the_title_is_not_said_again_among_the_headings() -> None:
    page = document_of(read_plain_text("Robotics\n\nFees\n\nThe fee is 900 EUR a year.\n"), "Robotics")

    (passage,) = split(page)
    assert passage.headings == ("Fees",)
    assert passage_search_text(page, passage) == "Robotics > Fees\nThe fee is 900 EUR a year."


def test_a_lead_in_stays_with_its_list_and_an_item_with_what_stands_inside_it() -> None:
    filler = "Words about the course. " * 26  # 624 code points
    page = from_html(
        f"<p>{filler}</p><p>{'More words. ' * 10}Bring the following:</p>"
        "<ul><li>Passport<p>It has to be valid for six months at least.</p></li></ul>"
    )

    last = split(page)[-1].text
    assert last.startswith("More words.")
    assert "Bring the following:\n\nPassport\nIt has to be valid" in last


def test_lines_that_stand_together_are_not_parted() -> None:
    filler = "Words about the course and more. " * 23  # 758 code points
    page = from_text(
        f"Title of it\n\n{filler}\n\nApplications open for all who want to come\n16 October 2026 at noon "
        f"sharp\n"
    )

    assert split(page)[-1].text == "Applications open for all who want to come\n16 October 2026 at noon sharp"


def test_a_heading_that_says_something_is_found_with_its_section() -> None:
    page = from_html(
        "<h1>Robotics</h1><p>By the sea.</p><h2>Deadline: 15 January 2027</h2><h2>Application deadline</h2>"
        "<h2>Fees of 900 EUR</h2><p>Due in May.</p>"
    )

    assert [passage.text for passage in split(page)] == [
        "By the sea.",
        "Deadline: 15 January 2027",
        "Application deadline",
        "Fees of 900 EUR\n\nDue in May.",
    ]
    assert [section.opening for section in sections(page)] == [-1, 2, 3, 4]


def test_a_heading_that_only_names_its_section_is_no_passage() -> None:
    assert split(from_html("<h1>Robotics</h1><h2>By the sea</h2>")) == []


def test_text_without_blocks_is_split_too() -> None:
    page = document_of(Page("Loose text. " * 200, ()))

    passages = split(page)
    assert len(passages) > 1
    assert all(page.text[passage.start : passage.end] == passage.text for passage in passages)
    assert split(document_of(Page("", ()))) == []


def test_a_word_longer_than_a_passage_is_cut() -> None:
    page = from_text("a" * (2 * PASSAGE_LIMIT + 5))

    assert [len(passage.text) for passage in split(page)] == [PASSAGE_LIMIT, PASSAGE_LIMIT, 5]


def test_ids_count_from_the_start_of_the_document() -> None:
    page = from_markdown("One.\n\n## Two\n\nThree.\n")

    assert [passage.id for passage in split(page)] == ["page#0", "page#1"]


@settings(max_examples=80, deadline=None)
@given(
    lines=st.lists(
        st.text(alphabet="aB1 .,:;•\u00a0é漢🎓", min_size=0, max_size=1200), min_size=1, max_size=12
    ),
    gap=st.sampled_from(["\n", "\n\n", "\n\n  • ", "\n\n# "]),
)
def test_passages_of_any_text_are_whole_and_of_bounded_length(lines: list[str], gap: str) -> None:
    check(document_of(read_plain_text(gap.join(lines))))
