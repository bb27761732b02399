"""The gateway's telemetry: requests report here; what was counted comes out as documents, for windows and store."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from turbulence_app.llm.telemetry.document import Document
from turbulence_app.llm.telemetry.metrics import Metrics, Recorder
from turbulence_app.llm.telemetry.names import (
    CALL_NS,
    ERROR,
    ERRORS,
    FALLBACKS,
    MODEL,
    OPENED,
    OPERATION,
    PROVIDER,
    QUEUE_NS,
    REASON,
    REPAIRS,
    REQUEST_NS,
    RETRIES,
    SAVED_NS,
    SAVED_TOKENS,
    SOURCE,
    TOKEN_TYPE,
    TOKENS,
    clean,
)
from turbulence_app.llm.telemetry.requests import Call, Finished, Request

RECENT = 200
"""Requests that are remembered one by one."""


class Telemetry:
    """One per gateway; safe for several threads. ``clock`` gives nanoseconds that only grow."""

    def __init__(self, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self.clock = clock
        self.metrics = Metrics()
        self.listeners: list[Finished] = []
        self._recent: deque[Request] = deque(maxlen=RECENT)
        self._lock = threading.Lock()

    def begin(self, operation: str) -> Request:
        """A request for an answer of some kind (``policy``, ``next_step``, ...)."""
        return Request(self, operation, self.clock())

    def hits(self, operation: str, source: str) -> Recorder:
        """For the path that must be quick: ``recorder.record(nanoseconds)`` counts a request that the cache answered.
        Such a request has no id and is not among the recent ones."""
        return self.metrics.recorder(REQUEST_NS, {OPERATION: operation, SOURCE: source})

    def saved(self, nanoseconds: float, tokens: int = 0) -> None:
        """A cached answer was taken; that is what it had cost."""
        self.metrics.add(SAVED_NS, {}, max(0, int(nanoseconds)))
        if tokens > 0:
            self.metrics.add(SAVED_TOKENS, {}, tokens)

    def opened(self, provider: str, model: str) -> None:
        """A breaker opened."""
        self.metrics.add(OPENED, {PROVIDER: provider, MODEL: model})

    def retried(self, provider: str, reason: str) -> None:
        """See :meth:`Request.retry`."""
        self.metrics.add(RETRIES, {PROVIDER: provider, ERROR: reason})

    def queued(self, provider: str, nanoseconds: int) -> None:
        """See :meth:`Request.queued`."""
        self.metrics.record(QUEUE_NS, {PROVIDER: provider}, nanoseconds)

    def repaired(self, provider: str) -> None:
        """See :meth:`Request.repaired`."""
        self.metrics.add(REPAIRS, {PROVIDER: provider})

    def called(self, operation: str, call: Call) -> None:
        """See :meth:`Request.call`."""
        which = {OPERATION: operation, PROVIDER: call.provider, MODEL: call.model}
        self.metrics.record(CALL_NS, {**which, ERROR: call.error}, call.taken)
        for kind, number in (("input", call.tokens_in), ("output", call.tokens_out)):
            if number > 0:
                self.metrics.record(TOKENS, {**which, TOKEN_TYPE: kind}, number)

    def ended(self, request: Request) -> None:
        """See :meth:`Request.end`."""
        request.taken = self.clock() - request.began
        which = {OPERATION: request.operation, SOURCE: request.source or ("stopped" if _stopped(request) else "none")}
        self.metrics.record(REQUEST_NS, which, request.taken)
        if request.fallbacks and not request.error:
            self.metrics.add(FALLBACKS, {OPERATION: request.operation, REASON: request.fallbacks[0]})
        if request.error and not _stopped(request):
            self.metrics.add(ERRORS, {OPERATION: request.operation, ERROR: request.error})
        with self._lock:
            self._recent.append(request)
        for listener in self.listeners:
            listener(request)

    def recent(self) -> list[dict[str, Any]]:
        """The last requests, newest first: ``id``, ``operation``, ``source``, ``provider``, ``model``, ``error``,
        ``fallbacks`` (codes), ``retries``, ``calls``, ``tokens_in``, ``tokens_out``, ``waited_ms``, ``ms``."""
        with self._lock:
            kept = list(reversed(self._recent))
        return [_row(request) for request in kept]

    def drain(self) -> Document:
        """What was counted since the last time."""
        return self.metrics.drain()


def _stopped(request: Request) -> bool:
    return request.error == "cancelled"


def _row(request: Request) -> dict[str, Any]:
    def code(attribute: str, value: str) -> str:
        return clean(attribute, value) if value else ""

    return {
        "id": request.id,
        "operation": code(OPERATION, request.operation),
        "source": code(SOURCE, request.source),
        "provider": code(PROVIDER, request.provider),
        "model": code(MODEL, request.model),
        "error": code(ERROR, request.error),
        "fallbacks": [code(REASON, reason) for reason in request.fallbacks],
        "retries": request.retries,
        "calls": len(request.calls),
        "tokens_in": sum(call.tokens_in for call in request.calls),
        "tokens_out": sum(call.tokens_out for call in request.calls),
        "waited_ms": request.waited / 1e6,
        "ms": request.taken / 1e6,
    }
