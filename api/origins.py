"""The origins of web pages, of which an exact list may call."""

from __future__ import annotations

from urllib.parse import urlsplit


def parse_origin(text: str) -> str:
    """An origin as browsers send it: scheme, host and port where it is not the scheme's own.

    Raises:
        ValueError: it is none, or stands for more than one site.
    """
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or text != f"{parts.scheme}://{parts.netloc}"
        or text != text.lower()
        or not text.isascii()
        or any(character in parts.netloc for character in "*@ \\%")
    ):
        raise ValueError("an origin is written as https://www.example.edu, in lower case and without a path")
    if parts.port == {"http": 80, "https": 443}[parts.scheme] or parts.netloc.endswith(":"):
        raise ValueError("browsers leave out the port that a scheme has anyway; leave it out here, too")
    return text
