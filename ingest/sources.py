"""What to read and how often: the ``sources.toml`` of a corpus folder.

    [[source]]
    crawl = "https://www.example.edu/masters/"
    every = "1 day"
    rank = 10

Each ``[[source]]`` has one of ``url`` (one page), ``sitemap`` (the pages that a sitemap lists), ``crawl``
(the pages that links lead to from there) and ``path`` (a file or folder, seen from the folder of the list).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .errors import BadSources
from .web_addresses import BadAddress, checked_host, normalised, path_and_query

NAME = "sources.toml"
# Pages are fetched one after the other with a pause between: 500 take some ten minutes.
DEFAULT_PAGES = 500
MAX_PAGES = 50_000
DEFAULT_DEPTH = 5
MAX_DEPTH = 50
# A list of sources that somebody wrote; anything larger is another file.
_MAX_BYTES = 1024 * 1024
_MAX_RANK = 1000
_MAX_ENTRIES = 200
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_EVERY = re.compile(rf"(?P<number>[1-9]\d{{0,3}})\s*(?P<unit>{'|'.join(_UNITS)})s?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_HEADER = re.compile(r"\s*\[\[\s*source\s*\]\]")


class SourceKind(StrEnum):
    """How the place of a source is to be understood; the values are the keys in sources.toml."""

    URL = "url"
    """One page."""
    SITEMAP = "sitemap"
    """The pages that a sitemap lists; of an address that is no sitemap, those of its site's sitemaps."""
    CRAWL = "crawl"
    """A page and those that links lead to from there, on the same site."""
    PATH = "path"
    """A file or folder on this machine."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place to take documents from.

    ``place`` is a normalised address, or a path. ``every`` is how old a copy may be before the page is asked
    for again; None: it is always asked for. Where sources disagree, the one with the greater ``rank`` is
    believed. ``include`` and ``exclude`` are patterns (see ``is_wanted``). ``hosts`` may be fetched from
    beside that of ``place``. ``depth`` counts links from ``place``, ``pages`` documents. ``publisher`` and
    ``language`` are for pages that do not name their own.
    """

    kind: SourceKind
    place: str
    every: timedelta | None = None
    rank: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    depth: int = DEFAULT_DEPTH
    pages: int = DEFAULT_PAGES
    publisher: str = ""
    language: str = ""

    def is_wanted(self, name: str) -> bool:
        """Whether a page may be read: ``name`` is an address, or the path of a file in the folder.

        A pattern is compared with the whole path of the address, its query included (``/masters/*``), or with
        the whole address where it holds ``://``. ``*`` stands for any characters, slashes included. What a
        pattern of ``exclude`` fits is left out; where ``include`` names any, one of them has to fit.
        """
        forms = (name, path_and_query(name)) if "://" in name else (name,)

        def fits(patterns: tuple[str, ...]) -> bool:
            return any(fnmatchcase(form, pattern) for pattern in patterns for form in forms)

        return not fits(self.exclude) and (not self.include or fits(self.include))


def read_sources(file: Path) -> tuple[Source, ...]:
    """Return the sources in a ``sources.toml``, in its order.

    Raises:
        BadSources: the message names the file, the line and the key, the value and what it must be.
    """
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise BadSources(f"{file}: it has more than {_MAX_BYTES:,} bytes.")
        text = file.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise BadSources(f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadSources(f"{file}: byte {error.start:,} is not UTF-8; save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSources(f"{file}: it is not TOML: {error}") from error
    for key in data:
        if key != "source":
            raise BadSources(f"{file}: {_unknown(key, ('source',))}; sources begin with [[source]]")
    entries = data.get("source", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise BadSources(f"{file}: each source must begin with [[source]], in two brackets")
    lines = _Lines(text)
    return tuple(_source(file, lines, number, entry) for number, entry in enumerate(entries))


class _Lines:
    """Finds the line of a key of the n-th source, to name it; the parser does not tell."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._headers = [number for number, line in enumerate(self._lines) if _HEADER.match(line)]

    def of(self, source: int, key: str | None) -> int | None:
        if source >= len(self._headers):
            return None
        first = self._headers[source]
        last = self._headers[source + 1] if source + 1 < len(self._headers) else len(self._lines)
        for number in range(first, last):
            if key is not None and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", self._lines[number]):
                return number + 1
        return first + 1


def _source(file: Path, lines: _Lines, number: int, entry: dict[str, Any]) -> Source:
    def bad(what: str, key: str | None = None) -> BadSources:
        line = lines.of(number, key)
        where = f"line {line}" if line is not None else f"source {number + 1}"
        return BadSources(f"{file}, {where}: {what}")

    for key in entry:
        if key not in KEYS:
            raise bad(_unknown(key, KEYS), key)
    kinds = [kind for kind in SourceKind if kind.value in entry]
    if len(kinds) != 1:
        has = " and ".join(f"'{kind}'" for kind in kinds) or "none of them"
        raise bad(f"a source needs one of 'url', 'sitemap', 'crawl' and 'path', but this one has {has}")
    (kind,) = kinds
    for key in entry:
        if key in _NOT_FOR[kind]:
            raise bad(f"'{key}' says nothing about a source with '{kind}'", key)
    values: dict[str, Any] = {}
    for key, value in entry.items():
        try:
            values[key] = KEYS[key](value)
        except ValueError as error:
            raise bad(f"'{key}' is {value!r}, but must be {error}", key) from None
    place = values.pop(kind.value)
    if kind is SourceKind.PATH:
        place = str(file.parent / place)
    return Source(kind, place, **values)


def _unknown(key: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = get_close_matches(key, list(known), n=1)
    return f"'{key}' is not a known key" + (f"; did you mean '{near[0]}'?" if near else "")


# What a value must be: each returns it as it is kept, or raises ValueError with the words after "must be".


def _address(value: object) -> str:
    wanted = "an address such as https://www.example.edu/fees"
    if not isinstance(value, str):
        raise ValueError(wanted)
    try:
        return normalised(value)
    except BadAddress as error:
        raise ValueError(f"{wanted} ({error})") from None


def _path(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value or "://" in value:
        raise ValueError("the path of a file or folder")
    return value


def _every(value: object) -> timedelta:
    found = _EVERY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('a time such as "1 day", "12 hours", "2 weeks" or "30 minutes"')
    return int(found["number"]) * _UNITS[found["unit"]]


def _whole(lowest: int, highest: int) -> Callable[[object], int]:
    def checked(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return value

    return checked


def _texts(value: object) -> tuple[str, ...]:
    entries = [value] if isinstance(value, str) else value
    if (
        not isinstance(entries, list)
        or len(entries) > _MAX_ENTRIES
        or not all(isinstance(each, str) and 0 < len(each) <= 500 for each in entries)
    ):
        raise ValueError('a list of patterns such as ["/masters/*"]')
    return tuple(entries)


def _hosts(value: object) -> tuple[str, ...]:
    wanted = 'a list of hosts such as ["www.example.edu", "*.example.edu"]'
    try:
        return tuple(checked_host(each) for each in _texts(value))
    except ValueError:
        raise ValueError(wanted) from None


def _line(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 200:
        raise ValueError("a text of one line")
    return value.strip()


def _language(value: object) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise ValueError("a code such as en")
    return value


KEYS: dict[str, Callable[[object], Any]] = {
    "url": _address,
    "sitemap": _address,
    "crawl": _address,
    "path": _path,
    "every": _every,
    "rank": _whole(-_MAX_RANK, _MAX_RANK),
    "include": _texts,
    "exclude": _texts,
    "hosts": _hosts,
    "depth": _whole(0, MAX_DEPTH),
    "pages": _whole(1, MAX_PAGES),
    "publisher": _line,
    "language": _language,
}
"""What may stand in a source, each with what makes of its value the one that is kept."""

_NOT_FOR: dict[SourceKind, frozenset[str]] = {
    SourceKind.URL: frozenset({"include", "exclude", "depth", "pages"}),
    SourceKind.SITEMAP: frozenset({"depth"}),
    SourceKind.CRAWL: frozenset(),
    SourceKind.PATH: frozenset({"every", "hosts", "depth", "pages"}),
}
