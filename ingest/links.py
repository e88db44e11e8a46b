"""Where a page or a sitemap leads to, and what a page wants to be done with it.

Pure functions of a file on disk: what they read comes from outside, so they can be run where that does no
harm.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from lxml import etree
from lxml import html as lxml_html

from .web_addresses import BadAddress, normalised

# A page of 5 MiB is a machine's; links that stand behind that are not needed.
_MAX_BYTES = 5 * 1024 * 1024
_MAX_LINKS = 5000
# What the protocol of sitemaps allows in one of them, and more than any page has.
_MAX_PLACES = 50_000
# Names by which a page may speak to us in <meta> and in X-Robots-Tag.
_ADDRESSED = frozenset({"robots", "prospectus"})
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "title"})
_REFRESH = re.compile(
    r"\s{0,20}\d{0,5}\s{0,20}[;,]\s{0,20}url\s{0,20}=\s{0,20}[\"']?([^\"'\s]{1,2000})", re.I
)
# "googlebot: noindex" speaks to that one only; "max-snippet: 50" is no name.
_TAG_FOR = re.compile(r"\s*([\w-]+)\s*:\s*(.*)", re.ASCII | re.DOTALL)
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


@dataclass(frozen=True, slots=True)
class PageLinks:
    """What a page says of itself and of others.

    ``links`` are normalised addresses in the order of the page, each once, without those that the page asks
    not to follow. ``canonical`` is the address that the page gives as its own, "" for none. ``text_digest``
    is the same for pages that show the same words, "" for a page that shows none.
    """

    links: tuple[str, ...] = ()
    canonical: str = ""
    may_index: bool = True
    may_follow: bool = True
    text_digest: str = ""


class Wishes(NamedTuple):
    """Whether a page may be used, and whether its links may be followed."""

    may_index: bool
    may_follow: bool


class SitemapLinks(NamedTuple):
    """The pages and the further sitemaps that a sitemap lists, as normalised addresses."""

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...]


def read_links(path: Path, address: str) -> PageLinks:
    """Return what the HTML page in a file says; ``address`` is where it came from.

    A page that cannot be parsed says nothing.
    """
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES)
    try:
        tree = lxml_html.document_fromstring(
            data, parser=lxml_html.HTMLParser(remove_comments=True, remove_pis=True)
        )
    except (etree.LxmlError, ValueError):
        return PageLinks()
    stated = tree.find(".//base[@href]")
    base = (_normalised(stated.get("href") or "", address) if stated is not None else "") or address
    wishes = wishes_of(
        each.get("content", "")
        for each in tree.iterfind(".//meta[@content]")
        if (each.get("name") or "").strip().lower() in _ADDRESSED
    )
    # Those that differ as they are written: to tell what each leads to takes time.
    written = dict.fromkeys(islice(_places(tree), _MAX_PLACES))
    links = (_normalised(place, base) for place in islice(written, _MAX_LINKS))
    found = dict.fromkeys(link for link in links if link and link != address)
    canonical = [
        each.get("href", "")
        for each in tree.iterfind(".//link[@href]")
        if "canonical" in (each.get("rel") or "").lower().split()
    ]
    return PageLinks(
        links=tuple(found) if wishes.may_follow else (),
        # Two that differ are none.
        canonical=_normalised(canonical[0], base) if len(set(canonical)) == 1 else "",
        may_index=wishes.may_index,
        may_follow=wishes.may_follow,
        text_digest=_text_digest(tree),
    )


def wishes_of(values: Iterable[str]) -> Wishes:
    """Return what ``<meta name="robots">`` or ``X-Robots-Tag`` ask for."""
    may_index = may_follow = True
    for value in values:
        named = _TAG_FOR.fullmatch(value)
        if named is not None and named[1].lower() not in _WITH_VALUE:
            if named[1].lower() not in _ADDRESSED:
                continue
            value = named[2]
        words = {word.strip().lower() for word in value.split(",")}
        may_index = may_index and words.isdisjoint({"noindex", "none"})
        may_follow = may_follow and words.isdisjoint({"nofollow", "none"})
    return Wishes(may_index, may_follow)


def read_sitemap(data: bytes, address: str) -> SitemapLinks:
    """Return what a sitemap lists: as XML, or one address a line.

    Raises:
        ValueError: it is neither.
    """
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = data.decode("utf-8-sig", errors="replace").splitlines()[:_MAX_PLACES]
        pages = dict.fromkeys(link for line in lines if line.strip() and (link := _normalised(line, "")))
        if not pages:
            raise ValueError("it is no sitemap")
        return SitemapLinks(tuple(pages), ())
    found: dict[str, dict[str, None]] = {"url": {}, "sitemap": {}}
    read = 0
    try:
        # Entities stay unresolved, nothing else is loaded, and what was read is let go at once.
        for _, element in etree.iterparse(
            BytesIO(data), tag="{*}loc", resolve_entities=False, no_network=True, load_dtd=False
        ):
            parent = element.getparent()
            kind = etree.QName(parent).localname if parent is not None else ""
            link = _normalised(element.text or "", address)
            if kind in found and link:
                found[kind][link] = None
            element.clear()
            read += 1
            if read == _MAX_PLACES:
                break
    except (etree.LxmlError, ValueError) as error:
        raise ValueError("it is no sitemap: its XML is not well-formed") from error
    if not any(found.values()):
        raise ValueError("it is no sitemap: it lists no addresses")
    return SitemapLinks(tuple(found["url"]), tuple(found["sitemap"]))


def _places(tree: lxml_html.HtmlElement) -> Iterator[str]:
    for element in tree.iter("a", "area", "link", "meta"):
        written = element.get("href") or ""
        relations = (element.get("rel") or "").lower().split()
        if element.tag == "meta":
            if (element.get("http-equiv") or "").strip().lower() == "refresh":
                found = _REFRESH.match(element.get("content") or "")
                if found:
                    yield found[1]
        elif element.tag == "link":
            if "next" in relations:
                yield written
        elif written and "nofollow" not in relations:
            yield written


def _normalised(place: str, base: str) -> str:
    try:
        return normalised(place, base) if place.strip() or not base else ""
    except BadAddress:
        return ""


def _text_digest(tree: lxml_html.HtmlElement) -> str:
    pieces: list[str] = []
    for element in tree.iter():
        if element.tag not in _UNSEEN:
            pieces.append(element.text or "")
        pieces.append(element.tail or "")
    words = " ".join(pieces).split()
    return hashlib.sha256(" ".join(words).encode(errors="replace")).hexdigest() if words else ""
