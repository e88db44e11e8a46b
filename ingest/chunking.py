"""Documents into passages: whole blocks of one section, with exact offsets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from .documents import Block, BlockKind, Document, Passage
from .values import ValueKind, kinds_of, names_a_field

# Code points. all-MiniLM-L6-v2 reads 256 tokens, some 1,000 characters of English, and title and headings
# stand in front of the text; a passage longer than this would be embedded without its end.
PASSAGE_LIMIT = 800
_STATED = frozenset(ValueKind) - {ValueKind.NUMBER, ValueKind.URL}
_FIELD_WORDS = 4


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks under one heading; ``headings`` are those above them, outermost first, without the title.

    ``opening`` is the position of the heading where it says something ("Apply by 15 January"), else -1.
    """

    headings: tuple[str, ...]
    blocks: tuple[int, ...]
    opening: int = -1


def sections(document: Document) -> list[Section]:
    """Return the sections of a document in order; one has no blocks where only its heading says something."""
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    blocks: list[int] = []
    opening = -1
    for position, block in enumerate(document.blocks):
        if block.kind is not BlockKind.HEADING:
            blocks.append(position)
            continue
        if blocks or opening >= 0:
            found.append(Section(tuple(text for _, text in path), tuple(blocks), opening))
        blocks, opening = [], position if _says_something(document, position) else -1
        while path and path[-1][0] >= block.level:
            path.pop()
        heading = document.text[block.start : block.end]
        if heading != document.title:
            path.append((block.level, heading))
    if blocks or opening >= 0:
        found.append(Section(tuple(text for _, text in path), tuple(blocks), opening))
    return found


def _says_something(document: Document, position: int) -> bool:
    """Whether a heading states a value, or names a field under which nothing stands."""
    block = document.blocks[position]
    heading = document.text[block.start : block.end]
    if kinds_of(heading) & _STATED:
        return True
    below = document.blocks[position + 1] if position + 1 < len(document.blocks) else None
    is_leaf = below is None or (below.kind is BlockKind.HEADING and below.level <= block.level)
    return is_leaf and position > 0 and names_a_field(heading) and len(heading.split()) <= _FIELD_WORDS


def split(document: Document) -> list[Passage]:
    """Return the passages of a document in order; together they hold every block but the headings.

    A heading that says something itself stands at the start of its passage.

    A document without blocks is split as one section of plain text.
    """
    passages: list[Passage] = []
    for section in sections(document) if document.blocks else [Section((), ())]:
        for start, end in _runs(document, section):
            text = document.text[start:end]
            if text.strip():
                name = f"{document.id}#{len(passages)}"
                passages.append(Passage(name, document.id, start, end, text, section.headings))
    return passages


def passage_search_text(document: Document, passage: Passage) -> str:
    """What is embedded and indexed for a passage: title and headings, then its text.

    A passage that begins within a table has the rows in front that name its first row.
    """
    path = " > ".join([document.title, *passage.headings])
    return "\n".join([path, *_rows_above(document, passage), passage.text])


def _rows_above(document: Document, passage: Passage) -> list[str]:
    blocks = document.blocks
    first = bisect_left(blocks, passage.start, key=lambda block: block.start)
    if first == len(blocks) or blocks[first].kind is not BlockKind.ROW:
        return []
    rows: list[str] = []
    above = blocks[first].parent
    while above >= 0:
        if blocks[above].end <= passage.start:
            rows.insert(0, document.text[blocks[above].start : blocks[above].end])
        above = blocks[above].parent
    return rows


def _runs(document: Document, section: Section) -> Iterator[tuple[int, int]]:
    """Spans of at most PASSAGE_LIMIT code points; blocks that belong together stay so while they fit."""
    if not document.blocks:
        yield from _cut(document.text, 0, len(document.text))
        return
    start = end = -1
    opening = (section.opening,) if section.opening >= 0 else ()
    for first, last in _families(document, (*opening, *section.blocks)):
        if start >= 0 and last - start > PASSAGE_LIMIT:
            yield from _cut(document.text, start, end)
            start = -1
        start, end = (first if start < 0 else start), last
    yield from _cut(document.text, start, end)


def _families(document: Document, positions: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Spans of blocks with what stands inside them: an item with its paragraphs, a lead-in with an item."""
    span: tuple[int, int] | None = None
    previous: Block | None = None
    for position in positions:
        block = document.blocks[position]
        belongs = (block.parent >= 0 and block.kind is not BlockKind.ROW) or _adjoins(previous, block)
        introduced = previous is not None and (
            previous.kind is BlockKind.HEADING or document.text.endswith(":", previous.start, previous.end)
        )
        if span is not None and (belongs or introduced):
            span = (span[0], block.end)
        else:
            if span is not None:
                yield span
            span = (block.start, block.end)
        previous = block
    if span is not None:
        yield span


def _adjoins(above: Block | None, block: Block) -> bool:
    """Whether two lines stand together on the page, as a label and its value do."""
    if above is None or above.kind is not BlockKind.PARAGRAPH or block.kind is not BlockKind.PARAGRAPH:
        return False
    return block.start == above.end + 1


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start <= PASSAGE_LIMIT:
        yield start, end
        return
    # Imported where a text has to be cut: it takes as long as to open an index, which cuts none.
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=PASSAGE_LIMIT,
        chunk_overlap=0,
        add_start_index=True,
        separators=["\n\n", "\n", ". ", "; ", ", ", " ", ""],
        keep_separator="end",
    )
    for piece in splitter.create_documents([text[start:end]]):
        offset = start + int(piece.metadata["start_index"])
        yield offset, offset + len(piece.page_content)
