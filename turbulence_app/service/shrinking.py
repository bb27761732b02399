"""From a failure to the smallest visit or world that still fails, kept beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import Event, ShrinkImproved
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrinking.visit import shrink as shrink_visit
from turbulence_app.service.runs import find_failure, nobody
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore

OTHERS = 2
"""Other failures of the same invariant and persona whose choices are tried as further starts."""


def shrink(
    database: Database,
    name: str,
    *,
    project: Path | str = "",
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Shrunk:
    """Shrink a failure (``f-0001``, ``RUN/f-0001`` or ``RUN/USER``) and keep the result in the database.

    ``project`` is the folder in which an application is found. Every improvement is an event, usable as it is; after a
    stop the best so far is returned and kept.
    """
    failure = find_failure(database, name)
    store = RunStore(database)
    inputs = store.inputs(failure.run_id)
    emit = on_event or nobody

    def better(best: Shrunk) -> None:
        emit(ShrinkImproved(best=best))

    if inputs.target != "model":
        mend = f"{project or 'its project'}: only the model target can shrink"
        raise InputError(f"run {failure.run_id} ran on target {inputs.target!r}", mend)
    others = _others(store, failure)
    shrunk = shrink_visit(compile_plan(inputs), failure, others=others, on_better=better, should_stop=should_stop)
    if failure.failure_id:
        store.save_shrunk(shrunk)
    return shrunk


def _others(store: RunStore, failure: Failure) -> tuple[int, ...]:
    """The next users who failed alike."""
    alike = (
        other.user
        for other in store.failures(failure.run_id)
        if (other.invariant, other.persona) == (failure.invariant, failure.persona) and other.user != failure.user
    )
    return tuple(user for user, _ in zip(alike, range(OTHERS), strict=False))
