"""Expressions for many users at once, with the meaning of :mod:`turbulence_app.engine.scalar` by construction.

Comparisons of numbers, codes and truth values go straight; everything else is evaluated by the scalar evaluator once
per distinct combination of its inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.expressions import Arithmetic, Compare, Literal, Logic, Name, Node, Not
from turbulence_app.engine.names import visit_leaves
from turbulence_app.engine.scalar import Leaf, arithmetic, compare, evaluate

Bools: TypeAlias = NDArray[np.bool_]
EXACT = 1 << 53


@dataclass(frozen=True, slots=True)
class Const:
    """The same value for everybody."""

    value: Any


@dataclass(frozen=True, slots=True)
class Codes:
    """Indices into a pool of values."""

    codes: NDArray[Any]
    pool: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Integers, floats or truth values. ``nullable``: NaN stands for null."""

    values: NDArray[Any]
    nullable: bool = False


Value: TypeAlias = Const | Codes | Numbers
Read: TypeAlias = Callable[[Leaf], Value]


def truth(node: Node, read: Read) -> bool | Bools:
    """Whether an expression holds: one answer for all, or one for each."""
    return _truth(_evaluate(node, read))


def values(node: Node, read: Read) -> Value:
    """The value of an expression for everybody."""
    return _evaluate(node, read)


def _truth(value: Value) -> bool | Bools:
    match value:
        case Const(constant):
            return bool(constant)
        case Codes(codes, pool):
            return np.array([bool(v) for v in pool]).take(codes)
        case Numbers(numbers, nullable):
            if numbers.dtype == np.bool_:
                return numbers
            holds: Bools = numbers != 0
            return holds & ~np.isnan(numbers) if nullable else holds


def _evaluate(node: Node, read: Read) -> Value:
    match node:
        case Literal(value):
            return Const(value)
        case Name(_, default):
            return _or_default(read(node), default)
        case Not(inner):
            holds = truth(inner, read)
            return Const(not holds) if isinstance(holds, bool) else Numbers(~holds)
        case Logic(operator, parts):
            return _logic(operator, parts, read)
        case Compare(operator, left, right):
            one, two = _evaluate(left, read), _evaluate(right, read)
            fast = _compare(operator, one, two)
            return fast if fast is not None else _combine(lambda a, b: compare(operator, a, b), one, two)
        case Arithmetic(operator, left, right):
            one, two = _evaluate(left, read), _evaluate(right, read)
            fast = _arithmetic(operator, one, two)
            return fast if fast is not None else _combine(lambda a, b: arithmetic(operator, a, b), one, two)
    found = visit_leaves(node)
    if found == (node,):
        return read(found[0])
    inputs = [read(leaf) for leaf in found]

    def whole(*given: Any) -> Any:
        known = dict(zip(found, given, strict=True))
        return evaluate(node, known.__getitem__)

    return _combine(whole, *inputs)


def _or_default(value: Value, default: Any) -> Value:
    if default is None:
        return value
    match value:
        case Const(constant):
            return Const(default if constant is None else constant)
        case Codes(codes, pool):
            return Codes(codes, tuple(default if v is None else v for v in pool))
    return value


def _logic(operator: str, parts: tuple[Node, ...], read: Read) -> Value:
    decided = operator == "or"
    total: Bools | None = None
    for part in parts:
        holds = truth(part, read)
        if isinstance(holds, bool):
            if holds == decided:
                return Const(decided)
        elif total is None:
            total = holds
        else:
            total = total | holds if decided else total & holds
    return Const(not decided) if total is None else Numbers(total)


_UFUNCS: dict[str, Any] = {
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


def _operand(value: Value) -> Any:
    """A number or an array that NumPy treats as Python does, else None."""
    match value:
        case Const(constant) if isinstance(constant, bool | int) and abs(constant) < EXACT:
            return constant
        case Const(constant) if isinstance(constant, float) and math.isfinite(constant):
            return constant
        case Numbers(numbers, _):
            return numbers
    return None


def _compare(operator: str, one: Value, two: Value) -> Value | None:
    match one, two:
        case Const(a), Const(b):
            return Const(compare(operator, a, b))
        case Codes(codes, pool), Const(b):
            return _by_code(codes, [compare(operator, v, b) for v in pool])
        case Const(a), Codes(codes, pool):
            return _by_code(codes, [compare(operator, a, v) for v in pool])
    left, right = _operand(one), _operand(two)
    if operator not in _UFUNCS or left is None or right is None:
        return None
    both_nullable = all(isinstance(v, Numbers) and v.nullable for v in (one, two))
    return None if both_nullable else Numbers(_UFUNCS[operator](left, right))


def _by_code(codes: NDArray[Any], holds: list[bool]) -> Value:
    """What holds for each, given what holds for each code; comparing narrow codes is quicker than looking them up."""
    if all(holds) or not any(holds):
        return Const(holds[0])
    if holds.count(True) == 1:
        return Numbers(codes == holds.index(True))
    if holds.count(False) == 1:
        return Numbers(codes != holds.index(False))
    return Numbers(np.array(holds).take(codes))


def _arithmetic(operator: str, one: Value, two: Value) -> Value | None:
    """Sums, differences and products of floats are the same in both worlds; integers take the exact way."""
    if isinstance(one, Const) and isinstance(two, Const):
        return Const(arithmetic(operator, one.value, two.value))
    left, right = _operand(one), _operand(two)
    if left is None or right is None or operator not in ("+", "-", "*"):
        return None
    kinds = [
        v.dtype.kind if isinstance(v, np.ndarray) else ("f" if isinstance(v, float) else "i") for v in (left, right)
    ]
    if "f" not in kinds or "b" in kinds:
        return None
    nullable = any(isinstance(v, Numbers) and v.nullable for v in (one, two))
    ufunc = {"+": np.add, "-": np.subtract, "*": np.multiply}[operator]
    result = ufunc(left, right)
    return Numbers(result, nullable) if np.isfinite(result).all() or nullable else None


def _coded(value: Value) -> tuple[NDArray[np.int64], list[Any]]:
    """Codes and the values that they stand for."""
    match value:
        case Codes(codes, pool):
            return codes.astype(np.int64), list(pool)
        case Numbers(numbers, nullable):
            if numbers.dtype == np.bool_:
                return numbers.astype(np.int64), [False, True]
            distinct, inverse = np.unique(numbers, return_inverse=True)
            known = distinct.tolist()
            return inverse.astype(np.int64), [None if nullable and v != v else v for v in known]  # noqa: PLR0124
    return np.zeros(0, np.int64), [value.value]


def _combine(function: Callable[..., Any], *inputs: Value) -> Value:
    """``function`` once per distinct combination of the inputs."""
    varying = [i for i, v in enumerate(inputs) if not isinstance(v, Const)]
    if not varying:
        return Const(function(*(v.value for v in inputs if isinstance(v, Const))))
    key: NDArray[np.int64] | None = None
    pools: dict[int, list[Any]] = {}
    for i in varying:
        codes, pools[i] = _coded(inputs[i])
        # renumbered at every step, so that the product of pool sizes cannot overflow
        key = codes if key is None else np.unique(key * len(pools[i]) + codes, return_inverse=True)[1]
    assert key is not None
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    columns = {i: _coded(inputs[i])[0] for i in varying}
    pool = tuple(
        function(*(pools[i][int(columns[i][at])] if i in pools else v.value for i, v in enumerate(inputs)))  # type: ignore[union-attr]
        for at in first.tolist()
    )
    if all(isinstance(v, bool) for v in pool):
        return Numbers(np.array(pool).take(inverse))
    return Codes(inverse, pool)
