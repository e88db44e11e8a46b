"""Texts of like length together, so that little is spent on padding them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

PROGRESS_STEP = 256
"""Texts between two reports of progress."""

# No token holds more characters and the blank before it: BERT's tokenizers give up on longer words.
_TOKEN_CHARACTERS = 101


def by_length(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the positions of ``texts``, the longest first, ``PROGRESS_STEP`` at a time."""
    order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
    for start in range(0, len(order), PROGRESS_STEP):
        yield order[start : start + PROGRESS_STEP]


def most_characters(longest_input: int | None) -> int | None:
    """Return how many characters a model can see at the most that takes so many tokens; None: all.

    What it cannot see need not be cut into tokens either: that took 9 s for a line of 2 MB.
    """
    return None if longest_input is None else longest_input * _TOKEN_CHARACTERS
