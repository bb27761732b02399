"""Expressions in words: what was seen where a rule was broken."""

from __future__ import annotations

from typing import Any

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
from turbulence_app.engine.names import visit_leaves
from turbulence_app.engine.scalar import Lookup, evaluate

LONGEST = 80


def written(node: Node) -> str:
    """The text of a tree, about as somebody would write it."""
    match node:
        case Literal(value):
            return show(value)
        case Name(name, _):
            return name
        case StepField(step, field):
            return f"{step}.{field}"
        case Items(items):
            return f"[{', '.join(written(i) for i in items)}]"
        case Attribute(base, key):
            plain = isinstance(key, str) and key.isidentifier()
            return written(base) + (f".{key}" if plain else f"[{key!r}]")
        case Rendered(inner):
            return f"'{{{{ {written(inner)} }}}}'"
        case Call(function, arguments):
            return f"{function}({', '.join(written(a) for a in arguments)})"
        case Not(inner):
            return f"not {_inside(inner)}"
        case Logic(operator, parts):
            return f" {operator} ".join(_inside(p) for p in parts)
        case Compare(operator, left, right) | Arithmetic(operator, left, right):
            return f"{_inside(left)} {operator} {_inside(right)}"


def _inside(node: Node) -> str:
    text = written(node)
    return f"({text})" if isinstance(node, Logic | Not | Compare | Arithmetic) else text


def show(value: Any) -> str:
    """A value in a message: short, and as the expression language writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"{value:g}" if isinstance(value, float) and abs(value) < 1e9 else repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def explain(node: Node, look_up: Lookup, wanted: bool = True) -> str:
    """Why ``node`` is not ``wanted``, in values: ``effects('pay') is 2, not <= 1``."""
    match node:
        case Not(inner):
            return explain(inner, look_up, not wanted)
        case Logic(operator, parts):
            guilty = [p for p in parts if bool(evaluate(p, look_up)) != wanted]
            told = guilty[:1] if (operator == "and") == wanted else [p for p in guilty if not _guard(p)] or guilty
            return ", and ".join(explain(p, look_up, wanted) for p in told)
        case Compare(operator, left, right):
            return _compared(operator, left, right, look_up, wanted)
    value = evaluate(node, look_up)
    return f"{written(node)} is {show(value)}" + (", which counts as false" if wanted and value is not False else "")


def _guard(node: Node) -> bool:
    """``x == null or ...``: there only so that the rest is asked where there is something to ask about."""
    return isinstance(node, Compare) and node.operator == "==" and node.right == Literal(None)


def _compared(operator: str, left: Node, right: Node, look_up: Lookup, wanted: bool) -> str:
    """One comparison that is not as wanted: what the left side is, and what was asked of it."""
    one, two = evaluate(left, look_up), evaluate(right, look_up)
    varies = bool(visit_leaves(right))
    other = f"{show(two)} ({written(right)})" if varies else show(two)
    asked = f", not {operator} {other}" if wanted else "" if operator == "==" else f", which is {operator} {other}"
    return f"{written(left)} is {show(one)}{asked}"
