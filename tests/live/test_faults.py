"""Each fault of the http target has its own effect, on the person and on the service, and says whether it mattered."""

import json

import pytest

from tests.live.shops import inputs
from turbulence_app.engine.execute import execute
from turbulence_app.engine.live.trouble import corrupted
from turbulence_app.engine.place import HttpPlace

USERS = 6


def suffer(port, fault, *, path="/charges", method="POST", users=USERS, timeout=0.4, **changes):
    """A run of some people whose only step suffers a fault: the step's numbers, the fault's, and the recordings."""
    ask = {"name": "ask", "type": "http", "service": "api", "method": method, "path": path}
    if method == "POST":
        ask["json"] = {"who": "{{ who }}"}
    services = {"api": {"base_url": f"http://127.0.0.1:{port}", "timeout_seconds": timeout}}
    rule = {"name": "effects", "always": "effects('ask') <= 0"}
    recorded = []
    made = inputs(
        port, flow=changes.pop("flow", [ask]), users=users, faults=[{"probability": 1.0, **f} for f in fault],
        workflow={"services": services, "invariants": [rule]}, **changes,
    )  # fmt: skip
    done = execute(made, place=HttpPlace(), record=recorded.append)
    return done.summary.funnel[0], done.summary.faults, sorted(recorded, key=lambda d: d["user"])


def acts(recorded):
    return sum(e["acts"] for d in recorded for e in d["exchanges"]) + sum(len(d.get("late", ())) for d in recorded)


def charged(asked):
    return asked("/charged")["all"]


@pytest.mark.parametrize(
    ("fault", "answer", "arrives"),
    [
        ({"kind": "latency", "add_ms": 80}, "ok", USERS),
        ({"kind": "gray", "add_ms": 80}, "ok", USERS),
        ({"kind": "request_lost"}, "timeout", 0),
        ({"kind": "partition"}, "timeout", 0),
        ({"kind": "timeout", "timeout_after_ms": 60}, "timeout", 0),
        ({"kind": "response_lost"}, "timeout", USERS),
        ({"kind": "error_status"}, "error", 0),
        ({"kind": "error_status", "status": 503}, "http_503", 0),
        ({"kind": "duplicate"}, "ok", 2 * USERS),
        ({"kind": "reorder"}, "ok", USERS),
        ({"kind": "truncated_body", "keep_bytes": 5}, "ok", USERS),
        ({"kind": "corrupt_body"}, "ok", USERS),
    ],
)
def test_a_fault_does_what_it_says_to_the_person_and_to_the_service(port, asked, fault, answer, arrives):
    before = charged(asked)
    step, (stats,), recorded = suffer(port, [fault])
    assert step.answers == {answer: USERS}
    assert charged(asked) - before == arrives == acts(recorded)
    assert (stats.struck, stats.users) == (USERS, USERS)
    assert stats.changed == (USERS if fault["kind"] != "reorder" else stats.changed) > 0


def test_a_slow_answer_comes_that_much_later(port):
    _, _, recorded = suffer(port, [{"kind": "latency", "add_ms": 80}])
    assert all(80_000 <= d["exchanges"][0]["waited_us"] < 400_000 for d in recorded)


def test_a_timeout_waits_as_long_as_it_says(port):
    _, _, recorded = suffer(port, [{"kind": "timeout", "timeout_after_ms": 60}])
    assert {d["exchanges"][0]["waited_us"] for d in recorded} == {60_000}


def test_what_is_cut_or_spoiled_is_no_json_any_more(port):
    for fault in ({"kind": "truncated_body"}, {"kind": "corrupt_body"}):
        _, _, recorded = suffer(port, [fault])
        for document in recorded:
            body = document["exchanges"][0]["body"]
            assert body.get("text") != '{"paid": true, "who": 1, "n": 1}'
            assert body["size"] > 0


def test_corruption_is_the_same_every_time_and_always_some():
    assert corrupted(b"abc" * 100, "pay#0.0") == corrupted(b"abc" * 100, "pay#0.0") != b"abc" * 100
    assert corrupted(b"x", "a") != b"x"
    assert len(corrupted(b"abc" * 100, "b")) == 300


def test_a_reset_tears_the_connection_before_or_after_the_service_acts(port, asked):
    before = charged(asked)
    step, (stats,), recorded = suffer(port, [{"kind": "connection_reset"}], users=40)
    arrived = charged(asked) - before
    assert step.answers == {"connection_error": 40}
    assert 5 < arrived < 35
    assert acts(recorded) == arrived
    assert stats.changed == 40


def test_a_stale_read_is_the_first_answer_again(port):
    ask = {"name": "ask", "type": "http", "service": "api", "path": "/counter"}
    flow = [{"name": "again", "type": "repeat", "while": "true", "max": 4, "steps": [ask]}]
    _, (stats,), (recorded,) = suffer(port, [{"kind": "stale_read", "step": "ask", "nth": 4}], flow=flow, users=1)
    counts = [json.loads(e["body"]["text"])["n"] for e in recorded["exchanges"]]
    assert counts[3] == counts[0] < counts[1] < counts[2]
    assert (stats.struck, stats.changed) == (1, 1)


def test_a_fault_that_changed_nothing_says_so(port):
    step, (stats,), _ = suffer(port, [{"kind": "truncated_body", "keep_bytes": 10_000}])
    assert step.answers == {"ok": USERS}
    assert (stats.struck, stats.changed) == (USERS, 0)


def test_nothing_strikes_in_quiet_times_and_elsewhere(port):
    quiet = [{"kind": "error_status"}, {"kind": "quiet", "from_seconds": 0, "to_seconds": 1000}]
    step, (stats, _), _ = suffer(port, quiet)
    assert step.answers == {"ok": USERS}
    assert stats.struck == 0


def test_what_the_service_does_after_the_person_has_left_is_still_an_effect(port):
    path, patience = "/late-charge?ms=150&who=1", {"patience": {"step_wait_seconds": 0.03}}
    step, _, recorded = suffer(port, [], path=path, method="GET", timeout=2, policy=patience)
    assert step.answers == {"gave_up": USERS}
    assert [len(d["late"]) for d in recorded] == [1] * USERS
    assert acts(recorded) == USERS


def test_the_patience_for_the_visit_ends_it_in_the_middle_of_a_wait(port):
    policy = {"patience": {"visit_seconds": 0.05}}
    step, _, recorded = suffer(port, [], path="/slow?ms=300", method="GET", timeout=2, policy=policy)
    assert step.reasons == {"visit_patience": USERS}
    assert step.answers == {}
    assert all(d["exchanges"][0]["ended"] for d in recorded)


def test_faults_in_a_row_all_act(port, asked):
    before = charged(asked)
    faults = [{"kind": "duplicate"}, {"kind": "latency", "add_ms": 30}, {"kind": "truncated_body", "keep_bytes": 1}]
    step, stats, recorded = suffer(port, faults)
    assert step.answers == {"ok": USERS}
    assert charged(asked) - before == 2 * USERS == acts(recorded)
    assert [f.changed for f in stats] == [USERS] * 3
    assert all(d["exchanges"][0]["body"] == {"text": "{", "size": 1} for d in recorded)
