"""A funnel that can be read at a glance: what people do, and how many leave after each thing that they did."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.run import Percentile, Summary

_DONE = frozenset({"http", "wait", "form", "grpc", "think"})
"""Types of steps that a person experiences; choices, checks and ways out count for the step before them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A step: users who reached it, and users who left on it or between it and the next row."""

    step: str
    reached: int
    left: int
    latency: Percentile | None
    goal: bool = False
    """The end of the flow rather than a step of it."""


def rows(summary: Summary) -> list[Row]:
    """The steps that anybody reached, in the order of the workflow."""
    found: list[Row] = []
    early = 0
    for step in summary.funnel:
        goal = step.type == "end" and step.ended_here > 0 and not step.reasons.get("left")
        if step.reached and (step.type in _DONE or goal):
            found.append(Row(step.step, step.reached, 0 if goal else step.ended_here + early, step.latency, goal))
            early = 0
        elif found and not found[-1].goal:
            last = found[-1]
            found[-1] = Row(last.step, last.reached, last.left + step.ended_here, last.latency)
        else:
            early += step.ended_here
    return found
