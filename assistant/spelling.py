"""Typing errors in questions, mended by the words that pages, lexicon and dictionary know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from .vocabulary import commonness, is_english, likely_words

_WORD = re.compile(r"[^\W\d_]{4,}")
_TOKEN = re.compile(r"(?<![\w.'’@/-])[^\W\d_]+(?![\w'’@/-])")
# Zipf value from which a dictionary word may stand in for a misspelt one.
_EVERYDAY = 4.0
_ASKING = frozenset(
    "what when where which whose whom does have there their about would could should much many long".split()
)
# Zipf value from which a word that happens to stand with a capital everywhere is no name.
_NAME_MOST = 4.2
# Short words as people type them, which no distance tells from others.
_TYPED = {
    "mny": "many", "mch": "much",
    "wat": "what", "wht": "what", "wich": "which", "teh": "the", "hte": "the", "u": "you", "ur": "your",
    "r": "are", "pls": "please", "plz": "please", "enuf": "enough", "thx": "thanks", "abt": "about",
    "bcoz": "because", "cuz": "because", "n": "and", "hw": "how", "wen": "when", "wher": "where",
    "uni": "university", "unis": "universities", "min": "minimum", "max": "maximum",
    "approx": "approximately", "req": "requirement", "reqs": "requirements", "docs": "documents",
    "doc": "document", "dept": "department", "mgmt": "management", "maths": "mathematics",
    "math": "mathematics", "sem": "semester", "prog": "programme", "info": "information",
    "accom": "accommodation", "yr": "year", "yrs": "years", "mths": "months", "wks": "weeks",
    "wk": "week", "hrs": "hours", "hr": "hour", "grad": "graduate", "cert": "certificate",
    "whats": "what is", "whens": "when is", "wheres": "where is", "hows": "how is", "whos": "who is",
    "im": "I am", "ive": "I have", "dont": "do not", "cant": "cannot", "doesnt": "does not",
    "isnt": "is not", "wanna": "want to", "gonna": "going to", "gotta": "have to",
}  # fmt: skip
_CAPITAL_BEFORE = re.compile(r"\b[A-ZÄÖÜ][\w-]+ $")
_CAPITAL_AFTER = re.compile(r" [A-ZÄÖÜ]\w")


class Speller:
    """Mends words that neither English nor the pages know; reads the pages' words when first needed."""

    def __init__(self, texts: Callable[[], Iterable[str]], known: Iterable[str]) -> None:
        self._texts = texts
        self._own = frozenset(known) | _ASKING
        self._vocabulary = lru_cache(maxsize=1)(self._read)
        self._small = lru_cache(maxsize=1)(self._read_small)

    def mend(self, text: str, *, keep: Callable[[str], bool] = lambda word: False) -> str:
        """Return ``text`` with its misspelt words replaced; names, figures and short words are left alone.

        So are words to ``keep``.
        """
        text = _TOKEN.sub(
            lambda match: match.group() if _is_in_a_name(match) else _TYPED.get(match.group(), match.group()),
            text,
        )
        return _WORD.sub(
            lambda match: (
                match.group()
                if keep(match.group())
                else self._mended(match.group(), opens=match.start() == 0)
            ),
            text,
        )

    def knows(self, word: str) -> bool:
        """Whether the pages or the lexicon hold the word as it is written."""
        return word.casefold() in self._vocabulary()

    def is_name(self, word: str) -> bool:
        """Whether a word in small letters is a name: the pages never write it without its capital."""
        found = word.casefold()
        return (
            len(word) >= 4
            and found in self._vocabulary()
            and found not in self._small()
            and commonness(word) < _NAME_MOST
        )

    def _mended(self, word: str, *, opens: bool) -> str:
        if opens and word.istitle():
            return self._mended(word.lower(), opens=False).capitalize()
        if not word.islower() or is_english(word) or self.knows(word):
            return word
        # One slip in a short word, two in a long one (Damerau 1964: most errors are a single slip).
        slips = 1 if len(word) < 6 else 2
        near = _nearest(word, self._vocabulary(), slips)
        best = min(
            [
                (found, DamerauLevenshtein.distance(word, found))
                for found in likely_words(word)
                if commonness(found) >= _EVERYDAY
            ],
            key=lambda pair: (pair[1], -commonness(pair[0])),
            default=None,
        )
        if near is not None and (best is None or near[1] <= best[1]):
            return near[0]
        return best[0] if best is not None and best[1] <= slips else word

    def _read(self) -> frozenset[str]:
        found = {word for word in self._own if _WORD.fullmatch(word)}
        for text in self._texts():
            found.update(word.casefold() for word in _WORD.findall(text))
        return frozenset(found)

    def _read_small(self) -> frozenset[str]:
        """The words that the pages or the lexicon write in small letters somewhere."""
        found = set(self._own)
        for text in self._texts():
            found.update(word for word in _WORD.findall(text) if word.islower())
        return frozenset(found)


def _is_in_a_name(match: re.Match[str]) -> bool:
    """Whether a word stands between two with capitals: "Technik im Maschinenwesen" says nothing of me."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(_CAPITAL_BEFORE.search(before) and _CAPITAL_AFTER.match(after))


def nearest(word: str, known: Iterable[str], slips: int) -> str | None:
    """The word of ``known`` that is at most so many slips of the pen from ``word``; None if there is none."""
    found = _nearest(word, known, slips)
    return found[0] if found is not None else None


def _nearest(word: str, known: Iterable[str], slips: int) -> tuple[str, int] | None:
    """The nearest word and its distance; of several the rarest: "scince" is science rather than since."""
    near = process.extract_iter(word, known, scorer=DamerauLevenshtein.distance, score_cutoff=slips)
    return min(
        ((str(found), int(distance)) for found, distance, _ in near),
        key=lambda pair: (pair[1], commonness(pair[0]), pair[0]),
        default=None,
    )
