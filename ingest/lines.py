"""Words on a sheet of paper into lines: the types that describe a printed page, by position.

Nothing here knows of PDF. Lengths are points; ``y`` counts from the top of the sheet downwards and is that of
the line on which letters stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# Words whose lines differ by less than this share of the letters' size stand on one line: an index (x², 1st)
# is raised by a third.
_SAME_LINE = 0.45
# Words further apart than this, in sizes and in the line's usual gap, stand in different cells or columns;
# justified lines stretch their gaps, but all of them.
_APART, _APART_RATIO = 0.9, 2.2
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# A cell of more characters is a part of the page's layout and no cell.
LONGEST_CELL = 900
_MARK = re.compile(r"[•◦▪▫‣\u2043∙·●○■□➢➤✓✔❖♦–—*o§-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]")
# Before a hyphen these stay words of their own.
_COMPOUNDS = frozenset(
    "all anti co cross e ex full half high in inter long low mid multi non off on one open part peer post "
    "pre pro re real second self semi short so three two under up well work world year".split()
)
_JOINING = frozenset("and or to und oder bis en of et ou y o e ed och eller".split())
_BROKEN = re.compile(r"(?P<head>[^\W\d_]{2,})[-\u00ad\u2010\u0002\ufffe]$")


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a gap, in the style of most of them; ``y`` is the line that they stand on."""

    text: str
    left: float
    right: float
    y: float
    size: float
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line that the page draws, upright or level."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def is_level(self) -> bool:
        """Whether it runs from left to right."""
        return self.right - self.left >= self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of one line with no more than the usual gaps between them."""

    words: tuple[Word, ...]

    @property
    def left(self) -> float:
        return min(word.left for word in self.words)

    @property
    def right(self) -> float:
        return max(word.right for word in self.words)

    @property
    def y(self) -> float:
        return max(self.words, key=lambda word: len(word.text)).y

    @property
    def size(self) -> float:
        return max(self.words, key=lambda word: len(word.text)).size

    @property
    def text(self) -> str:
        return text_of(self.words)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a column: its segments from left to right, one but for what may be a row of a table."""

    segments: tuple[Segment, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def left(self) -> float:
        return self.segments[0].left

    @property
    def right(self) -> float:
        return max(segment.right for segment in self.segments)

    @property
    def y(self) -> float:
        return max(self.segments, key=lambda segment: len(segment.words)).y

    @property
    def size(self) -> float:
        """The size of most of its letters."""
        counts: dict[float, int] = {}
        for word in self.words:
            counts[round(word.size, 1)] = counts.get(round(word.size, 1), 0) + len(word.text)
        return max(counts, key=lambda size: counts[size])

    @property
    def is_bold(self) -> bool:
        """Whether nearly all of its letters are bold."""
        letters = sum(len(word.text) for word in self.words)
        return sum(len(word.text) for word in self.words if word.is_bold) >= 0.85 * letters

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; ``widths`` are, for each row, the numbers of columns that its cells cover.

    ``bold_head`` says that the first row is bold and no other is.
    """

    rows: tuple[tuple[str, ...], ...]
    widths: tuple[tuple[int, ...], ...]
    left: float
    right: float
    top: float
    bottom: float
    bold_head: bool = False

    @property
    def y(self) -> float:
        return self.top


Piece = Line | Table


def text_of(words: Iterable[Word]) -> str:
    """The words with blanks between, from right to left where most of their letters are written so."""
    ordered = list(words)
    letters = "".join(word.text for word in ordered)
    if len(_RIGHT_TO_LEFT.findall(letters)) * 2 > len(letters):
        ordered.reverse()
    return " ".join(word.text for word in ordered)


def lines_of(words: Sequence[Word]) -> list[Line]:
    """Return the lines that ``words`` stand on, from top to bottom, cut into segments at wide gaps."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.y, word.left)):
        # Only the last few rows are near; a larger word decides how far its line reaches.
        for row in reversed(rows[-3:]):
            reach = _SAME_LINE * max(word.size, max(other.size for other in row))
            if abs(row[0].y - word.y) < reach and not _overlaps(word, row):
                row.append(word)
                break
        else:
            rows.append([word])
    found = [Line(tuple(segments_of(sorted(row, key=lambda word: word.left)))) for row in rows]
    return sorted(found, key=lambda line: line.y)


def _overlaps(word: Word, row: Sequence[Word]) -> bool:
    """Whether a word covers half of one that stands in the row: then they are lines of tight print."""
    least = 0.5 * (word.right - word.left)
    return any(min(word.right, other.right) - max(word.left, other.left) > least > 0 for other in row)


def segments_of(row: Sequence[Word]) -> list[Segment]:
    gaps = [after.left - before.right for before, after in pairwise(row)]
    usual = median(gap for gap in gaps if gap > 0) if any(gap > 0 for gap in gaps) else 0.0
    # A row of cells has more wide gaps than usual ones: what is usual is then no more than a blank.
    segments = [[row[0]]]
    for gap, (before, after) in zip(gaps, pairwise(row), strict=True):
        size = max(before.size, after.size)
        if gap > _APART * size and gap > _APART_RATIO * min(usual, 0.45 * size):
            segments.append([])
        segments[-1].append(after)
    return [Segment(tuple(words)) for words in _with_marks(segments)]


def _with_marks(segments: list[list[Word]]) -> list[list[Word]]:
    """The segments, those of a bullet or a number alone joined with what it stands before."""
    joined: list[list[Word]] = []
    for words in segments:
        alone = joined and len(joined[-1]) == 1 and is_mark(joined[-1][0].text)
        if alone and len(joined) == 1:
            joined[-1] = [*joined[-1], *words]
        else:
            joined.append(words)
    return joined


def is_mark(text: str) -> bool:
    """Whether ``text`` is nothing but the bullet or the number of a list item."""
    return bool(_MARK.fullmatch(text)) or (len(text) == 1 and unicodedata.category(text) == "Co")


def joined(parts: Iterable[str], known: frozenset[str] = frozenset()) -> str:
    """Lines as one text, words that were hyphenated at a line's end whole again.

    ``known`` are words, in small letters, that the document spells elsewhere.
    """
    text = ""
    for part in parts:
        part = part.strip()
        if not part:
            continue
        broken = _BROKEN.search(text)
        if not text:
            text = part
        elif broken is None:
            text = f"{text}{part}" if text.endswith("/") else f"{text} {part}"
        else:
            text = text[:-1] + _tied(broken["head"], part, known)
    return text


def _tied(head: str, part: str, known: frozenset[str]) -> str:
    """What follows the letters before a hyphen at a line's end: the next line with or without it."""
    tail = re.match(r"[^\W\d_]+", part)
    rest = tail.group() if tail else ""
    if rest in _JOINING:
        return f"- {part}"  # "pre- and postgraduate"
    if not part[0].islower():
        return f"-{part}"
    is_compound = head.lower() in _COMPOUNDS and f"{head}{rest}".lower() not in known
    return f"-{part}" if is_compound or f"{head}-{rest}".lower() in known else part
