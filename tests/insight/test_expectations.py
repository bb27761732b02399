"""Expectations are judged as they read; and where there is no answer, the same ones count as missed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.benchmark import Expect
from turbulence_app.insight.expectations import checks, unmet


def policy(**given: Any) -> dict[str, Any]:
    return {
        "decisions": {"pay": {"options": {"card": given.get("card", 0.5), "cash": 1 - given.get("card", 0.5)}}},
        "patience": {"step_wait_seconds": {"min": 1, "max": given.get("wait", 9)}, "visit_seconds": given.get("visit")},
        "retries": {"default": given.get("retries", 1), "steps": given.get("steps", {})},
        "pacing": {"think_ms": {"min": 0, "max": 1000}},
        "forms": {"typing_ms_per_char": 100, "correction_probability": 0.1, "skip_optional": 0.5},
    }


@pytest.mark.parametrize(
    ("expect", "ours", "holds"),
    [
        ({"more": ["step_wait"]}, {"wait": 10}, True),
        ({"more": ["step_wait"]}, {"wait": 9}, False),
        ({"less": ["step_wait"]}, {"wait": 8}, True),
        ({"more": ["visit"]}, {}, False),
        ({"less": ["visit"]}, {"visit": 1e6}, True),
        ({"more": ["retries"]}, {"steps": {"pay": 1}}, True),
        ({"top": {"pay": "card"}}, {"card": 0.51}, True),
        ({"top": {"pay": "card"}}, {"card": 0.49}, False),
        ({"below": {"pay": ["card"]}}, {"card": 0.49}, True),
        ({"below": {"pay": ["card"]}}, {"card": 0.5}, False),
        ({"atmost": {"pay": {"card": 0.2}}}, {"card": 0.2}, True),
        ({"atmost": {"pay": {"card": 0.2}}}, {"card": 0.21}, False),
        ({"retries_atmost": 0}, {"retries": 0}, True),
        ({"retries_atmost": 0}, {"retries": 1}, False),
        ({"value": {"retries": 3}}, {"retries": 3}, True),
        ({"value": {"step_wait_max": 9}}, {"wait": 9}, True),
        ({"value": {"step_wait_max": 9}}, {"wait": 10}, False),
    ],
)
def test_one_expectation(expect: dict[str, Any], ours: dict[str, Any], holds: bool) -> None:
    (check,) = checks(Expect.model_validate(expect), policy(**ours), policy())
    assert check.holds is holds


_EXPECTS = st.builds(
    Expect,
    more=st.lists(st.sampled_from(["step_wait", "visit", "retries", "think"]), unique=True).map(tuple),
    less=st.lists(st.sampled_from(["typing", "corrections", "skip"]), unique=True).map(tuple),
    top=st.sampled_from([{}, {"pay": "card"}]),
    below=st.sampled_from([{}, {"pay": ("cash",)}]),
    atmost=st.sampled_from([{}, {"pay": {"card": 0.3}}]),
    retries_atmost=st.none() | st.integers(0, 3),
    value=st.sampled_from([{}, {"retries": 2.0}]),
)


@given(_EXPECTS)
def test_without_an_answer_the_same_expectations_are_missed(expect: Expect) -> None:
    judged, missed = list(checks(expect, policy(), policy())), list(unmet(expect))
    assert [check.kind for check in judged] == [check.kind for check in missed]
    assert not any(check.holds for check in missed)


@given(_EXPECTS)
def test_nobody_differs_from_nobody(expect: Expect) -> None:
    for check in checks(expect, policy(), policy()):
        assert not (check.holds and check.kind in ("trait", "unlikely"))
