"""Latency histograms: 16 buckets per octave (3.1 % from a bucket's middle), made by integer operations, mergeable."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.run import Percentile

Counts = NDArray[np.int64]
Times = NDArray[np.int64]
BUCKETS = 1024
_FIRST = (1023 << 4) - 1


def buckets(times: Times) -> NDArray[np.int64]:
    """Bucket numbers: the exponent and four bits of the mantissa of the exactly converted integer."""
    found = times.astype(np.float64).view(np.int64)
    found >>= 48
    found -= _FIRST
    return np.maximum(found, 0, out=found)


def middle_us(bucket: int) -> float:
    """The middle of a bucket in microseconds."""
    if bucket == 0:
        return 0.0
    octave, part = divmod(bucket - 1, 16)
    low = (16 + part) * 2.0**octave / 16
    high = (17 + part) * 2.0**octave / 16
    return float(int(low)) if octave < 4 else (low + high) / 2


def low_us(bucket: int) -> float:
    """Where a bucket begins, in microseconds."""
    if bucket == 0:
        return 0.0
    octave, part = divmod(bucket - 1, 16)
    return (16 + part) * 2.0**octave / 16


class Histogram:
    """Counts by bucket, with the exact sum, number and maximum (microseconds)."""

    __slots__ = ("counts", "most", "total")

    def __init__(self) -> None:
        self.counts: Counts = np.zeros(BUCKETS, np.int64)
        self.total = 0
        self.most = 0

    def add(self, times: Times, ignored: int = 0) -> None:
        """Count these times, of which ``ignored`` are zeros that do not count."""
        if not times.size:
            return
        self.counts += np.bincount(buckets(times), minlength=BUCKETS)
        self.counts[0] -= ignored
        self.total += int(times.sum())
        self.most = max(self.most, int(times.max()))

    def merge(self, other: Histogram) -> None:
        """Add another histogram."""
        self.counts += other.counts
        self.total += other.total
        self.most = max(self.most, other.most)

    def pack(self) -> list[int]:
        """As a short list of integers."""
        used = np.flatnonzero(self.counts)
        return [self.total, self.most, *np.stack([used, self.counts[used]], axis=1).ravel().tolist()]

    @classmethod
    def unpack(cls, packed: list[int]) -> Histogram:
        """Back from :meth:`pack`."""
        made = cls()
        made.total, made.most = packed[0], packed[1]
        made.counts[packed[2::2]] = packed[3::2]
        return made

    @property
    def n(self) -> int:
        """How many values were counted."""
        return int(self.counts.sum())

    def quantile_ms(self, share: float) -> float:
        """A quantile in milliseconds (nearest rank)."""
        return self._quantile(np.cumsum(self.counts), share)

    def _quantile(self, cumulated: Counts, share: float) -> float:
        n = int(cumulated[-1])
        if not n:
            return 0.0
        rank = max(1, math.ceil(n * share))
        bucket = int(cumulated.searchsorted(rank))
        return min(middle_us(bucket), float(self.most)) / 1000

    def percentile(self) -> Percentile:
        """The distribution in short."""
        cumulated = np.cumsum(self.counts)
        n = int(cumulated[-1])
        return Percentile(
            n=n,
            mean=self.total / n / 1000 if n else 0.0,
            p50=self._quantile(cumulated, 0.50),
            p95=self._quantile(cumulated, 0.95),
            p99=self._quantile(cumulated, 0.99),
            max=self.most / 1000,
        )
