"""Sums that a page leaves to its reader: totals, yearly from monthly, differences. Every step is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ingest.documents import Document
from ingest.units import Unit, UnitKind
from ingest.values import CURRENCY_CODES, DURATION

from .figures import NUMBER_FORM, number_of
from .grounding import Draft, Span, Step
from .labels import labelled
from .reply import Support
from .wording import DEFAULT_LANGUAGE


class Sum(StrEnum):
    """What a question wants computed."""

    TOTAL = "total"
    YEARLY = "yearly"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Amount:
    """One or two numbers of a currency ("900 - 1450 EUR") and the period they pay for; "" for once."""

    numbers: tuple[Decimal, ...]
    currency: str
    period: str


_TOTAL = re.compile(
    r"\b(?:total|altogether|in all|all together|together|both years|whole (?:programme|program|degree|"
    r"course|study|master)|entire|"
    r"complete (?:programme|program|degree)|over (?:the )?(?:two|2|three|3|four|4) years|"
    r"for (?:the )?(?:two|2|three|3|four|4) years|"
    r"(?:full|whole) (?:two|2|three|3) years|until i (?:graduate|finish)|"
    r"\d+[\s-](?:week|month|year|semester)s?)\b",
    re.I,
)
_YEARLY = re.compile(
    r"\b(?:(?:full|whole|entire|one|1|a|per|each) (?:full )?year|yearly|annual(?:ly)?|12 months|"
    r"twelve months)\b",
    re.I,
)
_DIFFERENCE = re.compile(
    r"\b(?:how much (?:more|less|cheaper|higher|lower)|differences?|(?:more|less|"
    r"cheaper) (?:expensive )?(?:than|for)|compared? (?:to|with))\b",
    re.I,
)
_CURRENCY = rf"[€$£¥]|\b(?:{CURRENCY_CODES})\b"
_AMOUNT = re.compile(
    rf"(?P<before>{_CURRENCY})?\s?(?P<low>{NUMBER_FORM})(?:\s?(?:-|–|—|to|and)\s?(?P<high>{NUMBER_FORM}))?\s?"
    rf"(?P<after>{_CURRENCY}|euros?\b)?"
    r"(?:\s?(?:/|per|a|each|every)\s?(?:academic )?(?P<period>year|month|week|semester|term|day|annum))?"
)
_ASKED_FOR = re.compile(
    r"\b(?P<count>\d{1,2}|one|two|three|four|five|six)[\s-](?P<unit>week|month|year|semester)s?\b|"
    r"\b(?P<both>both) years\b",
    re.I,
)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_MONTHS = Decimal(12)


def wanted_sum(text: str) -> Sum | None:
    """What the question wants computed from stated amounts; None for a plain amount."""
    if _DIFFERENCE.search(text):
        return Sum.DIFFERENCE
    if _TOTAL.search(text):
        return Sum.TOTAL
    return Sum.YEARLY if _YEARLY.search(text) else None


def read_amount(value: str) -> Amount | None:
    """The amount that ``value`` states, None where it states none with a currency."""
    for found in _AMOUNT.finditer(value):
        currency = found["before"] or found["after"]
        if not currency:
            continue
        numbers = tuple(number_of(part) for part in (found["low"], found["high"]) if part)
        period = (found["period"] or "").lower().replace("annum", "year")
        return Amount(numbers, "EUR" if currency.lower().startswith("euro") else currency, period)
    return None


def compute(
    wanted: Sum, text: str, facts: Sequence[tuple[Unit, Document]], units: Sequence[Unit]
) -> list[Draft]:
    """Return the sums that can be drawn from ``facts``; empty where an operand is not stated.

    ``units`` are all units of the page, where the duration of the programme may stand.
    """
    if wanted is Sum.DIFFERENCE:
        return _difference(facts)
    drafts: list[Draft] = []
    for unit, document in facts:
        amount = read_amount(unit.value)
        if amount is None:
            continue
        if wanted is Sum.YEARLY and amount.period == "month":
            drafts.append(_times(amount, _MONTHS, "12 months", unit, (_span(unit),), ()))
        elif wanted is Sum.TOTAL and amount.period:
            drafts += _total(amount, text, unit, document, units)
    return drafts


def _total(amount: Amount, text: str, unit: Unit, document: Document, units: Sequence[Unit]) -> list[Draft]:
    asked = _ASKED_FOR.search(text)
    if asked is not None:
        # The length is the asker's own: it is no claim of the page, and it is shown as what it is.
        count = Decimal(
            2 if asked["both"] else _WORDS.get((asked["count"] or "").lower(), 0) or asked["count"]
        )
        length = "year" if asked["both"] else asked["unit"].lower()
        if length == amount.period:
            return [_times(amount, count, _counted(count, length), unit, (_span(unit),), (), given=count)]
        if (length, amount.period) == ("year", "month"):
            steps: tuple[Step, ...] = (Step(count, "×", _MONTHS, count * _MONTHS),)
            return [
                _times(
                    amount,
                    count * _MONTHS,
                    _counted(count * _MONTHS, "month"),
                    unit,
                    (_span(unit),),
                    steps,
                    given=count,
                )
            ]
        return []
    stated = _duration(document, units)
    if stated is None:
        return []
    span, months = stated
    if amount.period == "month":
        return [_times(amount, months, _counted(months, "month"), unit, (_span(unit), span), ())]
    if amount.period != "year" or months % _MONTHS:
        return []
    years = months / _MONTHS
    said = document.text[span.start : span.end]
    steps = (Step(months, "÷", _MONTHS, years),) if re.search(rf"\b{months}\b", said) else ()
    lead = f"{_counted(months, 'month')} = {_counted(years, 'year')}" if steps else _counted(years, "year")
    return [_times(amount, years, lead, unit, (_span(unit), span), steps)]


def _duration(document: Document, units: Sequence[Unit]) -> tuple[Span, Decimal] | None:
    """Where the page says how long the programme takes, and the months; None if it does not, or says two."""
    found: dict[Decimal, Span] = {}
    for unit in units:
        text = document.text[unit.start : unit.end]
        about = f"{unit.label} {text if unit.kind is UnitKind.SENTENCE else ''}".lower()
        named = re.search(r"\b(?:duration|length|period of study|takes|lasts)\b", about)
        bare = unit.kind is UnitKind.FACT and unit.value == text
        match = DURATION.search(unit.value or text)
        if match is None or not (named or bare):
            continue
        number = re.match(r"\d+|\w+", match.group())
        count = number.group() if number else ""
        value = Decimal(count) if count.isdigit() else Decimal(_WORDS.get(count.lower(), 0))
        if re.search(r"month", match.group(), re.I) and value >= _MONTHS:
            found.setdefault(value, _span(unit))
        elif re.search(r"year", match.group(), re.I) and 0 < value <= 8:
            found.setdefault(value * _MONTHS, _span(unit))
    return next(((span, months) for months, span in found.items()), None) if len(found) == 1 else None


def _times(
    amount: Amount,
    count: Decimal,
    length: str,
    unit: Unit,
    spans: tuple[Span, ...],
    before: tuple[Step, ...],
    *,
    given: Decimal | None = None,
) -> Draft:
    results = tuple(number * count for number in amount.numbers)
    steps = (
        *before,
        *(Step(number, "×", count, result) for number, result in zip(amount.numbers, results, strict=True)),
    )
    label = labelled(unit.label or "Total", unit.audience, DEFAULT_LANGUAGE)
    text = (
        f"{label}: {length} × {_money(amount.numbers, amount.currency)} = {_money(results, amount.currency)}."
    )
    return Draft(text, spans, Support.COMPUTED, steps=steps, given=() if given is None else (given,))


def _difference(facts: Sequence[tuple[Unit, Document]]) -> list[Draft]:
    amounts = {(unit.label, unit.audience): (unit, read_amount(unit.value)) for unit, _ in facts}
    single = [
        (unit, amount) for unit, amount in amounts.values() if amount is not None and len(amount.numbers) == 1
    ]
    if len(single) != 2 or len({(amount.currency, amount.period) for _, amount in single}) != 1:
        return []
    (unit, high), (other, low) = sorted(single, key=lambda pair: -pair[1].numbers[0])
    difference = high.numbers[0] - low.numbers[0]
    period = f" per {high.period}" if high.period else ""
    text = (
        f"Difference: {_money(high.numbers, high.currency)} − {_money(low.numbers, low.currency)} = "
        f"{_money((difference,), high.currency)}{period}."
    )
    step = Step(high.numbers[0], "−", low.numbers[0], difference)
    return [Draft(text, (_span(unit), _span(other)), Support.COMPUTED, steps=(step,))]


def _span(unit: Unit) -> Span:
    return Span(unit.document_id, unit.start, unit.end, unit.headings)


def _counted(count: Decimal, what: str) -> str:
    return f"{count.normalize():f} {what}{'' if count == 1 else 's'}"


def _money(numbers: Sequence[Decimal], currency: str) -> str:
    figures = " – ".join(f"{number:,.2f}".removesuffix(".00") for number in numbers)
    return f"{currency}{figures}" if not currency.isalpha() else f"{figures} {currency}"
