"""The digest contract: the same bits whatever the chunk, the workers, the processor, the hash seed, the place."""

import os
import subprocess
import sys

import pytest

from tests.engine.shop import shop
from turbulence_app.domain.policy import Spread
from turbulence_app.engine.digests import inputs_digest
from turbulence_app.engine.execute import execute
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user

USERS = 40_000


@pytest.fixture(scope="module")
def plain():
    return execute(shop(USERS))


@pytest.mark.parametrize(("workers", "chunk"), [(1, 4096), (1, 10_000), (2, 131_072), (4, 4096)])
def test_chunks_and_workers_change_nothing(plain, workers, chunk):
    again = execute(shop(USERS), workers=workers, chunk_users=chunk)
    assert again.digest == plain.digest
    assert again.summary == plain.summary
    assert again.chunks == plain.chunks
    assert again.failures == plain.failures


@pytest.mark.parametrize(
    "environment",
    [
        {"NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX AVX2 FMA3", "PYTHONHASHSEED": "1"},
        {"NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3", "PYTHONHASHSEED": "2"},
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "3"},
    ],
)
def test_processor_features_hash_seed_locale_and_time_zone_change_nothing(plain, environment):
    code = f"from tests.engine.shop import shop;from turbulence_app.engine.execute import execute;print(execute(shop({USERS})).digest)"  # noqa: E501
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, **environment}, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert found.stdout.strip() == plain.digest


def test_another_seed_is_another_run(plain):
    assert execute(shop(4096, seed=43)).digest != execute(shop(4096)).digest


def test_descriptions_and_provenance_do_not_enter():
    one = shop(10)
    two = one.model_copy(update={"workflow": one.workflow.model_copy(update={"description": "other words"})})
    assert inputs_digest(one) == inputs_digest(two)
    doubted = {"ranges": {"retries.default": Spread(min=0, max=3)}, "evidence": {"retries.default": "tries once"}}
    member = one.crowd[0].model_copy(update={"policy": one.crowd[0].policy.model_copy(update=doubted)})
    assert inputs_digest(one) == inputs_digest(one.model_copy(update={"crowd": (member, *one.crowd[1:])}))
    assert inputs_digest(one) != inputs_digest(shop(11))


def test_a_replayed_user_is_the_user_of_the_run(plain):
    plan = compile_plan(shop(USERS))
    for failure in plain.failures[:5]:
        trace = run_user(plan, failure.user)
        assert failure.invariant in trace.violations
        violation = next(e for e in trace.events if e.kind == "violation")
        assert (violation.at_us, violation.step) == (failure.at_us, failure.step)
        assert trace.persona == failure.persona
        assert trace.events.index(violation) + 1 == failure.events


def test_a_run_that_may_stop_early_stops_at_the_same_user_everywhere():
    stopping = shop(200_000, stop={"first_failures": 60})
    one = execute(stopping)
    two = execute(stopping, workers=2)
    assert one.users_done < 200_000
    assert (one.users_done, one.digest, one.failures) == (two.users_done, two.digest, two.failures)


def test_inserting_a_step_moves_nobody_elses_draws():
    one = shop(10)
    extra = {"name": "extra", "type": "think", "time_ms": 5}
    flow = [extra, *[s.model_dump(by_alias=True) for s in one.workflow.flow]]
    two = type(one).model_validate(
        {**one.model_dump(by_alias=True), "workflow": {**one.workflow.model_dump(by_alias=True), "flow": flow}}
    )
    for user in range(5):
        before = {d.address: d.word for d in run_user(compile_plan(one), user).draws}
        after = {d.address: d.word for d in run_user(compile_plan(two), user).draws}
        assert {k: after[k] for k in before} == before
