"""A language model behind a fair queue, a breaker and retries: what elicitation takes for the backend itself.

This is the only place where anything is tried again. The budget of the request is one point in time: waiting, failed
tries and pauses all take from it, and each attempt is given what is left.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar, cast

from turbulence_app.llm.backends.base import (
    Completion,
    Messages,
    Prompt,
    Question,
    Scored,
    ScoringBackend,
    ShouldStop,
    TextBackend,
    Tick,
)
from turbulence_app.llm.errors import BudgetError, ModelError
from turbulence_app.llm.resilience.breaker import BreakerSettings
from turbulence_app.llm.resilience.breakers import Breakers, Changed
from turbulence_app.llm.resilience.deadline import Clock, Deadline
from turbulence_app.llm.resilience.fair_queue import FairQueue
from turbulence_app.llm.resilience.retry import RetryPolicy, retrying
from turbulence_app.llm.telemetry.requests import Request

T = TypeVar("T")
OnRetry = Callable[[int, ModelError, float], object]
OnTry = Callable[[float, ModelError | None], object]
"""Seconds of an attempt (waiting in the queue included), and what it ended with."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: its place in the queue, its deadline, its stop, its telemetry, and what it wants to be told."""

    client: Hashable
    deadline: Deadline
    request: Request
    should_stop: ShouldStop | None = None
    on_try: OnTry = lambda _seconds, _error: None
    on_retry: OnRetry | None = None


class Guard:
    """Queues and breakers of a process, one of each per backend and model. Safe for several threads."""

    def __init__(
        self,
        *,
        retries: int = 2,
        threshold: int = 5,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        rng: random.Random | None = None,
        on_change: Changed | None = None,
    ) -> None:
        self.breakers = Breakers(BreakerSettings(consecutive=threshold), clock, on_change)
        self._policy = RetryPolicy(tries=1 + retries)
        self._sleep = sleep
        self._rng = rng or random.Random(0)
        self._lock = threading.Lock()
        self._queues: dict[tuple[str, str], FairQueue] = {}

    def run(self, backend: TextBackend, digest: str, asker: Asker, work: Callable[[float], T]) -> T:
        """``work(seconds)`` with a place in the queue, through the breaker, tried again after transient errors."""
        queue = self._queue(backend, digest)
        breaker = self.breakers.of(backend.name, digest, backend.model)

        def attempt() -> T:
            began = asker.deadline.clock()
            try:
                breaker.check()  # who would be refused anyway need not wait for a place first
                with queue.turn(asker.client, asker.deadline, asker.should_stop) as waited, breaker.guard():
                    asker.request.queued(backend.name, waited)
                    seconds = _seconds(asker.deadline)
                    with asker.request.call(backend.name, backend.model) as call:
                        result = work(seconds)
                        call.read(result)
            except ModelError as error:
                asker.on_try(asker.deadline.clock() - began, error)
                raise
            asker.on_try(asker.deadline.clock() - began, None)
            return result

        return retrying(
            attempt,
            deadline=asker.deadline,
            policy=self._policy,
            rng=self._rng,
            sleep=self._sleep,
            should_stop=asker.should_stop,
            on_retry=asker.on_retry,
        )

    def queues(self) -> list[dict[str, Any]]:
        """Who waits and who is served, as plain data."""
        with self._lock:
            kept = sorted(self._queues.items())
        return [
            {"backend": backend, "digest": digest, "waiting": q.waiting, "running": q.running, "parallel": q.parallel}
            for (backend, digest), q in kept
        ]

    def _queue(self, backend: TextBackend, digest: str) -> FairQueue:
        key = (backend.name, digest)
        with self._lock:
            if key not in self._queues:
                self._queues[key] = FairQueue(getattr(backend, "parallel", 1))
            return self._queues[key]


def _seconds(deadline: Deadline) -> float:
    """What one attempt may take. Raises :class:`BudgetError` where there is nothing left."""
    if (seconds := deadline.attempt()) <= 0:
        raise BudgetError("the time for this answer is used up", "allow it more time")
    return seconds


class Guarded:
    """A :class:`TextBackend` for one request, every question of which goes through the guard."""

    modes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, backend: TextBackend, digest: str, guard: Guard, asker: Asker) -> None:
        self._backend, self._digest, self._guard, self._asker = backend, digest, guard, asker
        self.name = backend.name

    @property
    def model(self) -> str:
        """The name of the model, for people."""
        return self._backend.model

    def digest(self) -> str:
        """The digest that the request was keyed by."""
        return self._digest

    def version(self) -> str:
        """What besides the model shapes its answers."""
        return self._backend.version()

    def complete(
        self, prompt: Prompt, on_tick: Tick | None = None, should_stop: ShouldStop | None = None
    ) -> Completion:
        """Answers, within what is left of the request's time."""
        return self._guard.run(
            self._backend,
            self._digest,
            self._asker,
            lambda seconds: self._backend.complete(replace(prompt, seconds=seconds), on_tick, should_stop),
        )

    def score(
        self,
        questions: Sequence[Question],
        stem: Messages,
        seconds: float,
        on_tick: Tick | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Scored:
        """Compares answers, within what is left of the request's time (and of ``seconds``)."""
        scoring = cast(ScoringBackend, self._backend)
        return self._guard.run(
            self._backend,
            self._digest,
            self._asker,
            lambda left: scoring.score(questions, stem, min(left, seconds), on_tick, should_stop),
        )

    def close(self) -> None:
        """Closes the backend itself."""
        self._backend.close()
