"""Who is asked for a consensus, and what becomes of voters that cannot be had."""

from __future__ import annotations

import importlib.util

import pytest

from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.tiny_gguf import write
from turbulence_app.domain.errors import CancelledError, InputError, MachineError
from turbulence_app.insight.disagreement import widths
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.service import policies
from turbulence_app.service.consensus import Voter, voters

needs_llama = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"
)


@pytest.fixture
def gateway(tmp_path, monkeypatch):
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    with Gateway(registry=ModelRegistry(tmp_path / "home"), ollama_url="http://127.0.0.1:9", threads=2) as found:
        yield found


def generate(gateway, **more):
    return policies.generate(PERSONA, WORKFLOW, gateway=gateway, **more)


def test_who_votes():
    assert voters("auto", None, None, 42, 1, ()) == (Voter("auto", None, None, 42, 0),)
    three = voters("llamacpp", "m.gguf", "logits", 42, 3, ())
    assert [(v.seed, v.variant) for v in three] == [(42, 0), (43, 1), (44, 2)]
    mixed = voters("auto", None, "logits", 1, 2, ("builtin", "a.gguf", "ollama:phi3:mini", "builtin"))
    assert [(v.backend, v.model, v.mode, v.variant) for v in mixed] == [
        ("builtin", None, None, 0),
        ("llamacpp", "a.gguf", "logits", 0),
        ("llamacpp", "a.gguf", "logits", 1),
        ("ollama", "phi3:mini", None, 0),
        ("ollama", "phi3:mini", None, 1),
    ]
    with pytest.raises(InputError, match="no name"):
        voters("auto", None, None, 42, 1, ("builtin", ""))
    with pytest.raises(InputError, match="too many"):
        voters("auto", None, None, 42, 20, ("a", "b"))


def test_the_built_in_model_alone_is_no_consensus_and_says_so(gateway):
    policy = generate(gateway, times=3)
    assert policy.provenance.backend == "builtin"
    assert policy.ranges == {}
    assert policy.provenance.notes[0] == "no consensus: builtin gives the same answer every time"


def test_rules_and_the_built_in_model_differ_where_the_words_say_something(gateway):
    policy = generate(gateway, models=("builtin", "rules"))
    assert widths(policy)
    assert policy.provenance.notes[0].startswith("consensus of 2: builtin")


def test_a_voter_that_cannot_be_had_is_noted_and_all_of_them_are_an_error(gateway):
    policy = generate(gateway, models=("builtin", "ollama:phi3"))
    assert policy.provenance.notes[0].startswith("a voter failed: ")
    with pytest.raises(MachineError):
        generate(gateway, models=("ollama:phi3", "ollama:other"))
    with pytest.raises(CancelledError):
        generate(gateway, models=("ollama:phi3", "builtin"), should_stop=lambda: True)


@needs_llama
@pytest.mark.parametrize("mode", ["json", "logits"])
def test_a_model_asked_again_says_something_else_and_the_same_next_time(gateway, tmp_path, mode):
    model = str(write(tmp_path / "tiny.gguf"))
    first = generate(gateway, backend="llamacpp", model=model, mode=mode, times=3)
    assert first.ranges
    assert first.provenance.mode == mode
    asked = gateway.counters().calls
    again = generate(gateway, backend="llamacpp", model=model, mode=mode, times=3)
    assert gateway.counters().calls == asked, "voters come from the cache"
    assert again.ranges == first.ranges
    assert again.decisions == first.decisions
