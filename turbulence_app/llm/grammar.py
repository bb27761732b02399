"""JSON schema to GBNF, llama.cpp's grammar notation.

The language of the grammar is finite and lies inside the schema: every string, array and number is bounded, all
properties appear in the order of the schema, there is no white space, and what the converter does not know raises
instead of turning into "any JSON". Text is printable ASCII without the characters that open control tokens: llama.cpp
matches such a token (``<|end|>``, ``[INST]``) by its spelling inside a string and then drops it from the text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

TEXT = r"[ !#-;=-Z\]-~]"
"""One character of a string: printable ASCII without ``"``, backslash, ``<`` and ``[``."""
TEXT_CHARACTERS = frozenset(chr(c) for c in range(0x20, 0x7F)) - frozenset('"\\<[')

MAX_STRING = 400
MAX_ITEMS = 64
_WORDS = frozenset({"title", "description", "default", "examples"})
_KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength"},
    "integer": {"minimum", "maximum"},
    "boolean": set(),
    "null": set(),
}


class GrammarError(ValueError):
    """The schema asks for something whose finite grammar is not known; says where and what."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar and the length of the longest text that it admits (characters, all of them ASCII)."""

    text: str
    max_chars: int


def to_grammar(schema: dict[str, Any]) -> Grammar:
    """Converts a schema. Raises :class:`GrammarError` for any keyword, type or missing bound it does not know."""
    rules: list[str] = []
    body, longest = _visit(schema, "$", rules)
    return Grammar("\n".join([f"root ::= {body}", *rules, f"char ::= {TEXT}"]) + "\n", longest)


def literal(text: str) -> str:
    """A GBNF string literal that matches exactly ``text``."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def integers(low: int, high: int) -> str:
    """Alternatives of digits for the integers from ``low`` to ``high``, without leading zeros or ``-0``."""
    if low > high:
        raise GrammarError(f"no integer lies between {low} and {high}")
    parts = []
    if low < 0:
        parts.append(f'"-" ({_naturals(max(1, -high), -low)})')
    if high >= 0:
        parts.append(_naturals(max(0, low), high))
    return " | ".join(parts)


def _visit(schema: dict[str, Any], path: str, rules: list[str]) -> tuple[str, int]:
    """The expression for ``schema`` and its longest text; adds the rules that it needs."""
    if "enum" in schema or "const" in schema:
        return _enumeration(schema, path)
    if "anyOf" in schema:
        _only(schema, {"anyOf"}, path)
        ways = [_visit(way, f"{path}|{i}", rules) for i, way in enumerate(schema["anyOf"])]
        if not ways:
            raise GrammarError(f"{path}: anyOf without alternatives")
        return f"({' | '.join(body for body, _ in ways)})", max(longest for _, longest in ways)
    kind = schema.get("type")
    if kind not in _KEYWORDS:
        raise GrammarError(f"{path}: no grammar for type {kind!r}")
    _only(schema, {"type"} | _KEYWORDS[kind], path)
    if kind == "null":
        return '"null"', 4
    if kind == "boolean":
        return '("true" | "false")', 5
    if kind == "integer":
        return _integer(schema, path)
    if kind == "string":
        low, high = _bounds(schema, "minLength", "maxLength", MAX_STRING, path)
        return f'"\\"" char{{{low},{high}}} "\\""', high + 2
    return _array(schema, path, rules) if kind == "array" else _object(schema, path, rules)


def _only(schema: dict[str, Any], known: set[str], path: str) -> None:
    if unknown := sorted(set(schema) - known - _WORDS):
        raise GrammarError(f"{path}: no grammar for {', '.join(unknown)}")


def _enumeration(schema: dict[str, Any], path: str) -> tuple[str, int]:
    _only(schema, {"enum", "const", "type"}, path)
    values = [schema["const"]] if "const" in schema else schema["enum"]
    texts = [json.dumps(v, ensure_ascii=True) for v in values if isinstance(v, str | int | bool) or v is None]
    if not texts or len(texts) != len(values):
        raise GrammarError(f"{path}: an enumeration holds at least one string, integer, Boolean or null, nothing else")
    return f"({' | '.join(literal(t) for t in texts)})", max(map(len, texts))


def _integer(schema: dict[str, Any], path: str) -> tuple[str, int]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if type(low) is not int or type(high) is not int:
        raise GrammarError(f"{path}: an integer needs a whole minimum and maximum")
    return f"({integers(low, high)})", max(len(str(low)), len(str(high)))


def _bounds(schema: dict[str, Any], low_key: str, high_key: str, most: int, path: str) -> tuple[int, int]:
    low, high = schema.get(low_key, 0), schema.get(high_key)
    if type(low) is not int or type(high) is not int or not 0 <= low <= high <= most:
        raise GrammarError(f"{path}: needs 0 <= {low_key} <= {high_key} <= {most}")
    return low, high


def _array(schema: dict[str, Any], path: str, rules: list[str]) -> tuple[str, int]:
    low, high = _bounds(schema, "minItems", "maxItems", MAX_ITEMS, path)
    if not isinstance(schema.get("items"), dict):
        raise GrammarError(f"{path}: an array needs items")
    if high == 0:
        return '"[]"', 2
    body, longest = _visit(schema["items"], f"{path}[]", rules)
    item = _rule(body, rules)
    more = f' ("," {item}){{{max(low - 1, 0)},{high - 1}}}' if high > 1 else ""
    inside = f"({item}{more})" if low else f"({item}{more})?"
    return f'"[" {inside} "]"', 2 + high * longest + high - 1


def _object(schema: dict[str, Any], path: str, rules: list[str]) -> tuple[str, int]:
    properties = schema.get("properties", {})
    if schema.get("additionalProperties") is not False:
        raise GrammarError(f"{path}: an object needs additionalProperties: false")
    if unknown := sorted(set(schema.get("required", ())) - set(properties)):
        raise GrammarError(f"{path}: required but not defined: {', '.join(unknown)}")
    parts: list[str] = []
    total = 2
    for name, inner in properties.items():
        body, longest = _visit(inner, f"{path}.{name}", rules)
        key = ("," if parts else "") + json.dumps(name, ensure_ascii=True) + ":"
        parts.append(f"{literal(key)} {body}")
        total += len(key) + longest
    if not parts:
        return '"{}"', 2
    return _rule(f'"{{" {" ".join(parts)} "}}"', rules), total


def _rule(body: str, rules: list[str]) -> str:
    """Names ``body`` so that it can be repeated; the same body keeps one name."""
    for i, rule in enumerate(rules):
        if rule.split(" ::= ", 1)[1] == body:
            return f"r{i}"
    rules.append(f"r{len(rules)} ::= {body}")
    return f"r{len(rules) - 1}"


def _naturals(low: int, high: int) -> str:
    """Alternatives for ``0 <= low..high``, one group per number of digits."""
    groups = []
    for digits in range(len(str(low)), len(str(high)) + 1):
        first, last = max(low, 10 ** (digits - 1) if digits > 1 else 0), min(high, 10**digits - 1)
        groups.append(_between(str(first), str(last)))
    return " | ".join(groups)


def _between(low: str, high: str) -> str:
    """Digit strings of one length from ``low`` to ``high``."""
    if not low:
        return '""'
    rest = len(low) - 1
    if low[0] == high[0]:
        return literal(low) if low == high else f'"{low[0]}" ({_between(low[1:], high[1:])})'
    if not rest:
        return f"[{low}-{high}]"
    first, last, parts = int(low[0]), int(high[0]), []
    if low[1:] != "0" * rest:
        parts.append(f'"{first}" ({_between(low[1:], "9" * rest)})')
        first += 1
    tail = ""
    if high[1:] != "9" * rest:
        tail = f'"{last}" ({_between("0" * rest, high[1:])})'
        last -= 1
    if first <= last:
        parts.append(f"[{first}-{last}] [0-9]{{{rest}}}")
    return " | ".join([*parts, tail] if tail else parts)
