"""A step's new name in policies and scenarios: everything that speaks of it follows, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.flow_elsewhere import renamed_in_policies, renamed_in_scenario
from turbulence_app.formats.loader import parse_policies, parse_scenario
from turbulence_app.resources import resource_path

POLICIES = """\
policies:
  - persona_id: hasty   # in a hurry
    workflow: checkout
    retries: {default: 0, steps: {pay: 1, "look": 2}}
    pacing:
      steps:
        pay: {min: 4000, max: 15000}   # reads the terms
    decisions:
      payment_failed:
        options: {retry: 1, leave: 0}
        cases:
          - {when: "failures('pay') >= 2 and pay.failed", options: {leave: 1}}
          - {when: "count('look', 'ok') > 1", options: {retry: 1}}
    evidence: {retries.steps.pay: pays again, pacing.steps.pay: null, retries.steps.look: null}
    ranges: {pacing.steps.pay.max: {min: 1, max: 2}}
  - {persona_id: hasty, workflow: other, retries: {steps: {pay: 3}}}
"""
SCENARIO = """\
id: trouble
workflow: checkout
faults:
  # the till is down
  - {kind: crash, step: pay, when: "count('pay', 'ok') >= 1", at_seconds: 3}
  - {kind: latency, step: look, add_ms: 5}
invariants:
  - {name: pay, once_per: {step: 'pay', key: "pay.status"}}
  - name: quick
    gate: p95('pay.latency_ms') <= 4000
"""
FRESH = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{5,12}", fullmatch=True).filter(lambda name: "pay" not in name)
"""Words that need no quotes in YAML, and can stand in front of ``.failed``."""


@given(FRESH)
def test_there_and_back_is_the_text_as_it_was(new: str) -> None:
    policies = renamed_in_policies(POLICIES, "p.yaml", "checkout", "pay", new)
    scenario = renamed_in_scenario(SCENARIO, "s.yaml", "pay", new)
    assert renamed_in_policies(policies, "p.yaml", "checkout", new, "pay") == POLICIES
    assert renamed_in_scenario(scenario, "s.yaml", new, "pay") == SCENARIO


def test_everything_that_speaks_of_the_step_follows_and_nothing_else_does() -> None:
    text = renamed_in_policies(POLICIES, "p.yaml", "checkout", "pay", "charge")
    mine, other = parse_policies(text, "p.yaml")
    assert dict(mine.retries.steps) == {"charge": 1, "look": 2}
    assert list(mine.pacing.steps) == ["charge"]
    assert mine.decisions["payment_failed"].cases[0].when == "failures('charge') >= 2 and charge.failed"
    assert list(mine.evidence) == ["retries.steps.charge", "pacing.steps.charge", "retries.steps.look"]
    assert list(mine.ranges) == ["pacing.steps.charge.max"]
    assert dict(other.retries.steps) == {"pay": 3}, "a policy of another workflow means another step"
    assert "# in a hurry" in text
    assert "# reads the terms" in text

    scenario = parse_scenario(renamed_in_scenario(SCENARIO, "s.yaml", "pay", "charge"), "s.yaml")
    assert [fault.step for fault in scenario.faults] == ["charge", "look"]
    assert scenario.faults[0].when == "count('charge', 'ok') >= 1"
    assert [rule.name for rule in scenario.invariants] == ["pay", "quick"], "an invariant's own name is its own"
    assert scenario.invariants[0].once_per is not None
    assert (scenario.invariants[0].once_per.step, scenario.invariants[0].once_per.key) == ("charge", "charge.status")
    assert scenario.invariants[1].gate == "p95('charge.latency_ms') <= 4000"


def test_what_cannot_be_renamed_in_place_is_refused() -> None:
    with pytest.raises(InputError, match="an entry for 'look' already"):
        renamed_in_policies(POLICIES, "p.yaml", "checkout", "pay", "look")
    with pytest.raises(InputError, match="cannot stand"):
        renamed_in_policies(POLICIES, "p.yaml", "checkout", "pay", "pay-now")
    shared = POLICIES.replace("{pay: 1,", "&a {pay: 1,").replace("{pay: 3}", "*a")
    with pytest.raises(InputError, match="in place"):
        renamed_in_policies(shared, "p.yaml", "checkout", "pay", "charge")


@pytest.mark.parametrize(
    "path", sorted(Path(resource_path("samples/shop")).glob("policies/*.yaml")), ids=lambda p: p.name
)
def test_the_sample_says_the_same_of_a_step_that_nobody_names(path: Path) -> None:
    text = path.read_text("utf-8")
    assert renamed_in_policies(text, path.name, "checkout", "nobody", "somebody") == text
