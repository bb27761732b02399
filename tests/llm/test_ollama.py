"""Which server and which model are spoken to, what is asked of them, and what is refused before anything is sent."""

from __future__ import annotations

import itertools
import random
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.sampler import Gbnf
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.stub_ollama import MODEL, says, serving
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.ollama import OllamaBackend, OllamaServer, check_host, server_url
from turbulence_app.llm.backends.ollama import context as counting
from turbulence_app.llm.backends.ollama.failures import retry_after
from turbulence_app.llm.backends.ollama.schema import for_server
from turbulence_app.llm.backends.ollama.versions import SINCE, parse
from turbulence_app.llm.backends.ollama.wire import Watch, connect
from turbulence_app.llm.grammar import to_grammar

SCHEMA = policy_schema(WORKFLOW)
GRAMMAR = to_grammar(SCHEMA)
GOOD = Gbnf(GRAMMAR.text).draw(random.Random(3))


def prompt(seconds=20.0, text=""):
    messages = ({"role": "user", "content": text},) if text else policy_messages(PERSONA, WORKFLOW)
    return Prompt(messages, SCHEMA, GRAMMAR, 7, seconds)


def chats(server):
    return [body for path, body in server.requests if path == "/api/chat"]


def test_an_answer_comes_back_with_its_ticks():
    with serving(lambda _: says(GOOD, prompt_eval_count=900)) as server:
        backend, ticks = OllamaBackend(url=server.url), []
        done = backend.complete(prompt(), ticks.append)
        assert (done.text, done.finish, done.notes) == (GOOD, "stop", ())
        assert ticks[-1] == len(GOOD)
        assert (backend.model, backend.digest(), backend.version()) == ("tiny:latest", "d" * 64, "ollama 0.0-stub; t0")
        assert chats(server)[0]["format"] == for_server(SCHEMA)


@pytest.mark.parametrize(("version", "notes"), [("0.24.0", 1), ("0.31.2", 0), ("0.0.0", 0)])
def test_a_thinking_model_is_told_not_to(version, notes):
    with serving(lambda _: says(GOOD)) as server:
        server.version = version
        server.show = {**server.show, "capabilities": ["completion", "thinking"]}
        done = OllamaBackend(url=server.url).complete(prompt())
        assert chats(server)[0]["think"] is False
        assert len(done.notes) == notes


def test_other_models_hear_nothing_of_thinking():
    with serving(lambda _: says(GOOD)) as server:
        OllamaBackend(url=server.url).complete(prompt())
        assert "think" not in chats(server)[0]


def test_the_context_grows_and_never_shrinks_so_that_the_model_is_not_loaded_again():
    with serving(lambda _: says(GOOD)) as server:
        backend = OllamaBackend(url=server.url)
        for length in (10, 6000, 10):
            backend.complete(prompt(text="a" * length))
        assert [body["options"]["num_ctx"] for body in chats(server)] == [2048, 4096, 4096]


@pytest.mark.parametrize(("loaded", "asked"), [(8192, 8192), (6000, 6000), (512, 2048), (99_999, 8192)])
def test_the_context_with_which_a_model_is_loaded_already_is_taken_over(loaded, asked):
    with serving(lambda _: says(GOOD)) as server:
        server.running = [{**MODEL, "context_length": loaded}, {**MODEL, "digest": "e" * 64, "context_length": 7000}]
        backend = OllamaBackend(url=server.url)
        backend.complete(prompt(text="short"))
        backend.complete(prompt(text="short"))
        assert [body["options"]["num_ctx"] for body in chats(server)] == [asked, asked]
        assert [path for path, _ in server.requests].count("/api/ps") == 1


def test_a_prompt_that_cannot_fit_is_refused_before():
    with serving(lambda _: says(GOOD)) as server:
        server.show = {**server.show, "model_info": {"llama.context_length": 512}}
        with pytest.raises(errors.PromptTooLongError, match="512"):
            OllamaBackend(url=server.url).complete(prompt())
        assert not chats(server)


@pytest.mark.parametrize(("version", "read", "cut"), [
    ("0.24.0", 2048, True), ("0.24.0", 1026, False), ("0.12.0", 1026, True), ("0.12.0", 1500, False)
])  # fmt: skip
def test_a_prompt_that_was_cut_in_silence_is_noticed(version, read, cut):
    with serving(lambda _: says(GOOD, prompt_eval_count=read)) as server:
        server.version = version
        backend = OllamaBackend(url=server.url)
        if cut:
            with pytest.raises(errors.PromptTooLongError, match="cut the prompt"):
                backend.complete(prompt(text="short"))
        else:
            assert backend.complete(prompt(text="short")).prompt_tokens == read


def test_clouds_are_refused_by_name_by_list_and_by_what_is_shown():
    with serving(lambda _: says(GOOD)) as server:
        for name in ("gpt-oss:120b-cloud", "kimi:cloud", "x:20b:CLOUD "):
            backend = OllamaBackend(name, url=server.url)
            for ask in (backend.complete, lambda _, b=backend: b.server.show(b.asked), lambda _, b=backend: b.warm(1)):
                with pytest.raises(errors.ModelRefusedError, match="cloud"):
                    ask(prompt())
        assert server.requests == []
        server.models = [{**MODEL, "remote_host": "https://example.com"}]
        with pytest.raises(errors.ModelAbsentError, match="no model"):
            OllamaBackend(url=server.url).complete(prompt())
        server.models, server.show = [MODEL], {**server.show, "remote_model": "big"}
        with pytest.raises(errors.ModelRefusedError, match="cloud"):
            OllamaBackend(url=server.url).complete(prompt())
        assert not chats(server)


def test_models_that_write_nothing_are_passed_over_and_refused():
    embedder = {"name": "minilm:latest", "digest": "e" * 64, "details": {"family": "bert"}}
    with serving(lambda _: says(GOOD)) as server:
        server.models = [embedder, MODEL]
        assert OllamaBackend(url=server.url).model == "tiny:latest"
        server.show = {"capabilities": ["embedding"], "model_info": {}}
        with pytest.raises(errors.ModelAbsentError, match="not a model that writes"):
            OllamaBackend("minilm", url=server.url).complete(prompt())


def test_lists_are_read_with_care():
    odd = [1, {"name": 2, "digest": "x"}, {"name": "x"}, {"name": "", "digest": "y"}, {**MODEL, "size": "big"}]
    with serving(lambda _: says(GOOD)) as server:
        server.models = odd
        found = OllamaServer(server.url).models()
        assert [(m.name, m.size) for m in found] == [("tiny:latest", 0)]
        server.models = None
        assert OllamaServer(server.url).models() == ()
        server.models = {}
        with pytest.raises(errors.ModelGarbageError, match="not a list"):
            OllamaServer(server.url).models()


def test_a_server_that_knows_no_schemas_is_too_old():
    with serving(lambda _: says(GOOD)) as server:
        server.version = "0.4.7"
        with pytest.raises(errors.ModelAbsentError, match="update Ollama"):
            OllamaBackend(url=server.url).complete(prompt())


def test_a_model_that_was_replaced_is_seen_at_the_next_look():
    with serving(lambda _: says(GOOD)) as server:
        backend = OllamaBackend(url=server.url)
        assert backend.digest() == "d" * 64
        server.models = [{**MODEL, "digest": "e" * 64}]
        assert (backend.look().digest, backend.digest()) == ("e" * 64, "e" * 64)


# ---- addresses


@pytest.mark.parametrize("url", [
    "http://192.0.2.1:11434", "http://ollama.example", "http://0.0.0.0:1", "https://[::2]", "http://127.1:80"
])  # fmt: skip
def test_other_machines_are_refused_unless_listed(url):
    with pytest.raises(errors.ModelRefusedError, match="allow_hosts"):
        check_host(url)
    host = url.split("//")[1].strip("[]").rpartition(":")[0].strip("[]") if "]" not in url else "::2"
    assert check_host(url, [(host or "ollama.example").upper()])


@pytest.mark.parametrize("url", ["http://127.0.0.1", "http://localhost:1", "https://[::1]:2/", "http://127.9.9.9",
                                 "http://[::ffff:127.0.0.1]:3", "http://LOCALHOST."])  # fmt: skip
def test_this_machine_needs_no_list(url):
    assert check_host(url).port in (80, 1, 2, 3)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://", "http://u:p@127.0.0.1", "http://127.0.0.1/x?y", "x",
                                 "http://u@127.0.0.1",
                                 "http://127.0.0.1:99999", "http://[::1", "http://127.0.0.1:0", ""])  # fmt: skip
def test_what_is_no_address_is_an_input_error(url):
    with pytest.raises(InputError):
        check_host(url)


@given(st.text(max_size=60))
def test_no_text_is_taken_for_another_machine(text):
    try:
        found = check_host(text if "://" in text else f"http://{text}")
    except (InputError, errors.ModelRefusedError):
        return
    assert found.host == "localhost" or found.host.startswith("127.") or found.host in ("::1", "::ffff:127.0.0.1")


@pytest.mark.parametrize(("variable", "url"), [
    ("", "http://127.0.0.1:11434"), (":8080", "http://127.0.0.1:8080"), ("0.0.0.0", "http://127.0.0.1:11434"),
    ("0.0.0.0:9", "http://127.0.0.1:9"), ("[::]:9", "http://[::1]:9"), ("::1", "http://[::1]:11434"),
    ("[::1]", "http://[::1]:11434"), ("https://box", "https://box"), ("box", "http://box:11434"),
    ("http://box:7/", "http://box:7"), (' "127.0.0.1:5" ', "http://127.0.0.1:5"),
])  # fmt: skip
def test_the_environment_names_the_server_as_it_does_for_ollama_itself(monkeypatch, variable, url):
    monkeypatch.delenv("OLLAMA_URL", raising=False)
    monkeypatch.setenv("OLLAMA_HOST", variable)
    assert server_url() == url
    monkeypatch.setenv("OLLAMA_URL", "http://127.0.0.1:1")
    assert server_url() == "http://127.0.0.1:1"


# ---- the wire


def test_a_name_that_nobody_knows_and_one_that_takes_for_ever(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(errors.ModelAbsentError, match="no machine is called box"):
        OllamaServer("http://box:1", ["box"]).version()
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait(30))
    with pytest.raises(errors.ModelTimeoutError):
        OllamaServer("http://box:1", ["box"]).version(Watch(0.2))
    heard = iter([False] * 5)
    with pytest.raises(CancelledError):
        OllamaServer("http://box:1", ["box"]).version(Watch(10_000, lambda: next(heard, True)))
    never.set()


def test_what_the_egress_lock_refuses_is_refused(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError("refused by the egress lock")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(errors.ModelRefusedError, match="egress lock"):
        OllamaServer("http://box:1", ["box"]).version()
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    with pytest.raises(errors.ModelRefusedError, match="egress lock"):
        OllamaServer("http://192.0.2.1:1", ["192.0.2.1"]).version()


def test_a_server_that_does_not_take_the_connection():
    """A full backlog: the kernel answers nothing at all."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = check_host(f"http://127.0.0.1:{full.getsockname()[1]}")
        taken = []
        try:
            for _ in range(4):
                taken.append(socket.socket())
                taken[-1].setblocking(False)
                taken[-1].connect_ex((address.host, address.port))
            clock = itertools.count(0.0, 0.5)
            with pytest.raises(errors.ModelAbsentError, match="does not take"):
                connect(address, Watch(1000, clock=lambda: next(clock)))
            clock = itertools.count(0.0, 0.5)
            with pytest.raises(errors.ModelTimeoutError):
                connect(address, Watch(1.5, clock=lambda: next(clock)))
        finally:
            for one in taken:
                one.close()


# ---- small laws


@given(st.text(max_size=200))
def test_the_count_of_tokens_covers_every_byte_beyond_ascii(text):
    count = counting.tokens_at_most(text)
    beyond = sum(len(c.encode("utf-8", "surrogatepass")) for c in text if c > "\x7f")
    assert beyond <= count <= len(text.encode("utf-8", "surrogatepass"))


@given(st.integers(1, 200_000), st.integers(0, 200_000), st.integers(0, 2**17))
def test_the_context_holds_what_is_needed(need, most, before):
    try:
        found = counting.context_for(need, most, "m", before)
    except errors.PromptTooLongError:
        assert need > (most or counting.UNKNOWN)
        return
    assert need <= found <= (most or counting.UNKNOWN)
    assert found == most or found >= before or not most


@pytest.mark.parametrize(("text", "number"), [
    ("0.24.0", (0, 24, 0)), ("v0.33.0-rc2", (0, 33, 0)), ("0.5", (0, 5, 0)), ("0.0.0", None), ("", None),
    ("newest", None), (None, None), ("0.24.0x", (0, 24, 0)), ("1.2.3+local", (1, 2, 3)), ("9" * 50 + ".1", None),
])  # fmt: skip
def test_versions(text, number):
    assert parse(text).number == number


@given(st.text(max_size=50))
def test_any_version_can_be_asked_what_it_has(text):
    assert all(isinstance(parse(text).has(feature), bool) for feature in SINCE)


@pytest.mark.parametrize(("header", "seconds"), [
    ("7", 7.0), (" 120 ", 120.0), ("999999999", 3600.0), ("", None), ("soon", None), ("-5", None), ("1.5", None),
    ("Thu, 01 Jan 1970 00:16:50 GMT", 10.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("Thu, 99 Jan", None),
])  # fmt: skip
def test_how_long_the_server_asks_to_be_left_alone(header, seconds):
    assert retry_after(header, lambda: 1000.0) == seconds


def test_the_schema_for_the_server_says_the_same_in_fewer_words():
    schema = {
        "title": "T",
        "type": "object",
        "properties": {"title": {"type": "string", "maxLength": 5, "description": "d"}, "k": {"const": 3}},
        "anyOf": [{"type": "null", "default": None}],
    }
    assert for_server(schema) == {
        "type": "object",
        "properties": {"title": {"type": "string", "maxLength": 5}, "k": {"enum": [3]}},
        "anyOf": [{"type": "null"}],
    }
    assert for_server(SCHEMA) == SCHEMA
    assert list(for_server(SCHEMA)["properties"]) == list(SCHEMA["properties"])
