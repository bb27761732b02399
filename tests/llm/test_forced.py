"""The text that a grammar forces: all of it, and never more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.llm.sampler import Gbnf
from tests.llm.test_grammar import SCHEMAS, closed
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.worker.forced import Path


def test_keys_are_forced_and_values_are_not():
    choice, digit = {"enum": ["yes", "yet"]}, {"type": "integer", "minimum": 0, "maximum": 9}
    grammar = to_grammar(closed({"first": choice, "n": digit}))
    path = Path(grammar.text)
    assert path.forced() == '{"first":"ye'
    assert path.forced() == '{"first":"ye', "asking changes nothing"
    path.write('{"first":"yes')
    assert path.forced() == '","n":'
    path.write('","n":7')
    assert path.forced() == "}"
    path.write("}")
    assert path.forced() == ""


@settings(max_examples=80, deadline=None)
@given(SCHEMAS, st.randoms(use_true_random=False))
def test_what_is_forced_is_what_every_word_goes_on_with(schema, rng):
    """Judged by the tests' own reader of grammars: from any point of a word, the forced text is how it continues."""
    grammar = to_grammar(schema).text
    word = Gbnf(grammar).draw(rng)
    path, at = Path(grammar), 0
    while at < len(word):
        forced = path.forced()
        assert word.startswith(forced, at), (word, at, forced)
        step = max(1, len(forced))
        path.write(word[at : at + step])
        at += step
    assert path._stacks, "the whole word is a way through"


@pytest.mark.parametrize("text", ["root ::= (((\n", "root ::= [^a]{1,2}\n", "root ::= a.b\n", 'root ::= "a"*\n'])
def test_another_notation_is_refused(text):
    with pytest.raises((ValueError, KeyError, IndexError)):
        Path(text).forced()
