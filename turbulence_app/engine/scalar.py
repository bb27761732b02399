"""What an expression means: evaluation of a syntax tree for one user. It never raises.

Missing values are null; null compares false except with ``==`` and ``!=``; values of different kinds have no order;
arithmetic on anything but numbers (``+`` also joins texts) and division by zero give null.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from turbulence_app.domain.expressions import (
    Arithmetic,
    Attribute,
    Call,
    Compare,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    Rendered,
    StepField,
)

Leaf: TypeAlias = Name | StepField | Call
"""What an expression reads of a visit: a variable, a step's field, or a step function such as ``effects('pay')``."""
Lookup: TypeAlias = Callable[[Leaf], Any]
Code: TypeAlias = Callable[[Lookup], Any]
"""A compiled expression."""
PLAIN: dict[str, Callable[..., Any]] = {}
MAX_TEXT = 10_000


def leaves(node: Node, functions: frozenset[str]) -> tuple[Leaf, ...]:
    """The distinct leaves of a tree, in order; ``functions`` are those answered by the visit."""
    found: dict[Leaf, None] = {}
    pending = [node]
    while pending:
        current = pending.pop(0)
        match current:
            case Name() | StepField():
                found[current] = None
            case Call(function, arguments) if function in functions:
                found[current] = None
            case Call(_, arguments):
                pending.extend(arguments)
            case Items(parts) | Logic(_, parts):
                pending.extend(parts)
            case Compare(_, left, right) | Arithmetic(_, left, right):
                pending.extend((left, right))
            case Not(inner) | Rendered(inner) | Attribute(inner, _):
                pending.append(inner)
    return tuple(found)


def evaluate(node: Node, lookup: Lookup) -> Any:
    """The value of ``node``; leaves are answered by ``lookup``."""
    return code_of(node)(lookup)


def code_of(node: Node) -> Code:
    """A node as a function of a lookup; made once and kept with the node."""
    try:
        known: Code = node.code
    except AttributeError:
        known = _compile(node)
        object.__setattr__(node, "code", known)
    return known


def _compile(node: Node) -> Code:
    match node:
        case Literal(value):
            return lambda _: value
        case Name(_, default) if default is not None:
            return lambda lookup: default if (found := lookup(node)) is None else found
        case Name() | StepField():
            return lambda lookup: lookup(node)
        case Items(items):
            parts = [code_of(item) for item in items]
            return lambda lookup: [part(lookup) for part in parts]
        case Attribute(base, key):
            inside = code_of(base)
            return lambda lookup: member(inside(lookup), key)
        case Rendered(inner):
            shown = code_of(inner)
            return lambda lookup: text(shown(lookup))
        case Not(inner):
            negated = code_of(inner)
            return lambda lookup: not negated(lookup)
        case Logic(operator, several):
            return _logic(operator, [code_of(part) for part in several])
        case Compare(operator, left, right):
            return _comparison(operator, code_of(left), code_of(right))
        case Arithmetic(operator, left, right):
            one, two = code_of(left), code_of(right)
            return lambda lookup: arithmetic(operator, one(lookup), two(lookup))
        case Call(function, arguments):
            plain = PLAIN.get(function)
            if plain is None:
                return lambda lookup: lookup(node)
            given = [code_of(argument) for argument in arguments]
            return lambda lookup: plain(*[argument(lookup) for argument in given])


def _logic(operator: str, parts: list[Code]) -> Code:
    if operator == "and":
        return lambda lookup: all(part(lookup) for part in parts)
    return lambda lookup: any(part(lookup) for part in parts)


def _comparison(operator: str, left: Code, right: Code) -> Code:
    if operator == "==":
        return lambda lookup: bool(left(lookup) == right(lookup))
    if operator == "!=":
        return lambda lookup: bool(left(lookup) != right(lookup))
    return lambda lookup: compare(operator, left(lookup), right(lookup))


def truth(node: Node, lookup: Lookup) -> bool:
    """Whether an expression holds."""
    return bool(code_of(node)(lookup))


def member(value: Any, key: str | int) -> Any:
    """A key of an object or an index of a list; null where it is missing."""
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list | tuple | str) and isinstance(key, int) and -len(value) <= key < len(value):
        return value[key]
    return None


def number(value: Any) -> bool:
    """Whether it is a number (truth values count as 0 and 1)."""
    return isinstance(value, int | float)


def compare(operator: str, left: Any, right: Any) -> bool:
    """One comparison."""
    if operator == "==":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    if operator in ("in", "not in"):
        return contains(right, left) == (operator == "in") if right is not None else False
    if not (number(left) and number(right)) and not (isinstance(left, str) and isinstance(right, str)):
        return False
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """One operation on two numbers; null where it has no value."""
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return (left + right)[:MAX_TEXT]
    if not (number(left) and number(right)):
        return None
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "//":
                return left // right
        return left % right
    except (ZeroDivisionError, OverflowError):
        return None


def contains(whole: Any, part: Any) -> bool:
    """Whether a text, list or object has ``part``."""
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    if isinstance(whole, list | tuple):
        return any(part == item for item in whole)
    return isinstance(whole, dict) and isinstance(part, str) and part in whole


def text(value: Any) -> str:
    """A value as a template would show it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:MAX_TEXT]


def _numbers(value: Any, rest: tuple[Any, ...]) -> list[Any]:
    values = list(value) if isinstance(value, list | tuple) and not rest else [value, *rest]
    return values if values and all(number(v) for v in values) else []


def _extreme(pick: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def function(value: Any, *rest: Any) -> Any:
        values = _numbers(value, rest)
        return pick(values) if values else None

    return function


def _convert(kind: Callable[[Any], Any]) -> Callable[..., Any]:
    def function(value: Any) -> Any:
        if not isinstance(value, int | float | str) or (isinstance(value, str) and len(value) > 30):
            return None
        try:
            converted = kind(value)
        except (ValueError, OverflowError):
            return None
        return None if isinstance(converted, float) and not math.isfinite(converted) else converted

    return function


def _round(value: Any, digits: Any = 0) -> Any:
    finite = number(value) and math.isfinite(value) and isinstance(digits, int) and abs(digits) <= 15
    return (round(value, digits) if digits else round(value)) if finite else None


def _on_text(method: Callable[..., Any]) -> Callable[..., Any]:
    def function(*values: Any) -> Any:
        return method(*values) if all(isinstance(v, str) for v in values) else None

    return function


PLAIN.update(
    {
        "len": lambda v: len(v) if isinstance(v, str | list | tuple | dict) else None,
        "min": _extreme(min),
        "max": _extreme(max),
        "abs": lambda v: abs(v) if number(v) else None,
        "lower": _on_text(str.lower),
        "upper": _on_text(str.upper),
        "startswith": _on_text(str.startswith),
        "endswith": _on_text(str.endswith),
        "contains": contains,
        "int": _convert(int),
        "float": _convert(float),
        "str": text,
        "round": _round,
    }
)
