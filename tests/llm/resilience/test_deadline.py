from hypothesis import given
from hypothesis import strategies as st

from tests.llm.resilience.clocks import Clock
from turbulence_app.llm.resilience.deadline import Deadline

seconds = st.floats(0, 100, allow_nan=False)


@given(budget=seconds, passed=seconds, limit=st.none() | seconds, reserve=st.floats(0, 1))
def test_an_attempt_never_gets_more_than_is_left_without_the_reserve(
    budget: float, passed: float, limit: float | None, reserve: float
) -> None:
    clock = Clock(0.0)
    deadline = Deadline.after(budget, clock)
    clock.now += passed
    given_seconds = deadline.attempt(limit, reserve)
    assert 0 <= given_seconds <= max(0.0, budget - passed - reserve) + 1e-9
    assert limit is None or given_seconds <= limit
    assert deadline.over == (passed >= budget)
    assert deadline.left() == max(0.0, budget - passed)
