"""Finished visits, one after another, as the summary of a run: what live targets have instead of the crowd's columns.

Over visits of the model target it gives the crowd's own summary (a law, by test): both fill the same
:class:`~turbulence_app.engine.tally.Tally` and are read by the same :func:`~turbulence_app.engine.summary.summarise`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import Summary
from turbulence_app.engine.histogram import Histogram
from turbulence_app.engine.nodes import OUTCOMES, REASONS, Plan, Rule, ways
from turbulence_app.engine.summary import summarise
from turbulence_app.engine.tally import FAILURES_KEPT, Tally, Timeline
from turbulence_app.engine.visit import Visit

BUFFER = 4096
"""Times that wait before they are put into a histogram together."""


class _Times:
    """A histogram that takes one time after another (microseconds)."""

    __slots__ = ("_waiting", "histogram")

    def __init__(self) -> None:
        self.histogram = Histogram()
        self._waiting: list[int] = []

    def add(self, time: int) -> None:
        self._waiting.append(time)
        if len(self._waiting) >= BUFFER:
            self.settle()

    def settle(self) -> Histogram:
        """Everything that was added."""
        if self._waiting:
            self.histogram.add(np.array(self._waiting, np.int64))
            self._waiting.clear()
        return self.histogram


class _Moments:
    """One row of the timeline: moments that wait for their bins (microseconds of the run)."""

    __slots__ = ("_name", "_timeline", "_waiting")

    def __init__(self, name: str, timeline: Timeline) -> None:
        self._name, self._timeline = name, timeline
        self._waiting: list[int] = []

    def add(self, moment: int) -> None:
        self._waiting.append(moment)
        if len(self._waiting) >= BUFFER:
            self.settle()

    def settle(self) -> None:
        if self._waiting:
            self._timeline.add(self._name, np.array(self._waiting, np.int64))
            self._waiting.clear()


class Collector:
    """Counts visits of a plan in any order; plain integers only, so that the order cannot matter."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._tally = Tally(plan)
        nodes, rules = len(plan.nodes), len(plan.rules)
        self._numbers = {node.name: node.number for node in plan.nodes}
        self._options = {node.name: {way: i for i, way in enumerate(ways(node))} for node in plan.nodes}
        self._waits = {node.name for node in plan.nodes if node.type == "wait"}
        self._reached = [[0] * nodes for _ in plan.personas]
        self._passed, self._failed, self._requests, self._retries = ([0] * nodes for _ in range(4))
        self._answers: list[Counter[str]] = [Counter() for _ in range(nodes)]
        self._edges: Counter[tuple[int, int]] = Counter()
        self._ended: Counter[tuple[int, int]] = Counter()
        self._chosen = [[0] * len(ways(node)) for node in plan.nodes]
        self._latency = [_Times() for _ in plan.nodes]
        self._complete = [_Times() for _ in plan.personas]
        self._leave = _Times()
        self._lag = _Times()
        self._moments = {
            name: _Moments(name, self._tally.timeline)
            for name in ("arrived", "completed", "abandoned", "failed", "violations")
        }
        self._struck, self._hit, self._changed = ([0] * len(plan.faults) for _ in range(3))
        self._violations, self._exercised, self._seen = ([0] * rules for _ in range(3))
        self._persona_violations = [0] * len(plan.personas)
        self._outcomes = [[0] * len(OUTCOMES) for _ in plan.personas]
        self._broken: list[tuple[int, int, int, int, int]] = []
        self._sizes: dict[tuple[int, int], tuple[int, str]] = {}
        self.users = 0
        """Visits counted."""

    def add(self, visit: Visit) -> None:
        """Count one finished visit."""
        self.users += 1
        persona, outcome = visit.persona, visit.outcome or "failed"
        last = -1 if visit.last is None else visit.last.number
        self._outcomes[persona][OUTCOMES.index(outcome)] += 1
        self._ended[last, REASONS.index(visit.reason)] += 1
        (self._complete[persona] if outcome == "completed" else self._leave).add(visit.now)
        self._moments["arrived"].add(visit.arrived)
        self._moments[outcome].add(visit.arrived + visit.now)
        self._walk(visit, last, self._events(visit))
        self._rules(visit)

    def end_of_world(self, rule: str, visit: Visit, message: str) -> None:
        """A rule about the whole world does not hold at its end; ``visit`` is the one that ended last."""
        number = next(i for i, known in enumerate(self.plan.rules) if known.name == rule)
        self._violations[number] += 1
        self._moments["violations"].add(visit.arrived + visit.now)
        self._broken.append((visit.user, number, visit.persona, -1, visit.now))
        self._sizes[visit.user, number] = len(visit.events), message

    def late(self, us: int) -> None:
        """Count how late a request left after the moment at which it was due (live targets)."""
        self._lag.add(us)

    def summary(self, notes: Sequence[str] = ()) -> Summary:
        """Everything counted so far."""
        made = summarise(self.plan, self._settled())
        lag = self._lag.settle()
        funnel = tuple(
            step.model_copy(update={"answers": self._named(self._numbers[step.step])}) for step in made.funnel
        )
        return made.model_copy(
            update={
                "funnel": funnel,
                "driver_lag": lag.percentile() if lag.n else None,
                "notes": (*made.notes, *notes),
            }
        )

    def failures(self, first: int = 0) -> tuple[Failure, ...]:
        """Broken invariants by user (the first thousand), those from number ``first`` on in the order of finding."""
        found = self._broken[first:] if first else sorted(self._broken)
        return tuple(
            Failure(
                user=user,
                persona=self.plan.personas[persona].name,
                invariant=self.plan.rules[rule].name,
                step=self.plan.nodes[step].name if step >= 0 else "",
                at_us=at_us,
                events=self._sizes[user, rule][0],
                message=self._sizes[user, rule][1],
            )
            for user, rule, persona, step, at_us in found[:FAILURES_KEPT]
        )

    @property
    def broken(self) -> int:
        """How many failures there are so far: where :meth:`failures` may go on from."""
        return len(self._broken)

    # ---- one visit ----------------------------------------------------------------------------------------------

    def _events(self, visit: Visit) -> Counter[str]:
        """Count a visit's events; returns how often each step failed in it."""
        failed: Counter[str] = Counter()
        for _, kind, step, _, attempt, detail, data in visit.events:
            if kind in ("answer", "give_up"):
                number = self._numbers[step]
                self._latency[number].add(data["waited_us"])
                self._answers[number][detail] += 1
            elif kind == "request":
                number = self._numbers[step]
                self._requests[number] += 1
                if attempt and step not in self._waits:
                    self._retries[number] += 1
            elif kind == "fault":
                if data["number"] < len(self._struck):  # the original's pressure is not one of the run's faults
                    self._struck[data["number"]] += 1
                self._tally.tells_changes |= "changed" in data
            elif kind in ("decide", "branch"):
                self._chosen[self._numbers[step]][self._options[step][detail]] += 1
            elif kind == "step_failed" or (kind == "assert" and detail != "holds"):
                failed[step] += 1
        for number in range(len(self._hit)):
            self._hit[number] += visit.faults >> number & 1
        for number, times in visit.changed.items():
            if number < len(self._changed):
                self._changed[number] += times
        return failed

    def _walk(self, visit: Visit, last: int, failed: Counter[str]) -> None:
        """Count users, not visits, who reach, pass and fail each step, and the way they took."""
        path = visit.path
        reached = self._reached[visit.persona]
        for number in set(path):
            node, visits = self.plan.nodes[number], visit.state[number].visits
            bad = failed[node.name]
            cut = visit.reason == "visit_patience" and number == last
            reached[number] += 1
            self._failed[number] += bad > 0
            self._passed[number] += visits - bad - cut > 0
        self._edges.update(set(pairwise(path)))
        if last >= 0:
            self._edges[last, -1] += 1

    def _rules(self, visit: Visit) -> None:
        for i, rule in enumerate(self.plan.rules):
            if rule.kind in ("within", "once_per"):
                self._exercised[i] += rule.name in visit.exercised
            elif rule.tree is not None and len(rule.steps) != 1:
                self._exercised[i] += _reached(rule, visit)
            self._seen[i] |= rule.name in visit.seen
            broken = visit.broken.get(rule.name)
            if broken is None:
                continue
            at_us, step, events = broken
            self._violations[i] += 1
            self._moments["violations"].add(visit.arrived + at_us)
            self._broken.append((visit.user, i, visit.persona, self._numbers[step] if step else -1, at_us))
            self._sizes[visit.user, i] = events, visit.messages.get(rule.name, "")
        self._persona_violations[visit.persona] += bool(visit.broken)

    # ---- everything ---------------------------------------------------------------------------------------------

    def _settled(self) -> Tally:
        """The tally of all visits so far."""
        tally = self._tally
        for name in ("reached", "passed", "failed", "requests", "retries", "struck", "hit", "changed", "violations"):
            getattr(tally, name)[...] = getattr(self, f"_{name}")
        for name in ("persona_violations", "exercised", "seen", "outcomes"):
            getattr(tally, name)[...] = getattr(self, f"_{name}")
        for (last, reason), users in self._ended.items():
            tally.ended[last, reason] = users
        for number, counts in tally.options.items():
            counts[:] = self._chosen[number]
        tally.latency = {number: times.settle() for number, times in enumerate(self._latency)}
        tally.complete = [times.settle() for times in self._complete]
        tally.leave = self._leave.settle()
        tally.edges = dict(self._edges)
        for moments in self._moments.values():
            moments.settle()
        tally.failures = sorted(self._broken)[:FAILURES_KEPT]
        return tally

    def _named(self, number: int) -> dict[str, int]:
        """Answers of a step by name: those of its model in their order, then the others."""
        counted, step = self._answers[number], self.plan.nodes[number].name
        known = dict.fromkeys(answer.name for answer in self.plan.answers if answer.step == step)
        return {name: counted[name] for name in (*known, *sorted(set(counted) - set(known))) if counted[name]}


def _reached(rule: Rule, visit: Visit) -> bool:
    return all(visit.state[step].visits for step in rule.steps)
