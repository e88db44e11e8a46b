"""Sums that a page leaves to its reader: totals, yearly amounts, differences. Every step is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from ingest.documents import Document
from ingest.measures import PARTS_OF_A_YEAR, SMALL, SMALL_NUMBERS, forms, period_of
from ingest.money import Amount, amounts_in, read_number
from ingest.units import Unit, UnitKind
from ingest.values import DURATION
from ingest.words import stems

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
class _Length:
    """How long something takes: so many of a period of ``measures.PERIODS``, and where the page says so.

    ``place`` is None for the length that a question names itself.
    """

    count: Decimal
    period: str
    place: Span | None = None

    @property
    def months(self) -> Decimal | None:
        parts = _PARTS_OF_A_YEAR.get(self.period)
        return None if parts is None else self.count * 12 / parts


# What a question may name so many of.
_LENGTHS = r"weeks?|months?|years?|semesters?|trimesters?|terms?|days?|credits?|credit points?|ects"
_TOTAL = re.compile(
    r"\b(?:total|altogether|in all|all together|together|both years|whole (?:programme|program|degree|"
    r"course|study|master)|entire|"
    r"complete (?:programme|program|degree)|over (?:the )?(?:two|2|three|3|four|4) years|"
    r"for (?:the )?(?:two|2|three|3|four|4) years|"
    r"(?:full|whole) (?:two|2|three|3) years|until i (?:graduate|finish)|"
    r"from (?:the )?start to (?:the )?(?:finish|end|graduation)|by the time i (?:graduate|finish)|"
    rf"(?:\d+|{SMALL})[\s-](?:{_LENGTHS})(?! later))\b",
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
# "I have 3 years of experience" and "my 3-year bachelor" are no length of what is paid for.
_ASKED_FOR = re.compile(
    rf"\b(?P<count>\d{{1,3}}|{SMALL})[\s-](?P<unit>{forms(of_time=False)})(?!\w)"
    r"(?!['’]?\s(?:of\s(?:\w+\s)?experience|experience|ago|old|bachelor|degree))|"
    r"\b(?P<both>both) years\b",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(?:together|altogether|combined|plus|in total|total of|sum of|add(?:ed)? up|as well as|and)\b", re.I
)
# Beside what ``_TOTAL`` and ``_YEARLY`` know: one sum of several amounts.
_ADDED = re.compile(
    r"\+|\b(?:plus|combined|sum|add(?:ed|s)? up|all in|all[- ]inclusive|overall|budget)\b", re.I
)
_PARTS_OF_A_YEAR = {"year": 1, **PARTS_OF_A_YEAR}
# A programme takes a year or more, and no more than these; a shorter length is that of a part of it.
_LEAST_MONTHS, _MOST_MONTHS = 12, 96


def wanted_sum(text: str) -> Sum | None:
    """What the question wants computed from stated amounts; None for a plain amount."""
    if _DIFFERENCE.search(text):
        return Sum.DIFFERENCE
    if _TOTAL.search(text):
        return Sum.TOTAL
    return Sum.YEARLY if _YEARLY.search(text) else None


def read_amount(value: str) -> Amount | None:
    """The first amount that ``value`` states, None where it states none with a currency."""
    return next((amount for amount in amounts_in(value) if amount.numbers), None)


def compute(
    wanted: Sum, text: str, facts: Sequence[tuple[Unit, Document]], units: Sequence[Unit]
) -> list[Draft]:
    """Return the sums that can be drawn from ``facts``; empty where an operand is not stated.

    ``units`` are all units of the page, where the duration of the programme or a second amount may stand.
    """
    if wanted is Sum.DIFFERENCE:
        return _difference(facts, _asked(text))
    if wanted is Sum.TOTAL and len(facts) == 1 and _SEVERAL.search(text):
        together = _together(text, facts[0][0], units)
        if together:
            return together
    drafts: list[Draft] = []
    for unit, document in facts:
        amount = read_amount(unit.value)
        if amount is None or not amount.period:
            continue
        if wanted is Sum.YEARLY:
            length: _Length | None = _Length(Decimal(1), "year") if amount.period != "year" else None
        else:
            length = _asked(text) or _stated(document, units, amount.period)
        if length is not None:
            drafts += _over(length, amount, _name(unit), (_span(unit),))
    return drafts


def add_up(text: str, units: Sequence[Unit]) -> list[Draft]:
    """The sum of several amounts, where ``text`` wants them together; empty where they cannot be added.

    Each counts as often as it is paid over the length that ``text`` names: over a year where it names none
    and they are paid for different periods, else once.
    """
    amounts = [amount for unit in units if (amount := read_amount(unit.value)) is not None]
    periods = {amount.period for amount in amounts}
    is_wanted = _ADDED.search(text) or wanted_sum(text) in {Sum.TOTAL, Sum.YEARLY}
    if not is_wanted or len(amounts) != len(units) or len({amount.currency for amount in amounts}) != 1:
        return []
    length = _asked(text) or (_Length(Decimal(1), "year") if len(periods) > 1 else None)
    counted = [_periods_in(length, amount.period) if length else (Decimal(1), ()) for amount in amounts]
    if None in counted:
        return []
    steps: list[Step] = []
    summands: list[str] = []
    low = high = Decimal(0)
    for amount, (count, before) in zip(amounts, filter(None, counted), strict=True):
        paid = [number * count for number in amount.numbers]
        steps += before
        if count != 1:
            steps += [
                Step(number, "×", count, result) for number, result in zip(amount.numbers, paid, strict=True)
            ]
        if summands:
            steps += [Step(low, "+", paid[0], low + paid[0]), Step(high, "+", paid[-1], high + paid[-1])]
        low, high = low + paid[0], high + paid[-1]
        summands.append(_summand(count, amount))
    sums = (low,) if low == high else (low, high)
    over = ""
    if length is not None:
        over = f" over {f'a {length.period}' if length.count == 1 else _counted(length.count, length.period)}"
    names = " and ".join([_name(units[0]), *(_lower(_name(unit)) for unit in units[1:])])
    period = f" per {amounts[0].period}" if amounts[0].period and not length else ""
    text = f"{names}{over}: {' + '.join(summands)} = {_money(sums, amounts[0].written)}{period}."
    given = (length.count,) if length else ()
    return [Draft(text, tuple(map(_span, units)), Support.COMPUTED, steps=tuple(steps), given=given)]


def _summand(count: Decimal, amount: Amount) -> str:
    money = _money(amount.numbers, amount.written)
    return money if count == 1 else f"{_counted(count, amount.period)} × {money}"


def _periods_in(length: _Length, period: str) -> tuple[Decimal, tuple[Step, ...]] | None:
    """How many of ``period`` a length has, and how that is reckoned; None where it is no whole number."""
    if length.period == period:
        return length.count, ()
    whole, parts = _PARTS_OF_A_YEAR.get(length.period), _PARTS_OF_A_YEAR.get(period)
    if whole is None or parts is None:
        return None
    count = length.count * parts / whole
    by = Decimal(max(parts, whole)) / min(parts, whole)
    if count != count.to_integral_value() or by != by.to_integral_value():
        return None
    return count, (Step(length.count, "×" if parts > whole else "÷", by, count),)


def _asked(text: str) -> _Length | None:
    """The length that the question names. It is no claim of the page, and it is shown as what it is."""
    asked = _ASKED_FOR.search(text)
    if asked is None:
        return None
    if asked["both"]:
        return _Length(Decimal(2), "year")
    return _Length(_count(asked["count"]), period_of(asked["unit"]))


def _stated(document: Document, units: Sequence[Unit], period: str) -> _Length | None:
    """How long the programme takes or how many credits it has; None if the page says neither, or says two."""
    found: dict[Decimal, _Length] = {}
    for unit in units:
        text = document.text[unit.start : unit.end]
        length = _credits(unit) if period == "credit" else _duration(unit, text)
        if length is None:
            continue
        found.setdefault(length.months or length.count, length)
    return next(iter(found.values())) if len(found) == 1 else None


def _duration(unit: Unit, text: str) -> _Length | None:
    about = f"{unit.label} {text if unit.kind is UnitKind.SENTENCE else ''}".lower()
    named = re.search(r"\b(?:duration|length|period of study|takes|lasts)\b", about)
    bare = unit.kind is UnitKind.FACT and unit.value == text
    match = DURATION.search(unit.value or text)
    if match is None or not (named or bare):
        return None
    counted = re.match(r"(?P<count>\d+(?:[.,]\d+)?|\w+)", match.group())
    period = re.search(rf"({forms(of_time=True)})$", match.group(), re.I)
    several = re.match(r"\S+\s?(?:[-–]|to|or)\s?\w", match.group())
    if counted is None or period is None or several is not None:
        return None
    length = _Length(_count(counted["count"]), period_of(period[1]), _span(unit))
    return length if length.months and _LEAST_MONTHS <= length.months <= _MOST_MONTHS else None


def _credits(unit: Unit) -> _Length | None:
    """The study load of the programme: "Credits: 120", "Workload: 120 ECTS"."""
    found = re.match(r"(\d{2,3})(?:\s(?:ects|credits?|credit points|cp|ec))?(?:\s\w+)?$", unit.value, re.I)
    says = re.search(r"\b(?:credits?|credit points|ects|cp|ec)\b", f"{unit.label} {unit.value}", re.I)
    if unit.kind is not UnitKind.FACT or found is None or says is None:
        return None
    return _Length(Decimal(found[1]), "credit", _span(unit))


def _over(
    length: _Length, amount: Amount, name: str, places: tuple[Span, ...], drawn: tuple[Step, ...] = ()
) -> list[Draft]:
    """The amount times the number of its periods in ``length``; empty where that is no whole number.

    Terms, weeks and days make no certain number of months: they are only counted by themselves. ``drawn`` is
    how the amount itself was reckoned from what stands at ``places``.
    """
    counted = _periods_in(length, amount.period)
    if counted is None or (length.period == amount.period and length.count == 1):
        return []
    count, steps = counted
    said, lead = _counted(length.count, length.period), _counted(count, amount.period)
    # A year of twelve months needs no telling; other spans show what they are made of.
    is_plain = length.place is None and length.count == 1 and amount.period == "month"
    results = tuple(number * count for number in amount.numbers)
    paid, sum_ = (_money(numbers, amount.written) for numbers in (amount.numbers, results))
    return [
        Draft(
            f"{name}: {lead if is_plain or not steps else f'{said} = {lead}'} × {paid} = {sum_}.",
            (*places, *([length.place] if length.place is not None else [])),
            Support.COMPUTED,
            steps=(
                *drawn,
                *steps,
                *(
                    Step(number, "×", count, result)
                    for number, result in zip(amount.numbers, results, strict=True)
                ),
            ),
            given=(*(() if length.place is not None else (length.count,)), *(step.right for step in steps)),
        )
    ]


def _together(text: str, first: Unit, units: Sequence[Unit]) -> list[Draft]:
    """The sum of the amounts that the question names by their labels, of one currency and one period.

    Empty where fewer than two are named, or one of them is stated twice, for others, or in another way.
    """
    asked = set(stems(text))
    named: dict[tuple[str, ...], list[Unit]] = {}
    for unit in units:
        label = tuple(stems(unit.label))
        if unit.kind is not UnitKind.FACT or not label or not set(label) <= asked:
            continue
        if read_amount(unit.value) is not None and unit.audience in {"", first.audience}:
            named.setdefault(label, []).append(unit)
    items = [found[0] for found in named.values()]
    amounts = [amount for unit in items if (amount := read_amount(unit.value)) is not None]
    alike = {(amount.currency, amount.period, amount.written) for amount in amounts}
    if len(items) < 2 or len(alike) != 1 or any(len(found) > 1 for found in named.values()):
        return []
    if any(len(amount.numbers) != 1 for amount in amounts):
        return []
    steps: list[Step] = []
    total = amounts[0].numbers[0]
    for amount in amounts[1:]:
        steps.append(Step(total, "+", amount.numbers[0], total + amount.numbers[0]))
        total = steps[-1].result
    written, period = amounts[0].written, amounts[0].period
    parts = " + ".join(_money(amount.numbers, written) for amount in amounts)
    names = " and ".join([_name(items[0]), *(_lower(_name(unit)) for unit in items[1:])])
    said = f"{names}: {parts} = {_money((total,), written)}{f' per {period}' if period else ''}."
    return [Draft(said, tuple(map(_span, items)), Support.COMPUTED, steps=tuple(steps))]


def _difference(facts: Sequence[tuple[Unit, Document]], length: _Length | None) -> list[Draft]:
    """The difference of two amounts, and over ``length`` where the question names one."""
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
        f"Difference: {_money(high.numbers, high.written)} − {_money(low.numbers, low.written)} = "
        f"{_money((difference,), high.written)}{period}."
    )
    step = Step(high.numbers[0], "−", low.numbers[0], difference)
    spans = (_span(unit), _span(other))
    apart = Amount((difference,), high.currency, high.period, high.written)
    whole = _over(length, apart, text.rstrip("."), spans, (step,)) if length and high.period else []
    if whole:
        # One sentence, since its parts rest on each other.
        return [replace(whole[0], text=whole[0].text.replace(f"{high.period}: ", f"{high.period}; "))]
    return [Draft(text, spans, Support.COMPUTED, steps=(step,))]


def _name(unit: Unit) -> str:
    return labelled(unit.label or "Total", unit.audience, DEFAULT_LANGUAGE)


def _lower(label: str) -> str:
    """A label inside a sentence: "Deposit" becomes "deposit", "IELTS fee" stays."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _count(text: str) -> Decimal:
    word = SMALL_NUMBERS.get(text.lower())
    return Decimal(word) if word is not None else read_number(text) or Decimal(0)


def _span(unit: Unit) -> Span:
    return Span(unit.document_id, unit.start, unit.end, unit.headings)


def _counted(count: Decimal, what: str) -> str:
    return f"{count.normalize():f} {what}{'' if count == 1 else 's'}"


def _money(numbers: Sequence[Decimal], written: str) -> str:
    figures = " – ".join(f"{number:,.2f}".removesuffix(".00") for number in numbers)
    return f"{figures} {written}" if written.isalpha() else f"{written}{figures}"
