"""JSON schema to GBNF, llama.cpp's grammar notation.

The language of the grammar is finite and lies inside the schema: every string, array and number is bounded, all
properties appear in the order of the schema, there is no white space, and what the converter does not know raises
instead of turning into "any JSON". Text is printable ASCII without the characters that open control tokens: llama.cpp
matches such a token (``<|end|>``, ``[INST]``) by its spelling inside a string and then drops it from the text.
"""

from __future__ import annotations

from turbulence_app.llm.grammar.convert import TEXT, TEXT_CHARACTERS, Grammar, to_grammar
from turbulence_app.llm.grammar.errors import GrammarError
from turbulence_app.llm.grammar.numbers import integers, literal

__all__ = ["TEXT", "TEXT_CHARACTERS", "Grammar", "GrammarError", "integers", "literal", "to_grammar"]
