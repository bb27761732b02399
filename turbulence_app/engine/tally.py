"""Everything that is counted: whole numbers only, so that the order of merging cannot matter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.histogram import Histogram
from turbulence_app.engine.nodes import OUTCOMES, REASONS, Plan, ways

Counts = NDArray[np.int64]
BINS = 512
FAILURES_KEPT = 1000
_ARRAYS = (
    "reached", "passed", "failed", "ended", "requests", "retries", "answers", "outcomes", "struck", "hit", "changed",
    "violations", "persona_violations", "exercised", "seen",
)  # fmt: skip


class Timeline:
    """Counts over virtual time; bins of 2^shift microseconds, coarsened until there are few enough."""

    def __init__(self, shift: int) -> None:
        self.shift = shift
        self.bins: dict[str, Counts] = {}

    def add(self, name: str, times: NDArray[np.int64]) -> None:
        """Count moments (microseconds of the run)."""
        if not times.size:
            return
        self._coarsen(_fitting(int(times.max()), self.shift))
        self._put(name, np.bincount(times >> self.shift))

    def add_rising(self, name: str, times: NDArray[np.int64]) -> None:
        """As :meth:`add`, for moments in order: only the bins' bounds are looked for."""
        if not times.size:
            return
        self._coarsen(_fitting(int(times[-1]), self.shift))
        bounds = np.arange(int(times[0]) >> self.shift, (int(times[-1]) >> self.shift) + 2)
        counts = np.zeros(bounds[-1], np.int64)
        counts[bounds[0] :] = np.diff(np.searchsorted(times, bounds << self.shift))
        self._put(name, counts)

    def merge(self, other: Timeline) -> None:
        """Add another timeline."""
        self._coarsen(other.shift)
        other._coarsen(self.shift)
        for name, counts in other.bins.items():
            self._put(name, counts)

    def _put(self, name: str, counts: Counts) -> None:
        have = self.bins.get(name)
        if have is None:
            self.bins[name] = counts.astype(np.int64)
        elif have.size >= counts.size:
            have[: counts.size] += counts
        else:
            grown = counts.astype(np.int64)
            grown[: have.size] += have
            self.bins[name] = grown

    def _coarsen(self, shift: int) -> None:
        for _ in range(shift - self.shift):
            for name, counts in self.bins.items():
                even = counts if counts.size % 2 == 0 else np.append(counts, 0)
                self.bins[name] = even.reshape(-1, 2).sum(axis=1)
        self.shift = max(self.shift, shift)


def _fitting(most: int, shift: int) -> int:
    while most >> shift >= BINS:
        shift += 1
    return shift


class Tally:
    """Counts of a part of a run. ``N`` nodes, ``P`` personas, ``A`` answers, ``F`` faults, ``R`` rules.

    ``reached`` (P, N), ``passed``/``failed``/``requests``/``retries`` (N), ``ended`` (N+1, reasons; last row: before
    any step), ``answers`` (A), ``outcomes`` (P, 3), ``struck``/``hit``/``changed`` (F), rules' arrays (R).
    """

    def __init__(self, plan: Plan) -> None:
        nodes, personas, rules = len(plan.nodes), len(plan.personas), len(plan.rules)
        self.plan = plan
        self.reached = np.zeros((personas, nodes), np.int64)
        self.passed = np.zeros(nodes, np.int64)
        self.failed = np.zeros(nodes, np.int64)
        self.ended = np.zeros((nodes + 1, len(REASONS)), np.int64)
        self.requests = np.zeros(nodes, np.int64)
        self.retries = np.zeros(nodes, np.int64)
        self.answers = np.zeros(len(plan.answers), np.int64)
        self.outcomes = np.zeros((personas, len(OUTCOMES)), np.int64)
        self.struck = np.zeros(len(plan.faults), np.int64)
        self.hit = np.zeros(len(plan.faults), np.int64)
        self.changed = np.zeros(len(plan.faults), np.int64)
        self.tells_changes = not plan.live
        """Whether ``changed`` is known."""
        self.violations = np.zeros(rules, np.int64)
        self.persona_violations = np.zeros(personas, np.int64)
        self.exercised = np.zeros(rules, np.int64)
        self.seen = np.zeros(rules, np.int64)
        self.options = {n.number: np.zeros(len(ways(n)), np.int64) for n in plan.nodes if ways(n)}
        self.latency: dict[int, Histogram] = {}
        self.complete = [Histogram() for _ in plan.personas]
        self.leave = Histogram()
        self.edges: dict[tuple[int, int], int] = {}
        self.timeline = Timeline(_fitting(plan.arrival.earliest(plan.users), 16))
        self.failures: list[tuple[int, int, int, int, int]] = []
        """(user, rule, persona, step number, microseconds of the visit), the first ones by user."""

    @property
    def users(self) -> int:
        """Finished visits."""
        return int(self.outcomes.sum())

    def edge(self, source: int, target: int, users: int) -> None:
        """Count users who went from a step straight to another (-1: the end)."""
        if users and source >= 0:
            self.edges[source, target] = self.edges.get((source, target), 0) + users

    def histogram(self, number: int) -> Histogram:
        """The latency histogram of a step."""
        found = self.latency.get(number)
        if found is None:
            found = self.latency[number] = Histogram()
        return found

    def merge(self, other: Tally) -> None:
        """Add another tally of the same plan."""
        for name in _ARRAYS:
            mine: Counts = getattr(self, name)
            mine += getattr(other, name)
        for number, counts in other.options.items():
            self.options[number] += counts
        for number, histogram in other.latency.items():
            self.histogram(number).merge(histogram)
        for one, two in zip(self.complete, other.complete, strict=True):
            one.merge(two)
        self.leave.merge(other.leave)
        for (source, target), users in other.edges.items():
            self.edge(source, target, users)
        self.timeline.merge(other.timeline)
        self.failures = sorted(self.failures + other.failures)[:FAILURES_KEPT]

    def pack(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            **{name: getattr(self, name).ravel().tolist() for name in _ARRAYS},
            "options": {str(k): v.tolist() for k, v in self.options.items()},
            "latency": {str(k): v.pack() for k, v in self.latency.items()},
            "complete": [h.pack() for h in self.complete],
            "leave": self.leave.pack(),
            "edges": [[s, t, n] for (s, t), n in self.edges.items()],
            "timeline": [self.timeline.shift, {k: v.tolist() for k, v in self.timeline.bins.items()}],
            "failures": self.failures,
        }

    @classmethod
    def unpack(cls, plan: Plan, data: dict[str, Any]) -> Tally:
        """Back from :meth:`pack`."""
        made = cls(plan)
        for name in _ARRAYS:
            array: Counts = getattr(made, name)
            array.ravel()[:] = data[name]
        for key, counts in data["options"].items():
            made.options[int(key)][:] = counts
        made.latency = {int(k): Histogram.unpack(v) for k, v in data["latency"].items()}
        made.complete = [Histogram.unpack(v) for v in data["complete"]]
        made.leave = Histogram.unpack(data["leave"])
        made.edges = {(s, t): n for s, t, n in data["edges"]}
        made.timeline.shift = data["timeline"][0]
        made.timeline.bins = {k: np.array(v, np.int64) for k, v in data["timeline"][1].items()}
        made.failures = [(u, r, p, s, t) for u, r, p, s, t in data["failures"]]
        return made
