"""The real server as tests of pages need it: the line that puts its widget there, and what it has kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from pydantic import SecretStr
from running_server import running

from api.app import create_app
from api.backend import LocalBackend
from api.door import Door
from api.schemas import ChatReply
from api.service import Exchange, Service
from api.settings import Settings
from assistant.reply import Reply

ADMIN_KEY = "the-administrator-of-these-tests"
NO_LIMIT = "100000/minute"


class NotingService(Service):
    """The real service, which notes what it has said: browsers do not keep the body of a stream."""

    def __init__(self, backend: LocalBackend) -> None:
        super().__init__(backend)
        self.said: list[dict[str, Any]] = []

    def remember(self, exchange: Exchange, message: str, reply: Reply) -> None:
        self.said.append(ChatReply.of(exchange, reply).model_dump(mode="json"))
        super().remember(exchange, message, reply)


@dataclass(frozen=True, slots=True)
class RealServer:
    """A running server; ``url`` ends with a slash, ``said`` are the whole replies that it has given."""

    url: str
    said: list[dict[str, Any]]

    def script(self, *attributes: str, kind: str = "async") -> str:
        """The line to paste, with these attributes (``name=value``, or a name alone)."""
        named = "".join(f" {_attribute(*each.partition('='))}" for each in attributes)
        return f'<script {kind} src="{self.url}widget.js"{named}></script>'

    def read(self, path: str) -> tuple[int, Any]:
        """Status and JSON of what the administrator gets."""
        request = Request(self.url + path, headers={"Authorization": f"Bearer {ADMIN_KEY}"})  # noqa: S310 - http
        try:
            with urlopen(request, timeout=20) as response:  # noqa: S310 - as above
                return response.status, json.load(response)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def conversation(self, conversation_id: str) -> tuple[int, Any]:
        return self.read(f"v1/conversations/{quote(conversation_id)}")

    def document(self, document_id: str) -> Any:
        return self.read(f"v1/documents/{quote(document_id)}")[1]


def _attribute(name: str, equals: str, value: str) -> str:
    return f'{name}="{escape(value)}"' if equals else name


@contextmanager
def served(data_dir: Path, origins: tuple[str, ...] = ()) -> Iterator[RealServer]:
    """The real server on this index, for pages of these origins; without any, for its own demo page."""
    settings = Settings(
        data_dir=data_dir,
        allowed_origins=origins,
        admin_key=SecretStr(ADMIN_KEY) if origins else None,
        rate_limit=NO_LIMIT,
    )
    service = NotingService(LocalBackend(settings))
    service.open()
    with running(create_app(service, door=Door(settings))) as server:
        yield RealServer(f"{server.url}/", service.said)
