"""The settings, read from environment variables where the program starts and passed on from there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "PROSPECTUS_"


class BadSetting(ValueError):
    """A setting has a value that cannot work; the message names variable, value and what it must be."""


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


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
    host: str = Field(
        default="127.0.0.1", min_length=1, description="an address of this machine to listen on"
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="a whole number from 0 (any free port) to 65535"
    )
    outdated_after_days: int = Field(
        default=730,
        ge=1,
        le=36_500,
        description="a whole number of days from 1 to 36500, after which a page counts as old",
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)
    ] = Field(default="info", description="debug, info, warning, error or critical")


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises:
        BadSetting: naming each variable that has a value which cannot be used, and what it must be.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise BadSetting(
            " ".join(_complaint(str(each["loc"][0]), each["input"]) for each in error.errors())
        ) from None


def _complaint(field: str, value: object) -> str:
    return f"{PREFIX}{field.upper()} is {value!r}, but must be {Settings.model_fields[field].description}."
