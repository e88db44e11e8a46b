"""What a page says of itself, wherever it says it."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.html import read_html
from ingest.page_head import Metadata


def head_of(head: str, body: str = "<p>Some words.</p>", attributes: str = "") -> Metadata:
    return read_html(f"<html {attributes}><head>{head}</head><body>{body}</body></html>")[1]


LINKED_DATA = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": ['
    '{"@type": "Organization", "name": "Elsewhere", "url": "https://elsewhere.example"}, '
    '{"@type": ["WebPage"], "name": "Fees", '
    '"url": "https://sea.example/fees", "dateModified": "2026-03-31T10:00:00+02:00", "inLanguage": "nl-NL", '
    '"publisher": {"@type": "Organization", "name": "Seatown University"}}]}</script>'
)


def test_linked_data_says_what_the_rest_of_the_head_does_not() -> None:
    assert head_of(LINKED_DATA) == Metadata(
        "Fees", "https://sea.example/fees", "Seatown University", "nl", date(2026, 3, 31)
    )


def test_what_the_head_says_to_readers_wins_over_linked_data() -> None:
    found = head_of(
        LINKED_DATA + '<title>Costs | Sea</title><link rel="canonical" href="https://sea.example/costs">'
        '<meta name="last-modified" content="2026-05-01">',
        attributes='lang="en"',
    )

    assert found == Metadata("Costs", "https://sea.example/costs", "Sea", "en", date(2026, 5, 1))


@pytest.mark.parametrize(
    "broken", ["{", "[]", '"text"', "null", "{" * 100_000, '{"@type": 5, "dateModified": {}}']
)
def test_broken_linked_data_is_passed_over(broken: str) -> None:
    found = head_of(f'<script type="application/ld+json">{broken}</script>')

    assert (found.url, found.modified_on) == ("", None)


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="Canonical" href="https://sea.example/fees">', "https://sea.example/fees"),
        (
            '<base href="https://sea.example/a/"><link rel="canonical" href="fees">',
            "https://sea.example/a/fees",
        ),
        (
            '<link rel="canonical" href="/fees"><meta property="og:url" content="https://sea.example/x?y=1">',
            "https://sea.example/fees",
        ),
        ('<link rel="canonical" href="/fees">', ""),
        (
            '<link rel="canonical" href=""><meta property="og:url" content="https://sea.example/x">',
            "https://sea.example/x",
        ),
        ('<base href="https://sea.example/"><link rel="canonical" href="javascript:alert(1)">', ""),
    ],
)
def test_the_address_of_a_page_is_complete_or_none(head: str, url: str) -> None:
    assert head_of(head).url == url


@pytest.mark.parametrize(
    ("attributes", "head", "language"),
    [
        ('lang="de-AT"', "", "de"),
        ('xml:lang="fr"', "", "fr"),
        ("", '<meta http-equiv="Content-Language" content="nl, en">', "nl"),
        ("", '<meta property="og:locale" content="es_ES">', "es"),
        ('lang="english please"', "", ""),
    ],
)
def test_the_language_is_a_code(attributes: str, head: str, language: str) -> None:
    assert head_of(head, attributes=attributes).language == language


@pytest.mark.parametrize(
    "body",
    [
        "<p>Fees.</p><footer><p>Last updated: 3 September 2025</p></footer>",
        '<p>Last updated: <time datetime="2025-09-03T08:00:00Z">in autumn</time></p>',
        '<p class="page-updated">on <time datetime="2025-09-03">3 September</time></p>',
        '<time itemprop="dateModified" datetime="2025-09-03">3 Sept</time>',
        '<p>Zuletzt geändert: <time datetime="2025-09-03">3. September</time></p>',
    ],
)
def test_the_day_of_the_last_change_is_read_from_the_page_and_from_its_footer(body: str) -> None:
    assert head_of("", body).modified_on == date(2025, 9, 3)


@pytest.mark.parametrize(
    "body",
    [
        '<p>Apply by <time datetime="2027-05-01">1 May</time></p>',
        '<p>The exam takes place on <time datetime="2025-09-03">3 September</time>.</p>',
        "<script>// Last updated: 3 September 2025</script><p>Fees.</p>",
    ],
)
def test_another_day_on_the_page_is_not_that_of_its_last_change(body: str) -> None:
    assert head_of("", body).modified_on is None
