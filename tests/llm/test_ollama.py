"""Ollama's protocol and its failures on a stub; and a real server with the tiny model where one can be found."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.llm.sampler import Gbnf
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.stub_ollama import MODEL, dripping, says, serving
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.ollama import OllamaBackend, check_host
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.models import ModelRegistry

SCHEMA = policy_schema(WORKFLOW)
GRAMMAR = to_grammar(SCHEMA)
GOOD = Gbnf(GRAMMAR.text).draw(random.Random(3))


def prompt(seconds=20.0):
    return Prompt(policy_messages(PERSONA, WORKFLOW), SCHEMA, GRAMMAR, 7, seconds)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name in ("OLLAMA_URL", "OLLAMA_HOST", "OLLAMA_MODEL"):
        monkeypatch.delenv(name, raising=False)


def test_what_is_sent_and_what_comes_back(monkeypatch):
    monkeypatch.setenv("OLLAMA_API_KEY", "secret")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(lambda _: says(GOOD, prompt_eval_count=900)) as server:
        backend, ticks = OllamaBackend(url=server.url), []
        done = backend.complete(prompt(), ticks.append)
        assert (done.text, done.finish) == (GOOD, "stop")
        assert ticks[-1] == len(GOOD)
        assert (backend.model, backend.digest(), backend.version()) == ("tiny:latest", "d" * 64, "ollama 0.0-stub; t0")
        body = dict(server.requests)["/api/chat"]
        assert body["format"] == SCHEMA
        assert body["options"] == {
            "seed": 7,
            "temperature": 0,
            "num_ctx": 2048,
            "num_predict": 2 * GRAMMAR.max_chars,
        }
        assert "think" not in body
        assert all("authorization" not in {k.lower() for k in headers} for headers in server.headers)


def test_a_thinking_model_is_told_not_to():
    with serving(lambda _: says(GOOD)) as server:
        server.show = {**server.show, "capabilities": ["completion", "thinking"]}
        OllamaBackend(url=server.url).complete(prompt())
        assert dict(server.requests)["/api/chat"]["think"] is False


THOUGHT = [{"message": {"content": "", "thinking": "hm"}, "done": True, "done_reason": "stop"}]
FAILURES = {
    "model missing": (lambda _: (404, {"error": "model not found"}), errors.ModelAbsentError, "not found"),
    "busy": (lambda _: (503, {"error": "maximum pending requests exceeded"}), errors.ModelBusyError, "pending"),
    "server error": (lambda _: (500, {"error": "out of memory"}), errors.ModelError, "out of memory"),
    "odd error": (lambda _: (500, b"\xff<html>"), errors.ModelError, "500"),
    "garbage": (lambda _: iter([b"<html>\n"]), errors.ModelGarbageError, "not JSON"),
    "deep garbage": (lambda _: iter([b"[" * 100_000 + b"\n"]), errors.ModelGarbageError, "not JSON"),
    "not an object": (lambda _: iter([b"[1]\n"]), errors.ModelGarbageError, "not an object"),
    "no message": (lambda _: iter([{"done": True}]), errors.ModelGarbageError, "without a message"),
    "error inside": (lambda _: iter([{"error": "runner died"}]), errors.ModelError, "runner died"),
    "only thinking": (lambda _: iter(THOUGHT), errors.ModelGarbageError, "thought aloud"),
    "empty": (lambda _: says(""), errors.ModelGarbageError, "said nothing"),
    "broken off": (lambda _: list(says(GOOD))[:2], errors.ModelGarbageError, "broke off"),
    "endless": (lambda _: says("x" * 100_000), errors.ModelGarbageError, "does not stop"),
    "oversized": (lambda _: dripping(b" " * 500_000, 0), errors.ModelGarbageError, "more than an answer"),
    "prompt cut": (lambda _: says(GOOD, prompt_eval_count=2048), errors.PromptTooLongError, "filled"),
    "redirect": (lambda _: (302, {"error": "elsewhere"}), errors.ModelError, "302"),
}


@pytest.mark.parametrize("what", FAILURES)
def test_failures_are_typed(what):
    chat, kind, words = FAILURES[what]
    with serving(chat) as server, pytest.raises(kind, match=words) as caught:
        OllamaBackend(url=server.url).complete(prompt())
    assert type(caught.value) is kind
    assert caught.value.exit_status == 3


@pytest.mark.parametrize("chat", [lambda _: dripping(b" ", 0.02), lambda _: (time.sleep(1.2), says(GOOD))[1]])
def test_a_deadline_holds_for_a_slow_and_for_a_dripping_server(chat):
    with serving(chat) as server, pytest.raises(errors.ModelTimeoutError):
        OllamaBackend(url=server.url).complete(prompt(0.4))


def test_a_stop_is_heard():
    with serving(lambda _: dripping(b" ", 0.01)) as server, pytest.raises(CancelledError):
        OllamaBackend(url=server.url).complete(prompt(), should_stop=lambda: True)


def test_nobody_there(free_port):
    with pytest.raises(errors.ModelAbsentError, match="ollama serve"):
        OllamaBackend(url=f"http://127.0.0.1:{free_port}").complete(prompt())


def test_a_prompt_that_cannot_fit_is_refused_before():
    with serving(lambda _: says(GOOD)) as server:
        server.show = {**server.show, "model_info": {"llama.context_length": 512}}
        with pytest.raises(errors.PromptTooLongError, match="512"):
            OllamaBackend(url=server.url).complete(prompt())
        assert "/api/chat" not in dict(server.requests)


def test_clouds_are_refused():
    with serving(lambda _: says(GOOD)) as server:
        with pytest.raises(errors.ModelRefusedError, match="cloud"):
            OllamaBackend("gpt-oss:120b-cloud", url=server.url).complete(prompt())
        server.models = [{**MODEL, "remote_host": "https://example.com"}]
        with pytest.raises(errors.ModelAbsentError, match="no model"):
            OllamaBackend(url=server.url).complete(prompt())
        server.models, server.show = [MODEL], {**server.show, "remote_model": "big"}
        with pytest.raises(errors.ModelRefusedError, match="cloud"):
            OllamaBackend(url=server.url).complete(prompt())
        assert "/api/chat" not in dict(server.requests)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1:11434", "http://ollama.example", "http://0.0.0.0:1", "https://[::2]"]
)
def test_other_machines_are_refused_unless_listed(url):
    with pytest.raises(errors.ModelRefusedError):
        check_host(url)
    assert check_host(url, [httpx.URL(url).host])


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://", "http://u:p@127.0.0.1", "http://127.0.0.1/x?y", "x"])
def test_what_is_no_address_is_an_input_error(url):
    with pytest.raises(InputError):
        check_host(url)


@pytest.fixture
def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _binary() -> str | None:
    go = shutil.which("go") or "/usr/local/go/bin/go"
    places = [shutil.which("ollama")]
    with contextlib.suppress(OSError):
        done = subprocess.run([go, "env", "GOPATH"], capture_output=True, text=True, timeout=20, check=False)
        places.append(str(Path(done.stdout.strip()) / "bin" / "ollama"))
    return next((p for p in places if p and Path(p).is_file()), None)


@pytest.fixture(scope="module")
def real_server(tmp_path_factory):
    """The address of a real server: the one in TURBULENCE_OLLAMA, or one started here with a folder of its own."""
    if given := os.environ.get("TURBULENCE_OLLAMA"):
        yield given
        return
    binary = _binary()
    if not binary:
        pytest.skip("no Ollama here: set TURBULENCE_OLLAMA to a server's address or put an ollama binary on the PATH")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{found.getsockname()[1]}"
    folder = tmp_path_factory.mktemp("ollama")
    env = {**os.environ, "OLLAMA_HOST": address, "OLLAMA_MODELS": str(folder), "OLLAMA_NO_CLOUD": "1"}
    env |= {"HOME": str(folder), "OLLAMA_NOPRUNE": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([binary, "serve"], env=env, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://{address}", trust_env=False, timeout=5) as client:
            for _ in range(200):
                with contextlib.suppress(httpx.HTTPError):
                    client.get("/api/version")
                    break
                time.sleep(0.1)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_policy_from_a_real_server(real_server, tmp_path):
    path = write(tmp_path / "tiny.gguf")
    digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    with httpx.Client(base_url=real_server, trust_env=False, timeout=60) as client:
        client.post(f"/api/blobs/{digest}", content=path.read_bytes()).raise_for_status()
        body = {
            "model": "turbulence-tiny",
            "files": {"tiny.gguf": digest},
            "stream": False,
            "parameters": {"num_thread": 1},
        }
        body["template"] = "{{ range .Messages }}<|{{ .Role }}|>\n{{ .Content }}<|end|>\n{{ end }}<|assistant|>\n"
        client.post("/api/create", json=body).raise_for_status()
    with Gateway(registry=ModelRegistry(tmp_path / "home"), ollama_url=real_server) as gateway:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", model="turbulence-tiny")
        assert policy.provenance.backend == "ollama"
        assert policy.provenance.model == "turbulence-tiny:latest"
        assert len(policy.provenance.digest) == 64
        assert policy.provenance.source == "model"
        assert not any("rules" in note for note in policy.provenance.notes), policy.provenance.notes
        again = compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", model="turbulence-tiny")
        assert again.provenance.source == "cache"
        assert again.decisions == policy.decisions
        with pytest.raises(errors.ModelAbsentError, match="ollama pull"):
            compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", model="not-here")
    assert json.dumps(policy.plain())
