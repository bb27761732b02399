"""Least recently used out first: a dictionary that counts, bounds its bytes and times its own hits.

The hit path is what every repeated question pays, so it is one lock, one look-up, one move, one addition, and two
readings of the clock (the first serves the time to live as well). What can wait is done for many hits together: times
go into the histogram by the hundred, and what hits saved is added up when somebody asks.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

DEFAULT_CAPACITY = 4096
DEFAULT_BYTES = 64 * 2**20
FOR_EVER = 2**62
Worth = tuple[int, int]
"""Tokens and microseconds that a value cost when it was made."""
TIMES_TOGETHER = 256
_SIZE, _WORTH, _HITS = 3, 4, 5
"""Places in an entry ``[value, expires, key, size, worth, hits]``: a list, because a hit counts one of them up."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a memory did so far."""

    hits: int
    tokens_saved: int
    us_saved: int
    evictions: int
    expired: int


class Memory(Generic[K, T]):
    """Safe for several threads. ``record`` is given the nanoseconds of each hit, some hits later, under the lock.

    ``capacity`` counts entries, ``max_bytes`` what callers say their entries take, ``ttl_ns`` is counted from ``put``.
    """

    __slots__ = (
        "_capacity", "_clock", "_evictions", "_expired", "_hits", "_kept", "_lock", "_max_bytes", "_record", "_times",
        "_tokens", "_ttl", "_us", "bytes", "get",
    )  # fmt: skip

    def __init__(
        self,
        capacity: int = DEFAULT_CAPACITY,
        *,
        max_bytes: int = DEFAULT_BYTES,
        ttl_ns: int | None = None,
        clock_ns: Callable[[], int] = time.perf_counter_ns,
        record: Callable[[int], object] | None = None,
    ) -> None:
        self._capacity = max(1, capacity)
        self._max_bytes = max_bytes
        self._ttl = ttl_ns
        self._clock = clock_ns
        self._record = record
        self._kept: OrderedDict[K, list[Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._times: list[int] = []
        self._hits = self._tokens = self._us = self._evictions = self._expired = 0
        self.bytes = 0
        self.get: Callable[[K], T | None] = self._getter()
        """What is kept under exactly this key, or None."""

    def _getter(self) -> Callable[[K], T | None]:
        """The look-up, with everything that it touches at hand: attributes would cost a tenth of it."""
        kept, times, clock, settle = self._kept, self._times, self._clock, self._settle
        acquire, release = self._lock.acquire, self._lock.release
        find, move, append = kept.get, kept.move_to_end, times.append

        def get(key: K) -> T | None:
            began = clock()
            acquire()  # not a with statement, for the same reason
            try:
                entry = find(key)
                if entry is None:
                    return None
                if began >= entry[1]:
                    self._expire(key)
                    return None
                move(entry[2])  # the very key that is kept: found without comparing 2 kB again
                entry[5] += 1
                append(clock() - began)
                if len(times) >= TIMES_TOGETHER:
                    settle()
                return entry[0]  # type: ignore[no-any-return]
            finally:
                release()

        return get

    def put(self, key: K, value: T, size: int = 0, worth: Worth = (0, 0)) -> None:
        """Keeps a value of ``size`` bytes; each hit saves ``worth``.

        What was used longest ago goes until both bounds hold. A value larger than all bytes together is not kept: it
        would push out everything and then itself.
        """
        if size > self._max_bytes:
            return
        expires = FOR_EVER if self._ttl is None else self._clock() + self._ttl
        with self._lock:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = [value, expires, key, size, worth, 0]
            self.bytes += size
            while len(self._kept) > self._capacity or self.bytes > self._max_bytes:
                self._drop(next(iter(self._kept)))
                self._evictions += 1

    def clear(self) -> int:
        """Empties it; says how many there were."""
        with self._lock:
            count = len(self._kept)
            for key in list(self._kept):
                self._drop(key)
            return count

    def uses(self) -> Uses:
        """All counts at one moment; from here on ``record`` knows of every hit."""
        with self._lock:
            self._settle()
            hits, tokens, us = self._hits, self._tokens, self._us
            for entry in self._kept.values():
                hits += entry[_HITS]
                tokens += entry[_HITS] * entry[_WORTH][0]
                us += entry[_HITS] * entry[_WORTH][1]
            return Uses(hits, tokens, us, self._evictions, self._expired)

    def __len__(self) -> int:
        return len(self._kept)

    def _expire(self, key: K) -> None:
        self._drop(key)
        self._expired += 1

    def _drop(self, key: K) -> None:
        """Takes an entry out; what its hits saved stays counted."""
        entry = self._kept.pop(key)
        self.bytes -= entry[_SIZE]
        self._hits += entry[_HITS]
        self._tokens += entry[_HITS] * entry[_WORTH][0]
        self._us += entry[_HITS] * entry[_WORTH][1]

    def _settle(self) -> None:
        if self._record is not None:
            for nanoseconds in self._times:
                self._record(nanoseconds)
        self._times.clear()
