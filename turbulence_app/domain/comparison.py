"""Two stored runs beside each other: what went in differently, and what came of it."""

from __future__ import annotations

from typing import Literal

from turbulence_app.domain.base import Noun
from turbulence_app.domain.run import Percentile, RunManifest, VerdictStatus
from turbulence_app.domain.workflow import Outcome

ChangeArea = Literal["run", "workflow", "crowd", "policy", "fault", "invariant"]
MOST_FLIPS = 5_000
"""People who fared differently that are listed; all of them are counted."""


class InputChange(Noun):
    """One thing that went in differently; '' where it is absent on that side."""

    area: ChangeArea
    what: str
    before: str = ""
    after: str = ""


class ShareChange(Noun):
    """A share on both sides with the interval of the difference, at 95 %. ``moved``: the interval excludes zero."""

    name: str
    persona: str = ""
    """Among whom; '' is everybody."""
    before_count: int = 0
    before_of: int = 0
    after_count: int = 0
    after_of: int = 0
    difference: float = 0.0
    low: float = -1.0
    high: float = 1.0

    @property
    def before(self) -> float:
        """Share on the first side."""
        return self.before_count / self.before_of if self.before_of else 0.0

    @property
    def after(self) -> float:
        """Share on the second side."""
        return self.after_count / self.after_of if self.after_of else 0.0

    @property
    def moved(self) -> bool:
        """Whether more than chance is seen."""
        return self.low > 0 or self.high < 0


class LatencyChange(Noun):
    """What people waited for one request of a step, on both sides; None where nobody asked."""

    step: str
    before: Percentile | None = None
    after: Percentile | None = None


class VerdictChange(Noun):
    """An invariant on both sides; '' where that side did not have it."""

    name: str
    before: VerdictStatus | Literal[""] = ""
    after: VerdictStatus | Literal[""] = ""
    before_violations: int = 0
    after_violations: int = 0


class Flip(Noun):
    """Somebody who fared differently, on the same draws."""

    user: int
    persona: str
    before: Outcome
    after: Outcome
    before_step: str = ""
    after_step: str = ""


class KindChange(Noun):
    """Failures of one kind on both sides."""

    invariant: str
    step: str = ""
    persona: str = ""
    before: int = 0
    after: int = 0


class NewFailure(Noun):
    """Somebody who breaks an invariant on the second side and not on the first."""

    user: int
    persona: str
    invariant: str
    step: str = ""


class Comparison(Noun):
    """The second run (``other``) against the first (``one``)."""

    one: RunManifest
    other: RunManifest
    one_users: int = 0
    other_users: int = 0
    changes: tuple[InputChange, ...] = ()
    paired: bool = False
    """The same people on the same draws: differences are told person by person."""
    unpaired_because: str = ""
    formula: str = ""
    """Where the intervals come from."""
    completion: ShareChange
    personas: tuple[ShareChange, ...] = ()
    funnel: tuple[ShareChange, ...] = ()
    """Share of the users who reached each step, in the order of the flow."""
    drop_offs: tuple[ShareChange, ...] = ()
    """Who ended without completing, by last step (and persona, where people were paired); what moved most first."""
    verdicts: tuple[VerdictChange, ...] = ()
    latencies: tuple[LatencyChange, ...] = ()
    kinds: tuple[KindChange, ...] = ()
    flips: tuple[Flip, ...] = ()
    flipped: dict[str, int] = {}
    """How many went ``completed>abandoned`` and so on, all of them."""
    new_failures: tuple[NewFailure, ...] = ()
    notes: tuple[str, ...] = ()
    elapsed_ms: float = 0.0
