"""A failure: one user who broke an invariant, and the smallest visit that still does."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.base import Noun
from turbulence_app.domain.trace import TraceEvent, UserTrace


class Failure(Noun):
    """A broken invariant of a run: where it broke and for whom."""

    failure_id: str = ""
    run_id: str = ""
    user: int
    persona: str
    invariant: str
    step: str = ""
    at_us: int = 0
    events: int = 0
    """Size as found: events of the user's trace up to the violation."""
    message: str = ""
    """What was seen, in words and numbers (live targets)."""


class Choice(Noun):
    """One entry of a minimal reproduction: a draw that must not be the default, and what it means."""

    address: str
    word: int
    meaning: str
    value: Any = None


class Shrunk(Noun):
    """The smallest reproduction found. ``minimal`` is true when removing any one choice was tried and passes."""

    failure: Failure
    found_events: int
    found_choices: int
    events: int
    choices: tuple[Choice, ...]
    candidates: int
    """Candidates really re-run."""
    minimal: bool
    trace: UserTrace
    story: tuple[TraceEvent, ...] = ()
    """The events that tell it, in order."""
    users: tuple[int, ...] = ()
    """App target: the users who are needed."""
    faults: tuple[str, ...] = ()
    """Labels of the faults that are needed."""
    others: tuple[UserTrace, ...] = ()
    """App target: the visits of the other users who are needed."""
    proof: tuple[str, ...] = ()
    """One line for each thing that was removed alone and made it pass."""
    elapsed_ms: float = 0.0
    fixed: dict[str, int] = {}
    """Words that are kept and not counted: which persona somebody is, and when that person comes."""
    fault_numbers: tuple[int, ...] = ()
    """Places of the needed faults in the run's list; all others are off."""
    until_us: int | None = None
    """App target: when the world may end, in microseconds of its clock."""
    digest: str = ""
    """Of the smallest reproduction's trace: the same bits wherever it is run again."""
    notes: tuple[str, ...] = ()
    """What could not be done or shown, in words."""
