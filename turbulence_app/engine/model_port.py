"""The model target's port: services are distributions, time is a number, and nothing ever has to be waited for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from turbulence_app.engine.answers import NOTHING_YET, Answer
from turbulence_app.engine.nodes import FOREVER, FaultPlan, Plan, Request
from turbulence_app.engine.port import Reply, WorldState
from turbulence_app.engine.strikes import strikes
from turbulence_app.engine.visit import Visit


@dataclass(slots=True)
class _Attempt:
    """How one attempt goes on the service's side. Times in microseconds since the request."""

    latency: int
    code: int
    acts: int
    comes: bool
    limit: int


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
        attempt = self._answer(visit, node, number, k)
        if node.faults:
            for fault, added in strikes(visit, node, number, k):
                _distort(node, fault, added, attempt)
        answered = attempt.latency if attempt.comes else FOREVER
        wait = min(answered, attempt.limit, patience_us)
        left = visit.deadline - visit.now
        if left < wait:
            return Reply(NOTHING_YET, left, attempt.acts, ended=True)
        code = attempt.code
        if answered > wait:
            code = node.timeout_code if attempt.limit <= patience_us else node.gave_up_code
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
            word = draws.word(node.name, node.site, number, k, "outcome", neutral=_best(node, answers))
            code = node.codes[sum(word >= cut for cut in node.cuts)]
            draws.meant(answers[code].name)
        answer = answers[code]
        acts = int(answer.came and answer.status is not None and 200 <= answer.status < 300)
        return _Attempt(latency, code, acts, answer.came, node.limit_us)


def _distort(node: Request, fault: FaultPlan, added: int, attempt: _Attempt) -> None:
    """What a struck fault does to an attempt."""
    match fault.kind:
        case "latency":
            attempt.latency += added
        case "request_lost":
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


def _best(node: Request, answers: tuple[Answer, ...]) -> int:
    """A word that draws the likeliest outcome that is not a failure (the likeliest of all, if all are)."""
    lows = (0, *node.cuts[:-1])
    places = range(len(node.cuts))
    best = max(places, key=lambda i: (not answers[node.codes[i]].failed, node.cuts[i] - lows[i], -i))
    return (lows[best] + node.cuts[best]) // 2
