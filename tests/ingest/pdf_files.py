"""Small PDF files, written by hand: words at places, rules, metadata, passwords."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WIDTH, HEIGHT = 595, 842
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


@dataclass(frozen=True)
class Text:
    """Words that begin ``x`` points from the left and stand ``y`` points under the top of the page."""

    words: str
    x: float
    y: float
    size: float = 11
    bold: bool = False
    turned: bool = False

    def drawn(self) -> str:
        words = self.words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        matrix = "0 1 -1 0" if self.turned else "1 0 0 1"
        font = "F2" if self.bold else "F1"
        return f"BT /{font} {self.size} Tf {matrix} {self.x} {HEIGHT - self.y} Tm ({words}) Tj ET"


@dataclass(frozen=True)
class Stroke:
    """A line from one point to another, both counted from the top left."""

    x: float
    y: float
    to_x: float
    to_y: float

    def drawn(self) -> str:
        return f"0.7 w {self.x} {HEIGHT - self.y} m {self.to_x} {HEIGHT - self.to_y} l S"


@dataclass
class Pages:
    """A document in the making."""

    pages: list[list[Text | Stroke]] = field(default_factory=list)

    def page(self, *drawn: Text | Stroke) -> Pages:
        self.pages.append(list(drawn))
        return self

    def save(
        self,
        path: Path,
        info: Mapping[str, str] | None = None,
        user_password: str | None = None,
        turned: int = 0,
    ) -> Path:
        """Write it; with ``user_password``, which may be empty, it is encrypted (40 bits, owner "owner")."""
        path.write_bytes(_document(self.pages, info or {}, user_password, turned))
        return path


def lines(*texts: str, x: float = 72, top: float = 80, pitch: float = 14, size: float = 11) -> list[Text]:
    """Lines under each other; an empty one leaves a gap, one that begins with "#" is large and bold."""
    found = []
    y = top
    for text in texts:
        if text.startswith("# "):
            found.append(Text(text[2:], x, y, size + 5, bold=True))
        elif text.startswith("** "):
            found.append(Text(text[3:], x, y, size, bold=True))
        elif text:
            found.append(Text(text, x, y, size))
        y += pitch
    return found


def grid(xs: Sequence[float], ys: Sequence[float]) -> list[Stroke]:
    """The rules of a table between these places."""
    level = [Stroke(xs[0], y, xs[-1], y) for y in ys]
    return [*level, *(Stroke(x, ys[0], x, ys[-1]) for x in xs)]


def cells(rows: Iterable[Sequence[str]], xs: Sequence[float], top: float, pitch: float = 20) -> list[Text]:
    """Words in columns that begin at ``xs``."""
    return [
        Text(cell, x, top + number * pitch)
        for number, row in enumerate(rows)
        for cell, x in zip(row, xs, strict=False)
        if cell
    ]


def _document(
    pages: Sequence[Sequence[Text | Stroke]], info: Mapping[str, str], password: str | None, turned: int
) -> bytes:
    ids = hashlib.md5(repr(pages).encode(), usedforsecurity=False).digest()
    encryption = "" if password is None else _encryption(password, ids)
    key = b"" if password is None else _key(password, ids)
    count = len(pages)
    first = 4
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(count))
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> "
        b"/F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >> >> >>",
    ]
    for number, drawn in enumerate(pages):
        content = "\n".join(each.drawn() for each in drawn).encode("cp1252")
        if key:
            content = _rc4(_object_key(key, first + 2 * number + 1), content)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {turned} "
            f"/Resources 3 0 R /Contents {first + 2 * number + 1} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    entries = " ".join(f"/{name} ({value})" for name, value in info.items())
    objects.append(f"<< {entries} >>".encode("cp1252"))
    body = b"%PDF-1.4\n"
    offsets = []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R "
        f"/Info {len(objects)} 0 R /ID [<{ids.hex()}> <{ids.hex()}>] {encryption} >>\n"
        f"startxref\n{len(body)}\n%%EOF\n"
    )
    return body + trailer.encode()


def _padded(password: str) -> bytes:
    return (password.encode("latin-1") + _PADDING)[:32]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _owner_entry(password: str) -> bytes:
    return _rc4(_md5(_padded("owner"))[:5], _padded(password))


def _key(password: str, ids: bytes) -> bytes:
    """The key of the standard security handler, revision 2 (PDF Reference 1.7, algorithm 3.2)."""
    permissions = (-64).to_bytes(4, "little", signed=True)
    return _md5(_padded(password) + _owner_entry(password) + permissions + ids)[:5]


def _object_key(key: bytes, number: int) -> bytes:
    return _md5(key + number.to_bytes(3, "little") + b"\0\0")[:10]


def _encryption(password: str, ids: bytes) -> str:
    user_entry = _rc4(_key(password, ids), _PADDING)
    return (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -64 /O <{_owner_entry(password).hex()}> "
        f"/U <{user_entry.hex()}> >>"
    )


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    found = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(found)
