"""What a page says of itself: title, address, publisher, language and the day of its last change.

Read from the head (``meta``, ``link``, JSON-LD) and from ``time`` elements; where several speak, the one that
its author wrote for readers wins over the one for search engines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

from .cleaning import one_line
from .dates import find_modified_on, parse_date
from .markup import Element, names_of, pieces_of, text_of

_MODIFIED = (
    "article:modified_time", "og:updated_time", "dcterms.modified", "dc.date.modified", "dateModified",
    "last-modified", "lastmod", "revised",
)  # fmt: skip
_CHANGED = re.compile(
    r"modif|updat|revis|reviewed|changed|edited|ge[äa]ndert|aktualis|\bstand\b|gewijzigd|bijgewerkt|"
    r"mis(?:e)? à jour|actualiz",
    re.I,
)
# JSON-LD beyond this many code points, objects or levels is not read: no page needs more to name itself.
_LONGEST_RECORD, _MOST_RECORDS, _DEEPEST = 500_000, 500, 20
_PAGES = re.compile(
    r"(?:Web|Item|FAQ|About|Contact|Collection)Page$|Article$|Posting$|^Course$|Program$", re.I
)
_NEAR = 120


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page's head says of it; "" and None where it is silent."""

    title: str = ""
    url: str = ""
    publisher: str = ""
    language: str = ""
    modified_on: date | None = None


def read_metadata(tree: Element) -> Metadata:
    """Return what a whole page says of itself; the tree has to hold its scripts and its footer still."""
    meta = _meta(tree)
    records = list(_records(tree))
    heading = tree.find(".//h1")
    page_title = one_line(tree.findtext(".//head/title") or "")
    parts = re.split(r"\s[|–—·»]\s|\s-\s(?=[^-]*$)", page_title)
    title = text_of(heading) if heading is not None else ""
    title = title or _first(meta, "og:title", "dcterms.title") or parts[0]
    publisher = _first(meta, "og:site_name", "dcterms.publisher") or (parts[-1] if len(parts) > 1 else "")
    return Metadata(
        title=title or next((_text(record, "headline", "name") for record in records), ""),
        url=_address(tree, meta, records),
        publisher=publisher or next(filter(None, map(_publisher, records)), ""),
        language=_language(tree, meta, records),
        modified_on=_modified_on(tree, meta, records),
    )


def is_web_address(url: str) -> bool:
    """Whether ``url`` is one that a reader may be sent to: complete, http or https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _meta(tree: Element) -> dict[str, str]:
    """The contents of the ``meta`` elements by name in small letters, the first of each name."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = one_line(element.get("content") or "")
        for key in ("name", "property", "itemprop", "http-equiv"):
            name = (element.get(key) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _first(meta: dict[str, str], *names: str) -> str:
    return next((meta[name.lower()] for name in names if name.lower() in meta), "")


def _records(tree: Element) -> Iterator[dict[str, Any]]:
    """The objects in a page's JSON-LD that describe a page; broken ones are skipped, as search engines do."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        raw = script.text or ""
        if len(raw) > _LONGEST_RECORD:
            continue
        try:
            loaded = json.loads(raw)
        except (ValueError, RecursionError):
            continue
        for number, record in enumerate(_objects(loaded, 0)):
            if number >= _MOST_RECORDS:
                break
            kinds = record.get("@type")
            named = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and _PAGES.search(kind) for kind in named):
                yield record


def _objects(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, depth + 1)


def _text(record: dict[str, Any], *keys: str) -> str:
    found = (record.get(key) for key in keys)
    return next((one_line(value) for value in found if isinstance(value, str) and value.strip()), "")


def _publisher(record: dict[str, Any]) -> str:
    for key in ("publisher", "provider", "sourceOrganization"):
        value = record.get(key)
        if isinstance(value, dict) and _text(value, "name"):
            return _text(value, "name")
    return ""


def _address(tree: Element, meta: dict[str, str], records: list[dict[str, Any]]) -> str:
    """The canonical address; one that is not complete is told from the address that the head says besides."""
    named = [one_line(base) for base in tree.xpath("//base/@href")]
    others = [*named, _first(meta, "og:url"), *(_text(record, "url") for record in records)]
    base = next((url for url in others if is_web_address(url)), "")
    links = [
        one_line(url) for url in tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href")
    ]
    for link in [*links, *others[len(named) :]]:
        url = _joined(base, link)
        if is_web_address(url):
            return url
    return ""


def _joined(base: str, link: str) -> str:
    # A link that says nothing of its own would be the base: the site's first page.
    if not link or link.startswith("#"):
        return ""
    try:
        return urljoin(base, link) if base else link
    except ValueError:
        return ""


def _language(tree: Element, meta: dict[str, str], records: list[dict[str, Any]]) -> str:
    said = [
        tree.get("lang") or "",
        tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang") or "",
        _first(meta, "content-language", "dcterms.language", "dc.language"),
        _first(meta, "og:locale"),
        *(_text(record, "inLanguage") for record in records),
    ]
    codes = (re.split(r"[-_,]", language.strip().lower())[0] for language in said)
    return next((code for code in codes if re.fullmatch(r"[a-z]{2,3}", code)), "")


def _modified_on(tree: Element, meta: dict[str, str], records: list[dict[str, Any]]) -> date | None:
    stamps = [_first(meta, name) for name in _MODIFIED]
    stamps += [_text(record, "dateModified") for record in records]
    for stamp in filter(None, stamps):
        day = parse_date(stamp)
        if day is not None:
            return day
    body = tree.find("body")
    line = find_modified_on("\n".join(pieces_of(body))) if body is not None else None
    return line or next(_stamped(tree), None)


def _stamped(tree: Element) -> Iterator[date]:
    """The days in ``time`` elements that something beside them calls the day of a change."""
    for element in tree.iter("time"):
        said = f"{element.get('itemprop') or ''} {names_of(element)}"
        parent = element.getparent()
        if parent is not None and len(parent.text_content()) < _NEAR:
            said += f" {names_of(parent)} {parent.text_content()}"
        day = (
            parse_date((element.get("datetime") or text_of(element))[:80]) if _CHANGED.search(said) else None
        )
        if day is not None:
            yield day
