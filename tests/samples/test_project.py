"""The project around the sample shop: it reads, it checks, its policies say where they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.engine.execute import execute
from turbulence_app.formats.check import check_folder
from turbulence_app.formats.folder import Folder, read_folder
from turbulence_app.resources import resource_path
from turbulence_app.service.ops import Operations
from turbulence_app.service.projects import init_project, open_project
from turbulence_app.service.worker import Job

FOLDER = resource_path("samples/fastapi-shop")


@pytest.fixture(scope="module")
def folder() -> Folder:
    return read_folder(FOLDER)


def test_the_project_has_nothing_to_mend(folder: Folder):
    assert check_folder(folder) == []
    assert [p.weight for p in sorted(folder.personas.values(), key=lambda p: -p.weight)] == [35, 20, 20, 15, 10]
    assert set(folder.scenarios) == {"quiet-day", "rough-day"}


def test_every_switch_is_declared_for_the_audit(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    from shop.settings import BUGS, Settings

    planted = {one.bug: one.env for one in folder.project.audit}
    assert set(planted) == set(BUGS)
    assert all(Settings.from_environment(env).bug == bug for bug, env in planted.items())
    assert Settings.from_environment(folder.project.app.env) == Settings()


def test_policies_are_approved_and_quote_their_persona(folder: Folder):
    workflow = folder.workflows["buy"]
    for (flow, persona), policy in folder.policies.items():
        words = " ".join(folder.personas[persona].description.split())
        assert flow == "buy"
        assert policy.approved
        assert set(policy.decisions) == set(workflow.decisions())
        assert {f"decisions.{name}" for name in policy.decisions} <= set(policy.evidence)
        assert [quote for quote in policy.evidence.values() if quote is not None and quote not in words] == []


def test_the_rules_are_of_several_kinds_and_know_their_targets(folder: Folder):
    rules = folder.workflows["buy"].invariants
    assert {rule.kind for rule in rules} >= {"always", "at_end", "sometimes"}
    assert all("probe" not in rule.expression or "model" not in rule.targets for rule in rules)
    assert all(rule.says for rule in rules)


def test_the_same_workflow_runs_on_the_model_target(folder: Folder):
    crowd = tuple(
        Member(persona=p.id, weight=p.weight, policy=folder.policies["buy", p.id]) for p in folder.personas.values()
    )
    summary = execute(RunInputs(workflow=folder.workflows["buy"], crowd=crowd, users=5000, seed=42)).summary
    assert summary.holds
    assert summary.completed > 2000
    taken = {step.step: step.options for step in summary.funnel if step.type == "decide"}
    assert all(len([n for n in options.values() if n]) >= 2 for options in taken.values())


def test_a_copy_is_the_whole_thing(tmp_path, folder: Folder):
    made = init_project(tmp_path / "mine", "fastapi-shop")
    inside = {path.relative_to(tmp_path / "mine").as_posix() for path in made}
    wanted = {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert inside == wanted
    assert "shop/__init__.py" in inside
    assert check_folder(open_project(tmp_path / "mine")) == []


def test_the_window_opens_a_copy_of_its_own(tmp_path):
    operations = Operations(tmp_path)
    try:
        reply = operations.handle("open_project", {"sample": "fastapi-shop"}, Job(1, "open_project", {}))
    finally:
        operations.close()
    assert reply["sample"] is True
    assert Path(reply["root"]) == tmp_path / "samples" / "fastapi-shop"
    assert (tmp_path / "samples" / "fastapi-shop" / "shop" / "main.py").is_file()
    assert reply["problems"] == []
