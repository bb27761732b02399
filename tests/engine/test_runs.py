"""Runs: progress, cancel, a killed worker, verify, shrink, gates, and the original's mistakes that we must not make."""

import os
import signal
import threading
import time

import pytest

from tests.engine.shop import CROWD, shop
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine import pool
from turbulence_app.engine.execute import execute
from turbulence_app.engine.gates import evaluate
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.preview import preview
from turbulence_app.engine.reference import execute_user, run_user
from turbulence_app.engine.shrink import shrink
from turbulence_app.engine.verify import first_difference


@pytest.fixture(scope="module")
def run():
    return execute(shop(20_000))


def simple(flow, users=20_000, policy=None, **changes):
    data = {
        "workflow": {"id": "w", "flow": flow},
        "crowd": [{"persona": "p", "weight": 1, "policy": {"persona_id": "p", **(policy or {})}}],
    }
    return RunInputs.model_validate({**data, "users": users, **changes})


def test_progress_rises_to_the_end():
    seen = []
    execute(shop(60_000), chunk_users=8192, on_progress=seen.append)
    assert [s.done for s in seen] == sorted(s.done for s in seen)
    assert seen[-1].done == seen[-1].total == 60_000
    assert seen[-1].summary.users == 60_000


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cancelled_run_keeps_what_was_done(workers):
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 12

    result = execute(shop(3_000_000), workers=workers, chunk_users=65_536, should_stop=stop)
    assert result.cancelled
    assert result.digest == ""
    assert result.users_done == result.summary.users < 3_000_000


def test_a_killed_worker_is_a_clear_error(monkeypatch):
    children = []
    original = pool.Pool.__init__

    def remember(self, *arguments):
        original(self, *arguments)
        children.extend(self.pids)

    monkeypatch.setattr(pool.Pool, "__init__", remember)

    def kill():
        while not children:
            time.sleep(0.01)
        os.kill(children[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(MachineError, match="worker was killed by signal 9"):
        execute(shop(3_000_000), workers=2)
    killer.join()


def test_verify_holds_and_names_what_was_tampered_with(run):
    inputs = shop(20_000)
    assert first_difference(inputs, run.digest, run.chunks) is None
    other = first_difference(inputs.model_copy(update={"seed": 43}), run.digest, run.chunks)
    assert (other.what, other.user, other.draw) == ("user", 0, "@user#0.0:persona")
    block = run.chunks[2]
    changed = block.model_copy(update={"digest": "0" * 64})
    found = first_difference(inputs, run.digest, [*run.chunks[:2], changed, *run.chunks[3:]])
    assert (found.what, found.chunk) == ("chunk", 2)
    assert first_difference(inputs, "0" * 64, run.chunks).what == "digest"
    assert first_difference(inputs, run.digest, run.chunks[:-1]).what == "chunk"


def test_verify_names_the_user_and_the_draw_of_another_policy(run):
    crowd = [dict(m) for m in CROWD]
    crowd[0] = {**crowd[0], "policy": {**crowd[0]["policy"], "pacing": {"think_ms": {"min": 300, "max": 3001}}}}
    found = first_difference(shop(20_000, crowd=crowd), run.digest, run.chunks)
    first = next(u for u in range(100) if run_user(compile_plan(shop()), u).persona == "impatient")
    assert found.user == first
    assert found.draw == "browse#0.0:think"


def test_every_failure_shrinks_to_the_lost_answer(run):
    plan = compile_plan(shop(20_000))
    better = []
    for failure in run.failures[:8]:
        small = shrink(plan, failure, on_better=better.append)
        assert small.minimal
        assert [c.address for c in small.choices] == ["pay#0.0:fault0"]
        assert small.candidates > 1
        assert small.trace.violations == ("charged_once",)
        assert [e.kind for e in small.story][-1] == "violation"
        for choice in small.choices:
            rest = {c.address: c.word for c in small.choices if c is not choice}
            persona = {"@user#0.0:persona": run_user(plan, failure.user).draws[0].word}
            assert not run_user(plan, failure.user, choices={**rest, **persona}, neutral=True).violations
    assert better


def test_shrinking_somebody_who_did_not_fail_is_an_input_error(run):
    well = run.failures[0].model_copy(update={"user": 0})
    with pytest.raises(InputError, match="does not break"):
        shrink(compile_plan(shop(20_000)), well)


def test_gates(run):
    s = run.summary
    assert evaluate("p95('pay.latency_ms') <= 4000", s)[0]
    assert evaluate("pass_rate < 95", s)[0]
    assert not evaluate("violations('charged_once') == 0", s)[0]
    assert evaluate("rate('completed') == completed / users and share('pay') > 0.5", s)[0]
    assert evaluate("max('pay.latency_ms') > 100", s)[0]
    with pytest.raises(InputError, match="no step is called"):
        evaluate("p95('nope.latency_ms') < 1", s)
    with pytest.raises(InputError):
        evaluate("cart_quantity > 1", s)


def test_verdicts(run):
    verdicts = {v.name: v for v in run.summary.verdicts}
    assert verdicts["charged_once"].status == "broken"
    assert verdicts["charged_once"].violations == len(run.failures)
    assert verdicts["charged_once"].first_user == run.failures[0].user
    assert verdicts["someone_pays"].status == "holds"
    assert verdicts["checkout_is_fast"].value.startswith("p95('pay.latency_ms') = ")


def test_a_rule_on_a_step_that_nobody_reaches_is_never_exercised():
    flow = [{"name": "a", "type": "think"}, {"name": "never", "type": "http", "when": "1 > 2"}]
    rule = {"name": "sleeps", "always": "effects('never') == 0"}
    verdict = execute(simple(flow, users=50, invariants=[rule])).summary.verdicts[0]
    assert (verdict.status, verdict.exercised) == ("never_exercised", 0)


def test_the_preview_counts_what_the_run_counts(run):
    assert preview(shop(1), 20_000) == run.summary


def test_a_retry_stops_on_success():
    step = {"name": "a", "type": "http", "model": {"latency_ms": 5.0, "outcomes": {"ok": 0.5, "error": 0.5}}}
    inputs = simple([step], policy={"retries": {"default": 3}})
    stats = execute(inputs).summary.funnel[0]
    assert stats.answers["ok"] == stats.passed
    assert stats.passed + stats.failed == 20_000
    for user in range(300):
        visit = execute_user(compile_plan(inputs), user)
        answers = [e[5] for e in visit.events if e[1] == "answer"]
        assert "ok" not in answers[:-1]
        assert answers[-1] == "ok" or len(answers) == 4


def test_two_decisions_of_one_user_are_independent():
    flow = [{"name": n, "type": "decide", "decision": n, "output_var": n, "options": {"l": "", "r": ""}} for n in "abc"]
    cells = [f"a == '{x}' and b == '{y}' and c == '{z}'" for x in "lr" for y in "lr" for z in "lr"]
    flow += [
        {"name": f"t{i}", "type": "branch", "condition": cell, "if_true": [{"name": f"e{i}", "type": "end"}]}
        for i, cell in enumerate(cells)
    ]
    even = {"decisions": {n: {"options": {"l": 1, "r": 1}} for n in "abc"}}
    summary = execute(simple(flow, users=40_000, policy=even)).summary
    counts = [s.reached for s in summary.funnel if s.type == "end"]
    chi_square = sum((n - 5000) ** 2 / 5000 for n in counts)
    assert len(counts) == 8
    assert chi_square < 24.3  # 99.9 % of the chi-square distribution with 7 degrees of freedom


def test_a_mix_is_a_mix(run):
    for member, stats in zip(CROWD, run.summary.personas, strict=True):
        assert stats.users == pytest.approx(20_000 * member["weight"] / 100, rel=0.05)
    assert sum(p.users for p in run.summary.personas) == 20_000


def test_the_funnel_adds_up(run):
    s = run.summary
    assert s.users == s.completed + s.abandoned + s.failed == 20_000
    assert sum(step.ended_here for step in s.funnel) == 20_000
    into = {step.step: 0 for step in s.funnel}
    for edge in s.edges:
        if edge.target and edge.target not in ("reconcile", "pay", "trouble", "pay_trouble"):
            into[edge.target] += edge.users
    for step in s.funnel[1:]:
        if step.step not in ("reconcile", "pay", "trouble", "pay_trouble"):
            assert into[step.step] == step.reached
    assert sum(s.timeline.arrived) == 20_000
    assert sum(s.timeline.completed) == s.completed


@pytest.mark.parametrize(
    ("flow", "changes", "words"),
    [
        ([{"name": "a", "type": "decide", "decision": "d", "options": {"x": ""}}], {}, "says nothing on the decision 'd'"),  # noqa: E501
        ([{"name": "a", "type": "grpc"}], {}, "cannot call gRPC"),
        ([{"name": "a", "type": "think"}, {"name": "a", "type": "think"}], {}, "two steps are called 'a'"),
        ([{"name": "a", "type": "think", "when": "effects('b') > 1"}], {}, "no step is called 'b'"),
        ([{"name": "a", "type": "think", "when": "a ="}], {}, "step a: unexpected"),
        ([{"name": "a", "type": "think"}], {"faults": [{"kind": "reorder"}]}, "needs real code"),
        ([{"name": "a", "type": "think"}], {"faults": [{"kind": "timeout", "step": "z"}]}, "no step is called 'z'"),
        ([{"name": "a", "type": "grpc", "model": {}}], {"target": "http"}, "the http target cannot call gRPC"),
        ([{"name": "a", "type": "think", "when": "probe('/x') == 1"}], {}, "people cannot know probe"),
        ([{"name": "a", "type": "wait", "interval_seconds": 0.001, "timeout_seconds": 60}], {}, "would ask 60000 times"),  # noqa: E501
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_with_a_reason(flow, changes, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        compile_plan(simple(flow, **changes))
