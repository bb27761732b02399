"""The original Turbulence's files: they load unchanged, run, and what differs is said."""

# ruff: noqa: E501
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.workflow import (
    AssertStep,
    BranchStep,
    ChoiceParameter,
    DecideStep,
    GrpcStep,
    HttpStep,
    RangeParameter,
    WaitStep,
    Workflow,
)
from turbulence_app.engine.execute import execute
from turbulence_app.formats import loader
from turbulence_app.formats.check import check_folder, check_policy, check_workflow
from turbulence_app.formats.folder import read_folder
from turbulence_app.formats.imported import Imported, write_imported
from turbulence_app.formats.original import import_original

FILES = Path(__file__).parent / "original"


@pytest.fixture(scope="module")
def imported() -> Imported:
    return import_original(FILES)


def run(imported: Imported, workflow: Workflow, seed: int = 42):
    crowd = tuple(
        Member(persona=p.persona_id, weight=1, policy=p) for p in imported.policies if p.workflow == workflow.id
    )
    return execute(RunInputs(workflow=workflow, crowd=crowd, users=200, seed=seed))


def test_a_scenario_loads_unchanged_with_every_field():
    workflow = loader.load_workflow(FILES / "scenarios/checkout.yaml")
    steps = {step.name: step for step in workflow.steps()}
    kinds = {type(step) for step in steps.values()}
    assert kinds == {HttpStep, WaitStep, AssertStep, GrpcStep, BranchStep, DecideStep}
    cart = steps["create_cart"]
    assert isinstance(cart, HttpStep)
    assert cart.retry is not None
    assert (cart.retry.max_attempts, cart.retry.on_status, cart.retry.on_timeout) == (3, (500, 502, 503), True)
    assert cart.json_["notes"] is None
    assert cart.guard == "choice == 'buy'"
    second = steps["second_choice"]
    assert isinstance(second, DecideStep)
    assert (second.output_var, second.policy_ref) == ("decision_result", "loyal")
    wait = steps["shipped"]
    assert isinstance(wait, WaitStep)
    assert wait.expect is not None
    assert (wait.interval_seconds, wait.expect.equals) == (0.5, "shipped")
    assert [a.name for a in workflow.assertions] == ["final_status", "has_id", "country_kept", "shape", "rule"]
    assert workflow.turbulence is not None
    assert workflow.turbulence.global_ is not None
    assert workflow.turbulence.actions["pay"].retry_count == 2
    assert workflow.variation is not None
    assert isinstance(workflow.variation.parameters["qty"], RangeParameter)
    assert isinstance(workflow.variation.parameters["search"], ChoiceParameter)
    assert workflow.variation.timing is not None
    assert workflow.max_steps == 50


def test_personas_policies_and_sut_load_unchanged():
    assert [p.hints for p in loader.load_personas(FILES / "personas.yaml")] == [
        {"price_sensitivity": "high", "pages": 5},
        {},
    ]
    bargain, loyal = loader.load_policies(FILES / "policies.yaml")
    assert bargain.decisions["browse_choice"].options == {"buy": 2, "leave": 6}
    assert bargain.data == {"search_queries": ("cheap shoes", "shoes sale")}
    assert loyal.data == {}


def test_an_import_runs(imported):
    for workflow in imported.workflows:
        execution = run(imported, workflow)
        assert execution.summary.users == 200
        assert execution.digest == run(imported, workflow).digest
        known = [name for policy in imported.policies for name in policy.data]
        assert [p for p in check_workflow(workflow, known=known) if p.severity == "error"] == []
        for policy in imported.policies:
            if policy.workflow == workflow.id:
                assert check_policy(policy, workflow) == []


def test_decisions_are_independent_and_personas_are_mixed(imported):
    workflow = imported.workflow
    summary = run(imported, workflow).summary
    options = {step.step: step.options for step in summary.funnel if step.type == "decide"}
    assert set(options["pick"]) == {"buy", "leave"}
    assert set(options["second_choice"]) == {"track", "close"}
    assert {p.persona for p in summary.personas if p.users} == {"bargain", "loyal"}


@pytest.mark.parametrize(
    "words",
    [
        "Service 'events' is Kafka", "Service 'stock' is gRPC", "'max_message_bytes'", "calls gRPC", "profile 'staging' was",
        "Profiles are not carried over: production", "retry_count stops at the first success", "mix of all 2 policies",
        "Each decision of a user is drawn for itself", "weighs old_decision", "'page is there (200)' is called 'page_is_there_200'",
        "max_steps of 'checkout' is obeyed", "cannot be evaluated counts as false", "the original never read it",
        "Injected latency comes from the run's seed", "JSON Schemas",
    ],
)  # fmt: skip
def test_what_differs_is_said_once(imported, words):
    assert sum(words in note for note in imported.notes) == 1


def test_services_come_from_the_sut_with_its_default_profile(imported):
    api = imported.workflow.services["api"]
    assert api.http is not None
    assert api.http.base_url == "http://staging.local:8080"
    assert api.http.headers == {"X-Client": "turbulence", "X-Env": "staging"}


def test_names_keep_their_blanks_and_lose_what_no_name_holds(imported):
    plain = imported.workflows[1]
    assert plain.id == "plain smoke test"
    assert [s.name for s in plain.flow] == ["Open the page", "Open the page again", "page_is_there_200"]
    assert plain.turbulence is not None
    assert list(plain.turbulence.actions) == ["Open the page again"]
    again = plain.flow[1]
    assert isinstance(again, HttpStep)
    assert (again.path, again.service) == ("/again", "api")


def test_an_import_becomes_a_project(imported, tmp_path):
    files = write_imported(imported, tmp_path / "project")
    assert all(file.is_file() for file in files)
    folder = read_folder(tmp_path / "project")
    assert folder.workflows == {w.id: w for w in imported.workflows}
    assert folder.personas == {p.id: p for p in imported.personas}
    assert list(folder.policies.values()) == sorted(imported.policies, key=lambda p: (p.persona_id, p.workflow))
    assert check_folder(folder) == []
    with pytest.raises(InputError, match="there already"):
        write_imported(imported, tmp_path / "project")


def test_a_single_scenario_without_anything_else(tmp_path):
    shutil.copy(FILES / "scenarios/checkout.yaml", tmp_path / "checkout.yaml")
    imported = import_original(tmp_path / "checkout.yaml")
    assert [p.id for p in imported.personas] == ["everyone"]
    assert any("write them into" in note for note in imported.notes)


def test_what_is_not_the_originals(tmp_path):
    (tmp_path / "notes.yaml").write_text("a: 1\n")
    with pytest.raises(InputError, match="no scenario"):
        import_original(tmp_path)
    with pytest.raises(InputError, match="not a file of the original"):
        import_original(tmp_path / "notes.yaml")
