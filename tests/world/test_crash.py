"""Crashes: what is in memory is gone, what is durable comes back, and people see a broken connection."""

from __future__ import annotations

import sys

import pytest

from tests.world.places import make_world
from turbulence_app.engine.world.world import WorldSpec

SOURCE = """
import asyncio
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

MEMORY = {"paid": 0}
CLEANED = []

def create_app():
    @asynccontextmanager
    async def lifespan(app):
        app.state.starts = getattr(app.state, "starts", 0) + 1
        if not hasattr(app.state, "database"):
            app.state.database = {"paid": 0, "cleaned": 0}
        yield
    async def pay(request):
        app.state.database["paid"] += 1
        MEMORY["paid"] += 1
        try:
            await asyncio.sleep(3)
        finally:
            app.state.database["cleaned"] += 1
        return JSONResponse({}, status_code=201)
    async def look(request):
        return JSONResponse({**app.state.database, "memory": MEMORY["paid"], "starts": app.state.starts})
    app = Starlette(routes=[Route("/pay", pay, methods=["POST"]), Route("/look", look)], lifespan=lifespan)
    return app
"""
FLOW = [
    {"name": "pay", "type": "http", "service": "shop", "method": "POST", "path": "/pay", "json": {}},
    {"name": "down", "type": "http", "service": "shop", "path": "/look"},
    {"name": "think", "type": "think", "time_ms": 20_000},
    {"name": "look", "type": "http", "service": "shop", "path": "/look"},
]
CRASH = {"kind": "crash", "at_seconds": 1, "down_seconds": 5}


@pytest.mark.parametrize(("durable", "paid", "memory"), [
    ([], 0, 0), (["state.database"], 1, 0), (["state.database", "sut:MEMORY"], 1, 1),
])  # fmt: skip
def test_only_what_is_durable_survives(tmp_path, durable: list[str], paid: int, memory: int) -> None:
    world = make_world(tmp_path, SOURCE, FLOW, users=1, faults=[CRASH], workflow={"durable": durable})
    result = world.run(WorldSpec(5, (0,)))
    visit = result.visits[0]
    pay, down, look = (visit.state_of(step) for step in ("pay", "down", "look"))
    assert (pay.answer.name, pay.effects) == ("connection_error", 0)
    assert 900_000 < pay.waited < 1_100_000
    assert down.answer.name == "connection_error"
    assert look.answer.json == {"paid": paid, "cleaned": 0, "memory": memory, "starts": 1}
    assert visit.changed == {0: 2}
    assert visit.faults == 1


def test_the_next_world_knows_nothing_of_a_crash(tmp_path) -> None:
    source = SOURCE.replace('MEMORY["paid"] += 1', 'print(end="")')
    world = make_world(tmp_path, source, FLOW, users=1, faults=[CRASH], workflow={"durable": ["state.database"]})
    with world:
        before = world.application.modules()["sut"]
        digests = {world.run(WorldSpec(5, (0,))).digest for _ in range(3)}
        assert sys.modules["sut"] is before
        calm = world.run(WorldSpec(5, (0,), faults=frozenset())).visits[0].state_of("look").answer.json
    assert "sut" not in sys.modules
    assert calm["starts"] == 1
    assert len(digests) == 1


def test_a_crash_without_a_moment_is_drawn(tmp_path) -> None:
    world = make_world(tmp_path, SOURCE, FLOW, users=1, faults=[{"kind": "crash", "to_seconds": 20}])
    moments = {world.run(WorldSpec(s, (0,))).made["@app#0.0:fault0_add"][1] for s in range(4)}
    assert len(moments) == 4
    assert all(0 <= m < 20_000_000 for m in moments)


def test_liveness_finds_what_does_not_recover(tmp_path) -> None:
    starts, look = "app.state.starts = getattr", "    async def look(request):"
    source = SOURCE.replace(starts, f"app.state.broken = hasattr(app.state, 'database')\n        {starts}")
    raises = "\n        if app.state.broken:\n            raise RuntimeError('still broken')"
    source = source.replace(look, look + raises)
    flow = [*FLOW, {"name": "ok", "type": "assert", "expect": {"status_code": 200}}]
    rest = {"users": 1, "faults": [CRASH], "liveness": {"seconds": 30, "users": 2}}
    rest["workflow"] = {"durable": ["state.database"]}
    result = make_world(tmp_path, source, flow, **rest).run(WorldSpec(5, (0,)))
    assert [b.invariant for b in result.broken] == ["recovers", "recovers"]
    assert "still broken" in result.broken[0].message
    assert result.recovered is False
    well = make_world(tmp_path, SOURCE, flow, **rest).run(WorldSpec(5, (0,)))
    assert (well.recovered, well.broken, len(well.fresh)) == (True, (), 2)
