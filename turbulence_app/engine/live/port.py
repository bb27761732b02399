"""The port of the http target: decisions and draws are the seed's, answers and their times are real.

A visit keeps two clocks. Its own (``visit.now``) is what people live by: think times are drawn, waits are measured.
The real one (``Person.due``) says when each thing is due on the loop's clock. Whatever the driver does too late counts
into the wait, because latency is measured from the moment at which the person asked; how late it was is kept apart.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from turbulence_app.engine.answers import NOTHING_YET, Answer, LiveAnswer, answer_name, never_came
from turbulence_app.engine.live.client import Client, Server
from turbulence_app.engine.live.exchange import Exchange
from turbulence_app.engine.live.messages import Sender, Sent, encode
from turbulence_app.engine.live.person import Attempt, Person, answer_row
from turbulence_app.engine.live.trouble import Trouble
from turbulence_app.engine.nodes import Plan, Request
from turbulence_app.engine.port import Reply, WorldState
from turbulence_app.engine.strikes import strikes
from turbulence_app.engine.templates import Message
from turbulence_app.engine.visit import Visit

PROBE_S = 10.0
"""How long a rule's question may take."""
PROBE = "@probe"


class HttpPort:
    """Asks live services for many people.

    ``servers`` are the services by name; ``late`` hears how late each request left (microseconds); ``scale`` shortens
    what people spend without asking (1: real time).
    """

    def __init__(
        self,
        plan: Plan,
        client: Client,
        servers: Mapping[str, Server],
        *,
        scale: float = 1.0,
        late: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.world: WorldState | None = WorldState()
        self.client, self.scale, self.troubles = client, scale, Counter[str]()
        self.loop = asyncio.get_running_loop()
        self.started = self.loop.time()
        """When the run's clock is 0."""
        self.people: dict[int, Person] = {}
        self.arrived: Callable[[], None] = lambda: None
        """Called whenever somebody arrives."""
        self._late, self._servers = late, servers
        self._senders = {
            node.number: Sender(node, servers[node.service])
            for node in plan.nodes
            if isinstance(node, Request) and node.wire is not None
        }
        self.at_once = plan.inputs.arrivals.kind == "closed"
        """Whether people come when they are let in, and not by a schedule."""
        self._trouble = Trouble(self)
        self._stale = any(fault.kind == "stale_read" for fault in plan.faults)

    # ---- time ---------------------------------------------------------------------------------------------------

    async def begin(self, visit: Visit) -> None:
        """Wait for the person's arrival; in a closed crowd it is now."""
        person = self.come(visit)
        if self.at_once:
            person.due = self.loop.time()
            visit.arrived = max(0, int((person.due - self.started) * 1e6))
            return
        person.due = self.started + visit.arrived / 1e6
        await self.sleep_until(person.due)
        self.arrived()

    def come(self, visit: Visit) -> Person:
        """Somebody is here."""
        person = self.people[visit.user] = Person(visit)
        return person

    async def pass_time(self, visit: Visit, us: int) -> None:
        """Really wait, as long as the person does (or a part of it, by the scale)."""
        person = self.people[visit.user]
        person.call += 1
        person.due += us * self.scale / 1e6
        visit.now += us
        await self.sleep_until(person.due)

    async def sleep_until(self, moment: float) -> None:
        """Wait for a moment of the loop's clock; one that is past does not wait."""
        left = moment - self.loop.time()
        if left > 0:
            await asyncio.sleep(left)

    # ---- asking -------------------------------------------------------------------------------------------------

    async def attempt(self, visit: Visit, node: Request, number: int, k: int, patience_us: int) -> Reply:
        """One real request, with the faults that strike it."""
        person = self.people[visit.user]
        person.call += 1
        left = visit.deadline - visit.now
        wait = min(node.limit_us, patience_us, left)
        attempt = Attempt(person, node, number, k, visit.now, wait, node.limit_us, patience_us, left)
        struck = strikes(visit, node, number, k) if node.faults else ()
        if struck:
            return await self._trouble.attempt(attempt, struck)
        exchange = self.send(attempt)
        await self.answer_of(exchange, attempt.over)
        if not self.in_time(attempt, exchange):
            return self.given_up(attempt, late=exchange)
        if self._stale and exchange.complete:
            self._trouble.seen(attempt, exchange)
        return self.answered(attempt, exchange)

    def send(self, attempt: Attempt, *, reset_on_answer: bool = False, again: bool = False) -> Exchange:
        """Send an attempt's request; ``again`` is a copy that the person knows nothing of."""
        sender, sent = self.sender(attempt), self.prepared(attempt)
        exchange = self.client.send(
            sender.server, sent.data, head_only=sender.head_only, reset_on_answer=reset_on_answer
        )  # fmt: skip
        if not again:
            attempt.exchange = exchange
            self._trouble.passed(sender.server)
        return exchange

    def prepared(self, attempt: Attempt) -> Sent:
        """What an attempt sends, made when it is first asked for."""
        if attempt.sent is None:
            person, sender = attempt.person, self.sender(attempt)
            cookies = person.cookies(sender.server) if person.jars else ""
            attempt.sent = sender.message(person.visit.look_up, cookies)
        return attempt.sent

    def sender(self, attempt: Attempt) -> Sender:
        """What makes an attempt's request."""
        return self._senders[attempt.node.number]

    def server(self, attempt: Attempt) -> Server:
        """Where an attempt's request goes."""
        return self._senders[attempt.node.number].server

    async def answer_of(self, exchange: Exchange, moment: float) -> None:
        """Wait until the exchange is over, or until a moment."""
        if exchange.future.done():
            return
        timer = self.loop.call_at(moment, exchange.give_up)
        try:
            await exchange.future
        finally:
            timer.cancel()

    def in_time(self, attempt: Attempt, exchange: Exchange) -> bool:
        """Whether the exchange was over before the person's patience."""
        return 0.0 < exchange.answered <= attempt.over

    def waited(self, attempt: Attempt, moment: float) -> int:
        """Microseconds from when the person asked until a moment."""
        return max(0, int((moment - attempt.person.due) * 1e6))

    # ---- how attempts end ---------------------------------------------------------------------------------------

    def answered(self, attempt: Attempt, exchange: Exchange, *, acts: int | None = None, changed: int = 0) -> Reply:
        """The exchange is over in time: an answer, or a connection that was lost."""
        name = attempt.node.name
        if exchange.error:
            answer = never_came(name, exchange.error)
        else:
            assert attempt.node.wire is not None
            named = answer_name(exchange.status, attempt.node.wire.names)
            answer = LiveAnswer(name, named, exchange.status, exchange.headers, exchange.body)
        count = int(exchange.complete and exchange.succeeded) if acts is None else acts
        return self.reply(attempt, answer, self.waited(attempt, exchange.answered), count, changed, exchange.why)

    def given_up(
        self, attempt: Attempt, *, late: Exchange | None = None, acts: int = 0, changed: int = 0, why: str = ""
    ) -> Reply:
        """The wait is over without an answer. What the service does ``late`` is still heard of."""
        if late is not None:
            if late.complete:
                acts += int(late.succeeded)
            elif not late.answered:
                self.listen(attempt, late)
        wait = attempt.wait_us
        if attempt.left_us < min(attempt.limit_us, attempt.patience_us):
            return self.reply(attempt, NOTHING_YET, wait, acts, changed, why, ended=True)
        kind = "timeout" if attempt.limit_us <= attempt.patience_us else "gave_up"
        return self.reply(attempt, never_came(attempt.node.name, kind), wait, acts, changed, why)

    def reply(
        self, attempt: Attempt, answer: Answer, waited_us: int, acts: int, changed: int, why: str, ended: bool = False
    ) -> Reply:
        """Close an attempt: the clocks, the recording, the driver's lag, cookies. ``changed``: faults, as bits."""
        person, exchange = attempt.person, attempt.exchange
        if exchange is not None:
            self._late(max(0, int((exchange.left - person.due) * 1e6)))
        if why:
            self.troubles[f"{attempt.node.service or 'the service'}: {why}"] += 1
        numbers = tuple(n for n in range(changed.bit_length()) if changed >> n & 1) if changed else ()
        reply = Reply(answer, waited_us, acts, ended, numbers)
        person.rows.append(attempt.row(reply, why))
        if answer.came and "set-cookie" in answer.headers:
            person.take_cookies(self.server(attempt), answer.headers["set-cookie"])
        person.due += waited_us / 1e6
        return reply

    def listen(self, attempt: Attempt, exchange: Exchange) -> None:
        """Hear what becomes of a request that nobody waits for any longer, until the service's own timeout."""
        person, node, asked, due = attempt.person, attempt.node, attempt.asked_us, attempt.person.due
        person.lingering.append(exchange)

        def late(done: Exchange) -> None:
            if done in person.lingering:
                person.lingering.remove(done)
            if done.complete and done.succeeded:
                at_us = asked + int((done.answered - due) * 1e6)
                self._acted(person, attempt, at_us)

        exchange.late = late
        self.loop.call_at(due + node.limit_us / 1e6, self._cut, person, exchange)

    def _acted(self, person: Person, attempt: Attempt, at_us: int) -> None:
        person.visit.acted(attempt.node, attempt.number, attempt.k, 1, at_us)
        person.late.append(
            {"call": person.call, "step": attempt.node.name, "visit": attempt.number, "attempt": attempt.k,
             "times": 1, "at_us": at_us}
        )  # fmt: skip

    def _cut(self, person: Person, exchange: Exchange) -> None:
        """The service's timeout is over: stop listening."""
        if exchange in person.lingering:
            person.lingering.remove(exchange)
            exchange.drop()

    async def leave(self, visit: Visit) -> Person:
        """The visit is over: wait for what is still on its way; the person is to be forgotten afterwards."""
        person = self.people[visit.user]
        person.call += 1
        before = len(person.late)
        while person.lingering:
            await asyncio.sleep(0.01)
        person.after = len(person.late) > before
        return person

    def forget(self, visit: Visit) -> None:
        """Nothing about the person is needed any more."""
        del self.people[visit.user]

    # ---- rules --------------------------------------------------------------------------------------------------

    async def probe(self, visit: Visit | None, service: str | None, path: str, /) -> Answer:
        """Ask a service for a rule, outside of the story: no faults, and no time passes for anybody."""
        if visit is not None:
            self.people[visit.user].call += 1
        name = service or next(iter(self._servers), "")
        server = self._servers.get(name)
        if server is None:
            return never_came(PROBE, "connection_error")
        target = server.prefix + (path if path.startswith("/") else f"/{path}")
        sent = encode(server, Message("GET", target, (("accept", "application/json, */*"),), b""))
        exchange = self.client.send(server, sent.data)
        await self.answer_of(exchange, self.loop.time() + PROBE_S)
        if exchange.complete:
            answer: Answer = LiveAnswer(
                PROBE, answer_name(exchange.status, {}), exchange.status, exchange.headers, exchange.body
            )  # fmt: skip
        else:
            exchange.drop()
            answer = never_came(PROBE, exchange.error or "timeout")
        if visit is not None:
            self._probed(self.people[visit.user], target, answer)
        return answer

    def _probed(self, person: Person, target: str, answer: Answer) -> None:
        number = sum(row["step"] == PROBE for row in person.rows)
        row: dict[str, Any] = {"step": PROBE, "attempt": number, "method": "GET", "target": target}
        person.rows.append({**row, **answer_row(answer), "due_us": person.visit.now})

    def python(self, _visit: Visit | None, _target: str, /) -> Any:
        """There is no application in this process; rules that speak of one are not asked on this target."""
        return None
