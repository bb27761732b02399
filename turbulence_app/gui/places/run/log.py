"""The console's lines and their filter. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from turbulence_app.domain.events import Log
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import FaultStats

Level = Literal["violation", "fault", "log"]
MOST = 10_000
"""Lines kept; the database has the rest."""


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """One line. ``at_us`` is the user's virtual time, None where there is none."""

    level: Level
    source: str
    message: str
    at_us: int | None = None
    severity: Literal["debug", "info", "warning", "error"] = "info"
    failure_id: str = ""
    run_id: str = ""
    user: int | None = None


def violation(failure: Failure, says: str) -> ConsoleLine:
    """A user who broke an invariant."""
    where = f" at {failure.step}" if failure.step else ""
    reason = f": {says}" if says else ""
    text = f"user {failure.user:,} ({failure.persona}) broke it{where}{reason}"
    return ConsoleLine(
        "violation", failure.invariant, text, failure.at_us, "error", failure.failure_id, failure.run_id, failure.user
    )


def fault(stats: FaultStats, *, first: bool) -> ConsoleLine:
    """A fault that struck for the first time, or its account at the end."""
    struck, users = (
        f"{stats.struck:,} time{'s' * (stats.struck != 1)}",
        f"{stats.users:,} user{'s' * (stats.users != 1)}",
    )
    text = f"strikes for the first time ({struck} so far)" if first else f"struck {struck}, {users} in all"
    return ConsoleLine("fault", stats.label, text, None, "warning")


def entry(event: Log) -> ConsoleLine:
    """A line of the log."""
    return ConsoleLine("log", event.source or event.level, event.message, None, event.level)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is shown: a level ('' is all) and words that must all occur."""

    level: Level | Literal[""] = ""
    words: str = ""

    def accepts(self, line: ConsoleLine) -> bool:
        """Whether the line is shown."""
        if self.level and line.level != self.level:
            return False
        text = f"{line.source} {line.message} {line.failure_id}".lower()
        return all(word in text for word in self.words.lower().split())
