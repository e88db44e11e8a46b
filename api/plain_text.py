"""Replies and hits as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from assistant.reply import Outcome

from .schemas import ChatReply, ReplyCitation, SearchHit, SearchReply

_CONTROL_CHARACTERS = {
    code: None for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if chr(code) not in "\n\t"
}
"""Pages are data: an escape sequence in one must not reach the terminal."""


def reply_as_text(reply: ChatReply, width: int = 80) -> str:
    """The text, then notices, the numbered sources with their quotes, and suggestions."""
    parts = [_wrapped(reply.text, width)]
    if reply.notices:
        parts.append("\n".join(_wrapped(f"Note: {notice.text}", width) for notice in reply.notices))
    if reply.citations:
        parts.append("\n".join(["Sources", *(_source(citation, width) for citation in reply.citations)]))
    if reply.suggestions:
        # A reply that depends on something suggests what to answer it, which only a chat can take up.
        head = "In a chat, go on with" if reply.outcome is Outcome.CLARIFY else "You can ask, for example"
        parts.append("\n".join([head, *(f"  - {each}" for each in reply.suggestions)]))
    return _printable("\n\n".join(parts))


def hits_as_text(found: SearchReply, width: int = 80) -> str:
    """The passages with rank, place and score, best first; a sentence that says so if there is none."""
    if not found.hits:
        return "No passage matches."
    return _printable("\n\n".join(_hit(hit, width) for hit in found.hits))


def _source(citation: ReplyCitation, width: int) -> str:
    mark = f"  [{citation.number}] "
    indent = " " * len(mark)
    place = _place(citation.title, citation.headings)
    lines = [f"{mark}{place}, page {citation.page}" if citation.page is not None else mark + place]
    lines += _indented(f"“{citation.quote}”", indent, width)
    if address := citation.deep_link or citation.url:
        lines.append(indent + address)
    return "\n".join(lines)


def _hit(hit: SearchHit, width: int) -> str:
    head = f"{hit.rank:>3}. {_place(hit.title, hit.headings)} ({hit.score:.3f})"
    return "\n".join([head, *_indented(hit.text, "     ", width)])


def _place(title: str, headings: Iterable[str]) -> str:
    return " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(
        [title, *(heading for heading in headings if heading != title)]
    )


def _indented(text: str, indent: str, width: int) -> Iterator[str]:
    for line in text.splitlines():
        yield from textwrap.wrap(
            line, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False
        )


def _wrapped(text: str, width: int) -> str:
    return "\n".join(_indented(text, "", width)) if text else ""


def _printable(text: str) -> str:
    return text.translate(_CONTROL_CHARACTERS)
