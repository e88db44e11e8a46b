"""Ingest: pages in, a published index out, or the index that was there and an error that says why."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from .annotations import Annotator
from .before import Before, Cut, Origin, generation_before
from .building import Built, Progress, build, content_of, unheard, writable
from .changes import Changes, PageName
from .code_digest import code_digest
from .crawling import Kept, LeftOut
from .data_directory import readings_folder
from .documents import Document
from .embedding import Embedder
from .errors import MOST_DELETIONS, NoDocuments, TooManyDeletions, UnknownDocument, UnreadableFile
from .gathering import Gathered, SourceFile, WebOptions, gather
from .reading import LinkReader, Reading, ReadingCache, read_files
from .repetition import without_repetition
from .web_addresses import is_address
from .web_copies import forget

DEFAULT_LANGUAGE = "en"
_NAMED = 10
"""Vanished pages that are named."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to ingest.

    ``is_dry_run`` changes nothing and reports what would change. ``most_deletions`` in [0, 1] is the share of
    the pages that may vanish at once, unless ``allows_deletions``. ``reads_again`` parses every file, also
    those that did not change or could not be read before.
    """

    is_dry_run: bool = False
    allows_deletions: bool = False
    most_deletions: float = MOST_DELETIONS
    reads_again: bool = False
    web: WebOptions = field(default_factory=WebOptions)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, or would do.

    ``generation`` is the current one, "" where a dry run finds none. ``documents``, ``passages`` and
    ``units`` are those that it holds, ``reused`` counts the passages and units whose vectors were taken over
    from earlier generations or from an ingest that was interrupted, and ``embedded`` the distinct texts that
    were embedded, which took ``embedding_seconds``. ``changed`` is False where the generation before already
    held exactly this and was kept. ``kept`` are pages that could not be fetched, of which an earlier copy is
    used.
    """

    generation: str
    documents: int
    passages: int
    units: int
    reused: int
    unreadable: tuple[UnreadableFile, ...]
    seconds: float
    changed: bool
    changes: Changes = field(default_factory=Changes)
    embedded: int = 0
    embedding_seconds: float = 0.0
    kept: tuple[Kept, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """What was erased: the pages, and the files and addresses that they came from, which still have them."""

    generation: str
    pages: tuple[PageName, ...]
    names: tuple[str, ...]


def ingest(
    places: Sequence[Path | str],
    data_dir: Path,
    embedder: Embedder,
    *,
    options: IngestOptions | None = None,
    annotator: Annotator | None = None,
    on_progress: Progress | None = None,
) -> IngestReport:
    """Make an index of ``places`` (files, folders, addresses) the current one in ``data_dir``, and report.

    Only files that changed are read, and only texts are embedded that neither a generation holds nor the
    journal of an interrupted ingest. An equal corpus, indexed in the same way, leaves everything as it is.
    What the ``annotator`` says of pages and passages is kept beside them. ``on_progress(stage, done, total)``
    is called during the stages "fetching" (pages), "reading" (files), "embedding" (texts), "annotating"
    (pages and passages), "writing" (passages) and "checking".

    Raises:
        NoDocuments: nothing could be read; the index is untouched.
        TooManyDeletions: more pages vanished than may; the index is untouched.
        IndexLocked: another process is writing.
        IndexDamaged: the new generation failed its check; the one before stays.
        DiskFull: the disk is full; the generation before stays.
        IngestError: the folder cannot be written; the generation before stays.
    """
    started = time.perf_counter()
    options = options or IngestOptions()
    report = on_progress or unheard
    cache = ReadingCache(
        readings_folder(data_dir), is_fresh=options.reads_again, is_kept=not options.is_dry_run
    )
    with nullcontext() if options.is_dry_run else writable(data_dir, cache.give_back):
        with LinkReader() as read_page:
            gathered = gather(places, data_dir, options.web, on_progress=report, read_page=read_page)
        readings = _read(gathered.files, cache, report)
        documents, origins, unreadable = _documents(gathered, readings)
        before = generation_before(data_dir)
        cuts = [before.cut(document, code_digest()) for document in without_repetition(documents)]
        content = content_of(cuts, origins)
        if not content.passages:
            raise NoDocuments(_nothing_in(places, unreadable))
        changes = before.changes(cuts)
        if not options.allows_deletions:
            _check_deletions(before, changes, gathered.places, options)
        if options.is_dry_run:
            generation = before.folder.name if before.folder else ""
            built = Built(generation, 0, changed=changes != Changes())
        else:
            built = build(content, data_dir, before, embedder, report, annotator=annotator)
            cache.forget_unused()
    return IngestReport(
        generation=built.generation,
        documents=len(content.documents),
        passages=len(content.passages),
        units=len(content.units),
        reused=built.reused,
        unreadable=unreadable,
        seconds=time.perf_counter() - started,
        changed=built.changed,
        changes=changes,
        embedded=built.embedded,
        embedding_seconds=built.embedding_seconds,
        kept=gathered.kept,
        left_out=gathered.left_out,
    )


def remove(
    document_ids: Collection[str],
    data_dir: Path,
    embedder: Embedder,
    *,
    annotator: Annotator | None = None,
    on_progress: Progress | None = None,
) -> Removed:
    """Erase documents: from the index, the generations before it, and the copies of files and pages.

    What is left is indexed as it was. The files and pages themselves are not ours to delete: the next ingest
    of their places finds them again.

    Raises:
        UnknownDocument: the index holds no such document; nothing is removed.
        NoDocuments: nothing would be left; nothing is removed.
        IndexLocked, IndexDamaged, IngestError: as ``ingest``.
    """
    with writable(data_dir):
        before = generation_before(data_dir)
        unknown = [each for each in document_ids if each not in before.documents]
        if unknown:
            raise UnknownDocument(unknown[0])
        gone = set(document_ids)
        cuts = [
            Cut(document, before.passages.get(key, ()), before.units.get(key, ()))
            for key, document in before.documents.items()
            if key not in gone
        ]
        origins = [
            replace(origin, documents=tuple(each for each in origin.documents if each not in gone))
            for origin in before.origins
        ]
        left = [origin for origin in origins if origin.documents or origin.reason]
        content = content_of(cuts, left)
        if not content.passages:
            raise NoDocuments(
                "Nothing would be left to answer from, so nothing was removed. Ingest other pages instead, "
                f"or delete {data_dir} to be rid of all."
            )
        report = on_progress or unheard
        built = build(content, data_dir, before, embedder, report, annotator=annotator, keeps_previous=False)
        sources = [origin for origin in before.origins if gone & set(origin.documents)]
        for origin in sources:
            if is_address(origin.name):
                forget(data_dir, origin.name)
        # What a file was read as, of all files: reading them again takes seconds.
        shutil.rmtree(readings_folder(data_dir), ignore_errors=True)
    pages = tuple(PageName(key, before.documents[key].title) for key in before.documents if key in gone)
    return Removed(built.generation, pages, tuple(origin.name for origin in sources))


def _read(files: Sequence[SourceFile], cache: ReadingCache, report: Progress) -> list[Reading]:
    done = 0

    def count(newly_done: int) -> None:
        nonlocal done
        done += newly_done
        report("reading", done, len(files))

    return read_files(files, cache, on_progress=count)


def _documents(
    gathered: Gathered, readings: Sequence[Reading]
) -> tuple[list[Document], list[Origin], tuple[UnreadableFile, ...]]:
    """The documents with an id of their own each, where they came from, and what is left out, with reasons.

    Another document of the same id, such as that of a second folder, gets the first free of ``id-2``,
    ``id-3`` … in the order of reading; a copy is left out, for it would only be cited twice.
    """
    ids = _Ids()
    documents: list[Document] = []
    origins: list[Origin] = []
    unreadable = list(gathered.problems)
    for file, reading in zip(gathered.files, readings, strict=True):
        name = file.url or str(file.path)
        if reading.reason:
            unreadable.append(UnreadableFile(name, reading.reason))
        kept: list[str] = []
        for document in reading.documents:
            reason = ids.why_not(document)
            if reason:
                shown = document.id.encode(errors="replace").decode()
                unreadable.append(UnreadableFile(shown, reason))
                continue
            own = replace(_completed(document, file), id=ids.of(document))
            documents.append(own)
            kept.append(own.id)
        origins.append(Origin(file.origin, name, reading.sha256, tuple(kept), reading.reason))
    return documents, origins, tuple(unreadable)


class _Ids:
    """Tells documents of one id apart."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._seen: set[tuple[str, str]] = set()
        # Where the search for a free id goes on: from 2 on each time it would take the square of the pages.
        self._last: dict[str, int] = {}

    def why_not(self, document: Document) -> str:
        """Why a document is left out, "" where it is not."""
        try:
            document.id.encode()
            identity = (document.id, document.content_hash)
        except UnicodeEncodeError:
            return "it holds half a character (a lone surrogate); save it as UTF-8"
        if identity in self._seen:
            return "it is a copy of another document with this id"
        self._seen.add(identity)
        return ""

    def of(self, document: Document) -> str:
        """An id for a document that no other has."""
        unique, number = document.id, self._last.get(document.id, 1)
        while unique in self._taken:
            number += 1
            unique = f"{document.id}-{number}"
        self._last[document.id] = number
        self._taken.add(unique)
        return unique


def _completed(document: Document, file: SourceFile) -> Document:
    """``document`` with what is known of its file where the page itself is silent."""
    return replace(
        document,
        url=file.url or document.url,
        publisher=document.publisher or file.publisher,
        language=document.language or file.language or DEFAULT_LANGUAGE,
        fetched_on=file.fetched_on or _written_on(file.path),
        rank=file.rank,
    )


def _written_on(path: Path) -> date | None:
    try:
        return date.fromtimestamp(path.stat().st_mtime)
    except (OSError, OverflowError, ValueError):
        return None


def _check_deletions(before: Before, changes: Changes, places: Iterable[str], options: IngestOptions) -> None:
    """Raise TooManyDeletions where much has vanished from places that are named again.

    What came from a place that is no longer named goes without a word: that is what was asked for.
    """
    expected = before.from_places(places)
    vanished = [page for page in changes.removed if page.id in expected]
    if len(vanished) <= 1 or len(vanished) <= options.most_deletions * len(expected):
        return
    named = "".join(f"\n  {page.title} ({page.id})" for page in vanished[:_NAMED])
    more = f"\n  and {len(vanished) - _NAMED} more" if len(vanished) > _NAMED else ""
    raise TooManyDeletions(
        f"{len(vanished)} of {len(expected)} pages have vanished, more than {options.most_deletions:.0%}. "
        "The index is as it was. If they are meant to go, run `prospectus ingest` with --allow-deletions."
        f"{named}{more}"
    )


def _nothing_in(places: Sequence[Path | str], unreadable: Sequence[UnreadableFile]) -> str:
    reasons = "".join(f"\n  {error}" for error in unreadable)
    names = ", ".join(map(str, places)) or "an empty list of paths"
    return f"There is nothing to ingest in {names}. The index is as it was. Name a page or a folder.{reasons}"
