"""Shrinking a visit of a live run: against its recording where that can answer, else against the service itself.

A recording knows what the service answered to exactly these requests. A candidate that asks them in the same order,
with the same content and the same faults on the way, is decided by it; any other is not, and that is said: what a
service would have answered to something else nobody knows without asking it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.recording import Recording
from turbulence_app.engine.answers import NOTHING_YET, Answer, never_came
from turbulence_app.engine.live.client import Client
from turbulence_app.engine.live.execute import prepare, reach
from turbulence_app.engine.live.port import PROBE
from turbulence_app.engine.live.replay import _OnePort, answer_of, plan_of_recording
from turbulence_app.engine.live.world import is_of_world
from turbulence_app.engine.nodes import Plan, Request
from turbulence_app.engine.place import HttpPlace
from turbulence_app.engine.port import Reply, WorldState
from turbulence_app.engine.reference import visit_user
from turbulence_app.engine.strikes import strikes
from turbulence_app.engine.visit import Visit

MAX_LIVE = 60
"""Visits that are really made against a service to shrink one failure, at most."""


class UnknownError(Exception):
    """The recording cannot say how this would have gone."""


@dataclass(frozen=True)
class _Asked:
    """One request as it was asked for: by its address, its content, and the faults that struck it."""

    address: str
    content: tuple[str, str, bytes] | None
    struck: tuple[int, ...]


@dataclass
class _RecordedPort:
    """Answers in the recording's order; ``expected`` are the requests of the visit as it was."""

    recording: Recording
    expected: list[_Asked] | None = None
    asked: list[_Asked] = field(default_factory=list)
    world: WorldState | None = None
    probes: int = 0

    async def begin(self, visit: Visit) -> None:
        """The person arrives when they did."""
        visit.arrived = self.recording.arrived_us

    async def pass_time(self, visit: Visit, us: int) -> None:
        """Time passes at once."""
        visit.now += us

    async def attempt(self, visit: Visit, node: Request, number: int, k: int, patience_us: int) -> Reply:
        """The answer that came, where this is the request that was asked."""
        struck = tuple(fault.number for fault, _ in strikes(visit, node, number, k))
        message = None if node.wire is None else node.wire.message(visit.look_up)
        content = None if message is None else (message.method, message.target, message.body)
        asked = _Asked(f"{node.name}#{number}.{k}", content, struck)
        place = len(self.asked)
        if place >= len(self._exchanges) or (self.expected is not None and self.expected[place] != asked):
            raise UnknownError
        found = self._exchanges[place]
        if found.address != asked.address:
            raise UnknownError
        self.asked.append(asked)
        left = visit.deadline - visit.now
        acts = found.acts + sum(late.times for late in self.recording.late if _of(late) == asked.address)
        if found.ended:
            if left > found.waited_us and self.expected is not None:
                raise UnknownError
            return Reply(NOTHING_YET, min(left, found.waited_us), acts, ended=True)
        answer = answer_of(found)
        if answer.name == "gave_up" and patience_us > found.waited_us and self.expected is not None:
            raise UnknownError
        if self.expected is not None and left < found.waited_us:
            return Reply(NOTHING_YET, left, acts, ended=True)
        if self.expected is not None and patience_us < found.waited_us:
            return Reply(never_came(node.name, "gave_up"), patience_us, acts)
        return Reply(answer, found.waited_us, acts)

    async def probe(self, _visit: Visit | None, _service: str | None, _path: str, /) -> Answer:
        """The answer that came to a rule's question."""
        address = f"{PROBE}#0.{self.probes}"
        self.probes += 1
        found = next((e for e in self.recording.exchanges if e.address == address), None)
        return never_came(PROBE, "connection_error") if found is None else answer_of(found)

    def python(self, _visit: Visit | None, _target: str, /) -> Any:
        """Nothing here can be asked."""
        return None

    @property
    def _exchanges(self) -> list[Any]:
        return [e for e in self.recording.exchanges if e.step != PROBE]


class RecordedVisits:
    """Visits answered by one recording; None for one that it cannot decide."""

    def __init__(self, inputs: RunInputs, recording: Recording) -> None:
        self.plan: Plan = plan_of_recording(inputs)
        self._recording = recording
        port = _RecordedPort(recording)
        try:
            self._drive(port, {}, False, None)
        except UnknownError:
            message = f"the recording of user {recording.user} is not of these inputs"
            raise InputError(message, "it is of another version, or it is damaged") from None
        self._expected = port.asked

    def __call__(self, choices: Mapping[str, int], neutral: bool, faults: frozenset[int] | None) -> Visit | None:
        """One visit."""
        try:
            return self._drive(_RecordedPort(self._recording, self._expected), choices, neutral, faults)
        except UnknownError:
            return None

    def _drive(
        self, port: _RecordedPort, choices: Mapping[str, int], neutral: bool, faults: frozenset[int] | None
    ) -> Visit:
        user = self._recording.user
        running = visit_user(self.plan, user, port, choices=choices, neutral=neutral, faults=faults)
        try:
            running.send(None)
        except StopIteration as done:
            visit: Visit = done.value
            return visit
        raise AssertionError("a recorded visit suspended")


class LiveVisits:
    """Visits really made against the service, one at a time; its state is what the earlier ones left."""

    def __init__(self, inputs: RunInputs, place: HttpPlace, recording: Recording) -> None:
        self.plan, self._servers = prepare(inputs, place)
        self._place, self._recording = place, recording

    def __call__(self, choices: Mapping[str, int], neutral: bool, faults: frozenset[int] | None) -> Visit | None:
        """One visit."""

        async def visit() -> Visit:
            async with Client() as client:
                await reach(client, self._servers)
                arrived = self._recording.arrived_us
                scale = self._place.time_scale
                port = _OnePort(self.plan, client, self._servers, scale=scale, arrived_us=arrived)
                user = self._recording.user
                found = await visit_user(self.plan, user, port, choices=choices, neutral=neutral, faults=faults)
                await port.leave(found)
                return found

        with asyncio.Runner() as runner:
            return runner.run(visit())


def refuse_world_rule(plan: Plan, invariant: str) -> None:
    """Raise where a rule speaks of other people or of the world: one visit alone cannot show it again."""
    rule = next((rule for rule in plan.rules if rule.name == invariant), None)
    if rule is not None and (is_of_world(rule) or rule.at_world_end):
        raise InputError(
            f"{invariant} speaks of several people: one live visit cannot show it again",
            "shrink it on the app target, where whole worlds are run again",
        )


def _of(late: Any) -> str:
    return f"{late.step}#{late.visit}.{late.attempt}"
