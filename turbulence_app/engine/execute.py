"""Runs: all users of some inputs, over one or several processes, with progress, cancel, and a digest."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import ChunkDigest, Summary
from turbulence_app.engine.crowd import Chunk
from turbulence_app.engine.digests import block_digests, inputs_digest, run_digest
from turbulence_app.engine.fast import accelerator
from turbulence_app.engine.group import BLOCK
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.place import AppPlace, HttpPlace, Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.pool import Done, Pool
from turbulence_app.engine.reference import execute_user
from turbulence_app.engine.summary import summarise
from turbulence_app.engine.tally import Tally

__all__ = ["Execution", "Snapshot", "execute", "inputs_digest"]

CHUNK = 262_144
GRAIN = 65_536
"""Users of each persona in one pass: their columns stay in the processor's cache."""
STOP_GRAIN = 32_768
"""Where ``stop.first_failures`` may end a run: at a multiple of this many users, whatever the chunks."""
SIZED = 100
"""Failures whose size is measured (by running their users again)."""
PERIOD_S = 0.05


@dataclass(frozen=True)
class Snapshot:
    """How far a run is; ``failures`` and ``chunks`` (digest blocks) are those since the last one."""

    done: int
    total: int
    summary: Summary
    failures: tuple[Failure, ...] = ()
    chunks: tuple[ChunkDigest, ...] = ()


@dataclass(frozen=True)
class Execution:
    """A run that ended. After a cancel, what was done is here and the digest is empty."""

    summary: Summary
    digest: str
    inputs_digest: str
    chunks: tuple[ChunkDigest, ...]
    failures: tuple[Failure, ...]
    users_done: int
    cancelled: bool
    elapsed_s: float
    build: str = ""
    """Live targets: digest of the application's source files, or what the service says of itself."""


@dataclass
class _State:
    """What came back so far."""

    plan: Plan
    tally: Tally
    blocks: list[ChunkDigest] = field(default_factory=list)
    done: int = 0
    told: set[tuple[int, int]] = field(default_factory=set)
    last_told: float = 0.0
    untold: int = 0
    """Where the blocks that nobody heard of begin."""

    def add(self, part: Done) -> None:
        self.tally.merge(part.tally)
        self.blocks.extend(part.blocks)
        self.done += part.users


def execute(
    inputs: RunInputs,
    *,
    place: Place | None = None,
    workers: int = 1,
    chunk_users: int = CHUNK,
    on_progress: Callable[[Snapshot], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    record: Callable[[Any], None] | None = None,
) -> Execution:
    """Execute a run on the target of its inputs. ``should_stop`` is asked several times a second.

    Model target: ``workers`` processes compute (this one is among them); neither their number nor ``chunk_users``
    (rounded up to whole digest blocks) changes a bit of the result. The app and http targets need a ``place``; the
    http target hands every exchange with the service to ``record``. Raises
    :class:`~turbulence_app.domain.errors.InputError` for inputs that cannot run and
    :class:`~turbulence_app.domain.errors.MachineError` where a worker dies.
    """
    if inputs.target == "app":
        from turbulence_app.engine.world.execute import execute_app

        if not isinstance(place, AppPlace):
            raise InputError("the app target needs a project to import the application from", "run it in a project")
        return execute_app(inputs, place, workers=workers, on_progress=on_progress, should_stop=should_stop)
    if inputs.target == "http":
        from turbulence_app.engine.live.execute import execute_http

        here = place if isinstance(place, HttpPlace) else HttpPlace()
        return execute_http(inputs, here, on_progress=on_progress, should_stop=should_stop, record=record)
    return _execute_model(inputs, workers, chunk_users, on_progress, should_stop or (lambda: False))


def _execute_model(
    inputs: RunInputs,
    workers: int,
    chunk_users: int,
    on_progress: Callable[[Snapshot], None] | None,
    should_stop: Callable[[], bool],
) -> Execution:
    began = time.perf_counter()
    plan = compile_plan(inputs)
    state = _State(plan, Tally(plan))
    stopping = inputs.stop.first_failures
    chunk_users = STOP_GRAIN if stopping else _chunk(chunk_users, inputs.users, workers)
    ranges = [(first, min(chunk_users, inputs.users - first)) for first in range(0, inputs.users, chunk_users)]
    cancelled = False
    with closing(_parts(plan, inputs, ranges, workers, should_stop)) as parts:
        for part in _in_order(parts) if stopping else parts:
            if part is None:
                cancelled = True
                break
            state.add(part)
            _tell(state, on_progress)
            if stopping and len(state.tally.failures) >= stopping:
                break
    state.blocks.sort(key=lambda b: b.first_user)
    result = Execution(
        summary=summarise(plan, state.tally),
        digest="" if cancelled else run_digest(state.blocks),
        inputs_digest=inputs_digest(inputs),
        chunks=tuple(state.blocks),
        failures=tuple(_failure(plan, found, i < SIZED) for i, found in enumerate(state.tally.failures)),
        users_done=state.done,
        cancelled=cancelled,
        elapsed_s=time.perf_counter() - began,
    )
    if on_progress is not None:
        on_progress(Snapshot(result.users_done, inputs.users, result.summary, ()))
    return result


def _chunk(wanted: int, users: int, workers: int) -> int:
    """Whole blocks; small enough that every worker gets several chunks."""
    fair = max(GRAIN, users // max(1, workers * 4))
    chosen = min(wanted, fair) if workers > 1 else wanted
    return max(1, -(-chosen // BLOCK)) * BLOCK


def _parts(
    plan: Plan, inputs: RunInputs, ranges: list[tuple[int, int]], workers: int, stop: Callable[[], bool]
) -> Generator[Done | None, None, None]:
    """What comes back, chunk by chunk in any order; None once it was stopped."""
    if workers <= 1 or len(ranges) == 1:
        for first, users in ranges:
            part = compute(plan, first, users, stop)
            yield part
            if part is None:
                return
        return
    with Pool(inputs, plan, min(workers, len(ranges)) - 1) as pool:
        yield from pool.run(ranges, lambda first, users: compute(plan, first, users, stop), stop)


def compute(plan: Plan, first: int, users: int, should_stop: Callable[[], bool]) -> Done | None:
    """One chunk in this process; None where it was stopped."""
    accelerator.prepare(plan.users)
    tally, blocks = Tally(plan), []
    grain = min(CHUNK, GRAIN * len(plan.personas))
    for start in range(first, first + users, grain):
        chunk = Chunk(plan, start, min(grain, first + users - start))
        if should_stop() or not chunk.run(should_stop):
            return None
        tally.merge(chunk.tally)
        blocks.extend(block_digests(chunk))
    return Done(first, users, tally, blocks)


def _in_order(parts: Iterator[Done | None]) -> Iterator[Done | None]:
    """Chunks by their first user, so that a run that may stop early stops at the same user everywhere."""
    waiting: dict[int, Done] = {}
    following = 0
    for part in parts:
        if part is None:
            yield None
            return
        waiting[part.first] = part
        while following in waiting:
            ready = waiting.pop(following)
            following += ready.users
            yield ready


def _tell(state: _State, on_progress: Callable[[Snapshot], None] | None) -> None:
    now = time.perf_counter()
    if on_progress is None or now - state.last_told < PERIOD_S:
        return
    state.last_told = now
    fresh = [f for f in state.tally.failures if f[:2] not in state.told]
    state.told.update(f[:2] for f in fresh)
    failures = tuple(_failure(state.plan, f, False) for f in fresh)
    chunks, state.untold = tuple(state.blocks[state.untold :]), len(state.blocks)
    on_progress(
        Snapshot(state.done, state.plan.users, summarise(state.plan, state.tally, final=False), failures, chunks)
    )


def _failure(plan: Plan, found: tuple[int, int, int, int, int], sized: bool) -> Failure:
    user, rule, persona, step, at_us = found
    name = plan.rules[rule].name
    events, message = 0, ""
    if sized:
        visit = execute_user(plan, user)
        events, message = visit.broken.get(name, (0, "", 0))[2], visit.messages.get(name, "")
    return Failure(
        user=user,
        persona=plan.personas[persona].name,
        invariant=name,
        step=plan.nodes[step].name if step >= 0 else "",
        at_us=at_us,
        events=events,
        message=message,
    )
