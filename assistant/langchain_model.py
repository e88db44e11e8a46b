"""A language model of any provider that LangChain knows, which answers in time or raises ``ModelFault``.

Every call streams, on one event loop in a thread of its own, so that a call whose time is over can be ended
and its connection closed. The calling thread waits for it and no longer than until its deadline.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import CancelledError
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .breaker import Breaker
from .language_model import Completion, Deadline, Fault, ModelFault, Prompt, Usage
from .loop_thread import LoopThread
from .model_faults import fault_of, retry_after

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk
    from langchain_core.runnables import Runnable

FIRST_TOKEN_SECONDS = 8.0

TEXT_LIMIT = 20_000
"""Characters of an answer. A reply of forty long sentences has some 8,000."""

BYTE_LIMIT = 4 * 2**20
"""Bytes of a response. OpenAI's servers send some 300 for a token of four characters."""

CHARACTERS_OF_A_TOKEN = 4
"""Of English, as OpenAI's and Meta's tokenizers cut it; for servers that do not tell what they counted."""

OUTPUT_ESTIMATE = 500
"""Tokens that are taken from the daily budget for an answer until its length is known."""

_PAUSES = (0.25, 1.0)
"""Seconds before the second and the third try, where the server does not say how long to wait."""

_WORTH_ANOTHER_TRY = {Fault.UNREACHABLE, Fault.SERVER_ERROR, Fault.RATE_LIMITED}

_NOT_ITS_FAILURE = {Fault.DECLINED, Fault.EMPTY, Fault.BUDGET_SPENT, Fault.BREAKER_OPEN}
"""Faults with a server that works: what people ask must not be able to have it left alone."""

_FAILED = {"error", "failed", "malformed_function_call"}
_CUT = {"length", "max_tokens", "model_length", "model_context_window_exceeded", "incomplete", "pause_turn"}
_DECLINED = {
    *("content_filter", "refusal", "safety", "recitation", "prohibited_content", "blocklist", "spii"),
    *("language", "image_safety"),
}
"""Why an answer ended, in the words of OpenAI, Anthropic, Google, Mistral and Ollama, in lower case."""

_log = logging.getLogger(__name__)


class TokenBudget(Protocol):
    """How many tokens may be used. Both methods may be called from several threads at a time."""

    def take(self, tokens: int) -> bool:
        """Takes that many, if there are so many left; whether there were."""

    def settle(self, taken: int, used: int) -> None:
        """Corrects what ``take`` took to what was used in the end."""


class ModelNotSetUp(ModelFault):
    """The model cannot even be asked. ``remedy`` says what to do, in words for an operator."""

    def __init__(self, fault: Fault, message: str, remedy: str) -> None:
        super().__init__(fault, message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class _Provider:
    """What is particular about a provider: the extra that brings its package, the variables of which one has
    its key, and the options by which its package neither retries nor leaves out the tokens used.
    """

    extra: str
    keys: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


_PROVIDERS = {
    "anthropic": _Provider("anthropic", ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"), {"max_retries": 0}),
    "google_genai": _Provider(
        "google",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI"),
        {"max_retries": 1},  # of tries; 0 would be six
    ),
    "mistralai": _Provider("mistral", ("MISTRAL_API_KEY",), {"max_retries": 1}),
    "ollama": _Provider("ollama"),
    "openai": _Provider(
        "openai", ("OPENAI_API_KEY",), {"max_retries": 0, "stream_usage": True, "stream_chunk_timeout": None}
    ),
}
"""Providers with an extra. Others are taken, too, if their package is installed. All of these say why an
answer ended."""


class LangChainModel:
    """The model that ``name`` names as ``provider:model``. Safe to call from several threads at a time.

    Nothing is imported, read or connected to before the first call. ``key_file`` holds the key, in the place
    of the variable in the environment that the provider has for it. ``first_token_seconds`` is how long each
    try may take to its first word.
    """

    def __init__(
        self,
        name: str,
        *,
        key_file: Path | None = None,
        first_token_seconds: float = FIRST_TOKEN_SECONDS,
        budget: TokenBudget | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._name = name
        self._key_file = key_file
        self._first_token_seconds = first_token_seconds
        self._budget = budget
        self._breaker = breaker or Breaker()
        self._loop = LoopThread(f"model {name}")
        self._building = threading.Lock()
        self._chat: BaseChatModel | None = None
        self._takes_schemas = True
        self._counting = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._last_fault: ModelFault | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def calls(self) -> Mapping[str, int]:
        """How many calls ended how: "ok", or the value of a ``Fault``."""
        with self._counting:
            return dict(self._calls)

    @property
    def is_left_alone(self) -> bool:
        """Whether it failed so often that only one call in a while is let through."""
        return self._breaker.is_open

    @property
    def last_fault(self) -> ModelFault | None:
        """What the model failed with when it was asked last, None where it did not."""
        return self._last_fault

    def complete(self, prompt: Prompt, deadline: Deadline) -> Completion:
        """The model's whole answer.

        Raises:
            ModelFault: there is none, or not by the deadline; it is raised by then.
        """
        try:
            completion = self._within_budget(prompt, deadline)
        except ModelFault as fault:
            self._failed(fault)
            raise
        with self._counting:
            self._calls["ok"] += 1
        self._last_fault = None
        self._breaker.succeeded()
        return completion

    def close(self) -> None:
        """Ends all calls and their thread."""
        self._loop.stop()

    def _failed(self, fault: ModelFault) -> None:
        with self._counting:
            self._calls[fault.fault.value] += 1
        if fault.fault in (Fault.DECLINED, Fault.EMPTY):
            self._breaker.succeeded()
        if fault.fault in _NOT_ITS_FAILURE:
            return
        self._last_fault = fault
        self._breaker.failed()
        _log.warning("The language model failed: %s (%s)", fault.fault.value, fault)

    def _within_budget(self, prompt: Prompt, deadline: Deadline) -> Completion:
        if not self._breaker.lets_through():
            raise ModelFault(Fault.BREAKER_OPEN)
        if self._budget is None:
            return self._ask(prompt, deadline, _Spent())
        taken = _tokens(prompt) + OUTPUT_ESTIMATE
        if not self._budget.take(taken):
            raise ModelFault(Fault.BUDGET_SPENT)
        spent = _Spent()
        try:
            return self._ask(prompt, deadline, spent)
        finally:
            self._budget.settle(taken, spent.usage.input_tokens + spent.usage.output_tokens)

    def _ask(self, prompt: Prompt, deadline: Deadline, spent: _Spent) -> Completion:
        if not deadline.left:
            raise ModelFault(Fault.TOO_SLOW, "there was no time left")
        asking = self._loop.begin(self._answer(prompt, deadline, spent))
        try:
            return asking.result(deadline.left)
        except TimeoutError:
            raise ModelFault(Fault.TOO_SLOW) from None
        except CancelledError:
            raise ModelFault(Fault.OTHER, "the model was closed") from None
        finally:
            asking.cancel()

    async def _answer(self, prompt: Prompt, deadline: Deadline, spent: _Spent) -> Completion:
        try:
            async with asyncio.timeout(deadline.left):
                chat = await asyncio.to_thread(self._built)
                return await self._with_or_without_schema(chat, prompt, deadline, spent)
        except Exception as error:  # noqa: BLE001 - whatever a library raises, the reply goes on without it
            raise fault_of(error, has_begun=spent.has_begun) from None

    async def _with_or_without_schema(
        self, chat: BaseChatModel, prompt: Prompt, deadline: Deadline, spent: _Spent
    ) -> Completion:
        structured = _structured(chat, prompt.schema) if self._takes_schemas else None
        if structured is None:
            return await self._tried(chat, prompt, deadline, spent)
        try:
            return await self._tried(structured, prompt, deadline, spent)
        except ModelFault as fault:
            if fault.fault is not Fault.REFUSED_REQUEST:
                raise
        completion = await self._tried(chat, prompt, deadline, spent)
        self._takes_schemas = False  # it was the schema, and not the question
        return completion

    async def _tried(
        self, chat: Runnable[Any, Any], prompt: Prompt, deadline: Deadline, spent: _Spent
    ) -> Completion:
        """What it answers; where it fails before its first word and may not the next time, it is asked again.

        Raises: ModelFault.
        """
        for pause in (*_PAUSES, None):
            try:
                return await self._streamed(chat, prompt, spent)
            except Exception as error:  # noqa: BLE001 - see _answer
                fault = fault_of(error, has_begun=spent.has_begun)
                may_try = not spent.has_begun and fault.fault in _WORTH_ANOTHER_TRY
                if pause is None or not may_try:
                    raise fault from None
                asked_to_wait = retry_after(error)
            # Not all at once again, where many were refused at once.
            wait = asked_to_wait if asked_to_wait is not None else pause * random.uniform(1, 1.5)  # noqa: S311
            if wait >= deadline.left:
                raise fault
            await asyncio.sleep(wait)
        raise AssertionError  # the last try returns or raises

    async def _streamed(self, chat: Runnable[Any, Any], prompt: Prompt, spent: _Spent) -> Completion:
        answer = _Answer()
        chunks: AsyncIterator[AIMessageChunk] = chat.astream(
            [("system", prompt.system), ("human", prompt.user)] if prompt.system else prompt.user
        )
        try:
            async with (
                asyncio.timeout(self._first_token_seconds) as first_token,
                aclosing(chunks),  # type: ignore[type-var]
            ):
                async for chunk in chunks:
                    answer.add(chunk)
                    spent.add(chunk, prompt, answer.length)
                    if spent.has_begun:
                        first_token.reschedule(None)
        except TimeoutError:
            if first_token.expired():
                raise ModelFault(Fault.NO_FIRST_TOKEN) from None
            raise
        except (AssertionError, ValueError) as error:
            # What LangChain and OpenAI's package raise where nothing came at all; broken text is a subclass.
            if type(error) in (AssertionError, ValueError) and answer.is_untouched:
                raise ModelFault(Fault.EMPTY, "not one event came") from None
            raise
        is_known = self._name.partition(":")[0] in _PROVIDERS
        return Completion(answer.whole(tells_why_it_ended=is_known), spent.usage)

    def _built(self) -> BaseChatModel:
        """LangChain's model. Raises: ModelNotSetUp."""
        with self._building:
            if self._chat is None:
                self._chat = _build(self._name, self._key_file)
            return self._chat


class _Answer:
    """What came so far, and why it ended."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.is_untouched = True
        self.length = 0
        self._ending = ""
        self._is_declined = False

    def add(self, chunk: AIMessageChunk) -> None:
        """Raises: ModelFault: it is too long."""
        self.is_untouched = False
        text = str(chunk.text)
        self.length += len(text)
        if self.length > TEXT_LIMIT:
            raise ModelFault(Fault.TOO_LONG, f"more than {TEXT_LIMIT} characters")
        self._parts.append(text)
        self._ending = _ending(chunk.response_metadata) or self._ending
        self._is_declined |= bool(chunk.additional_kwargs.get("refusal"))

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def whole(self, *, tells_why_it_ended: bool) -> str:
        """The text, if there is one and nothing of it is missing. Raises: ModelFault."""
        if self._is_declined or self._ending in _DECLINED:
            raise ModelFault(Fault.DECLINED)
        if self._ending in _FAILED:
            raise ModelFault(Fault.SERVER_ERROR, f"the answer ended with {self._ending!r}")
        if self._ending in _CUT or (tells_why_it_ended and self.length and not self._ending):
            raise ModelFault(Fault.CUT_OFF, self._ending or "the stream ended in the middle")
        if not self.text.strip():
            raise ModelFault(Fault.EMPTY)
        return self.text


class _Spent:
    """The tokens of one call of ``complete`` with all its tries, also where it fails or is cut off."""

    def __init__(self) -> None:
        self.has_begun = False
        self._told = Usage()
        self._estimate = Usage()

    @property
    def usage(self) -> Usage:
        """As the server told; what it has not told is estimated from the texts."""
        return Usage(
            self._told.input_tokens or self._estimate.input_tokens,
            self._told.output_tokens or self._estimate.output_tokens,
        )

    def add(self, chunk: AIMessageChunk, prompt: Prompt, length: int) -> None:
        self.has_begun |= length > 0
        self._estimate = Usage(_tokens(prompt), -(-length // CHARACTERS_OF_A_TOKEN))
        if chunk.usage_metadata:
            self._told += Usage(chunk.usage_metadata["input_tokens"], chunk.usage_metadata["output_tokens"])


def _ending(metadata: Mapping[str, Any]) -> str:
    """Why the answer ended, in lower case; "" while it has not, or where the server does not tell."""
    for name in ("finish_reason", "stop_reason", "done_reason", "status"):
        if found := metadata.get(name):
            return str(found).lower()
    return ""


def _tokens(prompt: Prompt) -> int:
    return (len(prompt.system) + len(prompt.user)) // CHARACTERS_OF_A_TOKEN + 1


def _structured(chat: BaseChatModel, schema: Mapping[str, Any] | None) -> Runnable[Any, Any] | None:
    """The model, held to the schema by its provider; None where there is no schema or it cannot be held."""
    if schema is None:
        return None
    from langchain_core.runnables import RunnableSequence

    try:
        made = chat.with_structured_output({"title": "answer", **schema}, method="json_schema")
    except (NotImplementedError, TypeError, ValueError):
        return None
    # Without LangChain's own parser, which would only tell that something is wrong, and not what came.
    return made.first if isinstance(made, RunnableSequence) else None


def _build(name: str, key_file: Path | None) -> BaseChatModel:
    """LangChain's model of that name. Raises: ModelNotSetUp."""
    provider, _, model = name.partition(":")
    if not provider or not model:
        raise ModelNotSetUp(
            Fault.UNKNOWN_MODEL,
            f"{name!r} names no provider and model",
            "Name both with a colon between them, such as openai:gpt-5-mini.",
        )
    known = _PROVIDERS.get(provider, _Provider(""))
    options = {**known.options, **_key_options(provider, known, key_file)}
    try:
        from langchain.chat_models import init_chat_model

        if provider == "openai":
            from .bounded_client import bounded_client

            options["http_async_client"] = bounded_client(BYTE_LIMIT)
        chat: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
        return chat
    except ImportError as error:
        line = f"prospectus-assistant[{known.extra}]" if known.extra else _missing_package(error)
        raise ModelNotSetUp(
            Fault.OTHER, f"the package for {provider!r} is not installed", f"Run: pip install '{line}'"
        ) from None
    except ValueError as error:
        if "Unsupported" in str(error) or "provider" in str(error):
            raise ModelNotSetUp(
                Fault.UNKNOWN_MODEL,
                f"there is no provider {provider!r}",
                f"Name one of {', '.join(_PROVIDERS)}, or another that LangChain's init_chat_model knows.",
            ) from None
        raise ModelNotSetUp(
            Fault.OTHER, f"{type(error).__name__} while it was set up", "Check the provider's variables."
        ) from None


def _key_options(provider: str, known: _Provider, key_file: Path | None) -> dict[str, str]:
    """The key, unless the package finds it by itself. Raises: ModelNotSetUp: there is none, and must be."""
    if key_file is not None:
        return {"api_key": _read_key(key_file)}
    if not known.keys or any(os.environ.get(each) for each in known.keys):
        return {}
    if provider == "openai" and (os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE")):
        return {"api_key": "none"}  # servers of one's own seldom ask for one, but the package does
    raise ModelNotSetUp(
        Fault.UNAUTHORIZED, "no key is set", f"Set {known.keys[0]}, or put the key into a file and name it."
    )


def _read_key(file: Path) -> str:
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ModelNotSetUp(
            Fault.UNAUTHORIZED,
            f"the file with the key, {file}, cannot be read: {why}",
            "Let this user read it, or name another.",
        ) from None
    if not key.isascii() or not key.isprintable() or not key or " " in key:
        raise ModelNotSetUp(
            Fault.UNAUTHORIZED,
            f"the file with the key, {file}, holds no key",
            "Write the key into it, and nothing else.",
        )
    return key


def _missing_package(error: ImportError) -> str:
    """The distribution that a provider's package comes in: LangChain names them alike."""
    cause = error.__cause__
    name = (cause.name if isinstance(cause, ImportError) else error.name) or "langchain"
    return name.partition(".")[0].replace("_", "-")
