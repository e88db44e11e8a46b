"""Facts that contradict each other: one thing, one group of people, one period, two values.

A conflict that is none is worse than one that is missed, so everything that could make two facts differ has
to be the same: programme and level, institution, audience, years, period, currency, and every word around
the value that is not known to be neutral.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.dates import parse_date
from ingest.documents import Document
from ingest.money import AMOUNT
from ingest.units import UnitKind
from ingest.values import DATE, DURATION, NUMBER, PERCENTAGE, ValueKind
from ingest.words import stem, stems, words

from .arithmetic import read_amount
from .countries import Audience
from .evidence import Evidence
from .figures import numbers_in
from .lexicon import lexicon
from .outcome import Decision
from .questions import Question
from .reply import Outcome
from .terms import STOP_STEMS

_FORMS = {
    ValueKind.AMOUNT: AMOUNT,
    ValueKind.DATE: DATE,
    ValueKind.DURATION: DURATION,
    ValueKind.NUMBER: NUMBER,
    ValueKind.PERCENTAGE: PERCENTAGE,
}
_CODES = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW"}
_YEAR = re.compile(r"\b(20\d\d)(?:\s?[-–/]\s?((?:20)?\d\d)\b)?")
_PERIODS = {
    "year": re.compile(
        r"\b(?:per|a|each|every) (?:academic )?(?:year|annum)\b|\b(?:annual(?:ly)?|yearly|p\.? ?a)\b|"
        r"/ ?(?:year|annum)",
        re.I,
    ),
    "semester": re.compile(
        r"\b(?:per|a|each|every) (?:semester|term)\b|\b(?:semester|term)ly\b|/(?:semester|term)", re.I
    ),
    "month": re.compile(r"\b(?:per|a|each|every) month\b|\bmonthly\b|/month", re.I),
    "week": re.compile(r"\b(?:per|a|each|every) week\b|\bweekly\b|/week", re.I),
    "credit": re.compile(r"\b(?:per|a|each|every) (?:ects|credit|ec|course|module|unit)\b|/credit", re.I),
}
# About 1,000 and 1,050 do not contradict each other, nor do an average and a case.
_ROUGH = re.compile(
    r"\b(?:about|approx\w*|around|roughly|nearly|circa|ca|some|average|mean|usually|typically|normally|up to|"
    r"more than|over|from|between|starting|estimated?|expected|provisional|currently under|or)\b|[~±]",
    re.I,
)
# A value of the past, or of a case that has yet to come.
_OTHER_TIME = re.compile(
    r"\b(?:was|were|had|used to|former(?:ly)?|previous(?:ly)?|last year|until now|in the past|will|would|"
    r"next year|planned|proposed|from \d{4})\b",
    re.I,
)
# Words around a value that make no other fact of it.
_NEUTRAL = frozenset(
    stems(
        "amount amounts total charge charged pay paid payable payment cost costs price due fix fixed set "
        "current currently following facts fact key glance overview summary brief figures data information "
        "detail details money finance finances financing fees fee tuition funding academic annual annually "
        "yearly year month monthly semester term week per application apply applications applicants "
        "applicant close closes closing submit submitted received complete deadline date day later latest "
        "until before by admission admissions requirements requirement entry programme course study "
        "studies degree "
        "overall score scores result minimum least required need needed test tests language english "
        "duration length lasts last takes take standard period euro euros dollars pounds students "
        "student international eu eea european non citizens countries country outside union nationals from "
        "must should start starts starting begin begins begin beginning program at least points ects "
        "credits"
    )
)  # fmt: skip
# Words of a title that say which of a subject's pages it is, not which subject it has.
_FACETS = frozenset(
    stems(
        "programme program course degree fees fee costs cost tuition funding finance finances admission "
        "admissions apply application applications deadline deadlines date dates requirements requirement "
        "entry overview facts key glance information contact faq questions at how to the a an of in for and "
        "your our studying about details page home welcome international students student prospective "
        "applicants money"
    )
)  # fmt: skip
_LEVELS = {
    "bsc": "bachelor", "ba": "bachelor", "beng": "bachelor", "bed": "bachelor", "llb": "bachelor",
    "bachelor": "bachelor", "bachelors": "bachelor", "undergraduate": "bachelor", "msc": "master",
    "ma": "master", "meng": "master", "med": "master", "mba": "master", "llm": "master", "mph": "master",
    "master": "master", "masters": "master", "postgraduate": "master", "phd": "doctor",
    "doctorate": "doctor", "doctoral": "doctor", "certificate": "certificate", "diploma": "certificate",
}  # fmt: skip
_BARE_LEVELS = frozenset({"bachelor", "bachelors", "master", "masters", "undergraduate", "postgraduate"})
_DEGREE = re.compile(r"\b(bachelor|master)(?:['’]?s)? of (science|arts|engineering|education)\b", re.I)
_DOTTED = re.compile(r"\b(b|m)\.\s?(sc|a|eng|ed)\b\.?", re.I)
_ORGANISATION = re.compile(
    r"\b(?:[A-Z][\w'’&-]*\s(?:of\s|the\s|and\s|for\s)*){0,5}(?:University|Universität|Universiteit|"
    r"Universidad|Université|Institute|College|Academy|School|Hospital)\b(?:\sof(?:\s(?:the\s)?[A-Z][\w'’-]*){1,4})?"
)
# "Fees 2026/27" and "Fees 2027" speak of one thing, at two times; "Block 1" and "Block 2" do not.
_YEARS = re.compile(r"\b(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?\b")
_SEPARATOR = re.compile(r"\s+[|–—-]\s+|\s*[()]\s*")
_TOP = 300
_MONTHS = {"year": 12, "month": 1, "semester": 6}
_SPELT = {
    word: str(n)
    for n, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
}


@dataclass(frozen=True, slots=True)
class PageSubject:
    """What a page is about: the distinctive words of its title, the level, and whose page it is."""

    words: frozenset[str]
    levels: frozenset[str]
    institution: frozenset[str]

    @property
    def kinds_of_degree(self) -> frozenset[str]:
        """Bachelor, master, doctor, certificate."""
        return frozenset(_LEVELS[level] for level in self.levels)


class PageSubjects:
    """The subjects of all pages of an index, read at once: whether two are the same depends on the others."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._of = {name: subject_of(document) for name, document in documents.items()}
        self._named: dict[frozenset[str], list[str]] = {}
        for name, subject in self._of.items():
            self._named.setdefault(subject.words, []).append(name)

    def of(self, document_id: str) -> PageSubject:
        """The subject of one page."""
        return self._of[document_id]

    def kin(self, document_id: str) -> frozenset[str]:
        """The other pages about the same programme; none where a page is about the whole institution."""
        said = self._of[document_id].words
        others = self._named[said] if said else []
        return frozenset(name for name in others if name != document_id and self.are_same(name, document_id))

    def are_same(self, one: str, other: str) -> bool:
        """Whether two pages speak of one subject: equal words and level, of one institution."""
        if one == other:
            return True
        a, b = self._of[one], self._of[other]
        if a.words != b.words or not _may_be_one(a.institution, b.institution):
            return False
        if a.levels == b.levels:
            return True
        if a.levels and b.levels:
            return a.kinds_of_degree == b.kinds_of_degree and bool((a.levels | b.levels) & _BARE_LEVELS)
        # "Architecture: fees" may speak of the bachelor or of the master, if there are both.
        kinds = {kind for name in self._named[a.words] for kind in self._of[name].kinds_of_degree}
        return len(kinds) == 1


def subject_of(document: Document) -> PageSubject:
    """Return what ``document`` is about, by its title, its publisher and the names at its top."""
    names = {name.group().casefold() for name in _ORGANISATION.finditer(document.title)}
    institution = {document.publisher.casefold()} if document.publisher else names
    if not institution:
        institution = {name.group().casefold() for name in _ORGANISATION.finditer(document.text[:_TOP])}
    title = _DEGREE.sub(lambda found: f"{found[1][0]}{_ABBREVIATED[found[2].lower()]}", document.title)
    title = _YEARS.sub(" ", _DOTTED.sub(lambda found: found[1] + found[2], title))
    parts = [
        part
        for part in _SEPARATOR.split(title)
        if part and not _ORGANISATION.search(part) and part.casefold() not in institution
    ]
    said = [word for part in parts for word in words(part)]
    levels = {word.casefold().replace("'", "").replace("’", "") for word in said} & _LEVELS.keys()
    publisher = set(stems(document.publisher))
    return PageSubject(
        frozenset(
            stem(word)
            for word in said
            if word.casefold().replace("'", "").replace("’", "") not in _LEVELS
            and stem(word) not in _FACETS | publisher
        ),
        frozenset(levels),
        frozenset(institution),
    )


_ABBREVIATED = {"science": "sc", "arts": "a", "engineering": "eng", "education": "ed"}


def with_conflicts(
    question: Question, decision: Decision, found: Sequence[Evidence], subjects: PageSubjects
) -> Decision:
    """``decision`` with the evidence in ``found`` that contradicts what it shows.

    What stands on a page that outranks the others is what is shown, the others beside it.
    """
    if decision.outcome is Outcome.ANSWERED:
        shown = decision.evidence[:1]
    else:
        shown = decision.evidence if decision.outcome is Outcome.CLARIFY else ()
    evidence = list(decision.evidence)
    pairs: list[tuple[Evidence, Evidence]] = []
    for one in shown:
        rivals = (one, *conflicting(question, one, found, subjects))
        ranked = max(rivals, key=lambda each: each.document.rank)  # the first of several
        if ranked is not one:
            evidence = [each for each in evidence if each is not ranked]
            evidence[evidence.index(one)] = ranked
        pairs += [(ranked, other) for other in rivals if other is not ranked]
    return replace(decision, evidence=tuple(evidence), conflicts=tuple(pairs)) if pairs else decision


def conflicting(
    question: Question, best: Evidence, found: Sequence[Evidence], subjects: PageSubjects
) -> tuple[Evidence, ...]:
    """Return the evidence in ``found`` that states another value than ``best`` for the same fact.

    One for each other value, the best of ``found`` first; empty where the question asks for no value.
    """
    kind = question.expects
    if kind is None or kind not in _FORMS or not best.has_value or _is_loose(best, kind):
        return ()
    rivals: list[Evidence] = []
    for other in found:
        if (
            other is best
            or not other.has_value
            or other.is_beside
            or _is_loose(other, kind)
            or _overlap(best, other)
            or not subjects.are_same(best.document.id, other.document.id)
            or not _is_same_fact(question, best, other, subjects)
            or not _differ(kind, best, other)
        ):
            continue
        if all(_differ(kind, rival, other) for rival in rivals):
            rivals.append(other)
    return tuple(rivals)


def _is_loose(evidence: Evidence, kind: ValueKind) -> bool:
    """Whether a unit does not state one plain value that another could contradict."""
    if evidence.unit.kind not in {UnitKind.FACT, UnitKind.SENTENCE, UnitKind.ITEM}:
        return True
    text = _stated(evidence)
    said = f"{evidence.unit.label} {text}"
    # The day of a date is no number of its own, nor are the figures of a year.
    plain = _YEAR.sub(" ", text) if kind is ValueKind.NUMBER else text
    return (
        len(_FORMS[kind].findall(plain)) != 1
        or bool(_OTHER_TIME.search(said))
        or (bool(_ROUGH.search(said)) and kind is not ValueKind.DURATION)
    )


def _is_same_fact(question: Question, one: Evidence, other: Evidence, subjects: PageSubjects) -> bool:
    if _whom(one) != _whom(other) or _years(one, question) != _years(other, question):
        return False
    if question.expects is ValueKind.AMOUNT and _period(one) != _period(other):
        return False
    about = subjects.of(one.document.id).words | subjects.of(other.document.id).words
    return _named(one) == _named(other) and _rest(question, one, about) == _rest(question, other, about)


def _whom(evidence: Evidence) -> Audience | frozenset[str] | None:
    """The group a value is for: EU or not, or the page's words where they name another one."""
    return evidence.audience or (frozenset(stems(evidence.people)) if evidence.people else None)


def _years(evidence: Evidence, question: Question) -> frozenset[str]:
    """The years that a value is said to hold for, in full; of a date that is asked for, its own is none."""
    text = _stated(evidence)
    if question.expects is ValueKind.DATE:
        text = DATE.sub(" ", text)
    unit = evidence.unit
    said = " ".join([text, unit.label, unit.lead_in, *unit.headings, evidence.document.title])
    return frozenset(year for found in _YEAR.finditer(said) for year in _both(found))


def _both(found: re.Match[str]) -> tuple[str, ...]:
    first, second = found[1], found[2]
    return (first,) if second is None else (first, second if len(second) == 4 else f"{first[:2]}{second}")


def _period(evidence: Evidence) -> frozenset[str]:
    said = f"{evidence.unit.label} {_stated(evidence)}"
    return frozenset(name for name, pattern in _PERIODS.items() if pattern.search(said))


def _named(evidence: Evidence) -> frozenset[str]:
    """The named things, such as tests, that a value belongs to."""
    unit = evidence.unit
    said = " ".join([unit.label, unit.lead_in, *unit.headings[-1:], evidence.text])
    concepts = lexicon().read(stems(said))[1]
    return frozenset(concept.name for concept in lexicon().concepts if concept.is_name) & concepts


def _rest(question: Question, evidence: Evidence, about: frozenset[str]) -> frozenset[str]:
    """What is said around a value and might make another fact of it: concepts of its kind, and stems."""
    unit = evidence.unit
    text = _FORMS[question.expects].sub(" ", _stated(evidence)) if question.expects else _stated(evidence)
    is_cell = " | " in unit.lead_in
    headings = [heading for heading in unit.headings if heading != evidence.document.title]
    said = [stems(part) for part in (unit.label, text, "" if is_cell else unit.lead_in, *headings)]
    concepts = _of_kind(question, said[:2]) or _of_kind(question, said)
    known = about | _NEUTRAL | STOP_STEMS | set(stems(f"{evidence.document.publisher} {evidence.people}"))
    known |= {
        root
        for concept in lexicon().concepts
        if concept.name in concepts or concept.is_name
        for phrase in concept.page
        for root in phrase
    }
    return concepts | {root for part in said for root in part if root not in known and not root[0].isdigit()}


def _of_kind(question: Question, said: Sequence[Sequence[str]]) -> frozenset[str]:
    """The names of the concepts in a text that have the kind of value asked for."""
    written = frozenset().union(*(lexicon().read(part)[1] for part in said))
    expecting = (concept.name for concept in lexicon().concepts if concept.expects is question.expects)
    return written & frozenset(expecting) - {"minimum", "score"}


def _differ(kind: ValueKind, one: Evidence, other: Evidence) -> bool:
    """Whether two units state values of one measure that cannot both hold."""
    a, b = _value(kind, one), _value(kind, other)
    if a is None or b is None:
        return False
    if kind is ValueKind.DATE:
        return _days_differ(a, b)
    return a[0] == b[0] and len(a) == len(b) and a != b


def _value(kind: ValueKind, evidence: Evidence) -> tuple[str, ...] | None:
    """The measure (a currency, a unit of time) and the figures of the value; None if it cannot be read."""
    found = _FORMS[kind].search(_stated(evidence))
    if found is None:
        return None
    if kind is ValueKind.AMOUNT:
        amount = read_amount(found.group())
        if amount is None:
            return None
        return (_CODES.get(amount.currency, amount.currency.upper()), *map(str, amount.numbers))
    if kind is ValueKind.DATE:
        day = parse_date(found.group())
        if day is not None:
            return (str(day.year), f"{day:%m-%d}")
        day = parse_date(f"{found.group()} 2000")
        return ("", f"{day:%m-%d}") if day is not None and not re.search(r"\d{4}", found.group()) else None
    if kind is ValueKind.DURATION:
        return _months(found.group())
    figures = sorted(numbers_in(found.group()))
    return (kind.value, *figures) if figures else None


def _months(text: str) -> tuple[str, ...] | None:
    """A length in months where its unit allows: two years are 24 months and four semesters."""
    figures = [_SPELT.get(figure, figure) for figure in sorted(numbers_in(text))]
    unit = re.search(r"(year|month|semester|week|day|hour|term|quarter|trimester)s?\W*$", text, re.I)
    if unit is None or len(figures) != 1 or not figures[0].isdigit():
        return None
    name = unit[1].lower()
    if name not in _MONTHS:
        return (name, figures[0])
    return ("month", str(int(figures[0]) * _MONTHS[name]))


def _days_differ(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Days of one year, or of no year named. Those of two years are of two rounds, not of two opinions."""
    if one[0] and other[0] and one[0] != other[0]:
        return False
    return one[1] != other[1]


def _may_be_one(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two pages may be of one institution: they share a name, or neither names one."""
    if not one or not other:
        return one == other
    return any(a in b or b in a for a in one for b in other)


def _stated(evidence: Evidence) -> str:
    return evidence.unit.value or evidence.text


def _overlap(one: Evidence, other: Evidence) -> bool:
    return (
        one.document.id == other.document.id
        and one.unit.start < other.unit.end
        and other.unit.start < one.unit.end
    )
