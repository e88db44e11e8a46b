"""Questions in other languages into English ones, by the phrase tables in ``glossary/``.

It translates what applicants ask, phrase by phrase, and nothing else. A word that it does not know stays and
takes a capital, so that it counts as a name: a name that no page knows is never answered from another thing.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

import Stemmer

from .countries import country_names, nationality_of
from .lexicon import lexicon
from .spelling import nearest
from .vocabulary import is_english

LANGUAGES = ("nl", "de", "es", "fr", "zh")
"""The languages that there is a glossary for, beside English; ISO 639-1."""

# Letters from which a word may be a slip of one that the glossary knows.
_LONG_WORD = 7
# Letters of the shortest word that tells the language by its stem alone.
_SHORTEST_STEMMED = 7
# Letters of the shortest part of a compound.
_SHORTEST_PART = 3
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_WORD = re.compile(r"[^\W_]")
_SENTENCE = re.compile(r"[^.?!\n]+(?:\.(?=\S)[^.?!\n]*)*[.?!]*\n?")
# Marks inside of a phrase; any other ends one.
_INSIDE = frozenset("-–'’‘·/")
_CLAUSE_ENDS = frozenset(",;:()")
_AUXILIARY = re.compile(
    r"(?:is|are|was|were|can|could|may|must|should|do|does|did|has|have|will|would|am)\b", re.I
)
# What the glossaries put for every way to say that one would like to know.
_WANTS_TO_KNOW = "I would like to know"
# Words that a question word may follow and stay where it is: "and when", "for how long".
_BEFORE_QUESTION = frozenset(
    "and but or so then also for in on at with to from of until by please the is know sorry ok thanks".split()
)


class _Role(StrEnum):
    FRONT = "front"
    """A question word: it belongs in front of its clause."""
    YES_NO = "yes_no"
    """It makes its clause a question for yes or no."""
    VERB = "verbs"
    """A clause that opens with it is a question for yes or no."""
    WORD = "words"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Entry:
    english: str
    role: _Role


@dataclass(frozen=True, slots=True)
class _Token:
    """``before`` is what stands between it and the token before: blanks and marks."""

    text: str
    before: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A phrase of the output; ``is_kept`` if it stands as it was asked."""

    text: str
    role: _Role
    before: str = ""
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Translation:
    """An English question, and the words that the glossary did not know, as they were asked."""

    text: str
    unknown: tuple[str, ...] = ()


_Table = Mapping[tuple[str, ...], _Entry]


@dataclass(frozen=True, slots=True)
class Glossary:
    """The phrases of one language.

    ``exact``, ``plain`` and ``stemmed`` hold them by their words as written, without accents, and by stem.
    """

    language: str
    exact: _Table
    plain: _Table
    stemmed: _Table
    longest: int
    words: frozenset[str]
    """Every word of every phrase that English writes otherwise, lower case, with its accents and without."""
    function_words: frozenset[str]
    """Those of the words that carry no meaning of the domain: articles, prepositions, question words."""
    joints: tuple[str, ...]
    endings: tuple[tuple[str, str], ...]
    inversion: re.Pattern[str] | None
    stem: Callable[[str], str]

    def to_english(self, text: str) -> Translation:
        """Return ``text``, a message in this language, as English phrases in the order of the message."""
        text = unicodedata.normalize("NFKC", text).translate(_MARKS)
        said: list[str] = []
        unknown: list[str] = []
        for sentence in _SENTENCE.findall(text):
            if not _WORD.search(sentence):
                continue
            mark = re.search(r"[.?!]*$", sentence.strip())
            # "fournit-il" asks; the pronoun after the hyphen is no word of its own.
            inverted = self.inversion is not None and self.inversion.search(sentence) is not None
            pieces = list(self._pieces(sentence))
            unknown += [piece.text for piece in pieces if piece.role is _Role.UNKNOWN]
            said.append(_sentence(pieces, inverted=inverted) + (mark[0] if mark else ""))
        return Translation(" ".join(part for part in said if part.strip(" .?!")), tuple(unknown))

    def knows(self, word: str) -> bool:
        """Whether the glossary has a word, in this or another of its forms."""
        plain = _plain(word)
        if word.casefold() in self.words or plain in self.words:
            return True
        # By their stems, short words and slips of English pass for words of other languages.
        found = self._word(plain) if len(plain) >= _SHORTEST_STEMMED else None
        return found is not None and found.english.casefold() != plain

    def is_function_word(self, word: str) -> bool:
        """Whether a word is one of the articles, prepositions and question words of the language."""
        return word.casefold() in self.function_words or _plain(word) in self.function_words

    def _pieces(self, sentence: str) -> Iterator[_Piece]:
        if self.inversion is not None:
            sentence = self.inversion.sub(r" \g<pronoun>", sentence)
        tokens = _han_apart(sentence) if self.language == "zh" else _tokens(sentence)
        shouted = sum(token.text.isupper() for token in tokens) > max(2, len(tokens) * 0.6)
        position = 0
        while position < len(tokens):
            found, size = self._longest(tokens, position)
            before = tokens[position].before
            if found is not None:
                yield _Piece(found.english, found.role, before)
                position += size
                continue
            if self.language == "zh" and _is_han(tokens[position].text):
                end = position + 1
                while (
                    end < len(tokens)
                    and _is_han(tokens[end].text)
                    and not tokens[end].before
                    and self._longest(tokens, end)[0] is None
                ):
                    end += 1
                run = "".join(token.text for token in tokens[position:end])
                yield _Piece(run, _Role.UNKNOWN, before)
                position = end
                continue
            yield self._alone(tokens[position], shouted=shouted)
            position += 1

    def _longest(self, tokens: Sequence[_Token], start: int) -> tuple[_Entry | None, int]:
        most = 1
        while most < self.longest and start + most < len(tokens):
            if not set(tokens[start + most].before.strip()) <= _INSIDE:
                break
            most += 1
        for size in range(most, 0, -1):
            words = [token.text.casefold() for token in tokens[start : start + size]]
            plain = tuple(_plain(word) for word in words)
            for key, table in ((tuple(words), self.exact), (plain, self.plain)):
                if key in table:
                    return table[key], size
            key = tuple(self.stem(word) for word in plain)
            if key in self.stemmed:
                return self.stemmed[key], size
        return None, 0

    def _alone(self, token: _Token, *, shouted: bool) -> _Piece:
        word = token.text
        kept = _Piece(word, _Role.WORD, token.before, is_kept=True)
        if not word[0].isalpha() or (word.isupper() and not shouted and len(word) > 1):
            return kept
        parts = self._parts(_plain(word)) if self.joints else None
        if parts:
            return _Piece(" ".join(entry.english for entry in parts), _Role.WORD, token.before)
        if word.casefold() in lexicon().words:
            return kept
        kindred = self._kindred(word)
        if kindred is not None:
            return _Piece(kindred, _Role.WORD, token.before)
        if len(word) >= _LONG_WORD and not is_english(word):
            meant = nearest(_plain(word), self.words, 1 if len(word) < 10 else 2)
            if meant is not None and (entry := self._word(meant)) is not None:
                return _Piece(entry.english, entry.role, token.before)
        if word[0].isupper() and not shouted:
            return _Piece(word, _Role.UNKNOWN, token.before, is_kept=True)
        return _Piece(word.capitalize() if len(word) > 1 else word, _Role.UNKNOWN, token.before, is_kept=True)

    def _word(self, plain: str) -> _Entry | None:
        return self.plain.get((plain,)) or self.stemmed.get((self.stem(plain),))

    def _parts(self, word: str) -> list[_Entry] | None:
        """The parts of a compound that the glossary knows, the fewest there are; None if any is unknown."""
        best: list[_Entry] | None = None
        for cut in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            first = self._part(word[:cut])
            if first is None:
                continue
            last = self._word(word[cut:])
            rest = [last] if last is not None and _has_sense(last) else self._parts(word[cut:])
            if rest is not None and (best is None or len(rest) + 1 < len(best)):
                best = [first, *rest]
        return best

    def _part(self, text: str) -> _Entry | None:
        for joint in ("", *self.joints):
            if text.endswith(joint) and len(text) - len(joint) >= _SHORTEST_PART:
                found = self._word(text[: len(text) - len(joint)])
                if found is not None and _has_sense(found):
                    return found
        return None

    def _kindred(self, word: str) -> str | None:
        """The English word that one with a kindred ending is: "cardiologie" is "cardiology"."""
        plain = _plain(word)
        for ending, english in self.endings:
            if plain.endswith(ending) and len(plain) > len(ending) + 2:
                found = plain[: -len(ending)] + english
                if is_english(found):
                    return found
        return None


_MARKS = str.maketrans(
    {"¿": " ", "¡": " ", "。": ". ", "、": ", ", "？": "? ", "！": "! ", "，": ", ", "；": "; ", "：": ": "}
    | dict.fromkeys('“”„«»"「」《》', " ")
)


@lru_cache(maxsize=len(LANGUAGES))
def glossary(language: str) -> Glossary:
    """The packaged glossary of one of ``LANGUAGES``, read once.

    Raises:
        ValueError: there is none for the language, or it holds a phrase twice with different meanings.
    """
    if language not in LANGUAGES:
        raise ValueError(f"there is no glossary for '{language}'; there is one for {', '.join(LANGUAGES)}")
    text = files("assistant").joinpath("glossary", f"{language}.toml").read_text(encoding="utf-8")
    return parse_glossary(language, text)


def parse_glossary(language: str, text: str) -> Glossary:
    """Read a glossary from TOML; see the head of ``glossary/nl.toml`` for its form.

    Raises:
        ValueError: a phrase stands twice with different meanings, or has no word.
    """
    data = tomllib.loads(text)
    stem = _stemmer(data.get("stemmer", ""))
    inversion = re.compile(data["inversion"], re.I) if "inversion" in data else None
    phrases: dict[str, _Entry] = {}
    for phrase, entry in _phrases(language, data):
        if phrases.setdefault(phrase, entry) != entry:
            raise ValueError(
                f"glossary '{language}': '{phrase}' means '{phrases[phrase].english}' and '{entry.english}'"
            )
    for name, english in country_names(language):
        phrases.setdefault(name.casefold(), _Entry(english, _Role.WORD))
    exact: dict[tuple[str, ...], _Entry] = {}
    plain: dict[tuple[str, ...], _Entry] = {}
    stemmed: dict[tuple[str, ...], _Entry] = {}
    words: set[str] = set()
    function_words: set[str] = set(data.get("function_words", "").split())
    for phrase, entry in phrases.items():
        written = inversion.sub(r" \g<pronoun>", phrase) if inversion is not None else phrase
        tokens = _han_apart(written) if language == "zh" else _tokens(written)
        key = tuple(token.text.casefold() for token in tokens)
        if not key:
            raise ValueError(f"glossary '{language}': '{phrase}' has no word")
        bare = tuple(_plain(word) for word in key)
        exact.setdefault(key, entry)
        plain.setdefault(bare, entry)
        if entry.role is not _Role.DROPPED:
            stemmed.setdefault(tuple(stem(word) for word in bare), entry)
        if " ".join(bare) != entry.english.casefold():
            words |= {*key, *bare}
        if len(key) == 1 and entry.role in {_Role.DROPPED, _Role.FRONT}:
            function_words |= {*key, *bare}
    return Glossary(
        language=language,
        exact=exact,
        plain=plain,
        stemmed=stemmed,
        longest=max(len(key) for key in exact),
        words=frozenset(words),
        function_words=frozenset(function_words | {_plain(word) for word in function_words}),
        joints=tuple(data.get("joints", "").split()),
        endings=tuple(
            (_plain(ending), english)
            for english, endings in data.get("endings", {}).items()
            for ending in _listed(endings)
        ),
        inversion=inversion,
        stem=stem,
    )


def _phrases(language: str, data: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, _Entry]]:
    for role in (_Role.FRONT, _Role.YES_NO, _Role.VERB, _Role.WORD):
        for english, phrases in data.get(role, {}).items():
            for phrase in _listed(phrases):
                yield phrase, _Entry(english, role)
    for phrase in _listed(data.get(_Role.DROPPED, {}).get("words", "")):
        yield phrase, _Entry("", _Role.DROPPED)
    for english, phrases in data.get("places", {}).items():
        for phrase in _listed(phrases):
            yield phrase, _Entry(english, _Role.WORD)
    for code, phrases in data.get("nationalities", {}).items():
        for phrase in _listed(phrases):
            yield phrase, _Entry(nationality_of(code), _Role.WORD)


def _listed(phrases: str) -> list[str]:
    return [phrase.strip().casefold() for phrase in phrases.split(",") if phrase.strip()]


def _has_sense(entry: _Entry) -> bool:
    return entry.role is _Role.WORD and bool(entry.english)


def _tokens(text: str) -> list[_Token]:
    """The words and numbers of a text, each with the marks and blanks before it."""
    found: list[_Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        found.append(_Token(match[0], text[end : match.start()]))
        end = match.end()
    return found


def _han_apart(text: str) -> list[_Token]:
    """As ``_tokens``, with each Chinese character a token by itself."""
    found: list[_Token] = []
    for token in _tokens(text):
        runs = re.findall(r"[\u3400-\u9fff]|[^\u3400-\u9fff]+", token.text)
        found.append(_Token(runs[0], token.before))
        found.extend(_Token(run, "") for run in runs[1:])
    return found


def _is_han(text: str) -> bool:
    return "\u3400" <= text[0] <= "\u9fff"


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    """``word`` in small letters without accents; "ß" is "ss"."""
    apart = unicodedata.normalize("NFD", word.casefold().replace("œ", "oe"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def _stemmer(name: str) -> Callable[[str], str]:
    if not name:
        return str
    snowball = Stemmer.Stemmer(name)

    @lru_cache(maxsize=20_000)
    def stem(word: str) -> str:
        # "Gebuehren" is "Gebühren" on a keyboard without umlauts.
        if name == "german":
            word = re.sub(r"(?<=[^aeq])([aou])e", r"\1", word)
        return str(_plain(snowball.stemWord(word)))

    return stem


def _sentence(pieces: Sequence[_Piece], *, inverted: bool) -> str:
    """The pieces of one sentence as English: question words in front of their clauses."""
    if inverted and all(piece.role is not _Role.FRONT for piece in pieces):
        pieces = [*pieces, _Piece("", _Role.YES_NO)]
    clauses: list[list[_Piece]] = [[]]
    for place, piece in enumerate(pieces):
        after = pieces[place + 1] if place + 1 < len(pieces) else None
        asks_next = piece.text == "and" and after is not None and after.role is _Role.FRONT
        told = clauses[-1] and clauses[-1][-1].text == _WANTS_TO_KNOW
        if set(piece.before.strip()) & _CLAUSE_ENDS or told or (asks_next and clauses[-1]):
            clauses.append([])
        clauses[-1].append(piece)
    return re.sub(r"\s+", " ", "".join(_clause(clause) for clause in clauses)).strip()


def _clause(pieces: list[_Piece]) -> str:
    lead = "".join(mark for mark in pieces[0].before if mark in _CLAUSE_ENDS) if pieces else ""
    asks = any(piece.role is _Role.YES_NO for piece in pieces)
    said = [piece for piece in pieces if piece.text and piece.role is not _Role.YES_NO]
    fronts = [n for n, piece in enumerate(said) if piece.role is _Role.FRONT]
    if fronts:
        place = next((n for n in fronts if not _AUXILIARY.match(said[n].text)), fronts[0])
        before, after = said[:place], said[place + 1 :]
        if any(piece.text.casefold() not in _BEFORE_QUESTION for piece in before):
            # What the question word follows at the end is what it asks for: "tuition is how much".
            said = [said[place], *(after + before if after else before[-1:] + before[:-1])]
    elif said and (asks or said[0].role is _Role.VERB) and not _AUXILIARY.match(said[0].text):
        said = [_Piece("does", _Role.WORD), *said]
    text = ""
    for n, piece in enumerate(said):
        # What stands as it was asked keeps its marks: "PET-CT", "info@example.org".
        joined = n > 0 and piece.is_kept and said[n - 1].is_kept and " " not in piece.before
        text += f"{piece.before if joined else ' '}{piece.text}"
    return f"{lead}{text}"
