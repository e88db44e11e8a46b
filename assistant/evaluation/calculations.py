"""Which numbers of a sentence are covered by a calculation that the sentence shows.

    24 months = 2 years × 18,690 EUR = 37,380 EUR

A number that no quote holds is covered if it is the result of a calculation that comes out right and whose
operands are known, or a known span of time in another unit. This is a check of its own: nothing here is
shared with the code that composes such sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from ..figures import numbers_in

# Months of a year, days of a week, weeks of a year, and one of each: no page has to be quoted for them.
_CALENDAR = frozenset({"1", "7", "12", "52"})
# What the languages of the questions call two that are spoken of.
_PAIR = frozenset({"both", "beide", "beiden", "ambos", "ambas"})
# Results are rounded to cents.
_TOLERANCE = Fraction(1, 200)
_TIME_UNITS = {
    "day": ("days", 1),
    "week": ("days", 7),
    "month": ("months", 1),
    "trimester": ("months", 4),
    "semester": ("months", 6),
    "year": ("months", 12),
}
_TOKEN = re.compile(
    r"(?P<number>(?<!\w)\d+(?:[.,'’\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d{1,2}(?!\d))?)"
    r"|(?P<equals>=)|(?P<times>[×*·])|(?P<plus>\+)|(?P<minus>\u2212)|(?P<dash>[-–—])|(?P<over>[÷/])"
    r"|(?P<word>[^\W\d_]+)|(?P<stop>[.,;:()\[\]\n!?])"
)
_WORD_OPERATORS = {"x": "times", "times": "times", "plus": "plus", "minus": "minus", "to": "dash"}
_Quantity = tuple[str, Fraction]
"""A base unit and how many of it: a span of time, or a plain number with ""."""
_OPERATORS = frozenset({"times", "plus", "minus", "dash", "over"})


@dataclass(frozen=True, slots=True)
class _Range:
    """All values from ``low`` to ``high``; a plain number is a range of width 0."""

    low: Fraction
    high: Fraction

    def equals(self, other: _Range) -> bool:
        return abs(self.low - other.low) <= _TOLERANCE and abs(self.high - other.high) <= _TOLERANCE


@dataclass(slots=True)
class _Side:
    """What stands on one side of "=": numbers with the operators between them and the units behind them."""

    numbers: list[str] = field(default_factory=list)
    operators: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    def is_calculation(self, dash: str) -> bool:
        return any((dash if operator == "dash" else operator) != "range" for operator in self.operators)

    def value(self, dash: str) -> _Range | None:
        """The value, × and ÷ before + and −; None where something is divided by zero."""
        terms: list[tuple[str, _Range]] = []
        sign, product = "plus", None
        for operator, factor in self._factors(dash):
            if product is None:
                product = factor
            elif operator in _PRODUCTS:
                if operator == "over" and factor.low <= 0:
                    return None
                product = _PRODUCTS[operator](product, factor)
            else:
                terms.append((sign, product))
                sign, product = operator, factor
        if product is None:
            return None
        total = _Range(Fraction(0), Fraction(0))
        for sign_of_term, term in [*terms, (sign, product)]:
            total = _SUMS[sign_of_term](total, term)
        return total

    def _factors(self, dash: str) -> Iterator[tuple[str, _Range]]:
        """Each factor with the operator before it; two numbers of a range are one factor."""
        factors: list[tuple[str, _Range]] = []
        for operator, number in zip(["plus", *self.operators], self.numbers, strict=True):
            value = Fraction(number)
            if factors and operator == "dash" and dash == "range":
                before, low = factors.pop()
                factors.append((before, _Range(low.low, value)))
            else:
                factors.append(("minus" if operator == "dash" else operator, _Range(value, value)))
        yield from factors


_PRODUCTS: dict[str, Callable[[_Range, _Range], _Range]] = {
    "times": lambda a, b: _Range(a.low * b.low, a.high * b.high),
    "over": lambda a, b: _Range(a.low / b.high, a.high / b.low),
}
_SUMS: dict[str, Callable[[_Range, _Range], _Range]] = {
    "plus": lambda a, b: _Range(a.low + b.low, a.high + b.high),
    "minus": lambda a, b: _Range(a.low - b.high, a.high - b.low),
}


def covered_by_calculations(text: str, *, cited: frozenset[str], question: str = "") -> frozenset[str]:
    """Return the numbers of ``text``, in the form of ``figures.numbers_in``, that its calculations cover.

    ``cited`` are the numbers of the quotes. At least one operand of a calculation has to be one of these, or
    a result of another calculation; the others may also be what ``question`` names ("for 6 months", "for both
    years" as 24 months), or of the calendar (12 months). A dash between two numbers is read as "to" and as
    "minus".
    """
    found: frozenset[str] = frozenset()
    asked = _quantities(question)
    chains = _chains(text)
    for dash in ("range", "minus"):
        grown = True
        while grown:
            before = found
            for chain in chains:
                for one, other in pairwise(chain):
                    found |= _calculated(one, other, dash, cited | found, asked)
                    found |= _calculated(other, one, dash, cited | found, asked)
                    found |= _converted(one, other, cited | found) | _converted(other, one, cited | found)
            grown = found != before
    return found


def _calculated(
    calculation: _Side, result: _Side, dash: str, known: frozenset[str], asked: frozenset[_Quantity]
) -> frozenset[str]:
    operands = frozenset(calculation.numbers)
    given = {
        number
        for number, unit in zip(calculation.numbers, calculation.units, strict=True)
        if number in _CALENDAR or _is_asked(number, unit, asked)
    }
    if not calculation.is_calculation(dash) or result.is_calculation(dash):
        return frozenset()
    if not operands & known or not operands <= known | given:
        return frozenset()
    value, said = calculation.value(dash), result.value(dash)
    if value is None or said is None or not value.equals(said):
        return frozenset()
    return operands | frozenset(result.numbers)


def _converted(one: _Side, other: _Side, known: frozenset[str]) -> frozenset[str]:
    """The spans of time in ``other`` that are a known one of ``one`` in another unit."""
    spans = {
        _quantity(number, unit)
        for number, unit in zip(one.numbers, one.units, strict=True)
        if number in known | _CALENDAR
    }
    return frozenset(
        number
        for number, unit in zip(other.numbers, other.units, strict=True)
        if unit and _quantity(number, unit) in spans
    )


def _is_asked(number: str, unit: str, asked: frozenset[_Quantity]) -> bool:
    """Whether the question names a number: with a unit of time, it has to be that span or without a unit."""
    wanted = {_quantity(number, unit), _quantity(number)} if unit else {_quantity(number, "any")}
    return not asked.isdisjoint(wanted)


def _quantity(number: str, unit: str = "") -> _Quantity:
    base, factor = _TIME_UNITS.get(unit, (unit, 1))
    return base, Fraction(number) * factor


def _quantities(text: str) -> frozenset[_Quantity]:
    """The numbers in ``text``, each with the unit of time behind it ("" for none) and as "any"."""
    tokens = [("number", "2") if token in _PAIR else (kind, token) for kind, token in _tokens(text)]
    found: set[_Quantity] = set()
    for position, (kind, token) in enumerate(tokens):
        if kind == "number":
            behind = [token for kind, token in tokens[position + 1 : position + 3] if kind != "dash"]
            unit = behind[0] if behind and behind[0] in _TIME_UNITS else ""
            found |= {_quantity(token, unit), _quantity(token, "any")}
    return frozenset(found)


def _chains(text: str) -> list[list[_Side]]:
    """The equations in ``text``: at least two sides each, of which a calculation is the part next to "="."""
    chains: list[list[_Side]] = []
    sides: list[_Side] = [_Side()]
    operator, is_complete, before = "", False, ""
    for kind, token in _tokens(text):
        side = sides[-1]
        if kind == "equals" and side.numbers:
            sides.append(_Side())
            operator, is_complete = "", False
        elif kind in {"equals", "stop"}:
            chains.append(sides)
            sides, operator, is_complete = [_Side()], "", False
        elif kind in _OPERATORS:
            operator = kind
        elif kind == "number" and not is_complete:
            if side.numbers and not operator and len(sides) > 1:
                is_complete = True  # what follows the result does not belong to it
            else:
                sides[-1] = _with(side, operator, token)
                operator = ""
        elif kind == "word" and before == "number" and token in _TIME_UNITS and not is_complete:
            side.units[-1] = token
        before = kind
    chains.append(sides)
    return [[side for side in chain if side.numbers] for chain in chains if len(chain) > 1]


def _with(side: _Side, operator: str, number: str) -> _Side:
    """The side with one more factor; without an operator a number begins the side anew."""
    if not side.numbers or not operator:
        return _Side([number], [], [""])
    return _Side([*side.numbers, number], [*side.operators, operator], [*side.units, ""])


def _tokens(text: str) -> Sequence[tuple[str, str]]:
    """Kind and text of what counts: numbers in one form, operators, "=", words in the singular, stops."""
    tokens: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "", match.group()
        if kind == "word":
            token = token.lower()
            kind = _WORD_OPERATORS.get(token, "word")
            token = token.removesuffix("s") if token.removesuffix("s") in _TIME_UNITS else token
        if kind in {"number", "word"}:
            for number in numbers_in(match.group()):
                kind, token = "number", number
        tokens.append((kind, token))
    return tokens
