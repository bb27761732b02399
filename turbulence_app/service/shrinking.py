"""From a failure to the smallest visit or world that still fails, kept beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import Event, ShrinkImproved
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.place import AppPlace, HttpPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrinking.visit import shrink as shrink_visit
from turbulence_app.service.live import permitted
from turbulence_app.service.places import place_for
from turbulence_app.service.runs import find_failure, nobody
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.runs import RunStore

OTHERS = 2
"""Other failures of the same invariant and persona whose choices are tried as further starts."""
REMEMBERS = (
    "the service remembers earlier visits: by now it fails even where nothing goes wrong, so asking it shows nothing; "
    "this is what the recording shows"
)
OnBetter = Callable[[Shrunk], None]
ShouldStop = Callable[[], bool]


def shrink(
    database: Database,
    name: str,
    *,
    project: Path | str = "",
    live: bool = False,
    on_event: Callable[[Event], None] | None = None,
    should_stop: ShouldStop | None = None,
) -> Shrunk:
    """Shrink a failure (``f-0001``, ``RUN/f-0001`` or ``RUN/USER``) and keep the result in the database.

    ``project`` is the folder in which an application is found. A failure of a live run is shrunk against its recording;
    ``live`` lets every candidate really ask the service instead. Every improvement is an event, usable as it is; after
    a stop the best so far is returned and kept.
    """
    failure = find_failure(database, name)
    store = RunStore(database)
    inputs = store.inputs(failure.run_id)
    emit = on_event or nobody

    def better(best: Shrunk) -> None:
        emit(ShrinkImproved(best=best))

    if live and inputs.target != "http":
        raise InputError(f"run {failure.run_id} ran on target {inputs.target!r}", "leave --live out: it is for http")
    if inputs.target == "app":
        shrunk = _app(inputs, failure, project, better, should_stop)
    elif inputs.target == "http":
        shrunk = _http(database, inputs, failure, project if live else None, better, should_stop)
    else:
        others = _others(store, failure)
        shrunk = shrink_visit(compile_plan(inputs), failure, others=others, on_better=better, should_stop=should_stop)
    if failure.failure_id and not (live and not shrunk.minimal):
        store.save_shrunk(shrunk)
    return shrunk


def _app(
    inputs: RunInputs, failure: Failure, project: Path | str, better: OnBetter, should_stop: ShouldStop | None
) -> Shrunk:
    from turbulence_app.engine.shrinking.remote import shrink_app

    place = place_for(inputs, project)
    assert isinstance(place, AppPlace)
    return shrink_app(inputs, place, failure, on_better=better, should_stop=should_stop)


def _http(
    database: Database,
    inputs: RunInputs,
    failure: Failure,
    project: Path | str | None,
    better: OnBetter,
    should_stop: ShouldStop | None,
) -> Shrunk:
    """``project`` None: against the recording; else against the service that it may reach."""
    from turbulence_app.engine.shrinking.recorded import MAX_LIVE, LiveVisits, RecordedVisits, refuse_world_rule

    recording = RecordingStore(database).get(failure.run_id, failure.user)
    recorded = RecordedVisits(inputs, recording)
    refuse_world_rule(compile_plan(inputs), failure.invariant)
    if project is None:
        return shrink_visit(recorded.plan, failure, visits=recorded, on_better=better, should_stop=should_stop)
    place = place_for(inputs, project)
    assert isinstance(place, HttpPlace)
    with permitted(place):
        visits = LiveVisits(inputs, place, recording)
        shrunk = shrink_visit(
            visits.plan, failure, visits=visits, max_candidates=MAX_LIVE, on_better=better, should_stop=should_stop
        )
        calm = visits(shrunk.fixed, True, frozenset())
    if calm is not None and failure.invariant not in calm.broken:
        return shrunk
    found = shrink_visit(recorded.plan, failure, visits=recorded)
    return found.model_copy(update={"notes": (*found.notes, REMEMBERS)})


def _others(store: RunStore, failure: Failure) -> tuple[int, ...]:
    """The next users who failed alike."""
    alike = (
        other.user
        for other in store.failures(failure.run_id)
        if (other.invariant, other.persona) == (failure.invariant, failure.persona) and other.user != failure.user
    )
    return tuple(user for user, _ in zip(alike, range(OTHERS), strict=False))
