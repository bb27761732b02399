"""Every word of a grammar is an answer to its schema: by an own sampler, and by the real llama.cpp parser."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.llm.sampler import Gbnf
from tests.llm.samples import WORKFLOW
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.llm.answers import AnswerError, parse_answer, violations
from turbulence_app.llm.grammar import TEXT_CHARACTERS, GrammarError, integers, to_grammar

BOUND = st.integers(-(10**9), 10**9)
NAMES = st.text(st.sampled_from('abcXYZ_09.-é"\\ \n'), min_size=1, max_size=8)


def closed(properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


WHOLE = st.tuples(BOUND, BOUND).map(lambda b: {"type": "integer", "minimum": min(b), "maximum": max(b)})
STRING = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
    lambda b: {"type": "string", "minLength": min(b), "maxLength": max(b)}
)
ENUM = st.lists(st.one_of(NAMES, st.integers(-5, 5), st.booleans(), st.none()), min_size=1, max_size=4).map(
    lambda values: {"enum": values}
)
LEAF = st.one_of(WHOLE, STRING, ENUM, st.just({"type": "boolean"}), st.just({"type": "null"}))


def nest(inner):
    sizes = st.tuples(st.integers(0, 4), st.integers(0, 4))
    arrays = st.tuples(inner, sizes).map(
        lambda a: {"type": "array", "items": a[0], "minItems": min(a[1]), "maxItems": max(a[1])}
    )
    objects = st.dictionaries(NAMES, inner, max_size=4).map(closed)
    return st.one_of(arrays, objects, st.lists(inner, min_size=1, max_size=3).map(lambda ways: {"anyOf": ways}))


SCHEMAS = st.recursive(LEAF, nest, max_leaves=8)


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, st.randoms(use_true_random=False))
def test_whatever_a_grammar_admits_answers_its_schema(schema, rng):
    grammar = to_grammar(schema)
    gbnf = Gbnf(grammar.text)
    for word in [gbnf.draw(rng) for _ in range(8)] + [gbnf.draw(rng, long=True)]:
        assert word.isascii()
        assert len(word) <= grammar.max_chars
        assert violations(parse_answer(word, grammar.max_chars), schema) == []


@given(st.tuples(BOUND, BOUND), st.lists(BOUND, max_size=20))
def test_integers_in_range_and_only_those(bounds, others):
    low, high = min(bounds), max(bounds)
    gbnf = Gbnf(f"root ::= {integers(low, high)}\n")
    for number in {low, high, low - 1, high + 1, (low + high) // 2, 0, *others}:
        assert gbnf.accepts(str(number)) == (low <= number <= high), number
    assert not gbnf.accepts("-0")
    assert not gbnf.accepts("00")
    assert not gbnf.accepts("")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 0},
        {"type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 3},
        {"type": "integer", "minimum": 9, "maximum": 0},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string"},
        {"type": "string", "maxLength": 5, "pattern": r"\d"},
        {"type": "string", "maxLength": 100_000},
        {"type": "array", "items": {"type": "null"}},
        {"type": "array", "maxItems": 2},
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {}, "additionalProperties": True},
        {"type": "object", "properties": {}, "required": ["x"], "additionalProperties": False},
        {"enum": [1.5]},
        {"enum": []},
        {"anyOf": []},
        {"$ref": "#/$defs/x"},
        {"oneOf": [{"type": "null"}]},
        {},
    ],
)
def test_what_is_not_known_raises(schema):
    with pytest.raises(GrammarError):
        to_grammar(schema)


def test_text_cannot_open_a_control_token():
    gbnf = Gbnf(to_grammar({"type": "string", "minLength": 1, "maxLength": 1}).text)
    admitted = {c for c in map(chr, range(0x180)) if gbnf.accepts(f'"{c}"')}
    assert admitted == TEXT_CHARACTERS
    assert not admitted & set('"\\<[\n\x7fé')


def test_a_policy_answer_fits_a_small_context():
    grammar = to_grammar(policy_schema(WORKFLOW))
    assert grammar.max_chars < 1200
    word = Gbnf(grammar.text).draw(random.Random(1), long=True)
    assert len(word) <= grammar.max_chars


@pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed")
def test_llama_cpp_reads_our_grammars():
    """In a child: a grammar that llama.cpp does not like ends the process."""
    texts = [to_grammar(policy_schema(WORKFLOW)).text]
    rng = random.Random(5)
    texts += [to_grammar(closed({"n": {"type": "integer", "minimum": -rng.randint(0, 999), "maximum": 10**k}})).text
              for k in range(1, 9)]  # fmt: skip
    texts.append(to_grammar(closed({'a"b\\c\n': {"enum": ['x"y\\', None, True]}})).text)
    code = (
        "import sys, json; from llama_cpp.llama_grammar import LlamaGrammar\n"
        "from llama_cpp import llama_cpp as l\n"
        "[LlamaGrammar.from_string(t, verbose=False) for t in json.load(sys.stdin)]; print('read')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(texts), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "read"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(AnswerError):
        parse_answer(text, 1000)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"a":1,"a":2}', "twice"),
        ('{"a":NaN}', "not a number"),
        ("[" * 13 + "]" * 13, "nested"),
        ("[" * 100_000, "characters"),
        ("9" * 500, "digits"),
        ('{"a":', "not JSON"),
        ("", "not JSON"),
    ],
)
def test_bad_answers_are_refused_in_words(text, what):
    with pytest.raises(AnswerError, match=what):
        parse_answer(text, 1000)


def test_violations_say_where():
    schema = closed({"n": {"type": "integer", "minimum": 0, "maximum": 9}, "s": {"type": "string", "maxLength": 3}})
    assert violations({"n": True, "s": "long", "x": 1}, schema) == [
        "answer.x is not defined",
        "answer.n must be an integer, not true",
        "answer.s has 4 characters, at most 3 allowed",
    ]
    assert violations({"n": 10}, schema) == ["answer.n is 10, at most 9 allowed", "answer.s is missing"]
