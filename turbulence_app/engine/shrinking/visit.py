"""Shrinking one visit of the model target: the adapter between the minimiser and the interpreter."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.engine.model_port import ModelPort
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.purposes import USER_SITE
from turbulence_app.engine.reference import visit_user
from turbulence_app.engine.shrinking.candidate import Candidate, Minimal, Outcome
from turbulence_app.engine.shrinking.layout import alternatives_of, loops_of
from turbulence_app.engine.shrinking.minimise import MAX_CANDIDATES, minimise
from turbulence_app.engine.shrinking.removing import without_it
from turbulence_app.engine.shrinking.report import choices_of, proof_of
from turbulence_app.engine.story import tell
from turbulence_app.engine.visit import Visit

UNDECIDED = "some of it was never asked of the service: only a live run of it (--live) can tell what it needs"
FIXED = frozenset({f"{USER_SITE}#0.0:persona", f"{USER_SITE}#0.0:arrival"})
"""Who the user is and when that person comes: kept, and not counted as choices."""


Visits = Callable[[Mapping[str, int], bool, frozenset[int] | None], Visit | None]
"""Runs a visit: choices, whether all other draws are neutral, which faults are on (None: all). None: undecidable."""


class OneVisit:
    """Runs candidates of one user of a plan, over that user's persona and arrival.

    ``visits`` runs them elsewhere than on the model target; what it cannot decide is in ``unknown``.
    """

    def __init__(self, plan: Plan, user: int, invariant: str, visits: Visits | None = None) -> None:
        self.plan, self.user, self.invariant = plan, user, invariant
        self._visits = visits or self._modelled
        self.unknown: set[Hashable] = set()
        found = self._visits({}, False, None)
        if found is None or invariant not in found.broken:
            message = f"user {user} does not break {invariant} under these inputs"
            raise InputError(message, "shrink with the inputs of the run that found it")
        self.found = found
        self.fixed = {a: d[4] for d in self.found.draws.made if (a := address_of(d)) in FIXED}
        self.every = frozenset(fault.number for fault in plan.faults)

    def candidate(self, visit: Visit) -> Candidate:
        """What somebody drew out of the ordinary, as choices of this user."""
        drawn = ((address_of(d), d[4], d[6]) for d in visit.draws.made)
        return Candidate({a: w for a, w, neutral in drawn if a not in FIXED and w != neutral}, faults=self.every)

    def again(self, candidate: Candidate) -> Visit | None:
        """Really run a candidate."""
        return self._visits({**self.fixed, **candidate.choices}, True, candidate.faults)

    def _modelled(self, choices: Mapping[str, int], neutral: bool, faults: frozenset[int] | None) -> Visit:
        return run_visit(self.plan, self.user, choices=choices, neutral=neutral, faults=faults)

    def run(self, candidate: Candidate) -> Outcome | None:
        """How a candidate breaks the invariant, None where it holds."""
        visit = self.again(candidate)
        if visit is None:
            self.unknown.add(candidate.key)
            return None
        broken = visit.broken.get(self.invariant)
        if broken is None:
            return None
        used = {a: d[6] for d in visit.draws.made if (a := address_of(d)) not in FIXED}
        return Outcome(used, (broken[2],))


def shrink(
    plan: Plan,
    failure: Failure,
    *,
    others: Sequence[int] = (),
    visits: Visits | None = None,
    max_candidates: int = MAX_CANDIDATES,
    on_better: Callable[[Shrunk], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Shrunk:
    """The smallest reproduction of ``failure``; ``minimal`` is true where removing any one thing was seen to pass.

    ``others`` are users who failed alike: what they drew is tried as further starts, in this user's place. ``visits``
    runs candidates elsewhere than on the model target. Raises :class:`InputError` where the user does not break the
    invariant under this plan (other inputs or version).
    """
    began = time.perf_counter()
    one = OneVisit(plan, failure.user, failure.invariant, visits)
    starts = [one.candidate(one.found), *(one.candidate(run_visit(plan, user)) for user in others)]

    def shrunk(found: Minimal) -> Shrunk:
        return _report(one, failure, found, len(starts[0].choices), (time.perf_counter() - began) * 1000)

    found = minimise(
        starts,
        one.run,
        loops=loops_of(plan),
        alternatives=alternatives_of(plan, lambda _user: one.found.persona),
        max_candidates=max_candidates,
        on_better=None if on_better is None else lambda best: on_better(shrunk(best)),
        should_stop=should_stop,
    )
    return shrunk(found if found is not None else _as_found(one, starts[0]))


def run_visit(
    plan: Plan,
    user: int,
    *,
    choices: Mapping[str, int] | None = None,
    neutral: bool = False,
    faults: frozenset[int] | None = None,
) -> Visit:
    """One visit of the model target, with some faults switched off (``faults``: those that are on, None: all)."""
    running = visit_user(plan, user, ModelPort(plan), choices=choices, neutral=neutral, faults=faults)
    try:
        running.send(None)
    except StopIteration as done:
        visit: Visit = done.value
        return visit
    raise AssertionError("a visit of the model target suspended")


def address_of(made: Sequence[Any]) -> str:
    """The address of a draw as it was recorded."""
    return f"{made[0]}#{made[1]}.{made[2]}:{made[3]}"


def _as_found(one: OneVisit, start: Candidate) -> Minimal:
    """Stopped before anything was run: the failure as it is."""
    broken = one.found.broken[one.invariant]
    return Minimal(start, Outcome({}, (broken[2],)), 0, stopped=True)


def _report(one: OneVisit, failure: Failure, found: Minimal, found_choices: int, elapsed_ms: float) -> Shrunk:
    visit = one.again(found.candidate)
    if visit is None or failure.invariant not in visit.broken:
        visit = one.found  # a live service that answers otherwise now: what was found is what can be shown
    trace = visit.trace()
    values = {address_of(d): d[5] for d in visit.draws.made}
    events = visit.broken[failure.invariant][2]
    labels = {fault.number: fault.label for fault in one.plan.faults}
    unknown = frozenset(r for r in found.removals if without_it(found.candidate, r).key in one.unknown)
    return Shrunk(
        failure=failure,
        found_events=one.found.broken[failure.invariant][2],
        found_choices=found_choices,
        events=events,
        choices=choices_of(one.plan, found.candidate.choices, values),
        candidates=found.candidates,
        minimal=found.minimal and not unknown,
        trace=trace,
        story=tell(trace.events[:events]),
        users=(failure.user,),
        faults=tuple(labels[number] for number in sorted(found.candidate.faults)),
        proof=proof_of(one.plan, found, values, unknown),
        elapsed_ms=elapsed_ms,
        fixed=one.fixed,
        fault_numbers=tuple(sorted(found.candidate.faults)),
        digest=f"{trace.fingerprint:016x}",
        notes=(UNDECIDED,) if unknown else (),
    )
