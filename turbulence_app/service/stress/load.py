"""The load itself: agents as threads that ask, wait, and ask again, each for itself a client of the gateway."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from turbulence_app.domain.errors import CancelledError, KnownError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.task import Answer
from turbulence_app.llm.telemetry.histogram import Histogram
from turbulence_app.llm.telemetry.requests import code_of
from turbulence_app.service.stress.footprint import Footprint
from turbulence_app.service.stress.questions import Questions
from turbulence_app.service.stress.settings import StressSettings

EVERY_S = 0.1
WARM = 0.4
"""Share of the time after which memory is looked at for the first time."""
HANG_S = 10.0
"""How long after its budget and tolerance a request may go on before its agent counts as hanging."""


@dataclass
class Tally:
    """What the agents saw. Histograms are of nanoseconds; ``late`` of the time above the budget."""

    everything: Histogram = field(default_factory=Histogram)
    hits: Histogram = field(default_factory=Histogram)
    misses: Histogram = field(default_factory=Histogram)
    over_budget: int = 0
    worst_over_ms: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)
    untyped: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    hanging: int = 0
    grown: int = 0
    """Bytes of memory between the first look and the end."""

    def add(self, nanoseconds: int, known: bool, limit_ns: int, budget_ns: int) -> None:
        """One request that is over."""
        self.everything.record(nanoseconds)
        (self.hits if known else self.misses).record(nanoseconds)
        if nanoseconds > limit_ns:
            self.over_budget += 1
            self.worst_over_ms = max(self.worst_over_ms, (nanoseconds - budget_ns) / 1e6)


class Load:
    """Runs agents against one gateway."""

    def __init__(self, settings: StressSettings, gateway: Gateway, questions: Questions) -> None:
        self._settings, self._gateway, self._questions = settings, gateway, questions
        self._tally, self._lock = Tally(), threading.Lock()
        self._over = threading.Event()
        self._stopped = threading.Event()

    def run(self, on_event: Callable[[Event], object], should_stop: Callable[[], bool]) -> Tally:
        """Until the time is over or somebody stops it; then every agent ends its request, or is called hanging."""
        agents = [
            threading.Thread(target=self._agent, args=(number,), name=f"agent-{number}", daemon=True)
            for number in range(self._settings.agents)
        ]
        began = time.monotonic()
        for agent in agents:
            agent.start()
        first = self._watch(began, on_event, should_stop)
        self._over.set()
        patience = time.monotonic() + (self._settings.budget_ms + self._settings.tolerance_ms) / 1000 + HANG_S
        for agent in agents:
            agent.join(max(0.0, patience - time.monotonic()))
        self._tally.seconds = time.monotonic() - began
        self._tally.hanging = sum(agent.is_alive() for agent in agents)
        self._tally.grown = Footprint.now().memory - first.memory
        return self._tally

    def _watch(self, began: float, on_event: Callable[[Event], object], should_stop: Callable[[], bool]) -> Footprint:
        first, before = None, 0.0
        while (passed := time.monotonic() - began) < self._settings.seconds and not should_stop():
            if first is None and passed >= WARM * self._settings.seconds:
                first = Footprint.now()
            if passed - before >= EVERY_S:
                before = passed
                done = self._tally.everything.count
                what = f"{self._settings.agents} agents, {self._settings.backend}"
                left = self._settings.seconds - passed
                on_event(Progress(what=what, done=done, rate=done / passed, eta_s=left))
            self._over.wait(min(0.02, self._settings.seconds))
        if should_stop():
            self._stopped.set()
        return first or Footprint.now()

    def _agent(self, number: int) -> None:
        rng = random.Random(f"{self._settings.seed}-{number}")
        while not self._over.is_set() and not self._stopped.is_set():
            self._ask(number, rng)

    def _ask(self, number: int, rng: random.Random) -> None:
        settings = self._settings
        task, known = self._questions.draw(rng, settings.hit_rate)
        error: BaseException | None = None
        began = time.perf_counter_ns()
        try:
            answer = self._gateway.answer(
                task,
                backend="auto",
                seed=settings.seed,
                budget_ms=settings.budget_ms,
                client=number,
                should_stop=self._stopped.is_set,
            )
        except BaseException as caught:  # whatever it is, it is counted: an error without a type is what is looked for
            error = caught
        taken = time.perf_counter_ns() - began
        if error is None and not known and _kept(answer):
            self._questions.answered(task)
        with self._lock:
            budget = settings.budget_ms * 1_000_000
            self._tally.add(taken, known, budget + settings.tolerance_ms * 1_000_000, budget)
            if isinstance(error, CancelledError) and self._stopped.is_set():
                return
            if isinstance(error, KnownError):
                self._tally.errors[code_of(error)] += 1
            elif error is not None:
                self._tally.untyped[f"{type(error).__name__}: {error}"[:200]] += 1


def _kept(answer: Answer) -> bool:
    """Whether the cache has it now: an answer wholly of the model, not one that the rules gave or mended."""
    return answer.backend != "rules" and not any(step.stage == "fallback" for step in answer.chain)
