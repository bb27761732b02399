"""Words that were drawn before: a slider moves the policy, and the same people draw the same words again.

A draw depends on its address and its user alone, so the words of all users under one counter can be kept, and whoever
comes to a step takes theirs. What is taken are the same bits as :func:`turbulence_app.engine.rng.lanes` gives.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.rng import Words, lanes

MOST_BYTES = 48 << 20
"""About ten times what 20,000 people draw on a checkout of a dozen requests."""
PART = 8
"""So small a part of the people draws for itself the first time: it may never come again."""
Counter = tuple[int, int, int, int, int]
"""Seed, site, visit, attempt, block."""


class Kept:
    """Words by counter and lane of users 0 to ``people`` - 1; what was not asked for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self.bytes = most_bytes, 0
        self._words: OrderedDict[tuple[Counter, int], NDArray[np.uint32]] = OrderedDict()
        self._asked: set[Counter] = set()

    def lanes(self, people: int, users: Words, counter: Counter, wanted: int) -> tuple[Words, ...]:
        """The wanted lanes for ``users`` (rising, below ``people``), in the caller's own arrays; others are empty."""
        if users.size * PART < people and counter not in self._asked:
            self._remember(counter)
            return lanes(users, *counter, wanted)
        missing = sum(1 << lane for lane in range(4) if wanted >> lane & 1 and self._lacks(counter, lane, people))
        if missing:
            self._draw(counter, people, missing)
        everybody = users.size == people
        found: list[Words] = [np.empty(0, np.uint64)] * 4
        for lane in range(4):
            if wanted >> lane & 1:
                key = counter, lane
                self._words.move_to_end(key)
                all_words = self._words[key]
                some = all_words[:people] if everybody else all_words.take(users.view(np.int64), mode="wrap")
                found[lane] = some.astype(np.uint64)
        self._trim()
        return tuple(found)

    def _lacks(self, counter: Counter, lane: int, people: int) -> bool:
        kept = self._words.get((counter, lane))
        return kept is None or kept.size < people

    def _remember(self, counter: Counter) -> None:
        if len(self._asked) >= 1 << 14:
            self._asked.clear()
        self._asked.add(counter)

    def _draw(self, counter: Counter, people: int, wanted: int) -> None:
        drawn = lanes(np.arange(people, dtype=np.uint64), *counter, wanted)
        for lane in range(4):
            if wanted >> lane & 1:
                old = self._words.pop((counter, lane), None)
                self.bytes -= 0 if old is None else old.nbytes
                new = self._words[counter, lane] = drawn[lane].astype(np.uint32)
                self.bytes += new.nbytes

    def _trim(self) -> None:
        while self.bytes > self._most and self._words:
            self.bytes -= self._words.popitem(last=False)[1].nbytes
