"""One user watched: every step with the variables before and after it, the patience left, the weights of choices."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.domain.walk import Choice, Stop, Walk
from turbulence_app.engine.nodes import FOREVER, Choose, Plan, PlanNode
from turbulence_app.engine.reference import watched_user
from turbulence_app.engine.visit import Visit

_MOST = 2_000
"""Characters of a variable's value that are shown."""


@dataclass(slots=True)
class _Came:
    """The moment at which a step begins."""

    node: PlanNode
    now: int
    events: int
    variables: dict[str, Any]


@dataclass(slots=True)
class _Watcher:
    """Takes down what the interpreter comes by."""

    plan: Plan
    came_to: list[_Came] = field(default_factory=list)
    chosen: dict[int, Choice] = field(default_factory=dict)

    def came(self, visit: Visit, node: PlanNode) -> None:
        """A step begins."""
        self.came_to.append(_Came(node, visit.now, len(visit.events), dict(visit.variables)))

    def chose(self, visit: Visit, node: Choose, case: int | None, word: int, option: int) -> None:
        """A decision was drawn; ``case`` is the number of the case whose weights held."""
        cuts = node.cuts[visit.persona] if case is None else node.cases[visit.persona][case][1]
        lows = (0, *cuts[:-1])
        weights = {name: (high - low) / 2**32 for name, low, high in zip(node.options, lows, cuts, strict=True)}
        said = self._case(visit, node, case)
        self.chosen[len(self.came_to) - 1] = Choice(
            weights=weights, drawn=word / 2**32, chosen=node.options[option], case=said
        )

    def _case(self, visit: Visit, node: Choose, case: int | None) -> str:
        if case is None:
            return ""
        workflow, member = self.plan.inputs.workflow, self.plan.inputs.crowd[visit.persona]
        decision = next(name for name, step in _decisions(workflow) if step == node.name)
        policy = member.policy.decisions.get(decision)
        return policy.cases[case].when if policy is not None and case < len(policy.cases) else ""


def _decisions(workflow: Any) -> list[tuple[str, str]]:
    return [(step.decision, step.name) for step in workflow.steps() if step.type == "decide"]


def walk_user(plan: Plan, user: int) -> Walk:
    """One user of a run of the model target, step by step; the same bits as :func:`..reference.run_user`."""
    watcher = _Watcher(plan)
    visit = watched_user(plan, user, watcher)
    trace = visit.trace()
    patience = None if visit.deadline >= FOREVER else visit.deadline
    return _walk(plan.inputs, trace, _stops(watcher, visit, trace, patience), patience)


def _stops(watcher: _Watcher, visit: Visit, trace: UserTrace, patience: int | None) -> tuple[Stop, ...]:
    first = watcher.came_to[0].events if watcher.came_to else len(trace.events)
    arrival = Stop(step="", events=trace.events[:first], variables=_plain(visit.initial), patience_us=patience)
    found, times = [arrival], Counter[str]()
    for index, came in enumerate(watcher.came_to):
        following = watcher.came_to[index + 1] if index + 1 < len(watcher.came_to) else None
        end = following.events if following else len(trace.events)
        after = following.variables if following else visit.variables
        times[came.node.name] += 1
        found.append(
            Stop(
                step=came.node.name,
                type=came.node.type,
                nth=times[came.node.name],
                at_us=came.now,
                until_us=following.now if following else visit.now,
                events=trace.events[came.events : end],
                variables=_plain(after),
                changed=_changed(came.variables, after),
                choice=watcher.chosen.get(index),
                patience_us=None if patience is None else max(0, patience - came.now),
            )
        )
    return tuple(found)


def walk_of(inputs: RunInputs, trace: UserTrace) -> Walk:
    """A walk out of a trace alone (of a target where real code answers): what the person knew is not in it."""
    found: list[Stop] = []
    times = Counter[str]()
    types = {step.name: step.type for step in inputs.workflow.steps()}
    for event in trace.events:
        if found and (event.kind == "skip" or event.step in (found[-1].step, "")) and not _again(found[-1], event):
            found[-1] = found[-1].model_copy(update={"events": (*found[-1].events, event), "until_us": event.at_us})
            continue
        times[event.step] += 1
        found.append(
            Stop(
                step=event.step, type=types.get(event.step, ""), nth=times[event.step], at_us=event.at_us,
                until_us=event.at_us, events=(event,),
            )
        )  # fmt: skip
    return _walk(inputs, trace, tuple(found), None)


def _again(stop: Stop, event: TraceEvent) -> bool:
    """Whether an event begins another visit of the same step."""
    return bool(event.step) and event.kind != "skip" and event.visit != stop.events[-1].visit


def _walk(inputs: RunInputs, trace: UserTrace, stops: tuple[Stop, ...], patience: int | None) -> Walk:
    return Walk(
        user=trace.user,
        persona=trace.persona,
        users=inputs.users,
        seed=inputs.seed,
        outcome=trace.outcome,
        reason=trace.reason,
        ended_us=trace.ended_us - trace.arrived_us,
        patience_us=patience,
        stops=stops,
        violations=trace.violations,
        fingerprint=trace.fingerprint,
    )


def _plain(variables: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON has them; a large one is cut to its beginning."""
    found: dict[str, Any] = {}
    for name, value in variables.items():
        text = json.dumps(value, default=str, ensure_ascii=False)
        found[name] = json.loads(text) if len(text) <= _MOST else text[:_MOST] + "…"
    return found


def _changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in after.items() if name not in before or before[name] != value)
