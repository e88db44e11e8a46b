"""What ``prospectus evaluate`` does: ask and measure, or compare two runs."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from assistant.evaluation.compare import compare
from assistant.evaluation.fixtures import BadInput, load_fixtures
from assistant.evaluation.metrics import Share, pass_rate
from assistant.evaluation.overview import comparison_overview, modes_overview, run_overview
from assistant.evaluation.record import Conditions, Run, read_run, write_run, write_runs
from assistant.evaluation.report import html_report
from assistant.evaluation.run import ask_all
from assistant.evaluation.tables import show

from .backend import Backend, OpenGeneration
from .progress import progress, waiting
from .terminal import EvaluatedMode

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ingest.errors import UnreadableFile

    from .settings import Settings


def evaluate(
    questions: Path,
    opened: Callable[[], AbstractContextManager[Mapping[str, OpenGeneration]]],
    *,
    corpus: Path | None,
    embedding_model: str,
    json_file: Path | None,
    report_file: Path | None,
    out: TextIO,
) -> Share:
    """Ask the questions of a file, write what was asked for, show the tables; return the pass rate.

    The index is only ``opened`` once the questions are read: once for each mode, by its name. In two modes,
    "quoted" and "generated", they are shown side by side, and the lower pass rate is returned.

    Raises:
        BadInput: the questions cannot be used, or the folder of a file to write is not there.
        OSError: a file cannot be written.
    """
    for file in (json_file, report_file):
        check_writable(file)
    fixtures = load_fixtures(questions)
    runs: dict[str, Run] = {}
    with opened() as generations:
        for mode, generation in generations.items():
            documents = generation.index.documents
            with progress() as show_progress:
                results = ask_all(
                    fixtures,
                    generation.assistant,
                    documents,
                    on_progress=partial(show_progress, f"asking, {mode}"),
                )
            conditions = Conditions(
                questions=str(questions),
                questions_sha256=hashlib.sha256(questions.read_bytes()).hexdigest(),
                corpus=str(corpus) if corpus else "",
                embedding_model=embedding_model,
                documents={name: documents[name].content_hash for name in sorted(documents)},
                mode=mode,
            )
            runs[mode] = Run(conditions, results)
    last = list(runs.values())[-1]
    quoted = runs[EvaluatedMode.QUOTED] if len(runs) > 1 else None
    if json_file is not None:
        write_run(json_file, last) if quoted is None else write_runs(json_file, runs)
    if report_file is not None:
        report_file.write_text(html_report(last, quoted=quoted), encoding="utf-8")
    show(run_overview(last) if quoted is None else [*modes_overview(quoted, last), *run_overview(last)], out)
    return min((pass_rate(run.results) for run in runs.values()), key=lambda share: share.hits)


def compare_files(a: Path, b: Path, out: TextIO) -> None:
    """Show what changed from the run saved in ``a`` to the one in ``b``. Raises: BadInput."""
    show(comparison_overview(compare(read_run(a), read_run(b))), out)


@contextmanager
def temporary_index(
    settings: Mapping[str, Settings],
    make_backend: Callable[[Settings], Backend],
    corpus: Path,
    on_unreadable: Callable[[UnreadableFile], None],
) -> Iterator[Mapping[str, OpenGeneration]]:
    """An index of ``corpus`` that is gone when the block ends; the data directory is not touched.

    It is opened with each of ``settings``, by their names.

    Raises:
        BadInput: there is nothing at ``corpus``.
        IngestError: it cannot be ingested.
    """
    if not corpus.exists():
        raise BadInput(f"There is no corpus at {corpus}. Name a folder or a file of pages with --corpus.")
    # On Windows a file that the index library still holds cannot be deleted; it is left to the system then.
    with tempfile.TemporaryDirectory(prefix="prospectus-", ignore_cleanup_errors=True) as folder:
        backends = {
            name: make_backend(each.model_copy(update={"data_dir": Path(folder)}))
            for name, each in settings.items()
        }
        with progress() as show_progress:
            report = next(iter(backends.values())).ingest([corpus], on_progress=show_progress)
        for unreadable in report.unreadable:
            on_unreadable(unreadable)
        with ExitStack() as until_the_end:
            opened: dict[str, OpenGeneration] = {}
            with waiting("Opening the index"):
                for name, backend in backends.items():
                    opened[name] = backend.open()
                    until_the_end.callback(opened[name].index.close)
            yield opened


def check_writable(file: Path | None) -> None:
    """Make sure, before a run of minutes and not after, that ``file`` can be written. Raises: BadInput."""
    if file is not None and (file.is_dir() or not file.parent.is_dir()):
        raise BadInput(f"{file} cannot be written: name a file in a folder that exists.")
