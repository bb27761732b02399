"""Visits counted one by one come to the crowd's summary."""

from hypothesis import HealthCheck, given, settings

from tests.engine.shop import shop
from tests.engine.worlds import worlds
from turbulence_app.engine.collect import Collector
from turbulence_app.engine.execute import compute
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import execute_user
from turbulence_app.engine.summary import summarise


def assert_same(inputs, users):
    plan = compile_plan(inputs)
    tally = compute(plan, 0, users, lambda: False).tally
    collector = Collector(plan)
    for user in reversed(range(users)):
        collector.add(execute_user(plan, user))
    wanted, found = summarise(plan, tally), collector.summary()
    for name in type(wanted).model_fields:
        assert getattr(found, name) == getattr(wanted, name), name
    failures = [(f.user, f.invariant, f.at_us) for f in collector.failures()]
    assert failures == [(u, plan.rules[r].name, at) for u, r, _, _, at in sorted(tally.failures)]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(users=40))
def test_any_world_counts_up_to_the_crowds_summary(inputs):
    assert_same(inputs, inputs.users)


def test_the_shop_counts_up_to_the_crowds_summary():
    assert_same(shop(4096), 4096)
