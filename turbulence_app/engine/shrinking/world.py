"""Shrinking a world of the app target: fewer people, faults and choices, less time; every candidate a real world."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.purposes import USER_SITE
from turbulence_app.engine.shrinking.again import Reproduced
from turbulence_app.engine.shrinking.candidate import Candidate, Minimal, Outcome
from turbulence_app.engine.shrinking.layout import alternatives_of, loops_of
from turbulence_app.engine.shrinking.minimise import minimise
from turbulence_app.engine.shrinking.report import choices_of, proof_of
from turbulence_app.engine.story import tell, tell_world
from turbulence_app.engine.world.spec import Broken, WorldResult, WorldSpec

MAX_WORLDS = 5_000
"""Worlds that are run to shrink one failure, at most."""
OTHER_STARTS = 1
"""Others who broke the same rule in the same world, around whom the search begins as well."""
PERSONA = f"/{USER_SITE}#0.0:persona"


class Worlds(Protocol):
    """Runs worlds of one plan."""

    def run(self, spec: WorldSpec, /) -> WorldResult:
        """One world."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A failing world as it was found."""

    spec: WorldSpec
    result: WorldResult
    broken: Broken


class OneWorld:
    """Runs candidates of one seed, over the personas that its people had."""

    def __init__(self, plan: Plan, worlds: Worlds, spec: WorldSpec, invariant: str) -> None:
        self.plan, self.worlds, self.invariant, self.seed = plan, worlds, invariant, spec.seed
        result = worlds.run(spec)
        broken = self.broken(result)
        if broken is None:
            message = f"the world of seed {spec.seed} does not break {invariant} under these inputs"
            raise InputError(message, "shrink with the inputs of the run that found it")
        self.found = Found(spec, result, broken)
        self.fixed = {a: drawn[0] for a, drawn in result.made.items() if a.endswith(PERSONA)}
        self.personas = {str(v.user): v.persona for v in (*result.visits, *result.fresh)}
        self.fresh = spec.fresh
        """Whether the search begins with the people of the liveness phase; they go first where they can."""
        self.every = frozenset(f.number for f in plan.faults) if spec.faults is None else spec.faults

    def broken(self, result: WorldResult) -> Broken | None:
        """The first time that the invariant broke."""
        return next((b for b in result.broken if b.invariant == self.invariant), None)

    def world(self, candidate: Candidate) -> WorldResult:
        """Really run a candidate."""
        choices = {**self.fixed, **candidate.choices}
        return self.worlds.run(
            WorldSpec(self.seed, candidate.users, choices, True, candidate.faults, candidate.until_us, candidate.fresh)
        )

    def run(self, candidate: Candidate) -> Outcome | None:
        """How a candidate breaks the invariant, None where it holds."""
        result = self.world(candidate)
        broken = self.broken(result)
        if broken is None:
            return None
        used = {a: drawn[2] for a, drawn in result.made.items() if not a.endswith(PERSONA)}
        return Outcome(used, (result.requests, broken.at_us))

    def candidate(self, result: WorldResult, spec: WorldSpec) -> Candidate:
        """What was drawn out of the ordinary in the world of ``spec``, as choices."""
        drawn = result.made.items()
        choices = {a: word for a, (word, _, neutral) in drawn if word != neutral and not a.endswith(PERSONA)}
        return Candidate(choices, tuple(spec.users), self.every, fresh=bool(result.fresh))

    def starts(self, should_stop: Callable[[], bool]) -> list[Candidate]:
        """Where to begin: few people around the first who broke it, and around another one."""
        spec = self.found.spec
        self.fresh = spec.fresh and (not self.found.result.fresh or not self._fails(spec.users, fresh=False))
        broken = [b.user for b in self.found.result.broken if b.invariant == self.invariant]
        centers = list(dict.fromkeys(broken))[: 1 + OTHER_STARTS]
        groups = dict.fromkeys(self._fewer(_around(spec.users, one, self._fails), should_stop) for one in centers)
        specs = [self._spec(users, self.fresh) for users in groups]
        return [self.candidate(self.worlds.run(one), one) for one in specs]

    def _fewer(self, users: tuple[int, ...], should_stop: Callable[[], bool]) -> tuple[int, ...]:
        """Leave people out while the others draw what they drew: a start that is cheap to run."""
        size = len(users) // 2
        while size and len(users) > 1 and not should_stop():
            for start in range(0, len(users), size):
                fewer = users[:start] + users[start + size :]
                if fewer and len(users) > size and self._fails(fewer):
                    users = fewer
                    break
            else:
                size //= 2
        return users

    def _fails(self, users: tuple[int, ...], fresh: bool | None = None) -> bool:
        spec = self._spec(users, self.fresh if fresh is None else fresh)
        return self.broken(self.worlds.run(spec)) is not None

    def _spec(self, users: tuple[int, ...], fresh: bool) -> WorldSpec:
        return replace(self.found.spec, users=users, fresh=fresh)


def shrink_world(
    plan: Plan,
    worlds: Worlds,
    failure: Failure,
    spec: WorldSpec,
    *,
    others: Sequence[WorldSpec] = (),
    max_worlds: int = MAX_WORLDS,
    on_better: Callable[[Shrunk], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Shrunk:
    """The smallest world that still breaks ``failure.invariant``; ``spec`` is the world that was found failing.

    ``others`` are worlds that failed alike: what was drawn there is tried as further starts. Raises
    :class:`InputError` where the world of ``spec`` does not fail.
    """
    began = time.perf_counter()
    one = OneWorld(plan, worlds, spec, failure.invariant)
    found_choices = len(one.candidate(one.found.result, spec).choices)
    stop = should_stop or (lambda: False)
    starts = one.starts(stop)
    starts += [one.candidate(worlds.run(other), other) for other in others]

    def shrunk(found: Minimal) -> Shrunk:
        return _report(one, failure, found, found_choices, (time.perf_counter() - began) * 1000)

    found = minimise(
        starts,
        one.run,
        loops=loops_of(plan),
        alternatives=alternatives_of(plan, lambda user: one.personas.get(user, 0)),
        max_candidates=max_worlds,
        on_better=None if on_better is None else lambda best: on_better(shrunk(best)),
        should_stop=stop,
    )
    return shrunk(found if found is not None else Minimal(starts[0], Outcome({}), 0, stopped=True))


def reproduce_world(worlds: Worlds, invariant: str, spec: WorldSpec, build: str = "") -> Reproduced:
    """A world again, and whether the invariant breaks in it."""
    result = worlds.run(spec)
    broken = next((b for b in result.broken if b.invariant == invariant), None)
    traces = tuple(visit.trace() for visit in (*result.visits, *result.fresh))
    if broken is None:
        return Reproduced(False, result.digest, traces=traces, build=build)
    user = broken.user if broken.user is not None else (spec.users or (0,))[0]
    story = _story(traces, broken)
    return Reproduced(
        True, result.digest, user, broken.step, broken.at_us, broken.events, broken.message, build, traces, story
    )


def _around(users: tuple[int, ...], center: int | None, fails: Callable[[tuple[int, ...]], bool]) -> tuple[int, ...]:
    """The failing user, then more and more neighbours, until the failure is there again; all, where it never is."""
    if center not in users or center is None:
        return users
    at, width = users.index(center), 1
    while width < len(users):
        some = users[max(0, at - width // 2) : at + (width + 1) // 2]
        if fails(some):
            return some
        width *= 2
    return users


def _story(traces: Sequence[UserTrace], broken: Broken) -> tuple[TraceEvent, ...]:
    """What happened up to the violation; one person's story where there is one person only."""
    if len(traces) == 1 and broken.user is not None:
        return tell(traces[0].events[: broken.events])
    told = tell_world(traces, broken.at_us)
    if broken.user is not None:
        return told
    end = TraceEvent(at_us=broken.at_us, kind="violation", detail=broken.invariant, data={"message": broken.message})
    return (*told, end)


def _report(one: OneWorld, failure: Failure, found: Minimal, found_choices: int, elapsed_ms: float) -> Shrunk:
    result, until = _shortest(one, found)
    broken = one.broken(result)
    assert broken is not None
    values = {address: drawn[1] for address, drawn in result.made.items()}
    people = {visit.user: visit.trace() for visit in (*result.visits, *result.fresh)}
    whose = broken.user if broken.user in people else next(iter(people))
    labels = {fault.number: fault.label for fault in one.plan.faults}
    return Shrunk(
        failure=failure,
        found_events=one.found.broken.events,
        found_choices=found_choices,
        events=broken.events or len(people[whose].events),
        choices=choices_of(one.plan, found.candidate.choices, values),
        candidates=found.candidates,
        minimal=found.minimal,
        trace=people[whose],
        story=_story(tuple(people.values()), broken),
        users=found.candidate.users,
        faults=tuple(labels[number] for number in sorted(found.candidate.faults)),
        others=tuple(trace for user, trace in people.items() if user != whose),
        proof=proof_of(one.plan, found, values),
        elapsed_ms=elapsed_ms,
        fixed={a: w for a, w in one.fixed.items() if a in result.made},
        fault_numbers=tuple(sorted(found.candidate.faults)),
        until_us=until,
        fresh=found.candidate.fresh,
        digest=result.digest,
        notes=result.notes,
    )


def _shortest(one: OneWorld, found: Minimal) -> tuple[WorldResult, int | None]:
    """The smallest world once more, ended right after the violation where it breaks there just the same.

    The proof was made with worlds that ran to their ends; a world that is cut off is a prefix of one of those.
    """
    whole = one.world(found.candidate)
    broken = one.broken(whole)
    assert broken is not None
    if broken.user is not None:
        until = broken.at_us + 1
        cut = one.world(replace(found.candidate, until_us=until))
        again = one.broken(cut)
        if again is not None and (again.at_us, again.user) == (broken.at_us, broken.user):
            return cut, until
    return whole, None
