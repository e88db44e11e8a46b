"""What is read at ingest is what would be read when it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bag_of_words import BagOfWords

from assistant.assistant import Assistant
from assistant.readings import Annotator, Readings, read_document, read_passage
from ingest.code_digest import code_digest, sources_digest
from ingest.index import Index, open_current
from ingest.pipeline import ingest

PAGES = Path(__file__).parents[1] / "pages" / "dev"
PACKAGE = Path(__file__).parents[2] / "assistant"


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Index:
    data_dir = tmp_path_factory.mktemp("annotated")
    ingest([PAGES], data_dir, BagOfWords(), annotator=Annotator())
    return open_current(data_dir, embedder=BagOfWords())


def of_another_version(index: Index) -> Index:
    return replace(index, manifest=replace(index.manifest, annotated_by="of a version before"))


def test_what_was_written_is_what_reading_it_again_gives(annotated: Index) -> None:
    readings = Readings(annotated)
    kinds, audiences, instructions = set(), set(), 0

    assert annotated.annotated_by == Annotator().version
    for document in annotated.documents.values():
        assert readings.document(document.id) == read_document(document)
    for position, passage in enumerate(annotated.passages):
        units = [annotated.units[each] for each in annotated.units_in(position)]
        document = annotated.documents[passage.document_id]
        read = readings.passage(position)
        assert read == read_passage(document, passage, units)
        kinds |= set().union(*(unit.kinds for unit in read.units))
        audiences |= {unit.audience for unit in read.units}
        instructions += sum(unit.is_instruction for unit in read.units)
    # It would be little to agree on pages that have nothing to read.
    assert len(kinds) > 5
    assert len(audiences) == 3


def test_reading_what_is_written_parses_no_page(annotated: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fields_of", "field_of", "is_instruction", "kinds_of", "audience_of_fact"):
        monkeypatch.delattr(f"assistant.readings.{name}")
    readings = Readings(annotated)

    assert readings.passage(0).units
    assert readings.document(next(iter(annotated.documents))).title.stems.strip("|")
    with pytest.raises(NameError):
        Readings(of_another_version(annotated)).passage(0)


def test_replies_are_the_same_from_an_index_that_another_version_annotated(annotated: Index) -> None:
    embedder = BagOfWords()
    one, other = Assistant(annotated, embedder), Assistant(of_another_version(annotated), embedder)

    for question in (
        "What is the tuition fee of Sustainable Mineral Processing?",
        "When is the deadline for applicants from outside the EU?",
        "Which documents do I need?",
    ):
        reply, again = one.reply(question), other.reply(question)
        assert reply.citations
        assert replace(reply, retrieval_seconds=0) == replace(again, retrieval_seconds=0)


def test_the_code_and_the_words_of_both_packages_tell_one_version_from_another(tmp_path: Path) -> None:
    for name, text in (("one.py", "1"), ("two.toml", "2"), ("notes.txt", "3")):
        (tmp_path / name).write_text(text)
    before = sources_digest(tmp_path, {".py", ".toml"})
    (tmp_path / "notes.txt").write_text("4")
    assert sources_digest(tmp_path, {".py", ".toml"}) == before
    (tmp_path / "two.toml").write_text("5")
    assert sources_digest(tmp_path, {".py", ".toml"}) != before

    own, _, of_ingest = Annotator().version.partition("-")
    assert of_ingest == code_digest()
    assert own == sources_digest(PACKAGE, {".py", ".toml"})
