"""Worlds as a whole: one seed is one world; races are found; draws are addressed; rules over worlds."""

from __future__ import annotations

import json

import pytest

from tests.world.places import PLAIN, inputs, make_world, place
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.world.audit import written
from turbulence_app.engine.world.execute import execute_app, pack, trace_app
from turbulence_app.engine.world.host import Host
from turbulence_app.engine.world.world import WorldSpec

FIVE = (0, 1, 2, 3, 4)
OVERSOLD = {"invariants": [{"name": "stock", "at_end": "probe('/stock').json.n >= 0"}]}
CAREFUL = PLAIN.replace("await asyncio.sleep(0.01)\n            stock", "stock")
QUICK = PLAIN.replace("asyncio.sleep(0.01)", "asyncio.sleep(0)")


def recorded(world, spec: WorldSpec) -> str:
    heard: list = []
    return json.dumps(written(world.run(spec, heard=heard), heard))


def test_a_race_is_found_within_a_few_worlds(tmp_path) -> None:
    world = make_world(tmp_path, PLAIN, workflow=OVERSOLD)
    broken = [seed for seed in range(12) if world.run(WorldSpec(seed, FIVE)).broken]
    assert broken
    careful = make_world(tmp_path / "careful", CAREFUL, workflow=OVERSOLD)
    assert not any(careful.run(WorldSpec(seed, FIVE)).broken for seed in range(100))


def test_a_race_across_an_await_that_takes_no_time_is_found(tmp_path) -> None:
    world = make_world(tmp_path, QUICK, workflow=OVERSOLD)
    assert any(world.run(WorldSpec(seed, FIVE)).broken for seed in range(60))


def test_neutral_worlds_are_calm_and_choices_bring_the_race_back(tmp_path) -> None:
    world = make_world(tmp_path, QUICK, workflow=OVERSOLD)
    seed = next(s for s in range(60) if world.run(WorldSpec(s, FIVE)).broken)
    found = world.run(WorldSpec(seed, FIVE))
    assert not world.run(WorldSpec(seed, FIVE, neutral=True)).broken
    choices = {address: word for address, (word, _, _) in found.made.items()}
    again = world.run(WorldSpec(0, FIVE, choices=choices, neutral=True))
    assert again.broken == found.broken
    assert {a: w for a, (w, _, _) in again.made.items()} == choices


def test_one_seed_is_one_world_twice_after_others_and_in_other_processes(tmp_path) -> None:
    faults = [
        {"kind": "duplicate", "probability": 0.3},
        {"kind": "latency", "probability": 0.3, "add_ms": {"p50": 5, "p95": 50}},
    ]
    made = inputs(faults=faults, workflow=OVERSOLD)
    world = make_world(tmp_path, PLAIN, faults=faults, workflow=OVERSOLD)
    specs = [WorldSpec(seed, FIVE) for seed in (1, 2, 3)]
    first = [recorded(world, spec) for spec in specs]
    assert first == [recorded(world, spec) for spec in specs]
    assert len(set(first)) == 3
    payload = {**pack(made, place(tmp_path, PLAIN)), "rounds": 1}
    from_elsewhere = []
    for hash_seed in (0, 7):
        with Host(hash_seed) as host:
            from_elsewhere.append(host.call("turbulence_app.engine.world.audit:record_here", payload)["rounds"])
    assert from_elsewhere[0] == from_elsewhere[1]
    here = [json.loads(recorded(world, WorldSpec(made.seed, FIVE)))]
    assert from_elsewhere[0][0][:1] == here


def test_dropping_a_user_leaves_the_others_draws_alone(tmp_path) -> None:
    world = make_world(tmp_path, PLAIN)
    everybody, fewer = world.run(WorldSpec(4, FIVE)).made, world.run(WorldSpec(4, (0, 1, 3, 4))).made
    assert {a: w for a, w in everybody.items() if not a.startswith("2/")} == fewer


def test_time_may_be_cut_off(tmp_path) -> None:
    world = make_world(tmp_path, PLAIN, arrivals={"kind": "open", "rate_per_second": 1})
    result = world.run(WorldSpec(4, FIVE, until_us=2_500_000))
    assert {v.user for v in result.visits} <= {0, 1, 2}
    assert result.ended_us == 2_500_000


def test_a_closed_crowd_is_let_in_one_after_the_other(tmp_path) -> None:
    world = make_world(tmp_path, PLAIN, arrivals={"kind": "closed", "concurrent": 2})
    visits = world.run(WorldSpec(4, FIVE)).visits
    assert len(visits) == 5
    for visit in visits:
        inside = [v for v in visits if v.arrived <= visit.arrived < v.arrived + v.now]
        assert len(inside) <= 2


def test_rules_over_the_whole_world(tmp_path) -> None:
    source = PLAIN + "\ndef sold(world):\n    return sum(v.state_of('buy').effects for v in world.visits.values())\n"
    rules = [
        {"name": "few", "at_end": "total('buy.effects') <= 3"},
        {"name": "asked", "at_end": "python('sut:sold') == total('buy.effects')"},
        {"name": "bad", "always": "not buy.failed"},
    ]
    world = make_world(tmp_path, source, workflow={"invariants": rules})
    seed = next(s for s in range(40) if any(b.invariant == "few" for b in world.run(WorldSpec(s, FIVE)).broken))
    broken = world.run(WorldSpec(seed, FIVE)).broken
    few = next(b for b in broken if b.invariant == "few")
    assert (few.user, few.message.endswith("not <= 3")) == (None, True)
    assert not any(b.invariant == "asked" for b in broken)


def test_errors_of_the_application_are_told(tmp_path) -> None:
    source = PLAIN.replace("event = await receive()", 'raise KeyError("sku")')
    world = make_world(
        tmp_path, source, users=2, workflow={"invariants": [{"name": "well", "never": "buy.status == 500"}]}
    )
    result = world.run(WorldSpec(1, (0, 1)))
    assert all("KeyError: 'sku' (sut.py:" in b.message for b in result.broken)
    assert len(result.broken) == 2
    assert result.notes[0].startswith("the application failed 2 times: buy: KeyError: 'sku' (sut.py:")


@pytest.mark.parametrize(("body", "status"), [
    ('await send({"type": "http.response.body", "body": b""})', 500),
    ('await send({"type": "http.response.start", "status": "200"})', 500),
    ("return", 500),
    ('await send({"type": "websocket.send"})', 500),
])  # fmt: skip
def test_invalid_asgi_is_an_error_of_the_server(tmp_path, body: str, status: int) -> None:
    world = make_world(tmp_path, PLAIN.replace("event = await receive()", body), users=1)
    assert world.run(WorldSpec(1, (0,))).visits[0].answer.status == status


def test_a_torn_answer_is_a_broken_protocol(tmp_path) -> None:
    source = PLAIN.replace(
        "event = await receive()", 'await send({"type": "http.response.start", "status": 200}); 1 / 0'
    )
    answer = make_world(tmp_path, source, users=1).run(WorldSpec(1, (0,))).visits[0].answer
    assert (answer.name, answer.came) == ("protocol_error", False)


@pytest.mark.parametrize(("app", "words"), [
    ("nothing", "names no application"), ("absent:app", "cannot be imported: ModuleNotFoundError"),
    ("sut:absent", "cannot be imported: AttributeError"), ("sut:json", "no ASGI application"),
])  # fmt: skip
def test_what_cannot_be_imported_is_said(tmp_path, app: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make_world(tmp_path, PLAIN, app=app)


def test_an_application_that_does_not_start_is_said(tmp_path) -> None:
    source = PLAIN.replace(
        'raise RuntimeError("no lifespan")',
        'return await send({"type": "lifespan.startup.failed", "message": "no disk"})',
    )
    with pytest.raises(InputError, match="did not start: no disk"):
        make_world(tmp_path, source).run(WorldSpec(1, FIVE))


def test_a_run_in_an_engine_process_is_the_same_world(tmp_path) -> None:
    made = inputs(users=40, workflow=OVERSOLD, liveness={"seconds": 5, "users": 1})
    here = place(tmp_path, PLAIN)
    told = []
    one = execute_app(made, here, on_progress=told.append)
    two = execute_app(made, here, audited=False)
    assert one.digest == two.digest != ""
    assert one.users_done == one.summary.users == 40
    assert told[-1].done == 40
    assert [v.name for v in one.summary.verdicts] == ["stock", "recovers"]
    assert one.build
    world = make_world(tmp_path, PLAIN, users=40, workflow=OVERSOLD, liveness={"seconds": 5, "users": 1})
    traces = trace_app(made, here, (7,))
    assert traces[0] == world.run(WorldSpec(made.seed, tuple(range(40)))).trace(7)


def test_what_comes_to_light_after_visits_is_in_the_run(tmp_path) -> None:
    slow = PLAIN.replace("asyncio.sleep(0.01)", "asyncio.sleep(4)")
    rules = {
        "invariants": [
            {"name": "late", "always": "effects('buy') == 0"},
            {"name": "sold", "at_end": "total('buy.effects') == 0"},
        ]
    }
    made = inputs(users=3, workflow=rules, policy={"patience": {"step_wait_seconds": 1}})
    run = execute_app(made, place(tmp_path, slow), audited=False)
    assert {(f.invariant, f.user) for f in run.failures} == {("late", 0), ("late", 1), ("late", 2), ("sold", 2)}
    assert {v.name: v.status for v in run.summary.verdicts} == {"late": "broken", "sold": "broken"}
    assert all(f.message for f in run.failures)


def test_a_run_can_be_stopped(tmp_path) -> None:
    endless = PLAIN.replace(
        "async def app(scope",
        "async def tick():\n        while True: await asyncio.sleep(0.001)\n    async def app(scope",
    )
    endless = endless.replace("event = await receive()", "asyncio.create_task(tick())")
    asked = []
    done = execute_app(
        inputs(users=2000, arrivals={"kind": "open", "rate_per_second": 1}), place(tmp_path, endless), audited=False,
        should_stop=lambda: bool(asked.append(1)) or len(asked) > 20,
    )  # fmt: skip
    assert done.cancelled
    assert done.digest == ""


def test_an_application_that_kills_its_process_is_a_clear_error(tmp_path) -> None:
    from turbulence_app.domain.errors import MachineError

    source = PLAIN.replace("event = await receive()", "import os; os._exit(7)")
    with pytest.raises(MachineError, match="ended with status 7"):
        execute_app(inputs(users=1), place(tmp_path, source), audited=False)
