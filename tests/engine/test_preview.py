"""A preview that keeps what was drawn counts what one without counts, whatever a slider does; and it stops at once."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.shop import shop
from tests.engine.worlds import worlds
from turbulence_app.domain.errors import CancelledError
from turbulence_app.engine.kept import MOST_BYTES, PART, Kept
from turbulence_app.engine.preview import preview, who_completes
from turbulence_app.engine.rng import lanes
from turbulence_app.insight.sensitivity import moves

counters = st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1), st.integers(0, 1))


def moved(inputs, choice):
    """The inputs after a slider of one of their personas was moved."""
    place = choice % len(inputs.crowd)
    member = inputs.crowd[place]
    found = [policy for move in moves(member.policy, inputs.workflow) for policy in (move.below, move.above)]
    if not found:
        return inputs
    changed = member.model_copy(update={"policy": found[choice % len(found)]})
    return inputs.model_copy(update={"crowd": (*inputs.crowd[:place], changed, *inputs.crowd[place + 1 :])})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    worlds(users=300),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    st.lists(st.integers(1, 400), min_size=1, max_size=3),
    st.sampled_from([0, 5000, MOST_BYTES]),
)
def test_any_moves_of_sliders_count_the_same_with_what_was_drawn_before(inputs, choices, users, room):
    kept = Kept(room)
    for choice, people in zip(choices, itertools.cycle(users)):
        inputs = moved(inputs, choice)
        assert preview(inputs, people, kept=kept) == preview(inputs, people)
        assert np.array_equal(who_completes(inputs, people, kept=kept), who_completes(inputs, people))
        assert kept.bytes <= room


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(counters, st.integers(1, 15), st.integers(1, 200), st.integers(1, 60)), max_size=12),
    st.sampled_from([0, 2000, MOST_BYTES]),
)
def test_kept_words_are_the_words(asked, room):
    kept = Kept(room)
    for counter, wanted, people, every in asked:
        users = np.arange(0, people, every, dtype=np.uint64)
        found, right = kept.lanes(people, users, counter, wanted), lanes(users, *counter, wanted)
        for lane in range(4):
            if wanted >> lane & 1:
                assert found[lane].dtype == np.uint64
                assert found[lane].tolist() == right[lane].tolist()
                found[lane][:] = 0  # whoever takes words may spoil them
        assert kept.bytes <= room


def test_a_few_people_draw_for_themselves_once():
    kept, few = Kept(), np.arange(3, dtype=np.uint64)
    kept.lanes(PART * 3 + 1, few, (1, 2, 3, 4, 5), 15)
    assert kept.bytes == 0
    kept.lanes(PART * 3 + 1, few, (1, 2, 3, 4, 5), 15)
    assert kept.bytes == 4 * 4 * (PART * 3 + 1)


def test_a_preview_is_given_up_between_two_steps():
    asked = itertools.count()
    one = shop(1)
    preview(one, 500, lambda: next(asked) < 0)
    steps = next(asked)
    assert steps > 10 * len(one.crowd)
    for late in (0, 1, steps // 2, steps - 1):
        again = itertools.count()
        with pytest.raises(CancelledError):
            preview(one, 500, lambda again=again, late=late: next(again) >= late)
        assert next(again) == late + 1, "nothing more was asked, so nothing more was done"
