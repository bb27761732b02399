"""A post-mortem: what happened, the smallest cause, claims that were re-simulated. A suggestion, never a verdict."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.domain.failure import Failure

ClaimKind = Literal["without_fault", "without_retry", "double_patience", "half_latency", "always_option"]
"""The closed list of what may be claimed: that it would not have broken with this one thing changed."""
ClaimVerdict = Literal["confirmed", "refuted", "not_testable"]
MOST_CLAIMS = 12


class Claim(Noun):
    """ "It would not have broken if …". ``subject`` is a fault's label, a step, a persona or a decision."""

    kind: ClaimKind
    subject: str
    option: str = ""
    """The option that is always taken (``always_option``)."""

    @property
    def key(self) -> str:
        """``without_fault:lost_receipt``: what names it in a list."""
        return ":".join(part for part in (self.kind, self.subject, self.option) if part)

    @property
    def says(self) -> str:
        """In words."""
        return {
            "without_fault": f"without the fault {self.subject}",
            "without_retry": f"without retries of {self.subject}",
            "double_patience": f"with twice the patience of {self.subject}",
            "half_latency": f"with {self.subject} answering in half the time",
            "always_option": f"if {self.subject} were always {self.option}",
        }[self.kind]


class TestedClaim(Noun):
    """A claim and what its re-simulation showed.

    ``confirmed``: the same visit, on the same draws, holds with the change. ``failed`` of ``of`` worlds (the minimal
    case, everything else drawn anew) still break with it, ``base_failed`` without it, on the same seeds; ``low`` and
    ``high`` are the 95 % Wilson interval.
    """

    claim: Claim
    because: str = ""
    """What the model said for it."""
    verdict: ClaimVerdict
    detail: str = ""
    failed: int = 0
    of: int = 0
    base_failed: int = 0
    low: float = 0.0
    high: float = 1.0
    trend: Literal["", "rarer", "as often", "more often"] = ""
    """Over the worlds: only intervals that lie apart say anything."""


class Facts(Noun):
    """What is known of a failure without any model: all that a post-mortem may speak of."""

    failure: Failure
    says: str = ""
    """The invariant in words."""
    story: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """What must be out of the ordinary."""
    faults: tuple[str, ...] = ()
    """Faults that are needed."""
    proof: tuple[str, ...] = ()
    passes: str = ""
    """Who nearly did the same and fared well, and what that took."""
    suppressors: tuple[str, ...] = ()
    look_at: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    """What the rules make of it, most telling first."""
    claims: tuple[Claim, ...] = ()
    """Everything that may be claimed here."""
    names: tuple[str, ...] = ()
    """Names that exist: steps, faults, personas, decisions, options, invariants."""


class PostMortem(Noun):
    """``source``: ``simulation`` (no model), ``model`` or ``cache``; ``confidence`` is the model's own."""

    failure: Failure
    headline: Annotated[str, Field(max_length=200)]
    happened: tuple[str, ...] = ()
    cause: Annotated[str, Field(max_length=800)] = ""
    passes: str = ""
    look_at: tuple[str, ...] = ()
    try_next: tuple[str, ...] = ()
    claims: tuple[TestedClaim, ...] = ()
    confidence: float | None = None
    source: Literal["simulation", "model", "cache"] = "simulation"
    backend: str = ""
    model: str = ""
    digest: str = ""
    created_at: str = ""
    notes: tuple[str, ...] = ()
    elapsed_ms: float = 0.0
