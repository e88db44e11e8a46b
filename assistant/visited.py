"""The document that a person has before their eyes, by the address of the page that they are on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit

from ingest.documents import Document


class PageAddresses:
    """The documents of one index by the addresses of their pages."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._at: dict[str, list[tuple[str, Document]]] = defaultdict(list)
        for document in documents:
            parts = _parts(document.url)
            if parts is not None:
                self._at[_place(parts)].append((parts.query, document))

    def document_at(self, address: str) -> Document | None:
        """The document of the page with this address, None where there is none, or several.

        Scheme, "www.", a closing slash, query and fragment make no difference, unless the query is all that
        tells several documents apart: ``page.php?id=5``.
        """
        parts = _parts(address)
        if parts is None:
            return None
        there = self._at.get(_place(parts), [])
        found = there if len(there) == 1 else [each for each in there if each[0] == parts.query]
        return found[0][1] if len(found) == 1 else None


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address.strip())
        return parts if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def _place(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    own = {"http": 80, "https": 443}[parts.scheme]
    try:
        port = "" if parts.port in {None, own} else f":{parts.port}"
    except ValueError:
        port = ""
    return f"{host}{port}{unquote(parts.path).rstrip('/')}"
