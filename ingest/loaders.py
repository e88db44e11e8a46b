"""Files into documents: one reader for each format behind one function."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
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
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")

Reader = Callable[[Path, str], list[Document]]


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
    return _documents(document_id, page, metadata)


def _read_html(path: Path, document_id: str) -> list[Document]:
    try:
        page, metadata = read_html(_text_of(path, is_markup=True))
    except ValueError as error:
        raise UnreadableFile(path, str(error)) from error
    return _documents(document_id, page, metadata)


def _read_pdf(path: Path, document_id: str) -> list[Document]:
    from .pdf import UnreadablePdf, read_pdf

    _check_size(path, MAX_PRINTED_BYTES)
    try:
        page, properties = read_pdf(path)
    except UnreadablePdf as error:
        raise UnreadableFile(path, str(error)) from error
    return _documents(document_id, page, _stated(page, properties))


def _read_docx(path: Path, document_id: str) -> list[Document]:
    from .docx import UnreadableDocx, read_docx

    _check_size(path, MAX_PRINTED_BYTES)
    try:
        page, properties = read_docx(path)
    except UnreadableDocx as error:
        raise UnreadableFile(path, str(error)) from error
    return _documents(document_id, page, _stated(page, properties))


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
    return _documents(document_id, page, metadata)


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
        documents += _documents(name or f"{document_id}-{number}", page, metadata)
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


def _documents(document_id: str, page: Page, metadata: Metadata) -> list[Document]:
    if not page.text.strip():
        return []
    title = metadata.title or re.sub(r"[_-]+", " ", Path(document_id).name).strip().capitalize()
    return [
        Document(
            id=document_id,
            title=title,
            url=metadata.url,
            publisher=metadata.publisher,
            language=metadata.language,
            text=page.text,
            modified_on=metadata.modified_on,
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
