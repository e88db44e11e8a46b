"""Our types as JSON and back: what comes back is of the type that was asked for, or an error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def as_json(kind: type[T], value: T, *, indent: int | None = None) -> bytes:
    """Return ``value`` as JSON; equal values give equal bytes."""
    return _adapter(kind).dump_json(value, indent=indent)


def from_json(kind: type[T], content: bytes) -> T:
    """Return the value in ``content``.

    Raises:
        ValueError: it is not JSON, or of another type.
    """
    value: T = _adapter(kind).validate_json(content)
    return value


def write_records(path: Path, kind: type[T], records: Iterable[T]) -> None:
    """Write records to a JSON Lines file; equal records give equal bytes."""
    with path.open("wb") as file:
        file.writelines(as_json(kind, record) + b"\n" for record in records)


def read_records(path: Path, kind: type[T]) -> tuple[T, ...]:
    """Return the records of a JSON Lines file.

    Raises:
        OSError, ValueError: the file is missing or holds something else.
    """
    with path.open("rb") as file:
        return tuple(from_json(kind, line) for line in file)


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """The adapter of a type, made once: that takes milliseconds, and reading a record microseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
