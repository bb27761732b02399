"""Probabilities and weights as integer thresholds on a 32-bit word, by exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

CERTAIN = 1 << 32


@lru_cache(maxsize=4096)
def threshold(probability: float) -> int:
    """The integer below which a 32-bit word means yes."""
    return int(Fraction(probability) * CERTAIN + Fraction(1, 2))


def thresholds(weights: Sequence[float]) -> tuple[int, ...]:
    """Upper thresholds of options with these weights; option i is taken where ``cut[i-1] <= word < cut[i]``."""
    return _thresholds(tuple(weights))


@lru_cache(maxsize=4096)
def _thresholds(weights: tuple[float, ...]) -> tuple[int, ...]:
    exact = [Fraction(w) for w in weights]
    total = sum(exact)
    reached, found = Fraction(0), []
    for weight in exact:
        reached += weight
        found.append(int(reached * CERTAIN / total))
    return tuple(found)
