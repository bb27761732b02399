"""Policies out of a real model's probabilities: the real llama.cpp in its process, a model made here."""

from __future__ import annotations

import importlib.util
import math
import time

import pytest

from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.test_gateway import Kept
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_check import validate_policy
from turbulence_app.assist.policy_poll import policy_poll
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Question
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend
from turbulence_app.llm.elicit import logits
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.models import ModelRegistry

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"
)
POLL = policy_poll(PERSONA, WORKFLOW)
ABOUT = POLL.about(POLL.description)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture
def backend(model):
    found = LlamaCppBackend(model, threads=2)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests(monkeypatch, tmp_path):
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    logits.PRIORS.clear()


def score(backend, questions=ABOUT, seconds=60.0, **more):
    return backend.score(questions, POLL.stem, seconds, **more)


def compiled(gateway, model, persona=PERSONA, **more):
    return compile_policy(
        persona, WORKFLOW, gateway=gateway, backend="llamacpp", model=str(model), mode="logits", **more
    )


def test_the_same_numbers_again_in_another_process_and_with_other_threads(backend, model):
    first = score(backend)
    assert all(math.fsum(map(math.exp, row)) == pytest.approx(1) for row in first.shares)
    score(backend, POLL.about("Somebody else, who never hurries and reads everything twice."))
    again = score(backend)
    assert again.shares == first.shares
    assert (first.kept, again.kept) == (0, first.tokens - again.tokens)
    assert again.kept > 10
    alone = LlamaCppBackend(model, threads=1, context=2048)
    try:
        assert score(alone).shares == first.shares
    finally:
        alone.close()


def test_what_is_asked_together_is_answered_as_if_asked_alone(backend):
    together = score(backend).shares
    for number in (0, 3, len(ABOUT) - 1):
        (alone,) = score(backend, ABOUT[number : number + 1]).shares
        assert alone == pytest.approx(together[number], abs=1e-3)


def test_the_order_in_which_answers_are_given_does_not_matter(backend):
    turned = tuple(Question(q.messages, q.answers[::-1], q.whole) for q in ABOUT)
    for straight, back in zip(score(backend).shares, score(backend, turned).shares, strict=True):
        assert back[::-1] == pytest.approx(straight, abs=1e-3)


def test_more_questions_than_one_batch_holds(backend):
    texts = [f"Somebody who waits {n} seconds and then leaves the shop." for n in range(12)]
    many = tuple(q for text in texts for q in POLL.about(text))
    found = score(backend, many)
    assert len(found.shares) == len(many)
    assert found.tokens > 1024
    for row, alone in zip(found.shares, score(backend, POLL.about(texts[0])).shares, strict=False):
        assert row == pytest.approx(alone, abs=1e-3)


def test_a_policy_is_valid_and_again_the_same(model, tmp_path):
    made, events = [], []
    for threads in (1, 2):
        logits.PRIORS.clear()
        with Gateway(registry=ModelRegistry(tmp_path), threads=threads) as gateway:
            made.append(compiled(gateway, model, on_event=events.append))
    first, second = made
    assert first.model_copy(update={"provenance": None}) == second.model_copy(update={"provenance": None})
    assert validate_policy(first.model_dump(mode="json", by_alias=True), WORKFLOW, PERSONA)[0] is not None
    assert (first.provenance.mode, first.provenance.source, first.provenance.notes) == ("logits", "model", ())
    for decision in first.decisions.values():
        assert math.fsum(decision.options.values()) == pytest.approx(1, abs=1e-3)
    assert "comparing answers" in {e.what for e in events if e.type == "progress"}


def test_what_nobody_in_particular_does_is_asked_once_per_workflow(model, tmp_path):
    with Gateway(registry=ModelRegistry(tmp_path), threads=2) as gateway:
        compiled(gateway, model)
        first = gateway.counters().calls
        other = PERSONA.model_copy(update={"id": "other", "description": "Somebody calm. Reads everything twice."})
        compiled(gateway, model, other)
        assert gateway.counters().calls - first == first - 1


def test_evidence_is_only_looked_for_where_there_is_time(backend):
    class Slow:
        def score(self, *args):
            found = backend.score(*args)
            return type(found)(found.shares, found.tokens, found.kept, score_ms=1e9)

    class Call:
        task = type("Task", (), {"poll": staticmethod(lambda: POLL), "check": staticmethod(logits.Checked)})
        should_stop = kept = None
        left, count, tick = (lambda _: 60.0), (lambda *_: None), (lambda *_: None)

    checked, own = logits.ask(Slow(), "slow", Call())
    assert own
    assert "evidence was not looked for" in checked.notes[0]
    said = {path for path, quote in checked.document["evidence"].items() if quote}
    assert said == {"retries.default"}, "what is stated needs no looking for"
    checked, _ = logits.ask(backend, "fast", Call())
    assert {path for path, quote in checked.document["evidence"].items() if quote} > said


def test_a_deadline_and_a_stop_end_it_and_the_next_is_answered(tmp_path):
    slow = LlamaCppBackend(write(tmp_path / "slow.gguf", width=512, layers=6), threads=1)
    try:
        expected = score(slow, ABOUT[:1]).shares
        many = tuple(q for n in range(12) for q in POLL.about(f"Somebody of {n} years who is very patient."))
        asked = time.monotonic()
        with pytest.raises(CancelledError):
            score(slow, many, should_stop=lambda: time.monotonic() > asked + 0.05)
        with pytest.raises(errors.ModelTimeoutError):
            score(slow, many, seconds=0.1)
        assert score(slow, ABOUT[:1]).shares == expected
    finally:
        slow.close()


def test_what_does_not_fit_is_refused_not_cut(model):
    small = LlamaCppBackend(model, context=256)
    try:
        with pytest.raises(errors.PromptTooLongError, match="256"):
            score(small, POLL.about("Somebody who waits. " * 80))
    finally:
        small.close()


def test_ollama_has_no_such_mode_and_says_what_has():
    with Gateway() as gateway, pytest.raises(InputError, match="--backend llamacpp"):
        compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", mode="logits")


def test_what_nobody_in_particular_does_is_kept_on_disk(model, tmp_path):
    store, calls = Kept(), []
    for who in ("Somebody calm.", "Somebody in a hurry.", "Somebody sad."):
        logits.PRIORS.clear()
        if len(calls) == 2:
            (key,) = [key for key, text in store.items() if text.startswith("[[")]
            store[key] = "[[0.5]]"
        with Gateway(store, registry=ModelRegistry(tmp_path), threads=2) as gateway:
            compiled(gateway, model, PERSONA.model_copy(update={"description": who}))
            calls.append(gateway.counters().calls)
    assert calls[1] == calls[0] - 1
    assert calls[2] == calls[0], "what was damaged is asked again"
