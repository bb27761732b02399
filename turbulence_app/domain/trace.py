"""What one user did: every event, decision and draw, in order. Recomputed, never stored for a whole crowd."""

from __future__ import annotations

from typing import Any, Literal

from turbulence_app.domain.base import Noun
from turbulence_app.domain.workflow import Outcome

EventKind = Literal[
    "arrive", "think", "type", "request", "effect", "answer", "fault", "give_up", "retry", "backoff", "decide",
    "branch", "loop", "assert", "skip", "step_failed", "violation", "end",
]  # fmt: skip
Reason = Literal["", "left", "step_patience", "visit_patience", "step_failed", "assertion_failed", "max_steps", "end"]
"""Why a visit ended: by an ``end`` step (``end``), by running off the flow (``""``), or by what cut it short.
``left``: an ``end`` with outcome abandoned."""


class Draw(Noun):
    """One random choice, addressed by who, where and what for; the address is all its value depends on.

    ``word`` is the raw 32-bit draw; ``value`` is what it came to mean (an option, microseconds, a Boolean, ...).
    """

    step: str
    visit: int = 0
    attempt: int = 0
    purpose: str
    word: int
    value: Any = None

    @property
    def address(self) -> str:
        """``step#visit.attempt:purpose``, the key of an override."""
        return f"{self.step}#{self.visit}.{self.attempt}:{self.purpose}"


class TraceEvent(Noun):
    """One thing that happened to one user. ``at_us`` counts microseconds from the user's arrival."""

    at_us: int
    kind: EventKind
    step: str = ""
    visit: int = 0
    attempt: int = 0
    detail: str = ""
    data: dict[str, Any] = {}


class UserTrace(Noun):
    """A whole visit."""

    user: int
    persona: str
    arrived_us: int
    ended_us: int
    outcome: Outcome
    reason: Reason = ""
    last_step: str = ""
    steps: int = 0
    events: tuple[TraceEvent, ...] = ()
    draws: tuple[Draw, ...] = ()
    violations: tuple[str, ...] = ()
    fingerprint: int = 0
    """The user's 64-bit fingerprint: equal to the one inside the run, or the replay is not the run."""
