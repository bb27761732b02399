"""Every kind of fault has an effect on a real application, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.world.places import make_world
from turbulence_app.engine.world.world import World, WorldResult, WorldSpec

SOURCE = """
import asyncio, json, time, datetime
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

def create_app():
    seen = []
    async def pay(request):
        body = await request.json()
        seen.append(body["user"])
        await asyncio.sleep(0.05)
        return JSONResponse({"paid": True, "count": len(seen), "text": "x" * 40}, status_code=201)
    async def count(request):
        return JSONResponse({"count": len(seen)})
    async def clock(request):
        return JSONResponse({"now": time.time(), "today": datetime.date.today().isoformat()})
    async def slow(request):
        await asyncio.sleep(5)
        return JSONResponse({})
    return Starlette(routes=[Route("/pay", pay, methods=["POST"]), Route("/count", count), Route("/clock", clock),
                             Route("/slow", slow)])
"""
PAY = {"name": "pay", "type": "http", "service": "shop", "method": "POST", "path": "/pay", "json": {"user": 1}}
COUNT = {"name": "count", "type": "http", "service": "shop", "path": "/count"}
CLOCK = {"name": "clock", "type": "http", "service": "shop", "path": "/clock"}
FLOW = [dict(COUNT, name="before"), PAY, COUNT]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    return tmp_path_factory.mktemp("app")


def struck(
    folder: Any, fault: dict[str, Any], flow: list[dict[str, Any]] = FLOW, users: int = 1, **rest: Any
) -> WorldResult:
    world: World = make_world(folder, SOURCE, flow, users=users, faults=[fault], **rest)
    result = world.run(WorldSpec(3, tuple(range(users))))
    assert any(v.faults for v in result.visits), "the fault never struck"
    return result


def changes(result: WorldResult) -> int:
    return sum(times for visit in result.visits for times in visit.changed.values())


def test_latency_is_waited_for(folder) -> None:
    result = struck(folder, {"kind": "latency", "step": "pay", "add_ms": 3000})
    pay = result.visits[0].state_of("pay")
    assert 3_050_000 < pay.waited < 3_200_000
    assert changes(result) == 1
    late = struck(folder, {"kind": "latency", "step": "pay", "add_ms": 60000})
    pay = late.visits[0].state_of("pay")
    assert (pay.answer.name, pay.waited, changes(late)) == ("timeout", 30_000_000, 1)
    assert late.visits[0].state_of("pay").effects == 1  # it arrived after half of the time, and acted


def test_gray_is_slow(folder) -> None:
    result = struck(folder, {"kind": "gray", "step": "pay", "add_ms": 700})
    assert result.visits[0].state_of("pay").waited > 700_000


@pytest.mark.parametrize(("kind", "effects", "name"), [
    ("request_lost", 0, "timeout"), ("response_lost", 1, "timeout"), ("timeout", 0, "timeout"),
    ("connection_reset", 1, "connection_error"), ("error_status", 0, "error"), ("partition", 0, "timeout"),
])  # fmt: skip
def test_what_is_lost_and_what_took_effect(folder, kind: str, effects: int, name: str) -> None:
    result = struck(folder, {"kind": kind, "step": "pay"})
    visit = result.visits[0]
    pay = visit.state_of("pay")
    assert (pay.effects, pay.answer.name, pay.failed) == (effects, name, True)
    assert visit.state_of("count").answer.json["count"] == effects
    assert changes(result) == 1


def test_a_duplicate_is_served_twice(folder) -> None:
    result = struck(folder, {"kind": "duplicate", "step": "pay"})
    pay = result.visits[0].state_of("pay")
    assert pay.answer.status == 201
    assert pay.effects == 2
    assert changes(result) == 1


def test_a_truncated_body_is_short_and_no_json(folder) -> None:
    result = struck(folder, {"kind": "truncated_body", "step": "pay", "keep_bytes": 9})
    answer = result.visits[0].state_of("pay").answer
    assert (answer.status, len(answer.body), answer.json) == (201, 9, None)
    assert changes(result) == 1


def test_a_corrupt_body_differs_in_one_byte(folder) -> None:
    whole = make_world(folder, SOURCE, FLOW, users=1).run(WorldSpec(3, (0,))).visits[0].state_of("pay").answer.body
    answer = struck(folder, {"kind": "corrupt_body", "step": "pay"}).visits[0].state_of("pay").answer
    assert len(answer.body) == len(whole)
    assert sum(a != b for a, b in zip(answer.body, whole, strict=True)) == 1


def test_a_stale_read_shows_what_was_before(folder) -> None:
    result = struck(folder, {"kind": "stale_read", "step": "count"})
    visit = result.visits[0]
    assert visit.state_of("before").answer.json == {"count": 0}
    assert visit.state_of("count").answer.json == {"count": 0}
    assert visit.state_of("pay").effects == 1
    assert changes(result) == 1


def test_reorder_lets_another_request_pass(folder) -> None:
    flow = [dict(PAY, name="first"), dict(COUNT)]
    result = struck(folder, {"kind": "reorder", "step": "first", "to_seconds": 0.0099}, flow, users=2)
    assert changes(result) == 1
    assert result.visits[0].state_of("first").answer.json["count"] == 2
    alone = struck(folder, {"kind": "reorder", "step": "first"}, flow)
    assert 2_000_000 <= alone.visits[0].state_of("first").waited < 2_200_000  # nobody passed: it waited in vain


def test_clock_skew_moves_the_applications_clock_in_its_window(folder) -> None:
    think = {"name": "wait", "type": "think", "time_ms": 10_000}
    flow = [
        dict(CLOCK, name="one"),
        think,
        dict(CLOCK, name="two"),
        dict(think, name="more"),
        dict(CLOCK, name="three"),
    ]
    fault = {"kind": "clock_skew", "skew_seconds": -86400, "at_seconds": 5, "down_seconds": 10}
    result = struck(folder, fault, flow)
    one, two, three = (result.visits[0].state_of(s).answer.json for s in ("one", "two", "three"))
    assert two["now"] - one["now"] == pytest.approx(10 - 86400, abs=1)
    assert three["now"] - one["now"] == pytest.approx(20, abs=1)
    assert two["today"] < one["today"] == three["today"]
    assert changes(result) == 1


def test_a_partition_holds_for_its_window(folder) -> None:
    flow = [PAY, {"name": "think", "type": "think", "time_ms": 60_000}, COUNT]
    result = struck(folder, {"kind": "partition", "from_seconds": 0, "to_seconds": 20}, flow)
    assert result.visits[0].state_of("pay").answer.name == "timeout"
    assert result.visits[0].state_of("count").answer.status == 200


def test_a_partition_that_begins_in_between_loses_the_answer(folder) -> None:
    slow = [{"name": "slow", "type": "http", "service": "shop", "path": "/slow"}]
    result = struck(folder, {"kind": "partition", "from_seconds": 2, "to_seconds": 8}, slow)
    slow_state = result.visits[0].state_of("slow")
    assert (slow_state.effects, slow_state.answer.name) == (1, "timeout")


def test_a_quiet_time_has_no_faults(folder) -> None:
    faults = [{"kind": "request_lost", "step": "pay"}, {"kind": "quiet", "from_seconds": 0, "to_seconds": 60}]
    result = make_world(folder, SOURCE, FLOW, users=1, faults=faults).run(WorldSpec(3, (0,)))
    assert result.visits[0].state_of("pay").answer.status == 201


def test_switched_off_faults_do_not_strike(folder) -> None:
    world = make_world(folder, SOURCE, FLOW, users=1, faults=[{"kind": "request_lost", "step": "pay"}])
    assert world.run(WorldSpec(3, (0,), faults=frozenset())).visits[0].state_of("pay").answer.status == 201


def test_patience_ends_the_waiting_and_the_service_goes_on(folder) -> None:
    slow = [{"name": "slow", "type": "http", "service": "shop", "path": "/slow"}]
    world = make_world(folder, SOURCE, slow, users=1, policy={"patience": {"step_wait_seconds": 2}})
    visit = world.run(WorldSpec(3, (0,))).visits[0]
    slow_state = visit.state_of("slow")
    assert (slow_state.answer.name, slow_state.waited, slow_state.effects) == ("gave_up", 2_000_000, 1)
    gone = make_world(folder, SOURCE, slow, users=1, policy={"patience": {"visit_seconds": 3}}).run(WorldSpec(3, (0,)))
    assert (gone.visits[0].outcome, gone.visits[0].reason, gone.visits[0].now) == (
        "abandoned",
        "visit_patience",
        3_000_000,
    )


def test_an_effect_after_the_visits_end_still_breaks_its_rule(folder) -> None:
    slow = [{"name": "slow", "type": "http", "service": "shop", "path": "/slow"}]
    rule = {"invariants": [{"name": "never_acts", "always": "effects('slow') == 0"}]}
    world = make_world(folder, SOURCE, slow, users=1, policy={"patience": {"step_wait_seconds": 2}}, workflow=rule)
    result = world.run(WorldSpec(3, (0,)))
    assert [b.invariant for b in result.broken] == ["never_acts"]
