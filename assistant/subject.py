"""The pages that a question names: by their titles, in part, abbreviated, and by level of degree."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from ingest.documents import BlockKind, Document
from ingest.words import stem, words

from .lexicon import lexicon
from .terms import STOP_STEMS
from .vocabulary import commonness

# Least share of a name's weight that a question must say; from SOME on, two words or a rare one will do.
MOST, SOME = 0.75, 0.5
# Zipf value (see vocabulary) below which a single word of a longer name is enough to mean it.
_RARE_WORD = 4.0
# Zipf value of words that are as good as names of their own ("MINTgruen", "scenography").
_COINED = 2.0
# Headings that two pages share from which on they are of one kind.
_ALIKE = 2
# From so many documents on, what a quarter of the titles say names no single page; of fewer, what half say.
_MANY = 8
_PARTS = re.compile(r"\s+[|·–—-]\s+|\s*[|:;,]\s+|[()]")
_PLACE = re.compile(r"\s+at\s+[A-Z][^|,;:()]*")
_INSTITUTION = re.compile(
    r"\b(?:universit\w*|hochschule|institute|college|academy|hospital|polytechnic)\b", re.I
)
_LEVEL_PART = re.compile(r"(?:bachelor|master)s?(?:['’]s)? of\b|[a-z]{1,2}\.(?:\s?[a-z]{1,4}\.)?$", re.I)
_LEVELS: Mapping[str, re.Pattern[str]] = {
    "bachelor": re.compile(
        r"\b(?:bachelors?(?:['’]s)?|b\.?\s?sc|b\.?\s?a|b\.?\s?eng|undergrad(?:uate)?|ba|bsc)\b\.?", re.I
    ),
    "master": re.compile(
        r"\b(?:masters?(?:['’]s)?|m\.?\s?sc|m\.?\s?a|m\.?\s?eng|m\.?\s?ba|mps|msc|ma|mba|llm|mphil)\b\.?",
        re.I,
    ),
    "doctorate": re.compile(r"\b(?:ph\.?\s?d|doctora(?:te|l)|dphil)\b\.?", re.I),
    "certificate": re.compile(r"\bcertificates?\b", re.I),
}  # fmt: skip
_LEVEL_STEMS = frozenset(
    map(stem, "bachelor master msc bsc ba ma mba mps phd doctorate degree programme b m sc a eng".split())
)
# After one of these a level is no longer the name's: "Data Science with a bachelor".
_TURNS = frozenset("with after as if and my from without but when than or because though while".split())
# Words of the question that may stand between a name and its level ("the Computer Science M.Sc.").
_NEAR = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """The documents that a question names and the words it names them by, as typed, lower case.

    No documents: the question names none. ``is_missing``: it names one by its name, but another level of it
    than any page is about. ``is_whole``: it says a name whole, or nearly.
    """

    documents: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    is_missing: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class _Name:
    """One name of a document: its telling words, as written and as stems, and what each weighs."""

    document: str
    words: tuple[str, ...]
    roots: tuple[str, ...]
    weights: tuple[float, ...]
    levels: frozenset[str]


class SubjectFinder:
    """Knows the names of the documents of one index."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._levels = {document.id: _levels_of(document) for document in documents.values()}
        self._names = _names(documents, self._levels)
        self._headings = {document.id: _headings(document) for document in documents.values()}

    def are_siblings(self, one: str, other: str) -> bool:
        """Whether two documents are of one kind: both about a degree, or laid out under the same headings."""
        if one == other:
            return False
        if self._levels[one] and self._levels[other]:
            return True
        return len(self._headings[one] & self._headings[other]) >= _ALIKE

    def find(self, text: str) -> Subject:
        """Return the documents that ``text`` names best, and the words it does so with."""
        tokens = words(text)
        roots = [stem(token) for token in tokens]
        found: list[_Mention] = []
        for name in self._names:
            places = _places(name, tokens, roots)
            share = sum(name.weights[n] for n in places) / sum(name.weights)
            at = frozenset(place for held in places.values() for place in held)
            if _is_meant(name, share, places, tokens, at):
                found.append(_Mention(name, at, share))
        best = [one for one in found if not any(_says_more(other, one) for other in found)]
        if not best:
            return Subject()
        said = frozenset().union(*(mention.at for mention in best))
        asked = _levels_near(tokens, said)
        fitting = {mention.name.document for mention in best if not asked or mention.name.levels & asked}
        open_level = {mention.name.document for mention in best if not mention.name.levels}
        if not fitting | open_level:
            return Subject(is_missing=True)
        near = {
            place
            for place in range(len(tokens))
            if any(abs(place - at) <= _NEAR for at in said) and roots[place] in _LEVEL_STEMS
        }
        return Subject(
            frozenset(fitting | open_level),
            frozenset(tokens[place].casefold() for place in said | near),
            is_whole=any(mention.share >= MOST for mention in best),
        )


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name, the places of a question that say it, and how much of its weight they say."""

    name: _Name
    at: frozenset[int]
    share: float


def _says_more(one: _Mention, other: _Mention) -> bool:
    """Whether ``other`` is only a part or a chance likeness of what is said whole elsewhere."""
    if other.at < one.at or (other.at == one.at and other.share < one.share):
        return True
    return one.share >= MOST > other.share


def _levels_of(document: Document) -> frozenset[str]:
    return _levels(f"{document.title} {re.sub(r'[-_]', ' ', document.id)}")


def _names(documents: Mapping[str, Document], levels: Mapping[str, frozenset[str]]) -> tuple[_Name, ...]:
    parted = {
        document.id: [
            part
            for part in _PARTS.split(_PLACE.sub("", document.title))
            if part and part.strip() and not _INSTITUTION.search(part) and not _LEVEL_PART.match(part.strip())
        ]
        for document in documents.values()
    }
    carried = Counter(
        root for document in documents.values() for root in {stem(word) for word in words(document.title)}
    )
    most = len(documents) / (4 if len(documents) >= _MANY else 2)
    names: dict[tuple[str, tuple[str, ...]], _Name] = {}
    for identity, parts in parted.items():
        for part in parts:
            telling = {stem(word): word for word in words(part) if _tells(word)}
            if not telling or _is_a_topic(part) or all(len(word) < 3 for word in telling.values()):
                continue
            if len(documents) > 2 and all(carried[root] > most for root in telling):
                continue  # the institution, or what all pages are about
            weights = tuple(math.log(1 + len(documents) / carried[root]) for root in telling)
            names[identity, tuple(telling)] = _Name(
                identity, tuple(telling.values()), tuple(telling), weights, levels[identity]
            )
    return tuple(names.values())


def _headings(document: Document) -> frozenset[str]:
    return frozenset(
        document.text[block.start : block.end].casefold()
        for block in document.blocks
        if block.kind is BlockKind.HEADING
    )


def _tells(word: str) -> bool:
    root = stem(word)
    return root not in STOP_STEMS and root not in _LEVEL_STEMS and len(word) > 1 and not word[0].isdigit()


def _is_a_topic(part: str) -> bool:
    """Whether a part of a title names what pages of any subject have: "Tuition & Fees", "FAQs"."""
    known = lexicon()
    roots = [stem(word) for word in words(part) if _tells(word)]
    phrases, _ = known.read(roots)
    return all(
        root in known.generic or any(concept for concept in known.match([root], 0)[0]) or root in _TOPICS
        for root in roots
    ) or all(" " in phrase for phrase in phrases)


_TOPICS = frozenset(
    stem(word)
    for word in "faq faqs frequently asked questions home overview students visiting prospective".split()
)


def _places(name: _Name, tokens: Sequence[str], roots: Sequence[str]) -> dict[int, set[int]]:
    """For each word of a name that the question says: where. Initials stand for all words they begin."""
    held: dict[int, set[int]] = {}
    for n, (word, root) in enumerate(zip(name.words, name.roots, strict=True)):
        for place, token in enumerate(tokens):
            if roots[place] == root or _fold(token) == _fold(word) or _shortens(token, word):
                held.setdefault(n, set()).add(place)
    initials = "".join(word[0] for word in name.words).casefold()
    for place, token in enumerate(tokens):
        if _is_an_abbreviation(token) and len(initials) > 1 and initials.startswith(token.casefold()):
            for n in range(len(token)):
                held.setdefault(n, set()).add(place)
    return held


def _is_an_abbreviation(token: str) -> bool:
    if len(token) < 2 or not token.isalpha() or _levels(token) or lexicon().match([stem(token)], 0)[1]:
        return False
    return token.isupper() or commonness(token) < 3.0


def _shortens(token: str, word: str) -> bool:
    """Whether a word abbreviates another: "biotech", "mgmt"."""
    short, whole = token.casefold(), word.casefold()
    if len(short) < 3 or len(whole) < len(short) + 2 or not short.isalpha() or _levels(token):
        return False
    if whole.startswith(short):
        return len(short) >= 4 and commonness(short) < 4.5
    if short[0] != whole[0] or short[-1] != whole[-1] or set(short) & set("aeiou"):
        return False
    letters = iter(whole)
    return all(letter in letters for letter in short)


def _fold(word: str) -> str:
    plain = word.casefold().replace("ü", "ue").replace("ö", "oe").replace("ä", "ae").replace("ß", "ss")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


def _is_meant(
    name: _Name, share: float, places: Mapping[int, set[int]], tokens: Sequence[str], at: frozenset[int]
) -> bool:
    if share >= MOST:
        return True
    if not places or _goes_on(name, tokens, at):
        return False
    if any(commonness(name.words[n]) < _COINED for n in places):
        return True
    return share >= SOME and (len(places) > 1 or any(commonness(name.words[n]) < _RARE_WORD for n in places))


def _goes_on(name: _Name, tokens: Sequence[str], at: frozenset[int]) -> bool:
    """Whether a name said in part goes on in words of another: "Brewing and Beverage Technology"."""
    for first, last in _runs(at):
        after = [
            token
            for token in tokens[last + 1 : last + 3]
            if token.casefold() not in {"and", "of", "in", "for"}
        ]
        before = tokens[first - 1 : first] if first > 1 else []
        for token in [*after[:1], *before]:
            if token[0].isupper() and tokens[first][0].isupper() and _tells(token) and not _levels(token):
                return True
    return False


def _levels(text: str) -> frozenset[str]:
    return frozenset(level for level, pattern in _LEVELS.items() if pattern.search(text))


def _levels_near(tokens: Sequence[str], said: frozenset[int]) -> frozenset[str]:
    """The levels named right beside the name: "my bachelor" elsewhere is the asker's own."""
    near: list[str] = []
    for first, last in _runs(said):
        near.append(" ".join(tokens[max(0, first - _NEAR) : first]))
        after = takewhile(lambda token: token.casefold() not in _TURNS, tokens[last + 1 : last + 2 + _NEAR])
        near.append(" ".join(after))
    return _levels(" . ".join(near))


def _runs(places: frozenset[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for place in sorted(places):
        if runs and place - runs[-1][1] <= _NEAR:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
