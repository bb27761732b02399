"""Invariants along one visit: when each is asked, what it remembers in between, and what was seen where it broke."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.expressions import Call
from turbulence_app.engine.build_rules import probe_of
from turbulence_app.engine.explain import explain, show, written
from turbulence_app.engine.nodes import Plan, Request, Rule
from turbulence_app.engine.port import Port
from turbulence_app.engine.scalar import evaluate, truth
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world_values import Probed, as_value, world_value


class Asking:
    """Asks a plan's rules of one visit.

    On the model target a rule is asked where the step may have changed its value; where real code answers, services act
    at any time, so every rule is asked after every step.
    """

    def __init__(self, plan: Plan, visit: Visit, port: Port) -> None:
        self.plan, self.visit, self.port = plan, visit, port
        self._schedule = _schedule(plan)
        self._everything: tuple[Rule, ...] = self._schedule[-1]
        self._fresh = True
        self._open: dict[str, int] = {}
        """Promises: when each was opened (microseconds of the visit)."""

    async def after_step(self, number: int) -> None:
        """A step was executed."""
        if self._fresh or self._open:
            rules, self._fresh = self._everything, False
        else:
            rules = self._schedule[number]
        if rules:
            await self._ask_all(rules)

    async def at_end(self) -> None:
        """The visit is over."""
        await self._ask_all(tuple(r for r in self.plan.rules if r.of_visits))
        for rule in self.plan.rules:
            opened = self._open.get(rule.name)
            if opened is not None:
                self._break_promise(rule, opened, "the visit ended before it")

    async def again(self) -> None:
        """Once more, after the visit: something acted later. Promises are not asked again."""
        await self._ask_all(tuple(r for r in self.plan.rules if r.of_visits and r.then is None))

    def succeeded(self, node: Request) -> None:
        """The step got a successful answer: no key may have had one before, from anybody in the world."""
        world = self.port.world
        if world is None:
            return
        for rule in self.plan.rules:
            if rule.key is None or rule.steps[0] != node.number:
                continue
            value = evaluate(rule.key, self.visit.look_up)
            if value is None:
                continue
            self.visit.exercised.add(rule.name)
            keys = world.keys.setdefault(rule.name, {})
            key = json.dumps(value, sort_keys=True, default=str)
            first = keys.setdefault(key, self.visit.user)
            successes = world.successes[rule.name, key] = world.successes.get((rule.name, key), 0) + 1
            if successes > 1:
                whose = "the same user" if first == self.visit.user else f"user {first}"
                self._break(rule, f"{node.name} succeeded again for {show(value)}; first for {whose}")

    async def _ask_all(self, rules: tuple[Rule, ...]) -> None:
        for rule in rules:
            if rule.name in self.visit.broken:
                continue
            if rule.probes:
                await probe(rule.probes, self.port, self.visit.probed, self.visit)
            self._ask(rule)

    def _ask(self, rule: Rule) -> None:
        visit = self.visit
        if rule.tree is None:
            return
        if rule.then is not None:
            self._ask_promise(rule, rule.then)
        elif rule.kind == "sometimes":
            if rule.name not in visit.seen and truth(rule.tree, visit.look_up):
                visit.seen.add(rule.name)
        elif not truth(rule.tree, visit.look_up):
            self._break(rule, explain(rule.tree, visit.look_up))

    def _ask_promise(self, rule: Rule, then: Any) -> None:
        visit, opened = self.visit, self._open.get(rule.name)
        if opened is not None and visit.now > opened + rule.within_us:
            self._break_promise(rule, opened, f"{(visit.now - opened) / 1e6:.3g} s had passed")
        elif opened is not None:
            if truth(then, visit.look_up):
                del self._open[rule.name]
        elif rule.tree is not None and truth(rule.tree, visit.look_up):
            visit.exercised.add(rule.name)
            if not truth(then, visit.look_up):
                self._open[rule.name] = visit.now

    def _break_promise(self, rule: Rule, opened: int, how: str) -> None:
        del self._open[rule.name]
        assert rule.tree is not None
        assert rule.then is not None
        look_up = self.visit.look_up
        since = f"{written(rule.tree)} was true at {opened / 1e6:.3f} s"
        now = f"only then {written(rule.then)}" if truth(rule.then, look_up) else explain(rule.then, look_up)
        self._break(rule, f"{since}; {how}, and {now}")

    def _break(self, rule: Rule, message: str) -> None:
        visit = self.visit
        if rule.name in visit.broken:
            return
        step = visit.last.name if visit.last else ""
        visit.broken[rule.name] = (visit.now, step, len(visit.events) + 1)
        visit.messages[rule.name] = message
        visit.note("violation", step, detail=rule.name, seen=message)


async def ask_again(plan: Plan, visit: Visit, port: Port) -> None:
    """Ask a finished visit's rules once more: a service acted after its end (on targets where that happens)."""
    await Asking(plan, visit, port).again()


def _schedule(plan: Plan) -> list[tuple[Rule, ...]]:
    """The rules to ask after each step, by the step's number; the last entry: all that are asked along visits."""
    found: list[tuple[Rule, ...]] | None = plan.cache.get("schedule")
    if found is None:
        asked = tuple(r for r in plan.rules if r.of_visits and r.kind != "at_end")
        by_step = [
            asked if plan.live else tuple(r for r in asked if r.changes is None or number in r.changes)
            for number in range(len(plan.nodes))
        ]
        found = plan.cache["schedule"] = [*by_step, asked]
    return found


async def probe(calls: tuple[Call, ...], port: Port, probed: Probed, visit: Visit | None) -> None:
    """Put the services' answers to these ``probe`` calls into ``probed``."""
    for call in calls:
        service, path = probe_of(call)
        probed[call] = as_value(await port.probe(visit, service, path))


@dataclass(frozen=True, slots=True)
class WorldVerdict:
    """What a rule about a whole world came to; ``message`` says what was seen where it broke."""

    rule: Rule
    holds: bool
    message: str = ""


async def ask_world(plan: Plan, port: Port) -> tuple[WorldVerdict, ...]:
    """The rules that are asked once, when the world ends (``at_end`` with ``probe``, ``total`` or ``python``)."""
    found = []
    for rule in plan.rules:
        if not rule.at_world_end or rule.tree is None:
            continue
        probed: Probed = {}
        await probe(rule.probes, port, probed, None)

        def look_up(leaf: Any, probed: Probed = probed) -> Any:
            return world_value(leaf, port, probed, None) if isinstance(leaf, Call) else None

        holds = truth(rule.tree, look_up)
        found.append(WorldVerdict(rule, holds, "" if holds else explain(rule.tree, look_up)))
    return tuple(found)
