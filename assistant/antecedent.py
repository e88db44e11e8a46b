"""What a follow-up leans on: the last question, and what "it" and "that" stand for after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.words import stem, stems

from .phrases import Phrase, definite, phrases
from .questions import understand

# Stands for the page of the conversation until its name is put there, in words that mean no other thing.
PAGE = "the programme"
# So many questions further back a thing is looked for where no page is spoken of.
REACH = 5
# Words; a longer heading is no name.
LONGEST_NAME = 5
# How a question begins that needs no other half.
ASKS_FULLY = re.compile(
    r"^(?:(?:for|by|until|since|from|to|in|at|on|with) )?(?:what|which|who|whom|whose|when|where|why|how|"
    r"is|are|"
    r"was|were|do|does|did|can|could|will|would|shall|should|may|might|must|am|has|have|tell|list|explain|"
    r"give|"
    r"show|name|describe|i|there)\b",
    re.I,
)
# What stands in front of a thing that is counted or chosen from.
COUNTING = frozenset({"many", "much", "what", "which"})


@dataclass(frozen=True, slots=True)
class Before:
    """What a turn may lean on: the last question, with ``PAGE`` for the page's name, and what it was about.

    ``earlier`` are the questions before it, newest first. ``section`` is the heading that the answer stood
    under, ``choices`` what it listed, ``denied`` whether it began with a "No".
    """

    question: str
    section: str = ""
    choices: tuple[str, ...] = ()
    denied: bool = False
    has_page: bool = False
    earlier: tuple[str, ...] = ()

    def thing(self, *, plural: bool | None = None) -> str:
        """What "it" (or "they") stands for: the thing asked about last, PAGE where that is the page itself.

        "" where nothing fits.
        """
        questions = (self.question,) if self.has_page else (self.question, *self.earlier[:REACH])
        found = [
            (question, phrase)
            for question in questions
            for phrase in phrases(question)
            if phrase.is_spoken_of
            and phrase.text.casefold() != PAGE
            and not phrase.is_attribute
            and not phrase.is_page
            and (
                plural is None
                or phrase.is_plural is plural
                or (phrase.is_name and not (plural and self.has_page))
            )
        ]
        if not found:
            return PAGE if self.has_page and plural is not True else ""
        # Where no page holds the talk together, a name does: "the Great Wall", and not "the stone".
        named = [] if self.has_page else [pair for pair in found if pair[1].is_name]
        # "The letters of reference" are letters: what hangs on a thing is not the thing.
        found = [
            (question, phrase)
            for question, phrase in found
            if not any(q == question and other.start < phrase.start < other.whole for q, other in found)
        ]
        # "Which countries is the scholarship for?" is about the scholarship.
        found.sort(key=lambda pair: pair[1].preposition in COUNTING)
        question, phrase = (named or found)[0]
        return self.named_closer(definite(question[phrase.start : phrase.whole]), phrase)

    def detail(self) -> str:
        """What "that" stands for: the detail asked for last, else the thing."""
        for phrase in phrases(self.question):
            if phrase.is_attribute:
                return definite(self.question[phrase.start : phrase.whole])
        for term in understand(self.question).terms:
            named = [concept for concept in term.concepts if concept.expects is not None]
            if named and not term.text[:1].isupper():
                # "What would I pay?" asks for the tuition.
                return f"the {named[0].name.replace('_', ' ')}"
        return self.thing()

    def named_closer(self, said: str, phrase: Phrase) -> str:
        """The heading of the answer where that names the thing closer than the question did."""
        own = {stem(word) for word in phrase.bare.split()}
        heading = self.section.strip(" .:?")
        if not heading or phrase.is_plural or phrase.is_name or ASKS_FULLY.match(heading):
            return said
        is_closer = own < set(stems(heading)) and len(heading.split()) <= LONGEST_NAME
        return f"the {heading}" if is_closer else said
