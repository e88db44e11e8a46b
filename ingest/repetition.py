"""What a site repeats around its pages, found by repetition: menus, footers and boxes of links.

Pages of one site also share what they mean: one application fee, one list of documents, one address to write
to. So repetition alone drops nothing. A block is the site's and not the page's if most pages of the site have
it, if it states no value and labels none, and if its place says so: it is made of links among others that
are, or it stands before the first heading, or between such blocks. What stands under a heading of the page's
own subjects stays.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from urllib.parse import urlsplit

from .documents import Block, BlockKind, Document
from .labelled import by_colon
from .values import ValueKind, is_empty_value, kinds_of, names_a_field

# Fewer pages than this are no site: what they share may be all that they say.
FEWEST_PAGES = 10
# The share of a site's pages (or of one of its sections) that have what is around all of them.
_MOST = 0.5
# A box of links under a heading that names no navigation has to be on nearly all of many pages.
_NEARLY_ALL, _MANY_PAGES = 0.9, 20
# A line of more words that ends in a full stop is a sentence.
_FEW_WORDS = 3
# Links that stand together are a menu from so many on.
_FEWEST_LINKS = 3
_NAVIGATION = re.compile(
    r"^(?:(?:quick|useful|related|important|helpful|further|external|other|all|more|popular) "
    r"(?:links?|pages?|topics?|sites?|content|articles?)|links?|navigation|menu|site ?map|"
    r"(?:more )?in this section|on this (?:site|page)|"
    r"(?:follow|find|join|visit) us\b.*|(?:share|stay|get|keep) (?:this\b.*|connected|in touch|social)|"
    r"connect(?: with us)?|"
    r"social(?: media)?|(?:latest|recent|more) (?:news|posts|events)|(?:upcoming )?events|news|quicklinks|"
    r"service(?:s|navigation)?|you (?:may|might) also (?:like|be interested in)|see also|"
    r"weitere (?:links|seiten|informationen)|direkt zu|schnellzugriff|snelkoppelingen|liens utiles|"
    r"enlaces)\W*$",
    re.I,
)
# Subjects of a page that a list of links may be about: what stands under them is never furniture.
_SUBJECT = re.compile(
    r"document|require|admission|admit|appl(?:y|ication)|deadline|dates?\b|fees?\b|tuition|costs?\b|fund|"
    r"scholarship|financ|module|courses?\b|curricul|programm?e?s?\b|degree|language|contact|visa|hous|"
    r"accommodation|download|forms?\b|regulation|bewerb|zulassung|unterlagen|geb[üu]hr|kosten|studieng|fristen|"
    r"toelating|inschrijv|admisi|inscri|frais",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How a text stands on the pages of a site: the share of them that have it, and how often each does."""

    share: float
    times: int


def without_repetition(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return the documents, in order, without what their sites repeat around them.

    A site is the host of the addresses, or the publisher of pages without one; pages without either, and
    sites of fewer than ``FEWEST_PAGES`` pages, stay as they are. No page loses all of its text.
    """
    sites: dict[str, list[int]] = defaultdict(list)
    for number, document in enumerate(documents):
        site = _site(document)
        if site:
            sites[site].append(number)
    found = list(documents)
    for numbers in sites.values():
        if len(numbers) >= FEWEST_PAGES:
            pages = [documents[number] for number in numbers]
            for number, page in zip(numbers, _cleaned(pages), strict=True):
                found[number] = page
    return tuple(found)


def without_blocks(document: Document, dropped: Iterable[int]) -> Document:
    """Return the document without the blocks at the positions ``dropped``; all offsets are moved along.

    A block that holds one that stays, as a list item holds the items nested in it, stays too.
    """
    blocks = document.blocks
    kept = _with_parents(blocks, set(range(len(blocks))) - set(dropped))
    if len(kept) == len(blocks):
        return document
    positions = {old: new for new, old in enumerate(sorted(kept))}
    parts: list[str] = []
    moved: list[Block] = []
    starts: list[tuple[int, int]] = []
    length, last = 0, -1
    for old in positions:
        block = blocks[old]
        if moved:
            follows = old == last + 1
            between = document.text[blocks[last].end : block.start] if follows else "\n\n"
            parts.append(between)
            length += len(between)
        shift = length - block.start
        parts.append(document.text[block.start : block.end])
        moved.append(
            replace(
                block,
                start=length,
                end=block.end + shift,
                parent=positions.get(block.parent, -1),
                cells=tuple((start + shift, end + shift) for start, end in block.cells),
            )
        )
        starts.append((block.start, length))
        length += block.end - block.start
        last = old
    pages = tuple(next((new for old, new in starts if old >= page), length) for page in document.pages)
    return replace(document, text="".join(parts), blocks=tuple(moved), pages=pages)


def _site(document: Document) -> str:
    try:
        host = urlsplit(document.url).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") or document.publisher.strip().casefold()


def _section(document: Document) -> str:
    """The first part of the path of an address: sections of a site have menus of their own."""
    try:
        return urlsplit(document.url).path.strip("/").split("/")[0]
    except ValueError:
        return ""


def _cleaned(pages: Sequence[Document]) -> list[Document]:
    sections: dict[str, list[Document]] = defaultdict(list)
    for page in pages:
        sections[_section(page)].append(page)
    seen = _seen(pages)
    by_section = {
        name: _seen(those) for name, those in sections.items() if FEWEST_PAGES <= len(those) < len(pages)
    }
    cleaned: list[Document] = []
    for page in pages:
        own = by_section.get(_section(page), {})
        both = {
            text: max((seen[text], own.get(text, seen[text])), key=lambda s: s.share) for text in _texts(page)
        }
        dropped = _furniture(page, both, of_many=len(pages) >= _MANY_PAGES)
        stays = [block for n, block in enumerate(page.blocks) if n not in dropped]
        has_text = any(block.kind is not BlockKind.HEADING for block in stays)
        cleaned.append(without_blocks(page, dropped) if dropped and has_text else page)
    return cleaned


def _texts(document: Document) -> list[str]:
    return [document.text[block.start : block.end].casefold() for block in document.blocks]


def _seen(pages: Sequence[Document]) -> dict[str, _Seen]:
    times: dict[str, list[int]] = defaultdict(list)
    for page in pages:
        for text, count in Counter(_texts(page)).items():
            times[text].append(count)
    return {text: _Seen(len(counts) / len(pages), median_low(counts)) for text, counts in times.items()}


def _furniture(page: Document, seen: Mapping[str, _Seen], *, of_many: bool) -> set[int]:
    """The positions of the blocks that are the site's."""
    texts = _texts(page)
    common = [seen[text].share >= _MOST for text in texts]
    is_free = [common[n] and _states_nothing(page, n) for n in range(len(texts))]
    dropped: set[int] = set()
    for start, end in _runs([free and _is_linked(page, n) for n, free in enumerate(is_free)]):
        run = range(start, end)
        if sum(page.blocks[n].kind is not BlockKind.HEADING for n in run) >= _FEWEST_LINKS:
            for part in _under_headings(page, run):
                if _may_go(page, part, seen, texts, of_many=of_many):
                    dropped.update(part)
    first = next((n for n, block in enumerate(page.blocks) if block.kind is BlockKind.HEADING), 0)
    for position in range(first):
        if position in dropped:
            continue
        if not is_free[position] or not _is_bare(page, position):
            break
        dropped.add(position)
    sentences = _NEARLY_ALL if of_many else 1.1  # on few pages no sentence is the site's
    is_free = [
        free and (seen[texts[n]].share >= sentences or not _is_sentence(page, n))
        for n, free in enumerate(is_free)
    ]
    dropped |= _between(page, is_free, dropped)
    dropped -= _own_copies(texts, seen, dropped)
    headings = {n for n in dropped if page.blocks[n].kind is BlockKind.HEADING}
    return (dropped - headings) | _empty_headings(page, is_free, dropped - headings)


def _states_nothing(page: Document, position: int) -> bool:
    """Whether a block states no value and labels none: what siblings share for a reason does either."""
    block = page.blocks[position]
    if block.kind in {BlockKind.ROW, BlockKind.TERM, BlockKind.DEFINITION}:
        return False
    text = page.text[block.start : block.end]
    labelled = by_colon(text)
    if kinds_of(text) - {ValueKind.URL} or is_empty_value(text) or (labelled is not None and labelled.value):
        return False
    return not names_a_field(text) or block.is_link


def _is_linked(page: Document, position: int) -> bool:
    """Whether a block can stand in a menu: a link, or a heading over some."""
    block = page.blocks[position]
    return block.kind is BlockKind.HEADING or (block.is_link and not _is_sentence(page, position))


def _is_sentence(page: Document, position: int) -> bool:
    block = page.blocks[position]
    return page.text[block.end - 1] in ".!?" and len(page.text[block.start : block.end].split()) > _FEW_WORDS


def _is_bare(page: Document, position: int) -> bool:
    """Whether a block is a line that is no sentence: a name, a slogan, a link."""
    block = page.blocks[position]
    text = page.text[block.start : block.end]
    return block.kind is BlockKind.PARAGRAPH and len(text.split()) <= 12 and text[-1] not in ".!?:"


def _runs(marks: Sequence[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for position, mark in enumerate(marks):
        if mark and runs and runs[-1][1] == position:
            runs[-1] = (runs[-1][0], position + 1)
        elif mark:
            runs.append((position, position + 1))
    return runs


def _under_headings(page: Document, run: Sequence[int]) -> list[list[int]]:
    """A run in parts, each with the heading that it begins with; the first may have none."""
    parts: list[list[int]] = [[]]
    for position in run:
        if page.blocks[position].kind is BlockKind.HEADING and parts[-1]:
            parts.append([])
        parts[-1].append(position)
    return parts


def _may_go(
    page: Document, part: Sequence[int], seen: Mapping[str, _Seen], texts: Sequence[str], *, of_many: bool
) -> bool:
    """Whether links that stand together are a menu, and not a list that the page itself leads to.

    A page leads to it with a heading of its own subjects, or with a line that its siblings have too.
    """
    blocks = page.blocks
    above = part[0] if blocks[part[0]].kind is BlockKind.HEADING else part[0] - 1
    if above < 0:
        return True
    said = page.text[blocks[above].start : blocks[above].end]
    if blocks[above].kind is not BlockKind.HEADING:
        return not said.endswith(":") and seen[texts[above]].share < _MOST
    if _NAVIGATION.match(said):
        return True
    return (
        not _SUBJECT.search(said)
        and of_many
        and all(seen[texts[n]].share >= _NEARLY_ALL for n in (above, *part))
    )


def _between(page: Document, is_free: Sequence[bool], dropped: set[int]) -> set[int]:
    """What stands between blocks that go, or between them and the edge of the page, and states nothing."""
    found: set[int] = set()
    count = len(page.blocks)
    for start, end in _runs([n not in dropped for n in range(count)]):
        before, after = start - 1 in dropped, end in dropped
        is_enclosed = (before and after) or (before and end == count) or (after and start == 0)
        plain = all(
            is_free[n] and page.blocks[n].kind in {BlockKind.PARAGRAPH, BlockKind.HEADING}
            for n in range(start, end)
        )
        if is_enclosed and plain:
            found.update(n for n in range(start, end) if page.blocks[n].kind is BlockKind.PARAGRAPH)
    return found


def _own_copies(texts: Sequence[str], seen: Mapping[str, _Seen], dropped: set[int]) -> set[int]:
    """The copies of what a page says more often than other pages do: its own, which stay.

    They are those farthest from the edges: the list of programmes on the page about the programmes, whose
    names stand in the menu of each page too.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(texts):
        places[text].append(position)
    own: set[int] = set()
    for text, positions in places.items():
        extra = len(positions) - seen[text].times
        if extra > 0:
            own.update(sorted(positions, key=lambda n: -min(n, len(texts) - 1 - n))[:extra])
    return own & dropped


def _empty_headings(page: Document, is_free: Sequence[bool], dropped: set[int]) -> set[int]:
    """The headings that most pages have and under which nothing is left, or led to links that go."""
    blocks = page.blocks
    found: set[int] = set()
    for position in reversed(range(len(blocks))):
        if blocks[position].kind is not BlockKind.HEADING or not is_free[position]:
            continue
        end = next(
            (
                n
                for n in range(position + 1, len(blocks))
                if blocks[n].kind is BlockKind.HEADING and blocks[n].level <= blocks[position].level
            ),
            len(blocks),
        )
        under = set(range(position + 1, end))
        text = page.text[blocks[position].start : blocks[position].end]
        leads_to_links = position + 1 in dropped and bool(_NAVIGATION.match(text))
        if leads_to_links or (under and under <= dropped | found):
            found.add(position)
    return found


def _with_parents(blocks: Sequence[Block], kept: set[int]) -> set[int]:
    found = set(kept)
    for position in sorted(kept, reverse=True):
        above = blocks[position].parent
        while above >= 0 and above not in found:
            found.add(above)
            above = blocks[above].parent
    return found
