"""Seeing a minimal reproduction again: run it, and say whether the invariant still breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.shrinking.visit import run_visit
from turbulence_app.engine.story import tell
from turbulence_app.engine.visit import Visit


@dataclass(frozen=True, slots=True)
class Reproduced:
    """What came of a reproduction. ``fails``: the invariant broke; ``digest`` is that of the whole trace."""

    fails: bool
    digest: str
    user: int = 0
    step: str = ""
    at_us: int = 0
    events: int = 0
    message: str = ""
    build: str = ""
    """App target: digest of the application's sources."""
    traces: tuple[UserTrace, ...] = ()
    story: tuple[TraceEvent, ...] = ()


def reproduce_visit(
    plan: Plan, invariant: str, user: int, words: Mapping[str, int], faults: frozenset[int] | None = None
) -> Reproduced:
    """One user of the model target again, with the given words over a neutral baseline."""
    return reproduced(run_visit(plan, user, choices=words, neutral=True, faults=faults), invariant)


def reproduced(visit: Visit, invariant: str) -> Reproduced:
    """What a visit shows of an invariant."""
    broken = visit.broken.get(invariant)
    trace = visit.trace()
    at_us, step, events = broken or (0, "", len(trace.events))
    return Reproduced(
        fails=broken is not None,
        digest=f"{trace.fingerprint:016x}",
        user=visit.user,
        step=step,
        at_us=at_us,
        events=events,
        message=visit.messages.get(invariant, ""),
        traces=(trace,),
        story=tell(trace.events[:events]),
    )
