"""Word files: styles and looks, lists, tables, notes, and what is refused before it is unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from read_pages import check, facts, headings, items, outline, shared

from ingest.documents import Document
from ingest.docx import MAX_PARTS
from ingest.errors import UnreadableFile
from ingest.loaders import read_file

PROSE = "The university lets four hundred rooms to students of the first year, near the campus."


def read(path: Path) -> Document:
    (document,) = read_file(path, "page")
    check(document)
    return document


@pytest.fixture
def made(tmp_path: Path) -> Callable[[WordDocument], Document]:
    def save_and_read(document: WordDocument) -> Document:
        path = tmp_path / "a.docx"
        document.save(str(path))
        return read(path)

    return save_and_read


Made = Callable[[WordDocument], Document]


def reason(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_file(path, "page")
    return caught.value.reason


def changed(path: Path, part: str, content: bytes) -> Path:
    """The file with one of its parts replaced or added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, old in {**parts, part: content}.items():
            archive.writestr(name, content if name == part else old)
    return path


def test_styles_make_headings_of_their_level(made: Made) -> None:
    word = docx.Document()
    word.add_paragraph("Marine Robotics", style="Title")
    word.add_heading("Admission", 1)
    word.add_paragraph(PROSE)
    word.add_heading("Documents", 2)
    word.add_paragraph(PROSE)
    page = made(word)

    assert headings(page) == [(1, "Marine Robotics"), (1, "Admission"), (2, "Documents")]
    assert page.title.startswith("Marine Robotics")


def test_a_style_that_is_based_on_a_heading_is_one(made: Made) -> None:
    word = docx.Document()
    style = word.styles.add_style("House Style", 1)
    style.base_style = word.styles["Heading 2"]
    word.add_paragraph("Fees", style="House Style")
    word.add_paragraph(PROSE)

    assert headings(made(word)) == [(2, "Fees")]


def test_a_line_that_is_bold_or_large_is_a_heading_and_a_bold_fact_is_none(made: Made) -> None:
    word = docx.Document()
    word.add_paragraph().add_run("Admission").bold = True
    word.add_paragraph(PROSE)
    word.add_paragraph().add_run("Fee: 300 EUR").bold = True
    word.add_paragraph(PROSE)
    word.add_paragraph().add_run("Housing").font.size = Pt(20)
    word.add_paragraph(PROSE)
    page = made(word)

    assert [text for _, text in headings(page)] == ["Admission", "Housing"]
    assert ("", "Fee", "300 EUR") in facts(page)


def test_lists_nest_as_they_do_in_the_file(made: Made) -> None:
    word = docx.Document()
    word.add_paragraph("You need:")
    word.add_paragraph("First year", style="List Bullet")
    for text, style in [
        ("Mechanics", "List Bullet 2"),
        ("Optics", "List Bullet 2"),
        ("Second year", "List Bullet"),
    ]:
        paragraph = word.add_paragraph(text, style=style)
        level = 1 if style.endswith("2") else 0
        numbers = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(numbers))
    page = made(word)

    assert items(page) == [(1, "First year"), (2, "Mechanics"), (2, "Optics"), (1, "Second year")]


def test_bullets_that_someone_typed_are_items(made: Made) -> None:
    word = docx.Document()
    for text in ("• Passport", "• Photo", "1. Make an account."):
        word.add_paragraph(text)

    assert [text for _, text in items(made(word))] == ["Passport", "Photo", "Make an account."]


def table(word: WordDocument, rows: list[list[str]]) -> docx.table.Table:
    made = word.add_table(len(rows), len(rows[0]))
    for row, texts in zip(made.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return made


def test_a_table_is_rows_that_know_their_header(made: Made) -> None:
    word = docx.Document()
    table(
        word,
        [
            ["Group", "Fee", "Deadline"],
            ["EU", "2,100 EUR", "1 May 2027"],
            ["Others", "14,300 EUR", "1 March"],
        ],
    )
    page = made(word)

    assert outline(page) == [
        ("row", "Group | Fee | Deadline"),
        ("row", "EU | 2,100 EUR | 1 May 2027"),
        ("row", "Others | 14,300 EUR | 1 March"),
    ]
    assert [block.parent for block in page.blocks] == [-1, 0, 0]


def test_merged_cells_stand_in_each_row_and_column_that_they_cover(made: Made) -> None:
    word = docx.Document()
    rows = table(
        word, [["Group", "First", "Second"], ["EU", "2,100 EUR", "1,900 EUR"], ["", "300 EUR", "200 EUR"]]
    )
    rows.cell(0, 1).merge(rows.cell(0, 2)).text = "Fee"
    rows.cell(1, 0).merge(rows.cell(2, 0)).text = "EU"
    page = made(word)

    assert [text for _, text in outline(page)] == [
        "Group | Fee",
        "EU | 2,100 EUR | 1,900 EUR",
        "EU | 300 EUR | 200 EUR",
    ]
    assert len(page.blocks[0].cells) == 3


def test_a_table_of_one_column_only_places_things(made: Made) -> None:
    word = docx.Document()
    table(word, [["Contact"], [PROSE]])

    assert ("paragraph", PROSE) in outline(made(word))


def test_lines_with_tabs_under_each_other_are_a_table(made: Made) -> None:
    word = docx.Document()
    for line in ("Group\tFee\tDeadline", "EU\t2,100 EUR\t1 May", "Others\t14,300 EUR\t1 March"):
        word.add_paragraph(line)

    assert [kind for kind, _ in outline(made(word))] == ["row", "row", "row"]


def test_what_is_deleted_or_hidden_is_not_read_and_what_is_inserted_is(made: Made) -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("The fee is ")
    gone = f"<w:del {nsdecls('w')}><w:r><w:delText>900</w:delText></w:r></w:del>"
    new = f"<w:ins {nsdecls('w')}><w:r><w:t>950</w:t></w:r></w:ins>"
    paragraph._p.append(parse_xml(gone))
    paragraph._p.append(parse_xml(new))
    paragraph.add_run(" EUR.")
    paragraph.add_run(" Secret.").font.hidden = True

    assert made(word).text == "The fee is 950 EUR."


def test_links_content_controls_and_text_boxes_are_read(made: Made) -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("See ")
    space = nsdecls("w")
    paragraph._p.append(parse_xml(f"<w:hyperlink {space}><w:r><w:t>the fees</w:t></w:r></w:hyperlink>"))
    paragraph.add_run(".")
    control = (
        f"<w:sdt {space}><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    word.element.body.insert(1, parse_xml(control))
    box = (
        f'<w:r {space}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    paragraph._p.append(parse_xml(box))

    assert [text for _, text in outline(made(word))] == ["See the fees.", "In a box.", "In a control."]


def test_a_footnote_follows_the_paragraph_that_refers_to_it(tmp_path: Path) -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("The fee is 900 EUR.")
    space = nsdecls("w")
    paragraph._p.append(parse_xml(f'<w:r {space}><w:footnoteReference w:id="2"/></w:r>'))
    word.add_paragraph("It is due in June.")
    path = tmp_path / "a.docx"
    word.save(str(path))
    notes = (
        f'<w:footnotes {space}><w:footnote w:id="2"><w:p><w:r><w:t>For citizens of the EU.</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )
    changed(path, "word/footnotes.xml", notes.encode())
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    with zipfile.ZipFile(path) as archive:
        types = archive.read("[Content_Types].xml").decode()
        relations = archive.read("word/_rels/document.xml.rels").decode()
    override = f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'
    changed(path, "[Content_Types].xml", types.replace("</Types>", override).encode())
    link = f'<Relationship Id="rId99" Type="{relation}" Target="footnotes.xml"/></Relationships>'
    changed(path, "word/_rels/document.xml.rels", relations.replace("</Relationships>", link).encode())

    assert [text for _, text in outline(read(path))] == [
        "The fee is 900 EUR.",
        "For citizens of the EU.",
        "It is due in June.",
    ]


def test_a_paragraph_that_was_cut_in_the_middle_of_a_sentence_is_whole_again(made: Made) -> None:
    word = docx.Document()
    word.add_paragraph("The university lets four hundred rooms to students of the first year, most of")
    word.add_paragraph("")
    word.add_paragraph("them within ten minutes of the campus.")

    assert made(word).text == (
        "The university lets four hundred rooms to students of the first year, most of them within ten "
        "minutes of the campus."
    )


def test_title_day_and_language_come_from_the_file_where_they_are_sensible(made: Made) -> None:
    word = docx.Document()
    word.add_heading("Fees and Costs 2027", 1)
    word.add_paragraph(PROSE)
    word.core_properties.title = "Fees and Costs"
    word.core_properties.modified = datetime(2024, 5, 6, 7, tzinfo=UTC)
    word.styles.element.find(".//" + qn("w:lang")).set(qn("w:val"), "nl-NL")
    page = made(word)

    assert (page.title, page.modified_on, page.language) == ("Fees and Costs", date(2024, 5, 6), "nl")


def test_each_file_that_would_harm_or_gives_no_text_is_named_with_its_reason(tmp_path: Path) -> None:
    def base(name: str) -> Path:
        word = docx.Document()
        word.add_paragraph(PROSE)
        word.save(str(tmp_path / name))
        return tmp_path / name

    space = nsdecls("w")
    bomb = changed(base("bomb.docx"), "word/media/image1.bin", b"\0" * 30_000_000)
    markup = changed(base("markup.docx"), "word/document.xml", b"<w:p/>" + b"<!-- x -->" * 2_600_000)
    many = base("many.docx")
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(MAX_PARTS):
            archive.writestr(f"word/media/{number}", b"")
    deep = changed(
        base("deep.docx"),
        "word/document.xml",
        f"<w:document {space}><w:body>{'<w:sdt>' * 5_000}{'</w:sdt>' * 5_000}</w:body></w:document>".encode(),
    )
    broken = changed(base("broken.docx"), "word/document.xml", b"<w:document")
    cut = base("cut.docx")
    cut.write_bytes(cut.read_bytes()[:-500])
    empty = changed(
        base("empty.docx"),
        "word/document.xml",
        f"<w:document {space}><w:body/></w:document>".encode(),
    )

    assert reason(bomb).startswith("one of its parts unpacks to 1,0")
    assert reason(markup).startswith("one of its parts unpacks to")
    assert reason(many).endswith("parts, more than the 5,000 allowed")
    assert reason(deep) == "it is damaged: its parts cannot be read"
    assert reason(broken) == "it is damaged: its parts cannot be read"
    assert reason(cut) == "it is damaged: its archive cannot be opened"
    assert reason(empty) == "there is no text in it"


def test_an_entity_is_never_resolved(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph(PROSE)
    path = tmp_path / "a.docx"
    word.save(str(path))
    (tmp_path / "secret.txt").write_text("Secret")
    content = (
        f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">]>'
        f"<w:document {nsdecls('w')}><w:body><w:p><w:r><w:t>Fee: &e;</w:t></w:r></w:p></w:body></w:document>"
    )
    try:
        (document,) = read_file(changed(path, "word/document.xml", content.encode()), "a")
    except UnreadableFile:
        return

    assert "Secret" not in document.text


def test_a_file_with_macros_asks_for_one_without(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph(PROSE)
    path = tmp_path / "a.docx"
    word.save(str(path))
    with zipfile.ZipFile(path) as archive:
        types = archive.read("[Content_Types].xml").decode()
    plain = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    changed(
        path,
        "[Content_Types].xml",
        types.replace(plain, "application/vnd.ms-word.document.macroEnabled.main+xml").encode(),
    )

    assert reason(path) == "it is a Word file with macros; save it as DOCX without them"


def test_real_syllabuses_are_read_with_right_offsets() -> None:
    for path in sorted(shared("data", "syllabusqa", "word").iterdir())[::6]:
        assert headings(read(path))
