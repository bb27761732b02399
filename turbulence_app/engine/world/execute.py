"""Runs on the app target: one world with all its users, in an engine process."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from pydantic import TypeAdapter

from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import ChunkDigest, Summary
from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.digests import inputs_digest, run_digest
from turbulence_app.engine.execute import Execution, Snapshot
from turbulence_app.engine.live.environment import with_environment
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.audit import audit
from turbulence_app.engine.world.counting import Counting, judged, slim
from turbulence_app.engine.world.host import Host
from turbulence_app.engine.world.link import Link
from turbulence_app.engine.world.printed import PRINTED
from turbulence_app.engine.world.spec import WorldSpec
from turbulence_app.engine.world.world import World

PERIOD_S = 0.1
_real_clock = time.perf_counter  # taken before any world replaces it
_PLACE: TypeAdapter[AppPlace] = TypeAdapter(AppPlace)
_BLOCKS: TypeAdapter[tuple[ChunkDigest, ...]] = TypeAdapter(tuple[ChunkDigest, ...])
_FAILURES: TypeAdapter[tuple[Failure, ...]] = TypeAdapter(tuple[Failure, ...])


def execute_app(
    inputs: RunInputs,
    place: AppPlace,
    *,
    workers: int = 1,  # noqa: ARG001 - every target is asked alike
    audited: bool = True,
    host: Host | None = None,
    on_progress: Callable[[Snapshot], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Execution:
    """Execute a run on the app target: one world with all its users, in an engine process of its own (or in ``host``).

    A world is one sequence of events, so ``workers`` changes nothing. Before it, the first few people's world is run
    several times to see that one seed is one world (:mod:`.audit`; ``audited`` false leaves that out). Raises
    :class:`~turbulence_app.domain.errors.InputError` for an application that cannot be imported, does not start, does
    what no world can have, or is not deterministic.
    """
    began = time.perf_counter()
    compile_plan(inputs)
    payload = pack(inputs, place)

    def told(message: dict[str, Any]) -> None:
        if on_progress is not None:
            summary = Summary.model_validate_json(message["summary"])
            on_progress(Snapshot(message["done"], inputs.users, summary, _FAILURES.validate_json(message["failures"])))

    with Host() if host is None else nullcontext(host) as process:
        if audited:
            audit(inputs, place, host=process, should_stop=should_stop)
        made = process.call(f"{__name__}:run_here", payload, on_message=told, should_stop=should_stop)
    blocks = _BLOCKS.validate_json(made["blocks"])
    result = Execution(
        summary=Summary.model_validate_json(made["summary"]),
        digest="" if made["cancelled"] else run_digest(blocks),
        inputs_digest=inputs_digest(inputs),
        chunks=blocks,
        failures=_FAILURES.validate_json(made["failures"]),
        users_done=made["users"],
        cancelled=made["cancelled"],
        elapsed_s=time.perf_counter() - began,
        build=made["build"],
    )
    if on_progress is not None:
        on_progress(Snapshot(result.users_done, inputs.users, result.summary))
    return result


def pack(inputs: RunInputs, place: AppPlace) -> dict[str, Any]:
    """Inputs and place as JSON-ready data."""
    return {"inputs": inputs.model_dump(mode="json", by_alias=True), "place": _PLACE.dump_python(place, mode="json")}


def unpack(payload: dict[str, Any]) -> tuple[RunInputs, AppPlace]:
    """As they were before :func:`pack`, with the place's variables where the workflow sends ``{{ env.NAME }}``."""
    place = _PLACE.validate_python(payload["place"])
    return with_environment(RunInputs.model_validate(payload["inputs"]), place.env), place


def whole_world(inputs: RunInputs) -> WorldSpec:
    """The world that a run is."""
    return WorldSpec(inputs.seed, tuple(range(inputs.users)))


def trace_app(inputs: RunInputs, place: AppPlace, users: tuple[int, ...]) -> tuple[UserTrace, ...]:
    """What these users of a run do: its world again, in an engine process, with all of them in it."""
    with Host() as host:
        found = host.call(f"{__name__}:trace_here", {**pack(inputs, place), "users": list(users)})
    return tuple(UserTrace.model_validate_json(trace) for trace in found)


# ---- inside of the engine process ------------------------------------------------------------------------------------


def run_here(payload: dict[str, Any], link: Link) -> dict[str, Any]:
    """One run, in this process."""
    inputs, place = unpack(payload)
    plan = compile_plan(inputs)
    world = World(plan, place)
    counting = Counting(plan)
    watching = counting.collector
    last, told = _real_clock(), 0
    enough = inputs.stop.first_failures

    def visited(visit: Visit) -> bool:
        nonlocal last, told
        counting.add(visit)
        now = _real_clock()
        if now - last > PERIOD_S:
            fresh = watching.failures(told) if watching.broken > told else ()
            last, told = now, watching.broken
            summary = watching.summary().model_dump_json()
            link.tell({"done": watching.users, "summary": summary, "failures": _FAILURES.dump_json(fresh).decode()})
        return enough is not None and watching.broken >= enough

    PRINTED.take()  # what was said at the import, and by worlds before
    with world:
        result = world.run(whole_world(inputs), should_stop=link.should_stop, on_visit=visited)
    counting.finish(result)
    result.notes += PRINTED.take()
    summary, failures = judged(plan, result, watching)
    return {
        "summary": summary.model_dump_json(),
        "failures": _FAILURES.dump_json(failures).decode(),
        "blocks": _BLOCKS.dump_json(counting.blocks(result)).decode(),
        "users": watching.users,
        "cancelled": result.cancelled,
        "build": world.application.build(),
    }


def trace_here(payload: dict[str, Any], link: Link) -> list[str]:
    """The traces of some users, in this process."""
    inputs, place = unpack(payload)
    wanted = set(payload["users"])

    def visited(visit: Visit) -> None:
        if visit.user not in wanted:
            slim(visit)

    world = World(compile_plan(inputs), place)
    result = world.run(whole_world(inputs), should_stop=link.should_stop, on_visit=visited)
    return [v.trace().model_dump_json() for v in (*result.visits, *result.fresh) if v.user in wanted]
