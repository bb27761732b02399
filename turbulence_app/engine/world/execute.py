"""Runs on the app target: one world with all its users, in an engine process."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from pydantic import TypeAdapter

from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import ChunkDigest, Summary, Verdict
from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.collect import Collector
from turbulence_app.engine.digests import inputs_digest, run_digest
from turbulence_app.engine.execute import Execution, Snapshot
from turbulence_app.engine.group import BLOCK
from turbulence_app.engine.live.environment import with_environment
from turbulence_app.engine.live.fingerprints import Fingerprints
from turbulence_app.engine.mixing import MASK64
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.audit import audit
from turbulence_app.engine.world.host import Host
from turbulence_app.engine.world.link import Link
from turbulence_app.engine.world.spec import RECOVERS, WorldResult, WorldSpec
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
    watching = Collector(plan)
    last, told = _real_clock(), 0
    enough = inputs.stop.first_failures

    def visited(visit: Visit) -> bool:
        nonlocal last, told
        watching.add(visit)
        now = _real_clock()
        if now - last > PERIOD_S:
            fresh = watching.failures(told) if watching.broken > told else ()
            last, told = now, watching.broken
            summary = watching.summary().model_dump_json()
            link.tell({"done": watching.users, "summary": summary, "failures": _FAILURES.dump_json(fresh).decode()})
        return enough is not None and watching.broken >= enough

    with world:
        result = world.run(whole_world(inputs), should_stop=link.should_stop, on_visit=visited)
    collector = collected(plan, result)
    summary, failures = judged(plan, result, collector)
    return {
        "summary": summary.model_dump_json(),
        "failures": _FAILURES.dump_json(failures).decode(),
        "blocks": _BLOCKS.dump_json(tuple(blocks_of(plan, result))).decode(),
        "users": collector.users,
        "cancelled": result.cancelled,
        "build": world.application.build(),
    }


def trace_here(payload: dict[str, Any], link: Link) -> list[str]:
    """The traces of some users, in this process."""
    inputs, place = unpack(payload)
    result = World(compile_plan(inputs), place).run(whole_world(inputs), should_stop=link.should_stop)
    wanted = set(payload["users"])
    return [v.trace().model_dump_json() for v in (*result.visits, *result.fresh) if v.user in wanted]


def collected(plan: Plan, result: WorldResult) -> Collector:
    """All finished visits of a world, counted, with the rules about the world as a whole."""
    collector = Collector(plan)
    finished = [visit for visit in result.visits if visit.outcome is not None]
    for visit in finished:
        collector.add(visit)
    if finished:
        last = max(finished, key=lambda v: (v.arrived + v.now, v.user))
        for verdict in result.verdicts:
            if not verdict.holds:
                collector.end_of_world(verdict.rule.name, last, verdict.message)
    return collector


def judged(plan: Plan, result: WorldResult, collector: Collector) -> tuple[Summary, tuple[Failure, ...]]:
    """The summary with the liveness phase's verdict, and all failures."""
    summary, failures = collector.summary(result.notes), collector.failures()
    if result.recovered is None:
        return summary, failures
    late = [broken for broken in result.broken if broken.invariant == RECOVERS]
    fresh = {visit.user: visit for visit in result.fresh}
    failures = (
        *failures,
        *(
            Failure(
                user=b.user or 0, persona=plan.personas[fresh[b.user or 0].persona].name, invariant=RECOVERS,
                step=b.step, at_us=fresh[b.user or 0].now, events=b.events, message=b.message,
            )
            for b in late
        ),
    )  # fmt: skip
    verdict = Verdict(
        name=RECOVERS,
        kind="at_end",
        expression="outcome != 'failed'",
        says="Once the trouble is over, fresh people's visits do not fail.",
        status="holds" if result.recovered else "broken",
        violations=len(late),
        exercised=len(result.fresh),
        first_user=late[0].user if late else None,
    )
    return summary.model_copy(update={"verdicts": (*summary.verdicts, verdict)}), failures


def blocks_of(plan: Plan, result: WorldResult) -> list[ChunkDigest]:
    """The digest blocks of a world's visits, with the sums of their draws."""
    prints = Fingerprints(max(plan.users, 1))
    sums: dict[int, Counter[str]] = {}
    for visit in result.visits:
        prints.add(visit.user, visit.fingerprint)
        drawn = sums.setdefault(visit.user // BLOCK * BLOCK, Counter())
        for name, _, _, purpose, word, _, _ in visit.draws.made:
            kind = purpose.rstrip("0123456789") if purpose.startswith("turn") else purpose
            drawn[f"{name}:{kind}"] = (drawn[f"{name}:{kind}"] + word) & (MASK64 >> 1)
    return [
        block.model_copy(update={"steps": dict(sorted(sums[block.first_user].items()))}) for block in prints.blocks()
    ]
