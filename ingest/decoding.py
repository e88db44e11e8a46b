"""The text of a file whose encoding nobody vouches for, and what a file is by its first bytes."""

from __future__ import annotations

import codecs
import re
import zipfile
from enum import StrEnum
from pathlib import Path

from charset_normalizer import from_bytes

# Bytes that are looked at to tell what a file is.
HEAD = 8_192
# Of those of a text no more than this share are control characters; a stray NUL makes no picture of a page.
_CONTROL_SHARE = 0.02
_CONTROL = bytes({*range(9), *range(14, 27), *range(28, 32)})
# A declaration, in HTML or in the first line of XML.
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,3}=\s{0,3}[\"']?([\w-]{3,20})|"
    rb"\A\s{0,9}<\?xml[^>]{0,80}?encoding\s{0,3}=\s{0,3}[\"']([\w-]{3,20})",
    re.I,
)
# What older pages declare. The web reads Latin-1 as Windows-1252, and so do we.
_DECLARABLE = re.compile(
    r"iso-?8859-?\d{1,2}|latin-?[15]|windows-125\d|cp125\d|us-ascii|koi8-[ru]|macintosh|shift_jis|"
    r"euc-(?:jp|kr)|gb\w{1,6}|big5",
    re.I,
)
_LATIN_1 = re.compile(r"iso-?8859-?1|latin-?1|us-ascii", re.I)
# Bytes that are guessed from, and the fewest letters beyond ASCII among them: fewer say nothing.
_GUESSED_FROM, _FEWEST = 60_000, 4
# What is not chosen is another reading of the file only if it is about as likely, on the detector's scales.
_AS_TIDY, _AS_COHERENT = 0.02, 0.1
_LEAST_COHERENT = 0.3
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,50})?(?:<!--.{0,2000}?-->\s{0,50}){0,3}"
    rb"(?:<!doctype\s+html\b|<html\b)",
    re.I | re.S,
)
_PDF = re.compile(rb"\A[^<]{0,1019}?%PDF-\d", re.S)


class Encoding(ValueError):
    """The encoding of a text could not be told; the message is the reason, for people."""


class Content(StrEnum):
    """What a file is, where its first bytes leave no doubt."""

    PDF = "PDF"
    DOCX = "DOCX"
    HTML = "HTML"
    OTHER = "other"
    """Something that is no page: ``described`` says what."""


_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "a text in Rich Text Format; save it as DOCX or PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"RIFF", "a picture, a sound or a film"),
    (b"\x1f\x8b", "a packed file; unpack it first"),
    (b"BZh", "a packed file; unpack it first"),
    (b"7z\xbc\xaf", "an archive; unpack it first"),
    (b"Rar!", "an archive; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"%!PS", "PostScript; make a PDF of it"),
    (b"SQLite format 3\x00", "a database"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPPED = (
    ("xl/", "a spreadsheet; save it as CSV in a text, or as PDF"),
    ("ppt/", "a presentation; save it as PDF"),
    ("META-INF/manifest.xml", "an OpenDocument file or an archive; save it as DOCX or PDF"),
)


def content_of(path: Path, head: bytes) -> tuple[Content | None, str]:
    """What a file is by its first bytes, and in words where it is no page; None where they do not tell."""
    if _PDF.match(head[:1_024]):
        return Content.PDF, ""
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if head.startswith(_OLE):
        return Content.OTHER, _compound(path)
    for signature, description in _SIGNATURES:
        if head.startswith(signature):
            return Content.OTHER, description
    if _HTML.match(head):
        return Content.HTML, ""
    return None, ""


def _zipped(path: Path) -> tuple[Content | None, str]:
    """What an archive is by the names of its parts."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # Whether it is a damaged DOCX its reader says; a damaged archive of another name says nothing.
        return None, ""
    if any(name.startswith("word/") and name.endswith(".xml") for name in names):
        return Content.DOCX, ""
    for beginning, description in _ZIPPED:
        if any(name.startswith(beginning) for name in names):
            return Content.OTHER, description
    return Content.OTHER, "an archive; unpack it first"


def _compound(path: Path) -> str:
    """What an old Office file is: its streams are named in UTF-16 near its beginning or its end."""
    with path.open("rb") as file:
        data = file.read(2_000_000)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "protected by a password; save a copy without one"
    if "WordDocument".encode("utf-16-le") in data:
        return "a Word file of the old kind (.doc); save it as DOCX or PDF"
    return "an Office file of the old kind; save it as DOCX or PDF"


def is_binary(data: bytes) -> bool:
    """Whether data in no known encoding of 16 bits or more is no text."""
    head = data[:HEAD]
    return len(head) - len(head.translate(None, _CONTROL)) > _CONTROL_SHARE * len(head)


def text_of(data: bytes, *, is_markup: bool = False) -> str:
    """The text in ``data``: by its byte order mark, by what markup declares, as UTF-8, or as good as certain.

    Raises:
        Encoding: it is binary, or in an encoding that cannot be told.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _decoded(data, "utf-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16")
    if wide := _wide(data[:HEAD]):
        return _decoded(data, wide)
    if is_binary(data):
        raise Encoding("it is a binary file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = Encoding(f"byte {error.start:,} is not {error.encoding.upper()}; save it as UTF-8")
    declared = _declared(data) if is_markup else ""
    for name in (declared, _mac(data), _likely(data)):
        if name:
            try:
                return data.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue
    raise reason


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Encoding(f"byte {error.start:,} is not {error.encoding.upper()}; save it as UTF-8") from error


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every second byte of a text in Latin letters is zero."""
    even, odd = head[0::2], head[1::2]
    if len(head) < 8:
        return ""
    if odd.count(0) > 0.8 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > 0.8 * len(even) and odd.count(0) < 0.05 * len(odd) else ""


def _declared(data: bytes) -> str:
    found = _DECLARED.search(data[:4_096])
    name = (found[1] or found[2]).decode("ascii", "replace") if found else ""
    if not _DECLARABLE.fullmatch(name):
        return ""
    return "windows-1252" if _LATIN_1.fullmatch(name) else name


def _mac(data: bytes) -> str:
    """Mac OS Roman where lines end as only the old Mac OS ended them."""
    returns = data.count(b"\r")
    return "mac_roman" if returns > 1 and b"\n" not in data else ""


def _likely(data: bytes) -> str:
    """The encoding that a detector is sure of: every other one about as likely gives the same text."""
    sample = data[:_GUESSED_FROM]
    if len(sample.translate(None, bytes(range(128)))) < _FEWEST:
        return ""
    found = list(from_bytes(sample, preemptive_behaviour=False))
    if not found:
        return ""
    best = found[0]
    if best.coherence < _LEAST_COHERENT:
        return ""
    text = str(best)
    rivals = [
        other
        for other in found[1:]
        if other.chaos <= best.chaos + _AS_TIDY and other.coherence >= best.coherence - _AS_COHERENT
    ]
    return best.encoding if all(str(other) == text for other in rivals) else ""
