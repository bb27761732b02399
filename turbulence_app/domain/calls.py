"""Calls in expressions: how many arguments each function takes, and of what kind."""

from __future__ import annotations

import re

from turbulence_app.domain.syntax import GATE_FUNCTIONS, STEP_FUNCTIONS, WORLD_FUNCTIONS, Call, Literal
from turbulence_app.domain.tokens import ExpressionError

_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*\Z", re.ASCII)
_ARITY = {
    "count": (1, 2), "contains": (2, 2), "startswith": (2, 2), "endswith": (2, 2), "round": (1, 2),
    "min": (1, 20), "max": (1, 20), "probe": (1, 2),
}  # fmt: skip


def check_call(call: Call, position: int) -> None:
    """Refuse a wrong number of arguments, and a step that is not a quoted name."""
    low, high = _ARITY.get(call.function, (1, 1))
    if not low <= len(call.arguments) <= high:
        wanted = str(low) if low == high else f"{low} to {high}"
        message = f"{call.function} takes {wanted} argument(s), not {len(call.arguments)}"
        raise ExpressionError(message, f"see position {position + 1}", position)
    named = call.function in (STEP_FUNCTIONS | GATE_FUNCTIONS | WORLD_FUNCTIONS)
    if named and not all(isinstance(a, Literal) and isinstance(a.value, str) for a in call.arguments):
        mend = f"write {call.function}('name')"
        raise ExpressionError(f"{call.function} takes quoted names at position {position + 1}", mend, position)
    if call.function in WORLD_FUNCTIONS:
        _check_world_call(call, position)


def _check_world_call(call: Call, position: int) -> None:
    """Refuse what names nothing of a world: a total without a field, a path without its slash, and the like."""
    first = call.arguments[0]
    named = str(first.value) if isinstance(first, Literal) else ""
    wrong, mend = {
        "total": (not all(total_of(call)), "write total('step.effects')"),
        "probe": (not named.startswith("/"), "write probe('/path')"),
        "python": (not _FUNCTION.match(named), "write python('module:function')"),
    }[call.function]
    if wrong:
        message = f"{call.function} cannot mean {named!r} at position {position + 1}"
        raise ExpressionError(message, mend, position)


def total_of(call: Call) -> tuple[str, str]:
    """Step and field of ``total('step.field')``."""
    first = call.arguments[0]
    step, _, field = str(first.value if isinstance(first, Literal) else "").rpartition(".")
    return step, field
