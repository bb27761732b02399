"""A consensus lies between its voters, is valid, and says where they are apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from tests.llm.samples import PERSONA, WORKFLOW
from turbulence_app.assist.policy_check import validate_policy
from turbulence_app.assist.policy_consensus import agree
from turbulence_app.assist.policy_poll import policy_poll
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.policy import Policy
from turbulence_app.insight.disagreement import widths
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.service.policies import diff


def made(document, **provenance):
    fields = {"persona_id": PERSONA.id, "workflow": WORKFLOW.id, **document}
    return Policy.model_validate({**fields, "provenance": {"backend": "llamacpp", "source": "model", **provenance}})


def drawn(random, workflow=WORKFLOW, persona=PERSONA):
    poll = policy_poll(persona, workflow)
    rows = tuple(tuple(random.uniform(-6, 6) for _ in q.answers) for q in poll.nobody)
    return Policy.model_validate({**poll.document(rows, {}), "persona_id": persona.id, "workflow": workflow.id})


@settings(max_examples=40, deadline=None)
@given(strategies.workflows, strategies.personas, st.randoms(use_true_random=False), st.integers(1, 5))
def test_a_consensus_of_anything_valid_is_valid(workflow, persona, random, count):
    voters = [drawn(random, workflow, persona) for _ in range(count)]
    policy = agree(voters, workflow)
    found, problems = validate_policy(policy.model_dump(mode="json", by_alias=True), workflow, persona)
    assert found is not None, problems
    assert Policy.model_validate(policy.plain()) == policy


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 5))
def test_every_number_lies_in_its_range_and_weights_sum_to_one(random, count):
    voters = [drawn(random) for _ in range(count)]
    policy = agree(voters, WORKFLOW)
    for name, decision in policy.decisions.items():
        assert math.fsum(decision.options.values()) == pytest.approx(1, abs=1e-3), name
    for quantity in ("step_wait_seconds", "visit_seconds"):
        for end in ("min", "max"):
            votes = [getattr(getattr(v.patience, quantity), end) for v in voters]
            middle = getattr(getattr(policy.patience, quantity), end)
            assert min(votes) <= middle <= max(votes)
            spread = policy.ranges.get(f"patience.{quantity}.{end}")
            if spread:
                assert (spread.min, spread.max) == (min(votes), max(votes))
    assert [w.width for w in widths(policy)] == sorted((w.width for w in widths(policy)), reverse=True)
    assert list(policy.ranges) == [w.path for w in widths(policy)]


def test_voters_of_one_mind_leave_nothing_open():
    one = made(BuiltinBackend().policy_document(PERSONA, WORKFLOW))
    policy = agree([one, one, one], WORKFLOW)
    assert policy.ranges == {}
    assert not [c for c in diff(one, policy) if not c.path.startswith("retries.steps")]
    assert policy.evidence == one.evidence
    assert agree([one], WORKFLOW) is one


def test_one_voter_gone_astray_does_not_move_the_middle():
    usual = RulesBackend().policy_document(PERSONA, WORKFLOW)
    astray = {**usual, "patience": {**usual["patience"], "step_wait_seconds": {"min": 900, "max": 3600}}}
    astray["decisions"] = {
        **usual["decisions"],
        "browse_next": {"options": {"add_to_cart": 0, "view_details": 0, "leave": 1}},
    }
    policy = agree([made(usual), made(astray, model="odd"), made(usual, seed=7)], WORKFLOW)
    assert policy.patience.step_wait_seconds == made(usual).patience.step_wait_seconds
    assert policy.decisions["browse_next"].options["leave"] < 0.1
    first = widths(policy)[0]
    assert first.path == "patience.step_wait_seconds.max"
    assert first.high == 3600
    leave = policy.ranges["decisions.browse_next.options.leave"]
    assert (leave.min, leave.max) == (pytest.approx(0.0476, abs=1e-3), 1)
    assert policy.provenance.notes[0].startswith("consensus of 3: llamacpp")
    assert "odd" in policy.provenance.model
    assert not policy.approved


def test_a_phrase_counts_if_any_voter_quotes_it():
    usual = RulesBackend().policy_document(PERSONA, WORKFLOW)
    quoting = {**usual, "evidence": {**usual["evidence"], "retries.default": "may try once"}}
    policy = agree([made(usual), made(quoting)], WORKFLOW)
    assert policy.evidence["retries.default"] == "may try once"
    assert policy.evidence["pacing.think_ms"] is None


def test_without_policies_there_is_no_consensus():
    with pytest.raises(InputError, match="at least one"):
        agree([], WORKFLOW)


def test_ranges_are_no_behaviour():
    assert "ranges" not in {change.path.split(".")[0] for change in diff(*_with_and_without_ranges())}


def _with_and_without_ranges():
    plain = made(RulesBackend().policy_document(PERSONA, WORKFLOW))
    ranged = Policy.model_validate({**plain.plain(), "ranges": {"retries.default": {"min": 0, "max": 3}}})
    return plain, ranged


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(ValueError, match="swap them"):
        made({**RulesBackend().policy_document(PERSONA, WORKFLOW), "ranges": {"retries.default": {"min": 2, "max": 1}}})
