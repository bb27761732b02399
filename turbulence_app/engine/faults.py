"""Faults on the attempts of many users: whom they may meet, whom they strike, what they do, and whether it mattered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.differences import Attempts, Bools, Differences, Times
from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan, Request
from turbulence_app.engine.strikes import HALF

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Flow

CUTS = frozenset({"crash", "connection_reset"})


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault and those whom it struck: what it adds, and on whose attempts the service had acted already."""

    fault: FaultPlan
    at: Index
    added: Times | int
    acted: Bools | None = None

    def among(self, some: Index) -> Strike:
        """The same on those of ``some`` (rising) alone, by their place in it."""
        mine = np.isin(self.at, some, assume_unique=True)
        added = self.added if isinstance(self.added, int) else self.added[mine]
        acted = None if self.acted is None else self.acted[mine]
        return Strike(self.fault, np.searchsorted(some, self.at[mine]), added, acted)


class Faults:
    """Strikes the attempts of groups of one persona."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.plan, self.tally, self.persona = flow, flow.plan, flow.tally, flow.persona
        self.steps, self.tables, self.reader = flow.steps, flow.tables, flow.reader
        self.differences = Differences()

    def settle(self) -> None:
        """Count what the strikes changed."""
        self.differences.count(self.tally.changed)

    def strike(
        self, node: Request, group: Group, number: int, k: int, attempt: Attempts, patience: Times | int
    ) -> None:
        """The faults of a run, in their order, on one attempt of everybody."""
        quiet: Bools | bool = False
        for fault in node.quiet:
            quiet = quiet | self._applies(fault, node, group)
        if quiet is True:
            return
        struck: list[Strike] = []
        for fault in node.faults:
            if fault.threshold == 0:
                continue
            applies = self._applies(fault, node, group) & ~np.asarray(quiet)
            everybody = bool(applies.all())
            at = np.arange(group.size) if everybody else np.broadcast_to(applies, (group.size,)).nonzero()[0]
            if not at.size:
                continue
            at = self._drawn(node, fault, group, number, k, at)
            if at.size:
                added, acted = self._added(node, fault, group, number, k, at), None
                if fault.kind == "connection_reset":
                    acted = self._words(node, fault.purpose + "_acts", group, number, k, at) < np.uint64(HALF)
                struck.append(Strike(fault, at, added, acted))
        if struck:
            self._act(node, group, attempt, patience, struck)

    def _act(
        self, node: Request, group: Group, attempt: Attempts, patience: Times | int, struck: Sequence[Strike]
    ) -> None:
        """Distort the attempts, and count what each fault changed."""
        counted = [s for s in struck if s.fault.number < len(self.plan.faults)]
        before = [attempt.part(s.at, self.tables.acts) for s in counted]
        for strike in struck:
            if attempt.cut is None and strike.fault.kind in CUTS:
                attempt.cut = np.full(group.size, False)
            self._spell_out(strike.fault, attempt, group.size)
            distort(node, strike, attempt)
        deadline = group.columns.get("deadline")
        left = FOREVER if deadline is None else deadline - group.t
        for strike, part in zip(counted, before, strict=True):
            number, at = strike.fault.number, strike.at
            self.tally.struck[number] += at.size
            group.column("faults")[at] |= 1 << number
            if len(struck) > 1:
                part.cut = np.full(at.size, False)
            for other in struck:
                if other is not strike:
                    distort(node, other.among(at), part)
            self.differences.add(
                node, number, part, attempt.part(at, self.tables.acts), _of(patience, at), _of(left, at)
            )

    def _spell_out(self, fault: FaultPlan, attempt: Attempts, size: int) -> None:
        """Make arrays of what a fault is about to change for some."""
        attempt.acts, attempt.longest, attempt.odd = attempt.effects(self.tables.acts), FOREVER, None
        if fault.kind not in ("latency", "gray", "error_status", "duplicate") and attempt.comes is None:
            attempt.comes = np.full(size, True)
        if fault.kind == "timeout" and fault.timeout_us < FOREVER:
            attempt.limit = np.array(np.broadcast_to(attempt.limit, (size,)))

    def _drawn(self, node: Request, fault: FaultPlan, group: Group, number: int, k: int, at: Index) -> Index:
        """Those of ``at`` whom the fault strikes."""
        if fault.threshold >= CERTAIN:
            return at
        words = self._words(node, fault.purpose, group, number, k, at)
        return at.take((words < np.uint64(fault.threshold)).nonzero()[0])

    def _words(self, node: Request, purpose: str, group: Group, number: int, k: int, at: Index) -> NDArray[np.uint64]:
        """A draw of those at ``at``."""
        part = group if at.size == group.size else group_users(group, at)
        words = self.steps.draw(node, part, number, k, purpose)
        self.flow.chunk.drawn(part, f"{node.name}:{purpose}", words)
        return words

    def _added(self, node: Request, fault: FaultPlan, group: Group, number: int, k: int, at: Index) -> Times | int:
        if fault.add is None:
            return 0
        if fault.add.constant:
            return fault.add.low
        return self.steps.sample(fault.add, node, group_users(group, at), number, k, fault.purpose + "_add")

    def _applies(self, fault: FaultPlan, node: Request, group: Group) -> Any:
        """Who may be struck (before the fault's own draw): a truth value or an array."""
        if fault.personas is not None and self.persona not in fault.personas:
            return np.bool_(False)
        applies: Any = np.bool_(True)
        if fault.nth is not None:
            applies = applies & (group.column("attempts", node.number) == fault.nth)
        if fault.windowed:
            now = self.flow.chunk.arrivals(group.users) + group.t
            applies = applies & (now >= fault.start_us) & (now <= fault.stop_us)
            if fault.moments:
                inside = [(now >= start) & (now <= stop) for start, stop in fault.moments]
                applies = applies & np.logical_or.reduce(inside)
        if fault.when is not None:
            applies = applies & self.reader.truth(fault.when, group)
        return applies


def distort(node: Request, strike: Strike, attempt: Attempts) -> None:
    """What a fault does to those whom it struck (the twin of the model port's)."""
    fault, at, added = strike.fault, strike.at, strike.added
    acted = strike.acted
    if attempt.cut is not None:
        free = ~attempt.cut.take(at)
        at = at[free]
        added = added if isinstance(added, int) else added[free]
        acted = None if acted is None else acted[free]
    acts, comes = attempt.acts, attempt.comes
    assert acts is not None
    if fault.kind in ("latency", "gray"):
        attempt.latency[at] += added
    elif fault.kind == "error_status":
        acts[at] = 0
        attempt.code[at] = node.error_codes[fault.status]
    elif fault.kind == "duplicate":
        acts[at] *= 2
    else:
        assert comes is not None
        comes[at] = fault.kind in CUTS
        if fault.kind != "response_lost":
            acts[at] = 0 if acted is None else acts[at] * acted
        if fault.kind in CUTS:
            assert attempt.cut is not None
            attempt.latency[at], attempt.code[at], attempt.cut[at] = 0, node.refused_code, True
        elif fault.kind == "timeout" and isinstance(attempt.limit, np.ndarray):
            attempt.limit[at] = np.minimum(attempt.limit[at], fault.timeout_us)


def _of(times: Times | int, at: Index) -> Times:
    return np.full(at.size, times, np.int64) if isinstance(times, int) else times.take(at)


def group_users(group: Group, at: Index) -> Group:
    """A group of the same users at ``at``, with their numbers alone."""
    return Group({"users": group.users.take(at)}, group.last)
