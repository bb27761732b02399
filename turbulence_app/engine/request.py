"""Requests of one visit: think, attempts, waiting, retries. How an attempt goes is the port's."""

from __future__ import annotations

from turbulence_app.domain.trace import EventKind
from turbulence_app.engine.answers import MISSING, Answer, jsonpath
from turbulence_app.engine.asking import Asking
from turbulence_app.engine.mixing import mark
from turbulence_app.engine.nodes import FOREVER, Plan, Request, WaitRule
from turbulence_app.engine.port import Port
from turbulence_app.engine.scalar import evaluate
from turbulence_app.engine.visit import EndOfVisit, Visit


class RequestRunner:
    """Runs ``http``, ``grpc`` and ``wait`` steps for one visit."""

    def __init__(self, plan: Plan, visit: Visit, port: Port, asking: Asking) -> None:
        self.plan, self.visit, self.port, self.asking = plan, visit, port, asking

    async def run(self, node: Request, number: int) -> None:
        """One visit of the step, think time apart."""
        visit, draws = self.visit, self.visit.draws
        if node.delays != (None, None):
            await self._delay(node, number)
        patience = FOREVER
        sampler = self.plan.personas[visit.persona].step_patience
        if sampler is not None and node.wait is None:
            patience = draws.sample(sampler, node.name, node.site, number, 0, "patience")
        if node.wait is not None:
            await self._poll(node, node.wait, number)
        else:
            await self._try(node, number, patience)
        state = visit.state[node.number]
        if state.failed:
            visit.note("step_failed", node.name, number, detail=state.answer.name)
            if self.plan.stop_on_failure:
                raise EndOfVisit("failed", "step_failed")

    async def pass_time(self, us: int) -> None:
        """Let time pass; the visit may end of it, at the moment when its patience is over."""
        visit = self.visit
        if visit.now + us > visit.deadline:
            await self.port.pass_time(visit, visit.deadline - visit.now)
            visit.late()
        await self.port.pass_time(visit, us)

    async def _delay(self, node: Request, number: int) -> None:
        """The original's variation of timing, before the request."""
        took = 0
        for sampler, purpose in zip(node.delays, ("jitter", "step_delay"), strict=True):
            if sampler is not None:
                took += self.visit.draws.sample(sampler, node.name, node.site, number, 0, purpose)
        await self.pass_time(took)

    async def _try(self, node: Request, number: int, patience: int) -> None:
        """Attempts until one succeeds or nobody wants to go on."""
        visit, state = self.visit, self.visit.state[node.number]
        k = 0
        while True:
            await self._attempt(node, number, k, patience)
            state.failed = state.answer.failed
            if not state.failed or not self._again(node, k):
                return
            visit.note("retry", node.name, number, k + 1)
            if node.rule is not None:
                pause = node.rule.pauses[k]
                visit.note_at(visit.now + pause, "backoff", node.name, number, k + 1, took_us=pause)
                await self.pass_time(pause)
            k += 1

    def _again(self, node: Request, k: int) -> bool:
        """Whether a failed attempt k is followed by another: by the policy, or by the step's own rule."""
        if k < node.retries[self.visit.persona]:
            return True
        rule = node.rule
        if rule is None or k + 1 >= rule.attempts:
            return False
        return rule.again(self.visit.state[node.number].answer)

    async def _poll(self, node: Request, wait: WaitRule, number: int) -> None:
        """Ask until the expectation holds; the step fails when the next question would come too late."""
        visit, state = self.visit, self.visit.state[node.number]
        started, k = visit.now, 0
        while True:
            await self._attempt(node, number, k, FOREVER)
            answer = state.answer
            if wait.check is None:
                holds = not answer.failed
            else:
                holds = wait.check.by_answer(answer) and wait.check.by_visit(lambda t: evaluate(t, visit.look_up))
            state.failed = not holds
            if holds or visit.now + wait.interval_us - started > wait.timeout_us:
                return
            await self.pass_time(wait.interval_us)
            k += 1

    async def _attempt(self, node: Request, number: int, k: int, patience: int) -> None:
        """One request, and the wait for its answer."""
        visit, state = self.visit, self.visit.state[node.number]
        asked = visit.now
        state.attempts += 1
        visit.note("request", node.name, number, k)
        noted = len(visit.events)
        reply = await self.port.attempt(visit, node, number, k, patience)
        visit.now = asked
        if reply.changed is not None:
            visit.made_difference(noted, reply.changed)
        visit.acted(node, number, k, reply.acts)
        wait, answer = reply.waited_us, reply.answer
        visit.now = asked + wait
        if reply.ended:
            visit.now = visit.deadline
            visit.stir(mark(node.site, number, k) ^ reply.acts << 56 ^ asked << 8)
            raise EndOfVisit("abandoned", "visit_patience")
        state.waited = wait
        state.answer = visit.answer = answer
        state.counts[answer.name] = state.counts.get(answer.name, 0) + 1
        state.failures += answer.failed
        kind: EventKind = "give_up" if answer.name == "gave_up" and not answer.came else "answer"
        visit.note(kind, node.name, number, k, answer.name, status=answer.status, waited_us=wait)
        visit.stir(mark(node.site, number, k) ^ answer.code << 48 ^ reply.acts << 56 ^ asked << 8)
        if answer.digest:
            visit.stir(answer.digest)
        if answer.came and not answer.failed:
            self._extract(node, answer)
            if answer.status is not None and answer.status < 300:
                self.asking.succeeded(node)

    def _extract(self, node: Request, answer: Answer) -> None:
        variables = self.visit.variables
        if node.wire is not None:
            found = [(name, jsonpath(answer.json, path)) for name, path in node.wire.extract]
        else:
            found = [(name, values.get(answer.code, MISSING)) for name, values in node.extract]
        for name, value in found:
            variables[name] = self.visit.first_value(name) if value is MISSING else value
