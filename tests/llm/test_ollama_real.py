"""A real server with a small random model: what it does is what the code relies on."""

from __future__ import annotations

import json
import threading
import time

import pytest

from tests.llm.real_ollama import bring, running
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.cli.main import main
from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.ollama import OllamaBackend, OllamaServer
from turbulence_app.llm.backends.ollama.context import was_cut
from turbulence_app.llm.backends.ollama.wire import Watch
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.models import ModelRegistry

MODEL = "turbulence-tiny"
SCHEMA = policy_schema(WORKFLOW)
GRAMMAR = to_grammar(SCHEMA)
DENSE = "zq7x" * 1400
"""Text of which each character is a token of the tiny model: twice what the count expects."""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ollama")
    with running(folder, OLLAMA_NUM_PARALLEL="2") as found:
        bring(found, MODEL, write(folder / "tiny.gguf"))
        yield found


@pytest.fixture
def backend(url):
    return OllamaBackend(MODEL, url=url)


def prompt(seconds=120.0, messages=None, seed=7):
    return Prompt(messages or policy_messages(PERSONA, WORKFLOW), SCHEMA, GRAMMAR, seed, seconds)


def test_a_policy_and_the_same_one_again(url, tmp_path):
    with Gateway(registry=ModelRegistry(tmp_path), ollama_url=url) as gateway:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", model=MODEL)
        source = policy.provenance
        assert (source.backend, source.model, source.source) == ("ollama", f"{MODEL}:latest", "model")
        assert len(source.digest) == 64
        assert not any("rules" in note for note in source.notes), source.notes
        again = compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", model=MODEL)
        assert again.provenance.source == "cache"
        assert again.decisions == policy.decisions
    assert json.dumps(policy.plain())


def test_answers_lie_inside_the_schema_and_are_counted(backend):
    for seed, words in enumerate(("waits", "never waits for an answer", "leaves when the page is slow")):
        persona = PERSONA.model_copy(update={"description": f"Somebody who {words}."})
        messages = policy_messages(persona, WORKFLOW)
        done = backend.complete(prompt(messages=messages, seed=seed))
        assert done.finish == "stop"
        found = json.loads(done.text)
        assert list(found) == list(SCHEMA["properties"])
        assert all(0 <= percent <= 100 for d in found["decisions"].values() for percent in d["percent"].values())
        assert done.prompt_tokens > 100
        assert done.answer_tokens > 0
        assert not done.estimated


def test_what_it_has_what_it_runs_and_that_it_lets_go(backend):
    server = backend.server
    assert f"{MODEL}:latest" in {m.name for m in server.models()}
    shown = server.show(MODEL)
    assert (shown.context, shown.remote, shown.thinks, shown.writes) == (8192, False, False, True)
    assert server.version().text
    assert backend.warm(60, context=3000) > 0
    (one,) = (m for m in server.running() if m.name == f"{MODEL}:latest")
    assert (one.context, one.digest) == (4096, backend.digest())
    server.unload(MODEL)
    while any(m.name == f"{MODEL}:latest" for m in server.running()):
        time.sleep(0.05)


def test_a_prompt_that_is_too_long_is_an_error_where_the_server_would_cut_it_in_silence(backend):
    messages = ({"role": "user", "content": DENSE},)
    with pytest.raises(errors.PromptTooLongError, match=r"Ollama: .*context"):
        backend.complete(prompt(messages=messages))
    messages = [{"role": "user", "content": DENSE[:600]}]
    body = {"model": MODEL, "messages": messages, "options": {"num_ctx": 512, "num_predict": 2}}
    *_, last = backend.server.stream("/api/chat", body, Watch(60))
    assert was_cut(last["prompt_eval_count"], 512, refuses=True), "asked politely, it cuts and says 200"


def test_stopped_in_the_middle_and_asked_again(backend):
    ticks = []
    with pytest.raises(CancelledError):
        backend.complete(prompt(), ticks.append, lambda: len(ticks) > 3)
    assert backend.complete(prompt()).finish == "stop"


def test_a_deadline_in_the_middle(backend):
    backend.complete(prompt())
    with pytest.raises(errors.ModelTimeoutError):
        backend.complete(prompt(0.02, seed=1))


def test_two_questions_at_once(backend):
    done = []

    def ask(seed):
        done.append(backend.complete(prompt(seed=seed)))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.finish for one in done] == ["stop", "stop"]


def test_models_that_are_not_here(url):
    with pytest.raises(errors.ModelAbsentError, match="ollama pull not-here"):
        OllamaBackend("not-here", url=url).complete(prompt())
    with pytest.raises(errors.ModelAbsentError, match="not found"):
        OllamaServer(url).show("not-here")
    assert OllamaServer(url).cloud_is_off() in (True, None)


def test_the_command_line_asks_it(url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OLLAMA_URL", url)
    project = tmp_path / "shop"
    assert main(["init", str(project), "--quiet"]) == 0
    common = ["policy", "generate", "--backend", "ollama", "--model", MODEL, "--project", str(project)]
    capsys.readouterr()
    out = tmp_path / "out.yaml"
    assert main([*common, "--mode", "json", "--persona", _persona(project), "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["provenance"]["backend"], found["provenance"]["model"]) == ("ollama", f"{MODEL}:latest")
    assert found["provenance"]["mode"] == "json"
    assert main([*common, "--mode", "logits", "--persona", _persona(project)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("error: ")
    assert "logits" in told[0]
    assert len(told) <= 2, "the error, and how to mend it"


def _persona(project):
    return sorted((project / "personas").glob("*.yaml"))[0].stem
