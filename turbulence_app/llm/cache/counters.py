"""What happened to requests, counted so that nothing is lost: each request ends as exactly one of six."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

ENDS = ("raw_hits", "canonical_hits", "store_hits", "similar", "joined", "misses")
"""How a request can end as far as the cache is concerned."""


@dataclass(slots=True)
class Counters:
    """Totals since the gateway was made. ``requests`` is the sum of all :data:`ENDS` at rest."""

    requests: int = 0
    raw_hits: int = 0
    """From memory, under the exact text (L0)."""
    canonical_hits: int = 0
    """From memory, under what the question is made of (L1)."""
    store_hits: int = 0
    """From the store (L2)."""
    similar: int = 0
    """A similar question's answer, let through by the gate."""
    joined: int = 0
    """Waited for the answer to an equal question."""
    misses: int = 0
    """Asked, or ended with an error."""
    evictions: int = 0
    expired: int = 0
    invalid: int = 0
    """Kept answers that did not pass the validator any more (these requests go on as misses)."""
    store_errors: int = 0
    gate_refusals: int = 0
    """Texts that looked alike and were not let through."""
    audited: int = 0
    disagreed: int = 0
    """Similar answers that were checked by really asking, and those that were other."""
    tokens_saved: int = 0
    us_saved: int = 0
    """Microseconds that the answers served again took when they were made."""
    calls: int = 0
    """Questions really put to a model or another backend."""
    repairs: int = 0
    retries: int = 0
    failures: int = 0
    fallbacks: int = 0

    @property
    def memory_hits(self) -> int:
        """Hits without the store."""
        return self.raw_hits + self.canonical_hits

    @property
    def ended(self) -> int:
        """Requests that are over; equal to ``requests`` when nothing is under way."""
        return sum(getattr(self, name) for name in ENDS)


class Counting:
    """Counters that several threads add to. ``more`` gives what others count under their own locks."""

    def __init__(self, more: Callable[[], Mapping[str, int]] = dict) -> None:
        self._lock = threading.Lock()
        self._totals = Counters()
        self._told = Counters()
        self._more = more

    def add(self, name: str, amount: int = 1) -> None:
        """Adds to one counter."""
        with self._lock:
            setattr(self._totals, name, getattr(self._totals, name) + amount)

    def saved(self, tokens: int, milliseconds: float) -> None:
        """Adds what a hit saved."""
        with self._lock:
            self._totals.tokens_saved += tokens
            self._totals.us_saved += round(1000 * milliseconds)

    def copy(self) -> Counters:
        """All counters at one moment."""
        with self._lock:
            totals = replace(self._totals)
        for name, amount in self._more().items():
            setattr(totals, name, getattr(totals, name) + amount)
        return totals

    def news(self) -> dict[str, int]:
        """What was added since this was last asked, without zeros."""
        now = self.copy()
        with self._lock:
            before, self._told = self._told, now
        found = {f.name: getattr(now, f.name) - getattr(before, f.name) for f in fields(Counters)}
        return {name: amount for name, amount in found.items() if amount}
