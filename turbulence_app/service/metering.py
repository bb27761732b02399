"""How far long work is, as events: how much of how much, how fast, how long still."""

from __future__ import annotations

import time
from collections.abc import Callable

from turbulence_app.domain.events import Progress


class Meter:
    """Counts ``what``; :meth:`told` sends a :class:`Progress`, as often as it is called."""

    def __init__(
        self, what: str, emit: Callable[[Progress], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what, self._emit, self._clock = what, emit, clock
        self._began = clock()

    def told(self, done: int, total: int) -> None:
        """So much is done."""
        took = self._clock() - self._began
        rate = done / took if took > 0 else 0.0
        left = (total - done) / rate if rate and total else None
        self._emit(Progress(what=self._what, done=done, total=total, rate=rate, eta_s=left))
