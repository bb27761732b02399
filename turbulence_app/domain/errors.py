"""Known errors: what is wrong, where, and how to mend it. Everything else is a bug."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit status of every command (a contract, see the manual)."""

    HOLDS = 0
    BROKEN = 1
    INPUT = 2
    MACHINE = 3
    CANCELLED = 130


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a text file; ``line`` and ``column`` count from 1, 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a check.

    ``severity`` is ``error`` (refused) or ``warning`` (runs, but look at it); ``mend`` says what to write instead.
    """

    message: str
    mend: str = ""
    where: Location | None = None
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" ({self.mend})" if self.mend else "")


class KnownError(Exception):
    """An error that the user can mend: one clear line, never a traceback."""

    exit_status = ExitStatus.INPUT

    def __init__(self, message: str, mend: str = "", where: Location | None = None) -> None:
        self.problem = Problem(message, mend, where)
        super().__init__(str(self.problem))


class InputError(KnownError):
    """The input or the call is wrong; carries every problem found, the first one is the headline."""

    def __init__(
        self, message: str, mend: str = "", where: Location | None = None, problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(message, mend, where)
        self.problems = problems or (self.problem,)

    @classmethod
    def of(cls, problems: list[Problem]) -> InputError:
        """One error out of all problems of a check."""
        head = next((p for p in problems if p.severity == "error"), problems[0])
        return cls(head.message, head.mend, head.where, tuple(problems))


class MachineError(KnownError):
    """The machine could not do it: no model, port refused, disk full."""

    exit_status = ExitStatus.MACHINE


class CancelledError(KnownError):
    """The user stopped it; what was done is kept."""

    exit_status = ExitStatus.CANCELLED
