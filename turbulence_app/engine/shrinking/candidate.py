"""What shrinking tries, what came of it, and the smallest found."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from turbulence_app.engine.shrinking.addresses import parse

Cost: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A world to try: choices over a neutral baseline, who is in it, which faults are on, and when it ends.

    ``choices`` map addresses to 32-bit words; every draw that is not among them takes its neutral value. ``until_us``
    in microseconds of the world's clock, None: it runs to its end. ``fresh``: people come in its liveness phase, too.
    """

    choices: Mapping[str, int]
    users: tuple[int, ...] = ()
    faults: frozenset[int] = frozenset()
    until_us: int | None = None
    fresh: bool = False

    @property
    def key(self) -> Hashable:
        """Equal for the same world."""
        return frozenset(self.choices.items()), self.users, self.faults, self.until_us, self.fresh

    @property
    def size(self) -> int:
        """How many things could still be left out."""
        return len(self.choices) + len(self.users) + len(self.faults) + self.fresh

    def with_choices(self, choices: Mapping[str, int]) -> Candidate:
        """The same world with other choices."""
        return replace(self, choices=choices)

    def without_user(self, user: int) -> Candidate:
        """The same world without somebody, and without that person's choices."""
        kept = {a: w for a, w in self.choices.items() if parse(a).user != str(user)}
        return replace(self, users=tuple(u for u in self.users if u != user), choices=kept)

    def without_fresh(self) -> Candidate:
        """The same world without anybody in its liveness phase; their choices go when they are not drawn."""
        return replace(self, fresh=False)

    def without_fault(self, number: int) -> Candidate:
        """The same world with a fault switched off, its choices gone."""
        own = (f"fault{number}", f"fault{number}_")
        kept = {
            a: w for a, w in self.choices.items() if not ((p := parse(a).purpose) == own[0] or p.startswith(own[1]))
        }
        return replace(self, faults=self.faults - {number}, choices=kept)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a candidate failed. ``used`` maps every address that was really drawn, in order, to its neutral word.

    ``cost`` orders failures of candidates of one size: smaller is simpler.
    """

    used: Mapping[str, int]
    cost: Cost = ()


Run: TypeAlias = Callable[[Candidate], Outcome | None]
"""Really runs a candidate; None where it does not fail in the same way. Must be deterministic."""
Alternatives: TypeAlias = Callable[[str], tuple[int, ...]]
"""The words that stand for the values which an address can take, simplest first; empty where any word goes."""


def any_word(_address: str) -> tuple[int, ...]:
    """No values worth naming: only lower words are tried."""
    return ()


@dataclass(frozen=True, slots=True)
class Removal:
    """Something of the smallest world that was left out alone, and with that it did not fail any more."""

    kind: Literal["choice", "user", "fault", "liveness"]
    what: str
    """Empty where there is one of its kind."""


@dataclass(frozen=True, slots=True)
class Minimal:
    """The smallest world found so far. ``minimal``: leaving out any one thing was run and passes (``removals``)."""

    candidate: Candidate
    outcome: Outcome
    candidates: int
    """Candidates really run."""
    minimal: bool = False
    removals: tuple[Removal, ...] = field(default=())
    stopped: bool = False
    """The search ended because it was asked to, or because of the bound on candidates."""
