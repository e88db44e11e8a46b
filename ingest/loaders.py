"""Files and folders into documents: one reader for each format behind one function."""

from __future__ import annotations

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
from .decoding import HEAD, Content, Encoding, content_of, text_of
from .documents import Document
from .errors import UnreadableFile
from .html import Metadata, is_web_address, read_html, read_markdown
from .plaintext import Page, read_plain_text
from .properties import Properties

# A page of text is some 10 kB; a file of this size is something else.
MAX_BYTES = 20 * 1024 * 1024
# Printed pages come with their pictures.
MAX_PRINTED_BYTES = 100 * 1024 * 1024
DEFAULT_LANGUAGE = "en"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")

Reader = Callable[[Path, str], list[Document]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The documents in order of path, and the files that could not be read."""

    documents: tuple[Document, ...]
    unreadable: tuple[UnreadableFile, ...] = ()


def load(paths: Sequence[Path]) -> Loaded:
    """Return the documents in ``paths``: files, and folders searched for files with a known suffix.

    In a folder hidden files are left out, and README.md, which speaks of the folder; links that lead out of
    it are not followed but named. A file that cannot be read is reported with its reason; the others are read
    all the same. A file given twice is read once.
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

    What a file is says its content where that leaves no doubt, else its suffix.

    Raises:
        UnreadableFile: with the reason: no kind of file that can be read, too large, empty, damaged,
            protected, in an unknown encoding, no text in it.
    """
    reader = _reader_for(path)
    documents = reader(path, document_id)
    if not documents:
        raise UnreadableFile(path, "there is no text in it")
    return documents


def _reader_for(path: Path) -> Reader:
    suffix = path.suffix.lower()
    by_suffix = READERS.get(suffix)
    if not _is_regular(path):
        raise UnreadableFile(path, "it is not a regular file")
    content, description = content_of(path, _head_of(path))
    if content is Content.OTHER:
        raise UnreadableFile(path, f"it is {description}")
    if content is not None and not (content is Content.HTML and suffix in _MARKUP):
        return _BY_CONTENT[content]
    if by_suffix is None:
        known = ", ".join(sorted(READERS))
        raise UnreadableFile(path, f"the suffix '{path.suffix}' is not one of {known}")
    if suffix == ".pdf":
        raise UnreadableFile(path, "it is damaged or no PDF")
    return by_suffix


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        raise UnreadableFile(path, error.strerror or str(error)) from error


def _head_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise UnreadableFile(path, error.strerror or str(error)) from error
    if not head:
        raise UnreadableFile(path, "it is empty")
    return head


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
        for name in folders:
            if (link := Path(folder, name)).is_symlink() and not _leads_into(link, path.resolve()):
                closed.append(UnreadableFile(link, "it is a link that leads out of the folder"))
        found += [Path(folder, name) for name in names if _is_page(name)]
    unreadable += closed
    inside: list[Path] = []
    root = path.resolve()
    for each in found:
        if each.is_symlink() and not _leads_into(each, root):
            unreadable.append(UnreadableFile(each, "it is a link that leads out of the folder"))
        else:
            inside.append(each)
    if not found and not closed:
        suffixes = ", ".join(sorted(READERS))
        unreadable.append(UnreadableFile(path, f"the folder holds no file that ends in {suffixes}"))
    return sorted(inside)


def _leads_into(link: Path, root: Path) -> bool:
    """Whether what a link leads to lies in ``root``, or is not there, which whoever opens it finds out."""
    try:
        target = link.resolve()
    except (OSError, RuntimeError):  # a loop of links: RuntimeError up to Python 3.12
        return True
    return target.is_relative_to(root)


def _is_page(name: str) -> bool:
    is_shown = not name.startswith(".") and name.lower() != "readme.md"
    return is_shown and Path(name).suffix.lower() in READERS


def _id_of(path: Path, root: Path) -> str:
    relative = path.relative_to(root).with_suffix("") if path.is_relative_to(root) else Path(path.stem)
    return re.sub(r"[^\w./-]+", "-", relative.as_posix()).strip("-/.").lower() or "document"


def _text_of(path: Path, *, is_markup: bool = False) -> str:
    data = _bytes_of(path)
    try:
        return text_of(data, is_markup=is_markup)
    except Encoding as error:
        raise UnreadableFile(path, str(error)) from error


def _check_size(path: Path, most: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(path, error.strerror or str(error)) from error
    if size > most:
        raise UnreadableFile(path, f"it has {size:,} bytes, more than the {most:,} allowed")


def _bytes_of(path: Path) -> bytes:
    _check_size(path, MAX_BYTES)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, error.strerror or str(error)) from error
    if not data.strip():
        raise UnreadableFile(path, "it is empty")
    return data


def _read_text(path: Path, document_id: str) -> list[Document]:
    page = read_plain_text(_text_of(path))
    metadata = Metadata(title=page.title, modified_on=find_modified_on(page.text))
    return _documents(document_id, page, metadata, path)


def _read_html(path: Path, document_id: str) -> list[Document]:
    try:
        page, metadata = read_html(_text_of(path, is_markup=True))
    except ValueError as error:
        raise UnreadableFile(path, str(error)) from error
    return _documents(document_id, page, metadata, path)


def _read_pdf(path: Path, document_id: str) -> list[Document]:
    from .pdf import UnreadablePdf, read_pdf

    _check_size(path, MAX_PRINTED_BYTES)
    try:
        page, properties = read_pdf(path)
    except UnreadablePdf as error:
        raise UnreadableFile(path, str(error)) from error
    return _documents(document_id, page, _stated(page, properties), path)


def _read_docx(path: Path, document_id: str) -> list[Document]:
    from .docx import UnreadableDocx, read_docx

    _check_size(path, MAX_PRINTED_BYTES)
    try:
        page, properties = read_docx(path)
    except UnreadableDocx as error:
        raise UnreadableFile(path, str(error)) from error
    return _documents(document_id, page, _stated(page, properties), path)


def _stated(page: Page, properties: Properties) -> Metadata:
    """What a file and its text say of the page; the day in the text comes first."""
    return Metadata(
        title=properties.title,
        language=properties.language,
        modified_on=find_modified_on(page.text) or properties.modified_on,
    )


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
            pages=page.pages,
        )
    ]


READERS: dict[str, Reader] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".jsonl": _read_json_lines,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
}
_MARKUP = frozenset({".html", ".htm", ".md", ".markdown", ".jsonl"})
"""Suffixes of files that may begin with HTML and be what they are called."""
_BY_CONTENT: dict[Content, Reader] = {
    Content.PDF: _read_pdf,
    Content.DOCX: _read_docx,
    Content.HTML: _read_html,
}
