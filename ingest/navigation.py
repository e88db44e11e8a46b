"""Telling what a page says from the furniture around it."""

from __future__ import annotations

import re

from .values import ValueKind, kinds_of, names_a_field

_SKIP = re.compile(r"^(?:skip|jump|go) to (?:main )?(?:content|navigation|search|footer)", re.I)
_FURNITURE = re.compile(
    r"^(?:menu|share|print|log ?in|log ?out|sign (?:in|up)|close|open menu|close menu|(?:print|"
    r"share) this page|"
    r"back(?: to (?:top|overview|home\w*|results))?|cookies?|cookie (?:settings|policy)|"
    r"privacy(?: (?:policy|statement|notice))?|disclaimer|accept(?: all)?|sitemap|rss|breadcrumbs?|"
    r"you are here:?|"
    r"(?:read|learn|show|see|view) (?:more|all|less)|more info(?:rmation)?|subscribe|all rights reserved|"
    r"(?:visit|go to) (?:the )?(?:programme |program |university |school )?(?:web ?site|page)|"
    r"(?:facebook|twitter|linkedin|instagram|youtube|whatsapp|tiktok)|"
    r"(?:apply|register|enroll?|view|watch) now|add to (?:wishlist|"
    r"favou?rites))$",
    re.I,
)
# What is a control at the top of a page and may be content further down: a heading "Contact us", the
# language of instruction "English", the field "Register".
_TOP_FURNITURE = re.compile(
    r"^(?:home|search|register|contact us|top|next|previous|x|nl|en|de|fr|es|sv|no|da|fi|it|pt|"
    r"nederlands|english|deutsch|"
    r"français|español|svenska|norsk|dansk|suomi|italiano|português|polski|staff|students?|alumni|"
    r"webmail|a-z|apply)$",
    re.I,
)
# A line made of nothing but such words is a row of links: "Share  Print", "© 2026  Legal notice  Privacy".
_LINK_WORDS = frozenset(
    [
        "about",
        "accessibility",
        "account",
        "adblock",
        "alumni",
        "careers",
        "complaints",
        "contact",
        "cookie",
        "cookies",
        "credits",
        "disclaimer",
        "facebook",
        "feedback",
        "follow",
        "gdpr",
        "imprint",
        "impressum",
        "instagram",
        "jobs",
        "legal",
        "library",
        "linkedin",
        "login",
        "logout",
        "map",
        "menu",
        "news",
        "newsletter",
        "notice",
        "page",
        "policy",
        "portal",
        "press",
        "print",
        "privacy",
        "rss",
        "search",
        "settings",
        "share",
        "sitemap",
        "staff",
        "statement",
        "students",
        "terms",
        "threads",
        "this",
        "tiktok",
        "twitter",
        "us",
        "webmail",
        "website",
        "youtube",
    ]
)
_LINK_FILLERS = frozenset(["a", "and", "for", "in", "of", "on", "our", "the", "to", "use"])
_CLEARLY_LINKS = frozenset(
    [
        "accessibility",
        "cookie",
        "cookies",
        "disclaimer",
        "facebook",
        "imprint",
        "impressum",
        "instagram",
        "linkedin",
        "login",
        "logout",
        "menu",
        "print",
        "privacy",
        "rss",
        "share",
        "sitemap",
        "tiktok",
        "twitter",
        "webmail",
        "youtube",
    ]
)
_COPYRIGHT = re.compile(r"^(?:©|\(c\)|copyright\b)", re.I)
_COOKIE_SENTENCE = re.compile(
    r"^(?:we|(?:this|our) (?:web ?)?site|(?:this|our) (?:web )?page) uses? cookies\b", re.I
)
_SECTION_WORDS = frozenset(
    [
        "home",
        "about",
        "education",
        "study",
        "studies",
        "research",
        "contact",
        "careers",
        "patients",
        "visitors",
        "students",
        "staff",
        "news",
        "alumni",
        "library",
        "departments",
        "faculties",
        "faculty",
        "international",
        "admissions",
        "events",
        "organisation",
        "organization",
        "undergraduate",
        "graduate",
    ]
)
_CALL = re.compile(
    r"^(?:schedule|book|download|compare|save|request|get|order|browse|discover|"
    r"explore)\s+\S+(?:\s+\S+){0,2}$",
    re.I,
)
_POINTER = re.compile(
    r"^(?:please )?(?:read|learn|find out|see|discover) more\b.*|^click (?:here|on)\b.*|"
    r"^more information can be found\b.*here\W*$",
    re.I,
)
_CRUMB_MARK = re.compile(r"\s[›»>→/|]\s")
_REMARK = re.compile(r"\(([^()]{25,})\)")
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|will|can|must|may|shall|should|do|does|not)\b", re.I)


def is_furniture(line: str, *, at_top: bool = False) -> bool:
    """Whether a line is a control of the site: a skip link, a button, a row of links, a cookie notice.

    ``at_top`` says that nothing of the page's content has come yet; more is furniture there.
    """
    text = line.strip(" .·|•!»>")
    if len(text) > 300:
        return False
    if _SKIP.match(text) or _FURNITURE.match(text) or (at_top and _TOP_FURNITURE.match(text)):
        return True
    return bool(_COOKIE_SENTENCE.match(text)) or (len(text) <= 120 and _is_row_of_links(text))


def _is_row_of_links(text: str) -> bool:
    if _COPYRIGHT.match(text):
        return True
    words = re.findall(r"[\w-]+", text.lower())
    links = [word for word in words if word in _LINK_WORDS]
    rest = [word for word in words if word not in _LINK_WORDS and word not in _LINK_FILLERS]
    return (
        not rest
        and len(links) >= 2
        and any(word in _CLEARLY_LINKS for word in words)
        and text[-1] not in "?!:"
    )


def is_call_to_action(line: str) -> bool:
    """Whether a bare line is a button ("Schedule IELTS"): two to four words that begin with its verb."""
    if line.rstrip().endswith((".", "?", "!", ":")) or names_a_field(line):
        return False
    return bool(_CALL.match(line.strip()))


def is_pointer(sentence: str) -> bool:
    """Whether a sentence only points elsewhere ("Read more about IELTS.")."""
    return bool(_POINTER.match(sentence.strip()))


def is_breadcrumb(line: str) -> bool:
    """Whether a line is a path through the site.

    Either its parts are marked ("Home > Study > Medicine"), or they run together: at least eight words
    outside brackets, nearly all capitalised, no verb among them, and names of a site's sections: a long
    title is capitalised too.
    """
    if len(line) > 600:
        return False
    bare = _REMARK.sub(" ", line)
    if len(_CRUMB_MARK.findall(bare)) >= 2:
        return not kinds_of(bare) - {ValueKind.NUMBER}
    words = re.findall(r"[^\W\d_][\w'’-]*", bare)
    if len(words) < 8 or bare.rstrip().endswith((".", "?", "!", ":")) or _FINITE.search(bare):
        return False
    small = {"and", "of", "the", "in", "at", "for", "us", "to", "a", "an", "on", "by", "with"}
    capitalised = sum(word[0].isupper() or word.lower() in small for word in words)
    starts = sum(word[0].isupper() for word in words)
    section_words = {word.lower() for word in words} & _SECTION_WORDS
    opens = words[0].lower() in _SECTION_WORDS
    return capitalised / len(words) >= 0.85 and starts >= 6 and len(section_words) >= (2 if opens else 3)


def remarks(line: str) -> list[str]:
    """The sentences in brackets inside a breadcrumb: announcements that a site hangs into its menu."""
    return [found.strip() for found in _REMARK.findall(line) if _FINITE.search(found)]


def last_crumb(line: str) -> str:
    """The page's own name at the end of a breadcrumb, or "" where the crumbs cannot be told apart."""
    marked = _CRUMB_MARK.split(line)
    if len(marked) > 2:
        return marked[-1].strip()
    tail = line.rpartition(")")[2].strip()
    return tail if ")" in line and 0 < len(tail.split()) <= 10 else ""
