"""One interpreter for every target; wires and live answers; faults of the model target, and what they change."""

import asyncio

import pytest

from tests.engine.shop import shop
from tests.engine.test_rules import WorldPort, drive
from tests.engine.test_runs import simple
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.answers import LiveAnswer, answer_name, never_came
from turbulence_app.engine.execute import execute
from turbulence_app.engine.model_port import ModelPort
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.port import Reply
from turbulence_app.engine.purposes import PURPOSES
from turbulence_app.engine.reference import execute_user, run_user, visit_user


class SlowPort(ModelPort):
    """A model that lets others go first whenever time passes."""

    def __init__(self, plan):
        super().__init__(plan)
        self.passed = {}

    async def begin(self, visit):
        await asyncio.sleep(0)

    async def pass_time(self, visit, us):
        await asyncio.sleep(0)
        assert visit.now + us <= visit.deadline
        self.passed[visit.user] = self.passed.get(visit.user, 0) + us
        visit.now += us

    async def attempt(self, visit, node, number, k, patience_us):
        await asyncio.sleep(0)
        reply = await super().attempt(visit, node, number, k, patience_us)
        self.passed[visit.user] = self.passed.get(visit.user, 0) + reply.waited_us
        return reply


def test_visits_that_take_turns_are_the_visits_of_the_model():
    plan = compile_plan(shop(60))
    port = SlowPort(plan)

    async def everybody():
        return await asyncio.gather(*(visit_user(plan, user, port) for user in range(60)))

    for visit in asyncio.run(everybody()):
        alone = execute_user(plan, visit.user)
        assert visit.trace() == alone.trace()
        assert port.passed.get(visit.user, 0) == visit.now


def test_choices_and_faults_that_are_off_make_other_visits():
    plan = compile_plan(shop(20_000, faults=[{"kind": "response_lost", "step": "pay", "probability": 1.0}]))
    hit = next(u for u in range(50) if execute_user(plan, u).faults)
    without = drive(visit_user(plan, hit, ModelPort(plan), faults=frozenset()))
    assert without.faults == 0
    assert without.outcome == execute_user(compile_plan(shop(20_000, faults=[])), hit).outcome


def wire(**step):
    services = {"api": {"base_url": "http://127.0.0.1:1/base/", "headers": {"X-Key": "{{ key }}", "Accept": "a/b"}}}
    workflow = {
        "id": "w",
        "services": services,
        "entry": {"seed_data": {"key": "k 1", "n": 3, "tags": [["a", "b"]], "id": "a/b c", "url": "/x?y=1"}},
        "flow": [{"name": "s", "type": "http", "service": "api", **step}],
    }
    inputs = simple([], target="http", workflow=workflow)
    plan = compile_plan(inputs)
    visit = drive(visit_user(plan, 0, WorldPort(plan)))
    return plan.nodes[0].wire.message(visit.look_up)


@pytest.mark.parametrize(
    ("step", "target"),
    [
        ({"path": "/items/{{ id }}"}, "/base/items/a%2Fb%20c"),
        ({"path": "items"}, "/base/items"),
        ({"path": "{{ url }}"}, "/base/x?y=1"),
        ({"path": "/a b#c"}, "/base/a%20b%23c"),
        ({"path": "/s", "query": {"q": "{{ id }}", "n": "{{ n }}", "gone": "{{ nothing }}", "t": [1, 2]}},
         "/base/s?q=a%2Fb+c&n=3&t=1&t=2"),
        ({"path": "{{ url }}", "query": {"z": True}}, "/base/x?y=1&z=true"),
    ],
)  # fmt: skip
def test_paths_and_queries_are_filled_in_and_encoded(step, target):
    assert wire(**step).target == target


def test_bodies_keep_types_and_headers_are_the_service_s_then_the_step_s():
    message = wire(
        method="POST",
        headers={"accept": "c/d"},
        json={
            "n": "{{ n }}",
            "text": "n={{ n }} {{ nothing | default:x }}",
            "tags": "{{ tags }}",
            "deep": [{"k": "{{key}}"}],
        },
    )
    assert message.body == b'{"n":3,"text":"n=3 x","tags":["a","b"],"deep":[{"k":"k 1"}]}'
    assert dict(message.headers) == {"x-key": "k 1", "accept": "c/d", "content-type": "application/json"}
    assert wire(json={"plain": [1, None]}).body == b'{"plain":[1,null]}'


def test_live_answers_have_names_and_read_their_bodies_when_asked():
    names = {409: "sold_out"}
    found = [answer_name(s, names) for s in (201, 302, 402, 404, 409, 500, 503)]
    assert found == ["ok", "http_302", "declined", "http_404", "sold_out", "error", "http_503"]
    answer = LiveAnswer("s", "ok", 200, {"etag": "x"}, b'{"a": [1]}')
    assert (answer.json, answer.text, answer.failed, answer.code) == ({"a": [1]}, '{"a": [1]}', False, 200)
    assert LiveAnswer("s", "ok", 200, {}, b"<html>").json is None
    assert never_came("s", "gave_up").failed
    assert never_came("s", "timeout") is never_came("s", "timeout")


def test_extraction_reads_what_really_came():
    flow = [{"name": "s", "type": "http", "extract": {"id": "$.items[0].id", "none": "$.x"}}]
    plan = compile_plan(simple(flow, target="app"))

    class Port(WorldPort):
        async def attempt(self, visit, node, number, k, patience_us):
            return Reply(LiveAnswer("s", "ok", 200, {"etag": "7"}, b'{"items": [{"id": 9}]}', digest=5), 1000, 1)

    visit = drive(visit_user(plan, 0, Port(plan)))
    assert visit.variables == {"id": 9, "none": None}
    assert visit.state[0].field("headers") == {"etag": "7"}
    assert visit.port.world.visits == {0: visit}


def test_turns_have_words_without_end_and_share_none():
    places = [PURPOSES[f"turn{n}"] for n in range(300)]
    assert len(set(places)) == 300
    assert not set(places) & {p for name, p in PURPOSES.items() if not name.startswith("turn")}
    with pytest.raises(KeyError):
        PURPOSES["turnip"]


# ---- faults of the model target -------------------------------------------------------------------------------------

ASK = {"name": "ask", "type": "http", "model": {"latency_ms": 100.0}}


def faulty(*faults, think=0.0, **changes):
    flow = [{"name": "wait", "type": "think", "time_ms": think}, {**ASK, **changes}]
    inputs = simple(flow, users=1000, faults=list(faults), arrivals={"kind": "closed", "concurrent": 1})
    return inputs, execute_user(compile_plan(inputs), 0)


@pytest.mark.parametrize(
    ("fault", "think", "answer", "waited_ms", "effects"),
    [
        ({"kind": "partition", "from_seconds": 5, "to_seconds": 6}, 5500, "timeout", 30_000, 0),
        ({"kind": "partition", "from_seconds": 5, "to_seconds": 6}, 4500, "ok", 100, 1),
        ({"kind": "crash", "at_seconds": [5, 9], "down_seconds": 2}, 10_999, "connection_error", 0, 0),
        ({"kind": "crash", "at_seconds": [5, 9], "down_seconds": 2}, 8000, "ok", 100, 1),
        ({"kind": "crash", "at_seconds": 5}, 6000, "connection_error", 0, 0),
        ({"kind": "gray", "at_seconds": 5, "down_seconds": 1, "add_ms": 700}, 5500, "ok", 800, 1),
        ({"kind": "gray"}, 0, "ok", 1100, 1),
        ({"kind": "response_lost", "at_seconds": 5}, 7000, "ok", 100, 1),
    ],
)
def test_faults_of_a_moment(fault, think, answer, waited_ms, effects):
    _, visit = faulty(fault, think=think)
    state = visit.state_of("ask")
    assert (state.answer.name, state.waited / 1000, state.effects) == (answer, waited_ms, effects)


def test_a_reset_connection_acted_in_one_half_of_the_cases():
    inputs, _ = faulty({"kind": "connection_reset"})
    plan = compile_plan(inputs)
    visits = [execute_user(plan, user) for user in range(1000)]
    assert {v.state_of("ask").answer.name for v in visits} == {"connection_error"}
    assert 430 < sum(v.state_of("ask").effects for v in visits) < 570
    draw = run_user(plan, 0).draws[-1]
    assert (draw.address, draw.value) == ("ask#0.0:fault0_acts", bool(visits[0].state_of("ask").effects))


def test_the_step_s_own_retries_follow_connection_errors_where_they_say_so():
    crash = {"kind": "crash", "at_seconds": 0, "down_seconds": 1}
    retry = {"max_attempts": 3, "delay_ms": 700}
    for on_connection_error, attempts in ((False, 1), (True, 3)):
        _, visit = faulty(crash, retry={**retry, "on_connection_error": on_connection_error})
        assert visit.state_of("ask").attempts == attempts


def test_what_strikes_changed_is_counted_and_idle_faults_are_named():
    faults = [
        {"kind": "latency", "name": "slow", "add_ms": 50},
        {"kind": "response_lost", "name": "lost"},
        {"kind": "duplicate", "name": "late_twin", "step": "ask"},
        {"kind": "crash", "name": "never_down", "at_seconds": 900},
        {"kind": "request_lost", "name": "unlikely", "probability": 0.0},
    ]
    inputs, _ = faulty(*faults, idempotent=True)
    summary = execute(inputs).summary
    assert [(f.label, f.struck, f.changed) for f in summary.faults] == [
        ("slow", 1000, 0), ("lost", 1000, 1000), ("late_twin", 1000, 0), ("never_down", 0, 0), ("unlikely", 0, 0)
    ]  # fmt: skip
    assert summary.notes == (
        "slow struck 1000 times and changed nothing",
        "late_twin struck 1000 times and changed nothing",
        "never_down never struck",
        "unlikely never struck",
    )


@pytest.mark.parametrize("kind", ["reorder", "truncated_body", "corrupt_body", "stale_read", "clock_skew"])
def test_what_needs_real_code_is_refused_and_says_where_it_works(kind):
    with pytest.raises(InputError, match=f"{kind} needs real code to act on .*the app or the http target"):
        compile_plan(simple([ASK], faults=[{"kind": kind}]))
    assert (
        compile_plan(simple([ASK], target="app", faults=[{"kind": kind, "at_seconds": [1, 2]}])).faults[0].kind == kind
    )
