"""Values that pages state: amounts, dates, durations, scores; found by form, not by meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum


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


# Every repetition has an upper bound: a page with a megabyte of digits is searched in linear time too.
_NUMBER = (
    r"(?<!\d)\d{1,3}(?:[.,' \u202f]\d{3}){1,4}(?!\d)(?:[.,]\d{1,2})?|(?<!\d)\d{1,12}(?:[.,]\d{1,4})?(?!\d)"
)
CURRENCY_CODES = (
    "EUR|USD|GBP|CHF|CAD|AUD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|"
    "RON|BGN|TRY|JPY|CNY|RMB|INR|KRW|SGD|HKD|MYR|ZAR|BRL|MXN|AED|SAR"
)
_CURRENCY = (
    rf"(?:[€$£¥₹₩]|\b(?:{CURRENCY_CODES})\b|\b[Ee]uros?\b|\b[Dd]ollars?\b|"
    r"\b[Pp]ounds?(?: sterling)?\b|\bfrancs\b)"
)
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_SMALL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_PERIOD = r"(?:years?|months?|weeks?|days?|hours?|semesters?|terms?|trimesters?|quarters?|academic years?)"

AMOUNT = re.compile(
    rf"{_CURRENCY}\s?(?:{_NUMBER})(?:\s?[-–]\s?{_CURRENCY}?\s?(?:{_NUMBER}))?"
    rf"|(?:{_NUMBER})(?:\s?[-–]\s?(?:{_NUMBER}))?\s?(?:,-\s?)?{_CURRENCY}"
)
DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.?\s(?:of\s)?(?:{_MONTHS})\b\.?,?(?:\s\d{{4}})?"
    rf"|\b(?:{_MONTHS})\b\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?"
    rf"|\b(?:{_MONTHS})\b\.?,?\s\d{{4}}"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
    re.I,
)
MONTH = re.compile(rf"\b(?:{_MONTHS.replace('|may|', '|').replace('mar(?:ch)?', 'march')})\b|\bMay\b", re.I)
# When a programme starts, as universities say it.
SEASON = re.compile(
    r"\b(?:winter|summer|spring|autumn|fall)(?:,? (?:and|or) (?:winter|summer|spring|autumn|fall))?"
    r" (?:semesters?|terms?|intakes?|quarters?)\b",
    re.I,
)
DURATION = re.compile(
    rf"\b(?:{_NUMBER}|{_SMALL})(?:\s?(?:[-–]|to|or)\s?(?:{_NUMBER}|{_SMALL}))?[\s-](?:full[\s-]time\s|"
    rf"academic\s)?{_PERIOD}\b",
    re.I,
)
PERCENTAGE = re.compile(rf"(?:{_NUMBER})\s?(?:%|per ?cent\b)", re.I)
NUMBER = re.compile(rf"(?<![\w.])(?:{_NUMBER})(?!\w)|\b(?:{_SMALL})\b", re.I)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|\s?\[at\]\s?|\s\(at\)\s)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# A number of two parts that begins with 0 is a phone number unless it is a day such as 01.02.2027.
PHONE = re.compile(
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
    rf"^(?:{CURRENCY_CODES}|euros?|dollars?|pounds?|francs|{_MONTHS}|{_SMALL}|{_PERIOD}|ects|ec|cfu|cp|"
    rf"credits?|"
    rf"credit points?|"
    r"points?|per|an?|the|of|to|from|until|till|by|before|after|on|in|and|or|between|approx(?:imately)?|"
    r"about|circa|ca|"
    r"at|least|most|minimum|min|max|maximum|up|over|overall|full|part|time|monthly|yearly|annually|annum|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|st|nd|rd|th|am|pm|cet|cest|gmt|utc|noon|"
    r"midnight|"
    r"band|grade|score|[a-f][+-]?|winter|summer|spring|autumn|fall|pa)$",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+[+-]?")

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
    r"^(?:[-–—.…?*/_\s]*|n\s?[./]?\s?a\.?|t\.?b\.?[acd]\.?|(?:will|to) (?:be (?:announced|confirmed|"
    r"determined|decided|published|set)|follow)|"
    r"not (?:yet )?(?:available|specified|known|announced|decided|set|fixed)|unknown|pending|coming soon)"
    r"(?: (?:soon|later|shortly))?[.!]?$",
    re.I,
)
_TO_BE_ANNOUNCED = re.compile(r"\btb[acd]\b", re.I)


def kinds_of(text: str) -> frozenset[ValueKind]:
    """The kinds of value that stand anywhere in ``text``."""
    found = {kind for kind, pattern in _BY_KIND.items() if pattern.search(text)}
    if SEASON.search(text) or (MONTH.search(text) and ValueKind.NUMBER in found):
        found.add(ValueKind.DATE)
    return frozenset(found)


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of several rows is their header: the only one without values, of three cells."""
    first, *others = [[cell.strip() for cell in row] for row in rows]
    if len(first) < 3 or not others or not all(first[1:]) or any(kinds_of(cell) for cell in first):
        return False
    return all(any(kinds_of(cell) or is_empty_value(cell) for cell in row[1:]) for row in others)


def is_bare_value(text: str, *, other_words: int = 1) -> bool:
    """Whether ``text`` is a value and nothing else: a number or date with its units, few other words."""
    text = text.strip().rstrip(".")
    if not text or len(text) > 80 or not (NUMBER.search(text) or DATE.search(text) or EMAIL.fullmatch(text)):
        return False
    if EMAIL.fullmatch(text) or PHONE.fullmatch(text) or URL.fullmatch(text):
        return True
    if re.search(r"\w\s?:(?!\d)", text) or _ORDINAL.match(text):
        return False  # "Duration: 24 months" is a label and its value
    others = [word for word in _WORD.findall(text) if not _VALUE_WORDS.match(word)]
    return any(char.isdigit() for char in text) and len(others) <= other_words


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
