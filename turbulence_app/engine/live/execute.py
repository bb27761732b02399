"""Runs on the http target: everybody's visits on one loop, in real time, while somebody watches."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

from turbulence_app.domain.errors import MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import Summary
from turbulence_app.engine.asking import ask_again, ask_world
from turbulence_app.engine.build_rules import probe_of
from turbulence_app.engine.collect import Collector
from turbulence_app.engine.digests import inputs_digest, run_digest
from turbulence_app.engine.execute import Execution, Snapshot
from turbulence_app.engine.live.addresses import server_of
from turbulence_app.engine.live.client import MAX_CONNECTIONS, Client, Server
from turbulence_app.engine.live.environment import with_environment
from turbulence_app.engine.live.fingerprints import Fingerprints
from turbulence_app.engine.live.limits import open_files
from turbulence_app.engine.live.notes import notes_on
from turbulence_app.engine.live.person import Document
from turbulence_app.engine.live.port import HttpPort
from turbulence_app.engine.live.recovery import judged, recover
from turbulence_app.engine.live.trouble import refuse
from turbulence_app.engine.live.world import totals_asked
from turbulence_app.engine.nodes import Plan, Request
from turbulence_app.engine.place import HttpPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import visit_user
from turbulence_app.engine.visit import Visit

WAITING = 256
"""People of an open crowd who are prepared before they arrive."""
LOOK_S = 0.05
"""How often the driver asks whether to stop."""
TELL_S = 0.25
Record = Callable[[Any], None]


def execute_http(
    inputs: RunInputs,
    place: HttpPlace,
    *,
    on_progress: Callable[[Snapshot], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    record: Record | None = None,
) -> Execution:
    """Execute a run against live services; ``record`` gets one document per finished visit.

    The documents are :class:`~turbulence_app.domain.recording.Recording` nouns in plain form. Raises
    :class:`~turbulence_app.domain.errors.InputError` for inputs that cannot run and
    :class:`~turbulence_app.domain.errors.MachineError` where a service does not answer at the start.
    """
    plan, servers = prepare(inputs, place)
    run = _Run(inputs, plan, servers, place, on_progress, should_stop or _never, record)
    with asyncio.Runner() as runner:
        return runner.run(run.execute())


def check_http(inputs: RunInputs, place: HttpPlace) -> None:
    """Raise what :func:`execute_http` would raise before the first request."""
    _, servers = prepare(inputs, place)

    async def ask() -> None:
        async with Client() as client:
            await reach(client, servers)

    with asyncio.Runner() as runner:
        runner.run(ask())


def prepare(inputs: RunInputs, place: HttpPlace) -> tuple[Plan, dict[str, Server]]:
    """The plan with the environment's values, and where the services that it asks are."""
    environ = os.environ if place.environ is None else place.environ
    plan = compile_plan(with_environment(inputs, environ))
    refuse(plan.faults)
    return plan, _servers(plan, place)


def _servers(plan: Plan, place: HttpPlace) -> dict[str, Server]:
    bases = {node.service: node.wire.base_url for node in plan.nodes if isinstance(node, Request) and node.wire}
    services = plan.inputs.workflow.services
    for rule in plan.rules:
        for call in rule.probes:
            name = probe_of(call)[0]
            if name is not None and name in services:
                service = services[name]
                bases.setdefault(name, service.base_url or (service.http.base_url if service.http else ""))
    return {name: server_of(name, base, place.allow_hosts) for name, base in bases.items()}


async def reach(client: Client, servers: dict[str, Server]) -> None:
    """Open the first connection to every service: one that is not there is noticed once, not a million times."""
    for name, server in servers.items():
        why = await client.reach(server)
        if why:
            where = f"{'https' if server.tls else 'http'}://{server.host}{server.prefix}"
            raise MachineError(
                f"service {name!r} does not answer at {where}: {why}",
                "start it, or give its address: base_url in the workflow, or a SUT file with --sut",
            )


class _Run:
    """One run while it lasts."""

    def __init__(
        self, inputs: RunInputs, plan: Plan, servers: dict[str, Server], place: HttpPlace,
        on_progress: Callable[[Snapshot], None] | None, should_stop: Callable[[], bool], record: Record | None,
    ) -> None:  # fmt: skip
        self.inputs, self.plan, self.servers, self.place = inputs, plan, servers, place
        self.on_progress, self.should_stop, self.record = on_progress, should_stop, record
        self.collector = Collector(plan)
        self.prints = Fingerprints(plan.users)
        self.following = 0
        self.told = 0
        self.stopped = self.enough = False
        self.last: Visit | None = None
        self.keeps_visits = totals_asked(plan)

    async def execute(self) -> Execution:
        """Everybody's visits, the world's end, and what came of it."""
        began = time.perf_counter()
        most = min(MAX_CONNECTIONS, open_files())
        async with Client(most=most) as client:
            await reach(client, self.servers)
            self.port = HttpPort(
                self.plan, client, self.servers, scale=self.place.time_scale, late=self.collector.late
            )  # fmt: skip
            await self._drive()
            if not self.stopped and self.last is not None:
                for found in await ask_world(self.plan, self.port):
                    if not found.holds:
                        self.collector.end_of_world(found.rule.name, self.last, found.message)
            fresh = await self._recover()
        blocks = self.prints.blocks()
        summary, failures = self.summary(), self.collector.failures()
        if fresh is not None:
            summary, late = judged(self.plan, summary, fresh)
            failures = (*failures, *late)
        result = Execution(
            summary=summary,
            digest="" if self.stopped else run_digest(blocks),
            inputs_digest=inputs_digest(self.inputs),
            chunks=tuple(blocks),
            failures=failures,
            users_done=self.collector.users,
            cancelled=self.stopped,
            elapsed_s=time.perf_counter() - began,
        )
        if self.on_progress is not None:
            self.on_progress(Snapshot(result.users_done, self.plan.users, summary))
        return result

    async def _recover(self) -> tuple[Visit, ...] | None:
        """The visits of the liveness phase; None where there is none, or where the run was stopped."""
        liveness = self.inputs.liveness
        if liveness is None or self.stopped:
            return None
        phase = asyncio.create_task(recover(self.plan, self.port, liveness))
        while not phase.done():
            await asyncio.wait((phase,), timeout=LOOK_S)
            if self.should_stop():
                phase.cancel()
                await asyncio.wait((phase,))
                self.stopped = True
                return None
        return phase.result()

    def summary(self) -> Summary:
        """Everything counted so far, with what a reader must know of it."""
        made = self.collector.summary()
        return made.model_copy(
            update={"notes": (*made.notes, *notes_on(made, self.port.troubles, self.place.time_scale))}
        )

    # ---- the crowd ----------------------------------------------------------------------------------------------

    async def _drive(self) -> None:
        watching = asyncio.create_task(self._watch())
        crowd = asyncio.create_task(self._crowd())
        try:
            await asyncio.wait((watching, crowd), return_when=asyncio.FIRST_COMPLETED)
            crowd.cancel()
            await _outcome(crowd)
        finally:
            watching.cancel()
            await _outcome(watching)

    async def _crowd(self) -> None:
        """Everybody, by the arrivals of the scenario."""
        arrivals = self.inputs.arrivals
        try:
            async with asyncio.TaskGroup() as group:
                if arrivals.kind == "closed":
                    for _ in range(min(arrivals.concurrent or 1, self.plan.users)):
                        group.create_task(self._inside(group))
                else:
                    await self._open(group)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _inside(self, group: asyncio.TaskGroup) -> None:
        """One place of a closed crowd: whoever leaves is followed by the next."""
        while self.following < self.plan.users and not self.enough:
            user, self.following = self.following, self.following + 1
            await self._visit(user, group)

    async def _open(self, group: asyncio.TaskGroup) -> None:
        """People come when they come, whether or not the services keep up."""
        room = asyncio.Semaphore(WAITING)
        self.port.arrived = room.release
        for user in range(self.plan.users):
            await room.acquire()
            if self.enough:
                return
            group.create_task(self._visit(user, group))

    async def _visit(self, user: int, group: asyncio.TaskGroup) -> None:
        visit = await visit_user(self.plan, user, self.port)
        if self.port.people[user].lingering:
            group.create_task(self._finish(visit))
        else:
            await self._finish(visit)

    async def _finish(self, visit: Visit) -> None:
        """Hear out what the services still do for somebody who has left, then count and record the visit."""
        person = await self.port.leave(visit)
        if person.after:
            await ask_again(self.plan, visit, self.port)
        self.port.forget(visit)
        self.collector.add(visit)
        self.prints.add(visit.user, visit.fingerprint)
        self.last = visit
        if self.record is not None:
            document: Document = person.document()
            self.record(document)
        world = self.port.world
        if world is not None and not self.keeps_visits:
            world.visits.pop(visit.user, None)
        else:
            visit.events.clear()
            visit.draws.made.clear()
        first = self.inputs.stop.first_failures
        self.enough = first is not None and self.collector.broken >= first

    async def _watch(self) -> None:
        """Ask whether to stop, and tell how far it is; ends when the run shall."""
        told = time.monotonic()
        while not self.enough:
            await asyncio.sleep(LOOK_S)
            if self.should_stop():
                self.stopped = True
                return
            if self.on_progress is not None and time.monotonic() - told >= TELL_S:
                told = time.monotonic()
                fresh = self.collector.failures(self.told) if self.collector.broken > self.told else ()
                self.told = self.collector.broken
                self.on_progress(Snapshot(self.collector.users, self.plan.users, self.summary(), fresh))


async def _outcome(task: asyncio.Task[None]) -> None:
    """Wait for a task that may have been cancelled; raise what it failed of."""
    try:
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise


def _never() -> bool:
    return False
