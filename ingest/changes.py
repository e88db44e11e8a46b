"""What an ingest changes: pages that come, go or are worded anew, and the facts that differ on those."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from .documents import Document
from .units import Unit, UnitKind
from .values import DATE, EMAIL, NUMBER, PHONE, URL, kinds_of
from .words import words

_FACTS = frozenset({UnitKind.FACT, UnitKind.BLANK})
_TEXTS = frozenset({UnitKind.SENTENCE, UnitKind.ITEM, UnitKind.ROW})
_VALUES = re.compile("|".join(f"(?:{each.pattern})" for each in (URL, EMAIL, DATE, PHONE, NUMBER)), re.I)
# Two wordings of one statement share so much of their characters, 0 to 100.
_SAME_STATEMENT = 75


@dataclass(frozen=True, slots=True)
class PageName:
    """A document as people know it."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that a page states otherwise than before.

    ``about`` says which one it is: headings and label, outermost first. ``before`` is "" for one that the
    page did not state, ``after`` for one that it no longer states or leaves blank.
    """

    page: PageName
    about: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """How the pages differ from those of the generation before; ``facts`` are those of ``changed`` pages."""

    added: tuple[PageName, ...] = ()
    changed: tuple[PageName, ...] = ()
    removed: tuple[PageName, ...] = ()
    facts: tuple[FactChange, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fact:
    """``key`` is the same before and after where only the value differs."""

    about: tuple[str, ...]
    key: tuple[str, ...]
    value: str


def compare(
    before: Mapping[str, Document],
    units_before: Mapping[str, Sequence[Unit]],
    after: Mapping[str, Document],
    units_after: Mapping[str, Sequence[Unit]],
) -> Changes:
    """Return how the documents of ``after`` differ from those of ``before``, by id, in the order they have.

    A document that says the same and was only fetched again has not changed.
    """
    changed = [
        document
        for key, document in after.items()
        if key in before and before[key].content_hash != document.content_hash
    ]
    return Changes(
        added=tuple(_name(document) for key, document in after.items() if key not in before),
        changed=tuple(map(_name, changed)),
        removed=tuple(_name(document) for key, document in before.items() if key not in after),
        facts=tuple(
            change
            for document in changed
            for change in _changed_facts(
                _name(document),
                _facts(before[document.id], units_before.get(document.id, ())),
                _facts(document, units_after.get(document.id, ())),
            )
        ),
    )


def _name(document: Document) -> PageName:
    return PageName(document.id, document.title)


def _facts(document: Document, units: Sequence[Unit]) -> list[_Fact]:
    """What a page states that has a value: its labels with theirs, and other lines that hold one."""
    labelled = [unit for unit in units if unit.kind in _FACTS]
    inside = {(unit.start, unit.end) for unit in labelled}
    starts = {unit.start for unit in labelled}
    facts = [_labelled(unit) for unit in labelled]
    for unit in units:
        text = document.text[unit.start : unit.end]
        is_told = (unit.start, unit.end) in inside or (unit.kind is UnitKind.ROW and unit.start in starts)
        if unit.kind in _TEXTS and not is_told and kinds_of(text):
            facts.append(_Fact(unit.headings[-1:], (*_skeletons(unit.headings), _skeleton(text)), text))
    return facts


def _labelled(unit: Unit) -> _Fact:
    names = tuple(filter(None, (*unit.headings[-1:], unit.label, unit.audience)))
    return _Fact(
        tuple(dict.fromkeys(names)),
        ("", *_skeletons(unit.headings), _skeleton(unit.label), _skeleton(unit.audience)),
        unit.value,
    )


def _skeletons(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_skeleton, texts))


def _skeleton(text: str) -> str:
    """The words of ``text`` with its values left open: the same for "fee 18,690 EUR" and "fee 19,000 EUR"."""
    return " ".join(words(_VALUES.sub(" 0 ", text))).casefold()


def _changed_facts(page: PageName, before: Sequence[_Fact], after: Sequence[_Fact]) -> list[FactChange]:
    old, new = _by_key(before), _by_key(after)
    gone: list[_Fact] = []
    come: list[_Fact] = []
    changes: list[FactChange] = []
    for key in dict.fromkeys((*new, *old)):
        left, right = _without_common(old.get(key, []), new.get(key, []))
        pairs = min(len(left), len(right))
        for one, other in zip(left[:pairs], right[:pairs], strict=True):
            changes.append(FactChange(page, other.about, one.value, other.value))
        gone += left[pairs:]
        come += right[pairs:]
    for fact in come:
        same = _reworded(fact, gone)
        if same is not None:
            gone.remove(same)
        changes.append(FactChange(page, fact.about, same.value if same else "", fact.value))
    changes += [FactChange(page, fact.about, fact.value, "") for fact in gone]
    # A blank that comes or goes states nothing.
    return [change for change in changes if change.before != change.after]


def _by_key(facts: Sequence[_Fact]) -> dict[tuple[str, ...], list[_Fact]]:
    found: dict[tuple[str, ...], list[_Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.key].append(fact)
    return found


def _without_common(left: Sequence[_Fact], right: Sequence[_Fact]) -> tuple[list[_Fact], list[_Fact]]:
    """Both lists without the values that stand in both, each as often as it does."""
    rest = list(right)
    only_left: list[_Fact] = []
    for fact in left:
        equal = next((other for other in rest if other.value == fact.value), None)
        if equal is None:
            only_left.append(fact)
        else:
            rest.remove(equal)
    return only_left, rest


def _reworded(fact: _Fact, gone: Sequence[_Fact]) -> _Fact | None:
    """The fact among ``gone`` that ``fact`` most likely is in other words, None where none is like it."""
    said = " ".join(fact.key)
    near = process.extractOne(
        said, [" ".join(other.key) for other in gone], scorer=fuzz.ratio, score_cutoff=_SAME_STATEMENT
    )
    return gone[near[2]] if near is not None else None
