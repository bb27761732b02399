"""Asking again: transient errors only, after a pause with jitter, never past the deadline.

The pauses follow "full jitter" (M. Brooker, Exponential Backoff and Jitter, 2015): a uniform draw from 0 to the base,
which spreads clients that failed together. The draws come from a seeded generator, so a test sees the same pauses.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm.errors import BudgetError, ModelError
from turbulence_app.llm.resilience.deadline import RESERVE_S, Deadline

T = TypeVar("T")
SLICE_S = 0.02
"""How long a pause may be deaf to the user's stop."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long between: ``bases[i]`` is the longest pause (s) after the (i+1)th failure."""

    tries: int = 3
    bases: tuple[float, ...] = (0.05, 0.1, 0.2)

    def pause(self, failures: int, rng: random.Random, asked: float | None = None) -> float:
        """Seconds to wait after so many failures; never shorter than the server asked for."""
        base = self.bases[min(failures, len(self.bases)) - 1] if self.bases else 0.0
        return max(base * rng.random(), asked or 0.0)


USUAL = RetryPolicy()
NEVER = RetryPolicy(tries=1)


def retrying(
    work: Callable[[], T],
    *,
    deadline: Deadline,
    policy: RetryPolicy = USUAL,
    rng: random.Random | None = None,
    sleep: Callable[[float], object] = time.sleep,
    should_stop: Callable[[], bool] | None = None,
    on_retry: Callable[[int, ModelError, float], object] | None = None,
) -> T:
    """The result of ``work``, tried again after transient errors.

    ``on_retry(failures, error, pause)`` is told before each pause. Raises the last error when there is no try or no
    time left, :class:`BudgetError` when the time was over before anything was tried, and ``CancelledError``.
    """
    if deadline.over:
        raise BudgetError("the time for this answer is used up", "allow it more time")
    failures = 0
    while True:
        _heed(should_stop)
        try:
            return work()
        except ModelError as error:
            failures += 1
            if not error.transient or failures >= policy.tries:
                raise
            rng = rng or random.Random(0)  # made where it is needed: seeding costs more than all the rest
            pause = policy.pause(failures, rng, error.retry_after)
            if pause + RESERVE_S >= deadline.left():
                raise
            if on_retry:
                on_retry(failures, error, pause)
        _rest(pause, deadline, sleep, should_stop)


def _rest(
    seconds: float, deadline: Deadline, sleep: Callable[[float], object], should_stop: Callable[[], bool] | None
) -> None:
    """Sleeps in slices, so that a stop is heard; a sleep that took too long ends in :class:`BudgetError`."""
    until = deadline.clock() + seconds
    while (left := until - deadline.clock()) > 0:
        _heed(should_stop)
        sleep(min(left, SLICE_S))
    if deadline.over:
        raise BudgetError("the time for this answer is used up", "allow it more time")


def _heed(should_stop: Callable[[], bool] | None) -> None:
    if should_stop and should_stop():
        raise CancelledError("stopped before the model answered")
