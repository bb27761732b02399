"""The sample shop is what its comments say: quiet on a quiet day, and with one bug that only impatience finds."""

from __future__ import annotations

import pytest

from turbulence_app.domain.errors import MachineError
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.engine.execute import Execution, execute
from turbulence_app.formats.folder import read_folder
from turbulence_app.formats.loader import load_personas
from turbulence_app.resources import resource_path

SEED_TEXT = (
    "A busy professional who shops during lunch breaks.\nAbandons cart if checkout takes too long.\n"
    "Prefers express shipping.\nGets frustrated with payment failures and may try once then leave.\n"
)


def run(sample: str, name: str, *, idempotent: bool = False) -> Execution:
    folder = read_folder(resource_path(f"samples/{sample}"))
    scenario = folder.scenarios[name]
    workflow = folder.workflows[scenario.workflow]
    if idempotent:
        text = folder.texts[folder.files["workflow", workflow.id]]
        fixed = text.replace("path: /charges\n", "path: /charges\n        idempotent: true\n")
        from turbulence_app.formats.loader import parse_workflow

        assert fixed != text
        workflow = parse_workflow(fixed, "checkout.yaml")
    crowd = tuple(
        Member(persona=p.id, weight=p.weight, policy=folder.policies[workflow.id, p.id])
        for p in folder.personas.values()
    )
    return execute(
        RunInputs(
            workflow=workflow, crowd=crowd, users=scenario.users, seed=scenario.seed, arrivals=scenario.arrivals,
            faults=scenario.faults, invariants=scenario.invariants, scenario=scenario.id,
        )
    )  # fmt: skip


def test_a_quiet_day_holds():
    summary = run("shop", "quiet-day").summary
    assert summary.users == 20_000
    assert summary.holds
    assert {v.status for v in summary.verdicts} == {"holds"}
    assert {v.kind for v in summary.verdicts} == {"always", "at_end", "sometimes", "gate"}
    assert 0.35 < summary.completion < 0.60
    assert {"completed", "abandoned", "failed"} == {
        k for k in ("completed", "abandoned", "failed") if getattr(summary, k)
    }
    taken = {step.step: step.options for step in summary.funnel if step.type == "decide"}
    assert all(len([n for n in options.values() if n]) >= 2 for options in taken.values())


def test_lost_answers_charge_a_few_impatient_people_twice():
    execution = run("shop", "lost-answers")
    broken = [v for v in execution.summary.verdicts if v.status == "broken"]
    assert [v.name for v in broken] == ["charged_once"]
    assert 2 <= broken[0].violations <= 60
    assert {failure.persona for failure in execution.failures} == {"impatient_shopper"}
    assert {failure.step for failure in execution.failures} == {"pay"}
    lost = next(fault for fault in execution.summary.faults if fault.kind == "response_lost")
    assert lost.users > broken[0].violations


def test_the_mend_that_the_workflow_names_mends_it():
    assert run("shop", "lost-answers", idempotent=True).summary.holds


def test_the_blank_project_runs_and_holds():
    assert run("blank", "first-run").summary.holds


def test_the_seeds_persona_word_for_word():
    (persona,) = load_personas(resource_path("samples/shop/personas/impatient_shopper.yaml"))
    assert (persona.name, persona.description, persona.weight) == ("Impatient Shopper", SEED_TEXT, 35)


def test_evidence_quotes_the_description_and_covers_every_decision():
    folder = read_folder(resource_path("samples/shop"))
    assert [p.weight for p in sorted(folder.personas.values(), key=lambda p: -p.weight)] == [35, 25, 20, 12, 8]
    for (flow, persona), policy in folder.policies.items():
        words = folder.personas[persona].description.replace("\n", " ")
        assert policy.approved
        assert set(policy.decisions) == set(folder.workflows[flow].decisions())
        assert {f"decisions.{name}" for name in policy.decisions} <= set(policy.evidence)
        assert all(quote in words for quote in policy.evidence.values() if quote is not None)


def test_resources():
    assert resource_path("samples/shop").is_dir()
    for name in ("samples/nowhere", "../pyproject.toml", "/etc/passwd"):
        with pytest.raises(MachineError, match="missing"):
            resource_path(name)
