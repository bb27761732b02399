"""Faults of the http target: what goes wrong between a person and a live service, on the person's side of the wire.

Whatever can be real is: a lost answer belongs to a request that was sent, a duplicate is sent twice, a reset tears a
socket down. The service itself is left alone, so ``crash`` and ``clock_skew`` are refused.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from turbulence_app.domain.errors import InputError
from turbulence_app.engine.answers import LiveAnswer, answer_name, never_came
from turbulence_app.engine.live.client import Server
from turbulence_app.engine.live.exchange import CONNECTION, Exchange
from turbulence_app.engine.live.person import Attempt
from turbulence_app.engine.nodes import FaultPlan, Request
from turbulence_app.engine.port import Reply
from turbulence_app.engine.visit import Visit

if TYPE_CHECKING:
    from turbulence_app.engine.live.port import HttpPort

Struck: TypeAlias = Iterable[tuple[FaultPlan, int]]
REFUSED = {
    "crash": "Turbulence does not run the service; crash it yourself, or use the app target",
    "clock_skew": "the service's clock is its own; use the app target",
}
UNSENT = frozenset({"request_lost", "partition", "timeout"})
SLOW = frozenset({"latency", "gray"})
HOLD_S = 0.25
"""How long a reordered request waits for another one to pass it."""
HALF = 1 << 31
REMEMBERED = 1000
"""First answers that stale reads can give again."""


def refuse(faults: Iterable[FaultPlan]) -> None:
    """Raise :class:`InputError` for a fault that cannot strike a live service."""
    for fault in faults:
        if fault.kind in REFUSED:
            raise InputError(f"fault {fault.label} cannot strike a live service", REFUSED[fault.kind])


class Trouble:
    """Lets faults act on the attempts of one run."""

    def __init__(self, port: HttpPort) -> None:
        self._port = port
        self._held: dict[Server, list[asyncio.Future[None]]] = {}
        self._first: dict[tuple[Server, str], tuple[int, dict[str, str], bytes]] = {}

    def passed(self, server: Server) -> None:
        """A request left for a server: whoever is held back there goes after it."""
        for waiting in self._held.pop(server, ()):
            _release(waiting)

    async def attempt(self, attempt: Attempt, struck: Struck) -> Reply:
        """An attempt that faults strike, in the order of their list."""
        port, faults = self._port, list(struck)
        added = sum(us for fault, us in faults if fault.kind in SLOW)
        slow = _bits(fault for fault, us in faults if fault.kind in SLOW and us)
        lost = [fault for fault, _ in faults if fault.kind in UNSENT]
        if lost:
            return await self._never_sent(attempt, lost)
        broken = next((fault for fault, _ in faults if fault.kind == "error_status"), None)
        if broken is not None:
            return await self._refused(attempt, broken, added, slow)
        held = [fault for fault, _ in faults if fault.kind == "reorder"]
        changed = slow | (_bits(held) if held and await self._overtaken(attempt) else 0)
        reset = next((fault for fault, _ in faults if fault.kind == "connection_reset"), None)
        if reset is not None:
            return await self._reset(attempt, reset, changed)
        exchange = port.send(attempt)
        copies = [fault for fault, _ in faults if fault.kind == "duplicate"]
        second = [port.send(attempt, again=True) for _ in copies]
        mute = [fault for fault, _ in faults if fault.kind == "response_lost"]
        if mute:
            await port.sleep_until(attempt.over)
            acts, copied = await self._copied(attempt, copies, second)
            changed |= copied | (_bits(mute) if exchange.answered else 0)
            return port.given_up(attempt, late=exchange, acts=acts, changed=changed)
        await port.answer_of(exchange, attempt.over)
        if not port.in_time(attempt, exchange):
            acts, copied = await self._copied(attempt, copies, second)
            return port.given_up(attempt, late=exchange, acts=acts, changed=changed | copied)
        first = int(exchange.complete and exchange.succeeded)
        if exchange.complete:
            changed |= self._spoil(attempt, exchange, [fault for fault, _ in faults])
        if added:
            exchange.answered += added / 1e6
            await port.sleep_until(min(exchange.answered, attempt.over))
        acts, copied = await self._copied(attempt, copies, second)
        if not port.in_time(attempt, exchange):
            return port.given_up(attempt, acts=first + acts, changed=changed | copied)
        return port.answered(attempt, exchange, acts=first + acts, changed=changed | copied)

    # ---- faults that keep the request back ----------------------------------------------------------------------

    async def _never_sent(self, attempt: Attempt, lost: list[FaultPlan]) -> Reply:
        """The request never reaches the service; the person waits in vain."""
        attempt.limit_us = min(attempt.limit_us, *(fault.timeout_us for fault in lost))
        attempt.wait_us = min(attempt.wait_us, attempt.limit_us)
        await self._port.sleep_until(attempt.over)
        return self._port.given_up(attempt, changed=_bits(lost), why="")

    async def _refused(self, attempt: Attempt, fault: FaultPlan, added: int, slow: int) -> Reply:
        """Something in front of the service answers with an error; the service hears of nothing."""
        port, name = self._port, attempt.node.name
        changed = slow | _bits([fault])
        moment = attempt.person.due + added / 1e6
        await port.sleep_until(min(moment, attempt.over))
        if moment > attempt.over:
            return port.given_up(attempt, changed=changed)
        names = attempt.node.wire.names if attempt.node.wire is not None else {}
        answer = LiveAnswer(name, answer_name(fault.status, names), fault.status, {}, b"")
        return port.reply(attempt, answer, added, 0, changed, "")

    async def _overtaken(self, attempt: Attempt) -> bool:
        """Hold a request back until another one passes it; false where none came."""
        waiting: asyncio.Future[None] = self._port.loop.create_future()
        server = self._port.server(attempt)
        self._held.setdefault(server, []).append(waiting)
        until = min(attempt.over, self._port.loop.time() + HOLD_S)
        timer = self._port.loop.call_at(until, _release, waiting)
        try:
            await waiting
        finally:
            timer.cancel()
        others = self._held.get(server, [])
        if waiting not in others:
            return True
        others.remove(waiting)
        return False

    # ---- faults on the connection -------------------------------------------------------------------------------

    async def _reset(self, attempt: Attempt, fault: FaultPlan, changed: int) -> Reply:
        """The socket is torn down: half of the time before the whole request is out, else when the answer begins."""
        port, visit, node = self._port, attempt.person.visit, attempt.node
        changed |= _bits([fault])
        if took_effect(visit, node, attempt.number, attempt.k, fault):
            exchange = port.send(attempt, reset_on_answer=True)
            await port.answer_of(exchange, attempt.over)
            if not port.in_time(attempt, exchange):
                return port.given_up(attempt, late=exchange, changed=changed)
            return port.answered(attempt, exchange, acts=int(exchange.succeeded), changed=changed)
        sender, sent = port.sender(attempt), port.prepared(attempt)
        try:
            connection = await port.client.open(sender.server)
        except (OSError, TimeoutError) as error:
            why = f"no connection: {error}"
        else:
            assert connection.transport is not None
            connection.transport.write(sent.data[: max(1, len(sent.data) // 2)])
            connection.abort()
            why = "the connection was reset (a fault)"
        moment = port.loop.time()
        answer = never_came(node.name, CONNECTION)
        return port.reply(attempt, answer, min(attempt.wait_us, port.waited(attempt, moment)), 0, changed, why)

    async def _copied(self, attempt: Attempt, faults: list[FaultPlan], copies: list[Exchange]) -> tuple[int, int]:
        """Wait for the copies of a request: how often the service acted on them, and the faults that mattered."""
        acts = changed = 0
        until = max(attempt.over, self._port.loop.time())
        for fault, copy in zip(faults, copies, strict=True):
            await self._port.answer_of(copy, until)
            if copy.complete and copy.succeeded:
                acts, changed = acts + 1, changed | _bits([fault])
            elif not copy.answered:
                self._port.listen(attempt, copy)
        return acts, changed

    # ---- faults on the answer -----------------------------------------------------------------------------------

    def _spoil(self, attempt: Attempt, exchange: Exchange, faults: list[FaultPlan]) -> int:
        """What the person sees of an answer that came; returns the faults that made a difference."""
        changed = 0
        for fault in faults:
            before = exchange.status, exchange.body
            if fault.kind == "stale_read":
                self._stale(attempt, exchange)
            elif fault.kind == "truncated_body":
                kept = len(exchange.body) // 2 if fault.keep_bytes is None else fault.keep_bytes
                exchange.body = exchange.body[:kept]
            elif fault.kind == "corrupt_body" and exchange.body:
                exchange.body = corrupted(exchange.body, f"{attempt.node.name}#{attempt.number}.{attempt.k}")
            changed |= _bits([fault]) if before != (exchange.status, exchange.body) else 0
        return changed

    def _stale(self, attempt: Attempt, exchange: Exchange) -> None:
        """What the service answered to the same question when it was first asked (only questions: GET and HEAD)."""
        sent = attempt.sent
        if sent is None or sent.method not in ("GET", "HEAD"):
            return
        old = self._first.get((self._port.server(attempt), sent.target))
        if old is not None:
            exchange.status, exchange.headers, exchange.body = old

    def seen(self, attempt: Attempt, exchange: Exchange) -> None:
        """Remember the first answer to a question, for stale reads."""
        sent = attempt.sent
        if sent is not None and sent.method in ("GET", "HEAD") and len(self._first) < REMEMBERED:
            key = self._port.server(attempt), sent.target
            self._first.setdefault(key, (exchange.status, exchange.headers, exchange.body))


def took_effect(visit: Visit, node: Request, number: int, k: int, fault: FaultPlan) -> bool:
    """Whether a connection is reset only after the service has acted: drawn, one time in two."""
    word = visit.draws.word(node.name, node.site, number, k, f"{fault.purpose}_acts", neutral=0)
    visit.draws.meant(word < HALF)
    return word < HALF


def corrupted(body: bytes, where: str) -> bytes:
    """The body with one byte in a hundred (at least one) turned into another; the same ones every time."""
    spoiled = bytearray(body)
    seed = hashlib.sha256(where.encode()).digest()
    for i in range(max(1, len(body) // 100)):
        word = int.from_bytes(hashlib.sha256(seed + i.to_bytes(4, "little")).digest()[:8], "little")
        spoiled[word % len(body)] ^= 1 + (word >> 40) % 255
    return bytes(spoiled)


def _release(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _bits(faults: Iterable[FaultPlan]) -> int:
    found = 0
    for fault in faults:
        found |= 1 << fault.number
    return found
