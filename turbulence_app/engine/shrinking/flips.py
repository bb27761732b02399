"""Flipping one thing of a minimal case at a time: what passes then, and how often it fails among random worlds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.shrinking.candidate import Candidate
from turbulence_app.engine.shrinking.removing import without
from turbulence_app.engine.shrinking.visit import run_visit
from turbulence_app.engine.shrinking.world import Worlds
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.spec import WorldResult, WorldSpec

Kind: TypeAlias = Literal["choice", "fault", "user", "liveness"]
MODEL_TRIALS = 2_000
"""Visits that are computed for a table of causes on the model target: about a second."""
WORLD_TRIALS = 600
"""Worlds that are run for it on the app target."""
_STEP = 0x9E37_79B9_7F4A_7C15
"""Distance of one trial's seed to the next, modulo 2^64 (the golden ratio, so that seeds spread evenly)."""


@dataclass(frozen=True, slots=True)
class Flip:
    """Something that is left out, and the case without it."""

    kind: Kind
    what: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Share:
    """How many of so many trials failed."""

    failed: int
    of: int


Trial: TypeAlias = Callable[[int, Candidate], bool]
"""Whether a case fails where everything but its choices is drawn from another seed."""


def case_of(shrunk: Shrunk) -> Candidate:
    """The minimal case as a candidate."""
    choices = {choice.address: choice.word for choice in shrunk.choices}
    return Candidate(choices, shrunk.users, frozenset(shrunk.fault_numbers), fresh=shrunk.fresh)


def flips_of(case: Candidate, faults: Sequence[int]) -> tuple[Flip, ...]:
    """Each choice at its neutral value, each fault off (also those that the case does not need), each user away.

    Last the people of the liveness phase, where they are needed.
    """
    every = replace(case, faults=frozenset(faults) | case.faults, until_us=None)
    choices = [Flip("choice", a, without(every, (a,))) for a in case.choices]
    off = [Flip("fault", str(n), every.without_fault(n)) for n in sorted(every.faults)]
    away = [Flip("user", str(u), every.without_user(u)) for u in case.users if len(case.users) > 1]
    calm = [Flip("liveness", "", every.without_fresh())] if case.fresh else []
    return (*choices, *off, *away, *calm)


def shares(
    case: Candidate, flips: Sequence[Flip], seed: int, trial: Trial, trials: int, should_stop: Callable[[], bool]
) -> tuple[Share, tuple[Share, ...]]:
    """How often the case fails, and how often it does without each thing: on the same seeds, so that they compare.

    ``trials`` is for all rows together. After a stop the counts are over fewer seeds, the same for all rows.
    """
    rows = [case, *(flip.candidate for flip in flips)]
    failed = [0] * len(rows)
    done = 0
    for number in range(1, max(1, trials // len(rows)) + 1):
        if should_stop():
            break
        drawn = (seed + number * _STEP) % 2**64
        for i, row in enumerate(rows):
            failed[i] += trial(drawn, row)
        done += 1
    first, *rest = (Share(count, done) for count in failed)
    return first, tuple(rest)


def visit_trial(plan: Plan, invariant: str, fixed: dict[str, int]) -> Trial:
    """Trials of one user of the model target."""
    other = copy.copy(plan)

    def trial(seed: int, case: Candidate) -> bool:
        other.seed = seed
        choices = {**fixed, **case.choices}
        return invariant in run_visit(other, case.users[0], choices=choices, faults=case.faults).broken

    return trial


def world_trial(worlds: Worlds, invariant: str, fixed: dict[str, int]) -> Trial:
    """Trials of a world of the app target."""

    def trial(seed: int, case: Candidate) -> bool:
        result = worlds.run(
            WorldSpec(seed, case.users, {**fixed, **case.choices}, False, case.faults, fresh=case.fresh)
        )
        return any(broken.invariant == invariant for broken in result.broken)

    return trial


def first_difference(one: Sequence[TraceEvent], other: Sequence[TraceEvent]) -> tuple[int, int]:
    """Indices of the first events that differ in what happened (their times may differ)."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if _what(left) != _what(right):
            return at, at
    shorter = min(len(one), len(other))
    return shorter, shorter


def _what(event: TraceEvent) -> tuple[object, ...]:
    return event.kind, event.step, event.visit, event.attempt, event.detail


def nearest_flip(
    case: Candidate, fails: Callable[[Candidate], bool], trace: Callable[[Candidate], UserTrace], failing: UserTrace
) -> tuple[Flip, UserTrace] | None:
    """The thing whose absence makes it pass, and that visit: of several, the one that parts from it last."""
    found: list[tuple[int, int, Flip, UserTrace]] = []
    for order, flip in enumerate(flips_of(case, ())):
        if failing.user in flip.candidate.users and not fails(flip.candidate):
            passing = trace(flip.candidate)
            at, _ = first_difference(failing.events, passing.events)
            found.append((at, -order, flip, passing))
    if not found:
        return None
    _, _, flip, passing = max(found, key=lambda entry: entry[:2])
    return flip, passing


def visit_of(result: WorldResult, user: int) -> Visit | None:
    """Somebody's visit in a world; None where that person is not in it."""
    return next((v for v in (*result.visits, *result.fresh) if v.user == user), None)
