"""The open project, as the window sees it: typed nouns, the chosen workflow, and signals when they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.errors import Location, Problem
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.project import Project
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui import persona_colours


@dataclass(frozen=True, slots=True)
class ProjectData:
    """Everything that a project folder holds. ``policies`` is keyed by workflow and persona."""

    root: Path = Path()
    project: Project = field(default_factory=Project)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    personas: Mapping[str, Persona] = field(default_factory=dict)
    policies: Mapping[tuple[str, str], Policy] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    profiles: tuple[str, ...] = ()
    """Environments of the project's SUT file."""

    @property
    def first_workflow(self) -> str:
        """The workflow that is shown first: the project's own word, else the first there is; "" for none."""
        wanted = self.project.workflow
        return wanted if wanted is not None and wanted in self.workflows else next(iter(self.workflows), "")


class ProjectState(QObject):
    """What is open, and which workflow and persona are looked at."""

    changed = Signal()
    """Another project, or everything was read again."""
    workflow_changed = Signal(str)
    persona_changed = Signal(str)
    """A persona's text or weight was changed, or it came or went."""
    policy_changed = Signal(str)
    """The policy of this persona was changed (edited, compiled, approved, reverted)."""

    scenario_changed = Signal(str)
    """This scenario was edited (faults, target, numbers)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data = ProjectData()
        self._workflow_id = ""

    @property
    def loaded(self) -> bool:
        """Whether a project is open."""
        return bool(self.data.workflows or self.data.personas or self.data.project.name)

    @property
    def name(self) -> str:
        """The project's name to show."""
        return self.data.project.name or self.data.root.name

    @property
    def workflow(self) -> Workflow | None:
        """The workflow that everything is about just now."""
        return self.data.workflows.get(self._workflow_id)

    def replace(self, data: ProjectData) -> None:
        """Show another project, or this one read again; keeps the chosen workflow where it is still there."""
        self.data = data
        persona_colours.know(data.personas)
        if self._workflow_id not in data.workflows:
            self._workflow_id = data.first_workflow
        self.changed.emit()

    def choose_workflow(self, workflow_id: str) -> None:
        """Look at another workflow of the project."""
        if workflow_id in self.data.workflows and workflow_id != self._workflow_id:
            self._workflow_id = workflow_id
            self.workflow_changed.emit(workflow_id)

    def policy(self, persona_id: str) -> Policy | None:
        """The persona's policy for the chosen workflow."""
        return self.data.policies.get((self._workflow_id, persona_id))

    def weight(self, persona: Persona) -> float:
        """The persona's share of the crowd: the project's crowd, else the persona's own weight."""
        return self.data.project.crowd.get(persona.id, persona.weight)

    def put_workflow(self, workflow: Workflow) -> None:
        """Take an edited workflow."""
        self.data = replace(self.data, workflows={**self.data.workflows, workflow.id: workflow})
        self.workflow_changed.emit(workflow.id)

    def put_scenario(self, scenario: Scenario) -> None:
        """Take an edited scenario."""
        self.data = replace(self.data, scenarios={**self.data.scenarios, scenario.id: scenario})
        self.scenario_changed.emit(scenario.id)

    def put_persona(self, persona: Persona) -> None:
        """Take an edited or new persona."""
        self.data = replace(self.data, personas={**self.data.personas, persona.id: persona})
        persona_colours.know(self.data.personas)
        self.persona_changed.emit(persona.id)

    def drop_persona(self, persona_id: str) -> None:
        """Forget a persona (its policies stay until they are deleted)."""
        self.data = replace(self.data, personas={k: v for k, v in self.data.personas.items() if k != persona_id})
        self.persona_changed.emit(persona_id)

    def put_policy(self, policy: Policy) -> None:
        """Take an edited, compiled or approved policy for the chosen workflow."""
        key = (policy.workflow or self._workflow_id, policy.persona_id)
        self.data = replace(self.data, policies={**self.data.policies, key: policy})
        self.policy_changed.emit(policy.persona_id)

    def inputs(self, *, users: int, seed: int | None = None, only: str | None = None) -> RunInputs | None:
        """Inputs of a run without faults: the crowd, or one persona; None where a policy or workflow is missing."""
        workflow = self.workflow
        if workflow is None:
            return None
        members = tuple(
            Member(persona=persona.id, weight=self.weight(persona) if only is None else 1.0, policy=policy)
            for persona in self.data.personas.values()
            if (only is None or persona.id == only) and (policy := self.policy(persona.id)) is not None
        )
        if not members or not any(m.weight > 0 for m in members):
            return None
        run_seed = self.data.project.run.seed if seed is None else seed
        return RunInputs(workflow=workflow, crowd=members, users=users, seed=run_seed)


def read_reply(reply: Mapping[str, Any]) -> ProjectData:
    """A project out of the service's answer to ``open_project``."""
    policies = [Policy.model_validate(item) for item in _items(reply.get("policies"))]
    personas = [Persona.model_validate(item) for item in _items(reply.get("personas"))]
    personas.sort(key=lambda persona: -persona.weight)
    workflows = [Workflow.model_validate(item) for item in _items(reply.get("workflows"))]
    scenarios = [Scenario.model_validate(item) for item in _items(reply.get("scenarios"))]
    only = workflows[0].id if len(workflows) == 1 else ""
    return ProjectData(
        root=Path(str(reply["root"])),
        project=Project.model_validate(reply.get("project") or {}),
        workflows={workflow.id: workflow for workflow in workflows},
        personas={persona.id: persona for persona in personas},
        policies={(policy.workflow or only, policy.persona_id): policy for policy in policies},
        scenarios={scenario.id: scenario for scenario in scenarios},
        files=_files(reply.get("files")),
        problems=tuple(_problem(item) for item in _items(reply.get("problems"))),
        profiles=tuple(str(name) for name in reply.get("profiles") or ()),
    )


def _items(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value or ())


def _files(value: Any) -> dict[tuple[str, str], str]:
    return {(str(item["kind"]), str(item["id"])): str(item["path"]) for item in value or ()}


def _problem(item: Mapping[str, Any]) -> Problem:
    place = item.get("where")
    where = Location(str(place["file"]), int(place["line"]), int(place["column"])) if place else None
    return Problem(str(item["message"]), str(item.get("mend", "")), where, str(item.get("severity", "error")))
