"""Invariants over groups: asked only where their value may have changed, recorded once per user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from turbulence_app.engine.group import Group
from turbulence_app.engine.nodes import Rule
from turbulence_app.engine.reader import Reader
from turbulence_app.engine.tally import FAILURES_KEPT

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Chunk


class Rules:
    """The invariants of a plan for one persona's groups."""

    def __init__(self, chunk: Chunk, persona: int, reader: Reader) -> None:
        plan, tally, self._chunk = chunk.plan, chunk.tally, chunk
        self.plan, self.tally, self.persona, self.reader = plan, tally, persona, reader
        self._asked = [(i, r) for i, r in enumerate(plan.rules) if r.kind in ("always", "never", "sometimes")]
        self._promised = [(i, r) for i, r in enumerate(plan.rules) if r.then is not None]
        first = plan.flow[0]
        self._first = first.number if first.guard is None else None

    def check(self, group: Group, number: int) -> None:
        """After a step: the rules that it may have changed (and all of them after the first step)."""
        if not group.size:
            return
        for i, rule in self._asked:
            if self._may_differ(rule, number):
                self._ask(i, rule, group)
        for i, rule in self._promised:
            if self._may_differ(rule, number) or _any_open(group, i):
                self._ask_promise(i, rule, group)

    def at_end(self, group: Group) -> None:
        """When visits end."""
        for i, rule in enumerate(self.plan.rules):
            if rule.tree is None:
                continue
            if rule.then is not None:
                self._ask_promise(i, rule, group)
                self._break_open(i, group)
                continue
            last_changed = group.last < 0 or self._may_differ(rule, group.last)
            if rule.kind == "at_end" or last_changed:
                self._ask(i, rule, group)
            self._exercise(i, rule, group)

    def _may_differ(self, rule: Rule, number: int) -> bool:
        return rule.changes is None or self._first is None or number == self._first or number in rule.changes

    def _exercise(self, i: int, rule: Rule, group: Group) -> None:
        """Count users on whom the rule said something: those who reached the steps that it names."""
        if len(rule.steps) > 1:
            reached = np.full(group.size, True)
            for step in rule.steps:
                reached &= group.column("visits", step) > 0
            self.tally.exercised[i] += np.count_nonzero(reached)
        elif not rule.steps:
            self.tally.exercised[i] += group.size

    def _ask(self, i: int, rule: Rule, group: Group) -> None:
        if rule.tree is None:
            return
        if rule.kind == "sometimes":
            if not self.tally.seen[i]:
                self.tally.seen[i] = bool(np.any(self.reader.truth(rule.tree, group)))
            return
        holds = self.reader.truth(rule.tree, group)
        if self._chunk.watch is not None:
            self._chunk.watch.asked(i, rule, group, self.reader)
        if holds is True:
            return
        bad = np.full(group.size, True) if isinstance(holds, bool) else ~holds
        if not bad.any():
            return
        broken = group.column("broken", i)
        bad &= ~broken
        broken |= bad
        self._record(i, group, bad.nonzero()[0])

    def _ask_promise(self, i: int, rule: Rule, group: Group) -> None:
        """Promises of these users: some are broken, some kept, some opened (the twin of the reference's)."""
        if rule.tree is None or rule.then is None:
            return
        after, then = self.reader.truth(rule.tree, group), self.reader.truth(rule.then, group)
        if after is False and not _any_open(group, i):
            return
        due, broken = group.column("open", i), group.column("broken", i)
        waiting = due != 0
        late = waiting & (group.t > due - 1 + rule.within_us)
        fresh = ~(waiting | broken) & after
        due[late | (waiting & then)] = 0
        opening = fresh & ~np.asarray(then)
        due[opening] = group.t[opening] + 1
        before = group.column("promised", i)
        self.tally.exercised[i] += np.count_nonzero(fresh & ~before)
        before |= fresh
        broken |= late
        self._record(i, group, late.nonzero()[0])

    def _break_open(self, i: int, group: Group) -> None:
        """Visits that end with a promise open have broken it."""
        if _any_open(group, i):
            late = group.column("open", i) != 0
            group.column("broken", i)[late] = True
            self._record(i, group, late.nonzero()[0])

    def _record(self, i: int, group: Group, at: np.ndarray[tuple[int], np.dtype[np.intp]]) -> None:
        if not at.size:
            return
        if self._chunk.watch is not None:
            self._chunk.watch.broken(i, group, at)
        tally = self.tally
        tally.violations[i] += at.size
        known = group.column("violated")
        fresh = at[known[at] == 0]
        tally.persona_violations[self.persona] += fresh.size
        known[fresh] = 1
        users, times = group.users.take(at), group.t.take(at)
        tally.timeline.add("violations", self._chunk.arrivals(users) + times)
        first = at.size if at.size < FAILURES_KEPT else FAILURES_KEPT
        lasts = group.lasts().take(at)
        found = zip(users[:first].tolist(), lasts[:first].tolist(), times[:first].tolist(), strict=True)
        tally.failures.extend((user, i, self.persona, last, at_us) for user, last, at_us in found)


def _any_open(group: Group, i: int) -> bool:
    return group.has("open", i) and bool(group.column("open", i).any())
