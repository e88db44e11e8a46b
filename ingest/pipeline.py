"""Ingest: pages in, a published index out, or the index that was there and an error that says why."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from os import environ, pathsep
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .chunking import passage_search_text, split
from .documents import Document, Passage
from .embedding import Embedder
from .errors import IndexDamaged, IngestError, NoDocuments, UnreadableFile
from .generations import (
    CHROMA,
    DOCUMENTS,
    FORMAT_VERSION,
    KEYS,
    LEXICAL,
    PASSAGE_VECTORS,
    PASSAGES,
    UNIT_ROWS,
    UNIT_VECTORS,
    UNITS,
    Keys,
    Manifest,
    content_digest,
    publish,
    read_keys,
    seal,
    staging,
    verified_current,
    write_keys,
    write_records,
    writing,
)
from .index import EF_CONSTRUCTION, EF_SEARCH, MAX_NEIGHBORS, DenseIndex
from .lexical import K1, B, LexicalIndex
from .loaders import load
from .units import Unit, unit_search_text, units_of

Progress = Callable[[str, int, int], None]

# Passages that are embedded anew and looked for in a new generation, spread over the whole.
SAMPLE_SIZE = 16
# Seconds; opening and asking takes about two, plus one for each 20,000 passages.
CHECK_TIMEOUT = 600

PARAMETERS: dict[str, float] = {
    "bm25_k1": K1,
    "bm25_b": B,
    "hnsw_max_neighbors": MAX_NEIGHBORS,
    "hnsw_ef_construction": EF_CONSTRUCTION,
    "hnsw_ef_search": EF_SEARCH,
}
# The libraries whose files an index consists of.
LIBRARIES = ("bm25s", "chromadb", "numpy", "PyStemmer")


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did.

    ``reused`` counts the passages and units whose vectors were taken over from the generation before.
    ``changed`` is False where that one already held exactly this and was kept.
    """

    generation: str
    documents: int
    passages: int
    units: int
    reused: int
    unreadable: tuple[UnreadableFile, ...]
    seconds: float
    changed: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """A document and what was cut from it: its passages in order, and the units that can be quoted."""

    document: Document
    passages: Sequence[Passage]
    units: Sequence[Unit] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """The generation that holds what was to be indexed; ``reused`` and ``changed`` as in IngestReport."""

    generation: str
    reused: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Content:
    """All that an index is about, with the text by which each passage and each unit is found.

    ``unit_texts`` are distinct; ``unit_rows`` says which of them is that of each unit.
    """

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    units: tuple[Unit, ...]
    passage_texts: tuple[str, ...]
    unit_texts: tuple[str, ...]
    unit_rows: tuple[int, ...]


def ingest(
    paths: Sequence[Path], data_dir: Path, embedder: Embedder, *, on_progress: Progress | None = None
) -> IngestReport:
    """Make an index of ``paths`` (files and folders) the current one in ``data_dir``, and report.

    Only texts that the current generation does not hold are embedded; if it is damaged, all are. An equal
    corpus, indexed in the same way, leaves everything as it is. ``on_progress(stage, done, total)`` is
    called during the stages "reading" (documents), "embedding" (texts), "writing" (passages) and "checking".

    Raises:
        NoDocuments: nothing could be read; the index is untouched.
        IndexLocked: another process is writing.
        IndexDamaged: the new generation failed its check; the one before stays.
        IngestError: the disk is full or the folder cannot be written; the generation before stays.
    """
    started = time.perf_counter()
    report = on_progress or _unheard
    loaded = load(paths)
    documents, left_out = _storable(loaded.documents)
    unreadable = (*loaded.unreadable, *left_out)
    content = _read(documents, report)
    if not content.passages:
        raise NoDocuments(_nothing_in(paths, unreadable))
    built = _index(content, data_dir, embedder, report)
    return IngestReport(
        generation=built.generation,
        documents=len(content.documents),
        passages=len(content.passages),
        units=len(content.units),
        reused=built.reused,
        unreadable=unreadable,
        seconds=time.perf_counter() - started,
        changed=built.changed,
    )


def index_ready_made(
    cuts: Iterable[Cut], data_dir: Path, embedder: Embedder, *, on_progress: Progress | None = None
) -> Built:
    """Make an index of documents that are read and cut already the current one in ``data_dir``.

    For texts whose passages come from elsewhere. The ids of the documents are unique, and each document's
    passages are in the order of their offsets. Otherwise as ``ingest``, without its stage "reading".

    Raises:
        NoDocuments, IndexLocked, IndexDamaged, IngestError: as ``ingest``.
    """
    content = _content(cuts)
    if not content.passages:
        raise NoDocuments("There are no passages to index. The index is as it was.")
    return _index(content, data_dir, embedder, on_progress or _unheard)


def _index(content: Content, data_dir: Path, embedder: Embedder, report: Progress) -> Built:
    try:
        with writing(data_dir) as root, staging(root) as folder:
            return _update(content, data_dir, folder, embedder, report)
    except OSError as error:
        raise IngestError(
            f"The index in {data_dir} cannot be written ({error}). What was there before is untouched. "
            "Make room or give write access, and run `prospectus ingest` again."
        ) from error


def _update(content: Content, data_dir: Path, folder: Path, embedder: Embedder, report: Progress) -> Built:
    """Build, check and publish a generation in the empty ``folder``.

    If the current one is equal to what would be built, that stays.
    """
    built = folder / "generation"
    keys = Keys(tuple(map(_key, content.passage_texts)), tuple(map(_key, content.unit_texts)))
    _write_content(built, content, keys)
    manifest = _manifest(content, embedder)
    current = verified_current(data_dir)
    if current is not None and _is_equal(built, manifest, current[1]):
        return Built(current[0].name, len(content.passages) + len(content.units), changed=False)

    known = _known_vectors(current[0]) if current and _is_comparable(current[1], embedder) else {}
    unit_keys = (keys.units[row] for row in content.unit_rows)
    reused = sum(key in known for key in (*keys.passages, *unit_keys))
    texts = dict(
        zip((*keys.passages, *keys.units), (*content.passage_texts, *content.unit_texts), strict=True)
    )
    vectors = known | _embed({key: text for key, text in texts.items() if key not in known}, embedder, report)

    _write_indexes(built, content, _rows(keys.passages, vectors), _rows(keys.units, vectors), report)
    seal(built, manifest)
    _check(folder, built, content, embedder, report)
    return Built(publish(data_dir, built), reused, changed=True)


def _storable(documents: Iterable[Document]) -> tuple[tuple[Document, ...], tuple[UnreadableFile, ...]]:
    """Return the documents with an id of its own each, and those that are left out, with the reason.

    Another document of the same id, such as that of a second folder, gets the first free of ``id-2``,
    ``id-3`` … in the order of loading; a copy is left out, for it would only be cited twice.
    """
    kept: dict[str, Document] = {}
    seen: set[tuple[str, str]] = set()
    # Where the search for a free id goes on: from 2 on each time it would grow with the square of the pages.
    last: dict[str, int] = {}
    left_out: list[UnreadableFile] = []
    for document in documents:
        try:
            document.id.encode()
            identity = (document.id, document.content_hash)
        except UnicodeEncodeError:
            reason = "it holds half a character (a lone surrogate); save it as UTF-8"
            left_out.append(UnreadableFile(document.id.encode(errors="replace").decode(), reason))
            continue
        if identity in seen:
            left_out.append(UnreadableFile(document.id, "it is a copy of another document with this id"))
            continue
        seen.add(identity)
        unique, number = document.id, last.get(document.id, 1)
        while unique in kept:
            number += 1
            unique = f"{document.id}-{number}"
        last[document.id] = number
        kept[unique] = replace(document, id=unique)
    return tuple(kept.values()), tuple(left_out)


def _read(documents: Sequence[Document], report: Progress) -> Content:
    def cuts() -> Iterator[Cut]:
        for done, document in enumerate(documents, start=1):
            yield Cut(document, split(document), units_of(document))
            report("reading", done, len(documents))

    return _content(cuts())


def _content(cuts: Iterable[Cut]) -> Content:
    documents: list[Document] = []
    passages: list[Passage] = []
    units: list[Unit] = []
    passage_texts: list[str] = []
    unit_texts: dict[str, int] = {}
    unit_rows: list[int] = []
    for cut in cuts:
        documents.append(cut.document)
        passages += cut.passages
        units += cut.units
        passage_texts += [passage_search_text(cut.document, passage) for passage in cut.passages]
        for unit in cut.units:
            unit_rows.append(unit_texts.setdefault(unit_search_text(cut.document, unit), len(unit_texts)))
    return Content(
        tuple(documents),
        tuple(passages),
        tuple(units),
        tuple(passage_texts),
        tuple(unit_texts),
        tuple(unit_rows),
    )


def _unheard(stage: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""


def _nothing_in(paths: Sequence[Path], unreadable: Sequence[UnreadableFile]) -> str:
    reasons = "".join(f"\n  {error}" for error in unreadable)
    names = ", ".join(map(str, paths)) or "an empty list of paths"
    return f"There is nothing to ingest in {names}. The index is as it was. Name a page or a folder.{reasons}"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_content(folder: Path, content: Content, keys: Keys) -> None:
    folder.mkdir()
    write_records(folder / DOCUMENTS, Document, content.documents)
    write_records(folder / PASSAGES, Passage, content.passages)
    write_records(folder / UNITS, Unit, content.units)
    np.save(folder / UNIT_ROWS, np.array(content.unit_rows, dtype=np.int32), allow_pickle=False)
    write_keys(folder, keys)


def _manifest(content: Content, embedder: Embedder) -> Manifest:
    return Manifest(
        format_version=FORMAT_VERSION,
        created_at=datetime.now(UTC),
        embedding_model=embedder.name,
        embedding_fingerprint=embedder.fingerprint,
        dimensions=embedder.dimensions,
        parameters=PARAMETERS,
        versions={library: version(library) for library in LIBRARIES},
        documents=len(content.documents),
        passages=len(content.passages),
        units=len(content.units),
    )


def _is_equal(folder: Path, manifest: Manifest, current: Manifest) -> bool:
    """Whether the content in ``folder``, indexed as ``manifest`` says, would give the current generation."""
    content = {name: content_digest(folder / name) for name in (DOCUMENTS, PASSAGES, UNITS, UNIT_ROWS, KEYS)}
    return content.items() <= current.files.items() and replace(
        current, created_at=manifest.created_at, files={}
    ) == replace(manifest, files={})


def _is_comparable(current: Manifest, embedder: Embedder) -> bool:
    return (current.embedding_fingerprint, current.dimensions) == (embedder.fingerprint, embedder.dimensions)


def _known_vectors(folder: Path) -> dict[str, NDArray[np.float32]]:
    """The vectors of a generation by the key of the text each was made from."""
    keys = read_keys(folder)
    passages = np.load(folder / PASSAGE_VECTORS, allow_pickle=False)
    units = np.load(folder / UNIT_VECTORS, allow_pickle=False)
    return dict(zip((*keys.passages, *keys.units), (*passages, *units), strict=True))


def _embed(texts: dict[str, str], embedder: Embedder, report: Progress) -> dict[str, NDArray[np.float32]]:
    """Embed texts by key; of equal texts, which have one key, only one is embedded."""
    done = 0

    def count(newly_done: int) -> None:
        nonlocal done
        done += newly_done
        report("embedding", done, len(texts))

    if not texts:
        return {}
    return dict(zip(texts, embedder.embed(list(texts.values()), on_progress=count), strict=True))


def _rows(keys: Sequence[str], vectors: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    dimensions = len(next(iter(vectors.values())))
    return np.asarray([vectors[key] for key in keys], dtype=np.float32).reshape(len(keys), dimensions)


def _write_indexes(
    folder: Path,
    content: Content,
    passage_vectors: NDArray[np.float32],
    unit_vectors: NDArray[np.float32],
    report: Progress,
) -> None:
    done, total = 0, len(content.passages)

    def count(newly_done: int) -> None:
        nonlocal done
        done += newly_done
        report("writing", done, total)

    count(0)
    np.save(folder / PASSAGE_VECTORS, passage_vectors, allow_pickle=False)
    np.save(folder / UNIT_VECTORS, unit_vectors, allow_pickle=False)
    LexicalIndex.build(content.passage_texts).save(folder / LEXICAL)
    DenseIndex.build(folder / CHROMA, passage_vectors, on_progress=count)


def _check(folder: Path, built: Path, content: Content, embedder: Embedder, report: Progress) -> None:
    """Have a process of its own look for a sample of passages; raises IndexDamaged if that fails."""
    report("checking", 0, 1)
    last = len(content.passages) - 1
    positions = sorted({round(i * last / (SAMPLE_SIZE - 1)) for i in range(SAMPLE_SIZE)})
    vectors = embedder.embed([content.passage_texts[position] for position in positions])
    sample = folder / "sample.npz"
    np.savez(sample, positions=np.array(positions), vectors=vectors)
    package = Path(__file__).resolve().parent
    search_path = pathsep.join(filter(None, (str(package.parent), environ.get("PYTHONPATH"))))
    try:
        child = subprocess.run(  # noqa: S603 (this very Python, and paths made above)
            [sys.executable, "-m", f"{package.name}.index", built, sample],
            env={**environ, "PYTHONPATH": search_path},
            capture_output=True,
            text=True,
            timeout=CHECK_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _check_failed(f"it took more than {CHECK_TIMEOUT} s") from None
    if child.returncode:
        said = child.stderr.strip().splitlines() or [f"it ended with status {child.returncode}"]
        raise _check_failed(said[-1])
    report("checking", 1, 1)


def _check_failed(reason: str) -> IndexDamaged:
    return IndexDamaged(
        f"The new index was not put to use, for it failed its check: {reason}. What was there before is "
        "untouched. Run `prospectus ingest` again, and `prospectus doctor` if that does not help."
    )
