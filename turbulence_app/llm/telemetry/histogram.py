"""A histogram of whole numbers on a logarithmic scale: small, mergeable, never more than 1/16 wrong.

Each power of two is split into 16 equal buckets (the layout of HdrHistogram, G. Tene, with 4 bits), so a bucket is at
most 1/16 = 6.25 % as wide as its smallest value; numbers below 32 are exact. Merging adds bucket by bucket, in any
order, on any machine, with the same result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

BITS = 4
SUB = 1 << BITS
POWERS = 48
"""Numbers up to 2**48 - 1 are told apart (3 days in nanoseconds); larger ones count as that."""
LARGEST = (1 << POWERS) - 1
BUCKETS = (POWERS - BITS + 1) * SUB


class Histogram:
    """Not for several threads at once (:mod:`.metrics` has the lock). The unit is whoever's records."""

    __slots__ = ("buckets", "highest", "lowest", "total")

    def __init__(self) -> None:
        self.buckets = [0] * BUCKETS
        self.total = 0
        """The exact sum."""
        self.lowest = LARGEST
        self.highest = 0

    def record(self, value: int) -> None:
        """One number; what is below 0 counts as 0."""
        if value < SUB:
            value = index = max(value, 0)
        else:
            shift = value.bit_length() - BITS - 1
            index = (shift << BITS) + (value >> shift)
        try:
            self.buckets[index] += 1
        except IndexError:
            self.record(LARGEST)
            return
        self.total += value
        self.highest = max(self.highest, value)
        self.lowest = min(self.lowest, value)

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return sum(self.buckets)

    @property
    def mean(self) -> float:
        """The exact mean, 0 of nothing."""
        count = self.count
        return self.total / count if count else 0.0

    def quantile(self, share: float) -> int:
        """The number that ``share`` (0..1) of all are not above, at most 1/16 off; 0 of nothing."""
        rank = max(1, math.ceil(share * self.count))
        seen = 0
        for index, number in enumerate(self.buckets):
            seen += number
            if seen >= rank:
                low, width = edges(index)
                return min(max(low + width // 2, self.lowest), self.highest)
        return 0

    def merge(self, other: Histogram) -> None:
        """Adds another one."""
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]
        self.total += other.total
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.to_plain() == other.to_plain()

    __hash__ = None  # type: ignore[assignment]

    def to_plain(self) -> dict[str, Any]:
        """For JSON: the buckets from the first to the last that is not empty."""
        used = [i for i, number in enumerate(self.buckets) if number]
        if not used:
            return {"first": 0, "buckets": [], "sum": 0, "min": 0, "max": 0}
        kept = self.buckets[used[0] : used[-1] + 1]
        return {"first": used[0], "buckets": kept, "sum": self.total, "min": self.lowest, "max": self.highest}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Histogram:
        """The other way. Raises ``ValueError`` for anything that :meth:`to_plain` cannot have written."""
        first: Any = plain.get("first")
        kept = plain.get("buckets")
        numbers = [plain.get(name) for name in ("sum", "min", "max")]
        if not (isinstance(kept, list) and all(map(_natural, [first, *kept, *numbers]))):
            raise ValueError("not a histogram")
        if first + len(kept) > BUCKETS:
            raise ValueError("a histogram with too many buckets")
        made = cls()
        if kept:
            made.buckets[first : first + len(kept)] = kept
            made.total, made.lowest, made.highest = plain["sum"], plain["min"], plain["max"]
        return made


def edges(index: int) -> tuple[int, int]:
    """The smallest number of a bucket, and how many numbers fall into it."""
    if index < 2 * SUB:
        return index, 1
    shift = (index >> BITS) - 1
    return (index - (shift << BITS)) << shift, 1 << shift


def _natural(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
