"""Requests of one visit: think, attempts, faults, waiting, retries."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.trace import EventKind
from turbulence_app.engine.answers import MISSING
from turbulence_app.engine.mixing import mark
from turbulence_app.engine.nodes import CERTAIN, FOREVER, FaultPlan, Plan, Request, WaitRule
from turbulence_app.engine.scalar import Lookup, evaluate, truth
from turbulence_app.engine.visit import EndOfVisit, Visit

NEVER = CERTAIN - 1
"""The neutral word of whatever strikes below a threshold."""


@dataclass(slots=True)
class _Attempt:
    """How one attempt goes on the service's side. Times in microseconds since the request."""

    latency: int
    code: int
    acts: int
    comes: bool
    limit: int
    struck: int = 0


class RequestRunner:
    """Runs ``http``, ``grpc`` and ``wait`` steps for one visit."""

    def __init__(self, plan: Plan, visit: Visit, look_up: Lookup) -> None:
        self.plan, self.visit, self.look_up = plan, visit, look_up

    def run(self, node: Request, number: int) -> None:
        """One visit of the step."""
        visit, draws = self.visit, self.visit.draws
        visit.think(node.think[visit.persona], node, number)
        self._delay(node, number)
        patience = FOREVER
        sampler = self.plan.personas[visit.persona].step_patience
        if sampler is not None and node.wait is None:
            patience = draws.sample(sampler, node.name, node.site, number, 0, "patience")
        if node.wait is not None:
            self._poll(node, node.wait, number)
        else:
            self._try(node, number, patience)
        state = visit.state[node.number]
        if state.failed:
            visit.note("step_failed", node.name, number, detail=self.plan.answers[state.answer].name)
            if self.plan.stop_on_failure:
                raise EndOfVisit("failed", "step_failed")

    def _delay(self, node: Request, number: int) -> None:
        """The original's variation of timing, before the request."""
        visit = self.visit
        if node.delays == (None, None):
            return
        for sampler, purpose in zip(node.delays, ("jitter", "step_delay"), strict=True):
            if sampler is not None:
                visit.now += visit.draws.sample(sampler, node.name, node.site, number, 0, purpose)
        visit.check_patience()

    def _try(self, node: Request, number: int, patience: int) -> None:
        """Attempts until one succeeds or nobody wants to go on."""
        visit, state = self.visit, self.visit.state[node.number]
        k = 0
        while True:
            self._attempt(node, number, k, patience)
            state.failed = self.plan.answers[state.answer].failed
            if not state.failed or not self._again(node, k):
                return
            visit.note("retry", node.name, number, k + 1)
            if node.rule is not None:
                visit.now += node.rule.pauses[k]
                visit.note("backoff", node.name, number, k + 1, took_us=node.rule.pauses[k])
                visit.check_patience()
            k += 1

    def _again(self, node: Request, k: int) -> bool:
        """Whether a failed attempt k is followed by another: by the policy, or by the step's own rule."""
        if k < node.retries[self.visit.persona]:
            return True
        rule = node.rule
        if rule is None or k + 1 >= rule.attempts:
            return False
        answer = self.plan.answers[self.visit.state[node.number].answer]
        return answer.status in rule.statuses if answer.came else rule.on_timeout and answer.name == "timeout"

    def _poll(self, node: Request, wait: WaitRule, number: int) -> None:
        """Ask until the expectation holds; the step fails when the next question would come too late."""
        visit, state = self.visit, self.visit.state[node.number]
        started, k = visit.now, 0
        while True:
            self._attempt(node, number, k, FOREVER)
            answer = self.plan.answers[state.answer]
            if wait.check is None:
                holds = not answer.failed
            else:
                holds = wait.check.by_answer(answer) and wait.check.by_visit(lambda t: evaluate(t, self.look_up))
            state.failed = not holds
            if holds or visit.now + wait.interval_us - started > wait.timeout_us:
                return
            visit.now += wait.interval_us
            visit.check_patience()
            k += 1

    def _attempt(self, node: Request, number: int, k: int, patience: int) -> None:
        """One request, and the wait for its answer."""
        visit, plan, state = self.visit, self.plan, self.visit.state[node.number]
        asked = visit.now
        state.attempts += 1
        visit.note("request", node.name, number, k)
        attempt = self._answer(node, number, k)
        self._strike(node, number, k, attempt)
        before = state.effects
        state.effects = min(before + attempt.acts, 1) if node.idempotent else before + attempt.acts
        if attempt.acts:
            visit.note("effect", node.name, number, k, f"the service acts ({state.effects} in all)", times=attempt.acts)
        answered = attempt.latency if attempt.comes else FOREVER
        wait = min(answered, attempt.limit, patience)
        if visit.deadline - asked < wait:
            visit.now = visit.deadline
            visit.stir(mark(node.site, number, k) ^ attempt.acts << 56 ^ asked << 8)
            raise EndOfVisit("abandoned", "visit_patience")
        visit.now = asked + wait
        state.waited = wait
        if answered > wait:
            state.answer = node.timeout_code if attempt.limit <= patience else node.gave_up_code
        else:
            state.answer = attempt.code
        visit.answer = state.answer
        answer = plan.answers[state.answer]
        state.counts[answer.name] = state.counts.get(answer.name, 0) + 1
        state.failures += answer.failed
        kind: EventKind = "give_up" if state.answer == node.gave_up_code else "answer"
        visit.note(kind, node.name, number, k, answer.name, status=answer.status, waited_us=wait)
        visit.stir(mark(node.site, number, k) ^ state.answer << 48 ^ attempt.acts << 56 ^ asked << 8)
        if answer.came and not answer.failed:
            self._extract(node, state.answer)

    def _answer(self, node: Request, number: int, k: int) -> _Attempt:
        """What the service would answer if nothing went wrong on the way."""
        draws = self.visit.draws
        latency = draws.sample(node.latency, node.name, node.site, number, k, "latency")
        code = node.codes[0]
        if len(node.codes) > 1:
            word = draws.word(node.name, node.site, number, k, "outcome", neutral=_best(node, self.plan))
            code = node.codes[sum(word >= cut for cut in node.cuts)]
            draws.meant(self.plan.answers[code].name)
        answer = self.plan.answers[code]
        acts = int(answer.came and answer.status is not None and 200 <= answer.status < 300)
        return _Attempt(latency, code, acts, answer.came, node.limit_us)

    def _strike(self, node: Request, number: int, k: int, attempt: _Attempt) -> None:
        """Let the faults act, in the order of their list."""
        if not node.faults or any(self._applies(q, node) for q in node.quiet):
            return
        visit, draws = self.visit, self.visit.draws
        for fault in node.faults:
            if not self._applies(fault, node) or fault.threshold == 0:
                continue
            if fault.threshold < CERTAIN:
                word = draws.word(node.name, node.site, number, k, f"fault{fault.number}", neutral=NEVER)
                struck = word < fault.threshold
                draws.meant(struck)
                if not struck:
                    continue
            added = 0
            if fault.add is not None:
                added = draws.sample(fault.add, node.name, node.site, number, k, f"fault{fault.number}_add")
            visit.faults |= 1 << fault.number
            attempt.struck |= 1 << fault.number
            visit.note("fault", node.name, number, k, fault.label, fault=fault.kind)
            self._distort(node, fault, added, attempt)

    def _distort(self, node: Request, fault: FaultPlan, added: int, attempt: _Attempt) -> None:
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

    def _applies(self, fault: FaultPlan, node: Request) -> bool:
        """Whether a fault may meet this attempt (before its own draw)."""
        visit = self.visit
        if fault.personas is not None and visit.persona not in fault.personas:
            return False
        if fault.nth is not None and visit.state[node.number].attempts != fault.nth:
            return False
        if fault.windowed and not fault.start_us <= visit.arrived + visit.now <= fault.stop_us:
            return False
        return fault.when is None or truth(fault.when, self.look_up)

    def _extract(self, node: Request, code: int) -> None:
        for name, values in node.extract:
            value = values.get(code, MISSING)
            if value is MISSING:
                value = self.visit.first_value(name)
            self.visit.variables[name] = value


def _best(node: Request, plan: Plan) -> int:
    """A word that draws the likeliest outcome that is not a failure (the likeliest of all, if all are)."""
    lows = (0, *node.cuts[:-1])
    places = range(len(node.cuts))
    best = max(places, key=lambda i: (not plan.answers[node.codes[i]].failed, node.cuts[i] - lows[i], -i))
    return (lows[best] + node.cuts[best]) // 2
