from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.policy import Policy
from turbulence_app.insight.parts import differing, part_of, part_paths, put_part, take

BEFORE = Policy.model_validate(
    {
        "persona_id": "ann",
        "decisions": {"next.step": {"options": {"go": 3, "leave": 1}}, "pay": {"options": {"pay": 1}}},
        "patience": {"step_wait_seconds": {"min": 4, "max": 10}},
        "retries": {"default": 1, "steps": {"a.b": 2}},
        "pacing": {"think_ms": 100, "steps": {"address": 500}},
        "toggles": {"coupon": 0.3},
        "data": {"words": ["shoes"]},
        "evidence": {"decisions.next.step": "goes", "retries.default": None},
        "ranges": {"decisions.next.step.options.go": {"min": 0.2, "max": 0.9}},
    }
)
AFTER = Policy.model_validate(
    {
        "persona_id": "ann",
        "decisions": {"next.step": {"options": {"go": 1, "leave": 1}}},
        "patience": {"visit_seconds": 60},
        "retries": {"default": 0, "steps": {"c": 3}},
        "pacing": {"think_ms": 200},
        "forms": {"skip_optional": 0.9},
        "parameters": {"n": {"type": "range", "min": 1, "max": 2}},
        "evidence": {"decisions.next.step": "wavers", "patience.visit_seconds": "a minute"},
    }
)
PATHS = st.sampled_from(sorted({*part_paths(BEFORE), *part_paths(AFTER)}))


@given(st.lists(PATHS))
def test_taking_parts_makes_them_equal_and_leaves_the_others(paths: list[str]) -> None:
    made = AFTER
    for path in paths:
        made = take(made, BEFORE, path)
    wanted = set(differing(BEFORE, AFTER)) - set(paths)
    assert set(differing(BEFORE, made)) == wanted
    assert Policy.model_validate(made.model_dump(mode="json", by_alias=True)) == made


def test_taking_everything_is_the_other_policy_in_all_but_where_it_came_from() -> None:
    made = AFTER
    for path in differing(BEFORE, AFTER):
        made = take(made, BEFORE, path)
    assert made.decisions == BEFORE.decisions
    assert (made.patience, made.retries, made.pacing, made.forms) == (
        BEFORE.patience, BEFORE.retries, BEFORE.pacing, BEFORE.forms,
    )  # fmt: skip
    assert (made.parameters, made.toggles, made.data, made.evidence) == (
        BEFORE.parameters, BEFORE.toggles, BEFORE.data, BEFORE.evidence,
    )  # fmt: skip
    assert made.ranges == BEFORE.ranges


def test_names_with_dots_stay_whole() -> None:
    assert part_of(BEFORE, "retries.steps.a.b") == 2
    assert put_part(BEFORE, "retries.steps.a.b", None).retries.steps == {}
    assert "decisions.next.step" in part_paths(BEFORE)


def test_what_must_be_there_stays_where_the_other_is_silent() -> None:
    assert put_part(BEFORE, "forms.skip_optional", None) == BEFORE
    assert put_part(BEFORE, "patience.step_wait_seconds", None).patience.step_wait_seconds is None


def test_a_policy_does_not_differ_from_itself() -> None:
    assert differing(BEFORE, BEFORE) == ()
