"""The real llama.cpp in its own process, with a model made here: persona to policy, twice the same; and what breaks."""

from __future__ import annotations

import importlib.util
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_check import validate_policy
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.persona import Persona
from turbulence_app.llm import errors
from turbulence_app.llm.backends import llamacpp
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import Grammar, to_grammar
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.worker.client import Worker

needs_llama = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"
)
LONG = Grammar('root ::= "\\"" char{2000,2000} char{2000,2000} "\\""\nchar ::= [a-z ]\n', 4002)
"""A grammar that keeps a model busy."""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="module")
def slow_model(tmp_path_factory):
    return write(tmp_path_factory.mktemp("model") / "slow.gguf", width=512, layers=6)


@pytest.fixture
def backend(model):
    found = LlamaCppBackend(model, threads=2)
    yield found
    found.close()


@pytest.fixture
def slow(slow_model):
    found = LlamaCppBackend(slow_model, threads=1, context=8192)
    yield found
    found.close()


def prompt(seed=7, seconds=60.0, grammar=None, persona=PERSONA):
    schema = policy_schema(WORKFLOW)
    return Prompt(policy_messages(persona, WORKFLOW), schema, grammar or to_grammar(schema), seed, seconds)


@needs_llama
def test_a_persona_becomes_a_policy_and_again_the_same(model, tmp_path):
    made = []
    for _ in range(2):
        with Gateway(registry=ModelRegistry(tmp_path), threads=2) as gateway:
            events = []
            policy = compile_policy(
                PERSONA, WORKFLOW, gateway=gateway, backend="llamacpp", model=str(model), on_event=events.append
            )
            assert gateway.counters().calls == 1
            assert {e.type for e in events} >= {"log", "progress"}
        made.append(policy)
    first, second = made
    assert validate_policy(first.model_dump(mode="json", by_alias=True), WORKFLOW, PERSONA)[0] is not None
    assert first.provenance.source == "model"
    assert first.provenance.mode == "json"
    assert first.provenance.notes == second.provenance.notes
    assert not any("rules" in note for note in first.provenance.notes)
    assert first.model_copy(update={"provenance": None}) == second.model_copy(update={"provenance": None})


@needs_llama
def test_answers_do_not_depend_on_what_was_asked_before(backend, model):
    other = Persona(id="other", description="Somebody calm who reads everything twice and never hurries.")
    first = backend.complete(prompt()).text
    backend.complete(prompt(persona=other))
    assert backend.complete(prompt()).text == first
    alone = LlamaCppBackend(model, threads=1)
    try:
        assert alone.complete(prompt()).text == first
    finally:
        alone.close()


@needs_llama
def test_the_process_has_no_network_and_says_so(backend):
    backend.complete(prompt())
    assert backend.hello["egress"]["closed"] is True
    if Path("/proc/self/status").exists():
        assert backend.hello["egress"]["level"] in ("seccomp", "netns")
    if backend.hello["egress"]["level"] == "seccomp":
        assert "Seccomp:\t2" in Path(f"/proc/{backend.pid}/status").read_text()


@needs_llama
def test_a_killed_process_is_an_error_and_the_next_question_is_answered(slow):
    slow.complete(prompt(grammar=Grammar('root ::= "{}"\n', 2)))
    pid = slow.pid
    began = threading.Event()

    def kill():
        began.wait(30)
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(errors.ModelCrashError, match="SIGKILL"):
        slow.complete(prompt(grammar=LONG), on_tick=lambda sign: sign > 0 and began.set())
    killer.join()
    assert slow.pid is None
    assert slow.complete(prompt(grammar=Grammar('root ::= "{}"\n', 2))).text == "{}"
    assert slow.pid != pid


@needs_llama
def test_a_deadline_stops_the_model_and_keeps_its_process(slow):
    slow.complete(prompt(grammar=Grammar('root ::= "{}"\n', 2)))
    pid = slow.pid
    with pytest.raises(errors.ModelTimeoutError):
        slow.complete(prompt(grammar=LONG, seconds=0.3))
    assert slow.pid == pid
    assert slow.complete(prompt(grammar=Grammar('root ::= "{}"\n', 2))).text == "{}"


@needs_llama
def test_a_stop_is_heard_in_the_middle_of_the_prompt(slow):
    slow.complete(prompt(grammar=Grammar('root ::= "{}"\n', 2)))
    asked = time.monotonic()
    with pytest.raises(CancelledError):
        slow.complete(prompt(grammar=LONG), should_stop=lambda: time.monotonic() > asked + 0.1)


@needs_llama
def test_a_process_that_hangs_is_killed(slow):
    slow.complete(prompt(grammar=Grammar('root ::= "{}"\n', 2)))
    pid = slow.pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(errors.ModelTimeoutError, match="ended"):
        slow.complete(prompt(grammar=LONG, seconds=0.1))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@needs_llama
def test_a_grammar_that_llama_cpp_refuses_is_an_error_not_a_dead_window(backend):
    with pytest.raises(errors.ModelError):
        backend.complete(prompt(grammar=Grammar("root ::= (((", 10)))
    assert backend.complete(prompt(grammar=Grammar('root ::= "{}"\n', 2))).text == "{}"


@needs_llama
def test_a_prompt_that_does_not_fit_is_refused_not_cut(model):
    small = LlamaCppBackend(model, context=512)
    try:
        with pytest.raises(errors.PromptTooLongError, match="512"):
            small.complete(prompt())
    finally:
        small.close()


@needs_llama
def test_the_worker_survives_nonsense_and_ends_when_its_parent_is_gone():
    worker = Worker()
    with pytest.raises(errors.ModelError, match="unknown request"):
        worker.request("dance", "danced", 5.0)
    with pytest.raises(errors.ModelError, match="no model"):
        worker.request("generate", "done", 5.0, messages=[], grammar="", max_chars=1, seed=1)
    process = worker._child.process
    assert process.stdin
    process.stdin.close()
    assert process.wait(timeout=10) == 0
    worker.close()


@needs_llama
@pytest.mark.parametrize("kind", ["missing", "text", "cut", "header only", "hostile"])
def test_bad_files_are_refused_in_one_line(kind, model, tmp_path):
    path, good = tmp_path / "bad.gguf", model.read_bytes()
    content = {
        "text": b"hello " * 1000,
        "cut": good[:-5000],
        "header only": good[:24],
        "hostile": good[:8] + b"\xff" * 16 + good[24:],
    }
    if kind in content:
        path.write_bytes(content[kind])
    with pytest.raises(errors.ModelFileError) as caught:
        LlamaCppBackend(path).complete(prompt())
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_the_extra_the_mend_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(llamacpp, "installed", lambda: False)
    with (
        Gateway(registry=ModelRegistry(tmp_path)) as gateway,
        pytest.raises(errors.ModelAbsentError, match="pip install"),
    ):
        compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="llamacpp", model="x.gguf")


@needs_llama
def test_a_name_that_is_not_on_the_list(tmp_path):
    with Gateway(registry=ModelRegistry(tmp_path)) as gateway:
        with pytest.raises(errors.ModelAbsentError, match="models add"):
            compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="llamacpp")
        with pytest.raises(InputError, match="phi"):
            compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="llamacpp", model="phi")
