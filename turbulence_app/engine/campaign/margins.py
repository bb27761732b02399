"""How far a rule is from breaking: the margin of its comparisons, for one user and for many.

The margin of ``left <= right`` is ``right - left``; ``and`` takes the least of its parts, ``or`` the greatest, ``not``
turns the sign: the robustness of Fainekos and Pappas (*Robustness of temporal logic specifications*, 2009). Infinite
where a rule holds, or does not, without a number to it. Guides only: no verdict depends on it, so floats will do.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.expressions import Compare, Logic, Node, Not
from turbulence_app.engine.nodes import Rule
from turbulence_app.engine.scalar import Lookup, compare, evaluate, number, truth
from turbulence_app.engine.vector import Const, Numbers, Read, Value, values
from turbulence_app.engine.vector import truth as truths

Floats = NDArray[np.float64]
_ORDERED = ("<", "<=", ">", ">=")
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
WATCHED = frozenset({"always", "never", "at_end"})
"""Kinds of rules that have a margin."""


def comparable(tree: Node | None) -> bool:
    """Whether anything in the rule compares by size."""
    match tree:
        case Compare(operator, _, _):
            return operator in (*_ORDERED, "!=", "==")
        case Logic(_, parts):
            return any(comparable(part) for part in parts)
        case Not(inner):
            return comparable(inner)
    return False


def watched(rule: Rule) -> bool:
    """Whether the distance of this rule to its violation says anything."""
    return rule.kind in WATCHED and rule.tree is not None and comparable(rule.tree)


def margin(tree: Node, lookup: Lookup, negated: bool = False) -> float:
    """The margin for one user; ``negated`` for rules that must not become true."""
    match tree:
        case Not(inner):
            return margin(inner, lookup, not negated)
        case Logic(operator, parts):
            found = [margin(part, lookup, negated) for part in parts]
            return min(found) if (operator == "and") != negated else max(found)
        case Compare(operator, left, right) if operator in _OPPOSITE:
            one, two = evaluate(left, lookup), evaluate(right, lookup)
            holds = compare(operator, one, two) != negated
            if not (number(one) and number(two)):
                return math.inf if holds else -math.inf
            shown = _OPPOSITE[operator] if negated else operator
            return float(_size(shown, float(one), float(two), holds))
    return math.inf if truth(tree, lookup) != negated else -math.inf


def margins(tree: Node, read: Read, size: int, negated: bool = False) -> Floats:
    """The margin of every user of a group of ``size``."""
    match tree:
        case Not(inner):
            return margins(inner, read, size, not negated)
        case Logic(operator, parts):
            found = [margins(part, read, size, negated) for part in parts]
            pick = np.minimum if (operator == "and") != negated else np.maximum
            return np.asarray(pick.reduce(found), np.float64)
        case Compare(operator, left, right) if operator in _OPPOSITE:
            one, two = _numbers(values(left, read), size), _numbers(values(right, read), size)
            if one is not None and two is not None:
                holds = truths(tree, read)
                shown = _OPPOSITE[operator] if negated else operator
                known = ~(np.isnan(one) | np.isnan(two))
                sized = _sizes(shown, one, two, np.broadcast_to(np.asarray(holds) != negated, (size,)))
                return np.where(known, sized, _endless(holds, size, negated))
    return _endless(truths(tree, read), size, negated)


def _size(operator: str, one: float, two: float, holds: bool) -> float:
    if operator in _ORDERED:
        return two - one if operator in ("<", "<=") else one - two
    if operator == "!=":
        return abs(one - two)
    return math.inf if holds else -abs(one - two)


def _sizes(operator: str, one: Floats, two: Floats, holds: NDArray[np.bool_]) -> Floats:
    if operator in _ORDERED:
        return two - one if operator in ("<", "<=") else one - two
    apart: Floats = np.abs(one - two)
    return apart if operator == "!=" else np.where(holds, np.inf, -apart)


def _endless(holds: Any, size: int, negated: bool) -> Floats:
    return np.where(np.broadcast_to(np.asarray(holds) != negated, (size,)), np.inf, -np.inf)


def _numbers(value: Value, size: int) -> Floats | None:
    """As floats with NaN for what is no number; None where nothing is one."""
    match value:
        case Const(constant):
            return np.full(size, float(constant)) if number(constant) else None
        case Numbers(numbers, _):
            return numbers.astype(np.float64)
    pool = np.array([float(v) if number(v) else math.nan for v in value.pool])
    return None if np.isnan(pool).all() else pool.take(value.codes)
