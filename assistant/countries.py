"""From a nationality or country in a text to the fee group it belongs to."""

from __future__ import annotations

import gettext
import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

import pycountry


class Audience(StrEnum):
    """The groups that European institutions set fees and deadlines for."""

    EU = "EU/EEA"
    NON_EU = "non-EU/EEA"


_NON_EU = re.compile(
    r"\b(?:non[\s-]?(?:eu|eea|european)(?:\s?/\s?eea)?|outside (?:of )?(?:the )?(?:european union|europe|"
    r"eu|eea)(?: ?(?:/|or|nor|and) ?(?:the )?(?:eea|eu)\b)?|"
    r"(?:not|\w+n['’]t|no|without)(?: (?:from|in|within|have|hold|own|an?|any|the|part of|(?:citizen|"
    r"national|resident|member)s? of)){0,4} "
    r"(?:eu|eea|europe(?:an)?)\b(?: ?(?:/|or|nor|and) ?(?:the )?(?:eu|eea)\b)?|"
    r"third[\s-]countr(?:y|ies)|overseas|(?:all )?other (?:countries|nationalit(?:y|ies)|nationals)|"
    r"non[\s-]?(?:resident|national)s?)\b",
    re.I,
)
_EU = re.compile(r"\b(?:eu|eea|eu\s?/\s?eea|european union|european economic area|europeans?)\b", re.I)
# "Do Europeans pay less than others?" asks for both groups.
_COMPARES = re.compile(
    r"\b(?:less|more|cheaper|lower|higher|dearer|better|worse|same|different(?:ly)?|differ)\b[^.?!]{0,30}?"
    r"\b(?:than|as|from)\b[^.?!]{0,12}?\b(?:others?|everyone|everybody|anyone|the rest|all)\b",
    re.I,
)
# "Norway, which is EEA but not EU": where fees go by EU/EEA, one of the two is enough.
_IN = r"(?:in |within |from |part of |a member of |member of )?(?:the )?"
_EEA_WITHOUT_EU = re.compile(
    r"\beea\b[^.?!]{0,20}?(?:,|\b(?:but|and|though|although|yet)\b) ?(?:(?:it )?is |it['’]s )?"
    rf"not {_IN}eu\b|"
    rf"\bnot {_IN}eu\b[^.?!]{{0,6}}?\bbut\b[^.?!]{{0,20}}?\beea\b",
    re.I,
)
_INTERNATIONAL = re.compile(r"\binternationals?\b(?! office)(?! research)", re.I)
_DOMESTIC = re.compile(r"\b(?:home|domestic)(?: students?| fees?)?\b", re.I)
# A person's origin, not any country that a text happens to name.
_ORIGIN = re.compile(
    r"\b(?:i am|i'm|im|we are|being|from|as an?|for an?|citizen of|national of|nationals of|"
    r"passport from|passport of|"
    r"(?:nationalit(?:y|ies)|citizenships?|passports)(?: are| is|:|,)|"
    r"(?:i |we )?(?:come|coming|hail) from|i(?:'m| am)? from|living in|students? from|applicants? from|"
    r"citizens? from|people from|hold(?:ing)?(?: an?)?|have(?: an?)?(?= (?!dual|double)\w+ (?:passport|"
    r"nationality|"
    r"citizenship))|someone from|my)\s+(?P<rest>[^.?!,;]{2,40})",
    re.I,
)
_CLAUSE = r"\b.*?(?=[.!?;,]|\b(?:but|and|while|although|though|yet)\b|$)"
# Where somebody lives decides no fee, and whose relative one is decides none either.
RESIDENCE = re.compile(
    r"\b(?:live|lives|living|based|staying|residing|resident|born|grew up|raised|working|moved) "
    r"(?:now |currently )?(?:in|to)" + _CLAUSE,
    re.I | re.S,
)
_RELATIVE = re.compile(
    r"\bmy (?:father|mother|dad|mum|mom|parent|girlfriend|boyfriend|wife|husband|spouse|partner|friend|"
    r"sister|"
    r"brother|son|daughter|child|cousin|uncle|aunt|grand\w+|professor|teacher)(?:s|'s)?" + _CLAUSE,
    re.I | re.S,
)
# "Does that count as EU?" asks for the group and names none.
_COUNTS_AS = re.compile(
    r"\b(?:count(?:s|ed)?|considered|treated|classed|regarded|seen|qualify|qualifies)"
    r"(?: as| like| for)?(?: an?| part of| in)?(?: the)? (?:non[\s-]?)?(?:eu|eea|european)\b(?: or not| "
    r"or non-eu)?",
    re.I,
)


def audience_of_question(text: str) -> Audience | None:
    """The group the asker belongs to or asks about; None where it names neither, or both."""
    text = _EEA_WITHOUT_EU.sub("EEA", _COUNTS_AS.sub(" ", text))
    outside = bool(_NON_EU.search(text))
    inside = bool(_EU.search(_NON_EU.sub(" ", text)))
    if inside and (outside or _INTERNATIONAL.search(text)):
        return None  # the question is about both
    if compares_groups(text):
        return None
    if outside or inside:
        return Audience.NON_EU if outside else Audience.EU
    origin = _origin(text)
    if origin is not None:
        return origin[0]
    return Audience.NON_EU if _INTERNATIONAL.search(text) else None


def compares_groups(text: str) -> bool:
    """Whether a question sets one group against all others: "less than others"."""
    return bool(_COMPARES.search(text))


def names_of_origin(text: str) -> frozenset[str]:
    """The words, lower case, that say where the asker is from: they tell for whom, not what is asked."""
    origin = _origin(text)
    return frozenset(origin[1].split()) if origin is not None else frozenset()


def is_nationality(word: str) -> bool:
    """Whether a word is a nationality, which is often a language too."""
    return word.casefold() in _adjectives() or word == "English"


def nationality_of(code: str) -> str:
    """What people of a country (ISO 3166-1 alpha-2) are called in English: "Austrian" for AT.

    Raises:
        ValueError: ``countries.toml`` has no adjective for the country.
    """
    found = next((word for word, other in _adjectives().items() if other == code), None)
    if found is None:
        raise ValueError(f"countries.toml has no adjective for '{code}'")
    return found.title()


def country_names(language: str) -> Iterator[tuple[str, str]]:
    """The countries by their names in another language (ISO 639-1), each with its name in English."""
    translated = gettext.translation(
        "iso3166-1", pycountry.LOCALES_DIR, languages=[{"zh": "zh_CN"}.get(language, language)], fallback=True
    )
    for country in pycountry.countries:
        english = getattr(country, "common_name", country.name)
        for key in ("name", "common_name"):
            name = translated.gettext(getattr(country, key, "") or country.name)
            if "," not in name and "(" not in name:
                yield name, english.partition(",")[0]


@lru_cache(maxsize=1_000)
def _origin(text: str) -> tuple[Audience, str] | None:
    own = _RELATIVE.sub(" ", text)
    return _origin_in(RESIDENCE.sub(" ", own)) or _origin_in(own)


def _origin_in(text: str) -> tuple[Audience, str] | None:
    for found in _ORIGIN.finditer(text):
        group = _group_in(found["rest"])
        if group is not None:
            return group
    return _group_in(text, adjectives_only=True)


@lru_cache(maxsize=20_000)
def audience_of_fact(text: str) -> Audience | None:
    """The group that a fact's own words name; "international" counts as outside the EU/EEA.

    None where they name no group, or both.
    """
    outside = bool(_NON_EU.search(text))
    inside = bool(_EU.search(_NON_EU.sub(" ", text)) or _DOMESTIC.search(text))
    if outside and inside:
        return None
    if outside or inside:
        return Audience.NON_EU if outside else Audience.EU
    return Audience.NON_EU if _INTERNATIONAL.search(text) else None


@lru_cache(maxsize=1)
def _nations() -> tuple[dict[str, str], frozenset[str]]:
    """Lower-case country names and nationality adjectives to ISO codes, and the codes of the EU and EEA."""
    data = tomllib.loads(files("assistant").joinpath("countries.toml").read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    for country in pycountry.countries:
        for key in ("name", "common_name", "official_name"):
            name = getattr(country, key, None)
            if name:
                names[name.casefold()] = country.alpha_2
    for code, others in data["names"].items():
        names.update({name.casefold(): code for name in others})
    return names, frozenset(data["eea"])


@lru_cache(maxsize=1)
def _adjectives() -> dict[str, str]:
    data = tomllib.loads(files("assistant").joinpath("countries.toml").read_text(encoding="utf-8"))
    return {word.casefold(): code for code, forms in data["adjectives"].items() for word in forms}


@lru_cache(maxsize=1)
def _names_and_adjectives() -> dict[str, str]:
    names, _ = _nations()
    return {**names, **_adjectives()}


def _group_in(text: str, *, adjectives_only: bool = False) -> tuple[Audience, str] | None:
    """The group of the countries or nationalities named, and the words of the one that decides."""
    _, eea = _nations()
    known = _adjectives() if adjectives_only else _names_and_adjectives()
    tokens = re.findall(r"[^\W\d_][\w'’.-]*", text.casefold())
    found: list[tuple[Audience, str]] = []
    for size in (4, 3, 2, 1):
        for start in range(len(tokens) - size + 1):
            phrase = " ".join(tokens[start : start + size])
            code = known.get(phrase) or known.get(phrase.removesuffix("s"))
            if code is None or (adjectives_only and not _speaks_of_a_person(tokens, start, size)):
                continue
            found.append((Audience.EU if code in eea else Audience.NON_EU, phrase))
    # Of two passports the European one decides.
    return next((group for group in found if group[0] is Audience.EU), found[0] if found else None)


def _speaks_of_a_person(tokens: list[str], start: int, size: int) -> bool:
    """Whether an adjective names people ("Dutch students"), and not a language or a government."""
    after = tokens[start + size] if start + size < len(tokens) else ""
    several = tokens[start + size - 1].removesuffix("s") in _adjectives() and tokens[
        start + size - 1
    ].endswith("s")
    return several or bool(
        re.match(
            r"students?|applicants?|citizens?|nationals?|passport|nationality|national|people|here", after
        )
    )
