"""A budget as a point in time, handed down: whoever spends some of it leaves less to the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
"""Seconds that only grow."""
RESERVE_S = 0.005
"""What an attempt leaves over, so that a fallback can still be made within the budget."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when an answer must be there: ``until`` in seconds of ``clock``."""

    until: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Clock = time.monotonic) -> Deadline:
        """The deadline so many seconds from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Seconds that are left, 0 when it is over."""
        return max(0.0, self.until - self.clock())

    @property
    def over(self) -> bool:
        """Whether the time is used up."""
        return self.clock() >= self.until

    def attempt(self, limit: float | None = None, reserve: float = RESERVE_S) -> float:
        """Seconds that one attempt may take: what is left without the reserve, at most ``limit``; 0 when over."""
        seconds = max(0.0, self.left() - reserve)
        return seconds if limit is None else min(seconds, limit)
