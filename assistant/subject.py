"""The pages that a question names: by their titles, in part, abbreviated, misspelt, and by level."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.documents import BlockKind, Document
from ingest.words import stem, stems, words

from .degrees import Span, levels_in, modes_in
from .lexicon import lexicon
from .spelling import nearest
from .terms import STOP_STEMS
from .vocabulary import commonness, is_english

# Least share of a name's weight that a question must say; from SOME on, two words or a rare one will do.
MOST, SOME = 0.75, 0.5
# Zipf value (see vocabulary) below which a single word of a longer name is enough to mean it.
_RARE_WORD = 4.0
# Zipf value below which a word of the dictionary may be a slip for one of a name: "planing".
_SELDOM = 3.0
# Zipf value of words that are as good as names of their own ("MINTgruen", "scenography").
_COINED = 2.0
# Zipf value below which a small word in front of a name is part of another one: "the perfume chemistry BSc".
_MODIFIER = 4.5
# Headings that two pages share from which on they are of one kind.
_ALIKE = 2
# From so many documents on, what a quarter of the titles say names no single page; of fewer, what half say.
# From so many pages about degrees on, a name that goes on in other words is that of another programme.
_MANY = 8
_PARTS = re.compile(r"\s+[|·–—-]\s+|\s*[|:;,]\s+|[()]")
_PLACE = re.compile(r"\s+at\s+[A-Z][^|,;:()]*")
_INSTITUTION = re.compile(
    r"\b(?:universit\w*|hochschule|institute|college|academy|hospital|polytechnic)\b", re.I
)
# "SE", "M.BL." behind a comma: a degree that has no name here.
_SHORT_PART = re.compile(r"[a-z]{1,2}\.(?:\s?[a-z]{1,4}\.)?", re.I)
# Words of a publisher that do not tell it from others.
_ANY_PUBLISHER = frozenset(
    map(
        stem, "university technical college school institute academy of the and for sciences saint st".split()
    )
)
_PROGRAMME = frozenset(
    map(stem, "programme program degree course courses study studies studying field subject area".split())
)
_LINKS = frozenset({"and", "for", "with", "of", "in"})
# "Which degree does Chemistry lead to?" asks for the degree.
_ASKING_FOR = frozenset({"which", "what"})
# The end of "B.Sc." and "Ph.D."; the article in front of a name.
_IN_SHORT = re.compile(r"\b[A-Za-z]{1,2}\.\s?[A-Za-z]{1,4}\.$")
_THE = re.compile(r"\bthe\s+$", re.I)
# What may stand inside a name, and between a name and its level, mode or university.
_GLUE = frozenset({"and", "for", "with", "of", "in", "the", "a", "an", "to", "at", "by", "from", "offered"})
# After one of these a level is no longer the name's: "Data Science with a bachelor".
_TURNS = frozenset("with after as if and my from without but when than or because though while for".split())
# In front of a level these say that the degree is the asker's: "I have a bachelor in physics".
_OWN = frozenset("my have has had hold holding did finished finishing completed with i've got".split())
# Words between a name and its level.
_NEAR = 4
# Words of a turn that is hardly more than a level: "And for the MSc?", "MSc part-time".
_POINTING = 4
_MARKS = ".,;:?!()[]'\"“”’"
_INITIALS = re.compile(r"(?<!\w)([A-Za-z])[/&]([A-Za-z])(?!\w)")
# Initials that are no programme's.
_NO_INITIALS = frozenset("eu eea us uk usa uni it ok id".split())


@dataclass(frozen=True, slots=True)
class Subject:
    """The documents that a question names and the words it names them by, as typed, lower case.

    No documents: the question names none. ``is_missing``: it names one that no page is about: another level,
    another university, or a name that only begins like one of the pages'. ``is_whole``: it says a name whole,
    or nearly. ``places`` are those of ``said`` among the words of the question.
    """

    documents: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    places: frozenset[int] = frozenset()
    is_missing: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """A page as it is told from others: the numbers of its names, its levels, modes and publisher.

    ``aside`` are the words in brackets that are no name: "(teacher training)".
    """

    document: str
    names: tuple[int, ...]
    levels: frozenset[str]
    modes: frozenset[str]
    publisher: str
    aside: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Name:
    """A name that pages have: its telling words as written and as keys, their weights, and its pages."""

    number: int
    words: tuple[str, ...]
    keys: tuple[str, ...]
    weights: tuple[float, ...]
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """The words of a question, their stems, and the places that say a level, a mode or a publisher.

    ``apart`` are those places, and words for people ("international students"). ``weak`` are places of words
    that mean something else in questions: "language", "health insurance".
    ``breaks`` counts, for each place, the words up to it that cannot stand inside a name. ``initials`` are
    letters with a mark between them ("I/O"), by the place of the first.
    """

    tokens: Sequence[str]
    roots: Sequence[str]
    levels: Sequence[Span]
    modes: Sequence[Span]
    publishers: Sequence[Span]
    apart: frozenset[int]
    weak: frozenset[int]
    breaks: Sequence[int]
    initials: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name, the places of a question that say it, and how much of its weight they say.

    ``is_spread`` says whether words that cannot stand inside a name part the places.
    """

    name: _Name
    at: frozenset[int]
    share: float
    is_spread: bool = False


class SubjectFinder:
    """Knows the names of the documents of one index; a question costs about a millisecond of 10,000 pages."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = documents
        read = [_read_title(document) for document in documents.values()]
        names = _telling_names(read, [document.title for document in documents.values()])
        self._pages = tuple(
            _Page(document.id, own, title.levels, title.modes, document.publisher, title.aside)
            for document, title, own in zip(documents.values(), read, names.of_page, strict=True)
        )
        self._names = names.names
        self._number = {page.document: number for number, page in enumerate(self._pages)}
        self._titled: dict[str, list[str]] = defaultdict(list)
        for document in documents.values():
            self._titled[document.title].append(document.id)
        self.is_of_many = sum(bool(page.levels) for page in self._pages) >= _MANY
        self._publishers = _publisher_words(documents.values())
        self._aside = frozenset().union(*(page.aside for page in self._pages))
        # "Biotechnology at UMBC" publishes for UMBC too.
        everyone = {page.publisher: set(stems(page.publisher)) for page in self._pages}
        self._within = {
            publisher: {other for other, roots in everyone.items() if roots.issuperset(told)}
            for told, publisher in self._publishers.items()
        }
        self._weigh()
        self.find = lru_cache(maxsize=512)(self._find)
        self._meant_by = lru_cache(maxsize=20_000)(self._keys_meant)
        self._headings_of = lru_cache(maxsize=5_000)(self._headings)

    def _weigh(self) -> None:
        """Index the names by their words and initials, and keep their weights as arrays."""
        having: dict[str, list[int]] = defaultdict(list)
        self._weight: dict[str, float] = {}
        self._initials: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        first_names = {page.names[0] for page in self._pages if page.names}
        for name in self._names:
            for key, weight in zip(name.keys, name.weights, strict=True):
                having[key].append(name.number)
                self._weight[key] = weight
            letters = "".join(word[0] for word in name.words).casefold()
            for first in range(len(letters) if name.number in first_names else 0):
                for last in range(first + 2, len(letters) + 1):
                    self._initials[letters[first:last]].append((name.number, first, last))
        # "IME" for "Innovation Management, Entrepreneurship", whose two parts are names of their own.
        self._initials_of_titles: dict[str, tuple[int, ...]] = {}
        for page in self._pages:
            if len(page.names) > 1:
                told = [word for number in page.names for word in self._names[number].words]
                self._initials_of_titles["".join(word[0] for word in told).casefold()] = page.names
        self._having = {key: np.array(found, dtype=np.intp) for key, found in having.items()}
        self._known = tuple(self._having)
        self._whole: NDArray[np.float64] = np.array([sum(name.weights) for name in self._names])
        self._coined = frozenset(key for key in self._having if commonness(key) < _COINED)
        self._of_stem: dict[str, set[str]] = defaultdict(set)
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            for word, key in zip(name.words, name.keys, strict=True):
                self._of_stem[stem(word)].add(key)
        for key in self._having:
            self._by_letter[key[0]].append(key)

    def are_siblings(self, one: str, other: str) -> bool:
        """Whether two documents are of one kind: both about a degree, or laid out under the same headings."""
        if one == other:
            return False
        if self._page(one).levels and self._page(other).levels:
            return True
        return len(self._headings_of(one) & self._headings_of(other)) >= _ALIKE

    def programmes(self, documents: Iterable[str]) -> list[list[str]]:
        """``documents`` by the programme they are about, in the order of the index.

        Pages that differ in name, level, mode or publisher are about two programmes. One without a level,
        such as a page on fees, is about any of them, and stands with the first.
        """
        found: dict[object, list[str]] = {}
        loose: list[str] = []
        for document in sorted(documents, key=self._number.__getitem__):
            page = self._page(document)
            if page.levels:
                programme = (frozenset(page.names), page.levels, page.modes, page.publisher)
                found.setdefault(programme, []).append(document)
            else:
                loose.append(document)
        groups = list(found.values())
        return [[*groups[0], *loose], *groups[1:]] if groups else [loose]

    def without_names(self, text: str) -> str:
        """``text`` with "the programme" for the words that name one: "International Law" is for no group."""
        places = sorted(self.find(text).places)
        if not places:
            return text
        tokens = words(text)
        starts: list[int] = []
        for token in tokens:
            end = starts[-1] + len(tokens[len(starts) - 1]) if starts else 0
            starts.append(text.find(token, end))
        if -1 in starts:
            return text  # a word that is read otherwise than it is written ("e-mail")
        runs: list[tuple[int, int]] = []
        for place in places:
            if runs and all(token.casefold() in _GLUE for token in tokens[runs[-1][1] + 1 : place]):
                runs[-1] = (runs[-1][0], place)
            else:
                runs.append((place, place))
        for first, last in reversed(runs):
            end = starts[last] + len(tokens[last])
            if _IN_SHORT.search(text[: end + 1]):
                end += 1  # the stop of "B.Sc." ends no sentence
            text = f"{_THE.sub('', text[: starts[first]])}the programme{text[end:]}"
        return text

    def is_short_for_a_name(self, word: str) -> bool:
        """Whether a word abbreviates one of a name: "intl", "mech"."""
        small = word.casefold()
        return any(
            _shortens(small, key) or _shortens(small, f"{key}s")
            for key in self._meant_by(word) - {_key(word)}
        )

    def title_named(self, text: str) -> str:
        """The title of the one programme's page that ``text`` names; "" for none and for several."""
        groups = self.programmes(self.find(text).documents)
        return self._documents[groups[0][0]].title if len(groups) == 1 and groups[0] else ""

    def titled(self, title: str) -> frozenset[str]:
        """The documents with exactly this title."""
        return frozenset(self._titled.get(title, ()))

    def at_level(self, title: str, text: str) -> str:
        """The title of the page like that titled ``title``, of the level or mode that ``text`` names.

        "the PhD" after a page about the master: "" where there is none, or where the text names no level.
        """
        tokens = words(text)
        said = (*levels_in(tokens), *modes_in(tokens))
        if not self.titled(title) or not any(_is_pointed_at(span, tokens) for span in said):
            return ""
        levels = {span.what for span in levels_in(tokens)}
        modes = {span.what for span in modes_in(tokens)}
        own = self._page(min(self.titled(title)))
        kin = {number for name in own.names for number in self._names[name].pages}
        fitting = [
            page
            for page in (self._pages[number] for number in sorted(kin))
            if (page.levels & levels if levels else page.levels == own.levels)
        ]
        best = min(
            fitting,
            key=lambda page: (
                len(set(page.names) ^ set(own.names)),
                len(modes ^ page.modes),
                page.publisher != own.publisher,
            ),
            default=None,
        )
        return self._documents[best.document].title if best is not None else ""

    def _page(self, document: str) -> _Page:
        return self._pages[self._number[document]]

    def _headings(self, document: str) -> frozenset[str]:
        page = self._documents[document]
        return frozenset(
            page.text[block.start : block.end].casefold()
            for block in page.blocks
            if block.kind is BlockKind.HEADING
        )

    def _find(self, text: str) -> Subject:
        """Return the documents that ``text`` names best, and the words it does so with."""
        question = self._read(text)
        mentions = self._mentions(question)
        best = [one for one in mentions if not any(_says_more(other, one) for other in mentions)]
        best = [one for one in best if not (one.is_spread and any(_is_said_by(one, other) for other in best))]
        if any(one.share >= MOST and _is_written(one, question) for one in best):
            best = [one for one in best if one.share == 1 or _is_written(one, question)]
        if len(best) > 1:
            best = [one for one in best if not _is_the_askers(one, question)] or best
        if not best:
            best = self._beside_a_level(question)
        if not best:
            return Subject()
        kept = [one for one in best if not self._goes_on(one, question, best)]
        if not kept:
            return Subject(is_missing=self.is_of_many)
        if all(mention.share < MOST for mention in kept):
            # However little of a name is said: "the soil PhD" is that of any name with soil in it.
            every = [one for at in {one.at for one in kept} for one in self._holding(at, question)]
            kept = list({one.name.number: one for one in (*every, *kept)}.values())
        fitting: dict[int, frozenset[int]] = {}
        for mention in kept:
            for number in self._at_the_level(mention, question):
                fitting[number] = fitting.get(number, frozenset()) | mention.at
        fitting = self._of_the_publisher(fitting, question)
        if not fitting:
            return Subject(is_missing=True)
        numbers = self._said_best(fitting, kept, question)
        said = frozenset().union(*(fitting[number] for number in numbers))
        # "Can I take it part-time?" names no page by that, where none is of that mode.
        modes = [
            span
            for span in question.modes
            if any(span.what in self._pages[number].modes for number in numbers)
        ]
        near = {
            place
            for span in (*question.levels, *modes, *question.publishers)
            if _distance(span, said, question) <= _NEAR
            for place in range(span.first, span.last + 1)
        }
        near |= {
            place
            for place in range(len(question.tokens))
            if (question.roots[place] in _PROGRAMME or _key(question.tokens[place]) in self._aside)
            and any(abs(place - other) <= 2 for other in said | near)
            and not (place and question.tokens[place - 1].casefold() in _ASKING_FOR)
        }
        return Subject(
            frozenset(self._pages[number].document for number in numbers),
            frozenset(question.tokens[place].casefold() for place in said | near),
            frozenset(said | near),
            is_whole=any(mention.share >= MOST for mention in kept),
        )

    def _read(self, text: str) -> _Question:
        tokens = words(text)
        roots = [stem(token) for token in tokens]
        levels, modes = levels_in(tokens), modes_in(tokens)
        publishers = tuple(_spans_of(self._publishers, roots))
        beside = {
            place for span in (*levels, *modes, *publishers) for place in range(span.first, span.last + 1)
        }
        breaks: list[int] = []
        initials = _initials_in(text, tokens)
        for place, token in enumerate(tokens):
            is_inside = (
                place in beside
                or not {place, place - 1}.isdisjoint(initials)
                or token.casefold() in _GLUE
                or roots[place] in _PROGRAMME
                or _key(token) in self._aside
                or bool(self._meant_by(token))
            )
            breaks.append((breaks[-1] if breaks else 0) + (not is_inside))
        people = {place for place in range(len(tokens) - 1) if roots[place + 1] in _PEOPLE}
        apart = frozenset(beside | people)
        return _Question(
            tokens, roots, levels, modes, publishers, apart, _weak(tokens, roots) - apart, breaks, initials
        )

    def _mentions(self, question: _Question) -> list[_Mention]:
        """The names that a question says whole or in part, each where it says most of it."""
        places: dict[str, set[int]] = defaultdict(set)
        shortened: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for place, token in enumerate(question.tokens):
            if place in question.apart:
                continue
            for key in self._meant_by(token):
                places[key].add(place)
            if _is_an_abbreviation(token):
                for number, first, last in self._initials.get(token.casefold(), ()):
                    for n in range(first, last):
                        shortened[number][n].add(place)
                for number in self._initials_of_titles.get(token.casefold(), ()):
                    for n in range(len(self._names[number].keys)):
                        shortened[number][n].add(place)
        for place, letters in question.initials.items():
            for number, first, last in self._initials.get(letters, ()):
                for n in range(first, last):
                    shortened[number][n].update((place, place + 1))
        gained: NDArray[np.float64] = np.zeros(len(self._names))
        candidates = set(shortened)
        for key in places:
            gained[self._having[key]] += self._weight[key]
            if key in self._coined:
                candidates.update(self._having[key].tolist())
        candidates.update(np.flatnonzero(gained >= SOME * self._whole - 1e-9).tolist())
        found: list[_Mention] = []
        for number in sorted(candidates):
            mention = self._mention(self._names[number], places, shortened.get(number, {}), question)
            if mention is not None:
                found.append(mention)
        return found

    def _mention(
        self,
        name: _Name,
        places: Mapping[str, set[int]],
        shortened: Mapping[int, set[int]],
        question: _Question,
    ) -> _Mention | None:
        """The run of the question that says most of a name, if that is enough to mean it."""
        held = {n: places.get(key, set()) | shortened.get(n, set()) for n, key in enumerate(name.keys)}
        whole = frozenset().union(*held.values())
        runs: dict[int, set[int]] = defaultdict(set)
        for place in sorted(whole):
            runs[question.breaks[place]].add(place)
        best: _Mention | None = None
        parted = [part for run in runs.values() for part in _parted(run, held.values(), question.tokens)]
        for run in (*parted, whole) if len(parted) > 1 else (whole,):
            at = _strong(run, question)
            said = {n for n, each in held.items() if each & at}
            share = sum(name.weights[n] for n in said) / sum(name.weights)
            if _is_meant(name, share, said) and (best is None or (run is not whole and share > best.share)):
                best = _Mention(name, at, share, is_spread=len({question.breaks[place] for place in at}) > 1)
        return best

    def _goes_on(self, mention: _Mention, question: _Question, best: Sequence[_Mention]) -> bool:
        """Whether a name goes on in words of another: "Brewing and Beverage Technology"."""
        pages = set(mention.name.pages)
        own = frozenset().union(*(one.at for one in best if one is mention or pages & set(one.name.pages)))
        others = frozenset().union(*(one.at for one in best if one.share >= MOST))
        return any(
            self._belongs_to_another(place, step, mention, question, own, others)
            for place in sorted(mention.at)
            for step in (1, -1)
        )

    def _belongs_to_another(
        self,
        start: int,
        step: int,
        mention: _Mention,
        question: _Question,
        own: frozenset[int],
        others: frozenset[int],
    ) -> bool:
        """Whether the word beside a place of a name, or behind one "and", makes another name of it."""
        tokens = question.tokens
        place = start + step
        is_linked = 0 <= place < len(tokens) and tokens[place].casefold() in {"and", "for", "with"}
        place += step if is_linked else 0
        if not 0 <= place < len(tokens) or place in own or (is_linked and place in others):
            return False
        token = tokens[place]
        if place in question.weak | question.apart or not _tells(token) or _key(token) in self._aside:
            return False
        is_a_name = token[0].isupper() and tokens[start][0].isupper() and place > 0
        if mention.share < MOST and is_a_name:
            return True
        if not self.is_of_many:
            return False
        if self._meant_by(token) or (is_a_name and not token.isupper()):
            return True
        return step < 0 and not is_linked and _is_a_modifier(place, question)

    def _holding(self, places: frozenset[int], question: _Question) -> list[_Mention]:
        """All names that hold the words at ``places``, however little of them that is."""
        keys = [self._meant_by(question.tokens[place]) for place in sorted(places)]
        if not all(keys):
            return []  # initials
        holding = set.intersection(*({int(n) for key in each for n in self._having[key]} for each in keys))
        return [_Mention(self._names[number], places, SOME) for number in sorted(holding)]

    def _beside_a_level(self, question: _Question) -> list[_Mention]:
        """The names that hold all words beside a level, common ones too: "the applied engineering master"."""
        if not self.is_of_many:
            return []
        runs: dict[int, set[int]] = defaultdict(set)
        for place, token in enumerate(question.tokens):
            if place not in question.weak | question.apart and self._meant_by(token):
                runs[question.breaks[place]].add(place)
        for run in map(frozenset, runs.values()):
            if len(run) > 1 and any(_distance(span, run, question) <= _NEAR for span in question.levels):
                return self._holding(run, question)
        return []

    def _at_the_level(self, mention: _Mention, question: _Question) -> list[int]:
        """The pages of a name that are of the level asked for; those that say no level are of every one."""
        asked = {
            span.what
            for span in question.levels
            if _distance(span, mention.at, question) <= _NEAR and not _is_a_paper(span, mention.at, question)
        }
        return [
            number
            for number in mention.name.pages
            if not asked or not self._pages[number].levels or self._pages[number].levels & asked
        ]

    def _of_the_publisher(
        self, fitting: Mapping[int, frozenset[int]], question: _Question
    ) -> dict[int, frozenset[int]]:
        """The pages of the publisher asked for, else those that name none; all where none is asked for."""
        asked = {other for span in question.publishers for other in self._within[span.what]}
        kept = {number: at for number, at in fitting.items() if self._pages[number].publisher in asked}
        kept = kept or {number: at for number, at in fitting.items() if not self._pages[number].publisher}
        if kept or not any(_is_asked_at(span, question) for span in question.publishers):
            return kept or dict(fitting)
        return {}

    def _said_best(
        self, fitting: Mapping[int, frozenset[int]], kept: Sequence[_Mention], question: _Question
    ) -> list[int]:
        """Those of the pages that the question says most of: most words, and no part of a title unsaid."""
        modes = {span.what for span in question.modes}
        said = frozenset().union(*fitting.values())
        named = frozenset(mention.name.number for mention in kept)
        alike: dict[tuple[frozenset[str], frozenset[int]], list[int]] = defaultdict(list)
        for number, at in fitting.items():
            if not any(at < other for other in fitting.values()):
                alike[self._pages[number].levels, named & set(self._pages[number].names)].append(number)
        best: list[int] = []
        for numbers in alike.values():
            left = {number: self._unsaid(number, modes, said, question) for number in numbers}
            best += [number for number in numbers if left[number] == min(left.values())]
        with_mode = [number for number in best if self._pages[number].modes & modes]
        return with_mode or best

    def _unsaid(
        self, number: int, modes: set[str], said: frozenset[int], question: _Question
    ) -> tuple[int, int]:
        """How many modes asked for a page lacks, and how many of its own and of its names go unsaid."""
        page = self._pages[number]
        keys = {key for place in said for key in self._meant_by(question.tokens[place])}
        names = [self._names[name] for name in page.names]
        # Only of a degree: "Important Dates | Winter Session" is about the session, as "Winter Session" is.
        is_told_by_all = len(names) > 1 and bool(page.levels)
        unsaid = sum(not keys & set(name.keys) for name in names) if is_told_by_all else 0
        aside = self._aside & set(map(_key, question.tokens))
        lacking = len(modes - page.modes) + bool(aside - page.aside)
        return lacking, len(page.modes - modes) + unsaid + bool(page.aside and not page.aside & aside)

    def _keys_meant(self, token: str) -> frozenset[str]:
        """The words of names, as keys, that a word of a question may stand for."""
        if not _tells(token):
            return frozenset()
        key, small = _key(token), token.casefold()
        if key in self._having:
            return frozenset({key})
        if (alike := self._of_stem.get(stem(token))) is not None:
            return frozenset(alike)
        found = [
            known
            for known in self._by_letter.get(key[0], ())
            if _shortens(small, known) or _shortens(small, f"{known}s")
        ]
        closest = max((_shared(small, known) for known in found), default=0)
        found = [known for known in found if _shared(small, known) == closest]
        is_a_word = is_english(small) and commonness(small) >= _SELDOM
        if found or len(small) < 5 or not small.isalpha() or is_a_word:
            return frozenset(found)
        slip = nearest(key, self._known, 1 if len(small) < 6 else 2)
        return frozenset() if slip is None else frozenset({slip})


@dataclass(frozen=True, slots=True)
class _Title:
    """The parts of a title that may be names, each as its telling words, and its levels and modes."""

    parts: tuple[tuple[str, ...], ...]
    levels: frozenset[str]
    modes: frozenset[str]
    aside: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Names:
    """All names, and for each page the numbers of its own."""

    names: tuple[_Name, ...]
    of_page: tuple[tuple[int, ...], ...]


def _read_title(document: Document) -> _Title:
    said_in_all = words(f"{document.title} {re.sub(r'[-_]', ' ', document.id)}")
    levels = frozenset(span.what for span in levels_in(said_in_all))
    modes = frozenset(span.what for span in modes_in(words(document.title)))
    parts: list[tuple[str, ...]] = []
    for part in _PARTS.split(_PLACE.sub("", document.title)):
        if not part or _INSTITUTION.search(part) or _SHORT_PART.fullmatch(part.strip()):
            continue
        said = words(part)
        apart = {
            place
            for span in (*levels_in(said), *modes_in(said))
            for place in range(span.first, span.last + 1)
        }
        telling = {_key(word): word for place, word in enumerate(said) if place not in apart and _tells(word)}
        if not telling or all(len(word) < 3 for word in telling.values()):
            continue
        parts.append(tuple(telling.values()))
    # What pages of any subject have ("Tuition & Fees") is no name, unless a degree has no other.
    named = [part for part in parts if not _is_a_topic(part)]
    if not named and levels:
        named = [part for part in parts if not _is_a_facet(part)]
    brackets = {tuple(words(said)) for said in re.findall(r"\(([^()]*)\)", document.title)}
    aside = {_key(word) for part in parts if part not in named and part in brackets for word in part}
    return _Title(tuple(dict.fromkeys(named)), levels, modes, frozenset(aside))


def _telling_names(read: Sequence[_Title], titles: Sequence[str]) -> _Names:
    carried = Counter(key for title in titles for key in {_key(word) for word in words(title)})
    count = len(titles)
    most = count / (4 if count >= _MANY else 2)
    is_of_many = sum(bool(title.levels) for title in read) >= _MANY
    numbers: dict[tuple[str, ...], int] = {}
    spelt: list[tuple[str, ...]] = []
    pages: list[list[int]] = []
    of_page: list[tuple[int, ...]] = []
    for page, title in enumerate(read):
        own: list[int] = []
        for part in title.parts:
            keys = tuple(_key(word) for word in part)
            is_only_name = is_of_many and bool(title.levels) and len(title.parts) == 1
            if count > 2 and all(carried[key] > most for key in keys) and not is_only_name:
                continue  # the institution, or what all pages are about
            number = numbers.setdefault(keys, len(numbers))
            if number == len(spelt):
                spelt.append(part)
                pages.append([])
            pages[number].append(page)
            own.append(number)
        of_page.append(tuple(own))
    names = tuple(
        _Name(
            number,
            spelt[number],
            keys,
            tuple(math.log(1 + count / carried[key]) for key in keys),
            tuple(pages[number]),
        )
        for keys, number in numbers.items()
    )
    return _Names(names, tuple(of_page))


def _publisher_words(documents: Iterable[Document]) -> dict[tuple[str, ...], str]:
    """The stems that tell a publisher from the others, in order; none where there is only one."""
    publishers = {document.publisher for document in documents if document.publisher}
    if len(publishers) < 2:
        return {}
    told: dict[tuple[str, ...], str] = {}
    for publisher in sorted(publishers):
        roots = [stem(word) for word in words(publisher)]
        telling = [n for n, root in enumerate(roots) if root not in _ANY_PUBLISHER]
        if telling:
            told[tuple(roots[telling[0] : telling[-1] + 1])] = publisher
    return told


def _spans_of(publishers: Mapping[tuple[str, ...], str], roots: Sequence[str]) -> Iterable[Span]:
    """Where a question names a publisher, with the words around it that all publishers have."""
    for told, publisher in publishers.items():
        for place in range(len(roots) - len(told) + 1):
            if tuple(roots[place : place + len(told)]) != told:
                continue
            first, last = place, place + len(told) - 1
            while first > 0 and roots[first - 1] in _ANY_PUBLISHER and roots[first - 1] != stem("sciences"):
                first -= 1
            while last + 1 < len(roots) and roots[last + 1] in _ANY_PUBLISHER - STOP_STEMS:
                last += 1
            yield Span(first, last, publisher)


def _parted(run: set[int], held: Iterable[set[int]], tokens: Sequence[str]) -> list[frozenset[int]]:
    """A run by the names in it, where it says a word twice: "Finance M.Sc. and Public Finance M.Sc."."""
    if not any(len(run & each) > 1 for each in held):
        return [frozenset(run)]
    parts: list[list[int]] = []
    for place in sorted(run):
        between = tokens[parts[-1][-1] + 1 : place] if parts else ()
        if parts and all(token.casefold() in _GLUE for token in between):
            parts[-1].append(place)
        else:
            parts.append([place])
    return list(map(frozenset, parts))


def _is_said_by(one: _Mention, other: _Mention) -> bool:
    """Whether a name that is spread over a question lacks a word without one that another has whole."""
    return other is not one and not other.is_spread and other.share >= MOST and bool(other.at & one.at)


def _is_written(mention: _Mention, question: _Question) -> bool:
    """Whether a name is written as one: "mathematics and mechanics" may be the subjects of a degree."""
    return any(question.tokens[place][:1].isupper() for place in mention.at)


def _says_more(one: _Mention, other: _Mention) -> bool:
    """Whether ``other`` is only a part or a chance likeness of what is said whole elsewhere."""
    if other.at < one.at and (one.share >= MOST or other.share < MOST):
        return True
    if other.at == one.at and other.share < one.share and len(other.name.keys) > len(one.name.keys):
        return one.share >= MOST
    return one.share >= MOST > other.share


def _tells(word: str) -> bool:
    root = stem(word)
    # "Mining" has the stem of "mine".
    is_small = root in STOP_STEMS and len(word) < len(root) + 2
    return not is_small and len(word) > 1 and not word[0].isdigit()


def _is_a_topic(part: Iterable[str]) -> bool:
    """Whether a part of a title names what pages of any subject have: "Tuition & Fees", "FAQs"."""
    known = lexicon()
    roots = [stem(word) for word in part]
    phrases, _ = known.read(roots)
    return all(
        root in known.generic or bool(known.match([root], 0)[0]) or root in _TOPICS for root in roots
    ) or all(" " in phrase for phrase in phrases)


def _is_a_facet(part: Iterable[str]) -> bool:
    """Whether a part of a degree's title says which of its pages it is: "Fees", "Overview"."""
    known = lexicon()
    return all(
        root in known.generic
        or root in _TOPICS
        or any(concept.expects is not None for concept in known.match([root], 0)[0])
        for root in map(stem, part)
    )


_TOPICS = frozenset(
    stem(word)
    for word in (
        "faq faqs frequently asked questions home overview students visiting prospective important date "
        "dates calendar description descriptions directions resources news events testimonials info "
        "information"
    ).split()
)


def _weak(tokens: Sequence[str], roots: Sequence[str]) -> frozenset[int]:
    """The places of words that ask for something: concepts and small words, unless written as names."""
    known = lexicon()
    found: set[int] = set()
    place = 0
    while place < len(tokens):
        _, size = known.match(roots, place)
        asks = size or (1 if roots[place] in known.generic or not _tells(tokens[place]) else 0)
        for each in range(place, place + asks):
            if not (tokens[each][0].isupper() and each > 0) or tokens[each].isupper():
                found.add(each)
        place += max(asks, 1)
    return frozenset(found)


_PEOPLE = frozenset(
    map(stem, "students student applicants applicant citizens citizen people nationals".split())
)


def _strong(run: frozenset[int], question: _Question) -> frozenset[int]:
    """The places of a run without those of weak words that stand apart from the rest of it."""
    kept = run - question.weak
    beside = {
        place
        for place in run & question.weak
        for other in run
        if other != place
        and (
            abs(other - place) == 1
            or (
                abs(other - place) == 2
                and question.tokens[(other + place) // 2].casefold() in {"and", "for", "with", "of", "in"}
            )
        )
        and not (len(kept) == 0 and other in question.weak and len(run) < 2)
    }
    beside |= {
        place
        for place in run & question.weak
        for span in question.levels
        if not kept and (0 < place - span.last <= 2 or 0 < span.first - place <= 1)
    }
    return kept | beside


def _is_meant(name: _Name, share: float, said: set[int]) -> bool:
    if share >= MOST:
        return True
    if not said:
        return False
    if any(commonness(name.words[n]) < _COINED for n in said):
        return True
    return share >= SOME and (len(said) > 1 or any(commonness(name.words[n]) < _RARE_WORD for n in said))


def _is_a_modifier(place: int, question: _Question) -> bool:
    """Whether a rare word stands between an article, a level or "in" and a name: "the perfume chemistry"."""
    token = question.tokens[place]
    if not token.isalpha() or len(token) < 4 or commonness(token) >= _MODIFIER or place == 0:
        return False
    before = question.tokens[place - 1].casefold()
    return before in {"the", "a", "an", "in", "of"} or any(span.last == place - 1 for span in question.levels)


def _distance(span: Span, at: frozenset[int], question: _Question) -> int:
    """The words between a level and the nearest word of a name; past _NEAR where others part them."""
    far = _NEAR + 1
    best = far
    for place in at:
        if span.first <= place <= span.last:
            return 0
        low, high = (span.last, place) if span.last < place else (place, span.first)
        between = range(low + 1, high)
        if question.breaks[high] - question.breaks[low] - _own_break(high, question):
            continue
        if place < span.first and any(
            question.tokens[n].casefold() in _TURNS for n in between if n not in at
        ):
            continue
        best = min(best, sum(n not in at for n in between))
    return best


def _own_break(place: int, question: _Question) -> int:
    return question.breaks[place] - (question.breaks[place - 1] if place else 0)


def _is_a_paper(span: Span, at: frozenset[int], question: _Question) -> bool:
    """Whether a certificate or a diploma is one to hand in: "which language certificate for physics"."""
    if span.what not in {"certificate", "diploma"}:
        return False
    before, after = span.first - 1, span.last + 1
    while before in question.apart:
        before -= 1
    while after in question.apart:
        after += 1
    follows = min(at) > span.last
    is_named_with = (
        before in at
        or after in at
        or (follows and question.tokens[after].casefold() in {"in", "of", "programme", "program"})
    )
    is_kind = before in question.weak and question.roots[before] not in STOP_STEMS
    return not is_named_with or (follows and is_kind)


def _is_the_askers(mention: _Mention, question: _Question) -> bool:
    """Whether a degree named is the asker's own: "I have a bachelor in physics"."""
    first = min(mention.at)
    return any(
        span.last < first
        and first - span.last <= 2
        and any(token.casefold() in _OWN for token in question.tokens[max(0, span.first - 2) : span.first])
        for span in question.levels
    )


def _is_asked_at(span: Span, question: _Question) -> bool:
    before = question.tokens[span.first - 1].casefold() if span.first else ""
    return before in {"at", "of", "by", "from"} or question.tokens[span.first].casefold() in {"the", "of"}


def _is_pointed_at(span: Span, tokens: Sequence[str]) -> bool:
    """Whether a level stands for a page: "the PhD", "the part-time one", and not "a bachelor's degree"."""
    before = {token.casefold() for token in tokens[max(0, span.first - 2) : span.first]}
    return bool(before & {"the", "your", "this", "that"}) or len(tokens) <= _POINTING


def _initials_in(text: str, tokens: Sequence[str]) -> dict[int, str]:
    """The places of two letters with a mark between them, and the letters: "I/O psychology", "R&D"."""
    joined = {"".join(found) for found in _INITIALS.findall(text)}
    return {
        place: pair.casefold() for place, pair in enumerate(map("".join, pairwise(tokens))) if pair in joined
    }


def _is_an_abbreviation(token: str) -> bool:
    if len(token) < 2 or not token.isalpha() or token.casefold() in _NO_INITIALS:
        return False
    if lexicon().match([stem(token)], 0)[1]:
        return False
    return token.isupper() or commonness(token) < 3.0


def _shortens(token: str, word: str) -> bool:
    """Whether a word abbreviates another: "biotech", "mgmt", "eng", "intl"."""
    short, whole = token.casefold(), word.casefold()
    if len(short) < 3 or len(whole) < len(short) + 2 or not short.isalpha():
        return False
    if whole.startswith(short):
        return commonness(short) < (4.5 if len(short) >= 4 else _RARE_WORD)
    if short[0] != whole[0] or short[-1] != whole[-1]:
        return False
    letters = iter(whole)
    if not all(letter in letters for letter in short):
        return False
    if not set(short[1:]) & set("aeiou"):
        return True
    return len(short) >= 4 and whole.startswith(short[:3]) and commonness(short) < _RARE_WORD


def _shared(one: str, other: str) -> int:
    """How many letters two words begin with alike: "intl" is international sooner than industrial."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


@lru_cache(maxsize=50_000)
def _key(word: str) -> str:
    """A word as names are compared by it: lower case, without accents, in the singular.

    Stems would make one of "Computer Science" and "Computational Science".
    """
    plain = word.casefold().replace("ü", "ue").replace("ö", "oe").replace("ä", "ae").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode() or plain
    plain = re.sub(r"['’]s?$", "", plain)
    if plain.endswith("ies") and len(plain) > 4:
        return f"{plain[:-3]}y"
    return plain[:-1] if plain.endswith("s") and len(plain) > 3 and plain[-2] not in "su" else plain
