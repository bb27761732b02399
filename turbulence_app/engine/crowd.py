"""Many users at once: the vectorised executor. Same bits as :mod:`turbulence_app.engine.reference`, by test.

A chunk of users is split by persona, so that every number of a policy is one scalar. Each part is a
:class:`~turbulence_app.engine.group.Group` that walks the flow tree; groups split at branches, shrink where visits
end, and merge again. No draw depends on another user.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.workflow import Outcome
from turbulence_app.engine.group import BLOCK, Group, merge
from turbulence_app.engine.mixing import START, mark, mix_many
from turbulence_app.engine.nodes import (
    Choose,
    Fill,
    Finish,
    Initial,
    Loop,
    Pause,
    Plan,
    PlanNode,
    Request,
    Split,
    Verify,
)
from turbulence_app.engine.purposes import PURPOSES, USER_SITE, site
from turbulence_app.engine.quantiles import Sampler
from turbulence_app.engine.reader import Reader, tables
from turbulence_app.engine.requests import Requests
from turbulence_app.engine.rng import lanes
from turbulence_app.engine.rules import Rules
from turbulence_app.engine.tally import Tally

_USER = site(USER_SITE)
_STASH = ("lane 0", "lane 1", "lane 2", "lane 3")
Sums = dict[str, NDArray[np.uint64]]


class Chunk:
    """Executes users ``first`` to ``first + users - 1``; ``first`` is a multiple of the digest block."""

    def __init__(self, plan: Plan, first: int, users: int, *, digest: bool = True) -> None:
        self.plan, self.first, self.users, self.digest = plan, first, users, digest
        self.tally = Tally(plan)
        self.fingerprints = np.zeros(users, np.uint64)
        self.sums: Sums = {}

    def run(self, should_stop: Callable[[], bool] | None = None) -> bool:
        """Execute; false where it was stopped in between."""
        plan = self.plan
        users = np.arange(self.first, self.first + self.users, dtype=np.uint64)
        persona, arrival, patience, _ = lanes(users, plan.seed, _USER, 0, 0, 0, 7)
        self._sum_all(users, "@user:persona", persona)
        for number, (low, high) in enumerate(_spans(plan)):
            if should_stop is not None and should_stop():
                return False
            if high <= low:
                continue
            alone = low == 0 and high >= 1 << 32
            index = np.arange(self.users) if alone else np.flatnonzero((persona >= low) & (persona < high))
            if index.size:
                Flow(self, number).run(users.take(index), arrival.take(index), patience.take(index))
        return True

    def _sum_all(self, users: NDArray[np.uint64], key: str, words: NDArray[np.uint64]) -> None:
        if self.digest:
            starts = np.arange(0, users.size, BLOCK)
            self.sums[key] = np.add.reduceat(words, starts)

    def drawn(self, group: Group, key: str, words: NDArray[Any]) -> None:
        """Add what was drawn to the sums of its blocks."""
        if not self.digest or not group.size:
            return
        starts, blocks = group.blocks(self.first)
        total = self.sums.get(key)
        if total is None:
            total = self.sums[key] = np.zeros((self.users + BLOCK - 1) // BLOCK, np.uint64)
        total[blocks] += np.add.reduceat(words.view(np.uint64), starts)


def _spans(plan: Plan) -> list[tuple[int, int]]:
    cuts = [p.cut for p in plan.personas]
    return list(zip([0, *cuts[:-1]], cuts, strict=True))


class Flow:
    """One persona's users of a chunk, from arrival to the end."""

    def __init__(self, chunk: Chunk, persona: int) -> None:
        self.chunk, self.plan, self.tally, self.persona = chunk, chunk.plan, chunk.tally, persona
        self.tables = tables(chunk.plan)
        self.reader = Reader(self.plan, persona)
        self.rules = Rules(self.plan, self.tally, persona, self.reader)
        self.requests = Requests(self)

    def run(self, users: NDArray[np.uint64], arrival: NDArray[np.uint64], patience: NDArray[np.uint64]) -> None:
        """The whole visits of these users."""
        group = self._arrive(users, arrival, patience)
        for node, dropped in zip(self.plan.flow, self.tables.dropped, strict=True):
            group = self.steps((node,), group, 0)
            for key in dropped:
                group.columns.pop(key, None)
        self.finish(group, "completed", "")

    def _arrive(self, users: NDArray[np.uint64], arrival: NDArray[np.uint64], patience: NDArray[np.uint64]) -> Group:
        plan, persona = self.plan, self.plan.personas[self.persona]
        n = users.size
        arrived = ((users * np.uint64(plan.interval_fp)) >> np.uint64(plan.interval_shift)).view(np.int64)
        group = Group({"users": users, "t": np.zeros(n, np.int64), "h": np.full(n, START, np.uint64)}, -1)
        if plan.interval_us:
            arrived += (((arrival >> np.uint64(8)) * np.uint64(plan.interval_us)) >> np.uint64(24)).view(np.int64)
            self.chunk.drawn(group, "@user:arrival", arrived)
        group.columns["arrived"] = arrived
        sampler = persona.visit_patience
        if sampler is not None:
            constant = sampler.constant
            deadline = np.full(n, sampler.low, np.int64) if constant else sampler.values(patience)
            group.columns["deadline"] = deadline
            if not constant:
                self.chunk.drawn(group, "@user:visit_patience", deadline)
        for initial in plan.initials.values():
            self._initial(group, initial)
        mix_many(group.columns["h"], arrived.view(np.uint64) ^ np.uint64((self.persona + 1) << 52))
        self.tally.timeline.add("arrived", arrived)
        return group

    def _initial(self, group: Group, initial: Initial) -> None:
        kind, given = initial.kinds[self.persona]
        if kind == "value":
            if initial.name in self.plan.variables:
                code = self.tables.pool_code(initial.name, given)
                group.columns["var", initial.name] = np.full(group.size, code, np.int16)
                group.columns["init", initial.name] = group.columns["var", initial.name].copy()
            return
        words = lanes(group.users, self.plan.seed, initial.site, 0, 0, 0, 1)[0]
        self.chunk.drawn(group, f"{initial.address}:value", words)
        column: NDArray[Any]
        if kind == "toggle":
            column = words < np.uint64(given)
        elif kind == "range":
            low, high = given
            column = ((words * np.uint64(high - low + 1)) >> np.uint64(32)).view(np.int64) + low
        else:
            column = ((words * np.uint64(len(given))) >> np.uint64(32)).view(np.int64)
        if initial.name in self.plan.variables:
            pooled = [False, True] if kind == "toggle" else given
            codes = np.array([self.tables.pool_code(initial.name, v) for v in pooled], np.int16)
            column = codes.take(column.astype(np.int64))
            group.columns["var", initial.name] = column.copy()
        group.columns["init", initial.name] = column

    # ---- the flow -----------------------------------------------------------------------------------------------

    def steps(self, nodes: tuple[PlanNode, ...], group: Group, number: int) -> Group:
        """The users who come out at the end of ``nodes``."""
        for node in nodes:
            if not group.size:
                return group
            if node.guard is None:
                group = self._enter(node, group, number)
                continue
            holds = self.reader.truth(node.guard, group)
            if holds is True:
                group = self._enter(node, group, number)
            elif holds is not False:
                inside, outside = group.split(holds)
                if inside.size:
                    inside = self._enter(node, inside, number)
                group = merge([inside, outside])
        return group

    def _enter(self, node: PlanNode, group: Group, number: int) -> Group:
        if self.tables.bounded:
            over = group.column("steps") >= self.plan.max_steps
            if over.any():
                ended, group = group.part(over, self.tables.kept)
                self.finish(ended, "failed", "max_steps")
                if not group.size:
                    return group
            group.column("steps")[:] += 1
        self._arrive_at(node, group)
        match node:
            case Request():
                return self.requests.run(node, group, number)
            case Split():
                self._passed(node, group)
                self.rules.check(group, node.number)
                return self._split(node, group, number)
            case Loop():
                self._passed(node, group)
                self.rules.check(group, node.number)
                return self._loop(node, group, number)
            case Choose():
                self._choose(node, group, number)
            case Fill():
                group = self._fill(node, group, number)
            case Pause():
                group = self.think(node.time[self.persona], node, group, number)
                self.stir(group, mark(node.site, number, 0))
            case Verify():
                return self._verify(node, group, number)
            case Finish():
                self._passed(node, group)
                self.finish(group, node.outcome, "left" if node.outcome == "abandoned" else "end")
                return group.take(np.zeros(0, np.intp))
        self._passed(node, group)
        self.rules.check(group, node.number)
        return group

    def _arrive_at(self, node: PlanNode, group: Group) -> None:
        """Count users (not visits) who reach the step, and where they came from."""
        looped = node.number in self.plan.in_loop
        if group.last != -2:
            self._edge(group, group.last, node.number, None, looped)
        else:
            lasts = group.lasts()
            for source in np.unique(lasts).tolist():
                self._edge(group, source, node.number, lasts == source, looped)
        group.last = node.number
        if looped:
            self._first_time(group, node, 1, None, self.tally.reached[self.persona])
        else:
            self.tally.reached[self.persona, node.number] += group.size
        if ("visits", node.number) in self.tables.needs:
            group.column("visits", node.number)[:] += 1

    def _edge(self, group: Group, source: int, target: int, mask: NDArray[np.bool_] | None, looped: bool) -> None:
        if not looped:
            self.tally.edge(source, target, group.size if mask is None else int(np.count_nonzero(mask)))
            return
        seen = group.column("edge", source, target)
        new = ~seen if mask is None else mask & ~seen
        self.tally.edge(source, target, int(np.count_nonzero(new)))
        seen |= new

    def _first_time(
        self, group: Group, node: PlanNode, bit: int, mask: NDArray[np.bool_] | None, counts: NDArray[np.int64]
    ) -> None:
        """Count each user once, however often the loop comes round."""
        seen = group.column("seen", node.number)
        new = (seen & bit) == 0
        if mask is not None:
            new &= mask
        counts[node.number] += np.count_nonzero(new)
        seen[new] |= bit

    def _passed(self, node: PlanNode, group: Group) -> None:
        self.outcome_of_step(node, group, None)

    def outcome_of_step(self, node: PlanNode, group: Group, failed: NDArray[np.bool_] | None) -> None:
        """Count the users who passed and who failed a step."""
        if node.number in self.plan.in_loop:
            if failed is not None:
                self._first_time(group, node, 4, failed, self.tally.failed)
            self._first_time(group, node, 2, None if failed is None else ~failed, self.tally.passed)
            return
        bad = 0 if failed is None else int(np.count_nonzero(failed))
        self.tally.failed[node.number] += bad
        self.tally.passed[node.number] += group.size - bad

    def _split(self, node: Split, group: Group, number: int) -> Group:
        holds = self.reader.truth(node.condition, group)
        if isinstance(holds, bool):
            return self.steps(node.if_true if holds else node.if_false, group, number)
        if holds.all() or not holds.any():
            return self.steps(node.if_true if holds[0] else node.if_false, group, number)
        yes, no = group.split(holds)
        return merge([self.steps(node.if_true, yes, number), self.steps(node.if_false, no, number)])

    def _loop(self, node: Loop, group: Group, number: int) -> Group:
        done: list[Group] = []
        for i in range(node.times):
            holds = self.reader.truth(node.condition, group)
            if isinstance(holds, bool):
                if not holds:
                    break
            else:
                group, out = group.split(holds)
                done.append(out)
            if not group.size:
                break
            group = self.steps(node.body, group, number * node.times + i)
            if not group.size:
                break
        return merge([group, *done])

    # ---- steps --------------------------------------------------------------------------------------------------

    def draw(self, node: PlanNode, group: Group, number: int, attempt: int, purpose: str) -> NDArray[np.uint64]:
        """One lane for everybody, as raw words (not yet in the sums)."""
        block, lane = PURPOSES[purpose]
        ready = group.columns.pop(_STASH[lane], None) if not block and not attempt else None
        if ready is not None:
            return ready
        return lanes(group.users, self.plan.seed, node.site, number, attempt, block, 1 << lane)[lane]

    def stash(self, node: PlanNode, group: Group, number: int, wanted: int) -> None:
        """Draw several lanes of a step's first block at once; each is taken by the first draw that asks for it.

        They lie among the columns, so that they shrink with the group. Every stashed lane must be drawn in the step.
        """
        if wanted:
            drawn = lanes(group.users, self.plan.seed, node.site, number, 0, 0, wanted)
            for lane in range(4):
                if wanted >> lane & 1:
                    group.columns[_STASH[lane]] = drawn[lane]

    def sample(
        self, sampler: Sampler, node: PlanNode, group: Group, number: int, attempt: int, purpose: str
    ) -> NDArray[np.int64] | int:
        """Durations in microseconds; a constant is one number."""
        if sampler.constant:
            return sampler.low
        took = sampler.values(self.draw(node, group, number, attempt, purpose))
        self.chunk.drawn(group, f"{node.name}:{purpose}", took)
        return took

    def think(self, sampler: Sampler, node: PlanNode, group: Group, number: int) -> Group:
        """Let think time pass; returns those whose patience for the visit lasts."""
        if sampler.constant and not sampler.low:
            return group
        group.columns["t"] += self.sample(sampler, node, group, number, 0, "think")
        return self.impatient(group)

    def impatient(self, group: Group) -> Group:
        """End the visits whose patience is over; returns the others."""
        if "deadline" not in group.columns:
            return group
        over = group.t > group.columns["deadline"]
        if not over.any():
            return group
        ended, rest = group.part(over, self.tables.kept)
        ended.columns["t"] = ended.columns["deadline"].copy()
        self.finish(ended, "abandoned", "visit_patience")
        return rest

    def stir(self, group: Group, value: int | NDArray[np.uint64]) -> None:
        """Mix the clocks and ``value`` into the fingerprints."""
        if self.chunk.digest:
            spread = np.uint64(value & (1 << 64) - 1) if isinstance(value, int) else value
            mix_many(group.columns["h"], group.t.view(np.uint64) ^ spread)

    def _choose(self, node: Choose, group: Group, number: int) -> None:
        words = self.draw(node, group, number, 0, "choice")
        option = pick(words, node.cuts[self.persona])
        undecided: NDArray[np.bool_] | None = None
        for when, cuts in node.cases[self.persona]:
            holds = self.reader.truth(when, group)
            if holds is False:
                continue
            mask = np.full(group.size, True) if holds is True else holds
            mask = mask if undecided is None else mask & undecided
            index = np.flatnonzero(mask)
            option[index] = pick(words.take(index), cuts)
            undecided = ~mask if undecided is None else undecided & ~mask
        self.tally.options[node.number] += np.bincount(option, minlength=len(node.options))
        if node.output in self.tables.read:
            codes = self.tables.option_codes(node)
            group.columns["var", node.output] = codes.take(option)
        if self.chunk.digest:
            wide = option.astype(np.uint64)
            self.chunk.drawn(group, f"{node.name}:choice", words + (wide << np.uint64(33)))
            self.stir(group, (wide << np.uint64(52)) ^ np.uint64(mark(node.site, number, 0)))

    def _fill(self, node: Fill, group: Group, number: int) -> Group:
        persona = self.persona
        group = self.think(node.think[persona], node, group, number)
        if not group.size:
            return group
        typing, correction, skip = node.typing[persona], node.correction[persona], node.skip[persona]
        for i, field in enumerate(node.fields):
            wanted = (0 if typing.constant else 1) | (2 if correction else 0) | (0 if field.required else 8)
            if not wanted:
                group.columns["t"] += typing.low * field.chars
                continue
            rate, wrong, _, skipped = lanes(group.users, self.plan.seed, node.site, number, i, 0, wanted)
            spent = typing.values(rate) if not typing.constant else np.full(group.size, typing.low, np.int64)
            types: NDArray[np.bool_] | None = None
            if not field.required:
                types = skipped >= np.uint64(skip)
                self.chunk.drawn(group, f"{node.name}:skip", skipped)
            if not typing.constant:
                self._drawn_where(group, f"{node.name}:typing", spent, types)
            spent *= field.chars
            if correction:
                self._drawn_where(group, f"{node.name}:correction", wrong, types)
                at = np.flatnonzero(wrong < np.uint64(correction))
                spent[at] += spent[at] >> 1
            if types is not None:
                spent *= types
            group.columns["t"] += spent
        group = self.impatient(group)
        self.stir(group, mark(node.site, number, 0))
        return group

    def _drawn_where(self, group: Group, key: str, words: NDArray[Any], mask: NDArray[np.bool_] | None) -> None:
        self.chunk.drawn(group, key, words if mask is None else words * mask)

    def _verify(self, node: Verify, group: Group, number: int) -> Group:
        holds = self.reader.check(node.check, group)
        mask = np.full(group.size, holds) if isinstance(holds, bool) else holds
        self.stir(group, (mask.astype(np.uint64) << np.uint64(52)) ^ np.uint64(mark(node.site, number, 0)))
        failed = ~mask
        self.outcome_of_step(node, group, failed)
        if ("failed", node.number) in self.tables.needs:
            group.columns["failed", node.number] = failed.copy()
        if failed.any():
            group.column("assertion failed")[:] |= failed
            if self.plan.stop_on_assertion:
                ended, group = group.part(failed, self.tables.kept)
                self.finish(ended, "failed", "assertion_failed")
        self.rules.check(group, node.number)
        return group

    # ---- the end ------------------------------------------------------------------------------------------------

    def finish(self, group: Group, outcome: Outcome, reason: str) -> None:
        """Close these visits: fingerprints, counts, last look at the invariants."""
        if not group.size:
            return
        if outcome == "completed" and group.has("assertion failed"):
            failed, group = group.split(group.column("assertion failed"))
            self._close(failed, "failed", "assertion_failed")
        self._close(group, outcome, reason)

    def _close(self, group: Group, outcome: Outcome, reason: str) -> None:
        if not group.size:
            return
        self.tables.close(self.chunk, group, self.persona, outcome, reason)
        group.outcome = outcome
        self.rules.at_end(group)


def pick(words: NDArray[np.uint64], cuts: tuple[int, ...]) -> NDArray[np.intp]:
    """The number of the option in whose interval each word lies."""
    if len(cuts) > 12:
        return np.searchsorted(np.array(cuts, np.uint64), words, side="right")
    option = np.zeros(words.size, np.uint8)
    for cut in cuts[:-1]:
        option += words >= np.uint64(cut)
    if cuts[-1] < 1 << 32:
        option += words >= np.uint64(cuts[-1])
    return option.astype(np.intp)
