"""Whom a page names for questions that it leaves open: an office, an address, a person in a role."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from ingest.documents import Document
from ingest.units import Unit, UnitKind
from ingest.values import ValueKind, is_contact_field, kinds_of, names_a_person
from ingest.words import stems

from .grounding import Draft, Span
from .lexicon import lexicon
from .questions import Question
from .terms import STOP_STEMS, TermRole
from .wording import wording

_REACHED = frozenset({ValueKind.EMAIL, ValueKind.PHONE})
_HEADING = re.compile(
    r"^(?:(?:your |our |how to |any |more |further |still |do you )?(?:have )?(?:any |more |further )?"
    r"(?:contacts?|questions?|enquir(?:y|ies)|inquir(?:y|ies)|information|advice|advising|help)"
    r"(?: us| details?| persons?| information)?(?: (?:and|&) \w+(?: \w+)?)?"
    r"|get in touch|who to (?:ask|contact)|whom to (?:ask|contact)|need help|talk to us)\W*$",
    re.I,
)
# A page that is about nothing else.
_CONTACT_PAGE = re.compile(
    r"^(?:contact(?: us| details| information)?|get in touch|admissions? (?:office|contact)|enquiries)\b",
    re.I,
)
_OFFICE = (
    r"(?:offices?|officers?|desk|helpdesk|secretariat|services?(?: cent(?:re|er))?|registrar|registry|team|"
    r"co-?ordinators?|advis[eo]rs?|advising|counsell?ors?|counsell?ing|contact person|administrator|"
    r"admissions|student affairs|(?:course|study|student) guidance|"
    r"(?:programme|program|course|study) (?:director|manager))"
)
_NAMES_OFFICE = re.compile(
    rf"\b{_OFFICE}\b|\b(?:programme|program|course|study) (?:director|manager)\b", re.I
)
# Code points. What is longer speaks of an office rather than names it.
_OFFICE_NAME = 80
# Where and when an office is open does not say whom to ask.
_WHERE_AND_WHEN = re.compile(r"\bhours?\b|^office$|\b(?:modified|updated|opening)\b", re.I)
# An order or an offer to the reader, not a report that somebody called.
_WRITE_TO = re.compile(
    r"(?:^(?:(?:for|if|in case of)\b.{3,110}?\s)?|[,:;)(]\s*|"
    r"\b(?:please|kindly|should|can|may|must|to|or|and|then)\s)"
    r"(?P<verb>contact|get in touch with|write to|e-?mail|call|turn to|reach(?: out to)?|approach|ask|"
    r"be (?:addressed|directed) to)\b(?P<whom>.{0,120})$",
    re.I,
)
# "email the signed form to …" says where a form goes.
_SENDS = re.compile(r"^\s*(?:the|your|a|an|all|this|these|it|them)\b.*\bto\b", re.I)
_PERSON_FIRST = 45
_FORBIDS = re.compile(r"\b(?:not|never|no longer|cannot|n't)\b", re.I)
# "For questions about housing contact …" is for questions about housing and no others.
_ABOUT = re.compile(
    r"\b(?:questions?|enquir\w+|inquir\w+|queries|information|details|help|advice|matters?|issues?|problems?)"
    r"\s(?:about|on|regarding|concerning|with|relating to|related to|of)\s(?P<about>.{2,90}?)"
    r"(?=,|;|:|\bplease\b|\bcontact\b|\bwrite\b|\bcall\b|\bask\b|\bturn\b|\be-?mail\b|"
    r"\bget in\b|\breach\b|$)",
    re.I,
)
# "Immigration questions go to …" likewise.
_KIND_OF_QUESTION = re.compile(
    r"(?<![.@\w-])(?P<kind>(?:[^\W\d]+ ){1,3})(?:related )?(?:questions|enquiries|inquiries|queries)\b", re.I
)
_ASKS = re.compile(
    r"\b(?:questions?|enquir\w+|inquir\w+|quer(?:y|ies)|"
    r"(?:further|more|additional) (?:information|details|assistance|help))\b",
    re.I,
)
# Departments of an institution that applicants have no business with.
_UNRELATED = re.compile(
    r"\b(?:press|media|webmaster|website|privacy|data protection|accessibility|technical|it|library|alumni|"
    r"donors?|donations?|fundraising|patients?|appointments?|emergenc(?:y|ies)|complaints?|vacanc(?:y|ies)|"
    r"jobs?|human resources|hr|sponsors?|sales|marketing|parking|security|ombuds\w*|safety|newsletter)\b",
    re.I,
)
# What says that there is a contact, not what it is for.
_SAYS_CONTACT = frozenset({"contact", "email", "phone", "coordinator", "location", "provider", "supervision"})
# What an admissions office is asked about, by names of the lexicon.
_ADMITS = frozenset({"admission", "application", "selection"})
_ADMISSION = _ADMITS | frozenset(
    "application_fee deadline documents motivation cv recommendation interview guarantee language_test "
    "language_level score minimum toefl ielts cae cpe gpa recognition portal deferral lateness exemption "
    "pte duolingo testdaf dsh gre gmat sat".split()
)  # fmt: skip
# Words around a contact that say nothing of what it is for.
_NO_TOPIC = frozenset(
    stems(
        "studying question questions related general further additional other remaining specific general "
        "directed addressed office centre department team hesitate free feel welcome time unsure doubt "
        "anything regarding guidance support visit phone international"
    )
)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a page names: one unit, or the name of an office and how to reach it.

    ``concepts`` and ``words`` (stems) are what it is for; it is for everything where there are none.
    """

    document: Document
    units: tuple[Unit, ...]
    concepts: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @property
    def is_reachable(self) -> bool:
        """Whether an address or a number stands in it."""
        return any(kinds_of(_text(self.document, unit)) & _REACHED for unit in self.units)

    @property
    def is_for_questions(self) -> bool:
        """Whether the page says that questions go there."""
        return any(_ASKS.search(f"{unit.label} {_text(self.document, unit)}") for unit in self.units)


class Contacts:
    """The contacts of all pages of an index, read when a page is first asked about."""

    def __init__(self, documents: Mapping[str, Document], units_of: Callable[[str], Sequence[Unit]]) -> None:
        self._documents = documents
        self._units_of = units_of
        self._of = lru_cache(maxsize=5_000)(self._read)
        self._stems = lru_cache(maxsize=500)(self._read_stems)

    def contact_for(self, question: Question, document_id: str | None) -> Contact | None:
        """The contact to name beside ``document_id``, which the reply is about; None where there is none.

        A page's own contact goes first, then that of the one page of its institution that is about
        contacts. Without a page only that one is left, and only if the index knows no other institution.
        """
        names = {term.stems for term in question.terms if term.role is TermRole.NAME and not term.concepts}
        if document_id is not None and any(not self._says(document_id, name) for name in names):
            return None  # the question is about another institution or programme
        if document_id is not None:
            own = contact_for(question, self._of(document_id))
            if own is not None:
                return own
        page = self._contact_page(document_id)
        return contact_for(question, self._of(page)) if page is not None else None

    def _says(self, document_id: str, name: tuple[str, ...]) -> bool:
        return self._stems(document_id).issuperset(name)

    def _read(self, document_id: str) -> tuple[Contact, ...]:
        return contacts_of(self._documents[document_id], self._units_of(document_id))

    def _read_stems(self, document_id: str) -> frozenset[str]:
        document = self._documents[document_id]
        return frozenset(stems(f"{document.title} {document.publisher} {document.id} {document.text}"))

    def _contact_page(self, document_id: str | None) -> str | None:
        if document_id is None and len(self._contact_pages) > 1:
            return None
        whose = _publisher(self._documents[document_id]) if document_id else next(iter(self._contact_pages))
        pages = self._contact_pages[whose] if whose else []
        return pages[0] if len(pages) == 1 else None

    @cached_property
    def _contact_pages(self) -> Mapping[str, Sequence[str]]:
        """The pages about contacts of each publisher, in the order of the index."""
        found: dict[str, list[str]] = {}
        for document in self._documents.values():
            pages = found.setdefault(_publisher(document), [])
            if _CONTACT_PAGE.match(document.title):
                pages.append(document.id)
        return found


def contact_for(question: Question, contacts: Sequence[Contact]) -> Contact | None:
    """The contact to name to the asker: one for the topic asked before one for everything.

    One for another topic is never named. Among equals one that can be reached goes first, then the order of
    the page.
    """
    concepts = frozenset(concept.name for term in question.terms for concept in term.concepts)
    roots = frozenset(root for term in question.terms for root in term.stems)
    if question.asks_for_a_verdict or question.asks_for_a_person:
        concepts |= _ADMITS
    if concepts & _ADMISSION:
        concepts |= _ADMITS
    fits = [(_fit(contact, concepts, roots), contact) for contact in contacts]
    fitting = [(fit, contact) for fit, contact in fits if fit > 0]
    best = max(
        fitting, key=lambda each: (each[0], each[1].is_reachable, each[1].is_for_questions), default=None
    )
    return best[1] if best is not None else None


def contact_drafts(contact: Contact, page: str, said: Sequence[Draft], language: str) -> list[Draft]:
    """The sentence that names ``contact`` beside ``page``; none where ``said`` quotes it already."""
    document = contact.document
    spans = tuple(Span(document.id, unit.start, unit.end, unit.headings) for unit in contact.units)
    quoted = [span for draft in said for span in draft.spans if span.document_id == document.id]
    if any(span.start < other.end and other.start < span.end for span in spans for other in quoted):
        return []
    key = "contact" if document.id == page else "contact_elsewhere"
    text = "; ".join(_said(document, unit) for unit in contact.units)
    closed = text if text.endswith((".", "!", "…")) else f"{text}."
    return [Draft(wording(language)["framing"][key]), Draft(closed, spans)]


def contacts_of(document: Document, units: Sequence[Unit]) -> tuple[Contact, ...]:
    """Return whom ``document`` names for questions, in the order of the page."""
    known = lexicon()
    addresses = {unit.value for unit in units if ValueKind.EMAIL in kinds_of(unit.value)}
    titled = frozenset(stems(document.title))
    own = known.read(stems(document.title))[1]
    found: list[Contact] = []
    for number, unit in enumerate(units):
        text = _text(document, unit)
        if not _is_contact(unit, text, addresses, document):
            continue
        named = _named_before(units, number)
        parts = (unit,) if named is None else (named, unit)
        said = " ".join(f"{_text(document, part)} {part.label}" for part in parts)
        if _UNRELATED.search(" ".join([said, *unit.headings[-1:]])):
            continue
        concepts, words = _read_topic(_topic(unit, text, [part.label for part in parts]), own)
        found.append(Contact(document, parts, concepts, words - titled))
    return tuple(found)


def _fit(contact: Contact, concepts: frozenset[str], roots: frozenset[str]) -> int:
    if not contact.words:
        return 1
    return 2 if contact.concepts & concepts or contact.words & roots else 0


def _is_contact(unit: Unit, text: str, addresses: Collection[str], document: Document) -> bool:
    if unit.kind in {UnitKind.SENTENCE, UnitKind.ITEM} or (
        unit.kind is UnitKind.BLANK and unit.label == text.rstrip(": ")
    ):
        addressed = _WRITE_TO.search(text)
        return (
            addressed is not None
            and bool(
                _NAMES_OFFICE.search(addressed["whom"])
                or kinds_of(addressed["whom"]) & _REACHED
                or names_a_person(addressed["whom"][:_PERSON_FIRST])
            )
            and not _SENDS.search(addressed["whom"])
            and not _FORBIDS.search(text)
            and not text.endswith("?")
        )
    if unit.kind is not UnitKind.FACT or _WHERE_AND_WHEN.search(unit.label) or " | " in text:
        return False
    reached = bool(kinds_of(unit.value) & _REACHED)
    named = bool(_NAMES_OFFICE.search(unit.label))
    if _HEADING.match(unit.headings[-1] if unit.headings else document.title):
        return (
            reached or named or (len(unit.value) <= _OFFICE_NAME and bool(_NAMES_OFFICE.search(unit.value)))
        )
    if reached and named:
        return True
    # The one address of a page is the page's, unless it is somebody's own.
    return (
        is_contact_field(unit.label) and addresses == {unit.value} and not _is_personal(unit.value, document)
    )


def _named_before(units: Sequence[Unit], number: int) -> Unit | None:
    """The office or role in the line right above a bare address or number of the same section."""
    unit = units[number]
    if not is_contact_field(unit.label):
        return None
    for above in reversed(units[:number]):
        if above.headings != unit.headings or above.kind not in {UnitKind.FACT, UnitKind.BLANK}:
            return None
        if above.kind is UnitKind.FACT and not is_contact_field(above.label):
            is_office = _NAMES_OFFICE.search(above.label) and not _WHERE_AND_WHEN.search(above.label)
            return above if is_office else None
    return None


def _topic(unit: Unit, text: str, labels: Sequence[str]) -> str:
    """The words of the page that say what a contact is for; "" where it is for everything."""
    if unit.kind is UnitKind.FACT:
        heading = [heading for heading in unit.headings[-1:] if not _HEADING.match(heading)]
        said = [label for label in labels if not is_contact_field(label)] + heading
        return " ".join(_about(each) for each in said if not names_a_person(each))
    addressed = _WRITE_TO.search(text)
    return _about(text[: addressed.start("verb")] if addressed is not None else text, whole=text)


def _about(text: str, *, whole: str = "") -> str:
    """What questions are meant to be about; without the word "questions" and the like, the text itself."""
    about = [found["about"] for found in _ABOUT.finditer(whole or text)]
    kinds = [found["kind"] for found in _KIND_OF_QUESTION.finditer(whole or text)]
    return " ".join([*about, *kinds]) if _ASKS.search(whole or text) else _NAMES_OFFICE.sub(_kept, text)


def _kept(office: re.Match[str]) -> str:
    """An office is no topic, but for admissions."""
    return office.group() if office.group().lower() == "admissions" else " "


def _read_topic(text: str, own: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The concepts and stems of ``text`` that say more than that there is a contact.

    ``own`` are the concepts of the page itself: the funding team of a page on funding is for all of it.
    """
    known = lexicon()
    roots = stems(text)
    plain = STOP_STEMS | known.generic | _NO_TOPIC
    said = {root: known.read([root])[1] for root in roots if root not in plain}
    words = frozenset(
        root for root, concepts in said.items() if not concepts or concepts - _SAYS_CONTACT - own
    )
    return (known.read(roots)[1] - _SAYS_CONTACT - own if words else frozenset()), words


def _is_personal(address: str, document: Document) -> bool:
    """Whether the part of an address before the @ is of a person's name that stands on the page."""
    parts = [part for part in re.split(r"[^a-z]+", address.partition("@")[0].lower()) if len(part) > 2]
    return any(
        names_a_person(found.group())
        for part in parts
        for name in (re.escape(part.capitalize()),)
        for found in re.finditer(rf"\b(?:[A-Z][\w'-]+ {name}|{name}[\w'-]* [A-Z][\w'-]+)\b", document.text)
    )


def _said(document: Document, unit: Unit) -> str:
    """A contact on one line: a fact with its label, a sentence as it stands; one that breaks off shows it."""
    if unit.value:
        return f"{unit.label}: {unit.value}"
    text = " ".join(_text(document, unit).split())
    return f"{text.rstrip(' :')} …" if unit.kind is UnitKind.BLANK else text


def _publisher(document: Document) -> str:
    return document.publisher.casefold() or (urlsplit(document.url).hostname or "" if document.url else "")


def _text(document: Document, unit: Unit) -> str:
    return document.text[unit.start : unit.end]
