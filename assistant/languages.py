"""The language of a message, and what it says in English.

The words that a glossary or English knows tell the language; where they do not, a bundled detector does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from ingest.words import stem

from .conversation import Turn
from .glossary import LANGUAGES, glossary
from .lexicon import lexicon
from .terms import STOP_STEMS
from .vocabulary import commonness

ENGLISH = "en"
UNDERSTOOD = (ENGLISH, *LANGUAGES)
"""The languages that questions are understood in; ISO 639-1."""

# What else applicants write in. Dialects and small languages are left out: short questions pass for them.
_OTHERS = (
    "ar", "bg", "bn", "ca", "cs", "da", "el", "et", "fa", "fi", "he", "hi", "hr", "hu", "id", "it", "ja",
    "ko", "lt", "lv", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "ur", "vi",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_FRENCH_ELISION = re.compile(r"(?<![\w'’])(?:[cdjln]|qu)['’](?=\w)", re.I)
# Zipf value from which a word of the English dictionary is evidence for English.
_USUAL = 3.0
# Least probability that a message is in no language that is understood, and the fewest words: names and
# typing errors look like any language.
_SURE = 0.9
_FEWEST_WORDS = 3
_IN_BRACKETS = re.compile(r"\([^()]*\)")
# Share of the words that the glossary must know for the detector not to be asked.
_KNOWN = 0.75
# A function word tells the language as much as two other words.
_FUNCTION_WORD = 2.0
# Words of English that another language has as well, by chance or because it lent them; and "wat", as
# people type "what".
_LOANS = frozenset(
    "in is was me die a an on no as do so hat war man also over of dat will plus son sin or long all ten er "
    "via pro campus master bachelor student students test score visa "
    "diploma online e s t m d des".split()
)
_SLIPS = frozenset({"wat"})


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for a language and what for English, each by words that the other lacks."""

    language: str
    own: float
    english: float
    function_words: int
    known: float
    """Share of the words that the glossary of the language knows."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message in English, and the language to reply in.

    ``lost`` is the key of the wording that says why it was not understood, None where it was.
    """

    message: str
    language: str
    history: tuple[Turn, ...] = ()
    lost: str | None = None


def hear(message: str, wanted: str | None, history: Sequence[Turn]) -> Heard:
    """Return ``message`` and the questions of ``history`` in English.

    The reply is in the language ``wanted`` if there is wording for it, else in that of the message.
    """
    wanted = wanted if wanted in UNDERSTOOD else None
    expected = wanted or (history[-1].language if history else None)
    spoken = detect(message, expected)
    before = tuple(
        replace(turn, question=_in_english(turn.question, detect(turn.question, turn.language))[0])
        for turn in history
    )
    if spoken not in UNDERSTOOD:
        return Heard(message, wanted or ENGLISH, before, lost="language_unknown")
    english, is_whole = _in_english(message, spoken)
    return Heard(english, wanted or spoken, before, lost=None if is_whole else "not_found_name")


@lru_cache(maxsize=2_000)
def _in_english(message: str, language: str) -> tuple[str, bool]:
    """``message`` in English, and whether all of it can be looked up on pages in Latin letters."""
    if language not in LANGUAGES:
        return message, True
    translation = glossary(language).to_english(message)
    return translation.text or message, not any(_HAN.search(word) for word in translation.unknown)


@lru_cache(maxsize=2_000)
def detect(message: str, expected: str | None = None) -> str:
    """The language of ``message``, ISO 639-1: one of ``UNDERSTOOD``, or another that the detector is sure of.

    ``expected`` is the language of the conversation so far: a message whose words do not tell keeps it.
    """
    text = unicodedata.normalize("NFKC", message)
    outside = _IN_BRACKETS.sub(" ", text)
    if len(_WORD.findall(outside)) >= _FEWEST_WORDS:
        text = outside  # "Engineering (Informationstechnik)" is a name
    words = _WORD.findall(text)
    said = [word.casefold() for word in words]
    functions = sum(_is_english_function_word(word) for word in said)
    if _KANA.search(text) or _HANGUL.search(text):
        return "ja" if _KANA.search(text) else "ko"
    if _HAN.search(text):
        return ENGLISH if sum(word in STOP_STEMS for word in said) > 1 else "zh"
    found = [_evidence(language, text, said) for language in LANGUAGES if language != "zh"]
    best = max(found, key=lambda each: (each.own - each.english, each.language == expected))
    if best.own <= best.english or _is_name_in_english(words, best):
        if functions or sum(_is_english(word) for word in said) * 2 > len(said):
            # "CV?" and "master" are of every language: the conversation decides.
            undecided = any(each.language == expected and each.own >= each.english for each in found)
            return expected if undecided and expected and not functions else ENGLISH
        if best.own and best.function_words:
            return best.language
        return _guess(text, said, expected)
    if best.known < _KNOWN and not functions:
        guessed = _guess(text, said, expected)
        if guessed not in UNDERSTOOD:
            return guessed
    rivals = {each.language for each in found if each.own - each.english > (best.own - best.english) * 0.75}
    if len(rivals) > 1:
        return expected if expected in rivals else _most_likely(text, rivals)
    return best.language


def _evidence(language: str, text: str, said: list[str]) -> _Evidence:
    told = [_of_word(language, word) for word in said]
    own = sum(each.own for each in told)
    if language == "fr":
        own += _FUNCTION_WORD * len(_FRENCH_ELISION.findall(text))
    return _Evidence(
        language,
        own,
        sum(each.english for each in told),
        sum(each.function_words for each in told),
        sum(each.known for each in told) / max(len(said), 1),
    )


@lru_cache(maxsize=20_000)
def _of_word(language: str, word: str) -> _Evidence:
    """What one word says: most questions are made of the same few."""
    terms = glossary(language)
    known, is_function_word = terms.knows(word), terms.is_function_word(word)
    own = english = 0.0
    if is_function_word and word not in _LOANS | _SLIPS:
        own = _FUNCTION_WORD
    elif known and word not in _LOANS and not _is_english(word):
        own = 1.0
    if _is_english_function_word(word) and not is_function_word:
        english = _FUNCTION_WORD
    elif _is_english(word) and not known and word not in _LOANS:
        english = 1.0
    functions = int(is_function_word and word not in _LOANS | _SLIPS)
    return _Evidence(language, own, english, functions, float(known))


def _is_name_in_english(words: list[str], found: _Evidence) -> bool:
    """Whether only words with capitals speak for a language: "tuition Technische Universität" has a name."""
    small = [word for word in words if word.islower()]
    known = glossary(found.language).knows
    return (
        bool(small)
        and len(small) < len(words)
        and not found.function_words
        and all(_is_english(word) and not known(word) for word in small)
    )


@lru_cache(maxsize=20_000)
def _is_english_function_word(word: str) -> bool:
    return word in STOP_STEMS and word not in _LOANS and len(word) > 1


@lru_cache(maxsize=20_000)
def _is_english(word: str) -> bool:
    if not word.isascii() or len(word) == 1 or stem(word) in _names():
        return False
    return commonness(word) >= _USUAL or word in lexicon().words


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """The stems of names such as "toefl", which every language has."""
    named = (concept for concept in lexicon().concepts if concept.is_name)
    return frozenset(root for concept in named for phrase in concept.ask for root in phrase)


def _guess(text: str, said: list[str], expected: str | None) -> str:
    """What the detector says, where no word told: it has to be sure of a language that is not understood."""
    if not said:
        return expected or ENGLISH
    ranked = _detector().rank(text.lower())
    others = [(str(language), share) for language, share in ranked if language not in UNDERSTOOD]
    own_script = not any(char.isascii() and char.isalpha() for char in text)
    if own_script or (len(said) >= _FEWEST_WORDS and sum(share for _, share in others) >= _SURE):
        return others[0][0]
    return expected or ENGLISH


def _most_likely(text: str, languages: set[str]) -> str:
    return next(str(language) for language, _ in _detector().rank(text.lower()) if language in languages)


@lru_cache(maxsize=1)
def _detector() -> LanguageIdentifier:
    """The bundled detector; its model takes 0.7 s and 100 MB, so it waits until the words do not tell."""
    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found.set_languages([*UNDERSTOOD, *_OTHERS])
    return found
