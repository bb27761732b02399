"""A stress run from its settings to its verdict."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turbulence_app.domain.events import Event
from turbulence_app.llm.telemetry import names
from turbulence_app.llm.telemetry.document import Document
from turbulence_app.service.stress.footprint import MOST_MEMORY, Footprint, settled
from turbulence_app.service.stress.load import Load, Tally
from turbulence_app.service.stress.questions import Questions
from turbulence_app.service.stress.rigs import rig
from turbulence_app.service.stress.settings import StressSettings
from turbulence_app.service.telemetry_report import latency, summary


@dataclass(frozen=True, slots=True)
class Stressed:
    """What came of it. ``problems`` are the verdict, in words: none means that it holds."""

    settings: StressSettings
    tally: Tally
    counted: Document
    injected: Counter[str]
    problems: tuple[str, ...]
    cancelled: bool

    @property
    def holds(self) -> bool:
        """Every request had a typed end in time, and everything was given back."""
        return not self.problems

    def plain(self) -> dict[str, Any]:
        """As plain data.

        ``settings``; ``seconds``; ``plans`` (answers), ``plans_per_s``; ``latency``, ``hit_latency`` and
        ``miss_latency`` as the agents saw them (``p50_ms``, ``p95_ms``, ``p99_ms``, ``mean_ms``, ``max_ms``; a hit is a
        question that was answered before, ``asked_known`` of them, ``asked_new`` of the others); ``injected`` faults;
        ``over_budget``, ``worst_over_ms``, ``tolerance_ms``; ``timeouts`` (calls to the model that were not done in
        time); what telemetry counted: ``total``, ``by_source``, ``models``, ``queue`` as in the operation
        ``telemetry``; ``grown_bytes``; ``problems``, ``holds``, ``cancelled``.
        """
        told = summary(self.counted)
        answered = told["total"]["answered"]
        calls = self.counted.by(names.CALL_NS, names.ERROR)
        return {
            "settings": self.settings.plain(),
            "seconds": self.tally.seconds,
            "plans": answered,
            "plans_per_s": answered / self.tally.seconds if self.tally.seconds else 0.0,
            "latency": latency(self.tally.everything),
            "hit_latency": latency(self.tally.hits),
            "miss_latency": latency(self.tally.misses),
            "asked_known": self.tally.hits.count,
            "asked_new": self.tally.misses.count,
            "injected": dict(sorted(self.injected.items())),
            "timeouts": calls.get("timeout", 0),
            "over_budget": self.tally.over_budget,
            "worst_over_ms": self.tally.worst_over_ms,
            "tolerance_ms": self.settings.tolerance_ms,
            **told,
            "grown_bytes": self.tally.grown,
            "problems": list(self.problems),
            "holds": self.holds,
            "cancelled": self.cancelled,
        }


def stress(
    settings: StressSettings,
    home: Path,
    *,
    on_event: Callable[[Event], object] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Stressed:
    """Do it. Raises ``MachineError`` where the backend is not to be had."""
    questions = Questions()
    before = Footprint.now()
    with tempfile.TemporaryDirectory(prefix="turbulence-stress-") as folder:
        with rig(settings, questions.schema, Path(folder), home) as rigged:
            tally = Load(settings, rigged.gateway, questions).run(on_event, should_stop)
            counted = rigged.gateway.telemetry.drain()
        injected = rigged.injected()
    _, leaks = settled(before)
    problems = tuple(_problems(settings, tally, counted, leaks))
    return Stressed(settings, tally, counted, +Counter(injected), problems, should_stop())


def _problems(settings: StressSettings, tally: Tally, counted: Document, leaks: list[str]) -> list[str]:
    found = []
    if tally.over_budget:
        late = f"{tally.over_budget} requests ended more than {settings.tolerance_ms} ms after their budget"
        found.append(f"{late}, the worst {tally.worst_over_ms:.0f} ms")
    if tally.hanging:
        found.append(f"{tally.hanging} agents hang")
    found += [f"no typed answer, {number} times: {what}" for what, number in tally.untyped.most_common(5)]
    found += [f"no answer, {number} times: {code}" for code, number in tally.errors.most_common(5)]
    seen, ended = tally.everything.count, counted.total(names.REQUEST_NS)
    if not tally.hanging and seen != ended:
        found.append(f"{seen} requests were made and {ended} are counted")
    if tally.grown > MOST_MEMORY:
        found.append(f"memory grew by {tally.grown / 2**20:.0f} MiB")
    return [*found, *leaks]
