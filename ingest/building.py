"""A generation from what is to be indexed: embedded, written, checked and published, or not at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import journal
from .annotations import Annotator, write_annotations
from .batches import PROGRESS_STEP
from .before import Before, Cut, Origin, generation_before
from .chunking import passage_search_text
from .code_digest import code_digest
from .data_directory import index_folder
from .disk import check_room, free_on, is_full
from .documents import Document, Passage
from .embedding import Embedder
from .errors import DiskFull, IndexDamaged, IndexUnusable, IngestError, NoDocuments
from .generations import (
    ANNOTATIONS,
    CHROMA,
    DOCUMENTS,
    FORMAT_VERSION,
    KEYS,
    LEXICAL,
    ORIGINS,
    PASSAGE_VECTORS,
    PASSAGES,
    UNIT_ROWS,
    UNIT_VECTORS,
    UNITS,
    Keys,
    Manifest,
    content_digest,
    generations,
    publish,
    read_keys,
    remove_unused,
    seal,
    staging,
    verify,
    write_keys,
    writing,
)
from .hnsw import EF_CONSTRUCTION, EF_SEARCH, MAX_NEIGHBORS
from .index import overlaps
from .lexical import LexicalIndex
from .postings import K1, B
from .records import write_records
from .units import Unit, unit_search_text

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
class Built:
    """The generation that holds what was to be indexed.

    ``reused`` counts the passages and units whose vectors were taken over from the generation before, and
    ``embedded`` the distinct texts that were embedded, which took ``embedding_seconds``. ``changed`` is False
    where the generation before already held exactly this and was kept.
    """

    generation: str
    reused: int
    changed: bool
    embedded: int = 0
    embedding_seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Content:
    """All that an index is about, with the text by which each passage and each unit is found.

    ``unit_texts`` are distinct; ``unit_rows`` says which of them is that of each unit. ``origins`` are the
    files that the documents came from, and those that gave none.
    """

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    units: tuple[Unit, ...]
    passage_texts: tuple[str, ...]
    unit_texts: tuple[str, ...]
    unit_rows: tuple[int, ...]
    origins: tuple[Origin, ...] = ()


@contextmanager
def writable(data_dir: Path, give_back: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the only right to write the index, until the block ends; a disk that cannot be written is named.

    ``give_back`` is called where the disk is full: it deletes what the block has written beside the index.

    Raises:
        IndexLocked: another process holds it.
        DiskFull: there is no room; all that was written is taken back.
        IngestError: the folder cannot be written.
    """
    try:
        with writing(data_dir) as root:
            try:
                yield
            except (DiskFull, OSError) as error:
                if isinstance(error, DiskFull) or is_full(error, root):
                    # The server keeps its conversations on this disk: it gets back all that was written.
                    journal.discard(root)
                    give_back()
                    raise DiskFull(str(error)) from error
                raise
    except (DiskFull, OSError) as error:
        what = f"The index in {data_dir} cannot be written ({error}). What was there before is untouched."
        if isinstance(error, DiskFull) or is_full(error, data_dir):
            raise DiskFull(
                f"{what} {free_on(data_dir)} Make room, and run `prospectus ingest` again."
            ) from error
        raise IngestError(
            f"{what} Make room or give write access, and run `prospectus ingest` again."
        ) from error


def build(
    content: Content,
    data_dir: Path,
    before: Before,
    embedder: Embedder,
    report: Progress,
    *,
    annotator: Annotator | None = None,
    keeps_previous: bool = True,
) -> Built:
    """Build, check and publish a generation; if ``before`` is equal to what would be built, that stays.

    Texts whose vectors an earlier generation or an interrupted run has are not embedded again. What an
    ``annotator`` says of pages and passages is written beside them. Without ``keeps_previous`` no generation
    is left but the new one. For the holder of the right to write.

    Raises:
        IndexDamaged: the new generation failed its check; the one before stays.
        DiskFull, OSError: the disk cannot be written.
    """
    root = index_folder(data_dir)
    with staging(root) as folder:
        built = folder / "generation"
        keys = Keys(tuple(map(_key, content.passage_texts)), tuple(map(_key, content.unit_texts)))
        _write_content(built, content, keys)
        manifest = _manifest(content, embedder, annotator)
        if before.folder and before.manifest and _is_equal(built, manifest, before.manifest):
            # What a writer left that was killed after it had published.
            remove_unused(data_dir)
            journal.discard(root)
            return Built(before.folder.name, len(content.passages) + len(content.units), changed=False)

        texts = dict(
            zip((*keys.passages, *keys.units), (*content.passage_texts, *content.unit_texts), strict=True)
        )
        known = _known_vectors(data_dir, texts.keys(), embedder)
        under_way = journal.Journal(root, embedder.fingerprint, embedder.dimensions)
        known |= {key: vector for key, vector in under_way.vectors.items() if key in texts}
        missing = {key: text for key, text in texts.items() if key not in known}
        check_room(folder, _least_bytes(keys, len(missing), embedder.dimensions))
        began = time.perf_counter()
        vectors = known | _embed(missing, embedder, under_way, report)
        seconds = time.perf_counter() - began
        unit_keys = (keys.units[row] for row in content.unit_rows)
        reused = sum(key in known for key in (*keys.passages, *unit_keys))

        if annotator is not None:
            _annotate(built / ANNOTATIONS, content, annotator, report)
        _write_indexes(built, content, _rows(keys.passages, vectors), _rows(keys.units, vectors), report)
        seal(built, replace(manifest, embedding_runtime=embedder.runtime))
        _check(folder, built, content, embedder, report)
        generation = publish(data_dir, built, keeps_previous=keeps_previous)
        journal.discard(root)
        return Built(generation, reused, changed=True, embedded=len(missing), embedding_seconds=seconds)


def index_ready_made(
    cuts: Iterable[Cut], data_dir: Path, embedder: Embedder, *, on_progress: Progress | None = None
) -> Built:
    """Make an index of documents that are read and cut already the current one in ``data_dir``.

    For texts whose passages come from elsewhere. The ids of the documents are unique, and each document's
    passages are in the order of their offsets. ``on_progress`` as in ``pipeline.ingest``.

    Raises:
        NoDocuments: there are no passages; the index is untouched.
        IndexLocked, IndexDamaged, IngestError: as ``pipeline.ingest``.
    """
    content = content_of(cuts)
    if not content.passages:
        raise NoDocuments("There are no passages to index. The index is as it was.")
    with writable(data_dir):
        return build(content, data_dir, generation_before(data_dir), embedder, on_progress or unheard)


def unheard(stage: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""


def content_of(cuts: Iterable[Cut], origins: Sequence[Origin] = ()) -> Content:
    """Return what is to be indexed of documents with ids of their own, in their order."""
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
        tuple(origins),
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_content(folder: Path, content: Content, keys: Keys) -> None:
    folder.mkdir()
    write_records(folder / DOCUMENTS, Document, content.documents)
    write_records(folder / PASSAGES, Passage, content.passages)
    write_records(folder / UNITS, Unit, content.units)
    write_records(folder / ORIGINS, Origin, content.origins)
    np.save(folder / UNIT_ROWS, np.array(content.unit_rows, dtype=np.int32), allow_pickle=False)
    write_keys(folder, keys)


def _manifest(content: Content, embedder: Embedder, annotator: Annotator | None) -> Manifest:
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
        code=code_digest(),
        annotated_by=annotator.version if annotator is not None else "",
    )


def _is_equal(folder: Path, manifest: Manifest, current: Manifest) -> bool:
    """Whether the content in ``folder``, indexed as ``manifest`` says, would give the current generation."""
    content = {
        name: content_digest(folder / name) for name in (DOCUMENTS, PASSAGES, UNITS, UNIT_ROWS, ORIGINS, KEYS)
    }
    as_built = replace(current, created_at=manifest.created_at, files={}, embedding_runtime="")
    return content.items() <= current.files.items() and as_built == replace(manifest, files={})


def _known_vectors(data_dir: Path, wanted: Set[str], embedder: Embedder) -> dict[str, NDArray[np.float32]]:
    """The vectors of wanted texts, by key, that this embedder made for a generation which is still there.

    Of a damaged generation they are good as long as the files are whole in which they stand.
    """
    found: dict[str, NDArray[np.float32]] = {}
    for name in generations(data_dir):
        if wanted <= found.keys():
            break
        folder = index_folder(data_dir) / name
        try:
            manifest = verify(folder, only=(KEYS, PASSAGE_VECTORS, UNIT_VECTORS))
        except IndexUnusable:
            continue
        made_by = (manifest.embedding_fingerprint, manifest.dimensions)
        if made_by == (embedder.fingerprint, embedder.dimensions):
            keys = read_keys(folder)
            rows = (*np.load(folder / PASSAGE_VECTORS), *np.load(folder / UNIT_VECTORS))
            stored = zip((*keys.passages, *keys.units), rows, strict=True)
            found = {key: vector for key, vector in stored if key in wanted} | found
    return found


def _least_bytes(keys: Keys, missing: int, dimensions: int) -> int:
    """What a generation takes at the least: its vectors, those of the passages once more in Chroma.

    And the ``missing`` ones in the journal.
    """
    return 4 * dimensions * (2 * len(keys.passages) + len(keys.units) + missing)


def _embed(
    texts: Mapping[str, str], embedder: Embedder, under_way: journal.Journal, report: Progress
) -> dict[str, NDArray[np.float32]]:
    """Embed texts by key, batch by batch, and have each batch outlive this process.

    Of equal texts, which have one key, only one is embedded. Texts of like length come together, as little
    is then spent on padding.
    """
    done = 0

    def count(newly_done: int) -> None:
        nonlocal done
        done += newly_done
        report("embedding", done, len(texts))

    vectors: dict[str, NDArray[np.float32]] = {}
    keys = sorted(texts, key=lambda key: -len(texts[key]))
    for start in range(0, len(keys), PROGRESS_STEP):
        batch = keys[start : start + PROGRESS_STEP]
        made = embedder.embed([texts[key] for key in batch], on_progress=count)
        under_way.append(batch, made)
        vectors.update(zip(batch, made, strict=True))
    return vectors


def _rows(keys: Sequence[str], vectors: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    dimensions = len(next(iter(vectors.values())))
    return np.asarray([vectors[key] for key in keys], dtype=np.float32).reshape(len(keys), dimensions)


def _annotate(folder: Path, content: Content, annotator: Annotator, report: Progress) -> None:
    done, total = 0, len(content.documents) + len(content.passages)

    def count(newly_done: int) -> None:
        nonlocal done
        done += newly_done
        report("annotating", done, total)

    documents = {document.id: document for document in content.documents}
    units_in = overlaps(content.passages, content.units)
    write_annotations(folder, annotator, documents, content.passages, content.units, units_in, count)


def _write_indexes(
    folder: Path,
    content: Content,
    passage_vectors: NDArray[np.float32],
    unit_vectors: NDArray[np.float32],
    report: Progress,
) -> None:
    from .chroma import ChromaVectors  # takes a second, which an ingest that changes nothing need not spend

    done, total = 0, len(content.passages)

    def count(newly_done: int) -> None:
        nonlocal done
        done += newly_done
        report("writing", done, total)

    count(0)
    np.save(folder / PASSAGE_VECTORS, passage_vectors, allow_pickle=False)
    np.save(folder / UNIT_VECTORS, unit_vectors, allow_pickle=False)
    LexicalIndex.build(content.passage_texts).save(folder / LEXICAL)
    ChromaVectors.build(folder / CHROMA, passage_vectors, on_progress=count)


def _check(folder: Path, built: Path, content: Content, embedder: Embedder, report: Progress) -> None:
    """Have a process of its own look for a sample of passages; raises IndexDamaged if that fails."""
    report("checking", 0, 1)
    last = len(content.passages) - 1
    positions = sorted({round(i * last / (SAMPLE_SIZE - 1)) for i in range(SAMPLE_SIZE)})
    vectors = embedder.embed([content.passage_texts[position] for position in positions])
    sample = folder / "sample.npz"
    np.savez(sample, positions=np.array(positions), vectors=vectors)
    package = Path(__file__).resolve().parent
    search_path = os.pathsep.join(filter(None, (str(package.parent), os.environ.get("PYTHONPATH"))))
    # The other end of the child's standard input closes when this process ends, however it does. A child that
    # went on would write into a folder that the next writer has removed.
    its_input, held_open = os.pipe()
    try:
        child = subprocess.run(  # noqa: S603 (this very Python, and paths made above)
            [sys.executable, "-m", f"{package.name}.checking", built, sample],
            env={**os.environ, "PYTHONPATH": search_path},
            stdin=its_input,
            capture_output=True,
            text=True,
            timeout=CHECK_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _check_failed(f"it took more than {CHECK_TIMEOUT} s") from None
    finally:
        os.close(its_input)
        os.close(held_open)
    if child.returncode == 1:
        # Its verdict, and no accident: vectors that are wrong must not come back from the journal.
        journal.discard(folder.parent)
    if child.returncode:
        said = child.stderr.strip().splitlines() or [f"it ended with status {child.returncode}"]
        raise _check_failed(said[-1])
    report("checking", 1, 1)


def _check_failed(reason: str) -> IndexDamaged:
    return IndexDamaged(
        f"The new index was not put to use, for it failed its check: {reason}. What was there before is "
        "untouched. Run `prospectus ingest` again, and `prospectus doctor` if that does not help."
    )
