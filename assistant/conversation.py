"""Turns: what may be asked, what was said before, and the question that stands alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from ingest.words import words

from .antecedent import PAGE, Before
from .asker import group_of, known_group, with_background
from .countries import RESIDENCE, Audience, audience_of_fact
from .degrees import levels_in, modes_in
from .focus import asks, focus
from .follow_up import (
    abrupt,
    chosen,
    correction,
    elided,
    is_fragment,
    picked,
    points_back,
    referred,
    switch,
    turn_to,
    without_lead,
    without_opening,
)
from .phrases import Phrase, end_of, phrases
from .questions import Question, understand
from .replacing import for_audience, replaced, without_audience
from .reply import Branch, Outcome, Reply
from .scope import small_talk
from .terms import TermRole

# Code points. Long enough for an e-mail, short enough to answer in milliseconds.
QUESTION_LIMIT = 2_000


class InvalidQuestion(ValueError):
    """The question cannot be answered as it stands; the message is safe to show and never repeats it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn: ``standalone`` is the question searched, ``topic`` the title its answer cited.

    ``section`` is the heading that all quotes of the answer stood under, ``choices`` the items or the groups
    of people that it listed, ``page`` the title of the document that the person had before their eyes.
    ``branches`` are the messages that choose what its answer depends on.
    """

    question: str
    standalone: str
    reply_text: str
    topic: str = ""
    section: str = ""
    choices: tuple[str, ...] = ()
    language: str = "en"
    page: str = ""
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class StandAlone:
    """A question that needs no conversation; ``topic`` is the title of the page it is about, "" for none.

    Where that page is only assumed, ``alone`` is the question without it, for a change of subject.
    ``document`` is the id of that page where it is the one that the person is on, or chose: titles may be
    alike.
    ``people`` are those it is asked for, as the page words them, where they were chosen among branches.
    """

    text: str
    audience: Audience | None = None
    topic: str = ""
    alone: str = ""
    document: str = ""
    people: str = ""


# Words from which a message is a letter, whose story is not part of its question.
_LETTER = 45
# Words; a longer title is no part of a sentence that a person would write.
_TITLE = 6
_SAME_PAGE = re.compile(rf"\s*\b(?:for|of|in|at|about|to)\s+{PAGE}\b|\b{PAGE}\b", re.I)
_DEGREES = {
    "master": re.compile(r"\b(?:master|m\.?\s?(?:sc|a|eng|ed|phil)\b|ll\.?m|mba)", re.I),
    "bachelor": re.compile(r"\b(?:bachelor|b\.?\s?(?:sc|a|eng|ed)\b|ll\.?b)", re.I),
}
_DEGREE = re.compile(
    r"\b(?:the |your |this )(?P<level>master|bachelor)(?:['’]?s)?(?: programme| program| degree)?", re.I
)
_COUNTS_AS = re.compile(
    r"[,.]?\s*\b(?:does|do|would|will|is|am|are) (?:that|this|it|i|we)\b[^.?!]{0,20}\b(?:eu|eea|"
    r"european)\b[^?]*\?",
    re.I,
)
# What the page before a person's eyes is about.
_THIS_PAGE = re.compile(
    r"\b(?:this|your) (?:(?:master|bachelor)(?:['’]?s)? )?"
    r"(?:programme|program|course|degree|page|master|bachelor)\b|\bhere\b",
    re.I,
)
_BOTH = re.compile(r"(?:for )?(?:both|either|all)(?: of (?:them|those|these))?(?:,? please)?[.!]?", re.I)
_MORE = re.compile(
    r"(?:(?:can|could) you )?(?:please )?(?:tell me |give me |i(?:'d| would) like to know )?(?:some )?more"
    r"(?: (?:info|information|details?))?(?: about (?:it|that|this|them))?(?:,? please)?|go on|continue|"
    r"anything else"
    r"|elaborate|(?:any |some )?(?:more )?details(?:,? please)?",
    re.I,
)
_WHOLE_THING = re.compile(r"\b(?:the |this )?(?:whole|entire) thing\b", re.I)
# Concepts that tell who one is where no question is asked.
_OF_A_PERSON = ("passport",)


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
    cited = reply.citations
    sections = {citation.headings[-1] for citation in cited if citation.headings}
    section = sections.pop() if len(sections) == 1 else ""
    topic = cited[0].title if cited else ""
    return Turn(
        question=message,
        standalone=reply.question,
        reply_text=reply.text,
        topic=topic,
        section="" if section == topic else section,
        choices=_choices(reply),
        language=reply.language,
        page=reply.page,
        branches=reply.branches,
    )


def branch_chosen(message: str, history: Sequence[Turn]) -> Branch | None:
    """The branch of the last answer that ``message`` chooses in the very words that were suggested."""
    offered = history[-1].branches if history else ()
    return next((branch for branch in offered if branch.message == message), None)


def of_branch(
    branch: Branch,
    history: Sequence[Turn],
    profile: Mapping[str, str] | None = None,
    *,
    unnamed: Callable[[str], str] = lambda text: text,
) -> StandAlone:
    """Return the last question of ``history``, asked for the people or the page of ``branch``."""
    last = history[-1]
    earlier = [unnamed(turn.question) for turn in history]
    group = audience_of_fact(branch.people) or known_group("", earlier, profile)
    if not branch.document:
        return StandAlone(last.standalone, group, last.topic, people=branch.people)
    text = _named(unnamed(last.standalone), branch.message)
    return StandAlone(text, group, branch.message, document=branch.document)


def stand_alone(
    message: str,
    history: Sequence[Turn],
    profile: Mapping[str, str] | None = None,
    *,
    page_named: Callable[[str], str],
    page_at_level: Callable[[str, str], str] = lambda title, text: "",
    unnamed: Callable[[str], str] = lambda text: text,
    names_another: Callable[[str, str], bool] = lambda title, text: False,
    visited: str = "",
) -> StandAlone:
    """Return the question that ``message`` asks after ``history``; it is rewritten only where it must be.

    A turn that leans on the one before is completed from it (see ``follow_up``). A question that names no
    page of its own goes on about the page answered from, and says its title: "How long is it?".
    ``page_at_level`` tells, for the title of a page, that of its like at the level a text names: "the PhD".
    ``unnamed`` takes the names of pages out of a text, whose words may be of another sense there.
    ``names_another`` tells, for the title of a page, whether a text names others, be it several.
    ``visited`` is the title of the page that the asker is on, "" where that is not known: "it" is that page,
    until a question there names another.
    """
    turns = [turn for turn in history if small_talk(turn.question) is None]
    earlier = [turn.question for turn in turns]
    group = known_group(unnamed(message), [unnamed(text) for text in earlier], profile)
    asked = focus(message)
    is_told = _tells_the_group(message)
    if visited and names_another(visited, message):
        visited = ""
    if not turns and (is_told or not visited):
        return StandAlone(asked if _is_a_letter(message) else message, group, visited)
    page = _page_of(turns, page_named)
    before = _before(turns, page, page_named, unnamed) if turns else Before(f"{PAGE}?", has_page=True)
    if visited and not _has_left(asked, turns, visited, names_another):
        if page != visited and page_named(before.question):
            before = Before(f"{PAGE}?", has_page=True)  # the page before is not what "it" means here
        page = visited

    if is_told:
        return StandAlone(_named(_asked_for(group, before, turns[-1]), page), group, page)
    if (choice := _group_chosen(message, before)) is not None:
        return StandAlone(_named(_asked_for(choice[0], before, turns[-1]), page), choice[0], page)

    corrected = correction(asked)
    asked = corrected or asked
    if (new_question := switch(asked)) is not None:
        asked, before = new_question, Before(f"{PAGE}?", has_page=bool(page))
    elif (turned := turn_to(asked)) is not None:
        # What follows is asked of that thing: "Now about the observership: how long?"
        asked = turned[1] or f"Tell me about {turned[0]}."
        title = page_named(turned[0])
        before, page = Before(f"{PAGE if title else turned[0]}?", has_page=bool(title)), title or page
    names = _names(page_named, turns, lambda text: page_at_level(page, text))
    is_answer = bool(corrected) or _names_only_a_page(asked, names)
    text = _leaning(asked, before, page_named=names, is_answer=is_answer)
    if text is None:
        if page and names_another(page, asked) and not names(asked):
            page = ""  # it names several others: which one is meant is still to be told
        return _complete(asked if page or _is_a_letter(message) else message, page, earlier, group, names)
    named = names(asked)
    if named and named != page:
        # Another page takes the place of the one before.
        text, page = _without_page(text), named
    text = _with_title(text, page, names)
    needs_page = PAGE not in text and names(text) != page and not _is_lost(turns, page_named)
    return StandAlone(_about(text, page) if needs_page else _named(text, page), group, page)


def _leaning(asked: str, before: Before, *, page_named: Callable[[str], str], is_answer: bool) -> str | None:
    """The complete question of a turn that leans on ``before``; None for one that needs nothing of it."""
    if (text := picked(asked, before)) or (text := elided(asked, before)):
        return text
    if _MORE.fullmatch(without_lead(asked).strip(" ?.!")):
        return f"Tell me more about {before.detail()}." if before.detail() else None
    if not _is_half(asked, before, is_answer=is_answer):
        return referred(asked, before) or abrupt(asked, before)
    fragment = without_lead(asked)
    if points_back(fragment):
        return referred(f"What about {fragment.rstrip(' ?.!')}?", before)
    return replaced(fragment, before, names_page=lambda text: bool(page_named(text)))


def _is_half(asked: str, before: Before, *, is_answer: bool) -> bool:
    """Whether a turn is half a question, whose other half is the question before."""
    if is_answer:
        return not asks(asked)
    if not is_fragment(asked):
        return False
    own = understand(without_lead(asked))
    # "What about the TOEFL?" takes the place of nothing where no test was spoken of: it asks for itself.
    return not (_names_one(own) and not _names_one(understand(before.question)))


def _complete(
    asked: str, page: str, earlier: Sequence[str], group: Audience | None, page_named: Callable[[str], str]
) -> StandAlone:
    """A question that is complete but for the page, and for who asks it where the answer turns on that."""
    named = page_named(asked)
    text = with_background(asked, earlier)
    if named or not page:
        text = _with_title(text, named, page_named) if named else text
        return StandAlone(_named(text, named), group, named or page)
    text = _WHOLE_THING.sub("the whole programme", without_opening(text))
    text = f"{text[:1].upper()}{text[1:]}"
    return StandAlone(_about(text, page), group, page, "" if points_back(asked) else text)


def _before(
    turns: Sequence[Turn], page: str, page_named: Callable[[str], str], unnamed: Callable[[str], str]
) -> Before:
    """What the newest of ``turns`` leaves to lean on."""
    last = turns[-1]
    said = last.standalone
    if page and page_named(said) in {page, ""}:
        said = unnamed(said)  # the page's own name, however it was put
    listed = next((turn.choices for turn in reversed(turns) if len(turn.choices) > 1), ())
    return Before(
        question=re.sub(rf" for {PAGE}(?=[?.! ]*$)", "", _with_page(said, page)),
        section=last.section,
        choices=listed,
        denied=bool(re.match(r"no\b", last.reply_text, re.I)),
        has_page=bool(page) and not _is_lost(turns, page_named),
        earlier=tuple(turn.standalone for turn in reversed(turns[:-1])),
    )


def _page_of(turns: Sequence[Turn], page_named: Callable[[str], str]) -> str:
    """The title of the page that the conversation is about, "" for none."""
    answered = next((turn.topic for turn in reversed(turns) if turn.topic), "")
    # Nothing was answered yet, but a page may have been named: "I'm thinking about Food Technology."
    return answered or next((title for turn in reversed(turns) if (title := page_named(turn.question))), "")


def _has_left(
    asked: str, turns: Sequence[Turn], visited: str, names_another: Callable[[str, str], bool]
) -> bool:
    """Whether the asker, on the page titled ``visited``, has turned the conversation to another page.

    That they were answered from one makes "it" a thing there, and nothing else.
    """
    here = list(takewhile(lambda turn: turn.page == visited, reversed(turns)))
    if here and here[0].topic not in {"", visited} and points_back(asked) and not _THIS_PAGE.search(asked):
        return True
    return any(names_another(visited, turn.standalone) for turn in here)


def _is_lost(turns: Sequence[Turn], page_named: Callable[[str], str]) -> bool:
    """Whether the last question was about something that no page covers: what follows is about that too."""
    if not turns:
        return False
    last = turns[-1]
    named = any(term.role is TermRole.NAME for term in understand(last.standalone).terms)
    return not last.topic and named and not page_named(last.standalone)


def _names(
    page_named: Callable[[str], str], turns: Sequence[Turn], at_level: Callable[[str], str]
) -> Callable[[str], str]:
    """``page_named`` of the things that one names a page by; "the master" is one with such a title.

    "Which scholarships are there?" names no page that has "scholarships" in its title.
    """

    def named(text: str) -> str:
        found = [phrase.text for phrase in phrases(text) if _can_name_a_page(phrase)]
        if found and (title := page_named(" ".join(found))):
            return title
        if title := at_level(text):
            return title
        degree = _DEGREE.search(text)
        if degree is None:
            return ""
        level = _DEGREES[degree["level"].lower()]
        spoken_of = [turn.topic for turn in reversed(turns)]
        others = (page_named(short) for short in ("MSc", "M.Sc.", "BSc", "B.Sc.", "MA", "BA"))
        return next((title for title in (*spoken_of, *others) if level.search(title)), "")

    return named


def _can_name_a_page(phrase: Phrase) -> bool:
    if phrase.is_name or phrase.text.casefold().startswith(("the ", "your ", "this ")):
        return phrase.text.casefold() != PAGE
    return not phrase.is_attribute and not (phrase.is_plural and " " not in phrase.text)


def _with_title(text: str, page: str, names: Callable[[str], str]) -> str:
    """``text`` with the title for "the master"."""
    found = _DEGREE.search(text)
    if not found or names(_DEGREE.sub("", text)) or names(found.group()) != page:
        return text
    return f"{text[: found.start()]}{PAGE}{text[found.end() :]}"


def _short(title: str) -> str:
    """A title as one says it in a sentence: brackets go, unless they tell it from others ("(part-time)")."""
    head, _, aside = title.rstrip(") ").rpartition("(") if title.rstrip().endswith(")") else (title, "", "")
    if levels_in(words(aside)) or modes_in(words(aside)):
        title = f"{head.rstrip()}, {aside}"
    # "M.Sc." would end the sentence it is put into.
    return re.sub(r"\s*\([^()]*\)\s*$", "", title).replace(".", "") or title


def _with_page(text: str, page: str) -> str:
    """``text`` with PAGE for the title: what is said of one page can then be asked of another."""
    return re.sub(re.escape(_short(page)), PAGE, text, flags=re.I) if page else text


def _named(text: str, page: str) -> str:
    """``text`` with the title for PAGE."""
    return text.replace(PAGE, _short(page)) if page else text


def _without_page(text: str) -> str:
    return " ".join(_SAME_PAGE.sub("", text).split())


def _about(text: str, page: str) -> str:
    """``text`` asked of the page with this title; as it is where the title does not fit into a sentence."""
    said, title = text.strip().rstrip("?.! "), _short(page)
    if not page or len(title.split()) > _TITLE or re.search(r"\b(?:for|of|in|at|to|about|from)$", said, re.I):
        return _named(text, page)
    return f"{said} for {title}{end_of(said)}"


def _is_a_letter(message: str) -> bool:
    return len(words(message)) >= _LETTER


def _names_one(question: Question) -> bool:
    """Whether a test or another thing with a name of its own stands among the terms."""
    return any(concept.is_name for term in question.terms for concept in term.concepts)


def _names_only_a_page(message: str, page_named: Callable[[str], str]) -> bool:
    """Whether a message is nothing but the name of a page, as an answer to "which one?"."""
    if asks(message) or "?" in message or not page_named(message):
        return False
    own = [term for term in understand(message).terms if term.role is not TermRole.GENERIC]
    return all(page_named(term.text) for term in own)


def _tells_the_group(message: str) -> bool:
    """Whether a message only tells who is asking: "I'm from Norway", "Turkish, does that count as EU?"."""
    message = RESIDENCE.sub("", _COUNTS_AS.sub("", message))
    if group_of(message) is None or asks(message.rstrip(" ?")):
        return False
    # A passport is a document to hand in, but here it tells who one is.
    return ("?" not in message or len(words(message)) <= 3) and not any(
        term.role is TermRole.CONCEPT and term.stems != _OF_A_PERSON for term in understand(message).terms
    )


def _group_chosen(message: str, before: Before) -> tuple[Audience | None] | None:
    """The group that "the second one" means after a choice, (None,) for "both"; None for other turns."""
    if not any(audience_of_fact(choice) for choice in before.choices):
        return None
    if _BOTH.fullmatch(message.strip()):
        return (None,)
    choice = chosen(message, before.choices) if len(words(message)) <= 6 else None
    group = audience_of_fact(choice) if choice else None
    return (group,) if group is not None else None


def _asked_for(group: Audience | None, before: Before, last: Turn) -> str:
    """The last question for this group; the group is named where the question or its answer turned on it."""
    alone = without_audience(before.question)
    turned_on_it = alone != before.question or any(audience_of_fact(choice) for choice in last.choices)
    return f"{for_audience(alone, f'{group} students')}?" if group and turned_on_it else alone


def _choices(reply: Reply) -> tuple[str, ...]:
    """What a reply listed: the items of its lists, or what its answer depends on."""
    items = [
        line.removeprefix("- ").strip()
        for sentence in reply.sentences
        for line in sentence.text.split("\n")
        if line.startswith("- ")
    ]
    if not items and reply.outcome is Outcome.CLARIFY:
        items = [sentence.text.partition(":")[0] for sentence in reply.sentences if sentence.citations]
    return tuple(items)
