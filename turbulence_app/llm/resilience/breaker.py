"""A breaker per model: a model that keeps failing is left alone for a while, then tried with one request.

closed -> open after 5 failures in a row, or when at least half of at least 10 calls in 30 s failed; open -> half-open
after a cool-down (10 s, doubled after each failed probe up to 120 s); half-open admits one probe, whose success
closes and whose failure opens again. A probe that says nothing (it was cancelled) gives its place back. The pattern is
M. Nygard's (Release It!, 2007); counting by whole seconds keeps the window small and exact enough.

Results of calls that were admitted before the last change of state are ignored: they tell of an earlier time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from turbulence_app.llm.errors import BreakerOpenError, ModelError
from turbulence_app.llm.resilience.deadline import Clock

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When it opens and for how long (seconds)."""

    consecutive: int = 5
    ratio: float = 0.5
    least_calls: int = 10
    window: int = 30
    cooldown: float = 10.0
    longest: float = 120.0


USUAL = BreakerSettings()


@dataclass(frozen=True, slots=True)
class BreakerView:
    """A breaker at a moment, for people: ``retry_in`` seconds until a probe, ``opened`` times in all."""

    state: State
    consecutive: int
    calls: int
    failures: int
    opened: int
    retry_in: float
    cooldown: float


class Breaker:
    """Safe for several threads. Use :meth:`guard`, or :meth:`admit` and then exactly one of the three reports."""

    def __init__(
        self,
        settings: BreakerSettings = USUAL,
        clock: Clock = time.monotonic,
        on_change: Callable[[State], object] | None = None,
    ) -> None:
        self.settings, self._clock, self._on_change = settings, clock, on_change
        self._lock = threading.Lock()
        self._state: State = "closed"
        self._epoch = 0
        self._consecutive = 0
        self._until = 0.0
        self._cooldown = settings.cooldown
        self._opened = 0
        self._probing = False
        self._seconds: deque[list[int]] = deque()  # second, calls, failures
        self._now = [-1, 0, 0]  # the last of them

    def guard(self) -> _Guard:
        """``with breaker.guard():`` around one call; raises :class:`BreakerOpenError` instead of entering."""
        return _Guard(self)

    def check(self) -> None:
        """Raises :class:`BreakerOpenError` while the model is left alone; takes nobody's place."""
        if self._state == "open" and (wait := self._until - self._clock()) > 0:
            raise _refusal(wait)

    def admit(self) -> int:
        """A ticket for one call. Raises :class:`BreakerOpenError` while the model is left alone."""
        ticket = self._epoch  # before the state: then a change in between makes this ticket an old one
        if self._state == "closed":  # no lock: at worst one more call goes to a model that just failed
            return ticket
        return self._probe()

    def success(self, ticket: int) -> None:
        """The call was answered (whether the answer was any good is another matter)."""
        with self._lock:
            if ticket != self._epoch:
                return
            if self._state == "closed":  # the path of every good call, so it does as little as it can
                self._consecutive = 0
                second = int(self._clock())
                (self._now if self._now[0] == second else self._turn(second))[1] += 1
                return
            self._close()
        self._tell("closed")

    def failure(self, ticket: int) -> None:
        """The call failed in a way that speaks against the model."""
        with self._lock:
            if ticket != self._epoch:
                return
            if self._state == "closed":
                self._consecutive += 1
                now = self._turn(int(self._clock()))
                now[1] += 1
                now[2] += 1
                if not self._too_many():
                    return
            else:
                self._cooldown = min(2 * self._cooldown, self.settings.longest)
            self._open()
        self._tell("open")

    def gone(self, ticket: int) -> None:
        """The call ended without a word about the model: it was cancelled, or the question was refused."""
        with self._lock:
            if ticket == self._epoch:
                self._probing = False

    def view(self) -> BreakerView:
        """How it stands now."""
        with self._lock:
            self._turn(int(self._clock()))
            wait = max(0.0, self._until - self._clock()) if self._state == "open" else 0.0
            state: State = "half_open" if self._state == "open" and wait == 0 else self._state
            calls, failures = self._in_window()
            return BreakerView(state, self._consecutive, calls, failures, self._opened, wait, self._cooldown)

    def _probe(self) -> int:
        """The one place of the half-open state, if it is free."""
        with self._lock:
            if self._state == "closed":
                return self._epoch
            wait = self._until - self._clock()
            if wait > 0 or self._probing:
                raise _refusal(max(wait, 0.0))
            changed = self._state == "open"
            self._state, self._probing = "half_open", True
            ticket = self._epoch
        if changed:
            self._tell("half_open")
        return ticket

    def _too_many(self) -> bool:
        rules = self.settings
        calls, failures = self._in_window()
        many = calls >= rules.least_calls and failures >= rules.ratio * calls
        return self._consecutive >= rules.consecutive or many

    def _open(self) -> None:
        self._state, self._probing = "open", False
        self._epoch += 1
        self._opened += 1
        self._until = self._clock() + self._cooldown

    def _close(self) -> None:
        self._state, self._probing = "closed", False
        self._epoch += 1
        self._cooldown = self.settings.cooldown
        self._consecutive = 0
        self._seconds.clear()
        self._now = [-1, 0, 0]

    def _turn(self, second: int) -> list[int]:
        """The counts of this second; what is older than the window goes."""
        if self._now[0] != second:
            self._now = [second, 0, 0]
            self._seconds.append(self._now)
        while self._seconds[0][0] <= second - self.settings.window:
            self._seconds.popleft()
        return self._now

    def _in_window(self) -> tuple[int, int]:
        """Calls and failures."""
        return sum(calls for _, calls, _ in self._seconds), sum(failures for *_, failures in self._seconds)

    def _tell(self, state: State) -> None:
        if self._on_change:
            self._on_change(state)


class _Guard:
    """One call through a breaker, as a with statement (a class: a generator would cost twice as much)."""

    __slots__ = ("_breaker", "_ticket")

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def __enter__(self) -> None:
        self._ticket = self._breaker.admit()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if kind is None:
            self._breaker.success(self._ticket)
        elif isinstance(error, ModelError) and error.trips:
            self._breaker.failure(self._ticket)
        else:
            self._breaker.gone(self._ticket)


def _refusal(seconds: float) -> BreakerOpenError:
    when = f"{seconds:.0f} s" if seconds >= 1 else "a moment"
    error = BreakerOpenError("the model failed too often and is left alone", f"it is tried again in {when}")
    error.retry_after = seconds
    return error
