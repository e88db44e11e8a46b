"""The language model that the settings name: how it is asked, what it may cost, and what is wrong with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.langchain_model import LangChainModel, ModelNotSetUp
from assistant.language_model import Completion, Deadline, Fault, ModelFault, Prompt

from .capacity import aside
from .settings import BadSetting
from .storage.errors import StorageError

if TYPE_CHECKING:
    from .settings import Settings
    from .storage.token_use import TokenUses

LOOK_SECONDS = 60.0
"""For the first question: LangChain and the provider's package may take long to load on a busy machine."""

_LOOK = Prompt("", "Answer with the single word: yes")

_WRONG = {
    Fault.UNREACHABLE: (
        "its server cannot be reached",
        "Start the server, check the network, or correct its address (OPENAI_BASE_URL and the like).",
    ),
    Fault.UNAUTHORIZED: (
        "its server does not accept the key",
        "Put a valid key into the provider's variable or into the file that PROSPECTUS_CHAT_KEY_FILE names.",
    ),
    Fault.UNKNOWN_MODEL: (
        "its server knows no such model, or does not live at that address",
        "Name another in PROSPECTUS_CHAT_MODEL, or correct the address: it mostly ends in /v1.",
    ),
    Fault.RATE_LIMITED: (
        "its server answers no more for now: too many requests, or nothing left on the account",
        "Wait, or raise the limit with the provider.",
    ),
    Fault.SERVER_ERROR: ("its server fails", "Look at that server's own log or the provider's status page."),
    Fault.REFUSED_REQUEST: (
        "its server takes the request for a wrong one",
        "Take a model for chat that reads some 8,000 tokens.",
    ),
    Fault.NO_FIRST_TOKEN: (
        "it does not begin to answer in time",
        "Raise PROSPECTUS_CHAT_FIRST_TOKEN_SECONDS, or take a faster model.",
    ),
    Fault.TOO_SLOW: (
        "it does not answer in time",
        "Raise PROSPECTUS_CHAT_SECONDS, or take a faster model.",
    ),
    Fault.NOT_TEXT: (
        "what answers is no model's server",
        "Correct the address (OPENAI_BASE_URL and the like): it mostly ends in /v1.",
    ),
}
_OTHERWISE = "Try another model. The log has the kind of each failure."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the model, and what an operator can do."""

    found: str
    remedy: str

    def __str__(self) -> str:
        return f"The language model is not used: {self.found}. {self.remedy}"


class ChatModel:
    """A language model for the replies of this process, with its budget. Safe across threads.

    ``seconds`` is how long all it is asked for one reply may take.
    """

    def __init__(self, model: LangChainModel, *, seconds: float, budget: DailyBudget | None = None) -> None:
        self._model = model
        self._budget = budget
        self.seconds = seconds

    @property
    def name(self) -> str:
        return self._model.name

    def complete(self, prompt: Prompt, deadline: Deadline) -> Completion:
        """As ``LanguageModel``; meanwhile another reply is worked on. Raises: ModelFault."""
        with aside():
            return self._model.complete(prompt, deadline)

    def look(self) -> None:
        """Asks it something in a thread of its own, so that what is wrong is known before anybody asks."""
        threading.Thread(target=self.examine, name="look at the model", daemon=True).start()

    def examine(self) -> Problem | None:
        """Asks it something, waits for the answer and tells what is wrong."""
        with suppress(ModelFault):
            self._model.complete(_LOOK, Deadline.after(LOOK_SECONDS))
        return self.problem

    @property
    def problem(self) -> Problem | None:
        """What was wrong when it was asked last, None where it answered or was not asked yet."""
        if self.is_budget_spent:
            return Problem(
                "today's tokens are used up",
                "Wait for tomorrow (UTC), or raise PROSPECTUS_CHAT_DAILY_TOKENS.",
            )
        fault = self._model.last_fault
        if fault is None:
            return None
        if isinstance(fault, ModelNotSetUp):
            return Problem(str(fault), fault.remedy)
        found, remedy = _WRONG.get(fault.fault, (f"it fails ({fault.fault.value})", _OTHERWISE))
        return Problem(found, remedy)

    @property
    def calls(self) -> Mapping[str, int]:
        """How many calls ended how: "ok", or the value of a ``Fault``."""
        return self._model.calls

    @property
    def is_left_alone(self) -> bool:
        """Whether it failed so often that only one call in a while is let through."""
        return self._model.is_left_alone

    @property
    def is_budget_spent(self) -> bool:
        """Whether the last call was refused because today's tokens are used up."""
        return self._budget is not None and self._budget.is_spent

    def close(self) -> None:
        """Ends all calls."""
        self._model.close()


class DailyBudget:
    """So many tokens a day (UTC), counted in the database: it holds across processes and restarts.

    Where the database cannot be used, there are none: what is not counted has no limit.
    """

    def __init__(self, open_uses: Callable[[], TokenUses], most: int) -> None:
        self._open_uses = open_uses
        self._most = most
        self._lock = threading.Lock()
        self._uses: TokenUses | None = None
        self.is_spent = False

    def take(self, tokens: int) -> bool:
        """Takes that many, if there are so many left today; whether there were."""
        try:
            has_taken = self._opened().take(tokens, self._most)
        except (BadSetting, StorageError) as error:
            _log.error("The tokens of the language model cannot be counted, so it is not asked: %s", error)
            return False
        self.is_spent = not has_taken
        return has_taken

    def settle(self, taken: int, used: int) -> None:
        """Corrects what ``take`` took to what was used in the end."""
        try:
            self._opened().correct(used - taken)
        except (BadSetting, StorageError) as error:
            _log.error("The tokens of the language model cannot be counted: %s", error)

    def _opened(self) -> TokenUses:
        with self._lock:
            if self._uses is None:
                self._uses = self._open_uses()
            return self._uses


def chat_model(settings: Settings) -> ChatModel | None:
    """The model that the settings name; None where they name none. Nothing is loaded or asked yet."""
    if settings.chat_model is None:
        return None

    def open_uses() -> TokenUses:
        from .storage.database import open_database  # takes long to load, and few have a budget
        from .storage.token_use import TokenUses

        return TokenUses(open_database(settings.data_dir, settings.plain_database_url))

    most = settings.chat_daily_tokens
    budget = DailyBudget(open_uses, most) if most else None
    model = LangChainModel(
        settings.chat_model,
        key_file=settings.chat_key_file,
        first_token_seconds=settings.chat_first_token_seconds,
        budget=budget,
    )
    return ChatModel(model, seconds=settings.chat_seconds, budget=budget)
