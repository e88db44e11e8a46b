"""The routes by which machines see how the server is: alive, ready, and in figures."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from . import metrics
from .callers import Administrator, CallerKind
from .dependencies import TheMetrics, Threads, in_thread
from .door import Door, bearer_token
from .problems import CALLER, documented
from .schemas import Health, Ready
from .service import Service

DEGRADED = "The published index cannot be used, and an earlier one answers. The server's log says why."
MODEL_PROBLEM = "The language model cannot be used, and replies are quotes. The server's log says why."

router = APIRouter(tags=["Operation"])


@router.get("/healthz", summary="Whether the process answers")
async def healthz() -> Health:
    return Health()


@router.get(
    "/readyz",
    summary="Whether questions can be answered",
    description="A generation of the index is open, and a question about what stands in it was answered from "
    "it; that is tried once for each generation. With `degraded` it is an earlier one than the "
    "published one, which does not open. With `model_problem` the language model could not be used when it "
    "was asked last. Which generation it is and what is wrong only an administrator is told, or "
    "everyone where the server listens on this machine only.",
    response_model_exclude_none=True,
    responses=documented(*CALLER, HTTPStatus.SERVICE_UNAVAILABLE),
)
async def readyz(request: Request, threads: Threads) -> Ready:
    door: Door = request.app.state.door
    is_told = door.is_open
    if not is_told and bearer_token(request) is not None:
        is_told = (await door.admit(request)).kind is CallerKind.ADMINISTRATOR
    generation = await in_thread(threads, request.app.state.readiness.check)
    service: Service = request.app.state.service
    refusal = service.refusal
    problem = service.chat_model.problem if service.chat_model is not None else None
    return Ready(
        generation=generation if is_told else None,
        degraded=None if refusal is None else refusal.reason if is_told else DEGRADED,
        model_problem=None if problem is None else str(problem) if is_told else MODEL_PROBLEM,
    )


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Counts and times since the process started",
            "content": {
                "text/plain": {
                    "schema": {"type": "string"},
                    "example": 'prospectus_replies_total{outcome="answered"} 42.0\n',
                }
            },
        },
        **documented(*CALLER),
    },
)
async def prometheus(figures: TheMetrics, caller: Administrator) -> Response:
    return Response(figures.text(), headers={"Content-Type": metrics.MEDIA_TYPE})
