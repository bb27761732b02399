"""The persona benchmark: people in plain words, and what anybody who read those words would expect of their policy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Identifier, Noun, Probability
from turbulence_app.domain.workflow import Workflow

Trait = Literal["step_wait", "visit", "retries", "think", "typing", "corrections", "skip"]
"""What can be more or less than a neutral person's: seconds waited for a step and a visit, retries, think time, typing
time per character, corrections, optional fields skipped."""
Stated = Literal["step_wait_max", "retries"]
"""Figures that a text can state: the longest wait for a step (seconds), how often somebody tries again."""
Kind = Literal["trait", "likeliest", "unlikely", "bounded", "stated"]
"""Kinds of expectation."""


class Expect(Noun):
    """Directions, not values: what holds for every sensible reading of a description."""

    more: tuple[Trait, ...] = ()
    less: tuple[Trait, ...] = ()
    top: dict[Identifier, Identifier] = Field(default_factory=dict)
    """Decision to its likeliest option."""
    below: dict[Identifier, tuple[Identifier, ...]] = Field(default_factory=dict)
    """Decision to options that are less likely than for a neutral person."""
    atmost: dict[Identifier, dict[Identifier, Probability]] = Field(default_factory=dict)
    """Decision to upper bounds of options' shares."""
    retries_atmost: Annotated[int, Field(ge=0, le=100)] | None = None
    value: dict[Stated, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self) -> Expect:
        if not self.model_fields_set:
            raise ValueError("expects nothing: name at least one of more, less, top, below, atmost, value")
        return self

    @property
    def relative(self) -> bool:
        """Whether a neutral person's policy is needed to judge it."""
        return bool(self.more or self.less or self.below)


class BenchPersona(Noun):
    """One description with what is expected of its policy for one workflow."""

    workflow: Identifier
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    expect: Expect


class Benchmark(Noun):
    """Workflows and the people who are compiled for them. A file may hold either, or both."""

    workflows: tuple[Workflow, ...] = ()
    personas: tuple[BenchPersona, ...] = ()

    def workflow(self, name: str) -> Workflow:
        """A workflow by its id. Raises ``KeyError``."""
        return {flow.id: flow for flow in self.workflows}[name]
