from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.web_addresses import (
    BadAddress,
    checked_host,
    endless_form,
    fits_host,
    id_of,
    is_address,
    is_endless,
    is_same_site,
    is_variant,
    normalised,
)


@pytest.mark.parametrize(
    ("written", "one_form"),
    [
        ("HTTPS://WWW.Example.EDU:443/Fees", "https://www.example.edu/Fees"),
        ("http://example.edu:80", "http://example.edu/"),
        ("http://example.edu:8080/", "http://example.edu:8080/"),
        ("https://example.edu/a/./b/../c", "https://example.edu/a/c"),
        ("https://example.edu/a/%2e%2e/b", "https://example.edu/b"),
        ("https://example.edu/../../a", "https://example.edu/a"),
        ("https://example.edu/a/..", "https://example.edu/"),
        ("https://example.edu/a/b/.", "https://example.edu/a/b/"),
        ("https://example.edu/%7Eann/%c3%a9t%C3%A9", "https://example.edu/~ann/%C3%A9t%C3%A9"),
        ("https://example.edu/été d", "https://example.edu/%C3%A9t%C3%A9%20d"),
        ("https://example.edu/100%", "https://example.edu/100%25"),
        ("https://example.edu/fees#eu", "https://example.edu/fees"),
        ("https://example.edu/fees?", "https://example.edu/fees"),
        ("https://example.edu/f?b=2&a=1", "https://example.edu/f?b=2&a=1"),
        ("https://example.edu/f?utm_source=x&a=1&fbclid=y", "https://example.edu/f?a=1"),
        ("https://example.edu/f?PHPSESSID=a1b2c3d4e5f6a7b8c9", "https://example.edu/f"),
        ("https://example.edu/f;jsessionid=A1B2C3?x=1", "https://example.edu/f?x=1"),
        ("https://example.edu/(S(abcdefghijklmnopqrstuvwx))/f.aspx", "https://example.edu/f.aspx"),
        ("https://example.edu/f?sid=12", "https://example.edu/f?sid=12"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://example.edu./", "https://example.edu/"),
        ("http://[2001:DB8::0:1]:80/", "http://[2001:db8::1]/"),
        (" https://example.edu/fees \n", "https://example.edu/fees"),
        ("https://example.edu//a", "https://example.edu//a"),
    ],
)
def test_an_address_has_one_form(written: str, one_form: str) -> None:
    assert normalised(written) == one_form
    assert normalised(one_form) == one_form


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("fees", "https://example.edu/masters/fees"),
        ("/fees", "https://example.edu/fees"),
        ("../fees/", "https://example.edu/fees/"),
        ("//other.example/x", "https://other.example/x"),
        ("?page=2", "https://example.edu/masters/?page=2"),
        ("#top", "https://example.edu/masters/"),
    ],
)
def test_a_link_is_read_as_seen_from_its_page(link: str, leads_to: str) -> None:
    assert normalised(link, "https://example.edu/masters/") == leads_to


@pytest.mark.parametrize(
    "address",
    [
        "",
        "fees",
        "example.edu/fees",
        "ftp://example.edu/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "gopher://127.0.0.1:6379/_x",
        "mailto:a@example.edu",
        "http://",
        "http:///fees",
        "https://user@example.edu/",
        "https://user:secret@example.edu/",
        "https://example.edu@127.0.0.1/",
        "https://@example.edu/",
        "https://example.edu\\@127.0.0.1/",
        "https:\\\\example.edu/",
        "https://exa\x00mple.edu/",
        "https://exam\x7fple.edu/",
        "https://example.edu:0/",
        "https://example.edu:65536/",
        "https://example.edu:x/",
        "https://exa mple.edu/",
        "https://-example.edu/",
        "https://example..edu/",
        "https://ex%61mple.edu/",
        "http://127.1/",
        "http://127.0.0.01/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://[::1%25eth0]/",
        "http://[::1/",
        "http://[127.0.0.1]/",
        "https://example.edu/\ud800",
        "https://" + "a" * 64 + ".edu/",
        "https://example.edu/" + "a" * 2000,
    ],
)
def test_what_is_no_address_of_a_page_is_refused(address: str) -> None:
    with pytest.raises(BadAddress, match=r"\w"):
        normalised(address)


@given(st.text(max_size=60), st.sampled_from(["", "https://example.edu/a/b?c"]))
def test_any_text_has_one_form_or_is_refused(text: str, base: str) -> None:
    for written in (text, f"https://{text}", f"https://example.edu/{text}"):
        try:
            found = normalised(written, base)
        except BadAddress:
            continue
        assert normalised(found) == found
        assert found.isascii()
        assert found.startswith(("http://", "https://"))


def test_wide_digits_are_read_as_the_number_that_they_show() -> None:
    assert normalised("http://１２７.0.0.1/") == "http://127.0.0.1/"
    assert normalised("http://127。0。0。1/") == "http://127.0.0.1/"


def test_a_site_is_one_host_and_port_with_and_without_www() -> None:
    assert is_same_site("https://www.example.edu/a", "http://example.edu/b")
    assert not is_same_site("https://example.edu/", "https://library.example.edu/")
    assert not is_same_site("https://example.edu/", "https://example.edu:8443/")
    assert not is_same_site("https://example.edu/", "https://example.edu.attacker.example/")
    assert not is_same_site("https://example.edu/", "https://badexample.edu/")


def test_hosts_are_named_whole_or_by_what_they_end_in() -> None:
    patterns = (checked_host("WWW.Example.EDU"), checked_host("*.uni.example"))

    assert patterns == ("www.example.edu", "*.uni.example")
    assert fits_host("www.example.edu", patterns)
    assert fits_host("a.b.uni.example", patterns)
    assert not fits_host("example.edu", patterns)
    assert not fits_host("uni.example", patterns)
    assert not fits_host("aluni.example", patterns)


@pytest.mark.parametrize("pattern", ["", "*", "*.", "**.a.edu", "a.*.edu", "https://a.edu", "a.edu/x", "a b"])
def test_what_names_no_host_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        checked_host(pattern)


def test_a_variant_has_the_same_path() -> None:
    assert is_variant("https://example.edu/fees?a=1", "https://www.example.edu/fees/")
    assert not is_variant("https://example.edu/fees", "https://example.edu/")
    assert not is_variant("https://example.edu/fees", "https://other.example/fees")


def test_paths_that_repeat_themselves_or_grow_are_endless() -> None:
    assert is_endless("https://example.edu/a/b/a/b/a/b")
    assert is_endless("https://example.edu" + "".join(f"/{number}" for number in range(21)))
    assert not is_endless("https://example.edu/fees/fees")
    assert not is_endless("https://example.edu/2026/2026/2026/7")


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("https://example.edu/calendar/2031/05/12", "/calendar/#/#/#"),
        ("https://example.edu/calendar?month=5&year=2031", "/calendar?month=#&year=#"),
        ("https://example.edu/events?day=20310512", "/events?day=#"),
        ("https://example.edu/find?a=x&b=y&c=z", "/find?a&b&c"),
        ("https://example.edu/masters/4312", ""),
        ("https://example.edu/faculty/12/masters/4312", ""),
        ("https://example.edu/page.php?id=77", ""),
        ("https://example.edu/fees-2027", ""),
    ],
)
def test_addresses_of_calendars_and_searches_have_a_form_in_common(address: str, form: str) -> None:
    assert endless_form(address) == form


def test_document_ids_are_readable_and_tell_addresses_apart() -> None:
    assert id_of("https://www.example.edu/masters/fees") == "www.example.edu/masters/fees"
    assert id_of("https://www.example.edu/") == "www.example.edu"
    alike = [
        "https://www.example.edu/fees",
        "https://www.example.edu/Fees",
        "https://www.example.edu/fees?year=2027",
        "https://www.example.edu/fees?year=2028",
        "http://www.example.edu/fees",
        "https://www.example.edu/fees.",
        "https://www.example.edu/fees%2F",
    ]
    assert len({id_of(normalised(address)) for address in alike}) == len(alike)
    assert id_of("https://www.example.edu/fees/") == id_of("https://www.example.edu/fees")
    assert id_of("https://www.example.edu/a%2F..%2Fb").startswith("www.example.edu/a-..-b-")


def test_places_with_a_scheme_are_meant_as_addresses() -> None:
    assert is_address("https://example.edu")
    assert is_address("ftp://example.edu")
    assert not is_address("corpus")
    assert not is_address("/srv/pages")
    assert not is_address("C:\\pages")
