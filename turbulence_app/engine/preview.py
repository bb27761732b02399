"""A quick look at a few thousand users, in the caller's process: what a slider moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.errors import CancelledError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import Summary
from turbulence_app.engine.crowd import Chunk
from turbulence_app.engine.kept import Kept
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.summary import summarise

Stop = Callable[[], bool]


def preview(
    inputs: RunInputs, users: int = 20_000, should_stop: Stop | None = None, kept: Kept | None = None
) -> Summary:
    """The summary of the first ``users`` users: one chunk, no digest, no other process.

    Compiled quantities stay warm between calls, and with ``kept`` what these users drew, so a changed policy costs only
    what changed; the numbers are the same. Raises ``CancelledError`` where it is stopped between two steps.
    """
    plan = compile_plan(inputs.model_copy(update={"users": users}))
    return summarise(plan, _ran(_chunk(plan, users, should_stop, kept)).tally)


def who_completes(
    inputs: RunInputs, users: int, should_stop: Stop | None = None, kept: Kept | None = None
) -> NDArray[np.bool_]:
    """Which of the first ``users`` users complete, by number: what a comparison of the same people needs."""
    plan = compile_plan(inputs.model_copy(update={"users": users}))
    chunk = _chunk(plan, users, should_stop, kept)
    chunk.completed = completed = np.zeros(users, np.bool_)
    _ran(chunk)
    return completed


def _chunk(plan: Plan, users: int, should_stop: Stop | None, kept: Kept | None) -> Chunk:
    chunk = Chunk(plan, 0, users, digest=False)
    chunk.stop, chunk.kept = should_stop, kept
    return chunk


def _ran(chunk: Chunk) -> Chunk:
    if not chunk.run(chunk.stop):
        raise CancelledError("stopped")
    return chunk
