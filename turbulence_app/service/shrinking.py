"""From a failure to the smallest visit that still fails, kept beside it."""

from __future__ import annotations

from collections.abc import Callable

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import Event, ShrinkImproved
from turbulence_app.domain.failure import Shrunk
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrink import shrink as shrink_user
from turbulence_app.service.runs import find_failure, nobody
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore


def shrink(
    database: Database,
    name: str,
    *,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Shrunk:
    """Shrink a failure (``f-0001``, ``RUN/f-0001`` or ``RUN/USER``) and keep the result in the database."""
    failure = find_failure(database, name)
    store = RunStore(database)
    inputs = store.inputs(failure.run_id)
    if inputs.target != "model":
        raise InputError(f"run {failure.run_id} ran on target {inputs.target!r}", "only the model target can shrink")
    emit = on_event or nobody
    shrunk = shrink_user(
        compile_plan(inputs),
        failure,
        on_better=lambda best: emit(ShrinkImproved(best=best)),
        should_stop=should_stop,
    )
    if failure.failure_id:
        store.save_shrunk(shrunk)
    return shrunk
