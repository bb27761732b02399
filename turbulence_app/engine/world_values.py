"""What rules read of a whole world: sums over its users, the service's own word, the application's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from turbulence_app.domain.expressions import Call, Literal, total_of
from turbulence_app.engine.answers import Answer

if TYPE_CHECKING:
    from turbulence_app.engine.port import Port, WorldState
    from turbulence_app.engine.visit import Visit

Probed: TypeAlias = dict[Call, dict[str, Any]]
"""Answers to ``probe`` calls, asked before the expression is evaluated."""
_SUMMED = frozenset({"effects", "attempts", "visits", "failures"})


def world_value(call: Call, port: Port, probed: Probed, visit: Visit | None) -> Any:
    """The value of ``total``, ``probe`` or ``python``; null where the target has no world."""
    if call.function == "probe":
        return probed.get(call)
    if call.function == "python":
        first = call.arguments[0]
        return port.python(visit, str(first.value)) if isinstance(first, Literal) else None
    return None if port.world is None else _total(call, port.world)


def _total(call: Call, world: WorldState) -> int:
    step, field = total_of(call)
    states = (visit.state_of(step) for visit in world.visits.values())
    if field in _SUMMED:
        return sum(state.field(field) for state in states)
    return sum(state.counts.get(field, 0) for state in states)


def as_value(answer: Answer) -> dict[str, Any]:
    """An answer as expressions see it: ``.status``, ``.json``, ``.headers``, ``.answer``."""
    return {"status": answer.status, "json": answer.json, "headers": dict(answer.headers), "answer": answer.name}
