from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ingest.errors import BadSources
from ingest.sources import DEFAULT_DEPTH, DEFAULT_PAGES, Source, SourceKind, read_sources


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


def test_a_list_of_sources_is_read_in_its_order(listed: Path) -> None:
    listed.write_text(
        """
        # The website, and what goes before it.
        [[source]]
        crawl = "HTTPS://www.example.edu/masters/#top"
        every = "1 day"
        rank = 10
        include = ["/masters/*", "/fees*"]
        exclude = "*/staff"
        hosts = ["Library.Example.edu"]
        depth = 3
        pages = 200
        publisher = " Example University "
        language = "en"

        [[source]]
        path = "regulations"
        rank = -20

        [[source]]
        sitemap = "https://www.example.edu/sitemap.xml"
        [[source]]
        url = "https://www.example.edu/fees"
        every = "12 hours"
        """,
        encoding="utf-8",
    )

    crawl, path, sitemap, url = read_sources(listed)

    assert crawl == Source(
        SourceKind.CRAWL,
        "https://www.example.edu/masters/",
        every=timedelta(days=1),
        rank=10,
        include=("/masters/*", "/fees*"),
        exclude=("*/staff",),
        hosts=("library.example.edu",),
        depth=3,
        pages=200,
        publisher="Example University",
        language="en",
    )
    assert path == Source(SourceKind.PATH, str(listed.parent / "regulations"), rank=-20)
    assert sitemap.kind is SourceKind.SITEMAP
    assert (sitemap.every, sitemap.depth, sitemap.pages) == (None, DEFAULT_DEPTH, DEFAULT_PAGES)
    assert (url.kind, url.every) == (SourceKind.URL, timedelta(hours=12))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\ufeff"])
def test_an_empty_list_names_no_sources(listed: Path, text: str) -> None:
    listed.write_text(text, encoding="utf-8")

    assert read_sources(listed) == ()


U = 'url = "https://a.edu/"'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f'[[source]]\n{U}\nevry = "1 day"', "line 3: 'evry' is not a known key; did you mean 'every'?"),
        (f"[[source]]\n{U}\nzzz = 1", "line 3: 'zzz' is not a known key"),
        (f"[[sources]]\n{U}", ": 'sources' is not a known key; did you mean 'source'?"),
        (f"[source]\n{U}", "each source must begin with [[source]], in two brackets"),
        ("source = 1", "each source must begin with [[source]], in two brackets"),
        (
            f"[[source]]\n{U}\n[[source]]\nrank = 1",
            "line 3: a source needs one of 'url', 'sitemap', 'crawl' and",
        ),
        (f'[[source]]\n{U}\npath = "x"', "but this one has 'url' and 'path'"),
        ('[[source]]\nurl = "example.edu"', "line 2: 'url' is 'example.edu', but must be an address such as"),
        ('[[source]]\nurl = "ftp://example.edu"', "(it does not begin with http:// or https://)"),
        ('[[source]]\nurl = "http://127.1/"', "(its host is a number, but no IPv4 address)"),
        ("[[source]]\nurl = 7", "line 2: 'url' is 7, but must be an address"),
        ('[[source]]\npath = ""', "line 2: 'path' is '', but must be the path of a file or folder"),
        ('[[source]]\npath = "https://a.edu/"', "but must be the path of a file or folder"),
        (
            f'[[source]]\n{U}\nevery = "daily"',
            """line 3: 'every' is 'daily', but must be a time such as "1 day\"""",
        ),
        (f'[[source]]\n{U}\nevery = "0 days"', "'every' is '0 days'"),
        (f'[[source]]\n{U}\nevery = "99999 days"', "'every' is '99999 days'"),
        (f"[[source]]\n{U}\nevery = 1", "'every' is 1"),
        (
            f"[[source]]\n{U}\nrank = 1.5",
            "line 3: 'rank' is 1.5, but must be a whole number from -1000 to 1000",
        ),
        (f"[[source]]\n{U}\nrank = true", "'rank' is True"),
        (f"[[source]]\n{U}\nrank = 1001", "'rank' is 1001"),
        (
            '[[source]]\ncrawl = "https://a.edu/"\ndepth = -1',
            "'depth' is -1, but must be a whole number from 0 to 50",
        ),
        (
            '[[source]]\ncrawl = "https://a.edu/"\npages = 0',
            "'pages' is 0, but must be a whole number from 1 to",
        ),
        (
            '[[source]]\ncrawl = "https://a.edu/"\ninclude = [1]',
            "'include' is [1], but must be a list of patterns",
        ),
        (
            '[[source]]\ncrawl = "https://a.edu/"\nhosts = ["https://b.edu"]',
            "'hosts' is ['https://b.edu'], but must",
        ),
        ('[[source]]\ncrawl = "https://a.edu/"\nhosts = ["*"]', "'hosts' is ['*']"),
        (f'[[source]]\n{U}\nlanguage = "English"', "'language' is 'English', but must be a code such as en"),
        (f'[[source]]\n{U}\npublisher = "a\\nb"', "but must be a text of one line"),
        (f"[[source]]\n{U}\ndepth = 3", "line 3: 'depth' says nothing about a source with 'url'"),
        (
            '[[source]]\npath = "x"\nevery = "1 day"',
            "line 3: 'every' says nothing about a source with 'path'",
        ),
        ('[[source]]\nurl = "https://a.edu/', "it is not TOML: "),
        ("[[source]]\nurl = [" + "[" * 5000, "it is not TOML: "),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_it_must_be(
    listed: Path, text: str, complaint: str
) -> None:
    listed.write_text(text, encoding="utf-8")

    with pytest.raises(BadSources) as raised:
        read_sources(listed)

    assert str(raised.value).startswith(str(listed))
    assert complaint in str(raised.value)


def test_the_line_is_told_among_several_sources(listed: Path) -> None:
    listed.write_text(
        f'[[source]]\n{U}\nrank = 1\n\n  [[ source ]] # two\n"rank" = 2.5\n{U}', encoding="utf-8"
    )

    with pytest.raises(BadSources, match=r"line 6: 'rank' is 2\.5"):
        read_sources(listed)


def test_a_list_that_cannot_be_read_is_named(listed: Path) -> None:
    with pytest.raises(BadSources, match="No such file"):
        read_sources(listed)
    listed.write_bytes(b"\xff\xfe")
    with pytest.raises(BadSources, match="byte 0 is not UTF-8"):
        read_sources(listed)
    listed.write_bytes(b"#" * 1_100_000)
    with pytest.raises(BadSources, match="more than 1,048,576 bytes"):
        read_sources(listed)


@pytest.mark.parametrize(
    ("include", "exclude", "wanted", "unwanted"),
    [
        ((), (), ["https://a.edu/x"], []),
        (("/masters/*",), (), ["https://a.edu/masters/x/y"], ["https://a.edu/masters", "https://a.edu/x"]),
        ((), ("*/staff*",), ["https://a.edu/x"], ["https://a.edu/x/staff?id=1"]),
        (("/masters/*",), ("*.pdf",), ["https://a.edu/masters/x"], ["https://a.edu/masters/x.pdf"]),
        (("https://a.edu/*",), (), ["https://a.edu/x"], ["https://b.edu/x"]),
        (("*?year=2027",), (), ["https://a.edu/x?year=2027"], ["https://a.edu/x?year=2026"]),
        (("rules/*.txt",), (), ["rules/a.txt"], ["rules/a.md", "other/a.txt"]),
    ],
)
def test_patterns_choose_by_the_whole_path(
    include: tuple[str, ...], exclude: tuple[str, ...], wanted: list[str], unwanted: list[str]
) -> None:
    source = Source(SourceKind.CRAWL, "https://a.edu/", include=include, exclude=exclude)

    assert all(source.is_wanted(name) for name in wanted)
    assert not any(source.is_wanted(name) for name in unwanted)
