"""A policy: how a persona behaves in one workflow, in typed numbers that each have a reason."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Expression, Identifier, Noun, Probability, Weight
from turbulence_app.domain.quantity import Quantity, Uniform
from turbulence_app.domain.workflow import Parameter

RetryCount = Annotated[int, Field(ge=0, le=50)]
Source = Literal["model", "cache", "similar", "rules", "manual"]


class Case(Noun):
    """Other weights under a condition; the first case that matches wins."""

    when: Expression
    options: dict[Identifier, Weight]


class DecisionPolicy(Noun):
    """Weights of the options of one decision (they need not sum to 1)."""

    options: dict[Identifier, Weight]
    cases: tuple[Case, ...] = ()


class Patience(Noun):
    """How long somebody waits: for one answer, and for the whole visit (seconds; absent = for ever)."""

    step_wait_seconds: Quantity | None = None
    visit_seconds: Quantity | None = None


class Retries(Noun):
    """How often somebody tries a failed step again."""

    default: RetryCount = 0
    steps: dict[Identifier, RetryCount] = Field(default_factory=dict)


class Pacing(Noun):
    """Think time before a step's request (milliseconds), with exceptions by step."""

    think_ms: Quantity = 0.0
    steps: dict[Identifier, Quantity] = Field(default_factory=dict)


class Forms(Noun):
    """How somebody fills in forms."""

    typing_ms_per_char: Quantity = Uniform(min=150, max=250)
    correction_probability: Probability = 0.05
    skip_optional: Probability = 0.5


class Spread(Noun):
    """The lowest and the highest value that the voters of a consensus gave one number."""

    min: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
    max: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _ordered(self) -> Spread:
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}; swap them")
        return self


class Provenance(Noun):
    """Where a policy came from, and who let it through."""

    backend: Literal["builtin", "llamacpp", "ollama", "rules", "manual"] = "manual"
    model: str = ""
    digest: str = ""
    mode: Literal["", "embedding", "json", "logits", "rules"] = ""
    prompt_version: int = 0
    seed: int | None = None
    source: Source = "manual"
    created_at: str = ""
    approved_by: str | None = None
    approved_at: str | None = None
    elapsed_ms: float | None = None
    notes: tuple[str, ...] = ()


class Policy(Noun):
    """Everything about a persona's behaviour that a run needs; no model is asked during the run.

    ``evidence`` maps a dotted path such as ``decisions.browse_next`` to the words of the persona's description that
    the number came from; ``None`` means assumed, not said. ``ranges`` maps the dotted path of a single number (as
    ``patience.step_wait_seconds.max``) to what several compilations made of it; a number without one is agreed on, or
    was only asked once.
    """

    persona_id: Identifier
    workflow: Identifier | None = None
    decisions: dict[Identifier, DecisionPolicy] = Field(default_factory=dict)
    patience: Patience = Patience()
    retries: Retries = Retries()
    pacing: Pacing = Pacing()
    forms: Forms = Forms()
    parameters: dict[Identifier, Parameter] = Field(default_factory=dict)
    toggles: dict[Identifier, Probability] = Field(default_factory=dict)
    data: dict[str, tuple[Any, ...]] = Field(default_factory=dict)
    evidence: dict[str, str | None] = Field(default_factory=dict)
    ranges: dict[str, Spread] = Field(default_factory=dict)
    provenance: Provenance = Provenance()

    @property
    def approved(self) -> bool:
        """Whether a person let this policy through."""
        return self.provenance.approved_by is not None
