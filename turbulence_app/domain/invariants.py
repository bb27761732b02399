"""Invariants: what must hold. They, and never a model, decide the verdict of a run."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from turbulence_app.domain.base import Expression, Identifier, Noun

Target = Literal["model", "app", "http"]
InvariantKind = Literal["always", "never", "at_end", "sometimes", "within", "once_per", "gate"]
KINDS: tuple[InvariantKind, ...] = get_args(InvariantKind)


class Within(Noun):
    """After ``after`` became true for a user, ``then`` must become true within ``seconds`` of that user's time.

    A visit that ends with the promise open has broken it.
    """

    after: Expression
    then: Expression
    seconds: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]

    def __str__(self) -> str:
        return f"after {self.after}, {self.then} within {self.seconds:g} s"


class OncePer(Noun):
    """Across all users of a world, ``step`` succeeds at most once for each value of ``key``.

    ``key`` is evaluated for the user right after each successful answer (2xx) of the step; null keys do not count.
    """

    step: Identifier
    key: Expression

    def __str__(self) -> str:
        return f"{self.step} at most once per {self.key}"


class Invariant(Noun):
    """One named rule.

    Exactly one of: ``always`` (after every step of every user), ``never`` (its opposite), ``at_end`` (when a visit
    ends; a rule about the world, with ``probe``, ``total`` or ``python``, when the world ends), ``sometimes`` (for at
    least one user, so that the test is not vacuous), ``within`` (a promise with a deadline), ``once_per`` (no key
    twice, across users), ``gate`` (over the whole run's aggregates).
    """

    name: Identifier
    always: Expression | None = None
    never: Expression | None = None
    at_end: Expression | None = None
    sometimes: Expression | None = None
    within: Within | None = None
    once_per: OncePer | None = None
    gate: Expression | None = None
    says: str = ""
    targets: tuple[Target, ...] = Field(default=("model", "app", "http"), min_length=1)

    @model_validator(mode="after")
    def _exactly_one(self) -> Invariant:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"an invariant has exactly one of {', '.join(KINDS)}")
        return self

    @property
    def kind(self) -> InvariantKind:
        """Which of them it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def expression(self) -> str:
        """The rule's source text."""
        return str(getattr(self, self.kind))

    @property
    def sources(self) -> tuple[str, ...]:
        """Every expression that the rule is made of."""
        if self.within is not None:
            return self.within.after, self.within.then
        return (self.once_per.key,) if self.once_per is not None else (self.expression,)
