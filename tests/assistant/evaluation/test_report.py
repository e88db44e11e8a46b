from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from assistant.evaluation.record import Conditions, Run
from assistant.evaluation.report import html_report
from assistant.evaluation.scoring import Cited, Result
from assistant.reply import Outcome

MakeResult = Callable[..., Result]
VOID = {"meta", "br", "link", "img", "input"}


class Page(HTMLParser):
    """Tags with their attributes, and the text; refuses what is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        if self._open:
            raise ValueError(f"not closed: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open.pop() != tag:
            raise ValueError(f"{tag} is closed out of order")

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def a_run(*results: Result, documents: dict[str, str] | None = None) -> Run:
    return Run(
        Conditions("q.jsonl", "a" * 64, "corpus", "all-MiniLM-L6-v2", documents or {"msc": "b" * 64}), results
    )


def a_citation(link: str = "https://example.org/msc#:~:text=fee", is_exact: bool = True) -> Cited:
    return Cited(1, "MSc page", "The fee is 18,690 EUR per year.", link, is_exact, False)


@pytest.fixture
def failing(a_result: MakeResult) -> Result:
    return a_result(
        id="fee-1",
        turns=("Hello there", "And the fee?"),
        tags=("fee",),
        outcome=Outcome.NOT_FOUND,
        question="What is the fee of the MSc?",
        text="The pages do not say.",
        citations=(a_citation(),),
        notices=("The page is old.",),
        reasons=("an answer is expected",),
    )


def test_a_failing_question_is_shown_with_all_that_explains_it(failing: Result) -> None:
    page = Page(html_report(a_run(failing)))

    assert [attributes["id"] for attributes in page.all("article")] == ["fee-1"]
    for part in (
        "Hello there",
        "And the fee?",
        "What is the fee of the MSc?",
        "not_found",
        "expected: answer",
        "The pages do not say.",
        "an answer is expected",
        "The fee is 18,690 EUR per year.",
        "MSc page",
        "not gold",
        "The page is old.",
        "✗ fails",
    ):
        assert part in page.text


def test_passing_questions_are_folded_away_and_defects_are_not(a_result: MakeResult) -> None:
    report = html_report(
        a_run(a_result(id="fine"), a_result(id="odd", unsupported_numbers=("70",), has_numbers=True))
    )
    page = Page(report)

    assert [attributes["id"] for attributes in page.all("details")] == ["fine"]
    assert [attributes["id"] for attributes in page.all("article")] == ["odd"]
    assert "neither a quote nor a shown calculation holds 70" in page.text
    assert "Every question passes." in page.text


def test_nothing_is_loaded_from_anywhere(failing: Result) -> None:
    report = html_report(a_run(failing))
    page = Page(report)

    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    assert not any(
        name in {"src", "srcset", "style"} or name.startswith("on") for _, each in page.tags for name in each
    )
    assert "url(" not in report
    assert "@import" not in report
    assert any("default-src 'none'" in (attributes.get("content") or "") for attributes in page.all("meta"))


def test_what_pages_and_questions_hold_is_text_and_never_markup(
    failing: Result, a_result: MakeResult
) -> None:
    nasty = "<script>alert(1)</script>\"'&amp;\x00\x1b"
    result = a_result(
        id=nasty,
        turns=(nasty, nasty),
        question=nasty,
        text=nasty,
        notices=(nasty,),
        citations=(Cited(1, nasty, nasty, f"https://example.org/{nasty}", False, None),),
        reasons=(nasty,),
        tags=(nasty,),
    )
    report = html_report(a_run(result, documents={nasty: nasty}))
    page = Page(report)

    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>\"'&amp;\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" in page.text
    assert "\x00" not in report
    assert "\x1b" not in report


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "", "JaVaScript:alert(1)", "file:///etc"]
)
def test_only_addresses_of_the_web_become_links(link: str, a_result: MakeResult) -> None:
    page = Page(html_report(a_run(a_result(citations=(a_citation(link),)))))

    assert page.all("a") == []


def test_a_quote_that_is_not_in_its_document_is_marked(a_result: MakeResult) -> None:
    result = a_result(citations=(a_citation(is_exact=False),), quotes=1, exact_quotes=0)

    assert "not in its document" in Page(html_report(a_run(result))).text


def test_the_page_fits_phones_and_follows_light_and_dark(failing: Result) -> None:
    report = html_report(a_run(failing))
    page = Page(report)

    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert "color-scheme: light dark" in report
    assert "prefers-color-scheme: dark" in report
    tables = len(page.all("table"))
    assert tables == 2
    assert [each.get("class") for each in page.all("div")].count("scroll") == tables


def test_a_metric_that_could_not_be_judged_is_a_dash(a_result: MakeResult) -> None:
    text = Page(html_report(a_run(a_result()))).text

    assert "Number accuracyharm: a number out of thin air––0high" in text.replace("\n", "")
