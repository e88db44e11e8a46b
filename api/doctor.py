"""Checks of an installation: each says what it found, or what is wrong and how to repair it."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from ingest.data_directory import index_folder
from ingest.errors import IndexUnusable, IngestError
from ingest.generations import previous_generation, verify

from .backend import Backend, OpenIndex
from .settings import Settings

if TYPE_CHECKING:
    from ingest.embedding import Embedder

    from .chat_model import ChatModel

DISTRIBUTION = "prospectus-assistant"
OLDEST_PYTHON = (3, 11)
REINSTALL = f"Install {DISTRIBUTION} anew into a fresh virtual environment."


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. ``remedy`` is "" if and only if all is well."""

    name: str
    found: str
    remedy: str = ""

    @property
    def is_ok(self) -> bool:
        return not self.remedy


def examine(settings: Settings, backend: Backend) -> Iterator[Check]:
    """All checks, in the order in which one depends on another, each as soon as it is known.

    Without an embedding model the index is not looked at, without an index nothing is retrieved.
    """
    yield _python()
    yield _packages()
    yield _data_directory(settings.data_dir)
    if (model := backend.chat_model) is not None:
        yield _language_model(model)
    try:
        embedder = backend.embedder()
    except IngestError as error:
        yield Check(
            "embedding model",
            str(error),
            f"Set PROSPECTUS_EMBEDDING_MODEL to a model that loads, or: {REINSTALL}",
        )
        return
    yield Check(
        "embedding model",
        f"{embedder.name}, {embedder.dimensions} dimensions, sha256 {embedder.fingerprint[:16]}…, run by "
        f"{embedder.runtime}",
    )
    try:
        opened = backend.open_usable()
    except IngestError as error:
        yield Check("index", str(error), "Run `prospectus ingest`.")
        return
    index = opened.index
    try:
        found = (
            f"generation {index.generation}: {len(index.documents)} documents, {len(index.passages)} passages"
        )
        if opened.refusal is None:
            yield Check("index", found)
            yield from _index_before(settings.data_dir)
        else:
            found = f"{opened.refusal.reason} Until then this one answers: {found}"
            yield Check("index", found, "Run `prospectus ingest`.")
        yield _self_retrieval(index, embedder, settings.data_dir)
    finally:
        index.close()


def _python() -> Check:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < OLDEST_PYTHON:
        return Check("Python", found, f"Use Python {'.'.join(map(str, OLDEST_PYTHON))} or newer.")
    return Check("Python", found)


def _packages() -> Check:
    try:
        wanted = [Requirement(each) for each in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        return Check("packages", f"{DISTRIBUTION} itself is not installed", REINSTALL)
    found, wrong = [f"{DISTRIBUTION} {version(DISTRIBUTION)}"], []
    for requirement in wanted:
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement} is missing")
            continue
        found.append(f"{requirement.name} {installed}")
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement} is asked for, {installed} is installed")
    return Check("packages", "; ".join(wrong), REINSTALL) if wrong else Check("packages", ", ".join(found))


def _data_directory(folder: Path) -> Check:
    # A folder that is not there yet can be made if the nearest one above it that is there can be written.
    existing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        return Check(
            "data directory",
            f"{folder} cannot be written: {error.strerror}",
            "Let this user write there, make room, or set PROSPECTUS_DATA_DIR to another folder.",
        )
    return Check("data directory", f"{folder} can be written")


def _language_model(model: ChatModel) -> Check:
    problem = model.examine()
    model.close()
    if problem is None:
        return Check("language model", f"{model.name} answers")
    found = f"{model.name}: {problem.found}; until then replies are quotes"
    return Check("language model", found, problem.remedy)


def _index_before(data_dir: Path) -> Iterator[Check]:
    """Whether the generation that could be gone back to is whole; nothing where there is none."""
    name = previous_generation(data_dir)
    if name is None:
        return
    try:
        verify(index_folder(data_dir) / name)
    except IndexUnusable as error:
        yield Check(
            "index before",
            f"it cannot be gone back to, nor answer in case of need: {error}",
            "The next `prospectus ingest` that changes something replaces it.",
        )
    else:
        yield Check("index before", f"generation {name} can be gone back to")


def _self_retrieval(index: OpenIndex, embedder: Embedder, data_dir: Path) -> Check:
    """Whether one passage is the nearest to its own text: vectors can be damaged where counts look right."""
    from ingest.chunking import passage_search_text

    passage = index.passages[len(index.passages) // 2]
    text = passage_search_text(index.documents[passage.document_id], passage)
    nearest = index.dense(embedder.embed([text])[0], 1)
    # Equal texts have equal vectors, so that another passage may come first with the same cosine.
    if nearest and nearest[0][1] > 0.99:
        return Check("retrieval", "a passage was found by its own text")
    return Check(
        "retrieval",
        "a passage was not found by its own text",
        f"Delete the folder {data_dir / 'index'} and run `prospectus ingest`.",
    )
