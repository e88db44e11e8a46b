"""The commands that change the index or list what is in it: ingest, sources, remove, rollback."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.sources import DEFAULT_DEPTH, DEFAULT_PAGES, MAX_DEPTH, MAX_PAGES, SourceKind

from .terminal import FAILED, JsonFlag, UsageError, complain, count, start

if TYPE_CHECKING:
    from ingest.before import Before
    from ingest.changes import FactChange
    from ingest.gathering import WebOptions
    from ingest.pipeline import IngestReport

    from .settings import Settings


# Of fewer texts the seconds tell how long the model took to load.
_ENOUGH_FOR_A_RATE = 100


def ingest(
    ctx: typer.Context,
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH_OR_URL …]",
            help="Files, folders and addresses; without any, PROSPECTUS_CORPUS.",
            show_default=False,
        ),
    ] = None,
    crawl: Annotated[
        bool, typer.Option("--crawl", help="Follow the links of an address to other pages of its site.")
    ] = False,
    sitemap: Annotated[
        bool, typer.Option("--sitemap", help="Take an address as a site, whose sitemap lists the pages.")
    ] = False,
    depth: Annotated[
        int, typer.Option(min=0, max=MAX_DEPTH, help="Links to follow one after the other.")
    ] = DEFAULT_DEPTH,
    pages: Annotated[
        int, typer.Option(min=1, max=MAX_PAGES, help="The most pages to fetch of one address.")
    ] = DEFAULT_PAGES,
    now: Annotated[
        bool, typer.Option("--now", help="Ask for every page, however fresh its copy is.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would change; pages are fetched all the same.")
    ] = False,
    allow_deletions: Annotated[
        bool, typer.Option("--allow-deletions", help="Go on even if many pages have vanished at once.")
    ] = False,
    read_again: Annotated[
        bool, typer.Option("--read-again", help="Read every file, also those that did not change.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Build the index from files, folders and websites, and publish it."""
    from ingest.pipeline import IngestOptions

    from .progress import progress
    from .schemas import IngestSummary

    settings, backend = start(ctx)
    options = IngestOptions(
        is_dry_run=dry_run,
        allows_deletions=allow_deletions,
        most_deletions=settings.most_deletions,
        reads_again=read_again,
        web=_web_options(settings, crawl=crawl, sitemap=sitemap, depth=depth, pages=pages, now=now),
    )
    named = [place if "://" in place else Path(place) for place in places or ()]
    with progress() as show:
        report = backend.ingest(named or [settings.corpus], options=options, on_progress=show)
    for unreadable in report.unreadable:
        complain(str(unreadable))
    if as_json:
        typer.echo(IngestSummary.of(report).model_dump_json(indent=2))
    else:
        for line in _told(report, is_dry_run=dry_run):
            typer.echo(line)
    if report.unreadable:
        complain(f"{count(len(report.unreadable), 'file')} could not be read; the rest is ingested.")
        raise typer.Exit(FAILED)


def sources(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List the documents of the index, where they came from, and what could not be read."""
    from ingest.before import generation_before
    from ingest.errors import IndexMissing

    settings, _ = start(ctx)
    found = generation_before(settings.data_dir)
    if found.folder is None:
        raise IndexMissing(f"There is no sound index in {settings.data_dir}. `prospectus ingest` builds one.")
    records = _records(found)
    unread = [origin for origin in found.origins if origin.reason]
    if as_json:
        left = [{"name": origin.name, "reason": origin.reason} for origin in unread]
        typer.echo(json.dumps({"documents": records, "unreadable": left}, indent=2, ensure_ascii=False))
        return
    for record in records:
        changed = f"page of {record['modified_on']}" if record["modified_on"] else "page without a date"
        rank = f", rank {record['rank']}" if record["rank"] else ""
        typer.echo(f"{record['id']}  {record['title']}")
        typer.echo(f"    {record['name']}")
        typer.echo(
            f"    {changed}, read {record['fetched_on'] or 'on an unknown day'}, "
            f"{count(record['passages'], 'passage')}, {count(record['units'], 'unit')} of evidence{rank}"
        )
    for origin in unread:
        typer.echo(f"unreadable  {origin.name}: {origin.reason}")
    passages = sum(record["passages"] for record in records)
    typer.echo(
        f"{count(len(records), 'document')}, {count(passages, 'passage')}; generation {found.folder.name}.",
        err=True,
    )


def remove(
    ctx: typer.Context,
    documents: Annotated[
        list[str], typer.Argument(metavar="ID …", help="The ids, as `prospectus sources` shows them.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Erase documents for good: from the index, from its earlier states, from what was said of them."""
    from .storage.conversations import Conversations
    from .storage.database import open_database

    settings, backend = start(ctx)
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Erase {', '.join(documents)}? This cannot be undone.", abort=True, err=True)
    from .progress import progress

    with progress() as show:
        removed = backend.remove(documents, on_progress=show)
    database = open_database(settings.data_dir, settings.plain_database_url)
    try:
        erased = Conversations(database).erase_citing({page.id for page in removed.pages})
    finally:
        database.close()
    for page in removed.pages:
        typer.echo(f"Erased {page.id} ({page.title}).")
    if erased:
        typer.echo(f"Erased {count(erased, 'conversation')} in which it was quoted.")
    for name in removed.names:
        typer.echo(
            f"{name} still has it: delete it there, or exclude it in sources.toml, or the next ingest will "
            "find it again.",
            err=True,
        )


def rollback(ctx: typer.Context) -> None:
    """Answer from the index before the current one again; a second time, from the newer one."""
    _, backend = start(ctx)
    generation = backend.rollback()
    typer.echo(f"Generation {generation} answers now. The next ingest builds on it.")


def _web_options(
    settings: Settings, *, crawl: bool, sitemap: bool, depth: int, pages: int, now: bool
) -> WebOptions:
    from ingest.gathering import WebOptions

    if crawl and sitemap:
        raise UsageError("--crawl and --sitemap exclude each other: name the one that finds the pages.")
    kind = SourceKind.CRAWL if crawl else SourceKind.SITEMAP if sitemap else SourceKind.URL
    return WebOptions(kind=kind, depth=depth, pages=pages, ask_again=now, rules=settings.fetch_rules)


def _told(report: IngestReport, *, is_dry_run: bool) -> list[str]:
    """What an ingest did, line by line, the facts that changed first: that is what an office reads."""
    changes = report.changes
    lines = [_fact_line(change) for change in changes.facts]
    would = "would be " if is_dry_run else ""
    for verb, pages in (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed)):
        lines += [f"{would}{verb}: {page.title} ({page.id})" for page in pages]
    lines += [f"kept as it was on {kept.fetched_on}: {kept.address} ({kept.reason})" for kept in report.kept]
    lines += [f"left out: {left.address} ({left.reason})" for left in report.left_out]
    lines.append(
        f"{count(report.documents, 'document')}, {count(report.passages, 'passage')} and "
        f"{count(report.units, 'unit')} of evidence: {len(changes.added)} added, {len(changes.changed)} "
        f"changed, {len(changes.removed)} removed, {len(report.unreadable)} unreadable."
    )
    if is_dry_run:
        lines.append(f"Nothing was changed ({report.seconds:.1f} s).")
        return lines
    speed = ""
    if report.embedded:
        speed = f", {count(report.embedded, 'text')} embedded"
    if report.embedded >= _ENOUGH_FOR_A_RATE:
        speed += f" ({report.embedded / max(report.embedding_seconds, 1e-9):.0f} a second)"
    state = "published" if report.changed else "unchanged"
    lines.append(
        f"{report.seconds:.1f} s{speed}, {count(report.reused, 'vector')} reused; generation "
        f"{report.generation} {state}."
    )
    return lines


def _fact_line(change: FactChange) -> str:
    about = " › ".join(change.about)
    where = f"{change.page.title}: {about}" if about and about != change.page.title else change.page.title
    return f"{where}: {change.before or '(not stated)'} → {change.after or '(no longer stated)'}"


def _records(found: Before) -> list[dict[str, Any]]:
    names = {document: origin.name for origin in found.origins for document in origin.documents}
    return [
        {
            "id": document.id,
            "title": document.title,
            "name": names.get(document.id, document.url),
            "url": document.url,
            "modified_on": document.modified_on and document.modified_on.isoformat(),
            "fetched_on": document.fetched_on and document.fetched_on.isoformat(),
            "rank": document.rank,
            "passages": len(found.passages.get(document.id, ())),
            "units": len(found.units.get(document.id, ())),
        }
        for document in found.documents.values()
    ]
