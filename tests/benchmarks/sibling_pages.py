"""Programme pages that are nearly alike, and questions about them: the same words, the same seed, the same N.

Every page has some ten facts in two or three sections; names differ in a word, a level or a mode ("MSc Data
Science", "MSc Data Science and Society", "BSc Data Science", "MSc Applied Data Science (part-time)"), values
from page to page, and some fields are left blank. A few programmes exist at two universities. Everything is
made up. ``programmes`` draws the pages, ``write_pages`` writes them as Markdown, ``questions`` asks about
them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

# Pages of one subject, on average, where the subjects are not all used up.
_PER_SUBJECT = 12
# One programme in so many is offered by a second university as well.
_TWINS = 25
# One field in so many is left blank.
_BLANKS = 18

_SCIENCES = (
    "Astronomy|Biochemistry|Bioinformatics|Biology|Biophysics|Botany|Chemistry|Climate Science|"
    "Cognitive Science|Computer Science|Crop Science|Data Science|Ecology|Environmental Science|"
    "Evolutionary Biology|Food Science|Forest Science|Genetics|Geology|Geophysics|Glaciology|Hydrology|"
    "Immunology|Information Science|Marine Biology|Marine Science|Materials Science|Mathematics|"
    "Medical Physics|Meteorology|Microbiology|Molecular Biology|Nanoscience|Neuroscience|Nutrition|"
    "Oceanography|Optics|Palaeontology|Pharmacology|Physics|Physiology|Plant Biology|Polymer Chemistry|"
    "Psychology|Public Health|Quantum Physics|Robotics|Soil Science|Sports Science|Statistics|Toxicology|"
    "Veterinary Science|Virology|Zoology|Actuarial Science|Artificial Intelligence|Cyber Security|"
    "Epidemiology|Medical Imaging|Health Informatics|Geoinformatics"
)
_ARTS = (
    "Anthropology|Archaeology|Architectural History|Art History|Asian Studies|Celtic Studies|Classics|"
    "Communication|Creative Writing|Criminology|Cultural Studies|Dance|Development Studies|Digital Media|"
    "Drama|Economics|Education|Environmental Law|European Studies|Fashion|Film Studies|Finance|"
    "Gender Studies|Geography|Graphic Design|Heritage Studies|History|Human Rights|Journalism|Labour Law|"
    "Landscape Design|Law|Library Studies|Linguistics|Literature|Marketing|Maritime Law|Media Studies|"
    "Migration Studies|Museum Studies|Music|Nordic Studies|Peace Studies|Philosophy|Photography|"
    "Political Science|Product Design|Public Law|Religious Studies|Slavic Studies|Social Work|Sociology|"
    "Theatre Studies|Theology|Tourism|Translation|Urban Studies|Visual Arts"
)
_ENGINEERING = (
    "Acoustical Engineering|Aerospace Engineering|Agricultural Engineering|Automotive Engineering|"
    "Biomedical Engineering|Bridge Engineering|Chemical Engineering|Civil Engineering|"
    "Computer Engineering|Control Engineering|Electrical Engineering|Energy Engineering|"
    "Environmental Engineering|Fire Engineering|Geotechnical Engineering|Hydraulic Engineering|"
    "Industrial Engineering|Lighting Engineering|Marine Engineering|Mechanical Engineering|"
    "Mining Engineering|Naval Architecture|Nuclear Engineering|Petroleum Engineering|Process Engineering|"
    "Railway Engineering|Software Engineering|Structural Engineering|Surveying|Systems Engineering|"
    "Textile Engineering|Water Engineering|Wind Engineering"
)
_FORMS = (
    "{}|{}|{}|Applied {}|Advanced {}|Computational {}|International {}|Comparative {}|Sustainable {}|"
    "Industrial {}|{} and Society|{} and Management|{} and Policy|{} and Innovation|{} and Ethics|"
    "{} and Entrepreneurship|{} for Health|{} with Business|{} with Languages"
).split("|")
_MODES = ("", "", "", "", "part-time", "online")

# Subjects and forms that no page has, for questions about programmes that do not exist.
_INVENTED = (
    "Volcano Tourism|Dragon Husbandry|Sports Astronomy|Puppet Restoration|Desert Navigation|"
    "Lunar Agriculture|Perfume Chemistry|Medieval Cartography|Wine Jurisprudence|Toy Engineering|"
    "Tea Ceremony|Avalanche Forecasting|Circus Arts|Beekeeping|Clockmaking|Esports Coaching|Falconry|"
    "Glass Blowing|Horse Dentistry|Gastronomy"
).split("|")


class Level(StrEnum):
    """A level of degree."""

    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"
    CERTIFICATE = "certificate"
    DIPLOMA = "diploma"


@dataclass(frozen=True, slots=True)
class _Faculty:
    """Subjects and the degrees they end with: short, dotted and in full, by level."""

    name: str
    subjects: tuple[str, ...]
    degrees: Mapping[Level, tuple[str, str, str]]


_DOCTORATE = ("PhD", "Ph.D.", "Doctor of Philosophy")
_CERTIFICATE = ("Certificate", "Certificate", "Certificate")
_DIPLOMA = ("Diploma", "Diploma", "Diploma")


def _faculty(
    name: str, subjects: str, bachelor: tuple[str, str, str], master: tuple[str, str, str]
) -> _Faculty:
    degrees = {
        Level.BACHELOR: bachelor,
        Level.MASTER: master,
        Level.DOCTORATE: _DOCTORATE,
        Level.CERTIFICATE: _CERTIFICATE,
        Level.DIPLOMA: _DIPLOMA,
    }
    return _Faculty(name, tuple(subjects.split("|")), degrees)


_FACULTIES = (
    _faculty(
        "Faculty of Sciences",
        _SCIENCES,
        ("BSc", "B.Sc.", "Bachelor of Science"),
        ("MSc", "M.Sc.", "Master of Science"),
    ),
    _faculty("Faculty of Arts", _ARTS, ("BA", "B.A.", "Bachelor of Arts"), ("MA", "M.A.", "Master of Arts")),
    _faculty(
        "Faculty of Engineering",
        _ENGINEERING,
        ("BEng", "B.Eng.", "Bachelor of Engineering"),
        ("MEng", "M.Eng.", "Master of Engineering"),
    ),
)
_LEVELS = (
    Level.BACHELOR,
    Level.BACHELOR,
    Level.MASTER,
    Level.MASTER,
    Level.MASTER,
    Level.DOCTORATE,
    Level.CERTIFICATE,
    Level.DIPLOMA,
)


@dataclass(frozen=True, slots=True)
class University:
    """``short`` is what people call it, ``title`` how it titles pages, ``labels`` how it words a field."""

    name: str
    short: str
    host: str
    title: Callable[[str, tuple[str, str, str], str], str]
    labels: Mapping[str, str]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    has_fee_table: bool = False


_GLANCE = ("duration", "credits", "start", "language", "places")
_MONEY = ("fee_eu", "fee_other", "application_fee", "deadline")
_ENTRY = ("ielts", "toefl")
_FEES = ("fee_eu", "fee_other")
_UNIVERSITIES = (
    University(
        "Larkmoor University",
        "Larkmoor",
        "www.larkmoor.example",
        lambda name, degree, mode: f"{name}, {degree[1]}{f' ({mode})' if mode else ''}",
        {
            "duration": "Duration",
            "credits": "Credits",
            "start": "Programme start",
            "language": "Language of instruction",
            "places": "Number of places",
            "fee_eu": "Tuition fee for EU/EEA students",
            "fee_other": "Tuition fee for international students",
            "application_fee": "Application fee",
            "deadline": "Application deadline",
            "ielts": "Minimum IELTS score",
            "toefl": "Minimum TOEFL score",
        },
        (("Key facts", _GLANCE), ("Fees and deadlines", _MONEY), ("English language requirements", _ENTRY)),
    ),
    University(
        "University of Brynhaven",
        "Brynhaven",
        "study.brynhaven.example",
        lambda name, degree, mode: (
            f"{degree[0]} {name}{f' ({mode})' if mode else ''} | University of Brynhaven"
        ),
        {
            "duration": "Length of study",
            "credits": "Credit points",
            "start": "Starts in",
            "language": "Taught in",
            "places": "Places",
            "fee_eu": "Fees (EU/EEA)",
            "fee_other": "Fees (international)",
            "application_fee": "Application fee",
            "deadline": "Apply by",
            "ielts": "IELTS",
            "toefl": "TOEFL",
        },
        (("At a glance", (*_GLANCE, *_ENTRY)), ("Money and dates", _MONEY)),
    ),
    University(
        "Technical University of Veldane",
        "Veldane",
        "veldane.example",
        lambda name, degree, mode: f"{name} ({degree[0]}{f', {mode}' if mode else ''})",
        {
            "duration": "Standard period of study",
            "credits": "ECTS credits",
            "start": "Start of studies",
            "language": "Teaching language",
            "places": "Places per year",
            "fee_eu": "Tuition, EU/EEA citizens",
            "fee_other": "Tuition, non-EU citizens",
            "application_fee": "Application fee",
            "deadline": "Closing date for applications",
            "ielts": "IELTS score required",
            "toefl": "TOEFL score required",
        },
        (("The programme", _GLANCE), ("Applying", ("deadline", "application_fee", *_ENTRY, *_MONEY[:2]))),
    ),
    University(
        "Saint Alder College",
        "Saint Alder",
        "www.saintalder.example",
        lambda name, degree, mode: f"{degree[2]} in {name}{f', {mode}' if mode else ''}",
        {
            "duration": "Duration",
            "credits": "Number of credits",
            "start": "Start date",
            "language": "Language of teaching",
            "places": "Places available",
            "fee_eu": "EU/EEA",
            "fee_other": "International",
            "application_fee": "Application fee",
            "deadline": "Deadline",
            "ielts": "IELTS overall",
            "toefl": "TOEFL iBT total",
        },
        (("Facts", _GLANCE), ("Costs", _MONEY[:3]), ("Admission", ("deadline", *_ENTRY))),
        has_fee_table=True,
    ),
)
_OPENINGS = (
    "Small groups, a project in every term and a supervisor from the first week.",
    "Lectures in the morning, work in the laboratory or the studio in the afternoon.",
    "Half of the courses are chosen freely from the whole faculty.",
    "Every student spends one term with a partner outside the university.",
    "Taught by people who work in the field and by those who study it.",
)


@dataclass(frozen=True, slots=True)
class Programme:
    """One page. ``facts`` are its values by field, "" for a field that it leaves blank."""

    identity: str
    subject: str
    form: str
    level: Level
    degree: tuple[str, str, str]
    mode: str
    university: University
    faculty: str
    facts: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name without level and mode."""
        return self.form.format(self.subject)

    @property
    def title(self) -> str:
        return self.university.title(self.name, self.degree, self.mode)

    @property
    def markdown(self) -> str:
        heading = self.title.partition(" | ")[0]
        lines = [
            "---",
            f'title: "{self.title}"',
            f"url: https://{self.university.host}/programmes/{self.identity}",
            f'publisher: "{self.university.name}"',
            "language: en",
            "---",
            "",
            f"# {heading}",
            "",
        ]
        opening = _OPENINGS[sum(map(ord, self.identity)) % len(_OPENINGS)]
        for number, (section, fields) in enumerate(self.university.sections):
            lines += [f"## {section}", ""]
            if number == 0:
                lines += [f"{self.faculty}. {opening}", ""]
            lines += [*self._stated(fields), ""]
        return "\n".join(lines)

    def _stated(self, fields: Sequence[str]) -> Iterator[str]:
        """The fields as list items; the fees as a table where the university shows them so."""
        labels = self.university.labels
        in_table = _FEES if self.university.has_fee_table else ()
        if any(field in in_table for field in fields):
            yield from ("| Student group | Tuition fee |", "|---|---|")
            yield from (f"| {labels[field]} | {self.facts[field]} |" for field in _FEES)
            yield ""
        for field in fields:
            if field not in in_table:
                yield f"- {labels[field]}: {self.facts[field]}".rstrip()


def programmes(count: int, seed: int = 0) -> list[Programme]:
    """Return ``count`` programmes; no two of one university have the same name, level and mode.

    Raises:
        ValueError: there are not so many names.
    """
    draw = random.Random(f"pages {seed}")  # noqa: S311 (no secret)
    subjects = [(faculty, subject) for faculty in _FACULTIES for subject in faculty.subjects]
    draw.shuffle(subjects)
    subjects = subjects[: max(3, -(-count // _PER_SUBJECT))]
    found: dict[tuple[str, Level, str, str], Programme] = {}
    for _ in range(60 * count):
        if len(found) >= count:
            break
        faculty, subject = draw.choice(subjects)
        form, level, mode = draw.choice(_FORMS), draw.choice(_LEVELS), draw.choice(_MODES)
        name = form.format(subject)
        if _says_twice(name) or any(
            (name, level, mode, university.name) in found for university in _UNIVERSITIES
        ):
            continue
        places = draw.sample(_UNIVERSITIES, 2 if draw.randrange(_TWINS) == 0 else 1)
        for university in places[: count - len(found)]:
            programme = _programme(draw, faculty, subject, form, level, mode, university)
            found[name, level, mode, university.name] = programme
    if len(found) < count:
        raise ValueError(f"there are not {count:,} different names; {len(found):,} were found")
    return list(found.values())


def write_pages(folder: Path, pages: Sequence[Programme]) -> None:
    """Write one Markdown file for each page to ``folder``, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        (folder / f"{page.identity}.md").write_text(page.markdown, encoding="utf-8")


def _says_twice(name: str) -> bool:
    words = name.casefold().split()
    return len(words) > len(set(words))


def _programme(
    draw: random.Random, faculty: _Faculty, subject: str, form: str, level: Level, mode: str, at: University
) -> Programme:
    degree = faculty.degrees[level]
    name = f"{form.format(subject)} {degree[0]} {mode} {at.short}"
    return Programme(
        identity=re.sub(r"\W+", "-", name).strip("-").lower(),
        subject=subject,
        form=form,
        level=level,
        degree=degree,
        mode=mode,
        university=at,
        faculty=faculty.name,
        facts={field: "" if draw.randrange(_BLANKS) == 0 else make(draw) for field, make in _VALUES.items()},
    )


def _money(draw: random.Random, least: int, most: int, step: int) -> str:
    return f"{draw.randrange(least, most, step):,} EUR"


_MONTHS = "January February March April May June July August September October November December".split()
_VALUES: Mapping[str, Callable[[random.Random], str]] = {
    "duration": lambda draw: f"{draw.choice((6, 9, 12, 15, 18, 21, 24, 30, 36, 42, 48))} months",
    "credits": lambda draw: f"{draw.randrange(30, 246, 6)} ECTS",
    "start": lambda draw: draw.choice(_MONTHS),
    "language": lambda draw: draw.choice(("English", "Dutch", "German", "French", "Spanish", "Italian")),
    "places": lambda draw: str(draw.randrange(8, 160)),
    "fee_eu": lambda draw: f"{_money(draw, 900, 4_900, 20)} per year",
    "fee_other": lambda draw: f"{_money(draw, 8_000, 26_000, 60)} per year",
    "application_fee": lambda draw: _money(draw, 20, 180, 5),
    "deadline": lambda draw: f"{draw.randrange(1, 29)} {draw.choice(_MONTHS)} 2027",
    "ielts": lambda draw: draw.choice(("5.0", "5.5", "6.0", "6.5", "7.0", "7.5", "8.0")),
    "toefl": lambda draw: str(draw.randrange(70, 112)),
}


class Naming(StrEnum):
    """How a question names its programme."""

    FULL = "full name"
    UNIVERSITY = "with the university"
    ORDER = "another word order"
    ABBREVIATION = "abbreviation"
    TYPO = "typing error"
    PART = "part of the name"
    CARRIED = "carried over"
    BLANK = "blank field"
    AMBIGUOUS = "several programmes"
    MISSING = "no such programme"


@dataclass(frozen=True, slots=True)
class Question:
    """The turns of one conversation; ``outcome`` is what the last one must lead to.

    ``page`` is the identity of the one page that answers and ``value`` what it says; both are "" where none
    does. ``meant`` are the identities of all pages that fit where several do. ``how`` says what was done to
    the name.
    """

    naming: Naming
    how: str
    turns: tuple[str, ...]
    outcome: str
    page: str = ""
    value: str = ""
    meant: frozenset[str] = frozenset()


_ASKED: Mapping[str, tuple[str, ...]] = {
    "duration": ("How long does {} take?", "How long is {}?", "What is the duration of {}?"),
    "credits": ("How many credits does {} have?", "Number of credits for {}?"),
    "start": ("When does {} start?", "In which month does {} begin?"),
    "language": ("Which language is {} taught in?", "What is the language of instruction of {}?"),
    "places": ("How many places are there in {}?",),
    "fee_eu": (
        "What is the tuition fee for EU students in {}?",
        "I am from Italy. What is the tuition fee for {}?",
    ),
    "fee_other": (
        "How much is the tuition fee of {} for international students?",
        "What do non-EU students pay per year in {}?",
    ),
    "application_fee": ("What is the application fee for {}?", "How high is the application fee of {}?"),
    "deadline": ("When is the application deadline for {}?", "What is the deadline for {}?"),
    "ielts": ("What IELTS score does {} ask for?", "Which IELTS score do I need for {}?"),
    "toefl": ("What TOEFL score does {} ask for?", "toefl for {}?"),
}
_ASKED_NEXT: Mapping[str, tuple[str, ...]] = {
    "duration": ("And how long does it take?", "How long is it?"),
    "credits": ("How many credits does it have?",),
    "start": ("When does it start?", "And when does it begin?"),
    "language": ("Which language is it taught in?",),
    "places": ("How many places are there?",),
    "fee_eu": ("And what is the tuition fee for EU students?",),
    "fee_other": ("What is the tuition fee for international students?",),
    "application_fee": ("How much is the application fee?", "And the application fee?"),
    "deadline": ("When is the deadline?", "What about the application deadline?"),
    "ielts": ("Which IELTS score do I need?", "And the IELTS score?"),
    "toefl": ("What TOEFL score do I need?", "And the TOEFL score?"),
}
_CLIPPED = {
    "management": "mgmt",
    "engineering": "eng",
    "international": "intl",
    "environmental": "env",
    "computational": "comp",
    "computer": "comp",
    "mechanical": "mech",
    "electrical": "elec",
    "biology": "bio",
    "chemistry": "chem",
    "mathematics": "maths",
    "psychology": "psych",
    "science": "sci",
    "political": "poli",
    "communication": "comm",
    "economics": "econ",
    "entrepreneurship": "entrep",
    "pharmacology": "pharma",
    "neuroscience": "neuro",
    "veterinary": "vet",
    "microbiology": "microbio",
    "biochemistry": "biochem",
    "biomedical": "biomed",
    "architectural": "arch",
    "agricultural": "agri",
    "statistics": "stats",
    "advanced": "adv",
}
_LINKS = frozenset({"and", "for", "with"})
_LEVEL_WORDS: Mapping[Level, tuple[str, ...]] = {
    Level.BACHELOR: ("bachelor", "bachelor's degree", "bachelor's programme"),
    Level.MASTER: ("master", "master's degree", "master's programme"),
    Level.DOCTORATE: ("doctorate", "PhD programme"),
    Level.CERTIFICATE: ("certificate", "certificate programme"),
    Level.DIPLOMA: ("diploma", "diploma programme"),
}


def questions(pages: Sequence[Programme], each: int, seed: int = 0) -> list[Question]:
    """Return up to ``each`` questions for every ``Naming``; fewer where the pages give no more."""
    asker = _Asker(pages, random.Random(f"questions {seed}"))  # noqa: S311 (no secret)
    found: list[Question] = []
    for naming in Naming:
        distinct: dict[tuple[str, ...], Question] = {}
        for _ in range(60 * each):
            if len(distinct) == each:
                break
            question = asker.ask(naming)
            if question is not None:
                distinct.setdefault(question.turns, question)
        found += distinct.values()
    return found


class _Asker:
    """Draws questions; every kind returns None where the page drawn does not lend itself to it."""

    def __init__(self, pages: Sequence[Programme], draw: random.Random) -> None:
        self._pages = pages
        self._draw = draw
        self._named: dict[str, list[Programme]] = {}
        self._about: dict[str, list[Programme]] = {}
        for page in pages:
            self._named.setdefault(page.name, []).append(page)
            self._about.setdefault(page.subject, []).append(page)
        self._kinds: Mapping[Naming, Callable[[Programme], Question | None]] = {
            Naming.FULL: self._full,
            Naming.UNIVERSITY: self._with_university,
            Naming.ORDER: self._reordered,
            Naming.ABBREVIATION: self._abbreviated,
            Naming.TYPO: self._mistyped,
            Naming.PART: self._in_part,
            Naming.CARRIED: self._carried,
            Naming.BLANK: self._blank,
            Naming.AMBIGUOUS: self._ambiguous,
            Naming.MISSING: self._missing,
        }

    def ask(self, naming: Naming) -> Question | None:
        return self._kinds[naming](self._draw.choice(self._pages))

    def _full(self, page: Programme) -> Question | None:
        if not self._is_only_one(page):
            return None
        said = page.title.partition(" | ")[0] if self._draw.randrange(3) == 0 else self._usual(page)
        return self._about_a_fact(Naming.FULL, "title or degree and name", page, said)

    def _with_university(self, page: Programme) -> Question | None:
        twins = [twin for twin in self._pages if _key(twin) == _key(page) and twin is not page]
        if not twins and self._draw.randrange(4):
            return None
        said = f"{self._usual(page)} at {self._draw.choice((page.university.name, page.university.short))}"
        how = "two universities have it" if twins else "one university has it"
        return self._about_a_fact(Naming.UNIVERSITY, how, page, said)

    def _reordered(self, page: Programme) -> Question | None:
        if not self._is_only_one(page):
            return None
        name = page.name
        if self._draw.randrange(2):
            first, link, second = name.partition(" and ")
            if link:
                name = f"{second} and {first}"
            elif page.form.endswith(" {}"):
                name = f"{page.subject}, {page.form.removesuffix(' {}').lower()}"
        level = self._draw.choice((*_LEVEL_WORDS[page.level], *page.degree[1:]))
        mode = f"{page.mode} " if page.mode else ""
        said = self._draw.choice((f"the {mode}{level} in {name}", f"the {name} {mode}{level}"))
        return self._about_a_fact(Naming.ORDER, "level in words, name turned round", page, said)

    def _abbreviated(self, page: Programme) -> Question | None:
        if not self._is_only_one(page):
            return None
        if self._draw.randrange(2):
            initials = _initials(page)
            alike = [other for other in self._pages if _initials(other).startswith(initials)]
            if len(initials) < 3 or any(other.name != page.name for other in alike):
                return None
            said, how = initials, "initials"
        else:
            said, how = _clipped(page.name), "clipped words"
            if said == page.name.lower() or sum(_may_be(said, name) for name in self._named) > 1:
                return None
        mode = f"{page.mode} " if page.mode else ""
        said = self._draw.choice((f"{mode}{page.degree[0]} {said}", f"the {mode}{said} {page.degree[0]}"))
        return self._about_a_fact(Naming.ABBREVIATION, how, page, said)

    def _mistyped(self, page: Programme) -> Question | None:
        known = {word for name in self._named for word in name.lower().split()}
        words = page.name.split()
        long = [n for n, word in enumerate(words) if len(word) >= 6]
        if not self._is_only_one(page) or not long:
            return None
        n = self._draw.choice(long)
        words[n] = self._slip(words[n])
        if words[n].lower() in known:
            return None
        is_small = bool(self._draw.randrange(2))
        said = " ".join(words).lower() if is_small else " ".join(words)
        mode = f"{page.mode} " if page.mode else ""
        return self._about_a_fact(
            Naming.TYPO, "one slip in a word", page, f"the {mode}{page.degree[0]} {said}"
        )

    def _in_part(self, page: Programme) -> Question | None:
        way = self._draw.randrange(3)
        if way == 0:
            if len(self._named[page.name]) > 1:
                return None
            return self._about_a_fact(Naming.PART, "without the level", page, page.name)
        if way == 1:
            alike = [other for other in self._named[page.name] if other.level is page.level]
            if not page.mode or len(alike) > 1:
                return None
            return self._about_a_fact(
                Naming.PART, "without the mode", page, f"the {page.degree[0]} {page.name}"
            )
        words = [word for word in page.name.lower().split() if word not in _LINKS]
        kept = [word for word in words if self._draw.randrange(3)]
        fitting = [
            other
            for other in self._pages
            if other.level is page.level and _singular(kept) <= _singular(other.name.lower().split())
        ]
        whole = {frozenset(name.lower().split()) - _LINKS for name in self._named}
        if not kept or len(kept) == len(words) or len(fitting) > 1 or frozenset(kept) in whole:
            return None
        said = f"the {' '.join(kept)} {self._draw.choice((page.degree[0], page.level.value))}"
        return self._about_a_fact(Naming.PART, "some of the words", page, said)

    def _carried(self, page: Programme) -> Question | None:
        if not self._is_only_one(page):
            return None
        first, *more = self._draw.sample([field for field, value in page.facts.items() if value], 3)
        opening = self._asked(first, self._usual(page))
        way = self._draw.randrange(4)
        if way == 0:
            opening, more = f"I am interested in {self._usual(page)}.", more[:1]
        elif way == 1:
            more = more[:1]
        elif way == 2:
            others = [
                other
                for other in self._named[page.name]
                if other.level is not page.level
                and other.facts[first]
                and len(self._meant(other.name, other.level, "")) == 1
                and other.identity in self._meant(other.name, other.level, "")
            ]
            if page.mode or not others:
                return None
            other = self._draw.choice(others)
            level = self._draw.choice((other.degree[0], *_LEVEL_WORDS[other.level]))
            turns = (opening, self._draw.choice(("And for the {}?", "What about the {}?")).format(level))
            return self._question(Naming.CARRIED, "the same at another level", turns, other, first)
        said = (opening, *(self._draw.choice(_ASKED_NEXT[field]) for field in more))
        return self._question(Naming.CARRIED, f"{len(said)} turns", said, page, more[-1])

    def _blank(self, page: Programme) -> Question | None:
        blanks = [field for field, value in page.facts.items() if not value]
        if not blanks or not self._is_only_one(page):
            return None
        field = self._draw.choice(blanks)
        turns = (self._asked(field, self._usual(page)),)
        return Question(Naming.BLANK, "full name", turns, "not_stated", page.identity)

    def _ambiguous(self, page: Programme) -> Question | None:
        way = self._draw.randrange(3)
        if way == 0:
            said, meant = page.name, [other for other in self._named[page.name] if not other.mode]
            how = "levels of one name"
            if len({other.level for other in meant}) < 2 or len(meant) < len(self._named[page.name]):
                return None
        elif way == 1:
            said, meant = self._usual(page), [other for other in self._pages if _key(other) == _key(page)]
            how = "one name at two universities"
        else:
            said = f"the {page.degree[0]} {page.subject}"
            meant = [other for other in self._about[page.subject] if other.level is page.level]
            how = "part of several names"
            if page.subject in self._named or len({other.name for other in meant}) < 2:
                return None
        fields = [
            field
            for field in page.facts
            if all(other.facts[field] for other in meant)
            and len({other.facts[field] for other in meant}) == len(meant)
        ]
        if len(meant) < 2 or not fields:
            return None
        turns = (self._asked(self._draw.choice(fields), said),)
        return Question(
            Naming.AMBIGUOUS, how, turns, "clarify", meant=frozenset(other.identity for other in meant)
        )

    def _missing(self, page: Programme) -> Question | None:
        way = self._draw.randrange(4)
        field = self._draw.choice(tuple(_ASKED))
        if way == 0:
            taken = {other.level for other in self._named[page.name]}
            free = [level for level in Level if level not in taken]
            if not free:
                return None
            degrees = next(each.degrees for each in _FACULTIES if page.subject in each.subjects)
            how, said = "no such level", f"the {degrees[self._draw.choice(free)][0]} {page.name}"
        elif way == 1:
            name = self._draw.choice(_FORMS).format(page.subject)
            if name in self._named or name == page.subject or _says_twice(name):
                return None
            how, said = "no such specialisation", f"the {page.degree[0]} {name}"
        elif way == 2:
            how = "no such subject"
            said = f"the {page.degree[0]} {page.form.format(self._draw.choice(_INVENTED))}"
        else:
            elsewhere = self._draw.choice(_UNIVERSITIES)
            if any(
                other.university.name == elsewhere.name and other.level is page.level
                for other in self._named[page.name]
            ):
                return None
            how, said = "not at this university", f"{self._usual(page)} at {elsewhere.name}"
        return Question(Naming.MISSING, how, (self._asked(field, said),), "not_found")

    def _is_only_one(self, page: Programme) -> bool:
        return self._meant(page.name, page.level, page.mode) == {page.identity}

    def _meant(self, name: str, level: Level, mode: str) -> set[str]:
        """The pages of this name and level; without a mode those that have none, if there are any."""
        fitting = [page for page in self._named[name] if page.level is level]
        exact = [page for page in fitting if page.mode == mode]
        return {page.identity for page in (exact or ([] if mode else fitting))}

    def _usual(self, page: Programme) -> str:
        """A name as people write it: degree and name in either order, then the mode."""
        said = self._draw.choice(
            (
                f"{page.degree[0]} {page.name}",
                f"the {page.degree[0]} in {page.name}",
                f"the {page.name} {page.degree[0]}",
            )
        )
        return f"{said} ({page.mode})" if page.mode else said

    def _asked(self, field: str, said: str) -> str:
        return self._draw.choice(_ASKED[field]).format(said)

    def _about_a_fact(self, naming: Naming, how: str, page: Programme, said: str) -> Question:
        field = self._draw.choice([field for field, value in page.facts.items() if value])
        return self._question(naming, how, (self._asked(field, said),), page, field)

    @staticmethod
    def _question(naming: Naming, how: str, turns: tuple[str, ...], page: Programme, field: str) -> Question:
        return Question(naming, how, turns, "answered", page.identity, page.facts[field])

    def _slip(self, word: str) -> str:
        """The word with two letters exchanged, one left out, one doubled, or one of another key."""
        n = self._draw.randrange(1, len(word) - 2)
        slips = (
            f"{word[:n]}{word[n + 1]}{word[n]}{word[n + 2 :]}",
            f"{word[:n]}{word[n + 1 :]}",
            f"{word[:n]}{word[n]}{word[n:]}",
            f"{word[:n]}{self._draw.choice('aeionrst')}{word[n + 1 :]}",
        )
        return self._draw.choice([slip for slip in slips if slip != word] or [word[1:]])


def _key(page: Programme) -> tuple[str, Level, str]:
    return page.name, page.level, page.mode


def _singular(words: Iterable[str]) -> set[str]:
    return {word.removesuffix("s") for word in words}


def _initials(page: Programme) -> str:
    return "".join(word[0] for word in page.name.split() if word not in _LINKS).upper()


def _may_be(clipped: str, name: str) -> bool:
    """Whether a name may be meant by clipped words: each begins its word, or is short for it."""
    short, whole = clipped.split(), name.lower().split()
    return len(short) == len(whole) and all(
        word.startswith(clip) or _CLIPPED.get(word) == clip for clip, word in zip(short, whole, strict=True)
    )


def _clipped(name: str) -> str:
    return " ".join(_CLIPPED.get(word, word) for word in name.lower().split())
