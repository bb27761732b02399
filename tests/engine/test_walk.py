"""One user watched: the same bits as unwatched, with the weights drawn from and the patience left."""

from __future__ import annotations

import pytest

from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.engine.walk import walk_of, walk_user
from turbulence_app.formats.folder import read_folder
from turbulence_app.resources import resource_path
from turbulence_app.service.inputs import Overrides, build_inputs


@pytest.fixture(scope="module")
def plan():
    folder = read_folder(resource_path("samples/shop"))
    return compile_plan(build_inputs(folder, "lost-answers", None, Overrides(users=2_000)))


@pytest.mark.parametrize("user", range(0, 200, 7))
def test_watching_changes_nothing_and_every_event_is_told_once(plan, user):
    walk, trace = walk_user(plan, user), run_user(plan, user)
    assert walk.fingerprint == trace.fingerprint
    assert tuple(event for stop in walk.stops for event in stop.events) == trace.events
    assert walk.stops[0].step == ""
    assert len(walk.stops) == trace.steps + 1
    assert walk.outcome == trace.outcome
    assert walk.ended_us == trace.ended_us - trace.arrived_us


@pytest.mark.parametrize("user", range(0, 100, 3))
def test_a_choice_is_the_stretch_that_the_draw_fell_into(plan, user):
    choices = [stop for stop in walk_user(plan, user).stops if stop.type == "decide"]
    assert choices
    for stop in choices:
        choice = stop.choice
        assert sum(choice.weights.values()) == pytest.approx(1.0)
        reached = 0.0
        for option, weight in choice.weights.items():
            if reached <= choice.drawn < reached + weight:
                assert option == choice.chosen
            reached += weight
        event = next(event for event in stop.events if event.kind == "decide")
        assert event.detail == choice.chosen
        assert event.data["output"] in stop.changed or stop.nth > 1


def test_patience_runs_down_and_visits_are_counted(plan):
    for user in range(300):
        walk = walk_user(plan, user)
        left = [stop.patience_us for stop in walk.stops]
        if walk.patience_us is not None:
            assert left == sorted(left, reverse=True)
        seen: dict[str, int] = {}
        for stop in walk.stops[1:]:
            seen[stop.step] = seen.get(stop.step, 0) + 1
            assert stop.nth == seen[stop.step]
            assert stop.at_us <= stop.until_us


def test_a_trace_alone_makes_a_walk_without_what_the_person_knew(plan):
    trace = run_user(plan, 17)
    walk = walk_of(plan.inputs, trace)
    assert tuple(event for stop in walk.stops for event in stop.events) == trace.events
    assert walk.stops[0].step == ""
    steps = [stop.step for stop in walk.stops[1:]]
    full = [stop.step for stop in walk_user(plan, 17).stops[1:]]
    rest = iter(full)
    assert all(step in rest for step in steps)
