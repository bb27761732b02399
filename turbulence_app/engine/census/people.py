"""What is known of each person of a part of a run, and of each answer that they waited for: columns of numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.answers import Answer
from turbulence_app.engine.nodes import Plan

Column = NDArray[Any]
PLACES = frozenset({"http", "grpc", "wait", "form", "think"})
"""Types of steps that take time: a person can be said to be there. Choices, checks and ways out count for the place
before them."""
NOT_ASKED, FINE, FAILED, GAVE_UP, NO_ANSWER = range(5)
"""How the last answer of a visit was: none asked for, good, a failure, given up waiting for, timed out or cut off."""
OPTIONS = 1 << 16
"""A choice is ``(number of the decision + 1) * OPTIONS + number of the option``; 0 is none."""


@dataclass(frozen=True, slots=True)
class People:
    """One entry per person; steps by their number + 1 (0: none), times in microseconds.

    ``user`` their number, ``arrived`` on the run's clock, ``took`` the whole visit, ``since`` when (on the visit's
    clock) they came to ``place``, the last step that takes time; ``last`` the last step of any kind; ``waited`` spent
    between asking and an answer (or the end of the wait), ``retries`` requests after a first one; ``answer`` how the
    last one was; ``path`` (W, n) one bit per step that they came to.
    """

    user: Column
    persona: Column
    outcome: Column
    reason: Column
    last: Column
    place: Column
    choice: Column
    answer: Column
    arrived: Column
    took: Column
    since: Column
    waited: Column
    retries: Column
    path: NDArray[np.uint64]

    def __len__(self) -> int:
        return int(self.user.size)

    def take(self, index: Column) -> People:
        """Some of them, in the order of ``index`` (numbers, or truth values)."""
        return People(**{f.name: getattr(self, f.name)[..., index] for f in fields(self)})

    def reached(self, step: int) -> NDArray[np.bool_]:
        """Who came to a step (by its number)."""
        return np.asarray(self.path[step >> 6] >> np.uint64(step & 63) & np.uint64(1), np.bool_)


@dataclass(frozen=True, slots=True)
class Waits:
    """One entry per answer that was waited for (or given up on).

    ``who`` is the place in the :class:`People` beside it, ``step`` the number of the step, ``asked`` when the request
    left on the run's clock, ``waited`` how long the wait was; microseconds.
    """

    who: Column
    step: Column
    asked: Column
    waited: Column


def words(plan: Plan) -> int:
    """Words of 64 bits that the steps of a plan need."""
    return max(1, -(-len(plan.nodes) // 64))


def answer_kind(answer: Answer) -> int:
    """How an answer is told."""
    if answer.came:
        return FAILED if answer.failed else FINE
    if answer.name == "gave_up":
        return GAVE_UP
    return NO_ANSWER if answer.name else NOT_ASKED


def together(parts: list[People]) -> People:
    """One after another."""
    return People(**{f.name: np.concatenate([getattr(p, f.name) for p in parts], axis=-1) for f in fields(People)})


def joined(parts: list[People], plan: Plan) -> People:
    """All of them, by their numbers."""
    if not parts:
        return People(
            **{f.name: np.zeros(0, np.int64) for f in fields(People) if f.name != "path"},
            path=np.zeros((words(plan), 0), np.uint64),
        )
    whole = together(parts)
    return whole.take(np.argsort(whole.user, kind="stable"))
