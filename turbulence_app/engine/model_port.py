"""The model target's port: services are distributions, time is a number, and nothing ever has to be waited for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from turbulence_app.engine.answers import NOTHING_YET, Answer
from turbulence_app.engine.nodes import FOREVER, FaultPlan, Plan, Request
from turbulence_app.engine.port import Reply, WorldState
from turbulence_app.engine.strikes import HALF, NEVER, strikes
from turbulence_app.engine.visit import Visit


@dataclass(slots=True)
class _Attempt:
    """How one attempt goes on the service's side. Times in microseconds since the request."""

    latency: int
    code: int
    acts: int
    comes: bool
    limit: int
    cut: bool = False
    """The connection was refused or reset: nothing more can happen to the attempt."""


@dataclass(frozen=True, slots=True)
class _Strike:
    """One fault that struck: what it adds (microseconds), and whether the service had acted before a reset."""

    fault: FaultPlan
    added: int
    acted: bool = False


class ModelPort:
    """Answers from a plan's own distributions. Its coroutines never suspend."""

    world: WorldState | None = None

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    async def begin(self, visit: Visit) -> None:
        """Visits are independent: each has a clock of its own."""

    async def pass_time(self, visit: Visit, us: int) -> None:
        """Time passes at once."""
        visit.now += us

    async def attempt(self, visit: Visit, node: Request, number: int, k: int, patience_us: int) -> Reply:
        """One request, drawn."""
        base = self._answer(visit, node, number, k)
        left = visit.deadline - visit.now
        found = strikes(visit, node, number, k) if node.faults else None
        if not found:
            return self._reply(node, base, patience_us, left)
        struck = [_Strike(fault, added, _acted(visit, node, number, k, fault)) for fault, added in found]
        reply = self._reply(node, _distorted(node, base, struck), patience_us, left)
        without = [[s for s in struck if s is not one] for one in struck]
        others = [self._reply(node, _distorted(node, base, rest), patience_us, left) for rest in without]
        reply.changed = tuple(
            s.fault.number for s, other in zip(struck, others, strict=True) if _differ(node, other, reply)
        )
        return reply

    def _reply(self, node: Request, attempt: _Attempt, patience: int, left: int) -> Reply:
        """How an attempt ends for the person; ``left``: until the patience for the visit is over."""
        answered = attempt.latency if attempt.comes else FOREVER
        wait = min(answered, attempt.limit, patience)
        if left < wait:
            return Reply(NOTHING_YET, left, attempt.acts, ended=True)
        code = attempt.code
        if answered > wait:
            code = node.timeout_code if attempt.limit <= patience else node.gave_up_code
        return Reply(self.plan.answers[code], wait, attempt.acts)

    async def probe(self, _visit: Visit | None, _service: str | None, _path: str, /) -> Answer:
        """There is nothing to probe; rules that would are not asked on this target."""
        return NOTHING_YET

    def python(self, _visit: Visit | None, _target: str, /) -> Any:
        """There is no application; rules that speak of one are not asked on this target."""
        return None

    def _answer(self, visit: Visit, node: Request, number: int, k: int) -> _Attempt:
        """What the service would answer if nothing went wrong on the way."""
        draws, answers = visit.draws, self.plan.answers
        latency = draws.sample(node.latency, node.name, node.site, number, k, "latency")
        code = node.codes[0]
        if len(node.codes) > 1:
            word = draws.word(node.name, node.site, number, k, "outcome", neutral=node.best_word)
            code = node.codes[sum(word >= cut for cut in node.cuts)]
            draws.meant(answers[code].name)
        answer = answers[code]
        acts = int(answer.came and answer.status is not None and 200 <= answer.status < 300)
        return _Attempt(latency, code, acts, answer.came, node.limit_us)


def _differ(node: Request, one: Reply, two: Reply) -> bool:
    """Whether two ends of an attempt are not the same to anybody."""
    most = 1 if node.idempotent else FOREVER
    effects = min(one.acts, most) != min(two.acts, most)
    return effects or (one.answer, one.waited_us, one.ended) != (two.answer, two.waited_us, two.ended)


def _acted(visit: Visit, node: Request, number: int, k: int, fault: FaultPlan) -> bool:
    """Whether the service acted on an attempt before its connection was reset: one half of the times."""
    if fault.kind != "connection_reset":
        return False
    draws = visit.draws
    word = draws.word(node.name, node.site, number, k, fault.purpose + "_acts", neutral=NEVER)
    draws.meant(word < HALF)
    return word < HALF


def _distorted(node: Request, base: _Attempt, struck: list[_Strike]) -> _Attempt:
    """An attempt with the faults that struck it, in their order."""
    attempt = replace(base)
    for strike in struck:
        if not attempt.cut:
            _distort(node, strike, attempt)
    return attempt


def _distort(node: Request, strike: _Strike, attempt: _Attempt) -> None:
    """What one struck fault does to an attempt."""
    fault = strike.fault
    match fault.kind:
        case "latency" | "gray":
            attempt.latency += strike.added
        case "request_lost" | "partition":
            attempt.acts, attempt.comes = 0, False
        case "response_lost":
            attempt.comes = False
        case "timeout":
            attempt.acts, attempt.comes = 0, False
            attempt.limit = min(attempt.limit, fault.timeout_us)
        case "error_status":
            attempt.acts, attempt.code = 0, node.error_codes[fault.status]
        case "duplicate":
            attempt.acts *= 2
        case "crash" | "connection_reset":
            attempt.acts = attempt.acts if strike.acted else 0
            attempt.latency, attempt.comes, attempt.code, attempt.cut = 0, True, node.refused_code, True
