"""Differences of shares with intervals: of two crowds, and of one crowd seen twice."""

from __future__ import annotations

import math

from turbulence_app.insight.influence import Z, wilson

UNPAIRED = "95 % interval of two independent shares: Newcombe's hybrid score (Statistics in Medicine 17, 1998, 873-890)"
PAIRED = (
    "95 % interval of two shares of the same people: adjusted Wald for paired proportions"
    " (Bonett and Price, Journal of Educational and Behavioral Statistics 37, 2012, 479-488)"
)


def independent(count: int, of: int, other_count: int, other_of: int) -> tuple[float, float, float]:
    """Second share minus the first, with its interval, for two independent crowds (Newcombe's method 10)."""
    if not of or not other_of:
        return 0.0, -1.0, 1.0
    first, second = count / of, other_count / other_of
    low1, high1 = wilson(count, of)
    low2, high2 = wilson(other_count, other_of)
    difference = second - first
    below = math.hypot(second - low2, high1 - first)
    above = math.hypot(high2 - second, first - low1)
    return difference, max(-1.0, difference - below), min(1.0, difference + above)


def paired(gained: int, lost: int, of: int) -> tuple[float, float, float]:
    """The same for one crowd seen twice: ``gained`` were not in the share at first and are now, ``lost`` the reverse.

    The difference is as it was seen; the interval is around the adjusted one (one pair more of each kind).
    """
    if not of:
        return 0.0, -1.0, 1.0
    up, down = (gained + 1) / (of + 2), (lost + 1) / (of + 2)
    middle = up - down
    half = Z * math.sqrt(max(0.0, up + down - middle * middle) / (of + 2))
    return (gained - lost) / of, max(-1.0, middle - half), min(1.0, middle + half)
