"""A failure: one user who broke an invariant, and the smallest visit that still does."""

from __future__ import annotations

from typing import Any, Literal

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
    fresh: bool = False
    """App target: whether somebody must come in the liveness phase."""
    digest: str = ""
    """Of the smallest reproduction's trace: the same bits wherever it is run again."""
    notes: tuple[str, ...] = ()
    """What could not be done or shown, in words."""


class NearestPassing(Noun):
    """Somebody who did nearly the same, and all was well: what to put beside a failure."""

    failure: Failure
    failing: UserTrace
    passing: UserTrace
    differs: tuple[Choice, ...] = ()
    """What was left out for it (one choice, where a single one decides); empty: another user of the run."""
    left_out: str = ""
    """In words."""
    failing_at: int = 0
    """Index of the first event of ``failing`` that ``passing`` does not have at the same place."""
    passing_at: int = 0
    same_user: bool = True


class WhyRow(Noun):
    """What becomes of the failure without one thing, over many worlds in which everything else is drawn anew.

    ``necessary``: it never fails without; ``contributes``: less often; ``suppressor``: more often; ``neutral``: no
    difference that could be told. ``failed`` of ``of`` worlds failed; ``low`` and ``high`` are the 95 % Wilson interval
    of that share.
    """

    kind: Literal["choice", "fault", "user", "liveness"]
    what: str
    """An address, a fault's place in the list, a user's number, or nothing (``liveness``)."""
    meaning: str
    verdict: Literal["necessary", "contributes", "neutral", "suppressor"]
    failed: int
    of: int
    low: float
    high: float


class Why(Noun):
    """What makes a failure: with everything of the minimal case, and with one thing of it left out at a time."""

    failure: Failure
    failed: int
    of: int
    low: float
    high: float
    rows: tuple[WhyRow, ...]
    elapsed_ms: float = 0.0
    notes: tuple[str, ...] = ()
