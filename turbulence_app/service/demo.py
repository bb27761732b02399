"""The whole main job on the built-in sample: policies, a run, a failure, its smallest form, and its replay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.errors import CancelledError, MachineError
from turbulence_app.domain.events import Event, Progress, RunFinished
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.engine.shrinking.visit import FIXED
from turbulence_app.formats.folder import Folder, read_folder
from turbulence_app.service.home import own_sample, pristine_sample
from turbulence_app.service.inputs import Overrides, build_inputs, choose
from turbulence_app.service.policies import gateway_for, generate
from turbulence_app.service.projects import database_path
from turbulence_app.service.runs import nobody, replay, run
from turbulence_app.service.shrinking import shrink
from turbulence_app.store.database import Database

SCENARIO = "lost-answers"
BACKEND = "builtin"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a failure can be had again: alone as in the run, and in its smallest form."""

    user_same: bool | None
    """The user, recomputed alone, has the fingerprint that the run recorded."""
    user_breaks: bool
    """The user, recomputed alone, breaks the invariant."""
    smallest_breaks: bool
    """The smallest reproduction, from its choices alone, breaks it too."""
    smallest_same: bool
    """... with the same bits as when it was found."""

    @property
    def reproduced(self) -> bool:
        """All of it."""
        return self.user_same is not False and self.user_breaks and self.smallest_breaks and self.smallest_same


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything that the demonstration has to show. Without a failure there is nothing to shrink or replay."""

    root: Path
    workflow: Workflow
    personas: tuple[Persona, ...]
    policies: tuple[Policy, ...]
    finished: RunFinished
    failure: Failure | None = None
    shrunk: Shrunk | None = None
    replayed: Verdict | None = None


def demo(
    home: Path,
    *,
    project: Path | None = None,
    users: int | None = None,
    seed: int | None = None,
    workers: int = 0,
    on_event: Callable[[Event], None] | None = None,
    on_policies: Callable[[Workflow, Sequence[Persona], Sequence[Policy]], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Demo:
    """Do it. Inputs are the sample as it ships (or ``project``), with every policy compiled afresh, past any cache.

    The run is kept in the person's own copy of the sample, so that its failures can be looked at afterwards.
    """
    stop = should_stop or (lambda: False)
    source = read_folder(project or pristine_sample())
    root = project or own_sample(home)
    policies, personas, workflow = compile_all(source, home, on_event or nobody, stop)
    if on_policies is not None:
        on_policies(workflow, personas, policies)
    said = Overrides(users=users, seed=seed, policies=policies)
    inputs = build_inputs(source, _scenario(source), None, said)
    database = Database(database_path(root))
    try:
        finished = run(inputs, database, workers=workers, project=str(root), on_event=on_event, should_stop=should_stop)
        begun = Demo(root, workflow, personas, policies, finished)
        if finished.manifest.status == "cancelled" or not finished.failures:
            return begun
        return _explained(begun, inputs, database, on_event, should_stop)
    finally:
        database.close()


def compile_all(
    folder: Folder, home: Path, emit: Callable[[Event], None], stop: Callable[[], bool]
) -> tuple[tuple[Policy, ...], tuple[Persona, ...], Workflow]:
    """A fresh policy for every persona of the folder, by the built-in model."""
    workflow, _ = choose(folder, _scenario(folder), None)
    personas = tuple(folder.personas.values())
    policies: list[Policy] = []
    with gateway_for(home, None) as gateway:
        for number, persona in enumerate(personas):
            if stop():
                raise CancelledError("stopped while personas were being compiled")
            emit(Progress(what=f"compiling {persona.title}", done=number, total=len(personas)))
            policies.append(generate(persona, workflow, gateway=gateway, backend=BACKEND, should_stop=stop))
    if not policies:
        raise MachineError("the sample has no personas", "install Turbulence again")
    return tuple(policies), personas, workflow


def _scenario(folder: Folder) -> str | None:
    return SCENARIO if SCENARIO in folder.scenarios else None


def _explained(
    begun: Demo,
    inputs: RunInputs,
    database: Database,
    on_event: Callable[[Event], None] | None,
    should_stop: Callable[[], bool] | None,
) -> Demo:
    failure = min(begun.finished.failures, key=lambda f: (f.events, f.user))
    name = f"{failure.run_id}/{failure.failure_id}"
    shrunk = shrink(database, name, on_event=on_event, should_stop=should_stop)
    again = replay(database, failure.run_id, failure.user)
    who = {draw.address: draw.word for draw in again.trace.draws if draw.address in FIXED}
    choices = {**who, **{choice.address: choice.word for choice in shrunk.choices}}
    smallest = run_user(compile_plan(inputs), failure.user, choices=choices, neutral=True)
    verdict = Verdict(
        user_same=again.same,
        user_breaks=failure.invariant in again.trace.violations,
        smallest_breaks=failure.invariant in smallest.violations,
        smallest_same=smallest.fingerprint == shrunk.trace.fingerprint,
    )
    return Demo(begun.root, begun.workflow, begun.personas, begun.policies, begun.finished, failure, shrunk, verdict)
