"""A quick look at a few thousand users, in the caller's process: what a slider moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.errors import CancelledError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import Summary
from turbulence_app.engine.crowd import Chunk
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.summary import summarise


def preview(inputs: RunInputs, users: int = 20_000, should_stop: Callable[[], bool] | None = None) -> Summary:
    """The summary of the first ``users`` users: one chunk, no digest, no other process.

    Compiled quantities stay warm between calls, so a changed policy costs only what changed. Raises ``CancelledError``
    where it is stopped between two personas.
    """
    plan = compile_plan(inputs.model_copy(update={"users": users}))
    chunk = Chunk(plan, 0, users, digest=False)
    if not chunk.run(should_stop):
        raise CancelledError("stopped")
    return summarise(plan, chunk.tally)


def who_completes(inputs: RunInputs, users: int) -> NDArray[np.bool_]:
    """Which of the first ``users`` users complete, by number: what a comparison of the same people needs."""
    plan = compile_plan(inputs.model_copy(update={"users": users}))
    chunk = Chunk(plan, 0, users, digest=False)
    chunk.completed = np.zeros(users, np.bool_)
    chunk.run()
    return chunk.completed
