"""Accordions and tabs, in the ways they are written: what opens on a click is a part of the page."""

from __future__ import annotations

import pytest
from read_pages import check, facts, from_html, headings, items, outline

BOOTSTRAP_5 = (
    '<div class="accordion-item"><h2 class="accordion-header"><button class="accordion-button collapsed" '
    'data-bs-toggle="collapse" data-bs-target="#c1">Can I defer?</button></h2>'
    '<div id="c1" class="accordion-collapse collapse"><div class="accordion-body">'
    "No, you cannot.</div></div></div>"
)
BOOTSTRAP_3 = (
    '<div class="panel-group" role="tablist"><div class="panel">'
    '<div class="panel-heading" role="tab" id="h1">'
    '<h4><a role="button" data-toggle="collapse" href="#c1" aria-controls="c1">Can I defer?</a></h4></div>'
    '<div id="c1" class="panel-collapse collapse" role="tabpanel" aria-labelledby="h1">'
    "<p>No, you cannot.</p></div>"
    "</div></div>"
)
CLASSES_ONLY = (
    '<div class="accordion"><div class="accordion-title">Can I defer?</div>'
    '<div class="accordion-content" style="display:none"><p>No, you cannot.</p></div></div>'
)
PAGE_BUILDER = (
    '<div class="elementor-accordion-item"><div class="elementor-tab-title" role="button" aria-controls="c1">'
    '<a>Can I defer?</a></div><div id="c1" class="elementor-tab-content" role="region" hidden>'
    "No, you cannot.</div>"
    "</div>"
)
CHECKBOX = (
    '<input type="checkbox" id="q1"><label for="q1">Can I defer?</label>'
    '<div class="body"><p>No, you cannot.</p></div>'
)
QUESTION = '<div class="faq"><p class="question">Can I defer?</p><p class="answer">No, you cannot.</p></div>'
TERMS = "<dl><dt><a>Can I defer?</a></dt><dd><p>No, you cannot.</p><p>Ask us why.</p></dd></dl>"
ITEMS = "<ul><li><h3>Can I defer?</h3><div><p>No, you cannot.</p></div></li></ul>"
DETAILS = "<details><summary><b>Can I defer?</b></summary>No, you cannot.</details>"


@pytest.mark.parametrize(
    "markup",
    [BOOTSTRAP_5, BOOTSTRAP_3, CLASSES_ONLY, PAGE_BUILDER, CHECKBOX, QUESTION, TERMS, ITEMS, DETAILS],
    ids=[
        "Bootstrap 5",
        "Bootstrap 3",
        "classes only",
        "page builder",
        "checkbox",
        "question",
        "dl",
        "li",
        "details",
    ],
)
def test_what_opens_on_a_click_is_a_heading_and_what_stands_under_it(markup: str) -> None:
    page = from_html(f"<h1>Questions</h1><p>What applicants ask us most.</p>{markup}")

    check(page)
    found = outline(page)
    assert found[2] == ("heading", "Can I defer?")
    assert found[3] == ("paragraph", "No, you cannot.")


TABS = (
    '<h1>Robotics</h1><ul class="nav nav-tabs"><li><a href="#fees" data-toggle="tab">Fees</a></li>'
    '<li><a href="#dates" data-toggle="tab">Dates</a></li></ul><div class="tab-content">'
    '<div class="tab-pane" id="fees"><p>It is 900 EUR a year.</p></div>'
    '<div class="tab-pane" id="dates" hidden><h2>Dates</h2><p>It starts in May.</p></div></div>'
)


def test_the_words_of_a_tab_head_its_panel_once() -> None:
    page = from_html(TABS)

    assert outline(page) == [
        ("heading", "Robotics"),
        ("heading", "Fees"),
        ("paragraph", "It is 900 EUR a year."),
        ("heading", "Dates"),
        ("paragraph", "It starts in May."),
    ]
    assert [block.anchor for block in page.blocks if block.anchor] == ["fees", "dates"]


def test_tabs_with_roles_are_told_by_them() -> None:
    page = from_html(
        '<div role="tablist"><button role="tab" aria-controls="a">Home fees</button>'
        '<button role="tab" aria-controls="b">Other fees</button></div>'
        '<div role="tabpanel" id="a"><p>9 EUR</p></div><div role="tabpanel" id="b" hidden><p>99 EUR</p></div>'
    )

    assert facts(page) == [("", "Home fees", "9 EUR"), ("", "Other fees", "99 EUR")]


def test_links_to_the_parts_of_a_page_that_are_no_tabs_stay() -> None:
    page = from_html(
        '<ul class="tabs"><li><a href="/fees">Fees</a></li><li><a href="/dates">Dates</a></li></ul>'
        "<p>Some words.</p>"
    )

    assert [text for _, text in items(page)] == ["Fees", "Dates"]


def test_headings_in_what_opens_stand_under_its_summary_and_those_behind_it_do_not() -> None:
    page = from_html(
        "<h2>Fees</h2><details><summary>Who pays?</summary><h2>EU</h2><p>All do.</p></details><h3>Dates</h3>"
    )

    assert headings(page) == [(2, "Fees"), (3, "Who pays?"), (4, "EU"), (3, "Dates")]


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="accordion-group"><p>We welcome you here.</p></div>',
        '<div class="tab-content"><p>We welcome you here.</p></div>',
        '<p class="expandable">We welcome you here.</p>',
        '<div class="accordion-header"><p>We welcome you here.</p></div>',
    ],
    ids=["a group", "a panel", "a class that sounds alike", "nothing behind it"],
)
def test_not_everything_around_an_accordion_is_a_heading(markup: str) -> None:
    assert outline(from_html(markup)) == [("paragraph", "We welcome you here.")]


def test_what_a_script_lays_over_the_page_is_no_part_of_it() -> None:
    page = from_html(
        '<p>Some words.</p><button data-toggle="modal" data-target="#m">Ask us</button>'
        '<button data-bs-toggle="dropdown" aria-expanded="false">More</button>'
    )

    assert outline(page) == [("paragraph", "Some words.")]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a id="fees"></a><h2>Fees</h2>', "fees"),
        ('<h2 id="fees">Fees</h2>', "fees"),
        ('<h2><a name="fees"></a>Fees</h2>', "fees"),
        ('<section id="fees"><h2>Fees</h2></section>', "fees"),
        ('<div id="wrap"><p>Words.</p><h2>Fees</h2></div>', ""),
        ('<h2 id="two words">Fees</h2>', ""),
        ('<details id="fees"><summary>Fees</summary>9 EUR</details>', "fees"),
    ],
)
def test_a_heading_keeps_the_id_that_its_page_can_be_opened_at(markup: str, expected: str) -> None:
    page = from_html(f"{markup}<p>They are due in May.</p>")

    (heading,) = [block for block in page.blocks if block.level]
    assert heading.anchor == expected


def test_the_anchor_of_a_quote_is_that_of_the_nearest_heading_over_it() -> None:
    page = from_html('<h2 id="fees">Fees</h2><p>One.</p><h3>Home</h3><p>Two.</p><h2>Dates</h2><p>Three.</p>')

    assert [page.anchor_above(page.text.index(word)) for word in ("One", "Home", "Two", "Three")] == [
        "fees", "fees", "fees", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "markup",
    [
        '<div><div class="field__label">Language</div><div class="field__item">English</div></div>',
        '<ul><li><span class="fact-label">Language</span><span class="fact-value">English</span></li></ul>',
        '<p><b class="term">Language:</b> <span class="text">English</span></p>',
    ],
)
def test_a_label_and_a_value_told_by_their_classes_are_a_fact(markup: str) -> None:
    assert facts(from_html(markup)) == [("", "Language", "English")]


def test_an_aside_that_states_the_facts_of_the_page_is_read_and_one_of_links_is_not() -> None:
    page = from_html(
        "<h1>Robotics</h1><p>It is taught by the sea.</p><aside><h2>Key facts</h2><p>Duration: 2 years</p>"
        '<p>Start: September</p></aside><aside><p><a href="/n">Price: 2 EUR</a></p>'
        '<p><a href="/m">Date: 1 May</a></p>'
        "</aside>"
    )

    assert facts(page) == [("", "Duration", "2 years"), ("", "Start", "September")]


def test_sentences_in_what_is_marked_as_navigation_are_read_and_links_are_not() -> None:
    told = (
        "<h2>Food</h2><p>I think that all of us can agree that it is good.</p>"
        "<p>You can eat from noon until late at night.</p>"
    )
    page = from_html(f'<h1>Guide</h1><nav>{told}</nav><nav><ul><li><a href="/">Home</a></li></ul></nav>')

    assert [text for _, text in headings(page)] == ["Guide", "Food"]
    assert "Home" not in page.text


def test_what_stands_in_a_definition_list_without_being_a_term_is_read() -> None:
    page = from_html(
        "<dl><h2>Registration</h2><p>It is open to all.</p><dt>Begins</dt><dd>6 March</dd>"
        "<table><tr><td>Fee</td><td>9 EUR</td></tr></table></dl>"
    )

    assert outline(page) == [
        ("heading", "Registration"),
        ("paragraph", "It is open to all."),
        ("term", "Begins"),
        ("definition", "6 March"),
        ("row", "Fee | 9 EUR"),
    ]


def test_tables_and_headings_in_a_definition_are_read_as_what_they_are() -> None:
    page = from_html(
        "<dl><dt>Fees</dt><dd><table><tr><th>Group</th><th>Fee</th></tr><tr><td>EU</td><td>9 EUR</td></tr>"
        "</table></dd><dt>Dates</dt><dd>May</dd></dl>"
    )

    assert outline(page) == [
        ("heading", "Fees"),
        ("row", "Group | Fee"),
        ("row", "EU | 9 EUR"),
        ("heading", "Dates"),
        ("paragraph", "May"),
    ]


def test_cards_in_a_list_are_parts_of_the_page_and_a_list_of_headings_is_a_list() -> None:
    cards = from_html(
        "<ul><li><h3>Labs</h3><p>Open daily.</p></li><li><h3>Library</h3><p>Open at night.</p></li></ul>"
    )
    plain = from_html("<ul><li><h3>Labs</h3></li><li><h3>Library</h3></li></ul>")

    assert [text for _, text in headings(cards)] == ["Labs", "Library"]
    assert items(plain) == [(1, "Labs"), (1, "Library")]


def test_what_is_made_of_links_alone_is_marked() -> None:
    page = from_html(
        '<p><a href="/a">Home</a> | <a href="/b">Fees</a></p><p>See <a href="/c">fees</a></p>'
        '<ul><li><a href="/d">Labs</a></li><li><a>No link</a></li></ul>'
        '<h2><a href="/e">News</a></h2><p>9 EUR</p>'
    )

    assert [page.text[block.start : block.end] for block in page.blocks if block.is_link] == [
        "Home | Fees", "Labs", "News",
    ]  # fmt: skip
