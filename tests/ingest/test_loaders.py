"""Files and folders into documents."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from pdf_files import Pages, lines
from read_pages import load

from ingest.errors import UnreadableFile
from ingest.loaders import MAX_BYTES, READERS, read_file


def write(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def reasons(folder: Path) -> dict[str, str]:
    return {Path(error.path).name: error.reason for error in load(folder).unreadable}


def test_a_folder_is_searched_for_known_files_in_order(tmp_path: Path) -> None:
    for name in [
        "b.txt",
        "a.md",
        "sub/c.html",
        "sub/.hidden.txt",
        ".git/d.txt",
        "README.md",
        "sub/readme.MD",
        "e.png",
        "f.TXT",
    ]:
        write(tmp_path, name, "Some words about it.")

    loaded = load(tmp_path)
    assert [document.id for document in loaded.documents] == ["a", "b", "f", "sub/c"]
    assert loaded.unreadable == ()


def test_ids_are_paths_below_what_was_given_in_small_letters(tmp_path: Path) -> None:
    for name in ["Fees & Costs.md", "a/b/Ünïversity.txt", "v1.2/Notes.final.html"]:
        write(tmp_path, name, "Some words about it.")

    assert [document.id for document in load(tmp_path).documents] == [
        "fees-costs",
        "a/b/ünïversity",
        "v1.2/notes.final",
    ]
    assert [document.id for document in load(tmp_path / "v1.2" / "Notes.final.html").documents] == [
        "notes.final"
    ]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, "fees.txt", "Some words about it.")
    (tmp_path / "link.txt").symlink_to(path)

    assert len(load(tmp_path, path, tmp_path).documents) == 1


def test_what_cannot_be_read_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path, "good.txt", "Some words about it.")
    write(tmp_path, "empty.txt", "")
    write(tmp_path, "blank.txt", " \n\t ")
    write(tmp_path, "mark.txt", b"\xef\xbb\xbf")
    write(tmp_path, "binary.txt", b"PK\x03\x04\x00\x00\x00")
    write(tmp_path, "latin.txt", "Gebühr: 900 €", "cp1252")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "around").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")

    assert [document.id for document in load(tmp_path).documents] == ["good"]
    found = reasons(tmp_path)
    assert "loop" in found.pop("loop.txt").lower()
    assert found == {
        "empty.txt": "it is empty",
        "blank.txt": "it is empty",
        "mark.txt": "there is no text in it",
        "binary.txt": "it is a binary file",
        "latin.txt": "byte 3 is not UTF-8; save it as UTF-8",
        "gone.txt": "No such file or directory",
        "pipe.txt": "it is not a regular file",
    }


def test_a_path_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    write(tmp_path, "empty/photo.jpg", b"x")
    found = [error.reason for error in load(tmp_path / "none", tmp_path / "empty", Path("\0")).unreadable]

    assert found[0] == "there is no such file or folder"
    assert found[1].startswith("the folder holds no file that ends in .docx, .htm, .html")
    assert len(found) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_closed_file_or_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path, "good.txt", "Some words about it.")
    write(tmp_path, "closed.txt", "Some words about it.").chmod(0)
    write(tmp_path, "sub/inside.txt", "Some words about it.").parent.chmod(0)
    try:
        loaded = load(tmp_path)
    finally:
        (tmp_path / "sub").chmod(0o700)

    assert [document.id for document in loaded.documents] == ["good"]
    assert {error.reason for error in loaded.unreadable} == {"Permission denied"}


def test_an_unknown_suffix_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_file(write(tmp_path, "a.xyz", "x"), "a")

    assert caught.value.reason == (
        "the suffix '.xyz' is not one of .docx, .htm, .html, .jsonl, .markdown, .md, .pdf, .txt"
    )


PDF = Pages().page(*lines("A page of a PDF."))
HTML = "<!DOCTYPE html><html><head><title>Fees</title></head><body><p>A page of the web.</p></body></html>"


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.docx", "a.doc", "a"])
def test_a_pdf_is_read_as_one_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    (document,) = read_file(PDF.save(tmp_path / name), "a")

    assert document.text == "A page of a PDF."


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.php"])
def test_a_web_page_is_read_as_one_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    (document,) = read_file(write(tmp_path, name, HTML), "a")

    assert (document.title, document.text) == ("Fees", "A page of the web.")


def test_html_in_markdown_stays_markdown(tmp_path: Path) -> None:
    (document,) = read_file(write(tmp_path, "a.md", "<html>\n\n# Fees\n\nThe fee is **900 EUR**."), "a")

    assert "The fee is 900 EUR." in document.text


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"Plain words.", "it is damaged or no PDF"),
        ("a.docx", b"Plain words.", "it is damaged: its archive cannot be opened"),
        ("a.docx", b"PK\x03\x04 and no more", "it is damaged: its archive cannot be opened"),
        ("a.txt", b"{\\rtf1 Words.}", "it is a text in Rich Text Format; save it as DOCX or PDF"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "it is a picture"),
        ("a.html", b"\x1f\x8b\x08\x00", "it is a packed file; unpack it first"),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"),
            "it is a Word file of the old kind (.doc); save it as DOCX or PDF",
        ),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "it is protected by a password; save a copy without one",
        ),
    ],
)
def test_what_is_no_page_is_named_by_what_it_is(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_file(write(tmp_path, name, content), "a")

    assert caught.value.reason == reason


def test_links_out_of_the_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.txt", "Nobody should read this.")
    folder = write(tmp_path, "corpus/fees.txt", "The fee is 900 EUR.").parent
    (folder / "alias.txt").symlink_to(folder / "fees.txt")
    (folder / "file.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (folder / "all").symlink_to(tmp_path / "outside")

    loaded = load(folder)

    assert [document.text for document in loaded.documents] == ["The fee is 900 EUR."]
    assert reasons(folder) == {
        "file.txt": "it is a link that leads out of the folder",
        "all": "it is a link that leads out of the folder",
    }


def test_a_device_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="it is not a regular file"):
        read_file(Path("/dev/zero"), "a")


GERMAN = (
    "Die Universität erhebt für jedes Semester Gebühren. Studierende aus Ländern außerhalb der Europäischen "
    "Union müssen höhere Beiträge zahlen, können aber ein Stipendium beantragen. Die Bewerbung läuft über "
    "das Büro für Zulassung, das täglich geöffnet ist. Rückfragen beantwortet die Geschäftsstelle gern."
)


def test_an_undeclared_encoding_is_told_where_there_is_no_doubt(tmp_path: Path) -> None:
    (western,) = read_file(write(tmp_path, "a.txt", GERMAN, "cp1252"), "a")
    (cyrillic,) = read_file(
        write(tmp_path, "b.txt", "Стоимость обучения составляет тысячу евро в год. " * 6, "cp1251"), "b"
    )

    assert western.text == GERMAN
    assert cyrillic.text.startswith("Стоимость обучения составляет тысячу евро в год.")


def test_lines_that_end_as_on_the_old_mac_are_in_its_encoding(tmp_path: Path) -> None:
    raw = "Café “Latte”\r\rIt costs 3 €, – every day – and it’s worth it.\r"
    (document,) = read_file(write(tmp_path, "a.txt", raw, "mac_roman"), "a")

    assert document.text == "Café “Latte”\n\nIt costs 3 €, – every day – and it’s worth it."


def test_two_byte_characters_without_a_mark_are_told(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        (document,) = read_file(write(tmp_path, "a.txt", "The fee is 900 EUR.", encoding), "a")
        assert document.text == "The fee is 900 EUR."


def test_characters_that_no_one_sees_are_not_in_the_text(tmp_path: Path) -> None:
    hidden = "The fee\u202e is\u2066 9\u200b00\ufeff EUR\x00.\u2069\u202c"
    (document,) = read_file(write(tmp_path, "a.txt", hidden + " More about it follows." * 20), "a")

    assert document.text.startswith("The fee is 900 EUR.")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("line.txt", "word " * 400_000),
        ("line.html", "<p>" + "word " * 400_000),
        ("line.md", "word " * 400_000),
        ("unbroken.txt", "w" * 2_000_000),
        ("deep.html", "<div>" * 50_000 + "word"),
        ("deep.md", "> " * 20_000 + "word"),
        ("bullets.md", "".join(f"{'  ' * depth}- word\n" for depth in range(1_000))),
        ("brackets.md", "[" * 50_000 + "word"),
        ("cells.txt", "a\tb\n" * 100_000),
    ],
)
def test_endless_lines_and_deep_nesting_end_in_bounded_time(tmp_path: Path, name: str, content: str) -> None:
    started = time.monotonic()
    with suppress(UnreadableFile):
        read_file(write(tmp_path, name, content), "a")

    assert time.monotonic() - started < 60


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(UnreadableFile, match="more than the 20,971,520 allowed"):
        read_file(path, "huge")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    (document,) = read_file(write(tmp_path, "a.txt", "Gebühr: 900 €", encoding), "a")

    assert document.text == "Gebühr: 900 €"


@pytest.mark.parametrize("suffix", sorted(READERS))
def test_every_reader_takes_any_bytes_without_breaking(tmp_path: Path, suffix: str) -> None:
    for number, content in enumerate(
        [b"\xff\xfe", b"\xff\xfeab", b"\xff\xfe\x00\xd8", b"\x80", b"{", b"---\n", b"<", b"a" * 9000]
    ):
        with suppress(UnreadableFile):
            read_file(write(tmp_path, f"{number}{suffix}", content), "a")


def test_an_html_file_may_declare_an_older_encoding(tmp_path: Path) -> None:
    head = '<head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"></head>'
    page = f"<html>{head}<body>Gebühr “900” €"
    (document,) = read_file(write(tmp_path, "a.html", page, "cp1252"), "a")

    assert document.text == "Gebühr “900” €"


@pytest.mark.parametrize("name", ["utf-8", "rot13", "zlib", "nonsense"])
def test_a_declared_encoding_that_does_not_fit_is_no_help(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile, match="is not UTF-8"):
        read_file(write(tmp_path, "a.html", f'<meta charset="{name}">Gebühr', "cp1252"), "a")


def test_markdown_takes_its_metadata_from_the_front_matter(tmp_path: Path) -> None:
    raw = (
        "\ufeff---\r\ntitle: 'Fees: all of them'\r\nurl: https://seatown.example/fees\r\npublisher: "
        "Seatown\r\n"
        "language: en-GB\r\nmodified_on: 2026-03-31\r\n---\r\n\r\n# Fees\r\n\r\nThe fee is 900 EUR.\r\n"
    )
    (document,) = read_file(write(tmp_path, "a.md", raw), "a")

    assert (document.title, document.url, document.publisher, document.language, document.modified_on) == (
        "Fees: all of them", "https://seatown.example/fees", "Seatown", "en", date(2026, 3, 31),
    )  # fmt: skip
    assert document.text == "Fees\n\nThe fee is 900 EUR."


def test_a_title_is_found_where_none_is_given(tmp_path: Path) -> None:
    (from_heading,) = read_file(write(tmp_path, "a.md", "# All fees\n\nThe fee is 900 EUR."), "a")
    (from_name,) = read_file(write(tmp_path, "b.md", "The fee is 900 EUR."), "study/tuition-fees_2027")

    assert from_heading.title == "All fees"
    assert (from_name.title, from_name.language, from_name.url) == ("Tuition fees 2027", "", "")


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: [a", "its front matter is not YAML in line"),
        ("modified_on: 2026-13-45", "its front matter is not YAML: month must be in 1..12"),
        (
            "modified_on: soon",
            "front matter: 'modified_on' is 'soon', which is not a date such as 2026-03-31",
        ),
        ("title: [a, b]", "front matter: 'title' must be a text, not list"),
        ("title: yes", "front matter: 'title' must be a text, not bool"),
        (
            "url: 'javascript:alert(1)'",
            "front matter: 'url' is 'javascript:alert(1)', which is not an address such as",
        ),
        ("language: English", "front matter: 'language' is 'English', which is not a code such as en"),
        ("title: " + "[" * 3000, "its front matter is not YAML"),
    ],
)
def test_front_matter_that_cannot_be_meant_is_named(tmp_path: Path, front: str, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_file(write(tmp_path, "a.md", f"---\n{front}\n---\n\nText here.\n"), "a")

    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("---\nJust words\n---\n\nText here.\n", "Just words\n\nText here."),
        ("---\n---\n\nText here.\n", "Text here."),
        ("---\n\nText here.\n", "Text here."),
        ("Text here.\n\n---\n\ntitle: no front matter\n", "Text here.\n\ntitle: no front matter"),
    ],
)
def test_what_is_no_front_matter_is_text(tmp_path: Path, raw: str, text: str) -> None:
    (document,) = read_file(write(tmp_path, "a.md", raw), "a")

    assert document.text == text


def test_the_code_of_norwegian_is_no_denial(tmp_path: Path) -> None:
    (document,) = read_file(write(tmp_path, "a.md", "---\nlanguage: no\n---\nHei der.\n"), "a")

    assert document.language == "no"


def test_json_lines_hold_a_page_each(tmp_path: Path) -> None:
    records = [
        {"id": "x", "text": "One\u2028two", "title": "First", "url": "https://a.example", "language": "de"},
        {"_id": 7, "text": "Second page.", "modified_on": "31.03.2026"},
        {"text": "Third \ud800 page.", "title": None},
        {"text": "  "},
        {"id": "x", "text": "The same name."},
    ]
    raw = (
        "\n".join(json.dumps(record, ensure_ascii=number != 0) for number, record in enumerate(records))
        + "\n\n"
    )
    path = write(tmp_path, "pages.jsonl", raw.encode("utf-8", "surrogatepass"))

    documents = load(path).documents
    assert [document.id for document in documents] == ["x", "7", "pages-3", "x"]
    assert [document.text for document in documents] == [
        "One\ntwo",
        "Second page.",
        "Third \ufffd page.",
        "The same name.",
    ]
    assert documents[1].modified_on == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2 is not JSON"),
        ('{"text": "x", "title": NaN}', "line 2 is not JSON"),
        ("[" * 50_000, "line 2 is not JSON"),
        ('{"text": ' + "1" * 5000 + "}", "line 2 is not JSON"),
        ("[1]", "line 2 is not an object with a 'text'"),
        ('{"title": "x"}', "line 2 is not an object with a 'text'"),
        ('{"text": 5}', "line 2 is not an object with a 'text'"),
        ('{"text": "x", "id": {}}', "line 2: 'id' must be a text, not dict"),
        ('{"text": "x", "title": true}', "line 2: 'title' must be a text, not bool"),
        (
            '{"text": "x", "url": "ftp://a.example"}',
            "line 2: 'url' is 'ftp://a.example', which is not an address",
        ),
    ],
)
def test_a_line_of_json_that_is_no_page_is_named(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_file(write(tmp_path, "a.jsonl", f'{{"text": "Fine."}}\n{line}\n'), "a")

    assert caught.value.reason.startswith(reason)


def test_a_plain_text_file_knows_its_day(tmp_path: Path) -> None:
    (document,) = read_file(
        write(tmp_path, "a.txt", "Fees\n\nAll fees are due.\n\nLast modified: 12 June 2019\n"), "a"
    )

    assert (document.title, document.modified_on) == ("Fees", date(2019, 6, 12))
