"""What the commands share: their settings, their words on standard error, their exit status."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .backend import Backend
    from .settings import Settings

FAILED = 1
USAGE = 2
THRESHOLD_MISSED = 3


class EvaluatedMode(StrEnum):
    """How the answers that are evaluated are made: from quotes alone, with the language model, or both."""

    QUOTED = "quoted"
    GENERATED = "generated"
    BOTH = "both"

    @property
    def single(self) -> tuple[EvaluatedMode, ...]:
        """The modes to ask in, one after the other."""
        both = (EvaluatedMode.QUOTED, EvaluatedMode.GENERATED)
        return both if self is EvaluatedMode.BOTH else (self,)


MakeBackend = Callable[["Settings"], "Backend"]
"""Given as the ``obj`` of the application in tests; else it is ``LocalBackend``."""

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


class UsageError(ValueError):
    """The command cannot do what its arguments ask for; the message says what to do instead."""


def start(
    ctx: typer.Context, today: date | None = None, settings: Settings | None = None
) -> tuple[Settings, Backend]:
    """The settings, those of the environment where none are given, and their backend. Raises: BadSetting."""
    from .settings import load_settings

    settings = settings or load_settings()
    return settings, backend_maker(ctx, today)(settings)


def backend_maker(ctx: typer.Context, today: date | None, models: Path | None = None) -> MakeBackend:
    """What makes the backend; its day is ``today`` where that is given, and else the real one.

    ``models`` is the data directory with the prepared models where that of the settings is another.
    """
    from .backend import LocalBackend

    if ctx.obj is not None:
        make: MakeBackend = ctx.obj
        return make
    if today is None:
        return partial(LocalBackend, models=models)
    return partial(LocalBackend, models=models, today=lambda: today)


def complain(what: str) -> None:
    """Says what went wrong on standard error."""
    typer.echo(f"error: {what}", err=True)


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 page", "1,200 pages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def width() -> int:
    """Columns for text that is read."""
    return min(shutil.get_terminal_size((80, 24)).columns, 100)
