"""What can be thought of a reply."""

from __future__ import annotations

from enum import StrEnum


class Rating(StrEnum):
    """Whether a reply was of use."""

    UP = "up"
    DOWN = "down"
