"""What is written beside pages and passages comes back, and decides whether an index is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from bag_of_words import BagOfWords

from ingest.annotations import Annotations
from ingest.documents import Document, Passage
from ingest.errors import IndexDamaged
from ingest.generations import ANNOTATIONS, current_folder
from ingest.index import Index, open_current, open_folder
from ingest.pipeline import ingest, remove
from ingest.units import Unit


class Names:
    """Says the names of pages and passages, and how many units a passage has."""

    def __init__(self, version: str = "names 1") -> None:
        self.version = version

    def of_document(self, document: Document) -> bytes:
        return f"{self.version}: {document.id}".encode()

    def of_passage(self, document: Document, passage: Passage, units: Sequence[Unit]) -> bytes:
        own = [document.text[unit.start : unit.end] for unit in units]
        return f"{document.id} {passage.start} {own}".encode() if units else b""


def said(index: Index) -> tuple[list[bytes], list[bytes]]:
    documents = [index.annotation_of_document(each) for each in index.documents]
    return documents, [index.annotation_of_passage(nth) for nth in range(len(index.passages))]


def test_annotations_come_back_as_they_were_made(
    corpus: Path, tmp_path: Path, bag_of_words: BagOfWords
) -> None:
    stages: dict[str, tuple[int, int]] = {}
    ingest(
        [corpus],
        tmp_path / "data",
        bag_of_words,
        annotator=Names(),
        on_progress=lambda stage, done, total: stages.update({stage: (done, total)}),
    )
    index = open_current(tmp_path / "data", embedder=bag_of_words)

    assert index.annotated_by == "names 1"
    documents, passages = said(index)
    assert documents == [b"names 1: fees", b"names 1: housing"]
    expected = [
        Names().of_passage(
            index.documents[passage.document_id],
            passage,
            [index.units[each] for each in index.units_in(nth)],
        )
        for nth, passage in enumerate(index.passages)
    ]
    assert passages == expected
    assert b"18,690 EUR" in passages[0]
    assert stages["annotating"] == (len(documents) + len(passages),) * 2


def test_without_an_annotator_there_are_none(ingested: Path, bag_of_words: BagOfWords) -> None:
    index = open_current(ingested, embedder=bag_of_words)

    assert index.annotated_by == ""
    assert set(said(index)[0] + said(index)[1]) == {b""}
    assert not (current_folder(ingested) / ANNOTATIONS).exists()


def test_pages_are_annotated_anew_when_the_annotator_is_another_and_only_then(
    corpus: Path, tmp_path: Path, bag_of_words: BagOfWords
) -> None:
    data = tmp_path / "data"
    ingest([corpus], data, bag_of_words, annotator=Names())

    assert not ingest([corpus], data, bag_of_words, annotator=Names()).changed
    report = ingest([corpus], data, bag_of_words, annotator=Names("names 2"))

    assert report.changed
    assert not report.embedded
    assert said(open_current(data, embedder=bag_of_words))[0][0] == b"names 2: fees"


def test_what_is_left_after_a_removal_is_annotated(
    corpus: Path, tmp_path: Path, bag_of_words: BagOfWords
) -> None:
    data = tmp_path / "data"
    ingest([corpus], data, bag_of_words, annotator=Names())
    remove(["fees"], data, bag_of_words, annotator=Names())

    assert said(open_current(data, embedder=bag_of_words))[0] == [b"names 1: housing"]


def test_annotations_that_do_not_fit_are_damage(
    corpus: Path, tmp_path: Path, bag_of_words: BagOfWords
) -> None:
    data = tmp_path / "data"
    ingest([corpus], data, bag_of_words, annotator=Names())
    folder = current_folder(data)
    manifest = open_current(data, embedder=bag_of_words).manifest
    starts = np.load(folder / ANNOTATIONS / "starts.npy")
    np.save(folder / ANNOTATIONS / "starts.npy", starts[:-1])

    with pytest.raises(IndexDamaged):
        open_current(data, embedder=bag_of_words)  # by its hash
    with pytest.raises(IndexDamaged, match="annotations for"):
        open_folder(folder, manifest)
    with pytest.raises(ValueError, match="annotations for"):
        Annotations(folder / ANNOTATIONS, 2, 4)
