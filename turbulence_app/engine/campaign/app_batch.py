"""What the app target's engine process does for a campaign: one batch of worlds of its application."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.batch import Batch, Hit
from turbulence_app.domain.campaign import CampaignSettings, Expansion, NearMiss
from turbulence_app.domain.faults import fault_names
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import Summary, Verdict
from turbulence_app.engine.campaign.counts import counts
from turbulence_app.engine.campaign.margins import margin, watched
from turbulence_app.engine.campaign.messages import alike, remark
from turbulence_app.engine.campaign.seeds import Slice, mixed
from turbulence_app.engine.campaign.world_inputs import world_inputs
from turbulence_app.engine.collect import Collector
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.execute import unpack
from turbulence_app.engine.world.link import Link
from turbulence_app.engine.world.spec import RECOVERS, Broken, WorldResult, WorldSpec
from turbulence_app.engine.world.world import World

NOTES = 5
"""Kinds of notes that a batch keeps."""


@dataclass
class _Open:
    """The campaign that this process works on."""

    inputs: RunInputs
    settings: CampaignSettings
    world: World
    plan: Plan


_OPEN: list[_Open] = []
"""At most one; it lives as long as the process."""


def build_here(payload: dict[str, Any], _: Link) -> str:
    """Import the application, as a trial; its build."""
    inputs, place = unpack(payload)
    return World(compile_plan(inputs), place).application.build()


def batch_here(payload: Mapping[str, Any], link: Link) -> str | None:
    """One batch as JSON; None where the caller stopped it. The first call brings the campaign."""
    if "campaign" in payload:
        inputs, place = unpack(payload["campaign"])
        settings = CampaignSettings.model_validate(payload["campaign"]["settings"])
        plan = compile_plan(world_inputs(inputs, settings, 0, None))
        world = World(plan, place)
        world.__enter__()
        _OPEN[:] = [_Open(inputs, settings, world, plan)]
    opened = _OPEN[0]
    part = Slice(payload["number"], payload["first"], payload["worlds"])
    switches = payload["expansion"]
    expansion = Expansion.model_validate(switches) if switches is not None else None
    batch = _batch(opened, part, expansion, link)
    return batch.model_dump_json() if batch is not None else None


def _batch(opened: _Open, part: Slice, expansion: Expansion | None, link: Link) -> Batch | None:
    settings, world = opened.settings, opened.world
    plan = world.plan = opened.plan
    if expansion is not None and expansion.off:
        plan = world.plan = compile_plan(world_inputs(opened.inputs, settings, part.first, expansion))
    gathered = _Gathered(plan, near=settings.swarm)
    for number in range(part.first, part.first + part.worlds):
        seed = mixed(settings.seed, number)
        result = world.run(WorldSpec(seed, tuple(range(settings.users))), should_stop=link.should_stop)
        if result.cancelled or link.should_stop():
            return None
        gathered.add(number, seed, result)
    summary = gathered.summary()
    return Batch(
        number=part.number,
        first_world=part.first,
        worlds=part.worlds,
        seed=mixed(settings.seed, part.first),
        digest=gathered.digest.hexdigest(),
        users=summary.users,
        requests=gathered.requests,
        failing=len(gathered.failing),
        broken={name: len(worlds) for name, worlds in sorted(gathered.broken.items())},
        hits=gathered.hits(),
        counts=counts(plan, summary),
        near=tuple(gathered.nearest[name] for name in sorted(gathered.nearest)),
        expansion=expansion,
        notes=tuple(gathered.notes)[:NOTES],
    )


@dataclass
class _Hits:
    """One cause so far."""

    first: Hit
    worlds: set[int] = field(default_factory=set)
    users: int = 0


class _Gathered:
    """The worlds of a batch, added up."""

    def __init__(self, plan: Plan, *, near: bool) -> None:
        self.plan = plan
        self.collector = Collector(plan)
        self.digest = hashlib.sha256()
        self.requests = 0
        self.failing: set[int] = set()
        self.broken: dict[str, set[int]] = {}
        self.nearest: dict[str, NearMiss] = {}
        self.notes: dict[str, None] = {}
        self._names = fault_names(plan.inputs.faults)
        self._causes: dict[tuple[str, str, tuple[str, ...], str], _Hits] = {}
        self._watched = [r for r in plan.rules if near and r.of_visits and not r.probes and watched(r)]
        self._fresh = self._late = 0

    def add(self, number: int, seed: int, result: WorldResult) -> None:
        """One more world."""
        self.digest.update(f"{number}:{result.digest}\n".encode())
        self.requests += result.requests
        finished = [visit for visit in result.visits if visit.outcome is not None]
        for visit in finished:
            self.collector.add(visit)
        last = max(finished, key=lambda v: (v.arrived + v.now, v.user), default=None)
        for verdict in result.verdicts:
            if not verdict.holds and last is not None:
                self.collector.end_of_world(verdict.rule.name, last, verdict.message)
        self._fresh += len(result.fresh)
        by_user = {visit.user: visit for visit in (*finished, *result.fresh)}
        for broken in result.broken:
            self._hit(number, seed, broken, by_user.get(-1 if broken.user is None else broken.user, last), result)
        if result.broken:
            self.failing.add(number)
        self.notes.update(dict.fromkeys(remark(note) for note in result.notes))
        for name, distance in self._distances(finished):
            if number not in self.broken.get(name, ()):
                self._nearer(NearMiss(invariant=name, distance=distance, world=number))

    def _hit(self, number: int, seed: int, broken: Broken, visit: Visit | None, result: WorldResult) -> None:
        self.broken.setdefault(broken.invariant, set()).add(number)
        self._late += broken.invariant == RECOVERS
        shared = broken.user is None or broken.invariant == RECOVERS
        struck = {n for v in result.visits for n in _struck(v, len(v.events))} if shared or visit is None else {
            *_struck(visit, broken.events)
        }  # fmt: skip
        hit = Hit(
            invariant=broken.invariant,
            step=broken.step,
            faults=tuple(sorted(self._names[n] for n in struck if n < len(self._names))),
            message=alike(broken.message),
            worlds=1,
            users=1,
            first_world=number,
            seed=seed,
            user=0 if visit is None else visit.user,
            persona="" if visit is None else self.plan.personas[visit.persona].name,
            at_us=0 if visit is None else max(0, broken.at_us - visit.arrived),
        )
        found = self._causes.setdefault(hit.cause, _Hits(hit))
        found.worlds.add(number)
        found.users += 1

    def _distances(self, visits: list[Visit]) -> Iterator[tuple[str, float]]:
        for rule in self._watched:
            if rule.tree is not None and visits:
                tree = rule.tree
                least = min(margin(tree, visit.look_up) for visit in visits)
                if math.isfinite(least) and least >= 0:
                    yield rule.name, least

    def _nearer(self, miss: NearMiss) -> None:
        known = self.nearest.get(miss.invariant)
        if known is None or miss.distance < known.distance:
            self.nearest[miss.invariant] = miss
        elif miss.distance == known.distance:
            self.nearest[miss.invariant] = known.model_copy(update={"worlds": known.worlds + 1})

    def hits(self) -> tuple[Hit, ...]:
        """All causes, in the order of their first worlds."""
        made = [
            found.first.model_copy(update={"worlds": len(found.worlds), "users": found.users})
            for found in self._causes.values()
        ]
        return tuple(sorted(made, key=lambda hit: (hit.first_world, hit.user, hit.cause)))

    def summary(self) -> Summary:
        """What the visits came to, with the verdict of the liveness phase where there is one."""
        summary = self.collector.summary()
        if self.plan.inputs.liveness is None:
            return summary
        verdict = Verdict(
            name=RECOVERS, kind="at_end", expression="outcome != 'failed'", exercised=self._fresh,
            status="broken" if self._late else "holds", violations=self._late,
        )  # fmt: skip
        return summary.model_copy(update={"verdicts": (*summary.verdicts, verdict)})


def _struck(visit: Visit, events: int) -> Iterator[int]:
    """Numbers of the faults among a visit's first ``events`` that struck, less those known to have changed nothing."""
    for _, kind, _, _, _, _, data in visit.events[:events]:
        if kind == "fault" and data.get("changed", True):
            yield data["number"]
