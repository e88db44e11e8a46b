"""Turns: what may be asked, what was said before, and the question that stands alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ingest.words import words

from .countries import Audience, audience_of_question, names_of_origin
from .focus import focus
from .questions import understand
from .reply import Reply
from .scope import small_talk
from .terms import Term, TermRole

# Code points. Long enough for an e-mail, short enough to answer in milliseconds.
QUESTION_LIMIT = 2_000


class InvalidQuestion(ValueError):
    """The question cannot be answered as it stands; the message is safe to show and never repeats it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn: ``standalone`` is the question searched, ``topic`` the title its answer cited."""

    question: str
    standalone: str
    reply_text: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class StandAlone:
    """A question that needs no conversation; ``topic`` is the title of the page it is about, "" for none.

    Where that page is only assumed, ``alone`` is the question without it, for a change of subject.
    """

    text: str
    audience: Audience | None = None
    topic: str = ""
    alone: str = ""


_FRAGMENT = re.compile(
    r"^(?:(?:ok(?:ay)?|and|but|so|then|also|or|sorry|no|yes)[,\s]+)*"
    r"(?:(?:what|how) about|and|for|as|i meant?|if|in case of|what if)\b",
    re.I,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|those|these|that|ones|one of them|the same|he|she|his|her|him|there)\b"
    r"(?! (?:is|are|an?|any)\b)|\b(?:this|that|the) (?:programme|program|course|master|degree|"
    r"internship|one|scholarship|test|exam|fee|amount|list|deadline)\b",
    re.I,
)
# Words that can only mean what was spoken of.
_MEANS_THE_PAGE = re.compile(
    r"\b(?:it|its|they|them|their|those|these|he|she|his|her|him)\b|\b(?:this|that)\b(?! there)", re.I
)
_NAMES_WANTED = re.compile(r"^(?:please )?(?:which|which ones|what are they|name|list|enumerate)\b", re.I)
_AUDIENCE_PHRASE = re.compile(
    r"\s*\b(?:for|as|if (?:i am|i'm|you are)|of|to)?\s*(?:an?\s+|the\s+)?(?:non[\s-]?)?"
    r"(?:eu(?:\s?/\s?eea)?|eea|european|international|overseas|"
    r"(?:students?|applicants?|citizens?|people|someone)?\s*from outside (?:of )?(?:the )?(?:eu|eea|europe))"
    r"(?:\s+(?:students?|applicants?|citizens?|nationals?|people|ones))?\b(?! office)",
    re.I,
)


def check_question(text: str) -> str:
    """Return ``text`` trimmed, in NFC, its line breaks as ``\\n``.

    Raises:
        InvalidQuestion: it is empty, over QUESTION_LIMIT code points, or holds control characters or lone
            surrogates.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise InvalidQuestion("The question is empty.")
    if len(text) > QUESTION_LIMIT:
        raise InvalidQuestion(
            f"The question has {len(text):,} characters; at most {QUESTION_LIMIT:,} are read."
        )
    for char in text:
        if unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t":
            raise InvalidQuestion(
                "The question holds characters that are not text (control characters or surrogates)."
            )
    if not any(char.isalnum() for char in text):
        raise InvalidQuestion("The question holds no words.")
    return text


def turn_of(message: str, reply: Reply) -> Turn:
    """The turn to remember once ``message`` was answered by ``reply``."""
    topic = reply.citations[0].title if reply.citations else ""
    return Turn(question=message, standalone=reply.question, reply_text=reply.text, topic=topic)


def stand_alone(
    message: str,
    history: Sequence[Turn],
    profile: Mapping[str, str] | None = None,
    *,
    page_named: Callable[[str], str],
) -> StandAlone:
    """Return the question that ``message`` asks after ``history``; it is rewritten only where it must be.

    A fragment ("And for EU students?") takes the place of its like in the question before. A question that
    names no page of its own goes on about the page answered from, and says its title: "How long is it?".
    """
    known = _known_audience(message, history, profile)
    history = [turn for turn in history if small_talk(turn.question) is None]
    topic = next((turn.topic for turn in reversed(history) if turn.topic), "")
    if not topic:
        # Nothing was answered yet, but a page may have been named: "I'm thinking about Food Technology."
        topic = next((title for turn in reversed(history) if (title := page_named(turn.question))), "")
    name = topic.replace(".", "")  # "M.Sc." would end the sentence it is put into
    asked = focus(message)
    if not history:
        return StandAlone(message, known)
    if _own_group(message) is not None and not _asks(message):
        # An answer to our own question back, or a correction: "I'm from Norway".
        return StandAlone(_AUDIENCE_PHRASE.sub("", history[-1].standalone), known, topic)
    question = understand(asked)
    # "Which ones?" names nothing: "one" stands for what was named before.
    own = [term for term in question.terms if term.role is not TermRole.GENERIC and term.stems != ("one",)]
    is_fragment = bool(_FRAGMENT.match(asked)) and not any(term.role is TermRole.CONCEPT for term in own)
    if _names_one(own) and not _names_one(understand(history[-1].standalone).terms):
        is_fragment = False  # "What about the TOEFL?" takes the place of nothing: it asks for itself
    if not own or is_fragment:
        before = _AUDIENCE_PHRASE.sub("", history[-1].standalone).rstrip(" ?.!")
        fragment = re.sub(
            r"^(?:and|what about|how about|so|then|ok(?:ay)?|but)[,\s]+", "", asked.strip(" ?.!"), flags=re.I
        )
        if _NAMES_WANTED.search(fragment):
            # "How many sections are there?" – "Which ones?"
            return StandAlone(re.sub(r"\bhow many\b", "which", before, flags=re.I) + "?", known, topic)
        if _PRONOUN.fullmatch(fragment) or (not own and audience_of_question(asked) is None):
            subject = " ".join(
                term.text for term in understand(before).terms if term.role is not TermRole.GENERIC
            )
            return StandAlone(f"{fragment} ({subject})?", known, topic)
        if page_named(fragment):
            # Another page takes the place of the one before: "And Mineral Processing?"
            before = _without(before, topic)
        if _names_one(own):
            # One test takes the place of another: "And for IELTS?"
            names = [term.text for term in understand(before).terms if any(c.is_name for c in term.concepts)]
            before = _without(before, " ".join(names))
        return StandAlone(f"{before} ({fragment})?", known, page_named(fragment) or topic)
    if topic and not page_named(asked):
        alone = "" if _MEANS_THE_PAGE.search(asked) else message
        return StandAlone(f"{message.strip().rstrip('?.! ')} ({name})?", known, topic, alone)
    return StandAlone(message, known, topic)


def _without(text: str, title: str) -> str:
    """``text`` without the words of a title."""
    said = {word.casefold() for word in words(title)}
    kept = [part for part in text.split() if not {word.casefold() for word in words(part)} & said]
    return " ".join(kept)


def _names_one(terms: Sequence[Term]) -> bool:
    """Whether a test or another thing with a name of its own stands among the terms."""
    return any(concept.is_name for term in terms for concept in term.concepts)


def _asks(message: str) -> bool:
    # A passport is a document to hand in, but here it tells who one is.
    return "?" in message or any(
        term.role is TermRole.CONCEPT and term.stems != ("passport",) for term in understand(message).terms
    )


def _own_group(message: str) -> Audience | None:
    """The group that a message names, also by a country or nationality alone: "Norway", as an answer back."""
    group = audience_of_question(message)
    if group is None:
        said = " ".join(words(message)).casefold()
        stated = f"I am from {said}."
        return audience_of_question(stated) if names_of_origin(stated) == set(said.split()) else None
    return group


def _known_audience(
    message: str, history: Sequence[Turn], profile: Mapping[str, str] | None
) -> Audience | None:
    """The asker's group from the newest statement of it: this message, earlier ones, then the profile."""
    for text in [message, *(turn.question for turn in reversed(history))]:
        group = _own_group(text)
        if group is not None:
            return group
    stated = " ".join(f"I am from {value}." for value in (profile or {}).values())
    return audience_of_question(stated) if stated else None
