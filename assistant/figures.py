"""Numbers, names and their forms: what grounding compares and composing writes."""

from __future__ import annotations

import re
from decimal import Decimal

from ingest.measures import SMALL_NUMBERS, forms, period_of
from ingest.money import CURRENCY, read_number

NUMBER_FORM = (
    r"(?:\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|"
    r"\d+(?:[.,]\d+)?)"
)
_NUMBER = re.compile(NUMBER_FORM)
_WORD_NUMBERS = {word: str(value) for word, value in SMALL_NUMBERS.items()}
# "one of them", "to pay one": no number is said there.
_PRONOUN = re.compile(
    r"\b(?:this|that|each|every|any|which|no|another|an? \w+) one\b|\bone(?: of\b| another\b|(?=\s*(?:$|"
    r"[.,;:!?)]))|"
    r"(?= (?:is|are|can|must|may|has|needs|should|will|would|could)\b))"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|\b[\w-]+(?:\.[\w-]+)+/\S*", re.I)
_PHONE = re.compile(
    r"(?<![\w.])\+\d[\d ()/-]{6,18}\d(?!\d)|(?<![\w.,])0\d{1,4}[ /-]\d[\d ()/-]{4,14}\d(?![\d.,])"
)
# Capitals of our own framing that name nobody.
_OUR_CAPITALS = frozenset({"i", "ai", "e-mail"})
_SLASH_PERIOD = re.compile(rf"\s?/\s?({forms(of_time=False)})(?!\w)", re.I)
_RANGE = rf"{NUMBER_FORM}(?:\s?[-–]\s?{NUMBER_FORM})?"
_WITH_CURRENCY = re.compile(rf"{CURRENCY}\s?{_RANGE}|{_RANGE}\s?{CURRENCY}")
_PLAIN_THOUSANDS = re.compile(r"(?<![\d.,/-])([1-9]\d{3,8})(?![\d.,/-]\d|\d)")


def numbers_in(text: str) -> frozenset[str]:
    """The numbers in ``text`` in one form: ``18,690``, ``18.690``, ``18 690`` and ``18690`` are all "18690".

    A separator before exactly three digits groups thousands; before one or two it is the decimal mark.
    Ordinals and words up to twelve count; the digits of codes such as "C1" do not.
    """
    found: set[str] = set()
    for match in _NUMBER.finditer(text):
        before = text[match.start() - 1] if match.start() else " "
        if before.isalpha():
            continue
        found.add(_normal(match.group()))
    for word in re.findall(r"[a-z]+", _PRONOUN.sub(" ", text.lower())):
        if word in _WORD_NUMBERS:
            found.add(_WORD_NUMBERS[word])
    return frozenset(found)


def plain_number(number: Decimal) -> str:
    """``number`` in the form of ``numbers_in``."""
    return _trimmed(f"{number:f}")


def names_in(text: str) -> frozenset[str]:
    """The words of ``text`` that carry a capital and do not open a sentence or a line, lower case.

    A first word counts too where it has a capital inside ("TOEFL", "StudyPortals").
    """
    found: set[str] = set()
    for match in re.finditer(r"[^\W\d_](?:[\w&'’-]*\w)?", text):
        word = match.group()
        opens = re.search(r"(?:^|[.!?:。：！？（\n\"“(]\s*|-\s)$", text[: match.start()])
        if (word[0].isupper() and not opens) or any(char.isupper() for char in word[1:]):
            found.add(word.casefold())
    return frozenset(found - _OUR_CAPITALS)


def all_words(text: str) -> frozenset[str]:
    """The words of ``text``, lower case, as ``names_in`` cuts them."""
    return frozenset(word.casefold() for word in re.findall(r"[^\W\d_](?:[\w&'’-]*\w)?", text))


def addresses_in(text: str) -> frozenset[str]:
    """The web and e-mail addresses in ``text`` as they are written, and the digits of telephone numbers."""
    phones = {re.sub(r"\D", "", found) for found in _PHONE.findall(text)}
    return frozenset(found.rstrip(".,;:!?)") for found in _ADDRESS.findall(text)) | phones


def readable_value(value: str) -> str:
    """A value as a sentence writes it: "18690 EUR/year" becomes "18,690 EUR per year".

    Digits are only grouped where a currency stands next to them: a year is never "2,027".
    """
    value = _SLASH_PERIOD.sub(lambda slash: f" per {_in_full(slash[1])}", value.strip())
    return _WITH_CURRENCY.sub(
        lambda amount: _PLAIN_THOUSANDS.sub(lambda number: f"{int(number[1]):,}", amount.group()), value
    )


def _in_full(period: str) -> str:
    """ "yr" as "year"; what is no abbreviation stays."""
    name = period_of(period)
    is_short = " " not in period and not period.lower().startswith(name) and name != "credit"
    return name if is_short else period


def _normal(number: str) -> str:
    value = read_number(number)
    return plain_number(value) if value is not None else number


def _trimmed(number: str) -> str:
    whole, _, decimals = number.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole.lstrip('0') or '0'}.{decimals}" if decimals else whole.lstrip("0") or "0"
