"""What a world is made from, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.asking import WorldVerdict
from turbulence_app.engine.draws import Draws
from turbulence_app.engine.visit import Visit

RECOVERS = "recovers"
"""The built-in rule of the liveness phase: once the trouble is over, nobody's visit may fail."""


@dataclass(frozen=True)
class WorldSpec:
    """One world. ``choices`` replaces draws by full address (``3/pay#0.1:fault0``, ``@app#0.0:turn5``).

    ``neutral``: every other draw takes its neutral value. ``faults``: numbers of those that are on (None: all).
    ``until_us``: when it is cut off, in microseconds from its beginning. ``fresh``: whether people come in the
    liveness phase; without them the application runs on for its seconds all the same.
    """

    seed: int
    users: tuple[int, ...]
    choices: Mapping[str, int] = field(default_factory=dict)
    neutral: bool = False
    faults: frozenset[int] | None = None
    until_us: int | None = None
    fresh: bool = True


class Heard(NamedTuple):
    """One answer of the application: to whom, when on the world's clock, and what it said."""

    user: int
    step: str
    visit: int
    attempt: int
    at_us: int
    status: int
    body: bytes


@dataclass(frozen=True)
class Broken:
    """A rule that was broken: by whom (None: by the world as a whole), where, and when on the world's clock.

    ``events`` is how many events of the user's trace lead there.
    """

    invariant: str
    user: int | None
    step: str
    at_us: int
    events: int
    message: str = ""


@dataclass
class WorldResult:
    """What happened in a world. ``fresh`` are the visits of its liveness phase; times are on the world's clock."""

    visits: tuple[Visit, ...]
    broken: tuple[Broken, ...]
    digest: str
    notes: tuple[str, ...]
    requests: int
    ended_us: int
    fresh: tuple[Visit, ...] = ()
    verdicts: tuple[WorldVerdict, ...] = ()
    """The rules about the world as a whole."""
    recovered: bool | None = None
    """Whether the liveness phase went well; None: there was none."""
    cancelled: bool = False
    app_draws: Draws | None = None
    errors: Mapping[int, list[str]] = field(default_factory=dict)
    """By user: what went wrong inside the application, in its own words."""

    @cached_property
    def made(self) -> dict[str, tuple[int, Any, int]]:
        """Every draw by its full address: word, what it came to mean, neutral word."""
        found: dict[str, tuple[int, Any, int]] = {}
        for visit in (*self.visits, *self.fresh):
            for name, number, attempt, purpose, word, value, neutral in visit.draws.made:
                found[f"{visit.user}/{name}#{number}.{attempt}:{purpose}"] = (word, value, neutral)
        for name, number, attempt, purpose, word, value, neutral in self.app_draws.made if self.app_draws else ():
            found[f"{name}#{number}.{attempt}:{purpose}"] = (word, value, neutral)
        return found

    def trace(self, user: int) -> UserTrace:
        """One user's visit as a noun."""
        return next(v for v in (*self.visits, *self.fresh) if v.user == user).trace()


def split_choices(choices: Mapping[str, int]) -> tuple[dict[int, dict[str, int]], dict[str, int]]:
    """Choices by user, without the user's number, and those of the application."""
    by_user: dict[int, dict[str, int]] = {}
    of_app: dict[str, int] = {}
    for address, word in choices.items():
        user, slash, rest = address.partition("/")
        if slash and user.isdecimal():
            by_user.setdefault(int(user), {})[rest] = word
        else:
            of_app[address] = word
    return by_user, of_app
