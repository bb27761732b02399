"""A visit of a live run once more: from its recording (exact, without a network), or from the service itself."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, replace
from typing import Any

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.recording import Body, Divergence, Exchange, Recording
from turbulence_app.engine.answers import NEVER_CAME, NOTHING_YET, Answer, LiveAnswer, never_came
from turbulence_app.engine.asking import ask_again
from turbulence_app.engine.live.client import Client
from turbulence_app.engine.live.environment import names_asked, with_environment
from turbulence_app.engine.live.execute import prepare, reach
from turbulence_app.engine.live.port import PROBE, HttpPort
from turbulence_app.engine.live.trouble import UNSENT, took_effect
from turbulence_app.engine.live.world import is_of_world, put_back
from turbulence_app.engine.nodes import Plan, Request
from turbulence_app.engine.place import HttpPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.port import Reply, WorldState
from turbulence_app.engine.reference import visit_user
from turbulence_app.engine.strikes import strikes
from turbulence_app.engine.visit import Visit


class StrayedError(Exception):
    """A visit asked for something that its recording does not hold."""

    def __init__(self, divergence: Divergence) -> None:
        super().__init__(str(divergence))
        self.divergence = divergence


@dataclass(frozen=True)
class Again:
    """A visit done again. ``divergence``: the first place where it went another way than recorded, if it did."""

    visit: Visit | None
    divergence: Divergence | None = None


class RecordedPort:
    """Answers from a recording. Its coroutines never suspend."""

    def __init__(self, recording: Recording) -> None:
        self.world: WorldState | None = None
        self._recording, self._call = recording, 0
        self._asked = {e.address: e for e in recording.exchanges}
        self._probes = 0

    async def begin(self, visit: Visit) -> None:
        """The person arrives when they did."""
        visit.arrived = self._recording.arrived_us

    async def pass_time(self, visit: Visit, us: int) -> None:
        """Time passes at once."""
        visit.now += us
        self.called(visit)

    async def attempt(
        self,
        visit: Visit,
        node: Request,
        number: int,
        k: int,
        patience_us: int,  # noqa: ARG002
    ) -> Reply:
        """The answer that came."""
        struck = [fault for fault, _ in strikes(visit, node, number, k)] if node.faults else []
        kinds = {fault.kind for fault in struck}
        reset = next((fault for fault in struck if fault.kind == "connection_reset"), None)
        if reset is not None and not kinds & (UNSENT | {"error_status"}):
            took_effect(visit, node, number, k, reset)
        found = self._asked.get(f"{node.name}#{number}.{k}")
        if found is None or found.due_us != visit.now:
            raise self._strayed(node.name, number, k, found, visit.now)
        self.called(visit)
        answer = NOTHING_YET if found.ended else answer_of(found)
        return Reply(answer, found.waited_us, found.acts, found.ended, found.changed)

    async def probe(self, visit: Visit | None, _service: str | None, _path: str, /) -> Answer:
        """The answer that came to a rule's question."""
        if visit is not None:
            self.called(visit)
        address = f"{PROBE}#0.{self._probes}"
        self._probes += 1
        found = self._asked.get(address)
        return never_came(PROBE, "connection_error") if found is None else answer_of(found)

    def python(self, _visit: Visit | None, _target: str, /) -> Any:
        """Nothing here can be asked."""
        return None

    def called(self, visit: Visit) -> bool:
        """One more call is over: what the service did meanwhile for those who had stopped waiting. Whether it did."""
        self._call += 1
        acted = [late for late in self._recording.late if late.call == self._call]
        for late in acted:
            node = visit.plan.nodes[visit.plan.numbers[late.step]]
            assert isinstance(node, Request)
            visit.acted(node, late.visit, late.attempt, late.times, late.at_us)
        return bool(acted)

    def _strayed(self, step: str, number: int, k: int, found: Exchange | None, now: int) -> StrayedError:
        place = len(self._asked) if found is None else list(self._asked).index(found.address)
        what = "the recording" if found is None else "the moment of asking"
        recorded = "without such a request" if found is None else f"{found.due_us} us"
        return StrayedError(
            Divergence(exchange=place, step=f"{step}#{number}.{k}", what=what, recorded=recorded, now=f"{now} us")
        )


def answer_of(found: Exchange) -> Answer:
    """The answer that an exchange of a recording holds."""
    if found.answer in NEVER_CAME and not found.status:
        return never_came(found.step, found.answer)
    return LiveAnswer(found.step, found.answer, found.status, found.headers, content(found.body))


def content(body: Body) -> bytes:
    """The bytes of a recorded body; nothing where it was too large to be kept."""
    if not body.whole:
        return b""
    return base64.b64decode(body.text) if body.encoding else body.text.encode()


def plan_of_recording(inputs: RunInputs) -> Plan:
    """The plan with which recordings are replayed: no environment is needed, and rules about the world sleep."""
    blank = dict.fromkeys(names_asked(inputs), "")
    plan = compile_plan(with_environment(inputs, blank))
    plan.rules = tuple(
        replace(rule, tree=None, key=None, asleep="it speaks of others") if is_of_world(rule) else rule
        for rule in plan.rules
    )
    return plan


def replay_recorded(plan: Plan, recording: Recording) -> Again:
    """One visit again, exactly: the same events, the same verdict, no network.

    ``plan`` is that of :func:`plan_of_recording`.
    """
    port = RecordedPort(recording)
    try:
        visit = _driven(visit_user(plan, recording.user, port))
        if port.called(visit):
            _driven(ask_again(plan, visit, port))
    except StrayedError as strayed:
        return Again(None, strayed.divergence)
    put_back(visit, recording.world)
    return Again(visit)


def _driven(running: Any) -> Any:
    """The result of a coroutine that never suspends."""
    try:
        running.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a replay suspended")


class _OnePort(HttpPort):
    """The live port for somebody who comes now."""

    def __init__(self, *args: Any, arrived_us: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self._arrived_us = arrived_us

    async def begin(self, visit: Visit) -> None:
        """The visit begins at once; its clock says what it said in the run."""
        visit.arrived = self._arrived_us
        self.come(visit).due = self.loop.time()


def replay_live(inputs: RunInputs, place: HttpPlace, recording: Recording) -> tuple[Visit, Divergence | None]:
    """One visit against the service as it is now, and the first place where it answers otherwise than recorded.

    The seed decides as it did; the service's state and times are what they are. Raises what a run would raise.
    """
    plan, servers = prepare(inputs, place)

    async def again() -> tuple[Visit, Recording]:
        async with Client() as client:
            await reach(client, servers)
            port = _OnePort(plan, client, servers, scale=place.time_scale, arrived_us=recording.arrived_us)
            visit = await visit_user(plan, recording.user, port)
            person = await port.leave(visit)
            return visit, Recording.model_validate(person.document())

    with asyncio.Runner() as runner:
        visit, now = runner.run(again())
    return visit, first_divergence(recording, now)


def first_divergence(then: Recording, now: Recording) -> Divergence | None:
    """The first exchange that differs in what was asked or in what was answered; times do not count."""
    for i, (old, new) in enumerate(zip(then.exchanges, now.exchanges, strict=False)):
        for what, was, became in (
            ("the request", old.address, new.address),
            ("the address", f"{old.method} {old.target}", f"{new.method} {new.target}"),
            ("what was sent", old.request_body.text, new.request_body.text),
            ("the answer", _told(old), _told(new)),
            ("the body", old.body.text or old.body.digest, new.body.text or new.body.digest),
        ):
            if was != became:
                return Divergence(exchange=i, step=old.address, what=what, recorded=_short(was), now=_short(became))
    longer = max(then, now, key=lambda each: len(each.exchanges))
    if len(then.exchanges) != len(now.exchanges):
        place = min(len(then.exchanges), len(now.exchanges))
        recorded, became = (f"{len(each.exchanges)} requests" for each in (then, now))
        return Divergence(
            exchange=place, step=longer.exchanges[place].address, what="the visit", recorded=recorded, now=became
        )
    return None


def _told(exchange: Exchange) -> str:
    return f"{exchange.answer} {exchange.status}" if exchange.status else exchange.answer


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."
