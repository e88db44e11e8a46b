"""What a text claims, as words that can be compared: what two writers say differently is the same here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from ingest.measures import MONTHS, forms, period_of
from ingest.money import CURRENCY, amounts_in
from ingest.sentences import sentence_spans
from ingest.words import stem, stems, words

from .figures import names_in, numbers_in

# Where one claim ends and the next begins.
_CLAUSE = re.compile(
    r"\s*(?:[;•|\n]|\s[–—-]\s|,?\s\b(?:but|however|although|though|while|whereas|yet|because|so that)\b|"
    r",?\s(?:and|or)\s(?=(?:you|it|they|there|we|this|is|are|must|can|may|will|has|have|do|does|no|not|"
    r"don['’]t|"
    r"costs?|lasts?|starts?|takes?|runs?|need|then|carry|pay|get|receive)\b)|"
    r",\s(?:which|who|so)\s|,\s(?=not\s)|"
    r",?\sand\s(?=(?:the|an?|its|their|your|no)\s[\w-]+(?:\s[\w-]+){0,4}\s(?:is|are|was|has|have|can|must|may|costs?|"
    r"lasts?|takes?|pays?)\b)|"
    r",\s(?:and|or|nor)\s(?=[^,]*\b(?:is|are|was|be|can|cannot|must|may|will|has|have|does?|not|costs?|"
    r"takes?|gets?)\b|"
    r"[^,]*n['’]t\b))\s*",
    re.I,
)
# Where a piece of a claim with a value of its own may end; the comma of "18,690" ends none.
_PIECE = re.compile(
    r"\s*(?:,(?!\d{3})(?![^()]*\))|\b(?:and|or|but|while|whereas|plus|respectively|compared|versus)\b)\s*",
    re.I,
)
# Pairs that deny nothing though they hold a word that denies.
_NO_DENIAL = re.compile(
    r"\b(?:no|not|n['’]t)(?: \w+)? (?:later|more|less|fewer|longer|earlier|sooner|lower|below|under|"
    r"larger|older|"
    r"bigger|higher|exceed|over|above)(?:ing)?(?: than)?\b|\bnot only\b|\bwhether or not\b|\bno\. ?\d|"
    r"\bor not\b|"
    r"\bif not\b|\bno doubt\b",
    re.I,
)
_NON = re.compile(
    r"\bnon-(?!(?:eu|eea|european|dutch|german|native|english|resident|u\.?k|academic)\b)", re.I
)
_CONTRACTED = re.compile(r"\b(?:(ca|wo|sha)|(\w+?))n['’]t\b", re.I)
_IN_FULL = {"ca": "can", "wo": "will", "sha": "shall"}
_ORDINALS = {
    word: str(value)
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1
    )
}
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
}
_NO_NAME = re.compile(rf"(?:non-?)?(?:eu|eea|european)(?:[/-](?:eu|eea))?|{CURRENCY}|p\.?m|a\.?m", re.I)
_ENDING = re.compile(r"['’](?:re|ll|ve|d|m|s)$")
_MONEY = re.compile(CURRENCY, re.I)
# Words that a denial reaches.
_REACH = 3


class Mark(StrEnum):
    """What a small word does to a claim; two claims are the same only where these agree (see ``support``)."""

    MUST = "must"
    MAY = "may"
    SHOULD = "should"
    ALL = "all"
    ONLY = "only"
    SOME = "some"
    USUALLY = "usually"
    ABOUT = "about"
    LEAST = "least"
    MOST = "most"
    OVER = "over"
    UNDER = "under"
    BEFORE = "before"
    AFTER = "after"
    IF = "if"
    EXCEPT = "except"


_AT_LEAST = r"(?:higher|more|above|better|longer|over|older)"
_AT_MOST = r"(?:less|fewer|lower|below|under|younger)"
_MARKS: Mapping[Mark, re.Pattern[str]] = {
    mark: re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.I)
    for mark, pattern in {
        Mark.MUST: r"must|required?|requires|requirements?|mandatory|compulsory|obligatory|obliged|"
        r"(?:have|has|need|needs) to|needs?|needed|necessary|shall|essential|prerequisites?|conditions?",
        Mark.MAY: r"may(?! \d)|might|could|optional(?:ly)?|voluntar(?:y|ily)|possibly|perhaps|potentially",
        Mark.SHOULD: r"should|recommend(?:ed|s|ations?)?|advis(?:ed|able)|encouraged?|preferabl[ey]|"
        r"preferred|"
        r"ideally|suggest(?:ed)?",
        Mark.ALL: r"all|every(?:one|body|where)|(?:every|each)(?! (?:year|month|week|semester|term|day|"
        r"spring|summer|"
        r"autumn|winter))|any(?! (?:more|later|\w+er\b))(?:one|body|time|where)?|always|whole|entire|"
        r"regardless|whatever|guaranteed?|automatic(?:ally)?|definitely|immediately|never",
        Mark.ONLY: r"only|solely|exclusive(?:ly)?|just|sole|limited to|restricted(?: to)?|"
        r"nothing but|no other",
        Mark.SOME: r"some|certain|selected|several|most|(?<!as )many|few|a number of|partly|"
        r"partial(?:ly)?|a part of",
        Mark.USUALLY: r"usual(?:ly)?|normal(?:ly)?|generally|typical(?:ly)?|often|sometimes|as a rule|"
        r"in general|mostly|"
        r"in principle|in most cases|tends?|occasionally|rarely|most of the time|on average",
        Mark.ABOUT: r"about(?= \W?\d)|approximately|around(?= \W?\d)|roughly|circa|ca\.?|almost|nearly|"
        r"estimated?|"
        r"some(?= \W?\d)|indicative(?:ly)?",
        Mark.LEAST: rf"at least|minimum|minimal(?:ly)?|or {_AT_LEAST}|and (?:higher|above|up)|lowest|between|"
        rf"(?:no|not)(?: \w+)? {_AT_MOST}(?: than)?|min\.?|upwards",
        Mark.MOST: rf"at most|maximum|maximal(?:ly)?|max\.?|up to|or {_AT_MOST}|not exceed(?:ing)?|"
        rf"upper limit|"
        rf"as many as|as much as|between|"
        rf"(?:no|not)(?: \w+)? (?:{_AT_LEAST[3:-1]}|larger|bigger)(?: than)?|(?:isn|"
        rf"aren)['’]t {_AT_LEAST} than|capped",
        Mark.OVER: r"(?<!no )(?<!not )(?:more than|over(?= \W?\d)|above(?= \W?\d)|exceeds?|exceeding|"
        r"longer than|"
        r"higher than|greater than|older than|larger than)",
        Mark.UNDER: r"(?<!no )(?<!not )(?:less than|fewer than|under(?= \W?\d)|below(?= \W?\d)|"
        r"shorter than|smaller than|"
        r"lower than|younger than)",
        Mark.BEFORE: r"before|by(?= (?:\d|the end|the deadline|[A-Z]\w+ \d))|until|till|no(?:t)? later than|"
        r"at the latest|latest|deadlines?|closing|closes?|due|prior to|last (?:day|date)|ahead of",
        Mark.AFTER: r"after|since|as of|onwards?|begins?|starts?|opens?|starting|from",
        Mark.IF: r"if|provided|in case|when|whenever|where|subject to|depend(?:s|ing|ent)?|on condition|"
        r"as long as|"
        r"once|assuming|should you|in the event|with|who|whose|those|after|must|need(?:s|ed)?|require[sd]?|"
        r"only|unless|without|before|for",
        Mark.EXCEPT: r"unless|except(?:ion|ions|ing)?|apart from|other than|exclud(?:es?|ed|ing)|"
        r"not including|"
        r"but not|not for",
    }.items()
}


_FORCE = frozenset({Mark.MUST, Mark.MAY, Mark.SHOULD})
_WORD = re.compile(r"\w")
_SUBJECT = re.compile(r"(?:you|it|they|there|we|this|the|an?|no|its|their|your)\b", re.I)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a claim that may have a value of its own.

    ``words`` are the stems that say something, in order, ``numbers`` in the form of ``numbers_in``.
    """

    text: str
    words: tuple[str, ...]
    numbers: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """One clause, its ``pieces`` and what holds for all of it.

    ``denies`` says whether it holds an odd number of denials, ``denied`` are the words that each reaches.
    """

    text: str
    words: tuple[str, ...]
    numbers: frozenset[str]
    denies: bool
    denied: tuple[frozenset[str], ...]
    marks: frozenset[Mark]
    pieces: tuple[Piece, ...]


def claims_of(text: str) -> tuple[Claim, ...]:
    """The claims of a text, in order; a text without a word has none."""
    found: list[Claim] = []
    for start, end in sentence_spans(text):
        force: frozenset[Mark] = frozenset()
        for clause in filter(_WORD.search, _CLAUSE.split(text[start:end])):
            claim = _claim(clause.strip())
            if not claim.marks & _FORCE and not _SUBJECT.match(claim.text):
                claim = replace(claim, marks=claim.marks | force)  # "you must register and pay"
            force = claim.marks & _FORCE
            found.append(claim)
    return tuple(found)


@lru_cache(maxsize=4_096)
def _claim(text: str) -> Claim:
    denials = _denials(text)
    return Claim(
        text=text,
        words=tuple(said(text)),
        numbers=figures_in(text),
        denies=len(denials) % 2 == 1,
        denied=tuple(frozenset(said(rest)[:_REACH]) for rest in denials),
        marks=marks_in(text),
        pieces=tuple(
            Piece(piece, tuple(said(piece)), figures_in(piece), _names(piece, opens=text.startswith(piece)))
            for piece in _PIECE.split(text)
            if re.search(r"\w", piece)
        ),
    )


def figures_in(text: str) -> frozenset[str]:
    """The numbers of ``text``, ordinals among them: "the sixth semester" is semester 6."""
    ordinals = {_ORDINALS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _ORDINALS}
    return numbers_in(text) | ordinals


def _names(piece: str, *, opens: bool) -> frozenset[str]:
    """The names in a piece; groups of people and currencies are compared as such, not as names."""
    found = names_in(piece if opens else f"x {piece}")
    return frozenset(name for name in found if not _NO_NAME.fullmatch(name))


def marks_in(text: str) -> frozenset[Mark]:
    """The marks of a text."""
    return frozenset(mark for mark, pattern in _MARKS.items() if pattern.search(text))


def is_denied(text: str) -> bool:
    """Whether a text holds a denial at all."""
    return bool(_denials(text))


def _denials(text: str) -> list[str]:
    """For each denial in a clause, what follows it."""
    known = _table().negative
    plain = _in_full(_NO_DENIAL.sub(" ", text))
    return [
        f"{known[match.group().casefold()]} {plain[match.end() :]}"
        for match in re.finditer(r"[^\W\d_]+", plain)
        if match.group().casefold() in known
    ]


def _in_full(text: str) -> str:
    """ "can't" as "can not", "non-refundable" as "not refundable"."""
    text = _CONTRACTED.sub(
        lambda found: f"{_IN_FULL.get((found[1] or '').lower(), found[2] or '')} not", text
    )
    return _NON.sub("not ", text.replace("cannot", "can not"))


def said(text: str) -> list[str]:
    """The stems of the words of ``text`` that say something, in order; "unpaid" and "not paid" are "paid".

    Ordinals and number words are figures.
    """
    table = _table()
    found: list[str] = []
    for token in words(_in_full(text)):
        word = _ENDING.sub("", token.casefold())
        if len(token) == 1 and token.isupper() and token not in {"A", "I"}:
            found.append(token)
            continue
        instead = table.negative.get(word)
        root = root_of(instead if instead is not None else word)
        figure = _ORDINALS.get(word) or _NUMBER_WORDS.get(word)
        if _MONEY.fullmatch(token):
            continue  # compared with its number
        if figure:
            found.append(figure)
        elif root and root not in table.light and (instead is None or instead):
            found.append(root)
    return found


def root_of(word: str) -> str:
    """The stem of a word, of irregular forms that of the plain one: "paid" is "pay"."""
    return _table().irregular.get(stem(word)) or stem(word)


def roots_of(text: str) -> list[str]:
    """The stems of all words of ``text``, in order, as ``root_of`` gives them."""
    return [root_of(_ENDING.sub("", word.casefold())) for word in words(text)]


@lru_cache(maxsize=4_096)
def measures_in(text: str) -> frozenset[str]:
    """The numbers of ``text`` with what they count: sums of money, periods, days of a month."""
    found: set[str] = set()
    for amount in amounts_in(text):
        found |= {f"{number.normalize():f} {amount.currency}" for number in amount.numbers}
        # "Fee per year: 2,310 EUR" says the period in front of the sum.
        period = amount.period or next((period_of(each) for each in _PER.findall(text)), "")
        if period:
            found |= {f"{number.normalize():f} per {period}" for number in amount.numbers}
    for number, unit in _PERIOD.findall(text):
        found |= {f"{value} {period_of(unit)}" for value in numbers_in(number)}
    for match in _DAY.finditer(text):
        day, month = match["before"] or match["after"], match["month"] or match["first"]
        found.add(f"{day} {month[:3].lower()}")
    return frozenset(found)


_PER = re.compile(rf"\b(?:per|each|every)\s({forms(of_time=False)})\b", re.I)
_PERIOD = re.compile(
    r"(\b\d{1,4}(?:[.,]\d{1,2})?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))[\s-]"
    rf"(?:full |academic |calendar |consecutive |whole )?({forms(of_time=False)})\b",
    re.I,
)
_DAY = re.compile(
    rf"\b(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\.?\s(?:of\s)?(?P<month>{MONTHS})\b|"
    rf"\b(?P<first>{MONTHS})\.?\s(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Table:
    """``paraphrases.toml``: the groups that a stem is of, phrases by their first stem, and what denies."""

    groups: Mapping[str, frozenset[int]]
    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], int]]]
    negative: Mapping[str, str]
    irregular: Mapping[str, str]
    light: frozenset[str]


def meanings(roots: Sequence[str]) -> frozenset[int]:
    """The groups of ``paraphrases.toml`` that stems in a row speak of."""
    found: set[int] = set()
    for position, root in enumerate(roots):
        found |= meanings_of_word(root)
        found |= {group for group, _ in phrases_at(roots, position)}
    return frozenset(found)


def phrases_at(roots: Sequence[str], position: int) -> list[tuple[int, int]]:
    """The groups of the phrases that begin at ``position``, with their lengths."""
    return [
        (group, len(phrase))
        for phrase, group in _table().phrases.get(roots[position], ())
        if tuple(roots[position : position + len(phrase)]) == phrase
    ]


def meanings_of_word(root: str) -> frozenset[int]:
    """The groups of one stem."""
    return _table().groups.get(root, frozenset())


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = tomllib.loads(files("assistant").joinpath("paraphrases.toml").read_text(encoding="utf-8"))
    irregular = {
        stem(form.strip()): stem(plain)
        for plain, _, forms_of in (line.partition(":") for line in data["irregular"].strip().splitlines())
        for form in forms_of.split(",")
    }
    groups: dict[str, set[int]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for number, line in enumerate(data["same"].strip().splitlines()):
        for entry in line.split(","):
            roots = tuple(irregular.get(root, root) for root in stems(entry))
            if len(roots) == 1:
                groups.setdefault(roots[0], set()).add(number)
            elif roots:
                phrases.setdefault(roots[0], []).append((roots, number))
    negative: dict[str, str] = {}
    for line in data["negative"].strip().splitlines():
        word, colon, instead = line.partition(":")
        negative |= (
            {word.strip(): instead.strip()} if colon else dict.fromkeys(map(str.strip, line.split(",")), "")
        )
    return _Table(
        groups={root: frozenset(numbers) for root, numbers in groups.items()},
        phrases=phrases,
        negative=negative,
        irregular=irregular,
        light=frozenset(irregular.get(stem(word), stem(word)) for word in data["light"].split()),
    )
