"""One request on its way to a model: what is asked, until when, and who listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from turbulence_app.domain.events import Event, Log, Progress
from turbulence_app.llm.backends.base import ShouldStop, Sign
from turbulence_app.llm.task import Task

OnEvent = Callable[[Event], None]
Level = Literal["info", "warning"]
_STAGES = {"load": "loading the model", "prompt": "reading the question"}
LEAST_S = 0.05
"""A backend is never given less time than this: it has to be able to say that there is none left."""


class Call:
    """Shared by everything that works on one request. ``until`` is in ``time.monotonic`` seconds; ``count`` counts by
    the names of :class:`turbulence_app.llm.cache.Counters`."""

    def __init__(
        self,
        task: Task,
        seed: int,
        until: float,
        on_event: OnEvent | None = None,
        should_stop: ShouldStop | None = None,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.task, self.seed, self.until, self.count = task, seed, until, count
        self._on_event, self.should_stop = on_event, should_stop
        self._ticked = 0.0

    def left(self) -> float:
        """Seconds until the deadline, at least :data:`LEAST_S`."""
        return max(LEAST_S, self.until - time.monotonic())

    def log(self, level: Level, message: str) -> None:
        """A line for the console."""
        if self._on_event:
            self._on_event(Log(level=level, source="model", message=message))

    def tick(self, done: int, total: int, what: str = "writing") -> None:
        """Progress (in characters, where a model writes), at most 20 a second."""
        now = time.monotonic()
        if self._on_event and now - self._ticked >= 0.05:
            self._ticked = now
            progress = Progress(what=f"{what} the {self.task.kind}", done=min(done, total), total=total)
            self._on_event(_earlier(done) or progress)


def _earlier(sign: int) -> Progress | None:
    """The progress of what comes before any writing: loading a model, reading the question."""
    if not isinstance(sign, Sign) or sign.stage not in _STAGES:
        return None
    return Progress(what=_STAGES[sign.stage], done=sign.done, total=sign.total, rate=sign.rate, eta_s=sign.eta_s)
