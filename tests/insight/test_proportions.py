"""Intervals of differences: what they must obey, and figures from the papers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.insight.proportions import independent, paired

Crowd = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def test_newcombes_own_example() -> None:
    """Table II of the paper, (a) 56/70 against 48/80: 0.0524 to 0.3339 by method 10."""
    difference, low, high = independent(48, 80, 56, 70)
    assert difference == pytest.approx(0.2)
    assert (low, high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


@given(one=Crowd, other=Crowd)
def test_the_interval_holds_the_difference_and_turns_with_it(one: tuple[int, int], other: tuple[int, int]) -> None:
    difference, low, high = independent(*one, *other)
    assert -1 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1
    back = independent(*other, *one)
    assert back == (pytest.approx(-difference), pytest.approx(-high), pytest.approx(-low))


@given(gained=st.integers(0, 400), lost=st.integers(0, 400), same=st.integers(0, 4000))
def test_pairs_turn_with_their_sides(gained: int, lost: int, same: int) -> None:
    of = gained + lost + same
    if not of:
        assert paired(gained, lost, of) == (0.0, -1.0, 1.0)
        return
    difference, low, high = paired(gained, lost, of)
    assert -1 <= low <= high <= 1
    assert paired(lost, gained, of) == (pytest.approx(-difference), pytest.approx(-high), pytest.approx(-low))


def test_few_who_flip_make_a_narrower_interval_than_two_crowds() -> None:
    difference, low, high = paired(60, 40, 10_000)
    assert low < difference == 0.002 < high
    _, low2, high2 = independent(5_000, 10_000, 5_020, 10_000)
    assert high - low < (high2 - low2) / 4
