"""What Prometheus can read of the server. Every label has few values, none of which a caller can make up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from assistant.reply import ModelUse, Reply

    from .chat_model import ChatModel

MEDIA_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

OpenedNow = Callable[[], tuple[str, datetime] | None]
"""The generation that answers and when it was built; None while no index is open."""


IsDegraded = Callable[[], bool]
"""Whether an earlier generation answers than the published one, which does not open."""


class Metrics:
    """Counts of one server process, in a registry of their own."""

    def __init__(
        self,
        opened_now: OpenedNow,
        is_degraded: IsDegraded = lambda: False,
        chat_model: ChatModel | None = None,
    ) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "prospectus_requests",
            "Requests, by method, route and class of status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            "prospectus_request_seconds",
            "Time from a request to the end of its reply.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._replies = Counter(
            "prospectus_replies", "Replies, by outcome.", ("outcome",), registry=self._registry
        )
        self._reply_seconds = Histogram(
            "prospectus_reply_seconds",
            "Time from a question to its checked reply, without waiting for a thread.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._retrieval_seconds = Histogram(
            "prospectus_retrieval_seconds",
            "Time from a stand-alone question to the evidence that was chosen, embedding included.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._sentences = Counter(
            "prospectus_sentences",
            "Sentences that the check let through (grounded) or not (dropped).",
            ("check",),
            registry=self._registry,
        )
        self._model_replies = Counter(
            "prospectus_model_replies",
            "Replies that a language model was asked for, by whether its sentences were shown (generated), "
            "those of an earlier answer (cached), or quotes instead (quoted).",
            ("shown",),
            registry=self._registry,
        )
        self._model_faults = Counter(
            "prospectus_model_faults",
            "Why a language model was of no use for a reply or for a part of one.",
            ("fault",),
            registry=self._registry,
        )
        self._model_sentences = Counter(
            "prospectus_model_sentences",
            "Sentences of a language model that were shown as they came (kept), with other citations than it "
            "gave (repaired), or not at all (dropped).",
            ("check",),
            registry=self._registry,
        )
        self._model_tokens = Counter(
            "prospectus_model_tokens",
            "Tokens that replies took of a language model, by direction.",
            ("direction",),
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_Generation(opened_now, is_degraded))
        if chat_model is not None:
            self._registry.register(_Model(chat_model))

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request that is over."""
        self._requests.labels(method, route, f"{status // 100}xx").inc()
        self._request_seconds.labels(route).observe(seconds)

    def replied(self, reply: Reply, seconds: float) -> None:
        """Counts a reply; ``seconds`` is the time that the assistant took for it."""
        self._replies.labels(str(reply.outcome)).inc()
        self._reply_seconds.observe(seconds)
        if reply.retrieval_seconds is not None:
            self._retrieval_seconds.observe(reply.retrieval_seconds)
        self._sentences.labels("grounded").inc(sum(1 for each in reply.sentences if each.citations))
        self._sentences.labels("dropped").inc(reply.dropped)
        if reply.model_use is not None:
            self._used(reply.model_use, reply.mode)

    def _used(self, use: ModelUse, mode: str) -> None:
        self._model_replies.labels("cached" if use.is_cached else mode).inc()
        for fault in use.faults:
            self._model_faults.labels(fault).inc()
        self._model_sentences.labels("kept").inc(use.kept)
        self._model_sentences.labels("repaired").inc(use.repaired)
        self._model_sentences.labels("dropped").inc(use.dropped)
        self._model_tokens.labels("input").inc(use.input_tokens)
        self._model_tokens.labels("output").inc(use.output_tokens)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Generation(Collector):
    """What is looked up when it is asked for: of the generation only the one that answers now is told."""

    def __init__(self, opened_now: OpenedNow, is_degraded: IsDegraded) -> None:
        self._opened_now = opened_now
        self._is_degraded = is_degraded

    def collect(self) -> Iterator[Metric]:
        opened = self._opened_now()
        yield GaugeMetricFamily(
            "prospectus_ready", "Whether an index is open.", value=0 if opened is None else 1
        )
        yield GaugeMetricFamily(
            "prospectus_degraded",
            "Whether the published index does not open, and an earlier one answers.",
            value=1 if self._is_degraded() else 0,
        )
        if opened is None:
            return
        generation, built_at = opened
        age = GaugeMetricFamily(
            "prospectus_generation_age_seconds",
            "Time since the index that answers was built.",
            labels=("generation",),
        )
        age.add_metric((generation,), time.time() - built_at.timestamp())
        yield age


class _Model(Collector):
    """How the language model is doing, as it stands when it is asked for."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def collect(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "prospectus_model_calls",
            "Calls of the language model, by how they ended: ok, or the kind of fault.",
            labels=("result",),
        )
        for result, count in sorted(self._model.calls.items()):
            calls.add_metric((result,), count)
        yield calls
        yield GaugeMetricFamily(
            "prospectus_model_left_alone",
            "Whether the language model failed so often that only one call in a while is let through.",
            value=1 if self._model.is_left_alone else 0,
        )
        yield GaugeMetricFamily(
            "prospectus_model_budget_spent",
            "Whether the last call was refused because the tokens of the day are used up.",
            value=1 if self._model.is_budget_spent else 0,
        )
