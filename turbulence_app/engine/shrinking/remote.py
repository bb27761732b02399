"""Shrinking applications in an engine process: what is asked for there, and the calls from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrinking import flips
from turbulence_app.engine.shrinking.again import Reproduced
from turbulence_app.engine.shrinking.candidate import Candidate
from turbulence_app.engine.shrinking.world import OneWorld, reproduce_world, shrink_world
from turbulence_app.engine.world.execute import pack, unpack, whole_world
from turbulence_app.engine.world.host import Host
from turbulence_app.engine.world.link import Link
from turbulence_app.engine.world.spec import WorldSpec
from turbulence_app.engine.world.world import World

_SPEC: TypeAdapter[WorldSpec] = TypeAdapter(WorldSpec)
_REPRODUCED: TypeAdapter[Reproduced] = TypeAdapter(Reproduced)


def shrink_app(
    inputs: RunInputs,
    place: AppPlace,
    failure: Failure,
    *,
    on_better: Callable[[Shrunk], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Shrunk:
    """Shrink a failure of a run on the app target, in an engine process of its own."""
    payload = {**pack(inputs, place), "failure": failure.model_dump_json()}

    def told(message: dict[str, Any]) -> None:
        if on_better is not None:
            on_better(Shrunk.model_validate_json(message["better"]))

    with Host() as host:
        made = host.call(f"{__name__}:shrink_here", payload, on_message=told, should_stop=should_stop)
    return Shrunk.model_validate_json(made)


class Process:
    """An engine process that is started when it is first needed, for several worlds; a context manager."""

    def __init__(self) -> None:
        self._host: Host | None = None

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *error: object) -> None:
        if self._host is not None:
            self._host.close()

    def reproduce(self, inputs: RunInputs, place: AppPlace, invariant: str, spec: WorldSpec) -> Reproduced:
        """A minimal world again."""
        if self._host is None:
            self._host = Host()
        payload = {**pack(inputs, place), "invariant": invariant, "spec": _SPEC.dump_python(spec, mode="json")}
        return _REPRODUCED.validate_python(self._host.call(f"{__name__}:reproduce_here", payload))


def why_app(
    inputs: RunInputs, place: AppPlace, shrunk: Shrunk, should_stop: Callable[[], bool] | None = None
) -> tuple[flips.Share, tuple[flips.Share, ...]]:
    """How often a minimal world fails where all else is drawn anew, and without each thing of it."""
    payload = {**pack(inputs, place), "shrunk": shrunk.model_dump_json()}
    with Host() as host:
        first, rest = host.call(f"{__name__}:why_here", payload, should_stop=should_stop)
    return flips.Share(**first), tuple(flips.Share(**row) for row in rest)


def nearest_app(inputs: RunInputs, place: AppPlace, shrunk: Shrunk) -> tuple[str, str, UserTrace] | None:
    """What to leave out of a minimal world so that it passes (kind, what), and the failing person's visit then."""
    payload = {**pack(inputs, place), "shrunk": shrunk.model_dump_json()}
    with Host() as host:
        found: Mapping[str, Any] | None = host.call(f"{__name__}:nearest_here", payload)
    if found is None:
        return None
    return found["kind"], found["what"], UserTrace.model_validate_json(found["trace"])


# ---- inside of the engine process -----------------------------------------------------------------------------------


def shrink_here(payload: dict[str, Any], link: Link) -> str:
    """Shrink, in this process."""
    inputs, place = unpack(payload)
    failure = Failure.model_validate_json(payload["failure"])
    plan = compile_plan(inputs)
    world = World(plan, place)
    with world:
        return shrink_world(
            plan,
            world,
            failure,
            whole_world(inputs),
            on_better=lambda best: link.tell({"better": best.model_dump_json()}),
            should_stop=link.should_stop,
        ).model_dump_json()


def reproduce_here(payload: dict[str, Any], _link: Link) -> Any:
    """Run one world, in this process."""
    inputs, place = unpack(payload)
    world = World(compile_plan(inputs), place)
    spec = _SPEC.validate_python(payload["spec"])
    with world:
        found = reproduce_world(world, payload["invariant"], spec, world.application.build())
    return _REPRODUCED.dump_python(found, mode="json")


def why_here(payload: dict[str, Any], link: Link) -> Any:
    """Run worlds with and without each thing, in this process."""
    inputs, place = unpack(payload)
    shrunk = Shrunk.model_validate_json(payload["shrunk"])
    plan = compile_plan(inputs)
    case = flips.case_of(shrunk)
    every = [fault.number for fault in plan.faults]
    base = replace(case, faults=frozenset(every))
    world = World(plan, place)
    with world:
        trial = flips.world_trial(world, shrunk.failure.invariant, shrunk.fixed)
        first, rest = flips.shares(
            base, flips.flips_of(case, every), inputs.seed, trial, flips.WORLD_TRIALS, link.should_stop
        )
    return asdict(first), [asdict(row) for row in rest]


def nearest_here(payload: dict[str, Any], _link: Link) -> Any:
    """Leave single things out of a minimal world, in this process."""
    inputs, place = unpack(payload)
    shrunk = Shrunk.model_validate_json(payload["shrunk"])
    plan = compile_plan(inputs)
    case = flips.case_of(shrunk)
    world = World(plan, place)
    with world:
        spec = WorldSpec(inputs.seed, case.users, {**shrunk.fixed, **case.choices}, True, case.faults, fresh=case.fresh)
        one = OneWorld(plan, world, spec, shrunk.failure.invariant)

        def trace(candidate: Candidate) -> UserTrace:
            visit = flips.visit_of(one.world(candidate), shrunk.trace.user)
            return visit.trace() if visit is not None else shrunk.trace

        found = flips.nearest_flip(case, lambda c: one.run(c) is not None, trace, shrunk.trace)
    if found is None:
        return None
    return {"kind": found[0].kind, "what": found[0].what, "trace": found[1].model_dump_json()}
