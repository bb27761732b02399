"""What the real llama.cpp writes inside our grammars, with random weights that would rather write anything else."""

from __future__ import annotations

import importlib.util
import json

import pytest

from tests.llm.judge import answers
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.tiny_gguf import CHAT, write
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.domain.persona import Persona
from turbulence_app.llm.answers import parse_answer
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend
from turbulence_app.llm.grammar import Grammar, to_grammar

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed"
)
EVERYTHING = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        'a "key"\n': {"type": "string", "minLength": 3, "maxLength": 12},
        "share": {"type": "number", "minimum": -0.5, "maximum": 12.25, "multipleOf": 0.01},
        "third": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "by_three": {"type": "integer", "minimum": -7, "maximum": 20, "multipleOf": 3},
        "many": {"type": "array", "items": {"$ref": "#/$defs/one"}, "minItems": 1, "maxItems": 3},
        "pair": {"type": "array", "prefixItems": [{"type": "boolean"}, {"type": ["integer", "null"], "minimum": 0,
                                                                       "maximum": 1000}], "items": False},
        "either": {"oneOf": [{"const": 0.5}, {"type": "string", "enum": ["é", 'x"y', "\\"]}, {"type": "null"}]},
        "maybe": {"type": "integer", "minimum": 10, "maximum": 99, "nullable": True},
    },
    "$defs": {"one": {"anyOf": [{"type": "string", "maxLength": 4}, {"type": "integer", "minimum": -9, "maximum": 9}]}},
}  # fmt: skip
ANYTHING = "".join(rf'"{word}" | ' for word in (*CHAT, "</s>")) + r"[^a]{1,1}"
"""Control tokens by their spelling, and every character but one."""


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    found = LlamaCppBackend(write(tmp_path_factory.mktemp("model") / "tiny.gguf", seed=11), threads=2)
    yield found
    found.close()


def ask(schema, seed, temperature=1.5, grammar=None, text="Say something."):
    messages = ({"role": "user", "content": text},)
    return Prompt(messages, schema, grammar or to_grammar(schema), seed, 120.0, temperature)


@pytest.mark.parametrize(
    ("schema", "seeds"), [(EVERYTHING, 12), (policy_schema(WORKFLOW), 3)], ids=["everything", "policy"]
)
def test_hot_random_weights_write_valid_answers_and_always_come_to_an_end(schema, seeds, backend):
    grammar, written = to_grammar(schema), set()
    for seed in range(seeds):
        done = backend.complete(ask(schema, seed))
        assert done.finish == "stop"
        assert len(done.text) <= grammar.max_chars
        assert answers(parse_answer(done.text, grammar.max_chars), schema), done.text
        assert 0 < done.answer_tokens <= len(done.text) + 1
        written.add(done.text)
    assert len(written) == seeds, "another seed draws another answer"


def test_the_same_seed_draws_the_same_answer(backend):
    first = backend.complete(ask(EVERYTHING, 5)).text
    backend.complete(ask(EVERYTHING, 6))
    assert backend.complete(ask(EVERYTHING, 5)).text == first
    assert backend.complete(ask(EVERYTHING, 5, temperature=0.0)).text != first
    assert backend.complete(ask(EVERYTHING, 1, 0.0)).text == backend.complete(ask(EVERYTHING, 2, 0.0)).text


def test_no_control_token_is_written_even_where_a_grammar_spells_one(backend):
    """Such a token has no text: an answer that held one would be shorter than its grammar says."""
    grammar = Grammar(f"root ::= char{{40,40}}\nchar ::= {ANYTHING}\n", 40 * 12)
    for seed in range(8):
        done = backend.complete(ask({}, seed, temperature=4.0, grammar=grammar))
        assert len(done.text) >= 40, ascii(done.text)


def test_a_grammar_beyond_the_reach_of_the_model_is_cut_by_length_not_in_silence(backend):
    grammar = Grammar("root ::= [a-z]{60,60}\n", 3)
    done = backend.complete(ask({}, 1, grammar=grammar))
    assert done.finish == "length"
    assert len(done.text) < 60


def test_an_answer_is_the_same_with_a_warm_prefix_or_a_cold_one_in_any_order(backend):
    """The system message is long enough to be kept; the same question must not notice whether it was."""
    schema = policy_schema(WORKFLOW)
    others = [Persona(id="p", description=words) for words in ("Calm.", "Somebody who reads everything twice.")]

    def policy(persona):
        messages = policy_messages(persona, WORKFLOW)
        return Prompt(messages, schema, to_grammar(schema), 3, 120.0)

    cold = LlamaCppBackend(backend.path, threads=1)
    alone = cold.complete(policy(PERSONA))
    cold.close()
    kept = backend.warm(policy_messages(others[0], WORKFLOW))
    assert kept >= 32
    found = [backend.complete(policy(persona)).text for persona in (others[1], PERSONA, others[0], PERSONA)]
    assert found[1] == found[3] == alone.text
    backend.complete(ask(EVERYTHING, 1))
    assert backend.complete(policy(PERSONA)).text == alone.text


def test_counts_are_of_the_whole_prompt(backend):
    messages = policy_messages(PERSONA, WORKFLOW)
    counted, context = backend.count_tokens(messages)
    done = backend.complete(Prompt(messages, {}, Grammar('root ::= "{}"\n', 2), 1, 60.0))
    assert done.prompt_tokens == counted < context == 4096
    assert done.prompt_ms > 0
    assert json.loads(done.text) == {}
