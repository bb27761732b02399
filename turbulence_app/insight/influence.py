"""What makes worlds fail: shares with and without a feature, with intervals that know of batches.

Worlds of a batch share their switches, so they are not independent; the design effect of Rao and Scott (*A simple
method for the analysis of clustered binary data*, Biometrics 48, 1992) says how many independent worlds they are
worth, and the Wilson score interval (JASA 22, 1927) is taken over so many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from turbulence_app.domain.campaign import Direction, Interval

Z = 1.959963984540054
"""Of a two-sided interval at 95 %."""


@dataclass
class Sums:
    """Sums over batches of n worlds, of which y failed: whole numbers, so that their order cannot matter."""

    batches: int = 0
    n: int = 0
    nn: int = 0
    y: int = 0
    yy: int = 0
    ny: int = 0

    def add(self, worlds: int, failing: int) -> None:
        """One more batch."""
        self.batches += 1
        self.n += worlds
        self.nn += worlds * worlds
        self.y += failing
        self.yy += failing * failing
        self.ny += worlds * failing

    def __sub__(self, other: Sums) -> Sums:
        """The batches that are in this and not in the other."""
        return Sums(*(getattr(self, name) - getattr(other, name) for name in _FIELDS))

    @property
    def share(self) -> float:
        """Failing worlds among all."""
        return self.y / self.n if self.n else 0.0


_FIELDS = ("batches", "n", "nn", "y", "yy", "ny")


def design_effect(sums: Sums) -> float | None:
    """How many times less the worlds are worth than independent ones; None where the batches cannot say."""
    p = sums.share
    if sums.batches < 2 or not 0 < p < 1:
        return None
    squares = sums.yy - 2 * p * sums.ny + p * p * sums.nn
    variance = sums.batches / (sums.batches - 1) * squares / sums.n**2
    return max(1.0, variance / (p * (1 - p) / sums.n))


def wilson(failing: float, n: float, z: float = Z) -> tuple[float, float]:
    """The score interval of a share; (0, 1) for nothing."""
    if n <= 0:
        return 0.0, 1.0
    p = failing / n
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low, high = (middle - half) / scale, (middle + half) / scale
    return max(0.0, low) if failing else 0.0, min(1.0, high) if failing < n else 1.0


def interval(sums: Sums, whole: Sums) -> Interval:
    """The share with its interval; ``whole`` (all batches) lends its design effect where these have none."""
    effect = design_effect(sums) or design_effect(whole) or (sums.n / sums.batches if sums.batches else 1.0)
    low, high = wilson(sums.y / effect, sums.n / effect)
    return Interval(failing=sums.y, worlds=sums.n, share=sums.share, low=low, high=high)


def direction(on: Interval, off: Interval) -> Direction:
    """Which way a feature works: only intervals that lie apart say anything."""
    if not on.worlds or not off.worlds:
        return "neutral"
    if on.low > off.high:
        return "trigger"
    return "suppressor" if on.high < off.low else "neutral"
