"""Links that open a page at the quoted words."""

from __future__ import annotations

import re
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

# Words at each end of a long quote; a fragment of some ten words is found and an address stays short.
_EDGE_WORDS = 5
# RFC 3986: what may stand in a fragment as it is.
_FRAGMENT = "!$&'()*+,;=:@/?-._~"


def deep_link(url: str, quote: str, *, page: int | None = None, anchor: str = "") -> str:
    """``url`` with a text fragment for ``quote``; "" unless ``url`` is an http(s) address.

    Viewers of PDF find no text, but a page by its number (RFC 8118, ``#page=3``): ``page`` is that number.
    ``anchor`` is the id on the page to go to where the text is not found, or fragments are not known; an
    address that has a fragment of its own keeps it.

    Form: URL Fragment Text Directives (WICG draft), ``#:~:text=start,end``; a quote of one short line is its
    own start, without an end.
    """
    try:
        scheme, _, path, *_ = urlsplit(url)
    except ValueError:  # "http://[half an address"
        return ""
    if scheme not in {"http", "https"}:
        return ""
    if page is not None and path.lower().endswith(".pdf"):
        return f"{url.partition('#')[0]}#page={page}"
    # The bars between the cells of a row are ours; the page has cells there.
    lines = [line.split() for line in re.split(r"\n| \| ", quote) if line.split()]
    if len(lines) == 1 and len(lines[0]) <= 2 * _EDGE_WORDS:
        directive = _encoded(lines[0])
    else:
        directive = f"{_encoded(lines[0][:_EDGE_WORDS])},{_encoded(lines[-1][-_EDGE_WORDS:])}"
    base, _, fragment = url.partition("#")
    return f"{base}#{fragment or percent_encoded(anchor, safe=_FRAGMENT)}:~:text={directive}"


def _encoded(parts: list[str]) -> str:
    # A dash, a comma and an ampersand have a meaning in the directive itself.
    return percent_encoded(" ".join(parts), safe="").replace("-", "%2D")
