"""One visit in plain Python: the readable definition of what a plan means, on every target.

:mod:`turbulence_app.engine.crowd` gives the same bits for many users of the model target at once; a property test keeps
the two equal. Replay and shrink use this one. What depends on the target goes through a
:class:`~turbulence_app.engine.port.Port`; on the model target nothing ever suspends.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.asking import Asking
from turbulence_app.engine.draws import Draws
from turbulence_app.engine.mixing import START, mark, mix
from turbulence_app.engine.model_port import ModelPort
from turbulence_app.engine.nodes import (
    FOREVER,
    OUTCOMES,
    REASONS,
    Choose,
    Fill,
    Finish,
    Loop,
    Pause,
    Plan,
    PlanNode,
    Request,
    Split,
    Verify,
)
from turbulence_app.engine.port import Port
from turbulence_app.engine.purposes import USER_SITE, site
from turbulence_app.engine.quantiles import Sampler
from turbulence_app.engine.request import RequestRunner
from turbulence_app.engine.scalar import evaluate, truth
from turbulence_app.engine.visit import NOBODY_OFF, EndOfVisit, Visit

_USER = site(USER_SITE)


def run_user(plan: Plan, user: int, *, choices: Mapping[str, int] | None = None, neutral: bool = False) -> UserTrace:
    """Everything that one user does.

    ``choices`` replaces draws by address (``step#visit.attempt:purpose``); with ``neutral`` every other draw takes its
    neutral value: nothing goes wrong, durations are middling, decisions are the likeliest.
    """
    return execute_user(plan, user, choices=choices, neutral=neutral).trace()


def execute_user(plan: Plan, user: int, *, choices: Mapping[str, int] | None = None, neutral: bool = False) -> Visit:
    """As :func:`run_user`, without building the trace: what shrinking calls many times. For the model target."""
    running = visit_user(plan, user, ModelPort(plan), choices=choices, neutral=neutral)
    try:
        running.send(None)
    except StopIteration as done:
        visit: Visit = done.value
        return visit
    raise AssertionError("a visit of the model target suspended")


async def visit_user(
    plan: Plan,
    user: int,
    port: Port,
    *,
    choices: Mapping[str, int] | None = None,
    neutral: bool = False,
    faults: frozenset[int] | None = None,
) -> Visit:
    """One visit on any target.

    ``choices`` are this user's, by address without the user's number; ``faults`` are the numbers of those that are on
    (None: all).
    """
    off = NOBODY_OFF if faults is None else frozenset(f.number for f in plan.faults) - faults
    visit = Visit(plan, user, Draws(plan.seed, user, choices or {}, neutral), port, off)
    return await _Interpreter(plan, visit, port).run()


class Watcher(Protocol):
    """Told how one visit goes while it goes; must change nothing."""

    def came(self, visit: Visit, node: PlanNode) -> None:
        """A step begins."""

    def chose(self, visit: Visit, node: Choose, case: int | None, word: int, option: int) -> None:
        """A decision was drawn, with the weights of this case (None: the usual ones)."""


def watched_user(plan: Plan, user: int, watcher: Watcher) -> Visit:
    """As :func:`execute_user`, with somebody who looks on. For the model target."""
    port = ModelPort(plan)
    visit = Visit(plan, user, Draws(plan.seed, user, {}, neutral=False), port, NOBODY_OFF)
    running = _Interpreter(plan, visit, port, watcher).run()
    try:
        running.send(None)
    except StopIteration:
        return visit
    raise AssertionError("a visit of the model target suspended")


class _Interpreter:
    """Walks the flow for one visit."""

    def __init__(self, plan: Plan, visit: Visit, port: Port, watcher: Watcher | None = None) -> None:
        self.plan, self.visit, self.port, self.watcher = plan, visit, port, watcher
        self.asking = Asking(plan, visit, port)
        self.requests = RequestRunner(plan, visit, port, self.asking)
        self.look_up = visit.look_up

    async def run(self) -> Visit:
        """The whole visit."""
        visit, plan = self.visit, self.plan
        self._arrive()
        if self.port.world is not None:
            self.port.world.visits[visit.user] = visit
        await self.port.begin(visit)
        try:
            await self._steps(plan.flow, 0)
            visit.end("completed", "")
        except EndOfVisit as end:
            visit.end(end.outcome, end.reason)
        last = -1 if visit.last is None else visit.last.number
        code = OUTCOMES.index(visit.outcome or "failed") << 8 | REASONS.index(visit.reason)
        visit.fingerprint = mix(visit.fingerprint, visit.now ^ code << 48 ^ (last + 1) << 32)
        await self.asking.at_end()
        return visit

    def _arrive(self) -> None:
        visit, plan, draws = self.visit, self.plan, self.visit.draws
        word = draws.word(USER_SITE, _USER, 0, 0, "persona", neutral=0)
        while word >= plan.personas[visit.persona].cut:
            visit.persona += 1
        draws.meant(plan.personas[visit.persona].name)
        visit.arrived = plan.arrival.earliest(visit.user)
        if plan.arrival.draws:
            visit.arrived = plan.arrival.one(visit.user, draws.word(USER_SITE, _USER, 0, 0, "arrival"))
            draws.meant(visit.arrived)
        patience = plan.personas[visit.persona].visit_patience
        visit.deadline = FOREVER
        if patience is not None:
            visit.deadline = draws.sample(patience, USER_SITE, _USER, 0, 0, "visit_patience")
        for initial in plan.initials.values():
            visit.initial[initial.name] = self._initial(initial.kinds[visit.persona], initial.address, initial.site)
        visit.variables.update(visit.initial)
        visit.fingerprint = mix(START, visit.arrived ^ (visit.persona + 1) << 52)
        visit.note("arrive", detail=plan.personas[visit.persona].name)

    def _initial(self, kind: tuple[str, Any], address: str, place: int) -> Any:
        what, given = kind
        if what == "value":
            return given
        draws = self.visit.draws
        value: Any
        if what == "toggle":
            value = draws.word(address, place, 0, 0, "value", neutral=(1 << 32) - 1) < given
        elif what == "range":
            low, high = given
            value = low + ((high - low + 1) * draws.word(address, place, 0, 0, "value", neutral=0) >> 32)
        else:
            value = given[len(given) * draws.word(address, place, 0, 0, "value", neutral=0) >> 32]
        draws.meant(value)
        return value

    # ---- the flow -----------------------------------------------------------------------------------------------

    async def _steps(self, nodes: tuple[PlanNode, ...], number: int) -> None:
        visit = self.visit
        for node in nodes:
            if node.guard is not None and not truth(node.guard, self.look_up):
                visit.note("skip", node.name, number)
                continue
            if visit.steps >= self.plan.max_steps:
                raise EndOfVisit("failed", "max_steps")
            visit.steps += 1
            visit.last = node
            visit.path.append(node.number)
            visit.moments.append(visit.now)
            visit.state[node.number].visits += 1
            if self.watcher is not None:
                self.watcher.came(visit, node)
            match node:
                case Split():
                    taken = truth(node.condition, self.look_up)
                    visit.note("branch", node.name, number, detail="true" if taken else "false")
                    await self.asking.after_step(node.number)
                    await self._steps(node.if_true if taken else node.if_false, number)
                case Loop():
                    await self.asking.after_step(node.number)
                    await self._loop(node, number)
                case _:
                    await self._step(node, number)
                    await self.asking.after_step(node.number)

    async def _loop(self, node: Loop, number: int) -> None:
        for i in range(node.times):
            if not truth(node.condition, self.look_up):
                return
            inner = number * node.times + i
            self.visit.note("loop", node.name, inner, detail=f"round {i + 1}")
            await self._steps(node.body, inner)

    async def _step(self, node: PlanNode, number: int) -> None:
        match node:
            case Request():
                await self._ask(node, number)
            case Choose():
                self._choose(node, number)
            case Fill():
                await self._fill(node, number)
            case Pause():
                await self._think(node.time[self.visit.persona], node, number)
                self.visit.stir(mark(node.site, number, 0))
            case Verify():
                self._verify(node, number)
            case Finish():
                raise EndOfVisit(node.outcome, "left" if node.outcome == "abandoned" else "end")

    async def _ask(self, node: Request, number: int) -> None:
        await self._think(node.think[self.visit.persona], node, number)
        await self.requests.run(node, number)

    async def _think(self, sampler: Sampler, node: PlanNode, number: int) -> None:
        """Let think time pass; the visit may end of it."""
        if sampler.constant and not sampler.low:
            return
        took = self.visit.draws.sample(sampler, node.name, node.site, number, 0, "think")
        self.visit.note("think", node.name, number, took_us=took)
        await self.requests.pass_time(took)

    def _choose(self, node: Choose, number: int) -> None:
        visit = self.visit
        cuts, case = node.cuts[visit.persona], None
        for number_of_case, (when, other) in enumerate(node.cases[visit.persona]):
            if truth(when, self.look_up):
                cuts, case = other, number_of_case
                break
        word = visit.draws.word(node.name, node.site, number, 0, "choice", neutral=_likeliest(cuts))
        option = sum(word >= cut for cut in cuts)
        if self.watcher is not None:
            self.watcher.chose(visit, node, case, word, option)
        visit.variables[node.output] = node.options[option]
        visit.draws.meant(node.options[option])
        visit.note("decide", node.name, number, detail=node.options[option], output=node.output)
        visit.stir(mark(node.site, number, 0) ^ option << 52)

    async def _fill(self, node: Fill, number: int) -> None:
        visit, draws, persona = self.visit, self.visit.draws, self.visit.persona
        await self._think(node.think[persona], node, number)
        total = 0
        for i, field in enumerate(node.fields):
            never = (1 << 32) - 1
            if not field.required:
                skipped = draws.word(node.name, node.site, number, i, "skip", neutral=0) < node.skip[persona]
                draws.meant(skipped)
                if skipped:
                    continue
            spent = field.chars * draws.sample(node.typing[persona], node.name, node.site, number, i, "typing")
            corrected = False
            if node.correction[persona] > 0:
                word = draws.word(node.name, node.site, number, i, "correction", neutral=never)
                corrected = word < node.correction[persona]
                draws.meant(corrected)
            total += spent + (spent >> 1 if corrected else 0)
            typed = visit.now + total
            visit.note_at(typed, "type", node.name, number, i, field.name, corrected=corrected, took_us=spent)
        await self.requests.pass_time(total)
        visit.stir(mark(node.site, number, 0))

    def _verify(self, node: Verify, number: int) -> None:
        visit = self.visit
        holds = node.check.by_answer(visit.answer) and node.check.by_visit(lambda tree: evaluate(tree, self.look_up))
        visit.state[node.number].failed = not holds
        visit.note("assert", node.name, number, detail="holds" if holds else "does not hold")
        visit.stir(mark(node.site, number, 0) ^ int(holds) << 52)
        if not holds:
            visit.assertion_failed = True
            if self.plan.stop_on_assertion:
                raise EndOfVisit("failed", "assertion_failed")


@lru_cache(maxsize=4096)
def _likeliest(cuts: tuple[int, ...]) -> int:
    """The word in the middle of the widest interval (the first, if several are equally wide)."""
    lows = (0, *cuts[:-1])
    best = max(range(len(cuts)), key=lambda i: (cuts[i] - lows[i], -i))
    return (lows[best] + cuts[best]) // 2
