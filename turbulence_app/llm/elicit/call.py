"""One request on its way to a model: what is asked, until when, and who listens."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Literal, Protocol

from turbulence_app.domain.events import Event, Log, Progress
from turbulence_app.llm.backends.base import ShouldStop, Sign
from turbulence_app.llm.chain import Outcome, Stage, Step
from turbulence_app.llm.resilience.deadline import Deadline
from turbulence_app.llm.task import Task
from turbulence_app.llm.telemetry.requests import Request
from turbulence_app.llm.telemetry.telemetry import Telemetry

OnEvent = Callable[[Event], None]
Level = Literal["info", "warning"]
_STAGES = {"load": "loading the model", "prompt": "reading the question", "score": "comparing answers"}
LEAST_S = 0.05
"""A backend is never given less time than this: it has to be able to say that there is none left."""


class Kept(Protocol):
    """What outlives a request (the cache of answers, with a store or without)."""

    def note(self, key: bytes) -> str | None:
        """The text under a key, or None."""
        ...

    def put_note(self, key: bytes, text: str, meta: dict[str, Any]) -> None:
        """Keeps a text; never fails."""
        ...


class Call:
    """Shared by everything that works on one request. ``count`` counts by the names of
    :class:`turbulence_app.llm.cache.Counters`; ``chain`` is the way that the request went so far."""

    def __init__(
        self,
        task: Task,
        seed: int,
        deadline: Deadline,
        on_event: OnEvent | None = None,
        should_stop: ShouldStop | None = None,
        count: Callable[[str], None] = lambda _: None,
        client: Hashable = "",
        request: Request | None = None,
        kept: Kept | None = None,
    ) -> None:
        self.task, self.seed, self.deadline, self.count = task, seed, deadline, count
        self.kept = kept
        """Where work on the way to an answer may be kept for other requests."""
        self.chain: list[Step] = []
        self.asking: Stage = "model"
        """What the next answer of a model is for: ``repair`` after an invalid one."""
        self.client = client
        """Whose request it is: clients take turns at a model."""
        self.request = request or Telemetry().begin(task.kind)
        """The same request as telemetry sees it."""
        self._on_event, self.should_stop = on_event, should_stop
        self._ticked = 0.0

    def left(self) -> float:
        """Seconds until the deadline, at least :data:`LEAST_S`."""
        return max(LEAST_S, self.deadline.left())

    def step(self, stage: Stage, backend: str, seconds: float, outcome: Outcome, code: str = "") -> None:
        """Adds a stage to the chain."""
        self.chain.append(Step(stage, backend, round(1000 * seconds, 3), outcome, code))

    def invalid(self) -> None:
        """The validator refused what the last stage answered."""
        if self.chain and self.chain[-1].outcome == "answered":
            self.chain[-1] = replace(self.chain[-1], outcome="invalid", code="invalid")

    def repairing(self, backend: str) -> None:
        """What is asked next is a repair."""
        self.asking = "repair"
        self.count("repairs")
        self.request.repaired(backend)

    def log(self, level: Level, message: str) -> None:
        """A line for the console, with the request's id."""
        if self._on_event:
            self._on_event(Log(level=level, source="model", message=message, data={"request": self.request.id}))

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
