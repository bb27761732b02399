"""Inside of the engine process: the people of a world, told a few thousand at a time."""

from __future__ import annotations

from typing import Any

from turbulence_app.engine.census.run import TOGETHER, pack_part
from turbulence_app.engine.census.visits import Visits
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.counting import slim
from turbulence_app.engine.world.execute import unpack, whole_world
from turbulence_app.engine.world.link import Link
from turbulence_app.engine.world.world import World


def census_here(payload: dict[str, Any], link: Link) -> dict[str, Any]:
    """A run once more, up to the visit number ``done`` that ended."""
    inputs, place = unpack(payload)
    plan = compile_plan(inputs)
    some = Visits(plan, frozenset((source, target) for source, target in payload["ways"]))
    ended = 0

    def visited(visit: Visit) -> bool:
        nonlocal ended
        ended += 1
        if ended <= payload["done"]:
            some.add(visit)
        slim(visit)
        if len(some) >= TOGETHER:
            link.tell({"part": pack_part(some.take())})
        return bool(ended >= payload["done"])

    world = World(plan, place)
    with world:
        world.run(whole_world(inputs), should_stop=link.should_stop, on_visit=visited)
    link.tell({"part": pack_part(some.take())})
    return {"ended": ended}
