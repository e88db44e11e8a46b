"""How common a word is in English at large: a rare word in a question matters more than a common one."""

from __future__ import annotations

import math
from functools import lru_cache

from spellchecker import SpellChecker


@lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    # Its constructor reads 160,000 words in a third of a second, so it waits until a word is looked up.
    return SpellChecker(language="en", distance=1)


@lru_cache(maxsize=20_000)
def commonness(word: str) -> float:
    """The Zipf value of a word: log10 of its uses in a billion words; 0 for words the dictionary lacks.

    "the" has 7, "enough" 5.6, "library" 4.1, "cardiology" 2.2 (pyspellchecker's counts from subtitles).
    """
    share: float = _dictionary().word_usage_frequency(word.lower())
    return math.log10(share * 1e9 + 1)


@lru_cache(maxsize=20_000)
def is_english(word: str) -> bool:
    """Whether the dictionary knows the word."""
    return bool(_dictionary().known([word.lower()]))


@lru_cache(maxsize=2_000)
def likely_words(word: str) -> frozenset[str]:
    """The dictionary's words one slip away from ``word``; empty for very long words."""
    if len(word) > 20:
        return frozenset()
    return frozenset(_dictionary().candidates(word.lower()) or ())
