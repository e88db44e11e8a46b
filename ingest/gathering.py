"""Places into files: what lies in folders, and the pages of websites as copies on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from .crawling import Kept, LeftOut, Page, ReadLinks, Walk
from .data_directory import own_folders
from .errors import UnreadableFile
from .fetching import Client, Rules
from .folders import files_in, id_of_file
from .links import read_links
from .sources import DEFAULT_DEPTH, DEFAULT_PAGES, NAME, Source, SourceKind, read_sources
from .visiting import Visitor
from .web_addresses import BadAddress, id_of, is_address, normalised
from .web_copies import WebCopies, open_copies

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read, and what is known of it besides.

    ``url`` is the address that a page was fetched from, "" for other files. ``publisher`` and ``language``
    are for documents that do not name their own, "" where unknown. ``fetched_on`` is None for a file that was
    not fetched. Where documents disagree, the greater ``rank`` is believed. ``origin`` is the place that led
    here: a path as it was given, or an address.
    """

    path: Path
    document_id: str
    url: str = ""
    fetched_on: date | None = None
    rank: int = 0
    origin: str = ""
    publisher: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How pages are fetched.

    ``kind``, ``depth``, ``pages`` and ``hosts`` are those of a source that is made of an address among the
    places; a sources.toml says so for its own. With ``ask_again`` every page is asked for, however fresh its
    copy is.
    """

    kind: SourceKind = SourceKind.URL
    depth: int = DEFAULT_DEPTH
    pages: int = DEFAULT_PAGES
    hosts: tuple[str, ...] = ()
    ask_again: bool = False
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The files to read, and what became of everything else.

    ``problems`` are places and pages of which there is nothing to read. ``kept`` are pages that failed this
    time, whose earlier copy is among ``files``. ``vanished`` are pages that were there the last time and are
    said to be gone (404, 410). ``places`` are those that were looked through: the ones named, and what a
    sources.toml lists. ``asked`` counts the pages that a server was asked for, ``unchanged`` those of
    them that were as their copy.
    """

    files: tuple[SourceFile, ...] = ()
    problems: tuple[UnreadableFile, ...] = ()
    kept: tuple[Kept, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    vanished: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    asked: int = 0
    unchanged: int = 0


def gather(
    places: Sequence[str | Path],
    data_dir: Path,
    options: WebOptions,
    *,
    on_progress: Progress | None = None,
    read_page: ReadLinks = read_links,
    visitor: Visitor | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Gathered:
    """Return the files that ``places`` stand for: files, folders, addresses, and a folder's sources.toml.

    Copies of pages are kept in ``<data dir>/web/``, where nothing else is left once all places were gone
    through; if that is interrupted, the next call goes on where it stopped. ``on_progress`` is called with
    the stage "fetching", the number of pages done, and the number known so far. ``read_page`` reads what
    came from outside, so it can be run elsewhere; a page on which it raises UnreadableFile has no links.
    ``visitor`` and ``now`` (UTC) are there to be exchanged in tests.

    Raises:
        BadSources: a sources.toml cannot be used.
        IndexLocked: another process is fetching into this data directory.
    """
    plan = _plan(places, data_dir, options)
    if not plan.web:
        return Gathered(tuple(plan.files), tuple(plan.problems), places=tuple(plan.places))
    visitor = visitor or Visitor(Client(options.rules))
    with open_copies(data_dir) as copies:
        walk = Walk(
            visitor,
            copies,
            since=copies.begin(_purpose(plan.web), now()),
            now=now,
            ask_again=options.ask_again,
            read_page=read_page,
            on_page=partial(on_progress, "fetching") if on_progress is not None else None,
        )
        pages = [page for source in plan.web for page in walk.pages(source)]
        files = tuple(_file_of(page, copies) for page in _best(pages))
        copies.keep_only(walk.used)
        copies.finish(walk.absent)
    found = walk.found
    return Gathered(
        files=(*plan.files, *files),
        problems=(*plan.problems, *(UnreadableFile(error.address, error.reason) for error in found.problems)),
        kept=tuple(found.kept),
        left_out=tuple(found.left_out),
        vanished=tuple(found.vanished),
        places=tuple(plan.places),
        asked=found.asked,
        unchanged=found.unchanged,
    )


def _purpose(sources: Sequence[Source]) -> str:
    """The same for the same sources: what was broken off for others is not gone on with."""
    return hashlib.sha256(repr(sources).encode()).hexdigest()


def _best(pages: Sequence[Page]) -> list[Page]:
    """Of pages with one address that of the greatest rank, of equal ones the first."""
    best: dict[str, Page] = {}
    for page in pages:
        if page.url not in best or best[page.url].source.rank < page.source.rank:
            best[page.url] = page
    return list(best.values())


def _file_of(page: Page, copies: WebCopies) -> SourceFile:
    return SourceFile(
        path=copies.path_of(page.copy),
        document_id=id_of(page.url),
        url=page.url,
        fetched_on=page.copy.fetched_on,
        rank=page.source.rank,
        origin=page.source.place,
        publisher=page.source.publisher,
        language=page.source.language,
    )


@dataclass(slots=True)
class _Plan:
    own: tuple[Path, ...]
    files: list[SourceFile]
    problems: list[UnreadableFile]
    web: list[Source]
    seen: set[Path] = field(default_factory=set)
    unwanted: set[Path] = field(default_factory=set)
    places: list[str] = field(default_factory=list)


def _plan(places: Sequence[str | Path], data_dir: Path, options: WebOptions) -> _Plan:
    plan = _Plan(own_folders(data_dir.resolve()), [], [], [])
    for place in places:
        if is_address(str(place)):
            try:
                address = normalised(str(place))
            except BadAddress as error:
                plan.problems.append(UnreadableFile(str(place), str(error)))
                continue
            plan.places.append(address)
            plan.web.append(
                Source(
                    options.kind,
                    address,
                    hosts=options.hosts,
                    depth=options.depth,
                    pages=options.pages,
                )
            )
            continue
        path = Path(place)
        plan.places.append(str(place))
        folder = path if path.is_dir() else path.parent
        listed = path / NAME if path.is_dir() else path
        is_list = listed.name == NAME and listed.is_file()
        sources = read_sources(listed) if is_list else ()
        # Those with a rank of their own come first, for a file is taken once.
        for source in sources:
            plan.places.append(source.place)
            if source.kind is SourceKind.PATH:
                _add_files(plan, Path(source.place), folder, source)
            else:
                plan.web.append(source)
        if not (is_list and listed == path):
            whole = Source(SourceKind.PATH, str(place))
            _add_files(plan, path, folder, whole, is_whole=True, may_be_empty=sources != ())
    return plan


def _add_files(
    plan: _Plan, path: Path, root: Path, source: Source, *, is_whole: bool = False, may_be_empty: bool = False
) -> None:
    """Add the files in ``path``, with ids as seen from ``root``.

    Of a folder that ``is_whole``, what the patterns of a source in it left out is left out too.
    """
    problems: list[UnreadableFile] = []
    found = files_in(path, problems)
    if not (may_be_empty and not found and [problem.path for problem in problems] == [str(path)]):
        plan.problems += problems
    for file in found:
        try:
            resolved = file.resolve()
        except (OSError, RuntimeError) as error:  # a loop of links: RuntimeError up to Python 3.12
            plan.problems.append(UnreadableFile(file, getattr(error, "strerror", None) or str(error)))
            continue
        if not source.is_wanted(file.relative_to(path).as_posix() if file != path else file.name):
            plan.unwanted.add(resolved)
            continue
        if any(map(resolved.is_relative_to, plan.own)):
            continue
        if resolved in plan.seen or (is_whole and resolved in plan.unwanted):
            continue
        plan.seen.add(resolved)
        plan.files.append(
            SourceFile(
                path=file,
                document_id=id_of_file(file, root if file.is_relative_to(root) else path),
                rank=source.rank,
                origin=source.place,
                publisher=source.publisher,
                language=source.language,
            )
        )
