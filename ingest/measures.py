"""The words of measure that pages use: periods of time, months, days, small numbers, credits and points."""

from __future__ import annotations

import re

# The name of each period, and the other forms that pages write it in. The only such table.
PERIODS: dict[str, tuple[str, ...]] = {
    "year": ("years", "yr", "yrs", "annum", "academic year", "academic years", "p.a.", "pa"),
    "semester": ("semesters", "sem."),
    "trimester": ("trimesters",),
    "term": ("terms",),
    "quarter": ("quarters",),
    "month": ("months", "mth", "mths"),
    "week": ("weeks", "wk", "wks"),
    "day": ("days",),
    "hour": ("hours", "hr", "hrs"),
    "minute": ("minutes", "min."),
    "credit": ("credits", "credit hour", "credit hours", "credit point", "credit points", "ects", "ec"),
    "module": ("modules",),
    "course": ("courses",),
}
# What an amount can be paid for and time cannot be measured in.
_COUNTED = frozenset({"credit", "module", "course"})
# How many of them make the other: a semester is half a year and a trimester a third of one by their names.
# Terms and quarters are counted differently from one institution to the next, so they are not here.
PARTS_OF_A_YEAR = {"month": 12, "semester": 2, "trimester": 3}
SMALL_NUMBERS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
DAYS = (
    "mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:nesdays?)?|thu(?:r?s(?:days?)?)?|fri(?:days?)?|sat(?:urdays?)?|"
    "sun(?:days?)?"
)
# What a study load or a mark is counted in: "120 ECTS", "60 LP", "180 credit points".
UNITS = "ects|ec|ecs|cfu|cp|lp|cats|credits?|credit (?:points?|hours?)|points?|marks?|uoc|units?"
SMALL = "|".join(word for word in SMALL_NUMBERS if word != "zero")


def forms(*, of_time: bool) -> str:
    """The forms of all periods as alternatives of a regular expression, longest first; only time if asked."""
    names = [
        form
        for name, others in PERIODS.items()
        if not (of_time and name in _COUNTED)
        for form in (name, *others)
    ]
    return "|".join(re.escape(form) for form in sorted(names, key=len, reverse=True))


_NAME_OF = {form: name for name, others in PERIODS.items() for form in (name, *others)}


def period_of(form: str) -> str:
    """The name of the period that ``form`` writes ("yr" is "year"); "" for anything else."""
    return _NAME_OF.get(" ".join(form.lower().split()), "")
