"""The route by which a web page gets a session for its visitor."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request

from .addresses import limited_as
from .callers import CallerKind
from .door import Door, bearer_token, origin_of
from .problems import CALLER, Problem, documented
from .schemas import VisitorSession

router = APIRouter(tags=["Sessions"])


@router.post(
    "/v1/sessions",
    status_code=HTTPStatus.CREATED,
    summary="Start or renew a visitor's session",
    description="For web pages whose origin is on the list PROSPECTUS_ALLOWED_ORIGINS; browsers send it by "
    "themselves. With the token of a session that has not expired, the new one is for the same visitor, who "
    "keeps the conversations begun before.",
    responses=documented(*CALLER),
)
async def start_session(request: Request) -> VisitorSession:
    door: Door = request.app.state.door
    origin = origin_of(request)
    newcomer = f"new at {limited_as(door.address(request))}"
    if door.sessions is None or origin not in door.origins:
        await door.count(request, newcomer)
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "Sessions are for web pages of the origins in PROSPECTUS_ALLOWED_ORIGINS.",
        )
    visitor = None
    if bearer_token(request) is not None:
        caller = await door.admit(request)
        if caller.kind is CallerKind.VISITOR:
            visitor = caller.id.removeprefix("visitor:")
    else:
        await door.count(request, newcomer)
    token = door.sessions.start(origin, visitor)
    return VisitorSession(token=token, expires_in=door.sessions.lifetime_seconds)
