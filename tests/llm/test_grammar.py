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

from tests.llm.judge import answers
from tests.llm.sampler import Gbnf
from tests.llm.samples import WORKFLOW
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.llm.answers import AnswerError, parse_answer, violations
from turbulence_app.llm.grammar import TEXT_CHARACTERS, GrammarError, integers, to_grammar
from turbulence_app.llm.grammar.numbers import decimals_between, spelled

BOUND = st.integers(-(10**9), 10**9)
NAMES = st.text(st.sampled_from('abcXYZ_09.-é"\\ \n'), min_size=1, max_size=8)


def closed(properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def bounds(draw, low, high):
    """Both ends, each inclusive or exclusive, far enough apart that something lies between."""
    keys = (
        draw(st.sampled_from(("minimum", "exclusiveMinimum"))),
        draw(st.sampled_from(("maximum", "exclusiveMaximum"))),
    )
    return {keys[0]: low, keys[1]: high}


@st.composite
def wholes(draw):
    low = draw(BOUND)
    return {"type": "integer", **bounds(draw, low, low + draw(st.integers(2, 10**9)))}


@st.composite
def numbers(draw):
    """On a grid of some decimals (the converter's own where the schema names none), or of another step."""
    low = draw(st.integers(-(10**6), 10**6))
    schema = {"type": "number", **bounds(draw, low / 1000, (low + draw(st.integers(30, 10**6))) / 1000)}
    step = draw(st.sampled_from((None, 1, 0.1, 0.01, 0.001, 0.0001)))
    if step == 1:
        schema |= {"minimum": low // 1000, "maximum": low // 1000 + 3}
    elif step == 0.1:
        schema |= {"minimum": low / 1000, "maximum": low / 1000 + 1}
    schema = {k: v for k, v in schema.items() if step not in (1, 0.1) or not k.startswith("exclusive")}
    return schema if step is None else {**schema, "multipleOf": step}


@st.composite
def odd_steps(draw):
    step, first = draw(st.sampled_from((3, 7, 0.25, 2.5))), draw(st.integers(-50, 50))
    kind = "integer" if isinstance(step, int) else "number"
    return {"type": kind, "multipleOf": step, "minimum": first, "maximum": first + 40}


STRING = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
    lambda b: {"type": "string", "minLength": min(b), "maxLength": max(b)}
)
SCALARS = st.one_of(NAMES, st.integers(-5, 5), st.sampled_from((0.5, -1.25, 1e21, 1e-7)), st.booleans(), st.none())
ENUM = st.lists(SCALARS, min_size=1, max_size=4).map(lambda values: {"enum": values})
CONST = SCALARS.map(lambda value: {"const": value})
TYPED = st.lists(st.one_of(NAMES, st.integers()), min_size=1, max_size=3).map(
    lambda values: {"type": "string", "enum": [*values, "always"]}
)
LISTED = st.tuples(STRING, wholes()).map(lambda both: {**both[0], **both[1], "type": ["string", "integer", "null"]})
NULLABLE = wholes().map(lambda schema: {**schema, "nullable": True})
LEAF = st.one_of(
    wholes(), numbers(), odd_steps(), STRING, ENUM, CONST, TYPED, LISTED, NULLABLE,
    st.just({"type": "boolean"}), st.just({"type": "null"}), st.just({"$ref": "#/$defs/shared"}),
)  # fmt: skip


def nest(inner):
    sizes = st.tuples(st.integers(0, 4), st.integers(0, 4))
    arrays = st.tuples(inner, sizes).map(
        lambda a: {"type": "array", "items": a[0], "minItems": min(a[1]), "maxItems": max(a[1])}
    )
    tuples = st.lists(inner, min_size=1, max_size=3).map(
        lambda places: {"type": "array", "prefixItems": places, "minItems": len(places), "maxItems": len(places)}
    )
    objects = st.dictionaries(NAMES, inner, max_size=4).map(closed)
    told_apart = st.tuples(inner, inner).map(
        lambda two: {"oneOf": [closed({"kind": {"const": i}, "value": way}) for i, way in enumerate(two)]}
    )
    return st.one_of(
        arrays, tuples, objects, told_apart, st.lists(inner, min_size=1, max_size=3).map(lambda ways: {"anyOf": ways})
    )


SHARED = closed({"n": {"type": "integer", "minimum": 0, "maximum": 9}})
SCHEMAS = st.recursive(LEAF, nest, max_leaves=8).map(lambda schema: {**schema, "$defs": {"shared": SHARED}})


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, st.randoms(use_true_random=False))
def test_whatever_a_grammar_admits_answers_its_schema(schema, rng):
    grammar = to_grammar(schema)
    gbnf = Gbnf(grammar.text)
    for word in [gbnf.draw(rng) for _ in range(8)] + [gbnf.draw(rng, long=True)]:
        assert word.isascii()
        assert len(word) <= grammar.max_chars
        value = parse_answer(word, grammar.max_chars)
        assert violations(value, schema) == []
        assert answers(value, schema), (value, schema)


@settings(max_examples=150, deadline=None)
@given(SCHEMAS)
def test_the_longest_word_is_as_long_as_said(schema):
    grammar = to_grammar(schema)
    word = Gbnf(grammar.text).longest()
    assert len(word) == grammar.max_chars
    assert answers(json.loads(word), schema)


@settings(deadline=None)
@given(st.integers(-(10**5), 10**5), st.integers(0, 10**4), st.integers(0, 4), st.lists(st.integers(-(10**5), 10**5)))
def test_decimals_in_range_and_only_those(low, span, decimals, others):
    gbnf = Gbnf(f"root ::= {decimals_between(low, low + span, decimals)}\n")
    for units in {low, low + span, low - 1, low + span + 1, low + span // 2, 0, *others}:
        assert gbnf.accepts(spelled(units, decimals)) == (low <= units <= low + span), units
    assert not gbnf.accepts("-" + spelled(0, decimals))
    assert not gbnf.accepts("0" + spelled(low, decimals))
    assert not gbnf.accepts(spelled(low, decimals + 1))


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
        {"type": "integer", "minimum": 9, "maximum": 0},
        {"type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 0.5},
        {"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 3},
        {"type": "integer", "minimum": 0, "maximum": 10**6, "multipleOf": 7},
        {"type": "number", "minimum": 0},
        {"type": "number", "minimum": 0.001, "maximum": 0.002},
        {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0},
        {"type": "number", "minimum": float("nan"), "maximum": 1},
        {"type": "number", "minimum": 0, "maximum": float("inf")},
        {"type": "number", "minimum": "x", "maximum": 1},
        {"type": []},
        {"type": ["string", "null"]},
        {"type": "string"},
        {"type": "string", "maxLength": 5, "pattern": r"\d"},
        {"type": "string", "maxLength": 100_000},
        {"type": "array", "items": {"type": "null"}},
        {"type": "array", "maxItems": 2},
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {}, "additionalProperties": True},
        {"type": "object", "properties": {}, "required": ["x"], "additionalProperties": False},
        {"enum": [float("inf")]},
        {"enum": [[1]]},
        {"enum": ["a"], "type": "integer"},
        {"const": {}},
        {"enum": []},
        {"anyOf": []},
        {"$ref": "#/$defs/x"},
        {"$ref": "#/$defs/x", "$defs": {"x": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/x"}]}}},
        {"$ref": "https://example.org/schema"},
        {"$ref": "#/$defs/x", "$defs": {"x": {"type": "null"}}, "type": "null"},
        {"oneOf": []},
        {"oneOf": [{"type": "null"}, {"type": "null"}]},
        {"oneOf": [{"enum": [1, 2]}, {"enum": [2.0, 3]}]},
        {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 5}, {"type": "number", "minimum": 5, "maximum": 9}]},
        {"oneOf": [closed({"a": {"const": 1}}), closed({"b": {"const": 1}})]},
        {"allOf": [{"type": "null"}, {"type": "null"}]},
        {"not": {"type": "null"}},
        {"type": "array", "prefixItems": [], "items": False},
        {"type": "array", "prefixItems": [{"type": "null"}], "items": {"type": "null"}},
        {"type": "array", "prefixItems": [{"type": "null"}], "minItems": 2},
        {"type": "array", "items": {"type": "null"}, "maxItems": 2, "uniqueItems": True},
        {"type": "object", "properties": {"x": 1}, "additionalProperties": False},
        {"type": "string", "maxLength": 5, "format": "date"},
        {},
    ],
)
def test_what_is_not_known_raises(schema):
    with pytest.raises(GrammarError):
        to_grammar(schema)


def test_an_endless_or_bottomless_schema_is_refused():
    deep = {"type": "null"}
    for _ in range(13):
        deep = {"type": "array", "items": deep, "maxItems": 1}
    with pytest.raises(GrammarError, match="deep"):
        to_grammar(deep)
    wide = {"type": "string", "maxLength": 400}
    for _ in range(4):
        wide = {"type": "array", "items": wide, "maxItems": 64}
    with pytest.raises(GrammarError, match="longest"):
        to_grammar(wide)
    defs = {f"d{i}": closed({"a": {"$ref": f"#/$defs/d{i + 1}"}, "b": {"$ref": f"#/$defs/d{i + 1}"}}) for i in range(9)}
    doubling = {"$ref": "#/$defs/d0", "$defs": {**defs, "d9": {"type": "null"}}}
    assert len(to_grammar(doubling).text) < 2000


def test_brackets_inside_strings_are_not_nesting():
    assert parse_answer('{"a":"{{{{{{{{{{{{{{{{{"}', 100) == {"a": "{" * 17}
    with pytest.raises(AnswerError, match="too large"):
        parse_answer("1e999", 100)


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
