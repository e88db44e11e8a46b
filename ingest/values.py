"""Values that pages state: amounts, dates, durations, scores; found by form, not by meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from .measures import DAYS, MONTHS, SMALL, UNITS, forms
from .money import AMOUNT, CURRENCY, NUMBER_FORM


class ValueKind(StrEnum):
    """What sort of value a text holds."""

    AMOUNT = "amount"
    DATE = "date"
    DURATION = "duration"
    PERCENTAGE = "percentage"
    NUMBER = "number"
    """Any number, also one written as a word up to twelve."""
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"


_PERIOD = rf"(?:{forms(of_time=True)})"

DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.?\s(?:of\s)?(?:{MONTHS})\b\.?,?(?:\s\d{{4}})?"
    rf"|\b(?:{MONTHS})\b\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?"
    rf"|\b(?:{MONTHS})\b\.?,?\s\d{{4}}"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|(?<![\d.])[0-3]\d\.[01]\d\.(?!\d)",
    re.I,
)
MONTH = re.compile(rf"\b(?:{MONTHS.replace('|may|', '|').replace('mar(?:ch)?', 'march')})\b|\bMay\b", re.I)
# When a programme starts, as universities say it.
SEASON = re.compile(
    r"\b(?:winter|summer|spring|autumn|fall)(?:,? (?:and|or) (?:winter|summer|spring|autumn|fall))?"
    r" (?:semesters?|terms?|intakes?|quarters?)\b",
    re.I,
)
DURATION = re.compile(
    rf"\b(?:{NUMBER_FORM}|{SMALL})(?:\s?(?:[-–]|to|or)\s?(?:{NUMBER_FORM}|{SMALL}))?[\s-]"
    rf"(?:(?:full[\s-]time|full|academic|business|working|calendar)[\s-])?{_PERIOD}\b",
    re.I,
)
PERCENTAGE = re.compile(rf"(?:{NUMBER_FORM})\s?(?:%|per ?cent\b)", re.I)
NUMBER = re.compile(rf"(?<![\w.])(?:{NUMBER_FORM})(?!\w)|\b(?:{SMALL})\b", re.I)
EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?:@|\s?\[at\]\s?|\s?\(at\)\s?)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
)
# A number of two parts that begins with 0 is a phone number unless it is a day such as 01.02.2027; in North
# America they have three, four and no 0.
PHONE = re.compile(
    r"(?<![\d.,/-])(?:\+?1[\s.-])?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[.-])\d{3}[.-]\d{4}(?![\d-])|"
    r"(?:\+\s?\d{1,3}[\s().-]{0,3}|"
    r"(?<![\d.,/-])(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b)\(?0\d{1,4}\)?[\s./-]{1,3})"
    r"\d(?:[\d\s().-]{5,25}\d)"
)
URL = re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.I)

_BY_KIND = {
    ValueKind.AMOUNT: AMOUNT,
    ValueKind.DATE: DATE,
    ValueKind.DURATION: DURATION,
    ValueKind.PERCENTAGE: PERCENTAGE,
    ValueKind.NUMBER: NUMBER,
    ValueKind.EMAIL: EMAIL,
    ValueKind.PHONE: PHONE,
    ValueKind.URL: URL,
}

# Words that may stand beside a number in a bare value: "18690 EUR/year", "24 months", "60 ECTS credits",
# "1 May 2027", "at least 6.5 overall", "from 900 to 1450 EUR per month".
_VALUE_WORDS = re.compile(
    rf"^(?:{CURRENCY}|{MONTHS}|{DAYS}|{SMALL}|{_PERIOD}|{UNITS}|"
    r"per|an?|the|of|to|from|until|till|by|before|after|on|in|and|or|between|approx(?:imately)?|about|circa|"
    r"ca|"
    r"at|least|most|minimum|min|max|maximum|up|over|out|overall|full|part|time|monthly|yearly|annually|annum|"
    r"academic|hours?|st|nd|rd|th|am|pm|cet|cest|gmt|utc|noon|midnight|"
    r"band|grade|score|[a-f][+-]?|winter|summer|spring|autumn|fall|pa)$",
    re.I,
)
_UNIT = re.compile(rf"^(?:{UNITS}|{_PERIOD})$", re.I)
_HOLDS_ONE = re.compile(rf"{NUMBER.pattern}|{DATE.pattern}|{EMAIL.pattern}", re.I)
# The words of a cell that can name a column, and those of one that says something.
_SHORT, _LONG = 6, 7
_MANY_ROWS = 3
_WORD = re.compile(r"[^\W\d_]+[+-]?")
_NOON = re.compile(r"\b([ap])\.\s?m\b\.?", re.I)

# "Year 1", "Semesters 3 and 4", "Block 2": names of parts, not values.
_ORDINAL = re.compile(
    r"^(?:year|semester|term|trimester|quarter|week|day|month|step|module|part|phase|block|stage|"
    r"section|chapter|unit|"
    r"group|track|option|level|question|page|room|no|number|grade|round)s?\.?\s\d",
    re.I,
)
# Nouns that ask for a value: a label ending in one and followed by nothing is a blank.
_FIELD = (
    r"deadlines?|closing dates?|dates?|scores?|marks?|results?|fees?|costs?|prices?|charges?|"
    r"surcharges?|contributions?|amounts?|"
    r"duration|length|period|e-?mails?(?: address(?:es)?)?|(?:tele|mobile )?phone(?: numbers?)?|mobile|"
    r"fax(?: numbers?)?|"
    r"address(?:es)?|numbers?|credits?|ects|gpa|grades?|salary|income|stipends?|allowance|"
    r"start(?:ing)?(?: dates?)?|intakes?|places?|"
    r"seats|capacity|languages?|degree|level|tuition|deposit|rent|premium|website|url|"
    r"contact(?: person)?|room|location|"
    r"venue|campus|code|pace|mode|scope|size|(?:opening |office |working )?hours|rate|quota|loads?"
)
_ROLE = (
    r"coordinator|co-ordinator|director|leader|advis[eo]r|counsell?or|secretary|head|dean|supervisor|"
    r"officer|administrator|"
    r"manager|chair|spokesperson"
)
_NAMES_FIELD = re.compile(
    rf"\b(?:{_FIELD}|{_ROLE})(?:(?:,|\s(?:of|for|per|in|from|to|by|at|until|with|without|before|after|"
    rf"as))\s.*)?$",
    re.I,
)
_CONTACT_FIELD = re.compile(
    r"^(?:e-?mails?|(?:tele|mobile )?phone|mobile|fax)(?: (?:numbers?|address(?:es)?))?$", re.I
)
_PEOPLE = re.compile(
    r"\b(?:students?|applicants?|citizens?|nationals?|residents?|participants?|professionals?|"
    r"graduates?|alumni|members?|"
    r"staff|doctors|non-?members?|eu|eea|non-eu|international|overseas|home|domestic|european|"
    r"countr(?:y|ies)|nationalit(?:y|ies))\b",
    re.I,
)
_TITLED = re.compile(r"\b(?:Dr|Prof|Professor|Mr|Mrs|Ms|Ir|Drs|Dipl\.-Ing)\b\.?\s+[A-Z]")
_FULL_NAME = re.compile(
    r"\b[A-Z][a-zà-ÿ]+(?: [A-Z]\.)?(?: (?:van|von|de|der|den|da|di|al|"
    r"bin))* [A-Z][a-zà-ÿ]+(?:-[A-Z][a-zà-ÿ]+)?\b"
)
_OFFICE = re.compile(
    r"\b(?:Programme|Program|Course|Study|Student|International|Admissions?|Graduate|Academic|Head|"
    r"Director|Coordinator|Office|"
    r"University|College|School|Centre|Center|Department|Institute|Faculty|Education|Service|Desk|"
    r"Adviser|Advisor|Counsell?or|"
    r"Team|Board|Committee|Council|Master|Bachelor|Secretary|Manager|Support)\b"
)
_EMPTY = re.compile(
    r"^(?:[-–—.…?*/_\s]*|x{2,}(?:[./-]x{2,})*(?:\s\w{3})?|n\s?[./]?\s?a\.?|t\.?b\.?[acd]\.?|"
    r"(?:will|to) (?:be (?:announced|confirmed|determined|decided|published|set)|follow)|"
    r"not (?:yet )?(?:available|specified|known|announced|decided|set|fixed)|unknown|pending|coming soon)"
    r"(?: (?:soon|later|shortly))?[.!]?$",
    re.I,
)
_TO_BE_ANNOUNCED = re.compile(r"\btb[acd]\b", re.I)


# No value of these kinds is without a digit, and most sentences are.
_WITH_DIGITS = frozenset({ValueKind.AMOUNT, ValueKind.DATE, ValueKind.PERCENTAGE, ValueKind.PHONE})
_WITHOUT_DIGITS = {kind: pattern for kind, pattern in _BY_KIND.items() if kind not in _WITH_DIGITS}
_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=16_384)
def kinds_of(text: str) -> frozenset[ValueKind]:
    """The kinds of value that stand anywhere in ``text``."""
    patterns = _BY_KIND if _DIGIT.search(text) else _WITHOUT_DIGITS
    found = {kind for kind, pattern in patterns.items() if pattern.search(text)}
    if SEASON.search(text) or (MONTH.search(text) and ValueKind.NUMBER in found):
        found.add(ValueKind.DATE)
    return frozenset(found)


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of several rows is their header: the only one without values.

    It has three cells or more. Two columns may be labels and values, so their header has to show: both hold
    values, or the first holds nothing else ("Time"), or the header of the second names a field ("Price").
    """
    first, *others = [[cell.strip() for cell in row] for row in rows]
    if len(first) < 2 or not others or not all(first[1:]) or any(kinds_of(cell) for cell in first):
        return False
    if len(first) == 2:
        return _names_two(first, others)
    if all(len(cell.split()) <= _SHORT for cell in first) and all(map(_runs_on, others)):
        return True
    # Of many rows one alone without any value, and short in all its cells, is no accident.
    is_plain = len(others) >= _MANY_ROWS and all(len(cell.split()) <= _SHORT for cell in first)
    return all(
        any(kinds_of(cell) or is_empty_value(cell) for cell in (row if is_plain else row[1:]))
        for row in others
    )


def _names_two(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    if any(len(row) != 2 for row in others):
        return False
    if all(_states_one(left) and _states_one(right) for left, right in others):
        return True
    if len(others) < 2 or (names_a_field(first[0]) and names_a_field(first[1])):
        return False
    if all(is_bare_value(left) and not is_bare_value(right) for left, right in others):
        return True
    is_priced = all(_states_one(right) or is_empty_value(right) for _, right in others)
    return is_priced and names_a_field(first[1]) and not any(_states_one(left) for left, _ in others)


def _runs_on(row: Sequence[str]) -> bool:
    """Whether a row is a comparison in words: a short cell, then one that is half a sentence or longer."""
    return bool(row) and len(row[0].split()) <= _SHORT and any(len(cell.split()) > _LONG for cell in row[1:])


def _states_one(cell: str) -> bool:
    """Whether a cell holds a value that is more than a number: "By 3 January", "4 credits: $1,388"."""
    return bool(kinds_of(cell) - {ValueKind.NUMBER, ValueKind.EMAIL, ValueKind.PHONE, ValueKind.URL})


def is_bare_value(text: str, *, other_words: int = 1) -> bool:
    """Whether ``text`` is a value and nothing else: a number or date with its units, few other words."""
    text = text.strip().rstrip(".")
    if not text or len(text) > 80 or not _HOLDS_ONE.search(text):
        return False
    if EMAIL.fullmatch(text) or PHONE.fullmatch(text) or URL.fullmatch(text):
        return True
    if re.search(r"\w\s?:(?!\d)", text) or _ORDINAL.match(text):
        return False  # "Duration: 24 months" is a label and its value
    others = [word for word in _WORD.findall(_NOON.sub(r"\1m", text)) if not _VALUE_WORDS.match(word)]
    return any(char.isdigit() for char in text) and len(others) <= other_words


def is_time_of_year(text: str) -> bool:
    """Whether ``text`` is a month or a season and nothing else: "September", "winter or summer semester"."""
    found = _WORD.findall(text)
    return 0 < len(found) <= 5 and bool(MONTH.search(text) or SEASON.search(text)) and names_units(text)


def names_units(text: str) -> bool:
    """Whether a unit stands in ``text``: of time, credits or marks, or the words around a value alone.

    "120 ECTS" and "Mon" do, "Optics 2" does not.
    """
    found = _WORD.findall(text)
    return any(map(_UNIT.match, found)) or (bool(found) and all(map(_VALUE_WORDS.match, found)))


def is_empty_value(text: str) -> bool:
    """Whether a cell or value says nothing: empty, a dash, "n/a", "to be announced", "date TBA"."""
    text = text.strip()
    if len(text) > 60:
        return False
    return bool(_EMPTY.match(text)) or (
        bool(_TO_BE_ANNOUNCED.search(text)) and len(text.split()) <= 3 and not re.search(r"\d", text)
    )


def names_people(label: str) -> bool:
    """Whether ``label`` names the people that a fact is for ("EU/EEA", "Overseas students", "Residents")."""
    return bool(_PEOPLE.search(label))


def names_a_person(text: str) -> bool:
    """Whether a person's name stands in ``text``: a title and a capital, or two capitals of no office."""
    if _TITLED.search(text):
        return True
    return any(not _OFFICE.search(found.group()) for found in _FULL_NAME.finditer(text))


def names_a_field(label: str) -> bool:
    """Whether ``label`` names what has a value ("Application deadline", "Minimum score (Grade B)")."""
    if len(label) > 120 or ": " in label:
        return False
    bare = re.sub(r"\([^)]*\)", "", label).strip(" :*.")
    return (
        bool(_NAMES_FIELD.search(bare))
        and len(bare.split()) <= 8
        and not re.search(r"^(?:no|without|free)\b|\d", bare, re.I)
    )


def is_contact_field(label: str) -> bool:
    """Whether ``label`` names a way to reach someone and nothing else: "E-mail", "Phone number:"."""
    return bool(_CONTACT_FIELD.match(label.strip(" :")))
