"""Who is calling, and what they may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from .problems import Problem

if TYPE_CHECKING:
    from .door import Door


class Scope(StrEnum):
    """What a caller may be allowed to do."""

    CHAT = "chat"
    SEARCH = "search"


class CallerKind(StrEnum):
    """How a caller proved who they are."""

    LOCAL = "local"
    VISITOR = "visitor"
    INTEGRATION = "integration"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. ``id`` is stable and no secret: "local", "visitor:…", "key:…" or "admin"."""

    kind: CallerKind
    id: str
    scopes: frozenset[Scope]


LOCAL = Caller(CallerKind.LOCAL, "local", frozenset(Scope))
"""Everyone who reaches a server that listens on this machine only and has no key, origin or admin key."""


def _with_scope(scope: Scope | None) -> Callable[[Request], Awaitable[Caller]]:
    async def admitted(request: Request) -> Caller:
        caller = await _admitted(request)
        if scope is not None and scope not in caller.scopes:
            raise Problem(HTTPStatus.FORBIDDEN, f"This takes a key with the scope {scope}.")
        return caller

    return admitted


async def _administrator(request: Request) -> Caller:
    caller = await _admitted(request)
    if caller.kind not in {CallerKind.LOCAL, CallerKind.ADMINISTRATOR}:
        raise Problem(HTTPStatus.FORBIDDEN, "This takes the administrator's key, PROSPECTUS_ADMIN_KEY.")
    return caller


async def _admitted(request: Request) -> Caller:
    door: Door = request.app.state.door
    return await door.admit(request)


ChatCaller = Annotated[Caller, Depends(_with_scope(Scope.CHAT))]
SearchCaller = Annotated[Caller, Depends(_with_scope(Scope.SEARCH))]
AnyCaller = Annotated[Caller, Depends(_with_scope(None))]
"""With either scope: for what both chat and search need, such as reading a document."""
Administrator = Annotated[Caller, Depends(_administrator)]
