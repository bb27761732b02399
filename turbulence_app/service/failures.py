"""Why a failure is one: who did nearly the same and fared well, and what of the minimal case makes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, cast

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Choice, Failure, NearestPassing, Shrunk, Why, WhyRow
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrinking import flips
from turbulence_app.engine.shrinking.candidate import Candidate, Removal
from turbulence_app.engine.shrinking.flips import Flip, Share, first_difference
from turbulence_app.engine.shrinking.report import named
from turbulence_app.engine.shrinking.visit import OneVisit, run_visit
from turbulence_app.engine.story import meaning
from turbulence_app.insight.influence import wilson
from turbulence_app.service.places import place_for
from turbulence_app.service.runs import find_failure
from turbulence_app.service.shrinking import shrink
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore

LOOKED_AT = 2_000
"""Users of a run among whom the nearest passing one is looked for, where no single choice decides."""
Verdict = Literal["necessary", "contributes", "neutral", "suppressor"]


def nearest_passing(database: Database, name: str, *, project: Path | str = "") -> NearestPassing:
    """Who did nearly what the failing person did, and fared well; with the first place where the two part.

    First the minimal case with a single choice, fault or user left out, really run: of those that pass, the one that
    parts last. Else the user of the run who shares the longest way. Raises ``InputError`` where there is neither.
    """
    failure, inputs, small = small_case(database, name, project)
    found = _flipped(inputs, small, project)
    if found is not None:
        flip, passing = found
        plan = compile_plan(inputs)
        at, other = first_difference(small.trace.events, passing.events)
        differs = tuple(c for c in small.choices if flip.kind == "choice" and c.address == flip.what)
        return NearestPassing(
            failure=failure, failing=small.trace, passing=passing, differs=differs, failing_at=at, passing_at=other,
            left_out=named(plan, Removal(flip.kind, flip.what), _values(small.choices)),
            same_user=passing.user == small.trace.user,
        )  # fmt: skip
    if inputs.target != "model":
        raise InputError("no single choice makes this one pass", "compare it with another user: `turbulence replay`")
    failing = run_visit(compile_plan(inputs), failure.user).trace()
    passing = _of_the_run(inputs, failing, failure.invariant)
    at, other = first_difference(failing.events, passing.events)
    return NearestPassing(
        failure=failure, failing=failing, passing=passing, failing_at=at, passing_at=other, same_user=False
    )


def why(
    database: Database, name: str, *, project: Path | str = "", should_stop: Callable[[], bool] | None = None
) -> Why:
    """What makes a failure: how often the minimal case fails among worlds in which everything else is drawn anew, and
    how often without each of its choices, faults and users.

    ``necessary``: it never failed without; ``contributes``: less often; ``suppressor``: more often (the intervals lie
    apart); ``neutral``: no difference that could be told. Intervals: Wilson, JASA 22 (1927), 209-212, at 95 %.
    """
    began = time.perf_counter()
    failure, inputs, small = small_case(database, name, project)
    if inputs.target == "http":
        raise InputError("a live service cannot be run again by the hundred", "ask why on the app or model target")
    plan = compile_plan(inputs)
    case = flips.case_of(small)
    every = [fault.number for fault in plan.faults]
    what = flips.flips_of(case, every)
    whole, rows = _shares(inputs, plan, small, what, project, should_stop or (lambda: False))
    low, high = wilson(whole.failed, whole.of)
    return Why(
        failure=failure,
        failed=whole.failed,
        of=whole.of,
        low=low,
        high=high,
        rows=tuple(_rows(plan, small, whole, what, rows)),
        elapsed_ms=(time.perf_counter() - began) * 1000,
        notes=() if small.minimal else ("the case was not shrunk to the end: more may be in it than is needed",),
    )


def small_case(database: Database, name: str, project: Path | str) -> tuple[Failure, RunInputs, Shrunk]:
    """The failure, the run's inputs, and its minimal case: the kept one, else made now."""
    failure = find_failure(database, name)
    store = RunStore(database)
    best = store.shrunk(failure.run_id).get(failure.failure_id) if failure.failure_id else None
    if best is None or not best.digest:
        best = shrink(database, name, project=project)
    return failure, store.inputs(failure.run_id), best


def _flipped(inputs: RunInputs, small: Shrunk, project: Path | str) -> tuple[Flip, UserTrace] | None:
    case = flips.case_of(small)
    if inputs.target == "app":
        from turbulence_app.engine.shrinking.remote import nearest_app

        place = place_for(inputs, project)
        assert isinstance(place, AppPlace)
        found = nearest_app(inputs, place, small)
        return None if found is None else (Flip(cast(flips.Kind, found[0]), found[1], case), found[2])
    if inputs.target == "http":
        return None
    one = OneVisit(compile_plan(inputs), small.failure.user, small.failure.invariant)

    def trace(candidate: Candidate) -> UserTrace:
        visit = one.again(candidate)
        assert visit is not None
        return visit.trace()

    return flips.nearest_flip(case, lambda c: one.run(c) is not None, trace, small.trace)


def _of_the_run(inputs: RunInputs, failing: UserTrace, invariant: str) -> UserTrace:
    """The user of the same persona who holds and shares the longest way with the failing one."""
    plan = compile_plan(inputs)
    best: tuple[int, UserTrace] | None = None
    for user in range(min(inputs.users, LOOKED_AT)):
        visit = run_visit(plan, user)
        if invariant in visit.broken or plan.personas[visit.persona].name != failing.persona:
            continue
        trace = visit.trace()
        shared, _ = first_difference(failing.events, trace.events)
        if best is None or shared > best[0]:
            best = shared, trace
    if best is None:
        raise InputError(f"every {failing.persona} of this run breaks {invariant}", "run it with more users")
    return best[1]


def _shares(
    inputs: RunInputs,
    plan: Plan,
    small: Shrunk,
    what: tuple[Flip, ...],
    project: Path | str,
    should_stop: Callable[[], bool],
) -> tuple[Share, tuple[Share, ...]]:
    if inputs.target == "app":
        from turbulence_app.engine.shrinking.remote import why_app

        place = place_for(inputs, project)
        assert isinstance(place, AppPlace)
        return why_app(inputs, place, small, should_stop)
    case = flips.case_of(small)
    base = Candidate(case.choices, case.users, frozenset(fault.number for fault in plan.faults))
    trial = flips.visit_trial(plan, small.failure.invariant, small.fixed)
    return flips.shares(base, what, inputs.seed, trial, flips.MODEL_TRIALS, should_stop)


def _rows(
    plan: Plan, small: Shrunk, whole: Share, what: tuple[Flip, ...], shares: tuple[Share, ...]
) -> Iterator[WhyRow]:
    values = _values(small.choices)
    for flip, share in zip(what, shares, strict=True):
        low, high = wilson(share.failed, share.of)
        told = (
            meaning(plan, flip.what, values.get(flip.what))
            if flip.kind == "choice"
            else named(plan, Removal(flip.kind, flip.what), values)
        )
        yield WhyRow(
            kind=flip.kind, what=flip.what, meaning=told, verdict=_verdict(whole, share), failed=share.failed,
            of=share.of, low=low, high=high,
        )  # fmt: skip


def _verdict(whole: Share, without: Share) -> Verdict:
    """Only intervals that lie apart say anything."""
    low, high = wilson(whole.failed, whole.of)
    other_low, other_high = wilson(without.failed, without.of)
    if other_high < low:
        return "contributes" if without.failed else "necessary"
    return "suppressor" if other_low > high else "neutral"


def _values(choices: tuple[Choice, ...]) -> dict[str, object]:
    return {choice.address: choice.value for choice in choices}
