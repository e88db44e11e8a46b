"""The settings, read from environment variables where the program starts and passed on from there."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.confidence import LEAST_CONFIDENCE
from assistant.langchain_model import FIRST_TOKEN_SECONDS
from ingest.errors import MOST_DELETIONS
from ingest.web_addresses import checked_host

from .addresses import Network, parse_network
from .limits import parse_rate
from .origins import parse_origin

if TYPE_CHECKING:
    from ingest.fetching import Rules

PREFIX = "PROSPECTUS_"

SECRET = {"admin_key", "api_keys", "database_url", "session_secret"}
"""Settings whose value is never shown."""


class ChatTask(StrEnum):
    """What a language model can be used for."""

    ANSWERS = "answers"
    FOLLOW_UPS = "follow-ups"
    LANGUAGES = "languages"
    SEARCH_TERMS = "search-terms"


class BadSetting(ValueError):
    """A setting has a value that cannot work; the message names variable, value and what it must be."""


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _listed(value: object) -> object:
    """The entries of a text that has them between commas."""
    return [entry.strip() for entry in value.split(",") if entry.strip()] if isinstance(value, str) else value


def _rate(text: str) -> str:
    parse_rate(text)
    return text


def _key(fewest: int) -> Callable[[SecretStr], SecretStr]:
    """Takes keys that can be sent as a bearer token (RFC 6750) and are not of a form that is made here."""
    form = re.compile(rf"(?!pk_|vs_)[\w.~+/=-]{{{fewest},}}", re.ASCII)

    def checked(key: SecretStr) -> SecretStr:
        if not form.fullmatch(key.get_secret_value()):
            raise ValueError("not a key")
        return key

    return checked


_Origin = Annotated[str, AfterValidator(parse_origin)]
_Network = Annotated[Network, BeforeValidator(lambda text: parse_network(str(text)))]
_ApiKey = Annotated[SecretStr, AfterValidator(_key(32))]
_AdminKey = Annotated[SecretStr, AfterValidator(_key(16))]
_Host = Annotated[str, AfterValidator(checked_host)]
_Port = Annotated[int, Field(ge=1, le=65535)]
_Rate = Annotated[str, AfterValidator(_rate)]
_RATE = "a number of requests and a time, such as 60/minute or 1000/hour"


class Settings(BaseSettings):
    """What an operator can choose. An empty variable counts as one that is not set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, str_strip_whitespace=True
    )

    data_dir: Path = Field(default=Path(".prospectus"), description="a folder; the index is kept in it")
    corpus: Path = Field(
        default=Path("corpus"), description="a folder or file; what is ingested if no path is given"
    )
    embedding_model: str = Field(
        default="all-MiniLM-L6-v2",
        min_length=1,
        description="the name or the folder of a sentence-transformers model",
    )
    chat_model: str | None = Field(
        default=None, min_length=1, description="a language model as provider:model"
    )
    chat_key_file: Path | None = Field(
        default=None, description="a file that holds the key of the language model, and nothing else"
    )
    chat_seconds: float = Field(
        default=20.0, ge=1, le=120, allow_inf_nan=False, description="a number of seconds from 1 to 120"
    )
    chat_first_token_seconds: float = Field(
        default=FIRST_TOKEN_SECONDS,
        ge=0.1,
        le=120,
        allow_inf_nan=False,
        description="a number of seconds from 0.1 to 120",
    )
    chat_daily_tokens: int = Field(
        default=0, ge=0, le=10**15, description="a whole number of tokens, or 0 for as many as are used"
    )
    chat_tasks: Annotated[tuple[ChatTask, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=tuple(ChatTask),
        description="what the language model is used for, with commas between them: " + ", ".join(ChatTask),
    )
    host: str = Field(
        default="127.0.0.1", min_length=1, description="an address of this machine to listen on"
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="a whole number from 0 (any free port) to 65535"
    )
    allowed_origins: Annotated[tuple[_Origin, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="origins of web pages, with commas between them, each such as https://www.example.edu: "
        "lower case, no path, no port that the scheme has anyway, and never *",
    )
    api_keys: Annotated[tuple[_ApiKey, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="keys with commas between them, each of at least 32 letters, digits and characters out "
        "of -._~+/=, that does not begin with pk_ or vs_",
    )
    admin_key: _AdminKey | None = Field(
        default=None,
        description="a key of at least 16 letters, digits and characters out of -._~+/=, "
        "that does not begin with pk_ or vs_",
    )
    session_secret: SecretStr | None = Field(
        default=None, min_length=32, description="a secret of at least 32 characters"
    )
    trusted_proxies: Annotated[tuple[_Network, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="addresses or networks with commas between them, such as 127.0.0.1 or 10.0.0.0/8",
    )
    fetch_contact: str | None = Field(
        default=None,
        pattern=r"^[!-'*-~]{3,200}$",
        description="an e-mail or web address without blanks and brackets, for the logs of the sites asked",
    )
    fetch_hosts: Annotated[tuple[_Host, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="hosts with commas between them, each such as www.example.edu or *.example.edu",
    )
    fetch_networks: Annotated[tuple[_Network, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="addresses or networks with commas between them, such as 10.1.0.0/16 or ::1",
    )
    fetch_ports: Annotated[tuple[_Port, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="whole numbers from 1 to 65535 with commas between them"
    )
    fetch_pause: float = Field(
        default=1.0, ge=0, le=60, allow_inf_nan=False, description="a number of seconds from 0 to 60"
    )
    rate_limit: _Rate = Field(default="60/minute", description=_RATE)
    rate_limit_address: _Rate | None = Field(default=None, description=_RATE)
    rate_limit_all: _Rate | None = Field(default=None, description=_RATE)
    database_url: SecretStr | None = Field(
        default=None, description="like postgresql://user:password@host:5432/name"
    )
    retention_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="a whole number of days from 1 to 3650, after which what was said is erased",
    )
    outdated_after_days: int = Field(
        default=730,
        ge=1,
        le=36_500,
        description="a whole number of days from 1 to 36500, after which a page counts as old",
    )
    least_confidence: float = Field(
        default=LEAST_CONFIDENCE,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="a number from 0 to 1: how likely an answer must be right to be given",
    )
    most_deletions: float = Field(
        default=MOST_DELETIONS,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="a number from 0 to 1: the share of the pages that may vanish between two ingests",
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)
    ] = Field(default="info", description="debug, info, warning, error or critical")

    @property
    def fetch_rules(self) -> Rules:
        """What may be fetched from the web, and how."""
        from ingest.fetching import DEFAULT_PORTS, Rules

        return Rules(
            hosts=self.fetch_hosts,
            networks=self.fetch_networks,
            ports=DEFAULT_PORTS | set(self.fetch_ports),
            contact=self.fetch_contact or "",
            pause=self.fetch_pause,
        )

    @property
    def plain_database_url(self) -> str | None:
        """With the password in it; None for the file in the data directory."""
        return self.database_url.get_secret_value() if self.database_url else None


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises:
        BadSetting: naming each variable that has a value which cannot be used, and what it must be.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise BadSetting(
            " ".join(_complaint(each["loc"], each["input"]) for each in error.errors())
        ) from None


def _complaint(place: tuple[int | str, ...], value: object) -> str:
    field = str(place[0])
    verb = "is" if len(place) == 1 else "has the entry"
    wanted = Settings.model_fields[field].description
    if field in SECRET:
        return f"{PREFIX}{field.upper()} must be {wanted}."
    return f"{PREFIX}{field.upper()} {verb} {value!r}, but must be {wanted}."
