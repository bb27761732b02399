"""How far a model is from the service that it stands for, with the noise floor of the service's own people.

Distances: Kolmogorov-Smirnov for latencies, total variation for outcomes, difference of shares for the funnel. The
floor of each is the same distance between halves of the service's people (mean over several splits by user number), so
that what few people make by chance is no drift.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.drift import Drift, Parting, StepDrift
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.trace import TraceEvent, UserTrace

SPLITS = 8
KEPT = 50
"""Partings that are listed."""
_WAYS = {"decide": "the choice", "answer": "the answer", "give_up": "the answer", "branch": "the way",
         "assert": "the check", "end": "the end"}  # fmt: skip
_HASH = 0x9E3779B97F4A7C15
Times = NDArray[np.float64]


@dataclass(slots=True)
class _Side:
    """One step on one side: latencies (ms) and answers, with the users they belong to."""

    latencies: array[float] = field(default_factory=lambda: array("d"))
    owners: array[int] = field(default_factory=lambda: array("Q"))
    answers: Counter[str] = field(default_factory=Counter)
    halves: list[tuple[Counter[str], Counter[str]]] = field(
        default_factory=lambda: [(Counter(), Counter()) for _ in range(SPLITS)]
    )
    reached: set[int] = field(default_factory=set)

    def take(self, event: TraceEvent, user: int, late_us: int) -> None:
        self.answers[event.detail] += 1
        for split, half in enumerate(self.halves):
            half[half_of(user, split)][event.detail] += 1
        if event.kind == "answer" and event.data.get("status") is not None:
            self.latencies.append(max(0, event.data["waited_us"] - late_us) / 1000)
            self.owners.append(user)


class Comparison:
    """Takes one person after another, on both sides, and says how far apart the sides are."""

    def __init__(self) -> None:
        self.users: list[int] = []
        self.partings: list[Parting] = []
        self.parted: Counter[str] = Counter()
        self._model: dict[str, _Side] = {}
        self._real: dict[str, _Side] = {}
        self._ends: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._end_halves = [(Counter[str](), Counter[str]()) for _ in range(SPLITS)]

    def add(self, model: UserTrace, real: UserTrace, late: Mapping[str, int] | None = None) -> None:
        """The same person twice. ``late``: by how many microseconds the driver was late with an attempt of the real
        visit (``step#visit.attempt``); that is not the service's time."""
        delays = late or {}
        self.users.append(real.user)
        for trace, sides, ends in ((model, self._model, self._ends[0]), (real, self._real, self._ends[1])):
            ends[trace.outcome] += 1
            for event in trace.events:
                if event.kind == "request":
                    sides.setdefault(event.step, _Side()).reached.add(trace.user)
                elif event.kind in ("answer", "give_up"):
                    address = f"{event.step}#{event.visit}.{event.attempt}"
                    late_us = delays.get(address, 0) if trace is real else 0
                    sides.setdefault(event.step, _Side()).take(event, trace.user, late_us)
        for split, halves in enumerate(self._end_halves):
            halves[half_of(real.user, split)][real.outcome] += 1
        parting = first_parting(model, real)
        if parting is not None:
            self.parted[parting.step] += 1
            if len(self.partings) < KEPT:
                self.partings.append(parting)

    def drift(self, run_id: str, target: Target, threshold: float, notes: Sequence[str]) -> Drift:
        """What the comparison came to."""
        names = dict.fromkeys((*self._real, *self._model))
        steps = sorted((self._step(name) for name in names), key=lambda s: -s.score)
        model, real = (_shares(ends) for ends in self._ends)
        ends_floor = (
            float(np.mean([distance(_shares(a), _shares(b)) for a, b in self._end_halves])) if self.users else 0
        )
        ends = max(0.0, distance(model, real) - ends_floor)
        return Drift(
            run_id=run_id, target=target, users=len(self.users), steps=tuple(steps), partings=tuple(self.partings),
            parted=self.parted.total(), model_outcomes=model, real_outcomes=real, outcomes_floor=ends_floor,
            score=max([ends, *(s.score for s in steps)]), threshold=threshold, notes=tuple(notes),
        )  # fmt: skip

    def _step(self, name: str) -> StepDrift:
        model, real = self._model.get(name, _Side()), self._real.get(name, _Side())
        ours, theirs = np.sort(np.array(model.latencies)), np.sort(np.array(real.latencies))
        ks = ks_distance(ours, theirs) if ours.size and theirs.size else None
        ks_floor = _ks_floor(real) if theirs.size > 1 else 1.0
        both = model.answers and real.answers
        shares, seen = _shares(model.answers), _shares(real.answers)
        apart = distance(shares, seen) if both else None
        apart_floor = _floor([distance(_shares(a), _shares(b)) for a, b in real.halves if a and b])
        total = max(len(self.users), 1)
        reached = len(model.reached) / total, len(real.reached) / total
        reach_floor = self._reach_floor(real.reached)
        over = [
            0.0 if ks is None else ks - ks_floor,
            0.0 if apart is None else apart - apart_floor,
            abs(reached[0] - reached[1]) - reach_floor,
        ]
        medians = _percentile(ours, 0.5), _percentile(theirs, 0.5)
        return StepDrift(
            step=name,
            model_answers=model.answers.total(), real_answers=real.answers.total(),
            model_p50=medians[0], model_p95=_percentile(ours, 0.95),
            real_p50=medians[1], real_p95=_percentile(theirs, 0.95),
            ratio=medians[1] / medians[0] if medians[0] and medians[1] is not None else None,
            ks=ks, ks_floor=ks_floor,
            outcomes={k: (shares.get(k, 0.0), seen.get(k, 0.0)) for k in sorted({*shares, *seen})},
            outcome_distance=apart, outcome_floor=apart_floor,
            model_reached=reached[0], real_reached=reached[1], reach_floor=reach_floor,
            parted=self.parted[name], score=max(0.0, *over),
        )  # fmt: skip

    def _reach_floor(self, reached: set[int]) -> float:
        apart: list[float] = []
        for split in range(SPLITS):
            sizes = Counter(half_of(user, split) for user in self.users)
            came = Counter(half_of(user, split) for user in reached)
            if sizes[0] and sizes[1]:
                apart.append(abs(came[0] / sizes[0] - came[1] / sizes[1]))
        return _floor(apart)


def first_parting(model: UserTrace, real: UserTrace) -> Parting | None:
    """Where two visits of one person first went different ways; times do not count."""
    for one, other in zip_longest(_ways(model), _ways(real)):
        if one is None or other is None or (one.kind, one.step, one.detail) != (other.kind, other.step, other.detail):
            event = one or other
            assert event is not None
            what = _WAYS[event.kind] if one and other and one.step == other.step else "what came next"
            return Parting(user=real.user, step=event.step, what=what, model=_said(one), real=_said(other))
    return None


def _ways(trace: UserTrace) -> Iterator[TraceEvent]:
    return (event for event in trace.events if event.kind in _WAYS)


def _said(event: TraceEvent | None) -> str:
    if event is None:
        return "nothing more"
    return f"{event.step}: {event.detail}" if event.step else event.detail


def half_of(user: int, split: int) -> int:
    """Which half a person is in; a hash of the number, so that no pattern of numbers makes the halves unlike."""
    mixed = (user + 1) * _HASH & 0xFFFF_FFFF_FFFF_FFFF
    mixed ^= mixed >> 29
    return mixed * (2 * split + 3) * _HASH >> 40 & 1


def ks_distance(one: Times, other: Times) -> float:
    """Largest distance between two empirical distributions; both sorted."""
    points = np.concatenate([one, other])
    apart = np.searchsorted(one, points, "right") / one.size - np.searchsorted(other, points, "right") / other.size
    return float(np.abs(apart).max())


def distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Total variation between two distributions of names."""
    return sum(abs(one.get(k, 0.0) - other.get(k, 0.0)) for k in sorted({*one, *other})) / 2


def _ks_floor(side: _Side) -> float:
    values = np.array(side.latencies)
    found: list[float] = []
    for split in range(SPLITS):
        mine = np.array([half_of(int(user), split) for user in side.owners], bool)
        if mine.any() and not mine.all():
            found.append(ks_distance(np.sort(values[mine]), np.sort(values[~mine])))
    return _floor(found) if found else 1.0


def _floor(found: Sequence[float]) -> float:
    return float(np.mean(found)) if found else 0.0


def _shares(counts: Counter[str]) -> dict[str, float]:
    total = counts.total()
    return {name: counts[name] / total for name in sorted(counts)} if total else {}


def _percentile(values: Times, part: float) -> float | None:
    return float(values[min(int(part * values.size), values.size - 1)]) if values.size else None
