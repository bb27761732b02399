"""Planted mistakes on the model target: what is made, and which rules notice it."""

import pytest

from tests.campaign.toy import CROWD, WORKFLOW, kiosk, small
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.campaign.mutants import mutants
from turbulence_app.engine.plan import compile_plan
from turbulence_app.service import audits
from turbulence_app.service.campaigns import Ways

CALM = kiosk(faults=[])
SETTINGS = small(worlds=1500, swarm=False)


def test_every_mutant_can_run_and_differs() -> None:
    found = mutants(CALM)
    assert [m.bug for m in found] == [
        "double_apply: pay", "unbounded_retry: pay", "lost_write: pay", "skipped_check: paid",
    ]  # fmt: skip
    for mutant in found:
        compile_plan(mutant.inputs)
        assert mutant.inputs != CALM
        assert mutant.says


def test_idempotent_steps_can_forget(tmp_path: object) -> None:
    flow = [{**s, "idempotent": True} if s["name"] == "pay" else s for s in WORKFLOW["flow"]]
    inputs = kiosk(workflow={**WORKFLOW, "flow": flow}, faults=[])
    assert "lost_idempotency: pay" in [m.bug for m in mutants(inputs)]


def test_the_rules_notice_what_they_are_about() -> None:
    report = audits.audit(CALM, SETTINGS, ways=Ways(workers=1))
    rows = {row.bug: row for row in report.rows}
    assert not report.baseline.found
    assert rows["double_apply: pay"].found
    assert set(rows["double_apply: pay"].invariants) == {"charged_once"}
    assert rows["double_apply: pay"].first_world is not None
    assert rows["unbounded_retry: pay"].found
    assert not rows["skipped_check: paid"].found  # nobody asks whether the check was made
    assert report.caught == sum(row.found for row in report.rows)


def test_a_rule_that_breaks_anyway_must_break_clearly_more_often() -> None:
    rough = kiosk(faults=[{"kind": "response_lost", "name": "lost", "step": "pay", "probability": 0.01}])
    report = audits.audit(rough, SETTINGS, ways=Ways(workers=1))
    rows = {row.bug: row for row in report.rows}
    assert "charged_once" in report.baseline.invariants
    assert rows["double_apply: pay"].found
    assert not rows["skipped_check: paid"].found


def test_nothing_to_plant_is_said() -> None:
    flow = [step for step in WORKFLOW["flow"] if step["name"] not in ("pay", "paid")]
    rules = [{"name": "ends", "at_end": "elapsed_ms >= 0"}]
    inputs = kiosk(workflow={**WORKFLOW, "flow": flow, "invariants": rules}, faults=[], crowd=CROWD)
    with pytest.raises(InputError, match="nothing can be planted"):
        audits.audit(inputs, SETTINGS)


def test_stopping_keeps_the_rows_so_far() -> None:
    asked = [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] > 3

    report = audits.audit(CALM, SETTINGS, ways=Ways(workers=1), should_stop=stop)
    assert len(report.rows) == 4
    assert report.rows[-1].note == "stopped before it was tried"
