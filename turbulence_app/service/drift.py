"""The model against the service on the same draws: the same people, the same seed, both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.drift import Drift
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.faults import MODEL_TARGET_FAULTS
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.trace import UserTrace
from turbulence_app.domain.workflow import GrpcStep, HttpStep, WaitStep, Workflow
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.formats.eventlog import with_models
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.loader import load_workflow
from turbulence_app.insight.drift import Comparison
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.places import place_for
from turbulence_app.service.projects import is_project, open_project
from turbulence_app.service.runs import nobody, run
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.runs import RunStore

THRESHOLD = 0.1
OnEvent = Callable[[Event], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compare. ``name``: a run on a real target, or a scenario, which is run first.

    ``workflow``: whose ``model`` blocks are meant (a file; default: the project's workflow as it is now, else the
    run's own). ``users``: at most so many people.
    """

    name: str = "last"
    workflow: Path | None = None
    users: int | None = None
    threshold: float = THRESHOLD


def drift(
    database: Database,
    root: Path,
    wanted: Wanted,
    *,
    on_event: OnEvent | None = None,
    should_stop: ShouldStop | None = None,
) -> Drift:
    """Compare, worst steps first. Raises ``InputError`` for a run of the model target: there is no service in it."""
    emit, stop = on_event or nobody, should_stop or (lambda: False)
    folder = open_project(root) if is_project(root) else None
    store = RunStore(database)
    name = _ran(database, folder, wanted, emit, stop)
    run_id = store.resolve(name)
    inputs = store.inputs(run_id)
    if inputs.target == "model":
        mend = "run it with --target http or --target app first"
        raise InputError(f"run {run_id} is of the model target; there is no service to compare with", mend)
    model, notes = modelled(inputs, folder, wanted.workflow)
    plan = compile_plan(model)
    comparison = Comparison()
    total = min(inputs.users, wanted.users or inputs.users)
    for done, (real, late) in enumerate(_visits(database, run_id, inputs, root, stop)):
        if stop():
            raise CancelledError("stopped before the end")
        if done >= total:
            break
        comparison.add(run_user(plan, real.user), real, late)
        if done % 20 == 0:
            emit(Progress(what="the same people on the model", done=done, total=total))
    if not comparison.users:
        raise InputError(f"nothing is known of the people of run {run_id}", "run it again, to its end")
    return comparison.drift(run_id, inputs.target, wanted.threshold, notes)


def modelled(inputs: RunInputs, folder: Folder | None, file: Path | None) -> tuple[RunInputs, list[str]]:
    """The run's inputs on the model target, with the models that are meant; and what has to be said of that."""
    notes: list[str] = []
    source: Workflow | None = load_workflow(file) if file is not None else None
    if source is None and folder is not None:
        source = folder.workflows.get(inputs.workflow.id)
    flow = inputs.workflow
    if source is not None:
        models = {s.name: s.model for s in source.steps() if isinstance(s, HttpStep | WaitStep | GrpcStep) and s.model}
        flow = with_models(flow, models)
        where = str(file) if file is not None else f"workflow {source.id!r} as it is now"
        notes.append(f"The model is that of {where}; steps, people and draws are the run's.")
    bare = [s.name for s in flow.steps() if isinstance(s, HttpStep | WaitStep | GrpcStep) and s.model is None]
    if bare:
        notes.append(f"No model: {', '.join(bare[:8])}; a stand-in of 100 ms that always succeeds is compared.")
    kept = tuple(f for f in inputs.faults if f.kind in MODEL_TARGET_FAULTS)
    if len(kept) < len(inputs.faults):
        left = sorted({f.kind for f in inputs.faults if f.kind not in MODEL_TARGET_FAULTS})
        notes.append(f"Faults that the model target has not are left out of the model's side: {', '.join(left)}.")
    change = {"workflow": flow.model_copy(update={"invariants": ()}), "target": "model", "faults": kept,
              "invariants": ()}  # fmt: skip
    return inputs.model_copy(update=change), notes


def _ran(database: Database, folder: Folder | None, wanted: Wanted, emit: OnEvent, stop: ShouldStop) -> str:
    """The run to compare; a scenario of the project is run on its own target first."""
    if folder is None or wanted.name not in folder.scenarios:
        return wanted.name
    inputs = build_inputs(folder, wanted.name, None, Overrides(users=wanted.users))
    if inputs.target == "model":
        mend = "write 'target: http' or 'target: app' into it, or name a run"
        raise InputError(f"scenario {wanted.name!r} is of the model target", mend)
    done = run(inputs, database, project=str(folder.root), on_event=emit, should_stop=stop)
    if done.manifest.status == "cancelled":
        raise CancelledError("stopped while the scenario ran; its run is kept")
    return done.manifest.run_id


def _visits(
    database: Database, run_id: str, inputs: RunInputs, root: Path, stop: ShouldStop
) -> Iterator[tuple[UserTrace, Mapping[str, int]]]:
    """What really happened, person by person: from the recording (with the driver's lateness), or the world again."""
    if inputs.target == "http":
        from turbulence_app.engine.live.replay import plan_of_recording, replay_recorded

        plan = plan_of_recording(inputs)
        for recording in RecordingStore(database).all(run_id):
            again = replay_recorded(plan, recording)
            if again.visit is not None:
                yield again.visit.trace(), {e.address: max(0, e.sent_us - e.due_us) for e in recording.exchanges}
        return
    from turbulence_app.engine.world.execute import trace_app

    place = place_for(inputs, root)
    assert isinstance(place, AppPlace)
    if not stop():
        yield from ((trace, {}) for trace in trace_app(inputs, place, tuple(range(inputs.users))))
