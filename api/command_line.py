"""The commands of ``prospectus``.

Standard output holds results and nothing else; progress and errors go to standard error. Exit status: 0 all
is well, 1 failed, 2 wrong usage or settings, 3 a threshold was missed. Libraries that take long to import are
imported by the commands that need them.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from . import index_commands, keys_command
from .terminal import (
    FAILED,
    THRESHOLD_MISSED,
    USAGE,
    EvaluatedMode,
    JsonFlag,
    UsageError,
    backend_maker,
    complain,
    start,
    width,
)
from .widget_files import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from ingest.errors import UnreadableFile

    from .backend import OpenGeneration
    from .service import Exchange, Service
    from .settings import Settings
    from .storage.conversations import Conversations

LOCAL_OWNER = "local"
"""Whose conversations are those on the command line: they are kept in memory, until the command ends."""


class _Commands(TyperGroup):
    """Turns an expected error of any command into one line on standard error and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            status = _exit_status(error)
            if status is None:
                raise
            complain(str(error))
            raise typer.Exit(status) from None


def _exit_status(error: Exception) -> int | None:
    """The status that an expected error ends the program with, None for one that is not expected."""
    from assistant.conversation import InvalidQuestion
    from assistant.evaluation.fixtures import BadInput
    from ingest.errors import BadSources, IngestError

    from .settings import BadSetting
    from .storage.errors import StorageError

    if isinstance(error, BrokenPipeError):
        return None  # whoever read the output has gone; typer ends without a word
    if isinstance(error, (UsageError, BadSetting, BadSources, InvalidQuestion, BadInput)):
        return USAGE
    return FAILED if isinstance(error, (IngestError, StorageError, OSError)) else None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers prospective students from an institution's own pages, every sentence a checked quote.",
)


for _command in (
    index_commands.ingest,
    index_commands.sources,
    index_commands.remove,
    index_commands.rollback,
):
    app.command()(_command)
app.add_typer(keys_command.app, name="keys")


def main() -> None:
    """The console command ``prospectus``."""
    app(prog_name="prospectus")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"prospectus {version('prospectus-assistant')}")
        except PackageNotFoundError:
            typer.echo("prospectus, not installed")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    as_json: JsonFlag = False,
) -> None:
    """Answer one question, with the quotes it rests on."""
    from assistant.conversation import check_question

    message = check_question(_standard_input() if question == "-" else question)
    service = _open_service(ctx)
    try:
        _answer(service, service.start(LOCAL_OWNER), message, as_json=as_json)
    finally:
        service.close()


@app.command()
def chat(ctx: typer.Context) -> None:
    """Answer questions in a conversation: /new starts another one, /quit or Ctrl-D ends it."""
    from assistant.conversation import InvalidQuestion

    from .storage.errors import ConversationFull

    service = _open_service(ctx)
    if sys.stdin.isatty():
        typer.echo("Ask a question. /new starts another conversation, /quit or Ctrl-D ends.", err=True)
    conversation_id: str | None = None
    try:
        while (message := _next_message()) is not None:
            if message == "/quit":
                break
            if message == "/new":
                conversation_id = None
            elif message.startswith("/"):
                complain("the commands are /new and /quit")
            elif message:
                try:
                    exchange = service.start(LOCAL_OWNER, conversation_id)
                    _answer(service, exchange, message)
                except (InvalidQuestion, ConversationFull) as error:
                    complain(str(error))
                else:
                    conversation_id = exchange.conversation_id
    except KeyboardInterrupt:
        typer.echo(err=True)
    finally:
        service.close()


@app.command()
def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="The most passages to show.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Show the passages that match a query best."""
    from assistant.conversation import check_question

    from .plain_text import hits_as_text
    from .schemas import SearchHit, SearchReply

    wanted = check_question(query)
    service = _open_service(ctx)
    try:
        with service.lease() as opened:
            hits = opened.assistant.search(wanted, limit)
            found = SearchReply(hits=[SearchHit.of(hit, opened.index.documents) for hit in hits])
    finally:
        service.close()
    typer.echo(found.model_dump_json(indent=2) if as_json else hits_as_text(found, width()))


@app.command()
def serve(
    ctx: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on; else PROSPECTUS_HOST.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="The port; else PROSPECTUS_PORT; 0: a free one.", show_default=False
        ),
    ] = None,
) -> None:
    """Serve the HTTP API and the demo page until Ctrl-C."""
    from .addresses import LOCAL_NAMES, is_loopback
    from .app import create_app
    from .connections import server_config
    from .door import Door
    from .logs import configure as configure_log
    from .server import STOP_SECONDS, Server
    from .storage.conversations import Conversations
    from .storage.database import open_database
    from .storage.keys import Keys

    settings, _ = start(ctx)
    address = host or settings.host
    # Before anything slow: that a port is taken should be known at once.
    listener = _listen(address, settings.port if port is None else port)
    with listener:
        database = open_database(settings.data_dir, settings.plain_database_url)
        names = {*LOCAL_NAMES, address}
        door = Door(settings, Keys(database), is_local=is_loopback(address), host=address, names=names)
        keep_for = timedelta(days=settings.retention_days)
        service = _open_service(ctx, conversations=Conversations(database, keep_for=keep_for))
        configure_log(settings.log_level, sys.stderr)
        web_app = create_app(service, door=door)
        config = server_config(web_app, stop_seconds=STOP_SECONDS)
        server = Server(config, on_stop=web_app.state.capacity.stop)
        listener.listen(128)  # from here on connections wait until the server takes them
        shown = f"{_in_url(address)}:{listener.getsockname()[1]}"
        typer.echo(f"Prospectus answers at http://{shown}/ (API: /docs). Ctrl-C ends.", err=True)
        # Once uvicorn has shut down in order, it raises the signal again.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


@app.command("widget-snippet")
def widget_snippet(
    ctx: typer.Context,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="The address by which visitors reach the server; else the one it listens on.",
            show_default=False,
        ),
    ] = None,
    lang: Annotated[str, typer.Option(metavar="CODE", help="The language of the widget.")] = DEFAULT_LANGUAGE,
    latest: Annotated[
        bool, typer.Option("--latest", help="Name no version: pages load what the server has then.")
    ] = False,
) -> None:
    """Print the line of HTML that puts the widget on a page."""
    from .widget_files import Widget, script_tag

    if url is None:
        settings, _ = start(ctx)
        url = f"http://{_in_url(settings.host)}:{settings.port}/"
        typer.echo(f"No --url was named: this line is for pages that reach the server at {url}", err=True)
    try:
        line = script_tag(Widget.packaged(), url, language=lang, latest=latest)
    except ValueError as error:
        raise UsageError(str(error)) from None
    typer.echo(line)
    if not latest:
        typer.echo(
            "Browsers run exactly this version of the widget. After an upgrade of the server the line has to "
            "be pasted again; with --latest it has not, and nothing is checked.",
            err=True,
        )


@app.command()
def evaluate(
    ctx: typer.Context,
    questions: Annotated[
        Path | None,
        typer.Argument(
            metavar="QUESTIONS.jsonl", help="The questions, one JSON object a line.", show_default=False
        ),
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(help="Pages to ask about; without, the current index is asked.", show_default=False),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write results and metrics there.", show_default=False),
    ] = None,
    report_file: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="Write an HTML report there.", show_default=False),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=100,
            metavar="PERCENT",
            help="End with status 3 if a smaller share passes.",
            show_default=False,
        ),
    ] = None,
    today: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="The day from which old pages and past dates are told; without, the real one.",
            show_default=False,
        ),
    ] = None,
    mode: Annotated[
        EvaluatedMode | None,
        typer.Option(
            help="How answers are made; without, with the language model of the settings if one is named.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A.json B.json", help="Compare two runs that --json wrote.", show_default=False),
    ] = None,
) -> None:
    """Ask the questions of a file and measure the replies, or compare two earlier runs."""
    from .evaluate_command import compare_files
    from .evaluate_command import evaluate as ask_and_measure

    if compare is not None:
        if any(
            each is not None for each in (questions, corpus, json_file, report_file, fail_under, today, mode)
        ):
            raise UsageError("--compare takes the files of two earlier runs, and nothing beside them.")
        return compare_files(*compare, sys.stdout)
    if questions is None:
        raise UsageError("Name a file of questions, or two earlier runs with --compare.")
    settings, _ = start(ctx)
    if mode is None:
        mode = EvaluatedMode.GENERATED if settings.chat_model else EvaluatedMode.QUOTED
    elif mode is not EvaluatedMode.QUOTED and not settings.chat_model:
        raise UsageError("No language model is set. Name one in PROSPECTUS_CHAT_MODEL, or use --mode quoted.")
    in_modes = {
        each.value: settings.model_copy(update={"chat_model": None})
        if each is EvaluatedMode.QUOTED
        else settings
        for each in mode.single
    }
    passing = ask_and_measure(
        questions,
        lambda: _opened(ctx, corpus, today.date() if today else None, in_modes),
        corpus=corpus,
        embedding_model=settings.embedding_model,
        json_file=json_file,
        report_file=report_file,
        out=sys.stdout,
    )
    if fail_under is not None and 100 * passing.hits < fail_under * passing.n:
        complain(f"{passing.hits} of {passing.n} questions pass; --fail-under asks for {fail_under:g} %.")
        raise typer.Exit(THRESHOLD_MISSED)


@app.command(name="evaluate-retrieval")
def evaluate_retrieval(
    ctx: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(help="A set: corpus.jsonl, queries.jsonl and qrels/test.tsv, as BEIR writes them."),
    ],
    queries: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Other queries: a path, or a name in the folder.", show_default=False
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Draw that many queries; without, all are asked.", show_default=False
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write all values there.", show_default=False),
    ] = None,
) -> None:
    """Measure how well passages are found: dense, lexical, their reciprocal rank fusion, and ours."""
    from .evaluate_retrieval_command import evaluate_retrieval as rank_and_measure

    settings, backend = start(ctx)
    rank_and_measure(
        folder,
        queries_file=queries,
        limit=limit,
        json_file=json_file,
        data_dir=settings.data_dir,
        backend=backend,
        out=sys.stdout,
    )


@app.command()
def doctor(ctx: typer.Context) -> None:
    """Check the installation, the embedding model and the index; say how to repair what is wrong."""
    from .doctor import examine
    from .progress import waiting

    settings, backend = start(ctx)
    is_ok = True
    with waiting("Checking"):
        for check in examine(settings, backend):
            is_ok &= check.is_ok
            typer.echo(f"{'ok' if check.is_ok else 'failed':<8}{check.name}: {check.found}")
            if check.remedy:
                typer.echo(f"{'':<8}{check.remedy}")
    if not is_ok:
        raise typer.Exit(FAILED)


def _open_service(
    ctx: typer.Context,
    today: date | None = None,
    conversations: Conversations | None = None,
    settings: Settings | None = None,
) -> Service:
    """A service with the current generation open; the first time, that is built from the corpus.

    ``settings`` are those of the environment where none are given.
    """
    from ingest.errors import IndexMissing

    from .backend import build_first_index
    from .progress import progress, waiting
    from .service import Service

    settings, backend = start(ctx, today, settings)
    service = Service(backend, conversations=conversations)
    try:
        with waiting("Opening the index"):
            service.open()
    except IndexMissing:
        typer.echo(f"No index in {settings.data_dir} yet: building it from {settings.corpus} …", err=True)
        with progress() as show:
            report = build_first_index(backend, settings, on_progress=show)
        for unreadable in report.unreadable:
            _warn_left_out(unreadable)
        service.open()
    if service.refusal is not None:
        typer.echo(f"warning: {service.refusal.reason} Until then an earlier index answers.", err=True)
    return service


@contextmanager
def _opened(
    ctx: typer.Context, corpus: Path | None, today: date | None, settings: Mapping[str, Settings]
) -> Iterator[Mapping[str, OpenGeneration]]:
    """The current generation, or a temporary index of ``corpus``, open with each of ``settings``, by name."""
    from .evaluate_command import temporary_index

    if corpus is not None:
        make = backend_maker(ctx, today, models=start(ctx)[0].data_dir)
        with temporary_index(settings, make, corpus, _warn_left_out) as opened:
            yield opened
        return
    with ExitStack() as until_the_end:
        leased: dict[str, OpenGeneration] = {}
        for name, each in settings.items():
            service = _open_service(ctx, today, settings=each)
            until_the_end.callback(service.close)
            leased[name] = until_the_end.enter_context(service.lease())
        yield leased


def _warn_left_out(unreadable: UnreadableFile) -> None:
    typer.echo(f"warning: left out {unreadable}", err=True)


def _answer(service: Service, exchange: Exchange, message: str, *, as_json: bool = False) -> None:
    from .plain_text import reply_as_text
    from .schemas import ChatReply

    reply = ChatReply.of(exchange, service.answer(exchange, message))
    typer.echo(reply.model_dump_json(indent=2) if as_json else reply_as_text(reply, width()))


def _next_message() -> str | None:
    """The next line that was typed, None at the end of the input."""
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return None
    except UnicodeDecodeError:
        complain("the input is not valid UTF-8")
        return ""


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read(64 * 1024).decode("utf-8").strip()
    except UnicodeDecodeError:
        raise UsageError("The question on standard input is not valid UTF-8.") from None


def _listen(host: str, port: int) -> socket.socket:
    """A socket that is bound, but does not accept anything yet. Raises: UsageError, OSError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise UsageError(
            f"There is no address {host!r}. Name another with --host or PROSPECTUS_HOST."
        ) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise OSError(
            f"cannot listen on {host}, port {port}: {error.strerror}. Name another with --host and --port."
        ) from None
    return listener


def _in_url(address: str) -> str:
    """An address as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


if __name__ == "__main__":
    main()
