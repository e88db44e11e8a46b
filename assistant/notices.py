"""Warnings beside an answer: old pages, dates that have passed, pages that disagree, lines that break off."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from ingest.dates import parse_date
from ingest.documents import Document
from ingest.money import AMOUNT
from ingest.units import Unit, UnitKind
from ingest.values import DATE, is_bare_value

from .evidence import Evidence
from .grounding import Grounded
from .reply import Citation, Notice, NoticeKind
from .wording import wording

OUTDATED_AFTER_DAYS = 730
# A label of at most so many words is a blank field; a longer one is a sentence that breaks off.
BROKEN_WORDS = 5
# Where a line lost its end: "contact the international office at".
_STOPS_SHORT = re.compile(
    r"(?:\b(?:at|to|via|by|from|through|on|call|e-?mail|contact|before|until|is|are)\s*:?|:)\s*$", re.I
)
# An academic year is over with September of the later year: by then the next one has begun everywhere.
_LAST_OF_YEAR = (9, 30)

_ACADEMIC_YEAR = re.compile(r"(?<![\d/.-])(20\d\d)\s?[-–/]\s?((?:20)?\d\d)(?![\d/.-]\d|\d)")
_FULL_YEAR = re.compile(r"\d{4}")
_MONTH_ONLY = re.compile(r"^[^\W\d]+\.?,?\s\d{4}$")
# A sentence of the past tells what was; nothing of it runs out.
_PAST = re.compile(
    r"\b(?:was|were|had|did|took|began|won|became|came|got|used to|ended|started|opened|launched|joined)\b|"
    r"(?<!is )(?<!are )(?<!be )(?<!being )\b(?:founded|established|published|updated|modified|reviewed|"
    r"revised|born|accredited|approved|appointed|died|graduated|signed|retrieved|accessed|posted|written)\b|"
    r"\b(?:date of birth|found(?:ing|ation)|inaugurat\w+|anniversary|history|"
    r"last (?:change|update|admission|year))\b",
    re.I,
)
# What is said to happen, to begin, to be due or to hold at a date.
_PLANNED = re.compile(
    r"\b(?:until|till|by|before|no later than|not later than|latest|deadlines?|closing|due|clos(?:e|es|ing)|"
    r"ends?|expires?|valid|starts?|begins?|commences?|opens?|apply|applications?|regist(?:er|ration)|submit\w*|"
    r"intakes?|entry|enrol\w*|arriv\w+|runs?|takes? place|held|scheduled|announce\w*|notif\w+|payments?|"
    r"paid|pay|payable|sessions?|interviews?|exams?|dates?|early bird|regular|rounds?|places? are|"
    r"invited|welcome|decisions?|results?|offers?)\b",
    re.I,
)
# "from 1 May 2026" with nothing after it holds from then on.
_OPEN = re.compile(
    r"\b(?:from|since|as of|as from|after|effective|starting(?: from)?|on or after)\s+(?:the\s)?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s)?$",
    re.I,
)
# The day of a law is its name.
_OF_A_LAW = re.compile(
    r"\b(?:act|law|decree|regulations?|directive|statutes?|order|resolution|treaty|convention|agreement|"
    r"version)\s(?:of|dated|from)\s(?:the\s)?$",
    re.I,
)
_RANGE_GOES_ON = re.compile(r"^\s*(?:to|until|till|through|and|[-–—])\s", re.I)
_CLAUSE_END = re.compile(r"(?<!\d)[.!?;](?=\s|$)|\n| \| ")
_HOLDS_FOR_A_YEAR = re.compile(
    r"\b(?:fees?|tuition|costs?|prices?|rates?|contributions?|scholarships?|bursar\w+|grants?|deadlines?|"
    r"entry|intake|admissions?|apply|applications?|valid|stipends?|rent)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Clock:
    """What day it is, and after how many days a page counts as old. The day is asked for with each reply."""

    today: Callable[[], date] = date.today
    outdated_after_days: int = OUTDATED_AFTER_DAYS


def notices(
    grounded: Grounded,
    evidence: Sequence[Evidence],
    conflicts: Sequence[tuple[Evidence, Evidence]],
    documents: Mapping[str, Document],
    language: str,
    clock: Clock,
) -> tuple[Notice, ...]:
    """Return the warnings that the cited quotes call for: conflicts first, then what may no longer hold.

    ``evidence`` is what the reply was made of; of ``conflicts``, pairs of facts that contradict each other,
    those count whose quotes are both cited.
    """
    texts = wording(language)["notices"]
    places = {_place(citation): citation.number for citation in grounded.citations}
    units = {_place(item.unit): item for item in evidence}
    # The header of a table is cited beside a cell and counts with that cell's label.
    headers = {item.unit.lead_in for item in evidence if " | " in item.unit.lead_in}
    today = clock.today()
    found: list[Notice] = []
    contested: set[int] = set()
    is_ranked = True
    for one, other in conflicts:
        if {_place(one.unit), _place(other.unit)} <= places.keys():
            contested |= {places[_place(one.unit)], places[_place(other.unit)]}
            is_ranked &= one.document.rank > other.document.rank
    if contested:
        text = texts["conflict_ranked" if is_ranked else "conflict"]
        found.append(Notice(NoticeKind.CONFLICT, text, tuple(sorted(contested))))
    broken = [number for place, number in places.items() if place in units and _breaks_off(units[place])]
    if broken:
        found.append(Notice(NoticeKind.BLANK, texts["breaks_off"], tuple(broken)))
    passed = [
        citation.number
        for citation in grounded.citations
        if citation.quote not in headers and _has_passed(citation, units.get(_place(citation)), today)
    ]
    if passed:
        found.append(Notice(NoticeKind.EXPIRED, texts["expired"], tuple(passed)))
    return (*found, *_outdated(grounded.citations, documents, texts, today, clock.outdated_after_days))


def _outdated(
    citations: Sequence[Citation],
    documents: Mapping[str, Document],
    texts: Mapping[str, str],
    today: date,
    after_days: int,
) -> list[Notice]:
    """One notice for each cited page that was last changed too long ago; none where a page does not say."""
    numbers: dict[str, list[int]] = {}
    for citation in citations:
        numbers.setdefault(citation.document_id, []).append(citation.number)
    found: list[Notice] = []
    for document_id, cited in numbers.items():
        changed = documents[document_id].modified_on
        if changed is not None and today - changed > timedelta(days=after_days):
            day = format_date(changed, format="long", locale=texts["date_locale"])
            found.append(Notice(NoticeKind.OUTDATED, texts["outdated"].format(date=day), tuple(cited)))
    return found


def _breaks_off(item: Evidence) -> bool:
    """Whether a line of the page stops in the middle of what it says, rather than leave a field empty."""
    return (
        item.unit.kind is UnitKind.BLANK
        and item.unit.label == item.text
        and len(item.text.split()) > BROKEN_WORDS
        and bool(_STOPS_SHORT.search(item.text))
    )


def _has_passed(citation: Citation, item: Evidence | None, today: date) -> bool:
    """Whether all that a quote says of days to come lies before ``today``.

    What stands around a fact counts where the fact itself names no day: its label, then its heading.
    """
    if item is None:
        last = last_day(citation.quote)
        return last is not None and last < today
    unit = item.unit
    if unit.kind is UnitKind.BLANK:
        return False
    headings = unit.headings[-1] if unit.headings else ""
    if unit.value:
        if _PAST.search(unit.label):
            return False
        said = [f"{unit.label}: {unit.value}" if _days(unit.value) else unit.label, headings]
    else:
        said = [item.text, unit.lead_in, headings]
    for text in said:
        if _days(text):
            is_field = unit.value != "" and text is said[0] and is_bare_value(unit.value)
            last = last_day(text, is_field=is_field, about=f"{unit.label} {headings} {item.text}")
            return last is not None and last < today
    return False


def last_day(text: str, *, is_field: bool = False, about: str = "") -> date | None:
    """The last day on which what ``text`` announces still holds; None where it announces nothing that ends.

    ``is_field`` says that the text is a label and a bare value: a range of days is a period then.
    ``about`` is what else says that an academic year is one of fees or of admission.
    """
    days: list[date] = []
    for start, end, day, form in _days(text):
        clause_start, clause_end = _clause(text, start, end)
        clause = text[clause_start:clause_end]
        before, after = text[clause_start:start], text[end:clause_end]
        if _PAST.search(clause) or _OF_A_LAW.search(before):
            continue
        if form is _ACADEMIC_YEAR:
            if AMOUNT.search(clause) or _HOLDS_FOR_A_YEAR.search(f"{clause} {about}"):
                days.append(day)
            continue
        if _OPEN.search(before) and not _RANGE_GOES_ON.match(after):
            return None
        is_period = is_field and bool(re.search(r"\d\S*\s(?:\w+\s)?(?:to|until|[-–—])\s", clause))
        if is_period or _PLANNED.search(clause):
            days.append(day)
    return max(days, default=None)


def _days(text: str) -> list[tuple[int, int, date, re.Pattern[str]]]:
    """The days, months and academic years in ``text`` that name their year: place, last day, and form."""
    found: list[tuple[int, int, date, re.Pattern[str]]] = []
    for match in DATE.finditer(text):
        if not _FULL_YEAR.search(match.group()):
            continue
        day = _end_of_month(match.group()) or parse_date(match.group())
        if day is not None:
            found.append((match.start(), match.end(), day, DATE))
    for match in _ACADEMIC_YEAR.finditer(text):
        first, second = int(match[1]), match[2]
        last = int(second) if len(second) == 4 else first // 100 * 100 + int(second)
        if last == first + 1 and not any(
            match.start() < end and start < match.end() for start, end, *_ in found
        ):
            found.append((match.start(), match.end(), date(last, *_LAST_OF_YEAR), _ACADEMIC_YEAR))
    return found


def _end_of_month(text: str) -> date | None:
    if not _MONTH_ONLY.match(text):
        return None
    first = parse_date(f"1 {text}")
    return first.replace(day=monthrange(first.year, first.month)[1]) if first is not None else None


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    ends = [found.end() for found in _CLAUSE_END.finditer(text, 0, start)]
    after = _CLAUSE_END.search(text, end)
    return (ends[-1] if ends else 0), (after.start() if after else len(text))


def _place(quoted: Unit | Citation) -> tuple[str, int, int]:
    return quoted.document_id, quoted.start, quoted.end
