"""What the next run is set to: scenario, target, numbers, switches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.faults import Fault
from turbulence_app.domain.invariants import Invariant, Target
from turbulence_app.domain.scenario import Arrivals, Scenario
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.state import Settings, faults_of, invariants_of
from turbulence_app.gui.places.run.target import Need, needs


class RunSettings(QObject):
    """Shared by the run and the campaign. ``settings_changed`` when something else would run now."""

    settings_changed = Signal()
    switched = Signal()
    """A fault or an invariant was switched on or off."""
    crowd_changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self.settings = Settings()
        self._seen = ""
        """The workflow that was looked at last: that no scenario is wanted holds for it, not for others."""
        project = context.project
        project.workflow_changed.connect(self._workflow_changed)
        project.scenario_changed.connect(self._scenario_changed)
        for news in (project.policy_changed, project.persona_changed):
            news.connect(self.crowd_changed)

    def take_project(self) -> None:
        """Another project, or the same one read again: its scenario, else the one that was chosen."""
        data = self._context.project.data
        wanted = data.project.scenario or self.settings.scenario
        first = next(iter(data.scenarios), "")
        name = wanted if wanted in data.scenarios else first
        seen = self._context.project.workflow
        self._seen = seen.id if seen is not None else ""
        if seen is not None and name and data.scenarios[name].workflow != seen.id != data.first_workflow:
            name = self._scenario_of(seen.id)  # somebody chose this workflow: its people stay in view
        self.choose_scenario(name)

    def project(self) -> str:
        """The project's folder, as operations want it."""
        return str(self._context.project.data.root)

    def _workflow_changed(self, workflow_id: str) -> None:
        another, self._seen = workflow_id != self._seen, workflow_id
        scenario = self.scenario()
        if another if scenario is None else scenario.workflow != workflow_id:
            self.choose_scenario(self._scenario_of(workflow_id))
        else:
            self.settings_changed.emit()

    def _scenario_of(self, workflow_id: str) -> str:
        """The first scenario of a workflow, "" for none."""
        scenarios = self._context.project.data.scenarios.values()
        return next((scenario.id for scenario in scenarios if scenario.workflow == workflow_id), "")

    def _scenario_changed(self, scenario_id: str) -> None:
        """The chosen scenario was edited: numbers that were typed here stay, switches of what is gone go."""
        if scenario_id != self.settings.scenario:
            return
        there = {key for key, _ in self.faults()}
        self.settings = replace(self.settings, off_faults=self.settings.off_faults & there)
        self.settings_changed.emit()

    def scenario(self) -> Scenario | None:
        """The chosen scenario."""
        return self._context.project.data.scenarios.get(self.settings.scenario)

    def scenario_ids(self) -> list[str]:
        """What can be chosen."""
        return list(self._context.project.data.scenarios)

    def workflow(self) -> Workflow | None:
        """The workflow that would run."""
        scenario = self.scenario()
        if scenario is not None:
            return self._context.project.data.workflows.get(scenario.workflow)
        return self._context.project.workflow

    def faults(self) -> list[tuple[str, Fault]]:
        """Key and fault, for the chips."""
        return faults_of(self.scenario())

    def invariants(self) -> list[Invariant]:
        """What would be watched."""
        return invariants_of(self.workflow(), self.scenario())

    def arrivals(self) -> Arrivals:
        """How people come."""
        scenario = self.scenario()
        return self.settings.arrivals or (scenario.arrivals if scenario else Arrivals(rate_per_second=50.0))

    def needs(self) -> list[Need]:
        """What keeps the chosen target from running."""
        return needs(self.settings.target, self.workflow(), self._context.project.data.project)

    def missing(self) -> list[str]:
        """Titles of those in the crowd who have no policy for the workflow yet: with them nothing can run."""
        data, workflow, scenario = self._context.project.data, self.workflow(), self.scenario()
        if workflow is None:
            return []
        weights = (scenario.crowd if scenario else None) or {
            persona.id: self._context.project.weight(persona) for persona in data.personas.values()
        }
        return [
            data.personas[who].title
            for who, weight in weights.items()
            if weight > 0 and who in data.personas and (workflow.id, who) not in data.policies
        ]

    def ready(self) -> bool:
        """Whether something could run."""
        return self.workflow() is not None and not self.missing() and not self.needs()

    def asked(self) -> dict[str, Any]:
        """Parameters of ``build_inputs``: what the files are to become a run of."""
        now, workflow = self.settings, self.workflow()
        params: dict[str, Any] = {
            "users": now.users, "seed": now.seed, "target": now.target, "project": self.project(),
        }  # fmt: skip
        if now.target == "http" and now.profile:
            params["profile"] = now.profile
        params["scenario" if now.scenario else "workflow"] = now.scenario or (workflow.id if workflow else "")
        return params

    def choose_scenario(self, scenario_id: str) -> None:
        """Take a scenario's workflow, target, users and seed; everything is switched on again."""
        data = self._context.project.data
        scenario = data.scenarios.get(scenario_id)
        defaults = data.project.run
        users, seed = (scenario.users, scenario.seed) if scenario else (defaults.users, defaults.seed)
        target: Target = scenario.target if scenario else "model"
        self.settings = Settings(scenario_id if scenario else "", users, seed, self.settings.workers, target)
        self.settings_changed.emit()
        if scenario is not None:
            self._context.project.choose_workflow(scenario.workflow)

    def choose_target(self, target: Target) -> None:
        """Run the same workflow and crowd elsewhere; the scenario's file keeps its word."""
        if target != self.settings.target:
            self.settings = replace(self.settings, target=target)
            self.settings_changed.emit()

    def choose_arrivals(self, arrivals: Arrivals) -> None:
        """Let people come otherwise in the next run."""
        self.settings = replace(self.settings, arrivals=arrivals)
        self.settings_changed.emit()

    def set_live(self, *, profile: str | None = None, time_scale: float | None = None) -> None:
        """Environment and pauses of a live run."""
        now = self.settings
        scale = now.time_scale if time_scale is None else time_scale
        self.settings = replace(now, profile=now.profile if profile is None else profile, time_scale=scale)

    def profiles(self) -> tuple[str, ...]:
        """Environments that the project's SUT file has."""
        return self._context.project.data.profiles

    def set_numbers(self, *, users: int | None = None, seed: int | None = None, workers: int | None = None) -> None:
        """Users, seed, workers (0: one per processor)."""
        now = self.settings
        self.settings = replace(
            now,
            users=now.users if users is None else users,
            seed=now.seed if seed is None else seed,
            workers=now.workers if workers is None else workers,
        )

    def switch_fault(self, key: str, on: bool) -> None:
        """Let a fault strike in the next run, or not."""
        off = self.settings.off_faults - {key} if on else self.settings.off_faults | {key}
        self.settings = replace(self.settings, off_faults=off)
        self.switched.emit()

    def switch_invariant(self, name: str, on: bool) -> None:
        """Watch an invariant in the next run, or not."""
        off = self.settings.off_invariants - {name} if on else self.settings.off_invariants | {name}
        self.settings = replace(self.settings, off_invariants=off)
        self.switched.emit()
