"""Checking similar answers by really asking: what share is checked, and when two answers agree."""

from __future__ import annotations

from typing import Any

TOLERANCE = 0.1
"""Two numbers agree within a tenth of the larger one, or a tenth as such (weights are from 0 to 1)."""
UNCOMPARED = frozenset({"evidence", "notes"})
"""Words about an answer, which the wording of the question may change."""


def agree(one: Any, other: Any) -> bool:
    """Whether two documents say the same: equal names and words, numbers about equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = one.keys() - UNCOMPARED
        return names == other.keys() - UNCOMPARED and all(agree(one[name], other[name]) for name in names)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(agree, one, other))
    if _number(one) and _number(other):
        return bool(abs(one - other) <= TOLERANCE * max(1.0, abs(one), abs(other)))
    return type(one) is type(other) and bool(one == other)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
