"""A reply as the content of a completion, with annotations that say which part of it rests on which quote.

The content is the text of the reply with its citation marks, then its notices, then the address of each mark
as a Markdown link reference (``[1]: <address> "title"``). Many programs drop annotations; with these lines
the marks stay links wherever Markdown is shown, and sources wherever it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .schemas import Annotation, UrlCitation, Usage

if TYPE_CHECKING:
    from assistant.reply import Citation, Reply

_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD_OR_MARK = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the content and the citations of what it says, their places counted in the whole content."""

    text: str
    annotations: tuple[Annotation, ...] = ()


def pieces_of(reply: Reply) -> tuple[Piece, ...]:
    """The content of a reply: a piece for each sentence, for each notice, and one for the sources."""
    cited = {citation.number: citation for citation in reply.citations}
    spans = _spans(reply.text, [sentence.text for sentence in reply.sentences])
    ends = [*(start for start, _ in spans[1:]), len(reply.text)]
    pieces: list[Piece] = []
    begin = 0
    for sentence, span, end in zip(reply.sentences, spans, ends, strict=True):
        annotations = _annotations([cited[number] for number in sentence.citations], *span)
        pieces.append(Piece(reply.text[begin:end], annotations))
        begin = end
    for notice in reply.notices:
        start, end = begin + 2, begin + 2 + len(notice.text)
        annotations = _annotations([cited[number] for number in notice.citations], start, end)
        pieces.append(Piece(f"\n\n{notice.text}", annotations))
        begin = end
    if reply.citations:
        pieces.append(Piece("\n\n" + "\n".join(map(_source, reply.citations))))
    return tuple(pieces)


def usage_of(prompt: Iterable[str], pieces: Sequence[Piece]) -> Usage:
    """The sizes of what was sent and of what is replied, in words and punctuation marks.

    An ideograph counts as a word.
    """
    asked = sum(map(_size, prompt))
    replied = _size("".join(piece.text for piece in pieces))
    return Usage(prompt_tokens=asked, completion_tokens=replied, total_tokens=asked + replied)


def _spans(text: str, sentences: Iterable[str]) -> list[tuple[int, int]]:
    """Where the sentences stand in the text of their reply.

    The marks of a sentence of several lines stand behind its first line, and so within its span.
    """
    spans = []
    end = 0
    for sentence in sentences:
        first, *others = sentence.split("\n")
        start = text.index(first, end)
        end = start + len(first)
        for line in others:
            end = text.index(line, end) + len(line)
        spans.append((start, end))
    return spans


def _annotations(citations: Iterable[Citation], start: int, end: int) -> tuple[Annotation, ...]:
    return tuple(
        Annotation(
            type="url_citation",
            url_citation=UrlCitation(
                url=_address(citation), title=citation.title, start_index=start, end_index=end
            ),
        )
        for citation in citations
    )


def _address(citation: Citation) -> str:
    """The address of the quote, of its page where no more is known, "" for a page without one."""
    return citation.deep_link or citation.url


def _source(citation: Citation) -> str:
    title = " ".join(citation.title.split())
    if not (address := _address(citation)):
        return f"[{citation.number}] {title}"
    escaped = title.replace("\\", "\\\\").replace('"', '\\"')
    return f'[{citation.number}]: <{address}> "{escaped}"'


def _size(text: str) -> int:
    return len(_WORD_OR_MARK.findall(text))
