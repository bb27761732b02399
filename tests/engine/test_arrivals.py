"""When users come: alike for one and for many, rising, and as often as was asked for."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.scenario import Arrivals
from turbulence_app.engine.arrival_times import compile_arrivals

rates = st.floats(0.01, 10_000)
curves = st.tuples(
    st.lists(st.floats(0.001, 90_000), min_size=1, max_size=8, unique=True).map(sorted),
    st.lists(st.one_of(st.just(0.0), rates), min_size=9, max_size=9),
).map(lambda drawn: list(zip([0.0, *drawn[0]], drawn[1], strict=False)))
schedules = st.one_of(
    rates.map(lambda r: {"kind": "open", "rate_per_second": r}),
    st.tuples(st.integers(1, 500), st.floats(0, 1000)).map(
        lambda p: {"kind": "bursts", "size": p[0], "every_seconds": p[1]}
    ),
    curves.map(lambda points: {"kind": "curve", "points": points}),
    st.just({"kind": "closed", "concurrent": 3}),
)


@given(schedules, st.lists(st.integers(0, 100_000), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
def test_one_user_arrives_with_the_many_and_nobody_overtakes(given_, users, word):
    assume(given_["kind"] != "curve" or any(rate for _, rate in given_["points"]))
    schedule = compile_arrivals(Arrivals.model_validate(given_), 100_001)
    array, words = np.array(sorted(users), np.uint64), np.full(len(users), word, np.uint64)
    found = schedule.many(array, words).tolist()
    assert found == [schedule.one(user, word) for user in sorted(users)]
    assert found == sorted(found)
    for user in users:
        first, last = schedule.one(user, 0), schedule.one(user, 2**32 - 1)
        assert 0 <= schedule.earliest(user) == first <= last <= schedule.earliest(user + 1)


def test_a_burst_comes_together():
    schedule = compile_arrivals(Arrivals(kind="bursts", size=3, every_seconds=2), 9)
    assert [schedule.one(user, 77) for user in range(7)] == [0, 0, 0, 2_000_000, 2_000_000, 2_000_000, 4_000_000]


def test_a_curve_brings_as_many_as_its_area_again_and_again():
    points = ((0, 0), (10, 100), (20, 100), (40, 0), (50, 0))  # 500, 1000, 1000 and 0 people
    schedule = compile_arrivals(Arrivals(kind="curve", points=points), 5000)
    users = np.arange(5000, dtype=np.uint64)
    times = schedule.many(users, np.full(5000, 2**31, np.uint64)) / 1e6
    counts = np.histogram(times, [0, 10, 20, 40, 50, 60, 70, 90, 100])[0]
    assert np.abs(counts - [500, 1000, 1000, 0, 500, 1000, 1000, 0]).max() <= 2
    rising = np.histogram(times, [0, 5, 10])[0]
    assert rising.tolist() == pytest.approx([125, 375], abs=2)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"kind": "bursts", "size": 3}, "need every_seconds"),
        ({"kind": "open", "size": 3}, "open arrivals have rate_per_second, not size"),
        ({"kind": "closed"}, "need concurrent"),
        ({"kind": "curve", "points": [[1, 2], [3, 4]]}, "begins at second 0"),
        ({"kind": "curve", "points": [[0, 2], [3, 4], [3, 5]]}, "must rise in time"),
        ({"kind": "curve", "points": [[0, 0], [3, 0]]}, "nobody comes"),
    ],
)
def test_what_no_schedule_can_be_is_refused(given_, words):
    with pytest.raises(ValidationError, match=words):
        Arrivals.model_validate(given_)


def test_users_who_come_too_rarely_are_refused():
    with pytest.raises(InputError, match="too rarely"):
        compile_arrivals(Arrivals(kind="curve", points=((0, 1e-9), (1, 1e-9))), 2**32 - 1)
