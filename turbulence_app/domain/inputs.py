"""All inputs of a run in one value: with it, any machine computes the same bits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from turbulence_app.domain.base import Identifier, Noun, Weight
from turbulence_app.domain.faults import Fault
from turbulence_app.domain.invariants import Invariant, Target
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.scenario import Arrivals, Liveness, Seed, StopRule, Users
from turbulence_app.domain.workflow import Workflow


class Member(Noun):
    """A part of the crowd: a persona, its weight and its policy."""

    persona: Identifier
    weight: Weight
    policy: Policy


class RunInputs(Noun):
    """What a run is made from. ``invariants`` are the scenario's, on top of the workflow's own."""

    workflow: Workflow
    crowd: Annotated[tuple[Member, ...], Field(min_length=1)]
    users: Users
    seed: Seed = 42
    target: Target = "model"
    scenario: str = ""
    arrivals: Arrivals = Arrivals(kind="open", rate_per_second=50.0)
    faults: tuple[Fault, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    liveness: Liveness | None = None
    stop: StopRule = StopRule()
