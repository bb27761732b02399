from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.insight.sensitivity import POINTS, moves, reweighted, shift

WORKFLOW = Workflow.model_validate(
    {
        "id": "w",
        "parameters": {"n": {"type": "range", "min": 1, "max": 5}},
        "flow": [
            {"name": "a", "type": "decide", "decision": "first", "output_var": "first",
             "options": {"go": "", "look": "", "leave": ""}},
            {"name": "b", "type": "decide", "decision": "second", "output_var": "second",
             "options": {"pay": "", "leave": ""}},
        ],
    }
)  # fmt: skip
POLICY = Policy.model_validate(
    {
        "persona_id": "ann",
        "decisions": {
            "first": {"options": {"go": 7, "look": 2, "leave": 1}}, "second": {"options": {"pay": 1, "leave": 0}},
        },
        "patience": {"step_wait_seconds": {"min": 4, "max": 10}},
        "retries": {"default": 0},
        "parameters": {"n": {"type": "range", "min": 1, "max": 2}},
        "toggles": {"coupon": 0.95},
        "ranges": {
            "decisions.first.options.go": {"min": 0.5, "max": 0.9},
            "patience.step_wait_seconds.min": {"min": 2, "max": 6},
            "patience.step_wait_seconds.max": {"min": 8, "max": 20},
        },
    }
)  # fmt: skip


def test_every_number_moves_once_and_by_what_is_said() -> None:
    found = {move.path: move for move in moves(POLICY, WORKFLOW)}
    assert {p for p in found if p.startswith("decisions.first")} == {
        f"decisions.first.options.{name}" for name in ("go", "look", "leave")
    }
    assert {p for p in found if p.startswith("decisions.second")} == {"decisions.second.options.leave"}
    look = found["decisions.first.options.look"]
    assert (look.low, look.high) == (pytest.approx(0.2 - POINTS), pytest.approx(0.2 + POINTS))
    assert not look.guessed
    assert found["decisions.second.options.leave"].low == 0
    assert found["toggles.coupon"].high == 1
    assert (found["retries.default"].low, found["retries.default"].high) == (0, 1)
    assert "pacing.think_ms" not in found, "nothing times one and a half is nothing"
    assert "patience.visit_seconds" not in found, "for ever has no number"
    assert found["parameters.n"].below.parameters["n"].min == 1


def test_where_compilations_disagree_the_number_moves_through_their_range() -> None:
    found = {move.path: move for move in moves(POLICY, WORKFLOW)}
    go = found["decisions.first.options.go"]
    assert (go.low, go.high, go.guessed) == (0.5, 0.9, True)
    wait = found["patience.step_wait_seconds"]
    assert (wait.low, wait.high, wait.guessed) == (5, 13, True)


def test_every_moved_policy_can_be_run() -> None:
    for move in moves(POLICY, WORKFLOW):
        for policy in (move.below, move.above):
            assert Policy.model_validate(policy.model_dump(mode="json", by_alias=True)) == policy


@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0, 9), min_size=2), st.floats(0, 1))
def test_a_moved_share_leaves_the_others_in_proportion(options: dict[str, float], share: float) -> None:
    name = next(iter(options))
    made = reweighted(options, name, share)
    assert math.fsum(made.values()) == pytest.approx(1)
    assert made[name] == share
    others = [key for key in options if key != name]
    for one in others:
        for two in others:
            assert made[one] * options[two] == pytest.approx(made[two] * options[one], abs=1e-9)


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 10_000))
def test_a_shift_lies_in_its_interval_and_more_people_narrow_it(gained: int, lost: int, more: int) -> None:
    users = gained + lost + more
    found = shift(gained, lost, users)
    assert found.difference == pytest.approx((gained - lost) / users)
    assert -1 <= found.low <= found.high <= 1
    assert found.low - 0.01 <= found.difference <= found.high + 0.01
    wide = shift(10 * gained, 10 * lost, 10 * users)
    assert wide.high - wide.low <= found.high - found.low + 1e-9


def test_nobody_tells_nothing() -> None:
    assert shift(0, 0, 0).low == -1


def test_the_interval_covers_as_often_as_it_says() -> None:
    import random

    rng, hits, rounds = random.Random(7), 0, 600
    for _ in range(rounds):
        gained = sum(rng.random() < 0.06 for _ in range(400))
        lost = sum(rng.random() < 0.03 / 0.94 for _ in range(400 - gained))
        found = shift(gained, lost, 400)
        hits += found.low <= 0.03 <= found.high
    assert 0.92 <= hits / rounds <= 0.985
