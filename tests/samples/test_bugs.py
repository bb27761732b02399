"""Each of the shop's mistakes, switched on alone, is found by the rules; the shop as it ships keeps them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.world.world import World, WorldSpec
from turbulence_app.formats.folder import read_folder
from turbulence_app.resources import resource_path
from turbulence_app.service.inputs import build_inputs
from turbulence_app.service.places import place_for

FOLDER = resource_path("samples/fastapi-shop")
PEOPLE = (0, 1, 2, 3, 4)
NOTICED = {
    "lost_idempotency": ("bought_once", 80),
    "check_then_act": ("never_oversold", 200),
    "double_apply": ("money_is_accounted_for", 40),
    "stale_cache": ("reads_follow_writes", 5),
    "missing_rollback": ("every_piece_is_somewhere", 10),
    "off_by_one": ("never_oversold", 20),
    "coupon_twice": ("coupon_once", 60),
    "unbounded_retry": ("retries_are_bounded", 60),
}
"""By mistake: who notices it, and the worlds within which it has to (several times what it takes)."""


def inputs_of(scenario: str) -> RunInputs:
    return build_inputs(read_folder(FOLDER), scenario)


def place(bug: str = "") -> AppPlace:
    found = place_for(inputs_of("rough-day"), FOLDER)
    assert isinstance(found, AppPlace)
    return replace(found, env={**found.env, "SHOP_BUG": bug})


def worlds(scenario: str, bug: str, count: int) -> Iterator[tuple[int, set[str]]]:
    """Seeds and the rules that broke in their worlds."""
    world = World(compile_plan(inputs_of(scenario)), place(bug))
    for seed in range(count):
        yield seed, {broken.invariant for broken in world.run(WorldSpec(seed=seed, users=PEOPLE)).broken}


@pytest.mark.parametrize("bug", NOTICED)
def test_each_mistake_is_found_by_a_rule_that_does_not_know_it(bug: str):
    invariant, budget = NOTICED[bug]
    first = next(((seed, broken) for seed, broken in worlds("rough-day", bug, budget) if broken), None)
    assert first is not None, f"{bug} was not found in {budget} worlds"
    assert invariant in first[1]


@pytest.mark.parametrize("scenario", ["quiet-day", "rough-day"])
def test_the_shop_as_it_ships_keeps_every_rule(scenario: str):
    assert [(seed, broken) for seed, broken in worlds(scenario, "", 150) if broken] == []


def test_one_world_is_the_same_each_time():
    world = World(compile_plan(inputs_of("rough-day")), place())
    first, other, again = (world.run(WorldSpec(seed=seed, users=PEOPLE)).digest for seed in (7, 8, 7))
    assert first == again
    assert first != other
