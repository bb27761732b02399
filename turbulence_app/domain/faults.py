"""Faults: what may go wrong between a person and a service. A closed list; anything else is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from turbulence_app.domain.base import Expression, Identifier, Noun, Probability
from turbulence_app.domain.quantity import Quantity

FaultKind = Literal[
    "latency",
    "timeout",
    "error_status",
    "request_lost",
    "response_lost",
    "duplicate",
    "reorder",
    "truncated_body",
    "corrupt_body",
    "stale_read",
    "connection_reset",
    "partition",
    "crash",
    "gray",
    "clock_skew",
    "quiet",
]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)
MODEL_TARGET_FAULTS = frozenset(
    {"latency", "timeout", "error_status", "request_lost", "response_lost", "duplicate", "connection_reset",
     "partition", "crash", "gray", "quiet"}
)  # fmt: skip
"""Kinds that mean something where services are distributions; the others need real code to act on."""
HTTP_TARGET_FAULTS = frozenset(FAULT_KINDS) - {"crash", "clock_skew"}
"""Kinds that can strike a service which somebody else runs."""

Moment = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Fault(Noun):
    """One kind of trouble, where it strikes and how likely.

    ``step``, ``service``, ``persona``, ``nth`` (the nth request of a user to the step, from 1), ``when`` and the window
    ``from_seconds``..``to_seconds`` (virtual time of the run) narrow it down; all that are given must hold.
    """

    kind: FaultKind
    name: Identifier | None = None
    service: Identifier | None = None
    step: Identifier | None = None
    persona: Identifier | None = None
    probability: Probability = 1.0
    nth: Annotated[int, Field(ge=1, le=1000)] | None = None
    when: Expression | None = None
    from_seconds: Moment | None = None
    to_seconds: Moment | None = None
    at_seconds: Moment | tuple[Moment, ...] | None = None
    down_seconds: Moment | None = None
    add_ms: Quantity | None = None
    latency_ms: Quantity | None = None
    timeout_after_ms: Annotated[int, Field(ge=0, le=10**9)] | None = None
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    skew_seconds: Annotated[float, Field(ge=-1e6, le=1e6)] | None = None
    keep_bytes: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """``truncated_body``: how much of the answer's body arrives; half of it where absent."""

    @model_validator(mode="after")
    def _fields_of_the_kind(self) -> Fault:
        if self.kind == "latency" and (self.add_ms is None) == (self.latency_ms is None):
            raise ValueError("a latency fault has exactly one of add_ms (or the original's latency_ms)")
        if self.from_seconds is not None and self.to_seconds is not None and self.from_seconds > self.to_seconds:
            raise ValueError("from_seconds is after to_seconds")
        return self

    @property
    def label(self) -> str:
        """Short words for tables and messages."""
        return self.name or (f"{self.kind} on {self.step or self.service or 'every step'}")


def fault_names(faults: Iterable[Fault]) -> tuple[str, ...]:
    """A name for each fault of a run: its label; equal labels are numbered from the second on."""
    seen: dict[str, int] = {}
    names = []
    for fault in faults:
        seen[fault.label] = seen.get(fault.label, 0) + 1
        names.append(fault.label if seen[fault.label] == 1 else f"{fault.label} ({seen[fault.label]})")
    return tuple(names)
