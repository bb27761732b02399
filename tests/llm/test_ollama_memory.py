"""What a server has in memory, unloading, and downloads that the user agreed to: use cases, commands, operations."""

from __future__ import annotations

import json
import random
import threading

import pytest
from pydantic import ValidationError

from tests.llm.sampler import Gbnf
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.stub_ollama import MODEL, dripping, says, serving
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.cli.main import main
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.project import ModelDefaults
from turbulence_app.llm import errors
from turbulence_app.llm.backends.ollama import Consent, OllamaServer, OllamaSettings, pull, source_of
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.privacy import egress
from turbulence_app.service.gateways import settings_of
from turbulence_app.service.ollama import permit
from turbulence_app.service.ops import TABLE, Operations
from turbulence_app.service.policies import gateway_for
from turbulence_app.service.worker import Job

GRAMMAR = to_grammar(policy_schema(WORKFLOW))
LOADED = [
    {**MODEL, "size": 2_000_000_000, "size_vram": 1_000_000_000, "context_length": 4096,
     "expires_at": "2318-01-01T00:00:00.123456789Z"},
    {**MODEL, "name": "other:1b", "size": 5, "expires_at": "2001-01-01T00:00:00Z"},
    {**MODEL, "name": "third:1b", "expires_at": 3},
]  # fmt: skip
LAYERS = [
    {"status": "pulling manifest"},
    {"status": "pulling aa", "digest": "sha256:aa", "total": 100, "completed": 40},
    {"status": "pulling aa", "digest": "sha256:aa", "total": 100, "completed": 100},
    {"status": "pulling bb", "digest": "sha256:bb", "total": 50},
    {"status": "pulling bb", "digest": "sha256:bb", "total": 50, "completed": 9_999},
    {"status": "verifying sha256 digest"},
    {"status": "success"},
]


@pytest.fixture
def server(monkeypatch):
    with serving(lambda _: says("{}")) as found:
        monkeypatch.setenv("OLLAMA_URL", found.url)
        yield found


def asked(server):
    return [path for path, _ in server.requests]


# ---- downloads


@pytest.mark.parametrize(("name", "source"), [
    ("phi3", "registry.ollama.ai"), ("phi3:mini", "registry.ollama.ai"), ("someone/phi3:mini", "registry.ollama.ai"),
    ("hf.co/someone/model:Q4", "hf.co"), ("box:5000/someone/model", "box:5000"), ("host/someone/model", "host"),
])  # fmt: skip
def test_from_where_a_model_would_come(name, source):
    assert source_of(name) == source


@pytest.mark.parametrize("name", ["", "-x", "a b", "http://x/y", "x\ny", "x" * 300, "x:y:z", "../x", "é"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(InputError):
        source_of(name)


def test_a_cloud_model_is_not_fetched(server):
    with pytest.raises(errors.ModelRefusedError):
        source_of("gpt-oss:120b-cloud")
    assert main(["models", "pull", "gpt-oss:120b-cloud", "--let-ollama-download"]) == 3
    assert asked(server) == []


def test_a_download_is_counted_over_its_layers_and_noted(server):
    server.pulling = LAYERS
    seen, notes, times = [], [], iter(range(100))
    consent = Consent("tiny", "registry.ollama.ai")
    done = pull(
        OllamaServer(server.url), consent, seen.append, lambda *note: notes.append(note), clock=lambda: next(times)
    )
    assert [(p.done, p.total) for p in seen] == [(0, 0), (40, 100), (100, 100), (100, 150), *[(150, 150)] * 3]
    assert seen[1].rate == 0, "what was there before is no speed"
    assert seen[2].rate > 0
    assert seen[3].eta_s == pytest.approx(50 / seen[3].rate)
    assert done.status == "success"
    assert [kind for kind, _ in notes] == ["ollama pull"]
    assert "registry.ollama.ai" in notes[0][1]
    assert dict(server.requests)["/api/pull"] == {"model": "tiny", "stream": True}


def test_nothing_is_fetched_on_another_hosts_consent(server):
    with pytest.raises(InputError, match=r"comes from hf\.co"):
        pull(OllamaServer(server.url), Consent("hf.co/a/b", "registry.ollama.ai"), print, lambda *_: None)
    assert asked(server) == []


@pytest.mark.parametrize(("parts", "kind"), [
    ([{"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}], errors.ModelBrokenError),
    ([{"status": "pulling manifest"}], errors.ModelBrokenError),
    ([b"<html>\n"], errors.ModelGarbageError),
])  # fmt: skip
def test_a_download_that_fails_says_so(server, parts, kind):
    server.pulling = parts
    with pytest.raises(kind):
        pull(OllamaServer(server.url), Consent("tiny", "registry.ollama.ai"), lambda _: None, lambda *_: None)


def test_a_download_is_stopped(server):
    server.pulling = dripping(json.dumps(LAYERS[1]).encode() + b"\n", 0.01)
    seen = []
    with pytest.raises(CancelledError):
        pull(
            OllamaServer(server.url),
            Consent("tiny", "registry.ollama.ai"),
            seen.append,
            lambda *_: None,
            lambda: len(seen) > 5,
        )


def test_the_command_asks_first(server, capsys):
    server.pulling = LAYERS
    assert main(["models", "pull", "tiny"]) == 2
    told = capsys.readouterr().err
    assert "registry.ollama.ai" in told
    assert "models pull tiny --let-ollama-download" in told
    assert asked(server) == []
    assert main(["models", "pull", "tiny", "--let-ollama-download", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"model": "tiny", "source": "registry.ollama.ai", "bytes": 150}


def test_a_model_that_turns_out_to_run_elsewhere_is_refused(server, capsys):
    server.pulling, server.show = LAYERS, {**server.show, "remote_host": "https://ollama.com"}
    assert main(["models", "pull", "tiny", "--let-ollama-download"]) == 3
    assert "cloud" in capsys.readouterr().err


def test_the_window_pulls_with_the_host_that_it_named(server, tmp_path):
    server.pulling = LAYERS
    ops, events = Operations(tmp_path), []
    job = Job(1, "ollama_pull", {}, send=events.append)
    named = ops.handle("ollama_source", {"model": "tiny"}, job)
    with pytest.raises(InputError):
        ops.handle("ollama_pull", {"model": "tiny", "from_host": "hf.co"}, job)
    done = ops.handle("ollama_pull", {"model": "tiny", "from_host": named["source"]}, job)
    assert done["bytes"] == 150
    last = [e["event"] for e in events if e["event"]["type"] == "progress"][-1]
    assert (last["unit"], last["done"], last["total"]) == ("bytes", 150, 150)
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        ops.handle("ollama_pull", {"model": "tiny", "from_host": named["source"]}, Job(2, "x", {}, stop=stop))
    ops.close()


# ---- memory


def test_what_is_in_memory(server, capsys):
    server.running = LOADED
    assert main(["models", "ps"]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert "tiny:latest  2.0 GB, on a GPU: 50.0 %, context 4,096, stays" in first
    assert second.endswith("leaving")
    assert third.startswith("third:1b")
    assert main(["models", "ps", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["running"][0]["context"] == 4096
    server.running = []
    assert main(["models", "ps"]) == 0
    assert "nothing is loaded" in capsys.readouterr().out


def test_loading_before_it_is_needed(server, tmp_path, capsys):
    assert main(["models", "load", "tiny", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "tiny:latest"
    body = dict(server.requests)["/api/chat"]
    assert (body["messages"], body["keep_alive"], body["options"]) == ([], "10m", {"num_ctx": 4096})
    assert main(["models", "load", "nothing"]) == 3
    ops = Operations(tmp_path)
    assert ops.handle("ollama_load", {}, Job(1, "x", {}))["model"] == "tiny:latest"
    ops.close()


def test_unloading_one_and_all(server, capsys):
    server.running = LOADED
    assert main(["models", "unload", "nothing"]) == 2
    assert "not in the server's memory" in capsys.readouterr().err
    assert main(["models", "unload", "tiny"]) == 0
    assert [m["name"] for m in server.running] == ["other:1b", "third:1b"]
    capsys.readouterr()
    assert main(["models", "unload", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"unloaded": ["other:1b", "third:1b"]}
    assert server.running == []
    assert dict(server.requests)["/api/chat"]["keep_alive"] == 0


def test_the_window_sees_and_unloads(server, tmp_path):
    server.running, ops, job = LOADED, Operations(tmp_path), Job(1, "x", {})
    assert len(ops.handle("ollama_ps", {}, job)["running"]) == 3
    assert ops.handle("ollama_unload", {"model": "tiny"}, job) == {"unloaded": ["tiny:latest"]}
    assert ops.handle("ollama_unload", {}, job) == {"unloaded": ["other:1b", "third:1b"]}
    assert {"ollama_ps", "ollama_pull", "ollama_unload", "ollama_source"} <= set(TABLE)
    ops.close()


def test_nobody_there(monkeypatch, capsys):
    monkeypatch.setenv("OLLAMA_URL", "http://127.0.0.1:9")
    for command in (["ps"], ["unload"], ["pull", "x", "--let-ollama-download"]):
        assert main(["models", *command]) == 3
        assert "ollama serve" in capsys.readouterr().err


def test_another_machine_is_asked_only_if_the_project_lists_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("OLLAMA_URL", "http://192.0.2.1:1")
    assert main(["models", "ps"]) == 3
    assert "allow_hosts" in capsys.readouterr().err


@pytest.mark.parametrize(("said", "sent"), [("10m", "10m"), ("0", 0), ("-1", -1), ("90s", "90s")])
def test_how_long_a_model_stays(said, sent):
    assert OllamaSettings(keep_alive=said).keep == sent


@pytest.mark.parametrize("said", ["10", "m", "-2", "1d", "1h30m", "0x", "1.5h"])
def test_what_is_no_time_to_stay_is_refused(said):
    with pytest.raises(ValidationError):
        ModelDefaults(keep_alive=said)


def test_what_a_project_says_reaches_the_server(server, tmp_path):
    server.chat = lambda _: says(Gbnf(GRAMMAR.text).draw(random.Random(3)))
    models = ModelDefaults(keep_alive="-1", parallel=3, allow_hosts=("box",))
    with gateway_for(tmp_path, None, settings_of(models)) as gateway:
        compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama")
        assert dict(server.requests)["/api/chat"]["keep_alive"] == -1
        assert [queue["parallel"] for queue in gateway.guard.queues()] == [3]


def test_a_listed_host_is_reached_only_if_the_user_names_it_too(monkeypatch):
    asked_for = []
    monkeypatch.setattr(egress, "lock", asked_for.append)
    for url, hosts in (("http://127.0.0.1:1", ("box",)), ("http://box:1", ()), ("nonsense://", ("box",))):
        monkeypatch.setenv("OLLAMA_URL", url)
        permit(hosts)
    assert asked_for == []
    monkeypatch.setenv("OLLAMA_URL", "http://box:1")
    permit(("box", "other"))
    assert asked_for == [("box",)]
