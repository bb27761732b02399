"""Parameters of the worker's operations: strict, so that a wrong call is an error at once and not later."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from turbulence_app.domain.base import Noun, Weight
from turbulence_app.domain.capsule import Expect
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.project import ModelTask
from turbulence_app.domain.scenario import Seed, Users
from turbulence_app.domain.workflow import Workflow

TextKind = Literal["workflow", "persona", "personas", "policy", "policies", "scenario", "project", "sut"]
ExportKind = Literal["pytest", "html", "csv", "junit", "locust"]
BackendChoice = Literal["auto", "builtin", "llamacpp", "ollama", "rules"]
Workers = Annotated[int, Field(ge=0, le=256)]
"""Engine processes; 0 = one per processor."""


TimeScale = Annotated[float, Field(ge=0, le=1000)]
"""What people's pauses are multiplied with on the http target: 1 is real, 0 is no pause at all."""


class InProject(Noun):
    """Every operation on a project: its folder; ``None`` is the built-in sample (the user's own copy of it)."""

    project: str | None = None


class NoParams(Noun):
    """An operation without parameters."""


class OpenProject(InProject):
    """``open_project``: reads the folder. ``root`` means the same as ``project``; ``sample`` names one that ships."""

    root: str | None = None
    sample: Literal["shop", "fastapi-shop", "blank"] | None = None


class InitProject(Noun):
    """``init_project``: a new project in a folder, from one of the samples."""

    project: str
    template: str = "shop"
    name: str = ""


class ImportOriginal(InProject):
    """``import_original``: files of the original Turbulence into the project."""

    path: str
    root: str | None = None


class CheckText(InProject):
    """``check_text``: problems of a text that may not be saved yet. ``file`` names it in messages."""

    kind: TextKind
    text: Annotated[str, Field(max_length=4_000_000)]
    file: str = ""


class ParseWorkflow(Noun):
    """``parse_workflow``: a workflow out of YAML text."""

    text: Annotated[str, Field(max_length=4_000_000)]
    file: str = "workflow.yaml"


class BuildInputs(InProject):
    """``build_inputs``: what ``run`` would run. What is absent comes from the scenario, then from the project."""

    scenario: str | None = None
    workflow: str | None = None
    users: Users | None = None
    seed: Seed | None = None
    target: Target | None = None
    crowd: dict[str, Weight] | None = None
    profile: str | None = None
    """Http target: the environment of the SUT file."""


class Preview(Noun):
    """``preview``: a small run in process, nothing stored. ``users`` absent: those of the inputs, at most 20,000."""

    inputs: RunInputs
    users: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class Compile(InProject):
    """``compile``: a persona to a policy. ``fresh`` passes the cache by; no ``backend``: the project's for the task.

    ``times`` above 1, or several ``models``, ask for a consensus: the policy then has ``ranges``, widest first.
    """

    persona: Persona
    workflow: Workflow
    task: ModelTask = "policy"
    backend: BackendChoice | None = None
    model: str | None = None
    mode: Literal["json", "logits"] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 42
    times: Annotated[int, Field(ge=1, le=25)] = 1
    models: tuple[str, ...] = ()
    budget_ms: Annotated[int, Field(ge=1, le=3_600_000)] | None = None
    fresh: bool = False


class Warm(InProject):
    """``warm``: load the model that would compile policies, ahead of the first question; none where none is needed."""

    workflow: Workflow
    backend: BackendChoice | None = None
    model: str | None = None
    mode: Literal["json", "logits"] | None = None


class Run(InProject):
    """``run``: the whole crowd, stored in the project's database. ``time_scale`` shortens the pauses of a live run."""

    inputs: RunInputs
    workers: Workers = 0
    time_scale: TimeScale | None = None


class OfRun(InProject):
    """``verify``, ``run_summary``, ``run_inputs``, ``failures``: a run's id, a unique prefix, or ``last``."""

    run_id: str = "last"


class Verify(OfRun):
    """``verify``: the run again, compared digest by digest."""

    workers: Workers = 0


class Replay(OfRun):
    """``replay``: one user of a run again, alone."""

    user: Annotated[int, Field(ge=0, le=2**32 - 1)]


class ReplayLive(Replay):
    """``replay_live``: one user of a live run against the service as it is now, not from its recording."""

    time_scale: TimeScale | None = None


class OfFailure(InProject):
    """``nearest_passing``, ``why``: a failure ``f-0001`` of the last run, or ``RUN/f-0001``, or ``RUN/USER``."""

    failure_id: str


class Shrink(OfFailure):
    """``shrink``: ``live`` lets the candidates of a live run really ask the service."""

    live: bool = False


class SaveCapsule(OfFailure):
    """``save_capsule``: into the project's ``capsules/``, unless ``path`` names a file."""

    path: str | None = None


class CheckCapsules(InProject):
    """``check_capsules``: files or folders of them; none: the project's ``capsules/``."""

    paths: Annotated[tuple[str, ...], Field(max_length=10_000)] = ()
    expect: Expect | None = None
    update: bool = False
    live: bool = False


class Export(InProject):
    """``export``: a run (``last``, an id) or a failure; ``path`` is the file, for CSV the folder."""

    kind: ExportKind
    name: str = "last"
    path: str


class ListRuns(InProject):
    """``list_runs``: newest first."""

    limit: Annotated[int, Field(ge=1, le=10_000)] = 200


class Failures(OfRun):
    """``failures``: of one run, by user number."""

    limit: Annotated[int, Field(ge=1, le=100_000)] = 1000


class SavePolicy(InProject):
    """``save_policy``: into the project's ``policies/`` and into the history."""

    policy: Policy
    reason: str = "edited"


class ApprovePolicy(InProject):
    """``approve_policy``: the human gate. ``by`` absent: the name of whoever is logged in."""

    persona: str
    workflow: str | None = None
    by: str | None = None


class PolicyHistory(InProject):
    """``policy_history``: every saved version, newest first."""

    persona: str
    workflow: str | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class SavePersona(InProject):
    """``save_persona``: into the file that holds it, or into a file of its own."""

    persona: Persona


class DeletePersona(InProject):
    """``delete_persona``: takes the persona out of its file; its policies stay."""

    persona: str


class SaveWorkflow(InProject):
    """``save_workflow``: YAML text as the person wrote it, comments and all; checked before it is written."""

    text: Annotated[str, Field(max_length=4_000_000)]
    file: str | None = None


class FaultEntry(Noun):
    """A fault as it shall stand in a scenario; ``origin`` is its place in the list as it stands there now."""

    data: dict[str, Any]
    origin: Annotated[int, Field(ge=0)] | None = None


class EditScenario(InProject):
    """``edit_scenario``: some values (null takes a key out) and the list of faults; ``write`` false only tries it."""

    scenario: str
    values: dict[str, Any] = {}
    faults: tuple[FaultEntry, ...] | None = None
    write: bool = False


class SaveScenario(InProject):
    """``save_scenario``: a scenario's text as it is, comments and all; checked before it is written."""

    scenario: str
    text: Annotated[str, Field(max_length=4_000_000)]


class Privacy(InProject):
    """``privacy``: the page to sign; the ledger from ``since`` on (ISO 8601), else all. ``save``: also as HTML."""

    since: AwareDatetime | None = None
    save: str | None = None


class Ping(Noun):
    """``ping``: is the worker there; ``data`` comes back."""

    data: Any = None
