"""PDF files: their letters with places and styles, their rules, and what they say of themselves."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from .cleaning import one_line
from .lines import Rule, Word
from .plaintext import Page
from .printed import Sheet, read_sheets
from .properties import Properties, sensible_day, sensible_title

MAX_PAGES = 3_000
MAX_CHARACTERS = 6_000_000
# A page that draws more is a picture, in which no table is looked for.
_MOST_PATHS = 4_000
_MOST_SEGMENTS = 400
# A rule is no thicker, and no shorter, in points.
_THICKEST, _SHORTEST = 3.0, 6.0
# Letters further apart than this share of their size are of two words.
_WORD_GAP = 0.28
_SAME_BASELINE = 0.25
# If more of the letters than this are unknown ones, the file does not say which letters its fonts draw.
_UNKNOWN_SHARE = 0.3
_BOLD = re.compile(r"bold|black|heavy|semib|demi|cmbx|(?:^|[-,])bd", re.I)
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-"}
_SPACES = frozenset("\t\n\v\f\r \u00a0\u2002\u2003\u2009\u200b\u202f\u3000")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|-)")
_DAY = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})")


class UnreadablePdf(Exception):
    """The file gives no text; the message is the reason, for people."""


def read_pdf(path: Path) -> tuple[Page, Properties]:
    """Return the page in a PDF file and what the file says of itself.

    Raises:
        UnreadablePdf: it is damaged, protected by a password, or has no text.
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdf(_reason(error)) from error
    try:
        if len(document) > MAX_PAGES:
            raise UnreadablePdf(f"it has {len(document):,} pages, more than the {MAX_PAGES:,} allowed")
        sheets: list[Sheet] = []
        letters = 0
        shows_pictures = False
        broken = 0
        for number in range(len(document)):
            try:
                page = document[number]
            except pypdfium2.PdfiumError:
                broken += 1
                sheets.append(Sheet((), (), 0.0, 0.0))
                continue
            sheet, count = _sheet(page, letters)
            letters += count
            shows_pictures = shows_pictures or (not sheet.words and _shows_a_picture(page))
            sheets.append(sheet)
            page.close()
        if not any(sheet.words for sheet in sheets):
            if broken:
                raise UnreadablePdf("it is damaged: none of its pages can be opened")
            if shows_pictures:
                raise UnreadablePdf("it has no text layer, only pictures of pages; run OCR on it first")
            raise UnreadablePdf("there is no text in it")
        _check_letters(sheets)
        found = read_sheets(sheets)
        return found, _properties(document, found)
    finally:
        document.close()


def _reason(error: pypdfium2.PdfiumError) -> str:
    code = getattr(error, "err_code", None)
    if code == pdfium.FPDF_ERR_PASSWORD:
        return "it is protected by a password; save a copy without one"
    if code == pdfium.FPDF_ERR_SECURITY:
        return "it is encrypted in a way that cannot be read; save a copy without protection"
    return "it is damaged or no PDF"


def _check_letters(sheets: list[Sheet]) -> None:
    text = "".join(word.text for sheet in sheets for word in sheet.words)
    unknown = sum(unicodedata.category(letter) in {"Co", "Cn", "Cc"} or letter == "\ufffd" for letter in text)
    if unknown > _UNKNOWN_SHARE * len(text):
        raise UnreadablePdf("its fonts do not say which letters they draw; run OCR on it first")


def _shows_a_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2))


@dataclass(frozen=True, slots=True)
class _Style:
    """How a text object draws its letters: font size on paper, weight, quarter turns clockwise."""

    size: float
    is_bold: bool
    turns: int


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter on paper, turned upright; ``y`` counts downwards."""

    text: str
    left: float
    right: float
    y: float
    style: _Style


def _sheet(page: pypdfium2.PdfPage, before: int) -> tuple[Sheet, int]:
    """The sheet of one page, and the number of its letters; ``before`` is that of the pages before."""
    box = page.get_cropbox()
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if before + count > MAX_CHARACTERS:
            raise UnreadablePdf(f"it has more than {MAX_CHARACTERS:,} letters")
        letters = list(_letters(page, text_page, count, box))
    finally:
        text_page.close()
    by_turn: dict[int, int] = {}
    for letter in letters:
        if letter is not None:
            by_turn[letter.style.turns] = by_turn.get(letter.style.turns, 0) + 1
    if not by_turn:
        return Sheet((), (), 0.0, 0.0), count
    main = max(by_turn, key=lambda turns: by_turn[turns])
    # Letters across the others are stamps and marks in the margin.
    upright = (letter if letter is None or letter.style.turns == main else None for letter in letters)
    words = tuple(_words(upright))
    words, rules = _underlined(words, [_turned(rule, main, box) for rule in _rules(page, box)])
    width, height = box[2] - box[0], box[3] - box[1]
    if main % 2:
        width, height = height, width
    return Sheet(words, rules, width, height), count


def _letters(
    page: pypdfium2.PdfPage,
    text_page: pypdfium2.PdfTextPage,
    count: int,
    box: tuple[float, float, float, float],
) -> Iterator[_Letter | None]:
    """The letters in the order in which they are drawn, None where a word ends."""
    styles: dict[int, _Style] = {}
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    loose = pdfium.FS_RECTF()
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        text = _HYPHENS.get(code) or _LIGATURES.get(code) or (chr(code) if 0 < code < 0x110000 else "")
        if 0xD800 <= code <= 0xDFFF:
            text = "\ufffd"
        if not text or text in _SPACES:
            yield None
            continue
        item = pdfium.FPDFText_GetTextObject(text_page, index)
        if not item:
            # The library's own: a blank that nobody drew, or a hyphen that it took for one of its own.
            yield None
            continue
        address = ctypes.addressof(item.contents)
        style = styles.get(address)
        if style is None:
            style = styles[address] = _style(text_page, index, item)
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
        corners = (left.value, bottom.value, right.value, top.value)
        if pdfium.FPDFText_GetLooseCharBox(text_page, index, loose):
            corners = (loose.left, loose.bottom, loose.right, loose.top)
        if not _is_on_paper(corners, box):
            continue
        place = _upright(corners, (x.value, y.value), style.turns, box)
        yield _Letter(text, *place, style)


def _is_on_paper(corners: tuple[float, float, float, float], box: tuple[float, float, float, float]) -> bool:
    return (
        corners[2] >= box[0] - 1
        and corners[0] <= box[2] + 1
        and corners[3] >= box[1] - 1
        and corners[1] <= box[3] + 1
    )


def _upright(
    corners: tuple[float, float, float, float],
    origin: tuple[float, float],
    turns: int,
    box: tuple[float, float, float, float],
) -> tuple[float, float, float]:
    """Left, right and height of a letter on the page, turned so that it stands upright."""
    left, bottom, right, top = corners
    x, y = origin
    if turns == 0:
        return left - box[0], right - box[0], box[3] - y
    if turns == 1:  # written downwards
        return box[3] - top, box[3] - bottom, box[2] - x
    if turns == 2:
        return box[2] - right, box[2] - left, y - box[1]
    return bottom - box[1], top - box[1], x - box[0]


def _style(text_page: pypdfium2.PdfTextPage, index: int, item: object) -> _Style:
    matrix = pdfium.FS_MATRIX()
    size = pdfium.FPDFText_GetFontSize(text_page, index)
    turns = 0
    if pdfium.FPDFText_GetMatrix(text_page, index, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
        if abs(matrix.b) > abs(matrix.a):
            turns = 3 if matrix.b > 0 else 1
        elif matrix.a < 0 and matrix.d < 0:
            turns = 2
    name = ctypes.create_string_buffer(128)
    font = pdfium.FPDFTextObj_GetFont(item)
    if font:
        pdfium.FPDFFont_GetBaseFontName(font, name, len(name))
    is_bold = (
        bool(_BOLD.search(name.value.decode("latin-1").partition("+")[2] or name.value.decode("latin-1")))
        or pdfium.FPDFText_GetFontWeight(text_page, index) >= 600
        or pdfium.FPDFTextObj_GetTextRenderMode(item) == pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE
    )
    return _Style(max(size, 1.0), is_bold, turns)


def _words(letters: Iterable[_Letter | None]) -> Iterator[Word]:
    """The words that the letters make; one drawn twice on the same spot, as some draw bold, is there once."""
    seen: set[tuple[str, int, int]] = set()
    held: list[_Letter] = []

    def word() -> Iterator[Word]:
        if not held:
            return
        style = held[0].style
        bold = sum(letter.style.is_bold for letter in held) * 2 > len(held)
        text = "".join(letter.text for letter in held)
        left, right = min(letter.left for letter in held), max(letter.right for letter in held)
        y = sorted(letter.y for letter in held)[len(held) // 2]
        held.clear()
        key = (text, round(left / 2), round(y / 2))
        if key not in seen:
            seen.add(key)
            yield Word(text, left, right, y, style.size, bold)

    for letter in letters:
        if letter is None or (held and not _adjoins(held[-1], letter)):
            yield from word()
        if letter is not None and not (held and _is_drawn_again(held[-1], letter)):
            held.append(letter)
    yield from word()


def _is_drawn_again(before: _Letter, letter: _Letter) -> bool:
    """Whether a letter stands on the one before, a little aside: so some programs draw bold."""
    near = 0.1 * letter.style.size
    return (
        before.text == letter.text
        and abs(before.left - letter.left) < near
        and abs(before.y - letter.y) < near
        and letter.right - letter.left > near
    )


def _adjoins(before: _Letter, letter: _Letter) -> bool:
    size = max(before.style.size, letter.style.size)
    if abs(before.y - letter.y) > _SAME_BASELINE * size:
        return False
    if unicodedata.bidirectional(letter.text[0]) in {"R", "AL", "NSM"}:
        return abs(letter.left - before.left) < 3 * size
    if abs(letter.left - before.left) < 0.05 * size:
        return True  # the letters of a ligature share one place
    gap = letter.left - before.right
    return -0.8 * size < gap < _WORD_GAP * size


def _rules(page: pypdfium2.PdfPage, box: tuple[float, float, float, float]) -> list[Rule]:
    """The straight lines that the page draws, from the top left of the paper."""
    found: list[Rule] = []
    for number, item in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1)):
        if number >= _MOST_PATHS:
            return []
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
        if not fill.value and not stroke.value:
            continue
        left, bottom, right, top = item.get_bounds()
        found += [
            Rule(a - box[0], box[3] - d, c - box[0], box[3] - b)
            for a, b, c, d in _straight(item, (left, bottom, right, top), is_drawn=bool(stroke.value))
        ]
    return found


def _straight(
    item: pypdfium2.PdfObject, bounds: tuple[float, float, float, float], *, is_drawn: bool
) -> Iterator[tuple[float, float, float, float]]:
    """The level and upright lines of one path: left, bottom, right, top."""
    left, bottom, right, top = bounds
    if min(right - left, top - bottom) <= _THICKEST:
        if max(right - left, top - bottom) >= _SHORTEST:
            yield bounds
        return
    count = pdfium.FPDFPath_CountSegments(item)
    if not is_drawn or not 2 <= count <= _MOST_SEGMENTS:
        return
    matrix = item.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        if not segment or not pdfium.FPDFPathSegment_GetPoint(segment, x, y):
            return
        point = matrix.on_point(x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield from _line(last, point)
        else:
            return  # a curve: a drawing, or a frame with round corners
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield from _line(point, start)
            last = start


def _line(one: tuple[float, float], two: tuple[float, float]) -> Iterator[tuple[float, float, float, float]]:
    width, height = abs(one[0] - two[0]), abs(one[1] - two[1])
    if min(width, height) <= 1.0 and max(width, height) >= _SHORTEST:
        yield min(one[0], two[0]), min(one[1], two[1]), max(one[0], two[0]), max(one[1], two[1])


def _turned(rule: Rule, turns: int, box: tuple[float, float, float, float]) -> Rule:
    """The rule on a sheet that is read with so many quarter turns."""
    width, height = box[2] - box[0], box[3] - box[1]
    if turns == 0:
        return rule
    if turns == 1:
        return Rule(rule.top, width - rule.right, rule.bottom, width - rule.left)
    if turns == 2:
        return Rule(width - rule.right, height - rule.bottom, width - rule.left, height - rule.top)
    return Rule(height - rule.bottom, rule.left, height - rule.top, rule.right)


def _underlined(words: tuple[Word, ...], rules: list[Rule]) -> tuple[tuple[Word, ...], tuple[Rule, ...]]:
    """The words, those that are underlined as bold ones, and the rules that underline nothing."""
    by_height: dict[int, list[int]] = {}
    for number, word in enumerate(words):
        by_height.setdefault(round(word.y), []).append(number)
    marked: set[int] = set()
    kept: list[Rule] = []
    for rule in rules:
        over = [
            number
            for height in range(round(rule.top) - 6, round(rule.top) + 3)
            for number in by_height.get(height, ())
            if _is_over(words[number], rule)
        ]
        covered = sum(words[number].right - words[number].left for number in over)
        if rule.is_level and covered >= 0.75 * (rule.right - rule.left):
            marked.update(over)
        else:
            kept.append(rule)
    return (
        tuple(replace(word, is_bold=True) if n in marked else word for n, word in enumerate(words)),
        tuple(kept),
    )


def _is_over(word: Word, rule: Rule) -> bool:
    """Whether a rule runs right under a word."""
    middle = (word.left + word.right) / 2
    return rule.left <= middle <= rule.right and -0.05 * word.size <= rule.top - word.y <= 0.3 * word.size


def _properties(document: pypdfium2.PdfDocument, page: Page) -> Properties:
    try:
        values = document.get_metadata_dict()
    except (pypdfium2.PdfiumError, ValueError):
        values = {}
    return Properties(
        title=sensible_title(one_line(values.get("Title", "")), page),
        modified_on=_day(values.get("ModDate", "")) or _day(values.get("CreationDate", "")),
        language=_language(document),
    )


def _day(stated: str) -> date | None:
    found = _DAY.match(stated.strip())
    try:
        return sensible_day(date(*map(int, found.groups()))) if found else None
    except ValueError:
        return None


def _language(document: pypdfium2.PdfDocument) -> str:
    """The language that the file is marked with, "" for none."""
    size = pdfium.FPDFCatalog_GetLanguage(document, None, 0)
    if not 2 < size <= 128:
        return ""
    buffer = (ctypes.c_ushort * size)()
    pdfium.FPDFCatalog_GetLanguage(document, buffer, size)
    found = _LANGUAGE.match("".join(map(chr, buffer)).partition("\0")[0].lower())
    return found.group() if found else ""
