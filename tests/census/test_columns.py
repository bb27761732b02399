"""What is noted of people while a crowd is computed is what their visits say, one by one, in plain Python."""

from dataclasses import fields
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, given, settings

from tests.engine.shop import shop
from tests.engine.worlds import worlds
from turbulence_app.engine.census.look import look_at
from turbulence_app.engine.census.people import People
from turbulence_app.engine.census.visits import Visits, of_visits
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import execute_user


def by_person(waits):
    """Answers in one order, whoever collected them."""
    order = np.lexsort((waits.waited, waits.step, waits.asked, waits.who))
    return [getattr(waits, name)[order].tolist() for name in ("who", "step", "asked", "waited")]


def assert_same_people(inputs, users):
    plan = compile_plan(inputs)
    visits = [execute_user(plan, user) for user in range(users)]
    mine, my_waits = look_at(plan, 0, users)
    wanted, waits = of_visits(plan, visits)
    for field in fields(People):
        assert getattr(mine, field.name).tolist() == getattr(wanted, field.name).tolist(), field.name
    assert by_person(my_waits) == by_person(waits)
    return plan, visits


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(users=60))
def test_any_world_is_seen_the_same_by_both_executors(inputs):
    assert_same_people(inputs, inputs.users)


def test_the_shop_is_seen_the_same_by_both_executors():
    plan, visits = assert_same_people(shop(2000), 2000)
    edges = {edge for visit in visits for edge in pairwise(visit.path)}
    for edge in sorted(edges):
        some = Visits(plan, frozenset({edge}))
        for visit in visits:
            some.add(visit)
        wanted, waits = some.take()
        mine, my_waits = look_at(plan, 0, 2000, frozenset({edge}))
        assert mine.user.tolist() == wanted.user.tolist(), edge
        assert by_person(my_waits) == by_person(waits)


def test_looking_on_changes_nothing():
    from turbulence_app.engine.census.look import Look
    from turbulence_app.engine.crowd import Chunk

    plan = compile_plan(shop(3000))
    plain, looked = Chunk(plan, 0, 3000), Chunk(plan, 0, 3000)
    looked.look = Look(looked, frozenset({(0, 1)}))
    plain.run()
    looked.run()
    assert plain.fingerprints.tolist() == looked.fingerprints.tolist()
    assert plain.tally.pack() == looked.tally.pack()
