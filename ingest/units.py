"""Evidence units: the smallest pieces of a page that can be quoted and understood.

Sentences, list items and table rows come straight from the blocks. Facts are a label and its value wherever
a page puts them: "Fee: 2,060 EUR" on one line, label and value on lines of their own in either order, a
definition list, a table. A label whose value is missing is a unit too: a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from .audiences import audience_of, names_a_group, split_audience
from .chunking import Section, sections
from .documents import Block, BlockKind, Document
from .labelled import LABEL_WORDS, Labelled, bare_label, by_colon, is_clause, is_label, labelled_in
from .navigation import is_pointer
from .sentences import sentence_spans
from .values import (
    ValueKind,
    is_bare_value,
    is_contact_field,
    is_empty_value,
    is_time_of_year,
    kinds_of,
    names_a_field,
    names_people,
)


class UnitKind(StrEnum):
    """What a unit is."""

    SENTENCE = "sentence"
    ITEM = "item"
    LIST = "list"
    """A whole list, from its first item to its last; ``parts`` are the spans of its items."""
    ROW = "row"
    FACT = "fact"
    """A label and its value."""
    BLANK = "blank"
    """A label whose value the page leaves out."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable piece of one document: ``document.text[start:end]``.

    ``label`` and ``value`` are set for facts; ``audience`` is the group of people a fact is for, as the page
    words it ("EU/EEA"). ``headings`` stand above it, outermost first; ``lead_in`` is the line that introduces
    its list; ``around`` is neighbouring text that says what a bare label is about. None of these needs to
    stand in the quote. ``named_by`` are the spans of the rows that name a row or a cell of a table: its
    columns, and the part of the table that it is in.
    """

    kind: UnitKind
    document_id: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    lead_in: str = ""
    label: str = ""
    value: str = ""
    audience: str = ""
    around: str = ""
    parts: tuple[tuple[int, int], ...] = ()
    named_by: tuple[tuple[int, int], ...] = ()


_INTRODUCES = re.compile(r":$|\b(?:following|below|one of these)\b", re.I)
# Behind such a sentence a list follows, if only under headings of its own.
_LEADS_OVER = re.compile(r"\b(?:following|includ\w{1,4}|below|are)\b[^:]{0,60}:$", re.I)
# "Minimum score (Grade B):" states its value inside the label.
_INNER_VALUE = re.compile(r"\(((?:[^()]*\d[^()]*|(?:grade|level|band) [A-F][+-]?|[ABC][12]))\)", re.I)
# A sentence that stops at a preposition lost what the page linked there: an address, a name, a date.
_DANGLING = re.compile(
    r"\b(?:at|to|via|by|from|through|on|call|e-?mail|contact|before|until|is|are)\s*:?\s*$", re.I
)
# A degree or a part of an enumeration over another one is no label: "M.A., Naval College", "Head, Office".
_IS_PART = re.compile(r",\s|\b[A-Z]\.\s?[A-Z]")
_PERSONALISED = re.compile(r"\s*\b(?:applies|apply) to you\b\s*", re.I)
# A line right above a bare value may be longer ("Last day to apply, citizens of countries outside the EU").
_LONG_LABEL_WORDS = 14
# In a table the label of a value may be a sentence long ("Last day to drop a course without a grade").
_CELL_LABEL_WORDS = 24
# A value that stands alone under a heading has at most so many words, and its section so many blocks.
_VALUE_WORDS, _FEW_BLOCKS = 9, 3
# Values that differ from one group of people to another; "Residents: 450" counts them.
_GROUPED_BY = frozenset({ValueKind.AMOUNT, ValueKind.DATE, ValueKind.DURATION, ValueKind.PERCENTAGE})
_CODE = re.compile(r"[A-Z]{2,5}[\s-]?\d{3,4}[A-Z]?")
_NOTHING = re.compile(r"(?:none|free|no)\b", re.I)
_CONTACT = frozenset({ValueKind.EMAIL, ValueKind.PHONE, ValueKind.URL})
# A lead-in of fewer words says nothing without its list ("Courses included:").
_LEAD_IN_WORDS = 6
# Lines that stand together as label and value are at most so long, and so many.
_LINE, _GROUP_LINES, _MOST_LINES = 110, 4, 40
# A field without a colon is left open only where a value stands in the list, at most so many blocks away.
_BESIDE = 8
# A paragraph of at most so many words without a full stop is the caption of the next one.
_CAPTION_WORDS = 14
# Code points. The longest sentence of 542 real pages has 823, the longest list 1,813; a longer one is a line
# that goes on and on, and reading one of 18 million takes minutes with each question.
_LONGEST, _LONGEST_LIST = 4_000, 20_000
# Code points of neighbouring text kept to say what a bare label is about.
_AROUND = 240
_ITEM_AROUND, _LIST_AROUND = 60, 800


def units_of(document: Document) -> list[Unit]:
    """Return the units of a document in order of their start; empty for a document without blocks.

    What is too long to be quoted is none: a line that goes on and on, a list of thousands.
    """
    found: list[Unit] = []
    for section in sections(document):
        found += _SectionReader(document, section).units()
        found += _heading_unit(document, section)
    found += _heading_lists(document)
    return sorted(filter(_is_quotable, found), key=lambda unit: (unit.start, unit.end))


def _is_quotable(unit: Unit) -> bool:
    return unit.end - unit.start <= (_LONGEST_LIST if unit.kind is UnitKind.LIST else _LONGEST)


def unit_search_text(document: Document, unit: Unit) -> str:
    """What is embedded for a unit: its last heading, lead-in, audience and label, then its own words."""
    text = document.text[unit.start : unit.end]
    context = [*unit.headings[-1:], unit.lead_in, unit.audience, unit.label]
    if unit.kind in {UnitKind.BLANK, UnitKind.FACT}:
        context.append(unit.around)
    seen = [part for part in context if part and part not in text]
    return ". ".join([*seen, text])


class _SectionReader:
    """Reads the units of one section, whose blocks are named by their position in the document."""

    def __init__(self, document: Document, section: Section) -> None:
        self._document = document
        self._headings = section.headings
        self._positions = section.blocks
        self._index: dict[int, int] = {}
        self._index_of_start: dict[int, int] = {}
        self._children: dict[int, list[int]] = {}
        self._items_of_group: dict[int, list[int]] = {}
        for index, position in enumerate(section.blocks):
            block = document.blocks[position]
            self._index[position] = index
            self._index_of_start[block.start] = index
            if block.parent >= 0:
                self._children.setdefault(block.parent, []).append(position)
            if block.kind is BlockKind.ITEM and block.group:
                self._items_of_group.setdefault(block.group, []).append(position)

    def units(self) -> list[Unit]:
        found: list[Unit] = []
        done: set[int] = set()
        for index, position in enumerate(self._positions):
            if position in done:
                continue
            block = self._document.blocks[position]
            if block.kind is BlockKind.ITEM:
                found += self._item(position, done)
                if block.level == 1:
                    found += self._list(index)
            elif block.kind is BlockKind.ROW:
                found += self._row(position)
            elif block.kind is BlockKind.TERM:
                found += self._term(position, done)
            elif block.kind is BlockKind.DEFINITION:
                found += self._sentences(block)
            else:
                found += self._paragraph(index, done)
        return found

    def _paragraph(self, index: int, done: set[int]) -> list[Unit]:
        position = self._positions[index]
        block = self._document.blocks[position]
        text = self._text(position)
        below = self._below(index)
        lines = self._adjoining(index)
        if block.parent < 0 and len(lines) > 1:
            found = self._line_group(lines)
            if found:
                done.update(lines)
                return found
        pair = self._label_and_value_lines(position, below) if len(lines) == 1 else None
        if pair is not None:
            done.add(pair[1])
            return [pair[0]]
        if text.endswith(":"):
            introduces = below is not None and self._document.blocks[below].kind in {
                BlockKind.ITEM,
                BlockKind.ROW,
            }
            if introduces:  # a bare lead-in lives on in its items
                found = [unit for unit in self._sentences(block) if not self._is_bare_lead_in(unit)]
                return [
                    replace(unit, around=self._introduced(index)) if unit is found[-1] else unit
                    for unit in found
                ]
            leads_over = is_clause(text) and below is not None
            is_left_open = names_a_field(text) or self._stands_among_facts(index)
            if is_left_open and len(sentence_spans(text)) == 1 and not leads_over:
                return [self._blank(block, bare_label(text), around=self._near(index))]
        if is_contact_field(text):
            return [self._unit(UnitKind.BLANK, block, label=bare_label(text))]
        if self._headings and (is_bare_value(text) or (index == 0 and self._fills_its_heading(text))):
            return [self._unit(UnitKind.FACT, block, label=bare_label(self._headings[-1]), value=text)]
        return self._one_line(block)

    def _stands_among_facts(self, index: int) -> bool:
        """Whether a label that ends in a colon stands between lines of label and value, as one of them."""
        if not 0 < index < len(self._positions) - 1 or not is_label(self._text(self._positions[index])):
            return False
        beside = (self._positions[index - 1], self._positions[index + 1])
        return all(
            self._document.blocks[p].kind is BlockKind.PARAGRAPH and _is_whole(self._text(p)) for p in beside
        )

    def _fills_its_heading(self, text: str) -> bool:
        """Whether the only line under a heading is the value of the field it names ("Mode of study")."""
        if not names_a_field(self._headings[-1]) or len(self._positions) > _FEW_BLOCKS or text[-1] in ".:!?":
            return False
        if labelled_in(text) or len(text.split()) > _VALUE_WORDS or is_clause(text):
            return False
        return len(self._positions) == 1 or bool(kinds_of(text) - {ValueKind.NUMBER})

    def _adjoining(self, index: int) -> list[int]:
        """The positions of the paragraph at ``index`` and of those right under it, no empty line between.

        Empty where the paragraph itself stands right under another one: it is part of that one's lines.
        """
        if index > 0 and self._adjoins(index):
            return []
        last = index
        while last + 1 < len(self._positions) and last - index < _MOST_LINES and self._adjoins(last + 1):
            last += 1
        return list(self._positions[index : last + 1])

    def _adjoins(self, index: int) -> bool:
        above, block = (self._document.blocks[self._positions[n]] for n in (index - 1, index))
        if above.kind is not BlockKind.PARAGRAPH or block.kind is not BlockKind.PARAGRAPH:
            return False
        return block.parent == above.parent and block.start == above.end + 1

    def _line_group(self, lines: Sequence[int]) -> list[Unit]:
        """Facts in lines that stand together and apart: a label over its value or under it, or pairs of them.

        Without a bare value among them two or three short lines are a label and what it says.
        """
        texts = [self._text(position) for position in lines]
        if max(map(len, texts)) > _LINE or any(_is_whole(text) for text in texts):
            return []
        contact = self._contact(lines, texts)
        if contact:
            return contact
        blocks = self._document.blocks
        if len(lines) == 2 and is_label(texts[1]) and _is_value_over_label(*texts):
            span = Block(BlockKind.PARAGRAPH, blocks[lines[0]].start, blocks[lines[1]].end)
            return [self._unit(UnitKind.FACT, span, label=bare_label(texts[1]), value=texts[0])]
        if len(lines) == 2 and is_label(texts[0], words=_LONG_LABEL_WORDS) and is_bare_value(texts[1]):
            return [self._under(lines[0], lines[1:])]
        pairs = [(n, n + 1) for n in range(0, len(lines) - 1, 2)]
        if len(lines) % 2 == 0 and all(is_label(texts[a]) and is_bare_value(texts[b]) for a, b in pairs):
            return [self._under(lines[a], lines[b : b + 1]) for a, b in pairs]
        if len(lines) % 2 == 0 and all(
            is_bare_value(texts[a]) and is_label(texts[b]) and not is_bare_value(texts[b]) for a, b in pairs
        ):
            return [
                self._unit(
                    UnitKind.FACT,
                    Block(BlockKind.PARAGRAPH, blocks[lines[a]].start, blocks[lines[b]].end),
                    label=bare_label(texts[b]),
                    value=texts[a],
                )
                for a, b in pairs
            ]
        before = self._index[lines[0]] - 1
        is_introduced = before >= 0 and self._text(self._positions[before]).endswith(":")
        states = any(kinds_of(text) or is_empty_value(text) for text in texts[1:])
        is_plain = states or not _IS_PART.search(texts[0])
        if is_label(texts[0]) and len(lines) <= _GROUP_LINES and is_plain and not is_introduced:
            return [self._under(lines[0], lines[1:])]
        return []

    def _contact(self, lines: Sequence[int], texts: Sequence[str]) -> list[Unit]:
        """Who can be reached and how: lines with a name, and an address or a number each under them."""
        ways = [n for n, text in enumerate(texts) if kinds_of(text) & _CONTACT and is_bare_value(text)]
        first = ways[0] if ways else 0
        named = texts[:first]
        if (
            not 0 < first <= _GROUP_LINES
            or ways != list(range(first, len(texts)))
            or is_contact_field(named[0])
        ):
            return []
        if not all(is_label(text, words=_LONG_LABEL_WORDS) for text in named):
            return []
        blocks = self._document.blocks
        label = ", ".join(bare_label(text) for text in named)
        start = blocks[lines[0]].start
        return [
            self._unit(
                UnitKind.FACT,
                Block(BlockKind.PARAGRAPH, start, blocks[lines[n]].end),
                label=label,
                value=texts[n],
            )
            for n in ways
        ]

    def _under(self, label: int, values: Sequence[int]) -> Unit:
        """The fact of a label line and the lines under it; a blank where they only name what is missing."""
        blocks = self._document.blocks
        span = Block(BlockKind.PARAGRAPH, blocks[label].start, blocks[values[-1]].end)
        name = bare_label(self._text(label))
        value = ", ".join(self._text(position) for position in values)
        if is_empty_value(value) or value.endswith(":"):
            return self._unit(
                UnitKind.BLANK, span, label=f"{name}: {bare_label(value)}" if value[-1:] == ":" else name
            )
        return self._unit(UnitKind.FACT, span, label=name, value=value)

    def _introduced(self, index: int) -> str:
        """The beginnings of what a lead-in introduces."""
        group = self._document.blocks[self._positions[index + 1]].group
        parts: list[str] = []
        length = 0
        for position in islice(self._positions, index + 1, None):
            if _outermost(self._document.blocks, position).group != group or length > _LIST_AROUND:
                break
            parts.append(self._text(position)[:_ITEM_AROUND])
            length += len(parts[-1]) + 1
        return " ".join(parts)[:_LIST_AROUND]

    def _is_bare_lead_in(self, unit: Unit) -> bool:
        text = self._document.text[unit.start : unit.end]
        return text.endswith(":") and len(text.split()) < _LEAD_IN_WORDS

    def _label_and_value_lines(self, position: int, below: int | None) -> tuple[Unit, int] | None:
        """A label line and a value line, in either order; the fact and the position of the second line."""
        if below is None or self._document.blocks[below].kind is not BlockKind.PARAGRAPH:
            return None
        upper, lower = self._text(position), self._text(below)
        if self._document.blocks[below].parent != self._document.blocks[position].parent:
            return None
        span = Block(
            BlockKind.PARAGRAPH, self._document.blocks[position].start, self._document.blocks[below].end
        )
        if is_label(upper) and (is_bare_value(lower) or (names_a_field(upper) and is_time_of_year(lower))):
            return self._unit(UnitKind.FACT, span, label=bare_label(upper), value=lower), below
        if is_bare_value(upper) and is_label(lower) and names_a_field(lower):
            return self._unit(UnitKind.FACT, span, label=bare_label(lower), value=upper), below
        return None

    def _item(self, position: int, done: set[int]) -> list[Unit]:
        block = self._document.blocks[position]
        children = [
            p
            for p in self._children.get(position, [])
            if self._document.blocks[p].kind is BlockKind.PARAGRAPH
        ]
        lead_in = self._lead_in(position)
        found = self._item_facts(position, children, lead_in)
        if found:
            covered = max(unit.end for unit in found)
            done.update(p for p in children if self._document.blocks[p].end <= covered)
            return found
        text = self._text(position)
        nested = any(
            self._document.blocks[p].kind is BlockKind.ITEM for p in self._children.get(position, [])
        )
        around = " ".join(self._text(p) for p in children)[:_AROUND]
        if not nested and self._asks(position) and (text.endswith(":") or not children):
            return [self._blank(block, bare_label(text), around=around, lead_in=lead_in)]
        if text.endswith(":") and nested:
            return []
        if is_bare_value(text, other_words=0) and not children and not lead_in and not labelled_in(text):
            return [
                self._unit(
                    UnitKind.FACT, block, value=text, label=self._headings[-1] if self._headings else ""
                )
            ]
        units = [self._of_the_item_above(unit, position) for unit in self._one_line(block)]
        kind = UnitKind.ITEM if len(units) == 1 and units[0].kind is UnitKind.SENTENCE else None
        return [replace(unit, lead_in=lead_in, kind=kind or unit.kind) for unit in units]

    def _of_the_item_above(self, unit: Unit, position: int) -> Unit:
        """A fact that only says for whom, under an item that says what ("Tuition fees")."""
        parent = self._document.blocks[position].parent
        above = self._text(parent) if parent >= 0 else ""
        whom = audience_of((by_colon(self._text(position)) or Labelled("", "", 0, 0)).label)
        if unit.kind is not UnitKind.FACT or not whom or not kinds_of(unit.value) & _GROUPED_BY:
            return unit
        if not above or not is_label(above) or re.search(r"\d", above):
            return unit
        return replace(unit, label=bare_label(above), audience=whom)

    def _asks(self, position: int) -> bool:
        """Whether an item is a field left open, and not a thing in a list ("Copy of your grades").

        Without a colon it is one only beside an item that states a value.
        """
        text = self._text(position)
        if text.endswith(":"):
            return is_label(text) and not self._enumerates(position)
        if not names_a_field(text) or len(text.split()) > 4:
            return False
        group, index = self._document.blocks[position].group, self._index[position]
        beside = self._positions[max(index - _BESIDE, 0) : index + _BESIDE + 1]
        return any(self._document.blocks[p].group == group != 0 and self._states_a_value(p) for p in beside)

    def _enumerates(self, position: int) -> bool:
        """Whether an item such as "Compulsory modules:" leads over to what stands under its list."""
        text, index = self._text(position), self._index[position]
        below = self._below(index)
        if below is None or names_a_field(text) or not re.search(r"[^s\W]s:$", text):
            return False
        block, under = self._document.blocks[position], self._document.blocks[below]
        return under.kind is BlockKind.PARAGRAPH or (
            under.kind is BlockKind.ITEM and (under.group != block.group or under.level > block.level)
        )

    def _item_facts(self, position: int, children: Sequence[int], lead_in: str) -> list[Unit]:
        """Facts whose value stands on a line of its own inside the item, its label before or after it.

        The item's own line is the value, or the label, or says for whom the fact holds.
        """
        own = self._text(position)
        lines = [(position, own), *((p, self._text(p)) for p in children)]
        at = next((n for n, (_, text) in enumerate(lines) if is_bare_value(text)), None)
        if at is None or len(lines) == 1:
            return []
        after = lines[at + 1][1] if at + 1 < len(lines) else ""
        before = lines[at - 1][1] if at > 0 else ""
        if is_label(after) and (at == 0 or names_a_field(after)):
            label, last = after, at + 1
        elif is_label(before):
            label, last = before, at
        else:
            return []
        first = 0 if at <= 1 else at - 1
        blocks = self._document.blocks
        span = Block(BlockKind.ITEM, blocks[lines[first][0]].start, blocks[lines[last][0]].end)
        audience = _PERSONALISED.sub("", own).strip() if own not in {label, lines[at][1]} else ""
        return [
            self._unit(
                UnitKind.FACT,
                span,
                label=bare_label(label),
                value=lines[at][1],
                audience=audience,
                lead_in=lead_in,
            )
        ]

    def _list(self, index: int) -> list[Unit]:
        """The whole list, at its first item; none where most items are facts or there are fewer than two."""
        blocks = self._document.blocks
        first = blocks[self._positions[index]]
        before = self._positions[index - 1] if index > 0 else -1
        if first.group == 0 or (before >= 0 and _outermost(blocks, before).group == first.group):
            return []
        items = self._items_of_group.get(first.group, [])
        if len(items) < 2 or sum(self._holds_a_value(p) for p in items) > len(items) / 2:
            return []
        parts = tuple((blocks[p].start, blocks[p].end) for p in items)
        span = Block(BlockKind.ITEM, parts[0][0], self._end_of(items[-1]))
        return [self._unit(UnitKind.LIST, span, lead_in=self._lead_in(items[0]), parts=parts)]

    def _states_a_value(self, position: int) -> bool:
        labelled = by_colon(self._text(position))
        return is_bare_value(self._text(position)) or bool(labelled and labelled.value)

    def _holds_a_value(self, position: int) -> bool:
        """Whether an item is a fact or a blank rather than a thing in a list."""
        own = self._text(position)
        texts = [own, *(self._text(p) for p in self._children.get(position, []))]
        labelled = by_colon(own)
        if labelled is not None and _CODE.fullmatch(labelled.label):
            return False  # "BIO 101: Cells" is a course in a list of courses
        return names_a_field(own) or bool(labelled) or any(is_bare_value(text) for text in texts)

    def _end_of(self, position: int) -> int:
        return max(
            [
                self._document.blocks[position].end,
                *(self._end_of(p) for p in self._children.get(position, [])),
            ]
        )

    def _lead_in(self, position: int) -> str:
        """What introduces the list of an item: the item above it, or the paragraph before the list."""
        blocks = self._document.blocks
        block = blocks[position]
        if block.parent >= 0:
            return self._text(block.parent)
        first = self._items_of_group[block.group][0] if block.group else position
        above = blocks[self._positions[self._index[first] - 1]] if self._index[first] > 0 else None
        if above is None or above.kind is not BlockKind.PARAGRAPH:
            return ""
        spans = sentence_spans(self._document.text, above.start, above.end)
        last = self._document.text[spans[-1][0] : spans[-1][1]] if spans else ""
        # A full sentence before a list introduces it only where it says so.
        return last if not last.endswith((".", "!", "?")) or _INTRODUCES.search(last) else ""

    def _row(self, position: int) -> list[Unit]:
        block = self._document.blocks[position]
        cells = [self._document.text[a:b] for a, b in block.cells]
        if position in self._children and not _is_part(block):
            return []  # the header row: it lives on in its rows
        if _is_part(block):
            text = self._text(position)
            says = position not in self._children or kinds_of(text) - {ValueKind.NUMBER}
            return [self._unit(UnitKind.SENTENCE, block)] if says else []
        names = self._names(position)
        if len(cells) > 2 and not any(cells[1:]):  # a row that only names the rows under it
            return (
                [self._unit(UnitKind.SENTENCE, Block(BlockKind.ROW, block.start, block.cells[0][1]))]
                if cells[0]
                else []
            )
        if not names.columns and len(cells) == 2:
            return [names.on(unit) for unit in self._pair(position, *cells)]
        own = ", ".join(dict.fromkeys(filter(None, cells[: max(block.level, 1)])))
        label = _PERSONALISED.sub("", own).replace("()", "").strip()
        found = [self._unit(UnitKind.ROW, block, label=label, lead_in=" | ".join(names.columns))]
        for column in range(min(len(cells), len(names.columns))):
            about = _about(cells, names.columns, column, max(block.level, 1))
            for unit in self._cell(block, names.columns, cells, column, label):
                # A fact of its own in a cell ("4 credits: $1,388") needs nothing of its row.
                fact = replace(unit, around=about) if unit.lead_in else unit
                if fact not in found:  # a cell that covers several columns of one name is one fact
                    found.append(fact)
        return [names.on(unit) for unit in found]

    def _pair(self, position: int, left: str, right: str) -> list[Unit]:
        """A row of two cells without a header: a label and its value, in either order.

        A value on the left holds for the rows under it too that leave their left cell empty.
        """
        block = self._document.blocks[position]
        if not left and right:
            above = self._value_above(position)
            if above is None:
                return [self._unit(UnitKind.SENTENCE, Block(BlockKind.ROW, *block.cells[1]))]
            span = Block(BlockKind.ROW, self._document.blocks[above].start, block.end)
            value = self._document.text[slice(*self._document.blocks[above].cells[0])]
            return [self._unit(UnitKind.FACT, span, label=right, value=value)]
        if is_bare_value(left) and not is_bare_value(right, other_words=0) and _can_name(right):
            return [self._unit(UnitKind.FACT, block, label=right, value=left)]
        kind = UnitKind.BLANK if is_empty_value(right) else UnitKind.FACT
        value = "" if kind is UnitKind.BLANK else right
        return [self._unit(kind, block, label=left, value=value)]

    def _value_above(self, position: int) -> int | None:
        """The row whose value on the left reaches down to the row at ``position``; None without one."""
        index, group = self._index[position], self._document.blocks[position].group
        for above in reversed(self._positions[max(index - _BESIDE, 0) : index]):
            block = self._document.blocks[above]
            if block.group != group or len(block.cells) != 2:
                return None
            left = self._document.text[slice(*block.cells[0])]
            if left:
                return above if is_bare_value(left) else None
        return None

    def _cell(
        self, block: Block, header: Sequence[str], cells: Sequence[str], column: int, row: str
    ) -> list[Unit]:
        """The fact or the blank in one cell, named by its row and its column."""
        cell, name = cells[column], header[column]
        own = by_colon(cell)
        if own is not None and is_bare_value(own.value) and _can_name(own.label):
            # "4 credits: $1,388" is a fact by itself, and its column says for whom or for what.
            span = Block(BlockKind.ROW, *block.cells[column])
            what, whom = (own.label, audience_of(name)) if names_a_group(name) else (own.label, "")
            what = what if whom or not name else f"{own.label}, {name}"
            return [self._unit(UnitKind.FACT, span, label=what, value=own.value, audience=whom)]
        if column < max(block.level, 1) or not name or not row or block.cells[column] == block.cells[0]:
            return []
        if not cell and len(cells) > 2 and not names_a_field(name):
            return []  # in a grid of marks an empty cell says no
        span = Block(BlockKind.ROW, block.start, block.cells[column][1])
        lead_in = " | ".join(header)
        what, whom = self._named(row, name)
        kind = UnitKind.BLANK if is_empty_value(cell) else UnitKind.FACT
        value = "" if kind is UnitKind.BLANK else cell
        return [self._unit(kind, span, label=what, value=value, audience=whom, lead_in=lead_in)]

    def _named(self, row: str, column: str) -> tuple[str, str]:
        """The label and the audience of a cell: either may stand in its row or in its column."""
        # "Tuition (residents: $621 per credit)" is no group, whoever its column is for.
        is_long = len(row.split()) > LABEL_WORDS and not names_a_group(row)
        is_group = names_people(row) and not is_long
        is_group = is_group and not (names_a_group(column) and kinds_of(row) & _GROUPED_BY)
        if is_group:
            return column, row
        if names_a_group(column):
            return bare_label(row), audience_of(column)
        return f"{bare_label(row)}, {column}", ""

    def _names(self, position: int) -> _RowNames:
        """What the rows above say of the row at ``position``: the names of its columns and of its part.

        A header of two rows names each column by both ("Fees: EU"). Of several parts the nearest counts.
        """
        blocks = self._document.blocks
        columns: list[str] = []
        part = ""
        is_only = False
        spans: list[tuple[int, int]] = []
        above = blocks[position].parent
        while above >= 0:
            block = blocks[above]
            if _is_part(block):
                is_nearest = not part
                part = part or self._text(above)
                if is_nearest:
                    is_only = self._is_title_of_its_table(above)
                    spans += [] if is_only else [(block.start, block.end)]
            else:
                columns = _joined([self._document.text[a:b] for a, b in block.cells], columns)
                spans.append((block.start, block.end))
            above = block.parent
        return _RowNames(tuple(columns), part, is_only, tuple(reversed(spans)))

    def _is_title_of_its_table(self, position: int) -> bool:
        """Whether a row that names a part is the only one, and the first: it names the whole table."""
        blocks = self._document.blocks
        group = blocks[position].group
        if position > 0 and blocks[position - 1].group == group:
            return False
        return not any(
            blocks[p].group == group and p != position and _is_part(blocks[p]) for p in self._positions
        )

    def _term(self, position: int, done: set[int]) -> list[Unit]:
        block = self._document.blocks[position]
        label = bare_label(self._text(position))
        blocks = self._document.blocks
        definitions = [p for p in self._children.get(position, []) if blocks[p].kind is BlockKind.DEFINITION]
        done.update(definitions)
        if not definitions:
            return [self._unit(UnitKind.BLANK, block, label=label)]
        found: list[Unit] = []
        if len(definitions) > 1:
            parts = tuple((blocks[p].start, blocks[p].end) for p in definitions)
            span = Block(BlockKind.DEFINITION, parts[0][0], parts[-1][1])
            found.append(self._unit(UnitKind.LIST, span, label=label, lead_in=label, parts=parts))
        for child in definitions:
            value = self._text(child)
            span = Block(BlockKind.TERM, block.start, self._document.blocks[child].end)
            if is_empty_value(value):
                found.append(self._unit(UnitKind.BLANK, span, label=label))
            elif len(sentence_spans(value)) == 1 and child == definitions[0]:
                found.append(self._unit(UnitKind.FACT, span, label=label, value=value))
            else:
                found += [
                    replace(unit, label=label) for unit in self._sentences(self._document.blocks[child])
                ]
        return found

    def _one_line(self, block: Block) -> list[Unit]:
        """The units of a line that stands for itself: "label: value", a blank, or its sentences."""
        text = self._document.text[block.start : block.end]
        around = self._topic_of(block)
        found: list[Unit] = []
        for part in labelled_in(text):
            if not is_label(part.label) or is_clause(part.label) or len(sentence_spans(part.label)) > 1:
                return self._sentences(block)
            span = Block(block.kind, block.start + part.start, block.start + part.end)
            if is_empty_value(part.value) and (part.value or names_a_field(part.label)):
                found.append(self._blank(span, part.label, around=around))
            elif part.value and len(sentence_spans(part.value)) == 1:
                found.append(
                    self._unit(UnitKind.FACT, span, label=part.label, value=part.value, around=around)
                )
            else:
                return self._sentences(block)
        return found or self._sentences(block)

    def _sentences(self, block: Block) -> list[Unit]:
        found: list[Unit] = []
        first = self._topic_of(block)
        for start, end in sentence_spans(self._document.text, block.start, block.end):
            text = self._document.text[start:end]
            if is_pointer(text):
                continue
            span = Block(block.kind, start, end)
            around = first
            first = first or text[:_AROUND]
            head, colon, tail = text.rpartition(": ")
            stops_short = end == block.end and not self._introduces(block, text)
            if colon and is_empty_value(tail):
                found.append(self._blank(span, bare_label(head)))
            elif stops_short and text.endswith(":") and is_label(text):
                found.append(self._blank(span, bare_label(text)))
            elif stops_short and _DANGLING.search(text) and len(text.split()) > 3:
                found.append(self._unit(UnitKind.BLANK, span, label=text))
            else:
                found.append(self._unit(UnitKind.SENTENCE, span, around=around))
        return found

    def _introduces(self, block: Block, text: str) -> bool:
        """Whether ``text``, the end of the block, leads over to what stands right under it.

        That is a list or table, or behind a colon any text; but a field needs a value, not a text of its own.
        """
        below = self._below(self._index_of_start[block.start])
        if below is None:
            return bool(_LEADS_OVER.search(text))
        under = self._document.blocks[below]
        if under.kind is not BlockKind.PARAGRAPH:
            return under.kind is not BlockKind.TERM
        if under.parent != block.parent or not text.endswith(":"):
            return False
        return not names_a_field(text) or is_clause(text) or len(self._text(below)) > _LINE

    def _topic_of(self, block: Block) -> str:
        """What the paragraph before says of this one: the first of its item, or a caption."""
        index = self._index_of_start[block.start]
        if index == 0:
            return ""
        above = self._document.blocks[self._positions[index - 1]]
        text = self._document.text[above.start : above.end]
        if block.parent >= 0 and above.parent == block.parent:
            return text[:_AROUND]
        is_caption = (
            above.kind is BlockKind.PARAGRAPH
            and len(text.split()) <= _CAPTION_WORDS
            and text[-1] not in ".!?:"
        )
        is_value = is_bare_value(text) or (above.start > 1 and self._document.text[above.start - 2] != "\n")
        return text if is_caption and not is_value else ""

    def _text(self, position: int) -> str:
        block = self._document.blocks[position]
        return self._document.text[block.start : block.end]

    def _below(self, index: int) -> int | None:
        return self._positions[index + 1] if index + 1 < len(self._positions) else None

    def _near(self, index: int) -> str:
        below = self._below(index)
        return self._text(below)[:_AROUND] if below is not None else ""

    def _blank(self, span: Block, label: str, *, around: str = "", lead_in: str = "") -> Unit:
        """A label without a value behind it: a blank, unless the label itself states one in brackets."""
        inner = _INNER_VALUE.search(label)
        if inner is None:
            return self._unit(UnitKind.BLANK, span, label=label, around=around, lead_in=lead_in)
        bare = _INNER_VALUE.sub("", label).strip()
        return self._unit(UnitKind.FACT, span, label=bare, value=inner[1], around=around, lead_in=lead_in)

    def _unit(
        self,
        kind: UnitKind,
        span: Block,
        *,
        label: str = "",
        value: str = "",
        audience: str = "",
        around: str = "",
        lead_in: str = "",
        parts: tuple[tuple[int, int], ...] = (),
    ) -> Unit:
        if kind in {UnitKind.FACT, UnitKind.BLANK}:
            label = bare_label(label)
            if not audience:
                label, audience = self._for_whom(label, value)
        return Unit(
            kind=kind,
            document_id=self._document.id,
            start=span.start,
            end=span.end,
            headings=self._headings,
            lead_in=lead_in,
            label=label,
            value=value,
            audience=audience,
            around=around,
            parts=parts,
        )

    def _for_whom(self, label: str, value: str) -> tuple[str, str]:
        """The label and the people in it; one that is nothing but people is for what its heading says."""
        rest, audience = split_audience(label)
        if rest or not audience:
            return rest, audience
        pays = bool(kinds_of(value) & _GROUPED_BY) or bool(_NOTHING.match(value))
        return (bare_label(self._headings[-1]), audience) if pays and self._headings else (label, "")


@dataclass(frozen=True, slots=True)
class _RowNames:
    """What the rows above a row name: its columns, its part of the table, and the spans that say so.

    ``is_title`` says that the part is the whole table.
    """

    columns: tuple[str, ...]
    part: str
    is_title: bool
    spans: tuple[tuple[int, int], ...]

    def on(self, unit: Unit) -> Unit:
        """``unit`` with what it needs from above: a fact has its part in its label, a row beside it."""
        if not self.part or unit.kind is UnitKind.SENTENCE:
            return replace(unit, named_by=self.spans)
        if self.is_title or unit.kind is UnitKind.ROW:
            about = "; ".join(filter(None, [bare_label(self.part), unit.around]))
            return replace(unit, around=about, named_by=self.spans)
        whom = audience_of(self.part)
        if whom and not unit.audience:
            return replace(unit, audience=whom, named_by=self.spans)
        label = f"{bare_label(self.part)}, {unit.label}" if unit.label else bare_label(self.part)
        return replace(unit, label=label, named_by=self.spans)


def _about(cells: Sequence[str], columns: Sequence[str], column: int, names: int) -> str:
    """What else a row says of the thing that a cell is about: the name of the thing, and cells in words.

    The values of other cells say nothing of this one, nor does what holds for other groups.
    """
    first = ", ".join(filter(None, dict.fromkeys(cells[:names])))
    others = [
        cell
        for n, cell in enumerate(cells[: len(columns)])
        if n not in {column, *range(names)} and _describes(cell, columns[n])
    ]
    if not columns[0] and not others:
        return ""
    return "; ".join([f"{columns[0]}: {first}" if columns[0] else first, *dict.fromkeys(others)])


def _describes(cell: str, column: str) -> bool:
    if is_bare_value(cell) or is_empty_value(cell) or names_a_group(column):
        return False
    return len(cell.split()) <= _CAPTION_WORDS and not kinds_of(cell) & (_GROUPED_BY | _CONTACT)


def _joined(above: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names of columns together with those that stand over them."""
    if not names:
        return list(above)
    both = [
        f"{above[n]}: {name}" if above[n] and name and above[n] != name else name or above[n]
        for n, name in enumerate(names[: len(above)])
    ]
    return [*both, *names[len(above) :]]


def _is_part(block: Block) -> bool:
    """Whether a row names the rows under it: one cell over all columns."""
    return block.kind is BlockKind.ROW and len(block.cells) > 1 and len(set(block.cells)) == 1


def _heading_unit(document: Document, section: Section) -> Iterator[Unit]:
    """What a heading says itself: "Application deadline: 15 January", or a field with nothing under it."""
    if section.opening < 0:
        return
    block = document.blocks[section.opening]
    text = document.text[block.start : block.end]
    above = section.headings[:-1]
    labelled = by_colon(text)
    if labelled and labelled.value and kinds_of(labelled.value):
        label, value = labelled.label, labelled.value
        yield Unit(UnitKind.FACT, document.id, block.start, block.end, above, label=label, value=value)
    elif kinds_of(text) and not section.blocks:
        yield Unit(UnitKind.SENTENCE, document.id, block.start, block.end, above)
    elif not section.blocks:
        yield Unit(UnitKind.BLANK, document.id, block.start, block.end, above, label=bare_label(text))


def _heading_lists(document: Document) -> Iterator[Unit]:
    """Lists written as headings: a section whose opening sentence introduces its own sub-headings.

    Such a unit spans from the first sub-heading to the last; ``parts`` are the sub-headings alone.
    """
    blocks = document.blocks
    for position, block in enumerate(blocks[:-1]):
        opening = blocks[position + 1]
        if block.kind is not BlockKind.HEADING or opening.kind is not BlockKind.PARAGRAPH:
            continue
        lead_in = document.text[opening.start : opening.end]
        if not _INTRODUCES.search(lead_in):
            continue
        below: list[Block] = []
        for other in blocks[position + 2 :]:
            if other.kind is BlockKind.HEADING and other.level <= block.level:
                break
            if other.kind is BlockKind.HEADING and other.level == block.level + 1:
                below.append(other)
        if len(below) > 1:
            parts = tuple((other.start, other.end) for other in below)
            heading = document.text[block.start : block.end]
            yield Unit(
                UnitKind.LIST,
                document.id,
                below[0].start,
                below[-1].end,
                (heading,),
                lead_in=lead_in,
                parts=parts,
            )


def _outermost(blocks: Sequence[Block], position: int) -> Block:
    while blocks[position].parent >= 0:
        position = blocks[position].parent
    return blocks[position]


def _is_value_over_label(upper: str, lower: str) -> bool:
    if is_bare_value(upper):
        return True
    return names_a_field(lower) and not (lower.endswith(":") or is_empty_value(lower) or names_a_field(upper))


def _is_whole(text: str) -> bool:
    """Whether a line says label and value by itself."""
    labelled = by_colon(text)
    return labelled is not None and bool(labelled.value)


def _can_name(cell: str) -> bool:
    """Whether a cell of a table can name a value: a few words, with or without numbers among them."""
    return (
        bool(re.search(r"[^\W\d_]{2}", cell))
        and len(cell.split()) <= _CELL_LABEL_WORDS
        and cell[-1] not in ".!?"
    )
