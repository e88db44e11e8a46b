"""Facts that contradict each other, and the many pairs that only look as if they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from opened import assistant_on
from read_pages import load

from assistant.assistant import Assistant
from assistant.conflicts import PageSubjects, conflicting
from assistant.countries import audience_of_fact
from assistant.evidence import Evidence
from assistant.questions import understand
from assistant.reply import NoticeKind, Outcome
from assistant.stated_values import states_value
from assistant.wording import wording
from ingest.documents import Document
from ingest.embedding import Embedder
from ingest.units import units_of
from ingest.values import kinds_of

FEE = "What is the tuition fee?"
DEADLINE = "When is the application deadline?"
SCORE = "Which IELTS score is required?"
LENGTH = "How long does the programme take?"


def page(title: str, body: str, *, publisher: str = "University of Ostmark") -> str:
    return f'---\ntitle: "{title}"\npublisher: {publisher}\n---\n\n# {title}\n\n{body}\n'


def documents_of(folder: Path, pages: Mapping[str, str]) -> dict[str, Document]:
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return {document.id: document for document in load(folder).documents}


def values_shown(folder: Path, question: str, pages: Mapping[str, str]) -> list[str]:
    """The value of the first page and those that are said to contradict it."""
    asked = understand(question)
    documents = documents_of(folder, pages)
    found: list[Evidence] = []
    for document in documents.values():
        for unit in units_of(document):
            text = document.text[unit.start : unit.end]
            found.append(
                Evidence(
                    document=document,
                    unit=unit,
                    position=len(found),
                    score=1.0,
                    coverage=1.0,
                    similarity=float(np.float32(0.5)),
                    has_value=states_value(asked, unit, text, kinds_of(unit.value or text)),
                    uncovered=(),
                    audience=audience_of_fact(unit.audience or unit.label or text),
                )
            )
    best = next(evidence for evidence in found if evidence.has_value)
    rivals = conflicting(asked, best, found, PageSubjects(documents))
    return [best.unit.value or best.text, *(rival.unit.value or rival.text for rival in rivals)]


@pytest.mark.parametrize(
    ("question", "one", "other", "values"),
    [
        (FEE, "Tuition fee: 9,000 EUR per year", "Tuition: €9,500 per year", ["9,000", "€9,500"]),
        (FEE, "Tuition fee: 9,000 EUR per year", "The tuition fee is 9,500 EUR a year.", ["9,000", "9,500"]),
        (DEADLINE, "Application deadline: 1 March 2027", "Deadline: 15 March 2027", ["1 March", "15 March"]),
        (DEADLINE, "Application deadline: 1 March", "Apply by 15 March 2027.", ["1 March", "15 March"]),
        (SCORE, "IELTS: 6.5", "Minimum IELTS score: 7.0", ["6.5", "7.0"]),
        (LENGTH, "Duration: 24 months", "Duration: 3 years", ["24 months", "3 years"]),
    ],
)
def test_two_pages_on_one_programme_that_give_two_values_contradict_each_other(
    tmp_path: Path, question: str, one: str, other: str, values: list[str]
) -> None:
    pages = {
        "a": page("Glacier Science MSc", f"## Key facts\n\n{one}"),
        "b": page("Glacier Science MSc: fees and admission", f"## Overview\n\n{other}"),
    }
    shown = values_shown(tmp_path, question, pages)
    assert len(shown) == 2
    assert all(value in text for value, text in zip(values, shown, strict=True))


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        # one value, written in two ways
        (FEE, "Tuition fee: 18.690 EUR per year", "Tuition fee: €18,690 per year"),
        (FEE, "Tuition fee: 18690 EUR/year", "Tuition fee: 18 690 EUR a year"),
        (DEADLINE, "Application deadline: 2027-03-01", "Application deadline: 1 March 2027"),
        (LENGTH, "Duration: 24 months", "Duration: 2 years"),
        (LENGTH, "Duration: 24 months", "Duration: 4 semesters"),
        (SCORE, "IELTS: 6.5", "IELTS: 6,5"),
        # another period, year or currency
        (FEE, "Tuition fee: 9,000 EUR per year", "Tuition fee: 4,500 EUR per semester"),
        (FEE, "Tuition fee: 9,000 EUR per year", "Tuition fee: 18,000 EUR"),
        (FEE, "Tuition fee: 9,000 EUR per year", "Tuition fee: 150 EUR per credit"),
        (FEE, "Tuition fee 2025-26: 9,000 EUR per year", "Tuition fee 2026-27: 9,500 EUR per year"),
        (FEE, "Tuition fee 2026/27: 9,000 EUR per year", "Tuition fee: 9,500 EUR per year"),
        (FEE, "Tuition fee: 9,000 EUR per year", "Tuition fee: 9,800 USD per year"),
        (DEADLINE, "Application deadline: 1 March 2026", "Application deadline: 15 March 2027"),
        # other people, or another case
        (FEE, "Tuition fee for EU students: 2,000 EUR", "Tuition fee for international students: 9,000 EUR"),
        (FEE, "Tuition fee for international students: 9,000 EUR", "Tuition fee: 2,000 EUR"),
        (FEE, "Tuition fee (full-time): 9,000 EUR per year", "Tuition fee (part-time): 4,500 EUR per year"),
        (FEE, "Tuition fee: 9,000 EUR per year", "Tuition fee, online track: 4,500 EUR per year"),
        (FEE, "Tuition fee: 9,000 EUR", "First instalment of the tuition fee: 4,500 EUR"),
        (FEE, "Tuition fee: 9,000 EUR", "Tuition fee deposit: 500 EUR"),
        (FEE, "Tuition fee: 9,000 EUR", "Alumni pay a tuition fee of 8,000 EUR."),
        (DEADLINE, "Application deadline: 1 March 2027", "Application deadline for scholarships: 1 May 2027"),
        (DEADLINE, "Application deadline: 1 March 2027", "Application deadline (spring intake): 1 May 2027"),
        (SCORE, "IELTS: 6.5", "IELTS writing: 6.0"),
        (SCORE, "IELTS: 6.5", "TOEFL: 90"),
        # nothing that is meant exactly
        (FEE, "Tuition fee: 9,000 EUR", "The tuition fee is about 9,500 EUR."),
        (FEE, "Tuition fee: 9,000 EUR", "The tuition fee was 8,500 EUR."),
        (FEE, "Tuition fee: 9,000 EUR", "Tuition fee: 8,000 - 12,000 EUR"),
    ],
)
def test_what_differs_in_more_than_its_value_is_no_contradiction(
    tmp_path: Path, question: str, one: str, other: str
) -> None:
    pages = {
        "a": page("Glacier Science MSc", f"## Key facts\n\n{one}"),
        "b": page("Glacier Science MSc: fees and admission", f"## Overview\n\n{other}"),
    }
    assert len(values_shown(tmp_path, question, pages)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Glacier Science MSc", "Glacier Engineering MSc"),
        ("Glacier Science MSc", "Glacier Science and Tourism MSc"),
        ("Glacier Science MSc", "Glacier Science BSc"),
        ("Glacier Science (Master of Arts)", "Glacier Science (Master of Science)"),
        ("Glacier Science MSc", "Fees for all programmes"),
        ("Glacier Science MSc, part-time", "Glacier Science MSc"),
        ("Glacier Science 1", "Glacier Science 2"),
        ("Programme 1", "Programme 3"),
    ],
)
def test_siblings_do_not_contradict_each_other(tmp_path: Path, one: str, other: str) -> None:
    pages = {
        "a": page(one, "Tuition fee: 9,000 EUR per year"),
        "b": page(other, "Tuition fee: 9,500 EUR per year"),
    }
    assert len(values_shown(tmp_path, FEE, pages)) == 1


def test_programmes_of_one_name_at_two_institutions_do_not_contradict_each_other(tmp_path: Path) -> None:
    pages = {
        "a": page("Glacier Science MSc", "Tuition fee: 9,000 EUR", publisher="University of Ostmark"),
        "b": page("Glacier Science MSc", "Tuition fee: 9,500 EUR", publisher="Westfold Institute"),
    }
    assert len(values_shown(tmp_path, FEE, pages)) == 1


def test_a_page_without_a_level_is_of_one_subject_only_where_there_is_one_level(tmp_path: Path) -> None:
    pages = {
        "a": page("Glacier Science MSc", "Tuition fee: 9,000 EUR"),
        "b": page("Glacier Science: fees", "Tuition fee: 9,500 EUR"),
    }
    assert len(values_shown(tmp_path, FEE, pages)) == 2
    pages["c"] = page("Glacier Science BSc", "Number of places: 30")
    assert len(values_shown(tmp_path, FEE, pages)) == 1


def test_a_table_and_a_sentence_of_one_page_can_contradict_each_other(tmp_path: Path) -> None:
    body = """## Tuition fees

| Student group | Tuition fee per year |
|---|---|
| EU/EEA | 2,060 EUR |
| International | 18,690 EUR |

EU/EEA students pay a tuition fee of 2,160 EUR per year.
"""
    shown = values_shown(tmp_path, FEE, {"a": page("Glacier Science MSc", body)})
    assert shown == ["2,060 EUR", "EU/EEA students pay a tuition fee of 2,160 EUR per year."]


def test_awards_under_headings_of_their_own_do_not_contradict_each_other(tmp_path: Path) -> None:
    body = (
        "## Awards\n\n### Tundra Award\n\n- Value: £5,000\n- Deadline: 30 April 2027\n\n"
        "### Moss Bursary\n\n- Value: £2,000\n- Deadline: 31 May 2027\n"
    )
    pages = {"a": page("Scholarships", body)}
    assert len(values_shown(tmp_path, "How much is the scholarship?", pages)) == 1
    assert len(values_shown(tmp_path, DEADLINE, pages)) == 1


CONTRADICTING = {
    "msc": page(
        "Glacier Science MSc",
        "## Tuition fees\n\nTuition fee for EU/EEA students: 2,060 EUR per year\n\n"
        "Tuition fee for international students: 18,690 EUR per year\n\n"
        "## Dates\n\nApplication deadline: 1 March 2027\n",
    ),
    "money": page(
        "Glacier Science MSc: costs",
        "## Costs\n\nTuition fee for EU/EEA students: €2,160 per year\n\n"
        "Tuition fee for international students: € 18.690 per year\n",
    ),
    "sibling": page(
        "Desert Science MSc",
        "## Tuition fees\n\nTuition fee for EU/EEA students: 3,000 EUR per year\n\n"
        "Tuition fee for international students: 20,000 EUR per year\n",
    ),
}


@pytest.fixture(scope="module")
def assistant(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant_on(CONTRADICTING, tmp_path_factory.mktemp("contradicting"), minilm) as opened:
        yield opened


def test_a_reply_shows_both_values_side_by_side_and_says_that_they_differ(assistant: Assistant) -> None:
    reply = assistant.reply("What is the tuition fee of Glacier Science for EU students?")
    assert "2,060 EUR" in reply.text
    assert "2,160" in reply.text
    assert "3,000" not in reply.text
    notice = next(notice for notice in reply.notices if notice.kind is NoticeKind.CONFLICT)
    cited = {citation.document_id for citation in reply.citations if citation.number in notice.citations}
    assert cited == {"msc", "money"}


def test_a_reply_with_branches_shows_what_contradicts_each_of_them(assistant: Assistant) -> None:
    reply = assistant.reply("What is the tuition fee of Glacier Science?")
    assert reply.outcome is Outcome.CLARIFY
    assert "2,060 EUR" in reply.text
    assert "2,160" in reply.text
    # The international fee is the same on both pages, however it is written.
    assert reply.text.count("18") == 1
    notice = next(notice for notice in reply.notices if notice.kind is NoticeKind.CONFLICT)
    quotes = [citation.quote for citation in reply.citations if citation.number in notice.citations]
    assert len(quotes) == 2
    assert all("EU/EEA" in quote for quote in quotes)


@pytest.mark.parametrize("ranked", ["msc", "money"])
def test_what_stands_on_the_page_that_outranks_the_others_is_told_first(
    minilm: Embedder, tmp_path: Path, ranked: str
) -> None:
    sources = f'[[source]]\npath = "{ranked}.md"\nrank = 10\n'
    with assistant_on(CONTRADICTING, tmp_path, minilm, sources=sources) as ranking:
        one = ranking.reply("What is the tuition fee of Glacier Science for EU students?")
        both = ranking.reply("What is the tuition fee of Glacier Science?")
    first, second = ("2,060 EUR", "2,160") if ranked == "msc" else ("2,160", "2,060 EUR")
    for reply in (one, both):
        assert 0 < reply.text.index(first) < reply.text.index(second)
        [notice] = [notice for notice in reply.notices if notice.kind is NoticeKind.CONFLICT]
        assert notice.text == wording("en")["notices"]["conflict_ranked"]


def test_pages_that_agree_carry_no_notice(assistant: Assistant) -> None:
    reply = assistant.reply("What is the tuition fee of Glacier Science for international students?")
    assert "18.690" in reply.text or "18,690" in reply.text
    assert not reply.notices
