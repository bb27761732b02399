"""Worlds of real ASGI applications shrink: the planted bug to six steps, a race to the two people who make it."""

import pytest

from tests.shrinking.machine import PLACE, machine, race
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.scenario import Liveness
from turbulence_app.engine.execute import execute
from turbulence_app.engine.shrinking.flips import case_of, flips_of
from turbulence_app.engine.shrinking.remote import Process, nearest_app, shrink_app, why_app
from turbulence_app.engine.world.spec import WorldSpec

SIX = ["add", "ship", "topay", "pay", "coupon", "pay"]


@pytest.fixture(scope="module")
def raced():
    """The race as a run finds it, and the smallest world of it."""
    inputs = race()
    run = execute(inputs, place=PLACE)
    failure = run.failures[0]
    better = []
    return inputs, failure, shrink_app(inputs, PLACE, failure, on_better=better.append), better


def test_the_planted_bug_behind_an_application_is_six_steps() -> None:
    failure = Failure(user=0, persona="anybody", invariant="charged_once")
    small = shrink_app(machine(155), PLACE, failure)
    assert small.minimal
    assert [c.value for c in small.choices if c.address.startswith("0/action")] == SIX
    assert [c.value for c in small.choices if not c.address.startswith("0/action")] == ["1"]
    assert len(small.proof) == len(small.choices) == 7
    assert small.until_us is not None
    assert small.found_choices > 100
    assert small.story[-1].kind == "violation"


def test_a_race_shrinks_to_two_people_in_one_time_line(raced) -> None:
    _, _, small, better = raced
    assert small.minimal
    assert len(small.users) == 2
    assert small.faults == ()
    assert {event.data["user"] for event in small.story} == set(small.users)
    assert [event.at_us for event in small.story] == sorted(event.at_us for event in small.story)
    assert len(small.others) == 1
    assert {f"without user {user}: passes" for user in small.users} <= set(small.proof)
    assert better
    assert better[-1].users == small.users


def test_the_smallest_world_is_seen_again_bit_for_bit(raced) -> None:
    inputs, _, small, _ = raced
    case = case_of(small)
    spec = WorldSpec(inputs.seed, small.users, {**small.fixed, **case.choices}, True, case.faults, small.until_us)
    with Process() as process:
        again = process.reproduce(inputs, PLACE, "sold_once", spec)
        assert again.fails
        assert again.digest == small.digest
        assert len(again.build) >= 16
        alone = WorldSpec(inputs.seed, small.users[:1], small.fixed, True, case.faults)
        assert not process.reproduce(inputs, PLACE, "sold_once", alone).fails


def test_without_either_of_the_two_it_never_fails(raced) -> None:
    inputs, _, small, _ = raced
    whole, rows = why_app(inputs, PLACE, small)
    assert whole.failed > 0
    assert [row.failed for row in rows[-2:]] == [0, 0]
    assert len({row.of for row in (whole, *rows)}) == 1
    kind, what, passing = nearest_app(inputs, PLACE, small)
    assert kind in ("choice", "user")
    assert what
    assert not passing.violations


def test_stopped_at_once_the_world_as_found_is_given(raced) -> None:
    inputs, failure, small, _ = raced
    stopped = shrink_app(inputs, PLACE, failure, should_stop=lambda: True)
    assert not stopped.minimal
    assert len(stopped.choices) >= len(small.choices)
    assert stopped.trace.events


def test_a_world_that_does_not_fail_is_an_input_error() -> None:
    with pytest.raises(InputError, match="does not break"):
        shrink_app(race(users=1), PLACE, Failure(user=0, persona="buyer", invariant="sold_once"))


def test_people_of_the_liveness_phase_go_where_nothing_is_needed_of_them(raced) -> None:
    _, _, small, _ = raced
    inputs = race().model_copy(update={"liveness": Liveness(seconds=5, users=2)})
    failure = execute(inputs, place=PLACE).failures[0]
    calm = shrink_app(inputs, PLACE, failure)
    assert calm.minimal
    assert not calm.fresh
    assert calm.users == small.users
    assert {event.data["user"] for event in calm.story} == set(calm.users)
    assert not any("liveness" in line for line in calm.proof)


def test_people_of_the_liveness_phase_stay_where_they_are_the_failure() -> None:
    plain = race(users=3, app="tests.shrinking.apps.worn_out:create_app").model_dump(mode="json")
    plain["workflow"]["flow"].append({"name": "well", "type": "assert", "expect": {"status_code": 200}})
    inputs = RunInputs.model_validate({**plain, "liveness": {"seconds": 5, "users": 1}})
    failure = next(f for f in execute(inputs, place=PLACE).failures if f.invariant == "recovers")
    small = shrink_app(inputs, PLACE, failure)
    assert small.minimal
    assert small.fresh
    assert len(small.users) == 1
    assert "without anybody in the liveness phase: passes" in small.proof
    assert small.story[-1].kind == "violation" or small.story[-1].data["user"] == failure.user
    _, rows = why_app(inputs, PLACE, small)
    assert rows[-1].failed == 0
    assert flips_of(case_of(small), ())[-1].kind == "liveness"
