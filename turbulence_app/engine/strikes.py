"""Which faults strike an attempt: the same for every target; what a struck fault does is the target's."""

from __future__ import annotations

from turbulence_app.engine.nodes import CERTAIN, FaultPlan, Request
from turbulence_app.engine.scalar import truth
from turbulence_app.engine.visit import Visit

NEVER = CERTAIN - 1
"""The neutral word of whatever strikes below a threshold."""
HALF = CERTAIN // 2


def strikes(visit: Visit, node: Request, number: int, k: int) -> list[tuple[FaultPlan, int]]:
    """The faults that strike attempt ``k``, in the order of the run's list, each with the microseconds that it adds.

    Each fault that may meet the attempt (step, service, persona, nth, condition, window, no quiet time) draws on its
    own. Struck faults are noted in the visit's trace, at ``visit.now``.
    """
    struck: list[tuple[FaultPlan, int]] = []
    if not node.faults or any(applies(quiet, visit, node) for quiet in node.quiet):
        return struck
    draws, off = visit.draws, visit.off
    for fault in node.faults:
        if fault.threshold == 0 or fault.number in off or not applies(fault, visit, node):
            continue
        if fault.threshold < CERTAIN:
            word = draws.word(node.name, node.site, number, k, fault.purpose, neutral=NEVER)
            hit = word < fault.threshold
            draws.meant(hit)
            if not hit:
                continue
        added = 0
        if fault.add is not None:
            added = draws.sample(fault.add, node.name, node.site, number, k, fault.purpose + "_add")
        visit.struck(fault, node, number, k)
        struck.append((fault, added))
    return struck


def applies(fault: FaultPlan, visit: Visit, node: Request) -> bool:
    """Whether a fault may meet this attempt (before its own draw)."""
    if fault.personas is not None and visit.persona not in fault.personas:
        return False
    if fault.nth is not None and visit.state[node.number].attempts != fault.nth:
        return False
    if fault.windowed and not fault.at(visit.arrived + visit.now):
        return False
    return fault.when is None or truth(fault.when, visit.look_up)
