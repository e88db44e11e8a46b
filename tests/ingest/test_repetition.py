"""What a site repeats around its pages goes, what the pages say themselves stays, and offsets stay right."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from read_pages import check, headings, outline

from ingest.documents import BlockKind, Document
from ingest.html import read_html
from ingest.repetition import FEWEST_PAGES, without_blocks, without_repetition

MENU = (
    '<div><a href="/">Seatown</a></div><ul>'
    + "".join(
        f'<li><a href="/{name}">{name.title()}</a></li>'
        for name in ("programmes", "research", "people", "library")
    )
    + "</ul>"
)
FOOTER = (
    '<h4>Useful links</h4><ul><li><a href="/a">Timetables</a></li><li><a href="/b">Canteen</a></li>'
    '<li><a href="/c">Sports</a></li></ul><p>Grow with us by the sea</p>'
    '<p><a href="/d">Whistle-blowing</a></p>'
)


def page(number: int, body: str, *, site: str = "seatown.example") -> Document:
    read, _ = read_html(f"<html><body>{MENU}{body}{FOOTER}</body></html>")
    return Document(
        f"p{number}", f"Page {number}", f"https://{site}/s{number % 3}/{number}", "", "en", read.text,
        blocks=read.blocks,
    )  # fmt: skip


def programme(number: int, more: str = "") -> str:
    return (
        f"<h1>Programme {chr(65 + number)}</h1><p>It is about {chr(65 + number)} and nothing else.</p>"
        "<h2>Fees</h2><p>Application fee: 50 EUR</p><p>You pay it once, before you apply.</p>"
        '<h2>Documents</h2><ul><li><a href="/x">Transcript</a></li><li><a href="/y">Passport</a></li>'
        f'<li><a href="/z">Letter</a></li></ul>{more}<h2>Contact</h2><p>office@seatown.example</p>'
    )


def site(count: int = FEWEST_PAGES) -> list[Document]:
    return [page(number, programme(number)) for number in range(count)]


def test_menus_and_boxes_of_links_that_most_pages_have_are_gone() -> None:
    found = without_repetition(site())

    for document in found:
        texts = [text for _, text in outline(document)]
        gone = {"Seatown", "Programmes", "Research", "Timetables", "Canteen", "Sports", "Useful links"}
        assert not gone & set(texts)
        assert texts[0].startswith("Programme ")


def test_what_siblings_share_for_a_reason_stays() -> None:
    found = without_repetition(site())

    for document in found:
        texts = [text for _, text in outline(document)]
        assert {
            "Application fee: 50 EUR", "You pay it once, before you apply.", "office@seatown.example", "Fees",
            "Transcript", "Passport", "Letter",
        } <= set(texts)  # fmt: skip


def test_a_list_of_links_that_a_line_leads_to_stays() -> None:
    list_of_links = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("Essay", "Test", "Talk"))
    more = f"<p>You send us the following:</p><ul>{list_of_links}</ul>"

    found = without_repetition([page(number, programme(number, more)) for number in range(FEWEST_PAGES)])

    assert all({"Essay", "Test", "Talk"} <= {text for _, text in outline(document)} for document in found)


def test_the_page_about_what_every_menu_names_keeps_its_own_list() -> None:
    names = ("Programmes", "Research", "People", "Library")
    own = "<h1>All about us</h1>" + "".join(f'<p><a href="/{name}">{name}</a></p>' for name in names)

    *_, found = without_repetition([*site(), page(99, own)])

    assert [text for _, text in outline(found)] == ["All about us", *names]


def test_few_pages_stay_as_they_are() -> None:
    few = site(FEWEST_PAGES - 1)

    assert without_repetition(few) == tuple(few)


def test_pages_of_different_sites_are_not_compared() -> None:
    documents = [page(number, programme(number), site=f"u{number}.example") for number in range(FEWEST_PAGES)]

    assert without_repetition(documents) == tuple(documents)


def test_pages_without_an_address_are_compared_by_their_publisher() -> None:
    documents = [replace(document, url="", publisher="Seatown") for document in site()]

    assert "Canteen" not in without_repetition(documents)[0].text
    assert without_repetition([replace(document, publisher="") for document in documents])[0].text.count(
        "Canteen"
    )


def test_a_page_that_is_nothing_but_a_menu_is_not_emptied() -> None:
    documents = [*site(), page(50, "")]

    assert without_repetition(documents)[-1] == documents[-1]


def test_a_section_of_a_site_has_a_menu_of_its_own() -> None:
    extra = "".join(f'<p><a href="/{name}">{name}</a></p>' for name in ("Labs", "Tours", "Clubs"))
    inside = [
        replace(page(number, extra + programme(number)), url=f"https://seatown.example/bio/{number}")
        for number in range(FEWEST_PAGES)
    ]
    outside = [
        replace(page(number, programme(number % 20)), url=f"https://seatown.example/other/{number}")
        for number in range(2 * FEWEST_PAGES)
    ]

    assert "Tours" not in without_repetition([*inside, *outside])[0].text


def test_offsets_and_pages_move_with_the_text() -> None:
    document = replace(site()[0], pages=())
    heading = next(n for n, block in enumerate(document.blocks) if block.kind is BlockKind.HEADING)
    fees = document.text.index("Fees")
    paged = replace(document, pages=(document.blocks[heading].start, fees))

    found = without_blocks(paged, range(heading))

    check(found)
    assert found.text.startswith("Programme A")
    assert [found.text[page:].split("\n")[0] for page in found.pages] == ["Programme A", "Fees"]


def test_an_item_that_holds_others_stays_with_them() -> None:
    read, _ = read_html("<ul><li>Year 1<ul><li>Optics</li></ul></li><li>Year 2</li></ul>")
    document = Document("d", "D", "", "", "en", read.text, blocks=read.blocks)

    found = without_blocks(document, [0, 2])

    assert [text for _, text in outline(found)] == ["Year 1", "Optics"]
    assert found.blocks[1].parent == 0


TEXTS = st.sampled_from(
    [
        "Home",
        "Study",
        "Library",
        "Fees",
        "Fee: 900 EUR",
        "The fee is 900 EUR.",
        "It is paid once a year.",
        "Labs",
    ]
)
PIECES = st.one_of(
    TEXTS.map(lambda text: f'<p><a href="/x">{text}</a></p>'),
    TEXTS.map(lambda text: f"<p>{text}</p>"),
    TEXTS.map(lambda text: f"<h2>{text}</h2>"),
    st.lists(TEXTS, min_size=1, max_size=4).map(
        lambda texts: "<ul>" + "".join(f'<li><a href="/y">{text}</a></li>' for text in texts) + "</ul>"
    ),
    TEXTS.map(
        lambda text: f"<table><tr><th>A</th><th>B</th></tr><tr><td>{text}</td><td>9 EUR</td></tr></table>"
    ),
)
BODIES = st.lists(st.lists(PIECES, max_size=5).map("".join), min_size=FEWEST_PAGES, max_size=FEWEST_PAGES + 1)


@settings(max_examples=15, deadline=None)
@given(bodies=BODIES)
def test_whatever_a_site_is_made_of_no_value_is_lost_and_offsets_stay_right(bodies: list[str]) -> None:
    documents = [page(number, body) for number, body in enumerate(bodies)]

    for before, after in zip(documents, without_repetition(documents), strict=True):
        if after != before:
            check(after)
        assert after.text.count("900 EUR") == before.text.count("900 EUR")
        assert after.text.count("It is paid once a year.") == before.text.count("It is paid once a year.")
        assert (after.id, after.title, after.url) == (before.id, before.title, before.url)
        kept = iter(outline(before))
        assert all(block in kept for block in outline(after))  # nothing new, and in the same order


@settings(max_examples=15, deadline=None)
@given(bodies=BODIES)
def test_it_does_not_matter_in_which_order_the_pages_come_or_how_often_they_are_cleaned(
    bodies: list[str],
) -> None:
    documents = [page(number, body) for number, body in enumerate(bodies)]

    once = without_repetition(documents)

    assert tuple(reversed(without_repetition(documents[::-1]))) == once


@settings(max_examples=40, deadline=None)
@given(body=st.lists(PIECES, min_size=1, max_size=8).map("".join), data=st.data())
def test_any_blocks_can_be_taken_out(body: str, data: st.DataObject) -> None:
    document = page(1, body)
    dropped = data.draw(st.sets(st.integers(0, len(document.blocks) - 1)))

    found = without_blocks(document, dropped)

    check(found)
    assert [level for level, _ in headings(found)] == [
        block.level
        for n, block in enumerate(document.blocks)
        if n not in dropped and block.kind is BlockKind.HEADING
    ]
