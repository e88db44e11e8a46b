"""What the assistant needs of a language model: a prompt in, a text out, in time; and how that fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Fault(StrEnum):
    """Why a language model was of no use for a reply. Counted in metrics, never shown to an asker."""

    UNREACHABLE = "unreachable"
    UNAUTHORIZED = "unauthorized"
    UNKNOWN_MODEL = "unknown_model"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    REFUSED_REQUEST = "refused_request"
    """The server takes the request for a wrong one."""
    NO_FIRST_TOKEN = "no_first_token"  # noqa: S105 - no password
    TOO_SLOW = "too_slow"
    CUT_OFF = "cut_off"
    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    """What came is no reply of a model: an HTML page, bytes that are no UTF-8, broken JSON."""
    EMPTY = "empty"
    WRONG_SHAPE = "wrong_shape"
    """A text, but without sentences that name their evidence."""
    DECLINED = "declined"
    """The model declined to answer."""
    BREAKER_OPEN = "breaker_open"
    """It failed so often that it is left alone for a while."""
    BUDGET_SPENT = "budget_spent"
    UNSUPPORTED = "unsupported"
    """What was left of the model's sentences after the check is no answer."""
    OTHER = "other"


class ModelFault(Exception):
    """The model gave nothing that can be used; the message is for logs and holds no prompt and no key."""

    def __init__(self, fault: Fault, message: str = "") -> None:
        super().__init__(message or fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked. ``schema`` is the JSON schema of its answer, None where that is a plain text."""

    system: str
    user: str
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the model's server counts them; estimated from the text where it does not tell."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered, whole. JSON where the prompt had a schema, if the model obeyed."""

    text: str
    usage: Usage = field(default=Usage())


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time that all calls for one reply share, in seconds of ``time.monotonic``."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds, 0 once it has passed."""
        return max(self.at - time.monotonic(), 0.0)


class LanguageModel(Protocol):
    """A chat model behind one method. Safe to call from several threads at a time."""

    @property
    def name(self) -> str:
        """As the settings name it: ``provider:model``."""

    def complete(self, prompt: Prompt, deadline: Deadline) -> Completion:
        """The model's whole answer.

        Raises:
            ModelFault: there is none, or not by the deadline; it is raised by then.
        """
