"""Files and folders into documents: one reader for each format behind one function."""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from .cleaning import clean, one_line
from .dates import find_modified_on, parse_date
from .documents import Document
from .errors import UnreadableFile
from .html import Metadata, is_web_address, read_html, read_markdown
from .plaintext import Page, read_plain_text

# A page of text is some 10 kB; a file of this size is something else.
MAX_BYTES = 20 * 1024 * 1024
DEFAULT_LANGUAGE = "en"
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s{0,3}=\s{0,3}[\"']?([\w-]{3,20})", re.I)
# What older pages declare. The web reads Latin-1 as Windows-1252, and so do we.
_DECLARABLE = re.compile(
    r"iso-?8859-?\d{1,2}|latin-?[15]|windows-125\d|cp125\d|us-ascii|koi8-[ru]|shift_jis|euc-(?:jp|kr)|"
    r"gb\w{1,6}|big5",
    re.I,
)
_LATIN_1 = re.compile(r"iso-?8859-?1|latin-?1|us-ascii", re.I)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")

Reader = Callable[[Path, str], list[Document]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The documents in order of path, and the files that could not be read."""

    documents: tuple[Document, ...]
    unreadable: tuple[UnreadableFile, ...] = ()


def load(paths: Sequence[Path]) -> Loaded:
    """Return the documents in ``paths``: files, and folders searched for files with a known suffix.

    In a folder hidden files are left out, and README.md, which speaks of the folder. A file that cannot
    be read is reported with its reason; the others are read all the same. A file given twice is read once.
    Two files may give documents of one id: whoever stores them tells them apart.
    """
    documents: list[Document] = []
    unreadable: list[UnreadableFile] = []
    seen: set[Path] = set()
    for given in paths:
        for path in _files(given, unreadable):
            try:
                if (resolved := path.resolve()) in seen:
                    continue
                seen.add(resolved)
                root = given if given.is_dir() else given.parent
                documents += read_file(path, _id_of(path, root))
            except UnreadableFile as error:
                unreadable.append(error)
            except (OSError, RuntimeError) as error:  # a loop of links: RuntimeError up to Python 3.12
                unreadable.append(UnreadableFile(path, getattr(error, "strerror", None) or str(error)))
    return Loaded(tuple(documents), tuple(unreadable))


def read_file(path: Path, document_id: str) -> list[Document]:
    """Return the documents in one file, whose ids are or begin with ``document_id``.

    Raises:
        UnreadableFile: with the reason: unknown suffix, too large, empty, binary, not UTF-8, no text in it.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise UnreadableFile(path, f"the suffix '{path.suffix}' is not one of {known}")
    documents = reader(path, document_id)
    if not documents:
        raise UnreadableFile(path, "there is no text in it")
    return documents


def _files(path: Path, unreadable: list[UnreadableFile]) -> list[Path]:
    """The files to read in ``path``, sorted; what cannot be looked into is added to ``unreadable``."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        unreadable.append(UnreadableFile(path, "there is no such file or folder"))
        return []
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        unreadable.append(UnreadableFile(path, getattr(error, "strerror", None) or str(error)))
        return []
    if not stat.S_ISDIR(mode):
        return [path]
    closed: list[UnreadableFile] = []

    def note(error: OSError) -> None:
        closed.append(UnreadableFile(error.filename, error.strerror or str(error)))

    found: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=note):  # does not follow links to folders
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if _is_page(name)]
    unreadable += closed
    if not found and not closed:
        suffixes = ", ".join(sorted(READERS))
        unreadable.append(UnreadableFile(path, f"the folder holds no file that ends in {suffixes}"))
    return sorted(found)


def _is_page(name: str) -> bool:
    is_shown = not name.startswith(".") and name.lower() != "readme.md"
    return is_shown and Path(name).suffix.lower() in READERS


def _id_of(path: Path, root: Path) -> str:
    relative = path.relative_to(root).with_suffix("") if path.is_relative_to(root) else Path(path.stem)
    return re.sub(r"[^\w./-]+", "-", relative.as_posix()).strip("-/.").lower() or "document"


def _text_of(path: Path) -> str:
    data = _bytes_of(path)
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _decode(path, data, "utf-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode(path, data, "utf-16")
    if b"\x00" in data[:8192]:
        raise UnreadableFile(path, "it is a binary file")
    return _decode(path, data, "utf-8-sig")


def _html_of(path: Path) -> str:
    """The text of an HTML file, which may declare an older encoding than UTF-8."""
    try:
        return _text_of(path)
    except UnreadableFile as error:
        data = _bytes_of(path)
        found = _DECLARED.search(data[:4096])
        name = found.group(1).decode("ascii", "replace") if found else ""
        if not _DECLARABLE.fullmatch(name) or b"\x00" in data[:8192]:
            raise
        try:
            return data.decode("windows-1252" if _LATIN_1.fullmatch(name) else name)
        except (UnicodeDecodeError, LookupError):
            raise error from None


def _bytes_of(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableFile(path, "it is not a regular file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableFile(path, f"it has {size:,} bytes, more than the {MAX_BYTES:,} allowed")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, error.strerror or str(error)) from error
    if not data.strip():
        raise UnreadableFile(path, "it is empty")
    return data


def _decode(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start:,} is not {error.encoding.upper()}; save it as UTF-8"
        raise UnreadableFile(path, reason) from error


def _read_text(path: Path, document_id: str) -> list[Document]:
    page = read_plain_text(_text_of(path))
    metadata = Metadata(title=page.title, modified_on=find_modified_on(page.text))
    return _documents(document_id, page, metadata, path)


def _read_html(path: Path, document_id: str) -> list[Document]:
    try:
        page, metadata = read_html(_html_of(path))
    except ValueError as error:
        raise UnreadableFile(path, str(error)) from error
    return _documents(document_id, page, metadata, path)


def _read_markdown(path: Path, document_id: str) -> list[Document]:
    try:
        record, content = _front_matter(clean(_text_of(path)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark is not None else ""
        raise UnreadableFile(path, f"its front matter is not YAML{where}") from error
    except (ValueError, RecursionError) as error:  # a date that no calendar has, a thousand brackets
        raise UnreadableFile(path, f"its front matter is not YAML: {error}") from error
    page = read_markdown(content)
    try:
        metadata = _metadata_from(record, page)
    except ValueError as error:
        raise UnreadableFile(path, f"front matter: {error}") from error
    return _documents(document_id, page, metadata, path)


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The keys at the top of a Markdown file and its content; what is no mapping is content."""
    post = frontmatter.loads(text)
    return (post.metadata, post.content) if post.metadata else ({}, _without_empty_front_matter(text))


def _without_empty_front_matter(text: str) -> str:
    return re.sub(r"\A-{3,}[ \t]*\n\s*-{3,}[ \t]*(?:\n|\Z)", "", text)


def _read_json_lines(path: Path, document_id: str) -> list[Document]:
    documents: list[Document] = []
    # Not splitlines: a JSON text may hold U+2028 as it is.
    for number, line in enumerate(_text_of(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line, parse_constant=_reject_constant)
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(path, f"line {number} is not JSON") from error
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise UnreadableFile(path, f"line {number} is not an object with a 'text'")
        page = read_plain_text(record["text"])
        try:
            metadata = _metadata_from(record, page)
        except ValueError as error:
            raise UnreadableFile(path, f"line {number}: {error}") from error
        record_id = record.get("id", record.get("_id"))
        if record_id is not None and (isinstance(record_id, bool) or not isinstance(record_id, str | int)):
            raise UnreadableFile(path, f"line {number}: 'id' must be a text, not {type(record_id).__name__}")
        name = one_line(str(record_id)) if record_id is not None else ""
        documents += _documents(name or f"{document_id}-{number}", page, metadata, path)
    return documents


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _metadata_from(record: dict[str, Any], page: Page) -> Metadata:
    """Read front matter or the keys of a JSON record; raises ValueError naming key and value."""
    values: dict[str, str] = {}
    for key in ("title", "url", "publisher", "language"):
        value = record.get(key)
        if key == "language" and value is False:
            value = "no"  # YAML reads the code of Norwegian as a denial
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float | date)):
            raise ValueError(f"'{key}' must be a text, not {type(value).__name__}")
        values[key] = one_line(str(value)) if value is not None else ""
    if values["url"] and not is_web_address(values["url"]):
        raise ValueError(
            f"'url' is '{values['url']}', which is not an address such as https://www.example.edu/fees"
        )
    language = _LANGUAGE.match(values["language"].lower())
    if values["language"] and language is None:
        raise ValueError(f"'language' is '{values['language']}', which is not a code such as en")
    return Metadata(
        title=values["title"] or page.title,
        url=values["url"],
        publisher=values["publisher"],
        language=language.group() if language else "",
        modified_on=_day(record.get("modified_on")) or find_modified_on(page.text),
    )


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    day = parse_date(str(value))
    if day is None:
        raise ValueError(f"'modified_on' is '{value}', which is not a date such as 2026-03-31")
    return day


def _documents(document_id: str, page: Page, metadata: Metadata, path: Path) -> list[Document]:
    if not page.text.strip():
        return []
    try:
        fetched_on = date.fromtimestamp(path.stat().st_mtime)
    except (OSError, OverflowError, ValueError):
        fetched_on = None
    title = metadata.title or re.sub(r"[_-]+", " ", Path(document_id).name).strip().capitalize()
    return [
        Document(
            id=document_id,
            title=title,
            url=metadata.url,
            publisher=metadata.publisher,
            language=metadata.language or DEFAULT_LANGUAGE,
            text=page.text,
            modified_on=metadata.modified_on,
            fetched_on=fetched_on,
            blocks=page.blocks,
        )
    ]


READERS: dict[str, Reader] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".jsonl": _read_json_lines,
}
