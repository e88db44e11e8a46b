"""The log of the server: one JSON object a line, or lines to be read on a terminal.

Only fields in ``FIELDS`` are written. E-mail addresses and telephone numbers are taken out of all text, and
messages of exceptions are left out unless the level is debug: a library may put the question into them.
"""

from __future__ import annotations

import logging
import re
import traceback
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from .request_ids import current_request_id

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

FIELDS = {
    "address",
    "caller",
    "event",
    "exception",
    "generation",
    "level",
    "logger",
    "method",
    "outcome",
    "request_id",
    "route",
    "seconds",
    "status",
    "timestamp",
}
"""None of these ever holds what a person wrote."""

_OURS = ("api", "assistant", "ingest")
_SPEAK_TO_MODELS = ("anthropic", "google", "httpx", "langchain", "langsmith", "mistral", "ollama", "openai")
"""Whose records may hold a question or an answer, at any level."""

_NOT_REDACTED = {"address", "timestamp"}
"""Made by us, and full of digits."""

_EMAIL = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w.])(?:\+|00)?\(?\d[\d\s()./\u00a0–-]{5,}\d(?!\w)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_FEWEST_DIGITS = 7


def configure(level: str, out: TextIO) -> None:
    """Sends the log of this process to ``out``, at this level and above.

    What libraries log comes at warning and above at any level: some tell at debug what they work on.
    """
    is_debug = level == "debug"
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback)
        if out.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(out)
    handler.addFilter(_is_told)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.ExtraAdder(),
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _add_request_id,
                *([] if is_debug else [_only_first_line_of_others]),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _WithTraceback(with_messages=is_debug),
                _only_known_fields,
                _redacted,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in (*_OURS, "uvicorn"):
        logging.getLogger(name).setLevel(level.upper())


def _is_told(record: logging.LogRecord) -> bool:
    """Whether a record may be written, whatever level its library has given its logger.

    OPENAI_LOG=debug, for one, writes out what is asked, and a handler takes what loggers further down let
    through. What goes wrong with a language model is told by us, as the kind of fault.
    """
    name = record.name.partition(".")[0]
    if name in _OURS or name == "uvicorn":
        return True
    return record.levelno >= logging.WARNING and not name.startswith(_SPEAK_TO_MODELS)


def redact(text: str) -> str:
    """The text without e-mail addresses and telephone numbers."""
    return _NUMBER.sub(_redacted_number, _EMAIL.sub("[e-mail]", text))


def _redacted_number(found: re.Match[str]) -> str:
    text = found[0]
    if sum(character.isdigit() for character in text) < _FEWEST_DIGITS or _DATE.fullmatch(text):
        return text
    try:
        ip_address(text)
    except ValueError:
        return "[number]"
    return text


def _only_first_line_of_others(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """asyncio, for one, puts the exception of a forgotten task into the second line."""
    if not str(event.get("logger", "")).startswith(_OURS):
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _add_request_id(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    if (request_id := current_request_id()) is not None:
        event["request_id"] = request_id
    return event


class _WithTraceback:
    """Puts the traceback of an exception into the field ``exception``."""

    def __init__(self, *, with_messages: bool) -> None:
        self._with_messages = with_messages

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        info = event.pop("exc_info", None)
        error = info[1] if isinstance(info, tuple) else info
        if isinstance(error, BaseException):
            event["exception"] = traceback_of(error, with_messages=self._with_messages)
        return event


def traceback_of(error: BaseException, *, with_messages: bool) -> str:
    """Where an exception came from, and what it and its causes are; what they say only ``with_messages``."""
    told = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        name = f"{type(current).__module__}.{type(current).__qualname__}"
        told.append(f"{frames}{name}: {current}" if with_messages else f"{frames}{name}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\nraised while handling or because of:\n\n".join(told)


def _only_known_fields(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key in FIELDS and value is not None}


def _redacted(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return {
        key: redact(value) if isinstance(value, str) and key not in _NOT_REDACTED else value
        for key, value in event.items()
    }
