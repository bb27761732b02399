"""Retries: what is tried again, how long the pauses are, and that nothing goes past the deadline."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.resilience.clocks import Clock
from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.resilience.deadline import Deadline
from turbulence_app.llm.resilience.retry import NEVER, RetryPolicy, retrying

TRANSIENT = [errors.ModelBusyError, errors.ModelCrashError, errors.ModelBrokenError, errors.ModelTimeoutError]
FINAL = [
    errors.ModelAbsentError,
    errors.ModelFileError,
    errors.ModelGarbageError,
    errors.PromptTooLongError,
    errors.ModelRefusedError,
    errors.BudgetError,
    errors.QueueTimeoutError,
    errors.BreakerOpenError,
    errors.ModelError,
]


def script(clock: Clock, *steps: tuple[float, type[errors.ModelError] | None]) -> Callable[[], int]:
    """Work that takes the given seconds and fails as said; returns the number of the call that succeeded."""
    calls = iter(enumerate(steps, 1))

    def work() -> int:
        number, (seconds, error) = next(calls)
        clock.now += seconds
        if error:
            raise error("no")
        return number

    return work


def test_codes_are_stable_and_each_type_has_its_own() -> None:
    codes = [kind.reason for kind in (*TRANSIENT, *FINAL)]
    assert sorted(codes) == sorted(set(codes))
    assert set(codes) == {
        "model", "absent", "file", "busy", "timeout", "crash", "garbage", "prompt_too_long", "refused", "budget",
        "queue", "breaker_open", "broken",
    }  # fmt: skip
    assert all(kind.transient for kind in TRANSIENT)
    assert not any(kind.transient for kind in FINAL)


@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_transient_error_is_tried_again(kind: type[errors.ModelError]) -> None:
    clock = Clock()
    told: list[tuple[int, str]] = []
    found = retrying(
        script(clock, (0.1, kind), (0.1, kind), (0.1, None)),
        deadline=Deadline.after(10, clock),
        sleep=clock.sleep,
        on_retry=lambda failures, error, _pause: told.append((failures, error.reason)),
    )
    assert found == 3
    assert told == [(1, kind.reason), (2, kind.reason)]


@pytest.mark.parametrize("kind", FINAL)
def test_a_final_error_is_not(kind: type[errors.ModelError]) -> None:
    clock = Clock()
    with pytest.raises(kind):
        retrying(script(clock, (0.1, kind), (0.1, None)), deadline=Deadline.after(10, clock), sleep=clock.sleep)
    assert clock.slept == []


def test_the_pause_that_the_server_asked_for_is_kept() -> None:
    clock = Clock()
    asked = errors.ModelBusyError("wait")
    asked.retry_after = 3.0
    answers = iter([asked, None])

    def work() -> str:
        if error := next(answers):
            raise error
        return "yes"

    assert retrying(work, deadline=Deadline.after(10, clock), sleep=clock.sleep) == "yes"
    assert sum(clock.slept) == pytest.approx(3.0)


def test_a_pause_longer_than_what_is_left_is_not_begun() -> None:
    clock = Clock()
    asked = errors.ModelBusyError("wait")
    asked.retry_after = 30.0

    def work() -> None:
        raise asked

    with pytest.raises(errors.ModelBusyError):
        retrying(work, deadline=Deadline.after(10, clock), sleep=clock.sleep)
    assert clock.slept == []


def test_a_stop_is_heard_in_the_middle_of_a_pause() -> None:
    clock = Clock()
    asked = errors.ModelBusyError("wait")
    asked.retry_after = 5.0

    def work() -> None:
        raise asked

    with pytest.raises(CancelledError):
        retrying(work, deadline=Deadline.after(10, clock), sleep=clock.sleep, should_stop=lambda: len(clock.slept) == 2)
    assert sum(clock.slept) < 0.1


def test_nothing_is_tried_without_time() -> None:
    with pytest.raises(errors.BudgetError):
        retrying(lambda: 1, deadline=Deadline.after(0, Clock()))


def test_other_errors_are_nobodys_business_here() -> None:
    def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        retrying(work, deadline=Deadline.after(1, Clock()))


def test_equal_seeds_give_equal_pauses() -> None:
    def pauses(seed: int) -> list[float]:
        clock, seen = Clock(), []
        with pytest.raises(errors.ModelCrashError):
            retrying(
                script(clock, *[(0.0, errors.ModelCrashError)] * 3),
                deadline=Deadline.after(10, clock),
                rng=random.Random(seed),
                sleep=clock.sleep,
                on_retry=lambda _n, _e, pause: seen.append(pause),
            )
        return seen

    assert pauses(7) == pauses(7) != pauses(8)
    assert all(0 <= pause <= base for pause, base in zip(pauses(7), (0.05, 0.1), strict=True))


outcomes = st.tuples(
    st.floats(0, 2), st.sampled_from([None, None, *TRANSIENT, errors.ModelAbsentError, errors.ModelGarbageError])
)


@given(
    steps=st.lists(outcomes, min_size=8, max_size=8),
    tries=st.integers(1, 5),
    budget=st.floats(0.01, 5),
    seed=st.integers(0, 2**32),
    asked=st.none() | st.floats(0, 3),
)
def test_neither_the_tries_nor_the_deadline_are_ever_exceeded(
    steps: list[tuple[float, type[errors.ModelError] | None]], tries: int, budget: float, seed: int, asked: float | None
) -> None:
    clock = Clock(0.0)
    begun: list[float] = []
    last: list[errors.ModelError] = []

    def work() -> str:
        seconds, kind = steps[len(begun)]
        begun.append(clock.now)
        clock.now += seconds
        if kind:
            error = kind("no")
            error.retry_after = asked if kind is errors.ModelBusyError else None
            last.append(error)
            raise error
        return "done"

    policy = RetryPolicy(tries=tries) if tries > 1 else NEVER
    try:
        found = retrying(
            work, policy=policy, deadline=Deadline.after(budget, clock), rng=random.Random(seed), sleep=clock.sleep
        )
    except errors.ModelError as error:
        found = ""
        assert error is last[-1]
    assert 1 <= len(begun) <= tries
    assert all(at < budget for at in begun), "an attempt began after the deadline"
    assert (found == "done") == (steps[len(begun) - 1][1] is None)
    assert all(steps[i][1] is not None and steps[i][1].transient for i in range(len(begun) - 1))
