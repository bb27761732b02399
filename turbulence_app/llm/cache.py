"""The exact cache: memory first (raw prompt under a profile), then an injected store under a SHA-256 of both.

Only whole, valid answers are put in. Equal questions that come while one is being answered wait for that answer.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
DEFAULT_CAPACITY = 4096


class Store(Protocol):
    """What keeps answers between runs (SQLite, in :mod:`turbulence_app.store`)."""

    def get(self, key: bytes) -> str | None:
        """The JSON text under a key, or None."""
        ...

    def put(self, key: bytes, value_json: str, meta: dict[str, Any]) -> None:
        """Keeps a JSON text; ``meta`` (backend, model, digest, ...) is for people and statistics."""
        ...


@dataclass(slots=True)
class Counters:
    """What happened so far. ``requests == memory_hits + store_hits + joined + misses`` at rest."""

    requests: int = 0
    memory_hits: int = 0
    store_hits: int = 0
    joined: int = 0
    misses: int = 0
    evictions: int = 0
    calls: int = 0
    """Questions really put to a model or another backend."""
    repairs: int = 0
    failures: int = 0
    fallbacks: int = 0


def cache_key(profile: str, material: str) -> bytes:
    """The key under which an answer is stored: 32 bytes over both parts, unmistakably separated."""
    digest = hashlib.sha256(len(profile).to_bytes(8, "big"))
    digest.update(profile.encode())
    digest.update(material.encode())
    return digest.digest()


class MemoryCache(Generic[T]):
    """Least recently used out first. Safe for several threads."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self._capacity = max(1, capacity)
        self._kept: OrderedDict[tuple[str, str], T] = OrderedDict()
        self._lock = threading.Lock()
        self.evictions = 0
        self.hits = 0

    def get(self, profile: str, material: str) -> T | None:
        """The answer to exactly this text under this profile, or None."""
        key = (profile, material)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                self.hits += 1
            return found

    def put(self, profile: str, material: str, value: T) -> None:
        """Keeps an answer, dropping the one that was used longest ago when full."""
        with self._lock:
            self._kept[(profile, material)] = value
            self._kept.move_to_end((profile, material))
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
                self.evictions += 1

    def clear(self) -> int:
        """Empties it; says how many there were."""
        with self._lock:
            count = len(self._kept)
            self._kept.clear()
            return count

    def __len__(self) -> int:
        return len(self._kept)


class SingleFlight(Generic[T]):
    """Lets one caller work and the others with the same key wait for its result (or its error)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[bytes, Future[T]] = {}

    def do(self, key: bytes, work: Callable[[], T]) -> tuple[T, bool]:
        """The result, and whether it came from somebody else's work."""
        with self._lock:
            flight = self._flying.get(key)
            mine = flight is None
            if flight is None:
                flight = self._flying[key] = Future()
        if not mine:
            return flight.result(), True
        try:
            flight.set_result(work())
        except BaseException as error:
            flight.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flying[key]
        return flight.result(), False
