"""Samples to numbers: laws of sums, quantiles and of choosing fewer people."""

import math

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.bench import BenchResult
from turbulence_app.domain.benchmark import Benchmark, BenchPersona, Expect
from turbulence_app.insight.bench import Sample, quantile, rate, set_digest, spread, summed
from turbulence_app.insight.expectations import Check

BENCHMARK = Benchmark(
    personas=tuple(
        BenchPersona(workflow=flow, text=f"{flow} {n}", expect=Expect(more=("visit",)))
        for flow, many in (("a", 4), ("b", 1), ("c", 3))
        for n in range(many)
    )
)
SAMPLES = st.lists(
    st.builds(
        Sample,
        text=st.just("somebody"),
        how=st.sampled_from(["at_once", "repaired", "mended", "failed"]),
        checks=st.lists(
            st.builds(Check, st.sampled_from(["trait", "stated"]), st.just("x"), st.booleans()), max_size=3
        ).map(tuple),
        seconds=st.floats(0, 100),
        cpu_s=st.none() | st.floats(0, 10),
        prompt_tokens=st.integers(0, 1000),
        answer_tokens=st.integers(0, 1000),
        prompt_ms=st.floats(0, 1e4),
        answer_ms=st.floats(0, 1e4),
    ),
    max_size=12,
)


@given(st.integers(1, 8), st.integers(1, 8))
def test_a_smaller_set_is_the_beginning_of_a_larger_one(few: int, more: int) -> None:
    few, more = sorted((few, more))
    assert spread(BENCHMARK, more)[:few] == spread(BENCHMARK, few)
    assert sorted(p.text for p in spread(BENCHMARK, None)) == sorted(p.text for p in BENCHMARK.personas)


def test_the_first_people_are_of_different_workflows() -> None:
    assert [p.workflow for p in spread(BENCHMARK, 5)] == ["a", "b", "c", "a", "c"]


def test_other_people_have_another_digest() -> None:
    names = {set_digest(BENCHMARK, spread(BENCHMARK, n)) for n in range(1, 9)}
    assert len(names) == 8


@given(SAMPLES)
def test_everything_is_counted_once(samples: list[Sample]) -> None:
    found = summed(BenchResult(backend="rules"), samples)
    every = [check for sample in samples for check in sample.checks]
    assert found.done == found.validity.of == len(samples)
    assert found.accuracy.of == len(every) == sum(kind.rate.of for kind in found.by_kind)
    met = sum(check.holds for sample in samples if sample.how != "failed" for check in sample.checks)
    assert found.accuracy.hits == met
    assert len(found.missed) == len(every) - met
    assert found.spent.median_s <= found.spent.p95_s or len(samples) % 2 == 0
    assert BenchResult.model_validate_json(found.model_dump_json()) == found


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_holds_the_share(hits: int, more: int) -> None:
    found = rate(hits, hits + more)
    assert 0 <= found.low <= 1
    assert found.low - 1e-12 <= found.share <= found.high + 1e-12 or not found.of


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_the_least_value_that_enough_do_not_exceed(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values
    needed = math.ceil(share * len(values))
    assert sum(value <= found for value in values) >= needed
    assert sum(value < found for value in values) < needed
