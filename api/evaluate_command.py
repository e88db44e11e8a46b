"""What ``prospectus evaluate`` does: ask and measure, or compare two runs."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from assistant.evaluation.compare import compare
from assistant.evaluation.fixtures import BadInput, load_fixtures
from assistant.evaluation.metrics import Share, pass_rate
from assistant.evaluation.overview import comparison_overview, run_overview
from assistant.evaluation.record import Conditions, Run, read_run, write_run
from assistant.evaluation.report import html_report
from assistant.evaluation.run import ask_all
from assistant.evaluation.tables import show

from .backend import Backend, OpenGeneration
from .progress import progress, waiting

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ingest.errors import UnreadableFile

    from .settings import Settings


def evaluate(
    questions: Path,
    opened: Callable[[], AbstractContextManager[OpenGeneration]],
    *,
    corpus: Path | None,
    embedding_model: str,
    json_file: Path | None,
    report_file: Path | None,
    out: TextIO,
) -> Share:
    """Ask the questions of a file, write what was asked for, show the tables; return the pass rate.

    The index is only ``opened`` once the questions are read.

    Raises:
        BadInput: the questions cannot be used, or the folder of a file to write is not there.
        OSError: a file cannot be written.
    """
    for file in (json_file, report_file):
        check_writable(file)
    fixtures = load_fixtures(questions)
    with opened() as generation:
        with progress() as show_progress:
            results = ask_all(
                fixtures,
                generation.assistant,
                generation.index.documents,
                on_progress=lambda done, total: show_progress("asking", done, total),
            )
        documents = generation.index.documents
        conditions = Conditions(
            questions=str(questions),
            questions_sha256=hashlib.sha256(questions.read_bytes()).hexdigest(),
            corpus=str(corpus) if corpus else "",
            embedding_model=embedding_model,
            documents={name: documents[name].content_hash for name in sorted(documents)},
        )
    run = Run(conditions, results)
    if json_file is not None:
        write_run(json_file, run)
    if report_file is not None:
        report_file.write_text(html_report(run), encoding="utf-8")
    show(run_overview(run), out)
    return pass_rate(results)


def compare_files(a: Path, b: Path, out: TextIO) -> None:
    """Show what changed from the run saved in ``a`` to the one in ``b``. Raises: BadInput."""
    show(comparison_overview(compare(read_run(a), read_run(b))), out)


@contextmanager
def temporary_index(
    settings: Settings,
    make_backend: Callable[[Settings], Backend],
    corpus: Path,
    on_unreadable: Callable[[UnreadableFile], None],
) -> Iterator[OpenGeneration]:
    """An index of ``corpus`` that is gone when the block ends; the data directory is not touched.

    Raises:
        BadInput: there is nothing at ``corpus``.
        IngestError: it cannot be ingested.
    """
    if not corpus.exists():
        raise BadInput(f"There is no corpus at {corpus}. Name a folder or a file of pages with --corpus.")
    # On Windows a file that the index library still holds cannot be deleted; it is left to the system then.
    with tempfile.TemporaryDirectory(prefix="prospectus-", ignore_cleanup_errors=True) as folder:
        backend = make_backend(settings.model_copy(update={"data_dir": Path(folder)}))
        with progress() as show_progress:
            report = backend.ingest([corpus], on_progress=show_progress)
        for unreadable in report.unreadable:
            on_unreadable(unreadable)
        with waiting("Opening the index"):
            opened = backend.open()
        try:
            yield opened
        finally:
            opened.index.close()


def check_writable(file: Path | None) -> None:
    """Make sure, before a run of minutes and not after, that ``file`` can be written. Raises: BadInput."""
    if file is not None and (file.is_dir() or not file.parent.is_dir()):
        raise BadInput(f"{file} cannot be written: name a file in a folder that exists.")
