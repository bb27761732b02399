"""Random words and quantiles: published vectors, exact tables, the same bits one by one and in arrays."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.worlds import quantity
from turbulence_app.domain.quantity import Exponential, Percentiles
from turbulence_app.domain.workflow import ThinkStep
from turbulence_app.engine import quantiles, rng
from turbulence_app.engine.histogram import Histogram, buckets, middle_us
from turbulence_app.engine.mixing import mix, mix_many
from turbulence_app.engine.purposes import PURPOSES
from turbulence_app.engine.quantiles import compile_quantity
from turbulence_app.engine.weights import threshold, thresholds


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_known_answers_of_random123(counter, key, expected):
    assert rng.philox(counter, key) == expected


@given(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 65535),
    st.integers(0, 65535),
    st.integers(0, 40),
)
def test_arrays_draw_the_words_of_single_users(seed, site, visit, attempt, block):
    users = np.array([0, 1, 77, 2**31, 2**32 - 1], np.uint64)
    drawn = rng.lanes(users, seed, site, visit, attempt, block, 15)
    for i, user in enumerate(users.tolist()):
        assert tuple(int(lane[i]) for lane in drawn) == rng.words(seed, user, site, visit, attempt, block)
    for lane in range(4):
        only = rng.lanes(users, seed, site, visit, attempt, block, 1 << lane)[lane]
        assert np.array_equal(only, drawn[lane])


def test_purposes_of_one_step_share_no_word():
    for group in (
        ["latency", "outcome", "think", "patience", "jitter", "step_delay"],
        ["typing", "correction", "think", "skip"],
    ):
        places = [PURPOSES[p] for p in group] + [PURPOSES[f"fault{j}"] for j in range(60)]
        places += [PURPOSES[f"fault{j}_add"] for j in range(60)]
        assert len(set(places)) == len(places)


@given(quantity(), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20))
def test_tables_give_the_same_integers_one_by_one_and_in_arrays(given_quantity, words):
    sampler = compile_quantity(ThinkStep(name="a", type="think", time_ms=given_quantity).time_ms, 1000)
    if sampler.constant:
        return
    many = sampler.values(np.array(words, np.uint64)).tolist()
    assert many == [sampler.value(w) for w in words]
    assert sampler.value(0) <= many[0] <= sampler.value(2**32 - 1) <= sampler.most


def test_quantiles_are_where_they_were_asked_for():
    sampler = compile_quantity(Percentiles(p50=800, p95=3000, p99=5000), 1000)
    for share, wanted in ((0.5, 800_000), (0.95, 3_000_000), (0.99, 5_000_000)):
        assert sampler.value(int(share * 2**32)) == pytest.approx(wanted, rel=0.005)


def test_an_exponential_keeps_its_mean():
    sampler = compile_quantity(Exponential(kind="exponential", mean=12), 1_000_000)
    middles = np.arange(2**20, dtype=np.uint64) * np.uint64(4096) + np.uint64(2048)
    assert sampler.values(middles).mean() == pytest.approx(12_000_000, rel=0.001)


def test_own_functions_agree_with_the_libraries():
    x = np.array([1e-12, 0.3, 1.0, 2.0, 1e9])
    assert quantiles.log(x) == pytest.approx(np.log(x), rel=1e-14)
    assert quantiles.exp(np.array([-30.0, 0.0, 1.0, 30.0])) == pytest.approx(np.exp([-30.0, 0, 1, 30]), rel=1e-13)
    p = np.array([0.0005, 0.01, 0.2, 0.5, 0.7, 0.999])
    assert quantiles.normal_score(p) == pytest.approx([NormalDist().inv_cdf(v) for v in p], abs=5e-9)


def test_thresholds_are_exact():
    assert threshold(0.0) == 0
    assert threshold(1.0) == 2**32
    assert thresholds([1, 1, 2]) == (2**30, 2**31, 2**32)
    assert thresholds([0.1] * 10)[-1] == 2**32
    assert thresholds([0, 3, 0]) == (0, 2**32, 2**32)


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=50))
def test_histogram_buckets_are_tight_and_ordered(times):
    array = np.array(sorted(times), np.int64)
    found = buckets(array)
    assert (np.diff(found) >= 0).all()
    for time, bucket in zip(array.tolist(), found.tolist(), strict=True):
        assert abs(middle_us(bucket) - time) <= max(1, time * 0.0625)
    one, two = Histogram(), Histogram()
    one.add(array)
    for part in np.array_split(array, 3):
        more = Histogram()
        more.add(part)
        two.merge(Histogram.unpack(more.pack()))
    assert one.pack() == two.pack()


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_mixing_is_the_same_for_arrays(h, x):
    array = np.array([h], np.uint64)
    mix_many(array, np.array([x], np.uint64))
    assert int(array[0]) == mix(h, x)
