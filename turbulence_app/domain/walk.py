"""One visit step by step, with what the person knew and how it was decided: for looking at, never stored."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.base import Noun
from turbulence_app.domain.trace import Reason, TraceEvent
from turbulence_app.domain.workflow import Outcome


class Choice(Noun):
    """How a decision was drawn. ``weights`` are shares of 1 in the order of the options; the option is taken in whose
    stretch ``drawn`` (0 to 1) falls. ``case`` is the condition whose weights held, '' for the usual ones."""

    weights: dict[str, float]
    drawn: float
    chosen: str
    case: str = ""


class Stop(Noun):
    """One step of the visit. Times in microseconds since the arrival; ``nth`` counts visits of the step from 1.

    ``variables`` are those after the step, ``changed`` the names of those that the step set. ``patience_us`` is what
    was left of the patience for the visit when the step began (None: it never ends).
    """

    step: str
    type: str = ""
    nth: int = 1
    at_us: int = 0
    until_us: int = 0
    events: tuple[TraceEvent, ...] = ()
    variables: dict[str, Any] = {}
    changed: tuple[str, ...] = ()
    choice: Choice | None = None
    patience_us: int | None = None


class Walk(Noun):
    """A whole visit, the arrival first (a stop without a step)."""

    user: int
    persona: str
    users: int
    seed: int
    outcome: Outcome
    reason: Reason = ""
    ended_us: int = 0
    patience_us: int | None = None
    """For the whole visit."""
    stops: tuple[Stop, ...] = ()
    violations: tuple[str, ...] = ()
    source: str = ""
    """The run that the user is of; '' for the workflow as it is now."""
    fingerprint: int = 0
