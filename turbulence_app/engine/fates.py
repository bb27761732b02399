"""How every visit of a crowd ended, one entry per person: what two runs on the same draws are compared by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from turbulence_app.engine.group import Group
from turbulence_app.engine.nodes import OUTCOMES, Plan

GRAIN = 65_536
"""People that are computed at once; whole digest blocks."""


class Fates:
    """Set as ``chunk.fates`` before the chunk runs. ``persona`` and ``outcome`` by place, ``last`` the last step's
    number (-1: none)."""

    def __init__(self, first: int, users: int) -> None:
        self.first = first
        self.persona = np.zeros(users, np.uint8)
        self.outcome = np.zeros(users, np.uint8)
        self.last = np.full(users, -1, np.int32)

    def note(self, persona: int, outcome: int, group: Group) -> None:
        """These visits are over."""
        at = (group.users - np.uint64(self.first)).view(np.int64)
        self.persona[at], self.outcome[at], self.last[at] = persona, outcome, group.lasts()


@dataclass(frozen=True, slots=True)
class Part:
    """Some people of a run: how each fared, and who broke what (user, invariant, step)."""

    fates: Fates
    broken: tuple[tuple[int, str, str], ...]


def compute(plan: Plan, first: int, users: int) -> Part:
    """People ``first`` to ``first + users - 1`` of a run of the model target; ``first`` is a multiple of the block."""
    from turbulence_app.engine.crowd import Chunk

    chunk = Chunk(plan, first, users, digest=False)
    chunk.fates = fates = Fates(first, users)
    chunk.run()
    names, steps = [rule.name for rule in plan.rules], [node.name for node in plan.nodes]
    broken = tuple(
        (user, names[rule], steps[step] if step >= 0 else "") for user, rule, _, step, _ in chunk.tally.failures
    )
    return Part(fates, broken)


def in_pairs(one: Plan, other: Plan, users: int, should_stop: Callable[[], bool]) -> Iterator[tuple[int, Part, Part]]:
    """The same people under two plans, part by part: how many there are so far, and both parts. Ends early if asked."""
    for first in range(0, users, GRAIN):
        if should_stop():
            return
        size = min(GRAIN, users - first)
        yield first + size, compute(one, first, size), compute(other, first, size)


def outcome_name(code: int) -> str:
    """``completed``, ``abandoned`` or ``failed``."""
    return OUTCOMES[code]


def changed(one: Fates, other: Fates) -> list[int]:
    """Places of those who fared differently."""
    places: list[int] = np.flatnonzero(one.outcome != other.outcome).tolist()
    return places
