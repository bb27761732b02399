"""Equal questions at the same time share one call: the first to come asks, the others wait for that answer.

Whoever waits leaves alone and at once when stopped or out of time. When the one who asks leaves for a reason of its own
(stopped, out of *its* time), one of those who wait asks in its place; a failure of the model itself reaches all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm.errors import BudgetError

T = TypeVar("T")
LISTEN_S = 0.02
"""How long somebody who waits may be deaf to a stop (only where there is one to listen to)."""


class SingleFlight(Generic[T]):
    """Safe for several threads. Results are not remembered: that is the cache's work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[bytes, _Flight[T]] = {}

    def do(
        self,
        key: bytes,
        work: Callable[[], T],
        *,
        left: Callable[[], float] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> tuple[T, bool]:
        """The result, and whether it came from somebody else's call.

        ``left`` gives the seconds that the caller may still wait. Raises what ``work`` raised, and while waiting
        ``CancelledError`` or :class:`BudgetError`.
        """
        with self._lock:
            flight = self._flying.get(key)
            if mine := flight is None:
                flight = self._flying[key] = _Flight(self._lock)
            else:
                flight.waiting += 1
        if mine or self._wait(key, flight, left, should_stop):
            return self._lead(key, flight, work), False
        return flight.outcome(), True

    @property
    def flying(self) -> int:
        """How many different questions are being asked now."""
        return len(self._flying)

    @property
    def waiting(self) -> int:
        """How many callers wait for somebody else's answer."""
        with self._lock:
            return sum(flight.waiting for flight in self._flying.values())

    def _lead(self, key: bytes, flight: _Flight[T], work: Callable[[], T]) -> T:
        try:
            result = work()
        except BaseException as error:
            with self._lock:
                if flight.waiting and _personal(error):
                    flight.vacant = True
                    flight.changed.notify()
                else:
                    flight.error = error
                    self._land(key, flight)
            raise
        with self._lock:
            flight.result = result
            self._land(key, flight)
        return result

    def _land(self, key: bytes, flight: _Flight[T]) -> None:
        flight.over = True
        del self._flying[key]
        flight.changed.notify_all()

    def _wait(
        self,
        key: bytes,
        flight: _Flight[T],
        left: Callable[[], float] | None,
        should_stop: Callable[[], bool] | None,
    ) -> bool:
        """Until it is over (False), or until the place of the one who asks is free and taken by us (True)."""
        try:
            while True:
                _heed(left, should_stop)  # not under the lock: it is somebody else's code
                if (mine := self._look(flight, _pause(left, should_stop))) is not None:
                    return mine
        except BaseException:
            self._leave(key, flight)
            raise

    def _look(self, flight: _Flight[T], pause: float | None) -> bool | None:
        with self._lock:
            if not (flight.over or flight.vacant):
                flight.changed.wait(pause)
            if flight.over:
                flight.waiting -= 1
                return False
            if flight.vacant:
                flight.vacant = False
                flight.waiting -= 1
                return True
            return None

    def _leave(self, key: bytes, flight: _Flight[T]) -> None:
        """A free place is offered to the next; the last one to leave takes the question along."""
        with self._lock:
            flight.waiting -= 1
            if flight.vacant and not flight.over:
                if flight.waiting:
                    flight.changed.notify()
                else:
                    self._land(key, flight)


class _Flight(Generic[T]):
    """One call and those who wait for it. Everything is read and written under the lock of all."""

    __slots__ = ("changed", "error", "over", "result", "vacant", "waiting")

    def __init__(self, lock: threading.Lock) -> None:
        self.changed = threading.Condition(lock)
        self.waiting = 0
        self.vacant = self.over = False
        self.result: T
        self.error: BaseException | None = None

    def outcome(self) -> T:
        if self.error is not None:
            raise self.error
        return self.result


def _personal(error: BaseException) -> bool:
    """Whether it concerns only the caller who asked: stopped, out of time, or the whole program told to end."""
    return isinstance(error, CancelledError | BudgetError) or not isinstance(error, Exception)


def _heed(left: Callable[[], float] | None, should_stop: Callable[[], bool] | None) -> None:
    if should_stop and should_stop():
        raise CancelledError("stopped while an equal question was being answered")
    if left and left() <= 0:
        raise BudgetError("the time was used up while an equal question was being answered", "allow it more time")


def _pause(left: Callable[[], float] | None, should_stop: Callable[[], bool] | None) -> float | None:
    longest = LISTEN_S if should_stop else None
    if left is None:
        return longest
    return left() if longest is None else min(left(), longest)
