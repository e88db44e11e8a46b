"""The terms of a question: names, concepts of the domain, and plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.measures import SMALL_NUMBERS
from ingest.money import CURRENCY
from ingest.values import ValueKind
from ingest.words import stem, words

from .countries import audience_of_question, is_nationality, names_of_origin
from .lexicon import Concept, lexicon
from .residence import words_of_residence

STOP_STEMS = frozenset(
    stem(word)
    for word in (
        "a an the of to in on at by for from with without as is are was were be been being am do does "
        "did doing done has had having "
        "i me my mine we us our you your yours he she it its they them their his her and or but if then "
        "than so "
        "what which who whom whose when where why how can could will would shall should may might must "
        "not no yes "
        "there here this that these those any some all each every both either also too very just only "
        "into onto "
        "up out off over under between during after before again more most less few other such own same "
        "i'm i'd i've it's that's what's don't doesn't can't won't isn't let lets vs via etc please ok okay "
        "hello hi hey dear thanks thank regards um uh well while because though although until since whether "
        "who'd what'd how'd where'd i'll we'd they'd you'd he'd she'd there's who's where's how's when's"
    ).split()
)
_TEACHING = re.compile(
    r"courses?|modules?|class(?:es)?|subjects?|tracks?|lectures?|specialisations?|specializations?", re.I
)
_ANY_SUM = re.compile(
    r"pay|paying|payment|costs?|price|charged?|afford|(?:how )?expensive|how much is it", re.I
)
_NEEDED = re.compile(r"what do i need", re.I)
_PART = frozenset(
    map(
        stem,
        "block band category group intake level module part phase round semester session stage step term "
        "track tier wave zone".split(),
    )
)
# Pages write the number of a part in either way: "session 2" is "Session II".
_NUMERALS = {
    numeral: str(number) for number, numeral in enumerate("i ii iii iv v vi vii viii ix x".split(), start=1)
}
# Words that say for whom, not what: ``Question.audience`` holds their sense.
_AUDIENCE_WORD = re.compile(
    r"(?:non)?(?:eu|eea)|europ\w*|internationals?|overseas|non|outside|union|foreign\w*", re.I
)
# "BTEC 660": letters and a number that is no year; a test or a currency before a number is none.
_COURSE = re.compile(rf"(?!(?:{CURRENCY})$)[A-Z]{{2,5}}")
_COURSE_NUMBER = re.compile(r"(?!(?:19|20)\d\d$)\d{3,4}(?:\.\d{1,2})?")
_MEASURE = re.compile(r"credits?|ects|weeks?|months?|days?|hours?|semesters?", re.I)
_MEASURED = re.compile(r"courses?|class(?:es)?|modules?|sessions?|internships?|options?", re.I)
_CALENDAR = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)",
    re.I,
)
# "Can I start in the summer semester?" is answered by when it starts, whatever season that is.
_MAY_START = re.compile(
    r"\b(?:can|could|may|possible|able|allowed|like|want|plan)\b[^.?!]*\b(?:start|begin|enrol|enroll)\w*\b.{0,90}?"
    r"\b(?:in|for|at)\s+(?:the\s+)?(?P<season>(?:summer|winter|spring|fall|autumn)(?:\s+(?:semester|term|intake))?)\b",
    re.I,
)
_MAY_APPLY = re.compile(
    r"\b(?:is|are|do|does|can|could|may|will)\b[^.?!]*\b(?P<season>summer|winter|spring|fall|autumn)\s+"
    r"applications?\b",
    re.I,
)
_SEASON = re.compile(r"winter|spring|summer|autumn|fall", re.I)
# "Which two tracks": how many there are is no part of what they are.
_COUNTED = re.compile(r"one|two|three|four|five|six|seven|eight|nine|ten", re.I)
# What people tell of themselves: "I did my bachelor at Towson". Names in it are not what is asked about.
_OWN_STORY = re.compile(
    r"(?:^|[.!?,;:]\s+|\b(?:and|but|because|since|as|if)\s+)"
    r"(?:(?:hi|hello|hey)[,!.]?\s+)?(?:i|my \w+)(?:['’]m| am|['’]ve| have)?\s+(?:\w+ly |just |still |"
    r"now |also )?"
    r"(?:an?|in my|from|finishing|studying|doing|working|living|based|graduat\w+|stud(?:y|ied)|did|finished|"
    r"completed|worked?|lived?|come|hold|got|took|is|was|been|accepted|admitted|"
    r"enrolled)\b(?P<told>[^.!?;:]*)",
    re.I,
)
_OWN_DEGREE = re.compile(r"degrees?|bachelor(?:['’]?s)?|diploma|studies|undergrad\w*|bsc|ba", re.I)
# "EU passport" says who one is.
_IDENTITY = frozenset({"passport", "passports"})
# "The radiology department" is radiology; "which departments" asks for a list of them.
_ONE_OF_MANY = frozenset({"department", "dept", "section", "division"})
_WISH = re.compile(r"\b(?:want|would|like|plan|hope|consider|interested|apply|applying|think)\w*\b", re.I)


class TermRole(StrEnum):
    """How much a term decides."""

    NAME = "name"
    """A proper name: a passage that never mentions it does not answer."""
    CONCEPT = "concept"
    WORD = "word"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase of the question; ``stems`` as asked, ``concepts`` what it means in the domain.

    ``sought`` and ``meanings`` say the same as fields are asked (see ``fields``): a question's few terms are
    looked up thousands of times.
    """

    text: str
    stems: tuple[str, ...]
    role: TermRole
    concepts: tuple[Concept, ...] = ()
    sought: str = field(init=False, repr=False, compare=False)
    meanings: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sought", f"|{(' ' if self.concepts else '|').join(self.stems)}|")
        object.__setattr__(self, "meanings", frozenset(concept.name for concept in self.concepts))


def with_numbers(roots: Sequence[str]) -> list[str]:
    """Stems with the numbers of parts as digits: "session II" is session 2."""
    return [
        _NUMERALS.get(root, root) if before in _PART else root
        for before, root in zip(("", *roots), roots, strict=False)
    ]


def asks_any_sum(term: Term) -> bool:
    """Whether a term asks for a sum and does not say which: "cost" in "What does it cost to apply?"."""
    return bool(_ANY_SUM.fullmatch(term.text))


def terms_of(text: str, *, is_name: Callable[[str], bool]) -> tuple[Term, ...]:
    """Return the terms of ``text`` in order, none twice; stop words are none.

    ``is_name`` tells names that are typed in small letters ("groningen").
    """
    origin = names_of_origin(text) | _names_of_story(text)
    tokens = words(text)
    roots = with_numbers([stem(token) for token in tokens])
    subject = _named_subject(tokens)
    home = words_of_residence(text)
    own = _own_degree(tokens) | _season_of_a_start(text, tokens)
    own |= _terms_of_a_season(tokens)
    own |= {place for place, token in enumerate(tokens) if token.casefold() in home}
    names_group = audience_of_question(text) is not None
    known = lexicon()
    terms: list[Term] = []
    position = 0
    while position < len(tokens):
        if _numbers_a_part(tokens, position):
            span = slice(position, position + 2)
            terms.append(Term(" ".join(tokens[span]), tuple(roots[span]), TermRole.NAME))
            position += 2
            continue
        if _measures_a_thing(tokens, position):
            count = str(SMALL_NUMBERS.get(tokens[position].lower(), tokens[position]))
            said = " ".join(tokens[position : position + 2])
            terms.append(Term(said, (count, roots[position + 1]), TermRole.WORD))
            position += 2
            continue
        is_own = (
            position in own
            or tokens[position].lower() in _ONE_OF_MANY
            or (tokens[position].lower() in _IDENTITY and names_group)
        )
        concepts, size = known.match(roots, position) if position not in subject and not is_own else ((), 0)
        if size and not (size == 1 and roots[position] in STOP_STEMS):
            span = slice(position, position + size)
            names = tuple(concept for concept in concepts if concept.is_name)
            role = TermRole.NAME if names else TermRole.CONCEPT
            terms.append(Term(" ".join(tokens[span]), tuple(roots[span]), role, names or concepts))
            position += size
            continue
        if roots[position] not in STOP_STEMS:
            role = TermRole.GENERIC if is_own else _role(tokens, roots, position, origin)
            if role is TermRole.WORD and (position in subject or is_name(tokens[position])):
                role = TermRole.NAME
            terms.append(Term(tokens[position], (roots[position],), role))
        position += 1
    return _each_once(tuple(dict.fromkeys(terms)))


def _names_of_story(text: str) -> frozenset[str]:
    """The names, lower case, in what people tell of themselves before they ask."""
    told: set[str] = set()
    for story in _OWN_STORY.finditer(text):
        said = re.split(r",| and | but ", story["told"])[0]
        if not _WISH.search(said):
            told.update(word.casefold() for word in words(said)[1:] if word[0].isupper())
    return frozenset(told)


def _own_degree(tokens: list[str]) -> frozenset[int]:
    """The places of "my first degree", "my bachelor": the asker's own, not what is asked for."""
    places: set[int] = set()
    for position, token in enumerate(tokens):
        if token.lower() != "my":
            continue
        for end in range(position + 1, min(position + 4, len(tokens))):
            if _OWN_DEGREE.fullmatch(tokens[end]):
                places.update(range(position, end + 1))
    return frozenset(places)


def _season_of_a_start(text: str, tokens: list[str]) -> frozenset[int]:
    """The places of the season in which somebody would like to start."""
    said = _MAY_START.search(text) or _MAY_APPLY.search(text)
    season = said["season"].casefold().split() if said is not None else []
    return frozenset(place for place, token in enumerate(tokens) if token.casefold() in season)


def _terms_of_a_season(tokens: list[str]) -> frozenset[int]:
    """The places of "term" behind a season, which says all: "the spring 2027 term"."""
    return frozenset(
        place
        for place, token in enumerate(tokens)
        if token.casefold() in {"term", "semester"}
        and any(_SEASON.fullmatch(before) for before in tokens[max(0, place - 2) : place])
    )


def names_a_part(term: Term) -> bool:
    """Whether a term is one of several numbered parts: "session 2"."""
    return term.role is TermRole.NAME and len(term.stems) == 2 and term.stems[0] in _PART


def _named_subject(tokens: list[str]) -> frozenset[int]:
    """The places of what a course is asked for by ("a course on deep learning"): said so or not at all."""
    for position, token in enumerate(tokens[:-2]):
        if _TEACHING.fullmatch(token) and tokens[position + 1].lower() in {"on", "about", "called", "named"}:
            return frozenset(range(position + 2, min(position + 5, len(tokens))))
    return frozenset()


def _each_once(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """``terms`` without a second word for one thing, and without "pay" where the sum itself is named."""
    kept: list[Term] = []
    beside = {root for term in terms for concept in term.concepts for root in concept.beside}
    sums = [term for term in terms if any(concept.expects is ValueKind.AMOUNT for concept in term.concepts)]
    # Who asks for a loan to pay with asks for the loan.
    if sums:
        # "What do I need each month for rent?" asks for the sum.
        terms = tuple(
            Term(term.text, term.stems, TermRole.GENERIC) if _NEEDED.fullmatch(term.text) else term
            for term in terms
        )
    is_funding = any(concept.name == "scholarship" for term in terms for concept in term.concepts)
    for term in terms:
        if term in sums and (len(sums) > 1 or is_funding) and _ANY_SUM.fullmatch(term.text):
            term = Term(term.text, term.stems, TermRole.GENERIC)
        if beside.issuperset(term.stems):
            term = Term(term.text, term.stems, TermRole.GENERIC)
        if term.role is TermRole.CONCEPT and any(term.concepts == other.concepts for other in kept):
            continue
        kept.append(term)
    return tuple(kept)


def _numbers_a_part(tokens: list[str], position: int) -> bool:
    """Whether "block 4", "band C" or the code of a course stands here: none is said of another one."""
    if position + 1 == len(tokens):
        return False
    token, following = tokens[position : position + 2]
    if stem(token) in _PART:
        return bool(re.fullmatch(r"\d{1,2}|[A-Z]|[IVX]{2,4}", following))
    is_code = bool(_COURSE.fullmatch(token) and _COURSE_NUMBER.fullmatch(following))
    return is_code and not lexicon().match([stem(token)], 0)[1]


def _measures_a_thing(tokens: list[str], position: int) -> bool:
    """Whether a number tells one thing from others by its size: "a 4 credit course", "an 8 week session"."""
    if position + 2 >= len(tokens):
        return False
    if (
        not re.fullmatch(r"\d{1,2}(?:\.\d)?", tokens[position])
        and tokens[position].lower() not in SMALL_NUMBERS
    ):
        return False
    return bool(_MEASURE.fullmatch(tokens[position + 1])) and any(
        _MEASURED.fullmatch(token) for token in tokens[position + 2 : position + 4]
    )


def _role(tokens: list[str], roots: list[str], position: int, origin: frozenset[str]) -> TermRole:
    token = tokens[position]
    if token.casefold() in origin:
        return TermRole.GENERIC
    if token[0].isdigit():
        return TermRole.GENERIC
    if _AUDIENCE_WORD.fullmatch(token):
        return TermRole.GENERIC
    if len(token) == 1:
        return TermRole.GENERIC
    if token.isupper() and not all(other.isupper() for other in tokens):
        return TermRole.NAME
    shouted = sum(other[0].isupper() for other in tokens) > max(2, len(tokens) * 0.7)
    if roots[position] in lexicon().generic:
        return TermRole.GENERIC
    if _CALENDAR.fullmatch(token) or _COUNTED.fullmatch(token):
        return TermRole.GENERIC
    if is_nationality(token):
        return TermRole.WORD  # mostly a language here: "taught in English"
    return TermRole.NAME if position > 0 and token[0].isupper() and not shouted else TermRole.WORD
