"""Least recently used out first: a dictionary that counts, bounds its bytes and times its own hits.

The hit path is what every repeated question pays, so it is one lock, one look-up, one move and two readings of the
clock; the reading at the start serves the time to live as well as the histogram.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

DEFAULT_CAPACITY = 4096
DEFAULT_BYTES = 64 * 2**20
FOR_EVER = 2**62
Worth = tuple[int, int]
"""Tokens and microseconds that a value cost when it was made."""


class Memory(Generic[K, T]):
    """Safe for several threads. ``record`` is given the nanoseconds of each hit, under the lock.

    ``capacity`` counts entries, ``max_bytes`` what callers say their entries take, ``ttl_ns`` is counted from ``put``.
    """

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
        self._record = record or _nowhere
        self._kept: OrderedDict[K, tuple[T, int, int, Worth]] = OrderedDict()
        self._lock = threading.Lock()
        self.hits = self.evictions = self.expired = self.bytes = self.tokens_saved = self.us_saved = 0

    def get(self, key: K) -> T | None:
        """What is kept under exactly this key, or None."""
        began = self._clock()
        with self._lock:
            entry = self._kept.get(key)
            if entry is None:
                return None
            if began >= entry[1]:
                self._drop(key)
                self.expired += 1
                return None
            self._kept.move_to_end(key)
            self.hits += 1
            tokens, microseconds = entry[3]
            self.tokens_saved += tokens
            self.us_saved += microseconds
            self._record(self._clock() - began)
        return entry[0]

    def put(self, key: K, value: T, size: int = 0, worth: Worth = (0, 0)) -> None:
        """Keeps a value of ``size`` bytes; each hit saves ``worth``.

        What was used longest ago goes until both bounds hold. A value larger than all bytes
        together is not kept: it would push out everything and then itself.
        """
        if size > self._max_bytes:
            return
        expires = FOR_EVER if self._ttl is None else self._clock() + self._ttl
        with self._lock:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = (value, expires, size, worth)
            self.bytes += size
            while len(self._kept) > self._capacity or self.bytes > self._max_bytes:
                self._drop(next(iter(self._kept)))
                self.evictions += 1

    def clear(self) -> int:
        """Empties it; says how many there were."""
        with self._lock:
            count = len(self._kept)
            self._kept.clear()
            self.bytes = 0
            return count

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: K) -> None:
        self.bytes -= self._kept.pop(key)[2]


def _nowhere(_: int) -> None:
    """Times that nobody asked for."""
