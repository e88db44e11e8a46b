"""The people a fact is for, as its label words them: "Tuition fee (non-EU)", "Home", "for EU students"."""

from __future__ import annotations

import re

_GROUP = (
    r"(?:non[- ]?)?(?:eu(?:[/-]eea)?|eea|efta|uk|eu/efta|eu/eea/efta|european(?: union)?|residents?|members?|"
    r"citizens?|"
    r"nationals?)|international|overseas|foreign|home|domestic|local|in-state|out[- ]of[- ]state|"
    r"full[- ]time|part[- ]time|externals?|guests?|visiting"
)
_PEOPLE = (
    r"students?|applicants?|candidates?|citizens?|nationals?|residents?|participants?|professionals?|"
    r"graduates?|members?|learners?|alumni|doctors"
)
_JOINED = r"(?:\s?[/,&]\s?|\s(?:and|or)\s)"
_MORE = (
    r"(?:from|of|in|outside|inside|within|with|without|holding|who|whose|that|not)\s[^:]{2,70}|"
    r"\((?:[^()]{1,40})\)"
)
_ADJECTIVES = rf"(?:{_GROUP})(?:{_JOINED}(?:{_GROUP}))*"
_NAMED = re.compile(
    rf"^(?:for\s)?(?:(?:all|other|new|most|current|prospective|eligible|the)\s)*"
    rf"(?:(?P<group>{_ADJECTIVES})(?:\s(?P<people>{_PEOPLE}))?|(?P<any>(?:(?!(?:of|for|to|per|by|with|and)\s)[^\W\d_][\w-]*\s){{1,2}}(?:{_PEOPLE})|"
    rf"(?:{_PEOPLE})(?=\s(?:{_MORE}))))"
    rf"(?:\s(?P<more>{_MORE}))?$",
    re.I,
)
_IN_BRACKETS = re.compile(r"^(?P<label>[^()]{2,80}?)\s*\((?P<who>[^()]{2,60})\)$")
_BEHIND = re.compile(r"^(?P<label>.{2,60}?)(?:,\s|\s[–—-]\s|:\s|\s(?=for\s))(?P<who>.{2,80})$", re.I)


def names_a_group(text: str) -> bool:
    """Whether ``text`` names people and nothing else: "EU/EEA", "Home", "Students from other countries"."""
    return bool(_NAMED.match(_bare(text)))


def audience_of(text: str) -> str:
    """The group that ``text`` names, without "for" and the word "students" that any reader adds; "" for none.

    "for international students" is "international"; "applicants with a Dutch degree" stays as it is.
    """
    bare = re.sub(r"^for\s+", "", _bare(text), flags=re.I)
    named = _NAMED.match(bare)
    if named is None:
        return ""
    if named["group"] and (named["people"] or "").lower() in {"student", "students"} and not named["more"]:
        return named["group"]
    return bare


def split_audience(label: str) -> tuple[str, str]:
    """``label`` without the people it is for, and the people: ("Tuition fee", "non-EU"); "" for none.

    A label that is nothing but people comes back empty.
    """
    if names_a_group(label):
        return "", audience_of(label)
    for pattern in (_IN_BRACKETS, _BEHIND):
        found = pattern.match(label)
        if found is not None and names_a_group(found["who"]):
            return found["label"].strip(), audience_of(found["who"])
    return label, ""


def _bare(text: str) -> str:
    return text.strip().rstrip(":*† ").strip()
