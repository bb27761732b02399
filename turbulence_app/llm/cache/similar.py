"""The fingerprints of kept answers, and the search among them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from turbulence_app.llm.cache.gate import Print
from turbulence_app.llm.cache.simhash import Bits, distances

MOST_LOOKED_AT = 32
"""Candidates that the gate sees; beyond so many texts that look alike, one more is no help."""


@dataclass(frozen=True, slots=True)
class Near:
    """A kept question that the gate lets through: its key, and how alike the texts are (1 = in all 64 bits)."""

    key: bytes
    score: float


@dataclass(slots=True)
class _Shelf:
    """The fingerprints under one profile; ``bits`` has room for more than ``entries``."""

    entries: list[tuple[bytes, Print]] = field(default_factory=list)
    bits: Bits = field(default_factory=lambda: np.zeros(64, dtype=np.uint64))

    def add(self, key: bytes, made: Print) -> None:
        if len(self.entries) == len(self.bits):
            self.bits = np.concatenate([self.bits, np.zeros_like(self.bits)])
        self.bits[len(self.entries)] = made.simhash
        self.entries.append((key, made))


class SimilarIndex:
    """At most ``limit`` fingerprints. Safe for several threads. ``refused`` is told what the gate found different."""

    def __init__(self, limit: int, most_bits: int, refused: Callable[[str], object]) -> None:
        self._limit, self._most_bits, self._refused = limit, most_bits, refused
        self._lock = threading.Lock()
        self._shelves: dict[str, _Shelf] = {}
        self._known: set[bytes] = set()

    def add(self, key: bytes, made: Print) -> None:
        """Remembers a kept answer; when full, all are forgotten (the store still has them for the next process)."""
        with self._lock:
            if key in self._known:
                return
            if len(self._known) >= self._limit:
                self._known.clear()
                self._shelves.clear()
            self._known.add(key)
            self._shelves.setdefault(made.profile, _Shelf()).add(key, made)

    def load(self, known: Iterable[tuple[bytes, str]]) -> None:
        """Fills it from the store; texts that are no fingerprints are passed over."""
        for key, text in known:
            if (made := Print.from_text(text)) is not None:
                self.add(key, made)

    def nearest(self, wanted: Print) -> Near | None:
        """The kept question that looks most alike among those that the gate lets through."""
        for key, made, bits in self._candidates(wanted):
            if reason := wanted.refusal(made):
                self._refused(reason)
            else:
                return Near(key, 1 - bits / 64)
        return None

    def __len__(self) -> int:
        return len(self._known)

    def _candidates(self, wanted: Print) -> list[tuple[bytes, Print, int]]:
        with self._lock:
            shelf = self._shelves.get(wanted.profile)
            if shelf is None:
                return []
            away = distances(shelf.bits[: len(shelf.entries)], wanted.simhash)
            close = np.flatnonzero(away <= self._most_bits)
            order = close[np.argsort(away[close], kind="stable")][:MOST_LOOKED_AT]
            return [(*shelf.entries[i], int(away[i])) for i in order.tolist()]
