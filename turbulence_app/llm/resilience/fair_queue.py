"""Who may ask the model next: clients take turns, and within a client first come, first served.

A batch of a hundred requests is one client; somebody who comes later with a single one waits for one answer, not for a
hundred. A place that becomes free is handed over, never thrown to whoever is quickest.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm.errors import QueueTimeoutError
from turbulence_app.llm.resilience.deadline import Deadline

LISTEN_S = 0.02
"""How long a waiting request may be deaf to the user's stop (only where it can be stopped)."""


class FairQueue:
    """``parallel`` requests at a time. Safe for several threads."""

    def __init__(self, parallel: int = 1) -> None:
        self._lock = threading.Lock()
        self._free = max(1, parallel)
        self._parallel = self._free
        self._waiting: OrderedDict[Hashable, deque[_Waiter]] = OrderedDict()

    @contextmanager
    def turn(
        self, client: Hashable, deadline: Deadline, should_stop: Callable[[], bool] | None = None
    ) -> Iterator[float]:
        """A place for the time of the block; yields the seconds that were waited.

        Raises :class:`QueueTimeoutError` at the deadline and ``CancelledError`` when stopped; then nothing is held.
        """
        began = deadline.clock()
        self._enter(client, deadline, should_stop)
        try:
            yield deadline.clock() - began
        finally:
            self._leave()

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @property
    def running(self) -> int:
        """How many have a place."""
        with self._lock:
            return self._parallel - self._free

    @property
    def parallel(self) -> int:
        """How many there may be at a time."""
        return self._parallel

    def resize(self, parallel: int) -> None:
        """Another number of places; those who have one keep it."""
        with self._lock:
            more = max(1, parallel) - self._parallel
            self._parallel += more
            self._free += more
            self._hand_out()

    def _enter(self, client: Hashable, deadline: Deadline, should_stop: Callable[[], bool] | None) -> None:
        with self._lock:
            if self._free > 0 and not self._waiting:
                self._free -= 1
                return
            mine = _Waiter()
            self._waiting.setdefault(client, deque()).append(mine)
        try:
            mine.wait(deadline, should_stop)
        except BaseException:
            self._give_up(client, mine)
            raise

    def _give_up(self, client: Hashable, mine: _Waiter) -> None:
        """Out of the row; a place that was given in the same moment goes to the next."""
        with self._lock:
            if mine.has_place:
                self._free += 1
                self._hand_out()
                return
            row = self._waiting[client]
            row.remove(mine)
            if not row:
                del self._waiting[client]

    def _leave(self) -> None:
        with self._lock:
            self._free += 1
            self._hand_out()

    def _hand_out(self) -> None:
        while self._free > 0 and self._waiting:
            client, row = self._waiting.popitem(last=False)
            self._free -= 1
            row.popleft().give()
            if row:
                self._waiting[client] = row  # at the end: the others first


class _Waiter:
    """One request in the row."""

    __slots__ = ("_called", "has_place")

    def __init__(self) -> None:
        self._called = threading.Event()
        self.has_place = False

    def give(self) -> None:
        """Called with the queue's lock held."""
        self.has_place = True
        self._called.set()

    def wait(self, deadline: Deadline, should_stop: Callable[[], bool] | None) -> None:
        while not self._called.is_set():
            if should_stop and should_stop():
                raise CancelledError("stopped while waiting for the model")
            if deadline.over:
                raise QueueTimeoutError("other requests had the model until the time was used up", "allow it more time")
            left = max(0.001, deadline.left())
            self._called.wait(min(left, LISTEN_S) if should_stop else left)
