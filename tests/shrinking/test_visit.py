"""Visits of the model target: what is left, its proof, and who did nearly the same."""

import pytest

from tests.engine.shop import shop
from turbulence_app.engine.execute import execute
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrink import shrink
from turbulence_app.engine.shrinking.visit import run_visit
from turbulence_app.engine.story import meaning, tell_world


@pytest.fixture(scope="module")
def lost():
    run = execute(shop(20_000))
    return compile_plan(shop(20_000)), run.failures


def test_the_lost_answer_is_what_it_takes_and_nothing_else(lost) -> None:
    plan, failures = lost
    small = shrink(plan, failures[0])
    assert [choice.address for choice in small.choices] == ["pay#0.0:fault0"]
    assert small.faults == ("response_lost on pay",)
    assert small.fault_numbers == (0,)
    assert small.proof == (
        "without “response_lost on pay strikes pay”: passes", "without fault response_lost on pay: passes",
    )  # fmt: skip
    assert set(small.fixed) == {"@user#0.0:persona", "@user#0.0:arrival"}
    words = {**small.fixed, **{c.address: c.word for c in small.choices}}
    again = run_visit(plan, failures[0].user, choices=words, neutral=True, faults=frozenset(small.fault_numbers))
    assert f"{again.fingerprint:016x}" == small.digest


def test_other_failing_users_are_starts_but_the_visit_stays_this_user_s(lost) -> None:
    plan, failures = lost
    alike = [f.user for f in failures[1:] if f.persona == failures[0].persona]
    small = shrink(plan, failures[0], others=alike[:3])
    assert small.trace.user == failures[0].user
    assert small.choices == shrink(plan, failures[0]).choices


def test_stopped_before_the_first_candidate_the_failure_is_given_as_it_is(lost) -> None:
    plan, failures = lost
    small = shrink(plan, failures[0], should_stop=lambda: True)
    assert not small.minimal
    assert small.candidates == 0
    assert small.trace.violations == ("charged_once",)
    assert len(small.choices) == small.found_choices


def test_improvements_come_one_by_one_each_usable(lost) -> None:
    plan, failures = lost
    better = []
    small = shrink(plan, failures[0], on_better=better.append)
    sizes = [len(b.choices) for b in better]
    assert sizes == sorted(sizes, reverse=True)
    assert all(b.trace.violations for b in better)
    assert better[-1].choices == small.choices


@pytest.mark.parametrize(
    ("address", "value", "words"),
    [
        ("pay#0.0:fault0", True, "response_lost on pay strikes pay"),
        ("4/pay#0.0:fault0", True, "user 4: response_lost on pay strikes pay"),
        ("4/pay#0.0:fault1_add", 250_000, "user 4: latency on browse: adds 250 ms"),
        ("pay#0.1:latency", 1_500_000, "pay takes 1.5 s"),
        ("2/browse_next#0.0:choice", "leave", "at browse_next user 2 chooses leave"),
        ("2/pay#0.0:travel", 1200, "user 2: the request of pay travels 0.0012 s"),
        ("@app#0.0:turn7", 1, "another order of tasks in the background (turn 7)"),
        ("3/pay#0.0:turn7", 1, "user 3: another order of tasks during pay (turn 7)"),
        ("3/@user#0.0:arrival", 2_000_000, "user 3 arrives at 2 s"),
        ("@parameter:cart_quantity#0.0:value", 3, "cart_quantity is 3"),
        ("1/@parameter:cart_quantity#0.0:value", 3, "user 1: cart_quantity is 3"),
        ("pay#0.0:fault0_acts", False, "response_lost on pay: the service had not acted on pay"),
    ],
)
def test_what_a_choice_means(lost, address: str, value: object, words: str) -> None:
    assert meaning(lost[0], address, value) == words


def test_stories_of_several_people_are_one_time_line(lost) -> None:
    plan, failures = lost
    traces = [run_visit(plan, failure.user).trace() for failure in failures[:3]]
    told = tell_world(traces, max(trace.ended_us for trace in traces))
    assert [event.at_us for event in told] == sorted(event.at_us for event in told)
    assert {event.data["user"] for event in told} <= {trace.user for trace in traces}
    early = tell_world(traces, traces[0].arrived_us)
    assert len(early) < len(told)
