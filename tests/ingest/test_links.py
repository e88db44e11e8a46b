from __future__ import annotations

from pathlib import Path

import pytest

from ingest.links import PageLinks, SitemapLinks, read_links, read_sitemap, wishes_of
from ingest.robots import Robots

HERE = "https://www.example.edu/masters/"


def links_of(tmp_path: Path, html: str, address: str = HERE) -> PageLinks:
    file = tmp_path / "page.html"
    file.write_bytes(html.encode())
    return read_links(file, address)


def test_links_are_read_in_the_order_of_the_page_each_once(tmp_path: Path) -> None:
    html = """
    <a href="fees">Fees</a> <a href="/contact#map">Contact</a> <a href=" fees ">Fees</a>
    <a href="#top">Top</a>
    <map><area href="../housing"></map> <a name="x">Anchor</a> <a href="">Here</a>
    <a href="https://other.example/a?b=1&amp;c=2">Other</a> <a href="mailto:a@example.edu">Mail</a>
    <a href="javascript:go()">Go</a> <a href="tel:1">Call</a> <link rel="next" href="?page=2">
    <link rel="stylesheet" href="style.css">
    """

    assert links_of(tmp_path, html).links == (
        "https://www.example.edu/masters/fees",
        "https://www.example.edu/contact",
        "https://www.example.edu/housing",
        "https://other.example/a?b=1&c=2",
        "https://www.example.edu/masters/?page=2",
    )


def test_links_are_seen_from_the_base_that_a_page_names(tmp_path: Path) -> None:
    html = '<head><base href="/study/"></head><a href="fees">Fees</a>'

    assert links_of(tmp_path, html).links == ("https://www.example.edu/study/fees",)


def test_what_a_page_asks_not_to_follow_is_not_read(tmp_path: Path) -> None:
    html = '<a href="a" rel="external nofollow">A</a><a href="b" rel="noopener">B</a>'
    whole = '<meta name="ROBOTS" content="index, NOFOLLOW"><a href="a">A</a>'

    assert links_of(tmp_path, html).links == ("https://www.example.edu/masters/b",)
    assert links_of(tmp_path, whole).links == ()
    assert not links_of(tmp_path, whole).may_follow


@pytest.mark.parametrize(
    ("values", "wishes"),
    [
        ([], (True, True)),
        (["index, follow"], (True, True)),
        (["noindex"], (False, True)),
        (["nofollow"], (True, False)),
        (["none"], (False, False)),
        ([" NoIndex ,max-snippet:50"], (False, True)),
        (["max-snippet: 50, noindex"], (False, True)),
        (["unavailable_after: 25 Jun 2027 15:00:00 GMT"], (True, True)),
        (["googlebot: noindex"], (True, True)),
        (["Prospectus: noindex, nofollow"], (False, False)),
        (["googlebot: none", "nofollow"], (True, False)),
    ],
)
def test_wishes_count_where_they_are_for_everyone_or_for_us(
    values: list[str], wishes: tuple[bool, bool]
) -> None:
    assert wishes_of(values) == wishes


def test_a_page_may_address_us_by_name(tmp_path: Path) -> None:
    assert not links_of(tmp_path, '<meta name="prospectus" content="noindex"><p>Fees</p>').may_index
    assert links_of(tmp_path, '<meta name="googlebot" content="noindex"><p>Fees</p>').may_index


def test_the_address_that_a_page_calls_its_own_is_read_unless_it_names_two(tmp_path: Path) -> None:
    one = '<link rel="canonical" href="/fees?utm_source=x"><p>Fees</p>'
    two = '<link rel="canonical" href="/fees"><link rel="canonical" href="/fee"><p>Fees</p>'

    assert links_of(tmp_path, one).canonical == "https://www.example.edu/fees"
    assert links_of(tmp_path, two).canonical == ""


def test_a_page_that_sends_its_reader_on_leads_there(tmp_path: Path) -> None:
    html = '<meta http-equiv="Refresh" content="0; URL=\'/new\'"><p>Moved</p>'

    assert links_of(tmp_path, html).links == ("https://www.example.edu/new",)


def test_pages_that_show_the_same_words_have_one_digest(tmp_path: Path) -> None:
    first = links_of(tmp_path, "<title>A</title><p>The fee is\n 2,060 EUR.</p><script>var a = 1</script>")
    second = links_of(tmp_path, "<title>B</title><div>The fee <b>is</b> 2,060 EUR.</div><!-- 7 -->")
    other = links_of(tmp_path, "<p>The fee is 2,061 EUR.</p>")

    assert first.text_digest == second.text_digest != ""
    assert other.text_digest != first.text_digest
    assert links_of(tmp_path, "<script>var a = 1</script>").text_digest == ""


@pytest.mark.parametrize(
    "html",
    [
        "",
        "   ",
        "<",
        "\x00\x01\x02",
        "<a href='" + "x" * 100_000 + "'>",
        "<div>" * 5000 + "<a href='deep'>",
        "<a href='/\ufffd\u202e'>",
        '<?xml version="1.0" encoding="x"?><html><a href="a">',
        "<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a href='&x;'>x</a>",
    ],
)
def test_a_page_that_is_no_page_leads_nowhere_that_is_dangerous(tmp_path: Path, html: str) -> None:
    found = links_of(tmp_path, html)

    assert all(link.startswith("https://www.example.edu/") for link in found.links)
    assert not any("root:" in link for link in found.links)


def test_a_page_with_very_many_links_is_not_read_to_its_end(tmp_path: Path) -> None:
    html = "".join(f'<a href="{number}">x</a>' for number in range(6000))

    assert len(links_of(tmp_path, html).links) == 5000


# Sitemaps

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://www.example.edu/fees </loc><lastmod>2026-11-02</lastmod>
       <image:image><image:loc>https://www.example.edu/campus.jpg</image:loc></image:image></url>
  <url><loc>https://www.example.edu/find?a=1&amp;b=2</loc></url>
  <url><loc>https://www.example.edu/fees</loc></url>
  <url><loc>file:///etc/passwd</loc></url>
</urlset>"""

INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <sitemap><loc>https://www.example.edu/sitemap-1.xml.gz</loc></sitemap>
</sitemapindex>"""

HOSTILE = """<?xml version="1.0"?>
<!DOCTYPE urlset [<!ENTITY file SYSTEM "file:///etc/hostname"> <!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"> <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"> <!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]>
<urlset><url><loc>https://www.example.edu/&file;</loc></url>
<url><loc>https://www.example.edu/&e;</loc></url><url><loc>https://www.example.edu/fees</loc></url></urlset>"""


def test_a_sitemap_lists_pages() -> None:
    found = read_sitemap(SITEMAP.encode(), "https://www.example.edu/sitemap.xml")

    assert found == SitemapLinks(("https://www.example.edu/fees", "https://www.example.edu/find?a=1&b=2"), ())


def test_a_sitemap_may_list_sitemaps() -> None:
    found = read_sitemap(INDEX.encode(), "https://www.example.edu/sitemap.xml")

    assert found == SitemapLinks((), ("https://www.example.edu/sitemap-1.xml.gz",))


def test_a_sitemap_may_be_a_list_of_lines() -> None:
    text = b"\xef\xbb\xbfhttps://www.example.edu/a\r\n\r\nno address\nhttps://www.example.edu/b\n"

    assert read_sitemap(text, "https://www.example.edu/sitemap.txt").pages == (
        "https://www.example.edu/a",
        "https://www.example.edu/b",
    )


def test_a_sitemap_that_lists_too_much_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.links._MAX_PLACES", 10)
    places = "".join(f"<url><loc>https://www.example.edu/{number // 2}</loc></url>" for number in range(30))

    found = read_sitemap(f"<urlset>{places}</urlset>".encode(), "https://www.example.edu/sitemap.xml")

    assert len(found.pages) == 5


def test_entities_of_a_sitemap_are_neither_loaded_nor_multiplied() -> None:
    found = read_sitemap(HOSTILE.encode(), "https://www.example.edu/sitemap.xml")

    assert "https://www.example.edu/fees" in found.pages
    assert sum(map(len, found.pages)) < 200
    hostname = Path("/etc/hostname")
    name = hostname.read_text(encoding="utf-8").strip() if hostname.exists() else "no such name"
    assert not any(name in page for page in found.pages)


@pytest.mark.parametrize(
    "data",
    [b"", b"no addresses at all", b"<html><p>404</p></html>", b"<urlset><url>", b"<urlset/>", b"<\x00"],
)
def test_what_is_no_sitemap_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ValueError, match="no sitemap"):
        read_sitemap(data, "https://www.example.edu/sitemap.xml")


# robots.txt


def test_a_robots_txt_is_read_as_the_standard_says() -> None:
    robots = Robots(
        "# hello\nUser-Agent: *\nDisallow: /private\nAllow: /private/fees$\nDisallow: /*.php$\n"
        "Crawl-delay: 2.5\n"
        "Sitemap: https://www.example.edu/sitemap.xml\n"
    )

    assert not robots.allows("https://www.example.edu/private/x")
    assert robots.allows("https://www.example.edu/private/fees")
    assert not robots.allows("https://www.example.edu/index.php")
    assert robots.allows("https://www.example.edu/index.php?id=1")
    assert robots.pause == 2.5
    assert robots.sitemaps == ("https://www.example.edu/sitemap.xml",)


@pytest.mark.parametrize(
    "text", ["", "<html>404</html>", "\x00\x01", "Disallow: /", "User-agent: Other\nDisallow: /"]
)
def test_what_forbids_us_nothing_allows_everything(text: str) -> None:
    assert Robots(text).allows("https://www.example.edu/")
    assert Robots(text).pause == 0.0
