"""Places in a workflow's flow: which list a step is in, and where something dropped on a way goes. Qt-free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from turbulence_app.domain.workflow import BranchStep, EndStep, RepeatStep, Step, Workflow
from turbulence_app.gui.graph_model import GraphEdge

Side = Literal["flow", "if_true", "if_false", "steps"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Before the step at ``index`` of the flow (owner ""), or of a side of a branch or loop."""

    owner: str = ""
    side: Side = "flow"
    index: int = 0

    def plain(self) -> dict[str, object]:
        """As the service takes it."""
        return {"owner": self.owner, "side": self.side, "index": self.index}


@dataclass(frozen=True, slots=True)
class Spots:
    """The place of every step of a workflow."""

    of: Mapping[str, Spot] = field(default_factory=dict)
    lists: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Names in each list, by owner and side."""
    steps: Mapping[str, Step] = field(default_factory=dict)

    def after(self, name: str) -> Spot:
        """Right behind a step, in its own list."""
        spot = self.of[name]
        return Spot(spot.owner, spot.side, spot.index + 1)

    def end(self) -> Spot:
        """Behind the last step of the flow, or before the end that closes it."""
        names = self.lists.get(("", "flow"), ())
        closed = bool(names) and isinstance(self.steps[names[-1]], EndStep)
        return Spot("", "flow", len(names) - closed)

    def inside(self, name: str) -> list[str]:
        """A step and everything in it."""
        found = [name]
        for (owner, _), names in self.lists.items():
            if owner == name:
                for inner in names:
                    found += self.inside(inner)
        return found

    def on(self, edge: GraphEdge) -> Spot:
        """Where a step goes that is put on a way."""
        source, target = self.of[edge.source], self.of[edge.target]
        step = self.steps[edge.source]
        if edge.kind == "body":
            return Spot(edge.source, "steps", 0)
        if edge.kind in ("yes", "no") and isinstance(step, BranchStep):
            side: Side = "if_true" if edge.kind == "yes" else "if_false"
            if target.owner == edge.source and target.side == side:
                return Spot(edge.source, side, 0)
            other = step.if_false if edge.kind == "yes" else step.if_true
            if other and not any(isinstance(one, EndStep) and one.guard is None for one in other):
                return Spot(edge.source, side, 0)
        if edge.kind == "skip" and (source.owner, source.side) != (target.owner, target.side):
            return target
        return self.after(edge.source)

    def siblings(self, name: str) -> tuple[str, ...]:
        """All steps of the list that a step is in."""
        spot = self.of[name]
        return self.lists[spot.owner, spot.side]


def spots_of(workflow: Workflow | None) -> Spots:
    """The places of a workflow's steps; of two with one name the first."""
    if workflow is None:
        return Spots()
    of: dict[str, Spot] = {}
    lists: dict[tuple[str, str], tuple[str, ...]] = {}
    steps: dict[str, Step] = {}
    for owner, side, listed in _lists(workflow.flow, "", "flow"):
        lists.setdefault((owner, side), tuple(step.name for step in listed))
        for index, step in enumerate(listed):
            of.setdefault(step.name, Spot(owner, side, index))
            steps.setdefault(step.name, step)
    return Spots(of, lists, steps)


def _lists(steps: Sequence[Step], owner: str, side: Side) -> Iterator[tuple[str, Side, Sequence[Step]]]:
    yield owner, side, steps
    for step in steps:
        if isinstance(step, BranchStep):
            yield from _lists(step.if_true, step.name, "if_true")
            yield from _lists(step.if_false, step.name, "if_false")
        elif isinstance(step, RepeatStep):
            yield from _lists(step.steps, step.name, "steps")
