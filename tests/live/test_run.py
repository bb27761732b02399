"""Runs against a real service: what people do is the seed's, what comes back is the service's."""

import json
import sys
import time

import pytest

from tests.live.conftest import SERVER, start, stop
from tests.live.shops import FLOW, inputs
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.engine.execute import execute
from turbulence_app.engine.place import HttpPlace


def run(made, **options):
    place = options.pop("place", HttpPlace())
    return execute(made, place=place, **options)


def step(done, name):
    return next(s for s in done.summary.funnel if s.step == name)


def ask(path: str, **more):
    return {"name": "ask", "type": "http", "service": "api", "path": path, **more}


def one(port: int, *steps, **changes):
    """A run of one person through these steps."""
    return inputs(port, flow=list(steps), users=changes.pop("users", 1), **changes)


def test_the_shop_sells_and_people_decide_as_the_seed_says(port, asked):
    before = asked("/charged")["all"]
    done, again = run(inputs(port, users=120)), run(inputs(port, users=120))
    bought = step(done, "bought").reached
    assert done.summary.completed == bought > 50
    assert step(done, "next").options == step(again, "next").options
    assert step(done, "pay").answers == {"ok": bought}
    assert asked("/charged")["all"] == before + 2 * bought
    assert done.summary.holds
    assert done.summary.driver_lag.n == 120 + bought
    assert done.users_done == 120
    assert done.digest


def test_hundreds_of_people_at_once_share_connections_and_nobody_is_lost(port, asked):
    before = asked("/count").get("connections", 0)
    done = run(one(port, ask("/slow?ms=30"), users=600, arrivals={"kind": "closed", "concurrent": 300}))
    assert step(done, "ask").answers == {"ok": 600}
    assert asked("/count")["connections"] - before <= 303


def test_an_open_crowd_comes_when_it_comes_however_slow_the_service_is(port):
    recorded = []
    made = one(port, ask("/slow?ms=150"), users=40, arrivals={"kind": "open", "rate_per_second": 200})
    done = run(made, record=recorded.append)
    assert step(done, "ask").answers == {"ok": 40}
    arrived = {d["user"]: d["arrived_us"] for d in recorded}
    assert all(5000 * u <= arrived[u] < 5000 * (u + 1) for u in arrived)
    assert all(d["exchanges"][0]["waited_us"] >= 150_000 for d in recorded)


def test_thinking_takes_real_time_and_the_scale_shortens_it_alone(port):
    made = one(port, ask("/slow?ms=20"), policy={"pacing": {"think_ms": 60_000}})
    recorded = []
    done = run(made, place=HttpPlace(time_scale=0.001), record=recorded.append)
    assert done.elapsed_s < 10
    assert done.summary.time_to_complete.max > 60_000
    assert recorded[0]["exchanges"][0]["due_us"] == 60_000_000
    assert recorded[0]["exchanges"][0]["waited_us"] >= 20_000
    assert any("0.001" in note for note in done.summary.notes)


def test_what_is_sent_is_filled_in_from_the_visit(port):
    echo = ask(
        "/echo/{{ word }}/x y", method="POST", json={"n": "{{ who }}", "t": "{{ word }}!", "none": "{{ nobody }}"},
        headers={"X-Mine": "a\nb {{ word }}", "x-env": "{{ env.TOKEN }}", "x-default": "{{ env.ABSENT | default:d }}"},
        query={"tags": ["a", "b"], "q": "{{ word }}"}, extract={"seen": "$.body", "host": "$.headers.host"},
    )  # fmt: skip
    login, again = ask("/login") | {"name": "login"}, ask("/echo/again") | {"name": "again"}
    logout, last = ask("/logout") | {"name": "logout"}, ask("/echo/last") | {"name": "last"}
    recorded = []
    made = one(
        port, echo, login, again, logout, last,
        workflow={"services": {"api": {"base_url": f"http://localhost:{port}/", "headers": {"X-All": "yes"}}}},
        policy={"data": {"word": ["a/b"]}, "parameters": {"who": {"type": "range", "min": 7, "max": 7}}},
    )  # fmt: skip
    run(made, place=HttpPlace(environ={"TOKEN": "t0"}), record=recorded.append)
    first, _, second, _, third = recorded[0]["exchanges"]
    told = json.loads(first["body"]["text"])
    assert (told["method"], told["path"]) == ("POST", "a%2Fb/x%20y")
    assert told["query"] == {"tags": "a", "q": "a/b"}
    assert "tags=a&tags=b" in first["target"]
    assert json.loads(told["body"]) == {"n": 7, "t": "a/b!", "none": None}
    assert told["headers"]["x-mine"] == "a b a/b"
    assert (told["headers"]["x-env"], told["headers"]["x-default"], told["headers"]["x-all"]) == ("t0", "d", "yes")
    assert told["headers"]["host"] == f"localhost:{port}"
    assert json.loads(second["body"]["text"])["headers"]["cookie"] == "sid=s1; theme=dark"
    assert json.loads(third["body"]["text"])["headers"]["cookie"] == "theme=dark"


def test_a_step_retries_by_its_rule_and_stops_on_success(port, asked):
    before = asked("/count").get("GET /die-first", 0)
    retry = {"max_attempts": 3, "on_connection_error": True, "backoff": "fixed", "delay_ms": 1}
    flow = (ask("/die-first", retry=retry), ask("/products", retry={**retry, "on_status": [500]}) | {"name": "fine"})
    done = run(one(port, *flow))
    assert step(done, "ask").answers == {"connection_error": 3}
    assert step(done, "fine").answers == {"ok": 1}
    assert asked("/count")["GET /die-first"] == before + 3
    assert any("connection was closed before an answer" in note for note in done.summary.notes)


def test_a_wait_asks_until_it_holds(port):
    wait = {
        "name": "wait", "type": "wait", "service": "api", "path": "/counter", "interval_seconds": 0.01,
        "timeout_seconds": 5, "expect": {"expression": "wait.json.n % 5 == 0"},
    }  # fmt: skip
    done = run(one(port, wait))
    assert step(done, "wait").passed == 1
    assert 1 <= step(done, "wait").requests <= 5


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/status/402", "declined"), ("/status/500", "error"), ("/status/404", "http_404"), ("/status/302", "http_302"),
        ("/garbage", "protocol_error"), ("/die", "connection_error"), ("/hang", "timeout"),
        ("/endless-header", "protocol_error"),
    ],
)  # fmt: skip
def test_every_way_to_answer_has_a_name(port, path, answer):
    services = {"api": {"base_url": f"http://127.0.0.1:{port}", "timeout_seconds": 0.2}}
    done = run(one(port, ask(path), workflow={"services": services}))
    assert step(done, "ask").answers == {answer: 1}
    assert step(done, "ask").failed == (0 if answer == "http_302" else 1)


def test_rules_see_answers_probes_totals_and_keys(port):
    rules = [
        {"name": "status", "always": "pay.status == null or pay.status == 201"},
        {"name": "header", "sometimes": "pay.headers['server'] == 'tests'"},
        {"name": "own", "always": "pay.json.n == null or pay.json.n == 1"},
        {"name": "once", "once_per": {"step": "pay", "key": "pay.json.who"}},
        {"name": "nobody", "always": "total('pay.effects') <= 1000"},
        {"name": "few", "at_end": "total('pay.effects') <= 1"},
        {"name": "asked", "at_end": "probe('/charged').json.most >= 1"},
        {"name": "quick", "gate": "p95('browse.latency_ms') <= 5000"},
    ]
    done = run(inputs(port, users=30, seed=1234, workflow={"invariants": rules}))
    verdicts = {v.name: v for v in done.summary.verdicts}
    assert {n for n, v in verdicts.items() if v.status == "broken"} == {"few"}
    assert [f.message for f in done.failures] == [f"total('pay.effects') is {step(done, 'pay').reached}, not <= 1"]


def test_the_driver_says_when_it_is_late(port):
    done = run(inputs(port, users=200, arrivals={"kind": "open", "rate_per_second": 1e6}))
    assert done.summary.driver_lag.max > 0
    assert any("driver was late" in note for note in done.summary.notes)


def test_a_run_that_is_stopped_keeps_what_is_done(port):
    began, told = time.monotonic(), []
    made = one(port, ask("/slow?ms=20"), ask("/hang") | {"name": "stuck", "when": "elapsed_ms > 0 and who % 2 == 0"},
               users=40, arrivals={"kind": "closed", "concurrent": 40})  # fmt: skip
    done = run(made, should_stop=lambda: time.monotonic() - began > 0.5, on_progress=told.append)
    assert done.cancelled
    assert 0 < done.users_done < 40
    assert done.digest == ""
    assert time.monotonic() - began < 10
    assert told[-1].done == done.users_done


def test_a_service_that_dies_in_the_middle_fails_people_and_not_the_run():
    process, number = start(sys.executable, str(SERVER))
    try:
        made = one(number, ask("/slow?ms=5"), users=300, arrivals={"kind": "closed", "concurrent": 3})
        done = run(made, on_progress=lambda told: process.kill())
    finally:
        stop(process)
    assert done.users_done == 300
    assert not done.cancelled
    answers = step(done, "ask").answers
    assert answers["ok"] > 0
    assert answers["connection_error"] > 100
    assert any("connection refused" in note for note in done.summary.notes)


def test_a_run_stops_at_its_first_failures(port):
    rule = {"name": "free", "always": "effects('pay') == 0"}
    made = inputs(port, users=5000, workflow={"invariants": [rule]}, stop={"first_failures": 3})
    done = run(made)
    assert 3 <= len(done.failures) < 100
    assert not done.cancelled


@pytest.mark.parametrize(("path", "status"), [("/products", "holds"), ("/hang", "broken")])
def test_after_the_trouble_fresh_people_must_get_through(port, path, status):
    services = {"api": {"base_url": f"http://127.0.0.1:{port}", "timeout_seconds": 0.2}}
    made = one(
        port, ask(path), users=3, workflow={"services": services, "stop_when": {"any_action_fails": True}},
        faults=[{"kind": "error_status"}], liveness={"seconds": 0.05, "users": 2},
    )  # fmt: skip
    done = run(made)
    assert done.summary.failed == 3
    verdict = next(v for v in done.summary.verdicts if v.name == "recovers")
    assert (verdict.status, verdict.exercised) == (status, 2)
    assert len(done.failures) == (2 if status == "broken" else 0)


@pytest.mark.parametrize("kind", ["crash", "clock_skew"])
def test_what_only_an_application_can_suffer_is_refused(port, kind):
    with pytest.raises(InputError, match="cannot strike a live service"):
        run(inputs(port, faults=[{"kind": kind, "at_seconds": 1}]))


def test_a_service_that_is_not_there_is_one_clear_line():
    with pytest.raises(MachineError, match=r"'api' does not answer at http://127\.0\.0\.1:1: connection refused"):
        run(inputs(1))


@pytest.mark.parametrize(
    ("services", "says"),
    [
        ({"api": {"base_url": "http://shop.example"}}, "neither this machine nor on the list"),
        ({"api": {"base_url": "http://10.1.2.3:80"}}, "neither this machine nor on the list"),
        ({"api": {"base_url": "ftp://127.0.0.1"}}, "is no address"),
        ({"api": {"base_url": "http://me:pw@127.0.0.1"}}, "has a user in it"),
        ({"api": {"base_url": "http://127.0.0.1:99999"}}, "is no address"),
        ({}, "has no base_url"),
        ({"api": {"base_url": "http://{{ env.NOT_SET_ANYWHERE }}"}}, "NOT_SET_ANYWHERE is not set"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_before_anything_is_sent(services, says):
    with pytest.raises(InputError, match=says):
        run(inputs(1, workflow={"services": services}))


def test_grpc_is_refused(port):
    with pytest.raises(InputError, match="cannot call gRPC"):
        run(inputs(port, flow=[*FLOW, {"name": "rpc", "type": "grpc", "service": "api", "method": "a.B/C"}]))
