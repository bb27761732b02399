"""Every way in which a model can fail, through the gateway: an end within the budget, typed or with its reason."""

from __future__ import annotations

import random
import threading
from dataclasses import replace

import pytest

from tests.llm.scripted import GOOD, Clock, Scripted, gateway, raising, slow, task
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Completion
from turbulence_app.llm.settings import GatewaySettings

BUDGET_MS = 2000
FAULTS = {
    "slow": (lambda clock: slow(clock, 3600), "timeout"),
    "endless": (lambda clock: slow(clock, float("inf")), "timeout"),
    "dying": (lambda _: raising(errors.ModelCrashError("the process ended by signal 11")), "crash"),
    "broken": (lambda _: raising(errors.ModelBrokenError("connection reset")), "broken"),
    "garbage": (lambda _: raising(errors.ModelGarbageError("not the protocol")), "garbage"),
    "absent": (lambda _: raising(errors.ModelAbsentError("not here")), "absent"),
    "refusing": (lambda _: raising(errors.ModelRefusedError("a cloud model")), "refused"),
    "busy": (lambda _: raising(errors.ModelBusyError("too much to do")), "busy"),
    "too long": (lambda _: raising(errors.PromptTooLongError("does not fit")), "prompt_too_long"),
}
INVALID = {
    "nonsense": "I am sorry, I cannot do that.",
    "oversized": "[" + "1," * 60_000,
    "deep": "[" * 5000,
    "wrong": '{"n": 1000}',
    "alien": '{"n": 1, "directive": "rm"}',
    "empty": "",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_named_backend_that_fails_ends_typed_and_in_time(fault):
    clock = Clock()
    script, reason = FAULTS[fault]
    model = Scripted(script(clock))
    with gateway(model, clock=clock) as found:
        began = clock.now
        with pytest.raises(errors.ModelError) as caught:
            found.answer(task(), backend="llamacpp", budget_ms=BUDGET_MS)
        assert caught.value.reason == reason
        assert clock.now - began <= BUDGET_MS / 1000
        tries = 3 if caught.value.transient and reason != "timeout" else 1
        assert len(model.asked) == tries
        counters = found.counters()
        assert (counters.requests, counters.misses, counters.ended) == (1, 1, 1)
        assert counters.retries == tries - 1
        (row,) = found.telemetry.recent()
        assert (row["error"], row["calls"], row["source"]) == (reason, tries, "")


@pytest.mark.parametrize("fault", FAULTS)
def test_auto_falls_to_the_rules_in_time_and_says_why(fault):
    clock = Clock()
    script, reason = FAULTS[fault]
    with gateway(Scripted(script(clock)), clock=clock) as found:
        began = clock.now
        answer = found.answer(task(), budget_ms=BUDGET_MS)
        assert clock.now - began <= BUDGET_MS / 1000
        assert (answer.source, answer.document) == ("rules", {"n": 0})
        assert answer.notes[0].startswith(f"llamacpp failed ({reason}): ")
        stages = [(step.stage, step.backend, step.outcome, step.code) for step in answer.chain]
        assert stages[0] == ("cache", "llamacpp", "miss", "")
        assert stages[1] == ("model", "llamacpp", "failed", reason)
        assert stages[-1] == ("fallback", "rules", "answered", "")
        (row,) = found.telemetry.recent()
        assert (row["fallbacks"], row["source"], row["id"]) == ([reason], "rules", answer.request)


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_what_is_no_answer_is_repaired_once_and_then_replaced(text):
    model = Scripted(lambda prompt: text)
    with gateway(model) as found:
        answer = found.answer(task(), backend="llamacpp", budget_ms=BUDGET_MS)
        assert len(model.asked) == 2
        assert answer.document == {"n": 0}
        assert answer.notes[0].startswith("invalid answer")
        assert [(s.stage, s.outcome) for s in answer.chain] == [
            ("cache", "miss"),
            ("model", "invalid"),
            ("repair", "invalid"),
            ("fallback", "answered"),
        ]
        assert found.answer(task(), backend="llamacpp").source == "model", "what the rules mended is not kept"
        assert found.guard.breakers.states()[0]["failures"] == 0, "an invalid answer says nothing about health"


def test_an_answer_that_was_cut_off_is_not_kept():
    said = [Completion(GOOD, "length"), Completion(GOOD, "stop")]
    with gateway(Scripted(lambda prompt: said.pop(0))) as found:
        answer = found.answer(task(), backend="llamacpp")
        assert [(s.stage, s.outcome) for s in answer.chain][1:] == [("model", "invalid"), ("repair", "answered")]
        assert found.telemetry.recent()[0]["source"] == "repaired"


def test_a_passing_trouble_is_tried_again_and_noted():
    said = [errors.ModelBusyError("busy"), errors.ModelBrokenError("reset"), GOOD]

    def script(prompt):
        one = said.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    clock = Clock()
    with gateway(Scripted(script), clock=clock, rng=random.Random(5)) as found:
        answer = found.answer(task(), backend="llamacpp")
        assert answer.document == {"n": 7}
        assert answer.notes == ("tried again (busy)", "tried again (broken)")
        assert [(s.outcome, s.code) for s in answer.chain[1:]] == [
            ("failed", "busy"),
            ("failed", "broken"),
            ("answered", ""),
        ]
        assert found.counters().retries == 2
        assert 0 < clock.now - 1000 <= 0.15
        assert (answer.tokens_in, answer.tokens_out) == (30, 5)


def test_the_budget_is_one_point_in_time_for_tries_pauses_and_repair():
    clock, given = Clock(), []

    def script(prompt):
        given.append((clock.now - 1000, prompt.seconds))
        clock.now += 0.4
        if len(given) == 1:
            raise errors.ModelBusyError("busy")
        return "no answer"

    with gateway(Scripted(script), clock=clock) as found:
        found.answer(task(), backend="llamacpp", budget_ms=BUDGET_MS)
    assert len(given) == 3
    for at, seconds in given:
        assert at + seconds == pytest.approx(BUDGET_MS / 1000, abs=0.01)


def test_a_server_that_asks_for_more_patience_than_there_is_ends_at_once():
    error = errors.ModelBusyError("busy")
    error.retry_after = 60.0
    clock = Clock()
    with gateway(Scripted(raising(error)), clock=clock) as found, pytest.raises(errors.ModelBusyError):
        found.answer(task(), backend="llamacpp", budget_ms=BUDGET_MS)
    assert clock.now == 1000


def test_a_model_that_keeps_failing_is_left_alone_and_tried_again_later():
    clock = Clock()
    health = {"ok": False}

    def script(prompt):
        if health["ok"]:
            return GOOD
        raise errors.ModelCrashError("dead")

    model = Scripted(script)
    settings = GatewaySettings(retries=0, breaker_threshold=3)
    with gateway(model, clock=clock, settings=settings) as found:
        for number in range(3):
            assert found.answer(task(str(number))).notes[0].startswith("llamacpp failed (crash)")
        assert len(model.asked) == 3
        answer = found.answer(task("3"))
        assert answer.notes[0].startswith("llamacpp failed (breaker_open)")
        assert ("model", "skipped", "breaker_open") in [(s.stage, s.outcome, s.code) for s in answer.chain]
        with pytest.raises(errors.BreakerOpenError):
            found.answer(task("3"), backend="llamacpp")
        assert len(model.asked) == 3
        assert found.state()["breakers"][0]["state"] == "open"
        clock.now += 11
        health["ok"] = True
        assert found.answer(task("3")).document == {"n": 7}
        assert found.state()["breakers"][0]["state"] == "closed"


def test_timeouts_count_for_the_breaker_and_stops_do_not():
    clock = Clock()
    settings = GatewaySettings(retries=0, breaker_threshold=2)
    with gateway(Scripted(slow(clock, 3600)), clock=clock, settings=settings) as found:
        for number in range(2):
            found.answer(task(str(number)), budget_ms=100)
        assert found.state()["breakers"][0]["state"] == "open"
    with gateway(Scripted(raising(CancelledError("stopped"))), settings=settings) as found:
        for _ in range(5):
            with pytest.raises(CancelledError):
                found.answer(task())
        assert found.state()["breakers"][0]["state"] == "closed"
        assert found.telemetry.recent()[0]["error"] == "cancelled"
        assert found.counters().ended == found.counters().requests == 5


def test_no_time_at_all_is_a_typed_end_or_the_rules():
    clock = Clock()
    model = Scripted(lambda prompt: GOOD)
    with gateway(model, clock=clock) as found:
        with pytest.raises(errors.BudgetError):
            found.answer(task(), backend="llamacpp", budget_ms=0)
        assert found.answer(task(), budget_ms=0).source == "rules"
    assert not model.asked


def test_the_rules_answer_although_an_equal_question_is_with_them_and_no_time_is_left():
    """Nobody waits for rules: a request without time that finds somebody else at them would end without an answer."""
    inside, go, answers = threading.Event(), threading.Event(), []

    def held(backend):
        inside.set()
        go.wait(20)
        return {"n": 0}

    with gateway() as found:
        first = threading.Thread(target=lambda: found.answer(replace(task(), document=held)))
        first.start()
        inside.wait(20)
        answers.append(found.answer(task(), budget_ms=0))
        go.set()
        first.join()
    assert answers[0].source == "rules"


def test_a_better_backend_that_fails_is_followed_by_the_next():
    first, second = Scripted(raising(errors.ModelCrashError("dead"))), Scripted(lambda p: GOOD, name="ollama")
    with gateway(first, second, settings=GatewaySettings(retries=0)) as found:
        answer = found.answer(task())
        assert (answer.backend, answer.source) == ("ollama", "model")
        assert [s.stage for s in answer.chain] == ["cache", "model", "cache", "fallback"]
        again = found.answer(task())
        assert again.source == "cache"
        assert again.notes[0].startswith("llamacpp failed (crash)")


def test_requests_run_at_once_where_the_backend_can_and_wait_where_it_cannot():
    for parallel in (1, 3):
        gate = threading.Barrier(parallel)
        model = Scripted(lambda prompt, gate=gate: (gate.wait(20), GOOD)[1], parallel=parallel)
        with gateway(model, clock=__import__("time").monotonic) as found:
            threads = [
                threading.Thread(target=lambda n=n, found=found: found.answer(task(str(n)), backend="llamacpp"))
                for n in range(3)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert model.most_at_once == parallel
            assert found.state()["queues"][0] == {
                "backend": "llamacpp",
                "digest": "digest of m",
                "waiting": 0,
                "running": 0,
                "parallel": parallel,
            }


def test_an_error_of_the_input_is_no_reason_to_try_the_next():
    with gateway(Scripted(raising(InputError("no options")))) as found, pytest.raises(InputError):
        found.answer(task())


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [
        ("LLM_TIMEOUT_MS", "1500", "budget_ms"),
        ("LLM_RETRY_MAX", "0", "retries"),
        ("LLM_BREAKER_THRESHOLD", "9", "breaker_threshold"),
    ],
)
def test_the_environment_stands_above_the_project(monkeypatch, variable, value, field):
    monkeypatch.setenv(variable, value)
    with gateway(settings=GatewaySettings(budget_ms=10, retries=7, breaker_threshold=2)) as found:
        assert getattr(found.settings, field) == int(value)
    for wrong in ("-1", "x", "9" * 30, "1.5", "٣"):
        monkeypatch.setenv(variable, wrong)
        with pytest.raises(InputError, match=variable):
            gateway()
