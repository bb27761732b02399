"""Operations that show one user step by step: this one, or the next who leaves, breaks a rule, gets through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.walk import Walk
from turbulence_app.engine.fates import GRAIN, compute
from turbulence_app.engine.nodes import OUTCOMES, Plan
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.walk import walk_of, walk_user
from turbulence_app.service import params, plain, runs
from turbulence_app.store.runs import RunStore

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

Find = Literal["", "leaves", "breaks", "completes"]
FIRST_LOOK = 4096
"""People that are computed before the larger stretches: the next one is mostly near."""
_WORDS = {"leaves": "leaves", "breaks": "breaks an invariant", "completes": "completes", "": "is like that"}


class WalkUser(params.InProject):
    """``walk``: a user of a run (``run_id``) or of what would run (``inputs``).

    With ``find`` or ``persona`` the first such user from ``user`` on, round at the end of the crowd.
    """

    run_id: str | None = None
    inputs: RunInputs | None = None
    user: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    find: Find = ""
    persona: str | None = None


def walk(ops: Operations, given: WalkUser, job: Job) -> Any:
    """Find the user, and go along."""
    if given.inputs is not None:
        return plain.noun(_walk(given.inputs.model_copy(update={"target": "model"}), given, job))
    database = ops.database(given.project)
    store = RunStore(database)
    run_id = store.resolve(given.run_id or "last")
    inputs = store.inputs(run_id)
    if inputs.target == "model":
        found = _walk(inputs, given, job)
    else:
        found = walk_of(inputs, runs.replay(database, run_id, given.user).trace)
    return plain.noun(found.model_copy(update={"source": run_id}))


def _walk(inputs: RunInputs, given: WalkUser, job: Job) -> Walk:
    plan = compile_plan(inputs)
    user = given.user % max(1, inputs.users)
    if given.find or given.persona:
        user = _next(plan, user, given, job)
    return walk_user(plan, user)


def _next(plan: Plan, start: int, given: WalkUser, job: Job) -> int:
    for first, size, least in _stretches(plan.users, start):
        if job.should_stop():
            break
        part = compute(plan, first, size)
        at = np.ones(size, bool)
        if given.persona is not None:
            at &= part.fates.persona == _persona(plan, given.persona)
        if given.find == "breaks":
            broken = np.zeros(size, bool)
            broken[[user - first for user, *_ in part.broken if first <= user < first + size]] = True
            at &= broken
        elif given.find:
            completes = part.fates.outcome == OUTCOMES.index("completed")
            at &= completes if given.find == "completes" else ~completes
        users = np.flatnonzero(at) + first
        users = users[users >= least]
        if users.size:
            return int(users[0])
    who = f"{given.persona} who " if given.persona else "one who "
    raise InputError(
        f"of {plan.users:,} people there is no {who}{_WORDS[given.find]}", "choose another seed or persona"
    )


def _stretches(users: int, start: int) -> Iterator[tuple[int, int, int]]:
    """Stretches of people (first, how many, least that counts): small ones near the start, then large ones to the end,
    then from the beginning on."""
    first, size = start - start % FIRST_LOOK, FIRST_LOOK
    while first < users:
        yield first, min(size, users - first), start
        first += size
        size = min(GRAIN, 4 * size)
    for first in range(0, start + 1, GRAIN):
        yield first, min(GRAIN, users - first), 0


def _persona(plan: Plan, name: str) -> int:
    names = [persona.name for persona in plan.personas]
    if name not in names:
        raise InputError(f"nobody in this crowd is {name!r}", f"there are {', '.join(names)}")
    return names.index(name)
