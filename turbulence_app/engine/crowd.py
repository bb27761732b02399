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

from turbulence_app.domain.errors import CancelledError
from turbulence_app.domain.workflow import Outcome
from turbulence_app.engine.arrivals import arrive
from turbulence_app.engine.census.look import Look
from turbulence_app.engine.ends import Ends
from turbulence_app.engine.fates import Fates
from turbulence_app.engine.group import BLOCK, Group, merge
from turbulence_app.engine.kept import Kept
from turbulence_app.engine.mixing import mark
from turbulence_app.engine.nodes import (
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
from turbulence_app.engine.purposes import USER_SITE, site
from turbulence_app.engine.reader import Reader, tables
from turbulence_app.engine.requests import Requests
from turbulence_app.engine.rng import Words, lanes
from turbulence_app.engine.rules import Rules
from turbulence_app.engine.steps import Steps
from turbulence_app.engine.tally import Tally
from turbulence_app.engine.watch import Watch

RESERVE = 1 << 24
_USER = site(USER_SITE)
# A large block that is freed raises the C library's (glibc's) bounds for giving memory back, so that the megabytes of
# every pass are used again instead of being asked of the system, page by page.
np.empty(RESERVE, np.uint8)
Sums = dict[str, NDArray[np.uint64]]


class Chunk:
    """Executes users ``first`` to ``first + users - 1``; ``first`` is a multiple of the digest block."""

    def __init__(self, plan: Plan, first: int, users: int, *, digest: bool = True) -> None:
        self.plan, self.first, self.users, self.digest = plan, first, users, digest
        self.tally = Tally(plan)
        self.fingerprints = np.zeros(users, np.uint64)
        self.sums: Sums = {}
        self.arrived = np.zeros(users, np.int64)
        """When each arrives, in microseconds of the run."""
        self.completed: NDArray[np.bool_] | None = None
        """Which users completed, for a caller who puts an array here before :meth:`run`."""
        self.watch: Watch | None = None
        """Told of every invariant that is asked or broken."""
        self.fates: Fates | None = None
        """Told how every visit ended."""
        self.look: Look | None = None
        """Told what becomes of everybody."""
        self.kept: Kept | None = None
        """Words that were drawn before, for a chunk that begins with user 0."""
        self.stop: Callable[[], bool] | None = None
        """Asked at every step; ``CancelledError`` comes out of :meth:`run` when it says so."""
        self._edges = np.arange(first, first + users + BLOCK, BLOCK, dtype=np.uint64)

    def run(self, should_stop: Callable[[], bool] | None = None) -> bool:
        """Execute; false where it was stopped in between."""
        plan = self.plan
        users = np.arange(self.first, self.first + self.users, dtype=np.uint64)
        persona, arrival, patience, _ = self.lanes(users, _USER, 0, 0, 0, 7)
        self._sum_all(users, "@user:persona", persona)
        for number, (low, high) in enumerate(_spans(plan)):
            if should_stop is not None and should_stop():
                return False
            if high <= low:
                continue
            if low == 0 and high >= 1 << 32:
                Flow(self, number).run(users, arrival, patience)
                continue
            # one comparison for both bounds: what lies below the interval wraps round to large numbers
            index = (persona - np.uint64(low) < np.uint64(high - low)).nonzero()[0]
            if index.size:
                Flow(self, number).run(users.take(index), arrival.take(index), patience.take(index))
        return True

    def lanes(self, users: Words, site: int, visit: int, attempt: int, block: int, wanted: int) -> tuple[Words, ...]:
        """Words of these users, as :func:`turbulence_app.engine.rng.lanes`."""
        counter = self.plan.seed, site, visit, attempt, block
        if self.kept is not None:
            return self.kept.lanes(self.users, users, counter, wanted)
        return lanes(users, *counter, wanted)

    def _sum_all(self, users: NDArray[np.uint64], key: str, words: NDArray[np.uint64]) -> None:
        if self.digest:
            starts = np.arange(0, users.size, BLOCK)
            self.sums[key] = np.add.reduceat(words, starts)

    def drawn(self, group: Group, key: str, words: NDArray[Any]) -> None:
        """Add what was drawn to the sums of its blocks."""
        if not self.digest or not group.size:
            return
        starts, blocks = group.blocks(self._edges)
        total = self.sums.get(key)
        if total is None:
            total = self.sums[key] = np.zeros(self._edges.size - 1, np.uint64)
        total[blocks] += np.add.reduceat(words.view(np.uint64), starts)

    def arrivals(self, users: NDArray[np.uint64]) -> NDArray[np.int64]:
        """When these users arrive."""
        return self.arrived.take((users - np.uint64(self.first)).view(np.int64))


def _spans(plan: Plan) -> list[tuple[int, int]]:
    cuts = [p.cut for p in plan.personas]
    return list(zip([0, *cuts[:-1]], cuts, strict=True))


class Flow:
    """One persona's users of a chunk, from arrival to the end."""

    def __init__(self, chunk: Chunk, persona: int) -> None:
        self.chunk, self.plan, self.tally, self.persona = chunk, chunk.plan, chunk.tally, persona
        self.tables = tables(chunk.plan)
        self.reader = Reader(self.plan, persona)
        self.rules = Rules(chunk, persona, self.reader)
        self.ends = Ends(chunk, persona)
        self.steps = Steps(self)
        self.requests = Requests(self)

    def run(self, users: NDArray[np.uint64], arrival: NDArray[np.uint64], patience: NDArray[np.uint64]) -> None:
        """The whole visits of these users."""
        group = arrive(self, users, arrival, patience)
        for node, dropped in zip(self.plan.flow, self.tables.dropped, strict=True):
            group = self.walk((node,), group, 0)
            for key in dropped:
                group.columns.pop(key, None)
        self.finish(group, "completed", "")
        self.ends.settle()
        self.requests.faults.settle()

    # ---- the flow -----------------------------------------------------------------------------------------------

    def walk(self, nodes: tuple[PlanNode, ...], group: Group, number: int) -> Group:
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
        if self.chunk.stop is not None and self.chunk.stop():
            raise CancelledError("stopped")
        if self.tables.bounded:
            over = group.column("steps") >= self.plan.max_steps
            if over.any():
                ended, group, _ = group.part(over.nonzero()[0], self.tables.kept)
                self.finish(ended, "failed", "max_steps")
                if not group.size:
                    return group
            group.column("steps")[:] += 1
        self._arrive_at(node, group)
        match node:
            case Request():
                return self.requests.run(node, group, number)
            case Split():
                self.outcome_of_step(node, group, None)
                self.rules.check(group, node.number)
                return self._split(node, group, number)
            case Loop():
                self.outcome_of_step(node, group, None)
                self.rules.check(group, node.number)
                return self._loop(node, group, number)
            case Choose():
                self.steps.choose(node, group, number)
            case Fill():
                group = self.steps.fill(node, group, number)
            case Pause():
                group = self.steps.think(node.time[self.persona], node, group, number)
                self.steps.stir(group, mark(node.site, number, 0))
            case Verify():
                return self.steps.verify(node, group, number)
            case Finish():
                self.outcome_of_step(node, group, None)
                self.finish(group, node.outcome, "left" if node.outcome == "abandoned" else "end")
                return group.take(np.zeros(0, np.intp))
        self.outcome_of_step(node, group, None)
        self.rules.check(group, node.number)
        return group

    def _arrive_at(self, node: PlanNode, group: Group) -> None:
        """Count users (not visits) who reach the step, and where they came from."""
        look = self.chunk.look
        if look is not None:
            look.went(node, group)
            look.entered(node, group)
        looped = node.number in self.plan.in_loop
        if group.last != -2:
            self._edge(group, group.last, node.number, None, looped, group.size)
        else:
            lasts = group.lasts()
            for source, users in enumerate(np.bincount(lasts + 1).tolist(), -1):
                if users:
                    self._edge(group, source, node.number, lasts == source if looped else None, looped, users)
        group.last = node.number
        if looped:
            self._first_time(group, node, 1, None, self.tally.reached[self.persona])
        else:
            self.tally.reached[self.persona, node.number] += group.size
        if ("visits", node.number) in self.tables.needs:
            group.column("visits", node.number)[:] += 1

    def _edge(
        self, group: Group, source: int, target: int, mask: NDArray[np.bool_] | None, looped: bool, users: int
    ) -> None:
        """``users`` of the group, all or those of ``mask``, went from step to step; in a loop each counts once."""
        if not looped:
            self.tally.edge(source, target, users)
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
        for key in self.tables.spent.get(node.number, ()):
            group.columns.pop(key, None)
        taken = group.size * holds if isinstance(holds, bool) else int(np.count_nonzero(holds))
        sides = self.tally.options[node.number]
        sides[0] += taken
        sides[1] += group.size - taken
        if isinstance(holds, bool):
            return self.walk(node.if_true if holds else node.if_false, group, number)
        if holds.all() or not holds.any():
            return self.walk(node.if_true if holds[0] else node.if_false, group, number)
        yes, no = group.split(holds)
        return merge([self.walk(node.if_true, yes, number), self.walk(node.if_false, no, number)])

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
            group = self.walk(node.body, group, number * node.times + i)
            if not group.size:
                break
        return merge([group, *done])

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
        self.ends.add(group, outcome, reason)
        if self.chunk.look is not None:
            self.chunk.look.ended(self.persona, OUTCOMES.index(outcome), REASONS.index(reason), group)
        group.outcome = outcome
        self.rules.at_end(group)
