"""Words as the lexical index and the evidence see them: lower case, stemmed, without punctuation."""

from __future__ import annotations

import re
from functools import lru_cache

import Stemmer

_STEMMER = Stemmer.Stemmer("english")
# "UMC's" is "umc", "pre-master" is two words, "e-mail" is one, "C1" and "6.5" stay whole.
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W\d_]+)?")
_JOINED = re.compile(r"\be-(?=mail|learning)", re.I)


# Words that the stemmer throws together with others of quite another sense ("application", "internal",
# "residence"), and one that British and American pages spell apart.
_OWN_STEMS = {
    "applicant": "applicant",
    "applicants": "applicant",
    "international": "international",
    "internationals": "international",
    "resident": "resident",
    "residents": "resident",
    "programme": "program",
    "programmes": "program",
}


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball (Porter2) stem of one word, lower case, possessive removed."""
    word = re.sub(r"['’]s?$", "", word.casefold().replace("’", "'"))
    stemmed: str = _OWN_STEMS.get(word) or _STEMMER.stemWord(word)
    return stemmed


def indexed_stem(word_stem: str) -> str:
    """The stem under which the lexical index, which has Snowball's alone, holds the words of a stem."""
    return str(_STEMMER.stemWord(word_stem)) if word_stem in _OWN_STEMS else word_stem


def words(text: str) -> list[str]:
    """The words of ``text`` as they stand, in order."""
    return _WORD.findall(_JOINED.sub("e", text))


def stems(text: str) -> list[str]:
    """The stems of the words of ``text``, in order."""
    return [stem(word) for word in words(text)]
