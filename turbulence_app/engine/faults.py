"""Faults on the attempts of many users: whom they may meet, whom they strike, and what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan, Request
from turbulence_app.engine.quantiles import Sampler

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Flow

Times = NDArray[np.int64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int64]


@dataclass(slots=True)
class Attempts:
    """How attempts go on the services' side; arrays by user."""

    latency: Times
    code: Codes
    odd: Index | None
    """Whose answer may be another than the first outcome's; None: anybody's."""
    acts: Times | None
    """Effects; None: as the answer's code says."""
    comes: Bools | None
    """Whether the answer comes; None: everybody's does."""
    limit: Times | int
    longest: int
    """No latency is above it."""

    def effects(self, usual: Times) -> Times:
        """How often each attempt acts; ``usual`` says it by answer code."""
        return usual.take(self.code) if self.acts is None else self.acts


class Faults:
    """Strikes the attempts of groups of one persona."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.plan, self.tally, self.persona = flow, flow.plan, flow.tally, flow.persona
        self.steps, self.tables, self.reader = flow.steps, flow.tables, flow.reader

    def strike(self, node: Request, group: Group, number: int, k: int, attempt: Attempts) -> None:
        """The faults of a run, in their order, on one attempt of everybody."""
        quiet: Bools | bool = False
        for fault in node.quiet:
            quiet = quiet | self._applies(fault, node, group)
        if quiet is True:
            return
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
                self._distort(node, fault, group, number, k, attempt, at)

    def _drawn(self, node: Request, fault: FaultPlan, group: Group, number: int, k: int, at: Index) -> Index:
        """Those of ``at`` whom the fault strikes."""
        if fault.threshold >= CERTAIN:
            return at
        part = group if at.size == group.size else group_users(group, at)
        words = self.steps.draw(node, part, number, k, f"fault{fault.number}")
        self.flow.chunk.drawn(part, f"{node.name}:fault{fault.number}", words)
        struck = (words < np.uint64(fault.threshold)).nonzero()[0]
        return at.take(struck)

    def _distort(
        self, node: Request, fault: FaultPlan, group: Group, number: int, k: int, attempt: Attempts, at: Index
    ) -> None:
        if fault.number < len(self.plan.faults):
            self.tally.struck[fault.number] += at.size
            group.column("faults")[at] |= 1 << fault.number
        added = self._added(fault.add, node, fault, group, number, k, at)
        acts, comes = attempt.effects(self.tables.acts), attempt.comes
        comes = np.full(group.size, True) if comes is None else comes
        attempt.acts, attempt.longest, attempt.odd = acts, FOREVER, None
        if fault.kind in ("request_lost", "response_lost", "timeout"):
            attempt.comes = comes
        match fault.kind:
            case "latency":
                attempt.latency[at] += added
            case "request_lost":
                acts[at] = 0
                comes[at] = False
            case "response_lost":
                comes[at] = False
            case "timeout":
                acts[at] = 0
                comes[at] = False
                if fault.timeout_us < FOREVER:
                    limit = np.array(np.broadcast_to(attempt.limit, (group.size,)))
                    limit[at] = np.minimum(limit[at], fault.timeout_us)
                    attempt.limit = limit
            case "error_status":
                acts[at] = 0
                attempt.code[at] = node.error_codes[fault.status]
            case "duplicate":
                acts[at] *= 2

    def _added(
        self, add: Sampler | None, node: Request, fault: FaultPlan, group: Group, number: int, k: int, at: Index
    ) -> Times | int:
        if add is None:
            return 0
        if add.constant:
            return add.low
        purpose = f"fault{fault.number}_add"
        return self.steps.sample(add, node, group_users(group, at), number, k, purpose)

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
        if fault.when is not None:
            applies = applies & self.reader.truth(fault.when, group)
        return applies


def group_users(group: Group, at: Index) -> Group:
    """A group of the same users at ``at``, with their numbers alone."""
    return Group({"users": group.users.take(at)}, group.last)
