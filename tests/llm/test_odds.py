"""Shares and ranges out of changes of odds: the laws that make them believable."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.llm.elicit import odds

changes = st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=8)
scales = st.lists(st.floats(1, 1e6), min_size=2, max_size=8, unique=True).map(sorted).filter(
    lambda v: all(b > 1.01 * a for a, b in pairwise(v))
)  # fmt: skip


def even(count):
    return [1 / count] * count


@given(changes, st.floats(-100, 100))
def test_shares_sum_to_one_and_a_constant_changes_nothing(row, constant):
    found = odds.tilted(even(len(row)), row)
    assert math.fsum(found) == pytest.approx(1)
    assert min(found) > 0, "no option becomes impossible"
    assert odds.tilted(even(len(row)), [c + constant for c in row]) == pytest.approx(found, abs=1e-6)


@given(changes, st.data())
def test_a_larger_change_never_means_a_smaller_share(row, data):
    i = data.draw(st.integers(0, len(row) - 1))
    more = [c + 0.5 * (n == i) for n, c in enumerate(row)]
    before, after = odds.tilted(even(len(row)), row), odds.tilted(even(len(row)), more)
    assert after[i] >= before[i] - 1e-12


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6))
def test_whoever_is_like_nobody_in_particular_is_neutral(weights):
    base = [w / math.fsum(weights) for w in weights]
    same = odds.change([-1.5] * len(base), [-1.5] * len(base))
    assert odds.tilted(base, same) == pytest.approx(base)
    assert odds.moved(base, odds.tilted(base, same)) == pytest.approx(0, abs=1e-9)


@given(scales, st.data())
def test_quantiles_rise_with_the_part_and_with_the_shares_above(scale, data):
    row = data.draw(st.lists(st.floats(-20, 20), min_size=len(scale), max_size=len(scale)))
    shares = odds.tilted(even(len(scale)), row)
    at = sorted(data.draw(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=5)))
    found = [odds.quantile(scale, shares, part) for part in at]
    assert all(b >= a * (1 - 1e-9) for a, b in pairwise(found))
    later = odds.tilted(shares, [0.3 * n for n in range(len(scale))])
    assert odds.quantile(scale, later, at[0]) >= found[0] * (1 - 1e-9)


@given(st.floats(1, 1e3), st.floats(1.5, 6))
def test_a_neutral_scale_gives_its_own_range_back(low, ratio):
    scale = [low * 2**n for n in range(-6, 9)]
    base = odds.around(scale, low, low * ratio)
    assert math.fsum(base) == pytest.approx(1)
    assert odds.quantile(scale, base, 0.25) == pytest.approx(low, rel=0.2)
    assert odds.quantile(scale, base, 0.75) == pytest.approx(low * ratio, rel=0.2)


def test_the_formula_by_hand():
    half = math.log(0.5)
    row = odds.change((math.log(0.8), math.log(0.2)), (half, half))
    assert odds.tilted((0.5, 0.5), row, exponent=1) == pytest.approx((0.8, 0.2))
    assert odds.tilted((0.5, 0.5), row, exponent=0.5) == pytest.approx((2 / 3, 1 / 3))
    assert odds.tilted((0.25, 0.75), (math.log(3), 0), exponent=1) == pytest.approx((0.5, 0.5))
    assert odds.tilted((0.5, 0.5), row) == odds.tilted((0.5, 0.5), row, exponent=odds.EXPONENT)
    assert odds.moved((0.5, 0.5), (0.8, 0.2)) == pytest.approx(0.8 * math.log(1.6) + 0.2 * math.log(0.4))
    assert odds.quantile((1, 100), (0.5, 0.5), 0.5) == pytest.approx(10)
