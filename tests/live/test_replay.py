"""A visit of a live run once more: exactly from its recording, and against the service with the first divergence."""

import json
import sqlite3
import zlib

import pytest

from tests.live.shops import FLOW, inputs
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.recording import Recording
from turbulence_app.engine.collect import Collector
from turbulence_app.engine.execute import execute
from turbulence_app.engine.live.replay import first_divergence, plan_of_recording, replay_live, replay_recorded
from turbulence_app.engine.place import HttpPlace
from turbulence_app.service import live, runs
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore

KINDS = (
    {"kind": "latency", "add_ms": {"min": 1, "max": 20}}, {"kind": "request_lost"}, {"kind": "response_lost"},
    {"kind": "duplicate"}, {"kind": "error_status"}, {"kind": "connection_reset"}, {"kind": "truncated_body"},
    {"kind": "corrupt_body"}, {"kind": "stale_read"}, {"kind": "reorder"},
)  # fmt: skip
RULES = [
    {"name": "once", "always": "effects('pay') <= 1"},
    {"name": "one_each", "once_per": {"step": "browse", "key": "item"}},
    {"name": "all_together", "always": "total('pay.effects') <= 20"},
    {"name": "probed", "always": "probe('/charged').json.all >= 0"},
    {"name": "soon", "within": {"after": "reached('browse')", "then": "reached('pay')", "seconds": 0.02}},
]


def troubled(port, **changes):
    """Everything that can go wrong does, to some; people give up and come again."""
    slow = {"name": "late", "type": "http", "service": "api", "path": "/late-charge?ms=40&who=0"}
    faults = [{"probability": 0.08, **kind} for kind in KINDS]
    policy = {"patience": {"step_wait_seconds": {"min": 0.02, "max": 0.1}, "visit_seconds": {"min": 0.1, "max": 3}},
              "retries": {"default": 2}, "pacing": {"think_ms": {"min": 0, "max": 5}}}  # fmt: skip
    return inputs(
        port, flow=[slow, *FLOW], users=80, faults=faults, policy=policy, workflow={"invariants": RULES},
        arrivals={"kind": "closed", "concurrent": 40}, **changes,
    )  # fmt: skip


def test_every_recorded_visit_replays_to_the_same_events_and_the_same_verdict(port, monkeypatch):
    made, documents, then = troubled(port), [], {}
    add = Collector.add

    def watched(self, visit):
        then[visit.user] = seen(visit)
        add(self, visit)

    monkeypatch.setattr(Collector, "add", watched)
    done = execute(made, place=HttpPlace(), record=documents.append)
    assert {v.name for v in done.summary.verdicts if v.status == "broken"} >= {"once", "one_each", "all_together"}
    assert sum(len(d.get("late", ())) for d in documents) > 5
    assert len(documents) == 80
    plan = plan_of_recording(made)
    for document in documents:
        again = replay_recorded(plan, Recording.model_validate(json.loads(json.dumps(document))))
        assert again.divergence is None
        assert seen(again.visit) == then[document["user"]]


def seen(visit):
    """Everything that a visit was."""
    return {
        "events": list(visit.events), "draws": [tuple(d) for d in visit.draws.made], "outcome": visit.outcome,
        "fingerprint": visit.fingerprint, "broken": dict(visit.broken), "messages": dict(visit.messages),
        "changed": dict(visit.changed), "seen": set(visit.seen), "now": visit.now, "arrived": visit.arrived,
    }  # fmt: skip


@pytest.fixture(scope="module")
def stored(port, tmp_path_factory):
    path = tmp_path_factory.mktemp("live") / "turbulence.db"
    with Database(path) as database:
        done = runs.run(troubled(port), database)
        yield path, database, done


def test_a_stored_run_is_verified_by_its_recording_alone(stored):
    _, database, done = stored
    assert done.manifest.status == "done"
    assert RecordingStore(database).users(done.manifest.run_id) == 80
    assert runs.verify(database, "last").difference is None
    failure = done.failures[0]
    again = runs.replay(database, "last", failure.user)
    assert again.same
    assert failure.invariant in again.trace.violations
    assert runs.find_failure(database, f"last/{failure.user}").user == failure.user


def test_a_recording_that_was_changed_is_found_and_named(stored):
    path, database, done = stored
    run_id, user = done.manifest.run_id, 5

    def put(document):
        with sqlite3.connect(path) as connection:
            connection.execute(
                "UPDATE recordings SET document = ? WHERE run_id = ? AND user = ?", (document, run_id, user)
            )
        connection.close()

    kept = database.row("SELECT document FROM recordings WHERE run_id = ? AND user = ?", (run_id, user))["document"]
    changed = json.loads(zlib.decompress(kept))
    changed["exchanges"][0]["waited_us"] += 1
    put(zlib.compress(json.dumps(changed).encode()))
    difference = runs.verify(database, "last").difference
    assert (difference.what, difference.user) == ("user", user)
    assert runs.replay(database, "last", 6).same
    for broken in (b"not deflated", zlib.compress(b"[]")[:-3], zlib.compress(b"[]")):
        put(broken)
        with pytest.raises(InputError, match=f"the recording of user {user}"):
            live.replay(database, run_id, user)
    put(kept)


def test_secrets_are_not_in_the_database(stored):
    _, database, _ = stored
    for recording in RecordingStore(database).all("r-0001"):
        for exchange in recording.exchanges:
            if exchange.step == "pay" and exchange.target:
                assert exchange.request_headers["authorization"] == "(redacted)"
            assert "secret-of-mine" not in exchange.model_dump_json()


def test_a_user_of_whom_nothing_is_recorded_is_said_so(stored):
    _, database, _ = stored
    with pytest.raises(InputError, match="nothing is recorded of user 7 of run r-9999"):
        RecordingStore(database).get("r-9999", 7)


def test_against_the_service_the_first_divergence_is_shown(port):
    documents = []
    made = inputs(port, users=1, seed=77, flow=[FLOW[0], *FLOW[3:]])
    execute(made, place=HttpPlace(), record=documents.append)
    recording = Recording.model_validate(documents[0])
    visit, divergence = replay_live(made, HttpPlace(), recording)
    assert visit.outcome == "completed"
    assert (divergence.step, divergence.what) == ("pay#0.0", "the body")
    assert '"n": 1' in divergence.recorded
    assert '"n": 2' in divergence.now
    assert first_divergence(recording, recording) is None
    shorter = recording.model_copy(update={"exchanges": recording.exchanges[:1]})
    assert first_divergence(recording, shorter).what == "the visit"


def test_a_recording_of_other_inputs_strays_in_words(port):
    documents = []
    made = inputs(port, users=1)
    execute(made, place=HttpPlace(), record=documents.append)
    other = inputs(port, users=1, policy={"pacing": {"think_ms": 5}})
    again = replay_recorded(plan_of_recording(other), Recording.model_validate(documents[0]))
    assert again.visit is None
    assert "the moment of asking was 0 us, is 5000 us" in str(again.divergence)
