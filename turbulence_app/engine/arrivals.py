"""The beginning of visits, for many users: arrival times, patience, parameters and toggles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.group import Group
from turbulence_app.engine.mixing import START, mix_many
from turbulence_app.engine.nodes import Initial

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Flow


def arrive(flow: Flow, users: NDArray[np.uint64], arrival: NDArray[np.uint64], patience: NDArray[np.uint64]) -> Group:
    """These users at the beginning of their visits."""
    plan, persona = flow.plan, flow.plan.personas[flow.persona]
    n = users.size
    arrived = plan.arrival.many(users, arrival)
    group = Group({"users": users, "t": np.zeros(n, np.int64)}, -1)
    if plan.arrival.draws:
        flow.chunk.drawn(group, "@user:arrival", arrived)
    if n == flow.chunk.users:
        flow.chunk.arrived = arrived
    else:
        flow.chunk.arrived[(users - np.uint64(flow.chunk.first)).view(np.int64)] = arrived
    sampler = persona.visit_patience
    if sampler is not None:
        constant = sampler.constant
        deadline = np.full(n, sampler.low, np.int64) if constant else sampler.values(patience)
        group.columns["deadline"] = deadline
        if not constant:
            flow.chunk.drawn(group, "@user:visit_patience", deadline)
    for initial in plan.initials.values():
        _initial(flow, group, initial)
    if flow.chunk.digest:
        group.columns["h"] = np.full(n, START, np.uint64)
        mix_many(group.columns["h"], arrived.view(np.uint64) ^ np.uint64((flow.persona + 1) << 52))
    flow.tally.timeline.add_rising("arrived", arrived)
    return group


def _initial(flow: Flow, group: Group, initial: Initial) -> None:
    kind, given = initial.kinds[flow.persona]
    if kind == "value":
        if initial.name in flow.plan.variables:
            code = flow.tables.pool_code(initial.name, given)
            group.columns["var", initial.name] = np.full(group.size, code, np.int16)
            group.columns["init", initial.name] = group.columns["var", initial.name].copy()
        return
    words = flow.chunk.lanes(group.users, initial.site, 0, 0, 0, 1)[0]
    flow.chunk.drawn(group, f"{initial.address}:value", words)
    column: NDArray[Any]
    if kind == "toggle":
        column = words < np.uint64(given)
    elif kind == "range":
        low, high = given
        column = ((words * np.uint64(high - low + 1)) >> np.uint64(32)).view(np.int64) + low
    else:
        column = ((words * np.uint64(len(given))) >> np.uint64(32)).view(np.int64)
    if initial.name in flow.plan.variables:
        pooled = [False, True] if kind == "toggle" else given
        codes = np.array([flow.tables.pool_code(initial.name, v) for v in pooled], np.int16)
        column = codes.take(column.astype(np.int64))
        group.columns["var", initial.name] = column.copy()
    group.columns["init", initial.name] = column
