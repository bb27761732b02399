"""Which scenario runs when another workflow is looked at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication

from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.project import ProjectData, ProjectState


def workflow(name: str) -> Workflow:
    steps: list[dict[str, Any]] = [{"name": "done", "type": "end", "outcome": "completed"}]
    return Workflow.model_validate({"id": name, "flow": steps})


@pytest.fixture
def project(qapp: QApplication) -> ProjectState:
    made = ProjectState()
    rough = Scenario.model_validate({"id": "rough", "workflow": "a"})
    made.replace(ProjectData(workflows={"a": workflow("a"), "b": workflow("b")}, scenarios={"rough": rough}))
    return made


@pytest.fixture
def settings(project: ProjectState) -> RunSettings:
    made = RunSettings(cast(Context, SimpleNamespace(project=project, hub=project)))
    made.take_project()
    return made


def test_a_workflow_that_somebody_chose_is_kept_when_the_place_is_made(project: ProjectState) -> None:
    project.choose_workflow("b")
    late = RunSettings(cast(Context, SimpleNamespace(project=project, hub=project)))
    late.take_project()
    assert (late.settings.scenario, project.workflow) == ("", workflow("b"))


def test_the_scenario_comes_back_with_its_workflow(project: ProjectState, settings: RunSettings) -> None:
    assert settings.settings.scenario == "rough"
    project.choose_workflow("b")
    assert settings.settings.scenario == ""
    project.choose_workflow("a")
    assert settings.settings.scenario == "rough"


def test_no_scenario_is_a_choice_that_edits_of_the_workflow_leave_alone(
    project: ProjectState, settings: RunSettings
) -> None:
    settings.choose_scenario("")
    project.put_workflow(workflow("a"))
    assert settings.settings.scenario == ""
