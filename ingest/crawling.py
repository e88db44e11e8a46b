"""From a source to its pages: one address, the list in a sitemap, or link after link."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from .errors import FetchError, Gone, NotAllowed, NotPublic, Unreachable, UnreadableFile
from .fetching import Answer, unpacked
from .links import PageLinks, read_links, read_sitemap, wishes_of
from .loaders import READERS
from .sources import Source, SourceKind
from .visiting import HostLeftAlone, Seen, Visitor
from .web_addresses import (
    BadAddress,
    endless_form,
    fits_host,
    host_of,
    is_endless,
    is_same_site,
    is_variant,
    normalised,
    origin_of,
)
from .web_copies import Absent, Copy, WebCopies

ReadLinks = Callable[[Path, str], PageLinks]
"""What the HTML page in a file says, given where it came from; as ``links.read_links``."""

# Of a calendar or a form of searches there are as many pages as one likes to ask for.
MAX_OF_ONE_FORM = 50
# A sitemap may list sitemaps; together they hold millions of addresses by then.
MAX_SITEMAPS = 100
# A day that is a little short is a day: else what runs daily would ask every other day.
_ALMOST = 0.9
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    _WORD: ".docx",
}
_TEXTS = frozenset({".html", ".txt", ".md"})
# Of these only the address can tell what it is.
_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/force-download"})
_SITEMAP_TYPES = _UNTOLD | {
    "application/xml",
    "text/xml",
    "text/plain",
    "application/gzip",
    "application/x-gzip",
}
# What is surely no page is not even asked for.
_NO_PAGES = frozenset(
    ".7z .aac .ai .apk .atom .avi .avif .bib .bin .bmp .bz2 .css .csv .dmg .doc .docx .dot .eot .eps .epub "
    ".exe .flac .flv .gif .gz .ico .ics .iso .jar .jpeg .jpg .js .json .key .m4a .m4v .mkv .mov .mp3 .mp4 "
    ".mpeg .mpg .mpp .msi .odp .ods .odt .ogg .ogv .otf .pdf .pkg .png .pps .ppt .pptx .ps .psd .rar .rss "
    ".rtf .svg .swf .tar .tex .tgz .tif .tiff .ttf .vcf .wav .webm .webmanifest .webp .wma .wmv .woff .woff2 "
    ".xls .xlsm .xlsx .xml .xz .zip".split()
)
# The names by which Python knows the encodings of the web. Others are slow, or no encodings of text.
_ENCODINGS = frozenset(
    "utf-8 utf-16 utf-16-le utf-16-be ascii iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 "
    "iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp1250 cp1251 "
    "cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8-r koi8-u shift_jis euc_jp euc_kr gb2312 gbk "
    "gb18030 big5".split()
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page to read: its copy, and the address under which it is to be known."""

    copy: Copy
    url: str
    source: Source


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that was not to be had: the copy of an earlier day is used. ``reason`` is for people."""

    address: str
    fetched_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A page that was found and is not used, which is no failure."""

    address: str
    reason: str


@dataclass(slots=True)
class Found:
    """What became of the addresses of all sources; as in Gathered."""

    problems: list[FetchError] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    asked: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be fetched: a page or a sitemap.

    What fails is a problem where the address ``is_given`` and not found. One that ``is_chosen`` by the
    patterns of its source may lead to no address that these leave out.
    """

    types: frozenset[str]
    store: Callable[[str, Answer, Copy | None], Copy]
    is_given: bool
    is_chosen: bool = False


class Walk:
    """Goes through sources one after the other; a page that several lead to is fetched once.

    What was confirmed after ``since`` is not asked for again, nor with ``ask_again`` off what is fresh enough
    for its source. ``read_page`` reads the links of a page. ``on_page`` is told how many pages are done and
    how many are known.
    """

    def __init__(
        self,
        visitor: Visitor,
        copies: WebCopies,
        *,
        since: datetime,
        now: Callable[[], datetime],
        ask_again: bool = False,
        read_page: ReadLinks = read_links,
        on_page: Callable[[int, int], None] | None = None,
    ) -> None:
        self.found = Found()
        self.absent: dict[str, Absent] = {}
        self._visitor = visitor
        self._copies = copies
        self._since = since
        self._now = now
        self._ask_again = ask_again
        self._read_page = read_page
        self._on_page = on_page or (lambda done, known: None)
        self._absent_before = copies.absent()
        self._done: dict[str, Copy | None] = {}
        self._led_to: dict[str, Copy] = {}
        self._known = 0

    @property
    def used(self) -> frozenset[str]:
        """The addresses whose copies are in use, those of sitemaps among them."""
        return frozenset(address for address, copy in self._done.items() if copy is not None)

    def pages(self, source: Source) -> list[Page]:
        """Return the pages of one source, in the order in which they were found."""
        found = _Pages(source, self.found)
        match source.kind:
            case SourceKind.URL:
                self._one(source, found)
            case SourceKind.SITEMAP:
                self._listed(source, found)
            case SourceKind.CRAWL:
                self._linked(source, found)
            case SourceKind.PATH:
                raise ValueError("a path is not fetched")
        return self._under_their_own_address(found)

    def _one(self, source: Source, pages: _Pages) -> None:
        self._known += 1
        copy = self._page(source.place, source, is_given=True)
        if copy is not None and not copy.may_index:
            self.found.problems.append(NotAllowed(source.place, "the page asks not to be used (noindex)"))
        elif copy is not None:
            pages.take(copy)

    def _linked(self, source: Source, pages: _Pages) -> None:
        forms: Counter[str] = Counter()
        known = {source.place}
        level = [source.place]
        self._known += 1
        visited = 0
        for depth in range(source.depth + 1):
            below: list[str] = []
            # Addresses with a query come last: if there are too many, it is those that are left out.
            for address in sorted(level, key=lambda each: "?" in each):
                if visited == source.pages:
                    self._leave_out(source.place, _too_many(source))
                    return
                visited += 1
                copy = self._page(address, source, is_given=address == source.place)
                if copy is None or not pages.take(copy):
                    continue
                known.add(copy.final)
                links = (copy.canonical, *copy.links) if depth < source.depth else ()
                for link in links:
                    if link and link not in known and self._leads_on(link, source, forms):
                        known.add(link)
                        below.append(link)
            self._known += len(below)
            level = below

    def _leads_on(self, link: str, source: Source, forms: Counter[str]) -> bool:
        """Whether a link is one to a page of the source, and not to one of endlessly many."""
        is_ours = _is_of(link, source) and source.is_wanted(link) and _may_be_a_page(link)
        if not is_ours or is_endless(link):
            return False
        form = endless_form(link)
        if form:
            forms[form] += 1
            if forms[form] == MAX_OF_ONE_FORM + 1:
                reason = f"there are more than {MAX_OF_ONE_FORM} addresses of its form; no more are asked for"
                self._leave_out(link, reason)
        return not form or forms[form] <= MAX_OF_ONE_FORM

    def _listed(self, source: Source, pages: _Pages) -> None:
        elsewhere = visited = 0
        seen: set[str] = set()
        for address in self._sitemap_links(source):
            if not _is_of(address, source):
                elsewhere += 1
                continue
            if address in seen or not source.is_wanted(address):
                continue
            seen.add(address)
            if visited == source.pages:
                self._leave_out(source.place, _too_many(source))
                break
            visited += 1
            self._known += 1
            copy = self._page(address, source, is_given=False)
            if copy is not None:
                pages.take(copy)
        if elsewhere:
            self._leave_out(source.place, f"{elsewhere} of the addresses it lists are of other hosts")

    def _sitemap_links(self, source: Source) -> Iterator[str]:
        """The addresses in one sitemap after the other: nobody wants all of them at once."""
        waiting = self._sitemaps_of(source)
        seen: set[str] = set()
        while waiting:
            address = waiting.pop(0)
            if address in seen:
                continue
            if len(seen) == MAX_SITEMAPS:
                self._leave_out(source.place, f"there are more than {MAX_SITEMAPS} sitemaps; others are left")
                break
            seen.add(address)
            if not _is_of(address, source):
                self._leave_out(address, "it is a sitemap on another host")
                continue
            copy = self._fetched(address, source, _Wanted(_SITEMAP_TYPES, self._store_sitemap, is_given=True))
            if copy is not None:
                waiting += copy.sitemaps
                yield from copy.links

    def _sitemaps_of(self, source: Source) -> list[str]:
        """The sitemap that a source names, or those that the robots.txt of its site does."""
        last = PurePosixPath(urlsplit(source.place).path).name
        if "sitemap" in last or last.endswith((".xml", ".gz", ".txt")):
            return [source.place]
        try:
            stated = self._visitor.robots(source.place).sitemaps
        except FetchError:
            stated = ()  # the request for the sitemap will say why
        named = [address for each in stated if (address := _normalised(each, source.place))]
        return named or [f"{origin_of(source.place)}/sitemap.xml"]

    def _page(self, address: str, source: Source, *, is_given: bool) -> Copy | None:
        wanted = _Wanted(_page_types(), self._store_page, is_given=is_given, is_chosen=not is_given)
        copy = self._fetched(address, source, wanted)
        self._on_page(len(self._done), max(self._known, len(self._done)))
        return copy

    def _fetched(self, address: str, source: Source, wanted: _Wanted) -> Copy | None:
        """The newest copy that is to be had; what fails is noted."""
        if address in self._done:
            return self._done[address]
        if address in self._led_to:
            return self._led_to[address]
        before = self._copies.get(address)
        if before is None and not wanted.is_given and self._is_known_to_be_absent(address, source):
            self._done[address] = None
            return None
        copy: Copy | None = None
        try:
            if before is not None and self._is_fresh(before.checked_at, source):
                self._check(before.final, source, wanted)
                copy = before
            else:
                copy = self._asked_for(address, source, wanted, before)
        except (Unreachable, NotPublic) as error:
            copy = before
            if before is not None:
                self.found.kept.append(Kept(address, before.fetched_on, error.reason))
            elif isinstance(error, HostLeftAlone) and not wanted.is_given:
                self._leave_out(address, error.reason)
            else:
                self.found.problems.append(error)
        except (Gone, NotAllowed) as error:
            if before is not None:
                self.found.vanished.append(address)
            if wanted.is_given:
                self.found.problems.append(error)
            elif before is None or isinstance(error, NotAllowed):
                self._leave_out(address, error.reason)
            # What a rule forbids may be allowed by the next list of sources.
            if isinstance(error, Gone) and not wanted.is_given:
                self.absent[address] = Absent(error.reason, self._now())
        self._done[address] = copy
        if copy is not None:
            self._led_to[copy.final] = copy
        return copy

    def _is_known_to_be_absent(self, address: str, source: Source) -> bool:
        absent = self._absent_before.get(address)
        if absent is None or not self._is_fresh(absent.checked_at, source):
            return False
        self.absent[address] = absent
        self._leave_out(address, absent.reason)
        return True

    def _is_fresh(self, checked_at: datetime, source: Source) -> bool:
        if checked_at >= self._since:
            return True
        age = self._now() - checked_at
        return not self._ask_again and source.every is not None and age < source.every * _ALMOST

    def _check(self, address: str, source: Source, wanted: _Wanted) -> None:
        """Raise NotAllowed for an address that the source, as it is now, or the rules do not allow."""
        self._visitor.check(address)
        if not _is_of(address, source):
            raise NotAllowed(address, f"{host_of(address)} is another host, which the source does not name")
        if wanted.is_chosen and not source.is_wanted(address):
            raise NotAllowed(address, "the source leaves it out")

    def _asked_for(self, address: str, source: Source, wanted: _Wanted, before: Copy | None) -> Copy:
        def check(place: str) -> None:
            self._check(place, source, wanted)

        seen = Seen(before.final, before.etag, before.last_modified) if before is not None else None
        self.found.asked += 1
        answer = self._visitor.visit(address, check, types=wanted.types, seen=seen)
        if answer.status == 304 and before is not None:
            self.found.unchanged += 1
            return self._copies.confirm(before, self._now())
        return wanted.store(address, answer, before)

    def _store_page(self, address: str, answer: Answer, before: Copy | None) -> Copy:
        suffix = _suffix_of(answer)
        if not answer.body.strip():
            raise Unreachable(answer.address, "the page is empty")
        body = _as_utf8(answer.body, answer.charset) if suffix in _TEXTS else answer.body
        name, digest = self._copies.write_body(address, body, suffix)
        copy = self._new(address, answer, name, digest)
        wishes = wishes_of(answer.robots)
        if suffix == ".html":
            try:
                page = self._read_page(self._copies.path_of(copy), answer.address)
            except UnreadableFile:
                page = PageLinks()  # whoever reads the page itself will say why
            copy = replace(
                copy,
                links=page.links if wishes.may_follow else (),
                canonical=page.canonical,
                may_index=page.may_index and wishes.may_index,
                text_digest=page.text_digest,
            )
        else:
            copy = replace(copy, may_index=wishes.may_index, text_digest=digest)
        return self._put(copy, before)

    def _store_sitemap(self, address: str, answer: Answer, before: Copy | None) -> Copy:
        body = answer.body
        if body.startswith(b"\x1f\x8b"):
            body = unpacked(answer.address, body, self._visitor.rules.size)
        try:
            listed = read_sitemap(body, answer.address)
        except ValueError as error:
            raise Unreachable(answer.address, str(error)) from None
        name, digest = self._copies.write_body(address, body, ".xml")
        copy = self._new(address, answer, name, digest)
        return self._put(replace(copy, links=listed.pages, sitemaps=listed.sitemaps, may_index=False), before)

    def _new(self, address: str, answer: Answer, name: str, digest: str) -> Copy:
        now = self._now()
        return Copy(
            address=address,
            final=answer.address,
            name=name,
            sha256=digest,
            fetched_at=now,
            checked_at=now,
            etag=answer.etag,
            last_modified=answer.last_modified,
        )

    def _put(self, copy: Copy, before: Copy | None) -> Copy:
        """Keep a copy; one that shows the same words is of the day of the earlier one."""
        if before is not None and (
            copy.sha256 == before.sha256 or (copy.text_digest and copy.text_digest == before.text_digest)
        ):
            self.found.unchanged += 1
            copy = replace(copy, fetched_at=before.fetched_at)
        self._copies.put(copy)
        return copy

    def _under_their_own_address(self, pages: _Pages) -> list[Page]:
        """Give each page the address that it calls its own, where that can be believed.

        Many sites give all tabs of a page, or all pages, one address by mistake. So it counts only where it
        has the same path, or where the page there shows the same words. A page that is a variant of another
        one by its own word is left out.
        """
        there = {copy.final for copy in pages.taken}
        found: dict[str, Page] = {}
        for copy in pages.taken:
            own = copy.canonical
            if not (own and is_same_site(own, copy.final) and pages.is_same(own, copy)):
                own = copy.final
            if own in found or (own != copy.final and own in there):
                self._leave_out(copy.final, f"it is {own} by its own word")
            else:
                found[own] = Page(copy, own, pages.source)
        return list(found.values())

    def _leave_out(self, address: str, reason: str) -> None:
        self.found.left_out.append(LeftOut(address, reason))


class _Pages:
    """The pages of one source that differ from each other."""

    def __init__(self, source: Source, found: Found) -> None:
        self.source = source
        self.taken: list[Copy] = []
        self._found = found
        self._digests: dict[str, str] = {}
        self._first: dict[str, str] = {}

    def take(self, copy: Copy) -> bool:
        """Take a page if it may be used; return whether it is a new one, so that its links matter."""
        if copy.final in self._digests:
            return False
        self._digests[copy.final] = copy.text_digest
        same = self._first.setdefault(copy.text_digest, copy.final) if copy.text_digest else copy.final
        if same != copy.final:
            self._found.left_out.append(LeftOut(copy.final, f"it shows the same words as {same}"))
            return False
        if not copy.may_index:
            self._found.left_out.append(LeftOut(copy.final, "the page asks not to be used (noindex)"))
        elif self.source.is_wanted(copy.final):
            self.taken.append(copy)
        return True

    def is_same(self, address: str, copy: Copy) -> bool:
        """Whether ``address`` is but another one of this page."""
        shows_same = copy.text_digest != "" and self._digests.get(address) == copy.text_digest
        return shows_same or is_variant(address, copy.final)


def _is_of(address: str, source: Source) -> bool:
    return is_same_site(address, source.place) or fits_host(host_of(address), source.hosts)


def _too_many(source: Source) -> str:
    return f"it has more than {source.pages} pages; the others were left out (`pages` says how many)"


def _page_types() -> frozenset[str]:
    return _UNTOLD | {kind for kind, suffix in _SUFFIXES.items() if suffix in READERS}


def _may_be_a_page(address: str) -> bool:
    suffix = PurePosixPath(urlsplit(address).path).suffix.lower()
    return suffix not in _NO_PAGES or suffix in READERS


def _suffix_of(answer: Answer) -> str:
    """The suffix that tells the readers what a body is. Raises: NotAllowed."""
    known = _SUFFIXES.get(answer.media_type)
    suffix = known or PurePosixPath(urlsplit(answer.address).path).suffix.lower()
    if suffix not in _SUFFIXES.values() or suffix not in READERS:
        raise NotAllowed(answer.address, "the server does not say what it is, and the address neither")
    return suffix


def _as_utf8(body: bytes, charset: str) -> bytes:
    """A text in the encoding that every reader takes, if the server names another one that fits.

    What the server says goes before what stands in the page (HTML standard, "encoding sniffing algorithm");
    the byte order mark tells the reader so.
    """
    if body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body
    try:
        encoding = codecs.lookup(charset).name if charset else ""
        if encoding not in _ENCODINGS:
            return body
        text = body.decode("cp1252" if encoding in ("ascii", "iso8859-1") else encoding)
    except (LookupError, ValueError):
        return body
    return codecs.BOM_UTF8 + text.encode("utf-8", errors="replace")


def _normalised(place: str, base: str) -> str:
    try:
        return normalised(place, base)
    except BadAddress:
        return ""
