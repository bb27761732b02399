"""The port of the app target: a request travels, is served as a task, and its answer travels back, on virtual time."""

from __future__ import annotations

from collections import deque
from functools import partial

from turbulence_app.domain.errors import InputError
from turbulence_app.engine.answers import NOTHING_YET, Answer, LiveAnswer, answer_name, never_came
from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan, Plan, Request
from turbulence_app.engine.port import Reply
from turbulence_app.engine.templates import Fixed, Message, Wire
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.active import ACTIVE
from turbulence_app.engine.world.asgi import Exchange, scope_of
from turbulence_app.engine.world.driver import Wish, granted, until, waited
from turbulence_app.engine.world.errand import Errand
from turbulence_app.engine.world.loop import WorldLoop
from turbulence_app.engine.world.owner import OWNER
from turbulence_app.engine.world.questions import HOST, Questions, host_of, live_answer
from turbulence_app.engine.world.service import Service
from turbulence_app.engine.world.spec import Heard

HELD_US = 2_000_000
"""How long a request that is to be overtaken waits at most."""
REMEMBERED = 1024
"""Paths whose last answer is kept for stale reads."""
Seen = tuple[int, list[tuple[bytes, bytes]], bytes]


class AppPort(Questions):
    """Asks one application for the people of one world."""

    def __init__(self, plan: Plan, loop: WorldLoop, service: Service, seed: int, off: frozenset[int]) -> None:
        super().__init__(loop, service)
        self.plan, self.seed, self.off = plan, seed, off
        self.origin = 0
        """When people began to come, on the loop's clock."""
        self.requests = 0
        self.late: dict[int, int] = {}
        """For whom the application acted after the visit's end, and how often."""
        self.errors: dict[int, list[str]] = {}
        self.flying: set[Errand] = set()
        self.wrong_clocks: list[FaultPlan] = []
        self.wall_reads = 0
        self.heard: list[Heard] | None = None
        """Where every answer is written down, for comparisons."""
        self.fresh_from: int | None = None
        """From when on people of the liveness phase come; None before."""
        self._held: list[Errand] = []
        self._seen: dict[str, Seen] = {}
        self._remembers = any(f.kind == "stale_read" and f.number not in off for f in plan.faults)
        self._partitions = any(f.kind == "partition" and f.number not in off for f in plan.faults)
        arrivals = plan.inputs.arrivals
        self._room = (arrivals.concurrent or FOREVER) if arrivals.kind == "closed" else FOREVER
        self._queue: deque[Wish] = deque()
        self._constant: dict[int, Message | None] = plan.cache.setdefault("messages", {})

    # ---- time ---------------------------------------------------------------------------------------------------

    async def begin(self, visit: Visit) -> None:
        """Wait for the person's arrival; in a closed crowd for a place."""
        if self.fresh_from is not None:
            visit.arrived = self.fresh_from - self.origin
        elif self._room != FOREVER:
            if self._room <= 0:
                wish = Wish(self.loop)
                self._queue.append(wish)
                await granted(wish)
            self._room -= 1
            visit.arrived = self.loop.now - self.origin
            return
        await until(max(self.loop.now, self.origin + visit.arrived))

    def left(self) -> None:
        """A visit ended: in a closed crowd the next one may come in."""
        if self._room != FOREVER:
            self._room += 1
            if self._queue:
                self._queue.popleft().grant()

    async def pass_time(self, visit: Visit, us: int) -> None:
        """Let virtual time pass."""
        visit.now += us
        if us:
            await until(self.origin + visit.arrived + visit.now)

    # ---- attempts -----------------------------------------------------------------------------------------------

    async def attempt(self, visit: Visit, node: Request, number: int, k: int, patience_us: int) -> Reply:
        """One request: there, through the application, and back."""
        loop = self.loop
        now = loop.now
        errand = Errand(visit, node, number, k, self.seed, now)
        if node.wire is None:
            raise InputError(f"step {node.name} does not say what it sends", "give it a path")
        errand.message = self._message(node, node.wire, visit)
        trouble = errand.trouble
        there, back = errand.travel()
        errand.back = back + trouble.back
        limit = min(node.limit_us, trouble.limit)
        left = visit.deadline - visit.now
        wait = min(limit, patience_us)
        self.requests += 1
        self.flying.add(errand)
        if trouble.status:
            errand.differs(trouble.faults["error_status"])
            loop.later(now + there + errand.back, self._status, errand, trouble.status)
        elif trouble.delivered:
            loop.later(now + there + trouble.there, self._arrives, errand)
        else:
            for kind in ("request_lost", "partition", "timeout"):
                if kind in trouble.faults:
                    errand.differs(trouble.faults[kind])
        errand.timer = loop.at(now + min(wait, left), self._give_up, errand)
        await waited(errand)
        return self._reply(errand, wait, left, limit <= patience_us)

    def _message(self, node: Request, wire: Wire, visit: Visit) -> Message:
        """What the visit sends; kept where it is the same for everybody, always."""
        kept = self._constant.get(node.number)
        if kept is not None:
            return kept
        message = wire.message(visit.look_up)
        if node.number not in self._constant:
            parts = (wire.path, wire.json, *(t for _, t in wire.headers), *(t for _, t in wire.query))
            constant = all(part is None or isinstance(part, Fixed) for part in parts)
            self._constant[node.number] = message if constant else None
        return message

    def _reply(self, errand: Errand, wait: int, left: int, timed_out: bool) -> Reply:
        waited = self.loop.now - errand.sent_at
        trouble = errand.trouble
        if trouble.delivered and not trouble.status:
            for kind in ("latency", "gray"):
                if kind in trouble.faults and trouble.there + trouble.back > 0:
                    errand.changed.add(trouble.faults[kind])
        changed = tuple(sorted(errand.changed))
        answer = errand.answer
        if answer is not None:
            return Reply(answer, waited, changed=changed)
        self._hang_up(errand)
        if left < wait:
            return Reply(NOTHING_YET, left, ended=True, changed=changed)
        name = "timeout" if timed_out else "gave_up"
        return Reply(never_came(errand.node.name, name), waited, changed=changed)

    def _hang_up(self, errand: Errand) -> None:
        """The person is gone; whoever still serves the request hears of it."""
        for exchange in errand.exchanges:
            if not exchange.complete:
                self.loop.later(self.loop.now + errand.back, exchange.disconnect)

    def _give_up(self, errand: Errand) -> None:
        self._resolve(errand, None)

    def _resolve(self, errand: Errand, answer: Answer | None) -> None:
        """The waiting is over."""
        if errand.resolved:
            return
        errand.resolved = True
        errand.answer = answer
        if errand.timer is not None:
            errand.timer.cancel()
        if errand.driver is not None:
            errand.driver.step()

    def _status(self, errand: Errand, status: int) -> None:
        """Somebody between the person and the application answered."""
        node = errand.node
        names = node.wire.names if node.wire is not None else {}
        self._resolve(errand, LiveAnswer(node.name, answer_name(status, names), status, {}, b""))
        self.flying.discard(errand)

    # ---- at the application -------------------------------------------------------------------------------------

    def _arrives(self, errand: Errand) -> None:
        """A request reaches the application (or what keeps it from it)."""
        trouble = errand.trouble
        if trouble.held is not None and errand not in self._held:
            self._held.append(errand)
            self.loop.later(self.loop.now + HELD_US, self._released, errand)
            return
        self._serve(errand)
        if trouble.copy_after is not None:
            self.loop.later(self.loop.now + trouble.copy_after, self._again, errand)
        if self._held:
            for waiting in [w for w in self._held if w is not errand]:
                self.loop.later(self.loop.now + 1, self._released, waiting)

    def _released(self, errand: Errand) -> None:
        if errand in self._held:
            self._held.remove(errand)
            if errand.trouble.held is not None:
                errand.differs(errand.trouble.held)
            self._serve(errand)
            if errand.trouble.copy_after is not None:
                self.loop.later(self.loop.now + errand.trouble.copy_after, self._again, errand)

    def _again(self, errand: Errand) -> None:
        """The request arrives a second time."""
        if self.service.up:
            errand.differs(errand.trouble.faults["duplicate"])
            self._serve(errand)

    def _serve(self, errand: Errand) -> None:
        service, loop, trouble = self.service, self.loop, errand.trouble
        message = errand.message
        assert message is not None
        if not service.up:
            self.refuse(errand)
            return
        if trouble.stale is not None and message.method == "GET" and message.target in self._seen:
            errand.differs(trouble.stale)
            status, headers, body = self._seen[message.target]
            loop.later(loop.now + errand.back, self._delivered, errand, status, headers, body)
            return
        for fault in self.wrong_clocks:
            errand.struck(fault, False)
        errand.clock_reads = ACTIVE.wall_reads
        exchange = Exchange(loop, message.body, self._begun, self._answered)
        exchange.failed = partial(self._failed, errand)
        errand.exchanges.append(exchange)
        service.serving[exchange] = errand
        lifespan = service.lifespan
        state = lifespan.state if lifespan is not None and lifespan.supported else None
        wire = errand.node.wire
        scope = scope_of(message, host_of(wire.base_url) if wire is not None else HOST, errand.visit.user, state)
        context = self._context.copy()
        context.run(OWNER.set, errand.owner)
        app = service.app
        assert app is not None
        # the request's task begins on arrival: its first step is nobody's to delay
        errand.owner.turns, turns = -1, errand.owner.turns
        exchange.task = loop.create_task(exchange.serve(app, scope), context=context)
        loop.born.pop()
        errand.owner.turns = max(turns, 0)
        if trouble.reset:
            errand.differs(trouble.faults["connection_reset"])
            loop.later(loop.now + 1, exchange.disconnect)
            self.cut(errand)

    def refuse(self, errand: Errand) -> None:
        """Nobody listens: the application is down."""
        for fault in self.crashers:
            errand.struck(fault)
        self.cut(errand)

    crashers: tuple[FaultPlan, ...] = ()
    """The crash that the application is down for."""

    def cut(self, errand: Errand) -> None:
        """The connection breaks; the person learns of it."""
        self.flying.discard(errand)
        gone = never_came(errand.node.name, "connection_error")
        self.loop.later(self.loop.now + errand.back, self._resolve, errand, gone)

    def _begun(self, exchange: Exchange) -> None:
        """The application began an answer: with 2xx it has acted, and the visit is told when."""
        if not exchange.acted:
            return
        errand = self.service.serving.get(exchange)
        if errand is None:
            return
        visit = errand.visit
        at = self.loop.now - self.origin - visit.arrived
        visit.acted(errand.node, errand.number, errand.k, 1, at)
        if visit.outcome is not None:
            self.late[visit.user] = self.late.get(visit.user, 0) + 1

    def _answered(self, exchange: Exchange) -> None:
        """The application has answered: the answer goes back."""
        errand = self.service.serving.pop(exchange, None)
        if errand is None:
            return
        self.flying.discard(errand)
        message, trouble = errand.message, errand.trouble
        assert message is not None
        if self.wrong_clocks and ACTIVE.wall_reads > errand.clock_reads:
            for fault in self.wrong_clocks:
                errand.differs(fault.number)
        if exchange.error:
            self._failed(errand, exchange)
        if not exchange.status:
            self.loop.later(
                self.loop.now + errand.back, self._resolve, errand, never_came(errand.node.name, "protocol_error")
            )
            return
        body = b"".join(exchange.chunks) if message.method != "HEAD" else b""
        if self.heard is not None:
            at = self.loop.now - self.origin
            node = errand.node
            heard = Heard(errand.visit.user, node.name, errand.number, errand.k, at, exchange.status, body)
            self.heard.append(heard)
        if self._remembers and message.method == "GET" and exchange.acted and len(self._seen) < REMEMBERED:
            self._seen[message.target] = (exchange.status, exchange.headers, body)
        if not trouble.answered:
            errand.differs(trouble.faults["response_lost"])
            return
        if trouble.reset or (self._partitions and self._cut_off(errand)):
            return
        self.loop.later(self.loop.now + errand.back, self._delivered, errand, exchange.status, exchange.headers, body)

    def _failed(self, errand: Errand, exchange: Exchange) -> None:
        """Keep what the application itself says went wrong."""
        self.errors.setdefault(errand.visit.user, []).append(f"{errand.node.name}: {exchange.error}")

    def _cut_off(self, errand: Errand) -> bool:
        """Whether a partition that lets nothing through has begun in the meantime."""
        now = self.loop.now - self.origin
        for fault in errand.node.faults:
            mine = fault.personas is None or errand.visit.persona in fault.personas
            certain = fault.kind == "partition" and fault.threshold >= CERTAIN and fault.number not in self.off
            if certain and mine and fault.windowed and fault.when is None and fault.at(now):
                errand.struck(fault)
                return True
        return False

    def _delivered(self, errand: Errand, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """The answer reaches the person, whole or damaged."""
        if errand.resolved:
            return
        trouble, node = errand.trouble, errand.node
        if trouble.keep_bytes is not None:
            kept = body[: len(body) // 2 if trouble.keep_bytes < 0 else trouble.keep_bytes]
            if kept != body:
                errand.differs(trouble.faults["truncated_body"])
            body = kept
        if trouble.damage is not None and body:
            place = trouble.damage * len(body) >> 32
            body = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            errand.differs(trouble.faults["corrupt_body"])
        names = node.wire.names if node.wire is not None else {}
        self._resolve(errand, live_answer(node.name, names, status, headers, body))
