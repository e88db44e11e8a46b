"""The widget as it is published: its script, the texts of its interface, and the line that goes into a page.

The script holds nothing about this server, its callers or its corpus, so any page may load it: what a page
may do with the API is decided where it calls the API (see ``door`` and ``cors``), not here.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from urllib.parse import urlsplit

DEFAULT_LANGUAGE = "en"

_FIVE_MINUTES = "public, max-age=300"
_ONE_HOUR = "public, max-age=3600"
_FOR_EVER = "public, max-age=31536000, immutable"

_FOR_ANY_PAGE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True, slots=True)
class Widget:
    """The files of ``api/widget/`` that pages load; ``texts`` are JSON, by language."""

    script: bytes
    texts: Mapping[str, bytes]

    @classmethod
    def packaged(cls) -> Widget:
        """The widget of this version."""
        folder = files("api") / "widget"
        texts = {
            file.name.removesuffix(".json"): file.read_bytes()
            for file in (folder / "locales").iterdir()
            if file.name.endswith(".json")
        }
        return cls((folder / "widget.js").read_bytes(), texts)

    @property
    def hashed_name(self) -> str:
        """The name under which these very bytes are served, and no others ever."""
        return f"widget.{hashlib.sha256(self.script).hexdigest()[:12]}.js"

    @property
    def integrity(self) -> str:
        """What a browser compares the script with before it runs it (Subresource Integrity)."""
        return f"sha384-{b64encode(hashlib.sha384(self.script).digest()).decode()}"

    def published(self) -> Iterator[tuple[str, bytes, Mapping[str, str]]]:
        """Each path at which something is served, with the content and its headers."""
        script = {**_FOR_ANY_PAGE, "Content-Type": "text/javascript; charset=utf-8"}
        yield "/widget.js", self.script, {**script, "Cache-Control": _FIVE_MINUTES}
        yield f"/{self.hashed_name}", self.script, {**script, "Cache-Control": _FOR_EVER}
        texts = {**_FOR_ANY_PAGE, "Content-Type": "application/json", "Cache-Control": _ONE_HOUR}
        for language, content in self.texts.items():
            yield f"/widget/locales/{language}.json", content, texts


def script_tag(widget: Widget, base: str, *, language: str = DEFAULT_LANGUAGE, latest: bool = False) -> str:
    """The line that puts the widget of the server at ``base`` on a page.

    It names these very bytes and what they must add up to; with ``latest`` whatever the server has then.

    Raises:
        ValueError: ``base`` is no address of a server, or the widget does not speak the language.
    """
    base = _base_address(base)
    if language not in widget.texts:
        spoken = ", ".join(sorted(widget.texts))
        raise ValueError(f"The widget does not speak {language!r}. Its languages are {spoken}.")
    name = "widget.js" if latest else widget.hashed_name
    checked = "" if latest else f' integrity="{widget.integrity}" crossorigin="anonymous"'
    return f'<script async src="{escape(base + name)}"{checked} data-lang="{language}"></script>'


def _base_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError(
            f"{text!r} is not the address of a server. It begins with http:// or https://, as in "
            "https://assistant.example.edu."
        )
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(
            f"{text!r} is more than a server and a path: leave out what follows ? or # or precedes @."
        )
    return text if text.endswith("/") else f"{text}/"
