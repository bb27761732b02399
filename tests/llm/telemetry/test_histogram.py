"""The laws of the histogram: how wrong it may be, and that merging is adding."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.llm.telemetry.histogram import BUCKETS, LARGEST, Histogram, edges

numbers = st.integers(0, 40) | st.integers(0, 10**6) | st.integers(0, LARGEST)
shares = st.sampled_from([0.0, 0.01, 0.5, 0.95, 0.99, 1.0]) | st.floats(0, 1)


def of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


def test_the_buckets_lie_end_to_end_and_are_narrow() -> None:
    at = 0
    for index in range(BUCKETS):
        low, width = edges(index)
        assert low == at
        assert width == 1 or width <= low / 16
        at += width
    assert at == LARGEST + 1


@given(st.lists(numbers, min_size=1, max_size=60), shares)
def test_a_quantile_is_at_most_a_sixteenth_off(values: list[int], share: float) -> None:
    true = sorted(values)[max(1, math.ceil(share * len(values))) - 1]
    assert abs(of(values).quantile(share) - true) <= true / 16


@given(st.lists(numbers, max_size=60))
def test_count_sum_mean_and_the_ends_are_exact(values: list[int]) -> None:
    histogram = of(values)
    assert (histogram.count, histogram.total) == (len(values), sum(values))
    assert histogram.mean == (sum(values) / len(values) if values else 0)
    assert histogram.quantile(0) >= (min(values) if values else 0)
    assert histogram.quantile(1) <= (max(values) if values else 0)


@given(st.lists(numbers, max_size=30), st.lists(numbers, max_size=30), st.lists(numbers, max_size=30))
def test_merging_is_recording_together_in_any_order(a: list[int], b: list[int], c: list[int]) -> None:
    left, right = of(a), of(c)
    left.merge(of(b))
    left.merge(of(c))
    right.merge(of(a))
    right.merge(of(b))
    assert left == right == of(a + b + c)


@given(st.lists(numbers, max_size=30))
def test_it_survives_json(values: list[int]) -> None:
    histogram = of(values)
    again = Histogram.from_plain(json.loads(json.dumps(histogram.to_plain())))
    assert again == histogram
    again.merge(of([1]))
    assert again == of([*values, 1])


def test_what_does_not_fit_is_counted_at_the_ends() -> None:
    assert of([-5]) == of([0])
    assert of([2**60]) == of([LARGEST])


@pytest.mark.parametrize(
    "change",
    [
        {"first": -1}, {"first": BUCKETS}, {"first": "0"}, {"buckets": "12"}, {"buckets": [1.5]}, {"buckets": [-1]},
        {"buckets": None}, {"sum": None}, {"min": True}, {"max": 1e300},
    ],
)  # fmt: skip
def test_what_we_did_not_write_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="histogram"):
        Histogram.from_plain({**of([1, 2, 3]).to_plain(), **change})
