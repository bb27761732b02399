"""Invariants: what must hold. They, and never a model, decide the verdict of a run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Expression, Identifier, Noun

Target = Literal["model", "app", "http"]
InvariantKind = Literal["always", "at_end", "sometimes", "gate"]


class Invariant(Noun):
    """One named rule.

    Exactly one of: ``always`` (after every step of every user), ``at_end`` (when a visit ends), ``sometimes`` (for at
    least one user, so that the test is not vacuous), ``gate`` (over the whole run's aggregates).
    """

    name: Identifier
    always: Expression | None = None
    at_end: Expression | None = None
    sometimes: Expression | None = None
    gate: Expression | None = None
    says: str = ""
    targets: tuple[Target, ...] = Field(default=("model", "app", "http"), min_length=1)

    @model_validator(mode="after")
    def _exactly_one(self) -> Invariant:
        given = [k for k in ("always", "at_end", "sometimes", "gate") if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError("an invariant has exactly one of always, at_end, sometimes, gate")
        return self

    @property
    def kind(self) -> InvariantKind:
        """Which of the four it is."""
        if self.always is not None:
            return "always"
        if self.at_end is not None:
            return "at_end"
        return "sometimes" if self.sometimes is not None else "gate"

    @property
    def expression(self) -> str:
        """The rule's source text."""
        return str(getattr(self, self.kind))
