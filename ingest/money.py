"""Numbers and sums of money as pages write them, read by price-parser; codes of currencies by pycountry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import pycountry
from price_parser import Price

from .measures import forms, period_of

# Every repetition has an upper bound: a page with a megabyte of digits is searched in linear time too.
NUMBER_FORM = (
    r"(?<!\d)\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}){1,4}(?!\d)(?:[.,]\d{1,2})?(?!\d)|"
    r"(?<!\d)\d{1,2}(?:,\d{2}){1,3},\d{3}(?!\d)|"
    r"(?<!\d)\d{1,12}(?:[.,]\d{1,4})?(?!\d)"
)
# Codes that are words too, and are mostly meant as such where a page writes in capitals.
_WORDS_IN_CAPITALS = frozenset({"ALL", "BOB", "COP", "CUP", "MAD", "MOP", "PEN", "TOP"})
# "RMB" is no code and yet what everyone writes.
_CODES = "|".join(
    sorted({currency.alpha_3 for currency in pycountry.currencies} - _WORDS_IN_CAPITALS | {"RMB"})
)
# What CLDR has no plain form for: names in running English, and the signs that stand behind the number.
_NAMES = (
    "euros?|dollars?|pounds?(?: sterling)?|francs|kronor|kroner|yen|yuan|rupees|rand|zloty|zł|kč|ft|kr|lira"
)
_SIGNS = r"(?:\b(?:US|AU|CA|NZ|HK|SG|NT|MX|[ACRS]))?\$|[€£¥₹₩₺₽₪฿₫₱₦₴]"
CURRENCY = rf"(?:{_SIGNS}|\b(?:{_CODES})\b|\b(?i:{_NAMES})\b)"
_MANY = r"\s?(?:k|m|bn|million|billion|thousand)\b"
_RANGE = r"\s?(?:-|–|—|to|and)\s?"
AMOUNT = re.compile(
    rf"{CURRENCY}\s?(?:{NUMBER_FORM})(?:{_MANY})?(?:{_RANGE}{CURRENCY}?\s?(?:{NUMBER_FORM})(?:{_MANY})?)?"
    rf"|(?:{NUMBER_FORM})(?:{_MANY})?(?:,[-–—])?(?:{_RANGE}(?:{NUMBER_FORM})(?:{_MANY})?)?\s?(?:,?[-–—]\s?)?{CURRENCY}"
)
_ONE = re.compile(rf"({NUMBER_FORM})({_MANY})?")
_CURRENCY = re.compile(CURRENCY)
_PER = re.compile(rf"^\W{{0,4}}(?:/|per|an?\b|each|every|(?=p\.?a\b))\s?({forms(of_time=False)})(?!\w)", re.I)
_ADVERBS = {"yearly": "year", "annually": "year", "monthly": "month", "weekly": "week", "daily": "day"}
_ADVERB = re.compile(rf"^\W{{0,2}}({'|'.join(_ADVERBS)})\b", re.I)
_MULTIPLES = {
    "k": 1_000,
    "thousand": 1_000,
    "m": 1_000_000,
    "million": 1_000_000,
    "bn": 10**9,
    "billion": 10**9,
}
_SAME = {
    "€": "EUR",
    "EURO": "EUR",
    "EUROS": "EUR",
    "£": "GBP",
    "POUND": "GBP",
    "POUNDS": "GBP",
    "POUNDS STERLING": "GBP",
    "US$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "SG$": "SGD",
    "₹": "INR",
    "RMB": "CNY",
    "YUAN": "CNY",
    "FRANCS": "CHF",
    "DOLLAR": "$",
    "DOLLARS": "$",
    "POUND STERLING": "GBP",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """One or two numbers of a currency ("900 – 1,450 EUR") and the period that they pay for.

    ``currency`` is an ISO 4217 code where the text leaves no doubt, else what it writes ("$"); ``written`` is
    always what it writes. ``period`` is a name of ``measures.PERIODS``; "" for once.
    """

    numbers: tuple[Decimal, ...]
    currency: str
    period: str
    written: str


@lru_cache(maxsize=4_096)
def read_number(text: str) -> Decimal | None:
    """The first number in ``text``, whatever separates its thousands; None without one.

    A mark in front of exactly three digits groups thousands, in front of one or two it is decimal.
    """
    # price-parser knows the straight apostrophe of Swiss prices and not the typographic one.
    amount: Decimal | None = Price.fromstring(text.replace("’", "'")).amount
    return amount


def amounts_in(text: str) -> list[Amount]:
    """The sums of money in ``text``, in order, each with what it is paid per."""
    return [_amount(text, found) for found in AMOUNT.finditer(text)]


def _amount(text: str, found: re.Match[str]) -> Amount:
    currency = _CURRENCY.search(found.group())
    written = currency.group() if currency is not None else ""
    read = [(read_number(number), many.strip().lower()) for number, many in _ONE.findall(found.group())]
    # "1.2 – 1.5 million" says its multiple once.
    last = read[-1][1] if read else ""
    numbers = tuple(number * _MULTIPLES.get(many or last, 1) for number, many in read if number is not None)
    behind = text[found.end() : found.end() + 40]
    per, adverb = _PER.match(behind), _ADVERB.match(behind)
    period = period_of(per[1]) if per else _ADVERBS[adverb[1].lower()] if adverb else ""
    return Amount(numbers, _SAME.get(written.upper(), written.upper()), period, written)
