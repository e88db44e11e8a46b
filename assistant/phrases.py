"""The noun phrases of a question, told by the small words around them, without a parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .questions import understand
from .terms import Term, TermRole

_TOKEN = re.compile(r"[^\W_]+(?:['’.&/+-][^\W_]+)*\+?")
_DETERMINERS = frozenset(
    "a an the this that these those my your our their its his her any some all each every both no".split()
)
_AUXILIARIES = frozenset("do does did can could will would shall should may might must".split())
_BE = frozenset("is are was were be been being am isn't aren't wasn't".split())
_JOINING = frozenset("of in at for on with from to about per".split())
_PRONOUNS = frozenset("i me you he she it we they this that there to".split())
# Words that end a noun phrase: pronouns, conjunctions, prepositions, adverbs.
_SMALL = frozenset(
    "i me mine you yours he him she it we us they them one ones who whom whose what which when where why how "
    "whether if and or but so then than because while as by into onto over under between during after before "
    "within without through until since there here not only also just very too still yet again ever never "
    "much many more most less few several long often far exactly really actually currently please ok okay "
    "yes "
    "well now later first finally rather instead already soon maybe perhaps down up out off both either "
    "neither everything "
    "something anything someone anyone everyone regarding concerning like "
    "don't doesn't didn't can't won't what's it's i'm i'd i've that's who's how's where's".split()
)
# Words that in a question are mostly verbs; behind a determiner they are nouns: "the start", "a visit".
_VERBS = frozenset(
    "get gets got need needs needed have has had having offer offers offered accept accepts accepted cost "
    "take "
    "takes took taken pay pays paid apply applies applying live lives tell know find use used make makes "
    "made "
    "happen happens include includes included cover covers covered mean means meant contact send sent go "
    "goes "
    "going come comes came give gives given want wants see say says said work works start starts begin "
    "begins "
    "end ends last lasts stay stays join joins visit become becomes do done doing ask asks help helps "
    "explain "
    "describe list show name provide provides provided require requires required expect choose study studied "
    "speak teach taught learn submit write wrote written read play plays played change changes changed "
    "run runs "
    "running consider considered count hold holds keep keeps let lets let's call called think thinking "
    "believe "
    "wondering finish finished enter receive received compare created create located based".split()
)
_PERIODS = frozenset(
    "year years month months week weeks day days semester semesters term time times total moment today "
    "tomorrow kind kinds type types way thing things question questions information details example examples "
    "lot difference differences".split()
)
# Concepts that are said of a programme or another thing and are hardly ever what "it" stands for.
_SAID_OF_A_THING = frozenset(
    "location accreditation language_of_instruction provider degree_awarded contact admission application "
    "language_level fit components selection minimum maximum score supervision guarantee part_time full_time "
    "collaboration sign".split()
)


# What is said of a thing by a figure or a word.
_MEASURES = frozenset("value amount size length name price number level date purpose meaning topic".split())
_PLURALS = frozenset("people children men women data criteria".split())
_BEFORE_A_THING = _JOINING | _VERBS | _BE | {"what", "which", "many", "there"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase at ``text[start:end]`` of its question, determiner included.

    ``whole`` ends where the phrases that hang on it by a preposition end ("the fee for EU students").
    ``preposition`` is the one in front of it, ``is_subject`` says whether an auxiliary stands there.
    """

    text: str
    start: int
    end: int
    whole: int
    preposition: str
    is_subject: bool
    terms: tuple[Term, ...]

    @property
    def head(self) -> str:
        """The last word: what sort of thing it is."""
        return self.bare.split()[-1]

    @property
    def bare(self) -> str:
        """The phrase without its determiner."""
        first, _, rest = self.text.partition(" ")
        return rest if rest and first.casefold() in _DETERMINERS else self.text

    @property
    def is_spoken_of(self) -> bool:
        """Whether it is something one can go on about, and not the loose end of a sentence."""
        if re.search(r"(?:ed|ing)$", self.text) and " " not in self.text and self.preposition != "of":
            return self.is_name
        return (
            self.bare != self.text
            or self.is_name
            or self.is_plural
            or self.is_subject
            or self.preposition in _BEFORE_A_THING
        )

    @property
    def is_plural(self) -> bool:
        """Whether the last word looks like a plural."""
        head = self.head.casefold()
        return head in _PLURALS or bool(re.search(r"(?<![siu])s$", head))

    @property
    def is_name(self) -> bool:
        """Whether a proper name stands in it."""
        return any(term.role is TermRole.NAME for term in self.terms)

    @property
    def is_attribute(self) -> bool:
        """Whether it is a detail of something: a fee, a date, a score, a place."""
        if self.head.casefold() in _MEASURES:
            return True
        concepts = [concept for term in self.terms for concept in term.concepts]
        if self.is_name and self.terms[-1].role is TermRole.CONCEPT and len(self.terms) > 1:
            # "The TOEFL score" is no more a thing to go on about than "the score".
            return any(concept.expects is not None for concept in self.terms[-1].concepts)
        return not self.is_name and any(
            concept.expects is not None or concept.name in _SAID_OF_A_THING for concept in concepts
        )

    @property
    def is_page(self) -> bool:
        """Whether it says no more than "the programme" or "EU students"."""
        return all(term.role is TermRole.GENERIC for term in self.terms)


@lru_cache(maxsize=2_000)
def phrases(text: str) -> tuple[Phrase, ...]:
    """The noun phrases of a question in order; words for time and for kinds of things are none."""
    runs = _runs(text)
    terms = understand(text).terms
    found: list[Phrase] = []
    for number, run in enumerate(runs):
        last = run
        for following in runs[number + 1 :]:
            between = text[last.end : following.start].casefold().strip()
            if between not in _JOINING:
                break
            last = following
        said = text[run.start : run.end]
        own = tuple(term for term in terms if f" {term.text} " in f" {' '.join(_words(said))} ")
        if _is_thing(said):
            found.append(Phrase(said, run.start, run.end, last.end, run.preposition, run.is_subject, own))
    return tuple(found)


@dataclass(slots=True)
class _Run:
    start: int
    end: int
    preposition: str
    is_subject: bool


def _words(text: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W\d_]+)?", text)


def _is_thing(said: str) -> bool:
    content = [word for word in said.casefold().split() if word not in _DETERMINERS]
    return bool(content) and content[-1] not in _PERIODS and not content[-1][0].isdigit()


def _runs(text: str) -> list[_Run]:
    """The stretches of other words between small words; a determiner opens a new one."""
    runs: list[_Run] = []
    run: list[re.Match[str]] = []
    before = previous = ""
    end = 0

    def close(following: str) -> None:
        content = [token for token in run if token.group().casefold() not in _DETERMINERS]
        if before in _AUXILIARIES and len(content) > 1 and following not in _VERBS | _BE:
            # "Where do guinea pigs sleep": behind the subject, "do" and "can" need a verb.
            run.pop()
        elif before in _BE and len(content) > 1 and re.fullmatch(r"[a-z]+(?:ed|ing)", content[-1].group()):
            run.pop()  # "Is privacy protected?"
        if content:
            runs.append(_Run(run[0].start(), run[-1].end(), before, before in _AUXILIARIES | _BE))
        run.clear()

    for token in _TOKEN.finditer(text):
        word = token.group().casefold()
        if text[end : token.start()].strip():
            close("")
            before = ""
        is_verb = word in _VERBS and not (run and previous in _DETERMINERS)
        if is_verb or word in _SMALL | _AUXILIARIES | _BE | _JOINING:
            close(word)
            # "Can I do a full internship": the subject is said already.
            before = "" if word in _AUXILIARIES and previous in _PRONOUNS else word
        else:
            if word in _DETERMINERS and run:
                close(word)
                before = ""
            run.append(token)
        previous, end = word, token.end()
    close("")
    return runs


def definite(phrase: str) -> str:
    """A phrase as one speaks of it again: "the deposit" after "a deposit"."""
    said = re.sub(r"^(?:an?|any|some|no|your|my|all) ", "the ", phrase, flags=re.I)
    if re.match(r"(?:the|this|that|these|those|every|each|both|its|their)\b", said, re.I):
        return said
    first = phrases(said)
    plain = first and not first[0].is_name and not first[0].is_plural
    return f"the {said}" if plain and first[0].is_attribute else said


def is_or_are(thing: str) -> str:
    found = phrases(thing)
    return "are" if found and found[0].is_plural and not found[0].is_name else "is"


def tidy(text: str) -> str:
    return re.sub(r"\s+([,?.!])", r"\1", re.sub(r"\s{2,}", " ", text)).strip(" ,")


def as_question(text: str) -> str:
    text = tidy(text).rstrip(" ?.!")
    return f"{text[:1].upper()}{text[1:]}{end_of(text)}"


def end_of(text: str) -> str:
    """The mark that ends a question; that of a request is a full stop."""
    return "." if re.match(r"(?:tell|list|explain|give|show|name|describe)\b", text, re.I) else "?"
