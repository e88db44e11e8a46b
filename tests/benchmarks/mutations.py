"""Lies made of honest sentences by program: one small change each, drawn with a seed.

What is changed is what models get wrong: a digit, a month, a currency, a unit, the people, a "not", a "must",
a condition, two values, the quote. Whether such a sentence is a lie was read for each that the seed draws
from ``tests/assistant/support``; ``STILL_HONEST`` names the few that are none.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from support_cases import Case, Cited, Kind

SEED = 8
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.+@/-])\d[\d.,:]*(?:\d|\b)(?![\w@/-])")
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b")
_NAME = re.compile(
    r"\b(?:Dr|Professor|Prof\. Dr\.|Ms|Mrs|Dra\.) (?P<name>[A-Z][\w-]+ [A-Z][\w-]+)|\b(?P<mail>[\w.-]+)@"
)
_BLANK = re.compile(r"(?:[:–]|TBA|\| )\s*$|^(?:E-mail|Telephone|Phone)$")
# A range or a choice says the same the other way round.
_RANGE = re.compile(r"(?:between|from|or|to|and) [€£]?$")

Change = tuple[str, str]
"""A pattern and what stands in its place."""

_CURRENCIES: tuple[Change, ...] = (
    (r"€(?=\s?\d)", "£"), (r"£(?=\s?\d)", "€"), (r"\bEUR\b", "USD"), (r"\bSEK\b", "NOK"),
    (r"\bNOK\b", "SEK"), (r"\beuros\b", "dollars"),
)  # fmt: skip
_UNITS: tuple[Change, ...] = (
    (r"\bper year\b", "per month"), (r"\bper week\b", "per month"), (r"\bper semester\b", "per year"),
    (r"\bper night\b", "per week"), (r"\bper month\b", "per week"), (r"\ba month\b", "a week"),
    (r"\ba year\b", "a month"), (r"\bper term\b", "per year"), (r"\bweeks\b", "months"),
    (r"\bmonths\b", "weeks"), (r"\byears\b", "months"), (r"\bdays\b", "weeks"), (r"\bminutes\b", "hours"),
    (r"\bwords\b", "pages"), (r"\bkilometres\b", "miles"), (r"\bsemesters\b", "years"), (r"\bMB\b", "GB"),
    (r"\beach year\b", "each month"), (r"\ba semester\b", "a year"),
)  # fmt: skip
_PEOPLE: tuple[Change, ...] = (
    (r"\b[Oo]verseas (?=students|applicants)", "home "), (r"\b[Hh]ome (?=students|applicants)", "overseas "),
    (r"\boutside the EU/EEA\b", "inside the EU/EEA"), (r"\boutside the EU\b", "inside the EU"),
    (r"\ba non-EU\b", "an EU"), (r"\ban EU/EEA\b", "a non-EU"), (r"(?<!\ba )\b[Nn]on-EU\b", "EU"),
    (r"(?<!\ban )(?<!outside the )\bEU/EEA\b(?! and| or)", "non-EU"),
    (r"\bEU/EEA (?:and|or) Swiss\b", "American"), (r"\b[Ii]nternational students\b", "EU/EEA students"),
    (r"\b[Ee]xchange students\b", "visiting students"), (r"\b[Vv]isiting students\b", "exchange students"),
    (r"\ban exchange student\b", "a visiting student"), (r"\ba visiting student\b", "an exchange student"),
    (r"\bbachelor's students\b", "master's students"), (r"\b[Dd]octoral students\b", "bachelor's students"),
    (r"\b[Gg]raduates\b", "first-year students"), (r"\b[Ee]xternally funded\b", "employed"),
    (r"\b[Ee]mployed candidates\b", "externally funded candidates"), (r"\b[Rr]efugees\b", "visitors"),
    (r"\bmedical student\b", "law student"), (r"\b[Pp]rofessionals\b", "pensioners"),
)  # fmt: skip
_NEGATIONS: tuple[Change, ...] = (
    (r"\bcan't\b|\bcannot\b", "can"), (r"\bisn't\b", "is"), (r"\baren't\b", "are"), (r"\bwon't\b", "will"),
    (r"\b(?:don't|doesn't|needn't) (?:have to|need to)\b", "have to"), (r"\bdon't need\b", "need"),
    (r"(?<!, )\bneither\b(.*)\bnor\b", r"both\1and"), (r"\b(is|are) not\b", r"\1"), (r"\bdoesn't\b", "does"),
    (r"\bno longer than\b", "longer than"), (r"\bare no\b", "are"),
    (r"(?<!are )\bno (?=[aeiou])", "an "), (r"(?<!are )\bno (?=[b-df-hj-np-tv-z])", "a "),
)  # fmt: skip
_MADE_NEGATIVE: tuple[Change, ...] = (
    (r"\b(?:can|may)\b", "cannot"), (r"\b(?:have|has) to\b", "need not"), (r"\bmust\b", "need not"),
    (r"\bare\b", "are not"), (r"\bis\b", "is not"), (r"\b[Yy]ou need\b", "you don't need"),
    (r"\bcovers\b", "does not cover"), (r"\bincludes\b", "does not include"),
    (r"\b[Yy]ou pay\b", "you don't pay"),
)  # fmt: skip
_IS_NEGATIVE = re.compile(r"n't\b|\b(?:no|not|nor|neither|nobody|nothing|never|without|cannot|only)\b", re.I)
_MODALITY: tuple[Change, ...] = (
    (r"(?<!before you )\b(?:may|can)\b(?! (?:not|only)|['’])", "must"),
    (r"\bmust\b|(?<!n't )(?<!do )\bha(?:ve|s) to\b", "may"),
    (r"\busually\b", "always"), (r"\b[Mm]ost(?= (?:of|classes|graduates)\b)", "all"),
    (r"\bvoluntary\b", "compulsory"), (r"\boptional\b", "compulsory"), (r"\bcompulsory\b", "voluntary"),
    (r"\bEvery\b|\bEach\b", "Not every"),
    (r"\b(?:is|are) required\b", "is recommended"), (r"\bneeds? to be\b", "should ideally be"),
    (r"\bencouraged\b", "obliged"), (r"\bguaranteed\b", "offered"),
)  # fmt: skip
_CONDITIONS: tuple[Change, ...] = (
    (r"\bat least\b", "at most"), (r"\bat most\b|\bat the most\b", "at least"),
    (r"\bup to(?= (?:NOK )?[£€]?\d)", "at least"),
    (r"\bno more than\b", "more than"), (r"\bmore than\b", "less than"), (r"\bless than\b", "more than"),
    (r"\bor more\b", "or less"), (r"\bbefore\b", "after"), (r"\bunder\b", "over"), (r"\bbelow\b", "above"),
    (r"\bwithin(?= \w+ (?:days|weeks|months)\b)", "not before"), (r"\buntil\b(?! further)", "from"),
    (r"[,;]? (?:but only|unless|except|provided|as long as|so long as)\b[^.;]*", ""),
    (r"^Unless [^,]*, (\w)", r"\1"),
    (r"\bif you(?= (?:join|go|miss|cancel|stay|come)\b)", "even if you don't"),
    (r" or better\b", " or worse"),
    (r"\bregardless of\b", "depending on"), (r"\bwhatever\b", "depending on"), (r"\bmaximum\b", "minimum"),
)  # fmt: skip
_ADDITIONS = (
    ", and exceptions can be made on request",
    ", and the office can tell you more by phone",
    ", as in every previous year",
    ", as the law requires",
    ", and there are plans to change this next year",
    ", which former students often praise",
    ", although this was different last year",
    ", and further details come by post",
    ", and most students are happy with that",
    ", and children come along free of charge",
)
_JUDGEMENTS = (
    ", so you will be admitted",
    ", so your chances are very good",
    ", which you clearly meet",
    ", so I expect that you will get in",
)
_ASKS_FOR = re.compile(r"\b(?:you need|required?|you must|you have to|has to be|at least|or better)\b", re.I)
_OTHER_NAMES = ("Karin Holmgren", "Peter Osborne", "Lucia Ferrante", "Martin Kessler")
_OTHER_MAILS = ("info", "office", "admissions-team", "studies")

STILL_HONEST = frozenset(
    {
        # With a limit behind them "must" and "may" say the same.
        "harrowmere-scholarships-p23-modality",
        "harrowmere-scholarships-p28-modality",
        "kilbracken-clinical-elective-p24-modality",
        "norrland-arctic-energy-msc-p40-modality",
        "montresor-internship-p37-modality",
        "castelmar-exchange-p36-modality",
        "wexcombe-health-economics-msc-p27-modality",
        # Says nothing clear.
        "brennau-costs-housing-p37-modality",
        "medical-imaging-msc-p3-modality",
    }
)
"""Ids of drawn sentences that are as true as the one they were made of, or that could be read so."""


def lies_from(honest: Sequence[Case]) -> list[Case]:
    """One lie of each sentence that a change applies to, of the kind that has been drawn least so far."""
    drawn: Counter[Kind] = Counter()
    lies: list[Case] = []
    for case in honest:
        dice = random.Random(f"{SEED} {case.id}")  # noqa: S311 - no secret
        made = changes_of(case, dice)
        if other := _other_evidence(case, honest):
            made.append(_lie(case, Kind.WRONG_EVIDENCE, case.sentence, other))
        if made:
            dice.shuffle(made)
            lie = min(made, key=lambda each: drawn[each.kind])
            drawn[lie.kind] += 1
            lies.append(lie)
    return [lie for lie in lies if lie.id not in STILL_HONEST]


def changes_of(case: Case, dice: random.Random) -> list[Case]:
    """Every change that applies to an honest sentence, one of each kind; what it cites stays."""
    is_blank = any(_BLANK.search(cited.quote) for cited in case.evidence)
    ways: dict[Kind, Callable[[], str]] = {
        Kind.NUMBER: lambda: _other_number(case, dice),
        Kind.DATE: lambda: _other_month(case, dice),
        Kind.CURRENCY: lambda: _replaced(case.sentence, _CURRENCIES, dice),
        Kind.UNIT: lambda: _replaced(case.sentence, _UNITS, dice),
        Kind.AUDIENCE: lambda: _replaced(case.sentence, _PEOPLE, dice),
        Kind.CROSSED: lambda: _crossed(case.sentence),
        Kind.INVENTED: lambda: _other_name(case.sentence, dice),
    }
    if not is_blank:
        ways |= {
            Kind.NEGATION: lambda: _negated(case.sentence, dice),
            Kind.MODALITY: lambda: _replaced(case.sentence, _MODALITY, dice),
            Kind.CONDITION: lambda: _replaced(case.sentence, _CONDITIONS, dice),
            Kind.ADDITION: lambda: _ended_with(case.sentence, dice.choice(_ADDITIONS)),
            Kind.JUDGEMENT: lambda: (
                _ended_with(case.sentence, dice.choice(_JUDGEMENTS))
                if _ASKS_FOR.search(case.sentence)
                else ""
            ),
        }
    changed = {kind: change() for kind, change in ways.items()}
    return [
        _lie(case, kind, sentence, case.evidence)
        for kind, sentence in changed.items()
        if sentence and sentence != case.sentence
    ]


def _lie(case: Case, kind: Kind, sentence: str, evidence: tuple[Cited, ...]) -> Case:
    said = sentence[0].upper() + sentence[1:]
    return replace(case, id=f"{case.id}-{kind}", kind=kind, sentence=said, evidence=evidence, is_honest=False)


def _replaced(sentence: str, changes: Sequence[Change], dice: random.Random) -> str:
    """``sentence`` with one of the changes that apply, "" where none does."""
    fitting = [change for change in changes if re.search(change[0], sentence)]
    if not fitting:
        return ""
    pattern, instead = dice.choice(fitting)
    return re.sub(pattern, instead, sentence, count=1)


def _negated(sentence: str, dice: random.Random) -> str:
    """Without its "not", or with one where it has none: two would say the same again, or nothing clear."""
    changes = _NEGATIONS if _IS_NEGATIVE.search(sentence) else _MADE_NEGATIVE
    return _replaced(sentence, changes, dice)


def _other_number(case: Case, dice: random.Random) -> str:
    """Another digit in one number, so that the number stands in no quote."""
    places = list(_NUMBER.finditer(case.sentence))
    if not places:
        return ""
    place = dice.choice(places)
    digits = [n for n, character in enumerate(place[0]) if character.isdigit()]
    is_year = re.fullmatch(r"20\d\d", place[0])
    at = digits[-1] if is_year else dice.choice(digits[: max(len(digits) - 1, 1)])
    quoted = " ".join(f"{cited.quote} {cited.heading}" for cited in case.evidence)
    for shift in (1, 2, 3):
        figure = str((int(place[0][at]) + shift - 1) % 9 + 1)
        number = place[0][:at] + figure + place[0][at + 1 :]
        if number != place[0] and number not in quoted:
            return case.sentence[: place.start()] + number + case.sentence[place.end() :]
    return ""


def _other_month(case: Case, dice: random.Random) -> str:
    named = list(_MONTH.finditer(case.sentence))
    if not named:
        return ""
    place = dice.choice(named)
    quoted = " ".join(cited.quote for cited in case.evidence)
    month = dice.choice([month for month in MONTHS if month not in quoted])
    return case.sentence[: place.start()] + month + case.sentence[place.end() :]


def _crossed(sentence: str) -> str:
    """Two numbers that are written alike exchanged, "" where there are no two or they make a range."""
    places = [place for place in _NUMBER.finditer(sentence) if not _RANGE.search(sentence[: place.start()])]
    for n, one in enumerate(places):
        for other in places[n + 1 :]:
            if one[0] != other[0] and len(one[0]) == len(other[0]) and "20" not in (one[0][:2], other[0][:2]):
                between = sentence[one.end() : other.start()]
                return sentence[: one.start()] + other[0] + between + one[0] + sentence[other.end() :]
    return ""


def _other_name(sentence: str, dice: random.Random) -> str:
    place = _NAME.search(sentence)
    if not place:
        return ""
    group = "name" if place["name"] else "mail"
    instead = dice.choice(_OTHER_NAMES if place["name"] else _OTHER_MAILS)
    return sentence[: place.start(group)] + instead + sentence[place.end(group) :]


def _ended_with(sentence: str, addition: str) -> str:
    return sentence.rstrip(".") + addition + "."


def _other_evidence(case: Case, honest: Sequence[Case]) -> tuple[Cited, ...]:
    """What the sentence of the same page cites that is most like this one; its quotes do not touch these."""
    own = _words(case.sentence)
    others = [
        other
        for other in honest
        if other.evidence[0].document == case.evidence[0].document
        and not any(
            one.quote in two.quote or two.quote in one.quote
            for one in case.evidence
            for two in other.evidence
        )
    ]
    if not others:
        return ()
    return max(others, key=lambda other: (len(own & _words(other.sentence)), other.id)).evidence


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]{4,}|\d+", text.casefold()))
