"""Run inputs out of a project's files, a scenario or a workflow, and what the person says instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from turbulence_app.domain.errors import InputError, KnownError, Location, Problem
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import StepStats, Summary, Verdict
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.workflow import Workflow
from turbulence_app.engine.gates import evaluate
from turbulence_app.formats.check import check_run
from turbulence_app.formats.folder import PROJECT_FILE, Folder
from turbulence_app.service.live import NOTHING_SAID, Live, with_system

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What is said on the command line or in the window; ``None`` leaves the files' word."""

    users: int | None = None
    seed: int | None = None
    target: Target | None = None
    crowd: Mapping[str, float] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    """Policies that take the place of the project's."""
    live: Live = NOTHING_SAID
    """Which system a live run talks to."""


def choose(folder: Folder, scenario: str | None, workflow: str | None) -> tuple[Workflow, Scenario | None]:
    """The workflow to run, and the scenario if there is one. Raises ``InputError`` for names that nothing defines."""
    if scenario is None and workflow is None:
        scenario = folder.project.scenario
    plot = _named(folder, "scenario", folder.scenarios, scenario) if scenario is not None else None
    name = workflow or (plot.workflow if plot else None) or folder.project.workflow
    if name is None and len(folder.workflows) == 1:
        name = next(iter(folder.workflows))
    if name is None:
        known = ", ".join(sorted(folder.workflows)) or "none"
        raise InputError(
            "which workflow?", f"name one with --workflow; this project has: {known}", Location(str(folder.root))
        )
    return _named(folder, "workflow", folder.workflows, name), plot


def build_inputs(
    folder: Folder, scenario: str | None = None, workflow: str | None = None, overrides: Overrides | None = None
) -> RunInputs:
    """Everything that a run is made from. Raises ``InputError``, with all of the project's errors if there are any."""
    refuse_problems(folder)
    said = overrides or Overrides()
    flow, plot = choose(folder, scenario, workflow)
    if plot is not None and said.target is not None:
        plot = plot.model_copy(update={"target": said.target})
    _refuse(check_run(folder, flow, plot))
    weights = dict(said.crowd) or dict(plot.crowd if plot else {}) or dict(folder.project.crowd)
    weights = weights or {persona.id: persona.weight for persona in folder.personas.values()}
    own = {(policy.workflow or flow.id, policy.persona_id): policy for policy in said.policies}
    crowd = members(flow, weights, {**folder.policies, **own}, folder)
    defaults = folder.project.run
    run = RunInputs(
        workflow=flow,
        crowd=crowd,
        users=said.users or (plot.users if plot else defaults.users),
        seed=said.seed if said.seed is not None else (plot.seed if plot else defaults.seed),
        target=said.target or (plot.target if plot else "model"),
    )
    run = _in_system(run, folder, said)
    if plot is None:
        return run
    extra = {
        "scenario": plot.id,
        "arrivals": plot.arrivals,
        "faults": plot.faults,
        "invariants": plot.invariants,
        "liveness": plot.liveness,
    }
    return run.model_copy(update={**extra, "stop": plot.stop})


def _in_system(run: RunInputs, folder: Folder | None, said: Overrides) -> RunInputs:
    """The run with its services where they really are; a run on a model has none, unless somebody names them."""
    named = said.live.sut is not None or said.live.profile is not None
    return with_system(run, folder, said.live) if run.target == "http" or named else run


def members(
    workflow: Workflow, weights: Mapping[str, float], policies: Mapping[tuple[str, str], Policy], folder: Folder | None
) -> tuple[Member, ...]:
    """The crowd: a member for each persona with a weight. Raises ``InputError`` where one has no policy."""
    crowd: list[Member] = []
    missing: list[str] = []
    for persona, weight in weights.items():
        if weight <= 0:
            continue
        policy = policies.get((workflow.id, persona)) or policies.get(("", persona))
        if policy is None:
            missing.append(persona)
        else:
            crowd.append(Member(persona=persona, weight=weight, policy=policy))
    if missing:
        strangers = [persona for persona in missing if folder is not None and persona not in folder.personas]
        if strangers:
            raise InputError(f"the crowd names {strangers[0]!r}, which no persona has", "correct the name in `crowd`")
        what = "has no policy" if len(missing) == 1 else "have no policy"
        raise InputError(
            f"{', '.join(missing)} {what} for workflow {workflow.id!r}",
            f"`turbulence policy generate --workflow {workflow.id}` makes what is missing",
        )
    if not crowd:
        raise InputError("the crowd is empty", "give at least one persona a weight above 0")
    return tuple(crowd)


def loose_inputs(workflow: Workflow, policies: tuple[Policy, ...], overrides: Overrides) -> RunInputs:
    """A run without a project: a workflow, policies, and nothing else. All policies weigh the same."""
    weights = dict(overrides.crowd) or {policy.persona_id: 1.0 for policy in policies}
    table = {(policy.workflow or workflow.id, policy.persona_id): policy for policy in policies}
    run = RunInputs(workflow=workflow, crowd=members(workflow, weights, table, None), users=overrides.users or 20_000)
    seed = run.seed if overrides.seed is None else overrides.seed
    run = run.model_copy(update={"seed": seed, "target": overrides.target or run.target})
    return _in_system(run, None, overrides)


def with_workflow(folder: Folder, workflow: Workflow) -> Folder:
    """The project with one more workflow, or another one under its id, that no file of it holds."""
    return replace(folder, workflows={**folder.workflows, workflow.id: workflow})


def check_gate(expression: str, inputs: RunInputs) -> None:
    """Refuse a gate that names what the run does not have; better before the run than after it."""
    steps = tuple(StepStats(step=step.name, type=step.type) for step in inputs.workflow.steps())
    rules = (*inputs.workflow.invariants, *inputs.invariants)
    verdicts = tuple(Verdict(name=r.name, kind=r.kind, expression=r.expression, status="holds") for r in rules)
    try:
        evaluate(expression, Summary(funnel=steps, verdicts=verdicts))
    except KnownError as error:
        raise InputError(f"{expression!r}: {error.problem.message}", error.problem.mend) from error


def judge(expression: str, summary: Summary) -> tuple[bool, str]:
    """Whether a gate holds for a run, and the measured left side in words."""
    return evaluate(expression, summary)


def refuse_problems(folder: Folder) -> None:
    """Raise all errors of the project's files at once."""
    _refuse(folder.problems)


def refuse_settings(folder: Folder) -> None:
    """Raise what is wrong in the project's own file: whoever wrote settings must not get the usual ones in silence."""
    _refuse(one for one in folder.problems if one.where and Path(one.where.file).name == PROJECT_FILE)


def _refuse(problems: Iterable[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InputError.of(errors)


def _named(folder: Folder, kind: str, table: Mapping[str, T], name: str) -> T:
    found = table.get(name)
    if found is None:
        known = ", ".join(sorted(table)) or "none"
        raise InputError(f"no {kind} {name!r}", f"this project has: {known}", Location(str(folder.root)))
    return found
