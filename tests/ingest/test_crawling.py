"""Places into files, with real servers on this machine."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from web_server import ANY_PORT, Asked, Reply, Site, on_this_machine, serving

from ingest.crawling import LeftOut
from ingest.errors import IndexLocked, IngestError
from ingest.fetching import Client, Rules
from ingest.gathering import Gathered, SourceFile, WebOptions, gather
from ingest.loaders import READERS, read_file
from ingest.sources import SourceKind
from ingest.visiting import Visitor
from ingest.web_addresses import id_of
from ingest.web_copies import forget, open_copies

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Office:
    """Somebody who ingests from time to time into one data directory."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        self.now = MONDAY
        self.progress: list[tuple[str, int, int]] = []
        self.stop_at: int | None = None

    def gather(self, *places: str | Path, **options: object) -> Gathered:
        self.now += timedelta(minutes=1)
        visitor = Visitor(Client(on_this_machine()), sleep=lambda seconds: None)
        return gather(
            places,
            self.data,
            WebOptions(**options),  # type: ignore[arg-type]
            on_progress=self.see,
            visitor=visitor,
            now=lambda: self.now,
        )

    def see(self, stage: str, done: int, known: int) -> None:
        self.progress.append((stage, done, known))
        if done == self.stop_at:
            raise KeyboardInterrupt

    def crawl(self, *places: str, **options: object) -> Gathered:
        return self.gather(*places, kind=SourceKind.CRAWL, **options)

    def listed(self, *sources: str, **options: object) -> Gathered:
        (self.corpus / "sources.toml").write_text(
            "\n".join(f"[[source]]\n{source}" for source in sources), encoding="utf-8"
        )
        return self.gather(self.corpus, **options)

    @property
    def web(self) -> list[str]:
        """The files in the folder of the copies, but for the lock."""
        return sorted(path.name for path in (self.data / "web").iterdir() if path.name != "fetching.lock")

    def holds(self, words: str) -> bool:
        """Whether a file of the data directory has these words in it."""
        return any(words.encode() in path.read_bytes() for path in self.data.rglob("*") if path.is_file())


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


def urls(found: Gathered) -> list[str]:
    return [file.url for file in found.files]


def paths(found: Gathered, site: Site) -> list[str]:
    return [url.removeprefix(site.root) for url in urls(found)]


# One page


def test_an_address_becomes_a_file_that_can_be_read(office: Office, site: Site) -> None:
    site.write("/fees", text="The tuition fee is 2,060 EUR per year.")

    found = office.gather(site("/fees"))

    (file,) = found.files
    assert file == SourceFile(
        path=file.path,
        document_id=id_of(site("/fees")),
        url=site("/fees"),
        fetched_on=date(2026, 11, 23),
        rank=0,
        origin=site("/fees"),
    )
    (document,) = read_file(file.path, file.document_id)
    assert "2,060 EUR" in document.text
    assert (found.problems, found.kept, found.left_out, found.asked) == ((), (), (), 1)
    assert office.progress == [("fetching", 1, 1)]


def test_a_redirected_page_is_known_by_the_address_it_led_to(office: Office, site: Site) -> None:
    site.redirect("/old", "/new")
    site.write("/new")

    assert urls(office.gather(site("/old"))) == [site("/new")]


def test_a_page_that_leads_to_another_host_is_not_taken_for_the_institutions(
    office: Office, site: Site
) -> None:
    with serving(host="127.0.0.2") as other:
        other.write("/login")
        site.redirect("/fees", other("/login"))

        found = office.gather(site("/fees"))
        assert found.files == ()
        assert "127.0.0.2 is another host, which the source does not name" in found.problems[0].reason
        assert other.asked == []
        assert urls(office.gather(site("/fees"), hosts=("127.0.0.2",))) == [other("/login")]


def test_an_encoding_that_only_the_server_names_is_kept(office: Office, site: Site) -> None:
    html = '<html><head><meta charset="utf-8"></head><body><p>Die Gebühr für Hörer: 60 €</p></body></html>'
    site.pages["/latin"] = Reply(html.encode("cp1252"), type="text/html; charset=ISO-8859-1")
    site.pages["/plain"] = Reply(
        "Die Gebühr beträgt 60 EUR.".encode("cp1252"), type="text/plain; charset=latin1"
    )

    for path in ("/latin", "/plain"):
        (file,) = office.gather(site(path)).files
        (document,) = read_file(file.path, "fees")
        assert "Die Gebühr" in document.text


@pytest.mark.parametrize(
    "charset", ["utf-7", "punycode", "rot13", "zip", "idna", "unicode_escape", "nonsense"]
)
def test_an_encoding_that_no_page_has_is_not_used(office: Office, site: Site, charset: str) -> None:
    site.pages["/"] = Reply(b"<p>The fee is 60 EUR.</p>", type=f"text/html; charset={charset}")

    (file,) = office.gather(site("/")).files

    assert file.path.read_bytes() == b"<p>The fee is 60 EUR.</p>"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"", 404), "no such page (404)"),
        (Reply(b"", 500), "the server says 500"),
        (Reply(b"\x89PNG", type="image/png"), "of the type 'image/png'"),
        (Reply(b"MZ", type="application/octet-stream"), "does not say what it is"),
        (Reply(b" \n "), "the page is empty"),
        (Reply(b"<meta name=robots content=noindex><p>Fees</p>"), "asks not to be used (noindex)"),
        (Reply(b"<p>Fees</p>", headers={"X-Robots-Tag": "noindex"}), "asks not to be used (noindex)"),
    ],
)
def test_a_page_that_was_named_and_cannot_be_had_is_a_problem(
    office: Office, site: Site, reply: Reply, reason: str
) -> None:
    site.pages["/"] = reply

    found = office.gather(site("/"))

    assert found.files == ()
    (problem,) = found.problems
    assert problem.path == site("/")
    assert reason in problem.reason


@pytest.mark.parametrize("place", ["ftp://example.edu/", "https://user:pw@example.edu/", "http://127.1/"])
def test_an_address_that_cannot_be_fetched_is_a_problem_and_no_file_is_looked_for(
    office: Office, place: str
) -> None:
    found = office.gather(place)

    assert [problem.path for problem in found.problems] == [place]
    assert not (office.data / "web").exists()


def test_a_network_that_no_setting_names_is_not_reached(office: Office, site: Site) -> None:
    site.write("/")

    found = gather([site("/")], office.data, WebOptions(rules=Rules(ports=ANY_PORT, pause=0.0)))

    assert "127.0.0.1, which is not public" in found.problems[0].reason
    assert site.asked == []


# Crawling


def test_a_crawl_follows_links_within_its_site(office: Office, site: Site) -> None:
    with serving(host="127.0.0.2") as other:
        site.write("/", "/fees", "housing", other("/"), "mailto:a@example.edu", "/logo.png", "/#top")
        site.write("/fees", "/", "/housing?utm_source=fees", "/fees#eu")
        site.write("/housing")

        found = office.crawl(site("/"))

        assert paths(found, site) == ["/", "/fees", "/housing"]
        assert {file.origin for file in found.files} == {site("/")}
        assert site.paths == ["/", "/fees", "/housing"]
        assert other.asked == []
        assert office.progress[-1] == ("fetching", 3, 3)


def test_hosts_that_a_source_names_belong_to_it(office: Office, site: Site) -> None:
    with serving(host="127.0.0.2") as other:
        site.write("/", other("/library"))
        other.write("/library", "/loans")
        other.write("/loans")

        assert urls(office.crawl(site("/"), hosts=("127.0.0.2",))) == [
            site("/"),
            other("/library"),
            other("/loans"),
        ]


def test_a_crawl_goes_as_deep_as_it_may(office: Office, site: Site) -> None:
    for depth in range(5):
        site.write(f"/{depth}", f"/{depth + 1}")

    assert paths(office.crawl(site("/0"), depth=2), site) == ["/0", "/1", "/2"]
    assert paths(office.crawl(site("/0"), depth=0), site) == ["/0"]


def test_a_crawl_asks_for_as_many_pages_as_it_may_and_says_that_there_are_more(
    office: Office, site: Site
) -> None:
    site.write("/", *(f"/{number}" for number in range(9)))
    for number in range(9):
        site.write(f"/{number}")

    found = office.crawl(site("/"), pages=4)

    assert paths(found, site) == ["/", "/0", "/1", "/2"]
    assert found.left_out == (
        LeftOut(site("/"), "it has more than 4 pages; the others were left out (`pages` says how many)"),
    )


def test_a_crawl_of_exactly_as_many_pages_as_it_may_has_left_nothing_out(office: Office, site: Site) -> None:
    site.write("/", "/a")
    site.write("/a")

    assert office.crawl(site("/"), pages=2).left_out == ()


def test_of_too_many_pages_those_with_a_query_are_left_out(office: Office, site: Site) -> None:
    site.write("/", "/find?a=1", "/fees")
    site.write("/find?a=1")
    site.write("/fees")

    assert paths(office.crawl(site("/"), pages=2), site) == ["/", "/fees"]


def test_a_page_that_leads_to_one_that_is_left_out_is_left_out_too(office: Office, site: Site) -> None:
    site.write("/", "/team")
    site.redirect("/team", "/staff/team")
    site.write("/staff/team")

    found = office.listed(f'crawl = "{site("/")}"\nexclude = ["/staff/*"]')

    assert paths(found, site) == ["/"]
    assert site.paths == ["/", "/team"]
    assert "the source leaves it out" in found.left_out[0].reason


def test_patterns_say_what_is_wanted_and_the_start_is_looked_at_all_the_same(
    office: Office, site: Site
) -> None:
    site.write("/", "/masters/a", "/masters/a/staff", "/news/1")
    site.write("/masters/a", "/masters/b")
    site.write("/masters/b")
    site.write("/masters/a/staff")
    site.write("/news/1")

    found = office.listed(f'crawl = "{site("/")}"\ninclude = ["/masters/*"]\nexclude = ["*/staff"]')

    assert paths(found, site) == ["/masters/a", "/masters/b"]
    assert site.paths == ["/", "/masters/a", "/masters/b"]


def test_what_a_robots_txt_forbids_is_left_out_of_a_crawl(office: Office, site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /staff")
    site.write("/", "/staff", "/fees")
    site.write("/staff")
    site.write("/fees")

    found = office.crawl(site("/"))

    assert paths(found, site) == ["/", "/fees"]
    assert found.left_out == (LeftOut(site("/staff"), "the robots.txt of the site does not allow it"),)
    assert found.problems == ()


def test_wishes_of_pages_are_respected(office: Office, site: Site) -> None:
    site.write("/", "/list", "/dead-end", "/header")
    site.write("/list", "/found", head='<meta name="robots" content="noindex">')
    site.write("/dead-end", "/hidden", head='<meta name="robots" content="nofollow">')
    site.write("/header", "/hidden", x_robots_tag="none")
    site.write("/found")
    site.write("/hidden")

    found = office.crawl(site("/"))

    assert paths(found, site) == ["/", "/dead-end", "/found"]
    assert [each.address.removeprefix(site.root) for each in found.left_out] == ["/list", "/header"]
    assert "/hidden" not in site.paths


def test_a_link_that_is_broken_is_left_out_and_no_problem(office: Office, site: Site) -> None:
    site.write("/", "/gone", "/fees")
    site.write("/fees")

    found = office.crawl(site("/"))

    assert paths(found, site) == ["/", "/fees"]
    assert [each.address for each in found.left_out] == [site("/gone")]
    assert found.problems == ()


def test_a_page_that_fails_is_a_problem_and_the_others_are_fetched(office: Office, site: Site) -> None:
    site.write("/", "/broken", "/fees")
    site.pages["/broken"] = Reply(b"", 500)
    site.write("/fees")

    found = office.crawl(site("/"))

    assert paths(found, site) == ["/", "/fees"]
    assert [(each.path, each.reason) for each in found.problems] == [(site("/broken"), "the server says 500")]


def test_a_page_under_several_addresses_is_taken_once(office: Office, site: Site) -> None:
    site.write("/", "/fees", "/fees?print=1", "/moved", "/s/1f2e3d/fees")
    canonical = f'<link rel="canonical" href="{site("/fees")}">'
    site.write("/fees", "/", text="The fee is 60 EUR.", head=canonical)
    site.write("/fees?print=1", "/only-in-print", text="Print: the fee is 60 EUR.", head=canonical)
    site.write("/s/1f2e3d/fees", "/s/1f2e3d/more", text="The fee is 60 EUR.")
    site.redirect("/moved", "/fees")

    found = office.crawl(site("/"))

    assert paths(found, site) == ["/", "/fees"]
    assert found.left_out == (
        LeftOut(site("/s/1f2e3d/fees"), f"it shows the same words as {site('/fees')}"),
        LeftOut(site("/only-in-print"), "the server says that there is no such page (404)"),
        LeftOut(site("/fees?print=1"), f"it is {site('/fees')} by its own word"),
    )
    assert "/s/1f2e3d/more" not in site.paths


def test_where_a_redirect_led_is_not_asked_again(office: Office, site: Site) -> None:
    site.write("/", "/old", "/new")
    site.redirect("/old", "/new")
    site.write("/new")

    assert paths(office.crawl(site("/")), site) == ["/", "/new"]
    assert site.paths == ["/", "/old", "/new"]


def test_a_page_goes_by_the_address_that_it_calls_its_own(office: Office, site: Site) -> None:
    site.write("/fees?tab=1", head=f'<link rel="canonical" href="{site("/fees/")}">')

    assert paths(office.gather(site("/fees?tab=1")), site) == ["/fees/"]


def test_an_own_address_that_cannot_be_right_is_not_believed(office: Office, site: Site) -> None:
    """Sites that give all their pages one address by mistake, or that of another site."""
    home = f'<link rel="canonical" href="{site("/")}">'
    site.write("/", "/fees", "/housing", "/stolen", head=home)
    site.write("/fees", head=home)
    site.write("/housing", head=home)
    site.write("/stolen", head='<link rel="canonical" href="https://www.example.org/stolen">')

    assert paths(office.crawl(site("/")), site) == ["/", "/fees", "/housing", "/stolen"]


def test_of_endlessly_many_addresses_of_one_form_fifty_are_asked_for(office: Office, site: Site) -> None:
    def month(asked: Asked) -> Reply:
        year = int(asked.path.partition("year=")[2].partition("&")[0])
        links = "".join(f'<a href="/events?year={year + step}&month={step}">x</a>' for step in range(1, 13))
        return Reply(f"<p>Events of {asked.path}</p>{links}".encode())

    class Endless(dict[str, object]):
        def get(self, path: str, default: object = None) -> object:  # type: ignore[override]
            return month if path.startswith("/events?") else super().get(path, default)

    site.pages = Endless()  # type: ignore[assignment]
    site.write("/", "/events?year=2026&month=1", "/fees")
    site.write("/fees")

    found = office.crawl(site("/"), depth=20)

    assert len([path for path in site.paths if path.startswith("/events")]) == 50
    assert "/fees" in paths(found, site)
    assert any("more than 50 addresses of its form" in each.reason for each in found.left_out)


def test_paths_that_repeat_themselves_are_not_followed(office: Office, site: Site) -> None:
    def deeper(asked: Asked) -> Reply:
        return Reply(f'<p>Page {asked.path}</p><a href="{asked.path}fees/">deeper</a>'.encode())

    class Endless(dict[str, object]):
        def get(self, path: str, default: object = None) -> object:  # type: ignore[override]
            return deeper if path.endswith("/") else super().get(path, default)

    site.pages = Endless()  # type: ignore[assignment]

    assert paths(office.crawl(site("/"), depth=20), site) == ["/", "/fees/", "/fees/fees/"]


def test_other_documents_are_fetched_if_there_is_a_reader_for_them(office: Office, site: Site) -> None:
    site.write("/", "/rules.txt", "/rules.md", "/table.xlsx", "/download?id=7")
    site.pages["/rules.txt"] = Reply(b"The rules of the programme.", type="application/octet-stream")
    site.pages["/rules.md"] = Reply(b"# Rules", type="text/markdown")
    site.pages["/download?id=7"] = Reply(b"PK", type="application/zip")

    found = office.crawl(site("/"))

    assert [(file.url.removeprefix(site.root), file.path.suffix) for file in found.files] == [
        ("/", ".html"),
        ("/rules.txt", ".txt"),
        ("/rules.md", ".md"),
    ]
    assert "/table.xlsx" not in site.paths


def test_pdfs_are_fetched_with_a_suffix_that_tells_their_reader(
    office: Office, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READERS, ".pdf", READERS[".txt"])
    site.write("/", "/rules.pdf", "/download?id=7")
    site.pages["/rules.pdf"] = Reply(b"%PDF-1.7 rules", type="application/octet-stream")
    site.pages["/download?id=7"] = Reply(b"%PDF-1.7 fees", type="application/pdf; charset=binary")

    found = office.crawl(site("/"))

    assert [(file.url.removeprefix(site.root), file.path.suffix) for file in found.files[1:]] == [
        ("/rules.pdf", ".pdf"),
        ("/download?id=7", ".pdf"),
    ]
    assert found.files[2].path.read_bytes() == b"%PDF-1.7 fees"


# Sitemaps


def sitemap(site: Site, *paths: str) -> Reply:
    places = "".join(f"<url><loc>{path if '://' in path else site(path)}</loc></url>" for path in paths)
    return Reply(f"<urlset>{places}</urlset>".encode(), type="application/xml")


def test_the_pages_of_a_sitemap_are_fetched_and_their_links_are_not_followed(
    office: Office, site: Site
) -> None:
    site.pages["/sitemap.xml"] = sitemap(site, "/fees", "/housing", "https://www.example.org/")
    site.write("/fees", "/staff")
    site.write("/housing")
    site.write("/staff")

    found = office.gather(site("/sitemap.xml"), kind=SourceKind.SITEMAP)

    assert paths(found, site) == ["/fees", "/housing"]
    assert site.paths == ["/sitemap.xml", "/fees", "/housing"]
    assert found.left_out == (
        LeftOut(site("/sitemap.xml"), "1 of the addresses it lists are of other hosts"),
    )


def test_sitemaps_may_be_packed_and_list_each_other_without_end(office: Office, site: Site) -> None:
    index = (
        f"<sitemapindex><sitemap><loc>{site('/a.xml.gz')}</loc></sitemap><sitemap><loc>{site('/sitemap.xml')}"
    )
    site.pages["/sitemap.xml"] = Reply(f"{index}</loc></sitemap></sitemapindex>".encode(), type="text/xml")
    site.pages["/a.xml.gz"] = Reply(gzip.compress(sitemap(site, "/fees").body), type="application/gzip")
    site.write("/fees")

    found = office.gather(site("/sitemap.xml"), kind=SourceKind.SITEMAP)

    assert paths(found, site) == ["/fees"]
    assert site.paths == ["/sitemap.xml", "/a.xml.gz", "/fees"]


def test_the_sitemaps_of_a_site_are_those_that_its_robots_txt_names(office: Office, site: Site) -> None:
    site.robots(f"Sitemap: {site('/pages.xml')}\nSitemap: https://www.example.org/others.xml")
    site.pages["/pages.xml"] = sitemap(site, "/masters/a", "/news/1")
    site.write("/masters/a")

    found = office.listed(f'sitemap = "{site("/")}"\ninclude = ["/masters/*"]')

    assert paths(found, site) == ["/masters/a"]
    assert found.left_out == (
        LeftOut("https://www.example.org/others.xml", "it is a sitemap on another host"),
    )


def test_a_site_whose_robots_txt_names_no_sitemap_is_asked_for_the_usual_one(
    office: Office, site: Site
) -> None:
    site.pages["/sitemap.xml"] = sitemap(site, "/fees")
    site.write("/fees")

    assert paths(office.gather(site("/"), kind=SourceKind.SITEMAP), site) == ["/fees"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"", 404), "404"),
        (Reply(b"<html>Not here</html>", type="text/xml"), "it is no sitemap"),
        (Reply(gzip.compress(bytes(30_000_000)), type="application/gzip"), "more than the"),
    ],
)
def test_a_sitemap_that_cannot_be_had_is_a_problem(
    office: Office, site: Site, reply: Reply, reason: str
) -> None:
    site.pages["/sitemap.xml"] = reply

    found = office.gather(site("/sitemap.xml"), kind=SourceKind.SITEMAP)

    assert reason in found.problems[0].reason


def test_a_sitemap_lists_no_more_pages_than_are_wanted(office: Office, site: Site) -> None:
    site.pages["/sitemap.xml"] = sitemap(site, *(f"/{number}" for number in range(5)))
    for number in range(5):
        site.write(f"/{number}")

    found = office.gather(site("/sitemap.xml"), kind=SourceKind.SITEMAP, pages=3)

    assert paths(found, site) == ["/0", "/1", "/2"]
    assert "it has more than 3 pages" in found.left_out[0].reason


# The next time


def tagged(text: Callable[[], str]) -> Callable[[Asked], Reply]:
    def page(asked: Asked) -> Reply:
        tag = f'"{hash(text())}"'
        if asked.headers.get("If-None-Match") == tag:
            return Reply(b"", 304)
        return Reply(text().encode(), headers={"ETag": tag})

    return page


def test_a_page_that_did_not_change_is_asked_for_and_not_sent_again(office: Office, site: Site) -> None:
    words = ["<p>The fee is 60 EUR.</p>"]
    site.pages["/"] = tagged(lambda: words[0])
    first = office.gather(site("/"))

    office.now += timedelta(days=1)
    second = office.gather(site("/"))
    assert second.files == first.files
    assert (second.asked, second.unchanged) == (1, 1)

    words[0] = "<p>The fee is 70 EUR.</p>"
    office.now += timedelta(days=1)
    third = office.gather(site("/"))
    assert third.files[0].fetched_on == date(2026, 11, 25)
    assert b"70 EUR" in third.files[0].path.read_bytes()
    assert (third.asked, third.unchanged) == (1, 0)
    assert not office.holds("60 EUR")


def test_a_page_without_a_tag_is_as_old_as_its_words(office: Office, site: Site) -> None:
    for number in (1, 2):
        site.write("/", text="The fee is 60 EUR.", head=f"<meta name=token content={number}>")
        found = office.gather(site("/"))
        office.now += timedelta(days=1)

    assert found.files[0].fetched_on == date(2026, 11, 23)
    assert found.unchanged == 1
    assert b"content=2" in found.files[0].path.read_bytes()


def test_links_of_a_page_that_did_not_change_are_followed(office: Office, site: Site) -> None:
    site.pages["/"] = tagged(lambda: '<a href="/fees">Fees</a>')
    site.write("/fees")
    office.crawl(site("/"))

    assert paths(office.crawl(site("/")), site) == ["/", "/fees"]


def test_a_copy_that_is_young_enough_is_used(office: Office, site: Site) -> None:
    site.write("/", "/fees")
    site.write("/fees")
    source = f'crawl = "{site("/")}"\nevery = "1 day"'
    office.listed(source)
    assert site.paths == ["/", "/fees"]

    office.now += timedelta(hours=12)
    found = office.listed(source)
    assert paths(found, site) == ["/", "/fees"]
    assert (found.asked, site.paths) == (0, ["/", "/fees"])

    assert office.listed(source, ask_again=True).asked == 2
    # What runs daily does not run to the second.
    office.now += timedelta(hours=23, minutes=58)
    assert office.listed(source).asked == 2


def test_a_broken_link_is_not_followed_again_while_its_page_is_young_enough(
    office: Office, site: Site
) -> None:
    site.write("/", "/gone")
    source = f'crawl = "{site("/")}"\nevery = "1 day"'
    first = office.listed(source)
    assert site.paths == ["/", "/gone"]

    second = office.listed(source)
    assert (second.asked, second.left_out) == (0, first.left_out)
    assert office.listed(source).asked == 0

    site.write("/gone")
    office.now += timedelta(days=1)
    assert paths(office.listed(source), site) == ["/", "/gone"]


def test_a_list_of_sources_that_was_changed_counts_for_copies_too(office: Office, site: Site) -> None:
    with serving(host="127.0.0.2") as other:
        site.write("/", "/old", "/draft", "/fees")
        site.redirect("/old", other("/old"))
        site.write("/draft")
        site.write("/fees")
        other.write("/old")
        source = f'crawl = "{site("/")}"\nevery = "1 day"\n'

        assert len(office.listed(source).files) == 3
        assert len(office.listed(source + 'hosts = ["127.0.0.2"]').files) == 4
        found = office.listed(source + 'exclude = ["/draft"]')

    assert paths(found, site) == ["/", "/fees"]
    assert found.vanished == (site("/old"),)
    assert len(office.web) == 4


def test_a_site_that_begins_to_ask_for_very_long_pauses_is_kept_as_it_was(office: Office, site: Site) -> None:
    site.write("/", "/fees")
    site.write("/fees")
    first = office.crawl(site("/"))
    site.robots("User-agent: *\nCrawl-delay: 3600")

    assert office.crawl(site("/")).files == first.files


@pytest.mark.parametrize("status", [500, 503, 401, 403])
def test_a_page_that_fails_is_kept_as_it_was(office: Office, site: Site, status: int) -> None:
    site.write("/", "/fees")
    site.write("/fees", text="The fee is 60 EUR.")
    first = office.crawl(site("/"))
    site.pages["/fees"] = Reply(b"", status)
    office.now += timedelta(days=3)

    found = office.crawl(site("/"))

    assert found.files == first.files
    (kept,) = found.kept
    assert (kept.address, kept.fetched_on) == (site("/fees"), date(2026, 11, 23))
    assert str(status) in kept.reason
    assert found.problems == ()


def test_a_site_that_does_not_answer_is_kept_as_it_was(office: Office) -> None:
    with serving() as site:
        site.write("/", "/fees", "/housing")
        site.write("/fees")
        site.write("/housing")
        first = office.crawl(site("/"))

    found = office.crawl(site("/"))

    assert found.files == first.files
    assert [kept.address for kept in found.kept] == [site("/"), site("/fees"), site("/housing")]
    assert "the connection failed" in found.kept[0].reason
    assert "is not asked any more this time" in found.kept[1].reason


def test_a_site_whose_robots_txt_fails_is_kept_as_it_was(office: Office, site: Site) -> None:
    site.write("/", "/fees")
    site.write("/fees")
    first = office.crawl(site("/"))
    site.pages["/robots.txt"] = Reply(b"", 503)

    found = office.crawl(site("/"))

    assert found.files == first.files
    assert len(found.kept) == 2
    assert site.paths == ["/", "/fees"]


@pytest.mark.parametrize("found", [["10.0.0.1"], ["127.0.0.1", "10.0.0.1"]], ids=["robots.txt", "page"])
def test_a_site_whose_name_leads_into_a_network_today_is_kept_as_it_was(
    office: Office, site: Site, found: list[str]
) -> None:
    """Whether that shows with its robots.txt or only with the page after it."""
    site.write("/fees")
    address = f"http://pages.example.edu:{site.port}/fees"

    def run(addresses: list[str]) -> Gathered:
        answers = iter(addresses)
        client = Client(on_this_machine(), resolve=lambda host, port: [next(answers)])
        return gather([address], office.data, WebOptions(), visitor=Visitor(client))

    first = run(["127.0.0.1", "127.0.0.1"])
    second = run(found)

    assert second.files == first.files != ()
    assert "10.0.0.1, which is not public" in second.kept[0].reason


def test_a_sitemap_that_fails_is_kept_as_it_was(office: Office, site: Site) -> None:
    site.pages["/sitemap.xml"] = sitemap(site, "/fees")
    site.write("/fees")
    first = office.gather(site("/sitemap.xml"), kind=SourceKind.SITEMAP)
    site.pages["/sitemap.xml"] = Reply(b"", 500)

    found = office.gather(site("/sitemap.xml"), kind=SourceKind.SITEMAP)

    assert found.files == first.files
    assert [kept.address for kept in found.kept] == [site("/sitemap.xml")]


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_vanishes(office: Office, site: Site, status: int) -> None:
    site.write("/", "/fees")
    site.write("/fees", text="The fee is 60 EUR.")
    office.crawl(site("/"))
    site.pages["/fees"] = Reply(b"", status)

    found = office.crawl(site("/"))

    assert paths(found, site) == ["/"]
    assert found.vanished == (site("/fees"),)
    assert not office.holds("60 EUR")


def test_a_page_to_which_nothing_leads_any_more_leaves_no_copy(office: Office, site: Site) -> None:
    site.write("/", "/fees")
    site.write("/fees", text="The fee is 60 EUR.")
    office.crawl(site("/"))
    site.write("/", text="New start page")

    assert paths(office.crawl(site("/")), site) == ["/"]
    assert not office.holds("60 EUR")
    assert len(office.web) == 2


def test_a_page_that_a_robots_txt_forbids_by_now_leaves_no_copy(office: Office, site: Site) -> None:
    site.write("/", "/fees")
    site.write("/fees", text="The fee is 60 EUR.")
    office.crawl(site("/"))
    site.robots("User-agent: *\nDisallow: /fees")

    found = office.crawl(site("/"))

    assert found.vanished == (site("/fees"),)
    assert not office.holds("60 EUR")


@pytest.fixture
def broken_off(office: Office, site: Site) -> Office:
    """An office whose crawl of seven pages was broken off after four."""
    site.write("/", *(f"/{number}" for number in range(6)))
    for number in range(6):
        site.write(f"/{number}")
    office.stop_at = 4
    with pytest.raises(KeyboardInterrupt):
        office.crawl(site("/"))
    office.stop_at = None
    assert site.paths == ["/", "/0", "/1", "/2"]
    return office


ALL_SEVEN = ["/", "/0", "/1", "/2", "/3", "/4", "/5"]


def test_a_crawl_that_is_broken_off_goes_on_where_it_stopped(broken_off: Office, site: Site) -> None:
    broken_off.now += timedelta(hours=2)

    found = broken_off.crawl(site("/"))

    assert paths(found, site) == ALL_SEVEN
    assert site.paths == ALL_SEVEN
    assert found.asked == 3


@pytest.mark.parametrize("stop_at", [1, 2, 5, 6])
def test_wherever_a_crawl_is_broken_off_the_outcome_is_the_same(
    tmp_path: Path, office: Office, site: Site, stop_at: int
) -> None:
    site.write("/", "/a", "/a?print=1", "/old", "/hidden")
    site.write("/a", "/b", head=f'<link rel="canonical" href="{site("/a")}">')
    site.write("/a?print=1", text="To print", head=f'<link rel="canonical" href="{site("/a")}">')
    site.redirect("/old", "/b")
    site.write("/hidden", "/c", head='<meta name="robots" content="noindex">')
    site.write("/b", "/")
    site.write("/c")
    (tmp_path / "other").mkdir()
    undisturbed = Office(tmp_path / "other").crawl(site("/"))
    asked = len(site.paths)

    office.stop_at = stop_at
    with pytest.raises(KeyboardInterrupt):
        office.crawl(site("/"))
    office.stop_at = None
    found = office.crawl(site("/"))

    assert paths(found, site) == paths(undisturbed, site) == ["/", "/a", "/b", "/c"]
    assert found.left_out == undisturbed.left_out
    assert len(site.paths) == 2 * asked


def test_a_crawl_that_was_finished_begins_anew(broken_off: Office, site: Site) -> None:
    broken_off.crawl(site("/"))

    broken_off.now += timedelta(seconds=1)
    assert broken_off.crawl(site("/")).asked == 7


def test_what_was_broken_off_long_ago_or_for_something_else_begins_anew(
    broken_off: Office, site: Site
) -> None:
    broken_off.now += timedelta(seconds=1)
    assert broken_off.crawl(site("/"), depth=3).asked == 7

    broken_off.stop_at = 4
    broken_off.now += timedelta(days=1)
    with pytest.raises(KeyboardInterrupt):
        broken_off.crawl(site("/"))
    broken_off.stop_at = None
    broken_off.now += timedelta(days=1)
    assert broken_off.crawl(site("/")).asked == 7


def test_what_is_asked_again_on_purpose_goes_on_where_it_stopped_too(broken_off: Office, site: Site) -> None:
    broken_off.now += timedelta(hours=2)

    assert broken_off.crawl(site("/"), ask_again=True).asked == 3


CRAWLER = """
import sys
from pathlib import Path
from ipaddress import ip_network
from ingest.fetching import Client, Rules
from ingest.gathering import WebOptions, gather
from ingest.sources import SourceKind
from ingest.visiting import Visitor
start, data, port = sys.argv[1:]
rules = Rules(networks=(ip_network("127.0.0.0/8"),), ports=frozenset({int(port)}), pause=0.0)
found = gather([start], Path(data), WebOptions(kind=SourceKind.CRAWL, rules=rules))
print(len(found.files), found.asked)
"""


def test_a_crawl_that_is_killed_goes_on_where_it_stopped(office: Office, site: Site) -> None:
    pages = [f"/{number}" for number in range(30)]
    site.write("/", *pages)
    for path in pages:
        site.write(path)

    def hold(asked: Asked) -> Reply:
        held.set()
        killed.wait(30)
        return Reply(b"")

    held, killed = threading.Event(), threading.Event()
    site.pages["/17"] = hold
    command = [sys.executable, "-c", CRAWLER, site("/"), str(office.data), str(site.port)]
    child = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    try:
        assert held.wait(60)
    finally:
        child.kill()
        child.wait()
        killed.set()
    before = list(site.paths)
    site.write("/17")

    ran = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)

    assert before == ["/", *pages[:18]]
    assert site.paths == [*before, *pages[17:]]
    assert ran.stdout.split() == ["31", "13"]


# The folder of the copies


@pytest.mark.parametrize(
    "damage", ["no body", "other body", "no record", "no json", "other format", "other keys"]
)
def test_a_damaged_copy_is_fetched_anew(office: Office, site: Site, damage: str) -> None:
    site.pages["/"] = tagged(lambda: "<p>The fee is 60 EUR.</p>")
    (file,) = office.gather(site("/")).files
    (record,) = (office.data / "web").glob("*.json")
    content = json.loads(record.read_bytes())
    match damage:
        case "no body":
            file.path.unlink()
        case "other body":
            file.path.write_bytes(b"<p>The fee is 6 EUR.</p>")
        case "no record":
            record.unlink()
        case "no json":
            record.write_bytes(b"{")
        case "other format":
            record.write_text(json.dumps({**content, "format": 99}), encoding="utf-8")
        case "other keys":
            record.write_text(json.dumps({**content, "name": "../../secret"}), encoding="utf-8")

    found = office.gather(site("/"))

    assert b"60 EUR" in found.files[0].path.read_bytes()
    assert found.unchanged == 0
    assert len(office.web) == 2


def test_what_a_killed_process_left_half_done_is_removed(office: Office, site: Site) -> None:
    site.write("/")
    office.gather(site("/"))
    before = office.web
    for name in (".new-0011223344556677", "0" * 32 + "-" + "0" * 16 + ".html", "0" * 32 + ".json"):
        (office.data / "web" / name).write_bytes(b"half")

    (office.data / "web" / "index.html").write_bytes(b"of somebody else")

    office.gather(site("/"))

    assert office.web == sorted([*before, "index.html"])


def test_a_second_process_is_told_that_another_one_fetches(office: Office, site: Site) -> None:
    site.write("/")
    with open_copies(office.data), pytest.raises(IndexLocked, match="Another process is fetching pages into"):
        office.gather(site("/"))
    assert site.asked == []
    assert office.gather(site("/")).files


def test_copies_that_cannot_be_written_are_an_error_that_says_where(office: Office, site: Site) -> None:
    site.write("/")
    office.data.mkdir()
    (office.data / "web").write_bytes(b"a file where a folder should be")

    with pytest.raises(IngestError, match=r"The copies of web pages in .*web cannot be kept"):
        office.gather(site("/"))


def test_a_forgotten_page_leaves_no_trace(office: Office, site: Site) -> None:
    site.write("/", "/fees", "/gone")
    site.redirect("/old", "/fees")
    site.write("/fees", text="The fee is 60 EUR.", head=f'<link rel="canonical" href="{site("/fees/")}">')
    found = office.listed(f'crawl = "{site("/")}"', f'url = "{site("/old")}"')
    assert paths(found, site) == ["/", "/fees/"]

    assert forget(office.data, site("/fees/")) == 2
    assert forget(office.data, site("/gone")) == 0

    assert not office.holds("60 EUR")
    assert not office.holds("/old")
    assert not (office.data / "web" / "absent.json").exists()
    assert len(office.web) == 2
    assert forget(office.data, site("/fees/")) == 0
    assert forget(office.data / "elsewhere", site("/")) == 0


def test_local_pages_leave_the_copies_alone(office: Office, site: Site) -> None:
    site.write("/")
    office.gather(site("/"))
    before = office.web
    (office.corpus / "fees.txt").write_text("Fees", encoding="utf-8")

    assert office.gather(office.corpus).files[0].url == ""
    assert office.web == before


# Several sources


def test_a_folder_is_read_with_what_its_list_of_sources_names(office: Office, site: Site) -> None:
    site.write("/fees")
    (office.corpus / "housing.txt").write_text("Housing", encoding="utf-8")
    (office.corpus / "rules").mkdir()
    (office.corpus / "rules" / "exam.txt").write_text("Exams", encoding="utf-8")
    (office.corpus / "rules" / "draft.txt").write_text("Draft", encoding="utf-8")

    found = office.listed(
        f'url = "{site("/fees")}"\nrank = 5\npublisher = "Example University"\nlanguage = "nl"',
        'path = "rules"\nrank = 10\nexclude = ["draft*"]',
    )

    assert [(file.document_id, file.rank) for file in found.files] == [
        ("rules/exam", 10),
        ("housing", 0),
        (id_of(site("/fees")), 5),
    ]
    assert found.files[2].publisher == "Example University"
    assert found.files[2].language == "nl"
    assert found.problems == ()


def test_a_folder_may_hold_nothing_but_a_list_of_sources(office: Office, site: Site) -> None:
    site.write("/fees")

    found = office.listed(f'url = "{site("/fees")}"')

    assert urls(found) == [site("/fees")]
    assert found.problems == ()


def test_a_list_of_sources_may_be_named_alone(office: Office, site: Site) -> None:
    site.write("/fees")
    (office.corpus / "housing.txt").write_text("Housing", encoding="utf-8")
    office.listed(f'url = "{site("/fees")}"')

    assert urls(office.gather(office.corpus / "sources.toml")) == [site("/fees")]


def test_a_page_that_several_sources_lead_to_is_fetched_once_and_has_the_greatest_rank(
    office: Office, site: Site
) -> None:
    site.write("/", "/fees")
    site.write("/fees")

    found = office.listed(
        f'crawl = "{site("/")}"\nrank = 1', f'url = "{site("/fees")}"\nrank = 9', f'url = "{site("/fees")}"'
    )

    assert [(file.url, file.rank) for file in found.files] == [(site("/"), 1), (site("/fees"), 9)]
    assert site.paths == ["/", "/fees"]


def test_files_are_named_as_they_always_were(office: Office) -> None:
    (office.corpus / "a b").mkdir()
    (office.corpus / "a b" / "Fees & more.txt").write_text("Fees", encoding="utf-8")
    (office.corpus / "README.md").write_text("About this folder", encoding="utf-8")
    (office.corpus / ".hidden.txt").write_text("Hidden", encoding="utf-8")
    single = office.corpus / "a b" / "Fees & more.txt"

    assert [file.document_id for file in office.gather(office.corpus, single).files] == ["a-b/fees-more"]
    assert [file.document_id for file in office.gather(single).files] == ["fees-more"]


def test_the_data_directory_is_not_read_as_pages(office: Office, site: Site) -> None:
    site.write("/")
    office.gather(site("/"))
    (office.corpus / "fees.txt").write_text("Fees", encoding="utf-8")

    assert [file.path.name for file in office.gather(office.corpus.parent).files] == ["fees.txt"]


def test_places_that_there_are_not_are_problems(office: Office) -> None:
    found = office.gather(office.corpus / "nowhere", office.corpus)

    assert [problem.reason.partition(" that")[0] for problem in found.problems] == [
        "there is no such file or folder",
        "the folder holds no file",
    ]
