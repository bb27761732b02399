"""One world from beginning to end: start, people, accidents, rest, liveness, rules, end."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from turbulence_app.engine.asking import WorldVerdict, ask_again, ask_world
from turbulence_app.engine.mixing import mix
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.reference import visit_user
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.accidents import Accidents
from turbulence_app.engine.world.application import Application
from turbulence_app.engine.world.asgi import one_line
from turbulence_app.engine.world.driver import Driver, Wish, granted, until
from turbulence_app.engine.world.loop import WorldLoop
from turbulence_app.engine.world.owner import APP_USER, Owner
from turbulence_app.engine.world.port import AppPort
from turbulence_app.engine.world.service import Service
from turbulence_app.engine.world.spec import RECOVERS, Broken, WorldResult, WorldSpec

SETTLE_US = 5_000_000
"""How long a world runs on after the last visit, for work in the background (microseconds)."""
CANCEL_US = 1_000_000
GATHERED = 3
"""So many lines of one kind are told in a note."""


class Story:
    """One world from beginning to end."""

    def __init__(
        self,
        plan: Plan,
        loop: WorldLoop,
        application: Application,
        spec: WorldSpec,
        choices: dict[int, dict[str, int]],
        owner: Owner,
        on_visit: Callable[[Visit], bool | None] | None,
    ) -> None:
        self.plan, self.loop, self.spec, self.choices, self.owner = plan, loop, spec, choices, owner
        self.on_visit = on_visit
        off = frozenset() if spec.faults is None else frozenset(f.number for f in plan.faults) - spec.faults
        self.service = Service(loop, application, plan.inputs.workflow.durable, owner)
        self.port = AppPort(plan, loop, self.service, spec.seed, off)
        self.accidents = Accidents(plan, self.port, self.service, owner)
        self.drivers: dict[int, Driver] = {}
        self.finished: dict[int, Visit] = {}
        self.fresh: dict[int, Visit] = {}
        self.faults = spec.faults
        self.everybody = Wish(loop)
        self.verdicts: tuple[WorldVerdict, ...] = ()
        self.notes: list[str] = []
        self.rest_us = 0
        self.cut_off = False

    def tell(self) -> WorldResult:
        """Run it."""
        main = Driver(self.loop, self._story(), lambda _: self.loop.stop())
        try:
            main.step()
            while not self.loop.drive() and not self.loop.stopped:
                raise RuntimeError("the world came to a standstill")
        finally:
            main.close()
            for driver in self.drivers.values():
                driver.close()
            self._clear()
        return self._result()

    async def _story(self) -> None:
        loop, port, spec = self.loop, self.port, self.spec
        await self.service.start()
        port.origin = loop.now
        self.accidents.schedule()
        await self._people(spec)
        if not self.cut_off:
            await until(loop.now + SETTLE_US)
        self.accidents.end()
        if self.plan.inputs.liveness is not None and not self.cut_off:
            await self._liveness()
        for user in sorted(port.late):
            visit = self.finished.get(user)
            if visit is not None:
                visit.fingerprint = mix(visit.fingerprint, port.late[user])
                await ask_again(self.plan, visit, port)
        self.rest_us = loop.now - port.origin
        self.verdicts = await ask_world(self.plan, port)
        unfinished = [(task, whose) for task, whose in loop.born if not task.done()]
        self.notes.extend(f"durable: the application has no {name}" for name in self.service.missing())
        problem = await self.service.end()
        if problem:
            self.notes.append(problem)
        self._note_unfinished(unfinished)
        await self._cancel_rest()

    # ---- people -------------------------------------------------------------------------------------------------

    async def _people(self, spec: WorldSpec) -> None:
        """Everybody comes, and leaves again."""
        self._coming = sorted(spec.users, reverse=True)
        if not self._coming:
            return
        self._next_one()
        if spec.until_us is not None:
            self.loop.later(self.port.origin + spec.until_us, self._cut_off)
        await granted(self.everybody)

    def _next_one(self) -> None:
        """Wake for the next person where the interval that she comes in begins."""
        if self._coming:
            user = self._coming[-1]
            begin = self.port.origin + self.plan.arrival.earliest(user)
            self.loop.later(max(begin, self.loop.now), self._comes)

    def _comes(self) -> None:
        """Somebody comes; the next one is waited for."""
        if self._coming:
            self._send(self._coming.pop(), self.faults, self._left)
            self._next_one()

    def _send(self, user: int, faults: frozenset[int] | None, done: Callable[[Any], None]) -> None:
        choices = self.choices.get(user)
        visiting = visit_user(self.plan, user, self.port, choices=choices, neutral=self.spec.neutral, faults=faults)
        driver = self.drivers[user] = Driver(self.loop, visiting, done)
        driver.step()

    def _left(self, visit: Visit) -> None:
        self.finished[visit.user] = visit
        for node, state in zip(self.plan.nodes, visit.state, strict=True):
            if state.effects:
                visit.fingerprint = mix(visit.fingerprint, node.site ^ state.effects << 32)
        del self.drivers[visit.user]
        self.port.left()
        if self.on_visit is not None and self.on_visit(visit):
            self._cut_off()
        elif not self.drivers and not self._coming:
            self.everybody.grant()

    def _cut_off(self) -> None:
        """The world's time is over, whoever is still inside."""
        if self.everybody.ready:
            return
        self.cut_off = True
        self._coming.clear()
        for driver in self.drivers.values():
            driver.close()
        self.drivers.clear()
        visits = self.port.world.visits if self.port.world is not None else {}
        self.finished = {user: visits[user] for user in sorted(visits)}
        self.everybody.grant()

    async def _liveness(self) -> None:
        """The trouble is over: run on, then let fresh people come."""
        liveness = self.plan.inputs.liveness
        assert liveness is not None
        self.port.off = frozenset(f.number for f in self.plan.faults)
        await until(self.loop.now + int(liveness.seconds * 1e6))
        if not self.spec.fresh:
            return
        everybody = self.everybody = Wish(self.loop)

        def done(visit: Visit) -> None:
            self.fresh[visit.user] = visit
            del self.drivers[visit.user]
            if not self.drivers:
                everybody.grant()

        first = max(self.plan.users, *(user + 1 for user in self.spec.users)) if self.spec.users else self.plan.users
        for i in range(liveness.users):
            self.port.fresh_from = self.loop.now + i * 1000
            self._send(first + i, frozenset(), done)
        if self.drivers:
            await granted(everybody)
        # they, too, leave work in the background behind
        await until(self.loop.now + int(liveness.seconds * 1e6))

    # ---- the end ------------------------------------------------------------------------------------------------

    def _note_unfinished(self, born: list[tuple[asyncio.Task[Any], Owner | None]]) -> None:
        left = [(task, whose) for task, whose in born if not task.done()]
        told = [
            f"{getattr(t.get_coro(), '__qualname__', 'a task')} ({w})"
            for t, w in left
            if w is not None and w.user != APP_USER
        ]
        if told:
            rest = f" and {len(told) - GATHERED} more" if len(told) > GATHERED else ""
            self.notes.append(f"unfinished work in the background: {', '.join(told[:GATHERED])}{rest}")

    async def _cancel_rest(self) -> None:
        """What is still there is cancelled, as at the end of any program."""
        tasks = [task for task, _ in self.loop.born] + [exchange.task for exchange in self.service.serving]
        left = [task for task in tasks if task is not None and not task.done()]
        for task in left:
            task.cancel()
        if left:
            await until(self.loop.now + CANCEL_US)

    def _clear(self) -> None:
        """Nothing of this world may run in the next one."""
        left = self.service.serving or any(not task.done() for task, _ in self.loop.born)
        for task in asyncio.all_tasks(self.loop) if left else ():
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            self.service.graveyard.append(task)
        self.service.bury()

    def _result(self) -> WorldResult:
        visits = tuple(self.finished[user] for user in sorted(self.finished))
        fresh = tuple(self.fresh[user] for user in sorted(self.fresh))
        broken = self._broken(visits, fresh)
        recovered = None
        if self.plan.inputs.liveness is not None and self.spec.fresh and not self.cut_off:
            recovered = all(v.outcome != "failed" for v in fresh)
        total = hashlib.sha256()
        for visit in (*visits, *fresh):
            total.update(visit.user.to_bytes(8, "little") + visit.fingerprint.to_bytes(8, "little"))
        for one in broken:
            total.update(f"{one.invariant}\0{one.user}\0{one.at_us}\n".encode())
        return WorldResult(
            visits, broken, total.hexdigest(), self._told(), self.port.requests, self.rest_us, fresh, self.verdicts,
            recovered, self.loop.stopped, self.owner.draws, self.port.errors,
        )  # fmt: skip

    def _broken(self, visits: tuple[Visit, ...], fresh: tuple[Visit, ...]) -> tuple[Broken, ...]:
        found = []
        for visit in (*visits, *fresh):
            for name, (at, step, events) in visit.broken.items():
                message = self._with_error(visit.user, visit.messages.get(name, ""))
                found.append(Broken(name, visit.user, step, visit.arrived + at, events, message))
        for visit in fresh:
            if visit.outcome == "failed":
                step = visit.last.name if visit.last is not None else ""
                words = (
                    f"after the trouble was over, a fresh visit failed at {step or 'its beginning'} ({visit.reason})"
                )
                message = self._with_error(visit.user, words)
                found.append(Broken(RECOVERS, visit.user, step, visit.arrived + visit.now, len(visit.events), message))
        found.sort(key=lambda b: (b.at_us, b.user if b.user is not None else -1, b.invariant))
        found.extend(Broken(v.rule.name, None, "", self.rest_us, 0, v.message) for v in self.verdicts if not v.holds)
        return tuple(found)

    def _with_error(self, user: int, message: str) -> str:
        errors = self.port.errors.get(user)
        return f"{message}; {errors[-1]}" if errors and message else message or (errors[-1] if errors else "")

    def _told(self) -> tuple[str, ...]:
        """What a reader of the result must know."""
        notes = list(self.notes)
        if self.loop.in_line:
            ran = "1 plain function" if self.loop.in_line == 1 else f"{self.loop.in_line} plain functions"
            notes.append(f"{ran} ran in line: races between threads are not explored")
        if self.port.errors:
            lines = Counter(line for lines in self.port.errors.values() for line in lines)
            for line, times in sorted(lines.items(), key=lambda item: (-item[1], item[0]))[:GATHERED]:
                notes.append(f"the application failed {times} time{'s' if times > 1 else ''}: {line}")
        if self.loop.complaints:
            complaints = Counter(_complaint(c) for c in self.loop.complaints)
            notes.extend(f"in the application: {line}" for line, _ in complaints.most_common(GATHERED))
        return tuple(notes)


def _complaint(context: dict[str, Any]) -> str:
    error = context.get("exception")
    message = str(context.get("message", "")).splitlines()[0] if context.get("message") else ""
    return f"{message.partition(' <')[0]}: {one_line(error)}" if isinstance(error, BaseException) else message
