"""Every way in which a server can fail, by a process that does it: each ends in time with a type of its own."""

from __future__ import annotations

import json
import time
import urllib.request

import pytest

from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.stub_misbehaving import BEHAVIOURS, GOOD_TEXT, misbehaving
from turbulence_app.assist.policy import compile_policy
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.ollama import OllamaBackend, OllamaServer
from turbulence_app.llm.backends.ollama.wire import Watch
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import Grammar
from turbulence_app.llm.models import ModelRegistry

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 9}}}
GRAMMAR = Grammar("root ::= char", 100)

WORKS = ("good", "until_closed", "byte_by_byte", "interim", "surplus", "no_counts", "new_fields", "odd_counts")
IN_TIME = ("silent", "silent_after_head", "dripping_head", "dripping_space", "line_without_end")
FAILS = {
    "endless_head": (errors.ModelGarbageError, "more than an answer"),
    "oversized": (errors.ModelGarbageError, "more than an answer"),
    "oversized_line": (errors.ModelGarbageError, "line without end"),
    "endless_answer": (errors.ModelGarbageError, "does not stop writing"),
    "endless_thought": (errors.ModelGarbageError, "does not stop writing"),
    "no_http": (errors.ModelGarbageError, "speaks no HTTP"),
    "wrong_type": (errors.ModelGarbageError, "text/html"),
    "upgrade": (errors.ModelGarbageError, "speaks no HTTP"),
    "chunk_nonsense": (errors.ModelGarbageError, "speaks no HTTP"),
    "chunk_huge": (errors.ModelGarbageError, "speaks no HTTP"),
    "gzip": (errors.ModelGarbageError, "compressed"),
    "not_json": (errors.ModelGarbageError, "not JSON"),
    "deep": (errors.ModelGarbageError, "not JSON"),
    "not_an_object": (errors.ModelGarbageError, "not an object"),
    "bad_utf8": (errors.ModelGarbageError, "not JSON"),
    "nan": (errors.ModelGarbageError, "not JSON"),
    "no_message": (errors.ModelGarbageError, "without a message"),
    "no_text": (errors.ModelGarbageError, "not text"),
    "only_thinking": (errors.ModelGarbageError, "thought aloud"),
    "empty": (errors.ModelGarbageError, "said nothing"),
    "unfinished": (errors.ModelGarbageError, "did not finish"),
    "elsewhere": (errors.ModelRefusedError, "another machine"),
    "closes": (errors.ModelBrokenError, "without an answer"),
    "resets": (errors.ModelBrokenError, "broke"),
    "short": (errors.ModelBrokenError, "broke off"),
    "chunk_broken": (errors.ModelBrokenError, "broke off"),
    "error_inside": (errors.ModelBrokenError, "runner died"),
    "redirect": (errors.ModelRefusedError, "redirects"),
    "missing": (errors.ModelAbsentError, "not found.*ollama pull missing"),
    "forbidden": (errors.ModelRefusedError, "cloud is disabled"),
    "busy": (errors.ModelBusyError, "pending"),
    "throttled": (errors.ModelBusyError, "slow down"),
    "peg": (errors.ModelBrokenError, "peg-native"),
    "html_error": (errors.ModelBrokenError, "502"),
    "too_long": (errors.PromptTooLongError, "exceeds the context"),
    "too_long_new": (errors.PromptTooLongError, "available context"),
    "too_long_inside": (errors.PromptTooLongError, "longer than the context"),
    "cut": (errors.PromptTooLongError, "cut the prompt"),
    "bad_request": (errors.ModelError, "invalid format"),
}


def prompt(seconds=30.0):
    return Prompt(({"role": "user", "content": "hello"},), SCHEMA, GRAMMAR, 7, seconds)


@pytest.fixture(scope="module")
def url():
    with misbehaving() as found:
        yield found


def test_every_behaviour_is_expected_somewhere():
    assert set(BEHAVIOURS) == {*WORKS, *IN_TIME, *FAILS, "surrogates", "length"}


@pytest.mark.parametrize("name", WORKS)
def test_whatever_is_the_protocol_works(url, name):
    done = OllamaBackend(name, url=url).complete(prompt())
    assert (done.text, done.finish) == (GOOD_TEXT, "stop")
    if name in ("no_counts", "odd_counts"):
        assert (done.prompt_tokens, done.answer_tokens, done.estimated) == (0, 2, True)
    else:
        assert (done.prompt_tokens, done.answer_tokens, done.estimated) == (900, 4, False)
        assert (done.prompt_ms, done.answer_ms, done.load_ms) == (90.0, 40.0, 5.0)


def test_an_answer_that_was_not_finished_says_so(url):
    assert OllamaBackend("length", url=url).complete(prompt()).finish == "length"


def test_halves_of_characters_are_joined_and_lone_ones_replaced(url):
    assert OllamaBackend("surrogates", url=url).complete(prompt()).text == "a\U0001f600\ufffd"


@pytest.mark.parametrize("name", FAILS)
def test_each_failure_has_its_type(url, name):
    kind, words = FAILS[name]
    with pytest.raises(kind, match=words) as caught:
        OllamaBackend(name, url=url).complete(prompt())
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 3


def test_busy_says_for_how_long(url):
    with pytest.raises(errors.ModelBusyError) as caught:
        OllamaBackend("throttled", url=url).complete(prompt())
    assert caught.value.retry_after == 7.0
    assert caught.value.transient


def test_what_was_written_before_a_failure_is_counted(url):
    with pytest.raises(errors.ModelGarbageError) as caught:
        OllamaBackend("unfinished", url=url).complete(prompt())
    assert caught.value.answer_tokens == 2


@pytest.mark.parametrize("name", IN_TIME)
def test_the_deadline_holds_whatever_the_server_does(url, name):
    with pytest.raises(errors.ModelTimeoutError):
        OllamaBackend(name, url=url).complete(prompt(0.3))


@pytest.mark.parametrize("name", ["silent", "silent_after_head", "dripping_space"])
def test_the_deadline_holds_for_the_small_questions_too(name):
    with misbehaving(name) as here:
        with pytest.raises(errors.ModelTimeoutError):
            OllamaBackend("good", url=here).complete(prompt(0.3))
        with pytest.raises(errors.ModelTimeoutError):
            OllamaServer(here).models(Watch(0.3))


@pytest.mark.parametrize("name", IN_TIME)
def test_a_stop_is_heard_while_nothing_arrives(url, name):
    """No deadline would end this within the test's own time."""
    asked = []

    def stop():
        asked.append(None)
        return len(asked) > 12

    before = _seen(url)["hangups"]
    with pytest.raises(CancelledError):
        OllamaBackend(name, url=url).complete(prompt(10_000), should_stop=stop)
    while _seen(url)["hangups"] == before:  # closing the connection is what makes a server stop writing
        time.sleep(0.02)


@pytest.mark.parametrize("everywhere", ["not_json", "no_http", "closes", "wrong_type", "oversized_line", "peg"])
def test_lists_and_versions_fail_by_type_as_well(everywhere):
    with misbehaving(everywhere) as here:
        for ask in ("version", "models", "running"):
            with pytest.raises(errors.ModelError):
                getattr(OllamaServer(here), ask)()
        assert OllamaServer(here).cloud_is_off() is None


def test_what_is_sent(url, monkeypatch):
    monkeypatch.setenv("OLLAMA_API_KEY", "secret")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    OllamaBackend("good", url=url, keep_alive="3m").complete(prompt())
    last = [one for one in _seen(url)["seen"] if one["path"] == "/api/chat"][-1]
    heads = dict(h.lower().split(": ", 1) for h in last["head"].splitlines()[1:])
    assert heads["accept-encoding"] == "identity"
    assert not set(heads) & {"authorization", "cookie", "origin"}
    assert "secret" not in last["head"]
    options = {"seed": 7, "temperature": 0, "num_ctx": 2048, "num_predict": 200}
    assert last["body"] == {
        "model": "good:latest",
        "messages": [{"role": "user", "content": "hello"}],
        "format": SCHEMA,
        "stream": True,
        "truncate": False,
        "shift": False,
        "options": options,
        "keep_alive": "3m",
    }


def test_nobody_there_and_names_that_are_none(url):
    with misbehaving() as gone:
        pass
    with pytest.raises(errors.ModelAbsentError, match="ollama serve"):
        OllamaBackend("good", url=gone).complete(prompt())
    with pytest.raises(errors.ModelAbsentError, match="ollama pull nothing"):
        OllamaBackend("nothing", url=url).complete(prompt())
    with pytest.raises(InputError):
        OllamaServer("ftp://127.0.0.1")


def _seen(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/seen") as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("name", ["silent", "dripping_space"])
def test_the_budget_of_a_request_holds_while_a_server_is_asked_what_it_has(name, tmp_path):
    with misbehaving(name) as here, Gateway(registry=ModelRegistry(tmp_path), ollama_url=here) as gateway:
        with pytest.raises(errors.ModelTimeoutError):
            compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", budget_ms=300)
        made = [compile_policy(PERSONA, WORKFLOW, gateway=gateway, budget_ms=4_000) for _ in range(2)]
        assert [p.provenance.backend for p in made] == ["builtin", "builtin"]
        assert any("ollama failed (timeout)" in note for note in made[0].provenance.notes)
        with pytest.raises(CancelledError):
            compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend="ollama", should_stop=lambda: True)
